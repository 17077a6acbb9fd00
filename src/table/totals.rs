//! What rows come to, and how many of them that is over: one way for the headline, groups, walls, reports and metrics.
//!
//! A figure is put together of the rows that tell it and may be taken for the present. How many these are, of how many,
//! is its coverage. A share takes both its figures over the same rows.

use std::sync::LazyLock;

use crate::floor::World;
use crate::floor::agent::{Agent, AgentState};
use crate::floor::news::EVENTS;
use crate::floor::queue::Open;
use crate::floor::time::Moment;
use crate::table::queues::{QueueRow, Queues, Spell, longest_wait, severity, severity_lasts};
use crate::table::urgency::Standing;
use crate::table::{Column, Context, Figure, Table, Tone, Total};
use crate::text::Shown;
use crate::threshold::{LONGEST_WAIT, Severity, Threshold, WAITING};

/// Over how many rows a figure is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The rows that tell it.
    pub rows: u64,
    pub of: u64,
}

impl Coverage {
    /// Whether some rows tell it and others do not.
    pub const fn is_partial(self) -> bool {
        self.rows > 0 && self.rows < self.of
    }

    /// “over 4 of 16 queues”, and shorter forms of it, where only some rows tell the figure.
    pub fn words(self) -> Option<[String; 3]> {
        let Self { rows, of } = self;
        self.is_partial().then(|| {
            [
                format!("over {rows} of {of} queues"),
                format!("over {rows} of {of}"),
                format!("over {rows}/{of}"),
            ]
        })
    }

    fn count(&mut self, told: bool) {
        self.of += 1;
        self.rows += u64::from(told);
    }
}

/// What several queues come to in one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    figure: Figure,
    mean: Mean,
    longest: Longest,
    coverage: Coverage,
    /// The worst of what its figures reach.
    worst: Option<Severity>,
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            figure: Figure::Unknown,
            mean: Mean::default(),
            longest: Longest::default(),
            coverage: Coverage::default(),
            worst: None,
        }
    }
}

impl Sum {
    /// What rows come to in a column.
    pub fn over<'a>(
        rows: impl IntoIterator<Item = QueueRow<'a>>,
        column: &Column<Queues>,
        context: &Context<'a>,
    ) -> Self {
        let mut sum = Self::default();
        for row in rows {
            let fresh = Queues::is_fresh(&row, context);
            sum.add(&row, fresh, column, context);
        }
        sum
    }

    /// Adds what a queue tells; what it does not tell, or not the weight of, or is not `fresh`, is left out. All that
    /// it adds holds until the moment that comes back, itself counted in.
    fn add(
        &mut self,
        row: &QueueRow<'_>,
        fresh: bool,
        column: &Column<Queues>,
        context: &Context<'_>,
    ) -> Moment {
        let mut until = Moment::LAST;
        if matches!(column.total, Total::Blank) {
            return until;
        }
        if !fresh {
            self.coverage.count(false);
            return until;
        }
        match &column.total {
            Total::Blank => return until,
            Total::Sum => {
                let figure = column.read(row, context);
                self.coverage.count(figure != Figure::Unknown);
                self.figure.add(figure);
            }
            Total::Mean(weight) => {
                let (figure, weight) = (column.read(row, context), weight(row));
                self.coverage.count(figure.amount().is_some() && weight.is_some());
                if self.mean.add(figure.amount(), weight) {
                    let inexact = matches!(self.figure, Figure::About(_));
                    self.figure = figure.with_amount(self.mean.value()).about(inexact);
                }
            }
            Total::Longest(spell) => {
                let spell = spell(row, context);
                self.coverage.count(spell.is_some());
                if let Some(spell) = spell {
                    until = self.longest.add(row, spell, context);
                }
            }
        }
        let reached = match (column.tone)(row, context) {
            Tone::Critical => Some(Severity::Critical),
            Tone::Warning => Some(Severity::Warning),
            _ => None,
        };
        self.worst = self.worst.max(reached);
        until
    }

    /// The figure at `now`.
    pub fn figure(&self, now: Moment) -> Figure {
        match self.longest.at(now) {
            Some((seconds, _)) => Figure::Seconds(seconds.into()),
            None => self.figure.clone(),
        }
    }

    /// The figure as a count; `None` where nobody tells it.
    pub fn count(&self) -> Option<u64> {
        match &self.figure {
            Figure::Count(count) => Some(*count),
            Figure::About(own) => match **own {
                Figure::Count(count) => Some(count),
                _ => None,
            },
            _ => None,
        }
    }

    /// The longest of spans of time at `now`, seconds, and whose it is.
    pub fn longest(&self, now: Moment) -> Option<(u32, &Shown)> {
        self.longest.at(now)
    }

    /// Over how many queues it is.
    pub const fn coverage(&self) -> Coverage {
        self.coverage
    }

    /// The worst limit that any of its figures reaches.
    pub const fn worst(&self) -> Option<Severity> {
        self.worst
    }
}

