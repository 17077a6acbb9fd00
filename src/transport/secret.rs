//! Where a secret comes from, and the secret itself: read late, held sealed, read again when refused.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use subtle::{Choice, ConstantTimeEq};
use tokio::sync::Mutex;

use crate::clock;
use crate::floor::time::Moment;
use crate::text::Shown;
use crate::transport::keep::{Keep, KeepError};
use crate::transport::ring::{self, RingError};

pub(crate) use hide::{hidden, remember};
use read::read_command;
pub(crate) use read::read_file;

mod hide;
mod read;

/// Where a secret stands. In configuration: a string, or a table with exactly one of the four keys.
#[derive(Clone)]
pub enum SecretSource {
    Literal(Literal),
    /// The name of an environment variable.
    Env(String),
    /// A file that only the user can read.
    File(PathBuf),
    /// A program and its arguments; what it prints is the secret. Run again only when a server says 401.
    Command(Vec<String>),
    /// An entry of the system's keyring, where this build can read one.
    Keyring(String),
    /// Somebody who signed in: each reading is a new token, good for a while.
    Session(Arc<dyn Session>),
    /// What was signed in with, where that is kept and not over; else what the configuration gives.
    Kept {
        /// Where it is kept.
        keep: Keep,
        name: String,
        /// What the configuration gives.
        given: Box<Self>,
    },
}

impl SecretSource {
    /// The secret, where it stands in the configuration or in the environment of this process.
    pub fn at_hand(&self) -> Option<SecretString> {
        match self {
            Self::Literal(text) => Some((*text.0).clone()),
            Self::Env(name) => std::env::var(name).ok().map(SecretString::from),
            Self::File(_)
            | Self::Command(_)
            | Self::Keyring(_)
            | Self::Session(_)
            | Self::Kept { .. } => None,
        }
    }
}

/// A secret that stands in the configuration: hidden from the start in what is said, not from its first use.
#[derive(Clone)]
pub struct Literal(Arc<SecretString>);

impl From<SecretString> for Literal {
    fn from(text: SecretString) -> Self {
        let text = Arc::new(text);
        remember(&text);
        Self(text)
    }
}

impl From<String> for Literal {
    fn from(text: String) -> Self {
        SecretString::from(text).into()
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        SecretString::from(text).into()
    }
}

/// A token with the end of its time, where it has one; or why there is none.
pub type Renewed = Result<(SecretString, Option<Moment>), SecretError>;

/// A sign-in that can be renewed.
pub trait Session: fmt::Debug + Send + Sync {
    /// The token of now; another than `refused`, where that can be had.
    fn token<'a>(&'a self, refused: Option<&'a Ticket>) -> BoxFuture<'a, Renewed>;
}

impl SecretSource {
    /// Whether the secret stands in the configuration itself.
    pub const fn is_literal(&self) -> bool {
        matches!(self, Self::Literal(_))
    }

    /// Whether reading again may give something new although nothing here changed.
    pub const fn is_command(&self) -> bool {
        matches!(self, Self::Command(_))
    }

    /// Reads it; `refused` is the reading that a server did not take, where there is one.
    async fn read(&self, refused: Option<&Ticket>) -> Renewed {
        let mut until = None;
        let text = match self {
            Self::Literal(text) => (*text.0).clone(),
            Self::Env(name) => read_env(name)?,
            Self::File(path) => read_file(path).await?,
            Self::Command(words) => read_command(words).await?,
            Self::Keyring(name) if !ring::IS_BUILT => {
                return Err(SecretError::Keyring { name: name.clone() });
            }
            Self::Keyring(name) => match ring::get(name).await {
                Ok(Some(text)) => text,
                Ok(None) => return Err(SecretError::NotInRing { name: name.clone() }),
                Err(source) => return Err(SecretError::Ring { name: name.clone(), source }),
            },
            Self::Session(session) => {
                let (text, end) = session.token(refused).await?;
                until = end;
                text
            }
            Self::Kept { keep, name, given } => match keep.of(name).await {
                Ok(Some(own)) if !own.is_over(clock::wall()) => own.token,
                Ok(_) => return Box::pin(given.read(refused)).await,
                Err(error) => return Err(SecretError::Kept { source: Box::new(error) }),
            },
        };
        if text.expose_secret().is_empty() {
            return Err(SecretError::Empty { place: self.to_string() });
        }
        Ok((text, until))
    }
}

/// The place, never the secret.
impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(_) => f.write_str("the configuration"),
            Self::Env(name) => write!(f, "the environment variable {name}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Command(words) => {
                write!(f, "the command {}", words.first().map_or("", String::as_str))
            }
            Self::Keyring(name) => write!(f, "the keyring entry {name}"),
            Self::Session(_) => f.write_str("the sign-in"),
            Self::Kept { given, .. } => write!(f, "what was signed in with, else {given}"),
        }
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretSource({self})")
    }
}

impl<'de> Deserialize<'de> for SecretSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SourceVisitor)
    }
}

struct SourceVisitor;

const KEYS: &[&str] = &["env", "file", "command", "keyring"];

