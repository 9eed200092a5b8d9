//! The real binary, as a process of its own.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "each test file uses some of it, and stops where it cannot go on"
)]

pub(crate) mod http;

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use btrdb_client::{Connection, Options, native::connect};
use tonic::transport::Channel;

/// A command of `btrdb-local`.
pub(crate) fn btrdb_local() -> Command {
    Command::new(env!("CARGO_BIN_EXE_btrdb-local"))
}

/// A recording that ships with the project.
pub(crate) fn recording(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/undervolc_seismic").join(name)
}

/// A running server; killed, not asked, when dropped.
pub(crate) struct Server {
    process: Child,
    /// `host:port`.
    pub(crate) address: String,
    /// `host:port` of the TLS door, if it has one.
    pub(crate) tls: Option<String>,
}

impl Server {
    /// Serves `data` on a free port, with more arguments if need be, and returns once it answers.
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        Self::run(btrdb_local().args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).args(more))
    }

    /// As `start`, from a whole command.
    pub(crate) fn run(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(process.stdout.as_mut().unwrap());
        let mut listening = |scheme: &str| {
            let mut line = String::new();
            output.read_line(&mut line).unwrap();
            let address = line.trim().strip_prefix(&format!("listening on {scheme}://")).expect("the server starts");
            address.to_owned()
        };
        let address = listening("http");
        let tls = command.get_args().any(|arg| arg == "--listen-tls").then(|| listening("https"));
        Self { process, address, tls }
    }

    /// The process, for questions to the system.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// SIGKILL: no time to say or write anything.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// SIGTERM, and how it ended.
    pub(crate) fn terminate(mut self) -> std::process::ExitStatus {
        Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
        self.process.wait().unwrap()
    }

    pub(crate) async fn connect(&self) -> Connection<Channel> {
        connect(&self.address, Options::default()).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a command said on standard error.
pub(crate) fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
