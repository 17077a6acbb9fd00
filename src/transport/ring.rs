//! The system's keyring, where this build can read one: the Secret Service of a desktop (freedesktop.org, Secret
//! Service API), over the user's own bus.
//!
//! The kernel's keyring is none: what lies there for a few days unread is gone, and a wall hangs longer. What is kept
//! has the attributes `service` (`floorwalker`) and `username`, by which `secret-tool` finds and writes it too.

use secrecy::SecretString;

/// Why the keyring gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum RingError {
    /// This build has none, or nothing answers.
    #[error("there is no keyring: {why}")]
    Absent { why: String },
    /// It was not unlocked.
    #[error("the keyring is locked, and nobody unlocked it")]
    Locked,
}

/// Whether this build can read a keyring at all.
pub const IS_BUILT: bool = cfg!(all(feature = "keyring", target_os = "linux"));

/// What the keyring holds under a name.
///
/// # Errors
/// There is no keyring, or it is locked.
pub async fn get(name: &str) -> Result<Option<SecretString>, RingError> {
    let name = name.to_owned();
    aside(move || service::get(&name)).await
}

/// Keeps a secret under a name, in the place of a former one.
///
/// # Errors
/// There is no keyring, or it is locked.
pub async fn put(name: &str, secret: SecretString) -> Result<(), RingError> {
    let name = name.to_owned();
    aside(move || service::put(&name, &secret)).await
}

/// Forgets what is kept under a name.
///
/// # Errors
/// There is no keyring, or it is locked.
pub async fn forget(name: &str) -> Result<(), RingError> {
    let name = name.to_owned();
    aside(move || service::forget(&name)).await
}

/// Asks where it holds up nobody: somebody may have to unlock it.
async fn aside<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, RingError> + Send + 'static,
) -> Result<T, RingError> {
    let asked = tokio::task::spawn_blocking(ask).await;
    asked.unwrap_or_else(|error| Err(RingError::Absent { why: error.to_string() }))
}

#[cfg(all(feature = "keyring", target_os = "linux"))]
mod service {
    use std::collections::HashMap;

    use dbus_secret_service::{EncryptionType, Error, Item, SecretService};
    use secrecy::{ExposeSecret, SecretString};
    use zeroize::Zeroizing;

    use super::RingError;

    /// Whose secrets they are.
    const SERVICE: &str = "floorwalker";

    /// How long somebody has to unlock it, seconds.
    const PROMPT: u64 = 20;

    fn failed(error: Error) -> RingError {
        match error {
            Error::Locked | Error::Prompt => RingError::Locked,
            error => RingError::Absent { why: error.to_string() },
        }
    }

    /// The bus is the user's own: whoever can listen there can ask the service itself.
    fn connect() -> Result<SecretService, RingError> {
        SecretService::connect_with_max_prompt_timeout(EncryptionType::Plain, PROMPT)
            .map_err(failed)
    }

    fn attributes(name: &str) -> HashMap<&str, &str> {
        HashMap::from([("service", SERVICE), ("username", name)])
    }

    fn find<'s>(service: &'s SecretService, name: &str) -> Result<Option<Item<'s>>, RingError> {
        let found = service.search_items(attributes(name)).map_err(failed)?;
        let item = found.unlocked.into_iter().chain(found.locked).next();
        if let Some(item) = &item {
            item.ensure_unlocked().or_else(|_| item.unlock()).map_err(failed)?;
        }
        Ok(item)
    }

    pub(super) fn get(name: &str) -> Result<Option<SecretString>, RingError> {
        let service = connect()?;
        let Some(item) = find(&service, name)? else { return Ok(None) };
        let bytes = Zeroizing::new(item.get_secret().map_err(failed)?);
        let text = std::str::from_utf8(&bytes);
        let text =
            text.map_err(|_| RingError::Absent { why: "what it holds is no text".into() })?;
        Ok(Some(SecretString::from(text.to_owned())))
    }

    pub(super) fn put(name: &str, secret: &SecretString) -> Result<(), RingError> {
        let service = connect()?;
        let collection = service.get_default_collection().map_err(failed)?;
        collection.ensure_unlocked().or_else(|_| collection.unlock()).map_err(failed)?;
        let (label, bytes) = (format!("floorwalker: {name}"), secret.expose_secret().as_bytes());
        collection
            .create_item(&label, attributes(name), bytes, true, "text/plain")
            .map(drop)
            .map_err(failed)
    }

    pub(super) fn forget(name: &str) -> Result<(), RingError> {
        let service = connect()?;
        match find(&service, name)? {
            Some(item) => item.delete().map_err(failed),
            None => Ok(()),
        }
    }
}

/// A build without it.
#[cfg(not(all(feature = "keyring", target_os = "linux")))]
mod service {
    use secrecy::SecretString;

    use super::RingError;

    fn absent<T>() -> Result<T, RingError> {
        Err(RingError::Absent { why: "this build cannot read one".to_owned() })
    }

    pub(super) fn get(_: &str) -> Result<Option<SecretString>, RingError> {
        absent()
    }

    pub(super) fn put(_: &str, _: &SecretString) -> Result<(), RingError> {
        absent()
    }

    pub(super) fn forget(_: &str) -> Result<(), RingError> {
        absent()
    }
}
