//! Who may tell us something: the token that a vendor sends with every event.

use crate::source::settings::WebhookSettings;
use crate::transport::secret::{Secret, SecretError, SecretSource};

/// The longest token that is compared; a longer one is never right.
pub const LONGEST: usize = 256;

/// The tokens that are good now: one, and while it is being changed the next one too.
#[derive(Debug, Clone)]
pub struct Tokens {
    token: Secret,
    next: Option<Secret>,
}

impl Tokens {
    /// The tokens of a source's webhooks. Nothing is read yet.
    pub fn new(settings: &WebhookSettings) -> Self {
        let next = settings.next_token.clone().map(Secret::new);
        Self { token: Secret::new(settings.token.clone()), next }
    }

    /// One token, which nothing follows.
    pub fn one(token: SecretSource) -> Self {
        Self { token: Secret::new(token), next: None }
    }

    /// Reads them, so that the door is not opened while nobody could enter.
    ///
    /// # Errors
    /// One of them cannot be read, or can be guessed.
    pub async fn read(&self) -> Result<(), SecretError> {
        for secret in [Some(&self.token), self.next.as_ref()].into_iter().flatten() {
            secret.current().await?.check_strength()?;
        }
        Ok(())
    }

    /// Reads them again from where they stand, but runs no program for it; one that cannot be read stays as it was.
    pub async fn reread(&self) {
        for secret in [Some(&self.token), self.next.as_ref()].into_iter().flatten() {
            if !secret.source().is_command() {
                // What was good until now stays good: a file is empty while somebody writes it.
                let _ = secret.reread().await;
            }
        }
    }

    /// Whether `given` is one of them. It takes as long whether it is nearly right or absent, and always compares
    /// with both.
    pub async fn admit(&self, given: Option<&[u8]>) -> bool {
        let (Ok(token), next) = (self.token.current().await, self.next.as_ref()) else {
            return false;
        };
        let next = match next {
            Some(secret) => secret.current().await.unwrap_or_else(|_| token.clone()),
            None => token.clone(),
        };
        let given = given.unwrap_or_default();
        bool::from(token.is::<LONGEST>(given) | next.is::<LONGEST>(given))
    }
}
