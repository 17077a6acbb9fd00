//! What a request must be before anything is done with it. The document names no status for a request that is wrong
//! in itself; here it is 400.

use axum::body::Bytes;
use axum::http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Refusal;

/// A request that is wrong in itself.
pub(super) fn malformed(field: &'static str, name: &str) -> Refusal {
    Refusal {
        status: StatusCode::BAD_REQUEST,
        field,
        code: "value.not.valid",
        description: "The value is missing or cannot be read",
        name: name.to_owned(),
    }
}

/// A body of JSON; an empty one is an empty object.
pub(super) fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Refusal> {
    let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(bytes).map_err(|error| malformed("body", &error.to_string()))
}

/// A whole number, as `int64` in a path.
pub(super) fn number(field: &'static str, text: &str) -> Result<i64, Refusal> {
    text.parse().map_err(|_| malformed(field, text))
}

/// `true` or `false`.
pub(super) fn flag(field: &'static str, text: &str) -> Result<bool, Refusal> {
    text.parse().map_err(|_| malformed(field, text))
}

/// One of these words.
pub(super) fn word(field: &'static str, text: &str, words: &[&str]) -> Result<(), Refusal> {
    words.contains(&text).then_some(()).ok_or_else(|| malformed(field, text))
}

/// A text that has to be there.
pub(super) fn needed<'t>(
    field: &'static str,
    text: Option<&'t String>,
) -> Result<&'t str, Refusal> {
    text.map(String::as_str).filter(|text| !text.is_empty()).ok_or_else(|| malformed(field, ""))
}

/// A SIP or tel URI.
pub(super) fn uri<'t>(field: &'static str, text: Option<&'t String>) -> Result<&'t str, Refusal> {
    let text = needed(field, text)?;
    let lower = text.to_ascii_lowercase();
    let plain = |rest: &str| !rest.is_empty() && !rest.contains([' ', '<', '>', '"', '\n']);
    let good = match (lower.strip_prefix("tel:"), lower.strip_prefix("sip:")) {
        (Some(number), _) => {
            let number = number.split(';').next().unwrap_or_default();
            let digits = number.strip_prefix('+').unwrap_or(number);
            digits.contains(|c: char| c.is_ascii_digit()) && plain(digits)
        }
        (None, Some(address)) => match address.split_once('@') {
            Some((user, host)) => plain(user) && plain(host),
            None => plain(address),
        },
        (None, None) => lower.strip_prefix("sips:").is_some_and(plain),
    };
    good.then_some(text).ok_or_else(|| malformed(field, text))
}

/// The parameters of a query by name, of which some are flags.
#[derive(Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) const fn new(query: Vec<(String, String)>) -> Self {
        Self(query)
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// A flag; one that is not there is off.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Refusal> {
        self.one(name).map_or(Ok(false), |text| flag(name, text))
    }

    pub(super) fn number(&self, name: &'static str) -> Result<Option<i64>, Refusal> {
        self.one(name).map(|text| number(name, text)).transpose()
    }
}

/// A webhook that goes with an action on a call: a URL needs an id.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Webhook {
    target_url: Option<String>,
    target_id: Option<String>,
    public_target: Option<bool>,
}

impl Webhook {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.target_url.is_some() {
            needed("targetId", self.target_id.as_ref())?;
        }
        Ok(())
    }
}

/// The own number under which a call is made.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserLine {
    r#type: String,
    #[expect(dead_code, reason = "only its type is checked")]
    group_id: i64,
}

impl UserLine {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let words = [
            "ANONYMOUS",
            "ACD",
            "ACD_LIGHT",
            "ATTENDANT",
            "SWITCHBOARD",
            "OFFICE_FIXED",
            "PRIVATE_FIXED",
            "OFFICE_MOBILE",
            "PRIVATE_MOBILE",
        ];
        word("userLine", &self.r#type, &words)
    }
}
