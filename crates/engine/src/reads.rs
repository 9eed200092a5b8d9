//! Reading points, windows and neighbours.

use btrdb_core::{LAST_TIME, MIN_TIME, PointWidth, RawColumns, StatColumns, TimeRange};
use btrdb_proto as proto;
use btrdb_tree::{Direction, NodeError, Points, Tree, Window, WindowGrid};

use crate::{
    ARROW_POINTS, ARROW_STATS, Batches, Code, Engine, Error, MESSAGE_ROWS, Result, arrow,
    batches::Made,
    descriptor::check_uuid,
    fresh::View,
    messages,
    turn::{LEAF, ROW, Turn},
};

impl Engine {
    /// `RawValues`: the points of a range; one message at least.
    ///
    /// # Errors
    /// 413 for a range that is backward, empty or out of bounds, 404, 450.
    pub fn raw_values(&self, params: &proto::RawValuesParams) -> Result<Batches<proto::RawValuesResponse>> {
        let range = TimeRange::new(params.start, params.end);
        let read = self.read_points(&params.uuid, range, params.version_major)?;
        Ok(read.into_batches(MESSAGE_ROWS, |version, points| Ok(messages::raw_values(version, &points))))
    }

    /// `ArrowRawValues`: the same as Arrow.
    ///
    /// # Errors
    /// As [`raw_values`](Self::raw_values), and 438 for a template that does not fit.
    pub fn arrow_raw_values(
        &self,
        params: &proto::ArrowRawValuesParams,
    ) -> Result<Batches<proto::ArrowRawValuesResponse>> {
        let template = arrow::Template::read(&params.template_bytes)?;
        let range = TimeRange::new(params.start, params.end);
        let read = self.read_points(&params.uuid, range, params.version_major)?;
        Ok(read.into_batches(ARROW_POINTS, move |version, points| {
            let arrow_bytes = arrow::encode_points(points, template.as_ref())?;
            Ok(proto::ArrowRawValuesResponse { version_major: version, arrow_bytes, ..Default::default() })
        }))
    }

    /// `AlignedWindows`: the windows of a power of two that hold points; one message at least.
    ///
    /// # Errors
    /// 415 for a point width over 63, 413 for a range that is backward, empty or out of bounds, 404, 450.
    pub fn aligned_windows(
        &self,
        params: &proto::AlignedWindowsParams,
    ) -> Result<Batches<proto::AlignedWindowsResponse>> {
        let read = self.read_aligned(params)?;
        Ok(read.into_batches(MESSAGE_ROWS, |version, windows| Ok(messages::aligned_windows(version, &windows))))
    }

    /// `ArrowAlignedWindows`: the same as Arrow.
    ///
    /// # Errors
    /// As [`aligned_windows`](Self::aligned_windows).
    pub fn arrow_aligned_windows(
        &self,
        params: &proto::AlignedWindowsParams,
    ) -> Result<Batches<proto::ArrowAlignedWindowsResponse>> {
        let read = self.read_aligned(params)?;
        Ok(read.into_batches(ARROW_STATS, |version, windows| {
            let arrow_bytes = arrow::encode_windows(windows)?;
            Ok(proto::ArrowAlignedWindowsResponse { version_major: version, arrow_bytes, ..Default::default() })
        }))
    }

    /// `Windows`: windows of any width from the start on, empty ones too; one message at least.
    ///
    /// # Errors
    /// 415 for a width of 0 or over 2^63 or a depth over 63, 413 for a range that is backward, empty or out of bounds,
    /// 404, 450.
    pub fn windows(&self, params: &proto::WindowsParams) -> Result<Batches<proto::WindowsResponse>> {
        let read = self.read_windows(params)?;
        Ok(read.into_batches(MESSAGE_ROWS, |version, windows| Ok(messages::windows(version, &windows))))
    }

    /// `ArrowWindows`: the same as Arrow.
    ///
    /// # Errors
    /// As [`windows`](Self::windows).
    pub fn arrow_windows(&self, params: &proto::WindowsParams) -> Result<Batches<proto::ArrowWindowsResponse>> {
        let read = self.read_windows(params)?;
        Ok(read.into_batches(ARROW_STATS, |version, windows| {
            let arrow_bytes = arrow::encode_windows(windows)?;
            Ok(proto::ArrowWindowsResponse { version_major: version, arrow_bytes, ..Default::default() })
        }))
    }

