//! The vendors' wire as the simulator serves it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use floorwalker::simulator::{self, Settings, Simulator, SimulatorError};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;

/// A simulator whose floor stands still, and a client for it.
pub(super) struct Bench {
    pub(super) simulator: Simulator,
    client: Client,
}

impl Bench {
    async fn new() -> Self {
        Self::at_speed(0.0).await
    }

    async fn at_speed(speed: f64) -> Self {
        Self::with(Settings { speed, ..Settings::default() }).await
    }

    pub(super) async fn with(settings: Settings) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let simulator = simulator::start(settings).await.unwrap();
        let client = Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        Self { simulator, client }
    }

    /// A request without any identity.
    pub(super) fn open(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.simulator.address()))
    }

    pub(super) fn telepo(&self, method: Method, path: &str) -> RequestBuilder {
        self.open(method, &format!("/telepo/api{path}")).bearer_auth("sim-ticket")
    }

    pub(super) fn enreach(&self, path: &str) -> RequestBuilder {
        self.open(Method::GET, &format!("/enreach{path}"))
            .basic_auth("wall@example.com", Some("sim-secret"))
            .header("X-Json-Serializer", "2")
    }

    fn nimbus(&self, method: Method, path: &str) -> RequestBuilder {
        self.open(method, &format!("/nimbus{path}")).bearer_auth("sim-token")
    }
}

pub(super) async fn json(request: RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

async fn status(request: RequestBuilder) -> StatusCode {
    request.send().await.unwrap().status()
}

pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key].as_array().unwrap()
}

