//! The steps that calls take.

use super::super::{Body, Event};
use super::{is_on, is_private};
use crate::floor::Delta;
use crate::floor::call::Direction::{self, Inbound, Outbound};
use crate::floor::call::{Facts, Place, Step, What};
use crate::floor::id::{AgentKey, CallId, CallbackId, LegId, ListId, QueueId};
use crate::floor::time::Told;
use crate::text::Shown;

/// The step that an event is for its call.
pub(super) fn step(event: &Event, told: Told) -> Option<Delta> {
    let call = CallId::new(event.about.call_id.as_ref()?);
    let (what, direction) = what(event)?;
    let step = Step { told, what, detail: detail(event, what), facts: facts(event, direction) };
    Some(Delta::Call { call, step: Box::new(step) })
}

/// What happened, and which way the call goes where that says so.
fn what(event: &Event) -> Option<(What, Option<Direction>)> {
    use Body as B;
    let step = match &event.body {
        B::QueueCallInComing {} | B::UserCallInComing {} => (What::Coming, Some(Inbound)),
        B::QueueCallBlockingPromptStarted { .. } | B::UserCallBlockingPromptStarted { .. } => {
            (What::Prompt, Some(Inbound))
        }
        B::QueueCallInIvrSelection { .. } => (What::Choice, Some(Inbound)),
        B::QueueCallInSmartRoutingResult { .. } => (What::Routed, Some(Inbound)),
        B::QueueCallInArrived {} | B::UserCallInArrived {} => (What::Arrived, Some(Inbound)),
        B::QueueCallInUserAllocated {} | B::UserCallInUserAllocated {} => {
            (What::Offered, Some(Inbound))
        }
        B::UserCallAllocationResponse { allocation_type: Some(word), .. }
            if word.eq_ignore_ascii_case("allocated") =>
        {
            (What::Offered, Some(Inbound))
        }
        B::QueueCallInUserCancelled {} | B::UserCallInUserCancelled {} => {
            (What::Withdrawn, Some(Inbound))
        }
        B::QueueCallInUserConnected { .. } | B::UserCallInUserConnected { .. } => {
            (What::Connected, Some(Inbound))
        }
        B::QueueCallInRecording { .. } => (What::Recording, Some(Inbound)),
        B::QueueCallInHoldStart {} | B::UserCallInHoldStart {} => (What::Held, Some(Inbound)),
        B::QueueCallInHoldEnd {} | B::UserCallInHoldEnd {} => (What::Resumed, Some(Inbound)),
        B::QueueCallInTransferStarted { .. } | B::UserCallInTransferStarted { .. } => {
            (What::Transferring, Some(Inbound))
        }
        B::QueueCallInTransferCancelled { .. } | B::UserCallInTransferCancelled { .. } => {
            (What::TransferFailed, Some(Inbound))
        }
        B::QueueCallInTransferConnected { .. } | B::UserCallInTransferConnected { .. } => {
            (What::Transferred, Some(Inbound))
        }
        B::QueueCallInOverflow { .. }
        | B::UserCallInOverflow { .. }
        | B::UserCallInUserOverflow { .. } => (What::Overflowed, Some(Inbound)),
        B::QueueCallInScheduleClosed { .. } => (What::TurnedAway, Some(Inbound)),
        B::QueueCallInCallbackCreated { .. } | B::UserCallInCallbackCreated { .. } => {
            (What::CallbackAsked, Some(Inbound))
        }
        B::QueueCallInDisconnected {} | B::UserCallInDisconnected {} => {
            (What::Ended, Some(Inbound))
        }
        B::UserCallOutGoing { .. }
        | B::QueueUserCallOutGoing { .. }
        | B::CallbackUserCallOutGoing { .. } => (What::Dialling, Some(Outbound)),
        B::UserCallOutConnected {}
        | B::QueueUserCallOutConnected {}
        | B::CallbackUserCallOutConnected {} => (What::Connected, Some(Outbound)),
        B::UserCallOutHoldStart {}
        | B::QueueUserCallOutHoldStart {}
        | B::CallbackUserCallOutHoldStart {} => (What::Held, Some(Outbound)),
        B::UserCallOutHoldEnd {}
        | B::QueueUserCallOutHoldEnd {}
        | B::CallbackUserCallOutHoldEnd {} => (What::Resumed, Some(Outbound)),
        B::UserCallOutDisconnected {}
        | B::QueueUserCallOutDisconnected {}
        | B::CallbackUserCallOutDisconnected {} => (What::Ended, Some(Outbound)),
        B::UserWrapUpEnabled { .. } => (What::WrapUpDue, None),
        B::UserWrapUpStarted { .. } => (What::WrapUp, None),
        B::UserWrapUpTerminated { .. } => (What::WrapUpOver, None),
        B::UserSupervisionStatus { .. } => (What::Supervised, None),
        B::UserCallPublicityChanged { .. } => (What::Privacy, None),
        B::UserCallRecorded { .. }
        | B::QueueUserCallRecorded { .. }
        | B::CallbackUserCallRecorded { .. }
        | B::UserCallInRecordingConverted { .. }
        | B::UserCallOutRecordingConverted { .. }
        | B::UserVoiceMailRecordingConverted { .. }
        | B::QueueUserCallInRecordingConverted { .. }
        | B::QueueUserCallOutRecordingConverted { .. }
        | B::CallbackCallInRecordingConverted { .. }
        | B::CallbackUserCallOutRecordingConverted { .. } => (What::Recorded, None),
        B::UserCallTranscribed { .. }
        | B::QueueCallTranscribed { .. }
        | B::CallbackCallTranscribed { .. } => (What::Transcribed, None),
        B::UserAvailability { .. }
        | B::UserCallAllocationRequest { .. }
        | B::UserCallAllocationResponse { .. }
        | B::UserConfigurationSetNextCallOut { .. }
        | B::UserConfigurationSetNextCallOutRaw { .. }
        | B::UserQueueAttached { .. }
        | B::UserSetting { .. }
        | B::UserStatus { .. }
        | B::QueueAttachedUsers { .. }
        | B::QueueChanged { .. }
        | B::QueueDailyCallMetrics { .. }
        | B::QueueStatus { .. }
        | B::CallbackChanged { .. }
        | B::CallbackListStatus { .. }
        | B::Other => return None,
    };
    Some(step)
}

