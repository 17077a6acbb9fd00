//! Tasks: the questions before one of another system's is added or removed, or one that goes on is updated; and what
//! events tell of those of which no answer told.

use crate::floor::World;
use crate::floor::call::{Direction, Phase};
use crate::floor::id::{FeedName, QueueId, SourceName, TaskId};
use crate::floor::service::TRIGGERS;
use crate::floor::task::{ANONYMOUS, Task};
use crate::operations::{
    CommandId, Field, OperationId, Outcome, Pending, Request, Stage, TASKS, Wish,
};
use crate::state::entries::Fault;
use crate::state::form::Form;
use crate::state::{Dialog, Question, State};
use crate::table::RowId;
use crate::table::cell::duration;
use crate::table::tasks::{TaskRow, modality};
use crate::text::Shown;

/// A task with its source, and all that the source told.
type Known<'s> = (&'s SourceName, &'s World, &'s Task);

/// What is said of preferred users of an outbound task.
const IGNORED: &str = "It is an outbound task: Nimbus ignores preferred users.";

fn gone() -> Shown {
    Shown::clean("that task is no longer told of")
}

/// Whether an agent has it.
const fn is_held(phase: Option<Phase>) -> bool {
    matches!(
        phase,
        Some(Phase::Connected | Phase::Held | Phase::Parked | Phase::WrapUp | Phase::Alerting)
    )
}

