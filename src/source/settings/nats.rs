//! Which NATS server is spoken to, and as whom.

use std::path::PathBuf;

use crate::transport::http::{Url, is_loopback};
use crate::transport::secret::SecretSource;

/// A NATS server. Its address holds no secret: it may be printed.
#[derive(Debug, Clone)]
pub struct NatsServer {
    url: Url,
    /// The password of the address's user, or the token of a server without users; `None` where it asks for nothing.
    pub token: Option<SecretSource>,
    /// A private CA that is trusted as well.
    pub ca_file: Option<PathBuf>,
}

/// What a board takes that reads over NATS.
#[derive(Debug, Clone)]
pub struct NatsSettings {
    pub server: NatsServer,
    /// Whether the form with whole numbers of people is read; the server has to allow it.
    pub numbers: bool,
}

/// Why an address is none that is spoken to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NatsError {
    /// It has another form.
    #[error(
        "write nats://host:4222 or tls://host:4222, with a user's name before the host if there is one: {why}"
    )]
    Address { why: &'static str },
    /// Plain NATS would carry the secret, and the floor, across a network.
    #[error("{origin} is plain NATS: use tls://, or set {consent}")]
    Insecure {
        origin: String,
        /// The key that allows it.
        consent: &'static str,
    },
    /// This program was built without it.
    #[error("this build cannot speak to NATS: it needs the feature \"nats\"")]
    Absent,
}

impl NatsServer {
    /// The server of an address. Plain NATS goes to loopback alone, unless `insecure`, which is set by the key `consent`.
    ///
    /// # Errors
    /// Why not.
    pub fn new(
        written: &str,
        token: Option<SecretSource>,
        ca_file: Option<PathBuf>,
        (consent, insecure): (&'static str, bool),
    ) -> Result<Self, NatsError> {
        if !cfg!(feature = "nats") {
            return Err(NatsError::Absent);
        }
        let refuse = |why| NatsError::Address { why };
        // The parser's own words are dropped: the text around them may hold a password.
        let url = Url::parse(written).map_err(|_| refuse("this is no URL"))?;
        let plain = match url.scheme() {
            "nats" => true,
            "tls" => false,
            _ => return Err(refuse("it begins with neither nats:// nor tls://")),
        };
        if url.password().is_some() {
            return Err(refuse("a password does not stand in an address: set the token"));
        }
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
            return Err(refuse("it names no host"));
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("something follows the host"));
        }
        let server = Self { token, ca_file, url: url.clone() };
        if plain && !insecure && !is_loopback(host) {
            return Err(NatsError::Insecure { origin: server.origin(), consent });
        }
        Ok(server)
    }

    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// The user's name, if the address has one.
    pub fn user(&self) -> Option<&str> {
        Some(self.url.username()).filter(|user| !user.is_empty())
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        format!("{}://{host}:{}", self.url.scheme(), self.url.port().unwrap_or(4222))
    }

    /// Whether what is said stays on this machine.
    pub fn is_local(&self) -> bool {
        self.url.host_str().is_some_and(is_loopback)
    }
}

#[cfg(all(test, feature = "nats"))]
mod tests {
    use super::*;

    fn server(written: &str, insecure: bool) -> Result<NatsServer, NatsError> {
        NatsServer::new(written, None, None, ("insecure_http", insecure))
    }

    #[test]
    fn plain_nats_goes_to_loopback_only() {
        for good in ["nats://127.0.0.1:4222", "nats://localhost", "nats://[::1]", "tls://n.example"]
        {
            assert!(server(good, false).is_ok(), "{good}");
        }
        for bad in ["nats://nats.example:4222", "nats://10.0.0.1", "nats://0.0.0.0"] {
            assert!(matches!(server(bad, false), Err(NatsError::Insecure { .. })), "{bad}");
            assert!(server(bad, true).is_ok(), "{bad}");
        }
    }

    #[test]
    fn a_password_in_the_address_is_refused_without_being_repeated() {
        for bad in [
            "nats://wall:canary@localhost:4222",
            "nats://:canary@localhost",
            "http://canary",
            "canary",
            "nats://localhost/canary",
        ] {
            let error = server(bad, true).unwrap_err();
            assert!(matches!(error, NatsError::Address { .. }), "{bad}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{bad}");
        }
    }

    #[test]
    fn a_user_stands_in_the_address_and_its_password_is_the_token() {
        let own = server("nats://wall@127.0.0.1", false).unwrap();
        assert_eq!((own.user(), own.origin().as_str()), (Some("wall"), "nats://127.0.0.1:4222"));
    }
}
