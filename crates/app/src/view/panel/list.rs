//! The list below the search field: where it is scrolled to, and which line the keyboard is on.

use btrdb_explorer::{Row, scroll_to_row};
use leptos::html;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::SEARCH_ID;
use super::line::line_id;
use crate::browser;

/// The height of a row with a mouse and with fingers, in CSS pixels, as in `style.css`.
const ROW: f64 = 28.0;
const TOUCH_ROW: f64 = 44.0;

/// See the module.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) element: NodeRef<html::Div>,
    pub(super) scroll: RwSignal<f64>,
    pub(super) height: RwSignal<f64>,
    /// The height of a row.
    pub(super) row: f64,
    pub(super) current: RwSignal<usize>,
    pub(super) rows: Memo<Vec<Row>>,
}

impl List {
    /// Of these lines, scrolled to the top.
    pub(super) fn new(rows: Memo<Vec<Row>>) -> Self {
        Self {
            element: NodeRef::new(),
            scroll: RwSignal::new(0.0),
            height: RwSignal::new(0.0),
            row: if browser::media("(pointer: coarse)") { TOUCH_ROW } else { ROW },
            current: RwSignal::new(0),
            rows,
        }
    }

    /// Notes what is in sight, as long as the list is there.
    pub(super) fn look(self) {
        if let Some(element) = self.element.try_get_untracked().flatten() {
            self.scroll.try_set(f64::from(element.scroll_top()));
            self.height.try_set(f64::from(element.client_height()));
        }
    }

    /// From the field to the first line.
    pub(super) fn step_from_search(self, event: &KeyboardEvent) {
        if event.key() == "ArrowDown" {
            event.prevent_default();
            self.go(self.current.get_untracked());
        }
    }

    /// From line to line.
    pub(super) fn step(self, event: &KeyboardEvent) {
        let (current, page) = (self.current.get_untracked(), (self.height.get_untracked() / self.row) as usize);
        let to = match event.key().as_str() {
            "ArrowDown" => current + 1,
            "ArrowUp" if current == 0 => {
                event.prevent_default();
                return browser::focus(SEARCH_ID);
            }
            "ArrowUp" => current - 1,
            "PageDown" => current + page,
            "PageUp" => current.saturating_sub(page),
            "Home" => 0,
            "End" => usize::MAX,
            _ => return,
        };
        event.prevent_default();
        self.go(to);
    }

    /// Moves the keyboard to a line.
    fn go(self, to: usize) {
        let Some(last) = self.rows.with_untracked(Vec::len).checked_sub(1) else { return };
        let Some(element) = self.element.get_untracked() else { return };
        let to = to.min(last);
        self.current.set(to);
        let (scroll, height) = (f64::from(element.scroll_top()), f64::from(element.client_height()));
        element.set_scroll_top(scroll_to_row(to, scroll, height, self.row) as i32);
        self.look();
        // The line may only now come into being.
        browser::before_next_paint(move || browser::focus(&line_id(to)));
    }
}
