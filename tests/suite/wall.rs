//! The wall: what it shows, how it turns its pages, what it costs, and that it only reads.

use std::path::Path;
use std::time::Duration;

use floorwalker::event::{Event, SourceEvent, Stamped};
use floorwalker::floor::link::Health;
use floorwalker::floor::{Delta, Part};
use floorwalker::operations::Access;
use floorwalker::report::svg::svg;
use floorwalker::state::State;
use floorwalker::table::TableId;
use floorwalker::text::{Pattern, Shown};
use floorwalker::theme::{Palette, Role, Theme};
use floorwalker::wall::{PAGES, Profile, Stage, age, wait};
use ratatui::style::Color;

use crate::support::centre;
use crate::support::screen::TestScreen;

mod masking;
mod profile;
mod rest;

const SIZES: [(u16, u16); 5] = [(36, 10), (80, 24), (120, 34), (200, 50), (240, 67)];

fn hung(state: State, profile: Profile, width: u16, height: u16) -> TestScreen {
    let mut screen = TestScreen::new(state, width, height).read_only();
    screen.state.hang_wall(profile, false);
    screen
}

fn wall(width: u16, height: u16) -> TestScreen {
    hung(centre::busy(), Profile::default(), width, height)
}

/// The calm afternoon: nobody waits, every source answers.
fn calm() -> State {
    let mut state = centre::busy();
    heal(&mut state);
    serve(&mut state, |_| (0, 0));
    state
}

/// Every feed brought everything just now.
fn heal(state: &mut State) {
    let now = state.now.moment;
    let feeds: Vec<_> = state
        .floor
        .worlds()
        .flat_map(|(name, world)| world.feeds.iter().map(|feed| (name.clone(), feed.clone())))
        .collect();
    for (source, mut feed) in feeds {
        (feed.health, feed.last_update) = (Health::Up, Some(now));
        let event = Event::Source { source, event: SourceEvent::Link(feed) };
        state.apply(Stamped { at: now, event });
    }
}

/// Waiting and longest wait of every queue, by its name.
fn serve(state: &mut State, told: impl Fn(&str) -> (u32, u32)) {
    let now = state.now.moment;
    let queues: Vec<_> = state
        .floor
        .worlds()
        .flat_map(|(name, world)| world.queues.values().map(|queue| (name.clone(), queue.clone())))
        .collect();
    for (source, queue) in queues {
        let (waiting, longest) = told(&queue.name);
        let mut figures = Box::new(queue.figures.clone());
        figures.waiting = Some(waiting);
        figures.longest_wait_s = Some(longest);
        figures.agents_serving = None;
        let mut queue = queue;
        (queue.figures, queue.updated) = (*figures, now);
        let event = SourceEvent::Delta(Delta::Queue(Box::new(queue)));
        state.apply(Stamped { at: now, event: Event::Source { source, event } });
    }
}

fn stage(screen: &TestScreen) -> Stage {
    screen.state.show(screen.state.screen.wall.as_ref().unwrap()).stage
}

fn page(screen: &TestScreen) -> (usize, usize) {
    let wall = screen.state.screen.wall.as_ref().unwrap();
    let pages = screen.state.show(wall).sheets.len();
    (wall.page(pages), pages)
}

