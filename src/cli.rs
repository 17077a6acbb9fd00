//! The command line: what can be asked, and who answers.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::Resettable;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use crate::audit::Audit;
use crate::config::{self, Config, themes};
use crate::operations::Access;
use crate::private;
use crate::relay::webhook;
use crate::runtime::board::{self, Board};
use crate::runtime::oneshot::{self, CommandOptions, Format, Report};
use crate::runtime::reload::{Loaded, Watched};
use crate::runtime::{RunError, journal, logging};
use crate::simulator;
use crate::table::TableId;
use crate::terminal::Capability;
use crate::terminal::print::{Page, Printer};
use crate::text::segment::segment_fault;
use crate::text::{Characters, Shown};
use crate::theme::Palette;
use crate::transport::http::chain;
use crate::transport::keep::Keep;
use crate::wall::Profile;

use self::operations::{Of, Own, on_operation};
use self::simulated::{Sent, Simulated};

mod auth;
mod contacts;
mod entries;
mod manual;
mod operations;
mod relay;
mod settings;
mod simulated;
mod tasks;

/// A terminal supervisor dashboard for contact-centre queues.
#[derive(Debug, Parser)]
#[command(name = "floorwalker", version, about, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Ask>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
struct Global {
    /// The config file [default: config.toml in the platform's config directory]
    #[arg(long, global = true, env = "FLOORWALKER_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Show everything, change nothing
    #[arg(long, global = true, env = "FLOORWALKER_READ_ONLY", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true", default_value_t = false, hide_possible_values = true, action = clap::ArgAction::Set, require_equals = true, hide_default_value = true, value_name = "BOOL")]
    read_only: bool,
    /// The theme: midnight, daylight, contrast, deuteran, mono, or a file of the themes directory
    #[arg(long, global = true, env = "FLOORWALKER_THEME", value_name = "NAME")]
    theme: Option<String>,
    /// Draw with ASCII characters only; left out: where the locale is not UTF-8
    #[arg(long, global = true, env = "FLOORWALKER_ASCII", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true", hide_possible_values = true, action = clap::ArgAction::Set, require_equals = true, value_name = "BOOL")]
    ascii: Option<bool>,
    /// The colours that are used; auto: those that the terminal is known for
    #[arg(long, global = true, env = "FLOORWALKER_COLORS", value_enum, default_value_t = Colours::Auto, value_name = "HOW")]
    colors: Colours,
    /// Draw without colour; `NO_COLOR` does the same
    #[arg(long, global = true, env = "FLOORWALKER_NO_COLOR", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true", default_value_t = false, hide_possible_values = true, action = clap::ArgAction::Set, require_equals = true, hide_default_value = true, value_name = "BOOL")]
    no_color: bool,
    /// Mask numbers of people on the board
    #[arg(long, global = true, env = "FLOORWALKER_MASK", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true", default_value_t = false, hide_possible_values = true, action = clap::ArgAction::Set, require_equals = true, hide_default_value = true, value_name = "BOOL")]
    mask: bool,
    /// Show numbers of people in reports
    #[arg(long, global = true, env = "FLOORWALKER_NO_MASK", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true", default_value_t = false, hide_possible_values = true, action = clap::ArgAction::Set, require_equals = true, hide_default_value = true, value_name = "BOOL", conflicts_with = "mask")]
    no_mask: bool,
    /// Where the program's log is written [default: floorwalker.log in the state directory]
    #[arg(long, global = true, env = "FLOORWALKER_LOG", value_name = "FILE")]
    log: Option<PathBuf>,
    /// Say more in the log; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// Which colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Colours {
    /// What the terminal is known for
    Auto,
    /// 24 bits
    Truecolor,
    /// The 256 of xterm
    #[value(name = "256")]
    Indexed,
    /// The sixteen as a PC's console has them
    Console,
    /// Black and white of a palette that may be any
    #[value(name = "16")]
    Sixteen,
    /// None: bold, underlined and reversed
    None,
}

