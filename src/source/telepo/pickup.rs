//! Picking up a call that rings at somebody: by the tags of its SIP dialog, as any user may, or by the identity of the
//! call, as service accounts may.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::floor::id::{AgentId, CallId, DeviceId};
use crate::operations::Outcome;
use crate::source::outcome;
use crate::source::telepo::control::state_in;
use crate::source::telepo::dialog::{self, Dialog, Lamp};
use crate::source::telepo::operations::{
    CALL_PICKUP, CALL_PICKUP_DIALOG, DIALOGS_STREAM, STATE_CALL,
};
use crate::source::telepo::{STREAM_ROOM, Telepo};
use crate::text::Shown;
use crate::transport::http::{HttpError, Reply};
use crate::transport::poll::Wake;
use crate::transport::sse::{StreamEvent, Subscription, Timing, follow};

/// How long the first document of a person's dialogs may take.
const FIRST_DOCUMENT: Duration = Duration::from_secs(5);

/// What is missing when the dialogs are refused.
const DIALOGS_HINT: &str = "picking up needs the person's dialogs: a CALL_CONTROL ticket and the Cloud CTI or Call \
                            Control licence; a service account sets service_account = true";

impl Telepo {
    /// Picks up the call that rings at `user` on a phone of the own user's.
    ///
    /// # Errors
    /// What came of it where no request was sent.
    pub(super) async fn pick_up(
        &self,
        call: &CallId,
        user: &AgentId,
        device: &DeviceId,
    ) -> Result<Result<Reply, HttpError>, Outcome> {
        let values = [("userId", self.settings.user.as_str()), ("deviceId", device.raw())];
        if self.settings.service_account {
            let values = [values[0], values[1], ("callId", call.raw())];
            return Ok(match self.action(CALL_PICKUP, &values, None) {
                Ok(request) => self.client.send(request).await,
                Err(error) => Err(error),
            });
        }
        let ringing = self.ringing(user).await?;
        let dialog = self.ringing_one(ringing, call, user).await.ok_or_else(|| {
            Outcome::Refused(Shown::clean(
                "no dialog of this call rings any more: nothing was sent",
            ))
        })?;
        let Some(body) = body(&dialog) else {
            let why = "the server does not tell the tags of the dialog: nothing was sent";
            return Err(Outcome::Failed(Shown::clean(why)));
        };
        Ok(match self.action(CALL_PICKUP_DIALOG, &values, Some(body)) {
            Ok(request) => self.client.send(request).await,
            Err(error) => Err(error),
        })
    }

    /// The dialogs that ring at `user` now, by the first document of the person's stream.
    async fn ringing(&self, user: &AgentId) -> Result<Vec<Dialog>, Outcome> {
        let (name, domain) = self.user_of(user);
        let values = [("domain", domain), ("userId", name)];
        let request = self
            .request(DIALOGS_STREAM, &values, &[])
            .map_err(|error| outcome::<()>(Err(error)))?
            .accept("text/event-stream");
        let (tell, mut heard) = mpsc::channel(STREAM_ROOM);
        let stop = CancellationToken::new();
        let _stop_at_the_end = stop.clone().drop_guard();
        let subscription = Subscription {
            client: self.client.clone(),
            request,
            timing: Timing { idle: self.idle, ..Timing::STANDARD },
            rng: fastrand::Rng::new(),
            ears: Wake::new().listen(),
            stop,
        };
        tokio::spawn(follow(subscription, tell, |event| event));
        let first = async {
            while let Some(event) = heard.recv().await {
                match event {
                    StreamEvent::Connecting { .. } | StreamEvent::Open => {}
                    StreamEvent::Event { data, .. } => match dialog::read(&data) {
                        Ok(document) => {
                            let full = document.full;
                            let all = document.dialogs.into_iter().map(|(_, dialog)| dialog);
                            let ringing: Vec<Dialog> =
                                all.filter(|dialog| dialog.lamp() == Lamp::Ringing).collect();
                            if full || !ringing.is_empty() {
                                return Ok(ringing);
                            }
                        }
                        Err(error) => return Err(format!("the dialogs cannot be read: {error}")),
                    },
                    StreamEvent::Waiting { reason, .. } | StreamEvent::Stopped { reason } => {
                        return Err(format!("the dialogs are not told: {reason}"));
                    }
                    StreamEvent::Unauthorized { reason, .. }
                    | StreamEvent::Forbidden { reason } => {
                        return Err(format!("{reason}; {DIALOGS_HINT}"));
                    }
                }
            }
            Err("the dialogs are not told".to_owned())
        };
        match tokio::time::timeout(FIRST_DOCUMENT, first).await {
            Ok(Ok(ringing)) => Ok(ringing),
            Ok(Err(why)) => Err(Outcome::Failed(Shown::clean(&format!("{why}; nothing was sent")))),
            Err(_) => Err(Outcome::Failed(Shown::clean(
                "the dialogs were not told in time: nothing was sent",
            ))),
        }
    }

    /// The one of several ringing dialogs that is the call: by its Call-ID, else the only one, else by the number of
    /// the other end.
    async fn ringing_one(
        &self,
        mut ringing: Vec<Dialog>,
        call: &CallId,
        user: &AgentId,
    ) -> Option<Dialog> {
        let by_id = |dialog: &Dialog| dialog.call_id.as_deref() == Some(call.raw());
        if let Some(place) = ringing.iter().position(by_id) {
            return Some(ringing.swap_remove(place));
        }
        if ringing.len() < 2 {
            return ringing.pop();
        }
        let (name, domain) = self.user_of(user);
        let values = [("domain", domain), ("userId", name), ("callId", call.raw())];
        let request = self.request(STATE_CALL, &values, &[]).ok()?;
        let reply = self.client.send(request).await.ok()?;
        let party = state_in(&reply)?.remote?;
        let wanted: Vec<String> =
            [party.number, party.uri].into_iter().flatten().map(|own| digits(&own)).collect();
        let same = |dialog: &Dialog| {
            let party = dialog.party.as_ref();
            let own = party.into_iter().flat_map(|own| [&own.number, &own.uri]).flatten();
            own.map(|own| digits(own)).any(|own| !own.is_empty() && wanted.contains(&own))
        };
        let mut fitting: Vec<usize> =
            (0..ringing.len()).filter(|place| same(&ringing[*place])).collect();
        match (fitting.pop(), fitting.pop()) {
            (Some(only), None) => Some(ringing.swap_remove(only)),
            _ => None,
        }
    }
}

/// The body of `call.pickup.dialog`. Seen from the person at whom it rings, the To tag is the person's own and the
/// From tag the caller's (RFC 3891, section 3).
fn body(dialog: &Dialog) -> Option<Value> {
    let (call, to, from) = (&dialog.call_id, &dialog.local_tag, &dialog.remote_tag);
    let told = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    Some(json!({
        "callId": told(call)?,
        "toTag": told(to)?,
        "fromTag": told(from)?,
        "earlyOnly": true,
    }))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
