//! The program's own log: a file for the user alone, of a size that months on a wall do not grow.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::floor::id::SourceName;
use crate::runtime::RunError;
use crate::table::LogLine;
use crate::threshold::Severity;
use crate::transport::sse::PARSER_LOG;

/// The size at which a log is put aside, bytes; with the one put aside before, twice this is the most.
const CAP: u64 = 8 * 1024 * 1024;

/// Sends the log to the file at `path`; nowhere without one.
///
/// # Errors
/// The file cannot be made or opened.
pub fn to_file(path: Option<&Path>, verbose: u8) -> Result<(), RunError> {
    let Some(path) = path else { return Ok(()) };
    let writer =
        Rotating::open(path).map_err(|source| RunError::Write { path: path.to_owned(), source })?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter(verbose))
        .with_ansi(false)
        .with_writer(Shared(Mutex::new(writer)))
        .finish();
    // A second board in one process, as tests run them, keeps the first one's log.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

/// Sends the log to standard error, for a service manager to keep.
pub fn to_stderr(verbose: u8) {
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter(verbose))
        .with_ansi(false)
        .with_writer(io::stderr)
        .finish();
    let _ = tracing::subscriber::set_global_default(subscriber);
}

fn filter(verbose: u8) -> EnvFilter {
    let level = match verbose {
        0 => "warn,floorwalker=info",
        1 => "info,floorwalker=debug",
        _ => "debug,floorwalker=trace",
    };
    EnvFilter::new(format!("{level},{PARSER_LOG}"))
}

/// Copies lines of the state's log to the program's; the number of the last, `last` where there is none.
pub fn copy<'l>(lines: impl Iterator<Item = &'l LogLine>, last: u64) -> u64 {
    lines.fold(last, |_, line| {
        let source = line.source.as_ref().map(SourceName::shown).unwrap_or_default();
        match line.severity {
            Severity::Ok => tracing::info!(%source, "{}", line.text),
            Severity::Warning => tracing::warn!(%source, "{}", line.text),
            Severity::Critical => tracing::error!(%source, "{}", line.text),
        }
        line.number
    })
}

struct Rotating {
    path: PathBuf,
    file: File,
    size: u64,
}

impl Rotating {
    fn open(path: &Path) -> io::Result<Self> {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        }
        let file = append(path)?;
        let size = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, size })
    }

    fn put_aside(&mut self) -> io::Result<()> {
        let mut aside = self.path.clone().into_os_string();
        aside.push(".1");
        std::fs::rename(&self.path, aside)?;
        self.file = append(&self.path)?;
        self.size = 0;
        Ok(())
    }
}

fn append(path: &Path) -> io::Result<File> {
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default();
    OpenOptions::new().create(true).append(true).mode(0o600).custom_flags(no_follow).open(path)
}

struct Shared(Mutex<Rotating>);

struct Guard<'a>(std::sync::MutexGuard<'a, Rotating>);

impl Write for Guard<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.size >= CAP {
            self.0.put_aside()?;
        }
        let written = self.0.file.write(bytes)?;
        self.0.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.file.flush()
    }
}

impl<'a> MakeWriter<'a> for Shared {
    type Writer = Guard<'a>;

    fn make_writer(&'a self) -> Guard<'a> {
        Guard(self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}
