//! A small board for the laws: two Telepo systems, an Enreach and a Nimbus, and what they may tell.

use std::time::Duration;

use chrono::{DateTime, Utc};
use floorwalker::event::{Event, Press, SourceEvent, Stamped};
use floorwalker::floor::agent::{Agent, AgentState, Membership};
use floorwalker::floor::callback::{Callback, CallbackList, Fact, Request};
use floorwalker::floor::id::{
    AgentId, AgentKey, CallbackId, EntryId, FeedName, ListId, QueueId, SourceName,
};
use floorwalker::floor::link::{Feed, FeedKind, Health};
use floorwalker::floor::presence::Presence;
use floorwalker::floor::profile::{May, Profile, Profiles, Term};
use floorwalker::floor::queue::{About, Figures, Open, Queue};
use floorwalker::floor::scheduler::{Entry, EntryState};
use floorwalker::floor::time::{Latest, Moment, Now, Told};
use floorwalker::floor::{Kind, Part};
use floorwalker::keymap::Keymap;
use floorwalker::operations::{Access, Command, CommandId, Field, Outcome};
use floorwalker::state::{Dialog, Effect, Form, Picker, Question, State};
use floorwalker::table::{RowId, Zone};
use floorwalker::text::Shown;

use super::eyes;

/// The moment at which every desk begins.
pub const START: Moment = Moment::from_millis(3_600_000);

/// The sources of every desk.
pub const SOURCES: [(&str, Kind); 4] = [
    ("hq", Kind::Telepo),
    ("oslo", Kind::Telepo),
    ("helsinki", Kind::Enreach),
    ("nimbus", Kind::Nimbus),
];

/// The wall clock when every desk begins.
pub fn wall() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-03-12T14:00:00Z").unwrap().to_utc()
}

/// Seconds after the beginning.
pub fn later(seconds: u64) -> Moment {
    START.after(Duration::from_secs(seconds))
}

/// A board and the hand on its keys.
pub struct Desk {
    pub state: State,
}

impl Desk {
    /// Four sources, of which nothing is known.
    pub fn silent(access: Access) -> Self {
        let sources = SOURCES.map(|(name, kind)| (SourceName::new(name), kind));
        let now = Now { moment: START, wall: wall() };
        let mut state = State::new(sources, access, Keymap::standard(access), now);
        state.zone = Zone::Utc;
        Self { state }
    }

    /// Two queues, three agents, two entries and a list, all fresh.
    pub fn open() -> Self {
        Self::opened(Access::Full)
    }

    /// The same for somebody with that access.
    pub fn opened(access: Access) -> Self {
        let mut desk = Self::silent(access);
        for (source, feed) in
            [("hq", "queues"), ("hq", "agents"), ("helsinki", "queues"), ("nimbus", "entries")]
        {
            desk.tell(source, SourceEvent::Link(up(feed)));
        }
        desk.tell("hq", SourceEvent::Snapshot(Part::Queues(queues())));
        desk.tell("hq", SourceEvent::Snapshot(Part::Agents(agents())));
        desk.tell("helsinki", SourceEvent::Snapshot(Part::Queues(vec![queue("4101", "Vaihde")])));
        desk.tell("helsinki", SourceEvent::Snapshot(Part::CallbackLists(vec![list("901")])));
        desk.tell("nimbus", SourceEvent::Snapshot(entries_part(entries())));
        desk.tell("hq", SourceEvent::Snapshot(Part::Callbacks(callers().into_iter().collect())));
        desk.tell("hq", SourceEvent::Snapshot(Part::Profiles(Box::new(profiles()))));
        let request = [caller("9", None, None)].into_iter().collect();
        desk.tell("helsinki", SourceEvent::Snapshot(Part::Callbacks(request)));
        desk
    }

    /// The form that stands over the board.
    pub fn form(&self) -> &Form {
        match &self.state.screen.dialog {
            Some(Dialog::Form(form)) => form,
            other => panic!("no form but {other:?}, notice {:?}", self.state.notice),
        }
    }

