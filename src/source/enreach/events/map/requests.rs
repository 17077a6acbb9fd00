//! What events tell of callback lists and of the requests in them.

use std::collections::BTreeMap;

use super::super::{Body, Event};
use crate::floor::Delta;
use crate::floor::callback::{Attempt, CallbackList, Fact, Related, Request};
use crate::floor::id::{AgentKey, CallbackId, FeedName, ListId, QueueId};
use crate::floor::news::EVENTS;
use crate::floor::time::Told;
use crate::text::Shown;

/// The changes that an event is for callbacks.
pub(super) fn changes(event: &Event, told: Told, names: &BTreeMap<ListId, Shown>) -> Vec<Delta> {
    let name = list_name(event, names);
    if let Body::CallbackListStatus { .. } = event.body {
        return list(event, told, name).into_iter().collect();
    }
    let Some(callback) = event.about.call_back_id.as_ref().map(CallbackId::new) else {
        return Vec::new();
    };
    let agent = || event.about.user_id.as_ref().map(AgentKey::new);
    let facts = match &event.body {
        Body::CallbackChanged { .. } => record(event, name),
        Body::QueueCallInCallbackCreated { .. } | Body::UserCallInCallbackCreated { .. } => {
            created(event, name).into_iter().collect()
        }
        Body::CallbackUserCallOutGoing { .. } | Body::CallbackUserCallOutConnected {} => {
            vec![Fact::Dialling(agent())]
        }
        Body::CallbackUserCallOutDisconnected {} => vec![Fact::Dialling(None)],
        _ => Vec::new(),
    };
    let delta = |fact| Delta::Callback { callback: callback.clone(), told, fact };
    facts.into_iter().map(delta).collect()
}

/// A request as it is made: by a caller in a queue, or for a person.
fn created(event: &Event, list_name: Option<Shown>) -> Option<Fact> {
    let (kind, message, number, created) = match &event.body {
        Body::QueueCallInCallbackCreated { contact_message, contact_number, creation_time } => {
            (None, contact_message, contact_number, creation_time)
        }
        Body::UserCallInCallbackCreated { contact_message, contact_number, creation_time } => {
            (Some("personal".into()), contact_message, contact_number, creation_time)
        }
        _ => return None,
    };
    let about = &event.about;
    Some(Fact::Created(Box::new(Request {
        list: about.call_list_id.as_ref().map(ListId::new),
        list_name,
        party: number.clone(),
        message: message.clone(),
        created: *created,
        recording: about.recording_id.as_ref().map(|_| true),
        queue: about.queue_id.as_ref().map(QueueId::new),
        kind,
        ..Request::default()
    })))
}

/// The whole record. Lists that are null are not told.
fn record(event: &Event, list_name: Option<Shown>) -> Vec<Fact> {
    let Body::CallbackChanged {
        assigned_user_id,
        calculated_priority,
        callback_attempts,
        callback_extras,
        callback_related_items,
        channel_in,
        contact_message,
        contact_name,
        contact_number,
        creation_time,
        due_date,
        expiry_date,
        is_closed,
        last_attempt_note,
        last_attempt_timestamp,
        last_attempt_type_id,
        last_attempt_user_id,
        not_before,
        note,
        type_id,
        ..
    } = &event.body
    else {
        return Vec::new();
    };
    let about = &event.about;
    let request = Request {
        list: about.call_list_id.as_ref().map(ListId::new),
        list_name,
        party: contact_number.clone(),
        name: contact_name.clone(),
        message: contact_message.clone(),
        note: note.clone(),
        due: *due_date,
        expires: *expiry_date,
        not_before: *not_before,
        created: *creation_time,
        closed: *is_closed,
        owner: assigned_user_id.as_ref().map(AgentKey::new),
        own: None,
        calls: None,
        last_note: last_attempt_note.clone(),
        last_attempt: *last_attempt_timestamp,
        last_result: last_attempt_type_id.map(|kind| kind.to_string().into()),
        last_agent: last_attempt_user_id.as_ref().map(AgentKey::new),
        channel: channel_in.clone(),
        recording: Some(about.recording_id.is_some()),
        priority: calculated_priority.clone(),
        queue: about.queue_id.as_ref().map(QueueId::new),
        kind: type_id.map(|kind| match kind {
            1 => "asked for".into(),
            2 => "overflow".into(),
            3 => "by hand".into(),
            other => Shown::from(other.to_string()),
        }),
    };
    let attempts = callback_attempts.as_ref().map(|attempts| {
        let attempt = |attempt: &super::super::Attempt| Attempt {
            at: attempt.timestamp,
            agent: attempt.user_id.as_ref().map(AgentKey::new),
            note: attempt.note.clone(),
            result: attempt.type_id.map(|kind| kind.to_string().into()),
        };
        Fact::Attempts(attempts.iter().map(attempt).collect())
    });
    let extras = callback_extras.as_ref().map(|extras| {
        let pair = |extra: &super::super::Extra| Some((extra.name.clone()?, extra.value.clone()?));
        Fact::Extras(extras.iter().filter_map(pair).collect())
    });
    let related = callback_related_items.as_ref().map(|items| {
        let item = |item: &super::super::RelatedItem| {
            Some(Related {
                callback: CallbackId::new(item.id.as_ref()?),
                list: item.list_id.as_ref().map(ListId::new),
                closed: item.is_closed,
                result: item.status_id.map(|status| status.to_string().into()),
            })
        };
        Fact::Related(items.iter().filter_map(item).collect())
    });
    let record = Some(Fact::Record(Box::new(request)));
    [record, attempts, extras, related].into_iter().flatten().collect()
}

/// What the list of an event is called: as the config has it, else as the event tells.
fn list_name(event: &Event, names: &BTreeMap<ListId, Shown>) -> Option<Shown> {
    let own = names.get(&ListId::new(event.about.call_list_id.as_ref()?));
    own.or(event.about.call_list_name.as_ref()).cloned()
}

fn list(event: &Event, told: Told, name: Option<Shown>) -> Option<Delta> {
    let Body::CallbackListStatus {
        expires_in24h,
        is_auto_allocate,
        next_hour_over_due_date,
        next_hour_revealed_not_before,
        total_active_agents,
        total_assigned,
        total_auto_allocate_agents,
        total_free_for_allocation,
        total_hiding_not_before,
        total_open_requests,
        total_over_due_date,
        total_serving_agents,
        // Said to be a copy of `total_auto_allocate_agents` for now.
        total_serving_auto_allocate_agents: _,
    } = &event.body
    else {
        return None;
    };
    let list = CallbackList {
        id: ListId::new(event.about.call_list_id.as_ref()?),
        name,
        open: *total_open_requests,
        free: *total_free_for_allocation,
        assigned: *total_assigned,
        hidden: *total_hiding_not_before,
        overdue: *total_over_due_date,
        next_hour_overdue: *next_hour_over_due_date,
        expires_24h: *expires_in24h,
        agents_serving: *total_serving_agents,
        next_hour_revealed: *next_hour_revealed_not_before,
        agents_active: *total_active_agents,
        agents_automatic: *total_auto_allocate_agents,
        automatic: *is_auto_allocate,
        told: Some(told),
        feed: FeedName::new(EVENTS),
        updated: told.moment,
    };
    Some(Delta::List { told, list: Box::new(list) })
}
