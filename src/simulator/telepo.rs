//! The Telepo face: queue statistics, groups with their agents, logging in and out, and a stream.
//!
//! The supervisor may look at every group and belongs to two; other users see their own groups.

mod calllog;
mod calls;
mod checks;
mod control;
mod follow;
mod presence;
mod stream;
pub(super) mod tickets;
mod wire;

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use self::checks::Parameters;
use self::tickets::Opens;
use self::wire::{Group, GroupSummary, Groups, QueueStats, Queues, Summaries};
use super::centre::{Centre, Order};
use super::scenario::Vendor;
use super::site::{self, Lost, Site};

/// The domain of every user and group.
pub(super) const DOMAIN: &str = "example.com";
/// The user who may look at all groups.
pub(super) const SUPERVISOR: &str = "supervisor";
/// The ticket that opens every part of the API.
pub(super) const TICKET: &str = "sim-ticket";

/// The ticket of somebody without the Supervisor licence: it opens all but the queue statistics.
const AGENT_TICKET: &str = "sim-agent-ticket";

/// The ticket of a service account.
pub(super) const SERVICE_TICKET: &str = "sim-service-ticket";

/// Groups for which the floor is held at once; others may look at it in between.
const AT_ONCE: usize = 50;

type Shared = State<Arc<Site>>;
type Answer<T> = Result<Json<T>, Refusal>;

/// What a request may leave out of its answer.
#[derive(Debug, Clone, Copy, Default)]
struct Wish {
    ignore_statistics: bool,
    ignore_agents: bool,
}

impl Wish {
    fn new(query: Vec<(String, String)>) -> Result<Self, Refusal> {
        let query = Parameters::new(query);
        Ok(Self {
            ignore_statistics: query.flag("ignoreStatistics")?,
            ignore_agents: query.flag("ignoreAgents")?,
        })
    }
}

type Asked = Query<Vec<(String, String)>>;

#[derive(Debug, Deserialize)]
struct Wanted {
    action: Option<String>,
}

/// A request that is turned down, in the vendor's form.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    field: &'static str,
    code: &'static str,
    description: &'static str,
    name: String,
}

impl Refusal {
    fn unknown_user(user: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            field: "user",
            code: "user.does.not.exist",
            description: "There is no such user",
            name: user.to_owned(),
        }
    }

    fn unknown_group(group: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            field: "group",
            code: "group.does.not.exist",
            description: "There is no such group",
            name: group.to_owned(),
        }
    }

    fn unknown_call(call: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            field: "callId",
            code: "call.does.not.exist",
            description: "The user has no such call",
            name: call.to_owned(),
        }
    }

    fn unknown_agent(agent: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            field: "agent",
            code: "agent.does.not.exist",
            description: "The group has no such agent",
            name: agent.to_owned(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { status, field, code, description, name } = self;
        let told =
            json!({ "fieldName": field, "code": code, "description": description, "name": name });
        (status, Json(json!({ "field": [told], "warning": [] }))).into_response()
    }
}

pub(super) fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/queuestatistics/user/{domain}/{user}", get(statistics_of_user))
        .route("/queuestatistics/organization/{domain}", get(statistics_of_organisation))
        .route("/queuestatistics/queue/{domain}/{queue}", get(statistics_of_queue))
        .route("/acd/v1/groups/{domain}/{user}", get(groups))
        .route("/acd/v1/group/{domain}/{user}/{group}/{owner}", get(group))
        .route("/acd/v1/agent/{domain}/{group}/{agent}", post(agent))
        .route("/distributiongroup/groups/{domain}/{user}", get(summaries))
        .route("/distributiongroup/login/{domain}/{user}/{group}/{owner}", post(log_in))
        .route("/distributiongroup/logout/{domain}/{user}/{group}/{owner}", post(log_out))
        .route("/distributiongroup/statistics/{domain}/{user}", get(stream::statistics))
        .route("/distributiongroup/calllog/{domain}/{user}", get(calllog::all))
        .route("/distributiongroup/assign/{domain}/{user}/{item}", put(calllog::assign))
        .route("/userinfo/presence/{domain}/{user}", get(presence::get).put(presence::put))
        .route("/configuration/activities/{domain}/{user}", get(presence::activities))
        .route("/configuration/roles/{domain}/{user}", get(presence::roles))
        .route("/usertickets/{domain}/{user}", post(tickets::create))
        .route("/usertickets/{domain}/{user}/{name}", delete(tickets::delete))
        .merge(calls::router())
        .merge(control::router())
        .fallback(nothing)
        .layer(middleware::from_fn_with_state(Arc::clone(&site), changes))
        .layer(middleware::from_fn_with_state(Arc::clone(&site), authorise))
        .with_state(site)
}

