//! Where the next gap of a stream is, found from counts: coarse windows first, then finer ones where points are
//! missing.

mod question;
mod rates;

use btrdb_core::{PointWidth, TimeRange, Timestamp};

use question::{Purpose, Question, Window, ceil, range_of};
use rates::Rates;

/// At most so many windows are asked for at a time: a few tens of kilobytes, and ten levels finer with each question.
const WINDOWS: u64 = 1_024;
const LEVELS: u8 = WINDOWS.ilog2() as u8;

/// After so many questions a search is given up: the data are so irregular that counts do not lead to gaps.
const MAX_QUESTIONS: u32 = 40;

/// So many times a window that lacks points is looked into alone and holds no gap. After that, each time twice as many
/// are.
const PATIENCE: u32 = 2;

/// The windows of a width are looked at one by one only if the fullest holds so many points. Otherwise the pause
/// between any two samples would be a gap.
const MIN_POINTS: u64 = 4;

/// The coarsest windows that are asked for, of which 64 are all of time.
const COARSEST: PointWidth = PointWidth::at_most(1 << 56);

/// Which way to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Towards {
    /// Back in time.
    Earlier,
    /// On in time.
    Later,
}

/// What a search does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapStep {
    /// It needs the counts of the aligned windows of `width` in `range`, at most 1,024, whose ends lie on their grid.
    Ask {
        /// From the start of the first window to the end of the last.
        range: TimeRange,
        /// How wide the windows are.
        width: PointWidth,
    },
    /// No point lies here, and it is a gap of the kind looked for. The whole gap is from the last point before to the
    /// first point after.
    Found(TimeRange),
    /// There is no such gap.
    None,
    /// There is none up to this time, where the search has been given up; another may start here.
    GivenUp(Timestamp),
}

/// The search for the next gap of one stream in one direction.
///
/// A gap is a run of empty aligned windows of a width, so everything at least twice as wide is one. It starts, as far
/// as the search is concerned, with its first empty window. Widths that hold fewer than about four points are too
/// narrow to tell a gap from the pause between two samples; the search then takes the narrowest that is not.
///
/// Points that come while it searches may make it miss a gap, no more.
#[derive(Clone, Debug)]
pub struct GapSearch {
    life: TimeRange,
    from: Timestamp,
    towards: Towards,
    width: PointWidth,
    /// The width of the windows whose emptiness counts: `width` or, where points are rarer, wider. Unknown before
    /// enough points have been seen.
    fine: Option<PointWidth>,
    rates: Rates,
    /// What has been answered and not yet judged, the nearest last.
    ahead: Vec<Window>,
    /// What has never been asked for; all of it lies behind `ahead`.
    unasked: Option<TimeRange>,
    /// Up to here all is known.
    reached: Timestamp,
    /// Looking later, where the gap ends that `from` lies in or at the start of, as far as is known.
    behind_own_gap: Timestamp,
    sampled: bool,
    /// The width of the windows last looked into, and how often that brought nothing.
    looked_into: Option<PointWidth>,
    in_vain: u32,
    questions: u32,
    asked: Option<Question>,
    step: GapStep,
}

impl GapSearch {
    /// Looks for gaps of `width` or more in `life`, which reaches from the first point to behind the last.
    ///
    /// [`Towards::Later`] finds the first gap that starts after the first boundary of windows at or after `from`, and
    /// [`Towards::Earlier`] the last that starts before `from`. So neither finds a gap again whose exact start is
    /// `from`, and only `Earlier` finds one that `from` is inside of. Where it is known that `from` is in a gap,
    /// looking later from its end takes fewer questions.
    pub fn new(life: TimeRange, from: Timestamp, towards: Towards, width: PointWidth) -> Self {
        let life = life.intersect(TimeRange::ALL);
        let from = from.max(life.start).min(life.end);
        let mut search = Self {
            life,
            from,
            towards,
            width: width.min(COARSEST),
            fine: None,
            rates: Rates::default(),
            ahead: Vec::new(),
            unasked: None,
            reached: from,
            behind_own_gap: from,
            sampled: false,
            looked_into: None,
            in_vain: 0,
            questions: 0,
            asked: None,
            step: GapStep::None,
        };
        if !search.beyond().is_empty() {
            search.step = search.ask_nearby();
        }
        search
    }

    /// What to ask next, or how it ended.
    pub fn step(&self) -> GapStep {
        self.step
    }

