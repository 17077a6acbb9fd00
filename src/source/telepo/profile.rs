//! What people say of themselves, as sent: `Presence`, and the site's words for it.

use serde_json::{Value, json};

use crate::floor::profile::{May, Profile, Term, Wish};
use crate::record;
use crate::transport::lenient::{Body, Flag, Id, Tally, Text, Time, Unreadable, Word};

record! {
    /// `Presence`.
    struct PresenceData = "Presence" {
        activity: ActivityData = "activity",
        role: Id = "role",
        note: Text = "note",
        available: Flag = "available",
        activity_access: Word = "activityAccess",
        role_access: Word = "roleAccess",
        note_access: Word = "noteAccess",
    }
    unused: "idle", "capabilities", "futurePresenceAccess";
}

record! {
    /// The activity of a `Presence`.
    struct ActivityData = "Presence.activity" {
        id: Id = "id",
        expiration: Time = "expiration",
        available: Flag = "available",
    }
}

record! {
    /// An activity, a role or an answer place.
    struct TermData = "Term" {
        id: Id = "id",
        name: Text = "name",
        state_name: Text = "stateName",
        available: Flag = "available",
    }
    unused: "default";
}

/// The answer of `user.presence.get` and `user.presence.put`: `Presence`.
///
/// # Errors
/// Bytes that are no JSON.
pub fn profile<'b>(
    answer: impl Into<Body<'b>>,
    tally: &mut Tally,
) -> Result<Option<Profile>, Unreadable> {
    let Some(read) = answer.into().read::<PresenceData>(tally)? else { return Ok(None) };
    let may = |word: Option<String>| word.is_some_and(|word| word.eq_ignore_ascii_case("WRITE"));
    let activity = read.activity.unwrap_or_default();
    Ok(Some(Profile {
        activity: activity.id,
        role: read.role,
        note: read.note,
        until: activity.expiration,
        available: read.available.or(activity.available),
        may: May {
            activity: may(read.activity_access),
            role: may(read.role_access),
            note: may(read.note_access),
        },
    }))
}

/// The answer of `config.activities`, `config.roles` and `config.answerplaces`: terms under `key`. What has no id
/// cannot be asked for.
///
/// # Errors
/// Bytes that are no JSON.
pub fn terms<'b>(
    answer: impl Into<Body<'b>>,
    key: &str,
    tally: &mut Tally,
) -> Result<Vec<Term>, Unreadable> {
    let term = |read: TermData| {
        let (id, name) = (read.id?, read.name.or(read.state_name));
        let name = name.unwrap_or_else(|| crate::text::Shown::clean(&id));
        Some(Term { id, name, available: read.available })
    };
    Ok(answer.into().list::<TermData>(key, tally)?.into_iter().filter_map(term).collect())
}

/// When an activity ends that stays until it is changed, as the constant of the vendor's `Activity` objects has it.
const NEVER: &str = "NEVER";

/// The body of `user.presence.put` for a wish: what it leaves out stays.
pub fn body(wish: &Wish) -> Value {
    match wish {
        Wish::Activity { id, until, .. } => {
            let ends = until.map_or_else(
                || NEVER.to_owned(),
                |until| until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            );
            json!({ "activity": { "id": id, "expiration": ends } })
        }
        Wish::Role { id, .. } => json!({ "role": id }),
        Wish::Note(note) => json!({ "note": note.as_str() }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::transport::lenient::law::one_value_costs_no_other;

    #[test]
    fn one_value_of_a_presence_costs_no_other() {
        let activity = json!({
            "id": "lunch", "expiration": "2025-03-10T11:05:00Z", "available": false,
        });
        one_value_costs_no_other::<ActivityData>(&activity);
        one_value_costs_no_other::<PresenceData>(&json!({
            "activity": activity, "role": "business", "note": "back at two", "available": true,
            "activityAccess": "WRITE", "roleAccess": "READ", "noteAccess": "WRITE",
        }));
        one_value_costs_no_other::<TermData>(&json!({
            "id": "lunch", "name": "Lunch", "stateName": "Lunch", "available": false,
        }));
    }
}
