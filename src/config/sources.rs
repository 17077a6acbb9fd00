//! From what the file says of a source to settings that a client can be made of.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use crate::config::Complaint;
use crate::config::file::{EndpointTable, File, SourceTable, Span, line_at, nearest};
use crate::floor::day::DayZone;
use crate::floor::id::{ListId, SourceName};
use crate::source::settings::{
    CLUSTERS, Common, Endpoint, EnreachSettings, NatsServer, NatsSettings, NimbusSettings,
    RelaySettings, Settings, TelepoSettings, Vendor,
};
use crate::source::telepo::operations::{LATER, OPERATIONS};
use crate::source::telepo::xml;
use crate::text::Shown;
use crate::text::segment::segment_fault;
use crate::transport::clock::SourceClock;
use crate::transport::http::{Transport, Url, check, is_loopback};
use crate::transport::ring;
use crate::transport::secret::SecretSource;

mod identity;
mod proxy;
mod webhooks;

/// The documented host of Enreach's discovery.
const DISCOVERY: &str = "https://discover.enreachvoice.com";

/// The path of discovery, where only a host is configured.
const DISCOVERY_PATH: &str = "/api/user";

/// Systems that can be spoken to.
const KINDS: [&str; 4] = ["telepo", "enreach", "nimbus", "relay"];

/// The sources of the file; complaints about them are added.
pub(super) fn all(
    file: File,
    text: &str,
    private: bool,
    complaints: &mut Vec<Complaint>,
) -> Vec<Settings> {
    let mut sources: Vec<Settings> = Vec::new();
    for spanned in file.source {
        let place = spanned.span();
        let mut reader = Reader { text, place, private, section: None, complaints: Vec::new() };
        let table = spanned.into_inner();
        if sources.iter().any(|known| known.name.raw() == table.name) {
            reader.complain("name", &format!("there are two sources named {:?}", table.name));
        }
        let settings = reader.source(table);
        complaints.append(&mut reader.complaints);
        sources.extend(settings);
    }
    sources
}

struct Reader<'t> {
    text: &'t str,
    place: Range<usize>,
    private: bool,
    /// The section of the source that is being read, where it is one.
    section: Option<&'static str>,
    complaints: Vec<Complaint>,
}

