//! The subcommands of `config`: write a sample, check, show, and try every endpoint.

use std::io::Write as _;
use std::path::Path;

use crate::cli::{ConfigAsk, Global};
use crate::clock;
use crate::config::{Config, ConfigError, sample};
use crate::relay::webhook::subscription;
use crate::runtime::RunError;
use crate::source;
use crate::terminal::print::{Page, Printer, line};
use crate::text::Shown;
use crate::transport::secret::hidden;

pub(super) async fn on_config(global: &Global, ask: &ConfigAsk) -> Result<u8, RunError> {
    let path = global.path()?;
    let mut out = Printer::stdout();
    match ask {
        ConfigAsk::Path => out.line(of(&path))?,
        ConfigAsk::Show => out.page(&Page::clean(&sample::show(&global.load()?)))?,
        ConfigAsk::Init => {
            write_sample(&path)?;
            out.line(of(&path))?;
        }
        ConfigAsk::Check { connect } => {
            let config = global.load()?;
            if !config.themes.faults().is_empty() {
                let faults = config.themes.faults().to_vec();
                return Err(ConfigError::Themes { faults }.into());
            }
            if let Some(complaint) = clock::zone::complaint() {
                Printer::stderr().line(line!["notice: ", complaint])?;
            }
            for section in &config.later {
                Printer::stderr().line(line![
                    "notice: ",
                    Shown::clean(section),
                    " is read but not built yet in this version"
                ])?;
            }
            for settings in &config.sources {
                source::make(settings, config.access)?;
            }
            if *connect {
                return connect_all(&config, !global.no_mask, &mut out).await;
            }
            let count = config.sources.len();
            match count {
                0 => out.line(line![of(&path), ": no error, but no source: add a [[source]]"])?,
                count => out.line(line![of(&path), ": good, ", count, " sources"])?,
            }
            let public_url = config.relay.as_ref().and_then(|own| own.public_url.as_deref());
            for settings in &config.sources {
                if let Some(text) = subscription::text(settings, public_url) {
                    let name = settings.name.shown();
                    out.line(line![
                        "\n",
                        name,
                        ": Enreach's support sets webhooks up; send them this:"
                    ])?;
                    out.page(&Page::clean(&text))?;
                }
            }
        }
    }
    Ok(0)
}

/// A path as it may be printed.
fn of(path: &Path) -> Shown {
    Shown::clean(&path.display().to_string())
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

async fn connect_all(config: &Config, mask: bool, out: &mut Printer<'_>) -> Result<u8, RunError> {
    let mut probes = Vec::new();
    for settings in &config.sources {
        let name = settings.name.shown();
        let found = source::make(settings, config.access)?.probe().await;
        probes.extend(found.into_iter().map(|probe| (name.clone(), probe)));
    }
    #[cfg(feature = "nats")]
    if let Some(server) = config.relay.as_ref().and_then(|relay| relay.nats.as_ref()) {
        probes.push((Shown::clean("[relay]"), crate::relay::nats::probe(server).await));
    }
    let mut code = 0;
    // Rows and services may be called by a number, and a vendor's words may name one.
    let shown = |text: &str| {
        let text = Shown::clean(&hidden(text));
        if mask { text.masked() } else { text }
    };
    for (name, probe) in probes {
        let (word, said) = match &probe.result {
            Ok(found) => ("  ok  ", shown(found)),
            Err(why) if probe.spare => ("  without  ", shown(why)),
            Err(why) => {
                code = 1;
                ("  failed  ", shown(why))
            }
        };
        out.line(line![name, "  ", shown(&probe.name), word, said])?;
    }
    Ok(code)
}
