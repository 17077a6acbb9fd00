//! What is written to tasks and address books: one request each, spelt as the description has it.

use floorwalker::floor::book::Detail;
use floorwalker::operations::{Access, Card, Field, Outcome, Request, Value, Wish};
use floorwalker::source::Source;
use serde_json::{Value as Json, json};
use std::sync::Arc;

use super::wire::{SERVICE, Seen, Vendored, command, detail, text, wish};

fn pairs(all: &[(&str, &str)]) -> Value {
    Value::Pairs(all.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect())
}

/// Every field that a task can have.
fn whole() -> Wish {
    wish(&[
        (Field::Identifier, text("C-7")),
        (Field::FirstName, text("Ada")),
        (Field::LastName, text("Byron")),
        (Field::DisplayName, text("Ada Byron")),
        (Field::Company, text("Engines")),
        (Field::JobTitle, text("Analyst")),
        (Field::Department, text("Research")),
        (Field::Phone, text("+442079460500")),
        (Field::Phones, pairs(&[("desk", "+442079460501")])),
        (Field::Email, text("ada@example.com")),
        (Field::Upn, text("ada@example.com")),
        (Field::Chat, text("sip:ada@example.com")),
        (Field::Street, text("St James 12")),
        (Field::PostCode, text("SW1")),
        (Field::City, text("London")),
        (Field::State, text("England")),
        (Field::Country, text("UK")),
        (Field::More, pairs(&[("tier", "gold")])),
        (Field::Parameters, pairs(&[("topic", "delivery"), ("case", "")])),
        (
            Field::Preferred,
            Value::People(vec![
                ("alma@contoso.example".into(), Some(1)),
                ("bo@contoso.example".into(), None),
            ]),
        ),
    ])
}

/// One of each change of a task.
pub fn asked_of_tasks() -> Vec<Request> {
    let mut new = whole();
    new.set(Field::Service, text(SERVICE));
    new.set(Field::Priority, text("High"));
    let mut update = Wish::default();
    for (field, value) in whole().iter().filter(|(field, _)| *field != Field::Identifier) {
        update.set(field, value.clone());
    }
    vec![
        Request::AddTask { wish: new },
        Request::UpdateTask { task: "t/1 x".into(), wish: update },
        Request::RemoveTask { task: "t/1 x".into() },
    ]
}

fn card(details: &[(Detail, &[&str])]) -> Card {
    let mut card = Card::default();
    for (detail, texts) in details {
        let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
        card.set(*detail, &texts).unwrap();
    }
    card
}

/// One of each change of a contact.
pub fn asked_of_books() -> Vec<Request> {
    let whole = card(&[
        (Detail::DisplayName, &["Ada Byron"]),
        (Detail::FirstName, &["Ada"]),
        (Detail::LastName, &["Byron"]),
        (Detail::Initials, &["AB"]),
        (Detail::Company, &["Engines"]),
        (Detail::Department, &["Research"]),
        (Detail::JobTitle, &["Analyst"]),
        (Detail::Upn, &["ada@example.com"]),
        (Detail::BusinessPhone, &["+442079460500", "+442079460501"]),
        (Detail::MobilePhone, &["+442079460502"]),
        (Detail::HomePhone, &["+442079460503"]),
        (Detail::Email, &["ada@example.com"]),
        (Detail::Chat, &["sip:ada@example.com"]),
        (Detail::Street, &["St James 12"]),
        (Detail::PostalCode, &["SW1"]),
        (Detail::City, &["London"]),
        (Detail::State, &["England"]),
        (Detail::Country, &["UK"]),
        (Detail::Custom, &["tier=gold"]),
    ]);
    let (book, contact) = ("b 1", "c 1");
    vec![
        Request::AddContact { book: book.into(), contact: contact.into(), card: whole.clone() },
        Request::UpdateContact {
            book: book.into(),
            contact: contact.into(),
            card: whole,
            was: Card::default(),
        },
        Request::RemoveContacts { book: book.into(), contacts: vec![contact.into(), "c2".into()] },
    ]
}

