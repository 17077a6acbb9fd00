//! The relay, as a service starts it.

use std::sync::Arc;

use crate::cli::{Global, NO_SOURCE};
use crate::config::{self, Config};
use crate::runtime::relay::{self, Relay};
use crate::runtime::{RunError, logging};

pub(super) async fn on_relay(global: &Global) -> Result<u8, RunError> {
    match &global.log {
        Some(path) => logging::to(Some(path), global.verbose)?,
        None => logging::to_stderr(global.verbose)?,
    }
    let config = global.load()?;
    let audit = Global::audit(&config)?;
    if config.sources.is_empty() {
        return Err(RunError::usage(NO_SOURCE));
    }
    let settings = config.relay.clone().ok_or_else(|| {
        RunError::usage("the config file has no [relay]: it says where it listens, and for whom")
    })?;
    let store =
        settings.store.clone().or_else(|| config::data_dir().map(|dir| dir.join("relay.redb")));
    let Config { sources, access, .. } = config;
    let again = global.clone();
    let again = Arc::new(move || again.load());
    relay::run(Relay { settings, sources, access, audit, store, again }).await
}
