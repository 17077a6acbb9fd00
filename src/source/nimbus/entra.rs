//! Signing in at Microsoft Entra ID by a code that is typed on another device (RFC 8628), and staying signed in.
//!
//! The requests are our client's, with its limits: no redirect, no proxy that nobody configured, answers of a bounded
//! size. The audience is nowhere assumed: it comes from the configured scope.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};

use crate::clock;
use crate::floor::time::Moment;
use crate::text::Shown;
use crate::transport::http::{
    Client, HttpError, Method, Options, Reach, Reply, Transport, chain, encoded, segment,
};
use crate::transport::keep::SignIn;
use crate::transport::retry::Rules;
use crate::transport::secret::{hidden, remember};

use self::wire::{DeviceAnswer, Refusal, TokenAnswer};

mod wire;

/// Where people sign in, unless configured otherwise.
pub const AUTHORITY: &str = "https://login.microsoftonline.com";

/// Scopes that are always asked for: to renew (`offline_access`), and to say who it is (`OpenID` Connect Core §5.4).
const ALWAYS: [&str; 3] = ["openid", "profile", "offline_access"];

/// The kind of such sign-ins.
pub const KIND: &str = "entra";

/// The media type of its requests (RFC 6749 appendix B).
const FORM: &str = "application/x-www-form-urlencoded";

/// What `[source.entra]` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntraSettings {
    /// The authority, without the tenant.
    pub authority: String,
    /// The tenant: its id, its domain, or `organizations`.
    pub tenant: String,
    /// The application that floorwalker is there.
    pub client_id: String,
    /// What is asked for, words with a space between them.
    pub scope: String,
}

/// The grant of a code that was typed elsewhere (RFC 8628 §3.4).
const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The time between two questions where the tenant names none (RFC 8628 §3.2).
const INTERVAL: Duration = Duration::from_secs(5);

/// How much longer it is from then on, each time the tenant says `slow_down` (RFC 8628 §3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// The longest time between two questions while the tenant cannot be asked.
const LONGEST: Duration = Duration::from_secs(60);

/// One application of one tenant.
#[derive(Clone)]
pub struct Entra {
    device: String,
    token: String,
    client_id: String,
    scope: String,
    client: Client,
}

/// A wait for somebody who types a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// After what time the tenant is asked again: it may ask for longer waits.
    pub span: Duration,
    /// Whether it answered the last time.
    pub answered: bool,
}

/// A code to be typed elsewhere.
#[derive(Debug)]
pub struct Code {
    pub code: Shown,
    pub address: Shown,
    /// For how long it is good.
    pub good_for: Duration,
    /// Hidden in what the tenant says, for as long as the code is held.
    secret: Arc<SecretString>,
    interval: Duration,
    issued: Moment,
}

/// What a sign-in gives.
#[derive(Clone)]
pub struct Tokens {
    pub access: SecretString,
    /// What renews it; `None` where the tenant gives none.
    pub refresh: Option<SecretString>,
    /// For how long requests may carry it, where the tenant says so.
    pub life: Option<Duration>,
    /// Who signed in, where the tenant says so.
    pub account: Option<Shown>,
    pub scopes: Vec<String>,
}

/// Its time alone: the rest is secret.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens(renewable: {}, {:?})", self.refresh.is_some(), self.life)
    }
}

impl Tokens {
    /// The sign-in that is kept of tokens which came at `now`; what they leave open is as `former` had it.
    pub fn sign_in(self, former: Option<&SignIn>, now: DateTime<Utc>) -> SignIn {
        let account = self.account.map(|account| account.to_string());
        let life = self.life.and_then(|life| TimeDelta::from_std(life).ok());
        SignIn {
            kind: KIND.to_owned(),
            name: account.or_else(|| Some(former?.name.clone())).unwrap_or_default(),
            token: self.access,
            refresh: self.refresh.or_else(|| former?.refresh.clone()),
            scopes: self.scopes,
            since: former.map_or(now, SignIn::since).into(),
            made: now,
            expires: life.map(|life| now + life),
        }
    }
}

