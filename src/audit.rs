//! The audit log: one JSON line before a request leaves, one with its outcome after.

use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::floor::id::SourceName;
use crate::operations::audit::Audited;
use crate::operations::{Command, Outcome};
use crate::private::Lines;
use crate::text::{Shown, json};

/// The audit log, open for as long as commands may be asked.
#[derive(Debug)]
pub struct Audit(Lines);

/// Why the audit log cannot be written: then nothing is sent.
#[derive(Debug, thiserror::Error)]
#[error("the audit log {} cannot be written, so nothing is sent", path.display())]
pub struct AuditError {
    path: PathBuf,
    #[source]
    source: std::io::Error,
}

#[derive(Serialize)]
struct Entry {
    at: String,
    phase: &'static str,
    id: u64,
    /// Who asked, where that is not the user of this machine: the name of a relay's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    who: Option<Shown>,
    source: Shown,
    action: &'static str,
    target: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    ids: Option<Vec<Shown>>,
    queue: Option<Shown>,
    outcome: Option<&'static str>,
    detail: Option<Shown>,
}

impl Audit {
    /// Opens the log at `path`, for the user alone; a symbolic link is refused.
    ///
    /// # Errors
    /// The file cannot be made or opened.
    pub fn open(path: &Path) -> Result<Self, AuditError> {
        let refuse = |source| AuditError { path: path.to_owned(), source };
        Lines::open(path).map(Self).map_err(refuse)
    }

    /// Writes that `command` is about to be sent, and waits until it is on the disk.
    ///
    /// # Errors
    /// It cannot be written: the command must not be sent.
    pub fn intent(
        &self,
        command: &Command,
        who: Option<&Shown>,
        at: DateTime<Utc>,
    ) -> Result<(), AuditError> {
        self.write(command, who, at, "intent", None)
    }

    /// Writes what came of `command`.
    ///
    /// # Errors
    /// It cannot be written; the command was sent all the same.
    pub fn outcome(
        &self,
        command: &Command,
        who: Option<&Shown>,
        at: DateTime<Utc>,
        outcome: &Outcome,
    ) -> Result<(), AuditError> {
        self.write(command, who, at, "outcome", Some(outcome))
    }

    /// Writes that somebody is about to sign in to a source or out of it, or what came of that. `target` is who, or
    /// what is made or deleted; never a token.
    ///
    /// # Errors
    /// It cannot be written: nothing must be asked then.
    pub fn sign(
        &self,
        action: &'static str,
        source: &SourceName,
        target: Shown,
        at: DateTime<Utc>,
        outcome: Option<&Outcome>,
    ) -> Result<(), AuditError> {
        self.append(&Entry {
            at: written(at),
            phase: if outcome.is_some() { "outcome" } else { "intent" },
            id: 0,
            who: None,
            source: source.shown(),
            action,
            target,
            ids: None,
            queue: None,
            outcome: outcome.map(Outcome::word),
            detail: outcome.and_then(Outcome::detail).map(Shown::masked),
        })
    }

    fn write(
        &self,
        command: &Command,
        who: Option<&Shown>,
        at: DateTime<Utc>,
        phase: &'static str,
        outcome: Option<&Outcome>,
    ) -> Result<(), AuditError> {
        let Audited { action, target, ids, queue, detail } = command.audited(outcome);
        self.append(&Entry {
            at: written(at),
            phase,
            id: command.id.0,
            who: who.cloned(),
            source: command.source.shown(),
            action,
            target,
            ids,
            queue,
            outcome: outcome.map(Outcome::word),
            detail,
        })
    }

    fn append(&self, entry: &Entry) -> Result<(), AuditError> {
        let refuse = |source| AuditError { path: self.0.path().to_owned(), source };
        let line = json::bytes(entry).map_err(|error| refuse(error.into()))?;
        self.0.append(&line).map_err(refuse)
    }
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
