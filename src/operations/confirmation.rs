//! How a later reading or event confirms an operation.

use crate::floor::call::{Call, CallAction, Phase};
use crate::floor::callback::{self, CallbackState};
use crate::floor::id::AgentKey;
use crate::floor::reread::Reread;
use crate::floor::task::Step;
use crate::floor::{Delta, Floor, Part, World};
use crate::operations::precondition::{Precondition, membership};
use crate::operations::{Command, Control, Field, Pending, Request, Target, Value};
use crate::text::Shown;

/// Parts of the words by which the vendor says that a task was removed.
const REMOVED: [&str; 4] = ["remov", "delet", "cancel", "withdraw"];

/// The rows in which an operation shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadBy {
    /// Agents in queues: of the source's own user, the queues.
    Memberships,
    Entries,
    /// Contacts of address books.
    Contacts,
    /// Requests to be called back.
    Callbacks,
    /// What people say of themselves.
    Profiles,
    Calls,
    /// None that is read: what the vendor accepts is done, and of what it does not answer events may tell.
    Events,
}

/// What was just read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// Queues, with the log-in of the source's own user.
    Queues,
    Agents,
    /// Rows of another kind.
    Rows(ReadBy),
    /// Everything, as a relay tells it.
    All,
}

impl Read {
    /// What of it a snapshot reads.
    pub const fn of_part(part: &Part) -> Option<Self> {
        Some(match part {
            Part::Queues(_) => Self::Queues,
            Part::Agents(_) => Self::Agents,
            Part::Entries { .. } => Self::Rows(ReadBy::Entries),
            Part::Profiles(_) => Self::Rows(ReadBy::Profiles),
            Part::Callbacks(_) => Self::Rows(ReadBy::Callbacks),
            Part::Calls(_) => Self::Rows(ReadBy::Calls),
            Part::Books(_) => Self::Rows(ReadBy::Contacts),
            Part::Services(_)
            | Part::HiddenQueues(_)
            | Part::Priorities(_)
            | Part::Tasking(_)
            | Part::CallbackLists(_)
            | Part::News(_)
            | Part::Tasks { .. }
            | Part::Own(_) => return None,
        })
    }

    /// The same of a reading that is told as a difference.
    pub const fn of_reread(reread: &Reread) -> Option<Self> {
        Some(match reread {
            Reread::Queues(..) => Self::Queues,
            Reread::Agents(_) => Self::Agents,
            Reread::Entries(_) => Self::Rows(ReadBy::Entries),
            Reread::CallbackLists(_) => return None,
        })
    }

    /// The same of an event.
    pub const fn of_delta(delta: &Delta) -> Option<Self> {
        Some(match delta {
            Delta::Legs { .. } => Self::Rows(ReadBy::Calls),
            Delta::Profile { .. } => Self::Rows(ReadBy::Profiles),
            _ => return None,
        })
    }

    /// Whether `request` may show in it.
    pub fn can_show(self, request: &Request) -> bool {
        match (self, request.target()) {
            (Self::All, _) => true,
            (Self::Queues, target) => matches!(target, Target::Membership { agent: None, .. }),
            (Self::Agents, target) => matches!(target, Target::Membership { agent: Some(_), .. }),
            (Self::Rows(by), _) => request.operation().confirmation.by == by,
        }
    }
}

impl Command {
    /// Whether what was asked shows in what the source last told.
    pub fn shows_in(&self, floor: &Floor) -> bool {
        let world = floor.world(&self.source);
        world.is_some_and(|world| {
            (self.request.operation().confirmation.shows)(&self.request, world)
        })
    }
}

pub(super) const fn never(_request: &Request, _world: &World) -> bool {
    false
}

pub(super) fn logged_in(request: &Request, world: &World) -> bool {
    membership(request, world) == Some(Precondition::LoggedIn(Some(true)))
}

pub(super) fn logged_out(request: &Request, world: &World) -> bool {
    membership(request, world) == Some(Precondition::LoggedIn(Some(false)))
}

pub(super) fn entry_added(request: &Request, world: &World) -> bool {
    let Target::New(wish) = request.target() else { return false };
    world.entries.values().any(|entry| wish.plans(entry))
}

pub(super) fn entry_changed(request: &Request, world: &World) -> bool {
    let Request::EditEntry { entry, wish, .. } = request else { return false };
    world.entries.get(entry).is_some_and(|entry| wish.missing_in(entry).is_none())
}

pub(super) fn entry_removed(request: &Request, world: &World) -> bool {
    matches!(request.target(), Target::Entry(id) if !world.entries.contains_key(id))
}

pub(super) fn contact_written(request: &Request, world: &World) -> bool {
    let (Request::AddContact { book, contact, card }
    | Request::UpdateContact { book, contact, card, .. }) = request
    else {
        return false;
    };
    let known = world.books.contact(book, contact);
    known.is_some_and(|known| card.missing_in(known).is_none())
}

pub(super) fn contacts_removed(request: &Request, world: &World) -> bool {
    let Target::Contacts { book, contacts } = request.target() else { return false };
    contacts.iter().all(|own| world.books.contact(book, own).is_none())
}

