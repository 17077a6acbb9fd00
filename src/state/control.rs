//! Questions about calls: how to join one as a supervisor, and what a call's own menu offers.
//!
//! A question keeps the state of the call that it showed. Where that no longer holds, it is asked again with both,
//! and nothing is sent.

use tui_input::{Input, InputRequest};

use crate::action::Action;
use crate::event::{Key, Press};
use crate::floor::World;
use crate::floor::agent::Agent;
use crate::floor::call::{Call, Phase};
use crate::floor::id::{AgentId, AgentKey, DeviceId, SourceName};
use crate::floor::own::{Device, Own};
use crate::operations::{Act, Manner};
use crate::state::act::agent_id;
use crate::state::dialog::{Errand, Joining, Offer, Purpose, Typed};
use crate::state::keys::typed;
use crate::state::{Dialog, Picker, Question, State};
use crate::table::{RowId, Tone};
use crate::text::Shown;
use crate::text::destination::{Destination, DestinationFault};
use crate::text::segment::segment_fault;

mod ask;
mod back;

/// What a call can offer, in the order of the menu: the choice, and the words for it.
const OFFERS: [(Offer, &str); 17] = [
    (Offer::Answer, "answer it where it rings"),
    (Offer::Hold, "hold"),
    (Offer::Resume, "resume"),
    (Offer::Mute, "mute the microphone"),
    (Offer::Unmute, "unmute the microphone"),
    (Offer::Transfer, "transfer, at once"),
    (Offer::CampOn, "transfer, when the other end is free"),
    (Offer::Park, "park: anybody can pick it up"),
    (Offer::Move, "move to another phone of the person"),
    (Offer::PickUp, "pick up on your own phone"),
    (Offer::StartRecording, "recording: start"),
    (Offer::StopRecording, "recording: stop"),
    (Offer::SaveRecording, "recording: save"),
    (Offer::DiscardRecording, "recording: discard"),
    (Offer::PauseRecording, "recording: pause"),
    (Offer::ResumeRecording, "recording: resume"),
    (Offer::Clear, "clear: hang up, decline, stop ringing"),
];

impl State {
    /// The picker or the question that an action on a call begins with.
    ///
    /// # Errors
    /// Why it cannot be done, for people.
    pub(super) fn ask_control(&self, action: Action, row: &RowId) -> Result<Dialog, Shown> {
        match action {
            Action::Supervise => self.pick_manner(row),
            Action::CallBack => {
                self.waiting(row)?;
                self.pick_device(row, Errand::CallBack)
            }
            _ => self.pick_offer(row),
        }
    }

    fn pick_manner(&self, row: &RowId) -> Result<Dialog, Shown> {
        let (source, world, agent) = self.supervised(row)?;
        let own = owner(source, world)?;
        let id = agent_id(source, agent)?;
        if id == own.user {
            return Err(Shown::clean("that is you: a call of your own needs no supervisor"));
        }
        let running = world.supervision_of(&id).map(|call| Joining::End(call.id.clone()));
        // What runs can be ended without a phone that could ring.
        let begin = match (phones(own), &running) {
            (Err(why), None) => return Err(why),
            (Err(_), Some(_)) => Vec::new(),
            (Ok(_), _) => Manner::ALL.into_iter().map(Joining::Begin).collect(),
        };
        let choices: Vec<Joining> = running.into_iter().chain(begin).collect();
        let items = choices
            .iter()
            .map(|choice| match choice {
                Joining::End(_) => Shown::clean("end: clear your own call"),
                Joining::Begin(manner) => {
                    Shown::clean(&format!("{:<8} {}", manner.word(), manner.meaning()))
                }
            })
            .collect();
        Ok(Dialog::Picker(Picker {
            title: Shown::clean(&format!("Join the call of {}: how?", agent.name)),
            items,
            marked: 0,
            purpose: Purpose::Supervision { row: row.clone(), choices },
        }))
    }

