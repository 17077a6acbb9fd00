//! The questions about calls, and how they are asked again.

use std::time::Duration;

use crate::floor::World;
use crate::floor::call::{Call, Phase};
use crate::floor::id::{DeviceId, SourceName};
use crate::floor::own::Device;
use crate::operations::{
    CALL_CONTROL, CallAction, CallRequest, Command, CommandId, Control, OperationId, Outcome,
    Precondition, Request, Stage, SupervisionMode, calls_of,
};
use crate::state::act::agent_id;
use crate::state::control::{call_owner, is_own, listed_devices, lists, owner};
use crate::state::marks::capitalised;
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
        mode: SupervisionMode,
        device: DeviceId,
    ) -> Result<Question, Shown> {
        let (source, world, agent) = self.supervised(row)?;
        let own = owner(source, world)?;
        let phone =
            own.device(&device).ok_or_else(|| Shown::clean("that phone cannot ring now"))?;
        let id = agent_id(source, agent)?;
        let calls: Vec<&Call> = calls_of(world, agent).collect();
        let now = match calls.as_slice() {
            [] => format!("No call of {} is known: the server may refuse.", agent.name),
            calls => {
                let all = calls.iter().map(|call| self.standing(source, world, call));
                format!("Now: {}.", all.collect::<Vec<_>>().join("; "))
            }
        };
        let word = capitalised(mode.word());
        let consequences = [
            format!("Rings {}; once you take it up, you are in the call.", phone.label()),
            format!(
                "{word} usually means: {}. Here the server decides what it means.",
                mode.meaning()
            ),
            now,
            "Law or agreement may want the parties to know.".to_owned(),
        ];
        self.question(
            source,
            Request::Control(Control::Supervise { agent: id, device, mode }),
            &format!("{word} {} on {}?", agent.name, phone.name),
            (agent.name.clone(), phone.name.clone()),
            consequences.iter().map(|line| Shown::clean(line)).collect(),
        )
    }

    /// The question before something is done to a call.
    ///
    /// # Errors
    /// Why it cannot be done: the call is gone or over, or nobody has it.
    pub(super) fn ask_call(&self, row: &RowId, request: CallRequest) -> Result<Question, Shown> {
        let (source, world, call) = self.call_of(row)?;
        CALL_CONTROL.check(&source.shown(), world.kind)?;
        let user = call_owner(source, world, call)?;
        if !lists(call, request.action()) {
            return Err(Shown::clean("the call does not offer that now"));
        }
        let phone = match (request.device(), request.action()) {
            (None, _) => None,
            (Some(device), CallAction::PickUp) => Some(
                owner(source, world)?
                    .device(&device)
                    .cloned()
                    .ok_or_else(|| Shown::clean("that phone cannot ring now"))?,
            ),
            (Some(device), action) => {
                let listed = listed_devices(world, call, action);
                let known = listed.iter().find(|own| own.id == device).cloned();
                // Where the call lists devices it takes no other.
                if known.is_none() && !listed.is_empty() {
                    return Err(Shown::clean("the call does not offer that phone now"));
                }
                Some(known.unwrap_or_else(|| Device {
                    name: device.shown(),
                    id: device,
                    kind: None,
                }))
            }
        };
        let consequences = [follows(request.action(), call, phone.as_ref()), Self::shown_of(call)];
        let place = match &phone {
            Some(phone) => phone.name.clone(),
            None => CallRow::new(source, world, call).queue().unwrap_or_default(),
        };
        let target = Shown::clean(&self.named(source, world, call));
        let handle = call.leg().map_or_else(|| call.id.clone(), |leg| leg.handle.clone());
        let control =
            Control::Call { call: call.id.clone(), handle, user, token: token(call), request };
        let command = Command {
            id: CommandId(0),
            source: source.clone(),
            request: Request::Control(control.clone()),
            target: target.clone(),
            place: place.clone(),
        };
        let title = capitalised(&command.sentence());
        self.question(
            source,
            Request::Control(control),
            &format!("{title}?"),
            (target, place),
            consequences.iter().map(|line| Shown::clean(line)).collect(),
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

    /// The same question with what it showed and what is so now; nothing where that makes no sense any more.
    pub(in crate::state) fn ask_again(
        &self,
        command: &Command,
        seen: &Precondition,
    ) -> Option<Question> {
        let Request::Control(Control::Call { call, request, .. }) = &command.request else {
            return None;
        };
        let Precondition::Call(phase, then) = seen else { return None };
        let row = RowId::Call(command.source.clone(), call.clone());
        let (_, _, call) = self.call_of(&row).ok()?;
        if !call.phase.is_some_and(Phase::is_here) {
            return None;
        }
        let mut question = self.ask_call(&row, request.clone()).ok()?;
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
        let Some(index) = self.outstanding.iter().position(|(command, seen)| {
            let world = self.floor.world(&command.source);
            let now = world.and_then(|world| Precondition::of(&command.request, world));
            outdated(self, command) && now.as_ref() != Some(seen)
        }) else {
            return;
        };
        let (command, seen) = self.outstanding.remove(index);
        let busy = self.screen.dialog.is_some()
            || self.screen.typing.is_some()
            || self.screen.help.is_some()
            || self.screen.wall.is_some();
        if busy {
            return;
        }
        if let Some(question) = self.ask_again(&command, &seen) {
            self.screen.dialog = Some(Dialog::Question(question));
            self.confirm_lockout = self.now.moment.after(GRACE);
        }
    }
}

fn follows(action: CallAction, call: &Call, phone: Option<&Device>) -> String {
    if action == CallAction::Clear && call.phase == Some(Phase::Alerting) {
        return "It stops ringing.".to_owned();
    }
    let phone = phone.map(Device::label).unwrap_or_default();
    OperationId::Call(action).declared().consequence_on(&phone)
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
