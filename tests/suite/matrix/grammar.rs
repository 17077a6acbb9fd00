//! Every byte that reaches a terminal, for every hostile name in every text field of every vendor, on every screen
//! and in everything that opens over one.
//!
//! The program on the stage is this test binary itself: it shows one picture after another through the real
//! terminal, and goes on when a key says that the last one has come through.

use floorwalker::event::{Event, Stamped};
use floorwalker::terminal::{Options, Terminal};
use floorwalker::wall::{PAGES, Profile};
use portable_pty::CommandBuilder;
use ratatui::buffer::Buffer;

use crate::hygiene::screens::{LOOKS, look};
use crate::hygiene::vendors::{board, named, poisoned};
use crate::support::grammar::strict;
use crate::support::hostile::corpus;
use crate::support::pty::{Stage, shown};
use crate::support::screen::TestScreen;

const STAGE: &str = "FLOORWALKER_TEST_HOSTILE";

const SIZE: (u16, u16) = (100, 26);

/// The tables of a wall, the pages of which are all seen.
fn wall(text: &str) -> Vec<Buffer> {
    let mut screen = TestScreen::new(board(text).state, SIZE.0, SIZE.1);
    screen.state.hang_wall(Profile { pages: PAGES.to_vec(), ..Profile::default() }, true);
    let turn = |screen: &mut TestScreen| {
        screen.press("space");
        screen.buffer()
    };
    PAGES.map(|_| turn(&mut screen)).into()
}

/// What follows from asking for a change: a list to choose from, the question, its result.
fn asked(text: &str) -> Vec<Buffer> {
    let mut screen = TestScreen::new(named(&poisoned(text)).state, SIZE.0, SIZE.1);
    let ways = ["2 g o", "enter", "y", "esc 2 g space j space o", "y", "esc 8 g r"];
    ways.map(|keys| {
        screen.press(keys);
        screen.buffer()
    })
    .into()
}

/// Every picture of one name.
fn pictures(text: &str) -> Vec<Buffer> {
    let desk = board(text);
    let looked = LOOKS.iter().map(|(_, keys, paste)| {
        let screen = TestScreen::new(desk.state.clone(), SIZE.0, SIZE.1);
        look(screen, keys, paste.then(|| poisoned(text))).buffer()
    });
    looked.chain(wall(text)).chain(asked(text)).collect()
}

#[test]
fn the_hostile_program_on_the_stage() {
    if std::env::var_os(STAGE).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = Options { mouse: true, ..Options::default() };
        let (terminal, mut input) = Terminal::enter(options).unwrap();
        let screen = terminal.screen();
        for (_, text) in corpus() {
            for mut picture in pictures(&text) {
                screen.copy(&poisoned(&text));
                screen.put(&mut picture, None);
                let key = |stamped: &Stamped| matches!(stamped.event, Event::Key(_));
                while !input.next().await.is_some_and(|stamped| key(&stamped)) {}
            }
        }
        terminal.leave();
    });
    std::process::exit(0);
}

#[test]
fn no_byte_outside_of_the_declared_commands_reaches_the_terminal() {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    let own = "matrix::grammar::the_hostile_program_on_the_stage";
    command.args(["--exact", own, "--nocapture"]);
    command.env(STAGE, "1");
    let mut stage = Stage::start(command, SIZE.0, SIZE.1);
    let total = corpus().len() * (LOOKS.len() + 4 + 6);
    let mut before = 0;
    for _ in 0..total {
        // Behind every picture there is a text for the clipboard.
        stage.until("a picture", |bytes| bytes.len() > before && bytes.ends_with(b"\x1b\\"));
        before = stage.written();
        stage.press("x");
    }
    let end = stage.end();
    assert_eq!((end.code, end.signal), (0, None));
    let bytes = stage.close();
    let entered = b"\x1b[?1049h";
    let begin = bytes.windows(entered.len()).position(|part| part == entered).unwrap();
    assert_eq!(strict(&bytes[begin..]), Ok(total), "as many copies as were asked for");
    let left = shown(&bytes[begin..], SIZE.0, SIZE.1);
    assert!(!left.screen().alternate_screen() && !left.screen().bracketed_paste());
    assert_eq!(left.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
}

#[test]
fn the_grammar_finds_what_it_looks_for() {
    let bad = [
        "\u{1b}]0;title\u{7}",
        "\u{1b}]52;c;not base64\u{7}",
        "\u{1b}]52;c;AAAA",
        "\u{1b}[?47h",
        "\u{1b}[?25m",
        "\u{1b}[2A",
        "\u{1b}[6n",
        "\u{1b}[>c",
        "\u{1b}c",
        "\u{1b}P1\u{1b}\\",
        "a\u{202e}b",
        "\u{9b}m",
        "\n",
        "a\u{200b}b",
        "\u{1b}[",
        "\u{1b}[?25",
        "\u{1b}",
    ];
    for bad in bad {
        assert!(strict(bad.as_bytes()).is_err(), "{bad:?}");
    }
    assert!(strict(b"\xff").is_err());
    let good = "\u{1b}[?1049h\u{1b}[2;3H\u{1b}[1;38;2;1;2;3mVäxel\u{1b}[K\u{1b}]52;c;QUJD\u{1b}\\x\u{1b}[?25h";
    assert_eq!(strict(good.as_bytes()), Ok(1));
}

#[test]
fn the_pictures_are_of_every_table_and_dialog() {
    let all = pictures("\u{1b}[2J");
    assert_eq!(all.len(), LOOKS.len() + 4 + 6);
    let text: String = all.iter().map(crate::support::screen::text).collect();
    for what in
        ["Queues", "Agents", "Callback lists", "Entries", "Sources", "Log", "Columns", "logged in"]
    {
        assert!(text.contains(what), "{what}");
    }
}
