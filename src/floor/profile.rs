//! What people say of themselves: activity, role, note, until when; and the words that a site has for it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::floor::World;
use crate::floor::id::AgentKey;
use crate::floor::portable::portable;
use crate::floor::row_map::RowMap;
use crate::floor::time::{Latest, Now, Told};
use crate::text::Shown;

/// The feed of what people say of themselves.
pub const PRESENCE: &str = "presence";

/// People of whom this is kept: more are no site's.
const MOST: usize = 20_000;

/// What one person says. `None` is “not told”.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What the person does: the id of one of the site's activities.
    pub activity: Option<String>,
    /// As what the person is there: the id of one of the site's roles.
    pub role: Option<String>,
    /// What the person wrote.
    pub note: Option<Shown>,
    /// When the activity ends; `None` if it stays until it is changed, too.
    pub until: Option<DateTime<Utc>>,
    /// Whether the person can be reached.
    pub available: Option<bool>,
    /// What of it we may change.
    pub may: May,
}

/// What of a profile may be changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct May {
    /// The activity, and when it ends.
    pub activity: bool,
    pub role: bool,
    pub note: bool,
}

impl May {
    /// Whether anything may be changed.
    pub const fn any(self) -> bool {
        self.activity || self.role || self.note
    }
}

/// A word of a site's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// How requests name it.
    pub id: String,
    /// What people call it.
    pub name: Shown,
    /// Of an activity: whether a person in it gets calls.
    #[serde(default)]
    pub available: Option<bool>,
}

/// A site's words, and what each person says in them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profiles {
    /// What one can do.
    pub activities: Vec<Term>,
    /// As what one can be there.
    pub roles: Vec<Term>,
    /// The source's own user.
    pub own: Option<Latest<Profile>>,
    /// People by their rows.
    pub people: RowMap<AgentKey, Latest<Profile>>,
}

/// What shall be changed of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    Activity {
        id: String,
        /// What people call it.
        name: Shown,
        /// When it ends; `None` if it stays until it is changed.
        until: Option<DateTime<Utc>>,
    },
    Role {
        id: String,
        /// What people call it.
        name: Shown,
    },
    /// Another note; the empty one takes it out.
    Note(Shown),
}

impl Profiles {
    /// What the person of that row says; of `None`, the source's own user.
    pub fn of(&self, agent: Option<&AgentKey>) -> Option<&Profile> {
        let latest = match agent {
            Some(key) => self.people.get(key),
            None => self.own.as_ref(),
        };
        latest.map(|latest| &latest.value)
    }

    /// What people call an activity; its id where the site has no name for it.
    pub fn activity(&self, id: &str) -> Shown {
        named(&self.activities, id)
    }

    /// What people call the activity that a presence stream names by a word: the site's own name for it where it has one,
    /// else the word.
    fn activity_word(&self, word: &Shown) -> Shown {
        let is_it = |term: &&Term| {
            term.id.eq_ignore_ascii_case(word) || term.name.to_lowercase() == word.to_lowercase()
        };
        let known = self.activities.iter().find(is_it);
        known.map_or_else(|| Shown::clean(&word.replace('-', " ")), |term| term.name.clone())
    }

    /// Whether a person in that activity gets calls; `None` where the site does not say.
    pub fn is_available_in(&self, activity: &str) -> Option<bool> {
        self.activities.iter().find(|term| term.id == activity)?.available
    }

    /// What people call a role.
    pub fn role(&self, id: &str) -> Shown {
        named(&self.roles, id)
    }

    /// Takes over what a person says; whether that is news.
    pub(super) fn tell(&mut self, agent: Option<AgentKey>, told: Told, profile: Profile) -> bool {
        let Some(key) = agent else { return Latest::keep(&mut self.own, told, profile) };
        if self.people.len() >= MOST && !self.people.contains_key(&key) {
            return false;
        }
        let mut slot = self.people.remove(&key);
        let news = Latest::keep(&mut slot, told, profile);
        self.people.extend(slot.map(|latest| (key, latest)));
        news
    }
}

fn named(terms: &[Term], id: &str) -> Shown {
    let term = terms.iter().find(|term| term.id == id);
    term.map_or_else(|| Shown::clean(id), |term| term.name.clone())
}

impl Wish {
    /// Whether a profile is as wished.
    pub fn is_in(&self, profile: &Profile) -> bool {
        match self {
            Self::Activity { id, .. } => profile.activity.as_ref() == Some(id),
            Self::Role { id, .. } => profile.role.as_ref() == Some(id),
            Self::Note(note) => {
                profile.note.as_ref().map_or("", Shown::as_str).trim() == note.as_str()
            }
        }
    }
}

impl Wish {
    /// Whether a profile says something else.
    pub fn is_denied_by(&self, profile: &Profile) -> bool {
        let told = match self {
            Self::Activity { .. } => profile.activity.is_some(),
            Self::Role { .. } => profile.role.is_some(),
            Self::Note(_) => profile.note.is_some(),
        };
        told && !self.is_in(profile)
    }
}

/// The one presence of a person: what was told last of it, by the reading of profiles or by the presence stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonPresence {
    /// What the person does, in words for people: “Lunch”, “on the phone”.
    pub activity: Option<Shown>,
    /// What the person wrote.
    pub note: Option<Shown>,
    /// Until when the activity lasts.
    pub until: Option<DateTime<Utc>>,
    /// Whether the person can be reached by anything. Whether somebody takes a call of a queue it does not say.
    pub reachable: Option<bool>,
}

impl World {
    /// The one presence of the person of that row; of `None`, of the source's own user. `None` where nothing told of it.
    ///
    /// A reading is whole. The stream may leave things out: for those the reading stands.
    pub fn presence_of(&self, agent: Option<&AgentKey>, now: &Now) -> Option<PersonPresence> {
        let read = match agent {
            Some(key) => self.profiles.people.get(key),
            None => self.profiles.own.as_ref(),
        };
        let streamed = agent.and_then(|key| self.agents.get(key));
        let streamed = streamed.and_then(|own| own.presence.availability.as_ref());
        let of_reading = |profile: &Profile| PersonPresence {
            activity: profile.activity.as_ref().map(|id| self.profiles.activity(id)),
            note: profile.note.clone(),
            until: profile.until,
            reachable: profile.available,
        };
        let read_presence = read.map(|latest| of_reading(&latest.value));
        let Some(Latest { value, .. }) =
            streamed.filter(|own| read.is_none_or(|read| read.told <= own.told))
        else {
            return read_presence;
        };
        let read = read_presence.unwrap_or_default();
        // An activity that ended is none any more, although nobody said so.
        let lasts = value.until.is_none_or(|until| until > now.wall);
        let word = value.word.as_ref().filter(|word| lasts && !word.is_empty());
        let (activity, until) = match word {
            Some(word) => (Some(self.profiles.activity_word(word)), value.until),
            None => (read.activity, read.until),
        };
        let note = value.note.clone().or(read.note);
        Some(PersonPresence { activity, note, until, reachable: value.open.or(read.reachable) })
    }
}

portable!(Profile: note; activity, role, until, available, may);
portable!(Profiles: own, people; activities, roles);
