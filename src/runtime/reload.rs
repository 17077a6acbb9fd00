//! The config file while the board runs: watched, and taken over once it stands still and is good.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use crate::config::Config;
use crate::runtime::RunError;
use crate::wall::Profile;

/// Ticks between two looks at the file where the system reports no changes.
const POLL: u32 = 2;

/// Ticks between two looks at the file where the system reports changes: some file systems report none.
const SLOW_POLL: u32 = 30;

/// Symbolic links that are followed on the way to the file.
const LINKS: usize = 32;

/// A config file, as it was read again.
pub struct Loaded {
    /// What it says, with the flags over it.
    pub config: Config,
    /// The wall of this run, where it is one.
    pub wall: Option<Profile>,
}

/// Reads the config file again.
type Read = Box<dyn Fn() -> Result<Loaded, RunError> + Send>;

/// A config file that is watched.
pub struct Watched {
    path: PathBuf,
    read: Read,
    /// The file that was read last.
    seen: Option<Stamp>,
    /// Another file that was there at the last tick: it is read when it is still the same at the next one.
    settling: Option<Stamp>,
    changes: Option<Changes>,
    ticks: u32,
}

/// What tells one content of a file from another without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Watched {
    /// Watches the file at `path`; `read` reads it, with the flags over it.
    pub fn new(path: &Path, read: impl Fn() -> Result<Loaded, RunError> + Send + 'static) -> Self {
        Self {
            path: path.to_owned(),
            read: Box::new(read),
            seen: stamp(path),
            settling: None,
            changes: Changes::of(path),
            ticks: 0,
        }
    }

    /// A second passed; what the file says now, where it changed and then stood still for a second. A file that is
    /// gone is no change: it is being replaced.
    pub fn tick(&mut self) -> Option<Result<Loaded, RunError>> {
        self.ticks = self.ticks.wrapping_add(1);
        let every = if self.changes.is_some() { SLOW_POLL } else { POLL };
        let reported = self.changes.as_mut().is_some_and(|changes| changes.take(&self.path));
        if !reported && self.settling.is_none() && !self.ticks.is_multiple_of(every) {
            return None;
        }
        let now = stamp(&self.path)?;
        if self.seen == Some(now) {
            self.settling = None;
            return None;
        }
        if self.settling.replace(now) != Some(now) {
            return None;
        }
        (self.seen, self.settling) = (Some(now), None);
        Some((self.read)())
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let found: Metadata = std::fs::metadata(path).ok()?;
    Some(Stamp {
        device: found.dev(),
        inode: found.ino(),
        size: found.size(),
        modified: (found.mtime(), found.mtime_nsec()),
    })
}

/// Reports of the system that something changed in a folder on the way to the file.
struct Changes {
    watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
    changed: Arc<AtomicBool>,
}

impl Changes {
    /// `None` where the system reports nothing.
    fn of(path: &Path) -> Option<Self> {
        let changed = Arc::new(AtomicBool::new(false));
        let report = Arc::clone(&changed);
        let watcher = notify::recommended_watcher(move |_| report.store(true, Ordering::Relaxed));
        let watcher = watcher.inspect_err(|error| {
            tracing::debug!(%error, "changes of the config file are not reported: it is looked at");
        });
        let mut changes = Self { watcher: watcher.ok()?, folders: BTreeSet::new(), changed };
        changes.follow(path);
        (!changes.folders.is_empty()).then_some(changes)
    }

    /// Whether a change was reported since the last call.
    fn take(&mut self, path: &Path) -> bool {
        let changed = self.changed.swap(false, Ordering::Relaxed);
        if changed {
            // A link may lead through other folders now.
            self.follow(path);
        }
        changed
    }

    fn follow(&mut self, path: &Path) {
        let folders = folders(path);
        for gone in self.folders.difference(&folders) {
            let _ = self.watcher.unwatch(gone);
        }
        let watcher = &mut self.watcher;
        self.folders = folders
            .into_iter()
            .filter(|folder| {
                self.folders.contains(folder)
                    || watcher.watch(folder, RecursiveMode::NonRecursive).is_ok()
            })
            .collect();
    }
}