/// What several queues come to in several columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Sums {
    /// Which of the table's columns, each with its sum.
    sums: Vec<(usize, Sum)>,
}

/// The columns that are put together at all.
static ALL: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let columns = Queues::COLUMNS.iter().enumerate();
    columns.filter(|(_, own)| !matches!(own.total, Total::Blank)).map(|(at, _)| at).collect()
});

/// The columns that the headline and walls show.
static HEADLINE: LazyLock<Vec<usize>> = LazyLock::new(|| {
    const SHOWN: [&str; 7] = [
        "waiting",
        "longest_wait_s",
        "parked",
        "calls_connected",
        "calls_alerting",
        "offered",
        "answered",
    ];
    ALL.iter().copied().filter(|at| SHOWN.contains(&Queues::COLUMNS[*at].name)).collect()
});

impl Sums {
    /// Sums of nothing, in every column that can be put together.
    pub fn all() -> Self {
        Self::of(&ALL)
    }

    fn of(columns: &[usize]) -> Self {
        Self { sums: columns.iter().map(|at| (*at, Sum::default())).collect() }
    }

    /// Adds a queue. All that it adds holds until the moment that comes back, itself counted in.
    pub fn add(&mut self, row: &QueueRow<'_>, fresh: bool, context: &Context<'_>) -> Moment {
        self.sums
            .iter_mut()
            .map(|(at, sum)| sum.add(row, fresh, &Queues::COLUMNS[*at], context))
            .fold(Moment::LAST, Moment::min)
    }

    /// The sum of the column at that place of the table; `None` where it is not put together.
    pub fn at(&self, place: usize) -> Option<&Sum> {
        let found = self.sums.binary_search_by_key(&place, |(at, _)| *at).ok()?;
        Some(&self.sums[found].1)
    }

    /// The sum of the column of that name.
    pub fn named(&self, name: &str) -> Option<&Sum> {
        self.iter().find(|(column, _)| column.name == name).map(|(_, sum)| sum)
    }

    /// Every column that is put together, with its sum.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Column<Queues>, &Sum)> {
        self.sums.iter().map(|(at, sum)| (&Queues::COLUMNS[*at], sum))
    }
}

/// One figure as a part of another, both over the same rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    part: u64,
    whole: u64,
    coverage: Coverage,
}

impl Share {
    /// Adds a row that tells both, or does not.
    pub fn add(&mut self, both: Option<(u32, u32)>) {
        self.coverage.count(both.is_some());
        if let Some((part, whole)) = both {
            self.part = self.part.saturating_add(part.into());
            self.whole = self.whole.saturating_add(whole.into());
        }
    }

    /// The part; `None` where no row tells both.
    pub fn part(&self) -> Option<u64> {
        (self.coverage.rows > 0).then_some(self.part)
    }

    /// The whole; `None` where no row tells both.
    pub fn whole(&self) -> Option<u64> {
        (self.coverage.rows > 0).then_some(self.whole)
    }

