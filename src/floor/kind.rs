//! The systems that floorwalker speaks to, and what each of them tells.

use serde::{Deserialize, Serialize};

/// The systems that floorwalker speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Telepo, Mitel, Dstny Core.
    Telepo,
    Enreach,
    Nimbus,
    /// A relay, which stands for other sources.
    Relay,
}

impl Kind {
    /// The word in config files and reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Telepo => "telepo",
            Self::Enreach => "enreach",
            Self::Nimbus => "nimbus",
            Self::Relay => "relay",
        }
    }

    /// Whether it tells of calls, one by one.
    pub const fn tells_calls(self) -> bool {
        matches!(self, Self::Telepo | Self::Enreach)
    }

    /// Whether events spell its ids in lower case, however they are read.
    pub const fn spells_ids_alike(self) -> bool {
        matches!(self, Self::Enreach)
    }

    /// Whether it tells of tasks, one by one.
    pub const fn tells_tasks(self) -> bool {
        matches!(self, Self::Nimbus)
    }

    /// Whether it tells who is logged in, and not only who is busy.
    pub const fn tells_agents(self) -> bool {
        matches!(self, Self::Telepo | Self::Enreach)
    }
}
