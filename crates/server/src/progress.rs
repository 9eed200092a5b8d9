//! How far a command is: a bar on a terminal, else a line every few seconds.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// What is shown while files are read, on standard error.
pub(crate) struct Progress {
    shown: Shown,
    /// What is counted, in the plural.
    unit: &'static str,
    what: String,
    done: u64,
    total: Option<u64>,
}

enum Shown {
    Bar(ProgressBar),
    Lines { last: Instant },
}

impl Progress {
    /// A bar where standard error is a terminal, else lines. What is counted are `unit`, such as rows.
    pub(crate) fn for_stderr(unit: &'static str) -> Self {
        if std::io::stderr().is_terminal() {
            Self::new(unit, Shown::Bar(ProgressBar::no_length()))
        } else {
            Self::new(unit, Shown::Lines { last: Instant::now() })
        }
    }

    fn new(unit: &'static str, shown: Shown) -> Self {
        Self { shown, unit, what: String::new(), done: 0, total: None }
    }

    /// Begins a pass over `file` of `total` rows, points or whatever is counted, where their number is known.
    pub(crate) fn start(&mut self, doing: &str, file: &str, total: Option<u64>) {
        self.what = format!("{doing} {file}");
        (self.done, self.total) = (0, total);
        if let Shown::Bar(bar) = &self.shown {
            bar.set_style(style(self.unit, total.is_some()));
            bar.set_message(self.what.clone());
            match total {
                Some(total) => bar.set_length(total),
                None => bar.unset_length(),
            }
            bar.reset();
            bar.enable_steady_tick(Duration::from_millis(100));
        }
    }

    /// Counts `more`.
    pub(crate) fn advance(&mut self, more: u64) {
        self.done += more;
        match &mut self.shown {
            Shown::Bar(bar) => bar.inc(more),
            Shown::Lines { last } if last.elapsed() >= LINE_EVERY => {
                *last = Instant::now();
                eprintln!("{}", line(&self.what, self.unit, self.done, self.total));
            }
            Shown::Lines { .. } => {}
        }
    }

    /// Ends the pass; the bar goes, for the summary says the rest.
    pub(crate) fn finish(&mut self) {
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

fn style(unit: &str, has_total: bool) -> ProgressStyle {
    ProgressStyle::with_template(&template(unit, has_total)).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn template(unit: &str, has_total: bool) -> String {
    if has_total {
        format!("{{msg}} {{bar:30}} {{human_pos}} of {{human_len}} {unit}, {{eta}} left")
    } else {
        format!("{{msg}} {{spinner}} {{human_pos}} {unit}")
    }
}

fn line(what: &str, unit: &str, done: u64, total: Option<u64>) -> String {
    match total {
        Some(total) => format!("{what}: {} of {} {unit}", HumanCount(done), HumanCount(total)),
        None => format!("{what}: {} {unit}", HumanCount(done)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_how_far_it_is() {
        assert_eq!(line("checking a.csv", "rows", 1_500_000, None), "checking a.csv: 1,500,000 rows");
        assert_eq!(line("storing a.parquet", "points", 1, Some(8_640_000)), "storing a.parquet: 1 of 8,640,000 points");
    }

    #[test]
    fn every_template_is_valid() {
        for has_total in [true, false] {
            assert!(ProgressStyle::with_template(&template("rows", has_total)).is_ok());
        }
    }
}
