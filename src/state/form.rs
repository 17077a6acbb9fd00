//! The form of a scheduler entry or of a task: what is typed into its fields, and the wish that comes of it.

use chrono::{DateTime, Utc};
use tui_input::{Input, InputRequest};

use crate::event::{Key, Press};
use crate::floor::World;
use crate::floor::id::SourceName;
use crate::floor::scheduler::Entry;
use crate::operations::wish::{Declared, entry_fields};
use crate::operations::{ENTRIES, FIELDS, Field, Known, TASK_FIELDS, Value, Wish, wish};
use crate::state::keys::typed;
use crate::state::{Dialog, State};
use crate::table::RowId;
use crate::text::Shown;

/// What stands for the hidden digits of a masked number.
const HIDDEN: char = '…';

/// A form that stands over the board. Enter checks it and asks; nothing is sent from here.
#[derive(Debug, Clone)]
pub struct Form {
    /// What is filled in.
    pub title: Shown,
    /// Its fields, in their order.
    pub fields: Vec<FormField>,
    /// Which is typed into.
    pub marked: usize,
    /// What is wrong with the marked field.
    pub fault: Option<Shown>,
    /// What is changed; none for a new one.
    pub rows: Vec<RowId>,
    /// Whether it is of a task, and not of a scheduler entry.
    pub of_task: bool,
}

/// One field of a form.
#[derive(Debug, Clone)]
pub struct FormField {
    /// Which field it is.
    pub field: Field,
    pub declared: &'static Declared,
    pub input: Input,
    /// What stood there when the form opened.
    before: String,
    /// What can be chosen; empty where all is typed.
    pub choices: Vec<Shown>,
}

impl FormField {
    fn new(declared: &'static Declared, before: String, choices: Vec<Shown>) -> Self {
        let field = declared.field;
        Self { field, declared, input: Input::new(before.clone()), before, choices }
    }

    /// Takes the next choice, or the one before.
    fn choose(&mut self, forward: bool) {
        let count = self.choices.len();
        let at = self.choices.iter().position(|choice| choice.as_str() == self.input.value());
        let next = match (at, forward) {
            (None, true) => 0,
            (None, false) => count - 1,
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
        };
        self.input = Input::new(self.choices[next].to_string());
    }
}

impl Form {
    /// The form of a new entry.
    pub(super) fn of_new(
        service: Option<&Shown>,
        services: &[Shown],
        priorities: &[Shown],
    ) -> Self {
        let fields = entry_fields().map(|declared| match declared.field {
            Field::Service => {
                let service = service.map_or_else(String::new, ToString::to_string);
                FormField::new(declared, service, services.to_vec())
            }
            Field::Priority => FormField::new(declared, String::new(), priorities.to_vec()),
            _ => FormField::new(declared, String::new(), Vec::new()),
        });
        let fields = fields.collect();
        // The service is there already where only one makes calls.
        let marked = usize::from(service.is_some());
        Self::open("New entry", fields, marked, Vec::new())
    }

    /// The form of one entry, with what was told of it.
    pub(super) fn of_one(row: RowId, entry: &Entry, priorities: &[Shown], state: &State) -> Self {
        let fields = entry_fields().filter(|declared| declared.field != Field::Service);
        let fields = fields.map(|declared| {
            let field = declared.field;
            let before = wish::told(field, entry).map_or_else(String::new, |value| match value {
                Value::Time(time) => state.typed_time(time),
                value if state.mask && field.is_of_person() => value.masked(),
                value => value.said(),
            });
            let choices = if field == Field::Priority { priorities.to_vec() } else { Vec::new() };
            FormField::new(declared, before, choices)
        });
        let fields: Vec<FormField> = fields.collect();
        let marked = fields.iter().position(|field| field.field == Field::Due).unwrap_or(0);
        Self::open("Change the entry", fields, marked, vec![row])
    }