fn update(of: &[(Detail, &[&str])], was: &[(Detail, &[&str])]) -> Request {
    let (book, contact) = ("b 1".into(), "c 1".into());
    Request::UpdateContact { book, contact, card: card(of), was: card(was) }
}

#[tokio::test]
async fn a_task_is_added_with_what_was_filled_in_and_nothing_else() {
    let vendor = Vendored::start().await;
    let least = wish(&[(Field::Service, text(SERVICE)), (Field::DisplayName, text("Ada"))]);
    assert_eq!(vendor.carry_out(Request::AddTask { wish: least }).await, Outcome::Done);
    let seen = vendor.seen();
    assert_eq!(seen.iter().map(Seen::operation).collect::<Vec<_>>(), ["AddExternalTask"]);
    assert_eq!(seen[0].json(), json!({"serviceUpn": SERVICE, "customer": {"displayName": "Ada"}}));
}

#[tokio::test]
async fn a_task_without_a_service_is_not_sent() {
    let vendor = Vendored::start().await;
    let wish = wish(&[(Field::DisplayName, text("Ada"))]);
    let outcome = vendor.carry_out(Request::AddTask { wish }).await;
    assert_eq!(outcome.word(), "failed");
    assert!(vendor.seen().is_empty());
}

#[tokio::test]
async fn an_update_sends_parameters_and_preferred_users_spelt_as_documented() {
    let vendor = Vendored::start().await;
    let wish = wish(&[
        (Field::Parameters, pairs(&[("topic", "delivery")])),
        (Field::Preferred, Value::People(vec![("alma@contoso.example".into(), Some(99))])),
    ]);
    let update = Request::UpdateTask { task: "t/1".into(), wish };
    assert_eq!(vendor.carry_out(update).await, Outcome::Done);
    let seen = vendor.seen();
    assert_eq!((seen.len(), seen[0].target.as_str()), (1, "/v1/tasks/t%2F1"));
    assert_eq!(seen[0].operation(), "UpdateTask");
    assert_eq!(
        seen[0].json(),
        json!({
            "customContextParameters": [{"name": "topic", "value": "delivery"}],
            "preferredUsers": [{"upn": "alma@contoso.example", "priority": 99}],
        })
    );
}

