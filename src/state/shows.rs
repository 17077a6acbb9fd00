//! Which changes a reading can show.

use crate::command::Request;
use crate::floor::Part;

/// Which changes a reading of `part` can show.
pub(super) fn part(part: &Part) -> fn(&Request) -> bool {
    use Request::{AddEntry, EditEntry, LogIn, LogOut, RemoveEntry};
    match part {
        Part::Queues(_) => {
            |own| matches!(own, LogIn { agent: None, .. } | LogOut { agent: None, .. })
        }
        Part::Agents(_) => {
            |own| matches!(own, LogIn { agent: Some(_), .. } | LogOut { agent: Some(_), .. })
        }
        Part::Entries { .. } => {
            |own| matches!(own, AddEntry { .. } | EditEntry { .. } | RemoveEntry { .. })
        }
        Part::Services(_)
        | Part::Priorities(_)
        | Part::CallbackLists(_)
        | Part::Calls(_)
        | Part::Callbacks(_)
        | Part::News(_) => |_| false,
    }
}
