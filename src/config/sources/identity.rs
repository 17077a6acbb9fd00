//! How a Nimbus source says who it is: by a token, or by somebody who signs in.

use std::sync::Arc;

use crate::config::file::EntraTable;
use crate::source::nimbus::entra::{AUTHORITY, EntraSettings};
use crate::source::nimbus::signed::Signed;
use crate::text::segment::segment_fault;
use crate::transport::http::{Transport, Url};
use crate::transport::secret::SecretSource;

use super::Reader;

impl Reader<'_> {
    /// The token, or whoever gives one.
    pub(super) fn identity(
        &mut self,
        token: Option<SecretSource>,
        entra: Option<EntraTable>,
        base_url: Option<&Url>,
    ) -> (Option<SecretSource>, Option<Arc<Signed>>) {
        match (token, entra) {
            (Some(_), Some(_)) => {
                self.complain(
                    "token",
                    "token and [source.entra] exclude each other: a token is given, or somebody signs in",
                );
                (None, None)
            }
            (None, None) => {
                self.complain(
                    "token",
                    "a source of kind \"nimbus\" needs token, or [source.entra] to sign in",
                );
                (None, None)
            }
            (Some(token), None) => {
                self.guard("token", Some(&token), base_url);
                (Some(token), None)
            }
            (None, Some(table)) => {
                // Where it is kept is not known to the file.
                let unkept = |own| Signed::new(&own, &Transport::default(), None, "");
                let signed = self.entra(table).map(unkept);
                (signed.clone().map(|own| SecretSource::Session(own)), signed)
            }
        }
    }

    fn entra(&mut self, table: EntraTable) -> Option<EntraSettings> {
        let written = table.authority.as_deref().unwrap_or(AUTHORITY);
        // Whatever the source may send in the clear: what is got here is worth more.
        let authority = self.address("authority", written, false);
        let tenant = self.part("tenant", table.tenant);
        if let Some(tenant) = &tenant
            && (segment_fault(tenant).is_some()
                || !tenant
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')))
        {
            self.complain("tenant", "tenant: write its id, its domain, or organizations");
            return None;
        }
        let client_id = self.part("client_id", table.client_id);
        let scope = self.part("scope", table.scope);
        Some(EntraSettings {
            authority: authority?.as_str().trim_end_matches('/').to_owned(),
            tenant: tenant?,
            client_id: client_id?,
            scope: scope?,
        })
    }

    fn part(&mut self, key: &str, value: Option<String>) -> Option<String> {
        let value = value.filter(|value| !value.trim().is_empty());
        if value.is_none() {
            self.complain("entra", &format!("[source.entra] needs {key}"));
        }
        value
    }
}
