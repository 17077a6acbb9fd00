//! Frames as bytes: replayed by a terminal model they show the picture, and they are few.

#![expect(clippy::expect_used, reason = "what a test cannot go on without fails it")]

use std::num::NonZeroU16;

use floorwalker::terminal::Coder;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use self::reference::Reference;
use self::scenarios::scenarios;

mod reference;
mod scenarios;

const TEXTS: [&str; 18] = [
    "a",
    "Sales north",
    "0:31",
    "12",
    "          ",
    "                                        ",
    "日本語",
    "サポート 東京",
    "e\u{301}te\u{301}",
    "สวัสดี",
    "नमस्ते",
    "😀",
    "│",
    "─────────",
    "…",
    "Växel Öst",
    "한국어",
    "x\u{301}\u{302}\u{303}\u{304}",
];

/// What the program's text never holds, because it was cleaned; the last door has to hold all the same.
const HOSTILE: [&str; 12] = [
    "\u{fffd}",
    "ab\u{fffd}\u{301}cd",
    "❤\u{fe0f}",
    "👩\u{200d}👩\u{200d}👧",
    "ｶﾞ",
    "🇫🇮",
    "\u{200b}",
    "a\u{202e}b",
    "👍🏽",
    "\u{1160}",
    "ﷺ",
    "क्षि",
];

const COLOURS: [Color; 9] = [
    Color::Reset,
    Color::Red,
    Color::LightBlue,
    Color::White,
    Color::DarkGray,
    Color::Indexed(7),
    Color::Indexed(208),
    Color::Rgb(1, 22, 133),
    Color::Rgb(255, 255, 255),
];

const MODIFIERS: [Modifier; 9] = [
    Modifier::empty(),
    Modifier::BOLD,
    Modifier::DIM,
    Modifier::ITALIC,
    Modifier::UNDERLINED,
    Modifier::REVERSED,
    Modifier::BOLD.union(Modifier::DIM),
    Modifier::BOLD.union(Modifier::REVERSED),
    Modifier::CROSSED_OUT.union(Modifier::UNDERLINED),
];

/// A change of a picture.
#[derive(Debug, Clone)]
enum Edit {
    Write { x: u16, y: u16, text: usize, style: Style },
    Paint { x: u16, y: u16, width: u16, style: Style },
    Scroll,
    Clear,
    Resize(u16, u16),
}

fn style() -> impl Strategy<Value = Style> {
    let plain = Just(Style::reset());
    let any =
        (0..COLOURS.len(), 0..COLOURS.len(), 0..MODIFIERS.len()).prop_map(|(fg, bg, modifier)| {
            Style::reset().fg(COLOURS[fg]).bg(COLOURS[bg]).add_modifier(MODIFIERS[modifier])
        });
    prop_oneof![plain, any]
}

fn edit(texts: usize) -> impl Strategy<Value = Edit> {
    prop_oneof![
        12 => (0..60_u16, 0..12_u16, 0..texts, style())
            .prop_map(|(x, y, text, style)| Edit::Write { x, y, text, style }),
        3 => (0..60_u16, 0..12_u16, 1..60_u16, style())
            .prop_map(|(x, y, width, style)| Edit::Paint { x, y, width, style }),
        1 => Just(Edit::Scroll),
        1 => Just(Edit::Clear),
        1 => (1..70_u16, 1..14_u16).prop_map(|(width, height)| Edit::Resize(width, height)),
    ]
}

fn apply(edit: &Edit, texts: &[&str], buffer: &mut Buffer) {
    let area = buffer.area;
    match edit {
        Edit::Write { x, y, text, style } => {
            buffer.set_string(x % area.width, y % area.height, texts[*text], *style);
        }
        Edit::Paint { x, y, width, style } => {
            let rect = Rect::new(x % area.width, y % area.height, *width, 2);
            buffer.set_style(rect.intersection(area), *style);
        }
        Edit::Scroll => {
            let width = usize::from(area.width);
            buffer.content.rotate_left(width);
        }
        Edit::Clear => buffer.reset(),
        Edit::Resize(width, height) => *buffer = Buffer::empty(Rect::new(0, 0, *width, *height)),
    }
}

