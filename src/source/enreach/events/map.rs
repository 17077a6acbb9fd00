//! What an event means on the floor.
//!
//! Pure but for the source's clock: the time of arrival is an argument, and all that is remembered from event to event is
//! how the vendor's clock stands. Everything else is in the deltas, each with the time at which it was so.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{AttachedUser, Body, Event};
use crate::event::SourceEvent;
use crate::floor::Delta;
use crate::floor::id::{AgentKey, CallId, ListId, QueueId};
use crate::floor::news::{Day, Member, Settings, Status};
use crate::floor::presence::{Availability, Fact, Fetch, Supervision, WrapUp};
use crate::floor::queue::Figures;
use crate::floor::time::{Moment, Now, Told};
use crate::source::enreach::wire::open_status;
use crate::source::settings::EnreachSettings;
use crate::text::Shown;
use crate::transport::clock::{Placed, SourceClock};
use crate::transport::lenient::from_float;
use crate::transport::posted::report;

mod calls;
mod requests;

/// Makes changes of events.
#[derive(Debug, Clone)]
pub struct Mapper {
    queue_types: Vec<u32>,
    max_wait_unit: f64,
    /// Names of callback lists, as the config has them.
    list_names: BTreeMap<ListId, Shown>,
    clock: SourceClock,
    zone: Option<Shown>,
}

impl Mapper {
    /// A mapper that has seen no event yet.
    pub fn new(settings: &EnreachSettings) -> Self {
        let list_names = settings.callback_list_names.clone();
        let clock = settings.clock.clone();
        let zone = settings.time_zone.as_deref().map(Shown::clean);
        Self {
            list_names,
            clock,
            zone,
            ..Self::of(settings.queue_types.clone(), settings.max_wait_unit)
        }
    }

    /// The same, of the two settings that it needs: the types of queues that are shown, and the seconds in one
    /// unit of `MaxWaitTime`.
    pub fn of(queue_types: Vec<u32>, max_wait_unit: f64) -> Self {
        let (list_names, clock) = (BTreeMap::new(), SourceClock::default());
        Self { queue_types, max_wait_unit, list_names, clock, zone: None }
    }

    /// What an event that arrived `now` means: changes, and lines for the log.
    ///
    /// The same event twice is the same changes twice, which do nothing the second time; lines for the log would
    /// be written twice, so whoever has a store drops an [`Event::id`] that it has seen.
    pub fn news(&self, event: &Event, now: &Now) -> Vec<SourceEvent> {
        let (told, correction) = self.told(event, now);
        let mut news = Vec::new();
        news.extend(calls::step(event, told).map(SourceEvent::Delta));
        let requests = requests::changes(event, told, &self.list_names);
        news.extend(requests.into_iter().map(SourceEvent::Delta));
        news.extend(person(event, (told, correction), now).map(SourceEvent::Delta));
        news.extend(self.queue(event, told).map(SourceEvent::Delta));
        news.extend(line(event).map(SourceEvent::Said));
        news
    }

    /// When an event was so that arrived then.
    pub fn at(&self, event: &Event, arrived: DateTime<Utc>) -> DateTime<Utc> {
        let now = Now { moment: Moment::default(), wall: arrived };
        event.stated().map_or(arrived, |stated| self.clock.look(&stated, &now).at)
    }

    /// When the event was so, and what that adds to the times that it states.
    fn told(&self, event: &Event, now: &Now) -> (Told, TimeDelta) {
        let report = report(event.id.as_bytes());
        let Some(stated) = event.stated() else {
            return (Told::now(now, report), TimeDelta::zero());
        };
        let placed = self.clock.place(&stated, now);
        let late = event.is_late(placed.late_by);
        let Placed { at, moment, received, correction, .. } = placed;
        (Told { at, report, moment, received, late }, correction)
    }