fn staged(screen: &TestScreen) -> String {
    match stage(screen) {
        Stage::Queue(id) => {
            let page = TableId::Queues.page(&screen.state.context(), &[id]);
            page[0].cells[1].text.clone()
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn the_wall_on_a_common_screen() {
    insta::assert_snapshot!(wall(80, 24).styled());
}

#[test]
fn the_wall_on_a_small_screen() {
    insta::assert_snapshot!(wall(36, 10).text());
}

#[test]
fn the_wall_on_a_large_screen() {
    insta::assert_snapshot!(wall(200, 50).text());
}

#[test]
fn the_wall_in_ascii_has_large_figures_too() {
    let screen = wall(80, 24).in_ascii();
    let text = screen.text();
    assert!(text.chars().all(|c| matches!(c, ' '..='~' | '\n')), "{text}");
    assert!(text.contains("##"), "{text}");
    for (width, height) in SIZES {
        let text = hung(centre::busy(), Profile::default(), width, height).in_ascii().text();
        assert!(text.chars().all(|c| matches!(c, ' '..='~' | '\n')), "{text}");
    }
}

#[test]
fn the_worst_queue_stands_on_the_stage_and_the_others_follow_by_urgency() {
    let screen = wall(80, 24);
    assert_eq!(staged(&screen), "Växel");
    let text = screen.text();
    let place = |name: &str| text.find(name).unwrap_or_else(|| panic!("no {name} in\n{text}"));
    assert!(place("Återförsäljare") < place("Kundtjänst"));
    assert!(place("Kundtjänst") < place("Sentralbord"), "what is old stands before what is well");
    assert!(place("Sentralbord") < place("Ekonomi"));
}

#[test]
fn every_row_has_a_sign_and_a_word() {
    for (width, height) in SIZES {
        let screen = wall(width, height);
        assert!(screen.line("critical").contains("■ critical"));
        assert!(screen.line("Kundt").contains("▲ warning"), "{width}×{height}");
    }
    assert!(wall(80, 24).line("Sentralbord").contains("▲ 12 min old"));
    assert!(wall(200, 50).line("Huolto").contains("· closed"));
}

#[test]
fn a_source_that_is_down_takes_the_stage_unless_a_queue_is_critical() {
    let mut state = centre::busy();
    serve(&mut state, |name| if name == "Support" { (1, 40) } else { (0, 0) });
    let mut screen = hung(state, Profile::default(), 120, 40);
    assert!(matches!(stage(&screen), Stage::Source(name) if name.raw() == "oslo"));
    assert!(screen.line("connection refused").contains("■ down"), "{}", screen.text());
    assert!(screen.text().contains("since its last good data"));
    serve(&mut screen.state, |name| if name == "Support" { (3, 61) } else { (0, 0) });
    assert_eq!(staged(&screen), "Support");
    let told = screen.line("oslo down, ");
    assert!(told.contains("last good data 12 min ago, connection refused"), "{told:?}");
}

#[test]
fn when_every_source_is_gone_nothing_looks_new() {
    for (width, height) in SIZES {
        let mut screen = wall(width, height);
        screen.wait(4_000);
        assert!(matches!(stage(&screen), Stage::Source(_)), "{width}×{height}");
        let text = screen.text();
        assert!(!text.contains("critical"), "{text}");
        assert!(text.contains("1 h"), "{text}");
    }
    let mut screen = wall(200, 50);
    screen.wait(4_000);
    let stale = Theme::midnight().role(Role::Stale).fg;
    assert_eq!(screen.style_of("Återförsäljare").fg, stale);
    assert!(screen.line("Återförsäljare").contains("▲ 1 h old"), "{}", screen.text());
    assert!(screen.text().contains("0 of 12 queues, 12 old"), "{}", screen.text());
}

#[test]
fn all_is_well_only_when_every_source_answers_and_nobody_waits_too_long() {
    let screen = hung(calm(), Profile::default(), 80, 24);
    assert_eq!(stage(&screen), Stage::Well);
    assert!(screen.line("all well").contains("● ok"));
    let silent = hung(centre::silent(), Profile::default(), 80, 24);
    assert_eq!(stage(&silent), Stage::Empty);
    assert!(silent.text().contains("waiting for the first answer"), "{}", silent.text());
    assert!(!silent.text().contains("all well"));
}

#[test]
fn what_does_not_fit_turns_by_pages_and_every_row_has_its_turn() {
    let mut screen = hung(calm(), Profile::default(), 80, 18);
    let (first, pages) = page(&screen);
    assert_eq!(first, 0);
    assert!(pages > 1, "{}", screen.text());
    let mut seen = String::new();
    for number in 1..=pages {
        assert!(screen.text().contains(&format!("{number} of {pages}")), "{}", screen.text());
        seen.push_str(&screen.text());
        screen.wait(15);
    }
    assert_eq!(page(&screen).0, 0, "after the last comes the first");
    for queue in ["Växel", "Support", "Huolto", "Vaihde", "Teknisk hjelp", "Order & leverans"] {
        assert!(seen.contains(queue), "{queue} had no turn");
    }
}

#[test]
fn a_page_stays_for_its_time() {
    let profile = Profile { rotate: Duration::from_secs(40), ..Profile::default() };
    let mut screen = hung(calm(), profile, 80, 18);
    screen.wait(39);
    heal(&mut screen.state);
    assert_eq!(page(&screen).0, 0);
    screen.wait(1);
    assert_eq!(page(&screen).0, 1);
}

#[test]
fn a_critical_queue_comes_before_the_rotation_and_stays() {
    let mut screen = hung(calm(), Profile::default(), 80, 18);
    screen.wait(15);
    assert_eq!(page(&screen).0, 1);
    serve(&mut screen.state, |name| if name == "Vaihde" { (5, 90) } else { (0, 0) });
    screen.wait(1);
    assert_eq!(page(&screen).0, 0, "it does not wait for its turn");
    for _ in 0..8 {
        screen.wait(10);
        heal(&mut screen.state);
        assert_eq!((page(&screen).0, staged(&screen).as_str()), (0, "Vaihde"));
    }
    serve(&mut screen.state, |_| (0, 0));
    screen.wait(15);
    assert_eq!(page(&screen).0, 1, "then the others have their turn again");
}

#[test]
fn several_pages_of_critical_queues_take_turns_among_themselves() {
    let mut screen = hung(calm(), Profile { pages: PAGES.to_vec(), ..Profile::default() }, 80, 18);
    serve(&mut screen.state, |_| (9, 90));
    let critical = {
        let wall = screen.state.screen.wall.as_ref().unwrap();
        screen.state.show(wall).sheets.iter().filter(|sheet| sheet.critical).count()
    };
    assert!(critical > 1);
    let mut seen = Vec::new();
    for _ in 0..2 * critical {
        seen.push(page(&screen).0);
        screen.wait(15);
        heal(&mut screen.state);
    }
    let expected: Vec<usize> = (0..critical).chain(0..critical).collect();
    assert_eq!(seen, expected);
}

#[test]
fn a_page_turned_by_hand_stays_for_its_time_whatever_is_critical() {
    let mut screen = wall(80, 18);
    let (_, pages) = page(&screen);
    screen.press("space");
    assert_eq!(page(&screen).0, 1);
    screen.wait(14);
    assert_eq!(page(&screen).0, 1);
    screen.wait(1);
    assert_eq!(page(&screen).0, 0);
    screen.press("left");
    assert_eq!(page(&screen).0, pages - 1);
    screen.press("right");
    assert_eq!(page(&screen).0, 0);
}

#[test]
fn a_wall_that_grows_keeps_to_a_page_that_is_there() {
    let mut screen = hung(calm(), Profile::default(), 36, 10);
    let (_, pages) = page(&screen);
    for _ in 1..pages {
        screen.press("down");
    }
    screen.resize(240, 67);
    assert_eq!(page(&screen), (0, 1));
    assert!(screen.text().contains("Växel"));
}

#[test]
fn a_profile_chooses_queues_by_pattern_and_its_figures_are_of_those_alone() {
    let profile = Profile { queues: vec![Pattern::new("*KUND*")], ..Profile::default() };
    let screen = hung(centre::busy(), profile, 80, 24);
    assert_eq!(staged(&screen), "Kundtjänst");
    assert!(screen.text().contains("1 waiting"), "{}", screen.text());
    assert!(!screen.text().contains("Växel"));
}

#[test]
fn a_star_stands_for_any_text_and_case_does_not_count() {
    let fits = |pattern: &str, text: &str| Pattern::new(pattern).fits(text);
    assert!(fits("sales*", "Sales north") && fits("*", "") && fits("*", "x"));
    assert!(fits("s*s n*th", "SALES NORTH") && fits("**a**", "bab"));
    assert!(fits("Växel", "VÄXEL"));
    assert!(!fits("sales", "Sales north") && !fits("", "x") && !fits("*a", "ab"));
    assert!(!fits(&"*a".repeat(500), &"a".repeat(499)));
}

#[test]
fn nobody_who_is_logged_out_is_on_the_page_of_agents() {
    let profile = Profile { pages: vec![TableId::Agents], ..Profile::default() };
    let screen = hung(calm(), profile, 240, 67);
    assert!(screen.text().contains("available"));
    assert!(!screen.text().contains("logged out"));
}

#[test]
fn w_opens_the_wall_and_w_or_esc_goes_back_to_the_board() {
    for back in ["w", "esc"] {
        let mut screen = TestScreen::new(centre::busy(), 80, 24);
        let board = screen.text();
        screen.press("w");
        assert!(screen.text().contains("read-only") || screen.text().contains("critical first"));
        assert_ne!(screen.text(), board);
        screen.press(back);
        assert_eq!(screen.text(), board);
    }
    let mut screen = wall(80, 24);
    screen.press("w esc");
    assert!(screen.state.screen.wall.is_some(), "a wall without a board has no way back");
}

#[test]
fn on_a_wall_nothing_can_be_asked_of_the_floor() {
    // Even where it was opened from a board that may do everything.
    let mut screen = TestScreen::new(centre::busy(), 80, 24);
    screen.press("2 down w");
    assert_eq!(screen.state.access, Access::Full);
    for key in ["i", "o", "d", "y", "enter", "/", ":", "s", "r", "1", "2", "p", "c", "tab"] {
        assert_eq!(screen.press(key), [], "{key}");
        assert!(screen.state.screen.dialog.is_none() && screen.state.screen.typing.is_none());
        assert!(screen.state.screen.wall.is_some(), "{key}");
        assert!(screen.state.held_since().is_none());
    }
    assert!(screen.state.pending.is_empty());
    assert!(!screen.state.mask, "the board behind it shows what it showed");
}

#[test]
fn on_a_wall_q_leaves_and_the_question_mark_helps() {
    let mut screen = wall(80, 24);
    screen.press("?");
    assert!(screen.text().contains("Leave floorwalker."));
    assert!(screen.text().contains("Turn to the next page"));
    for other in ["Log the selected agent", "Type a filter", "Choose the column"] {
        assert!(!screen.text().contains(other), "{}", screen.text());
    }
    screen.press("?");
    assert_eq!(screen.press("q"), [floorwalker::state::Effect::Quit]);
    assert_eq!(screen.press("ctrl+l"), [floorwalker::state::Effect::Redraw]);
    assert_eq!(screen.press("ctrl+c"), [floorwalker::state::Effect::Quit]);
}

#[test]
fn a_wait_is_told_in_steps_that_grow_and_never_longer_than_it_is() {
    let told: Vec<String> =
        [0, 4, 5, 59, 60, 133, 599, 600, 3_599, 3_600, 7_450, 90_000].map(wait).to_vec();
    let expected = [
        "0:00", "0:00", "0:05", "0:55", "1:00", "2:10", "9:50", "10:00", "59:00", "1h00", "2h00",
        "1d1h",
    ];
    assert_eq!(told, expected);
    let old = [0, 4, 5, 14, 15, 44, 59, 60, 729, 3_600, 200_000].map(age);
    let expected =
        ["<5 s", "<5 s", "5 s", "10 s", "15 s", "30 s", "45 s", "1 min", "12 min", "1 h", "2 d"];
    assert_eq!(old, expected);
}

#[test]
fn no_size_and_no_state_makes_the_wall_panic() {
    let sides =
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 20, 24, 36, 44, 48, 60, 80, 111, 151, 240, 500];
    let pages = Profile { pages: PAGES.to_vec(), ..Profile::default() };
    for state in [centre::busy(), calm(), centre::silent(), centre::only("nimbus")] {
        let mut screen = hung(state, pages.clone(), 80, 24);
        for ascii in [false, true] {
            if ascii {
                screen = screen.in_ascii();
            }
            for width in sides {
                for height in sides {
                    screen.resize(width, height);
                    screen.buffer();
                    screen.press("space");
                }
            }
        }
    }
    for (width, height) in [(65_535, 3), (3, 65_535)] {
        let mut screen = wall(80, 24);
        screen.resize(width, height);
        screen.buffer();
    }
}

#[test]
fn figures_out_of_all_proportion_fit_or_say_so() {
    for (width, height) in SIZES {
        let mut state = centre::busy();
        serve(&mut state, |_| (u32::MAX, u32::MAX));
        let screen = hung(state, Profile::default(), width, height);
        let text = screen.text();
        assert!(text.contains("4G") || text.contains('█'), "{text}");
    }
}

#[test]
fn the_footer_of_a_wall_keeps_help_and_quit() {
    for (width, height) in SIZES {
        let text = wall(width, height).text();
        let last = text.lines().last().unwrap();
        assert!(last.ends_with("? help   q quit"), "at {width}×{height}: {last:?}");
    }
}

#[test]
fn help_on_a_small_wall_cuts_no_key_without_a_sign() {
    let mut screen = wall(36, 10);
    screen.press("?");
    assert!(screen.text().contains("│  space  left… "), "{}", screen.text());
}

#[test]
fn no_colour_is_needed_to_read_the_wall() {
    let screen = wall(80, 24).with_palette(Palette::Mono);
    for cell in &screen.buffer().content {
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
    }
}

#[test]
fn a_name_that_has_no_large_letters_is_written_small_and_whole() {
    let mut screen = wall(200, 50);
    let mut queues: Vec<_> =
        screen.state.floor.world(&"hq".into()).unwrap().queues.values().cloned().collect();
    queues[0].name = Shown::clean("日本語サポート窓口");
    let event = SourceEvent::Snapshot(Part::Queues(queues));
    screen.event(Event::Source { source: "hq".into(), event });
    assert!(screen.text().contains("日本語サポート窓口"));
}

/// `UPDATE=1 cargo test` draws the picture anew; otherwise it is compared.
#[test]
fn the_picture_of_the_wall_shows_what_is_drawn() {
    let drawn = svg(&wall(160, 50).buffer(), Theme::midnight());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots").join("wall.svg");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == drawn, "{} is old: UPDATE=1 cargo test draws it anew", path.display());
}
