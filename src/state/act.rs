//! From an action on a row to a question with its consequence, and from `y` to one command.

use crate::action::Action;
use crate::floor::World;
use crate::floor::agent::{Agent, Membership};
use crate::floor::callback::CallbackState;
use crate::floor::id::{AgentId, QueueId, SourceName};
use crate::floor::queue::Queue;
use crate::operations::{
    AGENT_LOGIN, Access, Command, CommandId, OperationId, Pending, Precondition, Request, RowKind,
    Stage, Target,
};
use crate::state::callbacks::takes_note;
use crate::state::dialog::{Ask, Purpose};
use crate::state::{Dialog, Effect, Picker, Question, State};
use crate::table::cell::{UNKNOWN, span};
use crate::table::{RowId, Tone};
use crate::text::Shown;

impl State {
    /// Whether an action that reaches the floor can be done to the selected row; if not, why.
    ///
    /// # Errors
    /// The reason, for people: what is missing, and what to do.
    pub fn offers(&self, action: Action) -> Result<(), Shown> {
        self.proposal(action).map(|_| ())
    }

    /// The same without the reason: of marked rows one that can take part is enough.
    pub fn can(&self, action: Action) -> bool {
        if self.access == Access::ReadOnly || is_by_form(action) {
            return self.proposal(action).is_ok();
        }
        let marks = &self.screen.view().marks;
        if marks.is_empty() {
            // Whether one is asked about or a choice comes first makes no difference, and costs a look at all queues.
            return self.selected().is_some_and(|row| self.ask_one(action, row).is_ok());
        }
        let rows = self.rows();
        let takes_part = |row| matches!(self.ask_one(action, row), Ok(Dialog::Question(_)));
        marks.iter().any(|row| self.place(&rows, row).is_some() && takes_part(row))
    }

    /// Asks before an action, or says why it cannot be done.
    pub(super) fn propose(&mut self, action: Action) {
        match self.proposal(action) {
            Ok(dialog @ Dialog::Form(_))
                if matches!(
                    action,
                    Action::Operation(OperationId::AddEntry | OperationId::AddTask)
                ) =>
            {
                self.screen.dialog = Some(dialog);
            }
            Ok(_) if self.screen.view().marks.is_empty() && !self.shows_selected() => {
                self.note("the selected row is not shown: select one that is", Tone::Warning);
            }
            Ok(Dialog::Question(question)) if takes_note(action) => self.ask_for_note(question),
            Ok(dialog) => self.screen.dialog = Some(dialog),
            Err(why) => self.note(&why, Tone::Warning),
        }
    }

    /// Whether the filter leaves the selected row on the screen: nothing is done to what nobody sees.
    fn shows_selected(&self) -> bool {
        self.selected().is_some_and(|id| self.place(&self.rows(), id).is_some())
    }

    fn proposal(&self, action: Action) -> Result<Dialog, Shown> {
        if self.access == Access::ReadOnly {
            return Err(Shown::clean("read-only"));
        }
        let operation = match action {
            Action::Operation(operation) => Some(operation),
            _ => None,
        };
        let marked = !self.screen.view().marks.is_empty();
        let one = operation.map_or(Some("call"), |own| own.declared().one_at_a_time);
        if let (true, Some(one)) = (marked, one) {
            return Err(Shown::clean(&format!("one {one} at a time: esc drops the marks")));
        }
        match operation {
            Some(OperationId::AddEntry) => return self.new_entry(),
            Some(OperationId::EditEntry) => return self.edit_entry(),
            Some(OperationId::AddTask) => return self.new_task(),
            Some(OperationId::UpdateTask) => return self.update_task(),
            _ => {}
        }
        if let (true, Some(operation)) = (marked, operation) {
            return self.ask_for_marks(operation).map(Dialog::Question);
        }
        let row = self.selected().ok_or_else(|| Shown::clean("select a row first"))?;
        match (row, operation) {
            (RowId::Queue(source, queue), Some(operation)) if is_login(operation) => {
                self.ask_own_or_all(operation, source, queue)
            }
            _ => self.ask_one(action, row),
        }
    }