    /// `Nearest`: the first point at or after a time, or the last one before it.
    ///
    /// # Errors
    /// 413 for a time out of bounds, 404, 450, and 401 where there is no such point.
    pub fn nearest(&self, params: &proto::NearestParams) -> Result<proto::NearestResponse> {
        if !(MIN_TIME..=LAST_TIME + 1).contains(&params.time) {
            return Err(Error::new(Code::InvalidTimeRange, "time out of bounds"));
        }
        let (version, tree) = self.version(&params.uuid, params.version_major)?;
        let direction = if params.backward { Direction::Backward } else { Direction::Forward };
        let point = tree.nearest(params.time, direction)?;
        let point = point.ok_or_else(|| Error::new(Code::NoSuchPoint, "no such point"))?;
        Ok(proto::NearestResponse { version_major: version, value: Some(messages::point(point)), ..Default::default() })
    }

    /// The version and tree that a call asks for.
    fn version(&self, uuid: &[u8], version: u64) -> Result<(u64, Tree<View>)> {
        let uuid = check_uuid(uuid)?;
        let head = self.at_version(&*self.stream(uuid)?, version)?;
        Ok((head.version, self.tree(uuid, &head)))
    }

    fn read_points(&self, uuid: &[u8], range: TimeRange, version: u64) -> Result<Read<PointRows>> {
        check_range(range)?;
        let (version, tree) = self.version(uuid, version)?;
        Ok(Read { version, rows: PointRows { points: tree.points(range), leaf: RawColumns::default(), read: 0 } })
    }

    fn read_aligned(&self, params: &proto::AlignedWindowsParams) -> Result<Read<FilledWindows>> {
        let width = point_width(params.point_width)?;
        let grid = WindowGrid::aligned(TimeRange::new(params.start, params.end), width)?;
        let (version, tree) = self.version(&params.uuid, params.version_major)?;
        Ok(Read { version, rows: FilledWindows::new(tree, grid, Gaps::Omit) })
    }

    fn read_windows(&self, params: &proto::WindowsParams) -> Result<Read<FilledWindows>> {
        // A hint of an earlier BTrDB at how inexact an answer may be. Ours are exact.
        point_width(params.depth)?;
        let grid = WindowGrid::from_start(TimeRange::new(params.start, params.end), params.width)?;
        let (version, tree) = self.version(&params.uuid, params.version_major)?;
        Ok(Read { version, rows: FilledWindows::new(tree, grid, Gaps::Fill) })
    }
}

pub(crate) fn point_width(exponent: u32) -> Result<PointWidth> {
    let width = u8::try_from(exponent).ok().and_then(PointWidth::new);
    width.ok_or_else(|| Error::new(Code::InvalidPointWidth, format!("{exponent} is over 63")))
}

/// The range that raw values are read or deleted in.
pub(crate) fn check_range(range: TimeRange) -> Result<()> {
    if range.is_empty() {
        return Err(Error::new(Code::InvalidTimeRange, "start time >= end time"));
    }
    if range.start < MIN_TIME || range.end > LAST_TIME + 1 {
        return Err(Error::new(Code::InvalidTimeRange, "time range out of bounds"));
    }
    Ok(())
}

/// A place in one version of a stream.
struct Read<R> {
    version: u64,
    rows: R,
}

/// Rows that can be pulled some at a time.
pub(crate) trait Rows: Send + 'static {
    type Columns: Default + Send;

    /// Adds rows to `columns` until it has `most` or the turn is over, and says whether there can be more.
    fn pull(
        &mut self,
        columns: &mut Self::Columns,
        most: usize,
        turn: &mut Turn,
    ) -> std::result::Result<Pulled, NodeError>;

    fn len(columns: &Self::Columns) -> usize;

    /// Messages of `most` rows each; one message where there are no rows.
    fn into_batches<M: Send + 'static>(
        mut self,
        most: usize,
        message: impl Fn(Self::Columns) -> Result<M> + Send + 'static,
    ) -> Batches<M>
    where
        Self: Sized,
    {
        let (mut progress, mut columns) = (Progress::Start, Self::Columns::default());
        Batches::new(std::iter::from_fn(move || {
            if progress == Progress::End {
                return None;
            }
            let pulled = self.pull(&mut columns, most, &mut Turn::new());
            let count = Self::len(&columns);
            if pulled == Ok(Pulled::Some) && count < most {
                return Some(Made::Nothing);
            }
            let is_due = count > 0 || progress == Progress::Start || pulled.is_err();
            progress = if pulled == Ok(Pulled::Some) { Progress::Middle } else { Progress::End };
            if !is_due {
                return None;
            }
            let answer = pulled.map_err(Error::from).and_then(|_| message(std::mem::take(&mut columns)));
            if answer.is_err() {
                progress = Progress::End;
            }
            Some(if progress == Progress::End { Made::Last(answer) } else { Made::Message(answer) })
        }))
    }
}

