//! `GenerateCSV`: points or windows of several streams as rows of text.

use btrdb_core::{PointWidth, Stat, TimeRange, Timestamp};
use btrdb_proto as proto;
use btrdb_tree::{NodeError, Points, WindowGrid, Windows};
use proto::generate_csv_params::QueryType;

use crate::{
    Batches, Code, Engine, Error, MAX_MULTI_STREAMS, Result,
    descriptor::check_uuid,
    fresh::View,
    join::{Join, Timeline},
    reads::{check_range, point_width},
};

impl Engine {
    /// `GenerateCSV`: a header, then one message a row, all streams merged by time; a stream that has nothing at a time
    /// leaves its cells empty.
    ///
    /// # Errors
    /// 438 for an unknown kind of query or too many streams; what the same raw, window or aligned query gives: 413, 415,
    /// 404, 450.
    pub fn generate_csv(&self, params: &proto::GenerateCsvParams) -> Result<Batches<proto::GenerateCsvResponse>> {
        let query = Query::of(params)?;
        if params.streams.len() > MAX_MULTI_STREAMS {
            let message = format!("{} streams at once, at most {MAX_MULTI_STREAMS} are taken", params.streams.len());
            return Err(Error::new(Code::InvalidParameter, message));
        }
        let mut header = vec!["Timestamp (ns)".to_owned(), "Human-Readable Time (UTC)".to_owned()];
        let mut timelines = Vec::with_capacity(params.streams.len());
        for wanted in &params.streams {
            let uuid = check_uuid(&wanted.uuid)?;
            let head = self.at_version(&*self.stream(uuid)?, wanted.version)?;
            let version = if params.include_versions { format!(", ver. {}", head.version) } else { String::new() };
            let label = format!("{}{version}", wanted.label);
            header.extend(query.columns().iter().map(|column| format!("{label}{column}")));
            let tree = self.tree(uuid, &head);
            timelines.push(match query {
                Query::Raw(range) => Lines::Raw(tree.points(range), Vec::new().into_iter()),
                Query::Windows(grid) => Lines::Windows(tree.windows(grid), grid),
            });
        }
        let width = query.columns().len();
        let (empty, mut join) = (vec![String::new(); header.len()], Join::new(timelines));
        let rows = std::iter::from_fn(move || {
            let mut row = empty.clone();
            let time = join.next_row(|place, cells| {
                let from = 2 + place * width;
                row[from..from + width].clone_from_slice(&cells);
            });
            let time = match time {
                Ok(time) => time?,
                Err(error) => return Some(Err(error.into())),
            };
            row[0] = time.to_string();
            row[1] = in_words(time);
            Some(Ok(message(row, false)))
        });
        Ok(Batches::new(std::iter::once(Ok(message(header, true))).chain(rows)))
    }
}

fn message(row: Vec<String>, is_header: bool) -> proto::GenerateCsvResponse {
    proto::GenerateCsvResponse { stat: None, is_header, row }
}

/// The second that `time` lies in, by RFC 3339. All times of BTrDB lie in years that it can write.
fn in_words(time: Timestamp) -> String {
    jiff::Timestamp::from_second(time.div_euclid(1_000_000_000)).map_or_else(|_| String::new(), |time| time.to_string())
}

/// What is asked of every stream.
#[derive(Clone, Copy)]
enum Query {
    Raw(TimeRange),
    Windows(WindowGrid),
}

impl Query {
    fn of(params: &proto::GenerateCsvParams) -> Result<Self> {
        let range = TimeRange::new(params.start_time, params.end_time);
        let kind = QueryType::try_from(params.query_type)
            .map_err(|error| Error::new(Code::InvalidParameter, format!("kind of query: {error}")))?;
        Ok(match kind {
            QueryType::RawQuery => {
                check_range(range)?;
                Self::Raw(range)
            }
            QueryType::WindowsQuery => {
                let _: PointWidth = point_width(params.depth)?;
                Self::Windows(WindowGrid::from_start(range, params.window_size)?)
            }
            QueryType::AlignedWindowsQuery => Self::Windows(WindowGrid::aligned(range, point_width(params.depth)?)?),
        })
    }

    /// What follows the label in the header, a column each.
    const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Raw(_) => &[""],
            Self::Windows(_) => &[" (Min)", " (Mean)", " (Max)", " (Count)"],
        }
    }
}

/// The cells of one stream.
enum Lines {
    Raw(Points<View>, std::vec::IntoIter<btrdb_core::Point>),
    Windows(Windows<View>, WindowGrid),
}

impl Timeline for Lines {
    type Item = Vec<String>;

    fn next(&mut self) -> std::result::Result<Option<(Timestamp, Vec<String>)>, NodeError> {
        match self {
            Self::Raw(points, buffer) => loop {
                if let Some(point) = buffer.next() {
                    return Ok(Some((point.time, vec![six_decimals(point.value)])));
                }
                let mut leaf = Vec::new();
                if !points.next_into(&mut leaf)? {
                    return Ok(None);
                }
                *buffer = leaf.into_iter();
            },
            Self::Windows(windows, grid) => {
                let window = windows.next().transpose()?;
                Ok(window.map(|window| (grid.window_start(window.index), cells(&window.stat))))
            }
        }
    }
}

fn cells(stat: &Stat) -> Vec<String> {
    vec![six_decimals(stat.min), six_decimals(stat.mean), six_decimals(stat.max), stat.count.to_string()]
}

fn six_decimals(value: f64) -> String {
    format!("{value:.6}")
}