    /// Goes to a field of the form and types `text` in the place of what stands there.
    pub fn fill(&mut self, field: Field, text: &str) {
        for _ in 0..self.form().fields.len() {
            let form = self.form();
            if form.fields[form.marked].field == field {
                self.press("ctrl+u");
                self.write(text);
                return;
            }
            self.press("down");
        }
        panic!("no field {field:?}");
    }

    /// What is wrong with the form's marked field.
    pub fn fault(&self) -> &str {
        self.form().fault.as_ref().map_or("", |fault| fault.as_str())
    }

    /// A source tells something now.
    pub fn tell(&mut self, source: &str, event: SourceEvent) -> Vec<Effect> {
        let source = SourceName::new(source);
        self.event(Event::Source { source, event })
    }

    pub fn event(&mut self, event: Event) -> Vec<Effect> {
        let at = self.state.now.moment;
        self.state.apply(Stamped { at, event })
    }

    /// Keys with a space between them. A question is read before it is answered.
    pub fn press(&mut self, keys: &str) -> Vec<Effect> {
        keys.split(' ').flat_map(|key| self.key(key.parse().unwrap())).collect()
    }

    /// One key; a question is read before it is answered.
    pub fn key(&mut self, press: Press) -> Vec<Effect> {
        let at = self.state.now.moment;
        eyes::press(&mut self.state, at, press).1
    }

    /// Every character is a key.
    pub fn write(&mut self, text: &str) -> Vec<Effect> {
        text.chars().flat_map(|c| self.event(Event::Key(Press::char(c)))).collect()
    }

    /// The clock ticks once, `seconds` later.
    pub fn wait(&mut self, seconds: u64) {
        let moment = self.state.now.moment.after(Duration::from_secs(seconds));
        let wall = self.state.now.wall_of(moment);
        self.event(Event::Tick(Now { moment, wall }));
    }

    /// A command comes to its end.
    pub fn finish(&mut self, command: &Command, outcome: Outcome) {
        self.event(Event::Finished { id: command.id, outcome });
    }

    /// Selects `id` with the keys alone.
    pub fn select(&mut self, id: &RowId) {
        self.press("g");
        for _ in 0..self.state.order().len() {
            if self.state.selected() == Some(id) {
                return;
            }
            self.press("down");
        }
        panic!("{id:?} is not among {:?}", self.state.order());
    }

    /// The question that stands over the board.
    pub fn question(&self) -> &Question {
        match &self.state.screen.dialog {
            Some(Dialog::Question(question)) => question,
            other => panic!("no question but {other:?}, notice {:?}", self.state.notice),
        }
    }

    /// The list that stands over the board.
    pub fn picker(&self) -> &Picker {
        match &self.state.screen.dialog {
            Some(Dialog::Picker(picker)) => picker,
            other => panic!("no picker but {other:?}, notice {:?}", self.state.notice),
        }
    }

    /// What the reader is told.
    pub fn notice(&self) -> &str {
        self.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }

    /// The word on the newest command.
    pub fn word(&self) -> &'static str {
        self.state.pending.last().map_or("nothing", |pending| pending.word())
    }

    /// Asks to log `agent` out of its only queue, and says yes.
    pub fn log_out(&mut self, agent: &str) -> Command {
        self.press("2");
        self.select(&person(agent));
        self.press("o");
        only(&self.press("y"))
    }
}

/// The only command among the effects.
pub fn only(effects: &[Effect]) -> Command {
    match effects {
        [Effect::Send(command)] => command.clone(),
        other => panic!("not one command: {other:?}"),
    }
}

/// The agent of hq with that user name.
pub fn person(user: &str) -> RowId {
    RowId::Agent(SourceName::new("hq"), AgentKey::new(format!("{user}@hq.example.com")))
}

/// A queue of hq.
pub fn queue_row(id: &str) -> RowId {
    RowId::Queue(SourceName::new("hq"), QueueId::new(id))
}

/// An entry of nimbus.
pub fn entry_row(id: &str) -> RowId {
    RowId::Entry(SourceName::new("nimbus"), EntryId::new(id))
}

