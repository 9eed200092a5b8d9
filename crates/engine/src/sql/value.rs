//! PostgreSQL's kinds of values in SQLite's.
//!
//! SQLite has no booleans, hstores, JSON or arrays, and nothing else of ours needs its BLOBs: hstores, JSON and arrays are
//! BLOBs that hold JSON, so a value is known for what it is however many subqueries it went through. A boolean that
//! leaves an expression is a BLOB too, one that SQLite takes for true or false where a condition stands.

use std::borrow::Cow;

use rusqlite::types::{Value, ValueRef};
use serde_json::Value as Json;

/// A BLOB counts as the number that it starts with.
pub(super) const TRUE: &[u8] = b"1t";
pub(super) const FALSE: &[u8] = b"0f";

/// A value as a function of ours sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(&'a str),
    /// An hstore, JSON or an array, as JSON.
    Json(&'a [u8]),
}

/// What went wrong in a function, for the caller to read.
pub(super) type Outcome<T> = Result<T, String>;

impl<'a> From<ValueRef<'a>> for Cell<'a> {
    fn from(value: ValueRef<'a>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(it) => Self::Int(it),
            ValueRef::Real(it) => Self::Real(it),
            // All text comes from strings of ours; a function of SQLite's that cuts them does so between characters.
            ValueRef::Text(it) => std::str::from_utf8(it).map_or(Self::Null, Self::Text),
            ValueRef::Blob(TRUE) => Self::Bool(true),
            ValueRef::Blob(FALSE) => Self::Bool(false),
            ValueRef::Blob(it) => Self::Json(it),
        }
    }
}

impl<'a> Cell<'a> {
    /// As text, the way a cast to text shows it.
    pub(super) fn text(self) -> Cow<'a, str> {
        match self {
            Self::Null => Cow::Borrowed(""),
            Self::Bool(it) => Cow::Borrowed(if it { "true" } else { "false" }),
            Self::Int(it) => Cow::Owned(it.to_string()),
            Self::Real(it) => Cow::Owned(it.to_string()),
            Self::Text(it) => Cow::Borrowed(it),
            Self::Json(it) => Cow::Owned(String::from_utf8_lossy(it).into_owned()),
        }
    }

    pub(super) fn int(self) -> Outcome<i64> {
        match self {
            Self::Int(it) => Ok(it),
            Self::Bool(it) => Ok(i64::from(it)),
            Self::Real(it) => rounded(it).ok_or_else(|| format!("{it} is out of range for an integer")),
            Self::Text(it) => it.trim().parse().ok().ok_or_else(|| invalid("integer", it)),
            Self::Json(it) => match parsed(it)? {
                Json::Number(it) => it.as_f64().and_then(rounded).ok_or_else(|| invalid("integer", &it.to_string())),
                other => Err(invalid("integer", &other.to_string())),
            },
            Self::Null => Err("NULL is no integer".into()),
        }
    }

    pub(super) fn real(self) -> Outcome<f64> {
        match self {
            Self::Int(it) => Ok(it as f64),
            Self::Real(it) => Ok(it),
            Self::Text(it) => it.trim().parse().ok().ok_or_else(|| invalid("number", it)),
            Self::Json(it) => parsed(it)?.as_f64().ok_or_else(|| invalid("number", &String::from_utf8_lossy(it))),
            other => Err(format!("{other:?} is no number")),
        }
    }

    pub(super) fn json(self) -> Outcome<Json> {
        Ok(match self {
            Self::Null => Json::Null,
            Self::Bool(it) => Json::Bool(it),
            Self::Int(it) => Json::from(it),
            Self::Real(it) => Json::from(it),
            Self::Text(it) => Json::String(it.to_owned()),
            Self::Json(it) => parsed(it)?,
        })
    }
}

/// To the nearest integer, of two as near to the even one, as PostgreSQL casts.
fn rounded(real: f64) -> Option<i64> {
    let rounded = real.round_ties_even();
    // The limits are exact as floats: −2^63 is inside, 2^63 is not.
    (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&rounded).then_some(rounded as i64)
}

pub(super) fn invalid(kind: &str, text: &str) -> String {
    format!("invalid input for type {kind}: {text:?}")
}

fn parsed(bytes: &[u8]) -> Outcome<Json> {
    serde_json::from_slice(bytes).map_err(|error| format!("no JSON: {error}"))
}

pub(super) fn boolean(it: bool) -> Value {
    Value::Blob(if it { TRUE } else { FALSE }.to_vec())
}

pub(super) fn text(it: impl Into<String>) -> Value {
    Value::Text(it.into())
}

/// A JSON value that stays JSON.
pub(super) fn json(it: &Json) -> Value {
    Value::Blob(it.to_string().into_bytes())
}
