//! The table of agents: all of them, or those of one queue.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::floor::World;
use crate::floor::agent::{Agent, AgentState, Membership};
use crate::floor::id::SourceName;
use crate::floor::presence::Status;
use crate::floor::profile::{PersonPresence, Profile};
use crate::floor::time::Moment;
use crate::operations::{Pending, Target};
use crate::table::calls;
use crate::table::cell::{duration, span};
use crate::table::{Column, Context, Figure, RowId, Table, Tone};
use crate::text::Shown;
use crate::threshold::Severity;

/// The table of agents.
pub struct Agents;

/// One agent with the source, and the membership that is asked for.
pub struct AgentRow<'a> {
    pub source: &'a SourceName,
    /// What the source told.
    pub world: &'a World,
    pub agent: &'a Agent,
    /// The membership in the queue that the table is inside of.
    pub membership: Option<&'a Membership>,
}

impl<'a> AgentRow<'a> {
    fn new(
        source: &'a SourceName,
        world: &'a World,
        agent: &'a Agent,
        context: &Context<'a>,
    ) -> Option<Self> {
        let membership = match context.inside {
            Some((inside, queue)) if inside == source => Some(agent.in_queue(queue)?),
            Some(_) => return None,
            None => None,
        };
        Some(Self { source, world, agent, membership })
    }

    /// The state: in the queue that the table is inside of, else over all.
    pub fn state(&self) -> &'a AgentState {
        self.membership.map_or(&self.agent.state, |membership| &membership.state)
    }

    /// What the person says of themselves.
    pub fn profile(&self) -> Option<&'a Profile> {
        self.world.profiles.of(Some(&self.agent.key))
    }

    /// The moment for which the person's state is known: the present one, or on a line that is down that of the last data.
    /// Nothing grows beyond it.
    pub fn known_at(&self, context: &Context<'_>) -> Moment {
        let known_at = self.world.known_at(&self.agent.feed, &context.now);
        known_at.max(self.agent.updated).min(context.now.moment)
    }

    /// Seconds for which the state has lasted.
    pub fn lasts(&self, context: &Context<'_>) -> Option<u64> {
        Some(self.known_at(context).since(self.agent.since?).as_secs())
    }

    /// The one presence of the person.
    pub fn presence(&self, context: &Context<'_>) -> Option<PersonPresence> {
        self.world.presence_of(Some(&self.agent.key), &context.now)
    }

    /// Until when wrap-up or absence lasts.
    fn until(&self, context: &Context<'_>) -> Option<DateTime<Utc>> {
        match self.agent.presence.wrap_up() {
            Some(until) => until,
            None => self.presence(context).and_then(|presence| presence.until),
        }
    }

    fn reason(&self) -> Option<&'a Shown> {
        self.membership.map_or(self.agent.reason.as_ref(), |membership| membership.reason.as_ref())
    }
}

/// The tone of a state.
pub const fn tone(state: &AgentState) -> Tone {
    match state {
        AgentState::Available => Tone::Good,
        AgentState::Talking | AgentState::Holding | AgentState::Reserved | AgentState::WrapUp => {
            Tone::Busy
        }
        AgentState::NotReady => Tone::Warning,
        AgentState::Other => Tone::Plain,
        AgentState::LoggedOut => Tone::Quiet,
    }
}

fn queues(row: &AgentRow<'_>) -> Figure {
    let value: Vec<Value> = row
        .agent
        .memberships
        .iter()
        .map(|membership| {
            json!({
                "id": membership.queue.shown(),
                "queue": membership.name,
                "logged_in": membership.logged_in,
                "state": membership.state.word(),
                "reason": membership.reason,
                "priority": membership.priority,
                "skill": membership.skill,
            })
        })
        .collect();
    let in_it = |own: &&Membership| own.state != AgentState::LoggedOut;
    let name = |own: &Membership| own.name.as_str().to_owned();
    // A queue of which nothing but the id is known, such as a person's own line, is counted where others are named.
    let (ids, named): (Vec<&Membership>, Vec<_>) =
        row.agent.memberships.iter().filter(in_it).partition(|own| own.queue.raw() == &*own.name);
    let shown = if named.is_empty() { &ids } else { &named };
    let mut names: Vec<String> = shown.iter().map(|own| name(own)).collect();
    names.sort_unstable();
    if !named.is_empty() && !ids.is_empty() {
        names.push(format!("{} more", ids.len()));
    }
    Figure::List(Value::Array(value), Shown::clean(&names.join(", ")))
}

