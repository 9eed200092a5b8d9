//! What can be done by its name. Most of it is a key as well, and does what that key does.

use leptos::prelude::*;

use crate::explorer::{Explorer, Popover};
use crate::{keys, session};

/// One of the things.
#[derive(Clone, Copy)]
pub(crate) struct Command {
    pub(crate) name: &'static str,
    act: Act,
}

#[derive(Clone, Copy)]
enum Act {
    /// What this key does.
    Press(&'static str),
    /// What this key does together with the shift key.
    PressShifted(&'static str),
    Call(fn(Explorer)),
}

use Act::{Call, Press, PressShifted};

/// All of them, those that are wanted most often first.
const COMMANDS: [Command; 28] = [
    of("Show all data", Press("F")),
    of("Go to a time or a range", Press("G")),
    of("Follow the newest data", Press("L")),
    of("Next gap", Press("]")),
    of("Previous gap", Press("[")),
    of("Find streams", Press("/")),
    of("Show or hide the list of streams", Press("\\")),
    of("Zoom in", Press("W")),
    of("Zoom out", Press("S")),
    of("Earlier", Press("A")),
    of("Later", Press("D")),
    of("Much earlier", PressShifted("A")),
    of("Much later", PressShifted("D")),
    of("Mark the time at the pointer, or in the middle", Press("M")),
    of("Wipe the marks", Press("Esc")),
    of("Copy the range", Press("T")),
    of("Go to the range copied", PressShifted("T")),
    of("Save the lanes in sight as a picture", Press("P")),
    of("Values as the data are", Press("Y")),
    of("Zoom the values in", Press("I")),
    of("Zoom the values out", Press("K")),
    of("Standard deviation as a second band", Press("B")),
    of("Undo", Press("Z")),
    of("Redo", PressShifted("Z")),
    of(
        "Colours: light, dark or as the system has them",
        Call(|explorer| explorer.set_theme(explorer.theme.get_untracked().next())),
    ),
    of("Load the list of streams again", Call(session::list_again)),
    of("Connect to another server", Call(|explorer| explorer.toggle(Popover::Connect))),
    of("Keys and gestures", Press("?")),
];

const fn of(name: &'static str, act: Act) -> Command {
    Command { name, act }
}

impl Command {
    /// Its keys, if it has some, as the help writes them.
    pub(crate) fn keys(&self) -> Vec<&'static str> {
        match self.act {
            Press(key) => vec![key],
            PressShifted(key) => vec!["Shift", key],
            Call(_) => Vec::new(),
        }
    }

    pub(crate) fn run(&self, explorer: Explorer) {
        match self.act {
            Press(key) => drop(keys::press(explorer, key, false, None)),
            PressShifted(key) => drop(keys::press(explorer, key, true, None)),
            Call(act) => act(explorer),
        }
    }
}

/// The commands whose names have all words of `query` in them, those first in which a word begins with the first of these.
pub(crate) fn find(query: &str) -> Vec<Command> {
    let query = query.to_lowercase();
    let words: Vec<_> = query.split_whitespace().collect();
    let begins = |name: &str| words.first().is_some_and(|word| name.split(' ').any(|part| part.starts_with(word)));
    let mut found: Vec<_> = COMMANDS
        .into_iter()
        .map(|command| (command.name.to_lowercase(), command))
        .filter(|(name, _)| words.iter().all(|word| name.contains(word)))
        .collect();
    found.sort_by_key(|(name, _)| !begins(name));
    found.into_iter().map(|(_, command)| command).collect()
}
