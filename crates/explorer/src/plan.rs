//! What to draw now and what to ask for, for one view of some streams.

mod request;
mod seeker;

use btrdb_core::{PointWidth, TimeRange};

use crate::cover::{Census, Span, census, cover, coverage, mean_interval};
use crate::{Cache, Coverage, Nearness, Reach, Resolution, StreamId, Viewport, point_width_for, stored_above};
pub use request::{Purpose, Request};
use seeker::Seeker;

/// Raw points replace windows at up to this many points per window: 16 bytes a point against 48 a window.
const RAW_POINTS_PER_WINDOW: f64 = 2.0;
/// Never ask for more raw points than this at once, however the estimate came about.
const RAW_POINTS_AT_MOST: u64 = 1 << 16;
/// So many points or windows beyond the view are drawn too: where lines come from and go to.
const REACH: f64 = 2.0;

/// What is looked at, how large, and how far beyond to look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The range of time.
    pub viewport: Viewport,
    /// The width of the plot in device pixels.
    pub width: f64,
    /// What to ask for in advance.
    pub reach: Reach,
}

/// One stream of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamPlan {
    /// The stream.
    pub stream: StreamId,
    /// Where its lane is. Of one that is away, nothing is drawn.
    pub nearness: Nearness,
    /// The window width that suits the screen.
    pub wanted: PointWidth,
    /// Whether raw points are to be drawn, because there are hardly more of them than windows.
    pub raw: bool,
    /// What to draw, in order of time: the view and a little beyond, where lines come from and go to.
    pub spans: Vec<Span>,
    /// How many points the view holds, as far as known.
    pub census: Census,
    /// How much of the view is drawn from what.
    pub coverage: Coverage,
    /// Whether the picture is final: no stand-in and nothing missing in the visible part.
    pub settled: bool,
}

/// The answer to "what now?".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What to draw, in the order of the streams.
    pub draw: Vec<StreamPlan>,
    /// What to ask for, most urgent first. No tile is named that is at hand and fresh, or known to be empty.
    pub fetch: Vec<Request>,
}

/// Decides what to draw of `streams` from `cache` and what to ask for; all of them are in sight.
pub fn plan(view: &View, streams: &[StreamId], cache: &Cache) -> Plan {
    let lanes: Vec<_> = streams.iter().map(|&stream| (stream, Nearness::InSight)).collect();
    plan_lanes(view, &lanes, cache)
}

/// Decides what to draw of the streams of some lanes from `cache` and what to ask for. Lanes in sight come first; what the
/// others lack waits for that, or is not asked for at all.
pub fn plan_lanes(view: &View, lanes: &[(StreamId, Nearness)], cache: &Cache) -> Plan {
    let mut plan = Plan::default();
    for &(stream, nearness) in lanes {
        let mut lacks = Vec::new();
        let drawn = match nearness {
            Nearness::InSight => plan_stream(view, stream, cache, &mut lacks),
            Nearness::Near => {
                let here = View { reach: Reach::NONE, ..*view };
                let drawn = plan_stream(&here, stream, cache, &mut lacks);
                for request in &mut lacks {
                    request.purpose = Purpose::OutOfSight;
                }
                drawn
            }
            Nearness::Away => StreamPlan::of_nothing(stream, point_width_for(&view.viewport, view.width)),
        };
        plan.draw.push(StreamPlan { nearness, ..drawn });
        plan.fetch.append(&mut lacks);
    }
    // Stable: within one purpose the streams keep their order on screen.
    plan.fetch.sort_by_key(|request| request.purpose);
    plan
}

impl StreamPlan {
    /// Nothing is drawn.
    fn of_nothing(stream: StreamId, wanted: PointWidth) -> Self {
        Self {
            stream,
            nearness: Nearness::Away,
            wanted,
            raw: false,
            spans: Vec::new(),
            census: Census::default(),
            coverage: Coverage::default(),
            settled: false,
        }
    }
}

