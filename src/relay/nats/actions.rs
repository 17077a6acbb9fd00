//! Actions that were asked of a relay that follows: the one that leads carries them out, once, into its audit log.
//!
//! They are passed on only as a user of the server: who may ask is then written in the server's configuration. A token
//! alone, or none, is also what boards have.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, Request, RequestErrorKind};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};

use crate::operations::{Command, Outcome};
use crate::relay::Duty;
use crate::relay::http::Act;
use crate::source::relay::nats::connection::{Connection, Trouble, failed};
use crate::source::relay::nats::wire::ACTION;
use crate::text::{Shown, json};
use crate::transport::http::json::check_depth;

use super::{Meeting, Status};

/// How long the outcome may take: longer than one request to a vendor.
const PATIENCE: Duration = Duration::from_secs(20);

/// Relays that believe to lead, in a moment when two do: one of them gets it.
const ONE: &str = "lead";

/// How the reply subject of a message begins that a consumer of a stream delivers (NATS, ADR-15).
const DELIVERED: &str = "$JS.ACK.";

const NOBODY: &str = "no relay reads the sources at this moment: try again in some seconds";
const NO_USER: &str = "another relay reads the sources, and actions are passed on only where nats in [relay] names a user";

/// Who asks for what.
#[derive(Serialize, Deserialize)]
struct Asked {
    who: Shown,
    command: Command,
}

impl Status {
    /// Carries out a command by `own` where this relay reads the sources, else by the relay that does.
    pub fn through(self: &Arc<Self>, own: Act) -> Act {
        let this = Arc::clone(self);
        Arc::new(move |who, command| {
            if *this.duty.borrow() != Duty::Follows {
                return own(who, command);
            }
            let client = this.client();
            async move {
                match client {
                    Some(client) => pass(&client, &Asked { who, command }).await,
                    None => Outcome::Failed(Shown::clean(NO_USER)),
                }
            }
            .boxed()
        })
    }
}

/// Has the relay that leads carry it out.
async fn pass(client: &Client, asked: &Asked) -> Outcome {
    let asked = Bytes::from(json::bytes(asked).unwrap_or_default());
    let request = Request::new().payload(asked).timeout(Some(PATIENCE));
    match client.send_request(ACTION, request).await {
        Ok(message) => serde_json::from_slice(&message.payload)
            .unwrap_or_else(|_| Outcome::Unknown(Shown::clean("the answer cannot be read"))),
        Err(error) if error.kind() == RequestErrorKind::NoResponders => {
            Outcome::Failed(Shown::clean(NOBODY))
        }
        Err(error) => Outcome::Unknown(Shown::clean(&error.to_string())),
    }
}

impl Meeting {
    /// Carries out what is asked of other relays, for as long as this one leads.
    pub(super) async fn serve(&self, connection: &Connection) -> Result<(), Trouble> {
        let Some(act) = self.act.clone().filter(|_| self.server.user().is_some()) else {
            return std::future::pending().await;
        };
        let client = &connection.client;
        let asked = client.queue_subscribe(ACTION, ONE.to_owned()).await;
        let mut asked = asked.map_err(failed("actions of other relays cannot be heard"))?;
        while let Some(message) = asked.next().await {
            let (Some(reply), Ok(())) = (message.reply, check_depth(&message.payload)) else {
                continue;
            };
            // A consumer of a stream can be aimed at this subject. What it delivers is no action.
            if reply.starts_with(DELIVERED) {
                continue;
            }
            let Ok(Asked { who, command }) = serde_json::from_slice(&message.payload) else {
                continue;
            };
            let command = Command { id: self.site.number(), ..self.site.view().resolved(command) };
            let (act, client) = (Arc::clone(&act), client.clone());
            // It goes on whatever becomes of the lead: the outcome is somebody's.
            tokio::spawn(async move {
                let outcome = act(who, command).await;
                let outcome = Bytes::from(json::bytes(&outcome).unwrap_or_default());
                // Who does not hear it says that the outcome is unknown.
                let _ = client.publish(reply, outcome).await;
            });
        }
        Err(Trouble::Lost)
    }
}
