//! A vendor that answers as a test says, request by request, and remembers when it was asked what.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use floorwalker::clock;
use floorwalker::config::Config;
use floorwalker::event::{Event, Stamped};
use floorwalker::floor::id::AgentId;
use floorwalker::floor::time::Moment;
use floorwalker::keymap::Keymap;
use floorwalker::operations::Access;
use floorwalker::source::gaze::Looked;
use floorwalker::source::{SourceHandle, spawn_all};
use floorwalker::state;
use floorwalker::transport::poll::Beat;
use futures_util::StreamExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::board::LIMIT;

/// The people of the only group.
pub const PEOPLE: [&str; 2] = ["boss@test.com", "jane@test.com"];

/// What is answered to the n-th request for a path; nothing for what the vendor answers by itself.
type Answers = Box<dyn Fn(&str, usize) -> Option<Response> + Send + Sync>;

struct Site {
    answers: Answers,
    asked: Mutex<BTreeMap<String, Vec<Moment>>>,
}

/// The vendor, and a board that follows it.
pub struct Vendor {
    site: Arc<Site>,
    pub state: state::State,
    facts: mpsc::Receiver<Stamped>,
    beat: Beat,
    seconds: tokio::time::Interval,
    _handles: Vec<SourceHandle>,
    _stop: DropGuard,
}

/// An answer with a body.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let builder =
        headers.iter().fold(Response::builder().status(status), |builder, (name, value)| {
            builder.header(*name, *value)
        });
    builder.body(Body::from(body.to_owned())).unwrap()
}

/// A stream of events that stays open.
pub fn stream(events: &[String]) -> Response {
    let events: Vec<_> = events
        .iter()
        .map(|data| Ok::<_, std::io::Error>(Bytes::from(format!("data: {data}\n\n"))))
        .collect();
    let events = futures_util::stream::iter(events).chain(futures_util::stream::pending());
    Response::builder()
        .header("content-type", "text/event-stream")
        .body(Body::from_stream(events))
        .unwrap()
}

/// What the vendor answers by itself.
fn usual(path: &str) -> Response {
    let json = |text: &str| answer(200, &[("content-type", "application/json")], text);
    let agent = |id: &str| {
        format!(
            r#"{{"id":"{id}","firstName":"A","lastName":"{id}","isLoggedIn":true,"isAvailable":true}}"#
        )
    };
    if path.contains("/acd/v1/groups/") {
        let agents = PEOPLE.map(agent).join(",");
        let group = r#""id":67899,"domain":"test.com","name":"Support","loggedIn":true"#;
        return json(&format!(r#"{{"groups":[{{{group},"agents":[{agents}]}}]}}"#));
    }
    match path {
        _ if path.contains("/callstate/dialogs/") || path.contains("/statistics/") => stream(&[]),
        _ if path.contains("stream") || path.contains("/events") => stream(&[]),
        _ if path.contains("/queuestatistics/") => json(r#"{"queue":[]}"#),
        _ if path.contains("/callstate/user/") => json(r#"{"fullState":true,"calls":[]}"#),
        _ if path.contains("/calllog/") => json(r#"{"callLogItem":[]}"#),
        _ if path.contains("/users/me") => json(r#"{"Id":"b4df099e-70dc-4ff5-b4ea-c2c3547d97fb"}"#),
        _ if path.contains("/v1/services/") => json(r#"["support@contoso.com"]"#),
        _ if path.starts_with("/en/") || path.starts_with("/ni/") => json("[]"),
        _ => answer(404, &[], ""),
    }
}

async fn serve(State(site): State<Arc<Site>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let count = {
        let mut asked = site.asked.lock().unwrap();
        let times = asked.entry(path.clone()).or_default();
        times.push(clock::moment());
        times.len()
    };
    (site.answers)(&path, count).unwrap_or_else(|| usual(&path))
}

impl Vendor {
    /// A board of that vendor, in all its kinds where `all`, that looks at everybody.
    pub async fn open(
        all: bool,
        answers: impl Fn(&str, usize) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let site = Arc::new(Site { answers: Box::new(answers), asked: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let router = Router::new().fallback(serve).with_state(Arc::clone(&site));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let telepo = format!(
            "[[source]]\nname = \"hq\"\nkind = \"telepo\"\nbase_url = \"http://{at}/api\"\n\
             domain = \"test.com\"\nuser = \"boss\"\nticket = \"t\"\npoll = \"1s\"\npoll_agents = \"1s\"\n"
        );
        let others = format!(
            "[[source]]\nname = \"en\"\nkind = \"enreach\"\nusername = \"a@b\"\nsecret_key = \"s\"\n\
             api_url = \"http://{at}/en\"\npoll = \"1s\"\n\
             [[source]]\nname = \"ni\"\nkind = \"nimbus\"\nbase_url = \"http://{at}/ni\"\ntoken = \"t\"\n\
             services = [\"support@contoso.com\"]\npoll = \"1s\"\n\
             [[source]]\nname = \"re\"\nkind = \"relay\"\nurl = \"http://{at}/re\"\ntoken = \"t\"\n"
        );
        let text = if all { telepo + &others } else { telepo };
        let sources = Config::parse(&text, true).unwrap().sources;
        let (sender, facts) = mpsc::channel(1_024);
        let (stop, beat) = (CancellationToken::new(), Beat::new());
        let handles = spawn_all(&sources, Access::ReadOnly, &sender, &stop, Some(&beat)).unwrap();
        let shown = PEOPLE.map(AgentId::new).to_vec();
        handles[0].look(Looked { shown, ..Looked::default() });
        let kinds = sources.iter().map(|source| (source.name.clone(), source.kind()));
        let keymap = Keymap::standard(Access::ReadOnly);
        let state = state::State::new(kinds, Access::ReadOnly, keymap, clock::now());
        let seconds = tokio::time::interval(Duration::from_millis(250));
        Self { site, state, facts, beat, seconds, _handles: handles, _stop: stop.drop_guard() }
    }

    /// When each path was asked for.
    pub fn asked(&self) -> BTreeMap<String, Vec<Moment>> {
        self.site.asked.lock().unwrap().clone()
    }

    /// How often that path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.asked().get(path).map_or(0, Vec::len)
    }

    async fn step(&mut self) {
        tokio::select! {
            Some(fact) = self.facts.recv() => drop(self.state.apply(fact)),
            _ = self.seconds.tick() => {
                let now = clock::now();
                self.state.apply(Stamped { at: now.moment, event: Event::Tick(now) });
                self.beat.beat();
            }
        }
    }

    /// Goes on until that is so.
    pub async fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let began = clock::moment();
        while !done(self) {
            let late = clock::moment().since(began) >= LIMIT;
            assert!(!late, "not within {LIMIT:?}: {what}; asked: {:#?}", self.asked());
            self.step().await;
        }
    }

    /// Goes on for that long.
    pub async fn during(&mut self, span: Duration) {
        let began = clock::moment();
        while clock::moment().since(began) < span {
            self.step().await;
        }
    }
}
