//! The colours that canvases need. The rest is in the page's stylesheet.

use btrdb_explorer::Rgb;

/// The colours of the canvases.
#[derive(Debug, PartialEq)]
pub struct Palette {
    /// What everything is drawn on.
    pub ground: Rgb,
    /// Words that matter, and what is derived from them: grid and hatch.
    pub text: Rgb,
    /// Words beside the axes.
    pub muted: Rgb,
    /// Lines of streams, told apart also by people who see fewer colours.
    pub series: [Rgb; 6],
    /// How opaque the band between minimum and maximum is.
    pub band_alpha: f32,
    /// How much more opaque it is within a standard deviation of the mean.
    pub spread_alpha: f32,
    /// How opaque grid lines are, in the colour of text.
    pub grid_alpha: f64,
    /// How opaque the hatch of what is not loaded is, in the colour of text.
    pub hatch_alpha: f32,
    /// How much darker the ground is outside of a stream's life, in black.
    pub outside_alpha: f64,
}

impl Palette {
    /// The colour of a stream, from its place among those on screen: after the last the first comes again.
    pub fn stream(&self, place: usize) -> Rgb {
        self.series[place % self.series.len()]
    }
}

/// On light ground.
pub const LIGHT: Palette = Palette {
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
    spread_alpha: 0.15,
    grid_alpha: 0.09,
    hatch_alpha: 0.16,
    outside_alpha: 0.035,
};

/// On dark ground.
pub const DARK: Palette = Palette {
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
    spread_alpha: 0.15,
    grid_alpha: 0.10,
    hatch_alpha: 0.16,
    outside_alpha: 0.28,
};
