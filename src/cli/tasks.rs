//! Tasks: what can be asked of them.

use clap::Subcommand;

use super::entries::Listed;
use super::operations::{Of, OfTasks, on_operation};
use super::{Global, status};
use crate::floor::Kind;
use crate::runtime::RunError;
use crate::table::TableId;
use crate::terminal::print::Printer;

#[derive(Debug, Subcommand)]
pub(super) enum TasksAsk {
    /// List them, as a relay knows them: Nimbus itself has no list
    List(Listed),
    #[command(flatten)]
    Change(Of<OfTasks>),
}

pub(super) async fn on_tasks(global: &Global, ask: TasksAsk) -> Result<u8, RunError> {
    let listed = match ask {
        TasksAsk::List(listed) => listed,
        TasksAsk::Change(change) => return on_operation(global, change.asked).await,
    };
    let config = global.load()?;
    if !config.sources.iter().any(|own| own.kind() == Kind::Relay) {
        let why = "tasks are told by events alone: a relay knows them, a single reading does not";
        Printer::stderr().line(why)?;
    }
    status(global, &listed.report(global, TableId::Tasks)).await
}
