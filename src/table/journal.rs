//! The table of scheduler entries that ended: what the vendor's own reports leave out.

use crate::floor::journal::{End, Ended};
use crate::table::{Column, Context, Figure, RowId, Table, Tone};
use crate::threshold::Severity;

/// The table of ended entries.
pub struct Journal;

type Of = Column<Journal>;

impl Table for Journal {
    type Row<'a> = &'a Ended;

    const ID: super::TableId = super::TableId::Journal;
    const SORT: (&'static str, bool) = ("at", true);
    const COLUMNS: &'static [Column<Self>] = &[
        Of::new("at", "Ended", "When its end was seen.", |row, _| Figure::Time(row.at))
            .shown(0, 12)
            .tint(|_, _| Tone::Quiet),
        Of::new("destination", "Destination", "Whom it called, masked.", |row, _| {
            row.destination.clone().into()
        })
        .grows(5, 12, 24)
        .tint(|_, _| Tone::Strong),
        Of::new(
            "completion_reason",
            "Outcome",
            "Why it ended; unknown where it only left the list.",
            |row, _| match &row.end {
                End::Told(reason) => reason.clone().into(),
                End::Removed => Figure::word("removed", "removed here", 1),
                End::Unknown | End::Back => Figure::word("unknown", "outcome unknown", 2),
            },
        )
        .grows(0, 15, 28)
        .tint(|row, _| match row.end {
            End::Told(_) => Tone::Plain,
            End::Removed => Tone::Quiet,
            End::Unknown | End::Back => Tone::Warning,
        }),
        Of::new("service", "Service", "The service that made the call.", |row, _| {
            row.service.clone().into()
        })
        .grows(30, 18, 34),
        Of::new("reference", "Reference", "The scheduling system's own reference.", |row, _| {
            row.reference.clone().into()
        })
        .grows(20, 10, 24)
        .tint(|_, _| Tone::Quiet),
        Of::new("due", "Due", "When the call was to be made.", |row, _| {
            row.due.map_or(Figure::Unknown, Figure::Time)
        })
        .shown(40, 12),
        Of::new("attempts", "Tries", "Attempts made, where an event told.", |row, _| {
            row.attempts.into()
        })
        .right(),
        Of::new("max_attempts", "Of", "Attempts allowed.", |row, _| row.max_attempts.into())
            .shown(60, 2)
            .right(),
        Of::new("source", "Source", "Where it came from.", |row, _| row.source.shown().into())
            .shown(50, 10)
            .tint(|_, _| Tone::Quiet),
        Of::new("id", "Id", "Its identity within the source.", |row, _| row.id.shown().into())
            .grows(70, 12, 36)
            .tint(|_, _| Tone::Quiet),
    ];

    fn rows<'a>(context: &Context<'a>) -> Vec<&'a Ended> {
        context.journal.iter().collect()
    }

    fn count(context: &Context<'_>) -> usize {
        context.journal.len()
    }

    fn find<'a>(context: &Context<'a>, id: &RowId) -> Option<&'a Ended> {
        let RowId::Ended(source, id) = id else { return None };
        context.journal.get(source, id)
    }

    fn id(row: &&Ended) -> RowId {
        RowId::Ended(row.source.clone(), row.id.clone())
    }

    fn severity(_row: &&Ended, _context: &Context<'_>) -> Option<Severity> {
        None
    }

    fn is_fresh(_row: &&Ended, _context: &Context<'_>) -> bool {
        true
    }
}
