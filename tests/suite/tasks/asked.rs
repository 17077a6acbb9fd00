//! What can be asked of tasks: the keys, the questions, one request each, and what events settle.

use floorwalker::action::Action;
use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::id::{SourceName, TaskId};
use floorwalker::floor::link::Feed;
use floorwalker::floor::scheduler::Priority;
use floorwalker::floor::task::Tasking;
use floorwalker::operations::{Access, Field, OperationId, Outcome, Request, Value};
use floorwalker::state::{Dialog, Effect};
use floorwalker::table::RowId;
use floorwalker::text::Shown;
use serde_json::{Value as Json, json};

use super::shown::tell;
use crate::support::desk::{Desk, only, up};
use crate::support::nimbus::{SERVICE, event};

/// What the lookups tell.
pub fn tasking() -> SourceEvent {
    let high = Priority { name: "High priority".into(), value: "High".into() };
    SourceEvent::Snapshot(Part::Tasking(Tasking {
        services: vec![SERVICE.into()],
        priorities: vec![high],
        users: vec!["alma@contoso.example".into(), "bo@contoso.example".into()],
    }))
}

pub fn task_row(id: &str) -> RowId {
    RowId::Task(SourceName::new("nimbus"), TaskId::new(id))
}

fn external(more: &Json) -> Json {
    let mut all = json!({"modality": "ExternalTask", "callerTelNumber": null});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

/// Two tasks of other systems wait, one is with an agent, and a call waits.
pub fn tell_tasks(desk: &mut Desk) {
    desk.tell("nimbus", SourceEvent::Link(up("triggers")));
    desk.tell("nimbus", tasking());
    for (id, name) in [("x1", "Hedda"), ("x2", "Oskar")] {
        let more = external(&json!({"taskInformation": {"customer": {"displayName": name}}}));
        tell(desk, &event(id, "Queued", &more));
    }
    let held = external(&json!({"LastConnectedUserUPN": "jo@contoso.example"}));
    tell(desk, &event("x3", "UserConnected", &held));
    tell(desk, &event("a1", "Queued", &json!({})));
}

/// A board on them.
pub fn opened(access: Access) -> Desk {
    let mut desk = Desk::opened(access);
    tell_tasks(&mut desk);
    desk.press("4");
    desk
}

fn desk() -> Desk {
    opened(Access::Full)
}

fn lines(desk: &Desk) -> Vec<&str> {
    desk.question().consequences.iter().map(Shown::as_str).collect()
}

fn sends(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Send(_))).count()
}

#[test]
fn a_waiting_task_of_another_system_is_asked_about_and_removed_once() {
    let mut desk = desk();
    desk.wait(42);
    let feed = Feed { last_update: Some(desk.state.now.moment), ..up("triggers") };
    desk.tell("nimbus", SourceEvent::Link(feed));
    desk.select(&task_row("x1"));
    desk.press("d");
    assert_eq!(desk.question().title.as_str(), "Remove the task of Hedda from Claims?");
    assert!(lines(&desk)[0].contains("waited for 0:42; nobody will take it"), "{:?}", lines(&desk));
    let effects = desk.press("y y y");
    let command = only(&effects);
    assert_eq!(command.request, Request::RemoveTask { task: "x1".into() });
    desk.press("d");
    assert!(desk.notice().contains("already asked"), "{}", desk.notice());
}

#[test]
fn what_cannot_be_removed_says_why() {
    let mut desk = desk();
    for (id, says) in [
        ("a1", "this one began by audio: only tasks that another system added can be removed"),
        ("x3", "already with an agent: only a task that waits can be removed"),
    ] {
        desk.select(&task_row(id));
        assert!(!desk.state.can(Action::Operation(OperationId::RemoveTask)), "{id}");
        desk.press("d");
        assert_eq!(desk.notice(), says);
        assert!(desk.state.screen.dialog.is_none());
    }
    tell(&mut desk, &event("x2", "TaskTerminated", &external(&json!({}))));
    desk.select(&task_row("x2"));
    desk.press("d");
    assert!(desk.notice().contains("it is over"), "{}", desk.notice());
}

