//! One table of all floor actions, and what must hold for each, whatever happens between the first key and the last.

use std::collections::BTreeSet;

use floorwalker::action::{ACTIONS, Action, Reach};
use floorwalker::event::{Event, SourceEvent, Target};
use floorwalker::floor::Part;
use floorwalker::floor::call::{CallAction, Direction, Phase};
use floorwalker::floor::scheduler::EntryState;
use floorwalker::operations::{Access, Command, Field, OperationId, Outcome, Request};
use floorwalker::state::Effect;
use floorwalker::table::TableId;
use floorwalker::text::Shown;
use serde_json::json;

use crate::support::calls::{self, ANNA, MINE, Told, tell_calls};
use crate::support::desk::{
    self, Desk, agent, caller, caller_row, entries_part, entry, entry_row, person, queue_row,
};
use crate::support::nimbus::event;
use crate::tasks::asked::{self, task_row};
use crate::tasks::shown::tell;

/// One thing that can be asked.
pub(super) struct Case {
    /// Its name in the audit log.
    pub(super) name: &'static str,
    /// The key that begins it.
    action: Action,
    /// Goes on until the question stands there.
    ask: fn(&mut Desk),
    /// What its request names.
    target: &'static str,
}

const fn case(
    name: &'static str,
    action: Action,
    target: &'static str,
    ask: fn(&mut Desk),
) -> Case {
    Case { name, action, ask, target }
}

/// Anna's call, which can be held, passed on, kept and no longer recorded.
const CALL: Told = Told {
    offers: &[
        CallAction::Answer,
        CallAction::Hold,
        CallAction::Mute,
        CallAction::Park,
        CallAction::Move,
        CallAction::Transfer,
        CallAction::StartRecording,
        CallAction::SaveRecording,
        CallAction::PauseRecording,
    ],
    ..ANNA
};

/// Cecilia's, with which the opposite can be done.
const HELD: Told = Told {
    id: "c3",
    user: "cecilia",
    phase: Phase::Held,
    token: 90,
    offers: &[
        CallAction::Resume,
        CallAction::Unmute,
        CallAction::StopRecording,
        CallAction::DiscardRecording,
        CallAction::ResumeRecording,
    ],
    ..ANNA
};

/// A call that rings at Bo.
const RINGING: Told = Told { id: "c2", user: "bo", phase: Phase::Alerting, token: 70, ..CALL };

fn at(desk: &mut Desk, table: &str, row: &floorwalker::table::RowId) {
    desk.press(table);
    desk.select(row);
}

/// What the call of an agent offers under these words on a device, whose id is typed.
fn device(desk: &mut Desk, user: &str, words: &str) {
    offer(desk, user, words);
    desk.write("d9");
    desk.press("enter");
}

/// What the call of an agent offers under these words.
fn offer(desk: &mut Desk, user: &str, words: &str) {
    at(desk, "2", &person(user));
    desk.press("C");
    let items = &desk.picker().items;
    let place = items.iter().position(|item| item.starts_with(words));
    for _ in 0..place.unwrap_or_else(|| panic!("{words} is not among {items:?}")) {
        desk.press("down");
    }
    desk.press("enter");
}

fn transfer(desk: &mut Desk, words: &str) {
    offer(desk, "anna", words);
    desk.write("0401234567");
    desk.press("enter");
}

fn entry_form(desk: &mut Desk, key: &str) {
    let services = vec![Shown::clean("outbound@contoso.example")];
    desk.tell("nimbus", SourceEvent::Snapshot(Part::Services(services)));
    at(desk, "7", &entry_row("e1"));
    desk.press(key);
    for (field, text) in [(Field::Destination, "+44 20 7946 0500"), (Field::Due, "14:45")] {
        while desk.form().fields[desk.form().marked].field != field {
            desk.press("down");
        }
        desk.press("ctrl+u");
        desk.write(text);
    }
    desk.press("enter");
}

/// A form on the table of tasks, with one field filled in.
fn task_form(desk: &mut Desk, key: &str, field: Field, text: &str) {
    asked::tell_tasks(desk);
    at(desk, "4", &task_row("x1"));
    desk.press(key);
    while desk.form().fields[desk.form().marked].field != field {
        desk.press("down");
    }
    desk.write(text);
    desk.press("enter");
}

