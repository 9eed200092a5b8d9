//! Which answers are not as they should be.

use std::collections::HashMap;

use serde_json::Value;

use crate::cases::{Plan, Step};
use crate::runners::PYTHON;

/// What a runner answered, by case and step.
pub(crate) type Answers = HashMap<(usize, usize), Value>;

/// A text for each step in which a runner answered something else than it should: what the case says, or else what the
/// official client answers.
pub(crate) fn differences(plan: &Plan, answers: &[(&'static str, Answers)]) -> Vec<String> {
    let mut differences = Vec::new();
    for (case_number, case) in plan.cases.iter().enumerate() {
        for (step_number, step) in case.steps.iter().enumerate() {
            let place = (case_number, step_number);
            let of =
                |runner: &str| answers.iter().find(|(name, _)| *name == runner).and_then(|(_, all)| all.get(&place));
            let mut texts = Vec::new();
            for (runner, all) in answers {
                let found = all.get(&place);
                let is_python = *runner == PYTHON;
                if is_python && step.expected.not_by_python {
                    continue;
                }
                let said = if is_python { &step.expected.python } else { &step.expected.ours };
                let expected = said.as_ref().or_else(|| if is_python { found } else { of(PYTHON) });
                if found.is_none() || found != expected {
                    texts.push(format!("  {runner:<8} {}\n  expected {}", shown(found), shown(expected)));
                }
            }
            let is_idle = step.expected.because.is_some() && step.expected.python == step.expected.ours;
            if is_idle {
                texts.push("  a reason for a difference that is none".to_owned());
            }
            if !texts.is_empty() {
                differences.push(format!("{}: {}\n{}", case.title, call(step), texts.join("\n")));
            }
        }
    }
    differences
}

fn call(step: &Step) -> String {
    let args = shown(Some(&Value::Object(step.args.clone())));
    format!("{}.{}{args}", step.target, step.does)
}

/// An answer for people, if a long one only in part.
fn shown(answer: Option<&Value>) -> String {
    let text = answer.map_or_else(|| "nothing".to_owned(), Value::to_string);
    match text.char_indices().nth(1_500) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text,
    }
}
