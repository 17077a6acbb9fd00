//! What happens on a board of 60 rows, as pictures one after the other: in the terminal's own colours and in a
//! theme's.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

const AREA: Rect = Rect { x: 0, y: 0, width: 200, height: 60 };

/// Every scenario with its name.
pub fn scenarios() -> Vec<(String, Vec<Buffer>)> {
    let plain = Style::new();
    let dark = Style::new().fg(Color::Rgb(220, 220, 220)).bg(Color::Rgb(16, 18, 24));
    [("plain", plain), ("dark", dark)]
        .into_iter()
        .flat_map(|(theme, style)| {
            let named = move |(what, frames)| (format!("{theme}: {what}"), frames);
            in_style(style).into_iter().map(named)
        })
        .collect()
}

fn in_style(style: Style) -> [(&'static str, Vec<Buffer>); 8] {
    let first = || board(3, style, "Queue");
    let rotated = |turn: usize, name: &str| {
        let mut buffer = board(3, style, name);
        buffer.content[200..].rotate_left(200 * turn);
        buffer
    };
    let selected = |y| {
        let mut buffer = first();
        buffer.set_style(Rect::new(0, y, 200, 1), Style::new().reversed());
        buffer
    };
    let page = |turn| if turn % 2 == 0 { board(1, style, "Queue") } else { Buffer::empty(AREA) };
    let either = |turn| if turn % 2 == 0 { "Queue" } else { "日本" };
    [
        ("first frame", vec![board(0, style, "Queue")]),
        ("a second passes", (0..20).map(|second| board(second, style, "Queue")).collect()),
        ("wide names", (0..20).map(|second| board(second, style, "サポート東京")).collect()),
        ("rows change places", (0..6).map(|turn| rotated(turn, either(turn))).collect()),
        ("a scroll by one", (0..20).map(|turn| rotated(turn, "Queue")).collect()),
        ("a scroll by one, wide", (0..20).map(|turn| rotated(turn, "日本")).collect()),
        ("the selection moves", (1..20).map(selected).collect()),
        ("a page and nothing", (0..6).map(page).collect()),
    ]
}

/// A board of 60 rows in `style`, some figures of which depend on `second`.
fn board(second: u32, style: Style, name: &str) -> Buffer {
    let mut buffer = Buffer::empty(AREA);
    buffer.set_style(AREA, style);
    buffer.set_string(0, 0, format!("floorwalker   {second:>6}"), style.bold());
    for y in 1..AREA.height {
        let row = u32::from(y);
        buffer.set_string(0, y, format!("{name} {y}"), style);
        let waiting = (row * 7 + second * (row % 3)) % 10;
        let tone = if waiting > 7 { style.fg(Color::LightRed) } else { style.fg(Color::Green) };
        buffer.set_string(30, y, format!("{waiting:>4}"), tone);
        let wait = row * 13 + second;
        buffer.set_string(40, y, format!("{:>3}:{:02}", wait / 60, wait % 60), style);
        buffer.set_string(60, y, format!("{:>5} %", 70 + row % 30), style.dim());
    }
    buffer
}
