//! Two thousand sizes, possible ones and others, through the real terminal into the real program.

use std::time::Duration;

use floorwalker::clock;

use floorwalker::table::TableId;

use crate::hygiene::vendors::board;
use crate::support::board::{Board, QUEUE};
use crate::support::pty::{Stage, Watch, shown};
use crate::support::screen::TestScreen;

/// What a terminal may say of its width and its height.
const SPANS: [u16; 7] = [0, 1, 2, 3, 80, 500, 65_535];

const LAST: (u16, u16) = (61, 17);

/// What stands before every whole picture.
const CLEAR: &[u8] = b"\x1b[2J";

/// The part of `bytes` that was written since everything was written again for the last time.
fn last_picture(bytes: &[u8]) -> &[u8] {
    let at = bytes.windows(CLEAR.len()).rposition(|part| part == CLEAR);
    at.map_or(&[], |at| &bytes[at..])
}

fn whole_pictures(bytes: &[u8]) -> usize {
    bytes.windows(CLEAR.len()).filter(|part| *part == CLEAR).count()
}

/// The lowest row that a picture writes to.
fn lowest(picture: &[u8]) -> usize {
    let text = String::from_utf8_lossy(picture);
    let row = |sequence: &str| {
        let (place, _) = sequence.split_once('H')?;
        place.split(';').next()?.parse().ok()
    };
    text.split("\u{1b}[").filter_map(row).max().unwrap_or(0)
}

#[test]
fn two_thousand_sizes_are_followed_and_the_last_settles() {
    let board = Board::new();
    let mut stage = Stage::start(board.program(), 80, 24);
    let watch = Watch::new(80, 24);
    stage.until_seen(&watch, "the board", |screen| screen.contents().contains(QUEUE));
    let mut chance = fastrand::Rng::with_seed(10);
    for turn in 0..2_000 {
        let mut span = || SPANS[chance.usize(..SPANS.len())];
        stage.resize(span(), span());
        if turn % 20 == 0 {
            // Some of them are drawn, most are overtaken.
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    let began = clock::moment();
    stage.resize(LAST.0, LAST.1);
    stage.until("the last size", |bytes| {
        let picture = last_picture(bytes);
        let footer = || shown(picture, LAST.0, LAST.1).screen().contents().contains("quit");
        lowest(picture) == usize::from(LAST.1) && footer()
    });
    let took = clock::moment().since(began);
    assert!(took <= Duration::from_millis(250), "it took {took:?} to settle");
    let before = whole_pictures(&stage.bytes());
    stage.press("\u{c}");
    stage.until("everything once more, by the key", |bytes| whole_pictures(bytes) > before);
    stage.press("q");
    let end = stage.end();
    assert_eq!((end.code, end.signal), (0, None));
}

/// The largest size that is drawn: what a terminal claims beyond it is not believed.
const LARGEST: (u16, u16) = (1_000, 400);

#[test]
fn every_table_is_drawn_at_every_size() {
    let desk = board("語\u{1b}[2J");
    for width in SPANS.map(|span| span.min(LARGEST.0)) {
        for height in SPANS.map(|span| span.min(LARGEST.1)) {
            let large = u32::from(width) * u32::from(height) > 50_000;
            let mut screen = TestScreen::new(desk.state.clone(), width, height);
            for _ in 0..if large { 1 } else { TableId::ALL.len() } {
                let buffer = screen.buffer();
                assert_eq!((buffer.area.width, buffer.area.height), (width, height));
                screen.press("tab");
            }
            screen.press("w");
            screen.buffer();
        }
    }
}
