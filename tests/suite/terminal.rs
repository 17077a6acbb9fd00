//! The terminal is taken, drawn on and left as it was, however the program ends.
//!
//! The program on the stage is this test binary itself: [`the_program_on_the_stage`] does nothing when run as
//! a test, and is a small board when `FLOORWALKER_TEST_TTY` is set.

#![expect(clippy::expect_used, reason = "what a test cannot go on without fails it")]

use std::path::Path;
use std::time::Duration;

use floorwalker::event::{Event, Key, Press};
use floorwalker::terminal::{
    Asked, Options, Signal as Told, Suspended, Terminal, exit_code, install_panic_hook,
    no_core_dumps, signals,
};
use portable_pty::CommandBuilder;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use rustix::process::Signal;

use crate::support::pty::{End, LIMIT, Stage, shown};

pub mod decoded;

const STAGE: &str = "FLOORWALKER_TEST_TTY";
const DONE: &str = "FLOORWALKER_TEST_DONE";

#[test]
fn the_program_on_the_stage() {
    let Ok(play) = std::env::var(STAGE) else { return };
    install_panic_hook();
    no_core_dumps();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let code = runtime.block_on(board(&play));
    std::process::exit(code.into());
}

/// Draws until it is told to end; keys do what their names say below.
async fn board(play: &str) -> u8 {
    let deaf = play == "deaf";
    let mut told = if deaf { None } else { Some(signals().expect("signals")) };
    let options = match play {
        "often" => {
            Options { repaint_every: Duration::from_millis(100), mouse: true, ask_ground: false }
        }
        _ => Options::default(),
    };
    let (terminal, mut input) = Terminal::enter(options).expect("a terminal");
    let screen = terminal.screen();
    let (mut width, mut height) = terminal.size();
    let mut said = String::from("ready");
    let mut picture = Buffer::default();
    loop {
        draw(&mut picture, width, height, &said);
        screen.put(&mut picture, None);
        let signal = async {
            match told.as_mut() {
                Some(told) => told.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            event = input.next() => match event.map(|stamped| stamped.event) {
                Some(Event::Resize { width: w, height: h }) => {
                    // One size may be told twice, the second time behind a key: that key stays said.
                    if (width, height) != (w, h) || !said.starts_with("key") {
                        said = format!("size {w}x{h}");
                    }
                    (width, height) = (w, h);
                }
                Some(Event::Paste(text)) => said = format!("paste {text}"),
                Some(Event::Key(press)) if press == Press::ctrl('z') => {
                    let suspended = terminal.suspend(Asked::Key).await.expect("the terminal");
                    said = match suspended {
                        Suspended::Back => "back from the shell".into(),
                        Suspended::NoShell => "no shell".into(),
                    };
                }
                Some(Event::Key(press)) if press == Press::char('q') => {
                    drop(terminal);
                    return 0;
                }
                Some(Event::Key(press)) => {
                    act(press, &screen, width, height);
                    said = format!("key {press}");
                }
                _ if deaf => std::future::pending().await,
                _ => {}
            },
            signal = signal => match signal {
                Told::Suspend => {
                    terminal.suspend(Asked::Signal).await.expect("the terminal");
                    said = "back".into();
                }
                Told::Continue => terminal.resume(),
                signal => {
                    terminal.leave();
                    return exit_code(signal);
                }
            },
        }
    }
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in a drop");
    }
}

fn act(press: Press, screen: &floorwalker::terminal::Screen, width: u16, height: u16) {
    match press.key {
        Key::Char('u') => panic!("in the loop \u{1b}]0;x\u{7}"),
        Key::Char('t') => drop(tokio::spawn(async { panic!("in a task") })),
        Key::Char('T') => drop(std::thread::spawn(|| panic!("in a thread"))),
        Key::Char('D') => drop(Bomb),
        Key::Char('f') => {
            let mut picture = Buffer::default();
            for n in 0..2000 {
                draw(&mut picture, width, height, &format!("{n} ").repeat(500));
                screen.put(&mut picture, None);
            }
            std::fs::write(std::env::var_os(DONE).expect("a path"), "done").expect("a file");
        }
        Key::Char('l') => screen.repaint(),
        _ => {}
    }
}

