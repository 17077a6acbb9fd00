//! Keeps what the reader chose, behind the board's back: a slow disk holds no picture up.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::memory::{Memory, TableMemory};
use crate::state::screen::Arrangement;
use crate::state::{State, Themes};
use crate::table::TableId;
use crate::theme::Shelf;

/// How long the end of a run waits for the disk.
const LAST: Duration = Duration::from_secs(1);

/// What is remembered, and the task that writes the newest of it.
pub struct Keeper {
    newest: watch::Sender<Memory>,
    task: JoinHandle<()>,
}

impl Keeper {
    /// Reads what is remembered at `path`; without one, nothing is remembered.
    pub fn open(path: Option<PathBuf>) -> Self {
        let memory = path.as_deref().map(Memory::load).unwrap_or_default();
        let (newest, mut changes) = watch::channel(memory);
        let task = tokio::spawn(async move {
            while changes.changed().await.is_ok() {
                let memory = changes.borrow_and_update().clone();
                let Some(path) = path.clone() else { continue };
                let saved = tokio::task::spawn_blocking(move || (memory.save(&path), path)).await;
                if let Ok((Err(error), path)) = saved {
                    tracing::warn!(path = %path.display(), %error, "nothing can be remembered");
                }
            }
        });
        Self { newest, task }
    }

    /// What is remembered now.
    pub fn memory(&self) -> Memory {
        self.newest.borrow().clone()
    }

    /// Changes it, here at once and on the disk soon.
    pub fn keep(&self, change: impl FnOnce(&mut Memory)) {
        self.newest.send_modify(change);
    }

    /// Waits, not for long, until the newest is on the disk.
    pub async fn close(self) {
        let Self { newest, task } = self;
        drop(newest);
        // What is lost is a choice of colours.
        let _ = tokio::time::timeout(LAST, task).await;
    }
}

/// Looks at each table as it was configured, or left.
pub(super) fn arrange(state: &mut State, tables: BTreeMap<String, TableMemory>) {
    for (name, own) in tables {
        let Some(table) = TableId::named(&name) else { continue };
        state.screen.arrange(table, own.columns.as_deref(), own.sort.as_deref());
        state.group_by(table, own.group.as_deref());
    }
}

/// How a table is looked at, where that is not as it is by itself.
pub(super) fn looked_at(
    (table, arrangement): (TableId, Arrangement),
) -> Option<(String, TableMemory)> {
    let Arrangement { columns, sort, group } = arrangement;
    let sort = sort.map(|(name, high)| format!("{}{name}", if high { "-" } else { "" }));
    let columns = columns.map(|names| names.into_iter().map(ToOwned::to_owned).collect());
    let memory = TableMemory { columns, sort, group: group.map(ToOwned::to_owned) };
    (memory != TableMemory::default()).then(|| (table.name().to_owned(), memory))
}

/// The theme to begin with: this run's, else the remembered one, else the configured one.
pub(super) fn themes(
    shelf: &Shelf,
    configured: &str,
    now: Option<&str>,
    keeper: &Keeper,
) -> Themes {
    let memory = keeper.memory();
    let remembered = memory.theme_over(configured).filter(|name| {
        let there = shelf.get(name).is_some();
        if !there {
            tracing::warn!(%name, "the remembered theme is not there");
        }
        there
    });
    let chosen = now.or(remembered).unwrap_or(configured);
    Themes::new(shelf.names(), chosen)
}
