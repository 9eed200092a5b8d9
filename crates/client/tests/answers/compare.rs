//! Which answers are not as they should be.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::cases::{Plan, Step};
use crate::runners::{PYTHON, RUST};

/// What a runner answered, by case and step.
pub(crate) type Answers = HashMap<(usize, usize), Value>;

/// A text for each step in which a runner answered something else than it should: what the case says, or else what the
/// official client answers.
pub(crate) fn differences(plan: &Plan, answers: &[(&'static str, Answers)]) -> Vec<String> {
    let python = answers.iter().find(|(name, _)| *name == PYTHON).map(|(_, all)| all).expect("Python answers");
    let mut differences = Vec::new();
    for (case_number, case) in plan.cases.iter().enumerate() {
        for (step_number, step) in case.steps.iter().enumerate() {
            let place = (case_number, step_number);
            let others = answers.iter().filter(|(runner, _)| *runner != PYTHON || !step.expected.not_by_python);
            let wrong = others.filter_map(|(runner, all)| {
                let (found, expected) = (all.get(&place), expected(plan, step, runner, python.get(&place)));
                let is_right =
                    found.is_some() && (found == expected.as_ref() || expected.is_none() && *runner == PYTHON);
                (!is_right).then(|| {
                    let [found, expected] = side_by_side(found, expected.as_ref());
                    format!("  {runner:<8} {found}\n  expected {expected}")
                })
            });
            let mut texts: Vec<String> = wrong.collect();
            if step.expected.is_no_difference() {
                texts.push("  a reason for a difference that is none".to_owned());
            }
            if !texts.is_empty() {
                differences.push(format!("{}: {}\n{}", case.title, call(step), texts.join("\n")));
            }
        }
    }
    differences
}

/// What `runner` should answer; `None` where anything will do.
fn expected(plan: &Plan, step: &Step, runner: &str, python: Option<&Value>) -> Option<Value> {
    let said = &step.expected;
    let ours = match runner {
        PYTHON => return said.python.clone(),
        RUST => said.ours.as_ref(),
        _ => said.js.as_ref().or(said.ours.as_ref()),
    };
    ours.cloned().or_else(|| {
        let error = python?.get("error").and_then(Value::as_str);
        let here = error.and_then(|class| plan.called_here.get(class));
        here.map_or_else(|| python.cloned(), |class| Some(json!({ "error": class })))
    })
}

fn call(step: &Step) -> String {
    let args = Value::Object(step.args.clone()).to_string();
    format!("{}.{}{}", step.target, step.does, part(&args, 0, 300))
}

/// Two answers for people, if long ones only from a little before they part.
fn side_by_side(found: Option<&Value>, expected: Option<&Value>) -> [String; 2] {
    let text = |answer: Option<&Value>| answer.map_or_else(|| "nothing".to_owned(), Value::to_string);
    let (found, expected) = (text(found), text(expected));
    let common = found.chars().zip(expected.chars()).take_while(|(one, other)| one == other).count();
    let start = if common > 200 { common - 60 } else { 0 };
    [part(&found, start, 600), part(&expected, start, 600)]
}

fn part(text: &str, start: usize, length: usize) -> String {
    let mut rest = text.chars().skip(start);
    let part: String = rest.by_ref().take(length).collect();
    let [before, after] = [start > 0, rest.next().is_some()].map(|is_cut| if is_cut { "…" } else { "" });
    format!("{before}{part}{after}")
}
