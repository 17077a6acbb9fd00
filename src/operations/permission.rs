//! Which permission an operation needs when it is asked through a relay.

use super::{Control, Request};

/// What a relay's token must allow before an operation is carried out for its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Log-in, log-out, activities, callbacks, entries and tasks.
    Act,
    /// Control of calls, supervision, calling back.
    Calls,
    /// Changes of address books.
    Contacts,
}

impl Request {
    /// The permission that this operation needs.
    pub const fn permission(&self) -> Permission {
        match self {
            Self::LogIn { .. }
            | Self::LogOut { .. }
            | Self::AddEntry { .. }
            | Self::EditEntry { .. }
            | Self::RemoveEntry { .. }
            | Self::AddTask { .. }
            | Self::UpdateTask { .. }
            | Self::RemoveTask { .. }
            | Self::Assign { .. }
            | Self::SetPresence { .. } => Permission::Act,
            Self::AddContact { .. } | Self::UpdateContact { .. } | Self::RemoveContacts { .. } => {
                Permission::Contacts
            }
            Self::Control(
                Control::Supervise { .. } | Control::CallBack { .. } | Control::Call { .. },
            ) => Permission::Calls,
        }
    }
}
