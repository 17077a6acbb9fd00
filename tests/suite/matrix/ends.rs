//! The real program's end, and its rest: the terminal is as it was, at once, with the documented code.

use std::time::Duration;

use rustix::process::Signal;

use crate::support::board::{Board, QUEUE};
use crate::support::grammar::strict;
use crate::support::pty::{End, Stage, Watch, shown};

const SIZE: (u16, u16) = (120, 30);

/// Where the terminal was given back.
const LEFT: &[u8] = b"\x1b[?1049l";

fn open(board: &Board) -> Stage {
    let stage = Stage::start(board.program(), SIZE.0, SIZE.1);
    let watch = Watch::new(SIZE.0, SIZE.1);
    stage.until_seen(&watch, "the board", |screen| screen.contents().contains(QUEUE));
    stage
}

/// Asserts an end within half a second and a terminal as it was; what was written behind it.
fn restored(stage: Stage, end: &End, code: u32) -> String {
    assert_eq!((end.code, &end.signal), (code, &None));
    assert!(end.took <= Duration::from_millis(500), "it took {:?}", end.took);
    let bytes = stage.close();
    let left = bytes.windows(LEFT.len()).rposition(|part| part == LEFT).expect("it was left");
    let (ours, behind) = bytes.split_at(left + LEFT.len());
    assert_eq!(strict(ours), Ok(0), "nothing is copied by itself");
    let last = shown(&bytes, SIZE.0, SIZE.1);
    let screen = last.screen();
    assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
    assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    String::from_utf8(behind.to_vec()).unwrap()
}

#[test]
fn signals_end_the_real_program_at_once_and_nothing_is_said_afterwards() {
    let all = [(Signal::TERM, 143), (Signal::INT, 130), (Signal::QUIT, 131), (Signal::HUP, 129)];
    let board = Board::new();
    for (signal, code) in all {
        let mut stage = open(&board);
        stage.signal(signal);
        let end = stage.end();
        assert_eq!(restored(stage, &end, code), "", "{signal:?}");
    }
}

#[test]
fn stopped_and_continued_the_real_program_draws_everything_again() {
    let board = Board::new();
    let mut stage = open(&board);
    stage.signal(Signal::TSTP);
    stage.until("the terminal given back", |bytes| bytes.ends_with(LEFT));
    stage.until_stopped();
    let before = stage.written();
    stage.signal(Signal::CONT);
    stage.until("the board again", |bytes| {
        let anew = shown(&bytes[before..], SIZE.0, SIZE.1);
        let screen = anew.screen();
        screen.alternate_screen() && screen.hide_cursor() && screen.contents().contains(QUEUE)
    });
    stage.press("q");
    let end = stage.end();
    assert_eq!(restored(stage, &end, 0), "");
}

#[test]
fn a_board_whose_audit_log_cannot_be_written_opens_read_only_and_says_why() {
    let board = Board::new();
    // A directory is no place to append a line to.
    std::fs::create_dir(board.file("no-file")).unwrap();
    board.configure(&format!(
        "audit = \"{}\"\n{}",
        board.file("no-file").display(),
        board.config()
    ));
    let mut stage = Stage::start(board.program(), SIZE.0, SIZE.1);
    stage.until_shown(SIZE.0, SIZE.1, "read-only: the audit log");
    stage.press("q");
    let end = stage.end();
    assert_eq!(restored(stage, &end, 0), "");
}

#[test]
fn an_error_before_the_first_picture_never_takes_the_terminal() {
    let board = Board::new();
    for config in
        ["theme = 1", "theme = \"there is none\"", "[[source]]\nname = \"x\"\nkind = \"y\""]
    {
        board.configure(config);
        let mut stage = Stage::start(board.program(), SIZE.0, SIZE.1);
        let end = stage.end();
        assert_eq!((end.code, &end.signal), (2, &None), "{config}");
        assert!(end.took <= Duration::from_millis(500), "it took {:?}", end.took);
        let bytes = stage.close();
        assert!(!bytes.contains(&0x1b), "{config}: {}", bytes.escape_ascii());
    }
}
