//! The program's own log: a file for the user alone, of a size that months on a wall do not grow.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tracing_subscriber::EnvFilter;

use crate::floor::id::SourceName;
use crate::private;
use crate::runtime::RunError;
use crate::table::LogLine;
use crate::terminal::print::Printer;
use crate::threshold::Severity;
use crate::transport::sse::PARSER_LOG;

use writer::LogQueue;

pub use writer::flush;

mod writer;

/// The size at which a log is put aside, bytes; with the one put aside before, twice this is the most.
const CAP: u64 = 8 * 1024 * 1024;

/// The words for standard error.
const STDERR: [&str; 3] = ["-", "/dev/stderr", "/dev/fd/2"];

/// Sends the log to `path`: a file, or standard error (`-`, `/dev/stderr`); nowhere without one.
///
/// # Errors
/// The file cannot be made or opened.
pub fn to(path: Option<&Path>, verbose: u8) -> Result<(), RunError> {
    match path {
        None => {}
        Some(path) if is_stderr(path) => to_stderr(verbose)?,
        Some(path) => to_file(path, verbose)?,
    }
    Ok(())
}

/// The same for a board, on whose terminal nothing else may be written.
///
/// # Errors
/// The file cannot be made or opened, or is the terminal.
pub fn beside_board(path: &Path, verbose: u8) -> Result<(), RunError> {
    if is_stderr(path) && Printer::stderr().is_terminal() {
        return Err(RunError::usage(
            "the log cannot go to the terminal that shows the board: use --log FILE or 2>FILE",
        ));
    }
    to(Some(path), verbose)
}

fn is_stderr(path: &Path) -> bool {
    STDERR.iter().any(|word| path == Path::new(word))
}

fn to_file(path: &Path, verbose: u8) -> Result<(), RunError> {
    let refuse = |source| RunError::Write { path: path.to_owned(), source };
    let writer: Box<dyn Write + Send> = match std::fs::metadata(path) {
        // A pipe or a device has no size, and stays where it is.
        Ok(found) if !found.is_file() => {
            Box::new(OpenOptions::new().append(true).open(path).map_err(refuse)?)
        }
        _ => Box::new(Rotating::open(path).map_err(refuse)?),
    };
    begin(Printer::to(writer), verbose).map_err(refuse)
}

/// Sends the log to standard error, for a service manager to keep.
///
/// # Errors
/// There is no thread to write it with.
pub fn to_stderr(verbose: u8) -> Result<(), RunError> {
    Ok(begin(Printer::stderr(), verbose)?)
}

fn begin(printer: Printer<'static>, verbose: u8) -> io::Result<()> {
    let queue = LogQueue::start(printer)?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter(verbose))
        .with_ansi(false)
        .with_writer(queue.clone())
        .finish();
    // A second board in one process, as tests run them, keeps the first one's log.
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        queue.install();
    }
    Ok(())
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
        private::folder(path.parent().unwrap_or(Path::new("")))?;
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
    private::open(path, OpenOptions::new().create(true).append(true))
}

impl Write for Rotating {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.size >= CAP {
            self.put_aside()?;
        }
        let written = self.file.write(bytes)?;
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
