//! What is drawn: every part, at every size, with and without colours.

use std::fmt::Write;

use floorwalker::event::{Event, Press, SourceEvent, Stamped};
use floorwalker::floor::Part;
use floorwalker::floor::id::SourceName;
use floorwalker::floor::queue::Figures;
use floorwalker::operations::Outcome;
use floorwalker::state::{Effect, State};
use floorwalker::text::{Characters, Shown};
use floorwalker::theme::{Palette, Role, Theme};
use floorwalker::ui::{self, Look};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::support::centre;
use crate::support::screen::TestScreen;

mod beside;
mod colours;
mod form;
mod groups;
mod me;
mod pictures;
mod room;

fn board(width: u16, height: u16) -> TestScreen {
    TestScreen::new(centre::busy(), width, height)
}

/// The board after `keys`.
fn after(keys: &str, width: u16, height: u16) -> TestScreen {
    let mut screen = board(width, height);
    screen.press(keys);
    screen
}

/// The afternoon with tasks, after these keys.
fn contacts(keys: &str, width: u16, height: u16) -> TestScreen {
    let mut screen = TestScreen::new(centre::contacts(), width, height);
    screen.press(keys);
    screen
}

fn tell(state: &mut State, source: &str, event: SourceEvent) {
    let source = SourceName::new(source);
    state.apply(Stamped { at: state.now.moment, event: Event::Source { source, event } });
}

#[test]
fn the_board_on_a_wide_screen() {
    insta::assert_snapshot!(board(200, 50).styled());
}

#[test]
fn the_board_on_a_common_screen() {
    insta::assert_snapshot!(board(80, 24).styled());
}

#[test]
fn the_board_on_a_small_screen() {
    insta::assert_snapshot!(board(36, 10).styled());
}

#[test]
fn inside_a_queue_are_its_figures_and_its_agents() {
    insta::assert_snapshot!("inside_wide", after("down enter", 120, 34).styled());
    insta::assert_snapshot!("inside_common", after("down enter", 80, 24).styled());
    insta::assert_snapshot!("inside_small", after("down enter", 36, 10).styled());
}

#[test]
fn a_question_says_what_follows_and_that_only_y_acts() {
    insta::assert_snapshot!("question_common", after("down enter down down o", 80, 24).styled());
    insta::assert_snapshot!("question_small", after("down enter down down o", 36, 10).styled());
}

#[test]
fn every_table_has_its_screen() {
    for (key, name) in [
        ("2", "agents"),
        ("3", "calls"),
        ("5", "callbacks"),
        ("6", "callback_lists"),
        ("7", "entries"),
        ("8", "sources"),
        ("0", "log"),
    ] {
        insta::assert_snapshot!(name, after(key, 100, 20).text());
    }
    insta::assert_snapshot!("tasks", contacts("4 down", 160, 34).text());
}

#[test]
fn help_lists_every_action_with_its_keys() {
    insta::assert_snapshot!("help_wide", after("?", 160, 40).text());
    insta::assert_snapshot!("help_small", after("?", 36, 10).text());
    let read_only = {
        let mut screen = board(160, 40).read_only();
        screen.press("?");
        screen
    };
    assert!(!read_only.text().contains("Log the selected agent"));
    assert!(read_only.text().contains("read-only"));
}

#[test]
fn a_long_help_is_read_to_its_end() {
    let mut screen = after("?", 36, 10);
    assert!(screen.line("Keys").contains("more below"), "{}", screen.text());
    for _ in 0..200 {
        screen.press("down");
        if screen.text().contains("ctrl+l") {
            return;
        }
    }
    panic!("ctrl+l was never shown");
}

#[test]
fn a_picker_keeps_the_marked_item_in_sight() {
    insta::assert_snapshot!("picker", after("s", 80, 24).styled());
    let screen = after("s G", 36, 10);
    assert!(screen.line("Source").contains('▌'), "{}", screen.text());
}

#[test]
fn no_colour_is_needed_to_read_the_board() {
    let screen = board(80, 24).with_palette(Palette::Mono);
    let buffer = screen.buffer();
    for cell in &buffer.content {
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
    }
    insta::assert_snapshot!(screen.styled());
    let critical = screen.style_of("2:14");
    assert!(critical.add_modifier.contains(Modifier::BOLD));
}

