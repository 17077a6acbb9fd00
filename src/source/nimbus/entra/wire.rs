//! The answers of a tenant (RFC 6749 §5, RFC 8628 §3.2), as tenants and what stands before them send them.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// For how long a code is good where the answer does not say: as long as Entra's are.
const LIFE: Duration = Duration::from_mins(15);

/// Numbers of faults that pass (Microsoft identity platform, authentication and authorization error codes).
const PASSING: [u64; 5] = [50033, 50196, 90024, 90033, 90055];

/// A code to be typed elsewhere.
#[derive(Deserialize)]
pub(super) struct DeviceAnswer {
    pub device_code: SecretString,
    pub user_code: String,
    /// Under its old name too, which drafts of RFC 8628 had.
    #[serde(alias = "verification_url")]
    pub verification_uri: String,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<Duration>,
    #[serde(default, deserialize_with = "seconds")]
    pub interval: Option<Duration>,
}

impl DeviceAnswer {
    /// For how long the code is good.
    pub(super) fn life(&self) -> Duration {
        self.expires_in.filter(|life| !life.is_zero()).unwrap_or(LIFE)
    }
}

/// Tokens.
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    pub access_token: SecretString,
    #[serde(default)]
    pub token_type: Option<String>,
    #[serde(default)]
    pub refresh_token: Option<SecretString>,
    #[serde(default)]
    pub id_token: Option<SecretString>,
    #[serde(default, deserialize_with = "seconds")]
    pub expires_in: Option<Duration>,
    #[serde(default)]
    pub scope: Option<String>,
}

/// A refusal.
#[derive(Deserialize)]
pub(super) struct Refusal {
    pub error: String,
    #[serde(default)]
    pub error_description: Option<String>,
    #[serde(default)]
    error_codes: Option<Value>,
}

impl Refusal {
    /// Whether only a person helps: the grant is used up or revoked, or somebody has to say yes to something (RFC 6749
    /// §5.2; Microsoft identity platform, error codes of the token endpoint).
    pub(super) fn is_over(&self) -> bool {
        matches!(
            self.error.as_str(),
            "invalid_grant" | "interaction_required" | "login_required" | "consent_required"
        )
    }

    /// Whether it passes by itself.
    pub(super) fn is_passing(&self) -> bool {
        let told = self.error_description.as_deref().unwrap_or_default();
        let coded = |code: &u64| {
            let codes = self.error_codes.as_ref().and_then(Value::as_array).into_iter().flatten();
            codes.filter_map(Value::as_u64).any(|own| own == *code)
                || told.contains(&format!("AADSTS{code}:"))
        };
        matches!(self.error.as_str(), "temporarily_unavailable" | "server_error")
            || PASSING.iter().any(coded)
    }
}

/// Whole seconds, as a number or as text; anything else is as good as nothing.
fn seconds<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Duration>, D::Error> {
    let seconds = match Value::deserialize(value)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    Ok(seconds.and_then(|seconds: f64| Duration::try_from_secs_f64(seconds.floor()).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_be_text_and_what_is_none_is_not_told() {
        for (written, wanted) in [
            ("900", Some(900)),
            ("\"900\"", Some(900)),
            ("900.0", Some(900)),
            ("\" 900 \"", Some(900)),
            ("0", Some(0)),
            ("-1", None),
            ("\"soon\"", None),
            ("null", None),
            ("[]", None),
            ("1e400", None),
        ] {
            let text = format!(
                r#"{{"device_code":"d","user_code":"U","verification_url":"https://x/",
                   "interval":{written}}}"#
            );
            // What is no number of JSON's is no document.
            let Ok(answer) = serde_json::from_str::<DeviceAnswer>(&text) else {
                assert_eq!(written, "1e400");
                continue;
            };
            assert_eq!(answer.interval, wanted.map(Duration::from_secs), "{written}");
            assert_eq!(answer.life(), LIFE);
        }
    }

    #[test]
    fn a_fault_that_passes_is_known_by_its_word_or_its_number() {
        let passes = |text: &str| serde_json::from_str::<Refusal>(text).unwrap().is_passing();
        assert!(passes(r#"{"error":"temporarily_unavailable"}"#));
        assert!(passes(r#"{"error":"invalid_grant","error_codes":[90033]}"#));
        assert!(passes(r#"{"error":"x","error_description":"AADSTS90033: A transient error."}"#));
        assert!(!passes(r#"{"error":"invalid_grant","error_description":"AADSTS70000: No."}"#));
        assert!(!passes(r#"{"error":"invalid_client"}"#));
    }
}