impl<'de> Visitor<'de> for SourceVisitor {
    type Value = SecretSource;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or a table with one of env, file, command, keyring")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<SecretSource, E> {
        Ok(SecretSource::Literal(text.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretSource, A::Error> {
        let one = || de::Error::custom("a secret takes exactly one of env, file, command, keyring");
        let key: String = map.next_key()?.ok_or_else(one)?;
        let source = match key.as_str() {
            "env" => SecretSource::Env(map.next_value()?),
            "file" => SecretSource::File(map.next_value()?),
            "command" => {
                let words: Vec<String> = map.next_value()?;
                if words.first().is_none_or(String::is_empty) {
                    return Err(de::Error::custom("command needs a program and its arguments"));
                }
                SecretSource::Command(words)
            }
            "keyring" => SecretSource::Keyring(map.next_value()?),
            other => return Err(de::Error::unknown_field(other, KEYS)),
        };
        match map.next_key::<String>()? {
            None => Ok(source),
            Some(_) => Err(one()),
        }
    }
}

/// Why there is no secret. It names the place and what to do, never a part of the secret.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are what the sentences name")]
pub enum SecretError {
    /// Built without the keyring.
    #[error("this build cannot read the system keyring (entry {name}): use env, file or command")]
    Keyring { name: String },
    /// The keyring has none.
    #[error(
        "the keyring has no entry {name}: secret-tool store --label {name} service floorwalker username {name}"
    )]
    NotInRing { name: String },
    /// The keyring cannot be read.
    #[error("the keyring entry {name} cannot be read")]
    Ring {
        name: String,
        #[source]
        source: RingError,
    },
    /// What was signed in with cannot be read.
    #[error("what was signed in with cannot be used: sign in again")]
    Kept {
        #[source]
        source: Box<KeepError>,
    },
    /// The variable is missing.
    #[error("the environment variable {name} is not set")]
    Unset { name: String },
    /// The secret is no UTF-8 text.
    #[error("{place} does not hold text in UTF-8")]
    NotText { place: String },
    /// The secret is the empty string.
    #[error("{place} holds no secret: it is empty")]
    Empty { place: String },
    /// More than 64 KiB.
    #[error("{place} holds more than 64 KiB, which is no secret")]
    TooLong { place: String },
    /// The secret lets others in, and can be guessed.
    #[error(
        "the token can be guessed: use at least {LEAST} characters, as openssl rand -hex 32 prints them"
    )]
    Weak,
    /// The file cannot be opened or read.
    #[error("the secret file {path} cannot be read")]
    Open {
        path: String,
        #[source]
        source: std::io::Error,
    },
    /// The path is a symbolic link.
    #[error("the secret file {path} is a symbolic link: name the file itself")]
    Link { path: String },
    /// The path is a directory, a device or a pipe.
    #[error("the secret file {path} is no regular file")]
    Irregular { path: String },
    /// The file belongs to somebody else.
    #[error(
        "the secret file {path} belongs to another user: run chown on it, or use a copy of your own"
    )]
    Owner { path: String },
    /// The file's mode lets others in.
    #[error("the secret file {path} is open to others (mode {mode:04o}): run chmod 600 on it")]
    Mode { path: String, mode: u32 },
    /// The program cannot be started.
    #[error("the secret command {program} cannot be run")]
    Run {
        program: String,
        #[source]
        source: std::io::Error,
    },
    #[error("the secret command {program} failed ({status})")]
    Exit { program: String, status: std::process::ExitStatus },
    /// The program did not end.
    #[error("the secret command {program} did not end within {} s", limit.as_secs())]
    Slow { program: String, limit: Duration },
    /// Nobody is signed in, or not any more.
    #[error("{state}: run floorwalker auth sign-in {name}")]
    SignedOut { state: &'static str, name: Shown },
    /// Somebody is signed in, and there is no new token all the same.
    #[error("the sign-in cannot be renewed: {why}")]
    Unrenewed { why: Shown },
    /// There is no home directory in which a sign-in could be kept.
    #[error("there is no home directory in which a sign-in could be kept")]
    Homeless,
    /// A header cannot carry it.
    #[error("the secret has a line break or another character that no header can carry")]
    Unusable,
}

impl SecretError {
    /// Whether it is about somebody's sign-in: then its sentence says everything.
    pub const fn is_of_sign_in(&self) -> bool {
        matches!(self, Self::SignedOut { .. } | Self::Unrenewed { .. } | Self::Homeless)
    }

    /// Whether only a person helps, who signs in.
    pub const fn wants_sign_in(&self) -> bool {
        matches!(self, Self::SignedOut { .. })
    }
}

/// One reading of a secret.
#[derive(Clone)]
pub struct Ticket {
    text: Arc<SecretString>,
    reads: u64,
    /// Until when it is good; read anew after that.
    until: Option<Moment>,
}

impl Ticket {
    /// The bare text, for those who make headers.
    pub(crate) fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// Whether `given` is the secret. It takes as long for every `given` of at most `N` bytes; longer ones, and
    /// secrets that are longer, are never the same.
    pub fn is<const N: usize>(&self, given: &[u8]) -> Choice {
        let own = padded::<N>(self.expose().as_bytes());
        let other = padded::<N>(given);
        own.1.ct_eq(&other.1) & own.0.ct_eq(&other.0) & Choice::from(u8::from(own.1 <= N as u64))
    }

