//! `auth`: sign in to a source, out of it, and what it is signed in with.
//!
//! The three commands and where sign-ins are kept are the same for every way to sign in: Telepo makes a named ticket,
//! Nimbus has somebody type a code.

use std::sync::Arc;

use clap::Subcommand;

use crate::audit::{Audit, AuditError};
use crate::cli::Global;
use crate::clock;
use crate::config::Config;
use crate::floor::id::SourceName;
use crate::operations::{Access, Outcome};
use crate::runtime::sign_in::{self, Ended, LEFT};
use crate::runtime::{RunError, colours};
use crate::source::nimbus::signed::Signed;
use crate::source::settings::Vendor;
use crate::source::telepo::Telepo;
use crate::source::telepo::tickets::{self, TicketError};
use crate::table::cell::rfc3339;
use crate::terminal::print::{Printer, line};
use crate::text::Shown;
use crate::transport::http::chain;
use crate::transport::keep::SignIn;

#[derive(Debug, Subcommand)]
pub(super) enum AuthAsk {
    /// Sign in: Nimbus by a code that you type elsewhere, Telepo by a named ticket with the least that is needed
    SignIn {
        /// The source
        source: String,
    },
    /// Sign out: the token is forgotten, a ticket deleted
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

/// The way to sign in that a source has.
enum Way {
    Ticket(Box<Telepo>),
    Code(Arc<Signed>),
}

/// What came of it: the sentence, and the exit code where that is not its outcome's.
struct Done {
    outcome: Outcome,
    said: String,
    code: Option<u8>,
}

pub(super) async fn on_auth(global: &Global, ask: &AuthAsk) -> Result<u8, RunError> {
    let (AuthAsk::SignIn { source: wanted }
    | AuthAsk::SignOut { source: wanted }
    | AuthAsk::Show { source: wanted }) = ask;
    let config = global.load()?;
    let way = way(&config, wanted)?;
    let (action, signs_in) = match ask {
        AuthAsk::Show { .. } => {
            let (said, place) = shown(&way, wanted).await?;
            let mut out = Printer::stdout();
            out.line(Shown::clean(&said))?;
            if let Some(place) = place {
                out.line(line!["kept in ", Shown::clean(&place)])?;
            }
            return Ok(0);
        }
        AuthAsk::SignIn { .. } => ("sign_in", true),
        AuthAsk::SignOut { .. } => ("sign_out", false),
    };
    let audit = Audit::open(&Global::audit(&config)?)?;
    let source = SourceName::new(wanted);
    let target = target(&way);
    let write = |outcome: Option<&Outcome>| -> Result<(), AuditError> {
        audit.sign(action, &source, target.clone(), clock::wall(), outcome)
    };
    write(None)?;
    let done = match (&way, signs_in) {
        (Way::Ticket(own), true) => ticket_in(own, wanted).await,
        (Way::Ticket(own), false) => ticket_out(own, wanted).await,
        (Way::Code(own), true) => code_in(global, &config, own, wanted).await,
        (Way::Code(own), false) => code_out(own, wanted).await,
    };
    let outcome = match &done {
        Ok(done) => done.outcome.clone(),
        Err(error) => Outcome::Failed(Shown::clean(&chain(error))),
    };
    write(Some(&outcome))?;
    let Done { outcome, said, code } = done?;
    let said = Shown::clean(&said);
    if outcome == Outcome::Done {
        Printer::stdout().line(said)?;
        return Ok(code.unwrap_or(0));
    }
    Printer::stderr().line(line![Shown::clean(wanted), ": ", said])?;
    Ok(code.unwrap_or(1))
}

/// How the source of that name is signed in to.
fn way(config: &Config, wanted: &str) -> Result<Way, RunError> {
    let sources = &config.sources;
    let found = sources.iter().find(|settings| settings.name.raw() == wanted);
    let names: Vec<&str> = sources.iter().map(|settings| settings.name.raw()).collect();
    let found = found.ok_or_else(|| {
        RunError::usage(&format!("there is no source {wanted:?}: there is {}", names.join(", ")))
    })?;
    let nothing =
        |why: &str| Err(RunError::usage(&format!("{wanted} has nothing to sign in to: {why}")));
    match &found.vendor {
        Vendor::Telepo(own) if own.ticket.is_none() => {
            Err(RunError::usage(&TicketError::NoTicket.to_string()))
        }
        Vendor::Telepo(own) => Telepo::new(&found.common, own, Access::Full)
            .map(|own| Way::Ticket(Box::new(own)))
            .map_err(|error| RunError::usage(&chain(&error))),
        Vendor::Nimbus(own) => match &own.entra {
            Some(signed) => Ok(Way::Code(Arc::clone(signed))),
            None => nothing("it has a token; with [source.entra] in its place people sign in"),
        },
        Vendor::Enreach(_) | Vendor::Relay(_) | Vendor::Nats(_) => {
            nothing("only telepo and nimbus sources have that")
        }
    }
}

/// What the audit log names.
fn target(way: &Way) -> Shown {
    Shown::clean(match way {
        Way::Ticket(_) => tickets::KIND,
        Way::Code(_) => crate::source::nimbus::entra::KIND,
    })
}

/// What a source is signed in with, and where that is kept.
async fn shown(way: &Way, wanted: &str) -> Result<(String, Option<String>), RunError> {
    let kept = match way {
        Way::Ticket(own) => own.signed_in().await.map_err(|error| chain(&error)),
        Way::Code(own) => own.signed_in().await.map_err(|error| chain(&error)),
    };
    // What cannot be read is not the command line's fault, and no reading either.
    let unreadable = |why: String| std::io::Error::other(Shown::clean(&why).to_string());
    let kept = kept.map_err(unreadable)?;
    let place = match Global::keep() {
        Some(keep) => keep.place(wanted).await.map_err(|error| unreadable(chain(&error)))?,
        None => None,
    };
    let said = match (way, kept) {
        (Way::Ticket(_), Some(own)) => {
            let ends = tickets::ends(&own, clock::wall());
            let (kind, name, scopes) = (&own.kind, &own.name, own.scopes.join(", "));
            format!("{wanted}: signed in with {kind} {name} for {scopes}, {ends}")
        }
        (Way::Ticket(_), None) => format!("{wanted}: not signed in, the configured ticket is used"),
        (Way::Code(_), Some(own)) => {
            let since = rfc3339(own.since());
            format!("{wanted}: signed in{} since {since}; {}", named(&own), life(&own))
        }
        (Way::Code(_), None) => {
            format!("{wanted}: nobody is signed in: run floorwalker auth sign-in {wanted}")
        }
    };
    Ok((said, place))
}

/// “ as anna@contoso.com”, where the tenant said who it is.
fn named(own: &SignIn) -> String {
    if own.name.is_empty() { String::new() } else { format!(" as {}", own.name) }
}

/// How a token goes on.
fn life(own: &SignIn) -> String {
    let ends = tickets::ends(own, clock::wall());
    match own.refresh {
        Some(_) => format!("the token is good {ends}, and renewed by itself"),
        None => format!("the token is good {ends}, and nothing renews it"),
    }
}

async fn ticket_in(telepo: &Telepo, wanted: &str) -> Result<Done, RunError> {
    Ok(of_server(telepo.sign_in().await.map(|own| {
        let ends = tickets::ends(&own, clock::wall());
        format!("signed in to {wanted}: {} for {}, {ends}", own.name, own.scopes.join(", "))
    })))
}

async fn ticket_out(telepo: &Telepo, wanted: &str) -> Result<Done, RunError> {
    Ok(of_server(telepo.sign_out().await.map(|own| match own {
        Some(own) => format!("signed out of {wanted}: {} is deleted", own.name),
        None => format!("not signed in to {wanted}: nothing to delete"),
    })))
}

fn of_server(result: Result<String, TicketError>) -> Done {
    match result {
        Ok(said) => Done { outcome: Outcome::Done, said, code: None },
        Err(error) => {
            let said = chain(&error);
            let outcome = match error {
                TicketError::MayNot(_) => Outcome::Refused(Shown::clean(&said)),
                _ => Outcome::Failed(Shown::clean(&said)),
            };
            Done { outcome, said, code: None }
        }
    }
}

async fn code_in(
    global: &Global,
    config: &Config,
    signed: &Arc<Signed>,
    wanted: &str,
) -> Result<Done, RunError> {
    let chosen = config.theme_now.as_ref().unwrap_or(&config.theme);
    let theme = colours::themed(&config.themes, chosen, global.palette());
    let ended = sign_in::sign_in(Shown::clean(wanted), signed, &theme, global.characters()).await?;
    Ok(match ended {
        Ended::In(own) => {
            let said = format!("signed in to {wanted}{}: {}", named(&own), life(&own));
            Done { outcome: Outcome::Done, said, code: None }
        }
        Ended::Refused(why) => {
            Done { outcome: Outcome::Refused(why.clone()), said: why.to_string(), code: None }
        }
        Ended::Failed(why) => {
            Done { outcome: Outcome::Failed(why.clone()), said: why.to_string(), code: None }
        }
        Ended::Left(code) => Done {
            outcome: Outcome::Failed(Shown::clean(LEFT)),
            said: LEFT.to_owned(),
            code: Some(code),
        },
    })
}

async fn code_out(signed: &Arc<Signed>, wanted: &str) -> Result<Done, RunError> {
    let own = signed.sign_out().await.map_err(|error| std::io::Error::other(chain(&error)))?;
    let said = match own {
        Some(own) => format!(
            "signed out of {wanted}{}: the token is forgotten here; at the tenant it ends by itself",
            named(&own)
        ),
        None => format!("nobody is signed in to {wanted}: nothing to forget"),
    };
    Ok(Done { outcome: Outcome::Done, said, code: None })
}
