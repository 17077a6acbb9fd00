//! Streams of one user or one call: call state as JSON, dialogs and line state by RFC 4235, presence by RFC 3863.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use tokio::sync::watch;

use super::calls::{CallState, UserCalls, followed};
use super::{DOMAIN, Refusal, Shared, user_position};
use crate::simulator::centre::{Agent, AgentState, Centre, Phase};
use crate::simulator::site::{Open, Site};

/// The longest silence; a comment breaks it.
const HEARTBEAT: Duration = Duration::from_secs(10);

pub(super) fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/callstate/stream/{domain}/{user}/{call}", get(call))
        .route("/callstate/dialogs/{domain}/{user}", get(dialogs))
        .route("/contactinfo/v1/linestatestream/{domain}/{contact}", get(line_state))
        .route("/contactinfo/v1/presencestream/{domain}/{contact}", get(presence))
}

/// What a look at the floor brings.
enum Look {
    /// It is as it was told.
    Same,
    /// It is something else.
    Tell(String),
    /// It is over; nothing follows.
    Last(String),
}

/// One open stream.
struct Feed<L> {
    site: Arc<Site>,
    moves: watch::Receiver<()>,
    look: L,
    over: bool,
    _open: Open,
}

/// Under `name`, sends what `look` finds, at once and whenever the floor has moved.
fn follow<L>(site: Arc<Site>, name: String, look: L) -> Response
where
    L: FnMut(&Site) -> Look + Send + 'static,
{
    let (moves, open) = (site.moves(), site.open(name));
    let feed = Feed { site, moves, look, over: false, _open: open };
    let events = stream::unfold(feed, |mut feed| async move {
        let data = feed.next().await?;
        Some((Ok::<_, Infallible>(Event::default().data(data)), feed))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response()
}

impl<L: FnMut(&Site) -> Look> Feed<L> {
    async fn next(&mut self) -> Option<String> {
        let closing = self.site.closing().clone();
        while !self.over {
            self.moves.mark_unchanged();
            match (self.look)(&self.site) {
                Look::Same => {}
                Look::Tell(data) => return Some(data),
                Look::Last(data) => {
                    self.over = true;
                    return Some(data);
                }
            }
            tokio::select! {
                () = closing.cancelled() => return None,
                moved = self.moves.changed() => moved.ok()?,
            }
        }
        None
    }
}

async fn call(
    State(site): Shared,
    Path((domain, user, id)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let find = move |site: &Site, user: usize, id: &str| {
        let calls = UserCalls::of(site, &site.centre(), user).calls;
        calls.into_iter().find(|own| own.call_id == id)
    };
    let name = format!("call/{user}/{id}");
    let user = followed(&site, &site.centre(), &domain, &user)?;
    find(&site, user, &id).ok_or_else(|| Refusal::unknown_call(&id))?;
    let mut told: Option<CallState> = None;
    Ok(follow(site, name, move |site| {
        let present = find(site, user, &id);
        let tell = |call: &CallState| serde_json::to_string(call).unwrap_or_default();
        match (present, &told) {
            (Some(call), Some(known)) if call.is_as(known) => Look::Same,
            (Some(call), _) => {
                let text = tell(&call);
                told = Some(call);
                Look::Tell(text)
            }
            (None, Some(known)) => {
                let event = left_for(&site.centre(), known);
                Look::Last(tell(&known.clone().over(event)))
            }
            (None, None) => Look::Last("{}".to_owned()),
        }
    }))
}

/// Where a call went that its user has no longer.
fn left_for(centre: &Centre, known: &CallState) -> Option<&'static str> {
    let number = known.call_id.strip_prefix('c')?.split('-').next()?.parse().ok()?;
    match centre.call(number)?.phase {
        Phase::Parked { .. } => Some("PARKED"),
        Phase::Waiting | Phase::Alerting { .. } | Phase::Connected { .. } => Some("TRANSFERRED"),
    }
}

async fn dialogs(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let name = format!("dialogs/{user}");
    let user = followed(&site, &site.centre(), &domain, &user)?;
    Ok(dialog_info(site, name, user))
}

async fn line_state(
    State(site): Shared,
    Path((domain, contact)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let user = contact_position(&site.centre(), &domain, &contact)?;
    Ok(dialog_info(site, format!("line/{contact}"), user))
}

/// The position of a contact, who carries the domain.
fn contact_position(centre: &Centre, domain: &str, contact: &str) -> Result<usize, Refusal> {
    let (user, home) = contact.rsplit_once('@').unwrap_or((contact, domain));
    user_position(centre, home, user)
}

/// What stands between a dialog's tags, by its identity.
type Told = (String, String);

/// First all dialogs of a user, then each that changes.
fn dialog_info(site: Arc<Site>, name: String, user: usize) -> Response {
    let mut told: Option<(u64, Option<Told>)> = None;
    follow(site, name, move |site| {
        let centre = site.centre();
        let entity = centre.agents().get(user).map_or("", Agent::user).to_owned();
        let present = dialog(site, &centre, user);
        let (version, state, dialogs) = match &told {
            Some((_, known)) if *known == present => return Look::Same,
            None => (0, "full", present.iter().map(written).collect::<String>()),
            Some((version, known)) => {
                let over = known
                    .as_ref()
                    .filter(|(id, _)| present.as_ref().is_none_or(|(present, _)| present != id));
                let over = over.map(|(id, _)| {
                    let state = r#"<state event="remote-bye">terminated</state>"#;
                    format!(r#"<dialog id="{id}">{state}</dialog>"#)
                });
                let dialogs =
                    over.unwrap_or_default() + &present.iter().map(written).collect::<String>();
                (version + 1, "partial", dialogs)
            }
        };
        told = Some((version, present));
        Look::Tell(format!(
            "<?xml version=\"1.0\"?>\n<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" \
             version=\"{version}\" state=\"{state}\" entity=\"sip:{entity}@{DOMAIN}\">{dialogs}\
             </dialog-info>"
        ))
    })
}

fn written((id, inner): &Told) -> String {
    format!(
        "<dialog id=\"{id}\" call-id=\"{id}@{DOMAIN}\" local-tag=\"l-{id}\" remote-tag=\"r-{id}\" \
         direction=\"recipient\">{inner}</dialog>"
    )
}

/// The dialog of the user's call.
fn dialog(site: &Site, centre: &Centre, user: usize) -> Option<Told> {
    let call = UserCalls::of(site, centre, user).calls.pop()?;
    let (state, rendering) = match call.status {
        "RINGING" => ("<state code=\"180\">early</state>", ""),
        "HELD" => ("<state>confirmed</state>", "<param pname=\"+sip.rendering\" pval=\"no\"/>"),
        _ => ("<state>confirmed</state>", ""),
    };
    let own = centre.agents().get(user)?.user();
    let number = &call.remote_party.display_number;
    let inner = format!(
        "{state}<local><identity>sip:{own}@{DOMAIN}</identity><target uri=\"sip:{own}@192.0.2.9\">\
         {rendering}</target></local><remote><identity>tel:{number}</identity></remote>"
    );
    Some((call.call_id, inner))
}

async fn presence(
    State(site): Shared,
    Path((domain, contact)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let user = contact_position(&site.centre(), &domain, &contact)?;
    let mut told: Option<String> = None;
    Ok(follow(site, format!("presence/{contact}"), move |site| {
        let document = pidf(&site.centre(), user).unwrap_or_default();
        if told.as_ref() == Some(&document) {
            return Look::Same;
        }
        told = Some(document.clone());
        Look::Tell(document)
    }))
}

fn pidf(centre: &Centre, user: usize) -> Option<String> {
    let agent = centre.agents().get(user)?;
    let (own, activity) = (agent.user(), agent.activity());
    let basic = if agent.state() == AgentState::Idle { "open" } else { "closed" };
    Some(format!(
        "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" \
         xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" \
         xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" entity=\"pres:{own}@{DOMAIN}\">\n\
         <tuple id=\"t1\"><status><basic>{basic}</basic></status></tuple>\n\
         <dm:person id=\"p1\"><rpid:activities><rpid:other>{activity}</rpid:other>\
         </rpid:activities></dm:person>\n</presence>"
    ))
}
