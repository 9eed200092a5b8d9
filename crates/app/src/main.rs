//! The explorer: a page that listens, paints and shows. What to draw and what to ask for is decided in
//! `btrdb-explorer`; what is said to the server, in `btrdb-client`.
//!
//! State has three homes: what people edit and read lives in signals ([`explorer::Explorer`]); the view, the tiles and the
//! requests live in one plain [`machine::Machine`] that changes many times a second; pixels live in canvases. Only
//! [`browser`] starts futures, frames and timers, and only `btrdb-paint` touches a canvas.

mod address;
mod browser;
mod commands;
mod config;
mod explorer;
mod fetch;
mod frame;
mod gaps;
mod gestures;
mod keys;
mod machine;
mod neighbours;
mod panic;
mod picture;
mod probe;
mod session;
mod show;
mod status;
mod theme;
mod times;
mod view;

fn main() {
    panic::install();
    leptos::mount::mount_to_body(view::App);
    browser::remove_element("boot");
}
