//! Scheduler entries: the questions before one is added, changed or removed.

use chrono::{DateTime, Utc};

use crate::floor::World;
use crate::floor::id::{QueueId, SourceName};
use crate::floor::scheduler::{Entry, EntryState};
use crate::operations::{ENTRIES, Field, OperationId, Precondition, Request, Value, Wish, wish};
use crate::state::form::{Form, services_of};
use crate::state::{Dialog, Question, State};
use crate::table::RowId;
use crate::table::cell::due_still;
use crate::text::Shown;

/// Why a form leads to no question: the field that is wrong, where it is one, and what is wrong.
pub(super) type Fault = (Option<usize>, Shown);

fn gone() -> Shown {
    Shown::clean("that entry is no longer told of")
}

impl State {
    fn entry_of(&self, row: &RowId) -> Result<(&SourceName, &World, &Entry), Shown> {
        let RowId::Entry(source, id) = row else { return Err(gone()) };
        let (source, world) = self.floor.named(source).ok_or_else(gone)?;
        let entry = world.entries.get(id).ok_or_else(gone)?;
        Ok((source, world, entry))
    }

    /// The entry of a row, if it can still be changed or removed.
    fn waiting_entry(
        &self,
        row: &RowId,
        done: &str,
    ) -> Result<(&SourceName, &World, &Entry), Shown> {
        let (source, world, entry) = self.entry_of(row)?;
        ENTRIES.check(&source.shown(), world.kind)?;
        match &entry.state {
            EntryState::InProgress => Err(Shown::clean(&format!(
                "in progress: only an entry that has not begun can be {done}"
            ))),
            EntryState::Ended => {
                Err(Shown::clean(&format!("it has ended: it can no longer be {done}")))
            }
            EntryState::Scheduled | EntryState::Other(_) => Ok((source, world, entry)),
        }
    }

    fn destination(&self, entry: &Entry) -> Shown {
        match (&entry.destination, self.mask) {
            (Some(destination), true) => destination.masked(),
            (Some(destination), false) => destination.clone(),
            (None, _) => entry.id.shown(),
        }
    }

    /// The question before an entry is removed.
    pub(super) fn ask_removal(&self, row: &RowId) -> Result<Question, Shown> {
        let (source, _, entry) = self.waiting_entry(row, "removed")?;
        let destination = self.destination(entry);
        let due = entry.due.map_or_else(
            || "with no time told".to_owned(),
            |due| format!("due {}", due_still(due, &self.context())),
        );
        let mut consequences =
            vec![Shown::clean(&format!("The call to {destination}, {due}, will not be made."))];
        consequences.extend(OperationId::RemoveEntry.declared().consequence.map(Shown::clean));
        self.question(
            source,
            Request::RemoveEntry { entry: entry.id.clone() },
            &format!("Remove the entry to {destination}?"),
            (destination.clone(), entry.service.clone()),
            consequences,
        )
    }

    /// The form of a new entry.
    ///
    /// # Errors
    /// Why there can be none: no source makes calls, or no service is known.
    pub(super) fn new_entry(&self) -> Result<Dialog, Shown> {
        let worlds = || self.floor.worlds().filter(|(_, world)| ENTRIES.is_of(world.kind));
        if worlds().next().is_none() {
            return Err(Shown::clean("no source makes outbound calls"));
        }
        let services = self.services();
        if services.is_empty() {
            return Err(Shown::clean("no service is known yet: the lookup has not answered"));
        }
        // The service of the selected row, else the only one there is.
        let selected = self.selected().and_then(|row| self.entry_of(row).ok());
        let service = selected.map(|(_, _, entry)| entry.service.clone());
        let service = service.filter(|own| services.contains(own));
        let only = services.first().filter(|_| services.len() == 1).cloned();
        let service = service.or(only);
        let priorities = worlds().flat_map(|(_, world)| &world.priorities);
        let mut priorities: Vec<Shown> = priorities.map(|own| own.value.clone()).collect();
        priorities.dedup();
        Ok(Dialog::Form(Form::of_new(service.as_ref(), &services, &priorities)))
    }