/// The folders in which a change can lead to another file at `path`: its own, and that of each symbolic link on the
/// way to it.
fn folders(path: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut links = 0;
    let mut rest: Vec<PathBuf> = parts(path);
    let mut at = PathBuf::new();
    while let Some(part) = rest.pop() {
        at.push(&part);
        let folder = || match at.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let link = std::fs::symlink_metadata(&at).is_ok_and(|own| own.is_symlink());
        if link && links < LINKS {
            links += 1;
            found.insert(folder());
            if let Ok(target) = std::fs::read_link(&at) {
                at.pop();
                rest.extend(parts(&target));
            }
        } else if rest.is_empty() {
            found.insert(folder());
        }
    }
    found
}

/// The components of a path, last first.
fn parts(path: &Path) -> Vec<PathBuf> {
    let own = path.components().filter(|part| *part != Component::CurDir);
    own.rev().map(|part| PathBuf::from(part.as_os_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    /// A watched file whose content stands in the theme's name, which is all that these tests read.
    fn watched(path: &Path) -> Watched {
        let own = path.to_owned();
        let read = move || {
            let text = fs::read_to_string(&own).unwrap();
            let mut config = Config::parse("", true).unwrap();
            config.theme = text;
            Ok(Loaded { config, wall: None })
        };
        let mut watched = Watched::new(path, read);
        // Looked at each second: reports of the system take their own time.
        watched.changes = None;
        watched
    }

    /// What is taken over within some seconds.
    fn taken(watched: &mut Watched) -> Option<String> {
        (0..2 * POLL + 2).find_map(|_| watched.tick()).map(|read| read.unwrap().config.theme)
    }

    #[test]
    fn a_file_that_does_not_change_is_not_read() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        fs::write(&path, "one").unwrap();
        assert_eq!(taken(&mut watched(&path)), None);
    }

    #[test]
    fn a_file_of_the_same_age_and_size_that_replaces_another_is_read() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        fs::write(&path, "one").unwrap();
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        let mut watched = watched(&path);
        let new = home.path().join("new");
        fs::write(&new, "two").unwrap();
        fs::File::options().write(true).open(&new).unwrap().set_modified(time).unwrap();
        fs::rename(&new, &path).unwrap();
        assert_eq!(taken(&mut watched).as_deref(), Some("two"));
    }

    #[test]
    fn a_file_that_is_still_written_is_not_read() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        fs::write(&path, "one").unwrap();
        let mut watched = watched(&path);
        for length in 4..30 {
            fs::write(&path, "x".repeat(length)).unwrap();
            assert!(watched.tick().is_none(), "{length}");
        }
        assert_eq!(taken(&mut watched).as_deref(), Some("x".repeat(29).as_str()));
    }

    #[test]
    fn a_file_behind_links_that_are_swapped_is_read() {
        let home = tempfile::tempdir().unwrap();
        for name in ["a", "b"] {
            fs::create_dir(home.path().join(name)).unwrap();
            fs::write(home.path().join(name).join("config.toml"), name).unwrap();
        }
        symlink("a", home.path().join("data")).unwrap();
        symlink("data/config.toml", home.path().join("config.toml")).unwrap();
        let path = home.path().join("config.toml");
        let mut watched = watched(&path);
        symlink("b", home.path().join("next")).unwrap();
        fs::rename(home.path().join("next"), home.path().join("data")).unwrap();
        assert_eq!(taken(&mut watched).as_deref(), Some("b"));
    }

    #[test]
    fn the_folder_of_every_link_on_the_way_is_watched() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().canonicalize().unwrap();
        for name in ["links", "data", "data/real"] {
            fs::create_dir(root.join(name)).unwrap();
        }
        fs::write(root.join("data/real/config.toml"), "").unwrap();
        symlink("real", root.join("data/now")).unwrap();
        symlink("../data/now/config.toml", root.join("links/config.toml")).unwrap();
        let found = folders(&root.join("links/config.toml"));
        let expected =
            [root.join("links"), root.join("links/../data"), root.join("links/../data/real")];
        assert_eq!(found, expected.into());
        symlink("loop", root.join("loop")).unwrap();
        assert!(!folders(&root.join("loop")).is_empty(), "a loop of links ends");
    }

    #[test]
    fn the_system_reports_a_change() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        fs::write(&path, "one").unwrap();
        let Some(mut changes) = Changes::of(&path) else { return };
        fs::write(&path, "two").unwrap();
        let began = crate::clock::moment();
        while !changes.take(&path) {
            assert!(crate::clock::moment().since(began).as_secs() < 30, "no report");
            std::thread::yield_now();
        }
    }
}