impl fmt::Debug for Entra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entra({})", self.scope)
    }
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum EntraError {
    /// The person said no.
    #[error("the sign-in was denied")]
    Denied,
    /// The code was not typed in time.
    #[error("the code is no longer good: ask for a new one")]
    Expired,
    #[error("the tenant refuses: {why}")]
    Refused { why: Shown },
    /// The sign-in is over: a new one is needed.
    #[error("the sign-in has ended: sign in again")]
    Ended,
    #[error("the tenant cannot be asked: {why}")]
    Silent { why: Shown },
    /// No client can be made.
    #[error("no request can be made")]
    Client(#[from] HttpError),
}

/// What an answer to the question for tokens comes to.
enum Verdict {
    Granted(Box<TokenAnswer>),
    /// Nobody typed the code yet.
    Pending,
    /// The tenant wants to be asked less often.
    SlowDown,
    /// A fault that passes, and how long the tenant wants to be left alone.
    Passing(Option<Duration>),
    Failed(EntraError),
}

impl Entra {
    /// An application that has not been asked anything.
    ///
    /// # Errors
    /// [`EntraError::Client`] for settings of which no request can be made.
    pub fn new(settings: &EntraSettings, transport: &Transport) -> Result<Self, EntraError> {
        let tenant = segment(&settings.tenant)?;
        let base = format!("{}/{tenant}", settings.authority.trim_end_matches('/'));
        let mut scopes: Vec<&str> = settings.scope.split_whitespace().collect();
        for own in ALWAYS {
            if !scopes.contains(&own) {
                scopes.push(own);
            }
        }
        // A token is worth more than what the source may send in the clear.
        let transport = Transport { insecure_http: false, ..transport.clone() };
        Ok(Self {
            device: format!("{base}/oauth2/v2.0/devicecode"),
            token: format!("{base}/oauth2/v2.0/token"),
            client_id: settings.client_id.clone(),
            scope: scopes.join(" "),
            client: Client::new(Options { transport, ..Options::default() })?,
        })
    }

    /// Asks for a code.
    ///
    /// # Errors
    /// The tenant refuses, or cannot be asked.
    pub async fn begin(&self) -> Result<Code, EntraError> {
        let reply = self
            .ask(&self.device, &[("scope", &self.scope)])
            .await
            .map_err(|error| silent(&error))?;
        if !reply.status().is_success() {
            return Err(match reply.json::<Refusal>() {
                Ok(refusal) => refused(&refusal),
                Err(_) => answered(reply.status()),
            });
        }
        let details: DeviceAnswer = reply.json().map_err(|error| silent(&error))?;
        let good_for = details.life();
        let secret = Arc::new(details.device_code);
        remember(&secret);
        Ok(Code {
            code: Shown::clean(&details.user_code),
            address: Shown::clean(&details.verification_uri),
            good_for,
            interval: details.interval.filter(|own| !own.is_zero()).unwrap_or(INTERVAL),
            secret,
            issued: clock::moment(),
        })
    }

    /// Waits until the code was typed; asks as often as the tenant allows, and `sleep`s between. Faults that pass
    /// are waited for until the code is no longer good.
    ///
    /// # Errors
    /// [`EntraError::Denied`], [`EntraError::Expired`], or the tenant refuses or cannot be asked.
    pub async fn finish<S, F>(&self, code: &Code, sleep: S) -> Result<Tokens, EntraError>
    where
        S: Fn(Pause) -> F,
        F: Future<Output = ()>,
    {
        let (mut interval, mut faults) = (code.interval, 0_u32);
        let mut slept = Duration::ZERO;
        loop {
            let form = [("grant_type", DEVICE_CODE), ("device_code", code.secret.expose_secret())];
            let (span, answered) = match judge(self.ask(&self.token, &form).await) {
                Verdict::Granted(answer) => return Ok(tokens(*answer)),
                Verdict::Failed(error) => return Err(error),
                Verdict::Pending => (interval, true),
                Verdict::SlowDown => {
                    interval += SLOWER;
                    (interval, true)
                }
                Verdict::Passing(after) => {
                    faults = faults.saturating_add(1);
                    // RFC 8628 §3.5: twice the interval after each one in a row.
                    let factor = 1_u32.checked_shl(faults).unwrap_or(u32::MAX);
                    let grown = interval.saturating_mul(factor).min(LONGEST.max(interval));
                    (grown.max(after.unwrap_or_default().min(Rules::STANDARD.obey)), false)
                }
            };
            if answered {
                faults = 0;
            }
            let spent = slept.max(clock::moment().since(code.issued));
            let left = code.good_for.saturating_sub(spent);
            if left.is_zero() {
                return Err(EntraError::Expired);
            }
            let span = span.min(left);
            slept += span;
            sleep(Pause { span, answered }).await;
        }
    }

    /// Gets a new token for an old sign-in.
    ///
    /// # Errors
    /// [`EntraError::Ended`] where the sign-in is over; else the tenant cannot be asked.
    pub async fn renew(&self, refresh: &SecretString) -> Result<Tokens, EntraError> {
        // The tenant may echo it in its refusal.
        let refresh = Arc::new(refresh.clone());
        remember(&refresh);
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.expose_secret()),
            ("scope", &self.scope),
        ];
        let reply = self.ask(&self.token, &form).await.map_err(|error| silent(&error))?;
        if reply.status().is_success() {
            return bearer(&reply).map(tokens);
        }
        Err(match reply.json::<Refusal>() {
            Ok(refusal) if is_passing(reply.status(), &refusal) => refused(&refusal),
            Ok(refusal) if refusal.is_over() => EntraError::Ended,
            Ok(refusal) => refused(&refusal),
            Err(_) => self::answered(reply.status()),
        })
    }

    /// One question: a form, with who asks.
    async fn ask(&self, url: &str, form: &[(&str, &str)]) -> Result<Reply, HttpError> {
        let own = [("client_id", self.client_id.as_str())];
        let pairs = own.iter().chain(form);
        let pairs = pairs.map(|(name, value)| format!("{name}={}", encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        // A sign-in changes nothing on the floor.
        let asked = self.client.request(Reach::Read, Method::POST, url)?;
        self.client.answer(asked.body(FORM, body).accept("application/json")).await
    }
}

/// What an answer to the question for tokens comes to (RFC 6749 §5, RFC 8628 §3.5).
fn judge(answer: Result<Reply, HttpError>) -> Verdict {
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) if passes(&error) => return Verdict::Passing(error.retry_after()),
        Err(error) => return Verdict::Failed(silent(&error)),
    };
    let (status, after) = (reply.status(), reply.retry_after());
    if status.is_success() {
        return match bearer(&reply) {
            Ok(answer) => Verdict::Granted(Box::new(answer)),
            Err(error @ EntraError::Refused { .. }) => Verdict::Failed(error),
            // A page of whatever stands in between, or half an answer.
            Err(_) => Verdict::Passing(after),
        };
    }
    let Ok(refusal) = reply.json::<Refusal>() else {
        return match is_passing_status(status) {
            true => Verdict::Passing(after),
            false => Verdict::Failed(answered(status)),
        };
    };
    match refusal.error.as_str() {
        "authorization_pending" => Verdict::Pending,
        "slow_down" => Verdict::SlowDown,
        // The second is Entra's own word for a person who says no (Microsoft identity platform, device code flow).
        "access_denied" | "authorization_declined" => Verdict::Failed(EntraError::Denied),
        "expired_token" | "code_expired" => Verdict::Failed(EntraError::Expired),
        _ if is_passing(status, &refusal) => Verdict::Passing(after),
        _ => Verdict::Failed(refused(&refusal)),
    }
}