fn draw(picture: &mut Buffer, width: u16, height: u16, said: &str) {
    picture.resize(Rect::new(0, 0, width, height));
    picture.reset();
    picture.set_style(picture.area, Style::new().on_blue());
    for (y, line) in (0..height).zip(said.as_bytes().chunks(usize::from(width))) {
        picture.set_string(0, y, String::from_utf8_lossy(line), Style::new().white().on_blue());
    }
}

/// The program, told which play it is.
fn program(play: &str) -> CommandBuilder {
    let mut command = CommandBuilder::new(std::env::current_exe().expect("this binary"));
    prepare(&mut command, play);
    command
}

/// The same from a shell that ignores hang-ups.
fn program_that_ignores_hang_ups(play: &str) -> CommandBuilder {
    let mut command = CommandBuilder::new("/bin/sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]);
    command.arg(std::env::current_exe().expect("this binary"));
    prepare(&mut command, play);
    command
}

fn prepare(command: &mut CommandBuilder, play: &str) {
    command.args(["--exact", "terminal::the_program_on_the_stage", "--nocapture"]);
    command.env(STAGE, play);
}

fn ready(play: &str) -> Stage {
    let stage = Stage::start(program(play), 80, 24);
    stage.until_shown(80, 24, "ready");
    stage
}

/// Where the terminal was given back.
const LEFT: &[u8] = b"\x1b[?1049l";

/// Asserts that what was written to the terminal is text and nothing but the sequences that we declare.
fn assert_grammar(bytes: &[u8]) {
    let mut rest = String::from_utf8_lossy(bytes).into_owned();
    for mode in ["25", "1000", "1006", "1049", "2004", "2026"] {
        rest =
            rest.replace(&format!("\u{1b}[?{mode}h"), "").replace(&format!("\u{1b}[?{mode}l"), "");
    }
    for sequence in rest.split('\u{1b}').skip(1) {
        let behind =
            sequence.trim_start_matches(|c: char| c == '[' || c == ';' || c.is_ascii_digit());
        assert!(sequence.starts_with('['), "ESC {sequence:?}");
        assert!(behind.starts_with(['H', 'm', 'J', 'K']), "CSI {sequence:?}");
    }
    assert!(!rest.contains(|c: char| c.is_control() && !"\u{1b}\r\n".contains(c)));
}

/// Asserts that the terminal is as it was; what was written after it was given back.
fn assert_restored(stage: Stage) -> String {
    let bytes = stage.close();
    assert_grammar(&bytes);
    let parser = shown(&bytes, 80, 24);
    let screen = parser.screen();
    assert!(!screen.alternate_screen(), "the alternate screen is left");
    assert!(!screen.hide_cursor(), "the cursor is shown");
    assert!(!screen.bracketed_paste(), "pastes come without brackets");
    let left = bytes.windows(LEFT.len()).rposition(|part| part == LEFT).expect("it was left");
    String::from_utf8_lossy(&bytes[left + LEFT.len()..]).into_owned()
}

fn assert_quick(end: &End, limit_ms: u64) {
    assert!(end.took < Duration::from_millis(limit_ms), "it took {:?}", end.took);
}

#[test]
fn signals_end_it_with_their_code_and_leave_the_terminal_as_it_was() {
    let all = [(Signal::TERM, 143), (Signal::INT, 130), (Signal::QUIT, 131), (Signal::HUP, 129)];
    for (signal, code) in all {
        let mut stage = ready("board");
        stage.signal(signal);
        let end = stage.end();
        assert_eq!((end.code, &end.signal), (code, &None), "{signal:?}");
        assert_quick(&end, 500);
        assert_eq!(assert_restored(stage), "", "{signal:?}");
    }
}

#[test]
fn a_panic_anywhere_gives_the_terminal_back_and_ends_with_101() {
    for (key, said) in
        [("u", "in the loop"), ("t", "in a task"), ("T", "in a thread"), ("D", "in a drop")]
    {
        let mut stage = ready("board");
        stage.press(key);
        let end = stage.end();
        assert_eq!((end.code, &end.signal), (101, &None), "{said}");
        assert_quick(&end, 500);
        let after = assert_restored(stage);
        assert!(after.starts_with("floorwalker: fault in thread"), "{after:?}");
        assert!(after.contains(said), "{after:?}");
        assert!(!after.contains(['\u{1b}', '\u{7}']), "{after:?}");
    }
}

#[test]
fn a_terminal_that_goes_ends_it_within_a_second_without_a_spin() {
    for play in ["board", "deaf"] {
        for (command, ignores) in
            [(program(play), false), (program_that_ignores_hang_ups(play), true)]
        {
            let mut stage = Stage::start(command, 80, 24);
            stage.until_shown(80, 24, "ready");
            stage.hang_up("x");
            let (end, cost) = stage.end_and_cost();
            assert_quick(&end, 1000);
            assert!(cost <= 300, "{cost} ms of processor time");
            let expected =
                if play == "board" || ignores { (129, None) } else { (1, Some("Hangup")) };
            assert_eq!((end.code, end.signal.as_deref()), expected, "{play}, ignores: {ignores}");
        }
    }
}

#[test]
fn stopped_from_outside_it_gives_the_terminal_back_and_takes_it_again() {
    let mut stage = ready("board");
    stage.signal(Signal::TSTP);
    stage.until("the end of the board", |bytes| bytes.ends_with(LEFT));
    stage.until_stopped();
    let bytes = stage.bytes();
    assert!(bytes.ends_with(LEFT), "nothing is written after it");
    stage.signal(Signal::CONT);
    stage.until("a whole repaint", |all| {
        let behind = shown(&all[bytes.len()..], 80, 24);
        let screen = behind.screen();
        screen.alternate_screen()
            && screen.hide_cursor()
            && screen.bracketed_paste()
            && screen.contents().contains("size 80x24")
            && screen.cell(23, 79).is_some_and(|cell| cell.bgcolor() == vt100::Color::Idx(4))
    });
    stage.press("x");
    stage.until_shown(80, 24, "key x");
    stage.signal(Signal::TERM);
    assert_eq!(stage.end().code, 143);
    assert_eq!(assert_restored(stage), "");
}

#[test]
fn the_suspend_key_does_nothing_where_no_shell_waits() {
    let mut stage = ready("board");
    stage.press("\u{1a}");
    stage.until_shown(80, 24, "no shell");
    stage.signal(Signal::TERM);
    assert_eq!(stage.end().code, 143);
    assert_eq!(assert_restored(stage), "");
}

#[test]
fn the_suspend_key_leads_to_the_shell_and_back() {
    let mut command = CommandBuilder::new("/bin/sh");
    command.arg("-i");
    command.env(STAGE, "board");
    command.env("PS1", "prompt> ");
    command.env_remove("ENV");
    let mut stage = Stage::start(command, 80, 24);
    stage.until_shown(80, 24, "prompt>");
    let program = std::env::current_exe().expect("this binary");
    let program = program.to_str().expect("a path of letters");
    stage.press(&format!("{program} --exact terminal::the_program_on_the_stage --nocapture\n"));
    stage.until_shown(80, 24, "ready");
    stage.press("\u{1a}");
    stage.until("the prompt on the main screen", |bytes| {
        let parser = shown(bytes, 80, 24);
        let screen = parser.screen();
        let contents = screen.contents();
        let prompt = contents.trim_end().ends_with("prompt>");
        prompt && !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
    });
    stage.press("fg\n");
    stage.until_shown(80, 24, "size 80x24");
    stage.press("q");
    stage.until("the shell again", |bytes| {
        let parser = shown(bytes, 80, 24);
        let (screen, contents) = (parser.screen(), parser.screen().contents());
        !screen.alternate_screen() && contents.matches("prompt>").count() == 3
    });
    stage.press("exit\n");
    assert_eq!(stage.end().code, 0);
}

#[test]
fn everything_is_written_again_from_time_to_time() {
    let mut stage = Stage::start(program("often"), 80, 24);
    stage.until("three whole pictures", |bytes| {
        bytes.windows(4).filter(|part| part == b"\x1b[2J").count() >= 3
    });
    stage.signal(Signal::TERM);
    assert_eq!(stage.end().code, 143);
    assert_restored(stage);
}

#[test]
fn without_a_terminal_it_is_refused_and_nothing_is_written() {
    let output = std::process::Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "terminal::the_program_on_the_stage", "--nocapture"])
        .env(STAGE, "board")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the program");
    assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b));
    assert!(String::from_utf8_lossy(&output.stderr).contains("NotATerminal"));
}

