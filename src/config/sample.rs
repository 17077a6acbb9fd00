//! The config file that `config init` writes, and the effective one that `config show` prints.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use crate::config::Config;
use crate::relay;
use crate::source::nimbus::events::map;
use crate::source::settings::{
    EnreachSettings, NimbusSettings, Settings, SubscriptionScope, TelepoSettings, TlsFiles, Vendor,
    WebhookSettings,
};
use crate::text::Shown;

/// A commented sample with one source of each kind, all commented out but the first.
pub const SAMPLE: &str = include_str!("sample.toml");

/// The effective configuration, without secrets: where each comes from is said instead.
pub fn show(config: &Config) -> String {
    let mut out = String::new();
    let access = match config.access {
        crate::operations::Access::Full => "full",
        crate::operations::Access::ReadOnly => "read_only",
    };
    line(&mut out, "theme", &quoted(config.theme_now.as_ref().unwrap_or(&config.theme)));
    line(&mut out, "access", &quoted(access));
    if let Some(audit) = &config.audit {
        line(&mut out, "audit", &quoted(&audit.display().to_string()));
    }
    for source in &config.sources {
        source_table(&mut out, source);
    }
    for group in &config.groups {
        let _ = writeln!(out, "\n[groups.{}]", quoted(&group.name));
        let written = group.queues.iter().map(|own| quoted(&own.to_string()));
        line(&mut out, "queues", &list(written));
    }
    for (name, table) in &config.tables {
        let _ = writeln!(out, "\n[tables.{name}]");
        if let Some(columns) = &table.columns {
            line(&mut out, "columns", &list(columns.iter().map(|own| quoted(own))));
        }
        for (key, own) in [("sort", &table.sort), ("group", &table.group)] {
            if let Some(own) = own {
                line(&mut out, key, &quoted(own));
            }
        }
    }
    for (name, wall) in &config.walls {
        let _ = writeln!(out, "\n[wall.{}]", quoted(name));
        if !wall.queues.is_empty() {
            let written = wall.queues.iter().map(|own| quoted(&own.to_string()));
            line(&mut out, "queues", &list(written));
        }
        let pages = wall.pages.iter().map(|table| quoted(table.name()));
        line(&mut out, "pages", &list(pages));
        line(&mut out, "rotate", &spanned(wall.rotate));
    }
    if let Some(relay) = &config.relay {
        relay_table(&mut out, relay);
    }
    if !config.keys.is_empty() {
        out.push_str("\n[keys]\n");
        for (action, keys) in &config.keys {
            let keys: Vec<String> = keys.iter().map(|key| quoted(key)).collect();
            let _ = writeln!(out, "{action} = [{}]", keys.join(", "));
        }
    }
    out
}

fn list(words: impl Iterator<Item = String>) -> String {
    format!("[{}]", words.collect::<Vec<_>>().join(", "))
}

fn relay_table(out: &mut String, relay: &relay::Settings) {
    out.push_str("\n[relay]\n");
    line(out, "listen", &quoted(&relay.listen.to_string()));
    if relay.behind_proxy {
        line(out, "behind_proxy", "true");
    }
    if let Some(url) = &relay.public_url {
        line(out, "public_url", &quoted(url));
    }
    if let Some(store) = &relay.store {
        line(out, "store", &quoted(&store.display().to_string()));
    }
    if let Some(tls) = &relay.tls {
        let files = [("cert", &tls.cert), ("key", &tls.key)];
        let files = files.map(|(key, file)| (key, quoted(&file.display().to_string())));
        line(out, "tls", &inline(files.into_iter()));
    }
    if let Some(nats) = &relay.nats {
        line(out, "nats", &quoted(nats.url().as_str()));
        if let Some(token) = &nats.token {
            let _ = writeln!(out, "# nats_token: from {token}");
        }
        if let Some(file) = &nats.ca_file {
            line(out, "nats_ca_file", &quoted(&file.display().to_string()));
        }
    }
    for token in &relay.tokens {
        out.push_str("[[relay.token]]\n");
        line(out, "name", &quoted(&token.name));
        let _ = writeln!(out, "# token: from {}", token.token);
        let scopes: Vec<String> = token.scopes.iter().map(|scope| quoted(scope.word())).collect();
        line(out, "scopes", &format!("[{}]", scopes.join(", ")));
    }
}

