//! The one proxy of a source, with a user and a password where it wants them.

use std::fmt;

use reqwest::{ClientBuilder, Proxy, Url};

use super::{HttpError, address};
use crate::transport::secret::{Secret, SecretSource};

/// A proxy: its address without a login, and the login apart.
#[derive(Clone)]
pub struct ProxySettings {
    url: Url,
    login: Option<Login>,
}

/// Who signs in at the proxy.
#[derive(Clone)]
struct Login {
    user: String,
    password: Secret,
}

/// The origin and where the password is from: neither the user nor the password.
impl fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxySettings({}", self.origin())?;
        match &self.login {
            Some(login) => write!(f, ", password from {})", login.password.source()),
            None => f.write_str(")"),
        }
    }
}

impl ProxySettings {
    /// A proxy by its address, in which `user:password@` may stand.
    ///
    /// # Errors
    ///
    /// [`HttpError::Proxy`] for an address that is no proxy's.
    pub fn new(text: &str) -> Result<Self, HttpError> {
        let unusable = |why| HttpError::Proxy { why };
        // The parser's own words are dropped: the text around them may hold a password.
        let mut url = Url::parse(text).map_err(|_| unusable("it is no URL"))?;
        let user = decoded(url.username());
        let password = url.password().map(decoded);
        // Neither fails on an address with a host, and one without a host is refused below.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        address::check_url(&url, true).map_err(|error| match error {
            HttpError::Address { why } => HttpError::Proxy { why },
            other => other,
        })?;
        let proxy = Self { url, login: None };
        Ok(match (user.is_empty(), password) {
            (true, None) => proxy,
            (_, password) => {
                let password = SecretSource::Literal(password.unwrap_or_default().into());
                proxy.with_login(user, password)
            }
        })
    }

    /// The same proxy with a user and a password.
    #[must_use]
    pub fn with_login(self, user: String, password: SecretSource) -> Self {
        Self { login: Some(Login { user, password: Secret::new(password) }), ..self }
    }

    /// Its address without a login.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        address::origin(&self.url)
    }

    /// Who signs in there, and where the password is from.
    pub fn login(&self) -> Option<(&str, &SecretSource)> {
        self.login.as_ref().map(|login| (login.user.as_str(), login.password.source()))
    }

    /// Has a client use it. The password is read now; it is sent to the proxy alone.
    pub(super) async fn apply(&self, builder: ClientBuilder) -> Result<ClientBuilder, HttpError> {
        let unusable = |_| HttpError::Proxy { why: "it is no URL of a proxy" };
        let mut proxy = Proxy::all(self.url.as_str()).map_err(unusable)?;
        if let Some(Login { user, password }) = &self.login {
            let unreadable = |source| HttpError::Secret { origin: self.origin(), source };
            let ticket = password.current().await.map_err(unreadable)?;
            proxy = proxy.basic_auth(user, ticket.expose());
        }
        Ok(builder.proxy(proxy))
    }

    /// The proxy refused the password: it is read again before the next connection.
    pub(super) async fn refused(&self) {
        let Some(Login { password, .. }) = &self.login else { return };
        if let Ok(ticket) = password.current().await {
            // What cannot be read now says so when the next client is made.
            let _ = password.renew(&ticket).await;
        }
    }
}

/// A part of a URL without its percent-escapes.
fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let pair = behind.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| byte == b'%') {
            Some(escaped) => {
                bytes.push(escaped);
                rest = &behind[2..];
            }
            None => {
                bytes.push(byte);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_in_the_address_is_taken_apart_and_never_shown() {
        let proxy = ProxySettings::new("http://eva:p%40ss%2Fcanary@proxy.example:3128").unwrap();
        assert_eq!(proxy.url().as_str(), "http://proxy.example:3128/");
        let (user, password) = proxy.login().unwrap();
        assert_eq!(user, "eva");
        assert!(password.is_literal());
        assert!(!format!("{proxy:?}").contains("canary"), "{proxy:?}");
        assert!(ProxySettings::new("http://proxy.example").unwrap().login().is_none());
    }

    #[test]
    fn what_is_no_address_of_a_proxy_is_refused_without_being_repeated() {
        for bad in
            ["", "canary", "ftp://u:canary@proxy.example", "http://u:canary@", "socks:canary"]
        {
            let error = ProxySettings::new(bad).unwrap_err();
            assert!(matches!(error, HttpError::Proxy { .. }), "{bad}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{bad}");
        }
    }
}