    /// What an event tells of a queue.
    fn queue(&self, event: &Event, told: Told) -> Option<Delta> {
        let queue = QueueId::new(event.about.queue_id.as_ref()?);
        Some(match &event.body {
            Body::QueueStatus { .. } => {
                Delta::QueueStatus { queue, told, status: Box::new(self.status(event)?) }
            }
            Body::QueueDailyCallMetrics { .. } => {
                let day = Day { zone: self.zone.clone(), ..day(&event.body)? };
                Delta::QueueDay { queue, told, day: Box::new(day) }
            }
            Body::QueueChanged { .. } => {
                Delta::QueueSettings { queue, told, settings: Box::new(self.settings(event)?) }
            }
            Body::QueueAttachedUsers { attached_users } => {
                // Null is not “nobody”: what is known stays.
                let members = attached_users.as_ref()?.iter().filter_map(member).collect();
                Delta::Members { queue, told, members }
            }
            Body::UserQueueAttached { active, deleted, priority } => {
                let agent = AgentKey::new(event.about.user_id.as_ref()?);
                let member = (*deleted != Some(true)).then(|| Member {
                    agent: agent.clone(),
                    active: *active,
                    priority: *priority,
                });
                Delta::Member { queue, told, agent, member }
            }
            _ => return None,
        })
    }

    fn status(&self, event: &Event) -> Option<Status> {
        let Body::QueueStatus {
            max_wait_time,
            nbr_of_agents_checked_in_queue,
            nbr_of_agents_immediately_free,
            nbr_of_agents_long_term_away,
            nbr_of_agents_on_fetch_mode,
            nbr_of_agents_on_wrap_up,
            nbr_of_agents_short_term_away,
            nbr_of_allocated,
            nbr_of_connected,
            nbr_of_not_served_requesters,
            nbr_of_providers,
            nbr_of_queuing_requesters,
            nbr_of_requesters,
            nbr_of_serving_agents_estimate,
            open_status: open,
        } = &event.body
        else {
            return None;
        };
        let (open, open_detail) = open_status(open.as_deref());
        let figures = Figures {
            waiting: *nbr_of_queuing_requesters,
            longest_wait_s: max_wait_time.and_then(|wait| from_float(wait * self.max_wait_unit)),
            agents_logged_in: *nbr_of_agents_checked_in_queue,
            agents_serving: *nbr_of_serving_agents_estimate,
            agents_free: *nbr_of_agents_immediately_free,
            agents_busy: *nbr_of_agents_short_term_away,
            agents_away: *nbr_of_agents_long_term_away,
            agents_wrap_up: *nbr_of_agents_on_wrap_up,
            agents_fetch: *nbr_of_agents_on_fetch_mode,
            calls_connected: *nbr_of_connected,
            calls_alerting: *nbr_of_allocated,
            agents_total: *nbr_of_providers,
            calls_total: *nbr_of_requesters,
            calls_not_served: *nbr_of_not_served_requesters,
            ..Figures::default()
        };
        Some(Status { name: event.about.queue_name.clone(), open, open_detail, figures })
    }

    fn settings(&self, event: &Event) -> Option<Settings> {
        let Body::QueueChanged {
            call_age_bonus,
            culture,
            deleted,
            numbers,
            queue_groups,
            region,
            type_id,
            use_priorities,
            ..
        } = &event.body
        else {
            return None;
        };
        let groups = queue_groups.as_ref().map(|groups| {
            let names: Vec<&str> =
                groups.iter().filter_map(|group| group.name.as_deref()).collect();
            Shown::clean(&names.join(", "))
        });
        let yes = |yes: bool| Shown::clean(if yes { "yes" } else { "no" });
        let more = [
            ("groups", groups),
            ("region", region.clone()),
            ("language", culture.clone()),
            ("priorities", use_priorities.map(yes)),
            ("bonus for age", call_age_bonus.map(|bonus| bonus.to_string().into())),
        ];
        Some(Settings {
            deleted: *deleted == Some(true),
            wanted: type_id.is_none_or(|kind| self.queue_types.contains(&kind)),
            name: event.about.queue_name.clone(),
            numbers: numbers.clone(),
            region: region.clone(),
            more: worded(more),
        })
    }
}

/// Pairs of words, without those that were not told.
fn worded<const N: usize>(all: [(&str, Option<Shown>); N]) -> Vec<(Shown, Shown)> {
    all.into_iter()
        .filter_map(|(word, value)| Some((word.into(), value?)))
        .filter(|(_, value): &(Shown, Shown)| !value.is_empty())
        .collect()
}

