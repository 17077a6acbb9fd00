//! Theme files, and what is remembered.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use floorwalker::memory::{Memory, TableMemory};
use floorwalker::theme::{Role, Shelf, THEMES, Theme};
use ratatui::style::Color;

fn midnight() -> &'static str {
    THEMES[0].text
}

/// A folder of theme files, and what is read from it.
fn shelf(files: &[(&str, &str)]) -> (tempfile::TempDir, Shelf) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let shelf = Shelf::read(&[PathBuf::from("/nowhere/at/all"), folder.path().to_owned()]);
    (folder, shelf)
}

#[test]
fn a_file_adds_a_theme_or_takes_the_place_of_an_embedded_one() {
    let own = midnight().replace("#0e131d", "#010203");
    let files = [("night-shift.toml", own.as_str()), ("daylight.toml", &own), ("notes.txt", "")];
    let (_folder, shelf) = shelf(&files);
    assert_eq!(shelf.faults(), []);
    let names: Vec<&str> = shelf.names().collect();
    assert_eq!(names, ["midnight", "daylight", "contrast", "deuteran", "mono", "night-shift"]);
    for name in ["daylight", "night-shift"] {
        let theme = shelf.get(name).unwrap();
        assert_eq!((theme.name(), theme.role(Role::Base).bg), (name, Some(Color::Rgb(1, 2, 3))));
    }
}

#[test]
fn a_broken_file_is_told_with_file_line_and_field_and_the_embedded_one_stays() {
    let line = |text: &str| midnight().lines().position(|own| own.starts_with(text)).unwrap() + 1;
    let cases = [
        (
            "critical = { fg = \"red\"",
            "critical = { fg = \"rde\"",
            line("critical"),
            "tone.critical: no colour named \"rde\"",
        ),
        (
            "#0e131d",
            "#0e131",
            line("ink"),
            "palette.ink: \"#0e131\" is no colour here: write #rrggbb",
        ),
        (
            "ansi = \"blue\"",
            "ansi = \"#0000ff\"",
            line("chosen"),
            "palette.chosen: \"#0000ff\" is no colour here: write one of the sixteen",
        ),
        ("cursor = ", "caret = ", line("cursor"), "caret"),
        (
            "[\"bold\", \"reversed\"] }\nbusy",
            "[\"blink\"] }\nbusy",
            line("critical"),
            "tone.critical: unknown variant `blink`",
        ),
        ("[tone]\n", "[tone]\nloud = { fg = \"red\" }\n", line("[tone]") + 1, "loud"),
        ("good = { fg = \"green\" }\n", "", line("[tone]"), "good"),
        ("key = { fg", "key = { ink = \"red\", fg", line("key"), "role.key: ink is for tones"),
    ];
    for (right, wrong, line, what) in cases {
        let text = midnight().replacen(right, wrong, 1);
        assert_ne!(text, midnight(), "{right}");
        let (folder, shelf) = shelf(&[("midnight.toml", &text)]);
        let [fault] = shelf.faults() else { panic!("{wrong}: {:?}", shelf.faults()) };
        let place = format!("{}:{line}: ", folder.path().join("midnight.toml").display());
        let told = fault.to_string();
        assert!(told.starts_with(&place) && told.contains(what), "{place}{what} in {told}");
        assert_eq!(shelf.get("midnight"), Some(Theme::midnight()));
    }
}

#[test]
fn a_file_that_leaves_a_role_out_is_told_which() {
    let (_folder, shelf) = shelf(&[("mine.toml", &midnight().replace("tab_active = ", "# "))]);
    assert!(shelf.faults()[0].to_string().ends_with("mine.toml: role: no style for tab_active"));
    assert!(shelf.get("mine").is_none());
}

#[test]
fn a_name_that_could_not_be_written_in_a_config_file_is_refused() {
    let (_folder, shelf) = shelf(&[("My Theme.toml", midnight()), (".hidden.toml", "")]);
    let [fault] = shelf.faults() else { panic!("{:?}", shelf.faults()) };
    assert!(fault.to_string().contains("only a to z"), "{fault}");
}

#[test]
fn what_is_remembered_is_written_for_the_user_alone_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("floorwalker/state.toml");
    assert_eq!(Memory::load(&path), Memory::default());
    let queues = TableMemory {
        columns: Some(vec!["queue".to_owned(), "waiting".to_owned()]),
        sort: Some("-waiting".to_owned()),
        group: Some("source".to_owned()),
    };
    let memory = Memory {
        theme: Some("daylight".to_owned()),
        theme_instead_of: Some("midnight".to_owned()),
        tables: [("queues".to_owned(), queues)].into(),
        ..Memory::default()
    };
    for _ in 0..2 {
        memory.save(&path).unwrap();
        assert_eq!(Memory::load(&path), memory);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let folder = path.parent().unwrap();
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn a_link_in_its_place_is_replaced_and_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("state.toml"), folder.path().join("other"));
    fs::write(&other, "kept").unwrap();
    std::os::unix::fs::symlink(&other, &path).unwrap();
    Memory::default().save(&path).unwrap();
    assert_eq!(fs::read_to_string(&other).unwrap(), "kept");
    assert!(path.symlink_metadata().unwrap().is_file());
}

#[test]
fn a_broken_memory_is_forgotten_and_unknown_keys_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.toml");
    for broken in [&b"theme = ["[..], b"theme = 3", b"\xff\xfe", b"tables = \"x\""] {
        fs::write(&path, broken).unwrap();
        assert_eq!(Memory::load(&path), Memory::default());
    }
    fs::write(&path, "theme = \"mono\"\nmood = 3\n[tables.queues]\nwidth = 9\n").unwrap();
    let memory = Memory::load(&path);
    assert_eq!(memory.theme.as_deref(), Some("mono"));
    memory.save(&path).unwrap();
    assert!(!fs::read_to_string(&path).unwrap().contains("mood"));
}

#[test]
fn a_theme_that_was_configured_since_is_newer_than_the_remembered_one() {
    let own = |name: &str| Some(name.to_owned());
    let memory =
        Memory { theme: own("mono"), theme_instead_of: own("midnight"), ..Memory::default() };
    assert_eq!(memory.theme_over("midnight"), Some("mono"));
    assert_eq!(memory.theme_over("daylight"), None);
    let written_by_hand = Memory { theme: own("mono"), ..Memory::default() };
    assert_eq!(written_by_hand.theme_over("daylight"), Some("mono"));
}