#[test]
fn a_terminal_that_is_not_read_holds_nothing_up_and_then_shows_the_newest() {
    let folder = tempfile::tempdir().expect("a folder");
    let done = folder.path().join("done");
    let mut command = program("board");
    command.env(DONE, &done);
    let mut stage = Stage::unread(command, 200, 60);
    stage.press("f");
    until_exists(&done);
    stage.read();
    stage.until_shown(200, 60, "key f");
    stage.signal(Signal::TERM);
    assert_eq!(stage.end().code, 143);
    assert!(stage.bytes().len() < 200_000, "only few of 2000 pictures were written");
}

#[test]
fn a_terminal_that_is_never_read_does_not_keep_it_from_ending() {
    let folder = tempfile::tempdir().expect("a folder");
    let done = folder.path().join("done");
    let mut command = program("board");
    command.env(DONE, &done);
    let mut stage = Stage::unread(command, 200, 60);
    stage.press("f");
    until_exists(&done);
    stage.signal(Signal::TERM);
    let end = stage.end();
    assert_eq!((end.code, &end.signal), (143, &None));
    assert_quick(&end, 2000);
    stage.read();
    assert_eq!(assert_restored(stage), "");
}

fn until_exists(path: &Path) {
    let began = floorwalker::clock::moment();
    while !path.exists() {
        assert!(
            floorwalker::clock::moment().since(began) < LIMIT,
            "{} did not come",
            path.display()
        );
        std::thread::yield_now();
    }
}

#[test]
fn every_size_is_followed_and_settles() {
    let mut stage = ready("board");
    let sizes = [0, 1, 2, 3, 80, 500, 65535];
    for width in sizes {
        for height in sizes {
            stage.resize(width, height);
        }
    }
    stage.resize(61, 17);
    stage.until("the last size", |bytes| {
        let text = b"size 61x17";
        bytes.windows(text.len()).any(|part| part == text)
    });
    let before = stage.bytes().len();
    stage.press("l");
    stage.until("a repaint", |bytes| {
        shown(&bytes[before..], 61, 17).screen().contents().contains("key l")
    });
    stage.signal(Signal::TERM);
    assert_eq!(stage.end().code, 143);
}

#[test]
fn keys_and_pastes_arrive() {
    let mut stage = ready("board");
    for (sent, said) in [
        ("j", "key j"),
        ("\u{1b}[A", "key up"),
        ("\u{3}", "key ctrl+c"),
        ("\u{1b}", "key esc"),
        ("\u{1b}[200~yes\r\u{1b}[201~", "paste yes"),
    ] {
        stage.press(sent);
        stage.until_shown(80, 24, said);
    }
    stage.signal(Signal::TERM);
    assert_eq!(stage.end().code, 143);
}
