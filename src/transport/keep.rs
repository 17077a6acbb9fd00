//! Sign-ins that are kept from run to run: in the system's keyring where this build has one that answers, else in one
//! file for all sources, for the user alone.
//!
//! Whatever signs in keeps it here: Telepo a named ticket, Nimbus a token with which the next one is fetched. The file
//! has mode 0600 in a directory of mode 0700, and is written anew and put in place whole.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::clock;
use crate::private;
use crate::transport::ring;
use crate::transport::secret::{SecretError, read_file};

/// The file's name in the state directory.
pub const FILE: &str = "sign_ins.json";

/// How long is waited for another process: it may be asking a server that does not answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often is looked whether the other process is done.
const GLANCE: Duration = Duration::from_millis(50);

/// Where sign-ins are kept. Nothing is read before it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    path: PathBuf,
    /// Whether the user's keyring comes first, where this build can read one.
    in_ring: bool,
}

/// What somebody signed in with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignIn {
    /// How: `ticket`, `entra`.
    pub kind: String,
    /// Of a ticket, what the server calls it: by that name it is deleted. Else who signed in, where that is told.
    pub name: String,
    /// What goes into requests.
    #[serde(serialize_with = "exposed")]
    pub token: SecretString,
    /// With what the next one is fetched, where that is not what the config file gives.
    #[serde(default, serialize_with = "exposed_if_any", skip_serializing_if = "Option::is_none")]
    pub refresh: Option<SecretString>,
    /// What it opens, in the server's words.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// When somebody signed in, where what is kept was renewed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// When the token was made.
    pub made: DateTime<Utc>,
    /// When the token ends; `None` where the server does not say.
    pub expires: Option<DateTime<Utc>>,
}

fn exposed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

#[expect(clippy::ref_option, reason = "serde hands a field over as it is")]
fn exposed_if_any<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
}

/// The right to change what is kept, which one process has at a time.
#[derive(Debug)]
pub struct Hold<'k> {
    keep: &'k Keep,
    /// Let go of when it is closed.
    _lock: File,
}

impl Hold<'_> {
    /// Keeps a sign-in in the place of the former one of that source.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub async fn put(&self, source: &str, sign_in: SignIn) -> Result<(), KeepError> {
        let mut all = self.keep.all().await?;
        if let Some(entry) = self.keep.entry(source)
            && let Ok(text) = serde_json::to_string(&sign_in)
            && ring::put(&entry, SecretString::from(text)).await.is_ok()
        {
            // It is in one place alone.
            return match all.remove(source) {
                Some(_) => self.keep.write(&all).await,
                None => Ok(()),
            };
        }
        all.insert(source.to_owned(), sign_in);
        self.keep.write(&all).await
    }

    /// Forgets the sign-in of a source.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub async fn forget(&self, source: &str) -> Result<(), KeepError> {
        if let Some(entry) = self.keep.entry(source) {
            // One that does not answer now gave nothing either.
            let _ = ring::forget(&entry).await;
        }
        let mut all = self.keep.all().await?;
        match all.remove(source) {
            Some(_) => self.keep.write(&all).await,
            None => Ok(()),
        }
    }
}

/// Why sign-ins cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The file cannot be read, or is open to others.
    #[error("the sign-ins cannot be read")]
    Read(#[source] SecretError),
    /// The file holds something else.
    #[error("{} holds no sign-ins: remove it, and sign in again", path.display())]
    Form { path: PathBuf },
    /// Another process has been changing it for too long.
    #[error("{} is held by another process", path.display())]
    Busy { path: PathBuf },
    /// The file cannot be written.
    #[error("{} cannot be written", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl SignIn {
    /// When somebody signed in.
    pub fn since(&self) -> DateTime<Utc> {
        self.since.unwrap_or(self.made)
    }

    /// Whether it is over.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// When the next one is fetched: a fifth of its life before its end.
    pub fn renewed_at(&self) -> Option<DateTime<Utc>> {
        let expires = self.expires?;
        Some(expires - (expires - self.made).max(chrono::TimeDelta::zero()) / 5)
    }
}

impl Keep {
    /// The file in a state directory.
    pub fn within(state: &Path) -> Self {
        Self { path: state.join(FILE), in_ring: false }
    }

    /// The user's keyring where it answers, else the file.
    #[must_use]
    pub fn with_ring(self) -> Self {
        Self { in_ring: ring::IS_BUILT, ..self }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is kept for a source.
    ///
    /// # Errors
    /// The file is open to others, or holds something else.
    pub async fn of(&self, source: &str) -> Result<Option<SignIn>, KeepError> {
        Ok(self.found(source).await?.map(|(own, _)| own))
    }

    /// Where what is kept for a source is, for people.
    ///
    /// # Errors
    /// As [`Keep::of`].
    pub async fn place(&self, source: &str) -> Result<Option<String>, KeepError> {
        Ok(self.found(source).await?.map(|(_, in_ring)| match in_ring {
            true => "the keyring".to_owned(),
            false => self.path.display().to_string(),
        }))
    }

    /// What is kept, and whether the keyring has it. Of two, as a keyring leaves them that was away for a time, the
    /// newer one counts.
    async fn found(&self, source: &str) -> Result<Option<(SignIn, bool)>, KeepError> {
        let in_file = self.all().await?.remove(source).map(|own| (own, false));
        let Some(entry) = self.entry(source) else { return Ok(in_file) };
        let text = ring::get(&entry).await.ok().flatten();
        let in_ring = text.and_then(|text| serde_json::from_str(text.expose_secret()).ok());
        let in_ring = in_ring.map(|own: SignIn| (own, true));
        Ok(in_ring.into_iter().chain(in_file).max_by_key(|(own, _)| own.made))
    }

    /// The name in the keyring, where there may be one.
    fn entry(&self, source: &str) -> Option<String> {
        self.in_ring.then(|| format!("sign-in {source}"))
    }

    /// Keeps a sign-in in the place of the former one of that source.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub async fn put(&self, source: &str, sign_in: SignIn) -> Result<(), KeepError> {
        self.hold().await?.put(source, sign_in).await
    }