/// The reason; on screens also until when it holds, what is left of wrap-up, and who listens in.
fn reason(row: &AgentRow<'_>, context: &Context<'_>) -> Figure {
    let presence = &row.agent.presence;
    let reason = row.reason().cloned();
    if !context.live || !presence.is_told() && row.profile().is_none() {
        return reason.into();
    }
    let known_at = context.now.wall_of(row.known_at(context));
    let left = |until: DateTime<Utc>| (until - known_at).num_seconds().max(0).unsigned_abs();
    let until = match (row.state(), row.until(context)) {
        (AgentState::WrapUp, Some(until)) => Some(format!("{} left", duration(left(until)))),
        (AgentState::NotReady | AgentState::Other, Some(until)) if until > context.now.wall => {
            Some(format!("until {}", Figure::Time(until).text(context)))
        }
        _ => None,
    };
    let by = supervised(row);
    let asks = presence.fetch.as_ref().map(|latest| &latest.value).filter(|fetch| {
        fetch.answer.is_none() && fetch.until.is_some_and(|until| until > context.now.wall)
    });
    let asks = asks.map(|_| "asks for a call".to_owned());
    let parts = [
        by.map(|by| format!("supervised by {by}")),
        reason.map(|own| own.to_string()),
        asks,
        until,
    ];
    let text: Vec<String> = parts.into_iter().flatten().collect();
    if text.is_empty() { Figure::Unknown } else { Shown::clean(&text.join(", ")).into() }
}

/// Who supervises the person, or the person's call.
fn supervised(row: &AgentRow<'_>) -> Option<Shown> {
    let presence = &row.agent.presence;
    let own = presence.supervised_by().and_then(|own| own.by.clone());
    let calls = || presence.calls.iter().filter_map(|id| row.world.calls.get(id));
    own.or_else(|| calls().find_map(|call| call.supervised_by.clone()))
}

fn since(row: &AgentRow<'_>, context: &Context<'_>) -> Figure {
    let Some(since) = row.agent.since else { return Figure::Unknown };
    let at = context.now.wall_of(since);
    if !context.live {
        return Figure::Time(at);
    }
    let text = row.lasts(context).map(span).unwrap_or_default();
    Figure::List(Value::Null, Shown::clean(&text))
}

/// What the queues see of the person, where events tell it.
fn seen<T: Into<Figure>>(row: &AgentRow<'_>, of: impl Fn(&Status) -> T) -> Figure {
    let status = row.agent.presence.status.as_ref();
    status.map_or(Figure::Unknown, |latest| of(&latest.value).into())
}

/// Offers that the person did not answer, over all queues whose calls are counted.
fn unanswered(row: &AgentRow<'_>) -> Figure {
    let days = row.world.queues.values().filter_map(|queue| queue.figures.counted.as_ref());
    let own = days.map(|day| (day.unanswered.get(&row.agent.key).copied().unwrap_or(0), day.whole));
    let all = own.reduce(|(one, whole), (other, too)| (one.saturating_add(other), whole && too));
    all.map_or(Figure::Unknown, |(count, whole)| Figure::from(Some(count)).about(!whole))
}

type Of = Column<Agents>;

impl Table for Agents {
    type Row<'a> = AgentRow<'a>;

