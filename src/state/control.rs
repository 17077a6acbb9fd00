//! Questions about calls: how to join one as a supervisor, and what a call's own menu offers.
//!
//! A question keeps the state of the call that it showed. Where that no longer holds, it is asked again with both,
//! and nothing is sent.

use tui_input::{Input, InputRequest};

use crate::event::{Key, Press};
use crate::floor::World;
use crate::floor::agent::Agent;
use crate::floor::call::{Call, CallArgument, Phase};
use crate::floor::id::{AgentId, AgentKey, DeviceId, SourceName};
use crate::floor::own::{Device, Own};
use crate::operations::{
    CALL_CONTROL, CallAction, CallRequest, OperationId, SupervisionMode, calls_of,
};
use crate::state::act::agent_id;
use crate::state::dialog::{DevicePurpose, Joining, Purpose, TextPrompt};
use crate::state::keys::typed;
use crate::state::marks::capitalised;
use crate::state::{Dialog, Picker, Question, State};
use crate::table::{RowId, Tone};
use crate::text::Shown;
use crate::text::destination::{Destination, DestinationFault};
use crate::text::segment::segment_fault;

mod ask;
mod back;

impl State {
    /// The picker of the place from which somebody is called back.
    ///
    /// # Errors
    /// Why nobody can be, for people.
    pub(super) fn pick_place(&self, row: &RowId) -> Result<Dialog, Shown> {
        self.waiting(row)?;
        self.pick_device(row, DevicePurpose::CallBack)
    }

