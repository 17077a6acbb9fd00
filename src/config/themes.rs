//! Where themes of the user's own are, and what is said of a name that is none.

use std::path::{Path, PathBuf};

use crate::config::file::nearest;
use crate::text::Shown;
use crate::theme::Shelf;

/// The folders of theme files: `themes` in the platform's config directory, then beside the config file.
pub fn folders(config: Option<&Path>) -> Vec<PathBuf> {
    let platform = super::default_path();
    let mut folders: Vec<PathBuf> = [platform.as_deref(), config]
        .into_iter()
        .flatten()
        .filter_map(|file| Some(file.parent()?.join("themes")))
        .collect();
    folders.dedup();
    folders
}

/// Why `name` is no theme of `shelf`; `None` where it is one.
pub fn refusal(name: &str, shelf: &Shelf) -> Option<Shown> {
    if shelf.get(name).is_some() {
        return None;
    }
    if let Some(fault) = shelf.faults().iter().find(|fault| fault.name() == Some(name)) {
        return Some(Shown::clean(&format!("theme {name:?} cannot be used: {fault}")));
    }
    let known: Vec<&str> = shelf.names().collect();
    let hint = nearest(name, known.iter().copied())
        .map_or_else(String::new, |near| format!("did you mean {near:?}? "));
    Some(Shown::clean(&format!(
        "theme {name:?} is not there: {hint}There are {}",
        known.join(", ")
    )))
}
