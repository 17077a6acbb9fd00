//! The table of sources: how each is reached, and through which feeds.

use serde_json::{Value, json};

use crate::floor::World;
use crate::floor::id::SourceName;
use crate::floor::link::{Feed, FeedKind, Link};
use crate::floor::time::Moment;
use crate::table::cell::{rfc3339, span};
use crate::table::{Column, Context, Figure, RowId, Table, Tone};
use crate::text::Shown;
use crate::threshold::Severity;

/// The table of sources.
pub struct Sources;

/// One source.
pub struct SourceRow<'a> {
    pub name: &'a SourceName,
    pub world: &'a World,
}

/// The tone of a link.
pub const fn tone(link: Link) -> Tone {
    match link {
        Link::Live | Link::Polling => Tone::Good,
        Link::Connecting => Tone::Busy,
        Link::Stale => Tone::Warning,
        Link::Down | Link::Unauthorized => Tone::Critical,
    }
}

/// The feeds that the source is not whole without: what is wrong with another is said of that feed alone.
fn needed(world: &World) -> impl Iterator<Item = &Feed> {
    world.feeds.iter().filter(|feed| feed.kind != FeedKind::Aside)
}

/// What is wrong: with the relay in between, else with the worst feed.
pub fn error(world: &World, context: &Context<'_>) -> Option<Shown> {
    if let Some(away) = &world.away {
        return Some(masked(away, context));
    }
    let mut wrong: Vec<_> = needed(world)
        .filter_map(|feed| Some((feed.link(&context.now), trouble(feed, context)?)))
        .collect();
    wrong.sort_by_key(|(link, _)| std::cmp::Reverse(*link));
    let wrong = wrong.into_iter().next().map(|(_, what)| what);
    wrong.or_else(|| world.left_out_words()).or_else(|| missing(world, context))
}

/// What else is missing, on screens: a small one has no room for the feeds one by one. To a report they are an array.
fn missing(world: &World, context: &Context<'_>) -> Option<Shown> {
    let mut aside = world.feeds.iter().filter(|feed| feed.kind == FeedKind::Aside);
    let said = |feed: &Feed| Some((feed.name.shown(), trouble(feed, context)?));
    let (name, what) = aside.find_map(said).filter(|_| context.live)?;
    Some(Shown::clean(&format!("{name}: {what}")))
}

/// What is wrong with a feed. A stream that nobody polls beside may be calm or dead, which nobody can tell: since when
/// it has been silent is all that can be said.
fn trouble(feed: &Feed, context: &Context<'_>) -> Option<Shown> {
    let silent = feed.kind == FeedKind::Stream && feed.link(&context.now) == Link::Stale;
    match feed.last_update.filter(|_| silent) {
        Some(at) => {
            let time = Figure::Time(context.now.wall_of(at)).text(context);
            Some(Shown::clean(&format!("{}: no events since {time}", feed.name.shown())))
        }
        None => feed.error().map(|error| masked(error, context)),
    }
}

/// Words of a vendor, in which there may be a number of a person.
fn masked(text: &Shown, context: &Context<'_>) -> Shown {
    if context.mask { text.masked() } else { text.clone() }
}

/// When the next attempt of a failing feed is due.
pub fn retry_at(world: &World) -> Option<Moment> {
    needed(world).filter_map(Feed::retry_at).min()
}