    fn pick_offer(&self, row: &RowId) -> Result<Dialog, Shown> {
        if let RowId::Agent(..) = row {
            let (source, world, agent) = self.agent_of(row)?;
            controls(source, world)?;
            let calls: Vec<&Call> = in_hand(world, agent).collect();
            let id = |call: &Call| RowId::Call(source.clone(), call.id.clone());
            return match calls.as_slice() {
                [] => Err(Shown::clean(&format!("no call of {} is known", agent.name))),
                [only] => self.pick_offer(&id(only)),
                several => Ok(Dialog::Picker(Picker {
                    title: Shown::clean(&format!("Which call of {}?", agent.name)),
                    items: several
                        .iter()
                        .map(|call| Shown::clean(&self.standing(source, world, call)))
                        .collect(),
                    marked: 0,
                    purpose: Purpose::Calls(several.iter().map(|call| id(call)).collect()),
                })),
            };
        }
        let (source, world, call) = self.call_of(row)?;
        controls(source, world)?;
        if !call.phase.is_some_and(Phase::is_here) {
            return Err(Shown::clean("it is over: nothing can be done to it"));
        }
        call_owner(source, world, call)?;
        let rings = owner(source, world).and_then(phones).is_ok();
        let offered = OFFERS.into_iter().filter(|(offer, _)| match offer {
            Offer::Clear => true,
            Offer::PickUp => rings && call.phase == Some(Phase::Alerting) && !is_own(world, call),
            listed => lists(call, *listed),
        });
        let (offers, items) = offered.map(|(offer, words)| (offer, Shown::clean(words))).unzip();
        Ok(Dialog::Picker(Picker {
            title: Shown::clean(&format!("{}: what?", self.named(source, world, call))),
            items,
            marked: 0,
            purpose: Purpose::Call { row: row.clone(), offers },
        }))
    }

    /// A choice was made in one of the pickers about calls: the next of them, or the question.
    pub(super) fn picked_control(&mut self, purpose: Purpose, marked: usize) {
        let next = match purpose {
            Purpose::Supervision { row, choices } => match choices.get(marked) {
                Some(Joining::End(call)) => match row.source() {
                    Some(source) => {
                        let row = RowId::Call(source.clone(), call.clone());
                        self.ask_call(&row, Act::Clear).map(Dialog::Question)
                    }
                    None => return,
                },
                Some(Joining::Begin(manner)) => self.pick_device(&row, Errand::Join(*manner)),
                None => return,
            },
            Purpose::Calls(rows) => match rows.get(marked) {
                Some(row) => self.pick_offer(row),
                None => return,
            },
            Purpose::Call { row, offers } => match offers.get(marked) {
                Some(offer) => self.offered(&row, *offer),
                None => return,
            },
            Purpose::Device { row, errand, devices } => match devices.get(marked).cloned() {
                Some(device) => {
                    if let Some(source) = row.source() {
                        let chosen = match errand {
                            Errand::CallBack => Some(&mut self.places),
                            Errand::Join(_) | Errand::PickUp => Some(&mut self.phones),
                            // Of another person's phones none is remembered.
                            Errand::Answer | Errand::Move => None,
                        };
                        if let Some(chosen) = chosen {
                            chosen.insert(source.clone(), device.clone());
                        }
                    }
                    self.ring(&row, errand, device).map(Dialog::Question)
                }
                None => return,
            },
            Purpose::Sort(_)
            | Purpose::Queue { .. }
            | Purpose::Presence { .. }
            | Purpose::Until { .. }
            | Purpose::Contact(_) => return,
        };
        match next {
            Ok(dialog) => self.screen.dialog = Some(dialog),
            Err(why) => self.note(&why, Tone::Warning),
        }
    }

    fn offered(&self, row: &RowId, offer: Offer) -> Result<Dialog, Shown> {
        let act = match offer {
            Offer::Hold => Act::Hold,
            Offer::Mute => Act::Mute,
            Offer::Unmute => Act::Unmute,
            Offer::Park => Act::Park,
            Offer::StartRecording => Act::StartRecording,
            Offer::StopRecording => Act::StopRecording,
            Offer::Resume => Act::Resume,
            Offer::SaveRecording => Act::SaveRecording,
            Offer::DiscardRecording => Act::DiscardRecording,
            Offer::PauseRecording => Act::PauseRecording,
            Offer::ResumeRecording => Act::ResumeRecording,
            Offer::Clear => Act::Clear,
            Offer::PickUp => return self.pick_device(row, Errand::PickUp),
            Offer::Answer | Offer::Move => {
                let errand = if offer == Offer::Move { Errand::Move } else { Errand::Answer };
                let (_, world, call) = self.call_of(row)?;
                return match listed_devices(world, call, offer).is_empty() {
                    // The vendor lists no device, and another person's phones are not told.
                    true => self.type_for(row, offer, "to which of the person's devices? Its id"),
                    false => self.pick_device(row, errand),
                };
            }
            Offer::Transfer | Offer::CampOn => return self.type_for(row, offer, "where to?"),
        };
        self.ask_call(row, act).map(Dialog::Question)
    }

    /// The line on which it is typed where a call shall go.
    fn type_for(&self, row: &RowId, offer: Offer, what: &str) -> Result<Dialog, Shown> {
        let (source, world, call) = self.call_of(row)?;
        let named = self.named(source, world, call);
        let verb = match offer {
            Offer::Move => "Move",
            Offer::Answer => "Answer",
            _ => "Transfer",
        };
        let title = Shown::clean(&format!("{verb} {named} {what}"));
        let (input, row) = (Input::default(), row.clone());
        Ok(Dialog::Typed(Typed { title, input, error: None, row, offer }))
    }

