//! Themes and palettes.

use floorwalker::table::Tone;
use floorwalker::theme::{Palette, Role, Theme};
use ratatui::style::{Color, Style};

use super::board;

#[test]
fn every_tone_and_role_is_styled_with_contrast() {
    let theme = Theme::midnight();
    assert_eq!(theme.name(), "midnight");
    let base = theme.role(Role::Base);
    let grounds =
        [Role::Base, Role::Header, Role::Selection, Role::Dialog, Role::Footer, Role::Panel];
    for tone in Tone::ALL {
        let style = theme.style(tone);
        assert_ne!(style, Style::new(), "{tone:?}");
        for ground in grounds {
            readable(&format!("{tone:?} on {ground:?}"), style.fg, theme.role(ground).bg);
        }
    }
    for role in Role::ALL {
        let style = base.patch(theme.role(role));
        assert_ne!(theme.role(role), Style::new(), "{role:?}");
        // A rule is no text.
        if role != Role::Rule {
            readable(&format!("{role:?}"), style.fg, style.bg);
        }
    }
    for role in [Role::Stale, Role::Marker] {
        readable("on the selection", theme.role(role).fg, theme.role(Role::Selection).bg);
    }
}

fn readable(what: &str, fg: Option<Color>, bg: Option<Color>) {
    let (Some(fg), Some(bg)) = (fg, bg) else { panic!("{what} has no colours") };
    let (a, b) = (luminance(fg), luminance(bg));
    let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
    assert!(contrast >= 4.5, "{what}: {contrast:.2}");
}

/// WCAG 2.2, relative luminance.
fn luminance(color: Color) -> f64 {
    let Color::Rgb(r, g, b) = color else { panic!("{color} is not of the full palette") };
    let linear = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

#[test]
fn a_theme_refuses_what_it_does_not_know() {
    let text = include_str!("../../../themes/midnight.toml");
    assert!(Theme::parse(text).is_ok());
    let wrong = [
        text.replace("name = ", "title = "),
        text.replace("[tone]", "[tone]\nloud = { fg = \"red\" }"),
        text.replace("critical = { fg = \"red\"", "critical = { fg = \"crimson\""),
        text.replace("good = { fg = \"green\" }", ""),
        text.replace("cursor = ", "caret = "),
        text.replace("#0e131d", "#0e131"),
    ];
    for text in wrong {
        assert!(Theme::parse(&text).is_err(), "{text}");
    }
}

#[test]
fn the_palette_follows_the_terminal() {
    let detect = Palette::detect;
    assert_eq!(detect(true, Some("truecolor"), Some("xterm-256color")), Palette::Mono);
    assert_eq!(detect(false, Some("24bit"), Some("xterm")), Palette::Rgb);
    assert_eq!(detect(false, None, Some("xterm-256color")), Palette::Indexed256);
    assert_eq!(detect(false, None, Some("xterm")), Palette::Indexed16);
    assert_eq!(detect(false, None, None), Palette::Indexed16);
    assert_eq!(detect(false, Some("truecolor"), Some("dumb")), Palette::Mono);
}

#[test]
fn fewer_colours_are_drawn_where_there_are_fewer() {
    let buffer = board(80, 24).with_palette(Palette::Indexed256).buffer();
    assert!(buffer.content.iter().all(|cell| matches!(cell.bg, Color::Indexed(16..))));
    let buffer = board(80, 24).with_palette(Palette::Indexed16).buffer();
    let rgb = |color| matches!(color, Color::Rgb(..) | Color::Indexed(_));
    assert!(buffer.content.iter().all(|cell| !rgb(cell.fg) && !rgb(cell.bg)));
}