#[derive(Debug, Subcommand)]
enum Ask {
    /// Open the board on a simulated contact centre: no network, no account
    Demo(Simulated),
    /// Open the wall: large, read-only, numbers masked
    Wall {
        /// A `[wall.NAME]` of the config file; left out: all queues
        profile: Option<String>,
        /// How long a page stays
        #[arg(long, value_parser = dwell)]
        rotate: Option<Duration>,
    },
    /// Write one snapshot on standard output
    Status {
        /// The tables; left out: those of the format
        #[arg(value_parser = table, help = format!("Tables: {}", reported().join(" ")))]
        tables: Vec<TableId>,
        /// How it is written
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Only this source
        #[arg(long)]
        source: Option<String>,
        /// How long the sources have to answer
        #[arg(long, default_value = "10s", value_parser = span)]
        timeout: Duration,
        /// Metrics: also a series for each call, task, callback and entry
        #[arg(long)]
        per_item: bool,
        /// Write into this file, whole or not at all
        #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
        output: Option<PathBuf>,
    },
    #[command(flatten)]
    Operation(Of<Own>),
    /// Outbound scheduler entries
    #[command(subcommand)]
    Entries(entries::EntriesAsk),
    /// Tasks: of other systems added and removed, any that goes on updated
    #[command(subcommand)]
    Tasks(tasks::TasksAsk),
    /// Contacts of address books
    #[command(subcommand)]
    Contacts(contacts::ContactsAsk),
    /// Read all sources and share them with many boards
    Relay,
    /// Run the simulated contact centre alone
    Simulate {
        #[command(flatten)]
        simulated: Simulated,
        /// Where it listens
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// Queue updates that the Telepo stream sends a second, up to 10000
        #[arg(long, default_value_t = 0, hide_default_value = true, value_name = "N", value_parser = clap::value_parser!(u32).range(..=10_000))]
        load: u32,
        #[command(flatten)]
        webhooks: Sent,
        /// Print a config file for it
        #[arg(long)]
        print_config: bool,
    },
    /// Sign in to a source, and out of it
    #[command(subcommand)]
    Auth(auth::AuthAsk),
    /// The config file
    #[command(subcommand)]
    Config(ConfigAsk),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Debug, Subcommand)]
enum ConfigAsk {
    /// Write a commented sample
    Init,
    /// Say what is wrong, with file, line and mend
    Check {
        /// Try every endpoint of every source
        #[arg(long)]
        connect: bool,
    },
    /// Print the effective configuration, without secrets
    Show,
    /// Print where the file is
    Path,
}

impl Cli {
    /// Reads the command line. An empty `FLOORWALKER_…` variable counts as unset.
    ///
    /// # Errors
    /// What is wrong with them, or the help that they ask for.
    pub fn read() -> Result<Self, clap::Error> {
        let matches = without_empty_variables(Self::command()).try_get_matches()?;
        Self::from_arg_matches(&matches)
    }

    /// What the command runs on. One thread is enough for a board: its feeds wait nearly always, and a fact
    /// that never changes threads wakes nobody. A simulated floor works beside whoever looks at it, and a relay answers
    /// while its floor takes facts in.
    ///
    /// # Errors
    /// The system refuses.
    pub fn runtime(&self) -> std::io::Result<Runtime> {
        let (mut builder, threads) = match self.command {
            Some(Ask::Demo(_) | Ask::Simulate { .. }) => (Builder::new_multi_thread(), 2),
            Some(Ask::Relay) => (Builder::new_multi_thread(), RELAY_THREADS),
            _ => (Builder::new_current_thread(), 1),
        };
        builder.worker_threads(threads).enable_all().build()
    }
}

/// The command with no argument that reads an empty variable.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |own: &clap::Arg| {
        own.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty())
    };
    let names: Vec<String> =
        command.get_subcommands().map(|own| own.get_name().to_owned()).collect();
    let command =
        command.mut_args(|own| if is_empty(&own) { own.env(Resettable::Reset) } else { own });
    names
        .into_iter()
        .fold(command, |command, name| command.mut_subcommand(name, without_empty_variables))
}

