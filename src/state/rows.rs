//! What frames need of all rows, found once for many frames: the order and the sums.
//!
//! Both are found when they are first asked for, and dropped by the event that makes them untrue. Whoever reads
//! them gets what finding them anew would give: each knows what it was found from, and until when it holds.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use crate::floor::id::{AgentKey, QueueId, SourceName};
use crate::floor::time::{Moment, Now};
use crate::state::State;
use crate::table::queues::UPDATED_AT;
use crate::table::totals::Totals;
use crate::table::{Context, Grouping, Ordered, RowId, TableId, View, Whose, Zone};

/// The identities of the rows that are shown, in their order.
#[derive(Debug)]
pub struct Rows {
    order: Ordered,
    basis: Basis,
}

/// What an order is found from, but for the time.
#[derive(Debug)]
struct Basis {
    floor: u64,
    /// What was received, where the order tells when that was.
    receipts: Option<u64>,
    line: Option<u64>,
    ended: u64,
    table: TableId,
    inside: Option<(SourceName, QueueId)>,
    sort: Option<(&'static str, bool)>,
    filter: String,
    grouping: Option<Grouping>,
    whose: Whose,
    mask: bool,
    zone: Zone,
    from: Now,
}

/// The sums, and what they were found from.
#[derive(Debug)]
struct Sums {
    totals: Totals,
    floor: u64,
    from: Moment,
}

/// The people of each queue.
type ByQueue = BTreeMap<(SourceName, QueueId), Arc<[AgentKey]>>;

/// The people of a queue, and what they were found from.
#[derive(Debug)]
struct Members {
    floor: u64,
    source: SourceName,
    queue: QueueId,
    people: Arc<[AgentKey]>,
    /// Those of every queue, once a second queue is asked for.
    every: OnceLock<ByQueue>,
}

/// What was found for the last frames. It says nothing that the rest of the state does not.
#[derive(Clone, Default)]
pub(super) struct Found {
    rows: OnceLock<Arc<Rows>>,
    sums: OnceLock<Arc<Sums>>,
    members: OnceLock<Arc<Members>>,
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Found")
    }
}

impl Deref for Rows {
    type Target = [RowId];

    fn deref(&self) -> &[RowId] {
        &self.order.ids
    }
}

/// What was received, where the order of the rows tells when that was.
fn receipts(context: &Context<'_>, table: TableId, view: &View) -> Option<u64> {
    let by_age = view.sort.is_some_and(|(column, _)| column == UPDATED_AT);
    (table == TableId::Sources || by_age).then(|| context.floor.receipts())
}

impl Rows {
    /// The order itself, with its groups.
    pub const fn order(&self) -> &Ordered {
        &self.order
    }

    fn find(state: &State) -> Self {
        let (context, view) = (state.context(), &state.screen.view().view);
        let table = state.screen.table();
        let order = table.ordered(&context, view);
        let basis = Basis {
            floor: context.floor.revision(),
            receipts: receipts(&context, table, view),
            line: context.log.back().map(|line| line.number),
            ended: context.journal.last(),
            table,
            inside: context.inside.cloned(),
            sort: view.sort,
            filter: view.filter.written().to_owned(),
            grouping: view.grouping.clone(),
            whose: view.whose,
            mask: context.mask,
            zone: context.zone,
            from: context.now,
        };
        Self { order, basis }
    }

    /// Whether finding them anew would find the same.
    fn hold(&self, state: &State) -> bool {
        let (context, view) = (state.context(), &state.screen.view().view);
        let basis = &self.basis;
        let timely = match view.filter.is_empty() {
            true => (basis.from.moment..=self.order.until).contains(&context.now.moment),
            false => basis.from == context.now,
        };
        timely
            && basis.floor == context.floor.revision()
            && basis.receipts == receipts(&context, basis.table, view)
            && basis.table == state.screen.table()
            && basis.sort == view.sort
            && basis.filter == view.filter.written()
            && basis.grouping == view.grouping
            && basis.whose == view.whose
            && basis.inside.as_ref() == context.inside
            && (basis.mask, basis.zone) == (context.mask, context.zone)
            && (basis.table != TableId::Journal || basis.ended == context.journal.last())
            && (basis.table != TableId::Log
                || basis.line == context.log.back().map(|line| line.number))
    }
}