/// The counts of a day. Rejected calls are none that were given up: nobody tells of those.
fn day(body: &Body) -> Option<Day> {
    let Body::QueueDailyCallMetrics {
        inbound_answered_calls,
        inbound_avg_hold_time_sec,
        inbound_avg_talk_time_sec,
        inbound_avg_wait_time_sec,
        inbound_queue_transfers,
        inbound_rejected_calls,
        inbound_service_closed_calls,
        inbound_service_level_percentage,
        inbound_total_calls,
        inbound_user_transfers,
        outbound_answered_calls,
        outbound_avg_talk_time_sec,
        outbound_avg_wait_time,
        outbound_rejected_calls,
        outbound_total_calls,
        queue_date,
    } = body
    else {
        return None;
    };
    let count = |count: &Option<u32>| count.map(|count| Shown::from(count.to_string()));
    let seconds = |seconds: &Option<f64>| count(&seconds.and_then(from_float));
    let figures = Figures {
        offered: *inbound_total_calls,
        answered: *inbound_answered_calls,
        service_level: *inbound_service_level_percentage,
        average_wait_s: inbound_avg_wait_time_sec.and_then(from_float),
        calls_while_closed: *inbound_service_closed_calls,
        ..Figures::default()
    };
    let more = [
        ("rejected", count(inbound_rejected_calls)),
        ("while closed", count(inbound_service_closed_calls)),
        ("transferred by agents", count(inbound_user_transfers)),
        ("transferred by the queue", count(inbound_queue_transfers)),
        ("average talk, s", seconds(inbound_avg_talk_time_sec)),
        ("average hold, s", seconds(inbound_avg_hold_time_sec)),
        ("outbound", count(outbound_total_calls)),
        ("outbound answered", count(outbound_answered_calls)),
        ("outbound rejected", count(outbound_rejected_calls)),
        ("outbound average talk, s", count(outbound_avg_talk_time_sec)),
        ("outbound average wait, s", count(outbound_avg_wait_time)),
    ];
    Some(Day { date: queue_date.clone(), zone: None, figures, more: worded(more) })
}

fn member(user: &AttachedUser) -> Option<Member> {
    let agent = AgentKey::new(user.user_id.as_ref()?);
    Some(Member { agent, active: user.active, priority: user.priority })
}

/// What an event tells of a person.
fn person(event: &Event, (told, correction): (Told, TimeDelta), now: &Now) -> Option<Delta> {
    let about = &event.about;
    let after = |seconds: &Option<u32>| -> Option<DateTime<Utc>> {
        told.at.checked_add_signed(TimeDelta::seconds(i64::from((*seconds)?)))
    };
    let queue = || about.queue_id.as_ref().map(QueueId::new);
    let (mut user, mut name) = (about.user_id.as_ref(), about.user_name.as_ref());
    let fact = match &event.body {
        Body::UserAvailability {
            availability,
            start_time,
            end_time,
            note,
            transfer_number,
            ..
        } => Fact::Availability(Box::new(Availability {
            word: availability.clone(),
            note: note.clone(),
            since: start_time.filter(|at| *at <= now.wall).map(|at| now.moment_of(at)),
            until: *end_time,
            transfer: transfer_number.clone(),
            open: None,
        })),
        Body::UserStatus { .. } => Fact::Status(Box::new(status(&event.body, correction, now)?)),
        Body::UserWrapUpStarted { max_wrap_up_duration_sec } => Fact::WrapUp(WrapUp {
            on: true,
            queue: queue(),
            until: after(max_wrap_up_duration_sec),
        }),
        Body::UserWrapUpTerminated { .. } => {
            Fact::WrapUp(WrapUp { on: false, queue: queue(), until: None })
        }
        Body::UserSupervisionStatus {
            state,
            supervisor_user_name,
            supervisor_user_id,
            target_user_id,
            target_user_name,
            ..
        } => {
            (user, name) = (target_user_id.as_ref(), target_user_name.as_ref());
            Fact::Supervision(Supervision {
                on: is_on(state.as_ref()),
                by: supervisor_user_name
                    .clone()
                    .or_else(|| supervisor_user_id.as_deref().map(Shown::clean)),
                how: state.clone(),
                call: about.call_id.as_ref().map(CallId::new),
            })
        }
        Body::UserCallAllocationRequest { request_id, ttl_seconds, .. } => Fact::Fetch(Fetch {
            request: request_id.as_deref().map(Shown::clean),
            until: after(ttl_seconds),
            answer: None,
        }),
        Body::UserCallAllocationResponse { request_id, allocation_type } => Fact::Fetch(Fetch {
            request: request_id.as_deref().map(Shown::clean),
            until: None,
            answer: Some(allocation_type.clone().unwrap_or_default()),
        }),
        _ => return None,
    };
    Some(Delta::Agent { agent: AgentKey::new(user?), told, name: name.cloned(), fact })
}

