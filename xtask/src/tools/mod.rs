//! Finding the tools that a step needs, and installing those that are missing.

mod apt;
mod chromium;
mod firefox;
mod node;
mod python;
mod rust;

pub(crate) use chromium::chromium;
pub(crate) use firefox::firefox;
pub(crate) use node::{node, node_packages, node_packages_of, npm, package_program};
pub(crate) use python::python;
pub(crate) use rust::{install_program, tests, wasm_target};
