//! Who may read from a relay, who may act through it, and who sees numbers of people.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::operations::Permission;
use crate::text::Shown;
use crate::transport::secret::{Secret, SecretError, SecretSource, Ticket};

/// The longest token that is compared; a longer one is never right.
const LONGEST: usize = 256;

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Reading: snapshots, events, tables, metrics.
    Read,
    /// Log-in, log-out, activities, callbacks, entries and tasks.
    Act,
    /// Control of calls, supervision and calling back.
    Calls,
    /// Changes of address books.
    Contacts,
    /// Seeing numbers of people unmasked.
    Numbers,
}

impl Scope {
    pub const ALL: [Self; 5] = [Self::Read, Self::Act, Self::Calls, Self::Contacts, Self::Numbers];

    /// The scopes that allow changes.
    pub const ACTING: [Self; 3] = [Self::Act, Self::Calls, Self::Contacts];

    /// The word in the config file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Act => "act",
            Self::Calls => "calls",
            Self::Contacts => "contacts",
            Self::Numbers => "numbers",
        }
    }

    /// What it allows, for people.
    pub const fn help(self) -> &'static str {
        match self {
            Self::Read => {
                "snapshots, events, tables and metrics, with the numbers of people masked"
            }
            Self::Act => {
                "logs agents in and out, sets activities, and changes callbacks, entries and tasks"
            }
            Self::Calls => "controls and supervises calls, and calls people back",
            Self::Contacts => "changes address books",
            Self::Numbers => "shows the numbers of people whole",
        }
    }

    /// The scope of that name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

impl From<Permission> for Scope {
    fn from(needed: Permission) -> Self {
        match needed {
            Permission::Act => Self::Act,
            Permission::Calls => Self::Calls,
            Permission::Contacts => Self::Contacts,
        }
    }
}

/// A token of the config file.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// Whose it is: the name in the audit log.
    pub name: String,
    pub token: SecretSource,
    pub scopes: Vec<Scope>,
}

/// A token that cannot be read, or can be guessed.
#[derive(Debug, thiserror::Error)]
#[error("the token of {name:?} cannot be used")]
pub struct TokenError {
    /// Whose, or what for.
    pub name: String,
    #[source]
    pub source: SecretError,
}

/// All tokens, read.
#[derive(Debug, Default)]
pub struct Tokens(Vec<Arc<Token>>);

#[derive(Debug)]
struct Token {
    name: Shown,
    ticket: Ticket,
    scopes: Vec<Scope>,
}

impl Token {
    fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.scopes == other.scopes && self.ticket.is_same(&other.ticket)
    }
}

/// Somebody whose token is known.
#[derive(Debug, Clone)]
pub struct Caller(Arc<Token>);

impl Caller {
    pub fn name(&self) -> &Shown {
        &self.0.name
    }

    /// Whether the token allows `scope`.
    ///
    /// # Errors
    /// The scope that it lacks.
    pub fn needs(&self, scope: Scope) -> Result<(), Refusal> {
        self.0.scopes.contains(&scope).then_some(()).ok_or(Refusal::Scope(scope))
    }

    /// Whether numbers of people are shown to them.
    pub fn numbers(&self) -> bool {
        self.0.scopes.contains(&Scope::Numbers)
    }
}

/// Why somebody is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No token, or an unknown one (401).
    Unknown,
    /// A token without the scope (403).
    Scope(Scope),
    /// All places of boards are taken (503).
    Full,
}

impl Tokens {
    /// Reads every token.
    ///
    /// # Errors
    /// The first that cannot be read, or can be guessed.
    pub async fn read(settings: &[TokenSettings]) -> Result<Self, TokenError> {
        let mut tokens = Vec::new();
        for TokenSettings { name, token, scopes } in settings {
            let refuse = |source| TokenError { name: name.clone(), source };
            let ticket = Secret::new(token.clone()).current().await.map_err(refuse)?;
            ticket.check_strength().map_err(refuse)?;
            let name = Shown::clean(name);
            tokens.push(Arc::new(Token { name, ticket, scopes: scopes.clone() }));
        }
        Ok(Self(tokens))
    }

    /// Who asks, if that is allowed to them. Only the headers are looked at.
    ///
    /// # Errors
    /// Why not.
    pub fn admit(&self, headers: &HeaderMap, scope: Scope) -> Result<Caller, Refusal> {
        let caller = self.identify(headers)?;
        caller.needs(scope)?;
        Ok(caller)
    }

    /// Who asks, whatever the token allows. Only the headers are looked at.
    ///
    /// # Errors
    /// [`Refusal::Unknown`].
    pub fn identify(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        // A missing token is compared like a wrong one: how long it takes tells nobody what was wrong.
        let token = self.known(bearer(headers).unwrap_or_default()).ok_or(Refusal::Unknown)?;
        Ok(Caller(Arc::clone(token)))
    }

    /// Whether somebody who was admitted still would be, to the same.
    pub fn knows(&self, caller: &Caller) -> bool {
        self.0.iter().any(|own| Arc::ptr_eq(own, &caller.0) || own.is_same(&caller.0))
    }

    /// The token that is `given`. All are compared, each in the same time, whichever fits.
    fn known(&self, given: &[u8]) -> Option<&Arc<Token>> {
        let mut found = None;
        for token in &self.0 {
            if bool::from(token.ticket.is::<LONGEST>(given)) {
                found = Some(token);
            }
        }
        found
    }
}

/// The one bearer token of a request (RFC 6750 §2.1); two headers are none.
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = value.as_bytes().split_at_checked(b"Bearer ".len())?;
    (scheme.eq_ignore_ascii_case(b"Bearer ") && !token.is_empty()).then_some(token)
}