pub(super) fn callback(request: &Request, world: &World) -> bool {
    let Request::Assign { callback, state, .. } = request else { return false };
    match world.callbacks.get(callback) {
        Some(row) => {
            let may_be_ours =
                |own: &callback::Request| own.own != Some(false) || *state == CallbackState::Open;
            row.state() == *state && row.request().is_some_and(may_be_ours)
        }
        // What is done leaves the log after a while.
        None => *state == CallbackState::Done,
    }
}

pub(super) fn presence(request: &Request, world: &World) -> bool {
    let Request::SetPresence { agent, wish } = request else { return false };
    let key = agent.as_ref().map(|agent| AgentKey::new(agent.raw()));
    world.profiles.of(key.as_ref()).is_some_and(|profile| wish.is_in(profile))
}

pub(super) fn supervision(request: &Request, world: &World) -> bool {
    let Target::CallsOf(agent) = request.target() else { return false };
    world.supervision_of(agent).is_some_and(|own| own.phase == Some(Phase::Connected))
}

pub(super) fn called_back(request: &Request, world: &World) -> bool {
    matches!(request, Request::Control(Control::CallBack { to, .. }) if world.has_called(to))
}

pub(super) fn call(request: &Request, world: &World) -> bool {
    let Request::Control(Control::Call { call, request, .. }) = request else { return false };
    let call = world.calls.get(call);
    let phase = call.and_then(|call| call.phase);
    let here = phase.is_some_and(Phase::is_here);
    let leg = call.and_then(Call::leg);
    let offers = |action| leg.is_some_and(|leg| leg.offers(action));
    let paused = call.and_then(|call| call.paused);
    let muted = leg.and_then(|leg| leg.muted);
    let recorded = leg.and_then(|leg| leg.recording.on);
    match request.action() {
        CallAction::Answer => matches!(phase, Some(Phase::Connected | Phase::Held)),
        CallAction::Mute => muted == Some(true) || offers(CallAction::Unmute),
        CallAction::Unmute => muted == Some(false) || offers(CallAction::Mute),
        CallAction::Park => phase == Some(Phase::Parked) || !here,
        CallAction::Move => {
            leg.is_some_and(|leg| leg.devices.iter().any(|own| Some(own.as_str()) == request.to()))
        }
        CallAction::StartRecording => recorded == Some(true) || offers(CallAction::StopRecording),
        CallAction::StopRecording => recorded == Some(false) || offers(CallAction::StartRecording),
        CallAction::Hold => phase == Some(Phase::Held),
        CallAction::Resume => phase == Some(Phase::Connected),
        CallAction::Transfer | CallAction::CampOn | CallAction::Clear => !here,
        // It goes on at one's own phone, and no longer there.
        CallAction::PickUp => {
            let own = world.own.as_ref().map(|own| AgentKey::new(own.user.raw()));
            let has = |call: &Call| own.is_some() && call.holder() == own.as_ref();
            !here && world.calls.values().any(has) || call.is_some_and(has)
        }
        CallAction::SaveRecording => offers(CallAction::DiscardRecording),
        CallAction::DiscardRecording => offers(CallAction::SaveRecording),
        CallAction::PauseRecording => paused == Some(true) || offers(CallAction::ResumeRecording),
        CallAction::ResumeRecording => {
            paused == Some(false) && !offers(CallAction::ResumeRecording)
        }
    }
}

impl Pending {
    /// Whether an event that came since it was asked tells that it was done: of tasks, which nobody can read.
    pub fn is_told_by(&self, world: &World) -> bool {
        match &self.command.request {
            // A task that is gone, or ended, may have ended by itself: only the vendor's own word says that it was removed.
            Request::RemoveTask { task } => world.tasks.get(task).is_some_and(|task| {
                let removed = |step: &Step| {
                    let word = step.word.to_lowercase();
                    step.told.moment > self.asked && REMOVED.iter().any(|own| word.contains(own))
                };
                task.phase == Some(Phase::Ended)
                    && !task.answered
                    && task.path().iter().any(removed)
            }),
            Request::AddTask { wish } => {
                let names = [Field::DisplayName, Field::Identifier].map(|own| wish.text(own));
                world.tasks.values().any(|task| {
                    let first = task.path().first();
                    let new = first.is_some_and(|step| step.told.moment > self.asked);
                    let service = task.facts.service.as_ref().map(|own| own.raw().to_lowercase());
                    let asked = wish.text(Field::Service).map(str::to_lowercase);
                    let label = task.facts.customer.as_ref().map(|label| &label.text);
                    // Whose name nobody wrote cannot be told from others. A masked one is the same for many.
                    let named = label.is_some_and(|label| {
                        names.into_iter().flatten().any(|own| Shown::clean(own) == *label)
                    });
                    new && task.is_external() && service == asked && named
                })
            }
            Request::UpdateTask { task, wish } => world.tasks.get(task).is_some_and(|task| {
                let parameters = match wish.get(Field::Parameters) {
                    Some(Value::Pairs(pairs)) => pairs.as_slice(),
                    _ => &[],
                };
                let later = task.path().iter().filter(|step| step.told.moment > self.asked);
                later.into_iter().any(|step| {
                    step.facts.parameter.as_ref().is_some_and(|(name, value)| {
                        parameters.iter().any(|(own, wished)| {
                            own == name.as_str()
                                && (wished == value.as_str()
                                    || Shown::clean(wished).veiled().as_str() == value.as_str())
                        })
                    })
                })
            }),
            _ => false,
        }
    }
}
