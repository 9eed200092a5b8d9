//! How far an import is: a bar on a terminal, else a line every few seconds.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// What is shown while files are read, on standard error.
pub(super) struct Progress {
    shown: Shown,
    what: String,
    done: u64,
    total: Option<u64>,
}

enum Shown {
    Bar(ProgressBar),
    Lines { last: Instant },
}

impl Progress {
    /// A bar where standard error is a terminal, else lines.
    pub(super) fn for_stderr() -> Self {
        if std::io::stderr().is_terminal() {
            Self::new(Shown::Bar(ProgressBar::no_length()))
        } else {
            Self::new(Shown::Lines { last: Instant::now() })
        }
    }

    fn new(shown: Shown) -> Self {
        Self { shown, what: String::new(), done: 0, total: None }
    }

    /// Begins a pass over `file` of `total` rows, where their number is known.
    pub(super) fn start(&mut self, doing: &str, file: &str, total: Option<u64>) {
        self.what = format!("{doing} {file}");
        (self.done, self.total) = (0, total);
        if let Shown::Bar(bar) = &self.shown {
            bar.set_style(style(total.is_some()));
            bar.set_message(self.what.clone());
            match total {
                Some(total) => bar.set_length(total),
                None => bar.unset_length(),
            }
            bar.reset();
            bar.enable_steady_tick(Duration::from_millis(100));
        }
    }

    /// Counts `rows` more rows.
    pub(super) fn advance(&mut self, rows: u64) {
        self.done += rows;
        match &mut self.shown {
            Shown::Bar(bar) => bar.inc(rows),
            Shown::Lines { last } if last.elapsed() >= LINE_EVERY => {
                *last = Instant::now();
                eprintln!("{}", line(&self.what, self.done, self.total));
            }
            Shown::Lines { .. } => {}
        }
    }

    /// Ends the pass; the bar goes, for the summary says the rest.
    pub(super) fn finish(&mut self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // A bar left standing would share its line with the error message.
        self.finish();
    }
}

fn style(has_total: bool) -> ProgressStyle {
    let template = if has_total {
        "{msg} {bar:30} {human_pos} of {human_len} rows, {eta} left"
    } else {
        "{msg} {spinner} {human_pos} rows"
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn line(what: &str, done: u64, total: Option<u64>) -> String {
    match total {
        Some(total) => format!("{what}: {} of {} rows", HumanCount(done), HumanCount(total)),
        None => format!("{what}: {} rows", HumanCount(done)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_how_far_it_is() {
        assert_eq!(line("checking a.csv", 1_500_000, None), "checking a.csv: 1,500,000 rows");
        assert_eq!(line("storing a.parquet", 1, Some(8_640_000)), "storing a.parquet: 1 of 8,640,000 rows");
    }

    #[test]
    fn every_template_is_valid() {
        for has_total in [true, false] {
            let bar = ProgressBar::hidden();
            bar.set_style(style(has_total));
        }
        assert!(ProgressStyle::with_template("{msg} {bar:30} {human_pos} of {human_len} rows, {eta} left").is_ok());
    }
}