    /// The form of the selected entry, or of all marked ones that can still be changed.
    ///
    /// # Errors
    /// Why there can be none.
    pub(super) fn edit_entry(&self) -> Result<Dialog, Shown> {
        let marks = &self.screen.view().marks;
        let priorities = |world: &World| -> Vec<Shown> {
            world.priorities.iter().map(|own| own.value.clone()).collect()
        };
        if marks.is_empty() {
            let row = self.selected().ok_or_else(|| Shown::clean("select a row first"))?;
            let (_, world, entry) = self.waiting_entry(row, "changed")?;
            let form = Form::of_one(row.clone(), entry, &priorities(world), self);
            return Ok(Dialog::Form(form));
        }
        let marked: Vec<&RowId> = {
            let rows = self.rows();
            marks.iter().filter(|row| self.place(&rows, row).is_some()).collect()
        };
        let mut offered = Vec::new();
        let mut rows = Vec::new();
        let mut why = Shown::clean("no marked row is shown");
        for row in marked {
            match self.waiting_entry(row, "changed") {
                Ok((_, world, _)) => {
                    offered = priorities(world);
                    rows.push(row.clone());
                }
                Err(refusal) => why = refusal,
            }
        }
        match rows.is_empty() {
            true => Err(why),
            false => Ok(Dialog::Form(Form::of_several(rows, &offered))),
        }
    }

    /// The question before the entry of a form is added.
    pub(super) fn ask_new(&self, form: &Form) -> Result<Question, Fault> {
        let wish = self
            .with_known(None, self.now.wall, |known| form.wish(known))
            .map_err(|(index, why)| (Some(index), why))?;
        self.ask_addition(wish).map_err(|why| (None, why))
    }

    /// The question before an entry is added.
    ///
    /// # Errors
    /// Why it cannot be: no source has the service, or the same call is planned already.
    pub(crate) fn ask_addition(&self, wish: Wish) -> Result<Question, Shown> {
        let service = wish.text(Field::Service).unwrap_or_default();
        let mut worlds = self.floor.worlds().filter(|(_, world)| ENTRIES.is_of(world.kind));
        let (source, world) = worlds
            .find(|(_, world)| services_of(world).any(|own| own.as_str() == service))
            .ok_or_else(|| Shown::clean("no source has that service"))?;
        let twin = Precondition::of(&Request::AddEntry { wish: wish.clone() }, world);
        if twin != Some(Precondition::NoTwin) {
            return Err(Shown::clean(
                "that call is planned already: same service, destination and time",
            ));
        }
        let destination = Shown::clean(wish.text(Field::Destination).unwrap_or_default());
        let destination = if self.mask { destination.masked() } else { destination };
        let service = Shown::clean(service);
        let mut lines = Vec::new();
        if let Some(due) = wish.due() {
            lines.push(self.due_line(due));
        }
        lines.extend(warnings(world, &wish, &service));
        lines.extend(OperationId::AddEntry.declared().consequence.map(Shown::clean));
        let title = format!("Have {service} call {destination}?");
        self.question(source, Request::AddEntry { wish }, &title, (destination, service), lines)
    }

    /// What follows from an entry that is added, beside what it shall be.
    pub(super) fn follows_from_calling(&self, source: &SourceName, wish: &Wish) -> Option<Shown> {
        let service = Shown::clean(wish.text(Field::Service).unwrap_or_default());
        warnings(self.floor.world(source)?, wish, &service)
    }

    /// “Due 2026-03-12 14:30 +02:00, in 12m”; what is over is called at once.
    fn due_line(&self, due: DateTime<Utc>) -> Shown {
        let at = self.typed_time(due);
        Shown::clean(&match due <= self.now.wall {
            true => format!("Due {at}: that is over, so it is called at once."),
            false => {
                let left = u64::try_from((due - self.now.wall).num_seconds()).unwrap_or(0);
                format!("Due {at}, in {}.", crate::table::cell::span(left))
            }
        })
    }