/// The tables that a report can have.
fn reported() -> Vec<&'static str> {
    TableId::ALL.into_iter().filter(|table| table.is_reported()).map(TableId::name).collect()
}

fn table(name: &str) -> Result<TableId, String> {
    TableId::named(name)
        .filter(|table| table.is_reported())
        .ok_or_else(|| format!("there is {}", reported().join(", ")))
}

fn span(written: &str) -> Result<Duration, String> {
    humantime::parse_duration(written).map_err(|_| "write 5s, 2m or 500ms".to_owned())
}

/// What is said where the config file names no source.
/// Threads of a relay: one for the writer of the floor while it takes in a large reading, the others for whoever asks.
const RELAY_THREADS: usize = 4;

const NO_SOURCE: &str =
    "no source is configured: take a [[source]] of the sample, see `config path`";

/// An id, or a name in its place, as a request can carry it.
fn id(written: &str) -> Result<String, String> {
    match segment_fault(written) {
        Some(fault) => Err(format!("{fault}; nothing was sent")),
        None => Ok(written.to_owned()),
    }
}

/// A span that is not nothing.
fn dwell(written: &str) -> Result<Duration, String> {
    span(written).and_then(|span| match span.is_zero() {
        true => Err("it must be longer than nothing".to_owned()),
        false => Ok(span),
    })
}

/// What is said where there is no config file.
const WELCOME: &str = "\
floorwalker shows the queues of a contact centre in a terminal.

  floorwalker demo          a simulated contact centre: no network, no account
  floorwalker config init   writes a commented config file for your own systems
  floorwalker --help        everything else
";

/// Does what the command line asks for; returns the exit code.
///
/// # Errors
/// Whatever kept it from being done.
pub async fn run(cli: Cli) -> Result<u8, RunError> {
    let Cli { global, command } = cli;
    // The board and the relay always log; what answers once, when it is asked to.
    let own_log = matches!(command, None | Some(Ask::Relay));
    if !own_log && (global.log.is_some() || global.verbose > 0) {
        logging::to(global.log_file().as_deref(), global.verbose)?;
    }
    match command {
        None => on_board(&global).await,
        Some(Ask::Demo(simulated)) => simulated::demo(&global, &simulated).await,
        Some(Ask::Wall { profile, rotate }) => on_wall(&global, profile.as_deref(), rotate).await,
        Some(Ask::Status { tables, format, source, timeout, per_item, output }) => {
            let report = Report {
                tables,
                format,
                source,
                service: None,
                timeout,
                mask: !global.no_mask,
                ascii: global.is_ascii(),
                per_item,
                output,
            };
            status(&global, &report).await
        }
        Some(Ask::Operation(own)) => on_operation(&global, own.asked).await,
        Some(Ask::Entries(ask)) => entries::on_entries(&global, ask).await,
        Some(Ask::Tasks(ask)) => tasks::on_tasks(&global, ask).await,
        Some(Ask::Contacts(ask)) => contacts::on_contacts(&global, ask).await,
        Some(Ask::Relay) => relay::on_relay(&global).await,
        Some(Ask::Simulate { simulated, listen, load, webhooks, print_config }) => {
            let (sins, webhooks) = (webhooks.sins(), webhooks.webhooks());
            let settings = simulated.settings();
            let settings = simulator::Settings { listen, load, webhooks, sins, ..settings };
            simulated::simulate(settings, print_config).await
        }
        Some(Ask::Auth(ask)) => auth::on_auth(&global, &ask).await,
        Some(Ask::Config(ask)) => settings::on_config(&global, &ask).await,
        Some(Ask::Completions { shell }) => print(&manual::completions(Cli::command(), shell)),
        Some(Ask::Man) => print(&manual::page(Cli::command())?),
    }
}

