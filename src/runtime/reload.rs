//! The config file while the board runs: looked at every other second, taken over when it is good.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::config::Config;
use crate::runtime::RunError;

/// Ticks between two looks: two seconds.
const LOOK: u32 = 2;

/// A config file that is watched.
pub struct Watched {
    path: PathBuf,
    read: Box<dyn Fn() -> Result<Config, RunError> + Send>,
    seen: Option<SystemTime>,
    ticks: u32,
}

impl Watched {
    /// Watches the file at `path`; `read` reads it, with the flags over it.
    pub fn new(path: &Path, read: impl Fn() -> Result<Config, RunError> + Send + 'static) -> Self {
        Self { path: path.to_owned(), read: Box::new(read), seen: modified(path), ticks: 0 }
    }

    /// A tick passed; what the file says now, where it changed since the last look. While it is being
    /// replaced it is not there: that is no change.
    pub fn tick(&mut self) -> Option<Result<Config, RunError>> {
        self.ticks = (self.ticks + 1) % LOOK;
        let now = if self.ticks == 0 { modified(&self.path)? } else { return None };
        (self.seen != Some(now)).then(|| {
            self.seen = Some(now);
            (self.read)()
        })
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).ok()?.modified().ok()
}
