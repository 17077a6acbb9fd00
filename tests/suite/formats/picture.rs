//! The screen as a picture in a file.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use chrono::NaiveDateTime;
use floorwalker::event::Event;
use floorwalker::runtime::export;
use floorwalker::state::{Effect, State};
use floorwalker::table::Tone;
use floorwalker::text::{Characters, Shown};
use floorwalker::theme::Theme;
use floorwalker::ui::Look;
use portable_pty::CommandBuilder;

use super::NUMBER;
use crate::support::centre;
use crate::support::pty::Stage;
use crate::support::screen::TestScreen;

fn noon() -> NaiveDateTime {
    centre::wall().naive_utc()
}

fn screen(keys: &str) -> TestScreen {
    let mut screen = TestScreen::new(centre::busy(), 120, 34);
    screen.press(keys);
    screen
}

/// What a picture says: its texts, one after the other.
fn said(state: &State, mask: bool) -> String {
    let look = Look { theme: Theme::midnight(), characters: Characters::Unicode };
    let picture = export::picture(state, &look, mask);
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    let texts = picture.split("<text ").skip(1);
    texts.map(|text| text.split_once('>').unwrap().1.split("</text>").next().unwrap()).collect()
}

#[test]
fn x_writes_the_screen_in_read_only_mode_too() {
    assert_eq!(screen("1").press("x"), [Effect::Export]);
    assert_eq!(screen("1").read_only().press("x"), [Effect::Export]);
}

#[test]
fn x_in_a_filter_or_a_question_writes_nothing() {
    assert_eq!(screen("/").press("x"), []);
    assert_eq!(screen("down enter down down o").press("x"), []);
}

#[test]
fn the_notice_says_where_the_picture_is_and_masks_no_digit_of_its_name() {
    let mut screen = screen("1");
    screen.state.mask = true;
    let place = "floorwalker-20260312-143207.svg in /srv/noc";
    screen.event(Event::Exported(Ok(Shown::clean(place))));
    assert!(screen.text().contains(place), "{}", screen.text());
    screen.event(Event::Exported(Err(Shown::clean("permission denied in /srv/noc"))));
    assert!(screen.text().contains("no picture was written: permission denied in /srv/noc"));
    assert_eq!(screen.state.notice.as_ref().unwrap().tone, Tone::Critical);
}

#[test]
fn a_picture_masks_numbers_unless_asked_otherwise() {
    let (whole, masked) = NUMBER;
    let screen = screen("7");
    assert!(screen.text().contains(whole), "the board shows them");
    let told = said(&screen.state, true);
    assert!(told.contains(masked) && !told.contains(whole), "{told}");
    let told = said(&screen.state, false);
    assert!(told.contains(whole) && !told.contains(masked), "{told}");
}

#[test]
fn a_number_that_rows_are_filtered_by_is_masked_and_keeps_its_rows() {
    let (whole, masked) = NUMBER;
    let mut screen = screen("7 /");
    screen.event(Event::Paste(whole.to_owned()));
    screen.press("enter");
    assert!(screen.text().contains(&format!("filter: {whole}")), "{}", screen.text());
    let told = said(&screen.state, true);
    assert!(!told.contains(whole), "{told}");
    assert!(told.contains(&format!("filter:{masked}")), "{told}");
    assert!(told.contains("1 of 5 kept"), "{told}");
}

#[test]
fn a_picture_has_no_notice() {
    let mut screen = screen("1");
    screen.event(Event::Exported(Ok(Shown::clean("one.svg in /home/somebody"))));
    assert!(screen.text().contains("/home/somebody"));
    assert!(!said(&screen.state, false).contains("somebody"));
}

#[test]
fn a_picture_is_for_its_writer_alone_and_never_over_another() {
    let home = tempfile::tempdir().unwrap();
    let names = ["", "-2", "-3"].map(|end| format!("floorwalker-20260312-143207{end}.svg"));
    for (number, name) in names.iter().enumerate() {
        let path = export::write(home.path(), noon(), &number.to_string()).unwrap();
        assert_eq!(path, home.path().join(name));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    for (number, name) in names.iter().enumerate() {
        assert_eq!(fs::read_to_string(home.path().join(name)).unwrap(), number.to_string());
    }
}

#[test]
fn a_picture_is_not_written_through_a_link() {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("target");
    fs::write(&target, "mine").unwrap();
    let link = home.path().join("floorwalker-20260312-143207.svg");
    std::os::unix::fs::symlink(&target, link).unwrap();
    let path = export::write(home.path(), noon(), "picture").unwrap();
    assert_eq!(path, home.path().join("floorwalker-20260312-143207-2.svg"));
    assert_eq!(fs::read_to_string(target).unwrap(), "mine");
}

#[test]
fn where_nothing_can_be_written_it_says_so() {
    let home = tempfile::tempdir().unwrap();
    assert!(export::write(&home.path().join("gone"), noon(), "picture").is_err());
}

#[test]
fn the_board_writes_a_picture_where_it_was_started() {
    let home = tempfile::tempdir().unwrap();
    let mut demo = CommandBuilder::new(env!("CARGO_BIN_EXE_floorwalker"));
    demo.arg("demo");
    demo.cwd(home.path());
    demo.env("HOME", home.path());
    demo.env("XDG_STATE_HOME", home.path().join("state"));
    demo.env("TERM", "xterm-256color");
    let mut stage = Stage::start(demo, 120, 34);
    stage.until_shown(120, 34, "Support");
    stage.press("x");
    stage.until_shown(120, 34, "the screen is in floorwalker-");
    let pictures: Vec<_> = fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "svg"))
        .collect();
    assert_eq!(pictures.len(), 1, "{pictures:?}");
    let picture = fs::read_to_string(&pictures[0]).unwrap();
    assert!(picture.contains("Support") && picture.ends_with("</svg>\n"));
    stage.press("q");
    assert_eq!(stage.end().code, 0);
}