impl Sums {
    fn find(state: &State) -> Self {
        let context = state.context();
        let (floor, from) = (context.floor.revision(), context.now.moment);
        Self { totals: Totals::of(&context), floor, from }
    }

    fn hold(&self, state: &State) -> bool {
        let context = state.context();
        self.floor == context.floor.revision()
            && (self.from..=self.totals.until).contains(&context.now.moment)
    }
}

impl Members {
    fn find(state: &State, source: &SourceName, queue: &QueueId) -> Self {
        let agents = state.floor.world(source).into_iter().flat_map(|world| world.agents.values());
        let people = agents.filter(|agent| agent.in_queue(queue).is_some());
        Self {
            floor: state.floor.revision(),
            source: source.clone(),
            queue: queue.clone(),
            people: people.map(|agent| agent.key.clone()).collect(),
            every: OnceLock::new(),
        }
    }

    fn of(&self, state: &State, source: &SourceName, queue: &QueueId) -> Arc<[AgentKey]> {
        if (&self.source, &self.queue) == (source, queue) {
            return Arc::clone(&self.people);
        }
        let every = self.every.get_or_init(|| {
            let mut every: BTreeMap<_, Vec<AgentKey>> = BTreeMap::new();
            for (source, world) in state.floor.worlds() {
                for agent in world.agents.values() {
                    for membership in &agent.memberships {
                        let place = (source.clone(), membership.queue.clone());
                        let people = every.entry(place).or_default();
                        if people.last() != Some(&agent.key) {
                            people.push(agent.key.clone());
                        }
                    }
                }
            }
            every.into_iter().map(|(place, people)| (place, people.into())).collect()
        });
        every.get(&(source.clone(), queue.clone())).cloned().unwrap_or_default()
    }
}

impl State {
    /// The identities of the rows that are shown, in their order, as they were found for an earlier frame where
    /// that still holds.
    pub fn rows(&self) -> Arc<Rows> {
        let rows = self.found.rows.get_or_init(|| Arc::new(Rows::find(self)));
        if rows.hold(self) { Arc::clone(rows) } else { Arc::new(Rows::find(self)) }
    }

    /// The sums over the whole floor; found anew only where they may have changed.
    pub fn totals(&self) -> Totals {
        let sums = self.found.sums.get_or_init(|| Arc::new(Sums::find(self)));
        if sums.hold(self) { sums.totals.clone() } else { Sums::find(self).totals }
    }

    /// Where the row `id` stands in `rows`.
    pub fn place(&self, rows: &Rows, id: &RowId) -> Option<usize> {
        let near = self.screen.view().index;
        if rows.get(near) == Some(id) {
            return Some(near);
        }
        rows.order.place(id)
    }

    /// The people who belong to a queue.
    pub fn members(&self, source: &SourceName, queue: &QueueId) -> Arc<[AgentKey]> {
        let members =
            self.found.members.get_or_init(|| Arc::new(Members::find(self, source, queue)));
        match members.floor == self.floor.revision() {
            true => members.of(self, source, queue),
            false => Members::find(self, source, queue).people,
        }
    }

    /// Drops what an event made untrue.
    pub(super) fn forget(&mut self) {
        if self.found.rows.get().is_some_and(|rows| !rows.hold(self)) {
            self.found.rows.take();
        }
        if self.found.sums.get().is_some_and(|sums| !sums.hold(self)) {
            self.found.sums.take();
        }
        let floor = self.floor.revision();
        if self.found.members.get().is_some_and(|members| members.floor != floor) {
            self.found.members.take();
        }
    }
}
