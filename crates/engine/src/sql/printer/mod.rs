//! A query of PostgreSQL, written anew for SQLite. Whatever has no printer here is refused.

mod calls;
mod expressions;
mod kinds;
mod names;
mod queries;
mod tables;

use std::collections::{HashMap, HashSet};

use sqlparser::ast::{Ident, ObjectName, Query};

use super::{bad, too_much};
use crate::{Error, Result};

/// The columns of `streams`, in the order in which `*` shows them.
pub(super) const COLUMNS: [&str; 8] =
    ["uuid", "collection", "name", "unit", "ingress", "distiller", "property_version", "annotations"];

/// How often one statement may name `streams`: the time to plan a join grows fast with its tables.
const MAX_SCANS: usize = 16;

/// A statement that is ready to run.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) sql: String,
    /// The largest n of all `$n`.
    pub(super) params: usize,
    /// How often `streams` is read.
    pub(super) scans: usize,
    names: HashSet<String>,
    mentions_all: bool,
}

impl Statement {
    /// Whether the column is looked at. There is always one.
    pub(super) fn mentions(&self, column: &str) -> bool {
        self.mentions_all
            || self.names.contains(column)
            || column == COLUMNS[0] && !COLUMNS.iter().any(|name| self.names.contains(*name))
    }
}

pub(super) fn print(query: &Query) -> Result<Statement> {
    let mut printer = Printer::default();
    printer.query(query)?;
    Ok(Statement {
        sql: printer.out,
        params: printer.params,
        scans: printer.scans,
        names: printer.names,
        mentions_all: printer.mentions_all,
    })
}

#[derive(Debug, Default)]
struct Printer {
    out: String,
    params: usize,
    scans: usize,
    /// All names that occur, whatever they name.
    names: HashSet<String>,
    mentions_all: bool,
    /// The names that `WITH` gave, one list for each query around this place.
    tables: Vec<Vec<String>>,
    /// One for each SELECT around this place.
    scopes: Vec<Scope>,
    /// How many joins were made for functions that return several rows.
    joins: usize,
}

/// What a SELECT brings into view.
#[derive(Debug, Default)]
struct Scope {
    /// Columns that are called something else in SQLite.
    renamed: HashMap<String, String>,
    /// What `*` means, where it is not what SQLite takes it for.
    wildcard: Vec<String>,
    has_functions: bool,
    /// Joins for functions in the select list, by argument.
    joins: Vec<(String, String)>,
    is_select_list: bool,
}

impl Printer {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// What `print` prints, instead of printing it.
    fn captured(&mut self, print: impl FnOnce(&mut Self) -> Result<()>) -> Result<String> {
        let before = std::mem::take(&mut self.out);
        let result = print(self);
        let printed = std::mem::replace(&mut self.out, before);
        result.map(|()| printed)
    }

    fn list<T>(&mut self, items: &[T], mut print: impl FnMut(&mut Self, &T) -> Result<()>) -> Result<()> {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            print(self, item)?;
        }
        Ok(())
    }

    /// A name in quotes, folded as PostgreSQL folds it.
    fn name(&mut self, ident: &Ident) -> String {
        let name = folded(ident);
        let out = quoted(&name);
        self.names.insert(name);
        out
    }
}

fn folded(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The parts of a dotted name.
fn parts(name: &ObjectName) -> Result<Vec<&Ident>> {
    name.0.iter().map(|part| part.as_ident().ok_or_else(|| refused(name))).collect()
}

fn refused(what: impl std::fmt::Display) -> Error {
    // What is refused may be as long as a statement.
    let what: String = what.to_string().chars().take(100).collect();
    bad(format!("`{what}` is not offered here"))
}

/// Refuses `clause` if it is there.
fn none_of(is_there: bool, clause: &str) -> Result<()> {
    if is_there { Err(refused(clause)) } else { Ok(()) }
}