#[test]
fn marked_tasks_are_one_question_and_a_request_each() {
    let mut desk = desk();
    for id in ["x1", "x2", "a1"] {
        desk.select(&task_row(id));
        desk.press("space");
    }
    desk.press("d");
    assert_eq!(desk.question().title.as_str(), "Remove 2 tasks?");
    assert!(lines(&desk).iter().any(|line| line.starts_with("Left out, 1")), "{:?}", lines(&desk));
    assert_eq!(sends(&desk.press("y")), 2);
}

#[test]
fn a_task_that_somebody_took_meanwhile_is_not_removed() {
    let mut desk = desk();
    desk.select(&task_row("x1"));
    desk.press("d");
    let taken = external(&json!({"LastConnectedUserUPN": "jo@contoso.example"}));
    tell(&mut desk, &event("x1", "UserConnected", &taken));
    assert_eq!(sends(&desk.press("y")), 0);
    assert!(desk.notice().contains("changed meanwhile, nothing was sent"), "{}", desk.notice());
}

#[test]
fn a_new_task_is_filled_in_asked_about_and_done_with_its_answer() {
    let mut desk = desk();
    desk.press("n");
    assert_eq!(desk.form().title.as_str(), "New task");
    desk.fill(Field::Identifier, "C-7");
    desk.fill(Field::DisplayName, "Ada");
    desk.fill(Field::Priority, "high");
    desk.fill(Field::Parameters, "topic=delivery; tier = gold");
    desk.fill(Field::Preferred, "ALMA@contoso.example:1, bo@contoso.example");
    desk.press("enter");
    assert_eq!(desk.question().title.as_str(), format!("Add a task for Ada to {SERVICE}?"));
    let command = only(&desk.press("y"));
    let Request::AddTask { wish } = &command.request else { panic!("{command:?}") };
    assert_eq!(wish.text(Field::Service), Some(SERVICE));
    assert_eq!(wish.text(Field::Priority), Some("High"), "as the lookup spells it");
    assert_eq!(
        wish.get(Field::Preferred),
        Some(&Value::People(vec![
            ("alma@contoso.example".into(), Some(1)),
            ("bo@contoso.example".into(), None),
        ]))
    );
    assert!(desk.press("y y").is_empty());
    desk.finish(&command, Outcome::Done);
    assert_eq!(desk.word(), "done", "no reading would ever show it");
}

#[test]
fn of_several_services_the_selected_tasks_is_offered_first() {
    let mut desk = desk();
    let services = vec!["aside@contoso.example".into(), SERVICE.into()];
    let tasking = Tasking { services, ..Tasking::default() };
    desk.tell("nimbus", SourceEvent::Snapshot(Part::Tasking(tasking)));
    desk.select(&task_row("x1"));
    desk.press("n");
    assert_eq!(desk.form().fields[0].input.value(), SERVICE);
    assert_eq!(desk.form().marked, 1, "the next field is typed into");
}

#[test]
fn what_is_wrong_in_the_form_is_said_at_its_field_and_nothing_is_asked() {
    let many: Vec<String> = (0..11).map(|index| format!("u{index}@contoso.example")).collect();
    let many = many.join(", ");
    for (field, written, says) in [
        (Field::Parameters, "topic", "name=value"),
        (Field::Parameters, "=x", "name=value"),
        (Field::Parameters, "a=1; a=2", "a is there twice"),
        (Field::Preferred, "alma", "user@domain"),
        (Field::Preferred, "alma@contoso.example:0", "from 1, the first, to 99"),
        (Field::Preferred, "alma@contoso.example:100", "from 1, the first, to 99"),
        (Field::Preferred, "nobody@contoso.example", "nobody whom the lookup"),
        (Field::Preferred, "bo@contoso.example bo@contoso.example", "twice"),
        (Field::Preferred, many.as_str(), "nobody whom the lookup"),
        (Field::Priority, "Urgent", "there is High"),
    ] {
        let mut desk = desk();
        desk.press("n");
        desk.fill(field, written);
        desk.press("enter");
        assert!(desk.fault().contains(says), "{written}: {:?}", desk.fault());
    }
}

