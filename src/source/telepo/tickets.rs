//! A named ticket of our own: made with the least that it needs to open, renewed before it ends, deleted at the end.
//!
//! The vendor lets a password-based or a superuser's ticket make others (`ticket.create`). Making one changes who we
//! are and nothing of the floor, so a wall that may only look renews its ticket too.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::clock;
use crate::event::SourceEvent;
use crate::source::Line;
use crate::source::settings::TelepoSettings;
use crate::source::telepo::operations::{OPERATIONS, TICKET_CREATE, TICKET_DELETE, USER_TICKETS};
use crate::source::telepo::{Telepo, wire};
use crate::text::Shown;
use crate::transport::http::{Auth, AuthError, HttpError};
use crate::transport::keep::{Keep, KeepError, SignIn};
use crate::transport::lenient::Tally;
use crate::transport::secret::{Secret, SecretSource};

/// Characters that the name of a ticket may have (operation `ticket.create`).
const NAME_LIMIT: usize = 64;

/// How long a ticket lives: a wall is off for a weekend, and comes back.
const LIFE: Duration = Duration::from_hours(7 * 24);

/// How often the file is looked at: another process may have signed in, or out.
const LOOK: Duration = Duration::from_mins(1);

/// A refused ticket that is younger was the one refresh; a further one would only be refused again.
const ONE_REFRESH: Duration = Duration::from_mins(5);

/// The kind of such sign-ins.
pub const KIND: &str = "ticket";

