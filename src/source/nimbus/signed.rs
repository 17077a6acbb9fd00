//! Somebody who signed in to a source, for as long as that can be renewed: by this process or by another one.
//!
//! What is kept is the truth. A token is renewed by one process at a time, a fifth of its life before its end or when
//! it is refused; the others take what that one kept, so that nobody uses up what another just got.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};

use crate::clock;
use crate::floor::time::Moment;
use crate::source::nimbus::entra::{Code, Entra, EntraError, EntraSettings, Pause};
use crate::source::settings::NimbusSettings;
use crate::text::Shown;
use crate::transport::http::{Transport, chain};
use crate::transport::keep::{Keep, KeepError, SignIn};
use crate::transport::poll::{AGAIN, LOOK};
use crate::transport::secret::{Renewed, SecretError, SecretSource, Session, Ticket};

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

    /// Where people sign in.
    pub const fn settings(&self) -> &EntraSettings {
        &self.settings
    }

    /// What is kept now.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn signed_in(&self) -> Result<Option<SignIn>, SecretError> {
        let keep = self.keep.as_ref().ok_or(SecretError::Homeless)?;
        keep.of(&self.source).await.map_err(kept_badly)
    }

    /// Asks the tenant for a code, which somebody has to type elsewhere.
    ///
    /// # Errors
    /// The tenant refuses, or cannot be asked.
    pub async fn begin(&self) -> Result<Code, SignInError> {
        // Whoever cannot keep a sign-in need not begin one.
        drop(self.keep.as_ref().ok_or(SecretError::Homeless)?.hold().await.map_err(kept_badly)?);
        Ok(Entra::new(&self.settings, &self.transport)?.begin().await?)
    }

    /// Waits until the code was typed, and keeps what comes of it. Each wait is told to `told`.
    ///
    /// # Errors
    /// Why nobody is signed in; what was kept before stays.
    pub async fn finish(
        &self,
        code: &Code,
        told: impl Fn(Pause) + Send + Sync,
    ) -> Result<SignIn, SignInError> {
        let keep = self.keep.as_ref().ok_or(SecretError::Homeless)?;
        let entra = Entra::new(&self.settings, &self.transport)?;
        let wait = |pause: Pause| {
            told(pause);
            tokio::time::sleep(pause.span)
        };
        let sign_in = entra.finish(code, wait).await?.sign_in(None, clock::wall());
        keep.put(&self.source, sign_in.clone()).await.map_err(kept_badly)?;
        Ok(sign_in)
    }

    /// Forgets the sign-in. `None` where there was none. The tenant has no way to be told (Microsoft identity
    /// platform: a token of this kind ends by itself, or by an administrator's hand).
    ///
    /// # Errors
    /// It cannot be forgotten.
    pub async fn sign_out(&self) -> Result<Option<SignIn>, SecretError> {
        let keep = self.keep.as_ref().ok_or(SecretError::Homeless)?;
        // Whoever is renewing it is waited for: what was forgotten must not come back.
        let hold = keep.hold().await.map_err(kept_badly)?;
        let own = keep.of(&self.source).await.map_err(kept_badly)?;
        hold.forget(&self.source).await.map_err(kept_badly)?;
        Ok(own)
    }

    fn out(&self, state: &'static str) -> SecretError {
        SecretError::SignedOut { state, name: Shown::clean(&self.source) }
    }

    /// The token that is kept, unless it is due or was refused; `None` where another is to be had.
    fn fresh(kept: &SignIn, refused: Option<&Ticket>, now: DateTime<Utc>) -> Option<Reading> {
        let age = (now - kept.made).max(TimeDelta::zero()).to_std().unwrap_or_default();
        // A refused one that is young was the one renewal; a further one would only be refused again.
        let is_due = kept.renewed_at().is_some_and(|at| at <= now)
            || is_refused(kept, refused) && age >= AGAIN;
        (!is_due).then(|| reading(kept, now))
    }

    async fn kept(&self, keep: &Keep) -> Result<SignIn, SecretError> {
        let kept = keep.of(&self.source).await.map_err(kept_badly)?;
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

fn kept_badly(error: KeepError) -> SecretError {
    SecretError::Kept { source: Box::new(error) }
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The tenant, or the person.
    #[error(transparent)]
    Entra(#[from] EntraError),
    /// It cannot be kept.
    #[error(transparent)]
    Kept(#[from] SecretError),
}

type Reading = (SecretString, Option<Moment>);

fn is_refused(kept: &SignIn, refused: Option<&Ticket>) -> bool {
    refused.is_some_and(|own| own.expose() == kept.token.expose_secret())
}

/// The token that is kept, until it is due, or until what is kept is looked at again: somebody may have signed in
/// elsewhere, or out.
fn reading(kept: &SignIn, now: DateTime<Utc>) -> Reading {
    let left = kept.renewed_at().map(|at| (at - now).to_std().unwrap_or_default());
    let left = left.filter(|left| !left.is_zero()).unwrap_or(LOOK).min(LOOK);
    (kept.token.clone(), Some(clock::moment().after(left)))
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({})", self.source)
    }
}

impl Session for Signed {
    fn token<'a>(&'a self, refused: Option<&'a Ticket>) -> BoxFuture<'a, Renewed> {
        async move {
            let keep = self.keep.as_ref().ok_or(SecretError::Homeless)?;
            if let Some(fresh) = Self::fresh(&self.kept(keep).await?, refused, clock::wall()) {
                return Ok(fresh);
            }
            let hold = keep.hold().await.map_err(kept_badly)?;
            // Whoever held it before may have renewed it, or signed out.
            let kept = self.kept(keep).await?;
            if let Some(fresh) = Self::fresh(&kept, refused, clock::wall()) {
                return Ok(fresh);
            }
            match self.renewed(&kept).await {
                Ok(next) => {
                    let reading = reading(&next, next.made);
                    hold.put(&self.source, next).await.map_err(kept_badly)?;
                    Ok(reading)
                }
                // There is time left in which it may still come right.
                Err(_) if !kept.is_over(clock::wall()) && !is_refused(&kept, refused) => {
                    Ok(reading(&kept, clock::wall()))
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
        if let Some(own) = &self.entra {
            let signed = Signed::new(&own.settings, transport, Some(keep), name);
            self.token = SecretSource::Session(Arc::clone(&signed) as Arc<dyn Session>);
            self.entra = Some(signed);
        }
    }
}