#[test]
fn a_task_of_which_nothing_is_said_is_not_asked_about() {
    let mut desk = desk();
    desk.press("n enter");
    assert!(desk.fault().contains("whose it is"), "{}", desk.fault());
    assert_eq!(desk.form().fields[desk.form().marked].field, Field::Identifier);
}

#[test]
fn at_most_ten_people_are_preferred() {
    let mut desk = desk();
    desk.tell(
        "nimbus",
        SourceEvent::Snapshot(Part::Tasking(Tasking {
            services: vec![SERVICE.into()],
            ..Tasking::default()
        })),
    );
    desk.press("n");
    let many: Vec<String> = (0..11).map(|index| format!("u{index}@contoso.example")).collect();
    desk.fill(Field::Preferred, &many.join(","));
    desk.press("enter");
    assert!(desk.fault().contains("at most 10"), "{}", desk.fault());
    desk.fill(Field::Preferred, &many[..10].join(","));
    desk.press("enter");
    assert!(desk.question().title.starts_with("Add a task for anonymous"));
}

#[test]
fn an_update_asks_what_changes_and_sends_that_alone() {
    let mut desk = desk();
    desk.select(&task_row("a1"));
    desk.press("e");
    assert_eq!(desk.form().title.as_str(), "Update the task of +442079460188");
    desk.press("enter");
    assert!(desk.fault().contains("nothing is changed yet"));
    desk.fill(Field::Company, "Engines");
    desk.fill(Field::Parameters, "topic=delivery");
    desk.press("enter");
    assert_eq!(lines(&desk), ["Company: Engines", "Parameters: topic=delivery"]);
    let command = only(&desk.press("y"));
    let Request::UpdateTask { task, wish } = &command.request else { panic!("{command:?}") };
    assert_eq!((task.raw(), wish.iter().count()), ("a1", 2));
    assert!(desk.press("y").is_empty());
}

#[test]
fn an_update_goes_on_though_the_task_took_a_step_and_not_once_it_is_over() {
    for (word, sent) in [("UserConnected", 1), ("TaskTerminated", 0)] {
        let mut desk = desk();
        desk.select(&task_row("a1"));
        desk.press("e");
        desk.fill(Field::Company, "Engines");
        desk.press("enter");
        tell(&mut desk, &event("a1", word, &json!({})));
        assert_eq!(sends(&desk.press("y")), sent, "{word}");
    }
}

#[test]
fn a_question_that_is_refused_leaves_the_form_as_it_was() {
    let mut desk = desk();
    desk.select(&task_row("a1"));
    desk.press("e");
    desk.fill(Field::Company, "Engines");
    desk.press("enter n");
    assert_eq!(desk.form().fields[desk.form().marked].input.value(), "Engines");
    desk.press("enter");
    assert!(matches!(desk.state.screen.dialog, Some(Dialog::Question(_))));
}

fn lost() -> Outcome {
    Outcome::Unknown("the answer was lost".into())
}

#[test]
fn a_removal_without_an_answer_is_done_only_when_the_vendor_says_removed() {
    let mut desk = desk();
    desk.select(&task_row("x1"));
    desk.press("d");
    let command = only(&desk.press("y"));
    desk.finish(&command, lost());
    assert_eq!(desk.word(), "unknown");
    tell(&mut desk, &event("x2", "TaskRemoved", &external(&json!({"terminated": "soon"}))));
    assert_eq!(desk.word(), "unknown", "that was another one");
    desk.wait(2);
    let removed = external(&json!({"terminated": "soon"}));
    tell(&mut desk, &event("x1", "ExternalTaskRemoved", &removed));
    assert_eq!(desk.word(), "done");
}

#[test]
fn a_task_that_ended_otherwise_was_not_removed_by_the_lost_request() {
    for word in ["TaskTerminated", "TaskCompleted", "CustomerLeft", "Abandoned"] {
        let mut desk = desk();
        desk.select(&task_row("x1"));
        desk.press("d");
        let command = only(&desk.press("y"));
        desk.finish(&command, lost());
        desk.wait(2);
        tell(&mut desk, &event("x1", word, &external(&json!({"terminated": "soon"}))));
        assert_eq!(desk.word(), "unknown", "{word}: nobody says that it was removed");
    }
}

