//! Signing in at Microsoft Entra ID by a code that is typed on another device (RFC 8628), and staying signed in.
//!
//! The protocol is the `oauth2` crate's; the requests are our client's, with its limits: no redirect, no proxy that
//! nobody configured, answers of a bounded size. The audience is nowhere assumed: it comes from the configured scope.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ::http::header::CONTENT_TYPE;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
    BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AsyncHttpClient, AuthType, ClientId, DeviceAuthorizationUrl, DeviceCodeErrorResponseType,
    EndpointNotSet, EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, RefreshToken,
    RequestTokenError, Scope, StandardDeviceAuthorizationResponse, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::text::Shown;
use crate::transport::http::{self, Client, HttpError, Method, Options, Reach, Transport};
use crate::transport::keep::SignIn;

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

type Flow = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

type Answer = StandardTokenResponse<Person, BasicTokenType>;

/// Who signed in, as the tenant says beside the tokens.
#[derive(Clone, Serialize, Deserialize)]
struct Person {
    id_token: Option<String>,
}

impl ExtraTokenFields for Person {}

/// Nothing of it: it is signed for us alone.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person([hidden])")
    }
}

impl Person {
    /// The account's name, for people to read. The token came straight from the tenant, so that its signature says
    /// nothing more (`OpenID` Connect Core §3.1.3.7); nothing is decided by it.
    fn account(&self) -> Option<Shown> {
        let claims = self.id_token.as_ref()?.split('.').nth(1)?;
        let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
        let claims: serde_json::Value = serde_json::from_slice(&claims).ok()?;
        let named = |claim: &str| claims.get(claim)?.as_str().filter(|name| !name.is_empty());
        named("preferred_username").or_else(|| named("name")).map(Shown::clean)
    }
}

/// One application of one tenant.
#[derive(Clone)]
pub struct Entra {
    flow: Flow,
    scopes: Vec<Scope>,
    wire: Wire,
}

/// The requests of the protocol, sent by our own client.
#[derive(Clone)]
struct Wire {
    client: Client,
    /// Whether the last request had an answer.
    answered: Arc<AtomicBool>,
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
    /// What is typed.
    pub code: Shown,
    /// Where.
    pub address: Shown,
    /// For how long it is good.
    pub good_for: Duration,
    details: StandardDeviceAuthorizationResponse,
}

