//! Themes: readable in every colour, apart for every eye, of the user's own, remembered.

use std::collections::BTreeSet;
use std::path::Path;

use floorwalker::config::Config;
use floorwalker::report::svg::svg;
use floorwalker::state::{Effect, Themes};
use floorwalker::table::Tone;
use floorwalker::theme::{Palette, Role, Shelf, THEMES, Theme};
use ratatui::buffer::Cell;
use ratatui::style::{Color, Style};

use crate::support::centre;
use crate::support::screen::TestScreen;

mod eyes;
mod files;
mod run;
mod sixteen;

/// Keys that lead to every part of the screen.
const EVERYWHERE: [&str; 13] = [
    "1",
    "down",
    "u down",
    "down enter",
    "down enter down down o",
    "?",
    "s",
    "/ r e : (",
    "/ x x x enter",
    "2 down",
    "7 down d",
    "8",
    "0",
];

/// The sizes at which parts come and go.
const SIZES: [(u16, u16); 4] = [(200, 50), (120, 34), (80, 24), (36, 10)];

fn themes() -> Vec<Theme> {
    let shelf = Shelf::embedded();
    THEMES.iter().map(|own| shelf.get(own.name).unwrap().clone()).collect()
}

/// Every screen in this theme.
fn screens(theme: &Theme) -> impl Iterator<Item = (TestScreen, String)> {
    EVERYWHERE.into_iter().flat_map(move |keys| {
        SIZES.into_iter().map(move |(width, height)| {
            let mut screen = TestScreen::new(centre::busy(), width, height).with_theme(theme);
            screen.press(keys);
            (screen, format!("{} after {keys} at {width}×{height}", theme.name()))
        })
    })
}

#[test]
fn the_embedded_themes_are_those_of_the_contract() {
    let names: Vec<String> = themes().iter().map(|theme| theme.name().to_owned()).collect();
    assert_eq!(names, ["midnight", "daylight", "contrast", "deuteran", "mono"]);
}

#[test]
fn every_tone_and_role_is_readable_on_every_ground() {
    for theme in themes().iter().filter(|theme| theme.name() != "mono") {
        let least = eyes::least(theme);
        let base = theme.role(Role::Base);
        let grounds =
            [Role::Base, Role::Header, Role::Selection, Role::Dialog, Role::Footer, Role::Panel];
        for ground in grounds.map(|role| base.patch(theme.role(role))) {
            for tone in Tone::ALL {
                assert_ne!(theme.style(tone), Style::new(), "{tone:?}");
                for style in [theme.style(tone), theme.ink(tone)] {
                    let contrast = eyes::contrast(ground.patch(style));
                    assert!(contrast >= least, "{} {tone:?}: {contrast:.2}", theme.name());
                }
            }
        }
        // A rule is no text.
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Rule) {
            assert_ne!(theme.role(role), Style::new(), "{role}");
            let contrast = eyes::contrast(base.patch(theme.role(role)));
            assert!(contrast >= least, "{} {role}: {contrast:.2}", theme.name());
        }
    }
}

#[test]
fn every_letter_that_is_drawn_is_readable_in_full_colour_and_in_256() {
    for theme in themes().iter().filter(|theme| theme.name() != "mono") {
        for (palette, least) in [(Palette::Rgb, eyes::least(theme)), (Palette::Indexed256, 4.5)] {
            let theme = theme.clone().with_palette(palette);
            for (screen, place) in screens(&theme) {
                for cell in screen.buffer().content.iter().filter(|cell| is_text(cell)) {
                    let contrast = eyes::contrast(cell.style());
                    assert!(contrast >= least, "{:?} in {place}: {contrast:.2}", cell.symbol());
                }
            }
        }
    }
}

/// Whether a cell is read: no blank, no line, no block.
fn is_text(cell: &Cell) -> bool {
    !cell.symbol().chars().all(|c| matches!(c, ' ' | '\u{2500}'..='\u{259f}'))
}

#[test]
fn mono_has_no_colour_and_says_all_by_weight_underline_and_reverse() {
    let shelf = Shelf::embedded();
    let mono = shelf.get("mono").unwrap();
    for (screen, place) in screens(mono) {
        for cell in &screen.buffer().content {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{place}");
        }
    }
    let looks: BTreeSet<u16> = [Tone::Plain, Tone::Strong, Tone::Warning, Tone::Critical]
        .map(|tone| mono.style(tone).add_modifier.bits())
        .into();
    assert_eq!(looks.len(), 4);
}

