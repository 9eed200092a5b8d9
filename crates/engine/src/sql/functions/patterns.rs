//! LIKE and regular expressions.

use std::{borrow::Cow, sync::Arc};

use regex::{Regex, RegexBuilder};
use rusqlite::{
    Connection,
    functions::{Context, FunctionFlags},
    types::Value,
};

use super::{Definition, bounded, check, failed};
use crate::sql::{
    value::{Cell, Outcome, boolean},
    work::Work,
};

/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 1_024;

/// The longest text that is held against a pattern, in bytes: an annotation's longest value fits. The time that a match
/// takes can grow with the product of both.
const MAX_SUBJECT: usize = 64 << 10;

/// How large a regular expression may become in memory, in bytes.
const MAX_REGEX: usize = 64 << 10;

pub(super) const STRICT: &[Definition] = &[
    ("pg_regexp_replace", 3, |args| replaced(args, "")),
    ("pg_regexp_replace", 4, |args| replaced(args, &args[3].text())),
];

/// One piece of a pattern of LIKE.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece {
    Char(char),
    /// `_`
    AnyChar,
    /// `%`
    Anything,
}

/// What a pattern was read into, kept from row to row.
enum Pattern {
    Like(Vec<Piece>),
    Regex(Regex),
}

/// A function over patterns: its name, whether it ignores case, and how it reads a pattern.
type Reader = fn(&Context<'_>, bool) -> Outcome<Pattern>;

pub(super) fn register(database: &Connection, flags: FunctionFlags, work: &Arc<Work>) -> rusqlite::Result<()> {
    let like: Reader = |context, ignores_case| read_like(context, ignores_case).map(Pattern::Like);
    let regex: Reader = |context, ignores_case| {
        let pattern = Cell::from(context.get_raw(1)).text();
        read_regex(&pattern, ignores_case).map(Pattern::Regex)
    };
    let all = [
        ("pg_like", 2, false, like),
        ("pg_like", 3, false, like),
        ("pg_ilike", 2, true, like),
        ("pg_ilike", 3, true, like),
        ("pg_regex", 2, false, regex),
        ("pg_iregex", 2, true, regex),
    ];
    for (name, arguments, ignores_case, read) in all {
        let work = Arc::clone(work);
        database.create_scalar_function(name, arguments, flags, move |context| {
            let cells: Vec<Cell<'_>> = (0..context.len()).map(|index| context.get_raw(index).into()).collect();
            check(&cells, &work)?;
            if cells.contains(&Cell::Null) {
                return Ok(Value::Null);
            }
            let subject = subject(cells[0]).map_err(failed)?;
            // An escape that is not constant would make another pattern of the same text.
            let kept = if context.len() == 2 { context.get_aux::<Pattern>(1)? } else { None };
            let pattern = match kept {
                Some(pattern) => pattern,
                None => context.set_aux(1, read(context, ignores_case).map_err(failed)?)?,
            };
            let is_match = match &*pattern {
                Pattern::Regex(regex) => regex.is_match(&subject),
                Pattern::Like(pieces) if ignores_case => is_like(&subject.to_lowercase(), pieces),
                Pattern::Like(pieces) => is_like(&subject, pieces),
            };
            Ok(boolean(is_match))
        })?;
    }
    Ok(())
}

fn subject(cell: Cell<'_>) -> Outcome<Cow<'_, str>> {
    let subject = cell.text();
    if subject.len() > MAX_SUBJECT {
        return Err(format!("a text of over {MAX_SUBJECT} bytes cannot be held against a pattern"));
    }
    Ok(subject)
}

fn check_pattern(pattern: &str) -> Outcome<()> {
    if pattern.len() > MAX_PATTERN {
        return Err(format!("a pattern has at most {MAX_PATTERN} bytes, this one has {}", pattern.len()));
    }
    Ok(())
}

fn read_like(context: &Context<'_>, ignores_case: bool) -> Outcome<Vec<Piece>> {
    let pattern = Cell::from(context.get_raw(1)).text();
    check_pattern(&pattern)?;
    let escape = if context.len() == 3 { Cell::from(context.get_raw(2)).text() } else { "\\".into() };
    let mut escapes = escape.chars();
    let (escape, None) = (escapes.next(), escapes.next()) else {
        return Err("ESCAPE takes one character, or none".to_owned());
    };
    let mut pieces = Vec::new();
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        let plain = match character {
            it if Some(it) == escape => rest.next().ok_or("a pattern must not end with its escape character")?,
            '_' => {
                pieces.push(Piece::AnyChar);
                continue;
            }
            '%' => {
                if pieces.last() != Some(&Piece::Anything) {
                    pieces.push(Piece::Anything);
                }
                continue;
            }
            it => it,
        };
        if ignores_case {
            pieces.extend(plain.to_lowercase().map(Piece::Char));
        } else {
            pieces.push(Piece::Char(plain));
        }
    }
    Ok(pieces)
}

/// Whether all of `text` is what the pieces say. Where a piece fails, only the last `%` takes one character more: an
/// earlier one has done its part, so the time is at most the product of both lengths.
fn is_like(text: &str, pieces: &[Piece]) -> bool {
    let (mut rest, mut piece) = (text.chars(), 0);
    let mut retry = None;
    loop {
        let mut next = rest.clone();
        match (pieces.get(piece), next.next()) {
            (Some(Piece::Anything), _) => {
                piece += 1;
                retry = Some((rest.clone(), piece));
            }
            (Some(Piece::AnyChar), Some(_)) => (rest, piece) = (next, piece + 1),
            (Some(Piece::Char(wanted)), Some(found)) if *wanted == found => (rest, piece) = (next, piece + 1),
            (None, None) => return true,
            _ => {
                let Some((mut from, after)) = retry.take() else { return false };
                if from.next().is_none() {
                    return false;
                }
                (rest, piece) = (from.clone(), after);
                retry = Some((from, after));
            }
        }
    }
}

fn read_regex(pattern: &str, ignores_case: bool) -> Outcome<Regex> {
    check_pattern(pattern)?;
    let mut builder = RegexBuilder::new(pattern);
    builder
        .case_insensitive(ignores_case)
        .dot_matches_new_line(true)
        .size_limit(MAX_REGEX)
        .dfa_size_limit(4 * MAX_REGEX);
    builder.build().map_err(|error| format!("the regular expression {pattern:?} is not allowed: {error}"))
}

/// `regexp_replace`: \1 to \9 stand for groups, \& for all that matched.
fn replaced(args: &[Cell<'_>], flags: &str) -> Outcome<Value> {
    if let Some(flag) = flags.chars().find(|flag| !"gi".contains(*flag)) {
        return Err(format!("the flag {flag:?} of regexp_replace is not offered; there are g and i"));
    }
    let (subject, with) = (subject(args[0])?, args[2].text());
    check_pattern(&with)?;
    let regex = read_regex(&args[1].text(), flags.contains('i'))?;
    let mut out = String::new();
    let mut past = 0;
    for found in regex.captures_iter(&subject).take(if flags.contains('g') { usize::MAX } else { 1 }) {
        let Some(all) = found.get(0) else { continue };
        out.push_str(&subject[past..all.start()]);
        past = all.end();
        let mut rest = with.chars();
        while let Some(character) = rest.next() {
            let group = match (character, rest.clone().next()) {
                ('\\', Some('&')) => Some(0),
                ('\\', Some(digit)) => digit.to_digit(10).map(|it| it as usize),
                _ => None,
            };
            match group {
                Some(group) => {
                    rest.next();
                    out.push_str(found.get(group).map_or("", |it| it.as_str()));
                }
                None => out.push(character),
            }
        }
        if out.len() > super::MAX_TEXT {
            break;
        }
    }
    out.push_str(&subject[past..]);
    bounded(out)
}

#[cfg(test)]
mod tests {
    use super::{Piece, is_like};

    #[test]
    fn patterns_match_whole_texts() {
        let pieces = |pattern: &str| -> Vec<Piece> {
            let piece = |it| match it {
                '%' => Piece::Anything,
                '_' => Piece::AnyChar,
                it => Piece::Char(it),
            };
            pattern.chars().map(piece).collect()
        };
        for (text, pattern, expected) in [
            ("", "", true),
            ("", "%", true),
            ("", "_", false),
            ("abc", "abc", true),
            ("abc", "ab", false),
            ("abc", "%c", true),
            ("abc", "a%", true),
            ("abc", "%b%", true),
            ("abc", "_b_", true),
            ("abc", "____", false),
            ("aXbXc", "%X%X%", true),
            ("aXb", "%X%X%", false),
            ("aab", "%ab", true),
            ("ßé", "_é", true),
            ("abab", "%ab", true),
            ("ababa", "%ab", false),
        ] {
            assert_eq!(is_like(text, &pieces(pattern)), expected, "{text:?} like {pattern:?}");
        }
    }
}
