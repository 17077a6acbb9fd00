//! How a request says who it is from.

use http::{HeaderName, HeaderValue};
use reqwest::RequestBuilder;

use crate::transport::secret::{Secret, SecretError, Ticket};

/// Where the secret stands in a template.
const PLACE: &str = "{ticket}";

/// A header that identifies us, made anew for each request from a secret.
#[derive(Debug, Clone, Default)]
pub struct Auth(Kind);

#[derive(Debug, Clone, Default)]
enum Kind {
    #[default]
    Nobody,
    Header {
        name: HeaderName,
        template: String,
        secret: Secret,
    },
    Basic {
        user: String,
        secret: Secret,
    },
}

/// A header that cannot be made, whatever the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The name is no header name.
    #[error("{name:?} is no header name")]
    Name { name: String },
    /// The value never holds the secret.
    #[error("the header's value lacks the place {PLACE}, where the secret goes")]
    Place,
    /// The value has characters that no header carries.
    #[error("the header's value has a character that no header can carry")]
    Value,
}

impl Auth {
    pub const fn nobody() -> Self {
        Self(Kind::Nobody)
    }

    /// `Authorization: Bearer …` (RFC 6750 §2.1).
    pub fn bearer(secret: Secret) -> Self {
        let template = format!("Bearer {PLACE}");
        Self(Kind::Header { name: http::header::AUTHORIZATION, template, secret })
    }

    /// Any header; `template` holds `{ticket}` where the secret goes.
    ///
    /// # Errors
    ///
    /// [`AuthError`] for a name or template of which no header can be made.
    pub fn header(name: &str, template: &str, secret: Secret) -> Result<Self, AuthError> {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| AuthError::Name { name: name.to_owned() })?;
        if !template.contains(PLACE) {
            return Err(AuthError::Place);
        }
        HeaderValue::from_str(template).map_err(|_| AuthError::Value)?;
        Ok(Self(Kind::Header { name, template: template.to_owned(), secret }))
    }

    /// `Authorization: Basic …` with the secret as the password (RFC 7617).
    pub fn basic(user: &str, secret: Secret) -> Self {
        Self(Kind::Basic { user: user.to_owned(), secret })
    }

    /// The secret behind the header.
    pub const fn secret(&self) -> Option<&Secret> {
        match &self.0 {
            Kind::Nobody => None,
            Kind::Header { secret, .. } | Kind::Basic { secret, .. } => Some(secret),
        }
    }

    /// Adds the header with this reading of the secret, marked so that no log prints it.
    pub(crate) fn apply(
        &self,
        request: RequestBuilder,
        ticket: Option<&Ticket>,
    ) -> Result<RequestBuilder, SecretError> {
        match (&self.0, ticket) {
            (Kind::Nobody, _) | (_, None) => Ok(request),
            (Kind::Header { name, template, .. }, Some(ticket)) => {
                let text = template.replace(PLACE, ticket.expose());
                let mut value = HeaderValue::from_str(&text).map_err(|_| SecretError::Unusable)?;
                value.set_sensitive(true);
                Ok(request.header(name.clone(), value))
            }
            (Kind::Basic { user, .. }, Some(ticket)) => {
                Ok(request.basic_auth(user, Some(ticket.expose())))
            }
        }
    }
}