#[tokio::test]
async fn what_a_status_means_for_a_task_is_said_plainly() {
    let vendor = Vendored::start().await;
    let message = json!({ "message": "No." });
    let [add, update, remove]: [Request; 3] = asked_of_tasks().try_into().unwrap();
    for (request, key, status, says) in [
        (
            &remove,
            "DELETE /v1/ExternalTasks/t%2F1%20x",
            400,
            "already with an agent, so it cannot be removed: No.",
        ),
        (&remove, "DELETE /v1/ExternalTasks/t%2F1%20x", 404, "already gone or never there"),
        (&remove, "DELETE /v1/ExternalTasks/t%2F1%20x", 403, "lacks the right to remove tasks"),
        (&add, "POST /v1/ExternalTasks", 400, "not possible now: No."),
        (&add, "POST /v1/ExternalTasks", 403, "lacks the right to add tasks"),
        (&update, "PUT /v1/tasks/t%2F1%20x", 400, "none of the preferred users is: No."),
        (&update, "PUT /v1/tasks/t%2F1%20x", 403, "lacks the right to update tasks"),
        (&update, "PUT /v1/tasks/t%2F1%20x", 404, "already gone or never there"),
    ] {
        vendor.says(key, status, message.clone());
        let outcome = vendor.carry_out(request.clone()).await;
        assert_eq!(outcome.word(), "refused", "{key} {status}: {outcome:?}");
        assert!(detail(&outcome).contains(says), "{key} {status}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_about_a_task_says_that_no_reading_can_tell() {
    let vendor = Vendored::start().await;
    for status in [500, 504] {
        vendor.says("DELETE /v1/ExternalTasks/t1", status, Json::Null);
        let outcome = vendor.carry_out(Request::RemoveTask { task: "t1".into() }).await;
        assert_eq!(outcome.word(), "unknown");
        assert!(
            detail(&outcome).contains("no read of tasks, its trigger will tell"),
            "{outcome:?}"
        );
    }
    assert_eq!(vendor.seen().len(), 2, "never repeated");
}

#[tokio::test]
async fn an_update_writes_the_whole_contact_back_with_what_nobody_knows() {
    let vendor = Vendored::start().await;
    let of = update(
        &[(Detail::Company, &["Looms"]), (Detail::City, &["Marseille"])],
        &[(Detail::Company, &["Engines"])],
    );
    assert_eq!(vendor.carry_out(of).await, Outcome::Done);
    let seen = vendor.seen();
    let operations: Vec<String> = seen.iter().map(Seen::operation).collect();
    assert_eq!(operations, ["GetContacts", "UpdateContact"]);
    assert_eq!(seen[0].target, "/v2/AddressBooks/b%201/contacts?externalIds=c%201");
    assert_eq!(
        seen[1].json(),
        json!({
            "externalId": "c 1", "displayName": "Ada Byron", "company": "Looms",
            "mobilePhones": ["+44 20 7946 0112"], "emailAddresses": ["ada@example.com"],
            "addresses": [{"street": "St James 12", "city": "Marseille", "lot": "7"}, {"city": "Paris"}],
            "customFields": [{"name": "tier", "value": "gold"}], "mood": {"of": ["the", "day"]},
        })
    );
}

#[tokio::test]
async fn a_contact_that_somebody_else_changed_meanwhile_is_not_overwritten() {
    let vendor = Vendored::start().await;
    let of = update(&[(Detail::Company, &["Looms"])], &[(Detail::Company, &["Mills"])]);
    let outcome = vendor.carry_out(of).await;
    assert!(detail(&outcome).contains("company is another now; nothing was sent"), "{outcome:?}");
    let contacts = "GET /v2/AddressBooks/b%201/contacts";
    vendor.says(contacts, 200, json!([]));
    let of = update(&[(Detail::Company, &["Looms"])], &[]);
    assert_eq!(detail(&vendor.carry_out(of.clone()).await), "already gone or never there");
    vendor.says(contacts, 403, Json::Null);
    assert_eq!(vendor.carry_out(of).await.word(), "failed", "it cannot be read before");
    assert!(vendor.seen().iter().all(|seen| seen.method == "GET"));
}

#[tokio::test]
async fn several_contacts_are_one_request_and_none_is_none() {
    let vendor = Vendored::start().await;
    let remove = |contacts: &[&str]| Request::RemoveContacts {
        book: "b 1".into(),
        contacts: contacts.iter().map(|own| (*own).into()).collect(),
    };
    assert_eq!(vendor.carry_out(remove(&["a", "b", "c"])).await, Outcome::Done);
    assert_eq!(vendor.carry_out(remove(&[])).await.word(), "failed");
    let seen = vendor.seen();
    assert_eq!((seen.len(), seen[0].operation()), (1, "RemoveContacts".to_owned()));
    assert_eq!(seen[0].json(), json!(["a", "b", "c"]));
    vendor.says("POST /v2/AddressBooks/b%201/contacts/delete", 403, Json::Null);
    let outcome = vendor.carry_out(remove(&["a"])).await;
    assert!(detail(&outcome).contains("lacks the right to this address book"), "{outcome:?}");
}

#[tokio::test]
async fn whoever_only_reads_sends_no_change_of_a_contact() {
    let vendor = Vendored::start().await;
    for request in asked_of_books() {
        let source: Arc<dyn Source> = vendor.source(Access::ReadOnly);
        assert_eq!(source.execute(command(request)).await.word(), "failed");
    }
    assert!(vendor.seen().iter().all(|seen| seen.method == "GET"));
}