    /// The question about one row, or the picker before it.
    pub(super) fn ask_one(&self, action: Action, row: &RowId) -> Result<Dialog, Shown> {
        let Action::Operation(operation) = action else { return self.pick_action(row) };
        let refuse = |why: &str| Err(Shown::clean(why));
        let question = match (operation, row, &self.screen.inside) {
            (OperationId::SetPresence, _, _) => return self.ask_presence(row),
            (OperationId::Supervise, _, _) => return self.pick_supervision(row),
            (OperationId::CallBack, _, _) => return self.pick_place(row),
            (OperationId::TakeCallback, RowId::Callback(..), _) => {
                self.ask_callback(CallbackState::Taken, row)?
            }
            (OperationId::FinishCallback, RowId::Callback(..), _) => {
                self.ask_callback(CallbackState::Done, row)?
            }
            (OperationId::RemoveEntry, RowId::Entry(..), _) => self.ask_removal(row)?,
            (OperationId::RemoveTask, RowId::Task(..), _) => self.ask_task_removal(row)?,
            (OperationId::LogIn | OperationId::LogOut, RowId::Queue(source, queue), _) => {
                self.ask_own(operation, source, queue)?
            }
            (OperationId::LogIn | OperationId::LogOut, RowId::Agent(..), Some((_, queue))) => {
                self.ask_membership(operation, row, queue)?
            }
            (OperationId::LogIn | OperationId::LogOut, RowId::Agent(..), None) => {
                return self.ask_or_pick(operation, row);
            }
            _ if takes_note(action) => {
                return refuse("nothing of that kind can be done to this row");
            }
            _ => return refuse("nothing can be done to this row"),
        };
        Ok(Dialog::Question(question))
    }

    /// The person's only fitting queue, else a picker of the fitting ones.
    fn ask_or_pick(&self, operation: OperationId, row: &RowId) -> Result<Dialog, Shown> {
        let (_, _, agent) = self.agent_of(row)?;
        let fitting: Vec<&Membership> = agent
            .memberships
            .iter()
            .filter(|membership| match membership.logged_in {
                Some(logged_in) => logged_in == (operation == OperationId::LogOut),
                None => true,
            })
            .collect();
        let (word, done) = match operation {
            OperationId::LogIn => ("Log in", "logged in to all queues"),
            _ => ("Log out", "logged in to no queue"),
        };
        match fitting.as_slice() {
            [] => Err(Shown::clean(&format!("{} is {done}", agent.name))),
            [only] => Ok(Dialog::Question(self.ask_membership(operation, row, &only.queue)?)),
            several => {
                // What keeps the person from being acted on is said before the picker opens.
                self.ask_membership(operation, row, &several[0].queue)?;
                let all = Shown::clean(&format!("all {}", several.len()));
                let names = several.iter().map(|membership| membership.name.clone());
                Ok(Dialog::Picker(Picker {
                    title: Shown::clean(&format!("{word} {}: which queue?", agent.name)),
                    items: names.chain([all]).collect(),
                    marked: 0,
                    purpose: Purpose::Queue {
                        operation,
                        row: row.clone(),
                        queues: several.iter().map(|membership| membership.queue.clone()).collect(),
                    },
                }))
            }
        }
    }

    pub(super) fn agent_of(&self, row: &RowId) -> Result<(&SourceName, &World, &Agent), Shown> {
        let gone = || Shown::clean("that agent is no longer told of");
        let RowId::Agent(source, key) = row else { return Err(gone()) };
        let (source, world) = self.floor.named(source).ok_or_else(gone)?;
        let agent = world.agents.get(key).ok_or_else(gone)?;
        Ok((source, world, agent))
    }

    /// The question before an agent is logged in to, or out of, one queue.
    ///
    /// # Errors
    /// Why it cannot be done: the agent is gone, has no id, or is where it should go already.
    pub(super) fn ask_membership(
        &self,
        operation: OperationId,
        row: &RowId,
        queue: &QueueId,
    ) -> Result<Question, Shown> {
        let (source, world, agent) = self.agent_of(row)?;
        AGENT_LOGIN.check(&source.shown(), world.kind)?;
        let membership = agent.in_queue(queue).ok_or_else(|| {
            Shown::clean(&format!("{} no longer belongs to that queue", agent.name))
        })?;
        let id = agent_id(source, agent)?;
        let (request, title) = match operation {
            OperationId::LogIn => (
                Request::LogIn { queue: queue.clone(), agent: Some(id) },
                format!("Log {} in to {}?", agent.name, membership.name),
            ),
            _ => (
                Request::LogOut { queue: queue.clone(), agent: Some(id) },
                format!("Log {} out of {}?", agent.name, membership.name),
            ),
        };
        already(operation, membership.logged_in, &agent.name, &membership.name)?;
        self.question(
            source,
            request,
            &title,
            (agent.name.clone(), membership.name.clone()),
            self.staffing(operation, source, queue, 1),
        )
    }