/// Writes to standard output; a reader who leaves early ends it quietly.
fn print(bytes: &[u8]) -> Result<u8, RunError> {
    Printer::stdout().page(&Page::clean(&String::from_utf8_lossy(bytes)))?;
    Ok(0)
}

impl Global {
    fn path(&self) -> Result<PathBuf, RunError> {
        self.config
            .clone()
            .or_else(config::default_path)
            .ok_or_else(|| RunError::usage("there is no home directory: say --config FILE"))
    }

    fn load(&self) -> Result<Config, RunError> {
        self.over(Config::load(&self.path()?)?)
    }

    /// Flags and environment over the file.
    fn over(&self, mut config: Config) -> Result<Config, RunError> {
        if self.read_only {
            config.access = Access::ReadOnly;
        }
        if let Some(keep) = Self::keep() {
            config.keep(&keep);
        }
        if let Some(theme) = &self.theme {
            if let Some(what) = themes::refusal(theme, &config.themes) {
                return Err(RunError::Usage { what });
            }
            config.theme_now = Some(theme.clone());
        }
        Ok(config)
    }

    /// Where sign-ins are kept; `None` without a home directory.
    fn keep() -> Option<Keep> {
        config::state_dir().map(|state| Keep::within(&state).with_ring())
    }

    fn audit(config: &Config) -> Result<PathBuf, RunError> {
        audit_path(config).ok_or_else(|| RunError::usage(board::NO_AUDIT))
    }

    fn options<'a>(&self, config: &Config, yes: bool, audit: &'a Path) -> CommandOptions<'a> {
        CommandOptions {
            access: config.access,
            yes,
            mask: !self.no_mask,
            timeout: Duration::from_secs(10),
            audit,
            messages: Printer::stderr(),
        }
    }

    /// The colours that are drawn. A choice of colours outdoes `NO_COLOR`, as that convention asks for.
    fn palette(&self) -> Palette {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
        match self.colors {
            _ if self.no_color => Palette::Mono,
            Colours::Truecolor => Palette::Rgb,
            Colours::Indexed => Palette::Indexed256,
            Colours::Console => Palette::Vga,
            Colours::Sixteen => Palette::Indexed16,
            Colours::None => Palette::Mono,
            Colours::Auto if unwanted => Palette::Mono,
            Colours::Auto => Capability::read().palette(),
        }
    }

    /// The characters that are drawn.
    fn characters(&self) -> Characters {
        match self.ascii {
            Some(true) => Characters::Ascii,
            Some(false) => Characters::Unicode,
            None => Capability::read().characters(),
        }
    }

    /// Whether a report is in ASCII: on a terminal that may show no more. What goes elsewhere stays UTF-8.
    fn is_ascii(&self) -> bool {
        self.ascii
            .unwrap_or_else(|| Printer::stdout().is_terminal() && !Capability::read().is_utf8())
    }

    fn log_file(&self) -> Option<PathBuf> {
        self.log.clone().or_else(|| config::state_dir().map(|dir| dir.join("floorwalker.log")))
    }
}

async fn on_board(global: &Global) -> Result<u8, RunError> {
    let path = global.path()?;
    if global.config.is_none() && !path.exists() {
        let mut out = Printer::stdout();
        out.page(&Page::clean(WELCOME))?;
        return Ok(if out.is_terminal() { 0 } else { 2 });
    }
    let config = global.load()?;
    let again = global.clone();
    let watched = Watched::new(&path, move || {
        let (config, _) = readable(again.load()?);
        Ok(Loaded { config, wall: None })
    });
    open(global, config, Some(watched), None, own_store()).await
}

/// Where the ends of entries are kept.
fn journal_folder() -> Option<PathBuf> {
    config::state_dir().map(|dir| dir.join(journal::FOLDER))
}

/// Where commands and their outcomes are written; `None` without a home directory.
fn audit_path(config: &Config) -> Option<PathBuf> {
    config.audit.clone().or_else(|| config::state_dir().map(|dir| dir.join("audit.jsonl")))
}

