//! What a table is called.

use crate::table::TableId;

impl TableId {
    /// Its name in commands, config files and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queues => "queues",
            Self::Agents => "agents",
            Self::Calls => "calls",
            Self::Tasks => "tasks",
            Self::Callbacks => "callbacks",
            Self::CallbackLists => "callback_lists",
            Self::Entries => "entries",
            Self::Journal => "journal",
            Self::Sources => "sources",
            Self::Log => "log",
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Queues => "Queues",
            Self::Agents => "Agents",
            Self::Calls => "Calls",
            Self::Tasks => "Tasks",
            Self::Callbacks => "Callbacks",
            Self::CallbackLists => "Callback lists",
            Self::Entries => "Entries",
            Self::Journal => "Ended entries",
            Self::Sources => "Sources",
            Self::Log => "Log",
        }
    }

    /// One word for it, where there is no room for more.
    pub const fn brief(self) -> &'static str {
        match self {
            Self::CallbackLists => "Lists",
            other => other.title(),
        }
    }

    /// Whether `status` has it.
    pub const fn is_reported(self) -> bool {
        !matches!(self, Self::Log | Self::Journal)
    }

    /// The table of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }
}
