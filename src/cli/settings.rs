//! The subcommands of `config`: write a sample, check, show, and try every endpoint.

use std::io::Write;
use std::path::Path;

use crate::cli::{ConfigAsk, Global};
use crate::clock;
use crate::config::{Config, ConfigError, sample};
use crate::relay::webhook::subscription;
use crate::runtime::RunError;
use crate::source;

pub(super) async fn on_config(global: &Global, ask: &ConfigAsk) -> Result<u8, RunError> {
    let path = global.path()?;
    let mut out = std::io::stdout();
    match ask {
        ConfigAsk::Path => writeln!(out, "{}", path.display())?,
        ConfigAsk::Show => out.write_all(sample::show(&global.load()?).as_bytes())?,
        ConfigAsk::Init => {
            write_sample(&path)?;
            writeln!(out, "{}", path.display())?;
        }
        ConfigAsk::Check { connect } => {
            let config = global.load()?;
            if !config.themes.faults().is_empty() {
                let faults = config.themes.faults().to_vec();
                return Err(ConfigError::Themes { faults }.into());
            }
            if let Some(complaint) = clock::zone::complaint() {
                writeln!(std::io::stderr(), "notice: {complaint}")?;
            }
            for section in &config.later {
                writeln!(
                    std::io::stderr(),
                    "notice: {section} is read but not built yet in this version"
                )?;
            }
            for settings in &config.sources {
                source::make(settings, config.access)?;
            }
            if *connect {
                return connect_all(&config, &mut out).await;
            }
            let count = config.sources.len();
            writeln!(out, "{}: good, {count} sources", path.display())?;
            let public_url = config.relay.as_ref().and_then(|own| own.public_url.as_deref());
            for settings in &config.sources {
                if let Some(text) = subscription::text(settings, public_url) {
                    let name = settings.name.shown();
                    writeln!(out, "\n{name}: Enreach's support sets webhooks up; send them this:")?;
                    out.write_all(text.as_bytes())?;
                }
            }
        }
    }
    Ok(0)
}

/// Writes the sample for the user alone; a file that is there stays.
fn write_sample(path: &Path) -> Result<(), RunError> {
    use std::os::unix::fs::OpenOptionsExt;
    let refuse = |source| RunError::Write { path: path.to_owned(), source };
    crate::private::folder(path.parent().unwrap_or(Path::new(""))).map_err(refuse)?;
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(
            |error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => RunError::usage(&format!(
                    "{} is there already: it stays as it is",
                    path.display()
                )),
                _ => refuse(error),
            },
        )?;
    file.write_all(sample::SAMPLE.as_bytes()).map_err(refuse)
}

async fn connect_all(config: &Config, out: &mut (dyn Write + Send)) -> Result<u8, RunError> {
    let mut probes = Vec::new();
    for settings in &config.sources {
        let name = settings.name.shown();
        let found = source::make(settings, config.access)?.probe().await;
        probes.extend(found.into_iter().map(|probe| (name.clone(), probe)));
    }
    #[cfg(feature = "nats")]
    if let Some(server) = config.relay.as_ref().and_then(|relay| relay.nats.as_ref()) {
        probes
            .push((crate::text::Shown::clean("[relay]"), crate::relay::nats::probe(server).await));
    }
    let mut code = 0;
    for (name, probe) in probes {
        match probe.result {
            Ok(found) => writeln!(out, "{name}  {}  ok  {found}", probe.name)?,
            Err(why) if probe.spare => writeln!(out, "{name}  {}  without  {why}", probe.name)?,
            Err(why) => {
                code = 1;
                writeln!(out, "{name}  {}  failed  {why}", probe.name)?;
            }
        }
    }
    Ok(code)
}
