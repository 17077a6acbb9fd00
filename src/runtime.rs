//! Where everything meets: sources, state, terminal, and what a command line asks for.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::audit::{Audit, AuditError};
use crate::clock;
use crate::config::ConfigError;
use crate::event::{Event, Stamped};
use crate::operations::{Command, Outcome};
use crate::relay::access::TokenError;
use crate::relay::server::ServerError;
use crate::relay::store::StoreError;
use crate::relay::webhook::mailboxes::NoMailbox;
use crate::simulator::SimulatorError;
use crate::source::{SourceError, SourceHandle};
use crate::terminal::TerminalError;
use crate::text::Shown;

mod alarmed;
pub mod board;
pub mod colours;
pub mod export;
pub mod journal;
pub mod logging;
mod looked;
pub mod oneshot;
pub mod relay;
pub mod reload;
pub mod remember;
pub mod sign_in;

/// Facts that may wait for the state; then their sources wait.
pub const CHANNEL: usize = 1_024;

/// Why a run ended before it did what was asked.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A source that cannot be made.
    #[error("a source cannot be used")]
    Source(#[from] SourceError),
    #[error("no command can be sent")]
    Audit(#[from] AuditError),
    #[error("the simulator cannot be started")]
    Simulator(#[from] SimulatorError),
    /// What was asked cannot be understood.
    #[error("{what}")]
    Usage {
        /// What is wrong, and what there is instead.
        what: Shown,
    },
    /// None or several fit.
    #[error("{first}{list}")]
    Choice {
        /// What was asked for.
        first: Shown,
        /// What there is, a line each.
        list: String,
    },
    /// A file that cannot be written.
    #[error("{} cannot be written", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// Where boards and webhooks come in.
    #[error("nobody can be let in")]
    Door(#[from] ServerError),
    /// Where webhooks are kept.
    #[error("no webhook can be kept")]
    Store(#[from] StoreError),
    /// Where a vendor is told to post, and what it was told.
    #[error("no event of Nimbus can be received")]
    Mailbox(#[from] NoMailbox),
    #[error("no board can be served")]
    Token(#[from] TokenError),
    #[error("the board cannot be opened")]
    Terminal(#[from] TerminalError),
    /// Standard output or the terminal.
    #[error("output failed")]
    Output(#[from] std::io::Error),
}

impl RunError {
    /// The exit code of the contract.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Config(_)
            | Self::Source(_)
            | Self::Usage { .. }
            | Self::Token(_)
            | Self::Choice { .. }
            | Self::Mailbox(NoMailbox::Nowhere { .. })
            | Self::Terminal(TerminalError::NotATerminal | TerminalError::NoCursor { .. }) => 2,
            Self::Terminal(_)
            | Self::Audit(_)
            | Self::Simulator(_)
            | Self::Write { .. }
            | Self::Door(_)
            | Self::Store(_)
            | Self::Mailbox(NoMailbox::Kept(_))
            | Self::Output(_) => 1,
        }
    }

    pub(crate) fn usage(what: &str) -> Self {
        Self::Usage { what: Shown::clean(what) }
    }
}

/// Whether the vendor's answer is the end of a change: it shows it, or says that what was to go is gone.
pub(crate) const fn ends_with(command: &Command, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Confirmed(_) => true,
        Outcome::Done => command.request.operation().confirmation.ends_with_answer,
        _ => false,
    }
}

/// Sends commands: the one place from which a change can leave. A read-only run has none.
#[derive(Clone)]
pub struct Dispatcher {
    handles: Vec<SourceHandle>,
    audit: Arc<Audit>,
    channel: mpsc::Sender<Stamped>,
    /// Whether a change is read again though the vendor's answer shows it.
    reads_confirmed: bool,
}

impl Dispatcher {
    /// A dispatcher for these sources. Outcomes go into `channel`.
    pub const fn new(
        handles: Vec<SourceHandle>,
        audit: Arc<Audit>,
        channel: mpsc::Sender<Stamped>,
    ) -> Self {
        Self { handles, audit, channel, reads_confirmed: true }
    }

    /// The same for a command that ends with the answer: what that shows is not read again.
    #[must_use]
    pub fn ending_with_the_answer(self) -> Self {
        Self { reads_confirmed: false, ..self }
    }

    /// Sends one command in a task of its own: intent to the disk, one request, outcome to the disk and to
    /// the state.
    pub fn send(&self, command: Command) {
        let this = self.clone();
        tokio::spawn(async move {
            let outcome = this.carry_out(&command, None).await;
            let settled = !this.reads_confirmed && ends_with(&command, &outcome);
            let sent = !matches!(outcome, Outcome::Failed(_)) && !settled;
            let event = Event::Finished { id: command.id, outcome };
            // A closed channel means that the program is ending; the audit log has the outcome.
            let _ = this.channel.send(Stamped { at: clock::moment(), event }).await;
            // Read again only now: what shows the change must come behind the news that it was accepted.
            if let Some(handle) = this.handle(&command).filter(|_| sent) {
                handle.reread(&command);
            }
        });
    }

    /// Sends one command for somebody else, who gets the outcome. It goes on though nobody waits for it.
    pub async fn send_for(&self, who: Shown, command: Command) -> Outcome {
        let this = self.clone();
        let sending = tokio::spawn(async move {
            let outcome = this.carry_out(&command, Some(&who)).await;
            let sent = !matches!(outcome, Outcome::Failed(_));
            if let Some(handle) = this.handle(&command).filter(|_| sent) {
                handle.reread(&command);
            }
            outcome
        });
        let lost = |_| Outcome::Unknown(Shown::clean("the command's end was lost"));
        sending.await.unwrap_or_else(lost)
    }

    fn handle(&self, command: &Command) -> Option<&SourceHandle> {
        SourceHandle::of(&self.handles, &command.source)
    }

    async fn carry_out(&self, command: &Command, who: Option<&Shown>) -> Outcome {
        let Some(handle) = self.handle(command) else {
            return Outcome::Failed(Shown::clean("there is no such source"));
        };
        let audit = Arc::clone(&self.audit);
        let (intended, asked) = (command.clone(), who.cloned());
        let written = tokio::task::spawn_blocking(move || {
            audit.intent(&intended, asked.as_ref(), clock::wall())
        })
        .await;
        match written {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Outcome::Failed(Shown::clean(&error.to_string())),
            Err(_) => return Outcome::Failed(Shown::clean("the audit log did not answer")),
        }
        let outcome = handle.execute(command.clone()).await;
        let audit = Arc::clone(&self.audit);
        let (ended, asked, result) = (command.clone(), who.cloned(), outcome.clone());
        let written = tokio::task::spawn_blocking(move || {
            audit.outcome(&ended, asked.as_ref(), clock::wall(), &result)
        })
        .await;
        if !matches!(written, Ok(Ok(()))) {
            tracing::error!(id = command.id.0, "the outcome is not in the audit log");
        }
        outcome
    }
}
