//! hstore, JSON and arrays.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use serde_json::{Map, Value as Json};

use super::{Definition, bounded};
use crate::{
    descriptor::Pairs,
    sql::value::{Cell, Outcome, boolean, invalid, json, text},
};

pub(super) const STRICT: &[Definition] = &[
    ("pg_hstore", 1, |args| Ok(json(&Json::Object(pairs(args[0])?)))),
    // For json_each, which reads text only.
    ("pg_pairs", 1, |args| Ok(text(Json::Object(pairs(args[0])?).to_string()))),
    ("pg_items", 1, |args| Ok(text(Json::Array(items(args[0])?).to_string()))),
    ("pg_array", 1, |args| Ok(json(&Json::Array(items(args[0])?)))),
    ("pg_get", 2, |args| get(args[0], args[1], false)),
    ("pg_get_text", 2, |args| get(args[0], args[1], true)),
    ("pg_exist", 2, |args| Ok(boolean(pairs(args[0])?.contains_key(&*args[1].text())))),
    ("pg_defined", 2, |args| Ok(boolean(pairs(args[0])?.get(&*args[1].text()).is_some_and(|it| !it.is_null())))),
    ("pg_exist_all", 2, |args| {
        let pairs = pairs(args[0])?;
        Ok(boolean(items(args[1])?.iter().all(|key| pairs.contains_key(&bare(key)))))
    }),
    ("pg_exist_any", 2, |args| {
        let pairs = pairs(args[0])?;
        Ok(boolean(items(args[1])?.iter().any(|key| pairs.contains_key(&bare(key)))))
    }),
    ("pg_contains", 2, |args| contains(args[0], args[1])),
    ("pg_contained", 2, |args| contains(args[1], args[0])),
    ("pg_akeys", 1, |args| Ok(json(&pairs(args[0])?.into_iter().map(|(key, _)| key).collect()))),
    ("pg_avals", 1, |args| Ok(json(&pairs(args[0])?.into_iter().map(|(_, value)| value).collect()))),
    ("pg_delete", 2, |args| without(args[0], args[1])),
    ("pg_slice", 2, |args| {
        let mut pairs = pairs(args[0])?;
        let keys: Vec<String> = items(args[1])?.iter().map(bare).collect();
        pairs.retain(|key, _| keys.contains(key));
        Ok(json(&Json::Object(pairs)))
    }),
    ("pg_slice_array", 2, |args| Ok(json(&values_of(args[0], args[1])?))),
    ("pg_concat", 2, |args| match (args[0], args[1]) {
        (Cell::Json(one @ [b'{', ..]), other) => {
            let mut merged = pairs(Cell::Json(one))?;
            merged.extend(pairs(other)?);
            Ok(json(&Json::Object(merged)))
        }
        (Cell::Json(one), other) => {
            let mut joined = items(Cell::Json(one))?;
            joined.extend(if let Cell::Json([b'[', ..]) = other { items(other)? } else { vec![other.json()?] });
            Ok(json(&Json::Array(joined)))
        }
        (one, other) => bounded(one.text().into_owned() + &other.text()),
    }),
    ("pg_minus", 2, |args| match (args[0], args[1]) {
        (Cell::Json(_), _) => without(args[0], args[1]),
        (Cell::Int(one), Cell::Int(other)) => {
            one.checked_sub(other).map(Value::Integer).ok_or_else(|| "integer out of range".to_owned())
        }
        (one, other) => Ok(Value::Real(one.real()? - other.real()?)),
    }),
    ("pg_cardinality", 1, |args| Ok(Value::Integer(items(args[0])?.len() as i64))),
    ("pg_array_length", 2, |args| match (items(args[0])?.len(), args[1].int()?) {
        (length @ 1.., 1) => Ok(Value::Integer(length as i64)),
        _ => Ok(Value::Null),
    }),
];

pub(super) const LENIENT: &[Definition] = &[
    ("pg_array_of", -1, |args| {
        let items: Outcome<Vec<Json>> = args.iter().map(|arg| arg.json()).collect();
        Ok(json(&Json::Array(items?)))
    }),
    ("pg_hstore", 2, |args| match args[0] {
        Cell::Null => Ok(Value::Null),
        key => {
            let value = if args[1] == Cell::Null { Json::Null } else { Json::String(args[1].text().into_owned()) };
            Ok(json(&Json::Object(Map::from_iter([(key.text().into_owned(), value)]))))
        }
    }),
];

/// Annotations as an hstore.
pub(super) fn hstore(annotations: &Pairs) -> Value {
    let pair = |(key, value): (&String, &Option<String>)| (key.clone(), value.clone().map_or(Json::Null, Json::String));
    json(&Json::Object(annotations.iter().map(pair).collect()))
}

/// The keys and values of an hstore, or of text that describes one.
fn pairs(cell: Cell<'_>) -> Outcome<Map<String, Json>> {
    match cell {
        Cell::Text(it) => read(it),
        other => match other.json()? {
            Json::Object(pairs) => Ok(pairs),
            other => Err(invalid("hstore", &other.to_string())),
        },
    }
}

/// The items of an array, or of text such as `{a,b}`.
pub(super) fn items(cell: Cell<'_>) -> Outcome<Vec<Json>> {
    match cell {
        Cell::Text(it) => {
            let inner = it.trim().strip_prefix('{').and_then(|inner| inner.strip_suffix('}'));
            let inner = inner.ok_or_else(|| invalid("array", it))?;
            let mut rest = Tokens(inner);
            let mut items = Vec::new();
            while !rest.0.trim_start().is_empty() {
                let (item, is_quoted) = rest.word().ok_or_else(|| invalid("array", it))?;
                let is_null = !is_quoted && item.eq_ignore_ascii_case("null");
                items.push(if is_null { Json::Null } else { Json::String(item) });
                if !rest.takes(",") && !rest.0.is_empty() {
                    return Err(invalid("array", it));
                }
            }
            Ok(items)
        }
        other => match other.json()? {
            Json::Array(items) => Ok(items),
            other => Err(invalid("array", &other.to_string())),
        },
    }
}