pub(super) const CASES: &[Case] = &[
    case("log_in_agent", Action::Operation(OperationId::LogIn), "cecilia@", |desk| {
        at(desk, "2", &person("cecilia"));
        desk.press("i");
    }),
    case("log_out_agent", Action::Operation(OperationId::LogOut), "anna@", |desk| {
        at(desk, "2", &person("anna"));
        desk.press("o");
    }),
    case(
        "log_out_agent",
        Action::Operation(OperationId::LogOut),
        "queue: \"21\", agent: None",
        |desk| {
            at(desk, "1", &queue_row("21"));
            desk.press("o");
        },
    ),
    case("add_entry", Action::Operation(OperationId::AddEntry), "+442079460500", |desk| {
        entry_form(desk, "n");
    }),
    case("edit_entry", Action::Operation(OperationId::EditEntry), "entry: \"e1\"", |desk| {
        entry_form(desk, "e");
    }),
    case("remove_entry", Action::Operation(OperationId::RemoveEntry), "entry: \"e1\"", |desk| {
        at(desk, "7", &entry_row("e1"));
        desk.press("d");
    }),
    case("add_task", Action::Operation(OperationId::AddTask), "C-7", |desk| {
        task_form(desk, "n", Field::Identifier, "C-7");
    }),
    case("update_task", Action::Operation(OperationId::UpdateTask), "task: \"x1\"", |desk| {
        task_form(desk, "e", Field::Company, "Engines");
    }),
    case("remove_task", Action::Operation(OperationId::RemoveTask), "task: \"x1\"", |desk| {
        asked::tell_tasks(desk);
        at(desk, "4", &task_row("x1"));
        desk.press("d");
    }),
    case(
        "take_callback",
        Action::Operation(OperationId::TakeCallback),
        "callback: \"1\"",
        |desk| {
            at(desk, "5", &caller_row("1"));
            desk.press("t enter");
        },
    ),
    case(
        "finish_callback",
        Action::Operation(OperationId::FinishCallback),
        "callback: \"2\"",
        |desk| {
            at(desk, "5", &caller_row("2"));
            desk.press("T enter");
        },
    ),
    case("call_back", Action::Operation(OperationId::CallBack), "+4685550100", |desk| {
        at(desk, "5", &caller_row("1"));
        desk.press("b down enter");
    }),
    case("set_presence", Action::Operation(OperationId::SetPresence), "anna@", |desk| {
        at(desk, "2", &person("anna"));
        desk.press("P down enter enter");
    }),
    case("set_presence", Action::Operation(OperationId::SetPresence), "agent: None", |desk| {
        at(desk, "1", &queue_row("21"));
        desk.press("P end enter x enter");
    }),
    case("supervise", Action::Operation(OperationId::Supervise), "anna@", |desk| {
        at(desk, "2", &person("anna"));
        desk.press("m enter enter");
    }),
    case("supervise", Action::Operation(OperationId::Supervise), "Whisper", |desk| {
        at(desk, "2", &person("anna"));
        desk.press("m down enter enter");
    }),
    case("supervise", Action::Operation(OperationId::Supervise), "Barge", |desk| {
        at(desk, "2", &person("anna"));
        desk.press("m end enter down enter");
    }),
    case("answer_call", Action::ActOnCall, "d9", |desk| device(desk, "bo", "answer")),
    case("move_call", Action::ActOnCall, "d9", |desk| device(desk, "anna", "move")),
    case("mute_call", Action::ActOnCall, "c1", |desk| offer(desk, "anna", "mute")),
    case("unmute_call", Action::ActOnCall, "c3", |desk| offer(desk, "cecilia", "unmute")),
    case("park_call", Action::ActOnCall, "c1", |desk| offer(desk, "anna", "park")),
    case("start_recording", Action::ActOnCall, "c1", |desk| {
        offer(desk, "anna", "recording: start");
    }),
    case("stop_recording", Action::ActOnCall, "c3", |desk| {
        offer(desk, "cecilia", "recording: stop");
    }),
    case("hold_call", Action::ActOnCall, "c1", |desk| offer(desk, "anna", "hold")),
    case("resume_call", Action::ActOnCall, "c3", |desk| offer(desk, "cecilia", "resume")),
    case("transfer_call", Action::ActOnCall, "0401234567", |desk| transfer(desk, "transfer, at")),
    case("camp_on_call", Action::ActOnCall, "0401234567", |desk| transfer(desk, "transfer, when")),
    case("pick_up_call", Action::ActOnCall, "c2", |desk| {
        offer(desk, "bo", "pick up");
        desk.press("enter");
    }),
    case("save_recording", Action::ActOnCall, "c1", |desk| offer(desk, "anna", "recording: save")),
    case("discard_recording", Action::ActOnCall, "c3", |desk| {
        offer(desk, "cecilia", "recording: discard");
    }),
    case("pause_recording", Action::ActOnCall, "c1", |desk| {
        offer(desk, "anna", "recording: pause");
    }),
    case("resume_recording", Action::ActOnCall, "c3", |desk| {
        offer(desk, "cecilia", "recording: resume");
    }),
    case("clear_call", Action::ActOnCall, "c1", |desk| offer(desk, "anna", "clear")),
];