/// Whether a pull was the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pulled {
    /// There can be more.
    Some,
    /// There is no more.
    All,
}

impl<R: Rows> Read<R> {
    /// As [`Rows::into_batches`], with the version in hand.
    fn into_batches<M: Send + 'static>(
        self,
        most: usize,
        message: impl Fn(u64, R::Columns) -> Result<M> + Send + 'static,
    ) -> Batches<M> {
        let version = self.version;
        self.rows.into_batches(most, move |columns| message(version, columns))
    }
}

/// How far an answer has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Start,
    Middle,
    End,
}

/// The points of a range, leaf by leaf.
struct PointRows {
    points: Points<View>,
    leaf: RawColumns,
    /// How many points of the leaf have been handed over.
    read: usize,
}

impl Rows for PointRows {
    type Columns = RawColumns;

    fn pull(
        &mut self,
        columns: &mut RawColumns,
        most: usize,
        turn: &mut Turn,
    ) -> std::result::Result<Pulled, NodeError> {
        loop {
            let room = most.saturating_sub(columns.len());
            let end = self.leaf.len().min(self.read + room);
            columns.extend_from_rows(&self.leaf, self.read..end);
            self.read = end;
            if turn.is_over() || columns.len() >= most {
                return Ok(Pulled::Some);
            }
            self.leaf.clear();
            self.read = 0;
            if !self.points.next_into(&mut self.leaf)? {
                return Ok(Pulled::All);
            }
            turn.spend(LEAF);
        }
    }

    fn len(columns: &RawColumns) -> usize {
        columns.len()
    }
}

/// What becomes of windows without points.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gaps {
    Omit,
    Fill,
}

/// The windows of a grid, with or without the empty ones.
struct FilledWindows {
    windows: btrdb_tree::Windows<View>,
    grid: WindowGrid,
    gaps: Gaps,
    /// The next window to report, where gaps are filled.
    next: u64,
    /// The next window that holds points, read ahead of the gap before it.
    ahead: Option<Window>,
}

impl FilledWindows {
    fn new(tree: Tree<View>, grid: WindowGrid, gaps: Gaps) -> Self {
        Self { windows: tree.windows(grid), grid, gaps, next: 0, ahead: None }
    }
}

impl Rows for FilledWindows {
    type Columns = StatColumns;

    fn pull(
        &mut self,
        columns: &mut StatColumns,
        most: usize,
        turn: &mut Turn,
    ) -> std::result::Result<Pulled, NodeError> {
        while columns.len() < most {
            if self.ahead.is_none() {
                if turn.is_over() {
                    break;
                }
                self.ahead = self.windows.next().transpose()?;
                turn.spend(ROW);
            }
            let window = match (self.ahead, self.gaps) {
                (Some(ahead), Gaps::Fill) if ahead.index > self.next => Window { index: self.next, ..EMPTY },
                (None, Gaps::Fill) if self.next < self.grid.count() => Window { index: self.next, ..EMPTY },
                (None, _) => return Ok(Pulled::All),
                (Some(ahead), _) => {
                    self.ahead = None;
                    ahead
                }
            };
            self.next = window.index + 1;
            columns.push(window.stat.at(self.grid.window_start(window.index)));
        }
        Ok(Pulled::Some)
    }

    fn len(columns: &StatColumns) -> usize {
        columns.len()
    }
}

const EMPTY: Window = Window { index: 0, stat: btrdb_core::Stat::EMPTY };
