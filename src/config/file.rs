//! The config file as written: every key of the contract parses, whether it is built or not.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use crate::config::Complaint;
use crate::memory::TableMemory;
use crate::operations::Access;
use crate::source::telepo::operations::LATER;
use crate::text::Shown;
use crate::transport::secret::SecretSource;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub theme: Option<String>,
    pub access: Option<Access>,
    pub mouse: Option<bool>,
    pub audit: Option<PathBuf>,
    #[serde(default)]
    pub source: Vec<Spanned<SourceTable>>,
    #[serde(default)]
    alert: Vec<AlertTable>,
    #[serde(default)]
    pub wall: BTreeMap<String, WallTable>,
    #[serde(default)]
    tables: BTreeMap<String, TableTable>,
    #[serde(default)]
    pub groups: BTreeMap<String, Spanned<GroupTable>>,
    #[serde(default)]
    keys: BTreeMap<String, OneOrMany>,
    service_level: Option<ServiceLevelTable>,
    pub relay: Option<RelayTable>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// One source, of whatever kind: which keys belong to which kind is checked afterwards, with the line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceTable {
    pub name: String,
    pub kind: String,
    pub timeout: Option<Span>,
    pub idle: Option<Span>,
    pub stale_after: Option<Span>,
    pub ca_file: Option<PathBuf>,
    pub proxy: Option<ProxyTable>,
    #[serde(default)]
    pub insecure_http: bool,
    pub poll: Option<Span>,
    #[serde(default)]
    pub endpoints: BTreeMap<String, EndpointTable>,
    // Telepo, Nimbus
    pub base_url: Option<String>,
    // Telepo
    pub domain: Option<String>,
    pub user: Option<String>,
    pub ticket: Option<SecretSource>,
    #[serde(default)]
    pub tickets: BTreeMap<String, SecretSource>,
    pub auth_header: Option<String>,
    pub auth_value: Option<String>,
    pub poll_agents: Option<Span>,
    #[serde(default)]
    pub agent_ids: BTreeMap<String, String>,
    #[serde(default)]
    pub queue_xml: BTreeMap<String, String>,
    pub max_streams: Option<usize>,
    pub include_federation: Option<bool>,
    pub service_account: Option<bool>,
    // Enreach
    pub username: Option<String>,
    pub secret_key: Option<SecretSource>,
    pub api_url: Option<String>,
    pub discovery_url: Option<String>,
    pub queue_types: Option<Vec<u32>>,
    pub max_wait_unit: Option<String>,
    #[serde(default)]
    pub callback_list_names: BTreeMap<String, String>,
    pub time_zone: Option<String>,
    pub webhook: Option<WebhookTable>,
    // Nimbus
    pub cluster: Option<String>,
    pub services: Option<Vec<String>>,
    pub address_books: Option<Vec<String>>,
    pub token: Option<SecretSource>,
    pub entra: Option<EntraTable>,
    pub task_events: Option<BTreeMap<String, String>>,
    pub lost_track: Option<Span>,
    // relay
    pub url: Option<String>,
    pub nats: Option<String>,
    pub numbers: Option<bool>,
}

/// A proxy: its address, or a table with the address and a login.
pub(super) struct ProxyTable {
    pub url: String,
    pub user: Option<String>,
    pub password: Option<SecretSource>,
}

/// Nothing of it: the address may hold a password.
impl std::fmt::Debug for ProxyTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProxyTable([hidden])")
    }
}

