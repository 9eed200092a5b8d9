//! `docs/parity.md` counts every public name of the official Python library, and names no test that does not exist.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// How many public names the library has: of connecting, of `BTrDB`, `Stream` and `StreamSet`, of points, exceptions, and
/// time.
const NAMES: [usize; 7] = [1, 11, 27, 31, 8, 22, 5];

#[test]
fn every_name_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("../../docs/parity.md")).unwrap();
    let mut tests = HashSet::new();
    for folder in ["src", "tests"] {
        collect_functions(&root.join(folder), &mut tests);
    }
    let mut titles = HashSet::new();
    for path in ["../../tests/node", "../../tests/e2e/client.test.js"] {
        collect_titles(&root.join(path), &mut titles);
    }
    let mut counts = Vec::new();
    for line in page.lines() {
        if line.starts_with("| Python |") {
            counts.push(0);
        }
        let Some(row) = line.strip_prefix("| `") else { continue };
        *counts.last_mut().unwrap() += 1;
        let cells: Vec<&str> = row.trim_end_matches(" |").split('|').map(str::trim).collect();
        let &[.., in_rust, in_javascript] = cells.as_slice() else { panic!("too few cells: {line}") };
        for (cell, known) in [(in_rust, &tests), (in_javascript, &titles)] {
            for name in cell.split(", ").map(|name| name.trim_matches('`')) {
                assert!(known.contains(name), "{name:?} is no test: {line}");
            }
        }
    }
    assert_eq!(counts, NAMES);
}

/// The titles of the tests in the JavaScript file at `path`, or in those of the folder.
fn collect_titles(path: &Path, titles: &mut HashSet<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect_titles(&entry.unwrap().path(), titles);
        }
    } else if path.extension().is_some_and(|extension| extension == "js") {
        let text = fs::read_to_string(path).unwrap();
        let found = text.lines().filter_map(|line| line.strip_prefix("test(\"")?.split_once('"'));
        titles.extend(found.map(|(title, _)| title.to_owned()));
    }
}

fn collect_functions(folder: &Path, names: &mut HashSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_functions(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let functions = text.lines().filter_map(|line| line.split_once("fn ")?.1.split_once('('));
            names.extend(functions.map(|(name, _)| name.to_owned()));
        }
    }
}
