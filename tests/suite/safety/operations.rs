//! Every declared operation: each vendor does it or says that it cannot, as the declaration has it.

use std::collections::BTreeSet;

use floorwalker::floor::Kind;
use floorwalker::floor::callback::CallbackState;
use floorwalker::operations::{
    Access, Command, CommandId, OPERATIONS, Outcome, Permission, Request, Wish,
};
use floorwalker::relay::access::Scope;
use floorwalker::source::handles;
use floorwalker::text::Shown;

use super::ids::{config, requests};
use crate::support::scripted::Scripted;

/// One request of every operation.
fn every_request() -> Vec<Request> {
    let mut all = requests(&mut || "good".to_owned());
    all.extend([
        Request::AddEntry { wish: Wish::default() },
        Request::AddTask { wish: Wish::default() },
    ]);
    for state in [CallbackState::Open, CallbackState::Done] {
        all.push(Request::Assign { callback: "good".into(), state, note: None });
    }
    all
}

#[test]
fn every_operation_has_a_request() {
    let asked: BTreeSet<&str> = every_request().iter().map(|own| own.operation().name).collect();
    let declared: BTreeSet<&str> = OPERATIONS.iter().map(|own| own.name).collect();
    assert_eq!(asked, declared);
}

#[tokio::test]
async fn a_source_is_asked_for_what_its_vendor_can_do_and_for_nothing_else() {
    let server = Scripted::untouched().await;
    let sources = handles(&config(&server).sources, Access::Full).unwrap();
    for source in sources.iter().filter(|own| own.kind != Kind::Relay) {
        for request in every_request() {
            let (operation, before) = (request.operation(), server.count());
            let command = Command {
                id: CommandId(1),
                source: source.name.clone(),
                request,
                target: Shown::default(),
                place: Shown::default(),
            };
            let outcome = source.execute(command).await;
            let refused = matches!(
                &outcome,
                Outcome::Failed(why) if why.contains("not supported by this source")
            );
            let about = format!("{} of {:?}: {outcome:?}", operation.name, source.kind);
            assert_eq!(!refused, operation.capability.is_of(source.kind), "{about}");
            assert!(!refused || server.count() == before, "{about}");
        }
    }
}

#[test]
fn a_scope_that_allows_changes_is_asked_for_by_some_operation() {
    for scope in Scope::ACTING {
        assert!(OPERATIONS.iter().any(|own| Scope::from(own.permission) == scope), "{scope:?}");
    }
    let of_calls = OPERATIONS.iter().filter(|own| own.permission == Permission::Calls);
    assert!(of_calls.into_iter().all(|own| own.capability.kinds == [Kind::Telepo]));
}