/// Seconds from `now` to `at`, a begun one counted.
pub fn left(at: Moment, now: Moment) -> u64 {
    u64::try_from(at.since(now).as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
}

fn feeds(row: &SourceRow<'_>, context: &Context<'_>) -> Figure {
    let value: Vec<Value> = row
        .world
        .feeds
        .iter()
        .map(|feed| {
            json!({
                "name": feed.name.shown(),
                "link": feed.link(&context.now).word(),
                "last_update": feed.last_update.map(|at| rfc3339(context.now.wall_of(at))),
                "error": trouble(feed, context),
            })
        })
        .collect();
    let text: Vec<String> = row
        .world
        .feeds
        .iter()
        .map(|feed| format!("{} {}", feed.name.shown(), feed.link(&context.now).word()))
        .collect();
    Figure::List(Value::Array(value), Shown::clean(&text.join(", ")))
}

/// On screens an age or a time to go; in reports the time itself.
fn moment(at: Option<Moment>, context: &Context<'_>) -> Figure {
    let Some(at) = at else { return Figure::Unknown };
    if !context.live {
        return Figure::Time(context.now.wall_of(at));
    }
    let text = match context.now.moment >= at {
        true => format!("{} ago", span(context.now.age(at).as_secs())),
        false => format!("in {}", span(left(at, context.now.moment))),
    };
    Figure::List(Value::Null, Shown::clean(&text))
}

type Of = Column<Sources>;

impl Table for Sources {
    type Row<'a> = SourceRow<'a>;

    const ID: super::TableId = super::TableId::Sources;
    const SORT: (&'static str, bool) = ("source", false);
    const COLUMNS: &'static [Column<Self>] = &[
        Of::new("source", "Source", "Its name in the config file.", |row, _| {
            row.name.shown().into()
        })
        .grows(0, 10, 16)
        .tint(|_, _| Tone::Strong),
        Of::new("kind", "System", "Which system it is.", |row, _| {
            Figure::word(row.world.kind.word(), row.world.kind.word(), row.world.kind as u8)
        })
        .shown(30, 8),
        Of::new("link", "Link", "How it is reached.", |row, context| {
            let link = row.world.link(&context.now);
            Figure::word(link.word(), link.word(), link as u8)
        })
        .shown(0, 12)
        .tint(|row, context| tone(row.world.link(&context.now)))
        .moves(),
        Of::new("last_update", "Last data", "When it last told anything.", |row, context| {
            moment(row.world.last_update(), context)
        })
        .shown(10, 9)
        .moves(),
        Of::new("retry_at", "Next try", "When a failing feed is tried again.", |row, context| {
            moment(retry_at(row.world), context)
        })
        .shown(20, 8)
        .moves(),
        Of::new("error", "Error", "What is wrong, or missing.", |row, context| {
            error(row.world, context).into()
        })
        .grows(25, 20, 70)
        .moves(),
        Of::new("feeds", "Feeds", "Its streams and polls.", feeds).grows(40, 24, 70).moves(),
        Of::new(
            "unknown_fields",
            "Unknown",
            "Fields and events that floorwalker does not know.",
            |row, _| Figure::Count(row.world.unknown_fields),
        )
        .shown(60, 7)
        .right()
        .counts(),
        Of::new("left_out", "Left out", "Rows for which there is no room.", |row, _| {
            Figure::Count(row.world.left_out_count())
        })
        .right(),
    ];

    fn rows<'a>(context: &Context<'a>) -> Vec<SourceRow<'a>> {
        context.floor.worlds().map(|(name, world)| SourceRow { name, world }).collect()
    }

    fn count(context: &Context<'_>) -> usize {
        context.floor.worlds().count()
    }

    fn find<'a>(context: &Context<'a>, id: &RowId) -> Option<SourceRow<'a>> {
        let RowId::Source(name) = id else { return None };
        let (name, world) = context.floor.named(name)?;
        Some(SourceRow { name, world })
    }

    fn id(row: &SourceRow<'_>) -> RowId {
        RowId::Source(row.name.clone())
    }

    fn severity(row: &SourceRow<'_>, context: &Context<'_>) -> Option<Severity> {
        Some(match row.world.link(&context.now) {
            Link::Live | Link::Polling | Link::Connecting => Severity::Ok,
            Link::Stale => Severity::Warning,
            Link::Down | Link::Unauthorized => Severity::Critical,
        })
    }

    fn is_fresh(_row: &SourceRow<'_>, _context: &Context<'_>) -> bool {
        true
    }
}
