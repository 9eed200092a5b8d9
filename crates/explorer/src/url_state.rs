//! The state of the page as the fragment of its address, exact to the nanosecond.

use std::fmt;

use btrdb_core::{TimeRange, Timestamp};

use crate::{Scale, StreamId};

/// What a link restores, and what a step to undo is between: `streams=UUID,UUID&start=NANOSECONDS&end=NANOSECONDS`, and if
/// there are any `values=PLACE:LOW:HIGH,…`, `marks=NANOSECONDS,…`, `solo=PLACE`, `sigma=on`. A place is that of a stream in
/// the list, from 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkState {
    /// The streams shown, in order.
    pub streams: Vec<StreamId>,
    /// The visible range; `None` fits all of the data.
    pub view: Option<TimeRange>,
    /// The scales that are held, of streams shown, in order; the others follow the data.
    pub values: Vec<(StreamId, Scale)>,
    /// The marked times, in the order in which they were marked; at most two.
    pub marks: Vec<Timestamp>,
    /// The stream whose lane alone is shown.
    pub solo: Option<StreamId>,
    /// Whether the band of one standard deviation around the mean is shown.
    pub sigma: bool,
}

/// How many times can be marked.
pub const MARKS: usize = 2;

/// What is wrong with a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// Something that should be a UUID is none.
    NotAStream(String),
    /// Something that should be a whole number of nanoseconds is none.
    NotATime(String),
    /// Only one of start and end is given, or the end is not after the start.
    NotARange,
    /// A place that no stream has, or a scale that is none.
    NotAScale(String),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAStream(text) => write!(f, "the link names something that is not a stream's uuid: {text}"),
            Self::NotATime(text) => write!(f, "the link has a time that is not a whole number of nanoseconds: {text}"),
            Self::NotARange => f.write_str("the link needs a start and a later end"),
            Self::NotAScale(text) => write!(f, "the link has no stream with the values that it names: {text}"),
        }
    }
}

impl std::error::Error for LinkError {}

impl LinkState {
    /// Reads a fragment, with or without its leading `#`. Keys it does not know are left to later versions.
    ///
    /// # Errors
    /// What cannot be read; a link is taken whole or not at all.
    pub fn parse(fragment: &str) -> Result<Self, LinkError> {
        let mut link = Self::default();
        let (mut start, mut end) = (None, None);
        let (mut values, mut solo) = (Vec::new(), None);
        let nanos = |text: &str| text.parse::<i64>().ok().ok_or_else(|| LinkError::NotATime(text.to_owned()));
        for pair in fragment.trim_start_matches('#').split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = value.replace("%2C", ",").replace("%3A", ":");
            let parts = || value.split(',').filter(|part| !part.is_empty());
            match key {
                "streams" => {
                    for text in parts() {
                        let id = StreamId::parse(text).ok_or_else(|| LinkError::NotAStream(text.to_owned()))?;
                        if !link.streams.contains(&id) {
                            link.streams.push(id);
                        }
                    }
                }
                "start" => start = Some(nanos(&value)?),
                "end" => end = Some(nanos(&value)?),
                "values" => values = parts().map(str::to_owned).collect(),
                "marks" => link.marks = parts().take(MARKS).map(nanos).collect::<Result<_, _>>()?,
                "solo" => solo = Some(value.clone()),
                "sigma" => link.sigma = value == "on",
                _ => {}
            }
        }
        link.view = match (start, end) {
            (None, None) => None,
            (Some(start), Some(end)) if start < end => Some(TimeRange { start, end }),
            _ => return Err(LinkError::NotARange),
        };
        // The list of streams may come last.
        for text in values {
            let held = link.held(&text).ok_or(LinkError::NotAScale(text))?;
            link.values.push(held);
        }
        link.solo = solo.map(|text| link.stream_at(&text).ok_or(LinkError::NotAScale(text))).transpose()?;
        Ok(link)
    }

    fn stream_at(&self, place: &str) -> Option<StreamId> {
        self.streams.get(place.parse::<usize>().ok()?).copied()
    }

    fn held(&self, text: &str) -> Option<(StreamId, Scale)> {
        let mut parts = text.split(':');
        let stream = self.stream_at(parts.next()?)?;
        let scale = Scale::held(parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)?;
        Some((stream, scale))
    }
}