#[test]
fn a_critical_figure_shows_on_the_selected_row_in_every_theme() {
    let shelf = Shelf::embedded();
    for theme in
        themes().iter().chain([&shelf.get("midnight").unwrap().clone().with_palette(Palette::Mono)])
    {
        let mut screen = TestScreen::new(centre::busy(), 80, 24).with_theme(theme);
        screen.press("down");
        let buffer = screen.buffer();
        let row = (0..24).find(|y| buffer[(0, *y)].symbol() == "▌").unwrap();
        let (figure, name) = ((0..80).rfind(|x| buffer[(*x, row)].symbol() == ":"), 5);
        let (figure, name) = (&buffer[(figure.unwrap(), row)], &buffer[(name, row)]);
        let look = |cell: &Cell| (cell.fg, cell.bg, cell.modifier);
        assert_ne!(look(figure), look(name), "{}", theme.name());
    }
}

#[test]
fn a_sign_stands_beside_every_tall_figure_that_reaches_a_limit() {
    for theme in themes() {
        let screen = TestScreen::new(centre::busy(), 160, 40).with_theme(&theme);
        let labels = screen.line("Agents free");
        assert!(labels.contains("■ Waiting") && labels.contains("■ Longest wait"), "{labels}");
        assert!(labels.contains("  Agents free"), "{labels}");
    }
}

#[test]
fn what_steps_back_behind_a_question_is_filled_no_more() {
    for theme in themes() {
        let mut screen = TestScreen::new(centre::busy(), 160, 40).with_theme(&theme);
        screen.press("s");
        let buffer = screen.buffer();
        let critical = theme.style(Tone::Critical);
        for y in 1..39 {
            for cell in (0..160).map(|x| &buffer[(x, y)]) {
                assert!(critical.bg.is_none() || Some(cell.bg) != critical.bg, "{}", theme.name());
            }
        }
    }
}

#[test]
fn f2_goes_through_the_themes_and_back_to_the_first() {
    let mut screen = TestScreen::new(centre::busy(), 80, 24);
    screen.state.themes = Themes::new(Shelf::embedded().names(), "deuteran");
    for (name, notice) in [
        ("mono", "theme mono, 5 of 5"),
        ("midnight", "theme midnight, 1 of 5"),
        ("daylight", "2 of 5"),
    ] {
        assert_eq!(screen.press("f2"), [Effect::Remember]);
        assert_eq!(screen.state.themes.name(), Some(name));
        assert!(screen.text().contains(notice), "{}", screen.text());
    }
}

#[test]
fn f2_without_themes_does_nothing() {
    let mut screen = TestScreen::new(centre::busy(), 80, 24);
    assert_eq!(screen.press("f2"), []);
}

#[test]
fn a_theme_that_is_not_there_is_answered_with_the_nearest() {
    for (wrong, near) in [("daylite", "daylight"), ("deuteram", "deuteran"), ("Mono", "mono")] {
        let complaints = Config::parse(&format!("theme = \"{wrong}\"\n"), true).unwrap_err();
        let [complaint] = complaints.as_slice() else { panic!("{complaints:?}") };
        assert_eq!(complaint.line, Some(1));
        assert!(complaint.what.contains(&format!("did you mean \"{near}\"")), "{complaint:?}");
    }
    for own in THEMES {
        let config = Config::parse(&format!("theme = \"{}\"\n", own.name), true).unwrap();
        assert!(config.later.is_empty(), "nothing is left for later: {:?}", config.later);
    }
}

/// `UPDATE=1 cargo test` draws the pictures anew; otherwise they are compared.
#[test]
fn the_pictures_of_the_themes_show_what_is_drawn() {
    for theme in themes().iter().filter(|theme| theme.name() != "midnight") {
        let mut screen = TestScreen::new(centre::busy(), 160, 40).with_theme(theme);
        screen.press("down");
        let drawn = svg(&screen.buffer(), theme);
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("screenshots/theme-{}.svg", theme.name()));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &drawn).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == drawn, "{} is old: UPDATE=1 cargo test draws it anew", path.display());
    }
}
