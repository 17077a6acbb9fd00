//! What floorwalker remembers from one run to the next: `state.toml` in the state directory.
//!
//! Nothing depends on it: what cannot be read is forgotten, with a line in the log.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::floor::id::{DeviceId, SourceName};
use crate::private;

/// What the reader chose on the board. Keys of other versions are left out quietly.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// The theme of the configuration when it was chosen: one that was configured since is the newer choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme_instead_of: Option<String>,
    /// How each table is looked at, by its name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, TableMemory>,
    /// The phone of one's own that was chosen last, by the name of its source.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub phones: BTreeMap<String, String>,
    /// Where a call that was set up was taken last, by the name of its source.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, String>,
}

/// How one table is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TableMemory {
    /// The columns that are shown, in order; `None` for its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// The column that orders the rows, with `-` before it for highest first; `None` for its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// How its rows are grouped: none, source or own; `None` where nobody chose. Only queues are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// The longest file that is read, bytes.
const LONGEST: u64 = 1024 * 1024;

/// What stands above what is remembered.
const HEADING: &str =
    "# Chosen on the board. Written anew each time; your config file is never written.\n";

/// One choice for each source.
pub type Chosen = BTreeMap<SourceName, DeviceId>;

fn chosen(written: &BTreeMap<String, String>) -> Chosen {
    written.iter().map(|(source, id)| (SourceName::new(source), DeviceId::new(id))).collect()
}

impl Memory {
    /// Reads the file at `path`; what is not there or broken remembers nothing.
    pub fn load(path: &Path) -> Self {
        let read = private::read(path, LONGEST);
        let parsed = match &read {
            Ok(bytes) => toml::from_slice(bytes).map_err(|error| error.message().to_owned()),
            Err(error) if error.kind() == ErrorKind::NotFound => return Self::default(),
            Err(error) => Err(error.to_string()),
        };
        parsed.unwrap_or_else(|why| {
            tracing::warn!(path = %path.display(), why, "what was remembered cannot be read");
            Self::default()
        })
    }

    /// Writes the file at `path`, for the user alone and whole or not at all.
    ///
    /// # Errors
    /// The folder or the file cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let text = toml::to_string(self).map_err(|error| io::Error::other(error.to_string()))?;
        private::replace(path, format!("{HEADING}{text}").as_bytes())
    }

    /// The phones that were chosen, by their sources.
    pub fn phones(&self) -> Chosen {
        chosen(&self.phones)
    }

    /// The places that were chosen, by their sources.
    pub fn places(&self) -> Chosen {
        chosen(&self.places)
    }

    /// Keeps the phones and the places that were chosen.
    pub fn keep_phones(&mut self, phones: &Chosen, places: &Chosen) {
        let raw = |(source, id): (&SourceName, &DeviceId)| (source.raw().into(), id.raw().into());
        self.phones = phones.iter().map(raw).collect();
        self.places = places.iter().map(raw).collect();
    }

    /// The theme to begin with where the configuration says `configured`.
    pub fn theme_over(&self, configured: &str) -> Option<&str> {
        let still = self.theme_instead_of.as_deref().is_none_or(|before| before == configured);
        self.theme.as_deref().filter(|_| still)
    }
}
