//! Setting what a person says of themselves: which of it, until when, then the question.

use std::time::Duration;

use crate::floor::World;
use crate::floor::id::{AgentId, AgentKey, SourceName};
use crate::floor::profile::{Profile, Term, Wish};
use crate::operations::{PRESENCE, Request};
use crate::state::dialog::{Facet, Purpose};
use crate::state::{Dialog, NotePrompt, Picker, Question, State};
use crate::table::cell::due_still;
use crate::table::{RowId, Tone};
use crate::text::Shown;

/// How long an activity may last, in the order in which it is offered; `None` until it is changed.
const SPANS: [(Option<Duration>, &str); 6] = [
    (None, "until it is changed"),
    (Some(Duration::from_mins(15)), "for 15 minutes"),
    (Some(Duration::from_mins(30)), "for 30 minutes"),
    (Some(Duration::from_mins(60)), "for an hour"),
    (Some(Duration::from_mins(120)), "for two hours"),
    (Some(Duration::from_mins(480)), "for eight hours"),
];

/// Whose presence is set.
struct Subject<'a> {
    source: &'a SourceName,
    world: &'a World,
    agent: Option<AgentId>,
    name: Shown,
    profile: &'a Profile,
}

impl Subject<'_> {
    /// “Anna Lind's”, or “your own”.
    fn possessive(&self) -> String {
        match self.agent {
            Some(_) => format!("{}'s", self.name),
            None => "your own".to_owned(),
        }
    }
}

impl State {
    /// The list of what can be set of the selected person; on the queues table, of oneself.
    ///
    /// # Errors
    /// Why nothing can be set: the person is gone or has no id, was not read yet, or is not ours to change.
    pub(super) fn ask_presence(&self, row: &RowId) -> Result<Dialog, Shown> {
        let own = self.presence_of(row)?;
        let may = own.profile.may;
        let mut facets: Vec<(Facet, Shown)> = Vec::new();
        let mut offer = |terms: &[Term], facet: fn(Term) -> Facet, word: &str| {
            for term in terms {
                let label = Shown::clean(&format!("{word}{}", term.name));
                facets.push((facet(term.clone()), label));
            }
        };
        if may.activity {
            offer(&own.world.profiles.activities, Facet::Activity, "");
        }
        if may.role {
            offer(&own.world.profiles.roles, Facet::Role, "role: ");
        }
        if may.note {
            facets.push((Facet::Note, Shown::clean("note…")));
        }
        if facets.is_empty() {
            let why = format!("{} gives no words for presence", own.source.shown());
            return Err(Shown::clean(&why));
        }
        let is_now = |(facet, _): &(Facet, Shown)| match facet {
            Facet::Activity(term) => own.profile.activity.as_ref() == Some(&term.id),
            Facet::Role(_) | Facet::Note => false,
        };
        let marked = facets.iter().position(is_now).unwrap_or(0);
        let (facets, items) = facets.into_iter().unzip();
        let title = Shown::clean(&format!("Set {} presence", own.possessive()));
        let purpose = Purpose::Presence { row: row.clone(), facets };
        Ok(Dialog::Picker(Picker { title, items, marked, purpose }))
    }