    /// Forgets the sign-in of a source.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub async fn forget(&self, source: &str) -> Result<(), KeepError> {
        self.hold().await?.forget(source).await
    }

    /// Keeps all other processes from changing what is kept, for as long as this is held.
    ///
    /// # Errors
    /// Another process holds it for too long, or nothing can be written there.
    pub async fn hold(&self) -> Result<Hold<'_>, KeepError> {
        let refuse = |source| KeepError::Write { path: self.path.clone(), source };
        let lock = self.lock().await.map_err(refuse)?;
        let began = clock::moment();
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Hold { keep: self, _lock: lock }),
                Err(TryLockError::Error(error)) => return Err(refuse(error)),
                Err(TryLockError::WouldBlock) if clock::moment().since(began) >= PATIENCE => {
                    return Err(KeepError::Busy { path: self.path.clone() });
                }
                Err(TryLockError::WouldBlock) => tokio::time::sleep(GLANCE).await,
            }
        }
    }

    async fn all(&self) -> Result<BTreeMap<String, SignIn>, KeepError> {
        if !self.path.exists() {
            return Ok(BTreeMap::new());
        }
        let text = read_file(&self.path).await.map_err(KeepError::Read)?;
        serde_json::from_str(text.expose_secret())
            .map_err(|_| KeepError::Form { path: self.path.clone() })
    }

    /// Writes the file where a slow disk holds up nobody.
    async fn write(&self, all: &BTreeMap<String, SignIn>) -> Result<(), KeepError> {
        let refuse = |source| KeepError::Write { path: self.path.clone(), source };
        let text = zeroize::Zeroizing::new(
            serde_json::to_vec_pretty(all).map_err(|error| refuse(error.into()))?,
        );
        let path = self.path.clone();
        let writing = tokio::task::spawn_blocking(move || private::replace(&path, &text));
        writing.await.unwrap_or_else(|error| Err(error.into())).map_err(refuse)
    }

    /// Opens the file that one process at a time locks.
    async fn lock(&self) -> std::io::Result<File> {
        let path = self.path.with_extension("lock");
        let opening = tokio::task::spawn_blocking(move || {
            private::folder(path.parent().unwrap_or(Path::new(".")))?;
            private::open(&path, OpenOptions::new().create(true).truncate(false).write(true))
        });
        opening.await.unwrap_or_else(|error| Err(error.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn sign_in(token: &str) -> SignIn {
        let made = DateTime::from_timestamp(1_000_000, 0).unwrap();
        SignIn {
            kind: "ticket".to_owned(),
            name: "floorwalker".to_owned(),
            token: token.into(),
            refresh: None,
            scopes: vec!["ACD".to_owned()],
            since: None,
            made,
            expires: Some(made + chrono::TimeDelta::seconds(1_000)),
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_found_again_and_forgotten_for_that_source_alone() {
        let home = tempfile::tempdir().unwrap();
        let keep = Keep::within(&home.path().join("state"));
        assert!(keep.of("hq").await.unwrap().is_none(), "no file yet");
        keep.put("hq", sign_in("one")).await.unwrap();
        keep.put("oslo", sign_in("two")).await.unwrap();
        let token = |own: Option<SignIn>| own.map(|own| own.token.expose_secret().to_owned());
        assert_eq!(token(keep.of("hq").await.unwrap()).as_deref(), Some("one"));
        keep.forget("hq").await.unwrap();
        assert_eq!(token(keep.of("hq").await.unwrap()), None);
        assert_eq!(token(keep.of("oslo").await.unwrap()).as_deref(), Some("two"));
    }

    #[tokio::test]
    async fn the_file_is_for_the_user_alone_and_refused_when_it_is_not() {
        let home = tempfile::tempdir().unwrap();
        let keep = Keep::within(&home.path().join("state"));
        keep.put("hq", sign_in("one")).await.unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(keep.path()), 0o600);
        assert_eq!(mode(keep.path().parent().unwrap()), 0o700);
        std::fs::set_permissions(keep.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(keep.of("hq").await, Err(KeepError::Read(SecretError::Mode { .. }))));
        std::fs::set_permissions(keep.path(), std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(keep.path(), "[]").unwrap();
        assert!(matches!(keep.of("hq").await, Err(KeepError::Form { .. })));
    }

    #[test]
    fn a_debug_text_of_a_sign_in_has_no_token() {
        let text = format!("{:?}", sign_in("canary-ticket-77"));
        assert!(!text.contains("canary"), "{text}");
    }

    #[test]
    fn it_is_renewed_a_fifth_of_its_life_before_its_end() {
        let own = sign_in("one");
        let left = own.expires.unwrap() - own.renewed_at().unwrap();
        assert_eq!(left.num_seconds(), 200);
        assert!(own.is_over(own.expires.unwrap()) && !own.is_over(own.made));
        assert_eq!(SignIn { expires: None, ..own }.renewed_at(), None);
    }
}