impl<'de> Deserialize<'de> for ProxyTable {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// The table form.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            url: String,
            user: Option<String>,
            password: Option<SecretSource>,
        }

        struct Either;

        impl<'de> serde::de::Visitor<'de> for Either {
            type Value = ProxyTable;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an address, or a table with url, user and password")
            }

            fn visit_str<E: serde::de::Error>(self, url: &str) -> Result<ProxyTable, E> {
                Ok(ProxyTable { url: url.to_owned(), user: None, password: None })
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                map: A,
            ) -> Result<ProxyTable, A::Error> {
                let map = serde::de::value::MapAccessDeserializer::new(map);
                let Fields { url, user, password } = Fields::deserialize(map)?;
                Ok(ProxyTable { url, user, password })
            }
        }

        deserializer.deserialize_any(Either)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndpointTable {
    pub method: Option<String>,
    pub path: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookTable {
    pub listen: Option<String>,
    pub token: Option<SecretSource>,
    pub next_token: Option<SecretSource>,
    pub tls: Option<TlsTable>,
    pub behind_proxy: Option<bool>,
    // Enreach
    pub security_group_id: Option<String>,
    pub entity_ids: Option<Vec<String>>,
    // Nimbus
    pub public_url: Option<String>,
    pub probe: Option<Span>,
    pub silence: Option<Span>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TlsTable {
    pub cert: PathBuf,
    pub key: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntraTable {
    pub authority: Option<String>,
    pub tenant: Option<String>,
    pub client_id: Option<String>,
    pub scope: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read so that a typing error shows; alerts are not built yet")]
struct AlertTable {
    name: String,
    when: String,
    warning: Option<f64>,
    critical: Option<f64>,
    r#for: Option<Span>,
    clear: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WallTable {
    pub queues: Option<Vec<String>>,
    pub pages: Option<Vec<Spanned<String>>>,
    pub rotate: Option<Span>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableTable {
    columns: Option<Vec<String>>,
    sort: Option<String>,
    group: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupTable {
    pub queues: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "read so that a typing error shows; own service levels are not built yet"
)]
struct ServiceLevelTable {
    variant: Option<String>,
    within: Option<Span>,
    target: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RelayTable {
    pub listen: Option<String>,
    pub public_url: Option<String>,
    pub store: Option<PathBuf>,
    pub tls: Option<TlsTable>,
    pub behind_proxy: Option<bool>,
    pub nats: Option<String>,
    pub nats_token: Option<SecretSource>,
    pub nats_ca_file: Option<PathBuf>,
    #[serde(default)]
    pub nats_insecure: bool,
    #[serde(default)]
    pub token: Vec<Spanned<RelayToken>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RelayToken {
    pub name: String,
    pub token: SecretSource,
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// A span of time as people write it: `5s`, `2m`, `4h`, `500ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Span(pub std::time::Duration);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        match humantime::parse_duration(&written) {
            Ok(span) if span.is_zero() => {
                Err(format!("{written:?}: it must be longer than nothing"))
            }
            Ok(span) => Ok(Self(span)),
            Err(_) => Err(format!("{written:?} is no span of time: write 5s, 2m, 4h or 500ms")),
        }
    }
}

impl File {
    /// The user's own keys, each as a list.
    pub fn keys(&self) -> BTreeMap<String, Vec<String>> {
        self.keys
            .iter()
            .map(|(action, keys)| {
                let keys = match keys {
                    OneOrMany::One(key) => vec![key.clone()],
                    OneOrMany::Many(keys) => keys.clone(),
                };
                (action.clone(), keys)
            })
            .collect()
    }

    /// How each table is looked at, by its name.
    pub fn tables(&self) -> BTreeMap<String, TableMemory> {
        self.tables
            .iter()
            .map(|(name, table)| {
                let (columns, sort) = (table.columns.clone(), table.sort.clone());
                (name.clone(), TableMemory { columns, sort, group: table.group.clone() })
            })
            .collect()
    }

    /// The sections that are read but not built yet.
    pub fn later(&self) -> Vec<&'static str> {
        let any = |there: fn(&SourceTable) -> bool| {
            self.source.iter().any(|source| there(source.get_ref()))
        };
        let unused =
            |source: &SourceTable| source.endpoints.keys().any(|id| LATER.contains(&id.as_str()));
        [
            ("[[alert]]", !self.alert.is_empty()),
            ("[service_level]", self.service_level.is_some()),
            (
                "[source.webhook] of this kind of source",
                any(|source| source.webhook.is_some() && source.kind == "telepo"),
            ),
            ("[source.endpoints] of an operation that is not used yet", any(unused)),
        ]
        .into_iter()
        .filter_map(|(section, there)| there.then_some(section))
        .collect()
    }
}

/// What the parser says, with the line and, for a misspelt key, the nearest known one.
pub(super) fn complaint(text: &str, error: &toml::de::Error) -> Complaint {
    let line = error.span().map(|span| line_at(text, span.start));
    let message = error.message();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let what = match (message.starts_with("unknown field"), quoted.next()) {
        (true, Some(unknown)) => match nearest(unknown, quoted) {
            Some(known) => format!("unknown key {unknown:?}: did you mean {known:?}?"),
            None => format!("unknown key {unknown:?}"),
        },
        _ => message.lines().next().unwrap_or_default().to_owned(),
    };
    Complaint { line, what: Shown::clean(&what) }
}

/// The known word nearest to `unknown`.
pub(super) fn nearest<'k>(unknown: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|known| (strsim::damerau_levenshtein(unknown, known), known))
        .min()
        .filter(|(distance, known)| *distance <= (known.len() / 2).max(2))
        .map(|(_, known)| known)
}

/// The line, from 1, of a byte.
pub(super) fn line_at(text: &str, byte: usize) -> usize {
    text.get(..byte).unwrap_or(text).matches('\n').count() + 1
}
