//! The bytes of a frame, as a terminal reads them: nothing but our own commands, and every mark in its column.

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::queue::Queue;
use floorwalker::terminal::Coder;
use floorwalker::text::{MARKER, Shown};
use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use super::vendors::{board, marked, poisoned};
use crate::support::desk::{Desk, queue};
use crate::support::hostile::{corpus, giants, is_agreed, steering};
use crate::support::screen::TestScreen;

const SIZE: (u16, u16) = (100, 24);

fn parser(buffer: &Buffer) -> vt100::Parser {
    let size = |cells| std::num::NonZero::new(cells).unwrap();
    vt100::Parser::new(size(buffer.area.height), size(buffer.area.width), 0)
}

fn repainted(buffer: &Buffer) -> (vt100::Parser, Vec<u8>) {
    let (mut terminal, mut bytes) = (parser(buffer), Vec::new());
    Coder::new().repaint(buffer, &mut bytes);
    terminal.process(&bytes);
    (terminal, bytes)
}

/// What stands in a cell of the emulated terminal.
fn shown(terminal: &vt100::Parser, x: u16, y: u16) -> String {
    match terminal.screen().cell(y, x) {
        Some(cell) if cell.has_contents() => cell.contents().to_owned(),
        _ => " ".to_owned(),
    }
}

/// The terminal shows what the buffer holds, cell by cell. This one leaves out U+FFFD, as some do: then the
/// place of the mark is blank, and everything behind it where it belongs.
fn agrees(terminal: &vt100::Parser, buffer: &Buffer, what: &str) {
    for y in 0..buffer.area.height {
        let mut covered = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if covered == 0 {
                let expected = if symbol.contains(MARKER) { " " } else { symbol };
                let mut found = shown(terminal, x, y);
                // This terminal has a flag's two letters in two cells.
                if is_agreed(symbol) && found.chars().count() == 1 {
                    found.push_str(&shown(terminal, x + 1, y));
                }
                assert_eq!(found.trim_end(), expected.trim_end(), "{what}, at {x},{y}");
                covered = symbol.width();
            }
            covered -= 1;
        }
    }
}

/// Takes a frame apart; what is neither text nor one of our four commands is an error.
fn grammar(bytes: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    for (index, part) in text.split('\u{1b}').enumerate() {
        let mut rest = part.chars();
        if index > 0 {
            if rest.next() != Some('[') {
                return Err("an escape that is no CSI".to_owned());
            }
            let end = rest.find(|c| !matches!(c, '0'..='9' | ';' | ':'));
            if !matches!(end, Some('H' | 'm' | 'J' | 'K')) {
                return Err(format!("CSI … {end:?}"));
            }
        }
        if let Some(c) = steering(rest.as_str()) {
            return Err(format!("U+{:04X} in the text", u32::from(c)));
        }
    }
    Ok(())
}

fn frame(desk: Desk) -> Buffer {
    TestScreen::new(desk.state, SIZE.0, SIZE.1).buffer()
}

/// Rows with marks, and the columns in which the marks stand, as the terminal shows them.
fn columns(terminal: &vt100::Parser) -> Vec<(u16, [u16; 3])> {
    let mut found = Vec::new();
    for y in 0..SIZE.1 {
        let line: Vec<String> = (0..SIZE.0).map(|x| shown(terminal, x, y)).collect();
        let place = |digit: &str| {
            let at = line.windows(3).rposition(|three| three.iter().all(|one| one == digit));
            at.and_then(|at| u16::try_from(at).ok())
        };
        if let (Some(a), Some(b), Some(c)) = (place("7"), place("8"), place("9")) {
            found.push((y, [a, b, c]));
        }
    }
    found
}

#[test]
fn the_marks_behind_a_hostile_name_stand_where_they_stand_behind_a_plain_one() {
    let expected = columns(&repainted(&frame(marked("Support"))).0);
    assert_eq!(expected.len(), 4, "four rows, one of them selected");
    for (label, text) in corpus().into_iter().chain(giants()) {
        let buffer = frame(marked(&poisoned(&text)));
        let (terminal, bytes) = repainted(&buffer);
        assert_eq!(columns(&terminal), expected, "{label}");
        agrees(&terminal, &buffer, label);
        grammar(&bytes).unwrap_or_else(|error| panic!("{label}: {error}"));
    }
}

#[test]
fn the_grammar_finds_what_it_looks_for() {
    for bad in ["\u{1b}]52;c;x\u{7}", "\u{1b}[?1049l", "\u{1b}c", "a\u{202e}b", "\u{9b}m", "\n"] {
        assert!(grammar(bad.as_bytes()).is_err(), "{bad:?}");
    }
    assert!(grammar(b"\xff").is_err());
    assert_eq!(grammar("\u{1b}[2;3H\u{1b}[1;38;2;1;2;3mVäxel\u{1b}[K\u{1b}[2J".as_bytes()), Ok(()));
}

#[test]
fn from_one_hostile_screen_to_the_next_the_terminal_shows_what_a_full_repaint_shows() {
    let mut coder = Coder::new();
    let mut before = frame(marked("Support"));
    let mut terminal = parser(&before);
    let mut bytes = Vec::new();
    coder.repaint(&before, &mut bytes);
    terminal.process(&bytes);
    // Twice through, with the second time in another order, so that many follow many.
    let all = corpus();
    let second = all.iter().rev().step_by(3).chain(all.iter().step_by(7));
    for (index, (label, text)) in all.iter().chain(second).enumerate() {
        let next = match index % 2 {
            0 => frame(marked(&poisoned(text))),
            _ => frame(board(text)),
        };
        bytes.clear();
        coder.encode(&before, &next, &mut bytes);
        terminal.process(&bytes);
        grammar(&bytes).unwrap_or_else(|error| panic!("{label}: {error}"));
        agrees(&terminal, &next, label);
        let (full, _) = repainted(&next);
        for y in 0..SIZE.1 {
            for x in 0..SIZE.0 {
                let style = |terminal: &vt100::Parser| {
                    let cell = terminal.screen().cell(y, x).unwrap();
                    (cell.fgcolor(), cell.bgcolor(), cell.bold(), cell.inverse())
                };
                assert_eq!(style(&terminal), style(&full), "{label}, at {x},{y}");
            }
        }
        before = next;
    }
}

#[test]
fn a_screen_full_of_floods_costs_no_more_than_64_kib() {
    let mut desk = Desk::open();
    let flood = "z\u{310}\u{311}\u{312}\u{313}\u{314}".repeat(300);
    let row = |index: u32| Queue { name: Shown::clean(&flood), ..queue(&index.to_string(), "") };
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues((0..10_000).map(row).collect())));
    let buffer = TestScreen::new(desk.state, 200, 60).buffer();
    let (terminal, bytes) = repainted(&buffer);
    agrees(&terminal, &buffer, "a flood");
    let marks = buffer.content.iter().filter(|cell| cell.symbol().chars().count() > 1).count();
    assert!(marks > 500, "the flood is on the screen: {marks}");
    assert!(bytes.len() <= 64 * 1024, "{} bytes", bytes.len());
}
