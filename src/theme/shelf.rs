//! Every theme that there is: the embedded ones, and over and beside them the files of the user.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::text::Shown;
use crate::theme::{THEMES, Theme, ThemeError};

/// Every theme that there is, in the order in which the reader goes through them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shelf {
    themes: Vec<Theme>,
    faults: Vec<Fault>,
}

/// A theme file that cannot be used. An embedded theme of its name stays in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub path: PathBuf,
    /// What is wrong with it.
    pub error: ThemeError,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = Shown::clean(&self.path.display().to_string());
        match self.error.line {
            Some(line) => write!(f, "{path}:{line}: {}", self.error),
            None => write!(f, "{path}: {}", self.error),
        }
    }
}

impl Fault {
    /// The name of the theme that it would have been.
    pub fn name(&self) -> Option<&str> {
        self.path.file_stem()?.to_str()
    }

    fn new(path: PathBuf, what: &str) -> Self {
        Self { path, error: ThemeError { line: None, field: None, what: Shown::clean(what) } }
    }
}

impl Shelf {
    /// The embedded themes alone.
    pub fn embedded() -> Self {
        let read = |own: &crate::theme::Embedded| Theme::parse(own.name, own.text).ok();
        Self { themes: THEMES.iter().filter_map(read).collect(), faults: Vec::new() }
    }

    /// The embedded themes, and every `NAME.toml` of these folders: a later one takes the place of an
    /// earlier one of its name. A folder that is not there holds nothing.
    pub fn read(folders: &[PathBuf]) -> Self {
        let mut shelf = Self::embedded();
        for folder in folders {
            match files(folder) {
                Ok(paths) => paths.into_iter().for_each(|path| shelf.take(path)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => shelf.faults.push(Fault::new(folder.clone(), &error.to_string())),
            }
        }
        shelf
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.themes.iter().map(Theme::name)
    }

    /// The theme of that name.
    pub fn get(&self, name: &str) -> Option<&Theme> {
        self.themes.iter().find(|theme| theme.name() == name)
    }

    /// The files that cannot be used.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    fn take(&mut self, path: PathBuf) {
        match load(&path) {
            Ok(theme) => match self.themes.iter_mut().find(|own| own.name() == theme.name()) {
                Some(own) => *own = theme,
                None => self.themes.push(theme),
            },
            Err(error) => self.faults.push(Fault { path, error }),
        }
    }
}

/// The theme files of a folder, by name; what is hidden is none.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes()[0] == b'.');
        if !hidden && path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn load(path: &Path) -> Result<Theme, ThemeError> {
    let refuse = |what: &str| Fault::new(path.to_owned(), what).error;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let name = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .filter(|name| name.chars().all(plain))
        .ok_or_else(|| refuse("a theme's name has only a to z, 0 to 9, - and _"))?;
    let text = std::fs::read_to_string(path).map_err(|error| refuse(&error.to_string()))?;
    Theme::parse(name, &text)
}