/// What a sign-in gives.
#[derive(Clone)]
pub struct Tokens {
    /// What requests carry.
    pub access: SecretString,
    /// What renews it; `None` where the tenant gives none.
    pub refresh: Option<SecretString>,
    /// For how long requests may carry it, where the tenant says so.
    pub life: Option<Duration>,
    /// Who signed in, where the tenant says so.
    pub account: Option<Shown>,
    /// What it opens.
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
        write!(f, "Entra({:?})", self.scopes)
    }
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum EntraError {
    /// A setting of which no address can be made.
    #[error("{key} makes no address")]
    Address {
        /// The setting.
        key: &'static str,
    },
    /// The person said no.
    #[error("the sign-in was denied")]
    Denied,
    /// The code was not typed in time.
    #[error("the code is no longer good: ask for a new one")]
    Expired,
    /// The tenant refuses.
    #[error("the tenant refuses: {why}")]
    Refused {
        /// Its words.
        why: Shown,
    },
    /// The sign-in is over: a new one is needed.
    #[error("the sign-in has ended: sign in again")]
    Ended,
    /// No usable answer.
    #[error("the tenant cannot be asked: {why}")]
    Silent {
        /// Why.
        why: Shown,
    },
    /// No client can be made.
    #[error("no request can be made")]
    Client(#[from] HttpError),
}

impl Entra {
    /// An application that has not been asked anything.
    ///
    /// # Errors
    /// [`EntraError::Address`] and [`EntraError::Client`] for settings of which no request can be made.
    pub fn new(settings: &EntraSettings, transport: &Transport) -> Result<Self, EntraError> {
        let tenant = http::segment(&settings.tenant)?;
        let base = format!("{}/{tenant}", settings.authority.trim_end_matches('/'));
        let device = DeviceAuthorizationUrl::new(format!("{base}/oauth2/v2.0/devicecode"))
            .map_err(|_| EntraError::Address { key: "authority" })?;
        let token = TokenUrl::new(format!("{base}/oauth2/v2.0/token"))
            .map_err(|_| EntraError::Address { key: "authority" })?;
        let flow = oauth2::Client::new(ClientId::new(settings.client_id.clone()))
            .set_device_authorization_url(device)
            .set_token_uri(token)
            .set_auth_type(AuthType::RequestBody);
        let mut scopes: Vec<&str> = settings.scope.split_whitespace().collect();
        for own in ALWAYS {
            if !scopes.contains(&own) {
                scopes.push(own);
            }
        }
        let scopes = scopes.into_iter().map(|scope| Scope::new(scope.to_owned())).collect();
        // A token is worth more than what the source may send in the clear.
        let transport = Transport { insecure_http: false, ..transport.clone() };
        let client = Client::new(Options { transport, ..Options::default() })?;
        Ok(Self { flow, scopes, wire: Wire { client, answered: Arc::default() } })
    }

    /// Asks for a code.
    ///
    /// # Errors
    /// The tenant refuses, or cannot be asked.
    pub async fn begin(&self) -> Result<Code, EntraError> {
        let asked = self.flow.exchange_device_code().add_scopes(self.scopes.clone());
        let details: StandardDeviceAuthorizationResponse =
            asked.request_async(&self.wire).await.map_err(|error| match error {
                RequestTokenError::ServerResponse(error) => refused(error.error_description()),
                other => silent(other),
            })?;
        Ok(Code {
            code: Shown::clean(details.user_code().secret()),
            address: Shown::clean(details.verification_uri()),
            good_for: details.expires_in(),
            details,
        })
    }

    /// Waits until the code was typed; asks as often as the tenant allows, and `sleep`s between.
    ///
    /// # Errors
    /// [`EntraError::Denied`], [`EntraError::Expired`], or the tenant refuses or cannot be asked.
    pub async fn finish<S, F>(&self, code: &Code, sleep: S) -> Result<Tokens, EntraError>
    where
        S: Fn(Pause) -> F,
        F: Future<Output = ()>,
    {
        let asked = self.flow.exchange_device_access_token(&code.details);
        let sleep =
            |span| sleep(Pause { span, answered: self.wire.answered.load(Ordering::Relaxed) });
        let answer = asked.set_time_fn(clock::wall).request_async(&self.wire, sleep, None).await;
        match answer {
            Ok(answer) => Ok(tokens(&answer)),
            Err(RequestTokenError::ServerResponse(error)) => Err(match error.error() {
                DeviceCodeErrorResponseType::AccessDenied => EntraError::Denied,
                // Entra's own word for a person who says no (Microsoft identity platform, device code flow).
                DeviceCodeErrorResponseType::Basic(own)
                    if own.as_ref() == "authorization_declined" =>
                {
                    EntraError::Denied
                }
                DeviceCodeErrorResponseType::ExpiredToken => EntraError::Expired,
                _ => refused(error.error_description()),
            }),
            Err(other) => Err(silent(other)),
        }
    }

    /// Gets a new token for an old sign-in.
    ///
    /// # Errors
    /// [`EntraError::Ended`] where the sign-in is over; else the tenant cannot be asked.
    pub async fn renew(&self, refresh: &SecretString) -> Result<Tokens, EntraError> {
        let own = RefreshToken::new(refresh.expose_secret().to_owned());
        let asked = self.flow.exchange_refresh_token(&own).add_scopes(self.scopes.clone());
        match asked.request_async(&self.wire).await {
            Ok(answer) => Ok(tokens(&answer)),
            Err(RequestTokenError::ServerResponse(error)) if is_over(error.error()) => {
                Err(EntraError::Ended)
            }
            Err(RequestTokenError::ServerResponse(error)) => {
                Err(refused(error.error_description()))
            }
            Err(other) => Err(silent(other)),
        }
    }
}

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        async move {
            let (head, body) = request.into_parts();
            // A sign-in changes nothing on the floor.
            let asked = self.client.request(Reach::Read, Method::POST, &head.uri.to_string())?;
            let asked = asked.body(FORM, body).accept("application/json");
            let reply = self.client.answer(asked).await;
            self.answered.store(reply.is_ok(), Ordering::Relaxed);
            let reply = reply?;
            let mut answer = HttpResponse::new(reply.body().to_vec());
            *answer.status_mut() = reply.status();
            if let Some(media) = reply.header("content-type").and_then(|own| own.parse().ok()) {
                answer.headers_mut().insert(CONTENT_TYPE, media);
            }
            Ok(answer)
        }
        .boxed()
    }
}

fn tokens(answer: &Answer) -> Tokens {
    let secret = |text: &str| SecretString::from(text.to_owned());
    let scopes = answer.scopes().into_iter().flatten();
    Tokens {
        access: secret(answer.access_token().secret()),
        refresh: answer.refresh_token().map(|own| secret(own.secret())),
        life: answer.expires_in(),
        account: answer.extra_fields().account(),
        scopes: scopes.map(|scope| scope.as_str().to_owned()).collect(),
    }
}

/// Whether only a person helps: the grant is used up or revoked, or somebody has to say yes to something (RFC 6749
/// §5.2; Microsoft identity platform, error codes of the token endpoint).
fn is_over(error: &BasicErrorResponseType) -> bool {
    matches!(
        error.as_ref(),
        "invalid_grant" | "interaction_required" | "login_required" | "consent_required"
    )
}

fn refused(description: Option<&String>) -> EntraError {
    // The first line says what is wrong; the others are numbers for the tenant's support.
    let why = description.and_then(|text| text.lines().next()).unwrap_or("no reason is given");
    EntraError::Refused { why: Shown::clean(why) }
}

fn silent(error: impl std::error::Error + 'static) -> EntraError {
    EntraError::Silent { why: Shown::clean(&http::chain(&error)) }
}
