//! Themes: readable in every colour, apart for every eye, of the user's own, remembered.

use std::path::Path;

use floorwalker::report::svg::svg;
use floorwalker::theme::{Shelf, THEMES};

use crate::support::centre;
use crate::support::screen::TestScreen;

/// `UPDATE=1 cargo test` draws the pictures anew; otherwise they are compared.
#[test]
fn the_pictures_of_the_themes_show_what_is_drawn() {
    let shelf = Shelf::embedded();
    for own in THEMES.iter().filter(|own| own.name != "midnight") {
        let theme = shelf.get(own.name).unwrap();
        let mut screen = TestScreen::new(centre::busy(), 160, 40).with_theme(theme);
        screen.press("down");
        let drawn = svg(&screen.buffer(), theme);
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("screenshots/theme-{}.svg", own.name));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &drawn).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == drawn, "{} is old: UPDATE=1 cargo test draws it anew", path.display());
    }
}