    /// Takes the answer to what `step` asked: the windows that hold points, by their start, and how many. Windows that
    /// are not there and those of count 0 are the same.
    pub fn learn(&mut self, windows: impl IntoIterator<Item = (Timestamp, u64)>) {
        let Some(question) = self.asked.take() else { return };
        let windows = question.windows(windows);
        self.measure(question, &windows);
        match (question.purpose, self.fine) {
            (Purpose::Sample, _) => self.sampled = true,
            (Purpose::All, None) => {
                // All was asked for, and it is a handful of points: nothing regular that could be interrupted.
                self.step = GapStep::None;
                return;
            }
            (_, Some(fine)) if fine <= question.width => match self.towards {
                Towards::Later => self.ahead.extend(windows.into_iter().rev()),
                Towards::Earlier => self.ahead.extend(windows),
            },
            // These windows are too narrow, or show no points to tell.
            _ => self.unasked = Some(self.beyond()),
        }
        self.step = self.advance();
    }

    /// All that lies in the direction of the search.
    fn beyond(&self) -> TimeRange {
        match self.towards {
            Towards::Later => TimeRange::new(self.from, self.life.end),
            Towards::Earlier => TimeRange::new(self.life.start, self.from),
        }
    }

    /// The windows next to `from`: the gap may be there, and their counts tell the rate.
    fn ask_nearby(&mut self) -> GapStep {
        let all = self.beyond();
        let most = (self.width.nanos() * WINDOWS.min(1 << (62 - self.width.exponent()))) as i64;
        let (mut range, mut rest) = (aligned(all, self.width), all);
        match self.towards {
            Towards::Later => {
                range.end = range.end.min(range.start.saturating_add(most));
                rest.start = range.end;
            }
            Towards::Earlier => {
                range.start = range.start.max(range.end.saturating_sub(most));
                rest.end = range.start;
            }
        }
        self.unasked = Some(rest).filter(|rest| !rest.is_empty());
        self.ask(range, self.width, Purpose::Nearby)
    }

    /// Everything in `rest`, in windows as wide as it takes.
    fn ask_all(&mut self, rest: TimeRange) -> GapStep {
        let mut width = self.fine.unwrap_or(self.width);
        while width < COARSEST && aligned(rest, width).width() > WINDOWS << width.exponent() {
            width = width.coarser().unwrap_or(COARSEST);
        }
        self.ask(aligned(rest, width), width, Purpose::All)
    }

    fn ask(&mut self, range: TimeRange, width: PointWidth, purpose: Purpose) -> GapStep {
        if self.questions == MAX_QUESTIONS {
            return GapStep::GivenUp(self.reached);
        }
        self.questions += 1;
        self.asked = Some(Question { range, width, purpose });
        GapStep::Ask { range, width }
    }

    /// Learns from an answer how narrow windows may be and how many points full ones hold.
    fn measure(&mut self, question: Question, windows: &[Window]) {
        let width = question.width;
        let whole: Vec<_> = windows.iter().copied().filter(|window| self.life.covers(window.range())).collect();
        let Some(narrowest) = narrowest(width, windows).map(|narrowest| narrowest.max(self.width)).or(self.fine) else {
            return;
        };
        let before = self.fine.unwrap_or(narrowest);
        let fine = before.min(narrowest);
        self.fine = Some(fine);
        self.rates.see(&whole);
        // Of wider windows all may have gaps, and the fullest tell too low a rate.
        if width < fine {
            let groups = grouped(&whole, fine);
            self.rates.learn(groups.get(1..groups.len().saturating_sub(1)).unwrap_or(&[]));
        } else if width <= before {
            self.rates.learn(&whole);
        } else if question.purpose == Purpose::Within {
            self.rates.learn_explained(&whole, self.life, fine);
        }
    }

    /// Judges what is known, the nearest first, up to where a question must be asked.
    fn advance(&mut self) -> GapStep {
        let fine = self.fine.unwrap_or(self.width);
        while let Some(window) = self.ahead.pop() {
            if !self.is_ahead(window.range()) {
                continue;
            }
            if window.count == 0 {
                if let Some(gap) = self.gap_from(window) {
                    return GapStep::Found(gap);
                }
            } else if window.width > fine && !self.rates.explain(window, self.life, fine) {
                return if self.rates.are_unknown() && !self.sampled {
                    self.ahead.push(window);
                    self.ask_sample(window.width, fine)
                } else {
                    self.ask_within(window, fine)
                };
            }
            self.reached = match self.towards {
                Towards::Later => window.range().end,
                Towards::Earlier => window.start,
            };
        }
        match self.unasked.take() {
            Some(rest) => self.ask_all(rest),
            None => GapStep::None,
        }
    }

