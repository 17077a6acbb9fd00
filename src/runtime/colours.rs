//! The colours that this terminal has, and a theme in them.

use crate::theme::{Palette, Shelf, Theme};

/// What the environment says of the terminal's colours.
pub fn palette(no_color: bool) -> Palette {
    let (colorterm, term) = (std::env::var("COLORTERM").ok(), std::env::var("TERM").ok());
    Palette::detect(no_color, colorterm.as_deref(), term.as_deref())
}

/// A theme of the shelf; the first one where it has none of that name.
pub fn themed(shelf: &Shelf, name: &str, no_color: bool) -> Theme {
    shelf.get(name).unwrap_or(Theme::midnight()).clone().with_palette(palette(no_color))
}
