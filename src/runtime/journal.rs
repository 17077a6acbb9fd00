//! The journal of ended entries on the disk: a file for each month, of which those that are too old are removed.
//!
//! Lines are only ever added, whole, so that several boards and a relay may share one folder.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};

use crate::floor::journal::{Ended, Journal, KEPT};
use crate::private::{self, Lines};
use crate::text::json;

/// The folder within the state directory.
pub const FOLDER: &str = "journal";

/// The journal's folder, and how far it is written.
#[derive(Debug)]
pub struct Keeper {
    folder: Option<PathBuf>,
    written: u64,
}

impl Keeper {
    /// Reads what is kept into `journal`. What cannot be read is left out with a line in the log: the journal is no
    /// reason for a board not to open.
    pub fn open(folder: Option<PathBuf>, journal: &mut Journal, now: DateTime<Utc>) -> Self {
        if let Some(folder) = &folder {
            remove_old(folder, now);
            journal.remember(read(folder), now);
        }
        Self { folder, written: journal.last() }
    }

    /// Writes what is new.
    pub fn keep(&mut self, journal: &Journal) {
        if self.written == journal.last() {
            return;
        }
        let fresh = journal.behind(self.written);
        self.written = journal.last();
        let Some(folder) = &self.folder else { return };
        if let Err(error) = append(folder, &fresh) {
            tracing::error!(%error, "the ends of entries are not in the journal");
        }
    }
}

fn append(folder: &Path, ends: &[&Ended]) -> io::Result<()> {
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
