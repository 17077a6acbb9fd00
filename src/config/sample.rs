//! The config file that `config init` writes, and the effective one that `config show` prints.

use std::fmt::Write as _;

use crate::config::Config;
use crate::source::settings::{Settings, Vendor};

/// A commented sample with one source of each kind, all commented out but the first.
pub const SAMPLE: &str = include_str!("sample.toml");

/// The effective configuration, without secrets: where each comes from is said instead.
pub fn show(config: &Config) -> String {
    let mut out = String::new();
    let access = match config.access {
        crate::command::Access::Full => "full",
        crate::command::Access::ReadOnly => "read_only",
    };
    let _ = writeln!(out, "theme = {:?}\naccess = {access:?}", config.theme);
    if let Some(audit) = &config.audit {
        let _ = writeln!(out, "audit = {:?}", audit.display().to_string());
    }
    for source in &config.sources {
        source_table(&mut out, source);
    }
    if !config.keys.is_empty() {
        out.push_str("\n[keys]\n");
        for (action, keys) in &config.keys {
            let _ = writeln!(out, "{action} = {keys:?}");
        }
    }
    out
}

fn source_table(out: &mut String, source: &Settings) {
    let span = |span: std::time::Duration| humantime::format_duration(span).to_string();
    let _ = writeln!(
        out,
        "\n[[source]]\nname = {:?}\nkind = {:?}",
        source.name.raw(),
        source.kind().word()
    );
    match &source.vendor {
        Vendor::Telepo(own) => {
            let _ = writeln!(
                out,
                "base_url = {:?}\ndomain = {:?}\nuser = {:?}\nauth_header = {:?}\nauth_value = {:?}",
                own.base_url.as_str(),
                own.domain,
                own.user,
                own.auth_header,
                own.auth_value
            );
            if let Some(ticket) = &own.ticket {
                let _ = writeln!(out, "# ticket: from {ticket}");
            }
            for (api, ticket) in &own.tickets {
                let _ = writeln!(out, "# tickets.{api}: from {ticket}");
            }
            let _ = writeln!(
                out,
                "poll = {:?}\npoll_agents = {:?}",
                span(own.poll),
                span(own.poll_agents)
            );
        }
        Vendor::Enreach(own) => {
            let _ = writeln!(
                out,
                "username = {:?}\n# secret_key: from {}",
                own.username, own.secret_key
            );
            match &own.api_url {
                Some(url) => {
                    let _ = writeln!(out, "api_url = {:?}", url.as_str());
                }
                None => {
                    let _ = writeln!(out, "discovery_url = {:?}", own.discovery_url.as_str());
                }
            }
            let _ =
                writeln!(out, "poll = {:?}\nqueue_types = {:?}", span(own.poll), own.queue_types);
        }
        Vendor::Nimbus(own) => {
            let _ = writeln!(
                out,
                "base_url = {:?}\n# token: from {}\npoll = {:?}",
                own.base_url.as_str(),
                own.token,
                span(own.poll)
            );
            if let Some(services) = &own.services {
                let _ = writeln!(out, "services = {services:?}");
            }
        }
    }
    let common = &source.common;
    let _ = writeln!(
        out,
        "timeout = {:?}\nidle = {:?}",
        span(common.transport.timeout),
        span(common.idle)
    );
}