    /// The question before the source's own user is logged in to, or out of, a queue.
    ///
    /// # Errors
    /// Why it cannot be done: the queue is gone, or the user is no agent of it or where it should go already.
    pub(super) fn ask_own(
        &self,
        operation: OperationId,
        source: &SourceName,
        queue: &QueueId,
    ) -> Result<Question, Shown> {
        let gone = || Shown::clean("that queue is no longer told of");
        let (source, world) = self.floor.named(source).ok_or_else(gone)?;
        let row = world.queues.get(queue).ok_or_else(gone)?;
        AGENT_LOGIN.check(&source.shown(), world.kind)?;
        let you = Shown::clean("you");
        let (request, title) = match operation {
            OperationId::LogIn => (
                Request::LogIn { queue: queue.clone(), agent: None },
                format!("Log yourself in to {}?", row.name),
            ),
            _ => (
                Request::LogOut { queue: queue.clone(), agent: None },
                format!("Log yourself out of {}?", row.name),
            ),
        };
        match row.own_login {
            Some(logged_in) => already(operation, Some(logged_in), "", &row.name)?,
            None => {
                return Err(Shown::clean(&format!("you are no agent of {}", row.name)));
            }
        }
        self.question(
            source,
            request,
            &title,
            (you, row.name.clone()),
            self.staffing(operation, source, queue, 1),
        )
    }

    pub(super) fn question(
        &self,
        source: &SourceName,
        request: Request,
        title: &str,
        (target, place): (Shown, Shown),
        consequences: Vec<Shown>,
    ) -> Result<Question, Shown> {
        let world = self.floor.world(source);
        let gone = || Shown::clean("it is no longer told of");
        let seen = world.and_then(|world| Precondition::of(&request, world)).ok_or_else(gone)?;
        let busy = self.pending.iter().any(|pending| {
            pending.is_open()
                && &pending.command.source == source
                && pending.command.request.meets(&request)
        });
        if busy {
            return Err(Shown::clean("already asked: wait for the answer"));
        }
        let command = Command { id: CommandId(0), source: source.clone(), request, target, place };
        let asks = vec![Ask { command, seen }];
        Ok(Question { title: Shown::clean(title), consequences, asks })
    }

    /// What a log-in or log-out does to a queue: “leaves 0 logged in, 4 waiting”.
    pub(super) fn staffing(
        &self,
        operation: OperationId,
        source: &SourceName,
        queue: &QueueId,
        by: u32,
    ) -> Vec<Shown> {
        let Some(world) = self.floor.world(source) else { return Vec::new() };
        let row = world.queues.get(queue);
        let waiting = row.and_then(|row| row.figures.waiting);
        let logged_in = logged_in(world, row, queue);
        let count =
            |count: Option<u32>| count.map_or_else(|| UNKNOWN.to_owned(), |n| n.to_string());
        let mut lines = vec![if operation == OperationId::LogIn {
            let after = logged_in.map(|count| count.saturating_add(by));
            format!("Makes {} logged in, {} waiting.", count(after), count(waiting))
        } else {
            let after = logged_in.map(|count| count.saturating_sub(by));
            format!("Leaves {} logged in, {} waiting.", count(after), count(waiting))
        }];
        if let Some(row) = row
            && !world.is_fresh(&row.feed, &self.now)
        {
            let age = span(self.now.age(row.updated).as_secs());
            lines.push(format!("These figures are {age} old."));
        }
        lines.iter().map(|line| Shown::clean(line)).collect()
    }

