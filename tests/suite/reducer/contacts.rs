//! Contacts of address books: who is named by them, and choosing one in the form of an entry.

use std::sync::Arc;

use floorwalker::event::SourceEvent;
use floorwalker::floor::Part;
use floorwalker::floor::book::{Book, Books, Contact, Detail};
use floorwalker::floor::portable::{Masked, Named, Portable as _};
use floorwalker::floor::scheduler::EntryState;
use floorwalker::operations::{Access, Field};
use floorwalker::state::Dialog;
use floorwalker::table::{Context, TableId};
use floorwalker::text::Shown;
use serde_json::json;

use crate::support::desk::{Desk, entries_part, entry, only};
use crate::support::hostile::{corpus, steering_in_lines};
use crate::support::nimbus::event;
use crate::support::screen::TestScreen;
use crate::tasks::shown::tell;

const SERVICE: &str = "outbound@contoso.example";

fn contact(id: &str, name: &str, company: &str, number: &str) -> Contact {
    let details = [
        (Detail::DisplayName, name),
        (Detail::Company, company),
        (Detail::MobilePhone, number),
        (Detail::Upn, "person@contoso.example"),
    ];
    let details = details.map(|(own, text)| (own, Shown::clean(text))).to_vec();
    Contact { book: "b".into(), id: id.into(), details }
}

fn books(contacts: Vec<Contact>) -> SourceEvent {
    let book = Book { id: "b".into(), name: "Customers".into() };
    SourceEvent::Snapshot(Part::Books(Arc::new(Books::new(vec![book], contacts))))
}

fn desk() -> Desk {
    let mut desk = Desk::opened(Access::Full);
    desk.tell("nimbus", SourceEvent::Snapshot(Part::Services(vec![SERVICE.into()])));
    desk.tell(
        "nimbus",
        books(vec![
            contact("1", "Hedda Lundqvist", "Lundqvist Trä", "+44 20 7946 0112"),
            contact("2", "Oskar Lund", "Brandt", "+44 20 7946 0500"),
        ]),
    );
    desk
}

#[test]
fn a_planned_call_and_a_caller_are_named_by_a_book_however_the_number_is_written() {
    let mut desk = desk();
    tell(&mut desk, &event("t1", "Queued", &json!({"callerTelNumber": "00442079460500"})));
    let context = Context { live: false, ..desk.state.context() };
    let entries = TableId::Entries.json(&context);
    assert_eq!(entries[0]["name"], "Hedda Lundqvist");
    let tasks = TableId::Tasks.json(&context);
    assert_eq!(
        (&tasks[0]["customer"], &tasks[0]["party"]),
        (&json!("Oskar Lund"), &json!("00442079460500"))
    );
    let masked = TableId::Tasks.json(&Context { mask: true, ..context });
    assert_eq!(
        (&masked[0]["customer"], &masked[0]["party"]),
        (&json!("Oskar Lund"), &json!("004…00"))
    );
}

#[test]
fn the_name_that_nimbus_tells_counts_for_more_and_an_identifier_for_less() {
    let mut desk = desk();
    let number = json!({"callerTelNumber": "+442079460500"});
    let with = |more: serde_json::Value| {
        let mut all = number.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let named = with(json!({"taskInformation": {"customer": {"displayName": "Ada"}}}));
    tell(&mut desk, &event("t1", "Queued", &named));
    tell(&mut desk, &event("t2", "Queued", &with(json!({"customerIdentifier": "C-7"}))));
    let tasks = TableId::Tasks.json(&desk.state.context());
    let called = |id: &str| tasks.iter().find(|row| row["id"] == id).unwrap()["customer"].clone();
    assert_eq!((called("t1"), called("t2")), (json!("Ada"), json!("Oskar Lund")));
}

#[test]
fn whoever_does_not_see_a_number_reads_whose_it_is_and_gets_no_book() {
    let mut desk = desk();
    tell(&mut desk, &event("t1", "Queued", &json!({"callerTelNumber": "+442079460500"})));
    let mut world = desk.state.floor.world(&"nimbus".into()).unwrap().clone();
    let known = Arc::clone(&world.books);
    world.change(&mut Named(&known));
    world.change(&mut Masked);
    assert!(world.books.is_empty());
    let text = serde_json::to_string(&world).unwrap();
    assert!(text.contains("Oskar Lund") && text.contains("Hedda Lundqvist"));
    assert!(!text.contains("0500") && !text.contains("+442079460500"), "{text}");
    let task = world.tasks.values().next().unwrap();
    assert_eq!(task.customer(&world.books).as_deref(), Some("Oskar Lund"));
}

/// The form of a new entry with part of a name as its destination.
fn typing(desk: &mut Desk, name: &str) {
    desk.press("7 n");
    assert_eq!(desk.form().fields[desk.form().marked].field, Field::Destination);
    desk.write(name);
}

#[test]
fn part_of_a_name_lists_who_fits_and_enter_puts_the_number_in() {
    let mut desk = desk();
    typing(&mut desk, "lund");
    let text = TestScreen::new(desk.state.clone(), 100, 30).text();
    assert!(text.contains("4 contacts fit: enter chooses"), "{text}");
    desk.press("enter");
    let items: Vec<&str> = desk.picker().items.iter().map(Shown::as_str).collect();
    assert_eq!(items[0], "Hedda Lundqvist, Lundqvist Trä  +442079460112  mobile");
    assert_eq!(items[1], "Hedda Lundqvist, Lundqvist Trä  person@contoso.example  upn");
    desk.press("down down enter");
    let form = desk.form();
    assert_eq!(form.fields[form.marked].input.value(), "+442079460500");
    desk.press("down");
    desk.write("+30m");
    desk.press("enter");
    assert!(desk.question().title.ends_with("call +442079460500?"));
    only(&desk.press("y"));
}

#[test]
fn nobody_chosen_leaves_the_form_as_it_was_and_a_number_lists_nobody() {
    let mut desk = desk();
    typing(&mut desk, "lund");
    desk.press("enter esc");
    let form = desk.form();
    assert_eq!(form.fields[form.marked].input.value(), "lund");
    desk.press("ctrl+u");
    desk.write("zzz");
    desk.press("enter");
    assert!(desk.form().fault.is_some(), "who is in no book is no destination");
    desk.press("ctrl+u");
    desk.write("+442079460500");
    desk.press("enter");
    assert!(matches!(desk.state.screen.dialog, Some(Dialog::Form(_))), "the time is missing");
}

#[test]
fn a_masked_board_offers_no_number_to_choose() {
    let mut desk = desk();
    desk.state.mask = true;
    typing(&mut desk, "lund");
    desk.press("enter");
    assert!(matches!(desk.state.screen.dialog, Some(Dialog::Form(_))));
}

#[test]
fn hostile_contacts_reach_the_screen_cleaned() {
    for (what, text) in corpus() {
        let mut desk = desk();
        desk.tell("nimbus", books(vec![contact("1", &text, &text, "+44 20 7946 0112")]));
        desk.tell(
            "nimbus",
            SourceEvent::Snapshot(entries_part(vec![entry("e1", EntryState::Scheduled)])),
        );
        desk.press("7");
        let mut screens = vec![TestScreen::new(desk.state.clone(), 180, 30).text()];
        desk.press("n");
        let name: String = text.chars().filter(|c| c.is_alphabetic()).take(4).collect();
        desk.write(&name);
        desk.press("enter");
        screens.push(TestScreen::new(desk.state.clone(), 100, 30).text());
        for text in screens {
            assert!(steering_in_lines(&text).is_none(), "{what}: {text}");
        }
    }
}