    /// The part as a percentage of the whole; `None` of nothing.
    #[expect(clippy::cast_precision_loss, reason = "counts of calls are below 2^53")]
    pub fn percent(&self) -> Option<f64> {
        (self.whole > 0).then(|| self.part as f64 * 100.0 / self.whole as f64)
    }

    /// Over how many queues it is.
    pub const fn coverage(&self) -> Coverage {
        self.coverage
    }
}

/// Calls abandoned of those that came, of a queue that tells both for its whole period. What was counted in a part of a
/// day is left out: added to whole days, it would be a count of neither.
pub fn abandoned(row: &QueueRow<'_>) -> Option<(u32, u32)> {
    let figures = &row.queue.figures;
    figures.abandoned.zip(figures.offered)
}

/// The name of that share in reports.
pub const ABANDONMENT: &str = "abandonment_rate";

/// The floor in a few figures: what all queues and people together come to. `None` is “nobody tells”, which is not zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    /// Queues whose figures may be taken for the present.
    pub fresh: u64,
    /// Queues whose figures are old, and so counted nowhere.
    pub old: u64,
    /// Queues of which no figure with a limit is known.
    pub unknown: u64,
    /// Queues in which somebody waits.
    pub waited_in: u64,
    pub critical: u64,
    /// Queues to look at.
    pub warning: u64,
    /// Until which moment, itself counted in, all this holds if nothing but time goes on.
    pub until: Moment,
    /// Calls abandoned of those that came.
    pub abandoned: Share,
    /// People who could take a call now, of those who are logged in: see [`Totals::by_queue`].
    pub agents: Share,
    /// Whether people are counted by their queues where that is all that is known, somebody in two queues twice.
    pub by_queue: bool,
    /// The worst queue by its calls that wait.
    pub worst_waiting: Option<Severity>,
    /// The worst queue by its longest wait.
    pub worst_wait: Option<Severity>,
    sums: Sums,
}

impl Default for Totals {
    fn default() -> Self {
        Self::empty(&HEADLINE)
    }
}

/// The longest of several spans of time, at every moment: the one that does not grow, and the one that grows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Longest {
    standing: Option<Wait>,
    growing: Option<Wait>,
}

/// A wait as it was received.
#[derive(Debug, Clone, PartialEq)]
struct Wait {
    seconds: u32,
    at: Moment,
    whose: Shown,
}

impl Wait {
    /// Milliseconds from a point in time that all waits share to where this one began; lower is longer ago.
    fn begun(&self) -> i128 {
        i128::from(self.at.as_millis()) - i128::from(self.seconds) * 1_000
    }
}

impl Longest {
    /// Keeps the span of a queue if none was longer so far. Until the moment that comes back, itself counted
    /// in, it grows or stands as it does now.
    fn add(&mut self, row: &QueueRow<'_>, spell: Spell, context: &Context<'_>) -> Moment {
        let (queue, seconds) = (row.queue, spell.seconds);
        let wait = || Wait { seconds, at: queue.updated, whose: queue.name.clone() };
        let ahead = queue.updated > context.now.moment;
        if spell.grows && !ahead {
            let wait = wait();
            if self.growing.as_ref().is_none_or(|longest| wait.begun() < longest.begun()) {
                self.growing = Some(wait);
            }
        } else if self.standing.as_ref().is_none_or(|longest| seconds > longest.seconds) {
            self.standing = Some(wait());
        }
        if ahead { queue.updated } else { Moment::LAST }
    }

    /// The longest at `now`, seconds, and whose it is.
    fn at(&self, now: Moment) -> Option<(u32, &Shown)> {
        let grown = |wait: &Wait| {
            let since = u32::try_from(now.since(wait.at).as_secs()).unwrap_or(u32::MAX);
            wait.seconds.saturating_add(since)
        };
        let growing = self.growing.as_ref().map(|wait| (grown(wait), &wait.whose));
        let standing = self.standing.as_ref().map(|wait| (wait.seconds, &wait.whose));
        match (growing, standing) {
            (Some(growing), Some(standing)) if standing.0 > growing.0 => Some(standing),
            (growing, standing) => growing.or(standing),
        }
    }
}

