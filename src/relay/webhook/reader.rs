//! What a vendor's posts say: which event one is, and what it means on the floor.

use chrono::{DateTime, Utc};

use crate::event::SourceEvent;
use crate::floor::time::Now;
use crate::source::enreach::events::{self as enreach, Body};
use crate::source::nimbus::events::{self as nimbus, About, Repeats};
use crate::source::nimbus::mailbox::Mailbox;
use crate::transport::lenient::{Identity, Tally};
use crate::transport::posted::Malformed;

/// Reads one source's posts.
#[derive(Debug)]
pub(super) enum Reader {
    Enreach(enreach::map::Mapper),
    Nimbus { mapper: nimbus::map::Mapper, mailbox: Mailbox, repeats: Repeats },
}

/// An event, known by what the store needs of it.
pub(super) struct Known {
    pub id: String,
    pub at: DateTime<Utc>,
    /// Of what it is the latest; `None` for what only the log keeps.
    pub latest: Option<String>,
    /// What it is called.
    pub name: String,
}

impl Reader {
    /// Reads an event that arrived, for its identity alone.
    pub(super) fn know(&self, body: &[u8], arrived: DateTime<Utc>) -> Result<Known, Malformed> {
        let mut unread = Tally::default();
        match self {
            Self::Enreach(mapper) => {
                let event = enreach::decode(body, arrived, &mut unread)?;
                Ok(Known {
                    latest: thing(&event),
                    at: mapper.at(&event, arrived),
                    name: event.name.to_string(),
                    id: event.id,
                })
            }
            Self::Nimbus { mapper, repeats, .. } => {
                let event = nimbus::decode(body, &mut unread)?;
                let latest = match &event.about {
                    // The steps of a task count one by one.
                    About::Task { .. } => None,
                    About::Entry { entry, .. } => {
                        Identity::of(entry.raw()).map(|own| format!("entry\n{}", own.normal))
                    }
                };
                Ok(Known {
                    id: repeats.identity(&event, arrived),
                    at: mapper.at(&event, arrived),
                    name: event.word.to_string(),
                    latest,
                })
            }
        }
    }

    /// What an event that came `now` means.
    pub(super) fn news(
        &self,
        body: &[u8],
        now: &Now,
        tally: &mut Tally,
    ) -> Result<Vec<SourceEvent>, Malformed> {
        match self {
            Self::Enreach(mapper) => {
                let event = enreach::decode(body, now.wall, tally)?;
                Ok(mapper.news(&event, now))
            }
            Self::Nimbus { mapper, .. } => {
                let event = nimbus::decode(body, tally)?;
                Ok(mapper.news(&event, now, tally))
            }
        }
    }

    /// Something came now, which nobody knew before.
    pub(super) fn came(&self, now: &Now) {
        if let Self::Nimbus { mailbox, .. } = self {
            mailbox.came(now.moment);
        }
    }
}

/// Of what an event is the latest: its kind, and whom or what it is about. `None` for the steps of a call, which count
/// one by one, and for events that are not known, of which nothing is made.
fn thing(event: &enreach::Event) -> Option<String> {
    let about = &event.about;
    let is_state = match &event.body {
        Body::Other => false,
        Body::CallbackChanged { .. }
        | Body::QueueCallInCallbackCreated { .. }
        | Body::UserCallInCallbackCreated { .. }
        | Body::UserWrapUpStarted { .. }
        | Body::UserWrapUpTerminated { .. }
        | Body::UserSupervisionStatus { .. } => true,
        _ => about.call_id.is_none(),
    };
    is_state.then(|| {
        let ids = [&about.queue_id, &about.user_id, &about.call_list_id, &about.call_back_id];
        let ids = ids.map(|id| id.as_deref().unwrap_or_default());
        format!("{}\n{}", event.name.to_lowercase(), ids.join("\n"))
    })
}