fn source_table(out: &mut String, source: &Settings) {
    out.push_str("\n[[source]]\n");
    line(out, "name", &quoted(source.name.raw()));
    line(out, "kind", &quoted(source.kind().word()));
    match &source.vendor {
        Vendor::Telepo(own) => telepo(out, own),
        Vendor::Enreach(own) => enreach(out, own),
        Vendor::Nimbus(own) => nimbus(out, own),
        Vendor::Relay(own) => {
            line(out, "url", &quoted(own.url.as_str()));
            let _ = writeln!(out, "# token: from {}", own.token);
        }
        Vendor::Nats(own) => {
            line(out, "nats", &quoted(own.server.url().as_str()));
            if let Some(token) = &own.server.token {
                let _ = writeln!(out, "# token: from {token}");
            }
            if own.numbers {
                line(out, "numbers", "true");
            }
        }
    }
    let common = &source.common;
    let transport = &common.transport;
    line(out, "timeout", &spanned(transport.timeout));
    line(out, "idle", &spanned(common.idle));
    if let Some(stale_after) = common.stale_after {
        line(out, "stale_after", &spanned(stale_after));
    }
    if let Some(ca_file) = &transport.ca_file {
        line(out, "ca_file", &quoted(&ca_file.display().to_string()));
    }
    if let Some(proxy) = &transport.proxy {
        let url = quoted(proxy.url().as_str());
        match proxy.login() {
            None => line(out, "proxy", &url),
            Some((user, password)) => {
                let keys = [("url", url), ("user", quoted(user))];
                let keys = keys.iter().map(|(key, value)| (*key, value.clone()));
                let _ = writeln!(out, "# proxy: {}, password from {password}", inline(keys));
            }
        }
    }
    if transport.insecure_http {
        line(out, "insecure_http", "true");
    }
}

fn telepo(out: &mut String, own: &TelepoSettings) {
    line(out, "base_url", &quoted(own.base_url.as_str()));
    line(out, "domain", &quoted(&own.domain));
    line(out, "user", &quoted(&own.user));
    line(out, "auth_header", &quoted(&own.auth_header));
    line(out, "auth_value", &quoted(&own.auth_value));
    if let Some(ticket) = &own.ticket {
        let _ = writeln!(out, "# ticket: from {ticket}");
    }
    for (api, ticket) in &own.tickets {
        let _ = writeln!(out, "# tickets.{}: from {ticket}", Shown::clean(api));
    }
    line(out, "poll", &spanned(own.poll));
    line(out, "poll_agents", &spanned(own.poll_agents));
    line(out, "max_streams", &own.max_streams.to_string());
    if own.include_federation {
        line(out, "include_federation", "true");
    }
    if own.service_account {
        line(out, "service_account", "true");
    }
    for (key, words) in [("agent_ids", &own.agent_ids), ("queue_xml", &own.queue_xml)] {
        if !words.is_empty() {
            line(out, key, &inline(words.iter().map(|(name, word)| (name.as_str(), quoted(word)))));
        }
    }
    if !own.endpoints.is_empty() {
        let endpoints = own.endpoints.iter().map(|(id, endpoint)| {
            let parts = [("method", &endpoint.method), ("path", &endpoint.path)];
            let parts =
                parts.into_iter().filter_map(|(key, part)| Some((key, quoted(part.as_ref()?))));
            (id.as_str(), inline(parts))
        });
        line(out, "endpoints", &inline(endpoints));
    }
}

