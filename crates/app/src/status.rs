//! What the page says about itself: per lane, for the whole view, and when something fails.

use btrdb_client::{Error, ErrorKind};
use btrdb_core::{TimeRange, Timestamp};
use btrdb_explorer::{Drawn, Figures, Lacks, format_window};

/// What keeps a stream from being shown, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// A sentence for people.
    pub(crate) text: String,
    /// Which kind, as a stable word for tests and styles.
    pub(crate) code: &'static str,
    /// Whether asking again by itself may help.
    pub(crate) passing: bool,
}

impl Problem {
    /// The words for a failed call.
    pub(crate) fn of(error: &Error) -> Self {
        let text = match error.kind() {
            ErrorKind::StreamNotFound => "This stream is not on the server, or has been removed.".to_owned(),
            ErrorKind::PermissionDenied => {
                "You have no right to read this stream. Whoever keeps the server can give it to your key.".to_owned()
            }
            ErrorKind::Unauthenticated => "The server asks for another API key.".to_owned(),
            ErrorKind::DeadlineExceeded => "The server took too long to answer.".to_owned(),
            ErrorKind::Unavailable => "The server cannot be reached.".to_owned(),
            ErrorKind::VersionNotAvailable => "The version that was shown is no longer kept.".to_owned(),
            ErrorKind::BadResponse => format!("The answer could not be read: {}.", error.message()),
            _ => format!("The server reports: {}.", error.message().trim_end_matches('.')),
        };
        Self { text, code: error.code(), passing: error.is_retryable() }
    }

    /// The words for a stream that somebody has stopped waiting for.
    pub(crate) fn stopped() -> Self {
        Self { text: "Nobody waits for this stream any more.".to_owned(), code: "STOPPED", passing: false }
    }

    /// The words for an answer that never came.
    pub(crate) fn too_slow() -> Self {
        Self { text: "The server took too long to answer.".to_owned(), code: "DEADLINE_EXCEEDED", passing: true }
    }
}

/// Whether a failed call means that the server is out of reach, for all streams alike.
pub(crate) fn is_out_of_reach(error: &Error) -> bool {
    error.kind() == ErrorKind::Unavailable
}

/// How long a lane has been waiting for its first picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Not so long that it is worth a word.
    #[default]
    Calm,
    /// There is no server to wait for, as the page says.
    Vain,
    /// Longer than 300 ms.
    Waiting,
    /// Longer than 2 s: time to say what for.
    Long,
    /// Longer than 5 s: somebody may want to do something else.
    TooLong,
}

/// What is shown on and of a lane besides its picture.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is shown in a place of its own")]
pub(crate) struct LaneStatus {
    /// Whether the picture is still going to change by itself.
    pub(crate) loading: bool,
    pub(crate) patience: Patience,
    /// What is waited for, in words.
    pub(crate) awaited: String,
    /// The fineness on screen: `raw`, `2^32` or `none`.
    pub(crate) resolution: String,
    /// Whether its values are held rather than fitted to the data.
    pub(crate) held: bool,
    pub(crate) problem: Option<Problem>,
    /// Whether the view is loaded and holds no point.
    pub(crate) empty: bool,
    /// Whether there are points elsewhere.
    pub(crate) has_data: bool,
    /// What it does not show in parts of the view.
    pub(crate) lacks: Lacks,
    /// Where there are points before and after an empty view, and how far that is.
    pub(crate) earlier: Option<(Timestamp, String)>,
    pub(crate) later: Option<(Timestamp, String)>,
    /// The value at the pointer.
    pub(crate) reading: Option<Reading>,
    /// The last value in sight.
    pub(crate) latest: Option<String>,
    /// On which side of the values that are held all data lie.
    pub(crate) beyond: Option<&'static str>,
}

/// A value at the pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// A point's value or a mean.
    pub(crate) value: String,
    /// The extent of the windows, or the point's own time.
    pub(crate) more: String,
}

/// The fineness as a short, stable text.
pub(crate) fn resolution_code(drawn: Drawn) -> String {
    match drawn {
        Drawn::Nothing => "none".to_owned(),
        Drawn::Raw => "raw".to_owned(),
        Drawn::Windows(width) => format!("2^{}", width.exponent()),
    }
}

/// The fineness in words.
pub(crate) fn resolution_words(drawn: Drawn) -> String {
    match drawn {
        Drawn::Nothing => String::new(),
        Drawn::Raw => "raw points".to_owned(),
        Drawn::Windows(width) => format!("windows of {}", format_window(width)),
    }
}

/// What is shown of the view as a whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Summary {
    /// The visible range.
    pub(crate) range: TimeRange,
    /// The same in words, to the precision of a pixel.
    pub(crate) range_words: String,
    /// Its length in words.
    pub(crate) span: String,
    pub(crate) windows: String,
    pub(crate) points: String,
    pub(crate) versions: String,
    /// How the explorer fares.
    pub(crate) figures: Figures,
    /// How far the marks are apart.
    pub(crate) marked: String,
    /// Whether some lane's picture is still going to change by itself.
    pub(crate) loading: bool,
    pub(crate) can_undo: bool,
    pub(crate) can_redo: bool,
    /// Everything in a few sentences, for those who cannot see the picture; changes only when the view is at rest.
    pub(crate) spoken: String,
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            range: TimeRange::ALL,
            range_words: String::new(),
            span: String::new(),
            windows: String::new(),
            points: String::new(),
            versions: String::new(),
            figures: Figures::default(),
            marked: String::new(),
            loading: true,
            can_undo: false,
            can_redo: false,
            spoken: String::new(),
        }
    }
}
