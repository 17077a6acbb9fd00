//! What hands and terminals do by accident: typing and pasting where no text is meant, keys that repeat, keys that
//! nobody can see, replies that nobody asked for. None of it sends anything.

use std::time::Duration;

use floorwalker::action::{ACTIONS, Action};
use floorwalker::event::{Event, Key, Press, Stamped, Target};
use floorwalker::floor::time::Moment;
use floorwalker::keymap::Keymap;
use floorwalker::operations::Access;
use floorwalker::state::{Dialog, Effect, Mouse};
use floorwalker::table::TableId;
use floorwalker::terminal::Decoder;
use proptest::prelude::*;

use super::floor::{CASES, Case, asked, desk, sent};
use crate::support::cases;
use crate::support::desk::{Desk, person};
use crate::terminal::decoded::own;

/// How long a question stands there before it takes its answer, in milliseconds.
const READING: u64 = 400;

/// How long a `y` keeps another one from being an answer, in milliseconds.
const REPEAT: u64 = 700;

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const Y: Event = Event::Key(Press::char('y'));

/// A desk behind a terminal that shows every picture at once.
struct Terminal {
    desk: Desk,
    decoder: Decoder,
    at: Moment,
    /// Since when the open question has been seen.
    seen: Option<Moment>,
}

impl Terminal {
    fn of(desk: Desk) -> Self {
        let at = desk.state.now.moment;
        let mut terminal = Self { desk, decoder: Decoder::default(), at, seen: None };
        terminal.show();
        terminal
    }

    /// The picture that there is now is written.
    fn show(&mut self) {
        if self.desk.state.awaits_reading() {
            let event = Event::Written { revision: self.desk.state.revision() };
            self.desk.state.apply(Stamped { at: self.at, event });
            self.seen = Some(self.at);
        }
        if !matches!(self.desk.state.screen.dialog, Some(Dialog::Question(_))) {
            self.seen = None;
        }
    }

    /// Takes what was read; how many requests it sends. A request is the answer to a question that was seen.
    fn take(&mut self, events: Vec<Event>) -> usize {
        let mut count = 0;
        for event in events {
            let is_yes = event == Y;
            let own = sent(self.desk.state.apply(Stamped { at: self.at, event })).count();
            if own > 0 {
                let read = self.seen.is_some_and(|seen| self.at.since(seen) >= millis(READING));
                assert!(is_yes && read, "a request that nobody said yes to");
            }
            count += own;
            self.show();
        }
        count
    }

    /// Reads `bytes` at once, then nothing for a while; how many requests that sends.
    fn read(&mut self, bytes: &[u8], pause: Duration) -> usize {
        let mut events = Vec::new();
        self.decoder.feed(bytes, |event| events.push(event));
        let mut count = self.take(events);
        let mut left = pause;
        while let Some(wait) = self.decoder.patience().filter(|wait| *wait <= left) {
            self.at = self.at.after(wait);
            left -= wait;
            let mut events = Vec::new();
            self.decoder.settle(|event| events.push(event));
            count += self.take(events);
        }
        self.at = self.at.after(left);
        count
    }

    /// Reads `bytes` in pieces of these sizes with these pauses behind them.
    fn read_in(&mut self, mut bytes: &[u8], pieces: &[(usize, u64)]) -> usize {
        let mut count = 0;
        for (size, pause) in pieces.iter().cycle() {
            let (piece, rest) = bytes.split_at((*size).min(bytes.len()));
            count += self.read(piece, millis(*pause));
            bytes = rest;
            if bytes.is_empty() {
                break;
            }
        }
        count
    }
}

/// A desk on one of its tables, with a row selected.
fn at_table(key: &str) -> Desk {
    let mut desk = desk();
    desk.press(key);
    desk.press("g");
    desk
}

fn table() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["1", "2", "3", "4", "5", "6", "7", "8", "0", "E", "w"])
}

/// Words, more than a tongue has of the letters that ask and answer.
fn word() -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        3 => prop::sample::select("oyidmtTCPnebyq".chars().collect::<Vec<_>>()),
        2 => prop::sample::select(('a'..='z').chain('A'..='Z').collect::<Vec<_>>()),
        1 => prop::sample::select(" äöåßщλ0123456789+-.@:/?".chars().collect::<Vec<_>>()),
    ];
    prop::collection::vec(letter, 1..16).prop_map(|letters| letters.into_iter().collect())
}

