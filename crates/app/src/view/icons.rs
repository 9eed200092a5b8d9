//! Small drawings for buttons. Each button that has one also has a name.

use leptos::prelude::*;

/// A drawing of 16 by 16 units in strokes.
#[derive(Clone, Copy)]
pub(crate) enum Icon {
    Arrow,
    Close,
    Fit,
    Help,
    Key,
    Lines,
    Live,
    Lock,
    Minus,
    Plus,
    Redo,
    Sigma,
    Solo,
    Theme,
    Undo,
    Wave,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Arrow => "M6 3l5 5-5 5",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Fit => "M2 3v10M14 3v10M5 8h6M7 6L5 8l2 2M9 6l2 2-2 2",
            Self::Help => {
                "M6 6a2 2 0 1 1 2.6 1.9c-.4.150-.6.5-.6 1.1v.5M8 12v.3M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13"
            }
            Self::Key => "M6.5 9.5L13.5 2.5M11 5l2 2M5 8a3 3 0 1 0 0 6a3 3 0 1 0 0-6",
            Self::Lines => "M2.5 4h11M2.5 8h11M2.5 12h11",
            Self::Live => "M2 8h3l1.5-4 3 8L11 8M13.5 3v10",
            Self::Lock => "M4 7.5h8v6H4zM5.5 7.5V5.5a2.5 2.5 0 0 1 5 0v2",
            Self::Minus => "M3.5 8h9",
            Self::Plus => "M3.5 8h9M8 3.5v9",
            Self::Redo => "M13 6H6.5a3.5 3.5 0 0 0 0 7H10M10 3l3 3-3 3",
            Self::Sigma => "M12 3.5H4.5L8.5 8l-4 4.5H12",
            Self::Solo => "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
            Self::Theme => "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 1 1 0 12M8 2v12",
            Self::Undo => "M3 6h6.5a3.5 3.5 0 0 1 0 7H6M6 3L3 6l3 3",
            Self::Wave => "M1 8h3l2-5 4 10 2-5h3",
        }
    }
}

/// Shows a drawing. It says nothing to a screen reader.
#[component]
pub(crate) fn Drawing(icon: Icon) -> impl IntoView {
    view! {
        <svg viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">
            <path d=icon.path() />
        </svg>
    }
}
