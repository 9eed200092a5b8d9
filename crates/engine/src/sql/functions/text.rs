//! Text. Lengths and places count characters, as PostgreSQL does.

use rusqlite::types::Value;
use serde_json::Value as Json;

use super::{Definition, MAX_TEXT, bounded, pairs};
use crate::sql::value::{Cell, Outcome, boolean, json};

pub(super) const STRICT: &[Definition] = &[
    ("pg_lower", 1, |args| bounded(args[0].text().to_lowercase())),
    ("pg_upper", 1, |args| bounded(args[0].text().to_uppercase())),
    ("pg_length", 1, |args| Ok(Value::Integer(args[0].text().chars().count() as i64))),
    ("pg_octet_length", 1, |args| Ok(Value::Integer(args[0].text().len() as i64))),
    ("pg_reverse", 1, |args| bounded(args[0].text().chars().rev().collect::<String>())),
    ("pg_starts_with", 2, |args| Ok(boolean(args[0].text().starts_with(&*args[1].text())))),
    ("pg_strpos", 2, |args| {
        let (text, part) = (args[0].text(), args[1].text());
        Ok(Value::Integer(text.find(&*part).map_or(0, |at| text[..at].chars().count() as i64 + 1)))
    }),
    ("pg_substring", 2, |args| substring(args[0], args[1].int()?, i64::MAX)),
    ("pg_substring", 3, |args| match args[2].int()? {
        length if length >= 0 => substring(args[0], args[1].int()?, length),
        _ => Err("a part of a text must not have a negative length".to_owned()),
    }),
    ("pg_left", 2, |args| {
        let (text, count) = (args[0].text(), args[1].int()?);
        bounded(text.chars().take(up_to(&text, count)).collect::<String>())
    }),
    ("pg_right", 2, |args| {
        let (text, count) = (args[0].text(), args[1].int()?);
        let skipped = text.chars().count() - up_to(&text, count);
        bounded(text.chars().skip(skipped).collect::<String>())
    }),
    ("pg_btrim", -1, |args| trimmed(args, true, true)),
    ("pg_ltrim", -1, |args| trimmed(args, true, false)),
    ("pg_rtrim", -1, |args| trimmed(args, false, true)),
    ("pg_lpad", -1, |args| padded(args, true)),
    ("pg_rpad", -1, |args| padded(args, false)),
    ("pg_replace", 3, |args| {
        let (text, from, to) = (args[0].text(), args[1].text(), args[2].text());
        if from.is_empty() {
            return bounded(text);
        }
        let found = text.matches(&*from).count();
        if text.len() + found * to.len() > MAX_TEXT + found * from.len() {
            return Err(format!("a text has more than {MAX_TEXT} bytes"));
        }
        bounded(text.replace(&*from, &to))
    }),
    ("pg_split_part", 3, |args| {
        let (text, separator, place) = (args[0].text(), args[1].text(), args[2].int()?);
        let parts: Vec<&str> = if separator.is_empty() { vec![&text] } else { text.split(&*separator).collect() };
        let index = match place {
            0 => return Err("parts are counted from 1, or from −1 at the end".to_owned()),
            1.. => usize::try_from(place - 1).ok(),
            _ => usize::try_from(place.unsigned_abs()).ok().and_then(|back| parts.len().checked_sub(back)),
        };
        bounded(index.and_then(|index| parts.get(index)).copied().unwrap_or_default())
    }),
    ("pg_array_to_string", 2, |args| {
        let items = pairs::items(args[0])?;
        let shown = items.iter().filter(|item| !item.is_null()).map(pairs::bare).collect::<Vec<_>>();
        bounded(shown.join(&*args[1].text()))
    }),
    ("pg_string_to_array", 2, |args| {
        let (text, separator) = (args[0].text(), args[1].text());
        let parts: Vec<&str> = match (&*text, &*separator) {
            ("", _) => Vec::new(),
            (text, "") => vec![text],
            (text, separator) => text.split(separator).collect(),
        };
        Ok(json(&Json::from(parts)))
    }),
];

pub(super) const LENIENT: &[Definition] = &[
    ("pg_concat_all", -1, |args| {
        let parts: Vec<_> = args.iter().map(|arg| arg.text()).collect();
        bounded(parts.concat())
    }),
    ("pg_concat_ws", -1, |args| {
        let Some((separator, parts)) = args.split_first().filter(|(separator, _)| **separator != Cell::Null) else {
            return Ok(Value::Null);
        };
        let parts: Vec<_> = parts.iter().filter(|part| **part != Cell::Null).map(|part| part.text()).collect();
        bounded(parts.join(&*separator.text()))
    }),
];

/// From character `from` on, the first being 1; what would lie before it counts towards the length.
fn substring(cell: Cell<'_>, from: i64, length: i64) -> Outcome<Value> {
    let past = from.saturating_add(length).max(1);
    let from = from.max(1);
    let text = cell.text();
    let (skipped, taken) = ((from - 1) as usize, past.saturating_sub(from).max(0) as usize);
    bounded(text.chars().skip(skipped).take(taken).collect::<String>())
}

/// How many characters `count` means: below zero, all but so many.
fn up_to(text: &str, count: i64) -> usize {
    let all = text.chars().count();
    if count >= 0 { all.min(count as usize) } else { all.saturating_sub(count.unsigned_abs() as usize) }
}

fn trimmed(args: &[Cell<'_>], start: bool, end: bool) -> Outcome<Value> {
    let text = args[0].text();
    let characters = args.get(1).map_or(" ".into(), |arg| arg.text());
    // Each character of the text is looked up among these.
    if characters.len() > 256 {
        return Err("at most 256 bytes of characters can be trimmed".to_owned());
    }
    let is_trimmed = |character: char| characters.contains(character);
    let text = if start { text.trim_start_matches(is_trimmed) } else { &text };
    bounded(if end { text.trim_end_matches(is_trimmed) } else { text })
}

fn padded(args: &[Cell<'_>], before: bool) -> Outcome<Value> {
    let (text, wanted) = (args[0].text(), args[1].int()?.max(0) as usize);
    let filler = args.get(2).map_or(" ".into(), |arg| arg.text());
    if wanted > MAX_TEXT {
        return Err(format!("a text has more than {MAX_TEXT} bytes"));
    }
    let missing = wanted.saturating_sub(text.chars().count());
    let padding: String = filler.chars().cycle().take(missing).collect();
    let text: String = text.chars().take(wanted).collect();
    bounded(if before { padding + &text } else { text + &padding })
}