/// A terminal model of a buffer's size.
fn model(area: Rect) -> vt100::Parser {
    let at_least_one = |n: u16| NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN);
    vt100::Parser::new(at_least_one(area.height), at_least_one(area.width), 0)
}

/// Everything that can be seen of a cell.
type Seen = (String, vt100::Color, vt100::Color, [bool; 5], bool);

fn seen(parser: &vt100::Parser) -> Vec<Vec<Seen>> {
    let screen = parser.screen();
    let (rows, columns) = screen.size();
    (0..rows.get())
        .map(|y| (0..columns.get()).map(|x| look(screen.cell(y, x).expect("inside"))).collect())
        .collect()
}

fn look(cell: &vt100::Cell) -> Seen {
    let text = if cell.has_contents() { cell.contents() } else { " " };
    let attributes = [cell.bold(), cell.dim(), cell.italic(), cell.underline(), cell.inverse()];
    if cell.is_wide_continuation() {
        return (String::new(), vt100::Color::Default, vt100::Color::Default, [false; 5], true);
    }
    (text.into(), cell.fgcolor(), cell.bgcolor(), attributes, cell.is_wide())
}

/// What a full repaint of `buffer` shows.
fn painted(buffer: &Buffer) -> Vec<Vec<Seen>> {
    let mut parser = model(buffer.area);
    let mut bytes = Vec::new();
    Coder::new().repaint(buffer, &mut bytes);
    parser.process(&bytes);
    seen(&parser)
}

/// Only `CSI H`, `m`, `J` and `K`, and printable text.
fn assert_grammar(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            assert!(!c.is_control(), "control character {c:?}");
            continue;
        }
        assert_eq!(chars.next(), Some('['));
        let last = chars.find(|c| !c.is_ascii_digit() && *c != ';');
        assert!(matches!(last, Some('H' | 'm' | 'J' | 'K')), "CSI {last:?}");
    }
}

fn check(frames: &[Vec<Edit>], texts: &[&str]) {
    let mut shown = Buffer::empty(Rect::new(0, 0, 60, 12));
    let mut coder = Coder::new();
    let mut parser = model(shown.area);
    let mut bytes = Vec::new();
    coder.repaint(&shown, &mut bytes);
    parser.process(&bytes);
    for edits in frames {
        let mut next = shown.clone();
        for edit in edits {
            apply(edit, texts, &mut next);
        }
        if next.area != shown.area {
            let (height, width) = model(next.area).screen().size();
            parser.set_size(height, width);
        }
        bytes.clear();
        coder.encode(&shown, &next, &mut bytes);
        assert_grammar(&bytes);
        parser.process(&bytes);
        let (now, whole) = (seen(&parser), painted(&next));
        for (y, (now, whole)) in now.iter().zip(&whole).enumerate() {
            assert_eq!(now, whole, "row {y} after {}", bytes.escape_ascii());
        }
        assert_eq!(now.len(), whole.len());
        bytes.clear();
        coder.encode(&next, &next.clone(), &mut bytes);
        assert!(bytes.is_empty(), "an unchanged picture cost {} bytes", bytes.len());
        shown = next;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replayed_changes_show_what_a_whole_repaint_shows(
        frames in prop::collection::vec(prop::collection::vec(edit(TEXTS.len()), 1..8), 1..8)
    ) {
        check(&frames, &TEXTS);
    }

    #[test]
    fn what_should_never_come_so_far_shows_the_same_all_the_same(
        frames in prop::collection::vec(prop::collection::vec(edit(HOSTILE.len()), 1..8), 1..8)
    ) {
        check(&frames, &HOSTILE);
    }
}

#[test]
fn a_whole_repaint_shows_the_picture() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 3));
    buffer.set_string(0, 0, "Sales 日本", Style::new().fg(Color::Red).bold());
    buffer.set_string(17, 2, "end", Style::new().bg(Color::Rgb(1, 2, 3)));
    let mut parser = model(buffer.area);
    parser.process("junk that was there\r\nand more".as_bytes());
    let mut bytes = Vec::new();
    Coder::new().repaint(&buffer, &mut bytes);
    parser.process(&bytes);
    let screen = parser.screen();
    assert_eq!(screen.contents(), "Sales 日本\n\n                 end");
    let cell = screen.cell(0, 6).expect("inside");
    assert!(cell.bold() && cell.is_wide() && cell.fgcolor() == vt100::Color::Idx(1));
    assert_eq!(screen.cell(2, 19).expect("inside").bgcolor(), vt100::Color::Rgb(1, 2, 3));
}

