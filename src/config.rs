//! The config file: read whole, checked whole, every complaint with its place and its mend.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::keymap::{Keymap, KeymapError};
use crate::memory::TableMemory;
use crate::operations::Access;
use crate::source::settings::Settings;
use crate::table::{Grouping, OwnGroup, TableId};
use crate::text::Shown;
use crate::theme::{Fault, Shelf};
use crate::transport::keep::Keep;
use crate::wall::Profile;

use self::file::File;

pub mod file;
mod groups;
mod relay;
pub mod sample;
mod sources;
pub mod themes;
mod walls;

/// What floorwalker does, once file, environment and flags are put together.
#[derive(Debug, Clone)]
pub struct Config {
    /// The theme's name, as the file says.
    pub theme: String,
    /// Whether the file names it.
    pub theme_is_chosen: bool,
    /// The theme of this run, as a flag or the environment says.
    pub theme_now: Option<String>,
    /// Every theme that there is.
    pub themes: Shelf,
    /// Who may ask for changes.
    pub access: Access,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Where commands and their outcomes are written; `None` for the state directory.
    pub audit: Option<PathBuf>,
    /// The sources, in the order of the file.
    pub sources: Vec<Settings>,
    /// The user's own keys: action name → keys.
    pub keys: BTreeMap<String, Vec<String>>,
    /// How each table is looked at, by its name.
    pub tables: BTreeMap<String, TableMemory>,
    /// The reader's own groups of queues, in the order of the file.
    pub groups: Vec<OwnGroup>,
    /// What each wall shows, by name.
    pub walls: BTreeMap<String, Profile>,
    /// What `floorwalker relay` serves, and to whom.
    pub relay: Option<crate::relay::Settings>,
    /// Sections that are read but not built yet.
    pub later: Vec<&'static str>,
}

/// One complaint about the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The line, from 1; `None` where it is about the whole file.
    pub line: Option<usize>,
    /// What is wrong, and what to do.
    pub what: Shown,
}

/// Why there is no config.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No file to read.
    #[error("there is no config file at {}: write one with `floorwalker config init`", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("the config file {} cannot be read", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The file says what floorwalker does not understand.
    #[error("{}", Lines(path, complaints))]
    Wrong {
        path: PathBuf,
        /// What is wrong with it.
        complaints: Vec<Complaint>,
    },
    /// Theme files that cannot be used.
    #[error("theme files cannot be used:{}", Faults(faults))]
    Themes { faults: Vec<Fault> },
}

struct Lines<'a>(&'a Path, &'a [Complaint]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the config file cannot be used:")?;
        for complaint in self.1 {
            match complaint.line {
                Some(line) => write!(f, "\n  {}:{line}: {}", self.0.display(), complaint.what)?,
                None => write!(f, "\n  {}: {}", self.0.display(), complaint.what)?,
            }
        }
        Ok(())
    }
}

struct Faults<'a>(&'a [Fault]);

impl fmt::Display for Faults<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

/// Where the config file is, unless a flag or the environment says otherwise.
pub fn default_path() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "floorwalker")
        .map(|dirs| dirs.config_dir().join("config.toml"))
}

/// Where the audit log, the program's log and what it remembers are.
pub fn state_dir() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "floorwalker")?;
    Some(dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned())
}

/// Where a relay keeps what it receives, unless its config file says otherwise.
pub fn data_dir() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "floorwalker")?;
    Some(dirs.data_local_dir().to_owned())
}

impl Config {
    /// The profile of that name, or the one that is there without any.
    ///
    /// # Errors
    /// No profile has that name; the nearest is told.
    pub fn wall(&self, name: Option<&str>) -> Result<Profile, String> {
        let Some(name) = name else { return Ok(Profile::default()) };
        self.walls.get(name).cloned().ok_or_else(|| {
            let known = self.walls.keys().map(String::as_str);
            match file::nearest(name, known.clone()) {
                Some(near) => {
                    format!("no [wall.{name}] in the config file: did you mean {near:?}?")
                }
                None if self.walls.is_empty() => {
                    format!("no [wall.{name}] in the config file: it has no wall")
                }
                None => {
                    let known: Vec<&str> = known.collect();
                    format!("no [wall.{name}] in the config file: there is {}", known.join(", "))
                }
            }
        })
    }

