//! How a board ends, and in what state it leaves the terminal.

use super::open;
use crate::pty::{Pty, SECOND};
use crate::site::Site;

fn restored(pty: &Pty) {
    assert!(!pty.screen().alternate_screen(), "the main screen is back");
    assert!(!pty.screen().hide_cursor(), "the cursor is back");
    assert!(!pty.screen().bracketed_paste(), "pastes are plain again");
    assert_eq!(pty.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
}

#[test]
fn signals_end_the_board_with_their_codes_and_the_terminal_as_it_was() {
    for (signal, code) in [("TERM", 143), ("INT", 130), ("QUIT", 131), ("HUP", 129)] {
        let site = Site::new();
        let mut pty = open(&site, &[]);
        assert!(pty.screen().alternate_screen());
        pty.signal(signal);
        assert_eq!(pty.ends_within(SECOND * 2), code, "{signal}");
        restored(&pty);
    }
}

#[test]
fn keys_end_the_board_with_0_and_the_terminal_as_it_was() {
    for keys in ["q", "\x03", "/abc\x03", "?\x03"] {
        let site = Site::new();
        let mut pty = open(&site, &[]);
        pty.press(keys);
        assert_eq!(pty.ends_within(SECOND * 2), 0, "{keys:?}");
        restored(&pty);
    }
}

#[test]
fn a_closed_window_ends_the_process_within_a_second() {
    let site = Site::new();
    let mut pty = open(&site, &[]);
    pty.hang_up();
    assert_eq!(pty.ends_within(SECOND), 129);
}

#[test]
fn every_size_is_drawn_and_hostile_names_reach_no_terminal() {
    let site = Site::new();
    crate::hostile::evil(&site);
    for (columns, rows) in [(200, 50), (80, 24), (36, 10), (20, 5), (1, 1)] {
        let mut pty = Pty::open(&site, &[], columns, rows);
        if columns >= 36 {
            // Not looked for on the screen: the crate behind it drops that character.
            pty.until("the marker", |pty| {
                String::from_utf8_lossy(&pty.written).contains('\u{fffd}')
            });
        } else {
            pty.until("a picture", |pty| !pty.written.is_empty());
        }
        pty.type_keys("267801??q");
        assert_eq!(pty.ends_within(SECOND * 5), 0);
        let text = String::from_utf8_lossy(&pty.written).into_owned();
        for evil in ["\u{1b}]52", "\u{9b}", "\u{9d}", "\u{202e}", "\u{200b}", "\u{7}", "\u{feff}"] {
            assert!(!text.contains(evil), "{evil:?} at {columns}×{rows}");
        }
    }
}
