//! The journal of ended entries on the disk: a file for each month, of which those that are too old are removed.
//!
//! Lines are only ever added, whole, so that several boards and a relay may share one folder.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::floor::journal::{Ended, Journal, KEPT};
use crate::private::{self, Lines};
use crate::text::json;

/// The folder within the state directory.
pub const FOLDER: &str = "journal";

/// Ends that may wait for the disk. More wait in the journal itself.
const QUEUE: usize = 1_024;

/// Ends that are written at once.
const BATCH: usize = 256;

/// How long the end of a run waits for the disk.
const LAST: Duration = Duration::from_secs(1);

/// Writes the journal in a task of its own: a slow disk holds up nobody who reads or draws.
#[derive(Debug)]
pub struct JournalWriter {
    queue: Option<mpsc::Sender<Ended>>,
    task: Option<JoinHandle<()>>,
    /// The number of the last end that is in the queue.
    queued: u64,
    /// Whether it was said that the disk falls behind.
    is_behind: bool,
}

impl JournalWriter {
    /// Reads what is kept into `journal`, and begins to write. What cannot be read is left out with a line in the log:
    /// the journal is no reason for a board not to open. Blocks.
    pub fn open(folder: Option<PathBuf>, journal: &mut Journal, now: DateTime<Utc>) -> Self {
        if let Some(folder) = &folder {
            remove_old(folder, now);
            journal.remember(read(folder), now);
        }
        let (queue, task) = match folder {
            Some(folder) => {
                let (queue, ends) = mpsc::channel(QUEUE);
                (Some(queue), Some(tokio::spawn(write(folder, ends))))
            }
            None => (None, None),
        };
        Self { queue, task, queued: journal.last(), is_behind: false }
    }

    /// Hands over what is new. What the queue has no room for is handed over the next time.
    pub fn keep(&mut self, journal: &Journal) {
        if self.queued == journal.last() {
            return;
        }
        let Some(queue) = &self.queue else {
            self.queued = journal.last();
            return;
        };
        let fresh = journal.behind(self.queued);
        let room = queue.capacity();
        if room == 0 && !self.is_behind {
            let count = fresh.len();
            tracing::warn!("the journal of ended entries falls behind: {count} wait for the disk");
            self.is_behind = true;
        }
        let (count, mut handed) = (fresh.len(), 0);
        for (number, ended) in fresh.into_iter().take(room) {
            if queue.try_send(ended.clone()).is_err() {
                break;
            }
            (self.queued, handed) = (number, handed + 1);
        }
        if handed == count {
            // A number may be of an end that another one has replaced.
            self.queued = journal.last();
            if std::mem::take(&mut self.is_behind) {
                tracing::info!("the journal of ended entries has caught up");
            }
        }
    }

    /// Waits, not for long, until all of it is on the disk.
    pub async fn close(self) {
        drop(self.queue);
        let Some(task) = self.task else { return };
        if tokio::time::timeout(LAST, task).await.is_err() {
            tracing::error!("the last ends of entries may not be in the journal: the disk is slow");
        }
    }
}

/// Writes what comes until the queue is closed.
async fn write(folder: PathBuf, mut ends: mpsc::Receiver<Ended>) {
    let mut batch = Vec::new();
    while ends.recv_many(&mut batch, BATCH).await > 0 {
        let (folder, some) = (folder.clone(), std::mem::take(&mut batch));
        let written = tokio::task::spawn_blocking(move || append(&folder, &some)).await;
        if let Err(error) = written.unwrap_or_else(|error| Err(io::Error::other(error))) {
            tracing::error!(%error, "the ends of entries are not in the journal");
        }
    }
}

fn append(folder: &Path, ends: &[Ended]) -> io::Result<()> {
    for ended in ends {
        let path = folder.join(ended.at.format("%Y-%m.jsonl").to_string());
        Lines::open(&path)?.append(&json::bytes(ended)?)?;
    }
    Ok(())
}

/// The months that are kept, oldest first.
fn months(folder: &Path) -> Vec<(NaiveDate, PathBuf)> {
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let month = |path: &Path| {
        let name = path.file_name()?.to_str()?.strip_suffix(".jsonl")?;
        NaiveDate::parse_from_str(&format!("{name}-01"), "%Y-%m-%d").ok()
    };
    let mut months: Vec<_> =
        files.flatten().filter_map(|file| Some((month(&file.path())?, file.path()))).collect();
    months.sort();
    months
}

/// Removes the months of which every day is too old.
fn remove_old(folder: &Path, now: DateTime<Utc>) {
    let first = (now - KEPT).date_naive();
    for (month, path) in months(folder) {
        let next = month.checked_add_months(chrono::Months::new(1));
        if next.is_some_and(|next| next <= first)
            && let Err(error) = std::fs::remove_file(&path)
        {
            tracing::warn!(path = %path.display(), %error, "an old journal stays");
        }
    }
}

/// Every end that can be read, in the order in which it was written.
pub fn read(folder: &Path) -> Vec<Ended> {
    let mut ends = Vec::new();
    for (_, path) in months(folder) {
        let file = match private::open(&path, OpenOptions::new().read(true)) {
            Ok(file) => file,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a journal cannot be read");
                continue;
            }
        };
        let mut broken = 0;
        for line in BufReader::new(file).lines() {
            match line.map(|line| serde_json::from_str(&line)) {
                Ok(Ok(ended)) => ends.push(ended),
                Ok(Err(_)) | Err(_) => broken += 1,
            }
        }
        if broken > 0 {
            tracing::warn!(path = %path.display(), broken, "lines of a journal cannot be read");
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor::id::{EntryId, SourceName};
    use crate::floor::journal::End;
    use crate::text::Shown;

    fn ended(number: usize, now: DateTime<Utc>) -> Ended {
        Ended {
            at: now,
            source: SourceName::new("nimbus"),
            id: EntryId::new(format!("e{number}")),
            service: Shown::clean("Sales"),
            destination: None,
            due: None,
            reference: None,
            attempts: None,
            max_attempts: None,
            end: End::Removed,
        }
    }

    /// `recv_many` of the writer runs only when the test waits: until then its queue fills as with a disk that stands still.
    #[tokio::test]
    async fn c6_ends_that_a_slow_disk_has_no_room_for_are_written_later_and_none_is_lost() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(FOLDER);
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut journal = Journal::default();
        let mut writer = JournalWriter::open(Some(folder.clone()), &mut journal, now);
        let all = QUEUE + 76;
        journal.remember((0..all).map(|number| ended(number, now)), now);
        writer.keep(&journal);
        assert!(writer.queued < journal.last(), "the queue is bounded");
        writer.keep(&journal);
        assert!(writer.is_behind, "and it is said that the disk falls behind");
        while writer.queued < journal.last() {
            tokio::task::yield_now().await;
            writer.keep(&journal);
        }
        assert!(!writer.is_behind);
        drop(writer.queue);
        writer.task.unwrap().await.unwrap();
        assert_eq!(read(&folder).len(), all);
    }
}
