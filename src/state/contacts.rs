//! Choosing from address books whom an entry shall call: part of a name is typed, and Enter lists who fits.

use tui_input::Input;

use crate::floor::book::{DETAILS, Detail};
use crate::floor::id::{BookId, ContactId, SourceName};
use crate::operations::{ENTRIES, Field, Value};
use crate::state::dialog::Purpose;
use crate::state::form::Form;
use crate::state::{Dialog, Picker, State};
use crate::table::Tone;
use crate::text::Shown;

/// Contacts that are listed: whoever has more to choose from types more of the name.
const LISTED: usize = 12;

/// Contacts that a question names; the others are counted.
const NAMED: usize = 12;

/// Letters from which on a name is looked for.
const LEAST: usize = 2;

/// Whom a typed name may mean.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// What is shown of each, and where a call to it goes.
    pub listed: Vec<(Shown, String)>,
    /// How many there are beside.
    pub more: usize,
}

impl State {
    /// The contacts that the marked field of a form may mean: of a destination that is neither a number nor an address.
    /// Nobody where numbers are masked, since the field would show them.
    pub fn contacts(&self, form: &Form) -> Found {
        let own = &form.fields[form.marked];
        let written = own.input.value().trim();
        let named = written.chars().filter(|c| c.is_alphabetic()).count() >= LEAST;
        if own.field != Field::Destination || self.mask || !named || written.contains('@') {
            return Found::default();
        }
        let worlds = self.floor.worlds().filter(|(_, world)| ENTRIES.is_of(world.kind));
        let found = worlds.flat_map(|(_, world)| world.books.found(written));
        let mut ways = found.flat_map(|(name, contact)| {
            let company = contact.all(Detail::Company).next();
            let company = company.filter(|own| **own != name);
            let company = company.map_or_else(String::new, |own| format!(", {own}"));
            let ways = contact.destinations().filter_map(|(kind, text)| {
                let Ok(Value::Text(to)) = self
                    .with_known(None, self.now.wall, |known| Field::Destination.read(text, known))
                else {
                    return None;
                };
                let kind = DETAILS.iter().find(|own| own.detail == kind).map_or("", |own| own.name);
                let kind = kind.trim_end_matches("_phone");
                Some((Shown::clean(&format!("{name}{company}  {to}  {kind}")), to))
            });
            ways.collect::<Vec<_>>()
        });
        let listed = ways.by_ref().take(LISTED).collect();
        Found { listed, more: ways.count() }
    }

    /// Who would be taken out of a book, by id and name.
    pub(super) fn named_contacts(
        &self,
        source: &SourceName,
        book: &BookId,
        contacts: &[ContactId],
    ) -> Vec<Shown> {
        let books = self.floor.world(source).map(|world| &world.books);
        let named = |id: &ContactId| {
            let name = books.and_then(|books| books.contact(book, id)?.name());
            let name = name.map_or_else(String::new, |name| format!(" {name}"));
            Shown::clean(&format!("{}{name}", id.shown())).masked()
        };
        let mut lines: Vec<Shown> = contacts.iter().take(NAMED).map(named).collect();
        if contacts.len() > NAMED {
            lines.push(Shown::clean(&format!("and {} more", contacts.len() - NAMED)));
        }
        lines
    }

    /// Lists whom the marked field may mean; the form again where it means nobody.
    ///
    /// # Errors
    /// The form, to be checked as it is.
    pub(super) fn choose_contact(&mut self, form: Form) -> Result<(), Form> {
        let Found { listed, more } = self.contacts(&form);
        if listed.is_empty() {
            return Err(form);
        }
        let title = match more {
            0 => "Whom shall it call?".to_owned(),
            more => format!("Whom shall it call? {more} more fit: type more of the name"),
        };
        let (items, destinations) = listed.into_iter().unzip();
        self.screen.draft = Some(Box::new(form));
        self.screen.dialog = Some(Dialog::Picker(Picker {
            title: Shown::clean(&title),
            items,
            marked: 0,
            purpose: Purpose::Contact(destinations),
        }));
        Ok(())
    }

    /// Puts who was chosen into the form; nobody, and it stands there as before.
    pub(super) fn picked_contact(&mut self, chosen: Option<String>) {
        let Some(mut form) = self.screen.draft.take() else { return };
        match chosen {
            Some(destination) => {
                form.fields[form.marked].input = Input::new(destination);
                form.fault = None;
            }
            None => self.note("nobody was chosen", Tone::Quiet),
        }
        self.screen.dialog = Some(Dialog::Form(*form));
    }
}
