//! What people say of themselves, as sent: `Presence`, and the site's words for it.

use serde_json::{Value, json};

use crate::floor::profile::{May, Profile, Term, Wish};
use crate::transport::lenient::{Fields, Tally, items};

/// The answer of `user.presence.get` and `user.presence.put`: `Presence`.
pub fn profile(value: &Value, tally: &mut Tally) -> Option<Profile> {
    let activity = value.get("activity").filter(|value| !value.is_null()).and_then(|value| {
        let fields = Fields::of("Presence.activity", value, tally)?;
        let ends = fields.raw(&["expiration"]).filter(|text| !text.eq_ignore_ascii_case("never"));
        let told = (
            fields.raw(&["id"]),
            ends.as_deref().and_then(crate::transport::lenient::time),
            fields.flag(&["available"]),
        );
        fields.close(&[]);
        Some(told)
    });
    let fields = Fields::of("Presence", value, tally)?;
    let may = |name| fields.raw(&[name]).is_some_and(|word| word == "WRITE");
    let profile = Profile {
        activity: activity.as_ref().and_then(|(id, ..)| id.clone()),
        role: fields.raw(&["role"]),
        note: fields.text(&["note"]),
        until: activity.as_ref().and_then(|(_, until, _)| *until),
        available: fields.flag(&["available"]).or_else(|| activity.as_ref()?.2),
        may: May {
            activity: may("activityAccess"),
            role: may("roleAccess"),
            note: may("noteAccess"),
        },
    };
    fields.close(&["activity", "idle", "capabilities", "futurePresenceAccess"]);
    Some(profile)
}

/// The answer of `config.activities` and `config.roles`: names under `key`. What has no id cannot be asked for.
pub fn terms(value: &Value, key: &'static str, tally: &mut Tally) -> Vec<Term> {
    items(value, key)
        .into_iter()
        .filter_map(|item| {
            let fields = Fields::of(key, item, tally)?;
            let (id, name) = (fields.raw(&["id"]), fields.text(&["name", "stateName"]));
            let available = fields.flag(&["available"]);
            fields.close(&["stateName", "default"]);
            let id = id?;
            let name = name.unwrap_or_else(|| crate::text::Shown::clean(&id));
            Some(Term { id, name, available })
        })
        .collect()
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
