//! The rows of `docs/parity.md` that read or write, and which of them the cases use.

use std::collections::{BTreeSet, HashSet};

use crate::cases::Plan;

/// The tables whose rows must be covered, as their headings have them, and what their names begin with here.
const TABLES: [(&str, &str); 4] =
    [("## `BTrDB`", "BTrDB."), ("## `Stream`", "Stream."), ("## `StreamSet`", "StreamSet."), ("## Time", "time.")];

/// What is wrong between the rows of `page` and the steps of `plan`: rows that no step uses and that are not excused,
/// and excuses that are none.
pub(crate) fn uncovered(page: &str, plan: &Plan) -> Vec<String> {
    let rows = rows(page);
    for (heading, prefix) in TABLES {
        assert!(rows.iter().any(|row| row.starts_with(prefix)), "docs/parity.md has no table under {heading}");
    }
    let used = used(plan);
    let mut wrong: Vec<String> = rows
        .iter()
        .filter(|row| !used.contains(*row))
        .filter(|row| !plan.not_covered.contains_key(*row))
        .cloned()
        .collect();
    let needless = plan.not_covered.keys().filter(|row| used.contains(*row) || !rows.contains(*row));
    wrong.extend(needless.map(|row| format!("{row}, which is excused, but is covered or does not exist")));
    wrong
}

fn rows(page: &str) -> BTreeSet<String> {
    let mut rows = BTreeSet::new();
    let mut prefix = None;
    for line in page.lines() {
        if line.starts_with("## ") {
            let table = TABLES.iter().find(|(heading, _)| line.starts_with(heading));
            prefix = table.map(|(_, prefix)| *prefix);
        }
        if let (Some(prefix), Some(row)) = (prefix, line.strip_prefix("| `")) {
            let name = row.split('`').next().unwrap_or_default();
            rows.insert(format!("{prefix}{name}"));
        }
    }
    rows
}

/// Every row that a step is about: the call of the same name, and those that made the set that it is made of.
fn used(plan: &Plan) -> HashSet<String> {
    let mut used = HashSet::new();
    for case in &plan.cases {
        let mut sets: HashSet<&str> = case.sets.keys().map(String::as_str).collect();
        for step in &case.steps {
            let does = step.does.as_str();
            if does == "streams" {
                sets.extend(step.args.get("as").and_then(|name| name.as_str()));
            }
            used.insert(match step.target.as_str() {
                "db" => format!("BTrDB.{does}"),
                "time" => format!("time.{does}"),
                set if sets.contains(set) => format!("StreamSet.{does}"),
                _ if does == "create" => "BTrDB.create".to_owned(),
                _ => format!("Stream.{does}"),
            });
        }
    }
    used
}
