//! The four that answer, and the servers that they ask.

use std::collections::HashMap;
use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::cases::Plan;
use crate::compare::Answers;
use crate::tables::read_all;
use crate::{native, root};

/// The runner that the others are compared with.
pub(crate) const PYTHON: &str = "python";
/// The one in this process.
pub(crate) const RUST: &str = "rust";

/// How long a runner may take: ten times what it takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// What every runner answers, each at a server of its own, all at once.
pub(crate) fn run_all(plan: &Plan) -> Vec<(&'static str, Answers)> {
    let text = plan.to_json().to_string();
    let tests = root().join("tests/parity");
    let program = |variable: &str, file: &str| {
        let program = env::var_os(variable).unwrap_or_else(|| panic!("{variable} names no program"));
        let mut command = Command::new(program);
        command.arg(tests.join(file));
        command
    };
    let python = || by_program(program("PYTHON", "run.py"), &text, None);
    let node = || by_program(program("NODE", "node.js"), &text, None);
    let chromium = || by_program(program("NODE", "chromium.js"), &text, Some(page()));
    let native = || {
        let server = Server::start(None);
        parsed(native::run(&server.address, &plan.to_json()))
    };
    thread::scope(|scope| {
        let python = scope.spawn(python);
        let node = scope.spawn(node);
        let chromium = scope.spawn(chromium);
        let native = native();
        let joined = |thread: thread::ScopedJoinHandle<'_, Answers>| thread.join().expect("a runner failed");
        vec![(PYTHON, joined(python)), (RUST, native), ("node", joined(node)), ("chromium", joined(chromium))]
    })
}

/// What a page is served from: the module, and the runner beside it.
fn page() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new(&env::var_os("BTRDB_NPM").expect("BTRDB_NPM names no folder")), &folder.path().join("btrdb"));
    std::fs::copy(root().join("tests/parity/run.js"), folder.path().join("run.js")).unwrap();
    std::fs::write(folder.path().join("index.html"), "<!doctype html><title>Parity</title>").unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// What `program` prints when it is given the address of a server, which serves the files of `page`, and the plan.
fn by_program(mut program: Command, plan: &str, page: Option<TempDir>) -> Answers {
    let server = Server::start(page);
    program.arg(&server.address).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = program.spawn().unwrap_or_else(|why| panic!("{program:?}: {why}"));
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    thread::scope(|scope| {
        let (done, is_done) = mpsc::channel::<()>();
        let ending = scope.spawn(move || {
            if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                child.kill().unwrap();
            }
            child.wait().unwrap()
        });
        stdin.write_all(plan.as_bytes()).unwrap();
        drop(stdin);
        let mut text = String::new();
        stdout.read_to_string(&mut text).unwrap();
        drop(done);
        let status = ending.join().unwrap();
        assert!(status.success(), "{program:?} failed ({status}) after {} answers", text.lines().count());
        parsed(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    })
}

/// Lines of `case`, `step` and `result`.
fn parsed(lines: Vec<Value>) -> Answers {
    let place = |line: &Value, key: &str| usize::try_from(line[key].as_u64().unwrap()).unwrap();
    let answer = |mut line: Value| ((place(&line, "case"), place(&line, "step")), read_all(line["result"].take()));
    lines.into_iter().map(answer).collect::<HashMap<_, _>>()
}

/// `btrdb-local` with an empty folder, ended with the test.
struct Server {
    address: String,
    child: Child,
    _folder: TempDir,
    _page: Option<TempDir>,
}

impl Server {
    fn start(page: Option<TempDir>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(program());
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path());
        if let Some(page) = &page {
            command.arg("--app").arg(page.path());
        }
        let mut child = command.env("RUST_LOG", "error").stdout(Stdio::piped()).spawn().expect("BTRDB_LOCAL starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address =
            lines.find_map(|line| Some(line.unwrap().strip_prefix("listening on http://")?.trim().to_owned()));
        let address = address.expect("the server ended before it answered");
        thread::spawn(move || lines.for_each(drop));
        Self { address, child, _folder: folder, _page: page }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> PathBuf {
    env::var_os("BTRDB_LOCAL").map_or_else(|| root().join("target/debug/btrdb-local"), PathBuf::from)
}
