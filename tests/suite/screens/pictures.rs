//! The pictures of the README.

use std::path::Path;

use floorwalker::report::svg::svg;
use floorwalker::theme::Theme;

use super::{after, board, contacts, groups};

/// `UPDATE=1 cargo test` draws the pictures anew; otherwise they are compared.
#[test]
fn the_pictures_show_what_is_drawn() {
    let pictures = vec![
        ("board", after("down", 160, 40)),
        ("queue", after("down enter down down", 120, 34)),
        ("groups", groups::in_own_groups(120, 34)),
        ("agents", after("2 down down", 120, 34)),
        ("tasks", contacts("4 down down down down down down", 160, 34)),
        ("entries", after("7 down d", 120, 24)),
        ("help", after("?", 160, 40)),
        ("small", board(36, 10)),
    ];
    for (name, screen) in pictures {
        let drawn = svg(&screen.buffer(), Theme::midnight());
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("screenshots")
            .join(name)
            .with_extension("svg");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &drawn).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == drawn, "{} is old: UPDATE=1 cargo test draws it anew", path.display());
    }
}