/// A poll that works, and is late after 30 s.
pub fn up(name: &str) -> Feed {
    Feed {
        health: Health::Up,
        last_update: Some(START),
        ..Feed::new(FeedName::new(name), FeedKind::Poll, Some(Duration::from_secs(30)))
    }
}

pub fn down(name: &str, error: &str) -> Feed {
    let health = Health::Down { error: Shown::clean(error), attempt: 1, retry_at: Some(later(12)) };
    Feed { health, ..up(name) }
}

/// A queue with nobody in it.
pub fn queue(id: &str, name: &str) -> Queue {
    Queue {
        id: QueueId::new(id),
        name: Shown::clean(name),
        number: None,
        open: Some(Open::Open),
        open_detail: None,
        figures: Figures::default(),
        own_login: None,
        about: About::default(),
        feed: FeedName::new("queues"),
        updated: START,
    }
}

/// Växel, where the source's own user is logged in, and Support, which has no login told.
pub fn queues() -> Vec<Queue> {
    let figures = |waiting, longest, logged_in| Figures {
        waiting: Some(waiting),
        longest_wait_s: Some(longest),
        agents_logged_in: Some(logged_in),
        ..Figures::default()
    };
    vec![
        Queue { own_login: Some(true), figures: figures(4, 20, 1), ..queue("21", "Växel") },
        Queue { figures: figures(0, 0, 2), ..queue("22", "Support") },
    ]
}

/// A membership in one of [`queues`].
pub fn member(queue: &str, name: &str, logged_in: Option<bool>) -> Membership {
    Membership {
        queue: QueueId::new(queue),
        name: Shown::clean(name),
        logged_in,
        state: match logged_in {
            Some(true) => AgentState::Available,
            Some(false) => AgentState::LoggedOut,
            None => AgentState::Other,
        },
        reason: None,
        priority: None,
        skill: None,
    }
}

/// A person of hq.
pub fn agent(user: &str, name: &str, memberships: Vec<Membership>) -> Agent {
    let id = format!("{user}@hq.example.com");
    let (state, reason) = Agent::overall(&memberships);
    Agent {
        key: AgentKey::new(&id),
        id: Some(AgentId::new(&id)),
        name: Shown::clean(name),
        state,
        reason,
        since: None,
        memberships,
        presence: Presence::default(),
        feed: FeedName::new("agents"),
        updated: START,
    }
}

/// Anna in Växel, Bo in both queues, Cecilia in both but out of Support, Didrik without an id.
pub fn agents() -> Vec<Agent> {
    let vaxel = |logged_in| member("21", "Växel", Some(logged_in));
    let support = |logged_in| member("22", "Support", Some(logged_in));
    vec![
        agent("anna", "Anna Lind", vec![vaxel(true)]),
        agent("bo", "Bo Ek", vec![vaxel(true), support(true)]),
        agent("cecilia", "Cecilia Holm", vec![vaxel(true), support(false)]),
        Agent { id: None, ..agent("didrik", "Didrik Ås", vec![vaxel(true)]) },
    ]
}

/// A list with one request past its time.
pub fn list(id: &str) -> CallbackList {
    CallbackList {
        id: ListId::new(id),
        name: None,
        open: Some(3),
        free: Some(2),
        assigned: Some(1),
        hidden: None,
        overdue: Some(1),
        next_hour_overdue: None,
        expires_24h: Some(0),
        agents_serving: None,
        next_hour_revealed: None,
        agents_active: None,
        agents_automatic: None,
        automatic: None,
        told: None,
        feed: FeedName::new("queues"),
        updated: START,
    }
}

