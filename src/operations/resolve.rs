//! The names of a command's target, as a store knows them: what a client of a relay wrote is not trusted.

use crate::floor::World;
use crate::floor::book::Detail;
use crate::floor::id::{AgentId, ListId, QueueId};
use crate::floor::profile::{self, Profiles};
use crate::text::Shown;

use super::card::Card;
use super::wish::Wish;
use super::{Command, Control, Field, Request};

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
    match request {
        Request::LogIn { queue, agent } | Request::LogOut { queue, agent } => {
            (person(world, agent.as_ref()), queue_name(world, queue))
        }
        Request::AddEntry { wish } | Request::AddTask { wish } => {
            let target = field(wish, Field::Destination).or_else(|| customer(wish));
            (target.unwrap_or_else(nothing), field(wish, Field::Service).unwrap_or_else(nothing))
        }
        Request::EditEntry { entry, .. } | Request::RemoveEntry { entry } => {
            let row = world.and_then(|world| world.entries.get(entry));
            let target = row.and_then(|row| row.destination.clone());
            let place = row.map(|row| row.service.clone());
            (target.unwrap_or_else(|| entry.shown()), place.unwrap_or_else(nothing))
        }
        Request::UpdateTask { task, .. } | Request::RemoveTask { task } => {
            let row = world.and_then(|world| world.tasks.get(task));
            let target = row.zip(world).and_then(|(row, world)| row.customer(&world.books));
            let place = row.and_then(|row| row.facts.service.as_ref());
            (
                target.unwrap_or_else(|| task.shown()),
                place.map_or_else(nothing, |queue| queue_name(world, queue)),
            )
        }
        Request::AddContact { book, contact, card }
        | Request::UpdateContact { book, contact, card, .. } => {
            let known = world.and_then(|world| world.books.contact(book, contact)?.name());
            (known.or_else(|| written(card)).unwrap_or_else(|| contact.shown()), book.shown())
        }
        Request::RemoveContacts { book, contacts } => match contacts.as_slice() {
            [one] => {
                let known = world.and_then(|world| world.books.contact(book, one)?.name());
                (known.unwrap_or_else(|| one.shown()), book.shown())
            }
            several => (Shown::clean(&format!("{} contacts", several.len())), book.shown()),
        },
        Request::Assign { callback, .. } => {
            let row = world.and_then(|world| world.callbacks.get(callback)?.request());
            let party = row.and_then(|row| row.party.clone());
            let list = row.and_then(|row| row.list.as_ref());
            (party.unwrap_or_else(|| callback.shown()), list.map_or_else(nothing, ListId::shown))
        }
        Request::SetPresence { agent, wish } => {
            (person(world, agent.as_ref()), chosen(world, wish))
        }
        Request::Control(control) => match control {
            Control::Supervise { agent, device, .. } => {
                (person(world, Some(agent)), device.shown())
            }
            Control::CallBack { to, place, .. } => (Shown::clean(to), place.shown()),
            Control::Call { user, .. } => {
                let owner = person(world, Some(user));
                (Shown::clean(&format!("the call of {owner}")), nothing())
            }
        },
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

fn written(card: &Card) -> Option<Shown> {
    card.get(Detail::DisplayName)?.first().map(|text| Shown::clean(text))
}