/// A desk on which everything can be asked.
pub(super) fn desk() -> Desk {
    let mut desk = calls::opened(Access::Full);
    tell_calls(&mut desk, &[CALL, RINGING, HELD]);
    desk
}

/// Asks; the desk with its question, and the request that it asks about.
pub(super) fn asked(case: &Case) -> (Desk, Request) {
    let mut desk = desk();
    (case.ask)(&mut desk);
    let question = desk.question();
    assert_eq!(question.asks.len(), 1, "{}", case.name);
    let request = question.asks[0].command.request.clone();
    assert_eq!(request.operation().name, case.name);
    assert!(format!("{request:?}").contains(case.target), "{}: {request:?}", case.name);
    (desk, request)
}

pub(super) fn sent(effects: Vec<Effect>) -> impl Iterator<Item = Command> {
    effects.into_iter().filter_map(|effect| match effect {
        Effect::Send(command) => Some(command),
        _ => None,
    })
}

/// Everything that is known is told again, with others before, behind and between, and other figures, so that no row
/// stays where it was. Of whom the question is about nothing changes.
fn resort(desk: &mut Desk, rng: &mut fastrand::Rng) {
    let number = rng.u32(0..9);
    let mut queues = desk::queues();
    for queue in &mut queues {
        queue.figures.waiting = Some(rng.u32(0..9));
    }
    queues.push(desk::queue(&format!("{number}"), "Aaa"));
    desk.tell("hq", SourceEvent::Snapshot(Part::Queues(queues)));
    let mut agents = desk::agents();
    agents.push(agent(&format!("aa{number}"), &format!("Aa{number}"), Vec::new()));
    agents.push(agent(&format!("zz{number}"), "Anna Lind", Vec::new()));
    desk.tell("hq", SourceEvent::Snapshot(Part::Agents(agents)));
    let mut callers = desk::callers();
    callers.push(caller(&format!("0{number}"), None, None));
    desk.tell("hq", SourceEvent::Snapshot(Part::Callbacks(callers.into_iter().collect())));
    let mut entries = desk::entries();
    entries.push(entry(&format!("a{number}"), EntryState::Scheduled));
    desk.tell("nimbus", SourceEvent::Snapshot(entries_part(entries)));
    let other = Told { id: "a0", user: "me", direction: Direction::Inbound, ..MINE };
    tell_calls(desk, &[CALL, RINGING, HELD, other]);
    tell(desk, &event(&format!("b{number}"), "Queued", &json!({})));
}

/// Something that happens while a question stands there, and that is no answer.
fn meanwhile(desk: &mut Desk, rng: &mut fastrand::Rng) -> Vec<Effect> {
    match rng.u8(0..6) {
        0 => {
            let (width, height) = (rng.u16(1..220), rng.u16(1..70));
            desk.event(Event::Resize { width, height })
        }
        1 => {
            desk.wait(rng.u64(0..3));
            Vec::new()
        }
        2 => desk.event(Event::Pointed(Target::Row(person("bo")))),
        3 => desk.event(Event::Pointed(Target::Tab(TableId::Agents))),
        4 => desk.press(rng.choice(["down", "pgup", "end", "tab", "left", "f9", "del"]).unwrap()),
        _ => {
            resort(desk, rng);
            Vec::new()
        }
    }
}

