//! `GenerateCSV`: points or windows of several streams as rows of text.

use btrdb_core::{PointWidth, Stat, TimeRange, Timestamp};
use btrdb_proto as proto;
use btrdb_tree::{NodeError, WindowGrid};
use proto::generate_csv_params::QueryType;

use crate::{
    Batches, Code, Engine, Error, MAX_MULTI_STREAMS, Result,
    batches::Made,
    descriptor::check_uuid,
    join::{Join, Timeline},
    place::{PointPlace, WindowPlace, read_ahead},
    reads::{check_range, point_width},
    turn::{Step, Turn},
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
        let most = read_ahead(params.streams.len());
        let mut timelines = Vec::with_capacity(params.streams.len());
        for wanted in &params.streams {
            let uuid = check_uuid(&wanted.uuid)?;
            let head = self.at_version(&*self.stream(uuid)?, wanted.version)?;
            let version = if params.include_versions { format!(", ver. {}", head.version) } else { String::new() };
            let label = format!("{}{version}", wanted.label);
            header.extend(query.columns().iter().map(|column| format!("{label}{column}")));
            let tree = self.tree(uuid, &head);
            timelines.push(match query {
                Query::Raw(range) => Lines::Raw(PointPlace::new(tree, range, most)),
                Query::Windows(grid) => Lines::Windows(WindowPlace::new(tree, grid, most), grid),
            });
        }
        let width = query.columns().len();
        let (cells, mut join) = (header.len(), Join::new(timelines));
        let rows_a_turn = CELLS_A_TURN / cells;
        let mut is_over = false;
        let rows = std::iter::from_fn(move || {
            if is_over {
                return None;
            }
            let mut row = Vec::new();
            let time = join.next_row(&mut Turn::new(), |place, values: Vec<String>| {
                row.resize(cells, String::new());
                let from = 2 + place * width;
                row[from..from + width].clone_from_slice(&values);
            });
            match time {
                Ok(Step::Item(time)) => {
                    row[0] = time.to_string();
                    row[1] = in_words(time);
                    Some(Made::Message(Ok(message(row, false))))
                }
                Ok(Step::Working) => Some(Made::Nothing),
                Ok(Step::End) => None,
                Err(error) => {
                    is_over = true;
                    Some(Made::Last(Err(error.into())))
                }
            }
        });
        let header = std::iter::once(Made::Message(Ok(message(header, true))));
        Ok(Batches::new(header.chain(rows)).in_bundles(rows_a_turn))
    }
}

/// How many cells of small rows are made in one go.
const CELLS_A_TURN: usize = 1_024;

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
    Raw(PointPlace),
    Windows(WindowPlace, WindowGrid),
}

impl Timeline for Lines {
    type Item = Vec<String>;

    fn next(&mut self, turn: &mut Turn) -> std::result::Result<Step<(Timestamp, Vec<String>)>, NodeError> {
        Ok(match self {
            Self::Raw(points) => points.next(turn)?.map(|point| (point.time, vec![six_decimals(point.value)])),
            Self::Windows(windows, grid) => {
                windows.next(turn)?.map(|window| (grid.window_start(window.index), cells(&window.stat)))
            }
        })
    }
}

fn cells(stat: &Stat) -> Vec<String> {
    vec![six_decimals(stat.min), six_decimals(stat.mean), six_decimals(stat.max), stat.count.to_string()]
}

fn six_decimals(value: f64) -> String {
    format!("{value:.6}")
}
