//! From an action on a row to a question with its consequence, and from `y` to one command.

use crate::action::Action;
use crate::floor::World;
use crate::floor::agent::{Agent, Membership};
use crate::floor::id::{AgentId, QueueId, SourceName};
use crate::floor::queue::Queue;
use crate::operations::{Access, Command, CommandId, Pending, Request, Stage};
use crate::state::callbacks::{seen_callback, takes_note};
use crate::state::dialog::{Ask, Purpose, Seen};
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
                if matches!(action, Action::AddEntry | Action::AddTask) =>
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
        match action {
            Action::AddEntry => return self.new_entry(),
            Action::EditEntry => return self.edit_entry(),
            Action::AddTask => return self.new_task(),
            Action::UpdateTask => return self.update_task(),
            _ => {}
        }
        if action == Action::SetPresence && !self.screen.view().marks.is_empty() {
            return Err(Shown::clean("one person at a time: esc drops the marks"));
        }
        let of_calls = matches!(action, Action::Supervise | Action::ActOnCall | Action::CallBack);
        if !self.screen.view().marks.is_empty() {
            if of_calls {
                return Err(Shown::clean("one call at a time: esc drops the marks"));
            }
            return self.ask_for_marks(action).map(Dialog::Question);
        }
        let row = self.selected().ok_or_else(|| Shown::clean("select a row first"))?;
        match row {
            RowId::Queue(source, queue) if matches!(action, Action::LogIn | Action::LogOut) => {
                self.ask_own_or_all(action, source, queue)
            }
            _ => self.ask_one(action, row),
        }
    }

    /// The question about one row, or the picker before it.
    pub(super) fn ask_one(&self, action: Action, row: &RowId) -> Result<Dialog, Shown> {
        if action == Action::SetPresence {
            return self.ask_presence(row);
        }
        if matches!(action, Action::Supervise | Action::ActOnCall | Action::CallBack) {
            return self.ask_control(action, row);
        }
        let question = match (row, &self.screen.inside) {
            (RowId::Callback(..), _) => self.ask_callback(action, row)?,
            _ if takes_note(action) => {
                return Err(Shown::clean("nothing of that kind can be done to this row"));
            }
            (RowId::Entry(..), _) => self.ask_removal(row)?,
            (RowId::Task(..), _) if action == Action::RemoveTask => self.ask_task_removal(row)?,
            (RowId::Queue(source, queue), _) => self.ask_own(action, source, queue)?,
            (RowId::Agent(..), Some((_, queue))) => self.ask_membership(action, row, queue)?,
            (RowId::Agent(..), None) => return self.ask_or_pick(action, row),
            (
                RowId::Call(..)
                | RowId::Task(..)
                | RowId::List(..)
                | RowId::Source(..)
                | RowId::Ended(..)
                | RowId::Line(..),
                _,
            ) => {
                return Err(Shown::clean("nothing can be done to this row"));
            }
        };
        Ok(Dialog::Question(question))
    }

    /// The person's only fitting queue, else a picker of the fitting ones.
    fn ask_or_pick(&self, action: Action, row: &RowId) -> Result<Dialog, Shown> {
        let (_, _, agent) = self.agent_of(row)?;
        let fitting: Vec<&Membership> = agent
            .memberships
            .iter()
            .filter(|membership| match membership.logged_in {
                Some(logged_in) => logged_in == (action == Action::LogOut),
                None => true,
            })
            .collect();
        let (word, done) = match action {
            Action::LogIn => ("Log in", "logged in to all queues"),
            _ => ("Log out", "logged in to no queue"),
        };
        match fitting.as_slice() {
            [] => Err(Shown::clean(&format!("{} is {done}", agent.name))),
            [only] => Ok(Dialog::Question(self.ask_membership(action, row, &only.queue)?)),
            several => {
                // What keeps the person from being acted on is said before the picker opens.
                self.ask_membership(action, row, &several[0].queue)?;
                let all = Shown::clean(&format!("all {}", several.len()));
                let names = several.iter().map(|membership| membership.name.clone());
                Ok(Dialog::Picker(Picker {
                    title: Shown::clean(&format!("{word} {}: which queue?", agent.name)),
                    items: names.chain([all]).collect(),
                    marked: 0,
                    purpose: Purpose::Queue {
                        action,
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
        action: Action,
        row: &RowId,
        queue: &QueueId,
    ) -> Result<Question, Shown> {
        let (source, world, agent) = self.agent_of(row)?;
        logs_in(source, world)?;
        let membership = agent.in_queue(queue).ok_or_else(|| {
            Shown::clean(&format!("{} no longer belongs to that queue", agent.name))
        })?;
        let id = agent_id(source, agent)?;
        let (request, title) = match action {
            Action::LogIn => (
                Request::LogIn { queue: queue.clone(), agent: Some(id) },
                format!("Log {} in to {}?", agent.name, membership.name),
            ),
            _ => (
                Request::LogOut { queue: queue.clone(), agent: Some(id) },
                format!("Log {} out of {}?", agent.name, membership.name),
            ),
        };
        already(action, membership.logged_in, &agent.name, &membership.name)?;
        self.question(
            source,
            request,
            &title,
            (agent.name.clone(), membership.name.clone()),
            self.staffing(action, source, queue, 1),
            Seen::LoggedIn(membership.logged_in),
        )
    }

    /// The question before the source's own user is logged in to, or out of, a queue.
    ///
    /// # Errors
    /// Why it cannot be done: the queue is gone, or the user is no agent of it or where it should go already.
    pub(super) fn ask_own(
        &self,
        action: Action,
        source: &SourceName,
        queue: &QueueId,
    ) -> Result<Question, Shown> {
        let gone = || Shown::clean("that queue is no longer told of");
        let (source, world) = self.floor.named(source).ok_or_else(gone)?;
        let row = world.queues.get(queue).ok_or_else(gone)?;
        logs_in(source, world)?;
        let you = Shown::clean("you");
        let (request, title) = match action {
            Action::LogIn => (
                Request::LogIn { queue: queue.clone(), agent: None },
                format!("Log yourself in to {}?", row.name),
            ),
            _ => (
                Request::LogOut { queue: queue.clone(), agent: None },
                format!("Log yourself out of {}?", row.name),
            ),
        };
        match row.own_login {
            Some(logged_in) => already(action, Some(logged_in), "", &row.name)?,
            None => {
                return Err(Shown::clean(&format!("you are no agent of {}", row.name)));
            }
        }
        self.question(
            source,
            request,
            &title,
            (you, row.name.clone()),
            self.staffing(action, source, queue, 1),
            Seen::LoggedIn(row.own_login),
        )
    }

    pub(super) fn question(
        &self,
        source: &SourceName,
        request: Request,
        title: &str,
        (target, place): (Shown, Shown),
        consequences: Vec<Shown>,
        seen: Seen,
    ) -> Result<Question, Shown> {
        let busy = self.pending.iter().any(|pending| {
            pending.is_open()
                && &pending.command.source == source
                && same_target(&pending.command.request, &request)
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
        action: Action,
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
        let mut lines = vec![if action == Action::LogIn {
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
            if self.now_seen(&command).as_ref() == Some(&seen) {
                let command = self.ask_for(command);
                if let Request::Control(_) = command.request {
                    self.asked.push((command.clone(), seen));
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

    /// What a log-in or log-out would do to a queue, for the question before it.
    pub fn consequence(&self, command: &Command) -> Vec<Shown> {
        match &command.request {
            Request::LogIn { queue, .. } => self.staffing(Action::LogIn, &command.source, queue, 1),
            Request::LogOut { queue, .. } => {
                self.staffing(Action::LogOut, &command.source, queue, 1)
            }
            Request::AddEntry { wish } => {
                let follows = self.follows_from_calling(&command.source, wish);
                std::iter::once(wish.said()).chain(follows).collect()
            }
            Request::EditEntry { wish, .. } | Request::AddTask { wish } => vec![wish.said()],
            Request::UpdateTask { task, wish } => {
                let ignored = self.ignores_preferred(&command.source, task, wish);
                std::iter::once(wish.said()).chain(ignored).collect()
            }
            Request::AddContact { card, .. } | Request::UpdateContact { card, .. } => {
                vec![card.said()]
            }
            Request::RemoveContacts { book, contacts } => {
                self.follows_from_taking_out(&command.source, book, contacts)
            }
            Request::RemoveEntry { .. } | Request::RemoveTask { .. } => {
                vec![Shown::clean("What is removed cannot be brought back.")]
            }
            Request::Assign { callback, state, .. } => {
                self.follows_from_assigning(&command.source, callback, *state)
            }
            Request::SetPresence { .. } => Vec::new(),
            Request::Control(_) => Vec::new(),
        }
    }

    /// What a question about `command` would see now.
    fn now_seen(&self, command: &Command) -> Option<Seen> {
        let world = self.floor.world(&command.source)?;
        match &command.request {
            Request::LogIn { queue, agent: None } | Request::LogOut { queue, agent: None } => {
                Some(Seen::LoggedIn(world.queues.get(queue)?.own_login))
            }
            Request::LogIn { queue, agent: Some(id) }
            | Request::LogOut { queue, agent: Some(id) } => {
                let agent = world.agents.values().find(|agent| agent.id.as_ref() == Some(id))?;
                Some(Seen::LoggedIn(agent.in_queue(queue)?.logged_in))
            }
            Request::AddEntry { wish } => self.twin_seen(&command.source, wish),
            Request::EditEntry { entry, .. } | Request::RemoveEntry { entry } => {
                self.entry_seen(&command.source, entry)
            }
            Request::RemoveTask { task } => self.task_seen(&command.source, task),
            Request::UpdateTask { task, .. } => self.going_seen(&command.source, task),
            Request::AddTask { .. }
            | Request::AddContact { .. }
            | Request::UpdateContact { .. }
            | Request::RemoveContacts { .. } => Some(Seen::Nothing),
            Request::Assign { callback, .. } => seen_callback(world.callbacks.get(callback)?),
            Request::SetPresence { agent, .. } => Some(Self::seen_presence(world, agent.as_ref())),
            Request::Control(control) => Self::control_seen(world, control),
        }
    }
}

/// Whether a form stands before the question about an action.
const fn is_by_form(action: Action) -> bool {
    matches!(action, Action::AddEntry | Action::EditEntry | Action::AddTask | Action::UpdateTask)
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

fn logs_in(source: &SourceName, world: &World) -> Result<(), Shown> {
    if world.kind.logs_in_agents() {
        return Ok(());
    }
    let source = source.shown();
    Err(Shown::clean(&format!(
        "{source} cannot log agents in or out: not supported by this source"
    )))
}

fn already(action: Action, logged_in: Option<bool>, name: &str, queue: &str) -> Result<(), Shown> {
    let (is, you_are) = if name.is_empty() { ("you are", true) } else { ("is", false) };
    let who = if you_are { is.to_owned() } else { format!("{name} {is}") };
    match (action, logged_in) {
        (Action::LogIn, Some(true)) => {
            Err(Shown::clean(&format!("{who} logged in to {queue} already")))
        }
        (Action::LogOut, Some(false)) => {
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

fn same_target(a: &Request, b: &Request) -> bool {
    match (a, b) {
        (
            Request::LogIn { queue: q1, agent: a1 } | Request::LogOut { queue: q1, agent: a1 },
            Request::LogIn { queue: q2, agent: a2 } | Request::LogOut { queue: q2, agent: a2 },
        ) => q1 == q2 && a1 == a2,
        (
            Request::EditEntry { entry: e1, .. } | Request::RemoveEntry { entry: e1 },
            Request::EditEntry { entry: e2, .. } | Request::RemoveEntry { entry: e2 },
        ) => e1 == e2,
        (Request::AddEntry { wish: w1 }, Request::AddEntry { wish: w2 })
        | (Request::AddTask { wish: w1 }, Request::AddTask { wish: w2 }) => w1 == w2,
        (
            Request::UpdateTask { task: t1, .. } | Request::RemoveTask { task: t1 },
            Request::UpdateTask { task: t2, .. } | Request::RemoveTask { task: t2 },
        ) => t1 == t2,
        (Request::Assign { callback: c1, .. }, Request::Assign { callback: c2, .. }) => c1 == c2,
        (Request::SetPresence { agent: a1, .. }, Request::SetPresence { agent: a2, .. }) => {
            a1 == a2
        }
        (Request::Control(one), Request::Control(other)) => one.meets(other),
        _ => false,
    }
}