    /// The form of several entries: what is left empty stays as it is with each of them.
    pub(super) fn of_several(rows: Vec<RowId>, priorities: &[Shown]) -> Self {
        let own =
            |field: Field| matches!(field, Field::Service | Field::Destination | Field::Reference);
        let fields = FIELDS.iter().filter(|declared| !own(declared.field)).map(|declared| {
            let choices = match declared.field {
                Field::Priority => priorities.to_vec(),
                _ => Vec::new(),
            };
            FormField::new(declared, String::new(), choices)
        });
        Self::open(&format!("Change {} entries", rows.len()), fields.collect(), 0, rows)
    }

    /// The form of a new task of another system's.
    pub(super) fn of_new_task(
        service: Option<&Shown>,
        services: &[Shown],
        priorities: &[Shown],
    ) -> Self {
        // What nobody fills in by hand for a task that is new the command line has.
        let own = TASK_FIELDS.iter().take(6);
        let fields = own.map(|declared| match declared.field {
            Field::Service => {
                let service = service.map_or_else(String::new, ToString::to_string);
                FormField::new(declared, service, services.to_vec())
            }
            Field::Priority => FormField::new(declared, String::new(), priorities.to_vec()),
            _ => FormField::new(declared, String::new(), Vec::new()),
        });
        let marked = usize::from(service.is_some());
        let form = Self::open("New task", fields.collect(), marked, Vec::new());
        Self { of_task: true, ..form }
    }

    /// The form of what a task shall be known by: nothing of that can be read, so it begins empty.
    pub(super) fn of_task(row: RowId, target: &Shown) -> Self {
        let fields = TASK_FIELDS.iter().filter(|declared| !declared.field.is_of_new_task());
        let fields = fields.map(|declared| FormField::new(declared, String::new(), Vec::new()));
        let form = Self::open(&format!("Update {target}"), fields.collect(), 0, vec![row]);
        Self { of_task: true, ..form }
    }

    fn open(title: &str, fields: Vec<FormField>, marked: usize, rows: Vec<RowId>) -> Self {
        let title = Shown::clean(title);
        Self { title, fields, marked, fault: None, rows, of_task: false }
    }

    /// What is wished: the fields that were changed.
    ///
    /// # Errors
    /// The place of the first field that is wrong, and what is wrong with it.
    pub(super) fn wish(&self, known: &Known<'_>) -> Result<Wish, (usize, Shown)> {
        let mut wish = Wish::default();
        for (index, own) in self.fields.iter().enumerate() {
            let written = own.input.value();
            if written == own.before && own.field != Field::Service {
                continue;
            }
            if written.trim().is_empty() {
                match (own.field, own.before.is_empty()) {
                    (Field::Service, _) => {
                        return Err((index, Shown::clean("choose the service")));
                    }
                    (_, true) => continue,
                    (_, false) => {
                        let why = format!("it was {:?}: write what it shall be", own.before);
                        return Err((index, Shown::clean(&why)));
                    }
                }
            }
            if own.before.contains(HIDDEN) && written.contains(HIDDEN) {
                let why = "part of it is hidden: write all of it, or start with --no-mask";
                return Err((index, Shown::clean(why)));
            }
            wish.set(own.field, own.field.read(written, known).map_err(|why| (index, why))?);
        }
        let needed = FIELDS.iter().filter(|own| own.needed).map(|own| own.field);
        let lacking = needed.into_iter().find(|field| wish.get(*field).is_none());
        match lacking.filter(|_| self.rows.is_empty() && !self.of_task) {
            Some(field) => {
                let index = self.fields.iter().position(|own| own.field == field).unwrap_or(0);
                let help = field.declared().help;
                Err((index, Shown::clean(&format!("a new entry needs it: {help}"))))
            }
            None if wish.is_empty() => Err((self.marked, Shown::clean("nothing is changed yet"))),
            None => Ok(wish),
        }
    }
}