#[test]
fn one_figure_costs_a_move_and_its_digits() {
    let mut before = Buffer::empty(Rect::new(0, 0, 80, 24));
    before.set_string(10, 5, "0:31", Style::new());
    let mut after = before.clone();
    after.set_string(10, 5, "0:32", Style::new());
    let mut bytes = Vec::new();
    Coder::new().encode(&before, &after, &mut bytes);
    assert_eq!(bytes, b"\x1b[6;14H2");
}

#[test]
fn behind_a_glyph_of_disputed_width_the_cursor_is_placed_anew() {
    let before = Buffer::empty(Rect::new(0, 0, 9, 1));
    let mut after = before.clone();
    after.set_string(0, 0, "\u{1200}  b", Style::new());
    let mut bytes = Vec::new();
    Coder::new().encode(&before, &after, &mut bytes);
    // Its column is blanked first; the one behind it, which some terminals let it take, is written again.
    assert_eq!(String::from_utf8_lossy(&bytes), "\x1b[H \x1b[H\u{1200}\x1b[;2H  b");
    let mut only = after.clone();
    only.set_string(0, 0, "\u{1201}", Style::new());
    bytes.clear();
    Coder::new().encode(&after, &only, &mut bytes);
    assert_eq!(String::from_utf8_lossy(&bytes), "\x1b[H \x1b[H\u{1201}\x1b[;2H ");
}

#[test]
fn at_the_margin_a_sign_stands_for_a_glyph_that_might_run_over_it() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
    buffer.set_string(0, 0, "\u{1200}a\u{1200}", Style::new());
    let mut bytes = Vec::new();
    Coder::new().repaint(&buffer, &mut bytes);
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert_eq!((text.matches('\u{1200}').count(), text.matches('\u{fffd}').count()), (1, 1));
}

#[test]
fn a_control_character_never_reaches_the_terminal() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 9, 1));
    for (x, text) in
        ["\u{7}", "\u{1b}", "\u{9b}", "a\u{1b}]52;c;x\u{7}", "\u{85}"].iter().enumerate()
    {
        #[expect(clippy::disallowed_methods, reason = "the test puts in what the lint keeps out")]
        buffer.content[x].set_symbol(text);
    }
    let mut bytes = Vec::new();
    Coder::new().repaint(&buffer, &mut bytes);
    assert_grammar(&bytes);
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert_eq!(text.matches('\u{fffd}').count(), 5);
    assert!(!text.contains(']'));
}

/// Bytes of ours and of the reference for the frames of one scenario.
fn compare(what: &str, frames: &[Buffer]) {
    let (mut coder, mut reference) = (Coder::new(), Reference::default());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut parser = model(frames[0].area);
    let mut shown = Buffer::empty(frames[0].area);
    for next in frames {
        coder.encode(&shown, next, &mut ours);
        reference.encode(&shown, next, &mut theirs);
        shown.clone_from(next);
    }
    parser.process(&theirs);
    assert_eq!(seen(&parser), painted(&shown), "the reference shows something else: {what}");
    let percent = ours.len() * 100 / theirs.len().max(1);
    assert!(percent <= 110, "{what}: {} bytes, reference {}", ours.len(), theirs.len());
}

#[test]
fn no_scenario_costs_over_a_tenth_more_than_the_reference() {
    for (what, frames) in scenarios() {
        compare(&what, &frames);
    }
}
