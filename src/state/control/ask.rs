//! The questions about calls, and how they are asked again.

use std::time::Duration;

use crate::floor::World;
use crate::floor::call::{Call, Phase};
use crate::floor::id::{DeviceId, SourceName};
use crate::floor::own::Device;
use crate::operations::{Act, Command, CommandId, Control, Manner, Outcome, Request, Stage};
use crate::state::act::agent_id;
use crate::state::callbacks::seen_callback;
use crate::state::control::{call_owner, controls, in_hand, is_own, listed_devices, lists, owner};
use crate::state::dialog::{Offer, Seen};
use crate::state::{Dialog, Question, State};
use crate::table::RowId;
use crate::table::calls::CallRow;
use crate::table::cell::span;
use crate::text::Shown;

/// How long a question that opened by itself takes no answer: a key may have been meant for what was there before.
const GRACE: Duration = Duration::from_millis(1_500);

impl State {
    /// The question before a phone of one's own joins an agent's call.
    pub(super) fn ask_supervision(
        &self,
        row: &RowId,
        manner: Manner,
        device: DeviceId,
    ) -> Result<Question, Shown> {
        let (source, world, agent) = self.supervised(row)?;
        let own = owner(source, world)?;
        let phone =
            own.device(&device).ok_or_else(|| Shown::clean("that phone cannot ring now"))?;
        let id = agent_id(source, agent)?;
        let calls: Vec<&Call> = in_hand(world, agent).collect();
        let now = match calls.as_slice() {
            [] => format!("No call of {} is known: the server may refuse.", agent.name),
            calls => {
                let all = calls.iter().map(|call| self.standing(source, world, call));
                format!("Now: {}.", all.collect::<Vec<_>>().join("; "))
            }
        };
        let mut word = manner.word().to_owned();
        word[..1].make_ascii_uppercase();
        let consequences = [
            format!("Rings {}; once you take it up, you are in the call.", phone.label()),
            format!(
                "{word} usually means: {}. Here the server decides what it means.",
                manner.meaning()
            ),
            now,
            "Law or agreement may want the parties to know.".to_owned(),
        ];
        let seen = Seen::Joining(calls.iter().map(|call| call.id.clone()).collect(), true);
        self.question(
            source,
            Request::Control(Control::Supervise { agent: id, device, manner }),
            &format!("{word} {} on {}?", agent.name, phone.name),
            (agent.name.clone(), phone.name.clone()),
            consequences.iter().map(|line| Shown::clean(line)).collect(),
            seen,
        )
    }

    /// The question before something is done to a call.
    ///
    /// # Errors
    /// Why it cannot be done: the call is gone or over, or nobody has it.
    pub(super) fn ask_call(&self, row: &RowId, act: Act) -> Result<Question, Shown> {
        let (source, world, call) = self.call_of(row)?;
        controls(source, world)?;
        let user = call_owner(source, world, call)?;
        if !lists(call, Offer::of(&act)) {
            return Err(Shown::clean("the call does not offer that now"));
        }
        let phone = match &act {
            Act::PickUp(device) => Some(
                owner(source, world)?
                    .device(device)
                    .cloned()
                    .ok_or_else(|| Shown::clean("that phone cannot ring now"))?,
            ),
            Act::Answer(device) | Act::Move(device) => {
                let listed = listed_devices(world, call, Offer::of(&act));
                let known = listed.iter().find(|own| own.id == *device).cloned();
                // Where the call lists devices it takes no other.
                if known.is_none() && !listed.is_empty() {
                    return Err(Shown::clean("the call does not offer that phone now"));
                }
                Some(known.unwrap_or_else(|| Device {
                    id: device.clone(),
                    name: device.shown(),
                    kind: None,
                }))
            }
            _ => None,
        };
        let consequences = [follows(&act, call, phone.as_ref()), Self::shown_of(call)];
        let place = match &phone {
            Some(phone) => phone.name.clone(),
            None => CallRow::new(source, world, call).queue().unwrap_or_default(),
        };
        let target = Shown::clean(&self.named(source, world, call));
        let handle = call.leg().map_or_else(|| call.id.clone(), |leg| leg.handle.clone());
        let control =
            Control::Call { call: call.id.clone(), handle, user, token: token(call), act };
        let command = Command {
            id: CommandId(0),
            source: source.clone(),
            request: Request::Control(control.clone()),
            target: target.clone(),
            place: place.clone(),
        };
        let mut title = command.sentence().to_string();
        title[..1].make_ascii_uppercase();
        self.question(
            source,
            Request::Control(control),
            &format!("{title}?"),
            (target, place),
            consequences.iter().map(|line| Shown::clean(line)).collect(),
            Seen::Call(call.phase, token(call)),
        )
    }

    /// “the call of Aino Salo with +358401234567”.
    pub(super) fn named(&self, source: &SourceName, world: &World, call: &Call) -> String {
        let row = CallRow::new(source, world, call);
        let of = match is_own(world, call) {
            true => " of your own".to_owned(),
            false => row.agent().map(|agent| format!(" of {agent}")).unwrap_or_default(),
        };
        let with = row.party(&self.context()).map(|party| format!(" with {party}"));
        format!("the call{of}{}", with.unwrap_or_default())
    }