/// `correction` is what the vendor's clock needs.
fn status(body: &Body, correction: TimeDelta, now: &Now) -> Option<crate::floor::presence::Status> {
    let Body::UserStatus {
        active_queue_id,
        active_queues,
        available,
        can_be_allocated_to,
        fetch_mode,
        parked_calls,
        schedule,
        service_terminals,
        serving,
        serving_callback,
        talking,
        talking_status_changed,
        wrap_up_start,
        wrap_up_end,
    } = body
    else {
        return None;
    };
    let corrected = |at: &DateTime<Utc>| at.checked_add_signed(correction);
    Some(crate::floor::presence::Status {
        serving: *serving,
        serving_callback: *serving_callback,
        talking: *talking,
        talking_since: talking_status_changed
            .as_ref()
            .and_then(corrected)
            .map(|at| now.moment_of(at)),
        allocatable: *can_be_allocated_to,
        fetch_mode: *fetch_mode,
        available: *available,
        schedule: *schedule,
        terminals: *service_terminals,
        queue: active_queue_id.as_ref().map(QueueId::new),
        queues: *active_queues,
        parked: *parked_calls,
        wrap_up_from: wrap_up_start.as_ref().and_then(corrected),
        wrap_up_to: wrap_up_end.as_ref().and_then(corrected),
    })
}

/// Words of a supervision that is over. The vendor does not publish them: this is a guess, and any other word counts
/// as going on and is shown as it came.
const OVER: [&str; 6] = ["undefined", "none", "end", "stop", "terminat", "disconnect"];

fn is_on(state: Option<&Shown>) -> bool {
    let Some(state) = state else { return false };
    let word = state.to_lowercase();
    word != "0" && !OVER.iter().any(|over| word.contains(over))
}

/// Whether a word of `Publicity` hides the other end. The vendor does not publish its words: what is neither
/// undefined nor public counts as private.
fn is_private(publicity: &Shown) -> bool {
    let word = publicity.to_lowercase();
    !(word == "0" || word == "undefined" || word.contains("public"))
}

/// A line for the log, where the reader has to know of something that no table shows.
fn line(event: &Event) -> Option<Shown> {
    let about = &event.about;
    let who = || about.user_name.as_deref().or(about.user_id.as_deref()).unwrap_or("somebody");
    let queue = || about.queue_name.as_deref().or(about.queue_id.as_deref()).unwrap_or("a queue");
    let text = match &event.body {
        Body::QueueChanged { deleted: Some(true), .. } => format!("queue {} was removed", queue()),
        Body::QueueChanged { created: Some(true), .. } => format!("queue {} was made", queue()),
        Body::QueueChanged { .. } => format!("queue {} was changed", queue()),
        Body::UserCallAllocationResponse { allocation_type: Some(word), .. }
            if !word.eq_ignore_ascii_case("allocated") =>
        {
            format!("{} asked for a call: {word}", who())
        }
        Body::UserConfigurationSetNextCallOut { .. }
        | Body::UserConfigurationSetNextCallOutRaw { .. } => {
            let target = about.target_number.as_deref().unwrap_or("a number");
            format!("{} is to call {target} next", who())
        }
        Body::UserSetting { keyword, deleted, .. } => {
            let keyword = keyword.as_deref().unwrap_or("a setting");
            let what = if *deleted == Some(true) { "removed" } else { "changed" };
            format!("{keyword} of {} was {what}", who())
        }
        Body::Other => format!("an event that is not known: {}", event.name),
        _ => return None,
    };
    Some(Shown::clean(&text))
}
