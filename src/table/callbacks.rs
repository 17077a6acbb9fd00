//! The table of requests to be called back.

use chrono::{DateTime, Local, Utc};
use serde_json::Value;

use crate::floor::World;
use crate::floor::callback::{CALLBACKS, Callback, CallbackState, Request};
use crate::floor::id::{FeedName, SourceName};
use crate::floor::news::EVENTS;
use crate::floor::time::Moment;
use crate::operations::{Pending, Target};
use crate::table::calls::person;
use crate::table::cell::Word;
use crate::table::{Column, Context, Figure, Holder, RowId, Table, Tone, Zone};
use crate::text::Shown;
use crate::threshold::Severity;

/// The table of requests to be called back.
pub struct Callbacks;

/// One request with its source.
pub struct CallbackRow<'a> {
    pub source: &'a SourceName,
    /// What the source told.
    pub world: &'a World,
    pub callback: &'a Callback,
    /// What is asked for.
    pub request: &'a Request,
}

impl<'a> CallbackRow<'a> {
    fn new(source: &'a SourceName, world: &'a World, callback: &'a Callback) -> Option<Self> {
        Some(Self { source, world, callback, request: callback.request()? })
    }

    /// Who has taken it.
    pub fn owner(&self) -> Option<Shown> {
        self.request.owner.as_ref().map(|owner| person(self.world, owner))
    }

    /// The list's name; on screens its id where it has none.
    pub fn list(&self, context: &Context<'_>) -> Option<Shown> {
        let id = self.request.list.as_ref()?;
        let name = self.world.list_name(id).or(self.request.list_name.as_ref()).cloned();
        if context.live { name.or_else(|| Some(id.shown())) } else { name }
    }
}

/// Text, where there is any.
fn told(text: Option<&Shown>) -> Option<&Shown> {
    text.filter(|text| !text.is_empty())
}

/// Text that may hold a number of a person.
pub fn masked(text: Option<&Shown>, context: &Context<'_>) -> Option<Shown> {
    told(text).map(|text| if context.mask { text.masked() } else { text.clone() })
}

/// Whether a request that is not done is due today, or was due before now.
fn is_pressing(row: &CallbackRow<'_>, context: &Context<'_>) -> bool {
    let now = context.now.wall;
    let today = |due: DateTime<Utc>| match context.zone {
        Zone::Utc => due.date_naive() == now.date_naive(),
        Zone::Local => {
            due.with_timezone(&Local).date_naive() == now.with_timezone(&Local).date_naive()
        }
    };
    row.callback.state() != CallbackState::Done
        && row.request.due.is_some_and(|due| due < now || today(due))
}

/// A time that is waited for, unless the request is done: then it is not late.
pub fn due(row: &CallbackRow<'_>, time: Option<DateTime<Utc>>) -> Figure {
    match (time, row.callback.state()) {
        (None, _) => Figure::Unknown,
        (Some(time), CallbackState::Done) => Figure::Time(time),
        (Some(time), _) => Figure::Due(time),
    }
}

/// By state, and in it by due time; what is not due at all comes last.
fn state(row: &CallbackRow<'_>) -> Figure {
    let state = row.callback.state();
    let calling = row.callback.caller().is_some() && state != CallbackState::Done;
    let due = row.request.due.and_then(|due| u64::try_from(due.timestamp_millis()).ok());
    let last = (1 << 48) - 1;
    Figure::Word(Word {
        json: Shown::clean(state.word()),
        label: Shown::clean(if calling { "calling" } else { state.word() }),
        rank: ((state as u64) << 48) | due.unwrap_or(last).min(last),
    })
}

type Of = Column<Callbacks>;

impl Table for Callbacks {
    type Row<'a> = CallbackRow<'a>;

