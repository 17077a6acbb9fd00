//! Enreach's events as sent, all eighty: one JSON object for each, by webhook or by the real-time feed.
//!
//! [`decode`] reads the bytes of one event, [`map`] says what it means on the floor. What most events share is in
//! [`Event`], what one alone has is in its [`Body`]. Names count without case, `UserName` is `Username`, a word may
//! come as its number, and an event of another name is [`Body::Other`]: nothing that is well formed is refused. A
//! property that cannot be read is none and counted.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::record;
use crate::text::Shown;
use crate::transport::lenient::{
    Any, Count, Document, Flag, List, Number, Reader, Share, Stated, StatedTime, Tally, Text, Time,
    Unreadable, Values, Whole, Word,
};
use crate::transport::posted::{document, report};

use super::wire::Key;

pub mod map;
mod nested;

pub use crate::transport::posted::{MAX_BYTES, Malformed};

pub use self::nested::{AttachedUser, Attempt, Extra, Group, RelatedItem};

/// One event: what was told, of whom, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its own identity in normal form: an event that was seen before is sent again with the same. One without is known
    /// by its text.
    pub id: String,
    /// When it happened, by the vendor's clock; when it came, where that is not told.
    pub at: DateTime<Utc>,
    /// Whether [`Self::at`] is the vendor's.
    pub is_timed: bool,
    /// Whether it came with a zone; without one it is read as UTC here.
    pub has_zone: bool,
    /// For how long after that it is worth telling; `None` for always. No lease on what it tells.
    pub ttl: Option<Duration>,
    /// Which event it is, as it came.
    pub name: Shown,
    pub organization: Option<String>,
    /// Whom or what it is about.
    pub about: About,
    /// What it alone tells.
    pub body: Body,
}

impl Event {
    /// Whether it arrived so late that it may change what is known and must not alarm anybody: `late_by` more than what the
    /// difference of the clocks explains.
    pub fn is_late(&self, late_by: TimeDelta) -> bool {
        let ttl = self.ttl.and_then(|ttl| TimeDelta::from_std(ttl).ok());
        ttl.is_some_and(|ttl| late_by > ttl)
    }

    /// The vendor's time; `None` where it told none.
    pub fn stated(&self) -> Option<StatedTime> {
        self.is_timed.then_some(StatedTime { time: self.at, has_zone: self.has_zone })
    }
}

/// How a property is read.
macro_rules! reader {
    (id) => { Key };
    (word) => { Text };
    (text) => { Text };
    (count) => { Count };
    (int) => { Whole };
    (number) => { Number };
    (share) => { Share };
    (flag) => { Flag };
    (time) => { Time };
    (any) => { Any };
    (words) => { Values<Text> };
    (users) => { List<AttachedUser> };
    (groups) => { List<Group> };
    (attempts) => { List<Attempt> };
    (extras) => { List<Extra> };
    (related) => { List<RelatedItem> };
}

/// What a property is in Rust.
macro_rules! rust {
    ($kind:ident) => { Option<<reader!($kind) as Reader>::Value> };
}