fn pieces(pauses: Vec<u64>) -> impl Strategy<Value = Vec<(usize, u64)>> {
    prop::collection::vec((1..5_usize, prop::sample::select(pauses)), 1..8)
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn no_word_sends_anything_on_any_table_however_it_is_typed(
        table in table(), word in word(),
        pieces in pieces(vec![0, 5, 30, 90, 150, 399, 400, 401, 700, 1_500]),
    ) {
        // Whoever reads a question and then presses y answers it: that is what `take` asserts.
        Terminal::of(at_table(table)).read_in(word.as_bytes(), &pieces);
    }

    #[test]
    fn a_word_that_is_typed_without_a_stop_sends_nothing_at_all(
        table in table(), word in word(), pieces in pieces(vec![0, 5, 30, 90, 150, 300, 399]),
    ) {
        prop_assert_eq!(Terminal::of(at_table(table)).read_in(word.as_bytes(), &pieces), 0);
    }

    #[test]
    fn a_word_that_is_pasted_sends_nothing_whatever_becomes_of_its_marks(
        table in table(), word in "[oyidmtTneb]{2,9}(\\r|\\n|)", begin in 0..7_usize, end in 0..7_usize,
        pause in prop::sample::select(vec![0_u64, 60, 500]),
    ) {
        let mut terminal = Terminal::of(at_table(table));
        let mut bytes = b"\x1b[200~"[..begin.min(6)].to_vec();
        bytes.extend(word.as_bytes());
        bytes.extend(&b"\x1b[201~"[..end.min(6)]);
        prop_assert_eq!(terminal.read(&bytes, millis(pause)), 0);
        let open = terminal.desk.state.screen.dialog.is_some();
        prop_assert!(!open, "a paste opens nothing");
    }

    #[test]
    fn whatever_a_terminal_sends_by_itself_asks_and_answers_nothing(
        case in 0..CASES.len(), own in prop::collection::vec(own(), 1..3),
        cut in 2..30_usize, pause in prop::sample::select(vec![0_u64, 60, 400, 900]),
    ) {
        let (desk, _) = asked(&CASES[case]);
        let question = desk.question().clone();
        let mut terminal = Terminal::of(desk);
        terminal.read(b"", millis(2_000));
        for bytes in own {
            let (head, tail) = bytes.split_at(cut.min(bytes.len()));
            prop_assert_eq!(terminal.read(head, millis(pause)), 0);
            prop_assert_eq!(terminal.read(tail, millis(pause)), 0);
        }
        prop_assert_eq!(terminal.desk.question(), &question);
        prop_assert_eq!(terminal.read(b"y", millis(0)), 1, "and then it takes its answer");
    }

    #[test]
    fn whatever_a_terminal_sends_by_itself_does_nothing_to_a_table(
        table in table(), bytes in own(), cut in 2..30_usize,
    ) {
        let desk = at_table(table);
        let (before, help) = (desk.state.screen.table(), desk.state.screen.help);
        let mut terminal = Terminal::of(desk);
        let (head, tail) = bytes.split_at(cut.min(bytes.len()));
        terminal.read(head, millis(300));
        terminal.read(tail, millis(300));
        let screen = &terminal.desk.state.screen;
        prop_assert!(screen.dialog.is_none() && screen.typing.is_none());
        prop_assert_eq!((screen.table(), screen.help), (before, help));
    }
}

/// A question that nobody has seen, and when it came up.
fn unseen(case: &Case) -> (Desk, Moment) {
    let (desk, _) = asked(case);
    assert!(desk.state.awaits_reading(), "{}", case.name);
    let at = desk.state.now.moment;
    (desk, at)
}

fn written(desk: &mut Desk, at: Moment) {
    let revision = desk.state.revision();
    desk.state.apply(Stamped { at, event: Event::Written { revision } });
}

fn yes(desk: &mut Desk, at: Moment) -> usize {
    sent(desk.state.apply(Stamped { at, event: Y })).count()
}

#[test]
fn a_question_that_the_terminal_has_not_shown_takes_no_answer() {
    for case in CASES {
        let (mut desk, at) = unseen(case);
        assert_eq!(yes(&mut desk, at.after(millis(60_000))), 0, "{}", case.name);
        desk.question();
        assert!(desk.notice().contains("too soon"), "{}: {}", case.name, desk.notice());
        // A picture from before the question shows no question.
        let revision = desk.state.revision() - 2;
        desk.event(Event::Written { revision });
        assert!(desk.state.awaits_reading(), "{}", case.name);
    }
}

