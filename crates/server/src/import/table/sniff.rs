//! What kind of file a file is, by its first bytes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::arrow::Framing;
use crate::import::error::ImportError;

/// How many bytes are looked at.
const HEAD: u64 = 8 * 1024;

/// The kinds of file that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Parquet,
    Arrow(Framing),
}

/// The kind of the file at `path`, or an error that says what it is instead.
pub(super) fn format_of(path: &Path) -> Result<Format, ImportError> {
    let file = || path.display().to_string();
    let read = |head: &mut Vec<u8>| File::open(path)?.take(HEAD).read_to_end(head);
    let mut head = Vec::new();
    read(&mut head).map_err(|source| ImportError::Read { file: file(), source })?;

    if head.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    if head.starts_with(b"ARROW1") {
        return Ok(Format::Arrow(Framing::File));
    }
    // The mark before every message of a stream, the first of which is the schema.
    if head.starts_with(&[0xff; 4]) {
        return Ok(Format::Arrow(Framing::Stream));
    }
    if let Some((found, advice)) = known_otherwise(&head) {
        return Err(ImportError::NotATable { file: file(), found, advice });
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if ["parquet", "parq", "pq"].iter().any(|known| extension.eq_ignore_ascii_case(known)) {
        return Err(ImportError::NotParquet { file: file() });
    }
    match not_text(&head) {
        Some(found) => Err(ImportError::NotATable { file: file(), found, advice: "" }),
        None => Ok(Format::Csv),
    }
}

fn known_otherwise(head: &[u8]) -> Option<(&'static str, &'static str)> {
    match head {
        [] => Some(("empty", "")),
        [b'P', b'A', b'R', b'E', ..] => Some(("an encrypted Parquet file", "; decrypt it first")),
        [b'F', b'E', b'A', b'1', ..] => Some(("a Feather file of version 1", "; write it in version 2")),
        [0x1f, 0x8b, ..] => Some(("compressed with gzip", "; unpack it first")),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(("compressed with zstd", "; unpack it first")),
        [b'P', b'K', 3, 4, ..] => Some(("a ZIP archive or a spreadsheet", "; unpack it, or save the sheet as CSV")),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(("text in UTF-16", "; save it as UTF-8")),
        _ => None,
    }
}

fn not_text(head: &[u8]) -> Option<&'static str> {
    if head.contains(&0) {
        return Some("binary data");
    }
    match std::str::from_utf8(head) {
        Ok(_) => None,
        // A character cut in two at the end of the head is no fault.
        Err(error) if error.error_len().is_none() && head.len() as u64 == HEAD => None,
        Err(_) => Some("not UTF-8 text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniff(name: &str, bytes: &[u8]) -> Result<Format, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        format_of(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn content_decides_not_the_name() {
        assert_eq!(sniff("data.csv", b"PAR1 and the rest"), Ok(Format::Parquet));
        assert_eq!(sniff("data.csv", b"ARROW1\0\0"), Ok(Format::Arrow(Framing::File)));
        assert_eq!(sniff("data", b"\xff\xff\xff\xff\x80\0\0\0"), Ok(Format::Arrow(Framing::Stream)));
        assert_eq!(sniff("data", b"time,value\n1,2\n"), Ok(Format::Csv));
        assert_eq!(sniff("data.txt", "time,µV\n1,2\n".as_bytes()), Ok(Format::Csv));
        let mut cut = vec![b'x'; HEAD as usize - 1];
        cut.extend("µ".bytes());
        assert_eq!(sniff("long.csv", &cut), Ok(Format::Csv));
    }

    #[test]
    fn says_what_a_file_is_instead() {
        for (name, bytes, expected) in [
            ("a.parquet", &b"time,value\n1,2\n"[..], "is not a Parquet file: it does not start with the bytes PAR1"),
            ("a.PQ", b"nonsense", "is not a Parquet file"),
            ("a.csv", b"", "is empty, where CSV text in UTF-8, a Parquet or an Arrow IPC file was expected"),
            ("a.parquet", b"", "is empty"),
            ("a.csv", b"PARE....", "is an encrypted Parquet file"),
            ("a.feather", b"FEA1\0\0", "is a Feather file of version 1"),
            ("a.csv.gz", b"\x1f\x8b\x08", "is compressed with gzip"),
            ("a.csv.zst", b"\x28\xb5\x2f\xfd", "is compressed with zstd"),
            ("a.xlsx", b"PK\x03\x04", "a ZIP archive or a spreadsheet"),
            ("a.csv", b"\xff\xfet\0i\0", "is text in UTF-16"),
            ("a.csv", b"time\0value", "is binary data"),
            ("a.csv", b"time,\xb5V\n", "is not UTF-8 text"),
            ("a.csv", b"time,\xc2", "is not UTF-8 text"),
        ] {
            let message = sniff(name, bytes).unwrap_err();
            assert!(message.contains(expected) && message.contains(name), "{name}: {message}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let message = format_of(Path::new("/nowhere/data.csv")).unwrap_err().to_string();
        assert_eq!(message, "cannot read /nowhere/data.csv");
    }
}
