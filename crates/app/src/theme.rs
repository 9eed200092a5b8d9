//! Light and dark: the colours that canvases need, and the choice between them. The rest is in `style.css`.

use btrdb_explorer::Rgb;

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

/// The colours of the canvases.
#[derive(Debug, PartialEq)]
pub(crate) struct Palette {
    pub(crate) ground: Rgb,
    pub(crate) text: Rgb,
    pub(crate) muted: Rgb,
    /// Lines of streams, told apart also by people who see fewer colours.
    pub(crate) series: [Rgb; 6],
    /// How opaque the band between minimum and maximum is.
    pub(crate) band_alpha: f32,
    /// How opaque grid lines are, in the colour of text.
    pub(crate) grid_alpha: f64,
    /// How opaque the hatch of what is not loaded is, in the colour of text.
    pub(crate) hatch_alpha: f32,
    /// How much darker the ground is outside of a stream's life, in black.
    pub(crate) outside_alpha: f64,
}

const LIGHT: Palette = Palette {
    ground: [0xfc, 0xfc, 0xfa],
    text: [0x1b, 0x20, 0x27],
    muted: [0x5a, 0x63, 0x6e],
    series: [
        [0x0c, 0x32, 0x92],
        [0xbe, 0x39, 0x55],
        [0x42, 0x99, 0xb1],
        [0xcd, 0x80, 0x2c],
        [0x76, 0x59, 0xc1],
        [0x6f, 0x2c, 0x13],
    ],
    band_alpha: 0.22,
    grid_alpha: 0.09,
    hatch_alpha: 0.16,
    outside_alpha: 0.035,
};

const DARK: Palette = Palette {
    ground: [0x12, 0x16, 0x1c],
    text: [0xe6, 0xea, 0xf0],
    muted: [0x9a, 0xa5, 0xb1],
    series: [
        [0x6b, 0xbe, 0xf0],
        [0xff, 0xd4, 0x42],
        [0xfc, 0x7c, 0x91],
        [0x7a, 0x76, 0xe5],
        [0x8c, 0xfd, 0xec],
        [0xa3, 0x80, 0x02],
    ],
    band_alpha: 0.28,
    grid_alpha: 0.10,
    hatch_alpha: 0.16,
    outside_alpha: 0.28,
};