#[test]
fn a_question_takes_its_answer_once_it_was_there_for_a_moment() {
    for case in CASES {
        let (mut desk, at) = unseen(case);
        let shown = at.after(millis(3_000));
        written(&mut desk, shown);
        // A later picture is not the first one.
        written(&mut desk, shown.after(millis(300)));
        assert_eq!(yes(&mut desk, shown.after(millis(READING))), 1, "{}", case.name);
        let (mut desk, _) = unseen(case);
        written(&mut desk, shown);
        assert_eq!(yes(&mut desk, shown.after(millis(READING - 1))), 0, "{}", case.name);
        desk.question();
    }
}

#[test]
fn an_answer_that_comes_too_soon_is_not_kept() {
    for case in CASES {
        let (mut desk, at) = unseen(case);
        assert_eq!(yes(&mut desk, at), 0, "{}", case.name);
        written(&mut desk, at.after(millis(20)));
        desk.wait(60);
        desk.question();
        assert!(desk.state.pending.is_empty(), "{}", case.name);
    }
}

#[test]
fn a_y_that_repeats_from_before_the_question_never_confirms() {
    for every in [20, 33, 50, 100, 250, 500, 660, REPEAT - 1] {
        for case in CASES {
            let (mut desk, at) = unseen(case);
            let mut at = at.after(millis(20));
            written(&mut desk, at);
            for _ in 0..40 {
                assert_eq!(yes(&mut desk, at), 0, "{} every {every} ms", case.name);
                at = at.after(millis(every));
            }
            assert_eq!(
                yes(&mut desk, at.after(millis(REPEAT))),
                1,
                "{}: let go, then meant",
                case.name
            );
        }
    }
}

#[test]
fn whatever_else_writes_refuses_every_question() {
    for case in CASES {
        for key in [' ', 'x', 'Y', 'o', '1', '?', '/', 'ö', 'у', 'ｙ'] {
            let (mut desk, _) = asked(case);
            assert_eq!(sent(desk.key(Press::char(key))).count(), 0, "{}: {key}", case.name);
            let asks = matches!(desk.state.screen.dialog, Some(Dialog::Question(_)));
            assert!(!asks, "{}: {key}", case.name);
            assert!(desk.notice().contains("nothing was sent"), "{}: {}", case.name, desk.notice());
        }
    }
}

#[test]
fn several_characters_at_once_refuse_every_question() {
    for case in CASES {
        for bytes in [&b"yy"[..], b"y\r", b"oy", b"yes", "y\u{443}".as_bytes()] {
            let (desk, _) = asked(case);
            let mut terminal = Terminal::of(desk);
            terminal.read(b"", millis(2_000));
            assert_eq!(terminal.read(bytes, millis(0)), 0, "{}", case.name);
            let dialog = &terminal.desk.state.screen.dialog;
            assert!(!matches!(dialog, Some(Dialog::Question(_))), "{}", case.name);
        }
    }
}

#[test]
fn a_question_that_comes_anew_has_to_be_seen_anew() {
    let case = &CASES[1];
    let (mut desk, at) = unseen(case);
    written(&mut desk, at);
    desk.press("esc o");
    assert!(desk.state.awaits_reading());
    assert_eq!(yes(&mut desk, at.after(millis(60_000))), 0);
}

#[test]
fn while_the_terminal_is_not_read_no_key_acts() {
    for one in ACTIONS {
        for table in ["1", "2", "3", "4", "5", "7"] {
            let mut desk = at_table(table);
            desk.event(Event::Unread(true));
            let before = (desk.state.revision(), format!("{:?}", desk.state.screen));
            for key in one.keys.iter().filter(|key| **key != Press::ctrl('c')) {
                assert!(desk.event(Event::Key(*key)).is_empty(), "{} on {table}", one.name);
            }
            desk.event(Event::Paste("o".into()));
            desk.event(Event::Pointed(Target::Tab(TableId::Log)));
            assert_eq!(format!("{:?}", desk.state.screen), before.1, "{} on {table}", one.name);
        }
    }
    let mut desk = at_table("1");
    desk.event(Event::Unread(true));
    assert_eq!(desk.press("ctrl+c"), [Effect::Quit], "one can always leave");
    desk.event(Event::Unread(false));
    desk.press("2");
    assert_eq!(desk.state.screen.table(), TableId::Agents);
}