/// The vendor's words for a step.
fn detail(event: &Event, what: What) -> Option<Shown> {
    let about = &event.about;
    let told = [about.reason.as_ref(), about.detailed_reason.as_ref(), about.tech_reason.as_ref()];
    let own = match &event.body {
        Body::UserCallInOverflow { overflow_reason, connected_target, .. } => {
            [overflow_reason.as_ref(), connected_target.as_ref()]
        }
        Body::QueueCallInOverflow { overflow_reason, overflow_type, .. } => {
            [overflow_reason.as_ref(), overflow_type.as_ref()]
        }
        Body::QueueCallInScheduleClosed { overflow_reason, .. } => [overflow_reason.as_ref(), None],
        Body::UserCallInUserOverflow { target } => [target.as_ref(), None],
        Body::QueueCallInTransferStarted { transfer_target, .. }
        | Body::UserCallInTransferStarted { transfer_target, .. } => {
            [transfer_target.as_ref(), None]
        }
        Body::QueueCallInTransferConnected { connected_target, .. }
        | Body::UserCallInTransferConnected { connected_target, .. } => {
            [connected_target.as_ref(), None]
        }
        Body::QueueCallInIvrSelection { entered_value, .. } => [entered_value.as_ref(), None],
        Body::QueueCallInSmartRoutingResult { result, .. } => [result.as_ref(), None],
        Body::QueueCallBlockingPromptStarted { prompt_detail, .. }
        | Body::UserCallBlockingPromptStarted { prompt_detail, .. } => {
            [prompt_detail.as_ref(), None]
        }
        Body::UserSupervisionStatus { state, supervisor_user_name, .. } => {
            [supervisor_user_name.as_ref(), state.as_ref()]
        }
        _ => [None, None],
    };
    // A recording's reason says where it was asked for, which nobody wants to know.
    let told = if what == What::Recording { [None; 3] } else { told };
    let words: Vec<&str> = own
        .into_iter()
        .chain(told)
        .flatten()
        .map(Shown::as_str)
        .filter(|word| !word.is_empty())
        .collect();
    (!words.is_empty()).then(|| Shown::clean(&words.join(", ")))
}

fn facts(event: &Event, direction: Option<Direction>) -> Facts {
    let about = &event.about;
    let queue = about.queue_id.as_ref().map(|queue| Place::Queue(QueueId::new(queue)));
    // A person's own call has no queue: that is told by its family of events alone.
    let personal = event.name.get(..8).is_some_and(|name| name.eq_ignore_ascii_case("UserCall"));
    // Only of a call that calls somebody back; other events name the request that they made.
    let answers =
        event.name.get(..12).is_some_and(|name| name.eq_ignore_ascii_case("CallbackUser"));
    let private = about.publicity.as_ref().map(is_private);
    let other = match direction {
        Some(Inbound) => about.caller_number.as_ref(),
        Some(Outbound) => about.target_number.as_ref(),
        None => None,
    };
    let mut facts = Facts {
        leg: about.leg_id.as_ref().map(LegId::new),
        agent_leg: None,
        supervisor_leg: None,
        place: queue.or_else(|| personal.then_some(Place::Person)),
        queue_name: about.queue_name.clone(),
        agent: about.user_id.as_ref().map(AgentKey::new),
        agent_name: about.user_name.clone(),
        direction,
        party: other.filter(|_| private != Some(true)).cloned(),
        private,
        priority: None,
        callback: about.call_back_id.as_ref().filter(|_| answers).map(CallbackId::new),
        list: about.call_list_id.as_ref().filter(|_| answers).map(ListId::new),
        supervisor: None,
        cause: about.reason.clone(),
        seconds: None,
    };
    match &event.body {
        Body::QueueCallInUserConnected { agent_leg_id }
        | Body::UserCallInUserConnected { agent_leg_id } => {
            facts.agent_leg = agent_leg_id.as_ref().map(LegId::new);
        }
        Body::QueueCallInOverflow { overflow_reason, .. }
        | Body::UserCallInOverflow { overflow_reason, .. }
        | Body::QueueCallInScheduleClosed { overflow_reason, .. } => {
            facts.cause.clone_from(overflow_reason);
        }
        Body::UserWrapUpTerminated { elapsed_time_sec } => facts.seconds = *elapsed_time_sec,
        Body::UserSupervisionStatus {
            state,
            supervisor_user_name,
            supervisor_user_id,
            supervisor_leg_id,
            ..
        } => {
            facts.supervisor_leg = supervisor_leg_id.as_ref().map(LegId::new);
            let name = supervisor_user_name
                .clone()
                .or_else(|| supervisor_user_id.as_deref().map(Shown::clean));
            facts.supervisor = Some(name.filter(|_| is_on(state.as_ref())).unwrap_or_default());
        }
        Body::QueueCallInSmartRoutingResult { priority: Some(priority), .. } => {
            facts.priority = Some(Shown::from(priority.to_string()));
        }
        _ => {}
    }
    facts
}