    /// The question before the entries of a form are changed, the rows that cannot take part left out.
    pub(super) fn ask_change(&self, form: &Form, rows: &[RowId]) -> Result<Question, Fault> {
        let (mut asks, mut lines, mut refused) = (Vec::new(), Vec::new(), None);
        for row in rows {
            let question = self
                .change_of(row, |known| form.wish(known))
                .and_then(|wish| self.ask_edit(row, wish).map_err(|why| (None, why)));
            match question {
                Ok(question) => {
                    lines.extend(question.consequences);
                    asks.extend(question.asks);
                }
                Err(fault @ (Some(_), _)) => return Err(fault),
                Err((None, why)) => refused = Some(why),
            }
        }
        if let (Some(why), true) = (&refused, asks.is_empty()) {
            return Err((None, why.clone()));
        }
        let title = match asks.as_slice() {
            [ask] => format!("Change the entry to {}?", ask.command.target),
            asks => format!("Change {} entries?", asks.len()),
        };
        lines.dedup();
        lines.extend(
            refused
                .map(|why| Shown::clean(&format!("{} left out: {why}", rows.len() - asks.len()))),
        );
        Ok(Question { title: Shown::clean(&title), consequences: lines, asks })
    }

    fn change_of(
        &self,
        row: &RowId,
        read: impl FnOnce(&crate::operations::Known<'_>) -> Result<Wish, (usize, Shown)>,
    ) -> Result<Wish, Fault> {
        let (source, _, entry) = self.entry_of(row).map_err(|why| (None, why))?;
        let from = entry.due.unwrap_or(self.now.wall);
        self.with_known(Some(source), from, read).map_err(|(index, why)| (Some(index), why))
    }

    /// The question before one entry is changed.
    ///
    /// # Errors
    /// Why it cannot be: it is gone, has begun, or is so already.
    pub(crate) fn ask_edit(&self, row: &RowId, wish: Wish) -> Result<Question, Shown> {
        let (source, world, entry) = self.waiting_entry(row, "changed")?;
        if wish.missing_in(entry).is_none() {
            return Err(Shown::clean("it is so already"));
        }
        let mut was = Wish::default();
        let mut lines = Vec::new();
        for (field, value) in wish.iter() {
            let before = wish::told(field, entry);
            lines.push(self.change_line(field, before.as_ref(), value));
            if let Some(before) = before {
                was.set(field, before);
            }
        }
        if let Some(due) = wish.due().filter(|due| *due <= self.now.wall) {
            lines.push(self.due_line(due));
        }
        let service = wish.text(Field::Service).map_or_else(|| entry.service.clone(), Shown::clean);
        lines.extend(warnings(world, &wish, &service));
        let destination = self.destination(entry);
        let title = format!("Change the entry to {destination}?");
        let request = Request::EditEntry { entry: entry.id.clone(), wish, was };
        let place = entry.service.clone();
        self.question(source, request, &title, (destination, place), lines)
    }

    /// “Due: 14:30 → 15:00”.
    fn change_line(&self, field: Field, before: Option<&Value>, after: &Value) -> Shown {
        let said = |value: &Value| match value {
            Value::Time(time) => self.typed_time(*time),
            value if self.mask && field.is_of_person() => value.masked(),
            value => value.said(),
        };
        let before = before.map_or_else(|| crate::table::cell::UNKNOWN.to_owned(), said);
        Shown::clean(&format!("{}: {before} → {}", field.declared().label, said(after)))
    }
}

/// What Nimbus says of outbound calls that nobody sees in the form (outbound guide, limitations).
fn warnings(world: &World, wish: &Wish, service: &Shown) -> Option<Shown> {
    let destination = wish.text(Field::Destination)?;
    let domain = |user: &str| user.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
    let warning = match domain(destination) {
        Some(other) if domain(service).is_some_and(|own| own != other) => {
            "A user of another organisation is refused: federated destinations are not called."
        }
        Some(_) => "Preferred users do not count for outbound calls.",
        None if has_number(world, service) == Some(false) => {
            "This service has no phone number of its own: it calls users alone, no numbers."
        }
        None => return None,
    };
    Some(Shown::clean(warning))
}

/// Whether a service has a number of its own; `None` where no event told of it.
fn has_number(world: &World, service: &Shown) -> Option<bool> {
    world.services.get(&QueueId::new(service.trim().to_lowercase()))?.has_number()
}