impl State {
    /// Arrows and Tab go from field to field, left and right choose where there is a choice, Enter checks and asks.
    pub(super) fn press_in_form(&mut self, mut form: Form, press: Press) {
        let last = form.fields.len().saturating_sub(1);
        let own = &mut form.fields[form.marked];
        match press.key {
            Key::Esc => return self.refuse("nothing was sent"),
            Key::Enter => {
                return match self.choose_contact(form) {
                    Ok(()) => {}
                    Err(form) => self.check(form),
                };
            }
            Key::Down | Key::Tab => {
                form.marked = if form.marked == last { 0 } else { form.marked + 1 }
            }
            Key::Up | Key::BackTab => form.marked = form.marked.checked_sub(1).unwrap_or(last),
            Key::Left | Key::Right if !own.choices.is_empty() => {
                own.choose(press.key == Key::Right);
            }
            _ => {
                if let Some(request) = typed(press) {
                    own.input.handle(request);
                }
            }
        }
        form.fault = None;
        self.screen.dialog = Some(Dialog::Form(form));
    }

    /// Text that is pasted is typed, in one line; it takes no step further.
    pub(super) fn paste_in_form(form: &mut Form, text: &str) {
        let own = &mut form.fields[form.marked];
        let line = text.trim().lines().next().unwrap_or_default();
        for c in Shown::clean(line).chars() {
            own.input.handle(InputRequest::InsertChar(c));
        }
        form.fault = None;
    }

    fn check(&mut self, mut form: Form) {
        let question = match form.rows.as_slice() {
            _ if form.of_task => self.ask_task(&form),
            [] => self.ask_new(&form),
            rows => self.ask_change(&form, rows),
        };
        match question {
            Ok(question) => {
                self.screen.draft = Some(Box::new(form));
                self.screen.dialog = Some(Dialog::Question(question));
            }
            Err((marked, why)) => {
                form.marked = marked.unwrap_or(form.marked);
                form.fault = Some(why);
                self.screen.dialog = Some(Dialog::Form(form));
            }
        }
    }

    /// A question that came of a form was refused: the form stands there again, with all that was typed.
    pub(super) fn back_to_form(&mut self) -> bool {
        let draft = self.screen.draft.take();
        self.screen.dialog = draft.map(|form| Dialog::Form(*form));
        self.screen.dialog.is_some()
    }

    /// A time as it is typed: in the reader's zone, with its offset.
    pub(super) fn typed_time(&self, time: DateTime<Utc>) -> String {
        self.zone.here(time).format("%Y-%m-%d %H:%M %:z").to_string()
    }

    /// What is known where the fields of an entry of `source` are read.
    pub(crate) fn with_known<T>(
        &self,
        source: Option<&SourceName>,
        from: DateTime<Utc>,
        read: impl FnOnce(&Known<'_>) -> T,
    ) -> T {
        let world = source.and_then(|source| self.floor.world(source));
        let of_one = world.map_or_else(Vec::new, |world| services_of(world).cloned().collect());
        let services = if world.is_some() { of_one } else { self.services() };
        let priorities = match world {
            Some(world) => world.priorities.clone(),
            None => self.floor.worlds().flat_map(|(_, world)| world.priorities.clone()).collect(),
        };
        let zone = self.zone;
        read(&Known {
            services: &services,
            priorities: &priorities,
            users: &[],
            from,
            now: zone.here(self.now.wall),
            zone: &move |local| zone.point(local),
        })
    }

    /// Every service that makes calls, of every source.
    pub(super) fn services(&self) -> Vec<Shown> {
        let worlds = self.floor.worlds().filter(|(_, world)| ENTRIES.is_of(world.kind));
        let mut all: Vec<Shown> =
            worlds.flat_map(|(_, world)| services_of(world).cloned()).collect();
        all.sort();
        all.dedup();
        all
    }
}

/// The services of a source: as the lookup told, else those that have entries.
pub(super) fn services_of(world: &World) -> impl Iterator<Item = &Shown> {
    let seen = world.entries.values().map(|entry| &entry.service);
    let seen = seen.take(if world.entry_services.is_empty() { usize::MAX } else { 0 });
    world.entry_services.iter().chain(seen)
}