#[test]
fn every_floor_action_is_in_the_table() {
    let declared: BTreeSet<&str> =
        ACTIONS.iter().filter(|own| own.reach == Reach::Floor).map(|own| own.name).collect();
    let of = |case: &Case| ACTIONS.iter().find(|own| own.action == case.action).unwrap().name;
    assert_eq!(CASES.iter().map(of).collect::<BTreeSet<_>>(), declared);
}

#[test]
fn a_thousand_presses_are_a_thousand_requests_each_for_whom_it_was_asked() {
    let mut presses = 0;
    for seed in 0.. {
        for case in CASES {
            if presses == 1_000 {
                return;
            }
            presses += 1;
            let mut rng = fastrand::Rng::with_seed(presses);
            let (mut desk, request) = asked(case);
            let mut all = Vec::new();
            for _ in 0..rng.usize(0..8) {
                all.extend(sent(meanwhile(&mut desk, &mut rng)));
            }
            assert!(all.is_empty(), "{}, {seed}: nobody said yes", case.name);
            // Twice, three times, or a key that is held down; and what a hand does behind it.
            for _ in 0..rng.usize(1..30) {
                all.extend(sent(desk.press("y")));
            }
            for _ in 0..rng.usize(0..8) {
                all.extend(sent(meanwhile(&mut desk, &mut rng)));
                let key = rng.choice(["j", "G", "S", "space", "1", "o", "Y"]).unwrap();
                all.extend(sent(desk.press(key)));
                desk.press("esc");
            }
            assert_eq!(all.len(), 1, "{}, {seed}: {:?} {}", case.name, all, desk.notice());
            assert_eq!(all[0].request, request, "{}, {seed}", case.name);
        }
    }
}

#[test]
fn a_key_that_is_held_from_the_beginning_asks_and_never_answers() {
    for case in CASES {
        let key = ACTIONS.iter().find(|own| own.action == case.action).unwrap().keys[0];
        let (mut desk, _) = asked(case);
        for _ in 0..40 {
            assert_eq!(sent(desk.key(key)).count(), 0, "{}", case.name);
        }
    }
}

#[test]
fn pasted_text_never_confirms() {
    for case in CASES {
        for text in ["y", "y\n", "yyyy", "\ny\ny\n"] {
            let (mut desk, _) = asked(case);
            let mut all = sent(desk.event(Event::Paste(text.to_owned()))).count();
            all += sent(desk.press("y y")).count();
            assert_eq!(all, 0, "{}: {text:?}", case.name);
        }
    }
}

#[test]
fn while_the_answer_is_out_the_same_cannot_be_asked_again() {
    for case in CASES {
        let (mut desk, _) = asked(case);
        assert_eq!(sent(desk.press("y")).count(), 1, "{}", case.name);
        let key = ACTIONS.iter().find(|own| own.action == case.action).unwrap().keys[0];
        let mut count = sent(desk.event(Event::Key(key))).count();
        count += sent(desk.press("enter enter enter y y")).count();
        assert_eq!(count, 0, "{}", case.name);
    }
}

#[test]
fn a_lost_answer_is_unknown_never_asked_again_by_itself_and_never_called_done() {
    for case in CASES {
        let (mut desk, _) = asked(case);
        let command = sent(desk.press("y")).next().unwrap();
        desk.finish(&command, Outcome::Unknown(Shown::clean("the connection was reset")));
        assert_eq!(desk.word(), "unknown", "{}", case.name);
        let mut rng = fastrand::Rng::with_seed(1);
        for _ in 0..15 {
            desk.wait(1);
            let moment = desk.state.now;
            assert_eq!(sent(desk.event(Event::Tick(moment))).count(), 0, "{}", case.name);
            resort(&mut desk, &mut rng);
            assert_ne!(desk.word(), "done", "{}: no reading shows it", case.name);
        }
    }
}
