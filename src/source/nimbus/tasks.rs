//! Changes of tasks: one request each. Nothing can be read of a task, so what is not answered only its events can tell.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use super::change::{Words, confirmed, identity, judged, sent};
use super::{Nimbus, hinted, wire};
use crate::event::SourceEvent;
use crate::floor::Part;
use crate::floor::task::Tasking;
use crate::operations::{Field, Outcome, Wish};
use crate::source::Line;
use crate::source::feed::Failure;
use crate::text::Shown;
use crate::transport::http::{HttpError, Method};
use crate::transport::lenient::items;

/// What services have such tasks, which priorities these can have, and who can be preferred.
const LOOKUPS: [&str; 3] = [
    "v1/ExternalTasks/service-contacts",
    "v1/ExternalTasks/distribution-priorities",
    "v1/tasks/users-for-preferred-routing",
];

/// Tasks of other systems.
const EXTERNAL: &str = "v1/ExternalTasks";

const TASKS: &str = "v1/tasks";

const ADD: Words = Words {
    right: "the account lacks the right to add tasks to this service",
    impossible: "not possible now",
};

const UPDATE: Words = Words {
    right: "the account lacks the right to update tasks",
    // All preferred users invalid: then none is set (connector, known limitations).
    impossible: "not possible now: a value is invalid, or none of the preferred users is",
};

const REMOVE: Words = Words {
    right: "the account lacks the right to remove tasks",
    impossible: "already with an agent, so it cannot be removed",
};

/// What is said where no answer came.
const UNCONFIRMABLE: &str = "not confirmable: Nimbus has no read of tasks, its trigger will tell";

/// How often the lookups are read: they change by hand.
const LOOKUPS_EVERY: Duration = Duration::from_mins(15);

/// The same after one of them was refused.
const AGAIN: Duration = Duration::from_mins(2);

impl Nimbus {
    /// Looks up what tasks can be made of, for whoever makes them. A lookup that is refused leaves the others.
    pub(super) async fn look_up_tasks(self: Arc<Self>, line: Line) {
        let mut told = false;
        loop {
            let wait = match self.tasking([true; 3]).await {
                Ok((tasking, refused)) => {
                    line.outbox.send(SourceEvent::Snapshot(Part::Tasking(tasking))).await;
                    let wait = if refused.is_some() { AGAIN } else { LOOKUPS_EVERY };
                    if let Some(why) = refused.filter(|_| !std::mem::replace(&mut told, true)) {
                        let why = why.shown();
                        let text = format!("what tasks can be made of is not known: {why}");
                        line.outbox.send(SourceEvent::Said(Shown::clean(&text))).await;
                    }
                    wait
                }
                Err(wait) => wait,
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Looks up once what is wanted of services, priorities and users.
    pub(super) async fn tell_tasking(&self, line: &Line, wanted: [bool; 3]) -> Result<(), Failure> {
        let (tasking, refused) =
            self.tasking(wanted).await.map_err(|wait| Failure::from(HttpError::Quota { wait }))?;
        line.outbox.send(SourceEvent::Snapshot(Part::Tasking(tasking))).await;
        refused.map_or(Ok(()), Err)
    }

    /// What the lookups tell, and why one of them does not.
    ///
    /// # Errors
    /// How long to wait until the minute has room for them.
    async fn tasking(&self, wanted: [bool; 3]) -> Result<(Tasking, Option<Failure>), Duration> {
        let (mut all, mut refused) = ([const { None }; 3], None);
        for ((path, answer), _) in LOOKUPS.iter().zip(&mut all).zip(wanted).filter(|own| own.1) {
            match self.read(path).await {
                Ok(told) => *answer = Some(told),
                Err(HttpError::Quota { wait }) => return Err(wait),
                Err(error) => refused = Some(hinted(error, "")),
            }
        }
        let [services, priorities, users] = all;
        let texts = |answer: Option<Json>| -> Vec<Shown> {
            let answer = answer.unwrap_or_default();
            let items = items(&answer, "value");
            items.into_iter().filter_map(|item| item.as_str().map(Shown::clean)).collect()
        };
        let priorities = priorities.as_ref().map(wire::priorities).unwrap_or_default();
        let tasking = Tasking { services: texts(services), priorities, users: texts(users) };
        Ok((tasking, refused))
    }

    pub(super) async fn add_task(&self, wish: &Wish) -> Outcome {
        if wish.text(Field::Service).is_none() {
            return Outcome::Failed(Shown::clean("a task needs a service"));
        }
        let body = Json::Object(body(wish));
        let result = self.change(Method::POST, EXTERNAL, Some(&body)).await;
        told(confirmed(result, &ADD, |answer| identity(answer, "id")))
    }

    pub(super) async fn update_task(&self, task: &str, wish: &Wish) -> Outcome {
        let body = Json::Object(body(wish));
        told(judged(self.change_one(Method::PUT, TASKS, task, Some(&body)).await, &UPDATE))
    }

    pub(super) async fn remove_task(&self, task: &str) -> Outcome {
        told(judged(self.change_one(Method::DELETE, EXTERNAL, task, None).await, &REMOVE))
    }
}

/// An answer that was lost is nothing that a reading could find.
fn told(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Unknown(why) => Outcome::Unknown(Shown::clean(&format!("{why}; {UNCONFIRMABLE}"))),
        other => other,
    }
}

/// What is wished, as `ExternalTaskWriteDto` and `TaskInformation` have it: what belongs to the customer within it, and
/// nothing that is not wished.
fn body(wish: &Wish) -> Map<String, Json> {
    let (mut body, mut customer) = (Map::new(), Map::new());
    for (field, value) in wish.iter() {
        let within = match field {
            Field::Service
            | Field::Priority
            | Field::Identifier
            | Field::Parameters
            | Field::Preferred => &mut body,
            _ => &mut customer,
        };
        within.insert(wire::key(field).to_owned(), sent(value));
    }
    if !customer.is_empty() {
        body.insert("customer".to_owned(), Json::Object(customer));
    }
    body
}