#[test]
fn ascii_leaves_no_other_character() {
    for keys in
        ["down", "u", "down enter", "down enter down down o", "?", "s", "2", "6", "7", "8", "0"]
    {
        for (width, height) in [(200, 50), (80, 24), (36, 10)] {
            let screen = after(keys, width, height).in_ascii();
            let text = screen.text();
            let odd: Vec<char> = text.chars().filter(|c| !matches!(c, ' '..='~' | '\n')).collect();
            assert!(odd.is_empty(), "{odd:?} after {keys} at {width}×{height}");
        }
    }
    insta::assert_snapshot!(board(120, 34).in_ascii().text());
}

#[test]
fn a_console_gets_only_characters_that_its_fonts_have() {
    let has = |c: char| {
        matches!(c, ' '..='~' | '\n' | '\u{A1}'..='\u{24F}')
            || "█░▒■▲▼·•─│┌┐└┘├┤┬┴┼═≈»«↓↑→←".contains(c)
    };
    for keys in ["down", "u", "down enter", "?", "s", "2", "5", "6", "7", "8", "0", "w"] {
        for (width, height) in [(200, 50), (120, 35), (80, 24), (36, 10)] {
            let text = after(keys, width, height).on_console().text();
            let odd: Vec<char> = text.chars().filter(|c| !has(*c)).collect();
            assert!(odd.is_empty(), "{odd:?} after {keys} at {width}×{height}");
        }
    }
}

#[test]
fn rows_that_are_old_are_dimmed_and_say_how_old() {
    let screen = board(120, 34);
    assert!(screen.line("Sentralbord").ends_with("12m old"));
    let stale = Theme::midnight().role(Role::Stale).fg;
    assert_eq!(screen.style_of("Sentralbord").fg, stale);
    assert_ne!(screen.style_of("Support").fg, stale);
}

#[test]
fn an_age_covers_whole_cells_where_it_has_no_column() {
    let line = board(80, 24).line("Sentralbord");
    assert!(line.ends_with("158     12m old"), "{line:?}");
    assert!(board(36, 10).line("Sentralbord").ends_with("1   12m old"));
}

#[test]
fn old_figures_are_counted_nowhere() {
    // Sentralbord has one caller waiting, but that was twelve minutes ago.
    assert!(board(80, 24).line("waiting").contains("8 waiting"));
    assert!(board(120, 34).text().contains("in 4 of 10 fresh"));
}

#[test]
fn what_is_not_told_is_a_quiet_dash_and_never_zero() {
    let mut screen = board(120, 34);
    let mut queue = screen.state.floor.queue(&"hq".into(), &"21".into()).unwrap().clone();
    queue.figures = Figures::default();
    tell(&mut screen.state, "hq", SourceEvent::Snapshot(Part::Queues(vec![queue])));
    let line = screen.line("Växel");
    assert!(!line.contains('0'), "{line:?}");
    assert_eq!(line.matches('–').count(), 8, "{line:?}");
}

#[test]
fn figures_out_of_all_proportion_are_drawn() {
    let mut screen = board(200, 50);
    for service_level in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, f64::MAX] {
        let mut queue = screen.state.floor.queue(&"hq".into(), &"21".into()).unwrap().clone();
        queue.figures = Figures {
            waiting: Some(u32::MAX),
            longest_wait_s: Some(u32::MAX),
            agents_logged_in: Some(u32::MAX),
            offered: Some(u32::MAX),
            abandoned: Some(u32::MAX),
            answered: Some(u32::MAX),
            service_level: Some(service_level),
            presence: Some(vec![(Shown::clean("lunch"), u32::MAX); 40]),
            ..Figures::default()
        };
        let mut second = queue.clone();
        second.id = "22".into();
        let both = Part::Queues(vec![queue, second]);
        tell(&mut screen.state, "hq", SourceEvent::Snapshot(both));
        for (width, height) in [(200, 50), (120, 34), (80, 24), (36, 10)] {
            screen.resize(width, height);
            assert!(!screen.text().contains("NaN"));
            assert!(!screen.text().contains("inf"));
        }
    }
    screen.resize(200, 50);
    let line = screen.line("■ Växel");
    assert!(line.contains("4G   49710d "), "what does not fit says so: {line:?}");
}

