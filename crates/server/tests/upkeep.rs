//! `check` and `compact` on real folders.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt,
    path::Path,
    process::Output,
};

use btrdb_core::{MergePolicy, RawColumns, TimeRange};
use common::{Server, btrdb_local, complaint};
use uuid::Uuid;

fn run(command: &str, data: &Path) -> Output {
    btrdb_local().arg(command).arg("--data").arg(data).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn size(folder: &Path) -> u64 {
    fs::read_dir(folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

/// Two streams with many small versions and a few large ones.
async fn fill(server: &Server) {
    let connection = server.connect().await;
    for number in 1..3 {
        let stream = connection.create(Uuid::from_u128(number), &format!("c/{number}"), &[], &[]).await.unwrap();
        for batch in 0..40_i64 {
            let count = if batch % 10 == 9 { 20_000 } else { 200 };
            let time: Vec<i64> = (0..count).map(|row| batch * 1_000_000_000 + row * 8_333).collect();
            let value = time.iter().map(|time| (*time as f64).sqrt()).collect();
            stream.insert(&RawColumns { time, value }, MergePolicy::Never).await.unwrap();
        }
        stream.delete(TimeRange::new(0, 1_000_000)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn compacting_keeps_the_latest_version_only() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    fill(&server).await;
    let busy = run("compact", folder.path());
    assert!(!busy.status.success());
    assert!(complaint(&busy).contains("in use by another process"), "{}", complaint(&busy));

    let all = TimeRange::new(0, 1 << 60);
    let stream = server.connect().await.stream_from_uuid(Uuid::from_u128(1));
    let (latest, early) = (stream.values(all, 0).await.unwrap(), stream.version().await.unwrap() - 5);
    stream.values(all, early).await.unwrap();
    server.kill();

    let before = size(folder.path());
    let compacted = run("compact", folder.path());
    assert!(compacted.status.success(), "{}", complaint(&compacted));
    assert!(said(&compacted).starts_with("2 streams: "), "{}", said(&compacted));
    assert!(size(folder.path()) < before * 3 / 4, "{} of {before} bytes", size(folder.path()));

    let server = Server::start(folder.path(), &[]);
    let stream = server.connect().await.stream_from_uuid(Uuid::from_u128(1));
    assert_eq!(stream.values(all, 0).await.unwrap(), latest);
    assert_eq!(stream.values(all, latest.version).await.unwrap(), latest);
    let pruned = stream.values(all, early).await.unwrap_err();
    assert_eq!(pruned.btrdb_code(), Some(450), "{pruned}");
    let next = RawColumns { time: vec![5], value: vec![0.5] };
    assert_eq!(stream.insert(&next, MergePolicy::Never).await.unwrap(), latest.version + 1);
    server.kill();
    let checked = run("check", folder.path());
    assert!(checked.status.success(), "{}", complaint(&checked));
}

#[tokio::test(flavor = "multi_thread")]
async fn checking_finds_a_flipped_bit_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    fill(&server).await;
    server.kill();
    let well = run("check", folder.path());
    assert!(well.status.success(), "{}{}", said(&well), complaint(&well));
    assert!(said(&well).contains("2 streams, 82 versions"), "{}", said(&well));

    let log = OpenOptions::new().read(true).write(true).open(folder.path().join("log.1")).unwrap();
    let mut byte = [0];
    let middle = log.metadata().unwrap().len() / 2;
    log.read_exact_at(&mut byte, middle).unwrap();
    log.write_all_at(&[byte[0] ^ 4], middle).unwrap();
    let damaged = run("check", folder.path());
    assert!(!damaged.status.success());
    assert!(said(&damaged).contains("damaged: stream 00000000-0000-0000-0000-00000000000"), "{}", said(&damaged));
    assert!(said(&damaged).contains("the checksum is wrong"), "{}", said(&damaged));
    assert!(complaint(&damaged).contains("damaged places"), "{}", complaint(&damaged));
}

#[test]
fn a_folder_without_data_is_not_made_into_one() {
    let folder = tempfile::tempdir().unwrap();
    let mistyped = folder.path().join("mistyped");
    let output = run("check", &mistyped);
    assert!(!output.status.success());
    assert!(complaint(&output).contains("holds no data"), "{}", complaint(&output));
    assert!(!mistyped.exists());
}