#[test]
fn a_question_takes_no_answer_while_the_terminal_is_not_read() {
    for case in CASES {
        let (mut desk, at) = unseen(case);
        written(&mut desk, at);
        desk.event(Event::Unread(true));
        assert_eq!(yes(&mut desk, at.after(millis(5_000))), 0, "{}", case.name);
        desk.event(Event::Unread(false));
        assert_eq!(yes(&mut desk, at.after(millis(9_000))), 1, "{}", case.name);
    }
}

#[test]
fn pasted_text_is_written_where_text_is_typed_and_else_said() {
    let mut terminal = Terminal::of(at_table("2"));
    terminal.read(b"anna y", millis(10));
    assert!(terminal.desk.notice().contains("a paste: no key acted"), "{}", terminal.desk.notice());
    terminal.read(b"/", millis(10));
    terminal.read(b"anna", millis(10));
    let typing = terminal.desk.state.screen.typing.as_ref().unwrap();
    assert_eq!(typing.input.value(), "anna");
    terminal.read(b"\r", millis(10));
    terminal.read(b":", millis(10));
    terminal.read(b"log out", millis(10));
    let Some(Dialog::Palette(palette)) = &terminal.desk.state.screen.dialog else { panic!() };
    assert_eq!(palette.input.value(), "log out");
}

#[test]
fn a_letter_of_another_layout_gives_a_hint_and_never_acts() {
    for c in ['щ', 'у', 'λ', 'ο', 'ת', 'ｙ', 'か'] {
        for table in ["1", "2", "7"] {
            let mut desk = at_table(table);
            assert!(desk.event(Event::Key(Press::char(c))).is_empty());
            assert!(desk.state.screen.dialog.is_none());
            let said = format!("{c} is no key here: switch the keyboard to Latin letters");
            assert_eq!(desk.notice(), said);
        }
        let mut desk = at_table("2");
        desk.press("s");
        desk.event(Event::Key(Press::char(c)));
        assert!(desk.notice().contains("Latin letters"), "in a list: {}", desk.notice());
    }
    for c in ['å', 'ß', 'z', 'ő', '9', '€'] {
        let mut desk = at_table("2");
        desk.event(Event::Key(Press::char(c)));
        assert_eq!(desk.notice(), "", "{c} is Latin, or no letter");
    }
    let own = [("log_out_agent".to_owned(), vec!["щ".to_owned()])].into_iter().collect();
    let mut desk = at_table("2");
    desk.state.keymap = Keymap::new(ACTIONS, &own, Access::Full).unwrap();
    desk.select(&person("anna"));
    desk.press("щ");
    assert_eq!(
        desk.question().title.as_str(),
        "Log Anna Lind out of Växel?",
        "who chose it has it"
    );
}

#[test]
fn the_mouse_is_let_go_of_and_taken_back_by_a_key() {
    assert!(
        ACTIONS.iter().any(|own| own.action == Action::Mouse && own.help.contains("shift+drag"))
    );
    let mut desk = at_table("1");
    let tab = || Event::Pointed(Target::Tab(TableId::Log));
    assert_eq!(desk.press("M"), [Effect::UseMouse(false)]);
    assert!(desk.notice().contains("selects text"), "{}", desk.notice());
    desk.event(tab());
    assert_eq!(desk.state.screen.table(), TableId::Queues, "a report on its way is not ours");
    assert_eq!(desk.press("M"), [Effect::UseMouse(true)]);
    desk.event(tab());
    assert_eq!(desk.state.screen.table(), TableId::Log);
    desk.state.mouse = Mouse::Unused;
    assert_eq!(desk.press("M"), []);
    assert!(desk.notice().contains("mouse = true"), "{}", desk.notice());
    desk.press("w");
    desk.state.mouse = Mouse::Ours;
    assert_eq!(desk.press("M"), [Effect::UseMouse(false)], "on the wall too");
}

#[test]
fn esc_and_enter_refuse_at_once() {
    for key in [Key::Esc, Key::Enter] {
        let (mut desk, _) = unseen(&CASES[1]);
        desk.event(Event::Key(Press::plain(key)));
        assert!(desk.state.screen.dialog.is_none(), "{key:?}");
    }
}