    const ID: super::TableId = super::TableId::Agents;
    const SORT: (&'static str, bool) = ("agent", false);
    const COLUMNS: &'static [Column<Self>] = &[
        Of::new("agent", "Agent", "The person's name.", |row, _| row.agent.name.clone().into())
            .grows(0, 16, 30)
            .tint(|_, _| Tone::Strong),
        Of::new("state", "State", "What the person does now.", |row, _| {
            let state = row.state();
            Figure::word(state.word(), state.label(), state.clone() as u8)
        })
        .shown(0, 10)
        .tint(|row, _| tone(row.state())),
        Of::new(
            "reason",
            "Reason",
            "The vendor's reason for the state; on screens also until when.",
            reason,
        )
        .grows(10, 12, 34)
        .moves()
        .tint(|_, _| Tone::Quiet),
        Of::new("since", "Since", "When the state was seen to change.", since)
            .shown(20, 5)
            .right()
            .moves(),
        Of::new("queues", "Queues", "The queues that the person belongs to.", |row, _| queues(row))
            .grows(15, 14, 60),
        Of::new("skill", "Skill", "Level of skill in the queue.", |row, _| {
            row.membership.and_then(|membership| membership.skill).into()
        }),
        Of::new("priority", "Priority", "Rank in the queue; lower is asked earlier.", |row, _| {
            row.membership.and_then(|membership| membership.priority).into()
        }),
        Of::new("source", "Source", "Where the person comes from.", |row, _| {
            row.source.shown().into()
        })
        .shown(30, 10)
        .tint(|_, _| Tone::Quiet),
        Of::new("id", "Id", "How requests name the person.", |row, _| {
            row.agent.id.as_ref().map(crate::floor::id::AgentId::shown).into()
        })
        .grows(55, 20, 32)
        .tint(|_, _| Tone::Quiet),
        Of::new("call", "Call", "The person's call.", |row, context| {
            calls::of_agent(row.source, row.world, row.agent, context)
        })
        .grows(60, 30, 64),
        Of::new("until", "Until", "Until when wrap-up or absence lasts.", |row, context| {
            row.until(context).map_or(Figure::Unknown, Figure::Due)
        }),
        Of::new("note", "Note", "What the person wrote of being away.", |row, context| {
            let note = row.presence(context).and_then(|presence| presence.note);
            note.filter(|note| !note.is_empty()).into()
        }),
        Of::new("activity", "Activity", "What the person says to be doing.", |row, context| {
            row.presence(context).and_then(|presence| presence.activity).into()
        }),
        Of::new("role", "Role", "As what the person is there.", |row, _| {
            let role = row.profile().and_then(|profile| profile.role.as_ref());
            role.map(|id| row.world.profiles.role(id)).into()
        }),
        Of::new("supervised_by", "Supervised", "Who supervises the person.", |row, _| {
            supervised(row).into()
        }),
        Of::new(
            "transfer_to",
            "Calls go to",
            "Where the person's calls go while the person is away.",
            |row, _| {
                let availability = row.agent.presence.availability.as_ref();
                let to = availability.and_then(|latest| latest.value.transfer.as_ref());
                to.filter(|to| !to.is_empty()).into()
            },
        ),
        Of::new("calls_parked", "Parked", "Calls that the person has parked.", |row, _| {
            seen(row, |status| status.parked)
        }),
        Of::new("queues_active", "Active in", "Queues that the person is active in.", |row, _| {
            seen(row, |status| status.queues)
        }),
        Of::new("phones", "Phones", "The person's phones that can ring.", |row, _| {
            seen(row, |status| status.terminals)
        }),
        Of::new(
            "serving_callbacks",
            "Callbacks",
            "Whether the person serves callback lists.",
            |row, _| {
                let status = row.agent.presence.status.as_ref();
                let serves = status.and_then(|latest| latest.value.serving_callback);
                serves.map_or(Figure::Unknown, |yes| {
                    Figure::List(Value::Bool(yes), Shown::clean(if yes { "yes" } else { "no" }))
                })
            },
        ),
        Of::new(
            "unanswered_offers",
            "Unanswered",
            "Times that a call rang at the person, who did not answer, counted from events.",
            |row, _| unanswered(row),
        ),
    ];

    fn rows<'a>(context: &Context<'a>) -> Vec<AgentRow<'a>> {
        context
            .floor
            .worlds()
            .flat_map(|(source, world)| {
                world
                    .agents
                    .values()
                    .filter_map(move |agent| AgentRow::new(source, world, agent, context))
            })
            .collect()
    }

    fn count(context: &Context<'_>) -> usize {
        match context.inside {
            Some(_) => Self::rows(context).len(),
            None => context.floor.worlds().map(|(_, world)| world.agents.len()).sum(),
        }
    }

    fn find<'a>(context: &Context<'a>, id: &RowId) -> Option<AgentRow<'a>> {
        let RowId::Agent(source, key) = id else { return None };
        let (source, world) = context.floor.named(source)?;
        AgentRow::new(source, world, world.agents.get(key)?, context)
    }

    fn id(row: &AgentRow<'_>) -> RowId {
        RowId::Agent(row.source.clone(), row.agent.key.clone())
    }

    fn severity(_row: &AgentRow<'_>, _context: &Context<'_>) -> Option<Severity> {
        None
    }

    fn is_fresh(row: &AgentRow<'_>, context: &Context<'_>) -> bool {
        row.world.is_fresh(&row.agent.feed, &context.now)
    }

    fn updated(row: &AgentRow<'_>) -> Option<Moment> {
        Some(row.agent.updated)
    }

    fn pending<'a>(row: &AgentRow<'_>, context: &Context<'a>) -> Option<&'a Pending> {
        let id = row.agent.id.as_ref()?;
        context.pending.iter().rev().find(|pending| {
            &pending.command.source == row.source
                && match pending.command.request.target() {
                    Target::Profile(agent) => agent == Some(id),
                    Target::Membership { queue, agent: Some(agent) } => {
                        agent == id
                            && row.membership.is_none_or(|membership| membership.queue == *queue)
                    }
                    // What is asked of a call shows at whoever has it.
                    Target::CallsOf(agent) | Target::Call { user: agent, .. } => agent == id,
                    _ => false,
                }
        })
    }
}
