//! Somebody who signed in to a source, for as long as that can be renewed: by this process or by another one.
//!
//! What is kept is the truth. A token is renewed by one process at a time, a fifth of its life before its end or when
//! it is refused; the others take what that one kept, so that nobody uses up what another just got.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};

use crate::clock;
use crate::floor::time::Moment;
use crate::source::http::{Transport, chain};
use crate::source::keep::{Keep, KeepError, SignIn};
use crate::source::nimbus::entra::{Entra, EntraError, EntraSettings};
use crate::source::poll::AGAIN;
use crate::source::secret::{Renewed, SecretError, SecretSource, Session, Ticket};
use crate::source::settings::NimbusSettings;
use crate::text::Shown;

/// After what time a tenant that did not answer is asked again, while the token of now is still good.
const RETRY: Duration = Duration::from_mins(1);

/// A sign-in to one source.
pub struct Signed {
    settings: EntraSettings,
    transport: Transport,
    /// `None` where there is no home directory.
    keep: Option<Keep>,
    source: String,
    /// What the tenant renews no more: it is not asked again.
    ended: Mutex<Option<SecretString>>,
}

impl Signed {
    /// The sign-in of `source`, as it is kept. Nothing is read yet.
    pub fn new(
        settings: &EntraSettings,
        transport: &Transport,
        keep: Option<&Keep>,
        source: &str,
    ) -> Arc<Self> {
        Arc::new(Self {
            settings: settings.clone(),
            transport: transport.clone(),
            keep: keep.cloned(),
            source: source.to_owned(),
            ended: Mutex::default(),
        })
    }

    fn out(&self, state: &'static str) -> SecretError {
        SecretError::SignedOut { state, name: Shown::clean(&self.source) }
    }

    /// The token that is kept, unless it is due or worn out; `None` where another is to be had.
    fn fresh(kept: &SignIn, worn: Option<&Ticket>, now: DateTime<Utc>) -> Option<Reading> {
        let is_worn = worn.is_some_and(|worn| worn.expose() == kept.token.expose_secret());
        let age = (now - kept.made).max(TimeDelta::zero()).to_std().unwrap_or_default();
        let until = kept.renewed_at();
        // A refused one that is young was the one renewal; a further one would only be refused again.
        let is_due = until.is_some_and(|at| at <= now) || is_worn && age >= AGAIN;
        (!is_due).then(|| (kept.token.clone(), until.map(|at| moment(at, now))))
    }

    async fn kept(&self, keep: &Keep) -> Result<SignIn, SecretError> {
        let unreadable = |error: KeepError| SecretError::Kept { source: Box::new(error) };
        let kept = keep.of(&self.source).await.map_err(unreadable)?;
        kept.ok_or_else(|| self.out("nobody is signed in"))
    }

    async fn renewed(&self, kept: &SignIn) -> Result<SignIn, EntraError> {
        let refresh = kept.refresh.as_ref().ok_or(EntraError::Ended)?;
        let is_over = |ended: &SecretString| ended.expose_secret() == refresh.expose_secret();
        if self.ended.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(is_over) {
            return Err(EntraError::Ended);
        }
        let entra = Entra::new(&self.settings, &self.transport)?;
        let renewed = entra.renew(refresh).await;
        if let Err(EntraError::Ended) = &renewed {
            *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(refresh.clone());
        }
        Ok(renewed?.sign_in(Some(kept), clock::wall()))
    }
}

type Reading = (SecretString, Option<Moment>);

/// A time of the calendar on the clock that only runs forward.
fn moment(at: DateTime<Utc>, now: DateTime<Utc>) -> Moment {
    clock::moment().after((at - now).to_std().unwrap_or_default())
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({})", self.source)
    }
}

impl Session for Signed {
    fn token<'a>(&'a self, worn: Option<&'a Ticket>) -> BoxFuture<'a, Renewed> {
        async move {
            let keep = self.keep.as_ref().ok_or(SecretError::Homeless)?;
            if let Some(fresh) = Self::fresh(&self.kept(keep).await?, worn, clock::wall()) {
                return Ok(fresh);
            }
            let unkept = |error: KeepError| SecretError::Kept { source: Box::new(error) };
            let hold = keep.hold().await.map_err(unkept)?;
            // Whoever held it before may have renewed it, or signed out.
            let kept = self.kept(keep).await?;
            if let Some(fresh) = Self::fresh(&kept, worn, clock::wall()) {
                return Ok(fresh);
            }
            match self.renewed(&kept).await {
                Ok(next) => {
                    let reading =
                        (next.token.clone(), next.renewed_at().map(|at| moment(at, next.made)));
                    hold.put(&self.source, next).await.map_err(unkept)?;
                    Ok(reading)
                }
                // There is time left in which it may still come right.
                Err(_) if !kept.is_over(clock::wall()) => {
                    Ok((kept.token, Some(clock::moment().after(RETRY))))
                }
                Err(EntraError::Ended) => Err(self.out("the sign-in has ended")),
                Err(error) => Err(SecretError::Unrenewed { why: Shown::clean(&chain(&error)) }),
            }
        }
        .boxed()
    }
}

impl NimbusSettings {
    /// Has the source use what was signed in with, where that is how it gets its token.
    pub fn keep(&mut self, transport: &Transport, keep: &Keep, name: &str) {
        if let Some(entra) = &self.entra {
            self.token = SecretSource::Session(Signed::new(entra, transport, Some(keep), name));
        }
    }
}
