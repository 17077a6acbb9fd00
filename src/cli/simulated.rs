//! The simulated contact centre: the demo on it, and it alone.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::{Global, open, span};
use crate::config::{Config, ConfigError, themes};
use crate::relay::webhook;
use crate::runtime::RunError;
use crate::simulator::enreach::webhooks::Webhooks;
use crate::simulator::{self, Sins, Size};
use crate::terminal::print::{Page, Printer, line};
use crate::theme::Shelf;

/// The token of simulated webhooks.
const TOKEN: &str = "simulated-webhook-4711";

#[derive(Debug, Args)]
pub(super) struct Simulated {
    /// Which day it is: the same number, the same day
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How fast time passes
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// How large the floor is
    #[arg(long, value_enum, default_value_t = Size::Small, hide_possible_values = true, value_name = "small|large")]
    size: Size,
}

/// Where the simulator's webhooks go, and what goes wrong on the way.
#[derive(Debug, Args)]
pub(super) struct Sent {
    /// Where Enreach's webhooks go: `http://` on loopback, e.g. <http://127.0.0.1:8443/webhook/helsinki>
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// The token that is sent with them
    #[arg(long, value_name = "TOKEN", default_value = TOKEN, requires = "webhook")]
    webhook_token: String,
    /// The share of webhooks that are sent twice, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, hide_default_value = true, value_parser = share, requires = "webhook")]
    webhook_duplicates: f64,
    /// The share of webhooks that are never sent, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, hide_default_value = true, value_parser = share, requires = "webhook")]
    webhook_losses: f64,
    /// For how long a webhook may be held back, so that later ones overtake it
    #[arg(long, value_name = "SPAN", default_value = "0s", hide_default_value = true, value_parser = span, requires = "webhook")]
    webhook_shuffle: Duration,
}

impl Simulated {
    pub(super) fn settings(&self) -> simulator::Settings {
        let &Self { seed, speed, size } = self;
        simulator::Settings { seed, speed, size, ..simulator::Settings::default() }
    }
}

impl Sent {
    /// What goes wrong with what Nimbus posts: the same.
    pub(super) const fn sins(&self) -> Sins {
        let &Self { webhook_duplicates, webhook_losses, webhook_shuffle, .. } = self;
        Sins { duplicates: webhook_duplicates, losses: webhook_losses, shuffle: webhook_shuffle }
    }

    /// Where they go; `None` for nowhere.
    pub(super) fn webhooks(self) -> Option<Webhooks> {
        let url = self.webhook?;
        Some(Webhooks {
            duplicates: self.webhook_duplicates,
            losses: self.webhook_losses,
            shuffle: self.webhook_shuffle,
            ..Webhooks::to(url, self.webhook_token)
        })
    }
}

/// A share, 0 to 1.
fn share(written: &str) -> Result<f64, String> {
    let share = written.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "write a number from 0 to 1".to_owned())
}

/// Opens the board on a simulated contact centre.
pub(super) async fn demo(global: &Global, simulated: &Simulated) -> Result<u8, RunError> {
    // Nothing of it outlives the demo, and the port is free: somebody just had it.
    let folder = tempfile::tempdir()?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let url = format!("http://{port}{}/{}", webhook::PATH, simulator::enreach::SOURCE);
    let webhooks = Some(Webhooks::to(url, TOKEN));
    let simulator =
        simulator::start(simulator::Settings { webhooks, ..simulated.settings() }).await?;
    // The simulator's own secrets stand in its config; they open nothing but itself.
    let shelf = Shelf::read(&themes::folders(global.path().ok().as_deref()));
    let config = Config::parse_with(&simulator.config(), true, shelf)
        .map_err(|complaints| ConfigError::Wrong { path: PathBuf::from("demo"), complaints })?;
    let config = global.over(config)?;
    let code = open(global, config, None, None, Some(webhook::store_in(folder.path()))).await;
    simulator.stop().await;
    code
}

/// Runs the simulated contact centre alone.
pub(super) async fn simulate(
    settings: simulator::Settings,
    print_config: bool,
) -> Result<u8, RunError> {
    let simulator = simulator::start(settings).await?;
    let mut out = Printer::stdout();
    if print_config {
        out.line(line!["# floorwalker simulate on http://", simulator.address()])?;
        out.page(&Page::clean(&simulator.config()))?;
    } else {
        out.line(line!["http://", simulator.address()])?;
    }
    // It runs until a signal ends the process.
    std::future::pending::<()>().await;
    Ok(0)
}
