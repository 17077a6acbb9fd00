//! The log: what happened while the board was open, newest first.

use serde::{Deserialize, Serialize};

use crate::floor::id::SourceName;
use crate::floor::time::Moment;
use crate::table::{Column, Context, Figure, RowId, Table, Tone};
use crate::text::Shown;
use crate::threshold::Severity;

/// The log as a table.
pub struct Log;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Its number, from the first on.
    pub number: u64,
    pub at: Moment,
    pub source: Option<SourceName>,
    /// How bad it is.
    pub severity: Severity,
    pub text: Shown,
}

type Of = Column<Log>;

impl Table for Log {
    type Row<'a> = &'a LogLine;

    const ID: super::TableId = super::TableId::Log;
    const SORT: (&'static str, bool) = ("number", true);
    const COLUMNS: &'static [Column<Self>] = &[
        Of::new("number", "No", "Its number.", |line, _| Figure::Count(line.number)),
        Of::new("at", "Time", "When it happened.", |line, context| {
            Figure::Time(context.now.wall_of(line.at))
        })
        .shown(0, 8)
        .tint(|_, _| Tone::Quiet),
        Of::new("source", "Source", "Where it happened.", |line, _| {
            line.source.as_ref().map(SourceName::shown).into()
        })
        .shown(10, 10),
        Of::new("text", "What", "What happened.", |line, _| line.text.clone().into())
            .grows(0, 20, 160)
            .tint(|line, _| match line.severity {
                Severity::Ok => Tone::Plain,
                Severity::Warning => Tone::Warning,
                Severity::Critical => Tone::Critical,
            }),
    ];

    fn rows<'a>(context: &Context<'a>) -> Vec<&'a LogLine> {
        context.log.iter().collect()
    }

    fn count(context: &Context<'_>) -> usize {
        context.log.len()
    }

    fn find<'a>(context: &Context<'a>, id: &RowId) -> Option<&'a LogLine> {
        let RowId::Line(number) = id else { return None };
        let first = context.log.front()?.number;
        context.log.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    fn id(line: &&LogLine) -> RowId {
        RowId::Line(line.number)
    }

    fn severity(line: &&LogLine, _context: &Context<'_>) -> Option<Severity> {
        Some(line.severity)
    }

    fn is_fresh(_line: &&LogLine, _context: &Context<'_>) -> bool {
        true
    }
}
