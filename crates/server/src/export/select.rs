//! Which streams are exported, at which version, over what time, and to what file.

use std::collections::HashMap;

use btrdb_client::{
    Connection, Descriptor, Direction, Error, ErrorKind, Lookup, MAX_TIME, MIN_TIME, Stream, TimeRange, Transport, Uuid,
};
use futures_util::stream::iter;
use futures_util::{StreamExt, TryStreamExt};

use super::args::{ExportArgs, What};
use super::error::ExportError;

/// How many streams are asked about at the same time.
const ASKED_AT_ONCE: usize = 16;

/// A stream to be exported.
#[derive(Debug)]
pub(super) struct Chosen<T> {
    pub(super) stream: Stream<T>,
    pub(super) descriptor: Descriptor,
    /// The version that is read, however long it takes and whatever is written meanwhile.
    pub(super) version: u64,
    /// What is asked for; empty where the stream is.
    pub(super) range: TimeRange,
    /// The name of its file without ending.
    pub(super) file: String,
}

impl<T> Chosen<T> {
    /// The stream as people write it, `collection/name`.
    pub(super) fn path(&self) -> String {
        path_of(&self.descriptor)
    }

    /// What its column is called in a file of its own.
    pub(super) fn column(&self) -> &str {
        match self.descriptor.name() {
            // The column of times must stay the only one of its name.
            "" | "time" => "value",
            name => name,
        }
    }
}

fn path_of(descriptor: &Descriptor) -> String {
    format!("{}/{}", descriptor.collection, descriptor.name())
}

/// The streams that `args` ask for, ordered by their paths.
pub(super) async fn choose<T: Transport>(
    connection: &Connection<T>,
    args: &ExportArgs,
) -> Result<Vec<Chosen<T>>, ExportError> {
    let mut streams = Vec::new();
    if let Some(prefix) = &args.collection {
        streams.extend(look_up(connection, &Lookup::prefix(prefix), &format!("with a collection {prefix}…")).await?);
    } else if args.stream.is_empty() {
        streams.extend(look_up(connection, &Lookup::prefix(""), "at all").await?);
    }
    for wanted in &args.stream {
        streams.extend(one(connection, wanted).await?);
    }
    let described = iter(streams).map(|stream| async {
        let path = stream.uuid().to_string();
        let descriptor = stream.descriptor().await.map_err(|source| ExportError::Read { stream: path, source })?;
        Ok::<_, ExportError>((stream, descriptor))
    });
    let mut described = described.buffered(ASKED_AT_ONCE).try_collect::<Vec<_>>().await?;
    described.sort_by_key(|(stream, descriptor)| (path_of(descriptor), stream.uuid()));
    described.dedup_by_key(|(stream, _)| stream.uuid());

    let mut files = HashMap::<String, usize>::new();
    for (_, descriptor) in &described {
        *files.entry(file_name(descriptor)).or_default() += 1;
    }
    let chosen = described.into_iter().map(|(stream, descriptor)| {
        let file = file_name(&descriptor);
        let file = if files.get(&file) == Some(&1) { file } else { format!("{file}.{}", stream.uuid()) };
        let path = path_of(&descriptor);
        async move {
            let failed = |source| ExportError::Read { stream: path, source };
            let (version, range) = extent(&stream, args).await.map_err(failed)?;
            Ok(Chosen { stream, descriptor, version, range, file })
        }
    });
    iter(chosen).buffered(ASKED_AT_ONCE).try_collect().await
}

async fn look_up<T: Transport>(
    connection: &Connection<T>,
    lookup: &Lookup,
    what: &str,
) -> Result<Vec<Stream<T>>, ExportError> {
    let failed = |source| ExportError::Lookup { what: format!("the streams {what}"), source };
    let found = connection.streams_in_collection(lookup).await.map_err(failed)?;
    if found.is_empty() { Err(ExportError::NoStream { what: what.to_owned() }) } else { Ok(found) }
}

/// The stream called `wanted`: a uuid, or `collection/name`.
async fn one<T: Transport>(connection: &Connection<T>, wanted: &str) -> Result<Vec<Stream<T>>, ExportError> {
    if let Ok(uuid) = Uuid::parse_str(wanted) {
        let stream = connection.stream_from_uuid(uuid);
        return match stream.exists().await {
            Ok(true) => Ok(vec![stream]),
            Ok(false) => Err(ExportError::NoStream { what: wanted.to_owned() }),
            Err(source) => Err(ExportError::Lookup { what: wanted.to_owned(), source }),
        };
    }
    let (collection, name) = wanted.rsplit_once('/').unwrap_or(("", wanted));
    let lookup = Lookup { tags: vec![("name".to_owned(), Some(name.to_owned()))], ..Lookup::collection(collection) };
    look_up(connection, &lookup, wanted).await
}

/// A name that every file system takes.
fn file_name(descriptor: &Descriptor) -> String {
    let plain = |letter: char| match letter {
        '/' => '.',
        letter if letter.is_alphanumeric() || "-_.".contains(letter) => letter,
        _ => '_',
    };
    path_of(descriptor).chars().map(plain).collect::<String>().trim_start_matches('.').to_owned()
}

/// The newest version, and the part of the wanted time in which there are points.
async fn extent<T: Transport>(stream: &Stream<T>, args: &ExportArgs) -> Result<(u64, TimeRange), Error> {
    let version = stream.version().await?;
    let wanted = TimeRange::new(args.start.unwrap_or(MIN_TIME), args.end.unwrap_or(MAX_TIME - 1));
    let nothing = TimeRange::new(wanted.start, wanted.start);
    if wanted.is_empty() {
        return Ok((version, nothing));
    }
    let first = stream.nearest(wanted.start, version, Direction::Forward).await?;
    let last = match stream.nearest(wanted.end, version, Direction::Backward).await {
        Err(error) if error.kind() == ErrorKind::NoSuchPoint => None,
        last => last?,
    };
    let (Some(first), Some(last)) = (first, last) else { return Ok((version, nothing)) };
    if first.data.time >= wanted.end || last.data.time < wanted.start {
        return Ok((version, nothing));
    }
    let found = TimeRange::new(first.data.time, last.data.time + 1);
    Ok((
        version,
        match args.what() {
            What::Points => found,
            What::Windows(width) => windows(found, width, args.start),
            What::AlignedWindows(width) => windows(found, width.nanos(), None),
        },
    ))
}

/// The windows that hold all of `found`, counted from `anchor` or else from 1970, as far as time reaches.
fn windows(found: TimeRange, width: u64, anchor: Option<i64>) -> TimeRange {
    let (width, anchor) = (i128::from(width), i128::from(anchor.unwrap_or(0)));
    let floor = |time: i64| anchor + (i128::from(time) - anchor).div_euclid(width) * width;
    let start = floor(found.start);
    // A window that begins before all of time cannot be asked for.
    let start = if start < i128::from(MIN_TIME) { start + width } else { start };
    let end = (floor(found.end - 1) + width).min(i128::from(MAX_TIME - 1));
    TimeRange::new(start as i64, end as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_the_points_and_lie_on_one_grid() {
        let range = |start, end| TimeRange::new(start, end);
        assert_eq!(windows(range(-3, 18), 10, None), range(-10, 20));
        assert_eq!(windows(range(10, 20), 10, None), range(10, 20));
        assert_eq!(windows(range(10, 21), 10, Some(7)), range(7, 27));
        assert_eq!(windows(range(MAX_TIME - 3, MAX_TIME - 1), 1 << 40, None).end, MAX_TIME - 1);
    }
}