#[tokio::test]
async fn the_configuration_names_three_sources_on_loopback() {
    let bench = Bench::new().await;
    let config: toml::Table = bench.simulator.config().parse().unwrap();
    let sources = config["source"].as_array().unwrap();
    let kinds: Vec<_> = sources.iter().map(|source| source["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["telepo", "enreach", "nimbus"]);
    let path = &sources[1]["endpoints"]["callback_lists"]["path"];
    assert_eq!(path.as_str(), Some("/callbacklists/status"));
    let address = bench.simulator.address();
    assert!(address.ip().is_loopback());
    assert_eq!(
        sources[0]["base_url"].as_str(),
        Some(format!("http://{address}/telepo/api").as_str())
    );
}

#[tokio::test]
async fn only_loopback_and_a_sensible_speed_are_accepted() {
    let listen = "192.0.2.1:0".parse().unwrap();
    let far = simulator::start(Settings { listen, ..Settings::default() }).await;
    assert!(matches!(far, Err(SimulatorError::NotLoopback { .. })));
    for speed in [-1.0, f64::NAN, f64::INFINITY] {
        let odd = simulator::start(Settings { speed, ..Settings::default() }).await;
        assert!(matches!(odd, Err(SimulatorError::Speed { .. })));
    }
    let bench = Bench::new().await;
    let listen = bench.simulator.address();
    let taken = simulator::start(Settings { listen, ..Settings::default() }).await;
    assert!(matches!(taken, Err(SimulatorError::Listen { .. })));
}

#[tokio::test]
async fn every_face_turns_down_a_wrong_key() {
    let bench = Bench::new().await;
    for path in [
        "/telepo/api/queuestatistics/user/example.com/supervisor",
        "/telepo/api/distributiongroup/statistics/example.com/supervisor",
        "/telepo/api/nothing/here",
        "/enreach/queues",
        "/enreach/nothing",
        "/nimbus/v1/scheduler-entries?serviceUpn=renewals@example.com",
        "/nimbus/nothing",
    ] {
        let bare = || bench.open(Method::GET, path).header("X-Json-Serializer", "2");
        assert_eq!(status(bare()).await, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(status(bare().bearer_auth("wrong")).await, StatusCode::UNAUTHORIZED, "{path}");
    }
    let answer = bench.telepo(Method::GET, "/nothing/here").bearer_auth("x").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn telepo_statistics_have_the_documented_names() {
    let bench = Bench::new().await;
    let path = "/queuestatistics/user/example.com/supervisor";
    let all = json(bench.telepo(Method::GET, path)).await;
    let queues = list(&all, "queue");
    assert_eq!(queues.len(), 7);
    let fields: Vec<_> = queues[0].as_object().unwrap().keys().map(String::as_str).collect();
    for field in [
        "name",
        "domain",
        "number",
        "id",
        "queueLength",
        "availableAgents",
        "loggedInAgents",
        "longestWaiting",
        "lastWait",
        "averageWait",
        "droppedCallsForPeriod",
        "totalCallsForPeriod",
        "answeredCallsForPeriod",
        "totalCallsLast24h",
        "droppedCallsLast24h",
        "answeredCallsLast24h",
        "current-agent-presence",
    ] {
        assert!(fields.contains(&field), "{field} of {fields:?}");
    }
    let organisation = bench.telepo(Method::GET, "/queuestatistics/organization/example.com");
    assert_eq!(json(organisation).await, all);
    let one = json(bench.telepo(Method::GET, "/queuestatistics/queue/example.com/22")).await;
    assert_eq!(one["name"], "Support");
}

#[tokio::test]
async fn telepo_says_who_is_unknown() {
    let bench = Bench::new().await;
    for path in [
        "/queuestatistics/user/example.com/nobody",
        "/queuestatistics/user/other.example/supervisor",
        "/queuestatistics/queue/example.com/999",
        "/queuestatistics/organization/other.example",
        "/acd/v1/groups/example.com/nobody",
        "/acd/v1/group/example.com/supervisor/999/example.com",
    ] {
        let answer = bench.telepo(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        let body: Value = answer.json().await.unwrap();
        assert!(body["field"][0]["description"].is_string(), "{path}");
    }
    let agent = bench.telepo(Method::GET, "/queuestatistics/user/example.com/leo.brandt");
    assert_eq!(status(agent).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn telepo_groups_leave_out_what_is_not_wanted() {
    let bench = Bench::new().await;
    let path = "/acd/v1/groups/example.com/supervisor";
    let whole = json(bench.telepo(Method::GET, path)).await;
    let support = &list(&whole, "groups")[2];
    assert_eq!(support["id"], 22);
    assert_eq!(support["distributionType"], "SKILLS");
    assert!(support["agents"][0]["id"].as_str().unwrap().ends_with("@example.com"));
    let query = [("ignoreStatistics", "true"), ("ignoreAgents", "true")];
    let bare = json(bench.telepo(Method::GET, path).query(&query)).await;
    let support = list(&bare, "groups")[2].as_object().unwrap();
    assert!(!support.contains_key("agents") && !support.contains_key("statistic"));

    let one = "/acd/v1/group/example.com/supervisor/22/example.com";
    assert_eq!(json(bench.telepo(Method::GET, one)).await["name"], "Support");
    let emptied = bench.telepo(Method::GET, one).query(&[("ignoreStatistics", "true")]);
    assert_eq!(emptied.send().await.unwrap().text().await.unwrap(), "");
}

async fn is_logged_in(bench: &Bench, group: u64, agent: &str) -> bool {
    let groups = json(bench.telepo(Method::GET, "/acd/v1/groups/example.com/supervisor")).await;
    let group = list(&groups, "groups").iter().find(|found| found["id"] == group).unwrap();
    let agent = list(group, "agents").iter().find(|found| found["id"] == agent).unwrap();
    agent["isLoggedIn"].as_bool().unwrap()
}

#[tokio::test]
async fn an_agent_logged_out_over_the_wire_is_seen_as_logged_out() {
    let bench = Bench::new().await;
    let leo = "leo.brandt@example.com";
    assert!(is_logged_in(&bench, 22, leo).await);
    let path = format!("/acd/v1/agent/example.com/22/{leo}");
    let answer = json(bench.telepo(Method::POST, &path).query(&[("action", "logout")])).await;
    assert!(answer.is_string());
    assert!(!is_logged_in(&bench, 22, leo).await);
    json(bench.telepo(Method::POST, &path).query(&[("action", "login")])).await;
    assert!(is_logged_in(&bench, 22, leo).await);
}

#[tokio::test]
async fn an_action_on_the_wrong_agent_or_group_does_nothing() {
    let bench = Bench::new().await;
    for (path, expected) in [
        ("22/nobody@example.com?action=logout", 404),
        ("22/leo.brandt?action=logout", 404),
        ("22/leo.brandt@other.example?action=logout", 404),
        ("21/leo.brandt@example.com?action=login", 404),
        ("999/leo.brandt@example.com?action=logout", 404),
        ("22/leo.brandt@example.com?action=dance", 400),
        ("22/leo.brandt@example.com", 400),
    ] {
        let path = format!("/acd/v1/agent/example.com/{path}");
        assert_eq!(status(bench.telepo(Method::POST, &path)).await, expected, "{path}");
    }
    assert!(is_logged_in(&bench, 22, "leo.brandt@example.com").await);
}

#[tokio::test]
async fn the_supervisor_logs_in_to_a_queue_of_their_own() {
    let bench = Bench::new().await;
    let log = |verb: &str, group: u64| {
        let path = format!("/distributiongroup/{verb}/example.com/supervisor/{group}/example.com");
        bench.telepo(Method::POST, &path)
    };
    let answer = json(log("login", 5)).await;
    assert_eq!(answer["group"][0]["loggedIn"], true);
    let groups = bench.telepo(Method::GET, "/distributiongroup/groups/example.com/supervisor");
    let groups = json(groups).await;
    assert_eq!(list(&groups, "group").len(), 7);
    let own: Vec<_> =
        list(&groups, "group").iter().filter(|group| group["loggedIn"] == true).collect();
    assert_eq!(own.len(), 1);
    let emptied = log("logout", 5).query(&[("ignoreStatistics", "true")]).send().await.unwrap();
    assert_eq!((emptied.status(), emptied.text().await.unwrap()), (StatusCode::OK, String::new()));
    assert_eq!(status(log("login", 23)).await, StatusCode::NOT_FOUND);
}

/// The data of the next event of a stream, its lines joined.
pub(super) async fn next_event(stream: &mut reqwest::Response, text: &mut String) -> String {
    loop {
        if let Some(end) = text.find("\n\n") {
            let event: String = text.drain(..end + 2).collect();
            let data = event.lines().filter_map(|line| line.strip_prefix("data:"));
            let lines: Vec<_> = data.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
            if !lines.is_empty() {
                return lines.join("\n");
            }
        } else {
            let chunk = stream.chunk().await.unwrap().unwrap();
            text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

pub(super) fn queue_ids(xml: &str) -> Vec<String> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut ids = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return ids,
            Event::Start(start) if start.name().as_ref() == "queue" => {
                let id = start.try_get_attribute("id").unwrap().unwrap();
                ids.push(id.value.into_owned());
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn the_stream_tells_the_members_queues_at_once_and_then_what_changes() {
    let bench = Bench::new().await;
    let path = "/distributiongroup/statistics/example.com/supervisor";
    let mut stream = bench.telepo(Method::GET, path).send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    let first = next_event(&mut stream, &mut text).await;
    assert_eq!(queue_ids(&first), ["5", "25"]);
    assert!(first.contains("Växel"));

    // The floor stands still, so that only the log-in can be the next event.
    let login = "/distributiongroup/login/example.com/supervisor/25/example.com";
    json(bench.telepo(Method::POST, login)).await;
    let second = next_event(&mut stream, &mut text).await;
    assert_eq!(queue_ids(&second), ["25"]);
}

#[tokio::test]
async fn a_running_floor_moves_and_stopping_ends_the_stream() {
    let bench = Bench::at_speed(60.0).await;
    let path = "/distributiongroup/statistics/example.com/supervisor";
    let mut stream = bench.telepo(Method::GET, path).send().await.unwrap();
    let mut text = String::new();
    let first = next_event(&mut stream, &mut text).await;
    assert_ne!(first, next_event(&mut stream, &mut text).await);
    bench.simulator.stop().await;
    let timed_out = loop {
        match stream.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => break false,
            Err(error) => break error.is_timeout(),
        }
    };
    assert!(!timed_out);
}

#[tokio::test]
async fn enreach_lists_queues_of_every_kind() {
    let bench = Bench::new().await;
    let queues = json(bench.enreach("/queues")).await;
    let queues = queues.as_array().unwrap();
    let statuses: Vec<_> =
        queues.iter().filter_map(|queue| queue["Status"]["OpenStatus"].as_u64()).collect();
    for open in [1, 5, 6] {
        assert!(statuses.contains(&open), "{open} of {statuses:?}");
    }
    assert!(queues.iter().any(|queue| queue["Status"].is_null()));
    assert!(queues.iter().any(|queue| queue["TypeId"] == 1));
    assert!(queues.iter().any(|queue| queue["Numbers"].as_array().unwrap().is_empty()));
    let open = queues.iter().find(|queue| queue["Name"] == "Asiakaspalvelu").unwrap();
    for field in ["QueueLength", "MaxWaitTime", "OngoingCalls", "ServingAgents", "FreeAgents"] {
        assert!(open["Status"][field].is_u64(), "{field}");
    }
}

#[tokio::test]
async fn enreach_asks_for_its_serializer_and_finds_its_users() {
    let bench = Bench::new().await;
    let bare = bench.open(Method::GET, "/enreach/queues");
    let plain = bare.basic_auth("wall@example.com", Some("sim-secret"));
    assert_eq!(status(plain).await, StatusCode::BAD_REQUEST);
    assert!(json(bench.enreach("/users/me")).await["Id"].is_string());

    let discover = |user: &str| {
        let path = "/enreach/discover/api/user";
        bench.open(Method::GET, path).query(&[("user", user)])
    };
    let found = json(discover("wall@example.com")).await;
    let address = bench.simulator.address();
    assert_eq!(found[0]["apiEndpoint"], format!("http://{address}/enreach/"));
    assert_eq!(json(discover("nobody@example.com")).await, serde_json::json!([]));
}

#[tokio::test]
async fn enreach_describes_queues_and_counts_callbacks() {
    let bench = Bench::new().await;
    let directories = json(bench.enreach("/directory")).await;
    let directories = directories.as_array().unwrap();
    let default = directories.iter().find(|found| found["Name"] == "Default").unwrap();
    let path = format!("/directory/{}", default["ID"].as_str().unwrap());
    let query = [("EntryTypes", "2"), ("MaxCount", "1000")];
    let directory = json(bench.enreach(&path).query(&query)).await;
    assert!(list(&directory, "Entries").iter().all(|entry| entry["QueueId"].is_string()));
    let unknown = "/directory/3f1c2a70-8d0b-4a58-b0f5-7f5f0e2affff";
    assert_eq!(status(bench.enreach(unknown)).await, StatusCode::NOT_FOUND);

    let lists = json(bench.enreach("/callbacklists/status")).await;
    for list in lists.as_array().unwrap() {
        let count = |key: &str| list[key].as_u64().unwrap();
        let parts = count("TotalFreeForAllocation")
            + count("TotalAssigned")
            + count("TotalHidingNotBefore");
        assert_eq!(count("TotalOpenRequests"), parts);
        assert!(list["Name"].is_string() && list["CallListId"].is_string());
    }
}

/// All entries of all services.
pub(super) async fn entries(bench: &Bench) -> Vec<Value> {
    let services = json(bench.nimbus(Method::GET, "/v1/scheduler-entries/service-contacts")).await;
    let mut all = Vec::new();
    for service in services.as_array().unwrap() {
        let query = [("serviceUpn", service.as_str().unwrap())];
        let found = bench.nimbus(Method::GET, "/v1/scheduler-entries").query(&query);
        all.extend(json(found).await.as_array().unwrap().clone());
    }
    all
}

#[tokio::test]
async fn nimbus_removes_what_is_scheduled_and_nothing_else() {
    let bench = Bench::new().await;
    let all = entries(&bench).await;
    let find = |field: Option<&str>| {
        let has = |entry: &&Value, name: &str| !entry[name].is_null();
        let found = all.iter().find(|entry| match field {
            Some(name) => has(entry, name),
            None => !has(entry, "unifiedConversationId") && !has(entry, "completionReason"),
        });
        found.unwrap()["schedulerEntryId"].as_str().unwrap().to_owned()
    };
    let remove = |id: &str| bench.nimbus(Method::DELETE, &format!("/v1/scheduler-entries/{id}"));
    let scheduled = find(None);
    assert_eq!(status(remove(&scheduled)).await, StatusCode::OK);
    assert_eq!(status(remove(&scheduled)).await, StatusCode::NOT_FOUND);
    let running = find(Some("unifiedConversationId"));
    assert_eq!(status(remove(&running)).await, StatusCode::BAD_REQUEST);
    let ended = find(Some("completionReason"));
    assert_eq!(status(remove(&ended)).await, StatusCode::BAD_REQUEST);
    assert_eq!(entries(&bench).await.len(), all.len() - 1);
}

#[tokio::test]
async fn nimbus_entries_are_due_around_now() {
    let bench = Bench::new().await;
    let now = floorwalker::clock::wall();
    for entry in entries(&bench).await {
        let due = entry["dueDateTimeUtc"].as_str().unwrap();
        assert!(due.ends_with('Z'));
        let due = chrono::DateTime::parse_from_rfc3339(due).unwrap().to_utc();
        assert!((due - now).num_hours().abs() < 4, "{due}");
        assert!((1..=10).contains(&entry["maxAttempts"].as_u64().unwrap()));
    }
}

#[tokio::test]
async fn nimbus_looks_up_its_words_and_guards_other_services() {
    let bench = Bench::new().await;
    let get = |path: &str| bench.nimbus(Method::GET, path);
    for path in ["/v1/scheduler-entries/events", "/v1/scheduler-entries/distribution-priorities"] {
        let words = json(get(path)).await;
        assert!(words.as_array().unwrap().iter().all(|word| word["value"].is_string()));
    }
    assert_eq!(status(get("/v1/diagnostics/testconnection")).await, StatusCode::OK);
    let other = get("/v1/scheduler-entries?serviceUpn=other@example.com");
    assert_eq!(status(other).await, StatusCode::FORBIDDEN);
    assert_eq!(status(get("/v1/scheduler-entries")).await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nimbus_refuses_the_hundred_and_first_call_of_a_minute() {
    let bench = Bench::new().await;
    let call = || bench.nimbus(Method::GET, "/v1/diagnostics/testconnection");
    for _ in 0..100 {
        assert_eq!(status(call()).await, StatusCode::OK);
    }
    let refused = call().send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    // An unknown caller is told so before any counting.
    let stranger = bench.open(Method::GET, "/nimbus/v1/diagnostics/testconnection");
    assert_eq!(status(stranger).await, StatusCode::UNAUTHORIZED);
}