fn enreach(out: &mut String, own: &EnreachSettings) {
    line(out, "username", &quoted(&own.username));
    let _ = writeln!(out, "# secret_key: from {}", own.secret_key);
    match &own.api_url {
        Some(url) => line(out, "api_url", &quoted(url.as_str())),
        None => line(out, "discovery_url", &quoted(own.discovery_url.as_str())),
    }
    if let Some(webhook) = &own.webhook {
        webhooks(out, webhook);
    }
    line(out, "poll", &spanned(own.poll));
    line(out, "queue_types", &format!("{:?}", own.queue_types));
    let unit = if own.max_wait_unit < 1.0 { "ms" } else { "s" };
    line(out, "max_wait_unit", &quoted(unit));
    if !own.callback_list_names.is_empty() {
        let names = own.callback_list_names.iter().map(|(id, name)| (id.raw(), quoted(name)));
        line(out, "callback_list_names", &inline(names));
    }
    if let Some(zone) = &own.time_zone {
        line(out, "time_zone", &quoted(zone));
    }
    if let Some(path) = &own.callback_lists {
        let path = inline(std::iter::once(("path", quoted(path))));
        line(out, "endpoints", &inline(std::iter::once(("callback_lists", path))));
    }
}

fn webhooks(out: &mut String, own: &WebhookSettings) {
    let _ = writeln!(out, "# webhook.token: from {}", own.token);
    if let Some(next) = &own.next_token {
        let _ = writeln!(out, "# webhook.next_token: from {next}");
    }
    let mut keys = door(own.listen, own.tls.as_ref(), own.behind_proxy);
    match &own.scope {
        SubscriptionScope::All => {}
        SubscriptionScope::SecurityGroup(group) => keys.push(("security_group_id", quoted(group))),
        SubscriptionScope::Entities(entities) => {
            keys.push(("entity_ids", format!("{entities:?}")));
        }
    }
    line(out, "webhook", &inline(keys.into_iter()));
}

/// Where webhooks are listened for, and how.
fn door(
    listen: Option<SocketAddr>,
    tls: Option<&TlsFiles>,
    behind_proxy: bool,
) -> Vec<(&'static str, String)> {
    let mut keys = Vec::new();
    keys.extend(listen.map(|address| ("listen", quoted(&address.to_string()))));
    keys.extend(tls.map(|files| {
        let path = |path: &std::path::Path| quoted(&path.display().to_string());
        let files = [("cert", path(&files.cert)), ("key", path(&files.key))];
        ("tls", inline(files.into_iter()))
    }));
    keys.extend(behind_proxy.then(|| ("behind_proxy", "true".to_owned())));
    keys
}

fn nimbus(out: &mut String, own: &NimbusSettings) {
    line(out, "base_url", &quoted(own.base_url.as_str()));
    let _ = writeln!(out, "# token: from {}", own.token);
    if let Some(own) = own.entra.as_ref().map(|own| own.settings()) {
        let keys = [
            ("authority", &own.authority),
            ("tenant", &own.tenant),
            ("client_id", &own.client_id),
            ("scope", &own.scope),
        ];
        line(out, "entra", &inline(keys.map(|(key, word)| (key, quoted(word))).into_iter()));
    }
    line(out, "poll", &spanned(own.poll));
    if let Some(services) = &own.services {
        let services: Vec<String> = services.iter().map(|service| quoted(service)).collect();
        line(out, "services", &format!("[{}]", services.join(", ")));
    }
    line(out, "lost_track", &spanned(own.lost_track));
    if !own.task_events.is_empty() {
        let words = own.task_events.iter();
        let words = words.map(|(event, turn)| (event.as_str(), quoted(map::word(*turn))));
        line(out, "task_events", &inline(words));
    }
    if let Some(own) = &own.triggers {
        let mut keys = door(own.listen, own.tls.as_ref(), own.behind_proxy);
        keys.extend(own.public_url.as_ref().map(|url| ("public_url", quoted(url.as_str()))));
        keys.push(("probe", spanned(own.probe)));
        keys.push(("silence", spanned(own.silence)));
        line(out, "webhook", &inline(keys.into_iter()));
    }
}

fn line(out: &mut String, key: &str, value: &str) {
    let _ = writeln!(out, "{key} = {value}");
}

fn spanned(span: Duration) -> String {
    quoted(&humantime::format_duration(span).to_string())
}

fn inline<'k>(pairs: impl Iterator<Item = (&'k str, String)>) -> String {
    let pairs: Vec<String> =
        pairs.map(|(key, value)| format!("{} = {value}", quoted(key))).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// A TOML string in which whatever a screen should not be sent is spelt out.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c if Shown::clean(c.encode_utf8(&mut [0; 4])).chars().eq([c]) => out.push(c),
            c => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}