/// Why there is no ticket of our own.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// The config file gives no ticket with which one could be made.
    #[error("the source has no ticket of its own to sign in with: set ticket")]
    NoTicket,
    /// The given ticket may not make others.
    #[error(
        "the given ticket may not make others: that takes a password-based or a superuser's one. It is used as it is"
    )]
    MayNot(#[source] HttpError),
    /// The server cannot be asked, or refuses.
    #[error("the server made no ticket")]
    Server(#[source] HttpError),
    /// The answer has no ticket in it.
    #[error("the server's answer has no ticket in it")]
    Empty,
    /// It cannot be kept.
    #[error("the ticket cannot be kept")]
    Keep(#[source] KeepError),
    #[error("auth_header and auth_value make no header")]
    Auth(#[source] AuthError),
}

impl TelepoSettings {
    /// Has the source use what was signed in with, where that is kept, in the place of the given ticket.
    pub fn keep(&mut self, keep: &Keep, name: &str) {
        self.ticket = self.ticket.take().map(|given| SecretSource::Kept {
            keep: keep.clone(),
            name: name.to_owned(),
            given: Box::new(given),
        });
    }
}

impl Telepo {
    /// The APIs that the shared ticket serves: those that have a ticket of their own are left out.
    fn apis(&self) -> BTreeSet<&'static str> {
        let all = OPERATIONS.iter().map(|operation| operation.api);
        all.filter(|api| *api != USER_TICKETS && !self.settings.tickets.contains_key(*api))
            .collect()
    }

    /// Where the own ticket is kept, under which name, and the header of the given one.
    fn kept(&self) -> Result<(&Keep, &str, Auth), TicketError> {
        let Some(SecretSource::Kept { keep, name, given }) = &self.settings.ticket else {
            return Err(TicketError::NoTicket);
        };
        let (header, value) = (&self.settings.auth_header, &self.settings.auth_value);
        let given = Secret::new((**given).clone());
        let auth = Auth::header(header, value, given).map_err(TicketError::Auth)?;
        Ok((keep, name, auth))
    }

    /// What is kept of the source.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn signed_in(&self) -> Result<Option<SignIn>, TicketError> {
        let (keep, name, _) = self.kept()?;
        keep.of(name).await.map_err(TicketError::Keep)
    }

    /// Makes a ticket with the given one, keeps it, and deletes the one that it takes the place of.
    ///
    /// # Errors
    /// Why there is none; the former one stays.
    pub async fn sign_in(&self) -> Result<SignIn, TicketError> {
        let (keep, source, auth) = self.kept()?;
        let former = keep.of(source).await.map_err(TicketError::Keep)?;
        let now = clock::wall();
        let name = ticket_name(source, now);
        let life = LIFE.as_secs().to_string();
        let mut query = vec![("platform", "other"), ("name", &name), ("expires", &life)];
        query.extend(self.apis().into_iter().map(|api| ("api", api)));
        let request = self.request(TICKET_CREATE, &[], &query).map_err(TicketError::Server)?;
        let answer =
            self.client.send(request.auth(auth.clone())).await.map_err(|error| match error {
                HttpError::Unauthorized { .. } | HttpError::Forbidden { .. } => {
                    TicketError::MayNot(error)
                }
                error => TicketError::Server(error),
            })?;
        let made = answer.read_by(|body| wire::ticket(body, &name, now, &mut Tally::default()));
        let made = made.map_err(TicketError::Server)?;
        let made = made.ok_or(TicketError::Empty)?;
        keep.put(source, made.clone()).await.map_err(TicketError::Keep)?;
        if let Some(former) = former.filter(|former| former.name != made.name) {
            // It ends by itself, if not now.
            let _ = self.delete(&former.name, auth).await;
        }
        Ok(made)
    }

    /// Deletes the ticket at the server, then forgets it. `None` where there was none.
    ///
    /// # Errors
    /// The server did not delete it: it stays kept, so that it can be tried again.
    pub async fn sign_out(&self) -> Result<Option<SignIn>, TicketError> {
        let (keep, source, auth) = self.kept()?;
        let Some(own) = keep.of(source).await.map_err(TicketError::Keep)? else { return Ok(None) };
        match self.delete(&own.name, auth).await {
            // One that is not there any more is deleted.
            Ok(()) | Err(HttpError::NotFound { .. }) => {}
            Err(error) => return Err(TicketError::Server(error)),
        }
        keep.forget(source).await.map_err(TicketError::Keep)?;
        Ok(Some(own))
    }

    async fn delete(&self, name: &str, auth: Auth) -> Result<(), HttpError> {
        let request = self.request(TICKET_DELETE, &[("ticketName", name)], &[])?;
        self.client.send(request.auth(auth)).await.map(drop)
    }

    /// Renews the own ticket before it ends, and once when it is refused, until the source is stopped.
    pub(super) async fn renew(&self, line: &Line) {
        // Whoever was off for a weekend looks at once.
        let mut look = Duration::ZERO;
        loop {
            let refused = tokio::select! {
                () = tokio::time::sleep(std::mem::replace(&mut look, LOOK)) => false,
                () = self.refused.notified() => true,
            };
            // What cannot be read now is said by the requests that need it.
            let Ok(Some(own)) = self.signed_in().await else { continue };
            let now = clock::wall();
            let young = (now - own.made).to_std().unwrap_or_default() < ONE_REFRESH;
            if !(own.renewed_at().is_some_and(|at| at <= now) || refused && !young) {
                continue;
            }
            match self.sign_in().await {
                Ok(_) => {
                    if let Some(shared) = &self.shared {
                        // It is there: what reads it next gets it.
                        let _ = shared.reread().await;
                    }
                    line.wake.all();
                }
                Err(error) => {
                    let why = crate::transport::http::chain(&error);
                    let name = line.outbox.name();
                    let text = format!(
                        "its ticket is not renewed: {why}; run floorwalker auth sign-in {name}"
                    );
                    line.outbox.send(SourceEvent::Said(Shown::clean(&text))).await;
                    // Said once; then it is tried again with patience.
                    tokio::time::sleep(ONE_REFRESH * 3).await;
                }
            }
        }
    }
}

/// The name of a ticket that is made now, within the vendor's limit: a long name of a source is cut.
fn ticket_name(source: &str, now: DateTime<Utc>) -> String {
    let (before, behind) = ("floorwalker-", now.format("-%Y%m%dT%H%M%S%3f").to_string());
    let room = NAME_LIMIT.saturating_sub(before.len() + behind.len());
    let source: String = source.chars().take(room).collect();
    format!("{before}{source}{behind}")
}

/// What is left of a ticket's life, in words for people.
pub fn ends(sign_in: &SignIn, now: DateTime<Utc>) -> String {
    match sign_in.expires {
        None => "its end is not told".to_owned(),
        Some(expires) if expires <= now => format!("over since {}", expires.to_rfc3339()),
        Some(expires) => {
            let at = expires.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            format!("until {at}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_ticket_is_within_the_limit_and_tells_when_it_was_made() {
        let now = DateTime::from_timestamp_millis(1_764_486_000_123).unwrap();
        assert_eq!(ticket_name("hq", now), "floorwalker-hq-20251130T070000123");
        for length in [31, 33, 34, 35, 200] {
            let name = ticket_name(&"a".repeat(length), now);
            assert!(name.chars().count() <= NAME_LIMIT, "{name}");
            assert!(name.ends_with("-20251130T070000123"), "{name}");
        }
    }
}