/// Declares the properties that events share and, for each event, what it has of its own, from one table.
macro_rules! events {
    (
        shared { $($shared:ident: $shared_kind:ident,)* }
        $($name:ident { $($field:ident: $kind:ident),* $(,)? })*
    ) => {
        record! {
            /// Whom or what an event is about: the properties that many events have. `None` is “not told”.
            #[derive(Clone, PartialEq)]
            pub struct About = "event" {
                $(#[doc = concat!("`", stringify!($shared), "`.")] pub $shared: reader!($shared_kind),)*
            }
        }

        /// What one event alone tells. `None` is “not told”: a list that is null is not the empty list.
        #[derive(Debug, Clone, PartialEq)]
        #[expect(clippy::large_enum_variant, reason = "one is read, mapped and dropped at a time")]
        pub enum Body {
            $(
                #[doc = concat!("`", stringify!($name), "`.")]
                $name { $(#[doc = concat!("`", stringify!($field), "`.")] $field: rust!($kind)),* },
            )*
            /// An event of a name that is not known.
            Other,
        }

        /// The names of all events, as documented.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];

        /// What each event has of its own, as a record.
        mod own {
            use super::{
                Any, AttachedUser, Attempt, Count, Extra, Flag, Group, Key, List, Number,
                RelatedItem, Share, Text, Time, Values, Whole, record,
            };

            $(
                record! {
                    pub(super) struct $name = (stringify!($name)) {
                        $(pub(super) $field: reader!($kind),)*
                    }
                }
            )*
        }

        /// Reads the event of that documented name: what every event has, whom it is about, and what it alone tells.
        fn read(
            name: &str,
            document: &mut Document<'_>,
            tally: &mut Tally,
        ) -> Result<Option<(Envelope, About, Body)>, Unreadable> {
            $(if name == stringify!($name) {
                type Whole = ((Envelope, About), own::$name);
                let Some(((envelope, about), own)) = document.read::<Whole>(tally)? else {
                    return Ok(None);
                };
                let own::$name { $($field),* } = own;
                return Ok(Some((envelope, about, Body::$name { $($field),* })));
            })*
            // Of an event that is not known every property is unknown: its name says enough.
            let read = document.read::<(Envelope, About)>(&mut Tally::default())?;
            Ok(read.map(|(envelope, about)| (envelope, about, Body::Other)))
        }
    };
}

events! {
    shared {
        call_id: id, leg_id: id, queue_id: id, queue_name: text, queue_number: text,
        tech_queue_id: id, tech_queue_name: text, user_id: id, user_name: text, user_number: text,
        caller_number: text, target_number: text, publicity: word,
        call_list_id: id, call_list_name: text, call_back_id: id, recording_id: id, transcript_id: id,
        reason: word, detailed_reason: text, tech_reason: text,
    }

    // A user's state.
    UserAvailability {
        availability: word, end_time: time, event_source: text, note: text, profile_id: id, start_time: time,
        transfer_number: text,
    }
    UserCallAllocationRequest { allocation_type: word, request_id: id, ttl_seconds: count }
    UserCallAllocationResponse { allocation_type: word, request_id: id }
    UserConfigurationSetNextCallOut {
        allow_user_record: flag, cli: text, persistent_request: flag, pre_prompt_path: text, request_id: id,
        service_record: flag, show_ui_control: flag, time_to_live: count,
    }
    UserConfigurationSetNextCallOutRaw {
        cli: text, persistent_request: flag, request_id: id, time_to_live: count,
    }
    UserQueueAttached { active: flag, deleted: flag, priority: count }
    UserSetting { allowed_values: any, deleted: flag, keyword: text, level: word, value: text, values: any }
    UserStatus {
        active_queue_id: id, active_queues: count, available: flag, can_be_allocated_to: flag, fetch_mode: flag,
        parked_calls: count, schedule: flag, service_terminals: count, serving: flag, serving_callback: flag,
        talking: flag, talking_status_changed: time, wrap_up_start: time, wrap_up_end: time,
    }
    UserSupervisionStatus {
        state: word, supervisor_leg_id: id, supervisor_user_id: id, supervisor_user_name: text,
        target_user_id: id, target_user_name: text,
    }
    UserWrapUpEnabled { max_wrap_up_duration_sec: count }
    UserWrapUpStarted { max_wrap_up_duration_sec: count }
    UserWrapUpTerminated { elapsed_time_sec: count }

    // Calls to and from a user's own number.
    UserCallBlockingPromptStarted { play_applet: text, prompt_detail: text }
    UserCallInArrived {}
    UserCallInCallbackCreated { contact_message: text, contact_number: text, creation_time: time }
    UserCallInComing {}
    UserCallInDisconnected {}
    UserCallInHoldEnd {}
    UserCallInHoldStart {}
    UserCallInOverflow {
        connected_target: text, overflow_applet: text, overflow_reason: word, overflow_type: word,
        tech_event: text, tech_number: text, tech_source: text,
    }
    UserCallInRecordingConverted { conversion_id: id }
    UserCallInTransferCancelled { tech_source: text, transfer_applet: text }
    UserCallInTransferConnected {
        connected_target: text, tech_source: text, transfer_applet: text, transfer_source: text,
    }
    UserCallInTransferStarted {
        tech_source: text, transfer_applet: text, transfer_source: text, transfer_target: text,
    }
    UserCallInUserAllocated {}
    UserCallInUserCancelled {}
    UserCallInUserConnected { agent_leg_id: id }
    UserCallInUserOverflow { target: text }
    UserCallOutConnected {}
    UserCallOutDisconnected {}
    UserCallOutGoing { call_as_number: text }
    UserCallOutHoldEnd {}
    UserCallOutHoldStart {}
    UserCallOutRecordingConverted { conversion_id: id }
    UserCallPublicityChanged { call_event_id: id, previous_publicity: word }
    UserCallRecorded { recorded_file_path: text }
    UserCallTranscribed { duration_millis: count, transcribe_recording_type: word }
    UserVoiceMailRecordingConverted { conversion_id: id }

    // A queue's state.
    QueueAttachedUsers { attached_users: users }
    QueueChanged {
        call_age_bonus: int, created: flag, culture: text, deleted: flag, numbers: words, queue_groups: groups,
        region: text, template_id: id, type_id: count, updated: flag, use_priorities: flag,
    }
    QueueDailyCallMetrics {
        inbound_answered_calls: count, inbound_avg_hold_time_sec: number, inbound_avg_talk_time_sec: number,
        inbound_avg_wait_time_sec: number, inbound_queue_transfers: count, inbound_rejected_calls: count,
        inbound_service_closed_calls: count, inbound_service_level_percentage: share,
        inbound_total_calls: count, inbound_user_transfers: count, outbound_answered_calls: count,
        outbound_avg_talk_time_sec: count, outbound_avg_wait_time: count, outbound_rejected_calls: count,
        outbound_total_calls: count, queue_date: text,
    }
    QueueStatus {
        max_wait_time: number, nbr_of_agents_checked_in_queue: count, nbr_of_agents_immediately_free: count,
        nbr_of_agents_long_term_away: count, nbr_of_agents_on_fetch_mode: count,
        nbr_of_agents_on_wrap_up: count, nbr_of_agents_short_term_away: count, nbr_of_allocated: count,
        nbr_of_connected: count, nbr_of_not_served_requesters: count, nbr_of_providers: count,
        nbr_of_queuing_requesters: count, nbr_of_requesters: count, nbr_of_serving_agents_estimate: count,
        open_status: word,
    }

    // Calls into a queue.
    QueueCallBlockingPromptStarted { play_applet: text, prompt_detail: text }
    QueueCallInArrived {}
    QueueCallInCallbackCreated { contact_message: text, contact_number: text, creation_time: time }
    QueueCallInComing {}
    QueueCallInDisconnected {}
    QueueCallInHoldEnd {}
    QueueCallInHoldStart {}
    QueueCallInIvrSelection { entered_value: text }
    QueueCallInOverflow {
        overflow_applet: text, overflow_reason: word, overflow_type: word, tech_event: text, tech_number: text,
        tech_source: text,
    }
    QueueCallInRecording { allocated_user_id: id }
    QueueCallInScheduleClosed { overflow_applet: text, overflow_reason: word }
    QueueCallInSmartRoutingResult {
        extra_data: any, extra_priority: int, priority: int, result: word, targets: any,
    }
    QueueCallInTransferCancelled { tech_source: text, transfer_applet: text }
    QueueCallInTransferConnected { connected_target: text, tech_source: text, transfer_applet: text }
    QueueCallInTransferStarted {
        tech_type: text, transfer_applet: text, transfer_source: text, transfer_target: text,
    }
    QueueCallInUserAllocated {}
    QueueCallInUserCancelled {}
    QueueCallInUserConnected { agent_leg_id: id }
    QueueCallTranscribed { allocated_user_id: id, duration_millis: count, transcribe_recording_type: word }

    // Calls by users in a queue's name.
    QueueUserCallInRecordingConverted { conversion_id: id }
    QueueUserCallOutConnected {}
    QueueUserCallOutDisconnected {}
    QueueUserCallOutGoing { call_as_number: text }
    QueueUserCallOutHoldEnd {}
    QueueUserCallOutHoldStart {}
    QueueUserCallOutRecordingConverted { conversion_id: id }
    QueueUserCallRecorded { recorded_file_path: text }

    // Callback lists and callbacks.
    CallbackCallInRecordingConverted { conversion_id: id }
    CallbackCallTranscribed { duration_millis: count, transcribe_recording_type: word }
    CallbackChanged {
        assigned_user_id: id, calculated_priority: text, callback_attempts: attempts, callback_extras: extras,
        callback_related_items: related, channel_in: text, classification_id: id, contact_message: text,
        contact_name: text, contact_number: text, created: flag, creation_time: time, due_date: time,
        expiry_date: time, is_closed: flag, last_attempt_note: text, last_attempt_timestamp: time,
        last_attempt_type_id: int, last_attempt_user_id: id, last_modified_user_id: id, modified: time,
        not_before: time, note: text, type_id: int,
    }
    CallbackListStatus {
        expires_in24h: count, is_auto_allocate: flag, next_hour_over_due_date: count,
        next_hour_revealed_not_before: count, total_active_agents: count, total_assigned: count,
        total_auto_allocate_agents: count, total_free_for_allocation: count, total_hiding_not_before: count,
        total_open_requests: count, total_over_due_date: count, total_serving_agents: count,
        total_serving_auto_allocate_agents: count,
    }
    CallbackUserCallOutConnected {}
    CallbackUserCallOutDisconnected {}
    CallbackUserCallOutGoing { call_as_number: text }
    CallbackUserCallOutHoldEnd {}
    CallbackUserCallOutHoldStart {}
    CallbackUserCallOutRecordingConverted { conversion_id: id }
    CallbackUserCallRecorded { recorded_file_path: text }
}

/// Words in the names of events that say nothing which a floor shows. Everything about callbacks is wanted all the same.
const UNWANTED: [&str; 6] = [
    "RecordingConverted",
    "Recorded",
    "Transcribed",
    "UserSetting",
    "UserConfiguration",
    "UserCallInCallbackCreated",
];

/// The names of the events to subscribe to.
pub fn wanted() -> impl Iterator<Item = &'static str> {
    let unwanted = |name: &&str| UNWANTED.iter().any(|word| name.contains(word));
    NAMES.iter().copied().filter(move |name| name.starts_with("Callback") || !unwanted(name))
}

/// Other names of an event: the numbers of the real-time feed, and two that only the sample configuration has.
const ALIASES: [(&str, &str); 7] = [
    ("1", "UserAvailability"),
    ("10", "UserCallInComing"),
    ("102", "QueueCallInUserAllocated"),
    ("140", "QueueStatus"),
    ("141", "UserStatus"),
    ("QueueCallInConnected", "QueueCallInUserConnected"),
    ("QueueCallInAllocated", "QueueCallInUserAllocated"),
];

record! {
    /// What every event has, whatever it tells.
    struct Envelope = "event" {
        id: Key,
        event_type: Word,
        timestamp: Stated,
        message_ttl_seconds: Whole,
        organization_id: Key,
    }
    unused: "RootEntityType", "RootEntityId", "EntityType", "EntityId";
}

/// Reads one event that came at `arrived`. What it has beside the documented properties is counted. A property that cannot
/// be read costs itself alone.
///
/// # Errors
/// [`Malformed`]: bytes of which no event can be made, and sending them again would not help.
pub fn decode(body: &[u8], arrived: DateTime<Utc>, tally: &mut Tally) -> Result<Event, Malformed> {
    let mut document = document(body, tally)?;
    // Which properties it has its name says: that is read first.
    let head = document.read::<Envelope>(&mut Tally::default())?.ok_or(Malformed::NoObject)?;
    let name = head.event_type.ok_or(Malformed::Lacks { what: "EventType" })?;
    let read = read(canonical(&name), &mut document, tally)?.ok_or(Malformed::NoObject)?;
    let (envelope, about, body_of_event) = read;
    let event = Event {
        id: envelope.id.unwrap_or_else(|| format!("body-{:016x}", report(body))),
        at: envelope.timestamp.map_or(arrived, |stated| stated.time),
        is_timed: envelope.timestamp.is_some(),
        has_zone: envelope.timestamp.is_none_or(|stated| stated.has_zone),
        ttl: envelope
            .message_ttl_seconds
            .and_then(|seconds| u64::try_from(seconds).ok())
            .filter(|seconds| (1..=MAX_TTL).contains(seconds))
            .map(Duration::from_secs),
        name: Shown::clean(&name),
        organization: envelope.organization_id,
        about,
        body: body_of_event,
    };
    if event.body == Body::Other {
        tally.count(format!("event {}", event.name));
    }
    Ok(event)
}

/// The longest time to live that is believed, seconds: longer is as good as always.
const MAX_TTL: u64 = 365 * 24 * 3_600;

/// The documented name of an event that came as `name`; `name` itself where there is none.
fn canonical(name: &str) -> &str {
    let alias = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name));
    let known = NAMES.iter().find(|known| known.eq_ignore_ascii_case(name));
    alias.map(|(_, known)| *known).or(known.copied()).unwrap_or(name)
}
