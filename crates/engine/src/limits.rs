//! How much is taken in and given out at once. `docs/protocol.md` lists them for users.

/// The most points one insert may bring; more is refused with code 414.
pub const MAX_INSERT_POINTS: usize = 1_000_000;

/// The most points that may lie within 4 ns: they cannot be divided, and are read and written as one.
pub const MAX_CROWD: usize = 65_536;

/// An insert of fewer points is journalled at first; one of more goes to the tree at once.
pub const JOURNALLED_INSERT: usize = 8_192;

/// A stream's journalled inserts go to the tree before they are this many points.
pub const JOURNALLED_POINTS: usize = 32_768;

/// A stream's journalled inserts go to the tree when they are this many.
pub const JOURNALLED_INSERTS: usize = 4_096;

/// A stream's journalled inserts go to the tree when they touch this many of its nodes.
pub const JOURNALLED_NODES: usize = 1_024;

/// How much of the log is replayed at most when a store is opened after a crash, in bytes.
pub const JOURNAL_REACH: u64 = 16 << 20;

/// Points or stat points in one plain answer message.
pub const MESSAGE_ROWS: usize = 5_000;

/// Points or stat points in one Arrow answer message: 0.5 MB of points, 0.8 MB of stat points.
pub const ARROW_POINTS: usize = 32_768;

/// Stat points in one Arrow answer message.
pub const ARROW_STATS: usize = 16_384;

/// The most streams that one table, of Arrow or of CSV, can have.
pub const MAX_MULTI_STREAMS: usize = 16_384;

/// How many points or windows all streams of one table together have read ahead, at most; 16 each at least.
pub const TABLE_READ_AHEAD: usize = 1 << 18;

/// Roughly how large one Arrow message of several streams is, in bytes.
pub const MULTI_BYTES: usize = 1 << 20;

/// Descriptors, collections or changed ranges in one answer message.
pub const MESSAGE_NAMES: usize = 1_000;

/// How large an answer message of descriptors may grow, in bytes; one descriptor is always in it.
pub const MESSAGE_BYTES: usize = 1 << 20;

/// The most annotations that a stream can have; more is refused with code 426.
pub const MAX_ANNOTATIONS: usize = 4_096;

/// The most bytes that the annotations of a stream can have together; more is refused with code 426.
pub const MAX_ANNOTATION_BYTES: usize = 1 << 20;

/// The longest name of a collection, in bytes.
pub const MAX_COLLECTION: usize = 255;

/// The longest key of a tag or annotation, in bytes.
pub const MAX_KEY: usize = 63;

/// The longest value of a tag or annotation, in bytes. Annotations hold JSON documents in practice, so theirs is larger.
pub const MAX_TAG_VALUE: usize = 255;

/// The longest value of an annotation, in bytes.
pub const MAX_ANNOTATION_VALUE: usize = 65_536;

/// The version of a stream that has no data yet.
pub const FIRST_VERSION: u64 = 10;

/// The longest SQL statement, in bytes.
pub const MAX_SQL_BYTES: usize = 256 << 10;

/// The most work of one SQL statement, in steps of SQLite's; some seconds.
pub const MAX_SQL_WORK: i64 = 200_000_000;

/// The memory that all SQL statements together may take while they run, in bytes.
pub const MAX_SQL_MEMORY: usize = 256 << 20;

/// The rows of one answer to SQL, in bytes.
pub const MAX_SQL_ANSWER: usize = 64 << 20;

/// The rows of all answers to SQL that are not fetched yet, in bytes.
pub const MAX_SQL_ANSWERS: usize = 256 << 20;
