//! The finished buffer, in every table, dialog, help, filter and footer.

use floorwalker::event::{Event, Press};
use floorwalker::operations::Outcome;
use floorwalker::state::{Dialog, Effect};
use floorwalker::table::TableId;
use floorwalker::text::{MARKER, Shown};
use ratatui::buffer::Buffer;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::vendors::{board, named, poisoned};
use crate::support::desk::{self, Desk};
use crate::support::hostile::{Hostile, corpus, giants, is_agreed, steering};
use crate::support::screen::{TestScreen, text};

/// Nothing that steers, at most one base and four marks, and a width that fits its place.
fn check(buffer: &Buffer, ascii: bool, what: &str) {
    for y in 0..buffer.area.height {
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            let bad = steering(symbol);
            assert_eq!(bad, None, "{what}, at {x},{y}: {symbol:?}");
            let marks = symbol.chars().skip(1).count();
            assert!(marks <= 4, "{what}, at {x},{y}: {symbol:?}");
            let base = symbol.chars().next().and_then(UnicodeWidthChar::width);
            assert!(
                is_agreed(symbol) || matches!(base, Some(1 | 2)),
                "{what}, at {x},{y}: {symbol:?}"
            );
            let room = usize::from(buffer.area.width - x).min(2);
            assert!(symbol.width() <= room, "{what}, at {x},{y}: {symbol:?}");
            assert!(!ascii || matches!(symbol.as_bytes(), [b' '..=b'~']), "{what}: {symbol:?}");
        }
    }
}

/// A way of looking at the board: keys, and what is pasted behind them.
pub const LOOKS: [(&str, &str, bool); 21] = [
    ("queues", "1", false),
    ("a queue and its detail", "g", false),
    ("inside a queue", "g enter", false),
    ("agents", "2", false),
    ("callback lists", "6", false),
    ("entries", "7", false),
    ("sources", "8", false),
    ("the log", "0", false),
    ("a picker of columns", "2 s", false),
    ("the help", "?", false),
    ("a filter that is typed", "2 /", true),
    ("a filter that is wrong", "2 / r e : (", true),
    ("a removal", "7 G d", false),
    ("a refusal", "7 g j d", false),
    ("the columns", "2 c", false),
    ("the palette", ":", false),
    ("the palette, typed into", ":", true),
    ("the wall", "w", false),
    ("the held picture", "p", false),
    ("marked rows", "2 g space down space", false),
    ("a copied row", "2 g y", false),
];

/// The board looked at by these keys, with that pasted behind them.
pub fn look(mut screen: TestScreen, keys: &str, pasted: Option<String>) -> TestScreen {
    screen.press(keys);
    if let Some(pasted) = pasted {
        screen.event(Event::Paste(pasted));
    }
    screen
}

fn looks((label, raw): &Hostile, width: u16, height: u16, ascii: bool) {
    look_at(&board(raw), label, raw, (width, height), ascii);
}

fn look_at(desk: &Desk, label: &str, raw: &str, (width, height): (u16, u16), ascii: bool) {
    for (name, keys, paste) in LOOKS {
        let mut screen = TestScreen::new(desk.state.clone(), width, height);
        if ascii {
            screen = screen.in_ascii();
        }
        let screen = look(screen, keys, paste.then(|| poisoned(raw)));
        check(&screen.buffer(), ascii, &format!("{label} in {name}, {width}×{height}"));
    }
}

/// Half of the corpus, so that two threads can share the work.
fn half(which: usize) -> impl Iterator<Item = Hostile> {
    corpus().into_iter().skip(which).step_by(2)
}

#[test]
fn nothing_steers_on_any_screen_the_even_half() {
    half(0).for_each(|hostile| looks(&hostile, 110, 31, false));
}

#[test]
fn nothing_steers_on_any_screen_the_odd_half() {
    half(1).for_each(|hostile| looks(&hostile, 110, 31, false));
}

#[test]
fn nothing_steers_beside_the_pane_on_a_narrow_screen_and_in_ascii() {
    for (which, hostile) in corpus().iter().enumerate() {
        match which % 3 {
            0 => looks(hostile, 160, 40, false),
            1 => looks(hostile, 37, 12, false),
            _ => looks(hostile, 80, 24, true),
        }
    }
}