#[test]
fn what_stood_in_the_buffer_before_is_gone() {
    let area = Rect { x: 0, y: 0, width: 80, height: 24 };
    let mut buffer = Buffer::filled(area, ratatui::buffer::Cell::new("\u{1b}]52;c;\u{7}"));
    let look = Look { theme: Theme::midnight(), characters: Characters::Unicode };
    ui::draw(&centre::busy(), &look, &mut buffer, area);
    assert!(buffer.content.iter().all(|cell| !cell.symbol().chars().any(char::is_control)));
}

#[test]
fn wide_names_keep_the_columns_behind_them_in_place() {
    let mut screen = board(80, 24);
    let mut queues = Vec::new();
    for (id, name) in [
        ("1", "日本語サポート窓口のとても長い名前です"),
        ("2", "Plain"),
        ("3", "e\u{301}\u{301}\u{301}\u{301}"),
    ] {
        let mut queue = screen.state.floor.queue(&"hq".into(), &"21".into()).unwrap().clone();
        (queue.id, queue.name) = (id.into(), Shown::clean(name));
        queues.push(queue);
    }
    tell(&mut screen.state, "hq", SourceEvent::Snapshot(Part::Queues(queues)));
    let buffer = screen.buffer();
    let column = |y: u16| {
        (0..80).find(|x| buffer[(*x, y)].symbol() == "2" && buffer[(x + 1, y)].symbol() == ":")
    };
    let places: Vec<_> = (3..6).map(column).collect();
    assert!(places[0].is_some() && places.iter().all(|place| *place == places[0]), "{places:?}");
}

#[test]
fn a_box_over_a_wide_name_leaves_no_half_glyph() {
    let mut screen = board(80, 24);
    let mut agents: Vec<_> =
        screen.state.floor.world(&"hq".into()).unwrap().agents.values().cloned().collect();
    for agent in &mut agents {
        agent.name = Shown::clean("日本語サポート窓口のとても長い名前です日本語サポート窓口");
    }
    tell(&mut screen.state, "hq", SourceEvent::Snapshot(Part::Agents(agents)));
    screen.press("down enter down o");
    for shift in 0..2 {
        screen.resize(80 + shift, 24);
        for line in screen.text().lines() {
            let wide = unicode_width::UnicodeWidthStr::width(line);
            assert!(wide <= usize::from(80 + shift), "{line:?}");
        }
        let text = screen.text();
        assert_eq!(text.matches('?').count(), text.matches("Växel?").count() + 1, "{text}");
    }
}

#[test]
fn the_header_keeps_the_worst_and_the_clock_at_36_columns() {
    let header = board(36, 10).text().lines().next().unwrap().to_owned();
    assert!(header.contains("■ 1"), "{header:?}");
    assert!(header.ends_with("14:32:07"), "{header:?}");
}

#[test]
fn the_footer_keeps_help_and_quit_at_36_columns() {
    for keys in ["1", "2", "6", "7", "8", "0", "down enter"] {
        let text = after(keys, 36, 10).text();
        assert!(text.lines().last().unwrap().ends_with("? help   q quit"), "{text}");
    }
}

#[test]
fn a_small_question_still_shows_its_title_and_its_answers() {
    let screen = after("down enter down down o", 36, 10);
    assert!(screen.text().contains("Log Ebba Grahn out of Växel?"));
    assert!(screen.text().contains("y yes   n no"));
    for height in 2..10 {
        let screen = after("down enter down down o", 36, height);
        assert!(screen.text().contains("y yes   n no"), "at {height}:\n{}", screen.text());
    }
}

#[test]
fn read_only_is_said() {
    for (width, height) in [(200, 50), (80, 24), (50, 10)] {
        let text = board(width, height).read_only().text();
        assert!(text.lines().next().unwrap().contains("read-only"), "{text}");
        assert!(!text.contains("log out"), "{text}");
    }
}

