//! Where Nimbus posts its events, as its two ends know it: the one that registers it and the one that takes in what
//! comes.
//!
//! Nimbus sends no signature and no secret. What lets it in is a long random word at the end of the address, made here,
//! which nobody but Nimbus and this file ever sees. With it are kept the triggers that are registered, so that those
//! of a process that was killed are deleted by the next: left alone they would go on posting.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::floor::id::SourceName;
use crate::floor::time::Moment;
use crate::private;
use crate::transport::secret::{SecretSource, remember};

/// Random bytes of the secret.
const RANDOM: usize = 32;

/// The largest file that is one of ours.
const LARGEST: u64 = 64 * 1024;

/// Why there is no mailbox.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// The file cannot be read, made or written.
    #[error("the triggers of Nimbus cannot be kept in {}", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{} does not hold triggers of Nimbus: remove it", path.display())]
    Foreign {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    /// The system has no random numbers.
    #[error("no secret can be made for Nimbus: the system gives no random numbers")]
    Random,
}

/// A mailbox. Clones are the same.
#[derive(Clone)]
pub struct Mailbox(Arc<Inner>);

struct Inner {
    path: PathBuf,
    /// The address without the secret.
    address: String,
    secret: Arc<SecretString>,
    triggers: Mutex<Vec<String>>,
    /// What the vendor calls its events, by their values in lower case.
    names: Mutex<BTreeMap<String, String>>,
    /// When the last event came.
    latest: watch::Sender<Option<Moment>>,
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mailbox({})", self.0.address)
    }
}

/// What stands in the file.
#[derive(Deserialize)]
struct Kept {
    secret: SecretString,
    /// Paths by which triggers are deleted.
    triggers: Vec<String>,
}

#[derive(Serialize)]
struct Keeping<'k> {
    secret: &'k str,
    triggers: &'k [String],
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Mailbox {
    /// The mailbox of `source`, whose file is in `folder`; made if it is not there. `address` is where events are posted
    /// to, without the secret.
    ///
    /// # Errors
    /// [`MailboxError`].
    pub fn open(source: &SourceName, address: &str, folder: &Path) -> Result<Self, MailboxError> {
        let path = folder.join(format!("triggers-{}.json", source.raw()));
        let fail = |source| MailboxError::File { path: path.clone(), source };
        let kept = match private::read(&path, LARGEST) {
            Ok(bytes) => {
                let foreign = |source| MailboxError::Foreign { path: path.clone(), source };
                Some(serde_json::from_slice::<Kept>(&bytes).map_err(foreign)?)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(fail(error)),
        };
        let fresh = kept.is_none();
        let Kept { secret, triggers } = match kept {
            Some(kept) => kept,
            None => Kept { secret: random()?, triggers: Vec::new() },
        };
        let secret = Arc::new(secret);
        remember(&secret);
        let mailbox = Self(Arc::new(Inner {
            path: path.clone(),
            address: address.trim_end_matches('/').to_owned(),
            secret,
            triggers: Mutex::new(triggers),
            names: Mutex::default(),
            latest: watch::Sender::new(None),
        }));
        if fresh {
            mailbox.write(&[]).map_err(fail)?;
        }
        Ok(mailbox)
    }

    /// What has to stand at the end of the address.
    pub fn secret(&self) -> SecretSource {
        SecretSource::Literal((*self.0.secret).clone().into())
    }

    pub(crate) fn address(&self) -> SecretString {
        SecretString::from(format!("{}/{}", self.0.address, self.0.secret.expose_secret()))
    }

    /// The paths by which the triggers are deleted that are there, or may be.
    pub fn triggers(&self) -> Vec<String> {
        lock(&self.0.triggers).clone()
    }

    /// Keeps a trigger that was registered. Blocks.
    ///
    /// # Errors
    /// The file cannot be written; the trigger is known until the process ends.
    pub(super) fn keep(&self, path: String) -> std::io::Result<()> {
        let mut triggers = lock(&self.0.triggers);
        triggers.push(path);
        self.write(&triggers)
    }

    /// Forgets a trigger that was deleted. Blocks.
    ///
    /// # Errors
    /// The file cannot be written: the trigger is deleted once more later, which does no harm.
    pub(super) fn forget(&self, path: &str) -> std::io::Result<()> {
        let mut triggers = lock(&self.0.triggers);
        triggers.retain(|own| own != path);
        self.write(&triggers)
    }

    /// Replaces the file at once: for the user alone, whole or not at all.
    fn write(&self, triggers: &[String]) -> std::io::Result<()> {
        let keeping = Keeping { secret: self.0.secret.expose_secret(), triggers };
        private::replace(&self.0.path, &serde_json::to_vec(&keeping)?)
    }

    /// What the vendor calls the event of that value.
    pub fn name(&self, value: &str) -> Option<String> {
        lock(&self.0.names).get(&value.to_lowercase()).cloned()
    }

    /// Takes over what the vendor calls its events: pairs of name and value.
    pub fn call<'n>(&self, events: impl IntoIterator<Item = (&'n str, &'n str)>) {
        let own = events.into_iter().map(|(name, value)| (value.to_lowercase(), name.to_owned()));
        lock(&self.0.names).extend(own);
    }

    pub fn came(&self, at: Moment) {
        self.0.latest.send_replace(Some(at));
    }

    /// When the last event came, and who wants to know of the next.
    pub(super) fn arrivals(&self) -> watch::Receiver<Option<Moment>> {
        self.0.latest.subscribe()
    }
}

/// A word that nobody guesses, of characters that need no escape in an address.
fn random() -> Result<SecretString, MailboxError> {
    let mut bytes = [0_u8; RANDOM];
    let provider = rustls::crypto::ring::default_provider();
    provider.secure_random.fill(&mut bytes).map_err(|_| MailboxError::Random)?;
    let word = bytes.iter().fold(String::with_capacity(2 * RANDOM), |mut word, byte| {
        word.extend(
            [byte >> 4, byte & 0xf]
                .map(|digit| char::from_digit(digit.into(), 16))
                .into_iter()
                .flatten(),
        );
        word
    });
    Ok(SecretString::from(word))
}