/// Whether a question that had no answer may have one later.
const fn passes(error: &HttpError) -> bool {
    matches!(
        error,
        HttpError::Dns { .. }
            | HttpError::Connect { .. }
            | HttpError::Timeout { .. }
            | HttpError::Broken { .. }
            | HttpError::Unreadable { .. }
            | HttpError::Quota { .. }
    )
}

fn is_passing_status(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

fn is_passing(status: StatusCode, refusal: &Refusal) -> bool {
    is_passing_status(status) || refusal.is_passing()
}

/// The tokens of an answer, which requests carry as bearers.
fn bearer(reply: &Reply) -> Result<TokenAnswer, EntraError> {
    let answer: TokenAnswer = reply.json().map_err(|error| silent(&error))?;
    match answer.token_type.as_deref() {
        // RFC 6749 §7.1: a type that is not understood is not used. Some servers name none.
        Some(other) if !other.eq_ignore_ascii_case("bearer") => {
            let other = hidden(other);
            let why =
                Shown::clean(&format!("it gives a token of type {other}, not a bearer token"));
            Err(EntraError::Refused { why })
        }
        _ => Ok(answer),
    }
}

fn tokens(answer: TokenAnswer) -> Tokens {
    let account = answer.id_token.as_ref().and_then(|own| account(own.expose_secret()));
    let scopes = answer.scope.unwrap_or_default();
    Tokens {
        access: answer.access_token,
        refresh: answer.refresh_token,
        life: answer.expires_in,
        account,
        scopes: scopes.split_whitespace().map(ToOwned::to_owned).collect(),
    }
}

/// The account's name, for people to read. The token came straight from the tenant, so that its signature says
/// nothing more (`OpenID` Connect Core §3.1.3.7); nothing is decided by it.
fn account(id_token: &str) -> Option<Shown> {
    let claims = id_token.split('.').nth(1)?;
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&claims).ok()?;
    let named = |claim: &str| claims.get(claim)?.as_str().filter(|name| !name.is_empty());
    named("preferred_username").or_else(|| named("name")).map(Shown::clean)
}

fn refused(refusal: &Refusal) -> EntraError {
    // The first line says what is wrong; the others are numbers for the tenant's support.
    let told = refusal.error_description.as_deref().and_then(|text| text.lines().next());
    EntraError::Refused { why: Shown::clean(&hidden(told.unwrap_or("no reason is given"))) }
}

/// An answer that is no document of the protocol.
fn answered(status: StatusCode) -> EntraError {
    EntraError::Silent { why: Shown::clean(&format!("it answered {}", status.as_u16())) }
}

fn silent(error: &HttpError) -> EntraError {
    EntraError::Silent { why: Shown::clean(&hidden(&chain(error))) }
}
