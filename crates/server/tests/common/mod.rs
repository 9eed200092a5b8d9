//! The real binary, as a process of its own.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "each test file uses some of it, and stops where it cannot go on"
)]

pub(crate) mod http;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use btrdb_client::{Connection, Options, native::connect};
use btrdb_proto::client::BTrDbClient;
use tonic::transport::{Channel, Endpoint};

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

    /// The most memory it ever had resident, in MiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() >> 10
    }

    /// The time that processors have spent on it, in milliseconds, to the nearest 10.
    pub(crate) fn processor_time(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        // The name before the last bracket may hold anything.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        10 * (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap())
    }

    /// The generated client, for messages that a well-made one would not send.
    pub(crate) async fn raw_client(&self) -> BTrDbClient<Channel> {
        let channel = Endpoint::new(format!("http://{}", self.address)).unwrap().connect().await.unwrap();
        BTrDbClient::new(channel).max_decoding_message_size(usize::MAX).max_encoding_message_size(usize::MAX)
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