impl State {
    fn task_of(&self, row: &RowId) -> Result<Known<'_>, Shown> {
        let RowId::Task(source, id) = row else { return Err(gone()) };
        let (source, world) = self.floor.named(source).ok_or_else(gone)?;
        let task = world.tasks.get(id).ok_or_else(gone)?;
        TASKS.check(&source.shown(), world.kind)?;
        if !task.is_here() {
            return Err(Shown::clean("it is over: nothing can be done to it any more"));
        }
        Ok((source, world, task))
    }

    /// What a task is called in a question, and its service.
    fn called(&self, (source, world, task): Known<'_>) -> (Shown, Shown) {
        let (context, row) = (self.context(), TaskRow { source, world, task });
        let who = row.customer(&context).or_else(|| row.party(&context));
        let who = who.unwrap_or_else(|| task.id.shown());
        (
            Shown::clean(&format!("the task of {who}")),
            row.service().unwrap_or_else(|| source.shown()),
        )
    }

    /// The question before a task of another system's is removed.
    ///
    /// # Errors
    /// Why it cannot be: it is over, an agent has it, or no other system added it.
    pub(crate) fn ask_task_removal(&self, row: &RowId) -> Result<Question, Shown> {
        let known @ (source, world, task) = self.task_of(row)?;
        if !task.is_external() {
            let by = task.facts.modality.as_ref().map(modality);
            let by = by.map_or_else(String::new, |by| format!("this one began by {by}: "));
            return Err(Shown::clean(&format!(
                "{by}only tasks that another system added can be removed"
            )));
        }
        let now = self.now.moment;
        if is_held(task.phase) && !task.is_lost(now) {
            return Err(Shown::clean(
                "already with an agent: only a task that waits can be removed",
            ));
        }
        let (target, place) = self.called(known);
        let known_at = world.known_at(&FeedName::new(TRIGGERS), &self.now);
        let mut lines = vec![match task.wait(known_at).filter(|_| !task.is_lost(now)) {
            Some(wait) => {
                format!("It has waited for {}; nobody will take it any more.", duration(wait))
            }
            None => "Nobody will take it any more.".to_owned(),
        }];
        lines.extend(OperationId::RemoveTask.declared().consequence.map(str::to_owned));
        self.question(
            source,
            Request::RemoveTask { task: task.id.clone() },
            &format!("Remove {target} from {place}?"),
            (target, place),
            lines.iter().map(|line| Shown::clean(line)).collect(),
        )
    }

    /// The form of a new task of another system's.
    ///
    /// # Errors
    /// Why there can be none: no source takes any, or no service is known.
    pub(super) fn new_task(&self) -> Result<Dialog, Shown> {
        let worlds = || self.floor.worlds().filter(|(_, world)| TASKS.is_of(world.kind));
        if worlds().next().is_none() {
            return Err(Shown::clean("no source takes tasks of other systems"));
        }
        let mut services: Vec<Shown> =
            worlds().flat_map(|(_, world)| world.tasking.services.iter().cloned()).collect();
        services.sort();
        services.dedup();
        if services.is_empty() {
            return Err(Shown::clean("no service is known yet: the lookup has not answered"));
        }
        let priorities = worlds().flat_map(|(_, world)| &world.tasking.priorities);
        let mut priorities: Vec<Shown> = priorities.map(|own| own.value.clone()).collect();
        priorities.dedup();
        // The service of the selected row, else the only one there is.
        let selected = self.selected().and_then(|row| match row {
            RowId::Task(source, id) => self.floor.world(source)?.tasks.get(id),
            _ => None,
        });
        let service = selected.and_then(|task| task.facts.service.as_ref()).map(QueueId::shown);
        let service = service.filter(|own| services.contains(own));
        let service = service.or_else(|| services.first().filter(|_| services.len() == 1).cloned());
        Ok(Dialog::Form(Form::of_new_task(service.as_ref(), &services, &priorities)))
    }

    /// The form of what the selected task shall be known by.
    ///
    /// # Errors
    /// Why there can be none.
    pub(super) fn update_task(&self) -> Result<Dialog, Shown> {
        let row = self.selected().ok_or_else(|| Shown::clean("select a row first"))?;
        let (target, _) = self.called(self.task_of(row)?);
        Ok(Dialog::Form(Form::of_task(row.clone(), &target)))
    }

    /// The question that a form of a task leads to.
    pub(super) fn ask_task(&self, form: &Form) -> Result<Question, Fault> {
        let row = form.rows.first();
        let source = match row {
            Some(row) => Some(self.task_of(row).map_err(|why| (None, why))?.0),
            None => None,
        };
        let wish = self
            .with_tasking(source, |known| form.wish(known))
            .map_err(|(index, why)| (Some(index), why))?;
        // Nobody means a task of which nothing at all is known, though Nimbus would take it.
        if row.is_none() && wish.iter().count() == 1 {
            let why = Shown::clean("say at least whose it is, or what it is about");
            return Err((form.fields.iter().position(|own| own.field == Field::Identifier), why));
        }
        let question = match row {
            Some(row) => self.ask_task_update(row, wish),
            None => self.ask_task_addition(wish),
        };
        question.map_err(|why| (None, why))
    }

    /// The question before a task of another system's is added.
    ///
    /// # Errors
    /// Why it cannot be: no source has the service.
    pub(crate) fn ask_task_addition(&self, wish: Wish) -> Result<Question, Shown> {
        let service = wish.text(Field::Service).unwrap_or_default();
        let mut worlds = self.floor.worlds().filter(|(_, world)| TASKS.is_of(world.kind));
        let (source, _) = worlds
            .find(|(_, world)| world.tasking.services.iter().any(|own| own.as_str() == service))
            .ok_or_else(|| Shown::clean("no source has that service"))?;
        let place = Shown::clean(service);
        let who =
            [Field::DisplayName, Field::Identifier].into_iter().find_map(|own| wish.text(own));
        let who = Shown::clean(who.unwrap_or(ANONYMOUS));
        let who = if self.mask { who.masked() } else { who };
        let mut lines = self.said(&wish, &[Field::Service]);
        let mut follows = |line: &str| lines.push(Shown::clean(line));
        if wish.text(Field::Identifier).is_none() {
            follows("Without an identifier it is anonymous to Nimbus.");
        }
        follows("It waits in the service's queue at once, and no reading shows it: events do.");
        let title = format!("Add a task for {who} to {place}?");
        self.question(source, Request::AddTask { wish }, &title, (who, place), lines)
    }

    /// The question before what is known with a task is changed.
    ///
    /// # Errors
    /// Why it cannot be: it is over, or gone.
    pub(crate) fn ask_task_update(&self, row: &RowId, wish: Wish) -> Result<Question, Shown> {
        let known @ (source, _, task) = self.task_of(row)?;
        let (target, place) = self.called(known);
        let mut lines = self.said(&wish, &[]);
        match self.ignores_preferred(source, &task.id, &wish) {
            Some(ignored) => lines.push(ignored),
            None if wish.get(Field::Preferred).is_some() => {
                lines.push(Shown::clean("Who was preferred before no longer is."));
            }
            None => {}
        }
        let request = Request::UpdateTask { task: task.id.clone(), wish };
        let title = format!("Update {target}?");
        self.question(source, request, &title, (target, place), lines)
    }

    /// That preferred users are ignored, where they are wished for an outbound task (outbound guide, limitations).
    pub(crate) fn ignores_preferred(
        &self,
        source: &SourceName,
        task: &TaskId,
        wish: &Wish,
    ) -> Option<Shown> {
        wish.get(Field::Preferred)?;
        let task = self.floor.task(source, task)?;
        (task.facts.direction == Some(Direction::Outbound)).then(|| Shown::clean(IGNORED))
    }

    /// “Display name: Ada”, for every field but some.
    fn said(&self, wish: &Wish, but: &[Field]) -> Vec<Shown> {
        let lines = wish.iter().filter(|(field, _)| !but.contains(field));
        let lines = lines.map(|(field, value)| {
            let text = if self.mask { value.masked() } else { value.said() };
            Shown::clean(&format!("{}: {text}", field.declared().label))
        });
        lines.collect()
    }

    /// What is known where the fields of a task of `source` are read; of every source where none is meant.
    pub(crate) fn with_tasking<T>(
        &self,
        source: Option<&SourceName>,
        read: impl FnOnce(&crate::operations::Known<'_>) -> T,
    ) -> T {
        let meant = |name: &SourceName| source.is_none_or(|own| own == name);
        let worlds = || self.floor.worlds().filter(|(name, _)| meant(name));
        let services: Vec<Shown> =
            worlds().flat_map(|(_, world)| world.tasking.services.clone()).collect();
        let users: Vec<Shown> =
            worlds().flat_map(|(_, world)| world.tasking.users.clone()).collect();
        let priorities: Vec<_> =
            worlds().flat_map(|(_, world)| world.tasking.priorities.clone()).collect();
        let zone = self.zone;
        read(&crate::operations::Known {
            services: &services,
            priorities: &priorities,
            users: &users,
            from: self.now.wall,
            now: zone.here(self.now.wall),
            zone: &move |local| zone.point(local),
        })
    }

    /// Ends what was asked of tasks and not answered, where an event since tells that it was done.
    pub(super) fn settle_tasks(&mut self, source: &SourceName) {
        let Some(world) = self.floor.world(source) else { return };
        let unknown = |own: &&Pending| matches!(own.stage, Stage::Over(Outcome::Unknown(_)));
        let told: Vec<CommandId> = self
            .pending
            .iter()
            .filter(unknown)
            .filter(|own| &own.command.source == source && own.is_told_by(world))
            .map(|own| own.command.id)
            .collect();
        for id in told {
            self.end(id, Outcome::Done);
        }
    }
}
