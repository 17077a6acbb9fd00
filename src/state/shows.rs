//! Which of the changes that were asked for a reading can show.

use crate::floor::Part;
use crate::floor::reread::Reread;
use crate::operations::Request;

/// Which changes a reading of `part` can show.
pub(super) fn part(part: &Part) -> fn(&Request) -> bool {
    match part {
        Part::Queues(_) => queues,
        Part::Agents(_) => agents,
        Part::Entries { .. } => entries,
        Part::Profiles(_) => |own| matches!(own, Request::SetPresence { .. }),
        Part::Callbacks(_) => |own| matches!(own, Request::Assign { .. }),
        Part::Calls(_) => |own| matches!(own, Request::Control(_)),
        Part::Books(_) => |own| {
            matches!(
                own,
                Request::AddContact { .. }
                    | Request::UpdateContact { .. }
                    | Request::RemoveContacts { .. }
            )
        },
        Part::Services(_)
        | Part::Priorities(_)
        | Part::Tasking(_)
        | Part::CallbackLists(_)
        | Part::News(_)
        | Part::Tasks { .. }
        | Part::Own(_) => |_| false,
    }
}

/// The same of a reading that is told as a difference.
pub(super) fn reread(reread: &Reread) -> fn(&Request) -> bool {
    match reread {
        Reread::Queues(..) => queues,
        Reread::Agents(_) => agents,
        Reread::Entries(_) => entries,
        Reread::CallbackLists(_) => |_| false,
    }
}

fn queues(own: &Request) -> bool {
    matches!(own, Request::LogIn { agent: None, .. } | Request::LogOut { agent: None, .. })
}

fn agents(own: &Request) -> bool {
    matches!(own, Request::LogIn { agent: Some(_), .. } | Request::LogOut { agent: Some(_), .. })
}

fn entries(own: &Request) -> bool {
    matches!(
        own,
        Request::AddEntry { .. } | Request::EditEntry { .. } | Request::RemoveEntry { .. }
    )
}