impl Totals {
    fn empty(columns: &[usize]) -> Self {
        Self {
            fresh: 0,
            old: 0,
            unknown: 0,
            waited_in: 0,
            critical: 0,
            warning: 0,
            until: Moment::LAST,
            abandoned: Share::default(),
            agents: Share::default(),
            by_queue: false,
            worst_waiting: None,
            worst_wait: None,
            sums: Sums::of(columns),
        }
    }

    /// The figures of the headline over a floor.
    pub fn of(context: &Context<'_>) -> Self {
        Self::within(context, |_| true, |_| true)
    }

    /// The same, in every column that can be put together.
    pub fn whole(context: &Context<'_>, has: impl Fn(&QueueRow<'_>) -> bool) -> Self {
        Self::empty(&ALL).over(context, has, |_| true)
    }

    /// The figures of the headline over some of the queues, and over some of the people.
    pub fn within(
        context: &Context<'_>,
        has: impl Fn(&QueueRow<'_>) -> bool,
        has_agent: impl Fn(&Agent) -> bool,
    ) -> Self {
        Self::default().over(context, has, has_agent)
    }

    fn over(
        mut self,
        context: &Context<'_>,
        has: impl Fn(&QueueRow<'_>) -> bool,
        has_agent: impl Fn(&Agent) -> bool,
    ) -> Self {
        for (source, world) in context.floor.worlds() {
            let rows = world.queues.values().map(|queue| QueueRow { source, world, queue });
            let people = people(world, context, &has_agent);
            let mut seats = Share::default();
            for row in rows.filter(|row| has(row)) {
                self.add(&row, context);
                let figures = &row.queue.figures;
                let fresh = Queues::is_fresh(&row, context);
                let both = figures.agents_free.zip(figures.agents_logged_in);
                seats.add(both.filter(|_| fresh && people.is_none()));
                if people.is_some() {
                    seats.coverage.rows += u64::from(fresh);
                }
            }
            self.by_queue |= people.is_none() && seats.coverage.rows > 0;
            let (part, whole) = people.unwrap_or((seats.part, seats.whole));
            self.agents.part += part;
            self.agents.whole += whole;
            self.agents.coverage.rows += seats.coverage.rows;
            self.agents.coverage.of += seats.coverage.of;
            for feed in &world.feeds {
                self.until = self.until.min(feed.lasts(&context.now));
            }
        }
        self
    }

    fn add(&mut self, row: &QueueRow<'_>, context: &Context<'_>) {
        let fresh = Queues::is_fresh(row, context);
        self.until = self.until.min(self.sums.add(row, fresh, context));
        self.abandoned.add(abandoned(row).filter(|_| fresh));
        if !fresh {
            self.old += 1;
            return;
        }
        self.fresh += 1;
        let figures = &row.queue.figures;
        self.waited_in += u64::from(figures.waiting.is_some_and(|waiting| waiting > 0));
        if row.queue.open == Some(Open::Closed) {
            return;
        }
        match severity(row, context) {
            Some(Severity::Critical) => self.critical += 1,
            Some(Severity::Warning) => self.warning += 1,
            Some(Severity::Ok) => {}
            None => self.unknown += u64::from(Standing::of(row, context) == Standing::Unknown),
        }
        let judge = |limits: Threshold, value: Option<u32>| {
            value.map(|value| limits.severity(value.into()))
        };
        let wait = longest_wait(row, context);
        self.worst_waiting = self.worst_waiting.max(judge(WAITING, figures.waiting));
        self.worst_wait = self.worst_wait.max(judge(LONGEST_WAIT, wait));
        self.until = self.until.min(severity_lasts(row, context));
    }

    /// The coverage of a figure where it is said elsewhere how many queues are old: of the queues that are not.
    pub const fn of_fresh(&self, coverage: Coverage) -> Coverage {
        Coverage {
            of: if coverage.rows < self.fresh { coverage.of } else { coverage.rows },
            ..coverage
        }
    }

    /// The sums by column.
    pub const fn sums(&self) -> &Sums {
        &self.sums
    }

    /// A count of the headline, and over how many queues it is.
    pub fn count(&self, column: &str) -> (Option<u64>, Coverage) {
        self.sums
            .named(column)
            .map_or((None, Coverage::default()), |sum| (sum.count(), sum.coverage()))
    }

    /// The longest wait at `now`, seconds, and whose it is.
    pub fn longest(&self, now: Moment) -> Option<(u32, &Shown)> {
        self.sums.named("longest_wait_s")?.longest(now)
    }

    /// People who could take a call now.
    pub fn free(&self) -> Option<u64> {
        self.agents.part()
    }

    /// Every total of a report at `now`: its name, its figure, and over how many queues it is.
    pub fn report(&self, now: Moment) -> Vec<(&'static str, Figure, Coverage)> {
        let columns = self.sums.iter().map(|(column, sum)| {
            let figure = if sum.coverage.rows > 0 { sum.figure(now) } else { Figure::Unknown };
            (column.name, figure, sum.coverage())
        });
        let rate = Figure::percent(self.abandoned.percent());
        columns.chain([(ABANDONMENT, rate, self.abandoned.coverage())]).collect()
    }
}

/// The people of a source who could take a call now, and those who are logged in; `None` unless the state of everybody
/// is known: then some may be missing, and the vendor's own counts say more.
fn people(
    world: &World,
    context: &Context<'_>,
    has: impl Fn(&Agent) -> bool,
) -> Option<(u64, u64)> {
    if !world.kind.tells_agents() || !is_everybody_known(world, context) {
        return None;
    }
    let (mut free, mut logged_in) = (0, 0);
    for agent in world.agents.values().filter(|agent| has(agent)) {
        free += u64::from(agent.state == AgentState::Available);
        logged_in += u64::from(agent.state != AgentState::LoggedOut);
    }
    Some((free, logged_in))
}

/// Whether the state of everybody in the queues of a source is known. Who is read is read whole; where events alone tell
/// of people, every queue needs its list of members.
fn is_everybody_known(world: &World, context: &Context<'_>) -> bool {
    if world.agents.is_empty() {
        return false;
    }
    // People come by the thousand, and nearly all by one feed.
    let (mut known, mut by_events) = (None, false);
    for agent in world.agents.values() {
        if agent.state == AgentState::Other {
            return false;
        }
        if known != Some(&agent.feed) {
            if !world.is_fresh(&agent.feed, &context.now) {
                return false;
            }
            known = Some(&agent.feed);
            by_events |= agent.feed.raw() == EVENTS;
        }
    }
    let listed = |queue: &crate::floor::queue::Queue| {
        world.news_of(&queue.id).is_some_and(|news| news.members.is_some())
    };
    !by_events || world.queues.values().all(listed)
}

/// A mean in which every part has its weight. Kept as it runs, so that no sum of products grows out of bounds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Mean {
    value: f64,
    weight: f64,
}

impl Mean {
    /// Takes a part in. One that is not told, or whose weight is not told or nothing, is left out: `false`.
    pub fn add(&mut self, value: Option<f64>, weight: Option<u32>) -> bool {
        let (Some(value), Some(weight @ 1..)) = (value.filter(|value| value.is_finite()), weight)
        else {
            return false;
        };
        self.weight += f64::from(weight);
        self.value += (value - self.value) * (f64::from(weight) / self.weight);
        true
    }

    /// The mean so far; `None` of nothing. It is rounded to a billionth: figures that came another way, through a
    /// relay, differ in their last digit.
    pub fn value(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| (self.value * 1e9).round() / 1e9)
    }
}
