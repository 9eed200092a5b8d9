//! The state of the page as the fragment of its address, exact to the nanosecond.

use std::fmt;

use btrdb_core::TimeRange;

use crate::StreamId;

/// What a link restores: `streams=UUID,UUID&start=NANOSECONDS&end=NANOSECONDS`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkState {
    /// The streams shown, in order.
    pub streams: Vec<StreamId>,
    /// The visible range; `None` fits all of the data.
    pub view: Option<TimeRange>,
}

/// What is wrong with a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// Something that should be a UUID is none.
    NotAStream(String),
    /// Something that should be a whole number of nanoseconds is none.
    NotATime(String),
    /// Only one of start and end is given, or the end is not after the start.
    NotARange,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAStream(text) => write!(f, "the link names something that is not a stream's uuid: {text}"),
            Self::NotATime(text) => write!(f, "the link has a time that is not a whole number of nanoseconds: {text}"),
            Self::NotARange => f.write_str("the link needs a start and a later end"),
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
        let mut streams = Vec::new();
        let (mut start, mut end) = (None, None);
        for pair in fragment.trim_start_matches('#').split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let nanos = || value.parse::<i64>().ok().ok_or_else(|| LinkError::NotATime(value.to_owned()));
            match key {
                "streams" => {
                    for text in value.split([',']).flat_map(|part| part.split("%2C")).filter(|text| !text.is_empty()) {
                        let id = StreamId::parse(text).ok_or_else(|| LinkError::NotAStream(text.to_owned()))?;
                        if !streams.contains(&id) {
                            streams.push(id);
                        }
                    }
                }
                "start" => start = Some(nanos()?),
                "end" => end = Some(nanos()?),
                _ => {}
            }
        }
        let view = match (start, end) {
            (None, None) => None,
            (Some(start), Some(end)) if start < end => Some(TimeRange { start, end }),
            _ => return Err(LinkError::NotARange),
        };
        Ok(Self { streams, view })
    }
}

impl fmt::Display for LinkState {
    /// The fragment without `#`; empty for the empty state.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (at, stream) in self.streams.iter().enumerate() {
            write!(f, "{}{stream}", if at == 0 { "streams=" } else { "," })?;
            separator = "&";
        }
        if let Some(TimeRange { start, end }) = self.view {
            write!(f, "{separator}start={start}&end={end}")?;
        }
        Ok(())
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
    }

    #[test]
    fn leaves_alone_what_it_does_not_know() {
        assert_eq!(LinkState::parse("#future=1&&x"), Ok(LinkState::default()));
        assert_eq!(LinkState::parse(""), Ok(LinkState::default()));
    }

    #[test]
    fn twenty_streams_make_a_short_link() {
        let streams = (0..20).map(|number| StreamId(u128::MAX - number)).collect();
        let view = Some(TimeRange::ALL);
        assert!(LinkState { streams, view }.to_string().len() <= 2000);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn text_and_back(
            streams in prop::collection::btree_set(any::<u128>(), 0..20),
            (one, other) in (any::<i64>(), any::<i64>()),
            viewed in any::<bool>(),
        ) {
            let view = TimeRange { start: one.min(other), end: one.max(other).max(i64::MIN + 1) };
            let viewed = viewed && !view.is_empty();
            let streams = streams.into_iter().map(StreamId).collect();
            let state = LinkState { streams, view: viewed.then_some(view) };
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