    /// `y` was pressed: one command for each row, unless what the question saw of it no longer holds.
    pub(super) fn confirmed(&mut self, question: Question) -> Vec<Effect> {
        let mut effects = Vec::new();
        for Ask { command, seen } in question.asks {
            let world = self.floor.world(&command.source);
            let now = world.and_then(|world| Precondition::of(&command.request, world));
            if now.as_ref() == Some(&seen) {
                let command = self.ask_for(command);
                if matches!(command.request.target(), Target::Call { .. }) {
                    self.outstanding.push((command.clone(), seen));
                }
                effects.push(Effect::Send(command));
            } else if let Some(question) = self.ask_again(&command, &seen) {
                self.screen.dialog = Some(Dialog::Question(question));
            } else {
                let text = format!("{}: changed meanwhile, nothing was sent", command.sentence());
                self.note(&text, Tone::Warning);
            }
        }
        self.screen.draft = None;
        self.screen.view_mut().marks.clear();
        effects
    }

    /// Numbers a command that was confirmed, and keeps it as pending.
    pub fn ask_for(&mut self, mut command: Command) -> Command {
        command.id = CommandId(self.next_command);
        self.next_command += 1;
        let (at, stage) = (self.now.moment, Stage::Sent);
        let pending = Pending { command: command.clone(), at, asked: at, stage, identity: None };
        self.pending.push(pending);
        command
    }

    /// What follows from a command, for the question before it on the command line.
    pub fn consequence(&self, command: &Command) -> Vec<Shown> {
        let (source, operation) = (&command.source, command.request.operation());
        let mut lines: Vec<Shown> = command.request.change().into_iter().collect();
        match command.request.target() {
            Target::Membership { queue, .. } => {
                lines.extend(self.staffing(operation.id, source, queue, 1));
            }
            Target::New(wish) if operation.rows == RowKind::Entry => {
                lines.extend(self.follows_from_calling(source, wish));
            }
            Target::Contacts { book, contacts } if operation.id == OperationId::RemoveContacts => {
                lines.extend(self.named_contacts(source, book, contacts));
            }
            _ => {}
        }
        match &command.request {
            Request::UpdateTask { task, wish } => {
                lines.extend(self.ignores_preferred(source, task, wish));
            }
            Request::Assign { callback, state, .. } => {
                lines.extend(self.follows_from_assigning(source, callback, *state));
            }
            _ => {}
        }
        lines.extend(operation.consequence.map(Shown::clean));
        lines
    }
}

/// Whether a form stands before the question about an action.
const fn is_by_form(action: Action) -> bool {
    matches!(
        action,
        Action::Operation(
            OperationId::AddEntry
                | OperationId::EditEntry
                | OperationId::AddTask
                | OperationId::UpdateTask
        )
    )
}

/// How requests name an agent.
///
/// # Errors
/// The line that the config file lacks.
pub(super) fn agent_id(source: &SourceName, agent: &Agent) -> Result<AgentId, Shown> {
    agent.id.clone().ok_or_else(|| {
        Shown::clean(&format!(
            "the server gives {name} no id: add \"{name}\" = \"user@domain\" to agent_ids of source {source}",
            name = agent.name,
            source = source.shown(),
        ))
    })
}

/// Whether it is a log-in or a log-out.
const fn is_login(operation: OperationId) -> bool {
    matches!(operation, OperationId::LogIn | OperationId::LogOut)
}

fn already(
    operation: OperationId,
    logged_in: Option<bool>,
    name: &str,
    queue: &str,
) -> Result<(), Shown> {
    let (is, you_are) = if name.is_empty() { ("you are", true) } else { ("is", false) };
    let who = if you_are { is.to_owned() } else { format!("{name} {is}") };
    match (operation, logged_in) {
        (OperationId::LogIn, Some(true)) => {
            Err(Shown::clean(&format!("{who} logged in to {queue} already")))
        }
        (OperationId::LogOut, Some(false)) => {
            Err(Shown::clean(&format!("{who} not logged in to {queue}")))
        }
        _ => Ok(()),
    }
}

/// How many are logged in to a queue: as told, else as its members count.
fn logged_in(world: &World, row: Option<&Queue>, queue: &QueueId) -> Option<u32> {
    let told = row.and_then(|row| row.figures.agents_logged_in);
    told.or_else(|| {
        let members: Vec<_> =
            world.agents.values().filter_map(|agent| agent.in_queue(queue)).collect();
        let count = members.iter().filter(|membership| membership.logged_in == Some(true)).count();
        if members.is_empty() { None } else { u32::try_from(count).ok() }
    })
}