    /// Whether anything of `range` is not known yet.
    fn is_ahead(&self, range: TimeRange) -> bool {
        range.overlaps(self.life)
            && match self.towards {
                Towards::Later => range.end > self.reached,
                Towards::Earlier => range.start < self.reached,
            }
    }

    /// The gap that `window`, which is empty, belongs to, unless that is the one which `from` lies in or at the start
    /// of.
    fn gap_from(&mut self, window: Window) -> Option<TimeRange> {
        let mut gap = window.range();
        if !self.life.covers(gap) {
            return None;
        }
        let grid = self.fine.unwrap_or(self.width);
        if self.towards == Towards::Later && gap.start <= self.behind_own_gap.max(ceil(grid, self.from)) {
            self.behind_own_gap = gap.end;
            return None;
        }
        for next in self.ahead.iter().rev().take_while(|next| next.count == 0 && self.life.covers(next.range())) {
            match self.towards {
                Towards::Later if next.start == gap.end => gap.end = next.range().end,
                Towards::Earlier if next.range().end == gap.start => gap.start = next.start,
                _ => break,
            }
        }
        Some(gap)
    }

    /// Windows of the width that tells most about the rate, where the windows of `width` ahead are full.
    fn ask_sample(&mut self, width: PointWidth, fine: PointWidth) -> GapStep {
        let alike = || self.ahead.iter().rev().filter(|window| window.width == width);
        let most = alike().map(|window| window.count).max().unwrap_or(0);
        let fullest = alike().find(|window| window.count >= most - most / 8);
        let start = fullest.map_or(self.reached, |window| window.start);
        let levels = (width.exponent() - fine.exponent()).min(LEVELS);
        let range = TimeRange::new(start, start + (fine.nanos() << levels) as i64);
        self.ask(range, fine, Purpose::Sample)
    }

    /// Finer windows in `window` and, where that takes nothing from how fine they are, in those behind it.
    fn ask_within(&mut self, window: Window, fine: PointWidth) -> GapStep {
        let levels = window.width.exponent() - fine.exponent();
        let goes_deeper = self.looked_into.replace(window.width).is_some_and(|last| window.width < last);
        let mut most = WINDOWS >> levels.min(LEVELS);
        if !goes_deeper {
            most = most.max(1 << self.in_vain.saturating_sub(PATIENCE).min(9));
            self.in_vain += 1;
        }
        let (mut range, mut taken) = (window.range(), 1_u64);
        while let Some(&next) = self.ahead.last().filter(|_| taken < most) {
            let adjoins = next.start == range.end || next.range().end == range.start;
            if next.width != window.width || next.count == 0 || !adjoins || !self.is_ahead(next.range()) {
                break;
            }
            range = range_of(range, next.range());
            taken += 1;
            self.ahead.pop();
        }
        let finer = LEVELS - taken.next_power_of_two().ilog2() as u8;
        let width = PointWidth::new(window.width.exponent().saturating_sub(finer)).unwrap_or(fine).max(fine);
        let open = match self.towards {
            Towards::Later => TimeRange::new(self.reached, self.life.end),
            Towards::Earlier => TimeRange::new(self.life.start, self.reached),
        };
        self.ask(aligned(range.intersect(open), width), width, Purpose::Within)
    }
}

/// The least range of whole windows of `width` around `range`, which is not empty.
fn aligned(range: TimeRange, width: PointWidth) -> TimeRange {
    TimeRange::new(width.floor(range.start), ceil(width, range.end))
}

/// The narrowest windows of which the fullest holds [`MIN_POINTS`], judging from `windows` of `width`.
fn narrowest(width: PointWidth, windows: &[Window]) -> Option<PointWidth> {
    let fullest = |windows: &[Window]| windows.iter().map(|window| window.count).max().unwrap_or(0);
    if let Some(finer) = (fullest(windows) / MIN_POINTS).checked_ilog2() {
        return PointWidth::new(width.exponent().saturating_sub(finer as u8));
    }
    let mut wider = width;
    while wider < COARSEST {
        wider = wider.coarser()?;
        if fullest(&grouped(windows, wider)) >= MIN_POINTS {
            return Some(wider);
        }
    }
    None
}

/// The windows of `width` that `windows`, which are narrower and in order, make up. The first and last may be
/// incomplete.
fn grouped(windows: &[Window], width: PointWidth) -> Vec<Window> {
    let mut groups: Vec<Window> = Vec::new();
    for window in windows {
        let start = width.floor(window.start);
        match groups.last_mut() {
            Some(group) if group.start == start => group.count = group.count.saturating_add(window.count),
            _ => groups.push(Window { start, width, count: window.count }),
        }
    }
    groups
}

#[cfg(test)]
mod tests;
