//! Sign-ins that are kept from run to run: one file for all sources, for the user alone.
//!
//! Whatever signs in keeps it here: Telepo a named ticket, others a token with which the next one is fetched. A
//! keyring would serve as well; without one it is a file of mode 0600 in a directory of mode 0700, written anew and
//! put in place whole.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::source::secret::{SecretError, read_file};

/// The file's name in the state directory.
pub const FILE: &str = "sign_ins.json";

/// Where sign-ins are kept. Nothing is read before it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep(PathBuf);

/// What somebody signed in with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignIn {
    /// How: `ticket`.
    pub kind: String,
    /// What the server calls it: by that name it is deleted.
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
    /// When it was made.
    pub made: DateTime<Utc>,
    /// When it ends; `None` where the server does not say.
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

/// Why sign-ins cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The file cannot be read, or is open to others.
    #[error("the sign-ins cannot be read")]
    Read(#[source] SecretError),
    /// The file holds something else.
    #[error("{} holds no sign-ins: remove it, and sign in again", path.display())]
    Form {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error("{} cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl SignIn {
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
        Self(state.join(FILE))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What is kept for a source.
    ///
    /// # Errors
    /// The file is open to others, or holds something else.
    pub async fn of(&self, source: &str) -> Result<Option<SignIn>, KeepError> {
        Ok(self.all().await?.remove(source))
    }

    /// Keeps a sign-in in the place of the former one of that source.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub async fn put(&self, source: &str, sign_in: SignIn) -> Result<(), KeepError> {
        let mut all = self.all().await?;
        all.insert(source.to_owned(), sign_in);
        self.write(&all)
    }

    /// Forgets the sign-in of a source.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub async fn forget(&self, source: &str) -> Result<(), KeepError> {
        let mut all = self.all().await?;
        match all.remove(source) {
            Some(_) => self.write(&all),
            None => Ok(()),
        }
    }

    async fn all(&self) -> Result<BTreeMap<String, SignIn>, KeepError> {
        if !self.0.exists() {
            return Ok(BTreeMap::new());
        }
        let text = read_file(&self.0).await.map_err(KeepError::Read)?;
        serde_json::from_str(text.expose_secret())
            .map_err(|_| KeepError::Form { path: self.0.clone() })
    }

    fn write(&self, all: &BTreeMap<String, SignIn>) -> Result<(), KeepError> {
        let refuse = |source| KeepError::Write { path: self.0.clone(), source };
        let directory = self.0.parent().unwrap_or(Path::new("."));
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(directory).map_err(refuse)?;
        let text = zeroize::Zeroizing::new(
            serde_json::to_vec_pretty(all).map_err(|error| refuse(error.into()))?,
        );
        // Made for the user alone, and put in place whole.
        let mut file = tempfile::NamedTempFile::new_in(directory).map_err(refuse)?;
        file.write_all(&text).map_err(refuse)?;
        file.as_file().sync_all().map_err(refuse)?;
        file.persist(&self.0).map_err(|error| refuse(error.error))?;
        Ok(())
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