    /// Refuses a token that can be guessed: too short, or a few characters again and again.
    ///
    /// # Errors
    /// [`SecretError::Weak`].
    pub fn check_strength(&self) -> Result<(), SecretError> {
        match is_strong(self.expose()) {
            true => Ok(()),
            false => Err(SecretError::Weak),
        }
    }

    /// Whether it is the same secret, whenever it was read.
    pub fn is_same(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }

    /// A reading, which is hidden in what is said from now on.
    fn new(text: SecretString, reads: u64, until: Option<Moment>) -> Self {
        let text = Arc::new(text);
        remember(&text);
        Self { text, reads, until }
    }
}

/// The fewest characters of a token that lets others in.
const LEAST: usize = 16;

/// The fewest different characters in it.
const DIFFERENT: usize = 6;

/// Whether a token is long and varied enough to let others in.
pub fn is_strong(token: &str) -> bool {
    let different: BTreeSet<char> = token.chars().collect();
    token.chars().count() >= LEAST && different.len() >= DIFFERENT
}

/// The first `N` bytes of `bytes`, filled up with zeros, and how many there are.
fn padded<const N: usize>(bytes: &[u8]) -> ([u8; N], u64) {
    let mut block = [0; N];
    for (place, byte) in block.iter_mut().zip(bytes) {
        *place = *byte;
    }
    (block, bytes.len() as u64)
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket([hidden])")
    }
}

/// A secret that is read when first needed and then held; clones share it.
#[derive(Clone)]
pub struct Secret(Arc<Inner>);

struct Inner {
    source: SecretSource,
    held: Mutex<Option<Ticket>>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.0.source)
    }
}

impl From<SecretSource> for Secret {
    fn from(source: SecretSource) -> Self {
        Self::new(source)
    }
}

impl Secret {
    /// The secret of `source`. Nothing is read yet.
    pub fn new(source: SecretSource) -> Self {
        Self(Arc::new(Inner { source, held: Mutex::new(None) }))
    }

    /// Where it comes from.
    pub fn source(&self) -> &SecretSource {
        &self.0.source
    }

    /// The secret as last read; the first call reads it.
    ///
    /// # Errors
    ///
    /// Why it cannot be read; the next call tries again.
    pub async fn current(&self) -> Result<Ticket, SecretError> {
        let mut held = self.0.held.lock().await;
        let is_good = |ticket: &&Ticket| ticket.until.is_none_or(|end| clock::moment() < end);
        if let Some(ticket) = held.as_ref().filter(is_good) {
            return Ok(ticket.clone());
        }
        let reads = held.as_ref().map_or(1, |ticket| ticket.reads + 1);
        let (text, until) = self.0.source.read(None).await?;
        let ticket = Ticket::new(text, reads, until);
        *held = Some(ticket.clone());
        Ok(ticket)
    }

    /// Reads it again. Says whether it changed.
    ///
    /// # Errors
    ///
    /// Why it cannot be read; the held secret stays.
    pub async fn reread(&self) -> Result<bool, SecretError> {
        let mut held = self.0.held.lock().await;
        self.refresh(&mut held, None).await
    }

    /// Reads it again, unless somebody did since `refused` was handed out. Says whether it differs from it.
    ///
    /// Many streams may meet the same 401 at once; the command behind the secret runs once for all of them.
    ///
    /// # Errors
    ///
    /// Why it cannot be read; the held secret stays.
    pub async fn renew(&self, refused: &Ticket) -> Result<bool, SecretError> {
        let mut held = self.0.held.lock().await;
        if held.as_ref().is_none_or(|ticket| ticket.reads == refused.reads) {
            self.refresh(&mut held, Some(refused)).await?;
        }
        Ok(held.as_ref().is_some_and(|ticket| ticket.expose() != refused.expose()))
    }

    /// Puts a new secret in the place of the held one, as a sign-in does. Lasts until the next re-read.
    pub async fn replace(&self, text: SecretString) {
        let mut held = self.0.held.lock().await;
        let reads = held.as_ref().map_or(1, |ticket| ticket.reads + 1);
        *held = Some(Ticket::new(text, reads, None));
    }

    async fn refresh(
        &self,
        held: &mut Option<Ticket>,
        refused: Option<&Ticket>,
    ) -> Result<bool, SecretError> {
        let (text, until) = self.0.source.read(refused).await?;
        let changed = held.as_ref().is_none_or(|ticket| ticket.expose() != text.expose_secret());
        let reads = held.as_ref().map_or(1, |ticket| ticket.reads + 1);
        *held = Some(Ticket::new(text, reads, until));
        Ok(changed)
    }
}

fn read_env(name: &str) -> Result<SecretString, SecretError> {
    match std::env::var(name) {
        Ok(text) => Ok(SecretString::from(read::trim(text))),
        Err(std::env::VarError::NotPresent) => Err(SecretError::Unset { name: name.to_owned() }),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(SecretError::NotText { place: format!("the environment variable {name}") })
        }
    }
}