/// The configuration with which a board can open: without an audit log nothing may be changed. Says why, where that
/// makes a difference.
fn readable(mut config: Config) -> (Config, Option<String>) {
    if config.access == Access::ReadOnly {
        return (config, None);
    }
    let why = match audit_path(&config) {
        Some(path) => Audit::open(&path).err().map(|error| chain(&error)),
        None => Some(board::NO_AUDIT.to_owned()),
    };
    if why.is_some() {
        config.access = Access::ReadOnly;
    }
    (config, why.map(|why| format!("read-only: {why}")))
}

/// Whether files can be made in a folder, which is made where it is not there.
fn writable(folder: &Path) -> std::io::Result<()> {
    private::folder(folder)?;
    tempfile::tempfile_in(folder).map(drop)
}

/// Where webhooks are stored that this program receives.
fn own_store() -> Option<PathBuf> {
    config::state_dir().map(|dir| webhook::store_in(&dir))
}

/// The wall is the board behind glass: whatever the config file allows, it only reads, and it masks.
async fn on_wall(
    global: &Global,
    profile: Option<&str>,
    rotate: Option<Duration>,
) -> Result<u8, RunError> {
    let again = global.clone();
    let name = profile.map(ToOwned::to_owned);
    let load = move || {
        let mut config = again.load()?;
        config.access = Access::ReadOnly;
        let mut wall = config.wall(name.as_deref()).map_err(|why| RunError::usage(&why))?;
        wall.rotate = rotate.unwrap_or(wall.rotate);
        Ok(Loaded { config, wall: Some(wall) })
    };
    let Loaded { config, wall } = load()?;
    open(global, config, Some(Watched::new(&global.path()?, load)), wall, own_store()).await
}

async fn open(
    global: &Global,
    config: Config,
    watched: Option<Watched>,
    wall: Option<Profile>,
    webhooks: Option<PathBuf>,
) -> Result<u8, RunError> {
    let mut notices: Vec<Shown> = Vec::new();
    let mut notice = |text: String| notices.push(Shown::clean(&text));
    match global.log_file() {
        Some(path) => match logging::beside_board(&path, global.verbose) {
            Ok(()) => {}
            // Who names a file wants that one.
            Err(error) if global.log.is_some() => return Err(error),
            Err(error) => notice(format!("there is no log: {}", chain(&error))),
        },
        None => notice("there is no log: there is no home directory, set --log".to_owned()),
    }
    let state_dir = config::state_dir().filter(|folder| match writable(folder) {
        Ok(()) => true,
        Err(error) => {
            let folder = folder.display();
            notice(format!("choices are not kept: {folder} cannot be written: {error}"));
            false
        }
    });
    let (config, without_audit) = readable(config);
    without_audit.into_iter().for_each(&mut notice);
    let audit = audit_path(&config);
    board::run(Board {
        notices,
        sources: config.sources,
        access: config.access,
        mouse: config.mouse,
        keys: config.keys,
        tables: config.tables,
        groups: config.groups,
        audit,
        webhooks,
        themes: config.themes,
        theme: config.theme,
        theme_is_chosen: config.theme_is_chosen,
        theme_now: config.theme_now,
        // A demo's floor is nobody's: how its entries end is not kept.
        journal: watched.as_ref().and(state_dir.as_ref()).map(|dir| dir.join(journal::FOLDER)),
        memory: state_dir.map(|dir| dir.join("state.toml")),
        watched,
        mask: global.mask || wall.is_some(),
        wall,
        mask_exports: !global.no_mask,
        characters: global.characters(),
        palette: global.palette(),
    })
    .await
}

async fn status(global: &Global, report: &Report) -> Result<u8, RunError> {
    let config = global.load()?;
    if config.sources.is_empty() {
        Printer::stderr().line(NO_SOURCE)?;
    }
    let (mut out, mut messages) = (Printer::stdout(), Printer::stderr());
    oneshot::status(config.sources, report, &mut out, &mut messages).await
}
