//! What people say of themselves: activity, role, note, until when; and the words that a site has for it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::floor::World;
use crate::floor::id::AgentKey;
use crate::floor::portable::portable;
use crate::floor::time::{Latest, Told};
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
    /// The role.
    pub role: bool,
    /// The note.
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
    pub people: BTreeMap<AgentKey, Latest<Profile>>,
}

/// What shall be changed of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Another activity.
    Activity {
        /// Which.
        id: String,
        /// What people call it.
        name: Shown,
        /// When it ends; `None` if it stays until it is changed.
        until: Option<DateTime<Utc>>,
    },
    /// Another role.
    Role {
        /// Which.
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

impl World {
    /// The words for what a person does, where they are told: “Lunch”.
    pub fn activity_of(&self, agent: Option<&AgentKey>) -> Option<Shown> {
        let profile = self.profiles.of(agent)?;
        profile.activity.as_ref().map(|id| self.profiles.activity(id))
    }
}

portable!(Profile: note; activity, role, until, available, may);
portable!(Profiles: own, people; activities, roles);