#[test]
fn a_task_that_an_agent_took_was_not_removed() {
    let mut desk = desk();
    desk.select(&task_row("x1"));
    desk.press("d");
    let command = only(&desk.press("y"));
    desk.finish(&command, lost());
    let taken = external(&json!({"LastConnectedUserUPN": "jo@contoso.example"}));
    desk.wait(1);
    tell(&mut desk, &event("x1", "UserConnected", &taken));
    desk.wait(1);
    tell(&mut desk, &event("x1", "TaskTerminated", &taken));
    assert_eq!(desk.word(), "unknown", "somebody finished it");
}

#[test]
fn an_addition_without_an_answer_is_settled_by_the_new_tasks_own_event() {
    let mut desk = desk();
    desk.press("n");
    desk.fill(Field::DisplayName, "Hedda");
    desk.press("enter");
    let command = only(&desk.press("y"));
    desk.finish(&command, lost());
    desk.wait(1);
    let hedda =
        |name: &str| external(&json!({"taskInformation": {"customer": {"displayName": name}}}));
    tell(&mut desk, &event("x1", "TaskUpdated", &hedda("Hedda")));
    tell(&mut desk, &event("x8", "TaskCreated", &hedda("Somebody")));
    assert_eq!(desk.word(), "unknown", "one of before, and one of another name");
    tell(&mut desk, &event("x9", "TaskCreated", &hedda("Hedda")));
    assert_eq!(desk.word(), "done");
}

#[test]
fn an_addition_is_not_settled_by_a_label_that_is_equal_only_when_masked() {
    let mut desk = desk();
    desk.press("n");
    desk.fill(Field::DisplayName, "+46 8 555 01 42");
    desk.press("enter");
    let command = only(&desk.press("y"));
    desk.finish(&command, lost());
    desk.wait(1);
    for (id, name) in [("x8", "+46 8 555 77 42"), ("x9", "+46…42")] {
        let named = json!({"taskInformation": {"customer": {"displayName": name}}});
        tell(&mut desk, &event(id, "TaskCreated", &external(&named)));
        assert_eq!(desk.word(), "unknown", "{name}");
    }
}

#[test]
fn an_update_without_an_answer_is_settled_by_the_parameter_that_an_event_tells() {
    let mut desk = desk();
    desk.select(&task_row("a1"));
    desk.press("e");
    desk.fill(Field::Parameters, "topic=delivery");
    desk.press("enter");
    let command = only(&desk.press("y"));
    desk.finish(&command, lost());
    desk.wait(1);
    let told =
        |value: &str| json!({"updatedParameterName": "topic", "updatedParameterValue": value});
    tell(&mut desk, &event("a1", "TaskUpdated", &told("refund")));
    assert_eq!(desk.word(), "unknown");
    tell(&mut desk, &event("a1", "TaskUpdated", &told("delivery")));
    assert_eq!(desk.word(), "done");
}

#[test]
fn a_refusal_is_shown_on_the_row_in_the_vendors_words() {
    let mut desk = desk();
    desk.select(&task_row("x1"));
    desk.press("d");
    let command = only(&desk.press("y"));
    let why = "already with an agent, so it cannot be removed";
    desk.finish(&command, Outcome::Refused(why.into()));
    assert!(desk.notice().contains(why), "{}", desk.notice());
    let context = desk.state.context();
    let page = floorwalker::table::TableId::Tasks.page(&context, &[task_row("x1")]);
    assert_eq!(
        page[0].pending.as_ref().map(floorwalker::operations::Pending::word),
        Some("refused")
    );
}

#[test]
fn a_masked_board_asks_without_a_number() {
    let mut desk = desk();
    desk.state.mask = true;
    desk.select(&task_row("a1"));
    desk.press("e");
    assert_eq!(desk.form().title.as_str(), "Update the task of +442…88");
    desk.fill(Field::Phone, "+442079460500");
    desk.press("enter");
    assert_eq!(lines(&desk), ["Phone: +442…00"]);
}
