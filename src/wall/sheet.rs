//! Who stands on the stage, and which rows are on which page.

use std::cmp::Reverse;

use crate::floor::agent::{Agent, AgentState};
use crate::floor::id::SourceName;
use crate::floor::link::Link;
use crate::floor::scheduler::EntryState;
use crate::floor::{Floor, World};
use crate::table::queues::QueueRow;
pub use crate::table::urgency::Standing;
use crate::table::urgency::Urgency;
use crate::table::{Context, RowId, TableId, View};
use crate::wall::{Layout, Profile};

/// Who stands on the stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    Queue(RowId),
    /// A source that no longer tells anything.
    Source(SourceName),
    /// No queue of which something is known is in trouble.
    Well,
    /// There are queues, and nothing is known of any.
    Unknown,
    /// Nothing was told yet.
    Empty,
}

/// One page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    pub table: TableId,
    pub rows: Vec<RowId>,
    /// Whether a critical queue is on it, or stands above its list.
    pub critical: bool,
}

/// What a wall shows: the stage, and the pages under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Show {
    /// Who stands on the stage.
    pub stage: Stage,
    /// The pages; none while there is nothing to list.
    pub sheets: Vec<Sheet>,
    /// Sources that no longer tell anything and are not on the stage, the worst first.
    pub trouble: Vec<SourceName>,
}

impl Profile {
    /// Whether the wall shows anything of a source, or would, had it ever answered.
    fn concerns(&self, world: &World) -> bool {
        let page = |table, empty: bool| self.pages.contains(&table) && !empty;
        self.queues.is_empty()
            || world.last_update().is_none()
            || world.queues.values().any(|queue| self.has(&queue.name, queue.id.raw()))
            || page(TableId::CallbackLists, world.lists.is_empty())
            || page(TableId::Entries, world.entries.is_empty())
    }
}

/// The sources of a wall that no longer tell anything, the worst first.
fn troubled(profile: &Profile, context: &Context<'_>) -> Vec<SourceName> {
    let mut found: Vec<(Link, &SourceName)> = context
        .floor
        .worlds()
        .filter(|(_, world)| profile.concerns(world))
        .map(|(name, world)| (world.link(&context.now), name))
        .filter(|(link, _)| matches!(link, Link::Stale | Link::Down | Link::Unauthorized))
        .collect();
    found.sort_by_key(|(link, _)| Reverse(*link));
    found.into_iter().map(|(_, name)| name.clone()).collect()
}

impl Profile {
    /// The queues of the wall, the most urgent first.
    pub fn ranked<'a>(&self, context: &Context<'a>) -> Vec<(Standing, QueueRow<'a>)> {
        let all = context.floor.worlds().flat_map(|(source, world)| {
            world.queues.values().map(move |queue| QueueRow { source, world, queue })
        });
        let mut rows: Vec<_> = all
            .filter(|row| self.has(&row.queue.name, row.queue.id.raw()))
            .map(|row| (Urgency::of(&row, context), row))
            .collect();
        rows.sort_by(|(a, _), (b, _)| a.compare(b));
        rows.into_iter().map(|(urgency, row)| (urgency.standing(), row)).collect()
    }

    /// Whether somebody belongs to a queue of the wall.
    pub fn has_agent(&self, agent: &Agent) -> bool {
        self.queues.is_empty()
            || agent.memberships.iter().any(|own| self.has(&own.name, own.queue.raw()))
    }

    /// What the wall shows on a terminal of that size.
    pub fn show(&self, context: &Context<'_>, size: (u16, u16)) -> Show {
        let ranked = self.ranked(context);
        let mut trouble = troubled(self, context);
        let known = |(standing, _): &&(Standing, QueueRow<'_>)| {
            !matches!(standing, Standing::Old | Standing::Unknown)
        };
        let fresh = ranked.iter().any(|(standing, _)| *standing != Standing::Old);
        let stage = match (ranked.first(), trouble.first()) {
            (Some((Standing::Critical, row)), _) => Stage::Queue(id(row)),
            (_, Some(source)) => Stage::Source(source.clone()),
            (Some((Standing::Warning, row)), _) => Stage::Queue(id(row)),
            _ if ranked.iter().find(known).is_some() => Stage::Well,
            _ if fresh => Stage::Unknown,
            _ => Stage::Empty,
        };
        if matches!(stage, Stage::Source(_)) {
            trouble.remove(0);
        }
        let mut sheets = Vec::new();
        for table in &self.pages {
            let rows = match table {
                TableId::Queues => {
                    let rows = ranked.iter().map(|(standing, row)| (*standing, id(row)));
                    rows.filter(|(_, id)| !matches!(&stage, Stage::Queue(own) if own == id))
                        .collect()
                }
                _ => self.others(*table, context),
            };
            let page = Layout::of(size, !trouble.is_empty(), *table).page();
            // Without a list of queues there is no page that a critical one could hold.
            let first = sheets.len();
            sheets.extend(rows.chunks(page).map(|rows| Sheet {
                table: *table,
                critical: rows.iter().any(|(standing, _)| *standing == Standing::Critical),
                rows: rows.iter().map(|(_, id)| id.clone()).collect(),
            }));
            if let (TableId::Queues, Some(sheet)) = (table, sheets.get_mut(first)) {
                let staged = matches!(ranked.first(), Some((Standing::Critical, _)));
                sheet.critical |= staged;
            }
        }
        Show { stage, sheets, trouble }
    }

    /// The rows of a page that is not of queues.
    fn others(&self, table: TableId, context: &Context<'_>) -> Vec<(Standing, RowId)> {
        let mut rows = table.order(context, &View::default());
        if table == TableId::Agents {
            let state = |id: &RowId| agent(context.floor, id).map(|agent| place(&agent.state));
            rows.retain(|id| {
                agent(context.floor, id).is_some_and(|agent| {
                    agent.state != AgentState::LoggedOut && self.has_agent(agent)
                })
            });
            rows.sort_by_key(state);
        }
        rows.retain(|id| match id {
            RowId::Entry(source, entry) => context
                .floor
                .entry(source, entry)
                .is_some_and(|entry| entry.state != EntryState::Ended),
            _ => true,
        });
        rows.into_iter().map(|id| (Standing::Ok, id)).collect()
    }
}

fn id(row: &QueueRow<'_>) -> RowId {
    RowId::Queue(row.source.clone(), row.queue.id.clone())
}

fn agent<'a>(floor: &'a Floor, id: &RowId) -> Option<&'a Agent> {
    let RowId::Agent(source, key) = id else { return None };
    floor.agent(source, key)
}

/// Who could take a call comes first.
const fn place(state: &AgentState) -> u8 {
    match state {
        AgentState::Available => 0,
        AgentState::Reserved => 1,
        AgentState::Talking | AgentState::Holding => 2,
        AgentState::WrapUp => 3,
        AgentState::NotReady => 4,
        AgentState::Other => 5,
        AgentState::LoggedOut => 6,
    }
}

/// When the newest of what may be taken for the present was told, of any source.
pub fn last_good(context: &Context<'_>) -> Option<crate::floor::time::Moment> {
    context.floor.worlds().filter_map(|(_, world)| world.last_update()).max()
}

/// What is wrong with a source: the error of its worst feed, numbers masked.
pub fn reason(world: &World, context: &Context<'_>) -> Option<crate::text::Shown> {
    let failing = world.feeds.iter().filter(|feed| feed.error().is_some());
    let worst = failing.max_by_key(|feed| feed.link(&context.now))?;
    worst.error().map(crate::text::Shown::masked)
}
