//! `cargo xtask demo`: from a checkout to the explorer over real recordings.

use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};

use crate::browser;
use crate::page;
use crate::paths;
use crate::process::command;
use crate::server;
use crate::step::say;
use crate::wasm::{self, APP, Profile};

const LISTEN: &str = "127.0.0.1:4410";

static STOPPING: AtomicBool = AtomicBool::new(false);

/// Builds what is not built, imports what is not imported, serves until Ctrl-C.
pub(crate) fn run(open: bool) -> Result<()> {
    let folder = paths::target().join("demo");
    let (app, data) = (folder.join("app"), folder.join("data"));
    let server = server::build()?;
    let module = wasm::build(&APP, Profile::Dev)?;
    page::assemble(&module, Some(&paths::root().join("data/config.json")), &app)?;
    server::import(&server, &data)?;

    let mut serve = command(&server);
    serve.arg("serve").arg("--data").arg(&data).arg("--app").arg(&app).args(["--listen", LISTEN]);
    let (mut child, address) = server::start(&mut serve)?;
    let pid = child.id();
    ctrlc::set_handler(move || stop(pid)).context("cannot watch for Ctrl-C")?;
    say(&format!("the explorer is at {address} (Ctrl-C stops it)"));
    if open {
        browser::open(&address);
    }
    finish(child.wait()?)
}

/// Passes the wish to stop on to the server, which then closes its store in order.
fn stop(pid: u32) {
    STOPPING.store(true, Ordering::Relaxed);
    if cfg!(unix) {
        let _ = Command::new("kill").arg(pid.to_string()).stderr(Stdio::null()).status();
    }
}

fn finish(status: ExitStatus) -> Result<()> {
    if !status.success() && !STOPPING.load(Ordering::Relaxed) {
        bail!("the server ended by itself ({status})");
    }
    Ok(())
}
