//! Ranges of time as text: copied, pasted and typed.

use btrdb_client::time::{ns_to_datetime, to_nanoseconds};
use btrdb_core::TimeRange;
use btrdb_explorer::Viewport;
use leptos::prelude::*;

use crate::browser;
use crate::explorer::Explorer;

/// A range as two times to the nanosecond, with a slash between them.
pub(crate) fn write(range: TimeRange) -> String {
    format!("{}/{}", ns_to_datetime(range.start), ns_to_datetime(range.end))
}

/// The view that `text` stands for: of a range as [`write`] has it, or from the view `here` on, of a single time in the
/// middle. Times are dates with or without a time of day, or nanoseconds since 1970.
///
/// # Errors
/// What cannot be read, in words.
pub(crate) fn read(text: &str, here: Viewport) -> Result<Viewport, String> {
    let time = |text: &str| to_nanoseconds(text).map_err(|error| format!("{}.", error.message()));
    match text.split_once('/') {
        None => Ok(here.centred_on(time(text)?)),
        Some((start, end)) => {
            let range = TimeRange { start: time(start)?, end: time(end)? };
            let range = Some(range).filter(|range| !range.is_empty());
            range.map(Viewport::new).ok_or_else(|| "The end has to be later than the start.".to_owned())
        }
    }
}

/// Goes where `text` says.
///
/// # Errors
/// As [`read`].
pub(crate) fn go_to(explorer: Explorer, text: &str) -> Result<(), String> {
    let view = read(text, explorer.with(|machine| machine.aim()))?;
    explorer.act(|machine, now| machine.jump_to(view, now));
    Ok(())
}

/// Puts the visible range into the clipboard.
pub(crate) fn copy(explorer: Explorer) {
    let text = write(explorer.with(|machine| machine.aim().range()));
    browser::start_detached(async move {
        match browser::copy(&text).await {
            Ok(()) => explorer.say(format!("copied {text}")),
            Err(()) => explorer.notice.set(Some(NO_CLIPBOARD.to_owned())),
        }
    });
}

/// Goes where the clipboard says.
pub(crate) fn paste(explorer: Explorer) {
    browser::start_detached(async move {
        let outcome = browser::pasted().await.map_err(|()| NO_CLIPBOARD.to_owned());
        let outcome = outcome.and_then(|text| go_to(explorer, &text));
        explorer.notice.set(outcome.err());
    });
}

const NO_CLIPBOARD: &str =
    "The browser does not let this page use the clipboard: it has to be asked to, and the page must come by HTTPS.";
