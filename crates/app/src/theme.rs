//! The choice between light and dark. The colours are in `style.css` and, for canvases, in `btrdb-paint`.

use btrdb_paint::{DARK, LIGHT, Palette};

use crate::browser::{self, Store};

const KEY: &str = "btrdb-theme";
/// The media query that tells what the system prefers.
pub(crate) const PREFERS_DARK: &str = "(prefers-color-scheme: dark)";

/// What the user has chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ThemeChoice {
    /// As the system prefers.
    #[default]
    System,
    Light,
    Dark,
}

impl ThemeChoice {
    /// The choice of an earlier visit.
    pub(crate) fn stored() -> Self {
        match Store::Local.get(KEY).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// Remembers the choice and colours the page by it.
    pub(crate) fn apply(self) {
        let name = match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        };
        Store::Local.set(KEY, name);
        browser::set_root_attribute("data-theme", if self.is_dark() { "dark" } else { "light" });
    }

    /// The next choice of the switch.
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Its name on the switch.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::System => "as the system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(crate) fn palette(self) -> &'static Palette {
        if self.is_dark() { &DARK } else { &LIGHT }
    }

    fn is_dark(self) -> bool {
        match self {
            Self::System => browser::media(PREFERS_DARK),
            Self::Light => false,
            Self::Dark => true,
        }
    }
}
