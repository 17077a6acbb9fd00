//! `auth`: sign in to a source, out of it, and what it is signed in with.
//!
//! The three commands and the file behind them are the same for every way to sign in; so far there is Telepo's.

use std::io::Write;

use clap::Subcommand;

use crate::cli::Global;
use crate::clock;
use crate::command::Access;
use crate::runtime::RunError;
use crate::source::http::chain;
use crate::source::settings::{Settings, Vendor};
use crate::source::telepo::Telepo;
use crate::source::telepo::tickets::{self, TicketError};
use crate::text::Shown;

#[derive(Debug, Subcommand)]
pub(super) enum AuthAsk {
    /// Make a named ticket with the least that floorwalker needs, and use it from now on
    SignIn {
        /// The source
        source: String,
    },
    /// Delete that ticket, and use the configured one again
    SignOut {
        /// The source
        source: String,
    },
    /// Say what a source is signed in with; no secret is shown
    Show {
        /// The source
        source: String,
    },
}

pub(super) async fn on_auth(global: &Global, ask: &AuthAsk) -> Result<u8, RunError> {
    let (AuthAsk::SignIn { source: wanted }
    | AuthAsk::SignOut { source: wanted }
    | AuthAsk::Show { source: wanted }) = ask;
    let config = global.load()?;
    let telepo = telepo(&config.sources, wanted)?;
    let mut out = std::io::stdout();
    let done = match ask {
        AuthAsk::SignIn { .. } => telepo.sign_in().await.map(|own| {
            let ends = tickets::ends(&own, clock::wall());
            format!("signed in to {wanted}: {} for {}, {ends}", own.name, own.scopes.join(", "))
        }),
        AuthAsk::SignOut { .. } => telepo.sign_out().await.map(|own| match own {
            Some(own) => format!("signed out of {wanted}: {} is deleted", own.name),
            None => format!("not signed in to {wanted}: nothing to delete"),
        }),
        AuthAsk::Show { .. } => telepo.signed_in().await.map(|own| match own {
            Some(own) => {
                let ends = tickets::ends(&own, clock::wall());
                let (kind, name, scopes) = (&own.kind, &own.name, own.scopes.join(", "));
                format!("{wanted}: signed in with {kind} {name} for {scopes}, {ends}")
            }
            None => format!("{wanted}: not signed in, the configured ticket is used"),
        }),
    };
    match done {
        Ok(text) => {
            writeln!(out, "{}", Shown::clean(&text))?;
            Ok(0)
        }
        Err(TicketError::NoTicket) => Err(RunError::usage(&TicketError::NoTicket.to_string())),
        Err(error) => {
            let text = format!("{wanted}: {}", chain(&error));
            writeln!(std::io::stderr(), "{}", Shown::clean(&text))?;
            Ok(1)
        }
    }
}

/// The Telepo source of that name.
fn telepo(sources: &[Settings], wanted: &str) -> Result<Telepo, RunError> {
    let found = sources.iter().find(|settings| settings.name.raw() == wanted);
    let names: Vec<&str> = sources.iter().map(|settings| settings.name.raw()).collect();
    let found = found.ok_or_else(|| {
        RunError::usage(&format!("there is no source {wanted:?}: there is {}", names.join(", ")))
    })?;
    match &found.vendor {
        Vendor::Telepo(own) => Telepo::new(&found.common, own, Access::Full)
            .map_err(|error| RunError::usage(&chain(&error))),
        Vendor::Enreach(_) | Vendor::Nimbus(_) | Vendor::Relay(_) | Vendor::Nats(_) => {
            Err(RunError::usage(&format!(
                "{wanted} has nothing to sign in to: only telepo sources have tickets"
            )))
        }
    }
}
