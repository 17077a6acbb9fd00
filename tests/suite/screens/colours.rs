//! Palettes.

use floorwalker::theme::Palette;
use ratatui::style::Color;

use super::board;

#[test]
fn fewer_colours_are_drawn_where_there_are_fewer() {
    let buffer = board(80, 24).with_palette(Palette::Indexed256).buffer();
    assert!(buffer.content.iter().all(|cell| matches!(cell.bg, Color::Indexed(16..))));
    let buffer = board(80, 24).with_palette(Palette::Indexed16).buffer();
    let rgb = |color| matches!(color, Color::Rgb(..) | Color::Indexed(_));
    assert!(buffer.content.iter().all(|cell| !rgb(cell.fg) && !rgb(cell.bg)));
}
