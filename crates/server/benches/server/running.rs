//! The real binary.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use btrdb_client::{Connection, Options, native::connect};
use tonic::transport::Channel;

pub(crate) fn btrdb_local() -> Command {
    Command::new(env!("CARGO_BIN_EXE_btrdb-local"))
}

/// Runs a command of it to its end.
pub(crate) fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?} ended with {status}");
}

pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(data: &Path) -> Self {
        let mut process = btrdb_local()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect("the server starts").to_owned();
        Self { process, address }
    }

    pub(crate) async fn connect(&self) -> Connection<Channel> {
        connect(&self.address, Options::default()).await.unwrap()
    }

    /// The service itself, for messages that were made before.
    pub(crate) async fn service(&self) -> btrdb_proto::client::BTrDbClient<Channel> {
        let channel = Channel::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap();
        btrdb_proto::client::BTrDbClient::new(channel).max_decoding_message_size(usize::MAX)
    }

    /// What the process has passed to the disk, and what to its files, in bytes.
    pub(crate) fn written(&self) -> (u64, u64) {
        let io = std::fs::read_to_string(format!("/proc/{}/io", self.process.id())).unwrap();
        let field = |name: &str| io.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().parse().unwrap();
        (field("write_bytes:"), field("wchar:"))
    }

    /// The most memory that the process has had resident, in MB.
    pub(crate) fn peak_memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1e3
    }

    /// SIGTERM, and waits until it has ended.
    pub(crate) fn stop(mut self) {
        Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the files of a folder take, in bytes.
pub(crate) fn size(folder: &Path) -> u64 {
    std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
}