    /// The picker of how to join a call.
    ///
    /// # Errors
    /// Why it cannot be joined, for people.
    pub(super) fn pick_supervision(&self, row: &RowId) -> Result<Dialog, Shown> {
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
            (Ok(_), _) => SupervisionMode::ALL.into_iter().map(Joining::Begin).collect(),
        };
        let choices: Vec<Joining> = running.into_iter().chain(begin).collect();
        let items = choices
            .iter()
            .map(|choice| match choice {
                Joining::End(_) => Shown::clean("end: clear your own call"),
                Joining::Begin(mode) => {
                    Shown::clean(&format!("{:<8} {}", mode.word(), mode.meaning()))
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

    /// The picker of what can be done to a call; of whoever has several, which of them.
    ///
    /// # Errors
    /// Why nothing can be, for people.
    pub(super) fn pick_action(&self, row: &RowId) -> Result<Dialog, Shown> {
        if let RowId::Agent(..) = row {
            let (source, world, agent) = self.agent_of(row)?;
            CALL_CONTROL.check(&source.shown(), world.kind)?;
            let calls: Vec<&Call> = calls_of(world, agent).collect();
            let id = |call: &Call| RowId::Call(source.clone(), call.id.clone());
            return match calls.as_slice() {
                [] => Err(Shown::clean(&format!("no call of {} is known", agent.name))),
                [only] => self.pick_action(&id(only)),
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
        CALL_CONTROL.check(&source.shown(), world.kind)?;
        if !call.phase.is_some_and(Phase::is_here) {
            return Err(Shown::clean("it is over: nothing can be done to it"));
        }
        call_owner(source, world, call)?;
        let rings = owner(source, world).and_then(phones).is_ok();
        let offered = CallAction::ALL.into_iter().filter(|action| match action {
            CallAction::Clear => true,
            CallAction::PickUp => {
                rings && call.phase == Some(Phase::Alerting) && !is_own(world, call)
            }
            listed => lists(call, *listed),
        });
        let words = |action| OperationId::Call(action).declared().menu.unwrap_or_default();
        let (actions, items) = offered.map(|action| (action, Shown::clean(words(action)))).unzip();
        Ok(Dialog::Picker(Picker {
            title: Shown::clean(&format!("{}: what?", self.named(source, world, call))),
            items,
            marked: 0,
            purpose: Purpose::Call { row: row.clone(), actions },
        }))
    }

    /// A choice was made in one of the pickers about calls: the next of them, or the question.
    pub(super) fn picked_control(&mut self, purpose: Purpose, marked: usize) {
        let next = match purpose {
            Purpose::Supervision { row, choices } => match choices.get(marked) {
                Some(Joining::End(call)) => match row.source() {
                    Some(source) => {
                        let row = RowId::Call(source.clone(), call.clone());
                        self.ask_plain(&row, CallAction::Clear)
                    }
                    None => return,
                },
                Some(Joining::Begin(mode)) => self.pick_device(&row, DevicePurpose::Join(*mode)),
                None => return,
            },
            Purpose::Calls(rows) => match rows.get(marked) {
                Some(row) => self.pick_action(row),
                None => return,
            },
            Purpose::Call { row, actions } => match actions.get(marked) {
                Some(action) => self.chosen(&row, *action),
                None => return,
            },
            Purpose::Device { row, purpose, devices } => match devices.get(marked).cloned() {
                Some(device) => {
                    if let Some(source) = row.source() {
                        let chosen = match purpose {
                            DevicePurpose::CallBack => Some(&mut self.places),
                            DevicePurpose::Join(_) | DevicePurpose::PickUp => {
                                Some(&mut self.phones)
                            }
                            // Of another person's phones none is remembered.
                            DevicePurpose::Answer | DevicePurpose::Move => None,
                        };
                        if let Some(chosen) = chosen {
                            chosen.insert(source.clone(), device.clone());
                        }
                    }
                    self.ring(&row, purpose, device).map(Dialog::Question)
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

    fn chosen(&self, row: &RowId, action: CallAction) -> Result<Dialog, Shown> {
        match (action.argument(), action) {
            (CallArgument::None, _) => self.ask_plain(row, action),
            (CallArgument::Destination, _) => self.type_for(row, action, "where to?"),
            (CallArgument::Device, CallAction::PickUp) => {
                self.pick_device(row, DevicePurpose::PickUp)
            }
            (CallArgument::Device, _) => {
                let (_, world, call) = self.call_of(row)?;
                match listed_devices(world, call, action).is_empty() {
                    // The vendor lists no device, and another person's phones are not told.
                    true => self.type_for(row, action, "to which of the person's devices? Its id"),
                    false if action == CallAction::Move => {
                        self.pick_device(row, DevicePurpose::Move)
                    }
                    false => self.pick_device(row, DevicePurpose::Answer),
                }
            }
        }
    }

    /// The question about an action that takes nothing.
    fn ask_plain(&self, row: &RowId, action: CallAction) -> Result<Dialog, Shown> {
        let request = CallRequest::plain(action).map_err(|why| Shown::clean(&why.to_string()))?;
        self.ask_call(row, request).map(Dialog::Question)
    }

    /// The line on which it is typed where a call shall go.
    fn type_for(&self, row: &RowId, action: CallAction, what: &str) -> Result<Dialog, Shown> {
        let (source, world, call) = self.call_of(row)?;
        let named = self.named(source, world, call);
        // Whether it waits until the other end is free was chosen already.
        let action_word = if action == CallAction::CampOn { CallAction::Transfer } else { action };
        let verb = capitalised(OperationId::Call(action_word).declared().verb);
        let title = Shown::clean(&format!("{verb} {named} {what}"));
        let (input, row) = (Input::default(), row.clone());
        Ok(Dialog::Typed(TextPrompt { title, input, error: None, row, action }))
    }

    /// The own phone that rings, or the place: the only one, else a picker, the one that was chosen last marked.
    fn pick_device(&self, row: &RowId, purpose: DevicePurpose) -> Result<Dialog, Shown> {
        let source = row.source().ok_or_else(gone)?;
        let (source, world) = self.floor.named(source).ok_or_else(gone)?;
        let own = || owner(source, world);
        let (phones, last, title) = match purpose {
            DevicePurpose::CallBack => {
                (places(own()?)?.to_vec(), self.places.get(source), "Where do you take the call?")
            }
            DevicePurpose::Join(_) | DevicePurpose::PickUp => (
                phones(own()?)?.to_vec(),
                self.phones.get(source),
                "Which of your phones shall ring?",
            ),
            DevicePurpose::Answer => {
                let (_, _, call) = self.call_of(row)?;
                (listed_devices(world, call, CallAction::Answer), None, "On which phone?")
            }
            DevicePurpose::Move => {
                let (_, _, call) = self.call_of(row)?;
                (listed_devices(world, call, CallAction::Move), None, "To which phone?")
            }
        };
        if let [only] = phones.as_slice() {
            return self.ring(row, purpose, only.id.clone()).map(Dialog::Question);
        }
        Ok(Dialog::Picker(Picker {
            title: Shown::clean(title),
            items: phones.iter().map(Device::label).collect(),
            marked: phones.iter().position(|phone| Some(&phone.id) == last).unwrap_or(0),
            purpose: Purpose::Device {
                row: row.clone(),
                purpose,
                devices: phones.iter().map(|phone| phone.id.clone()).collect(),
            },
        }))
    }

    fn ring(
        &self,
        row: &RowId,
        purpose: DevicePurpose,
        device: DeviceId,
    ) -> Result<Question, Shown> {
        let action = match purpose {
            DevicePurpose::Join(mode) => return self.ask_supervision(row, mode, device),
            DevicePurpose::CallBack => return self.ask_call_back(row, device),
            DevicePurpose::PickUp => CallAction::PickUp,
            DevicePurpose::Answer => CallAction::Answer,
            DevicePurpose::Move => CallAction::Move,
        };
        let request = CallRequest::with(action, device.raw());
        self.ask_call(row, request.map_err(|why| Shown::clean(&why.to_string()))?)
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
        CALL_CONTROL.check(&found.0.shown(), found.1.kind)?;
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
    pub(super) fn press_in_typed(&mut self, mut entry: TextPrompt, press: Press) {
        match press.key {
            Key::Esc => return,
            Key::Enter => match typed_request(entry.action, entry.input.value()) {
                Ok(request) => {
                    match self.ask_call(&entry.row, request) {
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
fn typed_request(action: CallAction, written: &str) -> Result<CallRequest, &'static str> {
    let to = match action.argument() {
        CallArgument::Device if segment_fault(written).is_some() => {
            return Err("the id of a device is needed");
        }
        CallArgument::Device => written.trim().to_owned(),
        CallArgument::Destination | CallArgument::None => {
            let to = Destination::read(written).map_err(DestinationFault::words)?;
            to.as_str().to_owned()
        }
    };
    CallRequest::with(action, &to).map_err(|_| "this takes no destination")
}

/// The devices that a call lists for an action; for a call of one's own that lists none, the phones that can ring.
pub(super) fn listed_devices(world: &World, call: &Call, action: CallAction) -> Vec<Device> {
    let own = world.own.as_ref().filter(|_| is_own(world, call));
    let leg = call.leg();
    let listed = leg.zip(action.listed_as()).and_then(|(leg, action)| {
        let offer = leg.offers.iter().find(|offer| offer.action == action)?;
        Some(offer.devices.as_slice()).filter(|devices| !devices.is_empty())
    });
    let Some(listed) = listed else {
        let here = |device: &Device| {
            leg.is_some_and(|leg| leg.devices.iter().any(|on| on == device.id.raw()))
        };
        let phones = own.and_then(|own| own.devices.as_ref()).into_iter().flatten();
        return phones
            .filter(|device| action != CallAction::Move || !here(device))
            .cloned()
            .collect();
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
fn lists(call: &Call, action: CallAction) -> bool {
    match action.listed_as() {
        Some(listed) => call.leg().is_some_and(|leg| leg.offers(listed)),
        None => true,
    }
}

fn gone() -> Shown {
    Shown::clean("that source is no longer told of")
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

fn is_own(world: &World, call: &Call) -> bool {
    let user = world.own.as_ref().map(|own| own.user.raw());
    user.is_some() && call.agent.as_ref().map(AgentKey::raw) == user
}
