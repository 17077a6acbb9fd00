//! The names of a command's target, as a store knows them: what a client of a relay wrote is not trusted.

use crate::floor::World;
use crate::floor::book::Detail;
use crate::floor::id::{AgentId, ListId, QueueId};
use crate::floor::profile::{self, Profiles};
use crate::text::Shown;

use super::{Command, Control, Field, Request, Target, Wish};

impl Command {
    /// The same command with its target and place taken from `world` by their ids, or the ids themselves where no row
    /// has them. Nothing of the text that came with the command is kept.
    #[must_use]
    pub fn resolved(self, world: Option<&World>) -> Self {
        let (target, place) = names(&self.request, world);
        Self { target, place, ..self }
    }
}

/// The target and the place of a request.
fn names(request: &Request, world: Option<&World>) -> (Shown, Shown) {
    let nothing = || Shown::clean("");
    match request.target() {
        Target::Membership { queue, agent } => (person(world, agent), queue_name(world, queue)),
        Target::New(wish) => {
            let target = field(wish, Field::Destination).or_else(|| customer(wish));
            (target.unwrap_or_else(nothing), field(wish, Field::Service).unwrap_or_else(nothing))
        }
        Target::Entry(entry) => {
            let row = world.and_then(|world| world.entries.get(entry));
            let target = row.and_then(|row| row.destination.clone());
            let place = row.map(|row| row.service.clone());
            (target.unwrap_or_else(|| entry.shown()), place.unwrap_or_else(nothing))
        }
        Target::Task(task) => {
            let row = world.and_then(|world| world.tasks.get(task));
            let target = row.zip(world).and_then(|(row, world)| row.customer(&world.books));
            let place = row.and_then(|row| row.facts.service.as_ref());
            (
                target.unwrap_or_else(|| task.shown()),
                place.map_or_else(nothing, |queue| queue_name(world, queue)),
            )
        }
        Target::Contacts { book, contacts } => {
            let target = match contacts {
                [one] => {
                    let known = world.and_then(|world| world.books.contact(book, one)?.name());
                    known.or_else(|| written(request)).unwrap_or_else(|| one.shown())
                }
                several => Shown::clean(&format!("{} contacts", several.len())),
            };
            (target, book.shown())
        }
        Target::Callback(callback) => match request {
            Request::Control(Control::CallBack { to, place, .. }) => {
                (Shown::clean(to), place.shown())
            }
            _ => {
                let row = world.and_then(|world| world.callbacks.get(callback)?.request());
                let party = row.and_then(|row| row.party.clone());
                let list = row.and_then(|row| row.list.as_ref());
                let place = list.map_or_else(nothing, ListId::shown);
                (party.unwrap_or_else(|| callback.shown()), place)
            }
        },
        Target::Profile(agent) => {
            let place = match request {
                Request::SetPresence { wish, .. } => chosen(world, wish),
                _ => nothing(),
            };
            (person(world, agent), place)
        }
        Target::CallsOf(agent) => {
            let place = match request {
                Request::Control(Control::Supervise { device, .. }) => device.shown(),
                _ => nothing(),
            };
            (person(world, Some(agent)), place)
        }
        Target::Call { user, .. } => {
            let owner = person(world, Some(user));
            (Shown::clean(&format!("the call of {owner}")), nothing())
        }
    }
}

fn person(world: Option<&World>, agent: Option<&AgentId>) -> Shown {
    let own = || world.and_then(|world| world.own.as_ref()).map(|own| &own.user);
    let Some(id) = agent.or_else(own) else { return Shown::clean("the source's own user") };
    let row = world.and_then(|world| world.agents.values().find(|row| row.id.as_ref() == Some(id)));
    row.map_or_else(|| id.shown(), |row| row.name.clone())
}

fn queue_name(world: Option<&World>, queue: &QueueId) -> Shown {
    let name = world.and_then(|world| world.queues.get(queue).map(|row| row.name.clone()));
    name.unwrap_or_else(|| queue.shown())
}

fn field(wish: &Wish, field: Field) -> Option<Shown> {
    wish.text(field).map(Shown::clean)
}

/// The activity or role that is set, as the source names it.
fn chosen(world: Option<&World>, wish: &profile::Wish) -> Shown {
    let named = |id: &str, name: fn(&Profiles, &str) -> Shown| match world {
        Some(world) => name(&world.profiles, id),
        None => Shown::clean(id),
    };
    match wish {
        profile::Wish::Activity { id, .. } => named(id, Profiles::activity),
        profile::Wish::Role { id, .. } => named(id, Profiles::role),
        profile::Wish::Note(_) => Shown::clean("note"),
    }
}

fn customer(wish: &Wish) -> Option<Shown> {
    [Field::DisplayName, Field::LastName, Field::Phone, Field::Reference]
        .into_iter()
        .find_map(|one| field(wish, one))
}

/// The name that a contact is written with.
fn written(request: &Request) -> Option<Shown> {
    let (Request::AddContact { card, .. } | Request::UpdateContact { card, .. }) = request else {
        return None;
    };
    card.get(Detail::DisplayName)?.first().map(|text| Shown::clean(text))
}
