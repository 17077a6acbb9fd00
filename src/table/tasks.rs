//! The table of tasks.

use serde_json::json;

use crate::floor::World;
use crate::floor::call::{Direction, Phase};
use crate::floor::id::{AgentKey, FeedName, QueueId, SourceName};
use crate::floor::service::TRIGGERS;
use crate::floor::task::{Channel, Task, Work};
use crate::floor::time::{Moment, Told};
use crate::operations::{Pending, Target};
use crate::table::calls::tone;
use crate::table::cell::Word;
use crate::table::{Column, Context, Figure, RowId, Table, Tone};
use crate::text::Shown;
use crate::threshold::{LONGEST_WAIT, OLDEST_BACKLOG, Severity};

/// The table of tasks.
pub struct Tasks;

/// One task with its source.
pub struct TaskRow<'a> {
    pub source: &'a SourceName,
    /// What the source told.
    pub world: &'a World,
    pub task: &'a Task,
}

impl TaskRow<'_> {
    /// Its service, as the floor calls it, else as it came with the task.
    pub fn service(&self) -> Option<Shown> {
        let id = self.task.facts.service.as_ref()?;
        let known = self.world.queues.get(id).map(|queue| queue.name.clone());
        Some(known.or_else(|| self.task.facts.service_name.clone()).unwrap_or_else(|| id.shown()))
    }

    /// Who was connected last.
    pub fn agent(&self) -> Option<Shown> {
        let facts = &self.task.facts;
        facts.agent.as_ref().map(|key| facts.agent_name.clone().unwrap_or_else(|| key.shown()))
    }

    /// What the customer is called, masked where that is asked for: it may be a number.
    pub fn customer(&self, context: &Context<'_>) -> Option<Shown> {
        self.task
            .customer(&self.world.books)
            .map(|label| if context.mask { label.masked() } else { label })
    }

    /// The other end, masked where that is asked for.
    pub fn party(&self, context: &Context<'_>) -> Option<Shown> {
        let party = self.task.facts.party.as_ref()?;
        Some(if context.mask { party.masked() } else { party.clone() })
    }

    /// What the customer wrote: an e-mail's subject, else a chat's first message. Veiled unless somebody asked for it.
    pub fn subject(&self, context: &Context<'_>) -> Option<Shown> {
        let facts = &self.task.facts;
        facts.subject.as_ref().or(facts.message.as_ref()).map(|text| written(text, context))
    }

    /// How far it is.
    pub fn phase(&self) -> Phase {
        self.task.phase.unwrap_or(Phase::New)
    }

    /// Whether track of it was lost.
    pub fn is_lost(&self, context: &Context<'_>) -> bool {
        self.task.is_lost(context.now.moment)
    }

    /// The moment for which the task is known: the present one, or on a line that is down that of the last data. Nothing
    /// grows beyond it.
    pub fn known_at(&self, context: &Context<'_>) -> Moment {
        match self.task.told() {
            Some(told) if self.is_lost(context) => told.moment,
            _ => self.world.known_at(&FeedName::new(TRIGGERS), &context.now),
        }
    }

    /// Seconds for which it has been in its phase.
    pub fn lasts(&self, context: &Context<'_>) -> Option<u64> {
        let since = self.task.since?;
        Some(self.known_at(context).since(since.moment).as_secs())
    }

    /// Seconds that it waits, or waited.
    pub fn wait(&self, context: &Context<'_>) -> Option<u64> {
        self.task.wait(self.known_at(context))
    }

    /// How far it is, in one word for people.
    pub fn label(&self, context: &Context<'_>) -> &'static str {
        if self.is_lost(context) { "lost track" } else { self.phase().label() }
    }

    /// The tone of that word.
    pub fn tone(&self, context: &Context<'_>) -> Tone {
        if self.is_lost(context) { Tone::Quiet } else { tone(self.phase()) }
    }
}

/// What a customer wrote, as this reader may see it.
pub fn written(text: &Shown, context: &Context<'_>) -> Shown {
    if context.veil { text.veiled() } else { text.clone() }
}

/// The word for people of what a task is made of; one that is not known stays as it came.
pub fn modality(word: &Shown) -> Shown {
    Shown::from(match Channel::of(word) {
        Channel::Audio => "audio",
        Channel::Chat => "chat",
        Channel::Email => "e-mail",
        Channel::External => "external",
        Channel::Other => return word.clone(),
    })
}

/// The moment from which a task is counted: of its wait, or of its phase.
fn begun(row: &TaskRow<'_>) -> Moment {
    let from: Option<Told> = match row.phase() {
        Phase::Waiting => row.task.wait_from,
        _ => row.task.since,
    };
    from.map_or(Moment::LAST, |told| told.moment)
}