    /// The own phone that rings, or the place: the only one, else a picker, the one that was chosen last marked.
    fn pick_device(&self, row: &RowId, errand: Errand) -> Result<Dialog, Shown> {
        let source = row.source().ok_or_else(gone)?;
        let (source, world) = self.floor.named(source).ok_or_else(gone)?;
        let own = || owner(source, world);
        let (phones, last, title) = match errand {
            Errand::CallBack => {
                (places(own()?)?.to_vec(), self.places.get(source), "Where do you take the call?")
            }
            Errand::Join(_) | Errand::PickUp => (
                phones(own()?)?.to_vec(),
                self.phones.get(source),
                "Which of your phones shall ring?",
            ),
            Errand::Answer => {
                let (_, _, call) = self.call_of(row)?;
                (listed_devices(world, call, Offer::Answer), None, "On which phone?")
            }
            Errand::Move => {
                let (_, _, call) = self.call_of(row)?;
                (listed_devices(world, call, Offer::Move), None, "To which phone?")
            }
        };
        if let [only] = phones.as_slice() {
            return self.ring(row, errand, only.id.clone()).map(Dialog::Question);
        }
        Ok(Dialog::Picker(Picker {
            title: Shown::clean(title),
            items: phones.iter().map(Device::label).collect(),
            marked: phones.iter().position(|phone| Some(&phone.id) == last).unwrap_or(0),
            purpose: Purpose::Device {
                row: row.clone(),
                errand,
                devices: phones.iter().map(|phone| phone.id.clone()).collect(),
            },
        }))
    }

    fn ring(&self, row: &RowId, errand: Errand, device: DeviceId) -> Result<Question, Shown> {
        match errand {
            Errand::Join(manner) => self.ask_supervision(row, manner, device),
            Errand::PickUp => self.ask_call(row, Act::PickUp(device)),
            Errand::Answer => self.ask_call(row, Act::Answer(device)),
            Errand::Move => self.ask_call(row, Act::Move(device)),
            Errand::CallBack => self.ask_call_back(row, device),
        }
    }

    /// Whose call may be joined: the agent of the row, or who has the row's call in hand.
    fn supervised(&self, row: &RowId) -> Result<(&SourceName, &World, &Agent), Shown> {
        let found = match row {
            RowId::Call(source, _) => {
                let (_, _, call) = self.call_of(row)?;
                let key =
                    call.holder().ok_or_else(|| Shown::clean("nobody has this call in hand"))?;
                self.agent_of(&RowId::Agent(source.clone(), key.clone()))?
            }
            RowId::Agent(..) => self.agent_of(row)?,
            _ => return Err(Shown::clean("select an agent or a call first")),
        };
        controls(found.0, found.1)?;
        Ok(found)
    }

    fn call_of(&self, row: &RowId) -> Result<(&SourceName, &World, &Call), Shown> {
        let over = || Shown::clean("that call is no longer told of");
        let RowId::Call(source, call) = row else {
            return Err(Shown::clean("select an agent or a call first"));
        };
        let (source, world) = self.floor.named(source).ok_or_else(over)?;
        Ok((source, world, world.calls.get(call).ok_or_else(over)?))
    }

    /// Pasted text is typed; it takes nothing and answers nothing.
    pub(super) fn paste_typed(&mut self, text: &str) {
        let Some(Dialog::Typed(entry)) = &mut self.screen.dialog else { return };
        for c in Shown::clean(text.trim()).chars() {
            entry.input.handle(InputRequest::InsertChar(c));
        }
        entry.error = None;
    }

    /// A key while a number or an address is typed: Enter takes it, and asks.
    pub(super) fn press_in_typed(&mut self, mut entry: Typed, press: Press) {
        match press.key {
            Key::Esc => return,
            Key::Enter => match typed_act(entry.offer, entry.input.value()) {
                Ok(act) => {
                    match self.ask_call(&entry.row, act) {
                        Ok(question) => self.screen.dialog = Some(Dialog::Question(question)),
                        Err(why) => self.note(&why, Tone::Warning),
                    }
                    return;
                }
                Err(why) => entry.error = Some(why),
            },
            _ => {
                if let Some(request) = typed(press) {
                    entry.input.handle(request);
                    entry.error = None;
                }
            }
        }
        self.screen.dialog = Some(Dialog::Typed(entry));
    }
}