/// A caller to be called back, by Växel: who has it, whether that is the source's own user, and a note.
pub fn caller(id: &str, owner: Option<(&str, bool)>, note: Option<&str>) -> (CallbackId, Callback) {
    let request = Request {
        list: Some(ListId::new("21")),
        party: Some(Shown::clean(&format!("+46 8 555 010 0{id}"))),
        note: note.map(Shown::clean),
        closed: Some(false),
        owner: owner.map(|(user, _)| AgentKey::new(format!("{user}@hq.example.com"))),
        own: Some(owner.is_some_and(|(_, own)| own)),
        calls: Some(3),
        queue: Some(QueueId::new("21")),
        kind: Some(Shown::clean("missed")),
        ..Request::default()
    };
    let told = Told { at: wall(), report: 0, moment: START, received: None, late: false };
    let mut callback = Callback::new(CallbackId::new(id));
    callback.take(told, Fact::Record(Box::new(request)));
    (CallbackId::new(id), callback)
}

/// One of each: open, Anna's, the source's own user's, done.
pub fn callers() -> Vec<(CallbackId, Callback)> {
    let (id, done) = caller("4", Some(("bo", false)), None);
    let request = Request { closed: Some(true), ..done.request().unwrap().clone() };
    let mut done = Callback::new(id.clone());
    let told = Told { at: wall(), report: 0, moment: START, received: None, late: false };
    done.take(told, Fact::Record(Box::new(request)));
    vec![
        caller("1", None, None),
        caller("2", Some(("anna", false)), Some("no answer")),
        caller("3", Some(("kim", true)), None),
        (id, done),
    ]
}

/// The words of hq, and what Anna and the source's own user say: free, and ours to change.
pub fn profiles() -> Profiles {
    let term = |id: &str, name: &str, available| Term {
        id: id.to_owned(),
        name: Shown::clean(name),
        available,
    };
    let value = Profile {
        activity: Some("available".to_owned()),
        may: May { activity: true, role: true, note: true },
        ..Profile::default()
    };
    let told = Told { at: wall(), report: 0, moment: START, received: None, late: false };
    let latest = Latest { told, value };
    Profiles {
        activities: vec![
            term("available", "Tillgänglig", Some(true)),
            term("lunch", "Lunch", Some(false)),
        ],
        roles: vec![term("office", "Kontor", None)],
        own: Some(latest.clone()),
        people: [(AgentKey::new("anna@hq.example.com"), latest)].into_iter().collect(),
    }
}

/// One of [`callers`], or the one of helsinki.
pub fn caller_row(id: &str) -> RowId {
    let source = if id == "9" { "helsinki" } else { "hq" };
    RowId::Callback(SourceName::new(source), CallbackId::new(id))
}

pub fn entry(id: &str, state: EntryState) -> Entry {
    Entry {
        id: EntryId::new(id),
        service: Shown::clean("outbound@contoso.example"),
        contact: None,
        destination: Some(Shown::clean("+44 20 7946 0112")),
        due: wall().checked_add_signed(chrono::TimeDelta::minutes(5)),
        state,
        reference: None,
        priority: None,
        attempts: None,
        max_attempts: Some(3),
        attempt_timeout_s: Some(3_600),
        max_queue_time_s: Some(300),
        rona_timeout_s: Some(20),
        completion_reason: None,
        known: Default::default(),
        feed: FeedName::new("entries"),
        updated: START,
    }
}

/// One of each state that the contract knows.
pub fn entries() -> Vec<Entry> {
    vec![
        entry("e1", EntryState::Scheduled),
        entry("e2", EntryState::InProgress),
        entry("e3", EntryState::Ended),
    ]
}

/// The entries' part of the world.
pub fn entries_part(rows: Vec<Entry>) -> Part {
    Part::Entries { feed: FeedName::new("entries"), rows }
}

/// The same agents, with one membership of one of them as a reading tells it now.
pub fn moved(user: &str, queue: &str, logged_in: Option<bool>) -> SourceEvent {
    let mut all = agents();
    let row = all.iter_mut().find(|agent| agent.key.raw().starts_with(user)).unwrap();
    let membership = row.memberships.iter_mut().find(|m| m.queue.raw() == queue).unwrap();
    *membership = member(queue, &membership.name, logged_in);
    (row.state, row.reason) = Agent::overall(&row.memberships);
    SourceEvent::Snapshot(Part::Agents(all))
}

/// A number for a command that was never asked.
pub const NEVER: CommandId = CommandId(9_999);