/// Writes down who changes what, and loses the answers that are to be lost.
async fn changes(State(site): Shared, request: Request, next: Next) -> Response {
    if request.method() == Method::GET {
        return next.run(request).await;
    }
    site.asked().push(format!("{} {}", request.method(), request.uri()));
    let answer = next.run(request).await;
    let lost = {
        let mut faults = site.faults();
        let loses = faults.lost_answers > 0 && answer.status().is_success();
        faults.lost_answers -= u32::from(loses);
        loses.then_some(faults.lost)
    };
    match lost {
        None => answer,
        Some(Lost::Gateway) => StatusCode::BAD_GATEWAY.into_response(),
        Some(Lost::Silence) => std::future::pending().await,
        Some(Lost::Broken) => {
            let broken = Err::<Bytes, _>(io::Error::from(io::ErrorKind::BrokenPipe));
            Body::from_stream(futures_util::stream::once(async { broken })).into_response()
        }
    }
}

async fn nothing() -> Refusal {
    Refusal {
        status: StatusCode::NOT_FOUND,
        field: "path",
        code: "resource.does.not.exist",
        description: "There is no such resource",
        name: String::new(),
    }
}

async fn authorise(
    State(site): Shared,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Response {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    if given == Some(SERVICE_TICKET) {
        return next.run(request).await;
    }
    if given == Some(AGENT_TICKET) {
        if !request.uri().path().starts_with("/queuestatistics/") {
            return next.run(request).await;
        }
        return Refusal {
            status: StatusCode::FORBIDDEN,
            field: "ticket",
            code: "licence.missing",
            description: "Queue statistics need the Supervisor licence",
            name: String::new(),
        }
        .into_response();
    }
    match site.tickets().open(given, request.uri().path()) {
        Opens::This => next.run(request).await,
        Opens::Nothing => {
            let refusal = Refusal {
                status: StatusCode::UNAUTHORIZED,
                field: "ticket",
                code: "ticket.not.valid",
                description: "The ticket is missing or not valid",
                name: String::new(),
            };
            ([(WWW_AUTHENTICATE, "Bearer")], refusal).into_response()
        }
        Opens::SomethingElse => Refusal {
            status: StatusCode::FORBIDDEN,
            field: "ticket",
            code: "ticket.api.not.allowed",
            description: "The ticket does not cover this API",
            name: String::new(),
        }
        .into_response(),
    }
}

/// The position of a user of the domain.
fn user_position(centre: &Centre, domain: &str, user: &str) -> Result<usize, Refusal> {
    centre
        .agents()
        .iter()
        .position(|agent| agent.vendor() == Vendor::Telepo && agent.user() == user)
        .filter(|_| domain.eq_ignore_ascii_case(DOMAIN))
        .ok_or_else(|| Refusal::unknown_user(user))
}

/// The position of a group of the domain.
fn group_position(centre: &Centre, domain: &str, group: &str) -> Result<usize, Refusal> {
    checks::number("group", group)?;
    centre
        .queues_of(Vendor::Telepo)
        .find(|(_, queue)| queue.setup.id == group)
        .map(|(position, _)| position)
        .filter(|_| domain.eq_ignore_ascii_case(DOMAIN))
        .ok_or_else(|| Refusal::unknown_group(group))
}

/// The positions of the groups that a user has access to.
fn groups_of(centre: &Centre, user: usize) -> Vec<usize> {
    let all = is_supervisor(centre, user);
    centre
        .queues_of(Vendor::Telepo)
        .map(|(position, _)| position)
        .filter(|group| all || is_member(centre, user, *group))
        .collect()
}

fn is_supervisor(centre: &Centre, user: usize) -> bool {
    centre.agents().get(user).is_some_and(|agent| agent.user() == SUPERVISOR)
}

fn is_member(centre: &Centre, user: usize, group: usize) -> bool {
    centre.agents().get(user).is_some_and(|agent| agent.membership(group).is_some())
}

async fn statistics_of_user(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
    Query(query): Asked,
) -> Answer<Queues> {
    // No other organisation is federated here.
    Parameters::new(query).flag("includeFederation")?;
    let centre = site.centre();
    let position = user_position(&centre, &domain, &user)?;
    if is_supervisor(&centre, position) {
        Ok(Json(Queues::all(&centre)))
    } else {
        Err(Refusal {
            status: StatusCode::FORBIDDEN,
            field: "user",
            code: "user.not.supervisor",
            description: "The user supervises no queue",
            name: user,
        })
    }
}

async fn statistics_of_organisation(
    State(site): Shared,
    Path(domain): Path<String>,
) -> Answer<Queues> {
    if domain.eq_ignore_ascii_case(DOMAIN) {
        return Ok(Json(Queues::all(&site.centre())));
    }
    Err(Refusal {
        status: StatusCode::NOT_FOUND,
        field: "domain",
        code: "domain.does.not.exist",
        description: "There is no such organisation",
        name: domain,
    })
}

async fn statistics_of_queue(
    State(site): Shared,
    Path((domain, queue)): Path<(String, String)>,
) -> Answer<QueueStats> {
    let centre = site.centre();
    let position = group_position(&centre, &domain, &queue)?;
    let found = QueueStats::of(&centre, position).ok_or_else(|| Refusal::unknown_group(&queue))?;
    Ok(Json(found))
}

async fn groups(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
    Query(query): Asked,
) -> Result<Response, Refusal> {
    let wish = Wish::new(query)?;
    let (position, positions) = {
        let centre = site.centre();
        let position = user_position(&centre, &domain, &user)?;
        (position, groups_of(&centre, position))
    };
    let answer = site::answer(move || {
        let mut groups = Vec::with_capacity(positions.len());
        for some in positions.chunks(AT_ONCE) {
            let centre = site.centre();
            groups.extend(some.iter().filter_map(|group| {
                let mut found = Group::of(&centre, position, *group)?;
                if wish.ignore_statistics {
                    found.statistic = None;
                }
                if wish.ignore_agents {
                    found.agents = None;
                }
                Some(found)
            }));
        }
        Groups { groups }
    });
    Ok(answer.await)
}

async fn group(
    State(site): Shared,
    Path((domain, user, group, owner)): Path<(String, String, String, String)>,
    Query(query): Asked,
) -> Result<Response, Refusal> {
    let wish = Wish::new(query)?;
    let centre = site.centre();
    let user = user_position(&centre, &domain, &user)?;
    let position = group_position(&centre, &owner, &group)?;
    if !groups_of(&centre, user).contains(&position) {
        return Err(Refusal::unknown_group(&group));
    }
    // Here the flag empties the whole answer.
    if wish.ignore_statistics {
        return Ok(StatusCode::OK.into_response());
    }
    let found = Group::of(&centre, user, position).ok_or_else(|| Refusal::unknown_group(&group))?;
    Ok(Json(found).into_response())
}

async fn summaries(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
) -> Answer<Summaries> {
    let centre = site.centre();
    let user = user_position(&centre, &domain, &user)?;
    let group = groups_of(&centre, user)
        .into_iter()
        .filter_map(|group| GroupSummary::of(&centre, user, group))
        .collect();
    Ok(Json(Summaries { group }))
}

async fn agent(
    State(site): Shared,
    Path((domain, group, agent)): Path<(String, String, String)>,
    Query(Wanted { action }): Query<Wanted>,
) -> Answer<&'static str> {
    let order = match action.as_deref() {
        Some("login") => Order::LogIn,
        Some("logout") => Order::LogOut,
        _ => {
            return Err(Refusal {
                status: StatusCode::BAD_REQUEST,
                field: "action",
                code: "action.not.valid",
                description: "The action is neither login nor logout",
                name: action.unwrap_or_default(),
            });
        }
    };
    let done = {
        let mut centre = site.centre();
        let group = group_position(&centre, &domain, &group)?;
        // The agent carries the domain; a bare user name is nobody.
        let (user, home) = agent.rsplit_once('@').ok_or_else(|| Refusal::unknown_agent(&agent))?;
        let user = user_position(&centre, home, user)
            .map_err(|_unknown| Refusal::unknown_agent(&agent))?;
        centre.order(user, group, order)
    };
    if !done {
        return Err(Refusal::unknown_agent(&agent));
    }
    site.announce();
    Ok(Json("OK"))
}

type Membership = Path<(String, String, String, String)>;

async fn log_in(state: Shared, path: Membership, query: Asked) -> Result<Response, Refusal> {
    log(&state, path, Wish::new(query.0)?, Order::LogIn)
}

async fn log_out(state: Shared, path: Membership, query: Asked) -> Result<Response, Refusal> {
    log(&state, path, Wish::new(query.0)?, Order::LogOut)
}

/// Logs the user themselves in or out.
fn log(
    site: &Site,
    Path((domain, user, group, owner)): Membership,
    wish: Wish,
    order: Order,
) -> Result<Response, Refusal> {
    let mut centre = site.centre();
    let position = group_position(&centre, &owner, &group)?;
    let user_position = user_position(&centre, &domain, &user)?;
    if !centre.order(user_position, position, order) {
        return Err(Refusal::unknown_agent(&user));
    }
    site.announce();
    if wish.ignore_statistics {
        return Ok(StatusCode::OK.into_response());
    }
    let group = GroupSummary::of(&centre, user_position, position).into_iter().collect();
    Ok(Json(Summaries { group }).into_response())
}
