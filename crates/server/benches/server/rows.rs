//! What was measured: a table for people and JSON for comparisons over time.

use std::{path::PathBuf, time::Duration};

use serde_json::{Value, json};

#[derive(Debug, Default)]
pub(crate) struct Rows(Vec<Value>);

/// The median and the 95th and 99th percentile of some measurements.
pub(crate) fn percentile(measured: &mut [f64], share: f64) -> f64 {
    measured.sort_by(f64::total_cmp);
    measured[((measured.len() - 1) as f64 * share).round() as usize]
}

pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

impl Rows {
    #[allow(clippy::unused_self, reason = "what is said belongs to what is measured")]
    pub(crate) fn say(&self, what: &str) {
        eprintln!("measuring {what}");
    }

    /// One figure of ours.
    pub(crate) fn ours(&mut self, case: &str, metric: &str, mut measured: Vec<f64>) {
        let runs = measured.len();
        let [median, p95, p99] = [0.5, 0.95, 0.99].map(|share| percentile(&mut measured, share));
        self.add(json!({
            "case": case, "metric": metric, "who": "ours", "version": env!("CARGO_PKG_VERSION"),
            "median": median, "p95": p95, "p99": p99, "runs": runs,
        }));
    }

    pub(crate) fn add(&mut self, row: Value) {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        let number = |key: &str| row[key].as_f64().map_or_else(String::new, |number| format!("{number:.3}"));
        let (case, metric, who) = (text("case"), text("metric"), text("who"));
        println!(
            "{case:<44} {metric:<22} {who:<18} {:>14} {:>12} {:>12}",
            number("median"),
            number("p95"),
            number("p99")
        );
        self.0.push(row);
    }

    /// The median of ours for `case` and `metric`.
    pub(crate) fn of_ours(&self, case: &Value, metric: &Value) -> Option<f64> {
        let row = self.0.iter().find(|row| row["who"] == "ours" && row["case"] == *case && row["metric"] == *metric)?;
        row["median"].as_f64()
    }

    pub(crate) fn finish(self) {
        if let Some(file) = std::env::var_os("BENCH_OUT").map(PathBuf::from) {
            std::fs::write(file, serde_json::to_string_pretty(&self.0).unwrap()).unwrap();
        }
    }
}
