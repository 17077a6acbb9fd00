//! What the file says of webhooks: where they are received, and who may send them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::{Reader, or};
use crate::config::file::{WebhookTable, nearest};
use crate::floor::task::Turn;
use crate::source::nimbus::events::map;
use crate::source::settings::{SubscriptionScope, TlsFiles, TriggerSettings, WebhookSettings};
use crate::text::guid;
use crate::transport::http::Url;
use crate::transport::secret::{SecretError, SecretSource, is_strong};

/// Where something is listened on, and how.
struct Door {
    listen: Option<SocketAddr>,
    tls: Option<TlsFiles>,
    behind_proxy: bool,
}

/// How often Nimbus is asked whether access still works, and the longest silence, seconds.
const PROBE: u64 = 5 * 60;
const SILENCE: u64 = 15 * 60;

/// The shortest of either: a shorter one would use up the connection's calls.
const LEAST: Duration = Duration::from_millis(100);

impl Reader<'_> {
    fn door(&mut self, table: &mut WebhookTable) -> Door {
        let mut listen = None;
        if let Some(written) = &table.listen {
            listen = written.parse::<SocketAddr>().ok();
            if listen.is_none() {
                let what =
                    format!("listen {written:?}: write an address and a port, 127.0.0.1:8443");
                self.complain("listen", &what);
            }
        }
        let behind_proxy = table.behind_proxy.unwrap_or_default();
        let tls = table.tls.take().map(|files| TlsFiles { cert: files.cert, key: files.key });
        if tls.is_some() && behind_proxy {
            self.complain("behind_proxy", "tls and behind_proxy exclude each other");
        }
        let open = listen.is_some_and(|address| !address.ip().is_loopback());
        if open && tls.is_none() && !behind_proxy {
            let what = "listen: without a certificate only loopback is listened on: set \
                        tls = { cert = \"…\", key = \"…\" }, or behind_proxy = true";
            self.complain("listen", what);
        }
        Door { listen, tls, behind_proxy }
    }

    /// Webhooks that a vendor signs with a token.
    pub(super) fn webhook(&mut self, mut table: WebhookTable) -> Option<WebhookSettings> {
        let Door { listen, tls, behind_proxy } = self.door(&mut table);
        for (key, there) in [
            ("public_url", table.public_url.is_some()),
            ("probe", table.probe.is_some()),
            ("silence", table.silence.is_some()),
        ] {
            if there {
                self.complain(key, &format!("{key} belongs to a source of kind \"nimbus\""));
            }
        }
        let scope = self.scope(&mut table);
        let token = table.token;
        if token.is_none() {
            let what = "[source.webhook] needs a token: nothing else tells the vendor from anybody";
            self.complain("webhook", what);
        }
        // A token that only loopback is asked for opens nothing to others.
        let local = listen.filter(|address| address.ip().is_loopback() && !behind_proxy);
        let local = local.and_then(|address| Url::parse(&format!("http://{address}")).ok());
        self.guard("token", token.as_ref(), local.as_ref());
        self.guard("next_token", table.next_token.as_ref(), local.as_ref());
        for (key, secret) in [("token", &token), ("next_token", &table.next_token)] {
            let text = secret.as_ref().and_then(SecretSource::at_hand);
            if text.is_some_and(|text| !is_strong(text.expose_secret())) {
                self.complain(key, &format!("{key}: {}", SecretError::Weak));
            }
        }
        Some(WebhookSettings {
            listen,
            token: token?,
            next_token: table.next_token,
            tls,
            behind_proxy,
            scope,
        })
    }

    /// Of what the vendor is asked for events.
    fn scope(&mut self, table: &mut WebhookTable) -> SubscriptionScope {
        let group = table.security_group_id.take();
        let entities = table.entity_ids.take();
        let ids = || group.iter().chain(entities.iter().flatten());
        let odd = ids().find(|id| guid(id).is_none()).cloned();
        if let Some(odd) = odd {
            let key = if group.is_some() { "security_group_id" } else { "entity_ids" };
            let what =
                format!("{key}: {odd:?} is no GUID, such as 9118bef9-fb49-ed11-8713-6c24087ddf1c");
            self.complain(key, &what);
        }
        match (group, entities) {
            (Some(_), Some(_)) => {
                self.complain("entity_ids", "security_group_id and entity_ids exclude each other");
                SubscriptionScope::All
            }
            (Some(group), None) => SubscriptionScope::SecurityGroup(group),
            (None, Some(entities)) if !entities.is_empty() => SubscriptionScope::Entities(entities),
            (None, _) => SubscriptionScope::All,
        }
    }

    /// Webhooks that we register, with a secret of our own making.
    pub(super) fn triggers(
        &mut self,
        mut table: WebhookTable,
        insecure: bool,
    ) -> Option<TriggerSettings> {
        let Door { listen, tls, behind_proxy } = self.door(&mut table);
        for (key, there) in
            [("token", table.token.is_some()), ("next_token", table.next_token.is_some())]
        {
            if there {
                let what = format!("{key}: leave it out, Nimbus's secret is made by floorwalker");
                self.complain(key, &what);
            }
        }
        for (key, there) in [
            ("security_group_id", table.security_group_id.is_some()),
            ("entity_ids", table.entity_ids.is_some()),
        ] {
            if there {
                self.complain(key, &format!("{key} belongs to a source of kind \"enreach\""));
            }
        }
        let public_url = match &table.public_url {
            Some(written) => Some(self.address("public_url", written, insecure)?),
            None => None,
        };
        if behind_proxy && public_url.is_none() && listen.is_some() {
            let what = "public_url: only you know how Nimbus reaches the proxy: set it";
            self.complain("behind_proxy", what);
        }
        let (probe, silence) = (or(table.probe, PROBE), or(table.silence, SILENCE));
        for (key, span) in [("probe", probe), ("silence", silence)] {
            if span < LEAST {
                self.complain(key, &format!("{key}: at least 100ms"));
            }
        }
        Some(TriggerSettings { listen, public_url, probe, silence, tls, behind_proxy })
    }

    /// What events do to tasks.
    pub(super) fn task_events(
        &mut self,
        written: BTreeMap<String, String>,
    ) -> BTreeMap<String, Turn> {
        let turns = written.into_iter().filter_map(|(event, word)| {
            let turn = map::turn(&word);
            if turn.is_none() {
                let hint = nearest(&word, map::words())
                    .map_or_else(String::new, |known| format!(": did you mean {known:?}?"));
                let what = format!("task_events: {event:?} becomes no {word:?}{hint}");
                self.complain("task_events", &what);
            }
            Some((event, turn?))
        });
        turns.collect()
    }
}