    const ID: super::TableId = super::TableId::Callbacks;
    const SORT: (&'static str, bool) = ("state", false);
    const COLUMNS: &'static [Column<Self>] = &[
        Of::new("due", "Due", "When it is due; red today and once it is late.", |row, _| {
            due(row, row.request.due)
        })
        .shown(0, 14)
        .tint(
            |row, context| {
                if is_pressing(row, context) { Tone::Critical } else { Tone::Plain }
            },
        ),
        Of::new("party", "Party", "Whom to call.", |row, _| {
            told(row.request.party.as_ref()).into()
        })
        .grows(0, 17, 24)
        .tint(|_, _| Tone::Strong),
        Of::new("name", "Name", "That person's name.", |row, _| {
            told(row.request.name.as_ref()).into()
        })
        .grows(45, 12, 24),
        Of::new(
            "state",
            "State",
            "Open, taken by somebody, or done; in each the due ones first.",
            |row, _| state(row),
        )
        .shown(10, 7)
        .tint(|row, _| match (row.callback.state(), row.callback.caller()) {
            (CallbackState::Done, _) => Tone::Quiet,
            (_, Some(_)) | (CallbackState::Taken, None) => Tone::Busy,
            (CallbackState::Open, None) => Tone::Plain,
        }),
        Of::new("owner", "Owner", "Who has taken it.", |row, _| row.owner().into())
            .grows(20, 12, 24),
        Of::new("list", "List", "The list that it is in.", |row, context| row.list(context).into())
            .grows(30, 12, 28),
        Of::new("attempts", "Tries", "Attempts so far.", |row, _| {
            row.callback.attempts().and_then(|all| u32::try_from(all.len()).ok()).into()
        })
        .shown(40, 5)
        .right(),
        Of::new("calls", "Calls", "How often the person called.", |row, _| {
            row.request.calls.into()
        })
        .shown(48, 5)
        .right(),
        Of::new("note", "Note", "What an agent noted.", |row, _| {
            let request = row.request;
            told(request.note.as_ref()).or_else(|| told(request.last_note.as_ref())).into()
        })
        .grows(50, 12, 40)
        .tint(|_, _| Tone::Quiet),
        Of::new("expires", "Expires", "When it expires.", |row, _| due(row, row.request.expires))
            .shown(60, 14),
        Of::new("not_before", "Not before", "Before when nobody is to call.", |row, _| {
            row.request.not_before.map_or(Figure::Unknown, Figure::Time)
        })
        .shown(65, 12),
        Of::new("recording", "Rec", "Whether there is a recording of the message.", |row, _| {
            row.request.recording.map_or(Figure::Unknown, |yes| {
                Figure::List(Value::Bool(yes), Shown::clean(if yes { "rec" } else { "" }))
            })
        })
        .shown(55, 3),
        Of::new("priority", "Priority", "The vendor's word for its priority.", |row, _| {
            row.request.priority.clone().into()
        })
        .shown(58, 8),
        Of::new("channel", "Channel", "The channel that it came in by.", |row, _| {
            told(row.request.channel.as_ref()).into()
        }),
        Of::new("last_attempt", "Tried", "When the last attempt was made.", |row, _| {
            row.request.last_attempt.map_or(Figure::Unknown, Figure::Time)
        }),
        Of::new(
            "last_result",
            "Result",
            "What came of the last attempt, by the vendor's number.",
            |row, _| row.request.last_result.clone().into(),
        ),
        Of::new("related", "Related", "Other requests of the same contact.", |row, _| {
            row.callback.related().and_then(|all| u32::try_from(all.len()).ok()).into()
        }),
        Of::new("source", "Source", "Where it comes from.", |row, _| row.source.shown().into())
            .shown(70, 10)
            .tint(|_, _| Tone::Quiet),
        Of::new("id", "Id", "Its identity within the source.", |row, _| {
            row.callback.id.shown().into()
        }),
    ];

    fn rows<'a>(context: &Context<'a>) -> Vec<CallbackRow<'a>> {
        context
            .floor
            .worlds()
            .flat_map(|(source, world)| {
                let rows = world.callbacks.values();
                rows.filter_map(move |callback| CallbackRow::new(source, world, callback))
            })
            .collect()
    }

    fn count(context: &Context<'_>) -> usize {
        context.floor.worlds().map(|(_, world)| world.callbacks.values().count()).sum()
    }

    fn find<'a>(context: &Context<'a>, id: &RowId) -> Option<CallbackRow<'a>> {
        let RowId::Callback(source, id) = id else { return None };
        let (source, world) = context.floor.named(source)?;
        CallbackRow::new(source, world, world.callbacks.get(id)?)
    }

    fn id(row: &CallbackRow<'_>) -> RowId {
        RowId::Callback(row.source.clone(), row.callback.id.clone())
    }

    fn severity(row: &CallbackRow<'_>, context: &Context<'_>) -> Option<Severity> {
        Some(if is_pressing(row, context) { Severity::Critical } else { Severity::Ok })
    }

    fn is_fresh(row: &CallbackRow<'_>, context: &Context<'_>) -> bool {
        let read = FeedName::new(CALLBACKS);
        let feed = row.world.feed(&read).map_or_else(|| FeedName::new(EVENTS), |_| read);
        row.world.is_fresh(&feed, &context.now)
    }

    fn holder(row: &CallbackRow<'_>) -> Option<Holder> {
        Some(match (row.callback.state(), row.request.own) {
            (CallbackState::Open, _) => Holder::Nobody,
            (CallbackState::Taken, Some(true)) => Holder::Me,
            (CallbackState::Taken | CallbackState::Done, _) => Holder::Somebody,
        })
    }

    fn pending<'a>(row: &CallbackRow<'_>, context: &Context<'a>) -> Option<&'a Pending> {
        context.pending.iter().rev().find(|pending| {
            &pending.command.source == row.source
                && pending.command.request.target() == Target::Callback(&row.callback.id)
        })
    }

    fn updated(row: &CallbackRow<'_>) -> Option<Moment> {
        row.callback.told().map(|told| told.moment)
    }
}
