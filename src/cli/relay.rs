//! The relay, as a service starts it.

use crate::cli::{Global, NO_SOURCE};
use crate::runtime::relay::{self, Relay};
use crate::runtime::{RunError, logging};

pub(super) async fn on_relay(global: &Global) -> Result<u8, RunError> {
    match &global.log {
        Some(path) => logging::to_file(Some(path), global.verbose)?,
        None => logging::to_stderr(global.verbose),
    }
    let config = global.load()?;
    let audit = Global::audit(&config)?;
    if config.sources.is_empty() {
        return Err(RunError::usage(NO_SOURCE));
    }
    let settings = config.relay.ok_or_else(|| {
        RunError::usage("the config file has no [relay]: it says where it listens, and for whom")
    })?;
    relay::run(Relay { settings, sources: config.sources, access: config.access, audit }).await
}