    fn presence_of(&self, row: &RowId) -> Result<Subject<'_>, Shown> {
        let gone = || Shown::clean("nothing of that kind can be done to this row");
        let (source, agent, name) = match row {
            RowId::Queue(source, _) => (source, None, Shown::clean("yourself")),
            RowId::Agent(source, key) => {
                let agent = self.floor.agent(source, key).ok_or_else(gone)?;
                let id = agent.id.clone().ok_or_else(|| {
                    Shown::clean(&format!(
                        "the server gives {name} no id: add \"{name}\" = \"user@domain\" to agent_ids of source {source}",
                        name = agent.name,
                        source = source.shown(),
                    ))
                })?;
                (source, Some(id), agent.name.clone())
            }
            _ => return Err(gone()),
        };
        let (source, world) = self.floor.named(source).ok_or_else(gone)?;
        PRESENCE.check(&source.shown(), world.kind)?;
        let key = agent.as_ref().map(|agent| AgentKey::new(agent.raw()));
        let not_read = || Shown::clean("the presence has not been read: it may not be open to you");
        let profile = world.profiles.of(key.as_ref()).ok_or_else(not_read)?;
        let own = Subject { source, world, agent, name, profile };
        if own.profile.may.any() {
            return Ok(own);
        }
        Err(Shown::clean(&format!(
            "the server does not let you change {} presence",
            own.possessive()
        )))
    }

    /// Something was chosen of the list.
    pub(super) fn picked_presence(&mut self, row: &RowId, facet: Option<Facet>) {
        let Some(facet) = facet else { return };
        let asked = match facet {
            Facet::Activity(term) => Ok(Dialog::Picker(Picker {
                title: Shown::clean(&format!("{}: how long?", term.name)),
                items: SPANS.map(|(_, words)| Shown::clean(words)).to_vec(),
                marked: 0,
                purpose: Purpose::Until { row: row.clone(), activity: term },
            })),
            Facet::Role(Term { id, name, .. }) => {
                self.question_of_presence(row, Wish::Role { id, name }).map(Dialog::Question)
            }
            Facet::Note => self.note_of_presence(row),
        };
        match asked {
            Ok(dialog) => self.screen.dialog = Some(dialog),
            Err(why) => self.note(&why, Tone::Warning),
        }
    }

    /// How long an activity shall last was chosen.
    pub(super) fn picked_until(&mut self, row: &RowId, activity: Term, marked: usize) {
        let span = SPANS.get(marked).and_then(|(span, _)| *span);
        let until = span.and_then(|span| {
            self.now.wall.checked_add_signed(chrono::TimeDelta::from_std(span).ok()?)
        });
        let Term { id, name, .. } = activity;
        match self.question_of_presence(row, Wish::Activity { id, name, until }) {
            Ok(question) => self.screen.dialog = Some(Dialog::Question(question)),
            Err(why) => self.note(&why, Tone::Warning),
        }
    }

    /// A note is typed before its question; the one that there is stands there to be changed.
    fn note_of_presence(&self, row: &RowId) -> Result<Dialog, Shown> {
        let own = self.presence_of(row)?;
        let note = own.profile.note.as_ref().filter(|_| !self.mask);
        let before = note.map_or_else(String::new, ToString::to_string);
        let question = self.question_of_presence(row, Wish::Note(Shown::clean(&before)))?;
        let input = tui_input::Input::new(before.clone());
        Ok(Dialog::Note(NotePrompt { input, before, question }))
    }

    fn question_of_presence(&self, row: &RowId, wish: Wish) -> Result<Question, Shown> {
        let own = self.presence_of(row)?;
        let key = own.agent.as_ref().map(|agent| AgentKey::new(agent.raw()));
        let presence = own.world.presence_of(key.as_ref(), &self.now);
        let now = match presence.and_then(|presence| presence.activity) {
            Some(activity) => format!("Now: {activity}."),
            None => "What it is now is not told.".to_owned(),
        };
        let name = &own.name;
        let (title, place, mut follows) = match &wish {
            Wish::Activity { id, name: to, until } => {
                let person = if own.agent.is_some() { name.as_str() } else { "You" };
                let verb = |plural: &'static str, single: &'static str| {
                    if own.agent.is_some() { single } else { plural }
                };
                let calls =
                    own.world.profiles.is_available_in(id).map(|available| match available {
                        true => format!("{person} {} calls.", verb("get", "gets")),
                        false => format!("{person} {} no calls.", verb("get", "gets")),
                    });
                let until = until.map_or_else(
                    || "Until it is changed.".to_owned(),
                    |until| format!("Until {}.", due_still(until, &self.context())),
                );
                let follows = calls.into_iter().chain([now, until]).collect();
                (format!("Set {name} to {to}?"), to.clone(), follows)
            }
            Wish::Role { name: to, .. } => {
                let role = own.profile.role.as_ref().map(|id| own.world.profiles.role(id));
                let role = role.map_or_else(|| now, |role| format!("Now: {role}."));
                (format!("Set the role of {name} to {to}?"), to.clone(), vec![role])
            }
            Wish::Note(_) => (format!("Set the note of {name}?"), Shown::clean("note"), Vec::new()),
        };
        if own.agent.is_some() {
            follows.push("Everybody sees it, and the person is not asked.".to_owned());
        }
        self.question(
            own.source,
            Request::SetPresence { agent: own.agent.clone(), wish },
            &title,
            (own.name.clone(), place),
            follows.iter().map(|line| Shown::clean(line)).collect(),
        )
    }
}