#[test]
fn every_look_shows_what_it_is_meant_to() {
    for (name, keys, paste) in LOOKS {
        let screen = TestScreen::new(board("\u{1b}[2J").state, 110, 31);
        let state = look(screen, keys, paste.then(|| "x".to_owned())).state;
        let (dialog, typing) = (&state.screen.dialog, &state.screen.typing);
        match name {
            "inside a queue" => assert!(state.screen.inside.is_some()),
            "a picker of columns" => assert!(matches!(dialog, Some(Dialog::Picker(_)))),
            "the help" => assert!(state.screen.help.is_some()),
            "a filter that is typed" => assert!(typing.as_ref().unwrap().error.is_none()),
            "a filter that is wrong" => assert!(typing.as_ref().unwrap().error.is_some()),
            "a removal" => assert!(matches!(dialog, Some(Dialog::Question(_)))),
            "a refusal" => assert!(state.notice.is_some(), "{dialog:?}"),
            "the columns" => assert!(matches!(dialog, Some(Dialog::Columns(_)))),
            "the palette" | "the palette, typed into" => {
                assert!(matches!(dialog, Some(Dialog::Palette(_))));
            }
            "the wall" => assert!(state.screen.wall.is_some()),
            "the held picture" => assert!(state.held_since().is_some()),
            "a copied row" => assert!(state.notice.is_some()),
            _ => assert!(dialog.is_none() && typing.is_none(), "{name}"),
        }
    }
}

#[test]
fn questions_pickers_and_results_hold_nothing_that_steers_and_a_sign_of_what_was_altered() {
    for (label, raw) in corpus() {
        let altered = *Shown::clean(&poisoned(&raw)) != *poisoned(&raw);
        let signed = |screen: &TestScreen, what: &str| {
            let shown = screen.text();
            let sign = shown.contains(MARKER) || shown.contains('…');
            assert!(!altered || sign, "{label} in {what}:\n{shown}");
        };
        let mut desk = named(&poisoned(&raw));
        desk.press("2");
        desk.select(&desk::person("bo"));
        desk.press("o");
        assert!(matches!(desk.state.screen.dialog, Some(Dialog::Picker(_))));
        let mut screen = TestScreen::new(desk.state, 80, 24);
        check(&screen.buffer(), false, &format!("{label} in a picker"));
        signed(&screen, "a picker");
        screen.press("enter");
        assert!(matches!(screen.state.screen.dialog, Some(Dialog::Question(_))));
        signed(&screen, "a question");
        for (width, height) in [(80, 24), (36, 9), (20, 4), (5, 3)] {
            screen.resize(width, height);
            check(&screen.buffer(), false, &format!("{label} in a question, {width}×{height}"));
        }
        screen.resize(80, 24);
        let effects = screen.press("y");
        let [Effect::Send(command)] = effects.as_slice() else { panic!("{effects:?}") };
        check(&screen.buffer(), false, &format!("{label} while pending"));
        let outcome = Outcome::Refused(Shown::clean(&poisoned(&raw)));
        screen.event(Event::Finished { id: command.id, outcome });
        check(&screen.buffer(), false, &format!("{label} in the footer"));
        signed(&screen, "the footer");
        screen.press("esc o");
        check(&screen.buffer(), false, &format!("{label} asked again"));
    }
}

#[test]
fn on_the_screen_an_altered_name_is_not_the_name_without_it() {
    let rows = |name: &str| {
        let mut screen = TestScreen::new(named(name).state, 80, 24);
        screen.press("2");
        text(&screen.buffer()).lines().skip(3).take(4).map(str::to_owned).collect::<Vec<_>>()
    };
    let plain = rows("10");
    assert!(plain.iter().all(|line| line.contains("10 ")), "{plain:#?}");
    for (label, raw) in corpus() {
        let found = rows(&poisoned(&raw));
        let altered = *Shown::clean(&poisoned(&raw)) != *poisoned(&raw);
        for (line, plain) in found.iter().zip(&plain) {
            assert_ne!(line, plain, "{label}");
            let marked = line.contains(MARKER) || line.contains('…');
            assert!(!altered || marked, "{label}: {line:?}");
        }
    }
}

#[test]
fn what_a_hand_types_into_a_filter_cannot_steer_either() {
    for (label, raw) in corpus() {
        let mut screen = TestScreen::new(named("Support").state, 80, 24);
        screen.press("2 /");
        for c in raw.chars().take(200) {
            screen.event(Event::Key(Press::char(c)));
        }
        check(&screen.buffer(), false, &format!("{label} while it is typed"));
        screen.press("enter");
        check(&screen.buffer(), false, &format!("{label} in the caption"));
    }
}

#[test]
fn giants_are_drawn_like_anybody() {
    for (label, raw) in giants() {
        look_at(&named(&raw), label, &raw, (80, 24), false);
    }
}

#[test]
fn every_table_is_drawn_at_the_least_of_sizes() {
    let (_, raw) = &corpus()[0];
    for (width, height) in [(0, 0), (1, 1), (1, 40), (40, 1), (2, 2), (3, 9), (500, 3)] {
        for table in TableId::ALL {
            let mut screen = TestScreen::new(board(raw).state, width, height);
            // The ended entries have no tab until they are shown.
            let key = if table == TableId::Journal { "E" } else { "tab" };
            while screen.state.screen.table() != table {
                screen.press(key);
            }
            check(&screen.buffer(), false, &format!("{} at {width}×{height}", table.name()));
        }
    }
}
