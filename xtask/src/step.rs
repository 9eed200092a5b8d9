//! Saying what is being done, and how long it took.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::Result;

/// Runs `work` between a line that names it and a line with the time it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    say(&format!("{name} …"));
    let begun = Instant::now();
    let result = work()?;
    // Quick steps need no second line.
    if begun.elapsed() > Duration::from_secs(1) {
        say(&format!("{name}: done in {}", shown(begun.elapsed())));
    }
    Ok(result)
}

/// Prints `line` after the time since the start.
pub(crate) fn say(line: &str) {
    println!("[{:>7}] {line}", shown(since_start()));
}

/// The time since the first call, which `say` and so every step makes early.
pub(crate) fn since_start() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// `4.2 s` or `3 m 05 s`.
pub(crate) fn shown(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 100 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} m {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_to_read() {
        let check = |millis, expected: &str| assert_eq!(shown(Duration::from_millis(millis)), expected);
        check(0, "0.0 s");
        check(4_240, "4.2 s");
        check(99_900, "99.9 s");
        check(185_000, "3 m 05 s");
    }
}