impl Plan {
    /// How much is drawn from what, over all streams in sight alike.
    pub fn coverage(&self) -> Coverage {
        let in_sight = || self.draw.iter().filter(|drawn| drawn.nearness == Nearness::InSight);
        let share = 1.0 / in_sight().count().max(1) as f64;
        in_sight().fold(Coverage::default(), |sum, StreamPlan { coverage, .. }| Coverage {
            exact: sum.exact + share * coverage.exact,
            coarse: sum.coarse + share * coverage.coarse,
            unloaded: sum.unloaded + share * coverage.unloaded,
        })
    }
}

/// The requests of several plans in order of urgency; of equal ones, those of the first plan come first.
pub fn merge_requests(lists: Vec<Vec<Request>>) -> Vec<Request> {
    let mut all: Vec<_> = lists.into_iter().flatten().collect();
    all.sort_by_key(|request| request.purpose);
    all
}

fn plan_stream(view: &View, stream: StreamId, cache: &Cache, fetch: &mut Vec<Request>) -> StreamPlan {
    let visible = view.viewport.outer_range();
    let wanted = point_width_for(&view.viewport, view.width);

    let seeker = Seeker { cache, stream, wanted };
    let known = census(&cover(cache, stream, visible, wanted, true), visible);
    let cheap = suits_raw(&known, visible, wanted).then(|| mean_interval(cache, stream, visible)).flatten();
    let by_points = cheap.filter(|_| known.at_most <= RAW_POINTS_AT_MOST).and_then(|interval| {
        let wide = widen(visible, REACH * interval);
        let spans = cover(cache, stream, wide, wanted, true);
        let (grid, missing) = seeker.raw_grid(&spans, interval, wide)?;
        Some((Resolution::Raw(grid), wide, spans, missing))
    });
    let raw = by_points.is_some();
    let (exact, wide, spans, missing) = by_points.unwrap_or_else(|| {
        let exact = Resolution::Windows(wanted);
        let wide = widen(visible, REACH * wanted.nanos() as f64);
        (exact, wide, cover(cache, stream, wide, wanted, false), seeker.missing(exact, wide))
    });

    let coarse = Resolution::Windows(stored_above(wanted));
    let on_screen = missing.iter().map(|gap| gap.intersect(visible));
    let poor: Vec<_> = on_screen.filter(|&gap| seeker.is_poorly_drawn(gap)).collect();
    for &gap in &poor {
        seeker.request(coarse, &seeker.missing(coarse, gap), Purpose::FirstAnswer, fetch);
    }
    // Until the first answer is there, it may be open whether windows or points are wanted.
    let undecided = !poor.is_empty() && coarse != exact && (!known.complete || cheap.is_some() != raw);
    if !undecided {
        seeker.request(exact, &missing, Purpose::Visible, fetch);
        seeker.look_ahead(&view.reach, exact, wide, fetch);
    }
    let census = census(&spans, visible);
    let settled = missing.is_empty();
    let coverage = coverage(&spans, visible, wanted, raw);
    StreamPlan { stream, nearness: Nearness::InSight, wanted, raw, spans, census, coverage, settled }
}

/// Whether the raw points of `visible` cost hardly more than its windows, going by what is known.
fn suits_raw(known: &Census, visible: TimeRange, wanted: PointWidth) -> bool {
    let windows = (visible.width() as f64 / wanted.nanos() as f64).max(1.0);
    known.points <= windows * RAW_POINTS_PER_WINDOW
}

/// `range` with `nanos` more on either side, within time.
fn widen(range: TimeRange, nanos: f64) -> TimeRange {
    let nanos = nanos.ceil() as i64;
    TimeRange { start: range.start.saturating_sub(nanos), end: range.end.saturating_add(nanos) }
        .intersect(TimeRange::ALL)
}

#[cfg(test)]
mod tests;
