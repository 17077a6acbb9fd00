//! A theme in the colours that this terminal has.

use crate::theme::{Palette, Shelf, Theme};

/// A theme of the shelf; the first one where it has none of that name.
pub fn themed(shelf: &Shelf, name: &str, palette: Palette) -> Theme {
    shelf.get(name).unwrap_or(Theme::midnight()).clone().with_palette(palette)
}