impl Reader<'_> {
    /// Complains about `key`, on its line within the section that is read, else within the source, else on the
    /// source's first line.
    fn complain(&mut self, key: &str, what: &str) {
        let first = line_at(self.text, self.place.start);
        let own = self.text.get(self.place.start..).unwrap_or_default();
        let lines = || {
            let lines = own.lines().enumerate().skip(1);
            lines.take_while(|(_, line)| line.trim() != "[[source]]")
        };
        let named = |(_, line): &(usize, &str)| {
            let line = line.trim_start().trim_start_matches("[source.").trim_start_matches('"');
            line.strip_prefix(key)
                .is_some_and(|rest| rest.trim_start().starts_with(['=', '.', '"', ']', ' ']))
        };
        let section = self.section.map(|name| format!("[source.{name}]"));
        let within = lines()
            .skip_while(|(_, line)| section.as_ref().is_some_and(|own| line.trim() != own))
            .find(named)
            .or_else(|| lines().find(named))
            .map_or(0, |(index, _)| index);
        self.complaints.push(Complaint { line: Some(first + within), what: Shown::clean(what) });
    }

    /// Reads a section of the source: complaints are about its lines.
    fn within<T>(&mut self, section: &'static str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.section = Some(section);
        let got = read(self);
        self.section = None;
        got
    }

    fn needed<T>(&mut self, key: &str, kind: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.complain(key, &format!("a source of kind {kind:?} needs {key}"));
        }
        value
    }

    fn address(&mut self, key: &str, written: &str, insecure_http: bool) -> Option<Url> {
        match check(written, insecure_http) {
            Ok(url) => Some(url),
            Err(error) => {
                self.complain(key, &format!("{key}: {error}"));
                None
            }
        }
    }

    /// A secret that stands in the file itself is refused, unless nobody else can read it or it goes nowhere.
    fn guard(&mut self, key: &str, secret: Option<&SecretSource>, url: Option<&Url>) {
        let local = url.and_then(Url::host_str).is_some_and(is_loopback);
        match secret {
            Some(SecretSource::Keyring(_)) if !ring::IS_BUILT => self.complain(
                key,
                &format!("{key}: this build cannot read the keyring: use env, file or command"),
            ),
            Some(SecretSource::Literal(_)) if !self.private && !local => self.complain(
                key,
                &format!(
                    "{key} stands in a file that others can read: chmod 600 the file, or use \
                     {{ env = \"…\" }}, {{ file = \"…\" }} or {{ command = [\"…\"] }}"
                ),
            ),
            _ => {}
        }
    }

    fn source(&mut self, mut table: SourceTable) -> Option<Settings> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if table.name.is_empty() || !table.name.chars().all(fits) {
            self.complain("name", "name: use a-z, 0-9, _ and -");
        }
        let name = SourceName::new(&table.name);
        let has_proxy = table.proxy.is_some();
        let proxy = table.proxy.take().and_then(|written| self.proxy(written));
        if has_proxy && table.nats.is_some() {
            self.complain("proxy", "nats goes through no proxy");
        }
        let common = Common {
            transport: Transport {
                timeout: table.timeout.map_or(crate::transport::http::TIMEOUT, |span| span.0),
                ca_file: table.ca_file.clone(),
                proxy,
                insecure_http: table.insecure_http,
                ..Transport::default()
            },
            idle: table.idle.map_or(Duration::from_secs(40), |span| span.0),
            stale_after: table.stale_after.map(|span| span.0),
        };
        self.foreign(&table);
        let vendor = match table.kind.as_str() {
            "telepo" => Vendor::Telepo(self.telepo(table)?),
            "enreach" => Vendor::Enreach(self.enreach(table)?),
            "nimbus" => Vendor::Nimbus(self.nimbus(table)?),
            "relay" if table.nats.is_some() => Vendor::Nats(self.nats(table)?),
            "relay" => Vendor::Relay(self.relay(table)?),
            other => {
                let hint = nearest(other, KINDS.into_iter())
                    .map_or_else(String::new, |known| format!(": did you mean {known:?}?"));
                self.complain("kind", &format!("unknown kind {other:?}{hint}"));
                return None;
            }
        };
        Some(Settings { name, common, vendor })
    }

    /// Keys that belong to another kind of source.
    fn foreign(&mut self, table: &SourceTable) {
        let keys: [(&str, bool, &[&str]); 31] = [
            ("base_url", table.base_url.is_some(), &["telepo", "nimbus"]),
            ("domain", table.domain.is_some(), &["telepo"]),
            ("user", table.user.is_some(), &["telepo"]),
            ("ticket", table.ticket.is_some(), &["telepo"]),
            ("tickets", !table.tickets.is_empty(), &["telepo"]),
            ("auth_header", table.auth_header.is_some(), &["telepo"]),
            ("auth_value", table.auth_value.is_some(), &["telepo"]),
            ("poll_agents", table.poll_agents.is_some(), &["telepo"]),
            ("agent_ids", !table.agent_ids.is_empty(), &["telepo"]),
            ("queue_xml", !table.queue_xml.is_empty(), &["telepo"]),
            ("max_streams", table.max_streams.is_some(), &["telepo"]),
            ("include_federation", table.include_federation.is_some(), &["telepo"]),
            ("service_account", table.service_account.is_some(), &["telepo"]),
            ("username", table.username.is_some(), &["enreach"]),
            ("secret_key", table.secret_key.is_some(), &["enreach"]),
            ("api_url", table.api_url.is_some(), &["enreach"]),
            ("discovery_url", table.discovery_url.is_some(), &["enreach"]),
            ("queue_types", table.queue_types.is_some(), &["enreach"]),
            ("max_wait_unit", table.max_wait_unit.is_some(), &["enreach"]),
            ("callback_list_names", !table.callback_list_names.is_empty(), &["enreach"]),
            ("time_zone", table.time_zone.is_some(), &["enreach"]),
            ("webhook", table.webhook.is_some(), &["enreach", "nimbus", "telepo"]),
            ("cluster", table.cluster.is_some(), &["nimbus"]),
            ("services", table.services.is_some(), &["nimbus"]),
            ("address_books", table.address_books.is_some(), &["nimbus"]),
            ("token", table.token.is_some(), &["nimbus", "relay"]),
            ("entra", table.entra.is_some(), &["nimbus"]),
            ("task_events", table.task_events.is_some(), &["nimbus"]),
            ("lost_track", table.lost_track.is_some(), &["nimbus"]),
            ("url", table.url.is_some() || table.nats.is_some(), &["relay"]),
            ("numbers", table.numbers.is_some(), &["relay"]),
        ];
        if !KINDS.contains(&table.kind.as_str()) {
            return;
        }
        for (key, there, kinds) in keys {
            if there && !kinds.contains(&table.kind.as_str()) {
                let kind = &table.kind;
                self.complain(key, &format!("{key} does not belong to a source of kind {kind:?}"));
            }
        }
    }

    fn telepo(&mut self, table: SourceTable) -> Option<TelepoSettings> {
        let insecure = table.insecure_http;
        let base = self.needed("base_url", "telepo", table.base_url);
        let domain = self.needed("domain", "telepo", table.domain);
        let user = self.needed("user", "telepo", table.user);
        for (key, id) in [("domain", &domain), ("user", &user)] {
            if let Some(fault) = id.as_deref().and_then(segment_fault) {
                self.complain(key, &format!("{key} stands in the paths of all requests: {fault}"));
            }
        }
        let base_url = base.and_then(|base| self.address("base_url", &base, insecure));
        self.guard("ticket", table.ticket.as_ref(), base_url.as_ref());
        for (api, secret) in &table.tickets {
            self.guard("tickets", Some(secret), base_url.as_ref());
            if api.is_empty() {
                self.complain("tickets", "tickets: a ticket needs the name of its API");
            }
        }
        if table.ticket.is_none() && table.tickets.is_empty() {
            self.complain("ticket", "a source of kind \"telepo\" needs a ticket");
        }
        for key in table.queue_xml.keys() {
            if !xml::KEYS.iter().any(|(known, _)| known == key) {
                let hint = nearest(key, xml::KEYS.iter().map(|(known, _)| *known))
                    .map_or_else(String::new, |known| format!(": did you mean {known:?}?"));
                self.complain(key, &format!("unknown key {key:?} in queue_xml{hint}"));
            }
        }
        let endpoints = endpoints(table.endpoints);
        for id in endpoints.keys() {
            let known = || OPERATIONS.iter().map(|operation| operation.id).chain(LATER);
            if !known().any(|known| known == id) {
                let hint = nearest(id, known())
                    .map_or_else(String::new, |known| format!(": did you mean {known:?}?"));
                let what = format!("endpoints: there is no operation {id:?}{hint}");
                self.complain("endpoints", &what);
            }
        }
        for operation in OPERATIONS {
            if let Err(error) = operation.configured(&endpoints) {
                self.complain(&format!("endpoints.\"{}\"", operation.id), &error.to_string());
            }
        }
        Some(TelepoSettings {
            base_url: base_url?,
            domain: domain?,
            user: user?,
            ticket: table.ticket,
            tickets: table.tickets,
            auth_header: table.auth_header.unwrap_or_else(|| "Authorization".to_owned()),
            auth_value: table.auth_value.unwrap_or_else(|| "Bearer {ticket}".to_owned()),
            poll: or(table.poll, 5),
            poll_agents: or(table.poll_agents, 30),
            agent_ids: table.agent_ids,
            endpoints,
            queue_xml: table.queue_xml,
            max_streams: table.max_streams.unwrap_or(64),
            include_federation: table.include_federation.unwrap_or(false),
            service_account: table.service_account.unwrap_or(false),
        })
    }

    fn enreach(&mut self, table: SourceTable) -> Option<EnreachSettings> {
        let insecure = table.insecure_http;
        let username = self.needed("username", "enreach", table.username);
        let secret_key = self.needed("secret_key", "enreach", table.secret_key);
        let api_url = match table.api_url {
            Some(written) => Some(self.address("api_url", &written, insecure)?),
            None => None,
        };
        let written = table.discovery_url.as_deref().unwrap_or(DISCOVERY);
        let discovery_url = self.address("discovery_url", written, insecure).map(|mut url| {
            if url.path() == "/" {
                url.set_path(DISCOVERY_PATH);
            }
            url
        });
        self.guard("secret_key", secret_key.as_ref(), api_url.as_ref());
        let max_wait_unit = match table.max_wait_unit.as_deref() {
            None | Some("s") => 1.0,
            Some("ms") => 0.001,
            Some("min") => 60.0,
            Some(other) => {
                self.complain(
                    "max_wait_unit",
                    &format!("max_wait_unit {other:?}: write s, ms or min"),
                );
                1.0
            }
        };
        let time_zone = table.time_zone.filter(|name| {
            let known = DayZone::named(name).is_some();
            if !known {
                let what = format!("time_zone {name:?} is not known: write one as Europe/Helsinki");
                self.complain("time_zone", &what);
            }
            known
        });
        let endpoints = endpoints(table.endpoints);
        for id in endpoints.keys().filter(|id| *id != "callback_lists") {
            let what =
                format!("endpoints: this version uses no {id:?}: callback_lists is the only one");
            self.complain("endpoints", &what);
        }
        let (webhook, poll) = match table.webhook {
            // Beside webhooks the poll only reconciles.
            Some(written) => {
                let webhook = self.within("webhook", |own| own.webhook(written))?;
                (Some(webhook), or(table.poll, 60))
            }
            None => (None, or(table.poll, 10)),
        };
        Some(EnreachSettings {
            username: username?,
            secret_key: secret_key?,
            api_url,
            discovery_url: discovery_url?,
            poll,
            callback_lists: endpoints.get("callback_lists").and_then(|own| own.path.clone()),
            queue_types: table.queue_types.unwrap_or_else(|| vec![4]),
            max_wait_unit,
            callback_list_names: table
                .callback_list_names
                .iter()
                .map(|(id, name)| (ListId::new(id.to_lowercase()), Shown::clean(name)))
                .collect(),
            time_zone,
            webhook,
            clock: SourceClock::default(),
        })
    }

    fn nimbus(&mut self, table: SourceTable) -> Option<NimbusSettings> {
        let insecure = table.insecure_http;
        let base_url = match (table.base_url, table.cluster) {
            (Some(_), Some(_)) => {
                self.complain("cluster", "cluster and base_url exclude each other");
                None
            }
            (Some(written), None) => self.address("base_url", &written, table.insecure_http),
            (None, Some(cluster)) => match CLUSTERS.iter().find(|(name, _)| *name == cluster) {
                Some((_, url)) => self.address("cluster", url, false),
                None => {
                    let known: Vec<&str> = CLUSTERS.iter().map(|(name, _)| *name).collect();
                    let what = format!("unknown cluster {cluster:?}: one of {}", known.join(", "));
                    self.complain("cluster", &what);
                    None
                }
            },
            (None, None) => {
                self.complain("cluster", "a source of kind \"nimbus\" needs cluster or base_url");
                None
            }
        };
        for id in table.endpoints.keys() {
            self.complain(
                "endpoints",
                &format!("endpoints: Nimbus has fixed paths, {id:?} is not used"),
            );
        }
        let (token, entra) = self.identity(table.token, table.entra, base_url.as_ref());
        let task_events = self.task_events(table.task_events.unwrap_or_default());
        let triggers = match table.webhook {
            Some(written) => Some(self.within("webhook", |own| own.triggers(written, insecure))?),
            None => None,
        };
        Some(NimbusSettings {
            base_url: base_url?,
            services: table.services,
            address_books: table.address_books,
            token: token?,
            entra,
            poll: or(table.poll, 60),
            task_events,
            lost_track: or(table.lost_track, 4 * 3_600),
            triggers,
            mailbox: None,
            clock: SourceClock::default(),
        })
    }

    fn relay(&mut self, table: SourceTable) -> Option<RelaySettings> {
        if table.numbers.is_some() {
            self.complain(
                "numbers",
                "numbers belongs to nats: over HTTP the token's scopes say it",
            );
        }
        for id in table.endpoints.keys() {
            let what = format!("endpoints: a relay has fixed paths, {id:?} is not used");
            self.complain("endpoints", &what);
        }
        let url = self.needed("url", "relay", table.url);
        let url = url.and_then(|url| self.address("url", &url, table.insecure_http));
        let token = self.needed("token", "relay", table.token);
        self.guard("token", token.as_ref(), url.as_ref());
        Some(RelaySettings { url: url?, token: token? })
    }

    fn nats(&mut self, table: SourceTable) -> Option<NatsSettings> {
        if table.url.is_some() {
            self.complain("nats", "nats and url exclude each other");
        }
        if !table.endpoints.is_empty() {
            self.complain("endpoints", "endpoints: a relay has fixed paths");
        }
        let consent = ("insecure_http", table.insecure_http);
        let written = table.nats.unwrap_or_default();
        let server = NatsServer::new(&written, table.token, table.ca_file, consent);
        let server =
            server.map_err(|error| self.complain("nats", &format!("nats: {error}"))).ok()?;
        let local = server.is_local().then(|| server.url());
        self.guard("token", server.token.as_ref(), local);
        Some(NatsSettings { server, numbers: table.numbers == Some(true) })
    }
}

fn or(span: Option<Span>, seconds: u64) -> Duration {
    span.map_or(Duration::from_secs(seconds), |span| span.0)
}

fn endpoints(tables: BTreeMap<String, EndpointTable>) -> BTreeMap<String, Endpoint> {
    tables
        .into_iter()
        .map(|(id, table)| (id, Endpoint { method: table.method, path: table.path }))
        .collect()
}