/// The tasks of a service that go on: those that wait first, whoever waits longest before the others.
pub fn of_service<'a>(
    context: &Context<'a>,
    source: &SourceName,
    queue: &QueueId,
) -> Vec<TaskRow<'a>> {
    let Some((source, world)) = context.floor.named(source) else { return Vec::new() };
    let own = |task: &&Task| {
        task.facts.service.as_ref() == Some(queue)
            && task.is_here()
            && !task.is_lost(context.now.moment)
    };
    let mut rows: Vec<_> =
        world.tasks.values().filter(own).map(|task| TaskRow { source, world, task }).collect();
    rows.sort_by_key(|row| (row.phase() != Phase::Waiting, begun(row), row.task.id.clone()));
    rows
}

/// The task that an agent has in hand, in reports and in one line.
pub fn of_agent(
    source: &SourceName,
    world: &World,
    agent: &AgentKey,
    context: &Context<'_>,
) -> Figure {
    let own = world.tasks.values().filter(|task| {
        task.facts.agent.as_ref() == Some(agent)
            && matches!(task.phase, Some(Phase::Connected | Phase::Held | Phase::WrapUp))
            && !task.is_lost(context.now.moment)
    });
    let Some(task) = own.max_by_key(|task| task.since) else { return Figure::Unknown };
    let row = TaskRow { source, world, task };
    let party = row.party(context);
    let value = json!({
        "id": task.id.shown(),
        "queue": task.facts.service.as_ref().map(QueueId::shown),
        "direction": task.facts.direction.map(Direction::word),
        "phase": row.phase().word(),
        "party": party,
        "since": task.since.map(|since| super::cell::rfc3339(context.now.wall_of(since.moment))),
    });
    let age = row.lasts(context).map(super::cell::span);
    let words = [
        Some(row.label(context).to_owned()),
        task.facts.modality.as_ref().map(|word| modality(word).to_string()),
        row.customer(context).or(party).map(|who| who.to_string()),
        row.service().map(|service| service.to_string()),
        age,
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    Figure::List(value, Shown::clean(&words.join(" ")))
}

/// By phase, and in it whoever has been there longest first; what is lost behind all that goes on.
fn phase(row: &TaskRow<'_>, context: &Context<'_>) -> Figure {
    let phase = row.phase();
    let place = if row.is_lost(context) { Phase::WrapUp } else { phase };
    let age = begun(row).as_millis().min((1 << 48) - 1);
    Figure::Word(Word {
        json: Shown::clean(phase.word()),
        label: Shown::clean(row.label(context)),
        rank: ((place as u64) << 48) | age,
    })
}

fn since(row: &TaskRow<'_>, context: &Context<'_>) -> Figure {
    let Some(since) = row.task.since else { return Figure::Unknown };
    match context.live {
        true => row.lasts(context).map_or(Figure::Unknown, Figure::Seconds),
        false => Figure::Time(context.now.wall_of(since.moment)),
    }
}

/// How bad the wait of a task is that waits: by the limits of people on a line, or by those of the backlog. An outbound
/// task waits for an agent, which is nobody's wait.
pub fn wait_severity(row: &TaskRow<'_>, context: &Context<'_>) -> Option<Severity> {
    let waits = row.phase() == Phase::Waiting && !row.is_lost(context);
    let wait = row.wait(context).filter(|_| waits)?;
    let seconds = f64::from(u32::try_from(wait).unwrap_or(u32::MAX));
    match row.task.work() {
        Work::Line => Some(LONGEST_WAIT.severity(seconds)),
        Work::Backlog => Some(OLDEST_BACKLOG.severity(seconds)),
        Work::Outbound => None,
    }
}

type Of = Column<Tasks>;

/// Keys that calls have and of which Nimbus tells nothing.
const fn untold(name: &'static str, header: &'static str) -> Of {
    Of::new(name, header, "As of calls; Nimbus does not tell it.", |_, _| Figure::Unknown)
}

impl Table for Tasks {
    type Row<'a> = TaskRow<'a>;

    const ID: super::TableId = super::TableId::Tasks;
    const SORT: (&'static str, bool) = ("phase", false);
    const COLUMNS: &'static [Column<Self>] = &[
        Of::new("phase", "State", "How far it is; what waits comes first.", phase)
            .shown(0, 10)
            .moves()
            .tint(|row, context| match row.is_lost(context) {
                true => Tone::Quiet,
                false => tone(row.phase()),
            }),
        Of::new(
            "wait_s",
            "Wait",
            "How long it waits, or waited, since the event that said so.",
            |row, context| {
                let wait = row.wait(context).filter(|_| !row.is_lost(context));
                wait.map_or(Figure::Unknown, Figure::Seconds)
            },
        )
        .shown(0, 7)
        .right()
        .moves()
        .tint(|row, context| match wait_severity(row, context) {
            Some(Severity::Critical) => Tone::Critical,
            Some(Severity::Warning) => Tone::Warning,
            Some(Severity::Ok) | None => Tone::Plain,
        }),
        Of::new("modality", "By", "What it began as; the vendor may have more words.", |row, _| {
            let Some(word) = &row.task.facts.modality else { return Figure::Unknown };
            Figure::Word(Word { json: word.clone(), label: modality(word), rank: 0 })
        })
        .shown(15, 8),
        Of::new("queue", "Service", "The service whose task it is.", |row, _| row.service().into())
            .grows(0, 14, 30)
            .tint(|_, _| Tone::Strong),
        Of::new(
            "customer",
            "Customer",
            "The customer's name, else one from an address book, an identifier, an address.",
            |row, context| row.customer(context).into(),
        )
        .grows(10, 14, 28),
        Of::new(
            "subject",
            "Subject",
            "An e-mail's subject or a chat's first message; only its length without --no-mask.",
            |row, context| row.subject(context).into(),
        )
        .grows(45, 10, 40)
        .tint(|_, _| Tone::Quiet),
        Of::new("agent", "Agent", "Who was connected last.", |row, _| row.agent().into())
            .grows(20, 14, 30),
        Of::new("direction", "Direction", "Which way it goes.", |row, _| {
            let direction = row.task.facts.direction;
            direction.map_or(Figure::Unknown, |own: Direction| {
                Figure::word(own.word(), own.word(), own as u8)
            })
        })
        .shown(40, 9)
        .tint(|_, _| Tone::Quiet),
        Of::new("since", "Since", "When it came into its state.", since)
            .shown(25, 7)
            .right()
            .moves(),
        Of::new("attempts", "Tries", "Attempts of an outbound call.", |row, _| {
            row.task.facts.attempts.into()
        })
        .shown(55, 5)
        .right(),
        Of::new("party", "Party", "The other end's number or address.", |row, context| {
            row.party(context).into()
        })
        .grows(60, 16, 24),
        Of::new("reference", "Reference", "The reference of whoever scheduled it.", |row, _| {
            row.task.facts.reference.clone().into()
        }),
        untold("recording", "Rec"),
        untold("supervised_by", "Supervised"),
        untold("position", "Place"),
        untold("priority", "Priority"),
        untold("muted", "Muted"),
        untold("conference", "Conference"),
        Of::new("source", "Source", "Where it comes from.", |row, _| row.source.shown().into())
            .shown(70, 10)
            .tint(|_, _| Tone::Quiet),
        Of::new("id", "Id", "Its identity within the source.", |row, _| row.task.id.shown().into()),
    ];

    fn rows<'a>(context: &Context<'a>) -> Vec<TaskRow<'a>> {
        context
            .floor
            .worlds()
            .flat_map(|(source, world)| {
                world.tasks.values().map(move |task| TaskRow { source, world, task })
            })
            .collect()
    }

    fn count(context: &Context<'_>) -> usize {
        context.floor.worlds().map(|(_, world)| world.tasks.values().count()).sum()
    }

    fn find<'a>(context: &Context<'a>, id: &RowId) -> Option<TaskRow<'a>> {
        let RowId::Task(source, id) = id else { return None };
        let (source, world) = context.floor.named(source)?;
        Some(TaskRow { source, world, task: world.tasks.get(id)? })
    }

    fn id(row: &TaskRow<'_>) -> RowId {
        RowId::Task(row.source.clone(), row.task.id.clone())
    }

    fn severity(row: &TaskRow<'_>, context: &Context<'_>) -> Option<Severity> {
        wait_severity(row, context)
    }

    fn is_fresh(row: &TaskRow<'_>, context: &Context<'_>) -> bool {
        row.world.is_fresh(&FeedName::new(TRIGGERS), &context.now) && !row.is_lost(context)
    }

    fn updated(row: &TaskRow<'_>) -> Option<Moment> {
        row.task.told().map(|told| told.moment)
    }

    fn pending<'a>(row: &TaskRow<'_>, context: &Context<'a>) -> Option<&'a Pending> {
        context.pending.iter().rev().find(|pending| {
            &pending.command.source == row.source
                && pending.command.request.target() == Target::Task(&row.task.id)
        })
    }
}