    /// “ringing, +358401234567, 12s”.
    pub(super) fn standing(&self, source: &SourceName, world: &World, call: &Call) -> String {
        let (context, row) = (self.context(), CallRow::new(source, world, call));
        let (party, since) = (row.party(&context), row.lasts(&context).map(span));
        let words = [
            Some(call.phase.unwrap_or(Phase::New).label().to_owned()),
            party.map(|party| party.to_string()),
            since,
        ];
        words.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// What the question shows of the call, and acts on.
    fn shown_of(call: &Call) -> String {
        format!("Asked of the call as it is now: {}.", said(call.phase, token(call)))
    }

    /// What a question about `control` would see now.
    pub(in crate::state) fn control_seen(world: &World, control: &Control) -> Option<Seen> {
        match control {
            Control::Call { call, .. } => {
                let call = world.calls.get(call)?;
                Some(Seen::Call(call.phase, token(call)))
            }
            Control::CallBack { callback, place, .. } => {
                let there = world.own.as_ref().is_some_and(|own| own.place(place).is_some());
                seen_callback(world.callbacks.get(callback)?).filter(|_| there)
            }
            Control::Supervise { agent, device, .. } => {
                let agent = world.agents.values().find(|own| own.id.as_ref() == Some(agent))?;
                let there = world.own.as_ref().is_some_and(|own| own.device(device).is_some());
                Some(Seen::Joining(
                    in_hand(world, agent).map(|call| call.id.clone()).collect(),
                    there,
                ))
            }
        }
    }

    /// The same question with what it showed and what is so now; nothing where that makes no sense any more.
    pub(in crate::state) fn ask_again(&self, command: &Command, seen: &Seen) -> Option<Question> {
        let Request::Control(Control::Call { call, act, .. }) = &command.request else {
            return None;
        };
        let Seen::Call(phase, then) = seen else { return None };
        let row = RowId::Call(command.source.clone(), call.clone());
        let (_, _, call) = self.call_of(&row).ok()?;
        if !call.phase.is_some_and(Phase::is_here) {
            return None;
        }
        let mut question = self.ask_call(&row, act.clone()).ok()?;
        let both = format!(
            "It has changed since you were asked. Then: {}. Now: {}.",
            said(*phase, *then),
            said(call.phase, token(call))
        );
        question.consequences.pop();
        question.consequences.insert(0, Shown::clean(&both));
        Some(question)
    }

    /// Asks again about what the vendor refused because it had changed, once a reading tells how. Nothing is put
    /// over what the reader is busy with.
    pub(in crate::state) fn reconsider(&mut self) {
        let outdated = |state: &Self, command: &Command| {
            let own = state.pending.iter().find(|own| own.command.id == command.id);
            own.is_some_and(|own| matches!(own.stage, Stage::Over(Outcome::Outdated(_))))
        };
        let Some(index) = self.asked.iter().position(|(command, seen)| {
            let world = self.floor.world(&command.source);
            let now = world.zip(control_of(command));
            let now = now.and_then(|(world, control)| Self::control_seen(world, control));
            outdated(self, command) && now.as_ref() != Some(seen)
        }) else {
            return;
        };
        let (command, seen) = self.asked.remove(index);
        let busy = self.screen.dialog.is_some()
            || self.screen.typing.is_some()
            || self.screen.help.is_some()
            || self.screen.wall.is_some();
        if busy {
            return;
        }
        if let Some(question) = self.ask_again(&command, &seen) {
            self.screen.dialog = Some(Dialog::Question(question));
            self.unasked_until = self.now.moment.after(GRACE);
        }
    }
}

fn follows(act: &Act, call: &Call, phone: Option<&Device>) -> String {
    let there = || phone.map(|phone| phone.label().to_string()).unwrap_or_default();
    match act {
        Act::Answer(_) => format!("The call is answered on {}.", there()),
        Act::Mute => "The other end no longer hears this person.".to_owned(),
        Act::Unmute => "The other end hears this person again.".to_owned(),
        Act::Park => "It leaves this person, and waits until anybody picks it up.".to_owned(),
        Act::Move(_) => format!("It goes on at {}, on hold if it is on hold now.", there()),
        Act::StartRecording => {
            "What is said from then on is recorded. Law or agreement may want the parties to know."
                .to_owned()
        }
        Act::StopRecording => "What is said from then on is not recorded.".to_owned(),
        Act::Hold => "The other end waits until somebody resumes the call.".to_owned(),
        Act::Resume => "The two speak again.".to_owned(),
        Act::Transfer(_) => "It leaves at once, whoever answers there or not.".to_owned(),
        Act::CampOn(_) => "While the other end is busy it waits, then rings there.".to_owned(),
        Act::PickUp(_) => format!("It stops ringing there and comes to {}.", there()),
        Act::SaveRecording => "The recording of the whole call is kept.".to_owned(),
        Act::DiscardRecording => {
            "It is dropped at the end of the call, unless it is saved again.".to_owned()
        }
        Act::PauseRecording => "What is said meanwhile is not in the recording.".to_owned(),
        Act::ResumeRecording => "What is said from then on is recorded.".to_owned(),
        Act::Clear if call.phase == Some(Phase::Alerting) => "It stops ringing.".to_owned(),
        Act::Clear => "It ends for both sides.".to_owned(),
    }
}

/// “held (state 18)”.
fn said(phase: Option<Phase>, token: Option<i64>) -> String {
    let phase = phase.map_or("not told", Phase::label);
    match token {
        Some(token) => format!("{phase} (state {token})"),
        None => phase.to_owned(),
    }
}

/// The vendor's number for the state of a call.
fn token(call: &Call) -> Option<i64> {
    call.leg().and_then(|leg| leg.token)
}

fn control_of(command: &Command) -> Option<&Control> {
    match &command.request {
        Request::Control(control) => Some(control),
        _ => None,
    }
}