/// What is asked for with what was typed: a destination, or the id of a device.
fn typed_act(offer: Offer, written: &str) -> Result<Act, &'static str> {
    let device = || match segment_fault(written) {
        None => Ok(DeviceId::new(written.trim())),
        Some(_) => Err("the id of a device is needed"),
    };
    let to = || {
        let to = Destination::read(written).map_err(DestinationFault::words)?;
        Ok(to.as_str().to_owned())
    };
    match offer {
        Offer::Answer => device().map(Act::Answer),
        Offer::Move => device().map(Act::Move),
        Offer::CampOn => to().map(Act::CampOn),
        _ => to().map(Act::Transfer),
    }
}

/// The devices that a call lists for an offer; for a call of one's own that lists none, the phones that can ring.
pub(super) fn listed_devices(world: &World, call: &Call, offer: Offer) -> Vec<Device> {
    let own = world.own.as_ref().filter(|_| is_own(world, call));
    let leg = call.leg();
    let listed = leg.zip(offer.deed()).and_then(|(leg, deed)| {
        let offer = leg.offers.iter().find(|offer| offer.deed == deed)?;
        Some(offer.devices.as_slice()).filter(|devices| !devices.is_empty())
    });
    let Some(listed) = listed else {
        let here = |device: &Device| {
            leg.is_some_and(|leg| leg.devices.iter().any(|on| on == device.id.raw()))
        };
        let phones = own.and_then(|own| own.devices.as_ref()).into_iter().flatten();
        return phones.filter(|device| offer != Offer::Move || !here(device)).cloned().collect();
    };
    listed
        .iter()
        .map(|id| {
            let id = DeviceId::new(id);
            let known = own.and_then(|own| own.device(&id)).cloned();
            known.unwrap_or_else(|| Device { name: id.shown(), kind: None, id })
        })
        .collect()
}

/// By whom the vendor knows the call.
fn call_owner(source: &SourceName, world: &World, call: &Call) -> Result<AgentId, Shown> {
    if let Some(leg) = call.leg() {
        return Ok(leg.user.clone());
    }
    let key = call.agent.as_ref().ok_or_else(|| Shown::clean("nobody has this call in hand"))?;
    if let Some(own) = world.own.as_ref().filter(|own| own.user.raw() == key.raw()) {
        return Ok(own.user.clone());
    }
    match world.agents.get(key) {
        Some(agent) => agent_id(source, agent),
        None => Err(Shown::clean("it is not known whose call this is")),
    }
}

/// Whether a call lists what is asked for. Picking up and clearing need no list.
fn lists(call: &Call, offer: Offer) -> bool {
    match offer.deed() {
        Some(deed) => call.leg().is_some_and(|leg| leg.offers(&deed)),
        None => true,
    }
}

fn gone() -> Shown {
    Shown::clean("that source is no longer told of")
}

fn controls(source: &SourceName, world: &World) -> Result<(), Shown> {
    if world.kind.controls_calls() {
        return Ok(());
    }
    let source = source.shown();
    Err(Shown::clean(&format!("{source} cannot act on calls: not supported by this source")))
}

fn owner<'w>(source: &SourceName, world: &'w World) -> Result<&'w Own, Shown> {
    let source = source.shown();
    if let Some(relay) = &world.via {
        let relay = relay.shown();
        return Err(Shown::clean(&format!(
            "{relay} brings {source}: it does not know your phones"
        )));
    }
    let untold = || Shown::clean(&format!("{source} has not told yet which phones are yours"));
    world.own.as_ref().ok_or_else(untold)
}

/// The phones that can ring.
fn phones(own: &Own) -> Result<&[Device], Shown> {
    match &own.devices {
        Some(devices) if devices.is_empty() => {
            Err(Shown::clean("none of your phones can ring now"))
        }
        Some(devices) => Ok(devices),
        None => Err(match &own.unseen {
            Some(why) => Shown::clean(&format!("your phones are not told: {why}")),
            None => Shown::clean("your phones are not told"),
        }),
    }
}

/// The places where one can take a call.
fn places(own: &Own) -> Result<&[Device], Shown> {
    match (&own.places, &own.placeless) {
        (Some(places), _) if places.is_empty() => {
            Err(Shown::clean("there is no place where you could take the call"))
        }
        (Some(places), _) => Ok(places),
        (None, Some(why)) => Err(Shown::clean(&format!("where you take calls is not told: {why}"))),
        (None, None) => Err(Shown::clean("where you take calls is not told")),
    }
}

/// The calls that an agent has now.
pub(super) fn in_hand<'w>(world: &'w World, agent: &Agent) -> impl Iterator<Item = &'w Call> {
    let key: AgentKey = agent.key.clone();
    world.calls.values().filter(move |call| call.holder() == Some(&key))
}

fn is_own(world: &World, call: &Call) -> bool {
    let user = world.own.as_ref().map(|own| own.user.raw());
    user.is_some() && call.agent.as_ref().map(AgentKey::raw) == user
}