impl fmt::Display for LinkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |id: StreamId| self.streams.iter().position(|&stream| stream == id);
        let mut text = Pairs { f, key: "", begun: false };
        for stream in &self.streams {
            text.add("streams", stream)?;
        }
        if let Some(TimeRange { start, end }) = self.view {
            text.add("start", start)?;
            text.add("end", end)?;
        }
        for &(stream, Scale { low, high }) in &self.values {
            if let Some(place) = place(stream) {
                text.add("values", format_args!("{place}:{low:e}:{high:e}"))?;
            }
        }
        for mark in &self.marks {
            text.add("marks", mark)?;
        }
        if let Some(place) = self.solo.and_then(place) {
            text.add("solo", place)?;
        }
        if self.sigma { text.add("sigma", "on") } else { Ok(()) }
    }
}

/// Writes `key=value,value&key=value`.
struct Pairs<'a, 'f> {
    f: &'a mut fmt::Formatter<'f>,
    key: &'static str,
    begun: bool,
}

impl Pairs<'_, '_> {
    fn add(&mut self, key: &'static str, value: impl fmt::Display) -> fmt::Result {
        if self.key == key {
            return write!(self.f, ",{value}");
        }
        let separator = if self.begun { "&" } else { "" };
        (self.key, self.begun) = (key, true);
        write!(self.f, "{separator}{key}={value}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(LinkState::parse("#streams=nonsense"), Err(LinkError::NotAStream("nonsense".to_owned())));
        assert_eq!(LinkState::parse("start=1.5&end=3"), Err(LinkError::NotATime("1.5".to_owned())));
        for fragment in ["start=1", "end=1", "start=2&end=2", "start=3&end=2"] {
            assert_eq!(LinkState::parse(fragment), Err(LinkError::NotARange), "{fragment}");
        }
        for fragment in ["values=0:1:2", "streams=ffffffff-ffff-ffff-ffff-ffffffffffff&values=0:2:2", "solo=0"] {
            assert!(matches!(LinkState::parse(fragment), Err(LinkError::NotAScale(_))), "{fragment}");
        }
    }

    #[test]
    fn leaves_alone_what_it_does_not_know() {
        assert_eq!(LinkState::parse("#future=1&&x"), Ok(LinkState::default()));
        assert_eq!(LinkState::parse(""), Ok(LinkState::default()));
    }

    #[test]
    fn twenty_streams_make_a_short_link() {
        let streams: Vec<_> = (0..20).map(|number| StreamId(u128::MAX - number)).collect();
        let scale = Scale { low: -1.234_567_890_123_456_7e-100, high: 1.234_567_890_123_456_7e100 };
        let values = streams.iter().map(|&stream| (stream, scale)).collect();
        let (solo, marks) = (streams.last().copied(), vec![i64::MIN, i64::MAX]);
        let link = LinkState { streams, view: Some(TimeRange::ALL), values, marks, solo, sigma: true };
        assert!(link.to_string().len() <= 2000, "{}", link.to_string().len());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn text_and_back(
            streams in prop::collection::btree_set(any::<u128>(), 0..20),
            (one, other) in (any::<i64>(), any::<i64>()),
            (viewed, sigma) in any::<(bool, bool)>(),
            scales in prop::collection::vec((any::<bool>(), -1e9..1e9_f64, 1e-3..1e9_f64), 20),
            marks in prop::collection::vec(any::<i64>(), 0..=MARKS),
            solo in prop::option::of(0..20_usize),
        ) {
            let view = TimeRange { start: one.min(other), end: one.max(other).max(i64::MIN + 1) };
            let viewed = viewed && !view.is_empty();
            let streams: Vec<_> = streams.into_iter().map(StreamId).collect();
            let held = streams.iter().zip(scales).filter(|(_, (held, ..))| *held);
            let values = held.map(|(&stream, (_, low, span))| (stream, Scale { low, high: low + span })).collect();
            let solo = solo.and_then(|place| streams.get(place).copied());
            let state = LinkState { streams, view: viewed.then_some(view), values, marks, solo, sigma };
            let text = state.to_string();
            let back = LinkState::parse(&text).unwrap();
            prop_assert_eq!(back.to_string(), text);
            prop_assert_eq!(back, state);
        }

        #[test]
        fn no_text_is_too_strange(text in ".{0,100}") {
            let _ = LinkState::parse(&text);
        }
    }
}
