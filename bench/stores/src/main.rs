//! Block stores side by side, with the writes and reads of btrdb-local: 400 commits of 50 blocks of 1,200 bytes (a leaf of
//! a 100 Hz seismometer), each durable; then 20,000 blocks read at random in a new handle; then the size on disk.

use std::{fs, path::Path, time::Instant};

const COMMITS: u64 = 400;
const BLOCKS: u64 = 50;

fn block(number: u64) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..1200)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .collect()
}

fn order() -> impl Iterator<Item = u64> {
    let all = COMMITS * BLOCKS;
    (0..all).map(move |i| (i * 7919) % all + 1)
}

fn size(path: &Path) -> u64 {
    fs::read_dir(path)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() { size(&entry.path()) } else { entry.metadata().unwrap().len() }
        })
        .sum()
}

fn written() -> u64 {
    let io = fs::read_to_string("/proc/self/io").unwrap();
    io.lines().find_map(|line| line.strip_prefix("write_bytes: ")).unwrap().parse().unwrap()
}

fn report(name: &str, write: impl FnOnce(&Path), read: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir_in(".").unwrap();
    let before = written();
    let start = Instant::now();
    write(folder.path());
    let writing = start.elapsed();
    let written = written() - before;
    let start = Instant::now();
    read(folder.path());
    let reading = start.elapsed();
    let kept = COMMITS * BLOCKS * 1200;
    println!(
        "{name:8} commit {:6.2} ms   read {:6.2} µs   on disk {:.2}x   written {:.2}x",
        writing.as_secs_f64() * 1e3 / COMMITS as f64,
        reading.as_secs_f64() * 1e6 / (COMMITS * BLOCKS) as f64,
        size(folder.path()) as f64 / kept as f64,
        written as f64 / kept as f64,
    );
}

fn redb(quick_repair: bool) {
    use redb::{Database, ReadableDatabase, TableDefinition};
    const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("blocks");
    report(
        if quick_repair { "redb qr" } else { "redb" },
        |folder| {
            let database = Database::create(folder.join("store")).unwrap();
            for commit in 0..COMMITS {
                let mut transaction = database.begin_write().unwrap();
                transaction.set_quick_repair(quick_repair);
                let mut table = transaction.open_table(TABLE).unwrap();
                for number in commit * BLOCKS..(commit + 1) * BLOCKS {
                    table.insert(number + 1, block(number).as_slice()).unwrap();
                }
                drop(table);
                transaction.commit().unwrap();
            }
        },
        |folder| {
            let database = Database::create(folder.join("store")).unwrap();
            for number in order() {
                let transaction = database.begin_read().unwrap();
                let table = transaction.open_table(TABLE).unwrap();
                assert_eq!(table.get(number).unwrap().unwrap().value().len(), 1200);
            }
        },
    );
}

fn fjall() {
    use fjall::{Database, KeyspaceCreateOptions, PersistMode};
    report(
        "fjall",
        |folder| {
            let database = Database::builder(folder).open().unwrap();
            let blocks = database.keyspace("blocks", KeyspaceCreateOptions::default).unwrap();
            for commit in 0..COMMITS {
                let mut batch = database.batch();
                for number in commit * BLOCKS..(commit + 1) * BLOCKS {
                    batch.insert(&blocks, (number + 1).to_be_bytes(), block(number));
                }
                batch.commit().unwrap();
                database.persist(PersistMode::SyncAll).unwrap();
            }
        },
        |folder| {
            let database = Database::builder(folder).open().unwrap();
            let blocks = database.keyspace("blocks", KeyspaceCreateOptions::default).unwrap();
            for number in order() {
                assert_eq!(blocks.get(number.to_be_bytes()).unwrap().unwrap().len(), 1200);
            }
        },
    );
}

fn sqlite() {
    use rusqlite::Connection;
    report(
        "sqlite",
        |folder| {
            let mut database = Connection::open(folder.join("store")).unwrap();
            database.execute_batch("PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;").unwrap();
            database.execute_batch("CREATE TABLE blocks (number INTEGER PRIMARY KEY, block BLOB NOT NULL)").unwrap();
            for commit in 0..COMMITS {
                let transaction = database.transaction().unwrap();
                let mut insert = transaction.prepare_cached("INSERT INTO blocks VALUES (?1, ?2)").unwrap();
                for number in commit * BLOCKS..(commit + 1) * BLOCKS {
                    insert.execute((number as i64 + 1, block(number))).unwrap();
                }
                drop(insert);
                transaction.commit().unwrap();
            }
        },
        |folder| {
            let database = Connection::open(folder.join("store")).unwrap();
            for number in order() {
                let mut get = database.prepare_cached("SELECT block FROM blocks WHERE number = ?1").unwrap();
                let found: Vec<u8> = get.query_row([number as i64], |row| row.get(0)).unwrap();
                assert_eq!(found.len(), 1200);
            }
        },
    );
}

fn main() {
    for _ in 0..3 {
        redb(false);
        redb(true);
        fjall();
        sqlite();
    }
}
