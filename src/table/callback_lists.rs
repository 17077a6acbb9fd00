//! The table of callback lists.

use crate::floor::World;
use crate::floor::callback::CallbackList;
use crate::floor::id::SourceName;
use crate::floor::time::Moment;
use crate::table::{Column, Context, Figure, RowId, Table, Tone};
use crate::threshold::Severity;

/// The table of callback lists.
pub struct CallbackLists;

/// One list with its source.
pub struct ListRow<'a> {
    pub source: &'a SourceName,
    /// What the source told.
    pub world: &'a World,
    pub list: &'a CallbackList,
}

/// On screens a list without a name is called by its id; reports say that it has none.
fn name(row: &ListRow<'_>, context: &Context<'_>) -> Figure {
    match row.world.list_name(&row.list.id) {
        Some(name) => name.clone().into(),
        None if context.live => row.list.id.shown().into(),
        None => Figure::Unknown,
    }
}

type Of = Column<CallbackLists>;

impl Table for CallbackLists {
    type Row<'a> = ListRow<'a>;

    const ID: super::TableId = super::TableId::CallbackLists;
    const SORT: (&'static str, bool) = ("overdue", true);
    const COLUMNS: &'static [Column<Self>] = &[
        Of::new("list", "List", "What people call it.", name)
            .grows(0, 14, 40)
            .tint(|_, _| Tone::Strong),
        Of::new("open", "Open", "Requests not closed.", |row, _| row.list.open.into())
            .shown(0, 5)
            .right(),
        Of::new("free", "Free", "Requests that an agent could take now.", |row, _| {
            row.list.free.into()
        })
        .shown(20, 5)
        .right(),
        Of::new("assigned", "Taken", "Requests that an agent has taken.", |row, _| {
            row.list.assigned.into()
        })
        .shown(30, 5)
        .right(),
        Of::new("hidden", "Later", "Requests hidden until later.", |row, _| row.list.hidden.into())
            .shown(50, 5)
            .right(),
        Of::new("overdue", "Overdue", "Requests past their due time.", |row, _| {
            row.list.overdue.into()
        })
        .shown(0, 7)
        .right()
        .tint(|row, _| match row.list.overdue {
            Some(1..) => Tone::Critical,
            Some(0) | None => Tone::Plain,
        }),
        Of::new(
            "next_hour_overdue",
            "Within 1 h",
            "Requests that will be past their due time within the hour.",
            |row, _| row.list.next_hour_overdue.into(),
        )
        .shown(40, 10)
        .right()
        .tint(|row, _| match row.list.next_hour_overdue {
            Some(1..) => Tone::Warning,
            Some(0) | None => Tone::Plain,
        }),
        Of::new(
            "expires_24h",
            "Expires 24 h",
            "Requests that expire within 24 hours.",
            |row, _| row.list.expires_24h.into(),
        )
        .shown(60, 12)
        .right(),
        Of::new("agents_serving", "Serving", "Agents who serve the list.", |row, _| {
            row.list.agents_serving.into()
        })
        .shown(45, 7)
        .right(),
        Of::new("source", "Source", "Where it comes from.", |row, _| row.source.shown().into())
            .shown(70, 10)
            .tint(|_, _| Tone::Quiet),
        Of::new("id", "Id", "Its identity within the source.", |row, _| row.list.id.shown().into()),
    ];

    fn rows<'a>(context: &Context<'a>) -> Vec<ListRow<'a>> {
        context
            .floor
            .worlds()
            .flat_map(|(source, world)| {
                world.lists.values().map(move |list| ListRow { source, world, list })
            })
            .collect()
    }

    fn count(context: &Context<'_>) -> usize {
        context.floor.worlds().map(|(_, world)| world.lists.len()).sum()
    }

    fn find<'a>(context: &Context<'a>, id: &RowId) -> Option<ListRow<'a>> {
        let RowId::List(source, id) = id else { return None };
        let (source, world) = context.floor.named(source)?;
        Some(ListRow { source, world, list: world.lists.get(id)? })
    }

    fn id(row: &ListRow<'_>) -> RowId {
        RowId::List(row.source.clone(), row.list.id.clone())
    }

    fn severity(row: &ListRow<'_>, _context: &Context<'_>) -> Option<Severity> {
        Some(match (row.list.overdue, row.list.next_hour_overdue) {
            (Some(1..), _) => Severity::Critical,
            (_, Some(1..)) => Severity::Warning,
            (None, None) => return None,
            _ => Severity::Ok,
        })
    }

    fn is_fresh(row: &ListRow<'_>, context: &Context<'_>) -> bool {
        row.world.is_fresh(&row.list.feed, &context.now)
    }

    fn updated(row: &ListRow<'_>) -> Option<Moment> {
        Some(row.list.updated)
    }
}