    /// Has sources use what was signed in with, where that is kept.
    pub fn keep(&mut self, keep: &Keep) {
        self.sources.iter_mut().for_each(|settings| settings.keep(keep));
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// No file, an unreadable one, or one with complaints: all of them at once where that can be.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(ConfigError::Missing { path: path.to_owned() });
            }
            Err(source) => return Err(ConfigError::Unreadable { path: path.to_owned(), source }),
        };
        let secret = is_private(path);
        Self::parse_with(&text, secret, Shelf::read(&themes::folders(Some(path))))
            .map_err(|complaints| ConfigError::Wrong { path: path.to_owned(), complaints })
    }

    /// Reads the text of a config file, with the embedded themes alone. `private` tells whether only the
    /// user can read it.
    ///
    /// # Errors
    /// Every complaint about it.
    pub fn parse(text: &str, private: bool) -> Result<Self, Vec<Complaint>> {
        Self::parse_with(text, private, Shelf::embedded())
    }

    /// Reads the text of a config file, with these themes.
    ///
    /// # Errors
    /// Every complaint about it.
    pub fn parse_with(text: &str, private: bool, shelf: Shelf) -> Result<Self, Vec<Complaint>> {
        let mut file: File = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => return Err(vec![file::complaint(text, &error)]),
        };
        let mut complaints = Vec::new();
        let later = file.later();
        if let Err(error) = Keymap::new(crate::action::ACTIONS, &file.keys(), Access::Full) {
            complaints.push(about_keys(text, &error));
        }
        if let Some(what) = file.theme.as_ref().and_then(|name| themes::refusal(name, &shelf)) {
            complaints.push(Complaint { line: line_of(text, "theme"), what });
        }
        let (keys, tables) = (file.keys(), file.tables());
        let groups = groups::all(&file, text, &mut complaints);
        about_tables(text, &tables, &groups, &mut complaints);
        let (theme, access, audit) = (file.theme.clone(), file.access, file.audit.clone());
        let mouse = file.mouse.unwrap_or(true);
        let walls = walls::all(&file, text, &mut complaints);
        let relay = file
            .relay
            .take()
            .and_then(|table| relay::settings(table, text, private, &mut complaints));
        let sources = sources::all(file, text, private, &mut complaints);
        if complaints.is_empty() {
            Ok(Self {
                theme_is_chosen: theme.is_some(),
                theme: theme.unwrap_or_else(|| "midnight".to_owned()),
                theme_now: None,
                themes: shelf,
                access: access.unwrap_or_default(),
                mouse,
                audit,
                sources,
                keys,
                tables,
                groups,
                walls,
                relay,
                later,
            })
        } else {
            complaints.sort_by_key(|complaint| complaint.line);
            Err(complaints)
        }
    }
}

/// Tables, columns and groupings that there are not.
fn about_tables(
    text: &str,
    tables: &BTreeMap<String, TableMemory>,
    groups: &[OwnGroup],
    complaints: &mut Vec<Complaint>,
) {
    for (name, table) in tables {
        let mut complain = |what: String| {
            let line = line_of(text, &format!("[tables.{name}]"));
            complaints.push(Complaint { line, what: Shown::clean(&what) });
        };
        let Some(id) = TableId::named(name) else {
            let known = TableId::ALL.into_iter().map(TableId::name);
            let hint = file::nearest(name, known)
                .map_or_else(String::new, |known| format!(": did you mean {known:?}?"));
            complain(format!("there is no table {name:?}{hint}"));
            continue;
        };
        let heads = id.columns();
        let sort = table.sort.as_deref().map(|sort| sort.trim_start_matches('-'));
        let named = table.columns.iter().flatten().map(String::as_str).chain(sort);
        for column in named.filter(|column| !heads.iter().any(|head| head.name == *column)) {
            let hint = file::nearest(column, heads.iter().map(|head| head.name))
                .map_or_else(String::new, |known| format!(": did you mean {known:?}?"));
            complain(format!("table {name} has no column {column:?}{hint}"));
        }
        match table.group.as_deref() {
            None => {}
            Some(_) if id != TableId::Queues => complain("only queues are grouped".to_owned()),
            Some("own") if groups.is_empty() => {
                complain("no groups of your own: write [groups.NAME] with queues".to_owned());
            }
            Some(word) if Grouping::WORDS.contains(&word) => {}
            Some(word) => {
                let known = Grouping::WORDS.join(", ");
                let hint = file::nearest(word, Grouping::WORDS.into_iter())
                    .map_or_else(String::new, |near| format!(": did you mean {near:?}?"));
                complain(format!("queues cannot be grouped by {word:?}{hint} There is {known}"));
            }
        }
    }
}

fn about_keys(text: &str, error: &KeymapError) -> Complaint {
    let key = match error {
        KeymapError::UnknownAction { name } => name.as_str(),
        KeymapError::Ambiguous { second, .. } => second,
        KeymapError::NotAKey { .. } => "[keys]",
    };
    Complaint { line: line_of(text, key), what: Shown::clean(&error.to_string()) }
}

/// The first line that begins with `key`.
fn line_of(text: &str, key: &str) -> Option<usize> {
    text.lines().position(|line| line.trim_start().starts_with(key)).map(|index| index + 1)
}

/// Whether nobody but the user can read the file.
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path)
        .is_ok_and(|metadata| metadata.permissions().mode().trailing_zeros() >= 6)
}