#[test]
fn an_action_that_cannot_be_done_is_greyed() {
    let off = Theme::midnight().role(Role::HintOff).fg;
    let mut screen = after("down enter down down", 120, 34);
    assert_eq!(screen.style_of("i log in").fg, off, "Ebba is logged in already");
    assert_ne!(screen.style_of("o log out").fg, off);
    screen.press("esc");
    assert_eq!(screen.style_of("i log in").fg, off, "own user is logged in to Växel");
}

#[test]
fn a_command_is_told_on_its_row_until_it_is_over() {
    let mut screen = after("down enter down down o", 120, 34);
    let effects = screen.press("y");
    let [Effect::Send(command)] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(screen.line("Ebba Grahn").ends_with("pending…"));
    let outcome = Outcome::Refused(Shown::clean("agent is on a call"));
    screen.event(Event::Finished { id: command.id, outcome });
    assert!(screen.line("Ebba Grahn").contains("refused"));
    assert!(screen.line("▲ log out Ebba").contains("refused, agent is on a call"));
    screen.wait(10);
    assert!(!screen.text().contains("on a call"), "the notice goes, the log keeps it");
}

#[test]
fn a_long_notice_is_read_whole() {
    let mut screen = board(60, 14);
    let mut agents: Vec<_> =
        screen.state.floor.world(&"hq".into()).unwrap().agents.values().cloned().collect();
    agents[0].id = None;
    tell(&mut screen.state, "hq", SourceEvent::Snapshot(Part::Agents(agents)));
    screen.press("2 / A n n a enter down o");
    let text = screen.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(r#""Anna Lind" = "user@domain" to agent_ids of source hq"#), "{text}");
}

#[test]
fn a_filter_shows_where_it_is_typed_and_what_is_wrong_with_it() {
    let mut screen = after("/ r e : (", 80, 24);
    insta::assert_snapshot!("filter_wrong", screen.styled());
    screen.press("esc / v ä x");
    assert!(screen.line("/ väx").starts_with(" / väx"));
    let cursor = Theme::midnight().role(Role::Cursor).bg;
    let buffer = screen.buffer();
    let reversed: Vec<u16> = (0..80).filter(|x| buffer[(*x, 23)].bg == cursor.unwrap()).collect();
    assert_eq!(reversed, [6]);
    screen.press("enter");
    assert!(screen.line("filter: väx").contains("1 of 12 kept"));
}

#[test]
fn what_is_typed_cannot_steer_the_screen() {
    let mut screen = after("/", 80, 24);
    for c in ['\u{202e}', '\u{7}', '\u{1b}', '\u{301}', '\u{ff9e}', '\u{200b}', '日', 'x'] {
        screen.event(Event::Key(Press::char(c)));
        let text = screen.text();
        let steers = |c: char| matches!(c, '\u{202e}' | '\u{200b}' | '\u{ff9e}');
        assert!(!text.chars().any(|c| steers(c) || (c.is_control() && c != '\n')), "{text:?}");
    }
    screen.event(Event::Paste("y".repeat(150)));
    assert!(screen.line("/ ").ends_with('y'));
}

#[test]
fn an_empty_table_says_why() {
    let silent = |width| TestScreen::new(centre::silent(), width, 24);
    assert!(silent(80).text().contains("waiting for the first answer from helsinki, hq and oslo"));
    let none = after("/ x x x enter", 80, 24);
    assert!(none.text().contains("no rows match “xxx”"));
    let mut nimbus = TestScreen::new(centre::only("nimbus"), 80, 24);
    assert!(nimbus.text().contains("none of these sources gives queues"));
    nimbus.press("6");
    assert!(nimbus.text().contains("none of these sources gives callback lists"));
}

#[test]
fn the_selection_is_a_bar_over_the_whole_row() {
    let screen = after("down down", 80, 24);
    let chosen = Theme::midnight().role(Role::Selection).bg;
    let buffer = screen.buffer();
    assert!((0..80).all(|x| Some(buffer[(x, 4)].bg) == chosen));
    assert_eq!(screen.text().lines().filter(|line| line.starts_with('▌')).count(), 1);
}

#[test]
fn a_screenful_is_what_is_seen() {
    for (width, height) in [(120, 34), (80, 24), (36, 10)] {
        let mut screen = after("2 down", width, height);
        let rows = floorwalker::state::Lines::of((width, height), false).rows;
        screen.press("pgdn");
        let text = screen.text();
        let marked = text.lines().position(|line| line.starts_with('▌')).unwrap();
        let heads = text.lines().position(|line| line.contains("Agent ↑")).unwrap();
        assert_eq!(marked - heads, usize::from(rows), "{text}");
        screen.press("down up");
        assert!(screen.text().lines().any(|line| line.starts_with('▌')));
    }
}

#[test]
fn what_it_costs_follows_what_is_seen() {
    let mut screen = board(120, 34);
    let mut agents = Vec::new();
    let known: Vec<_> =
        screen.state.floor.world(&"hq".into()).unwrap().agents.values().cloned().collect();
    for number in 0..10_000 {
        let mut agent = known[number % known.len()].clone();
        agent.key = format!("agent {number}").as_str().into();
        agents.push(agent);
    }
    tell(&mut screen.state, "hq", SourceEvent::Snapshot(Part::Agents(agents)));
    screen.press("2 G");
    assert!(screen.text().contains("of 10025"));
    assert!(bytes(&screen.buffer()) <= 64 * 1024);
}

#[test]
fn nothing_is_cut_without_a_sign() {
    for width in 20..120 {
        let line = board(width, 24).line("Asia");
        assert!(line.contains("Asiakaspalvelu") || line.contains('…'), "{width}: {line:?}");
    }
}

#[test]
fn no_size_makes_it_panic() {
    let sides = [0, 1, 2, 3, 4, 5, 7, 9, 12, 36, 80, 151, 500];
    for keys in [
        "1",
        "down",
        "u G",
        "down enter",
        "down enter down o",
        "?",
        "s",
        "/ a",
        "2",
        "6",
        "7",
        "8",
        "0",
    ] {
        let mut screen = after(keys, 80, 24);
        for width in sides {
            for height in sides {
                screen.resize(width, height);
                screen.buffer();
            }
        }
    }
}

#[test]
fn an_area_outside_the_buffer_is_clipped() {
    let state = after("down enter down down o", 80, 24).state;
    let look = Look { theme: Theme::midnight(), characters: Characters::Unicode };
    for (width, height) in [(0, 0), (1, 1), (40, 8), (65_535, 3), (3, 65_535), (22_000, 31)] {
        let mut buffer = Buffer::empty(Rect { x: 0, y: 0, width, height });
        let area = Rect { x: 0, y: 0, width: 65_535, height: 65_535 };
        ui::draw(&state, &look, &mut buffer, area);
        ui::draw(&state, &look, &mut buffer, Rect { x: 7, y: 3, ..area });
    }
}

#[test]
fn a_frame_of_200_by_60_is_small() {
    for keys in ["1", "u", "down enter", "?", "2"] {
        let buffer = after(keys, 200, 60).buffer();
        assert!(bytes(&buffer) <= 64 * 1024, "{} bytes after {keys}", bytes(&buffer));
    }
}

/// What a plain writer sends for a full frame: a position for each line, a style where it changes, and text.
fn bytes(buffer: &Buffer) -> usize {
    let mut out = String::new();
    let mut last = Style::new();
    for y in 0..buffer.area.height {
        write!(out, "\u{1b}[{};1H", y + 1).unwrap();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            if cell.style() != last {
                last = cell.style();
                out.push_str("\u{1b}[0;1;4;7;38;2;255;255;255;48;2;255;255;255m");
            }
            out.push_str(cell.symbol());
        }
    }
    out.len()
}

#[test]
fn a_pasted_answer_does_not_stay_on_the_screen() {
    let mut screen = after("down enter down down o", 80, 24);
    screen.event(Event::Paste("y".to_owned()));
    assert!(!screen.text().contains("y yes"));
    assert!(screen.text().contains("nothing was sent"));
    assert!("y".parse::<Press>().is_ok());
}