/// `->` and `->>`.
fn get(from: Cell<'_>, key: Cell<'_>, as_text: bool) -> Outcome<Value> {
    if let Cell::Json([b'[', ..]) = key {
        return Ok(json(&values_of(from, key)?));
    }
    let found = match (from.json()?, key) {
        (Json::Object(mut pairs), key) => pairs.remove(&*key.text()),
        (Json::Array(mut items), Cell::Int(index)) => {
            let index = if index < 0 { index + items.len() as i64 } else { index };
            usize::try_from(index).ok().filter(|index| *index < items.len()).map(|index| items.swap_remove(index))
        }
        (Json::String(it), key) => read(&it)?.remove(&*key.text()),
        _ => None,
    };
    Ok(match found {
        None | Some(Json::Null) => Value::Null,
        // In an hstore every value is text.
        Some(Json::String(it)) => text(it),
        Some(other) if as_text => text(other.to_string()),
        Some(other) => json(&other),
    })
}

fn values_of(from: Cell<'_>, keys: Cell<'_>) -> Outcome<Json> {
    let mut pairs = pairs(from)?;
    Ok(items(keys)?.iter().map(|key| pairs.remove(&bare(key)).unwrap_or_default()).collect())
}

fn contains(all: Cell<'_>, some: Cell<'_>) -> Outcome<Value> {
    if let Cell::Json([b'[', ..]) = all {
        let all = items(all)?;
        return Ok(boolean(items(some)?.iter().all(|item| all.contains(item))));
    }
    let (all, some) = (pairs(all)?, pairs(some)?);
    Ok(boolean(some.iter().all(|(key, value)| all.get(key) == Some(value))))
}

fn without(from: Cell<'_>, keys: Cell<'_>) -> Outcome<Value> {
    let mut rest = pairs(from)?;
    match keys {
        Cell::Text(key) => {
            rest.remove(key);
        }
        Cell::Json([b'[', ..]) => {
            for key in items(keys)? {
                rest.remove(&bare(&key));
            }
        }
        other => {
            let gone = pairs(other)?;
            rest.retain(|key, value| gone.get(key) != Some(value));
        }
    }
    Ok(json(&Json::Object(rest)))
}

/// An item without the quotes of JSON.
pub(super) fn bare(item: &Json) -> String {
    match item {
        Json::String(it) => it.clone(),
        other => other.to_string(),
    }
}

/// An hstore as PostgreSQL writes it, `"a"=>"1", "b"=>NULL`; arrays and other JSON as they are.
pub(super) fn shown(bytes: &[u8]) -> Outcome<String> {
    match Cell::Json(bytes).json()? {
        Json::Object(pairs) if pairs.values().all(|it| it.is_string() || it.is_null()) => {
            let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
            let pair = |(key, value): (&String, &Json)| {
                let value = value.as_str().map_or_else(|| "NULL".to_owned(), quoted);
                format!("{}=>{value}", quoted(key))
            };
            Ok(pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        other => Ok(bare(&other)),
    }
}

/// An hstore from text: `a=>1, "b c"=>NULL`.
fn read(source: &str) -> Outcome<Map<String, Json>> {
    let mut rest = Tokens(source);
    let mut pairs = BTreeMap::new();
    while !rest.0.trim_start().is_empty() {
        let pair = rest.word().filter(|_| rest.takes("=>")).and_then(|(key, _)| Some((key, rest.word()?)));
        let (key, (value, is_quoted)) = pair.ok_or_else(|| invalid("hstore", source))?;
        let is_null = !is_quoted && value.eq_ignore_ascii_case("null");
        // The first of several counts.
        pairs.entry(key).or_insert(if is_null { Json::Null } else { Json::String(value) });
        if !rest.takes(",") && !rest.0.is_empty() {
            return Err(invalid("hstore", source));
        }
    }
    Ok(pairs.into_iter().collect())
}

/// What is left to be read of an hstore or array in text form.
struct Tokens<'a>(&'a str);

impl Tokens<'_> {
    fn takes(&mut self, wanted: &str) -> bool {
        self.0 = self.0.trim_start();
        let rest = self.0.strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// A word and whether it stood in quotes.
    fn word(&mut self) -> Option<(String, bool)> {
        self.0 = self.0.trim_start();
        let is_quoted = self.0.starts_with('"');
        let mut word = String::new();
        let mut characters = self.0.char_indices();
        if is_quoted {
            characters.next();
        }
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => word.push(characters.next()?.1),
                '"' if is_quoted => {
                    self.0 = &self.0[at + 1..];
                    return Some((word, true));
                }
                ',' if !is_quoted => {
                    self.0 = &self.0[at..];
                    return Some((word.trim_end().to_owned(), false)).filter(|(word, _)| !word.is_empty());
                }
                '=' if !is_quoted && self.0[at..].starts_with("=>") => {
                    self.0 = &self.0[at..];
                    return Some((word.trim_end().to_owned(), false)).filter(|(word, _)| !word.is_empty());
                }
                it => word.push(it),
            }
        }
        self.0 = "";
        Some((word.trim_end().to_owned(), false)).filter(|(word, _)| !is_quoted && !word.is_empty())
    }
}
