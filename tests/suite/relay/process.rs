//! The relay as a service runs it: a process with a config file, signals, and an audit log.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use floorwalker::clock;
use floorwalker::floor::id::SourceName;
use floorwalker::floor::link::Link;
use floorwalker::operations::{self, CommandId, Outcome, Request};
use floorwalker::simulator::{self, Simulator};
use floorwalker::source::SourceHandle;
use floorwalker::state::State;
use floorwalker::text::Shown;
use rustix::process::Signal;

use crate::support::enreach;
use crate::support::reception::client;
use crate::support::relay::{Board, READER, SUPERVISOR, figures};
use crate::support::scripted::LIMIT;

/// A relay in a process of its own.
pub(crate) struct Service {
    child: Child,
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn config(simulator: &Simulator, home: &Path, listen: SocketAddr) {
    let text = format!(
        "{}\n[relay]\nlisten = \"{listen}\"\n\
         [[relay.token]]\nname = \"wall\"\ntoken = \"{READER}\"\nscopes = [\"read\"]\n\
         [[relay.token]]\nname = \"desk\"\ntoken = \"{SUPERVISOR}\"\n\
         scopes = [\"read\", \"act\", \"calls\", \"contacts\", \"numbers\"]\n",
        simulator.config().replacen("\n[[source]]", "\naudit = \"audit.jsonl\"\n[[source]]", 1)
    );
    let path = home.join("config.toml");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(path, mode).unwrap();
}

impl Service {
    pub(crate) fn start(home: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_floorwalker"))
            .args(["--config", "config.toml", "relay"])
            .current_dir(home)
            .env_clear()
            .env("HOME", home)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the relay ended before it listened");
            if let Some((_, rest)) = line.split_once("the relay listens address=") {
                break rest.split(' ').next().unwrap().parse().unwrap();
            }
        };
        // The rest of the log is read, so that the relay never waits for us.
        let kept = Arc::new(Mutex::new(String::new()));
        let own = Arc::clone(&kept);
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                own.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Self { child, address, log: kept }
    }

    /// Waits until its sources have spoken.
    pub(crate) async fn ready(&self) {
        let end = clock::moment().after(LIMIT);
        let health = format!("http://{}/healthz", self.address);
        while client().get(&health).send().await.unwrap().status() != 200 {
            assert!(clock::moment() < end, "its sources have spoken in time");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What it said since it listens.
    pub(crate) fn said(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Waits for its end: the code, and how long it took.
    pub(crate) fn end(&mut self) -> (Option<i32>, Duration) {
        let began = clock::moment();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), clock::moment().since(began));
            }
            assert!(clock::moment().since(began) < LIMIT, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

pub(crate) async fn still() -> Simulator {
    let settings = simulator::Settings { speed: 0.0, ..simulator::Settings::default() };
    simulator::start(settings).await.unwrap()
}

pub(crate) fn any_port() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

pub(crate) fn all_fresh(state: &State) -> bool {
    ["relay", "hq", "helsinki", "nimbus"].iter().all(|name| {
        let world = state.floor.world(&SourceName::new(name));
        world.is_some_and(|world| world.link(&state.now).is_fresh())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_ends_within_five_seconds_of_sigterm_with_boards_attached() {
    let simulator = still().await;
    let home = tempfile::tempdir().unwrap();
    config(&simulator, home.path(), any_port());
    let mut service = Service::start(home.path());
    let mut boards = [(); 5].map(|()| Board::on(service.address, READER));
    for board in &mut boards {
        board.until("all sources", all_fresh).await;
    }
    service.signal(Signal::TERM);
    let (code, took) = service.end();
    assert_eq!(code, Some(143));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_board_comes_back_by_itself_after_the_relay_was_killed() {
    let simulator = still().await;
    let home = tempfile::tempdir().unwrap();
    config(&simulator, home.path(), any_port());
    let mut service = Service::start(home.path());
    config(&simulator, home.path(), service.address);
    let mut board = Board::on(service.address, READER);
    board.until("all sources", all_fresh).await;
    let queues = |state: &State| {
        let world = state.floor.world(&SourceName::new("hq"))?;
        Some(world.queues.keys().cloned().collect::<Vec<_>>())
    };
    let before = queues(&board.state);
    service.signal(Signal::KILL);
    service.end();
    board
        .until("away", |state| {
            let world = state.floor.world(&SourceName::new("hq"));
            world.is_some_and(|world| world.link(&state.now) == Link::Down)
        })
        .await;
    assert_eq!(queues(&board.state), before, "what is old stays, dimmed");
    let _again = Service::start(home.path());
    board.until("all sources again", all_fresh).await;
    assert_eq!(queues(&board.state), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_out_goes_through_the_relay_shows_on_the_board_and_names_who_asked() {
    let simulator = still().await;
    let home = tempfile::tempdir().unwrap();
    config(&simulator, home.path(), any_port());
    let service = Service::start(home.path());
    let mut board = Board::on(service.address, SUPERVISOR);
    board.until("all sources", all_fresh).await;
    let hq = SourceName::new("hq");
    let world = board.state.floor.world(&hq).unwrap();
    let (agent, queue) = world
        .agents
        .values()
        .find_map(|agent| {
            let seat = agent.memberships.iter().find(|own| own.logged_in == Some(true))?;
            Some((agent.id.clone()?, seat.queue.clone()))
        })
        .unwrap();
    let command = operations::Command {
        id: CommandId(1),
        source: hq.clone(),
        request: Request::LogOut { queue, agent: Some(agent) },
        target: Shown::clean("somebody"),
        place: Shown::clean("a queue"),
    };
    let handle = SourceHandle::of(&board.handles, &hq).unwrap();
    assert_eq!(handle.execute(command.clone()).await, Outcome::Done);
    board.until("the log-out", |state| command.shows_in(&state.floor)).await;
    let audit = std::fs::read_to_string(home.path().join("audit.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> =
        audit.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| ["phase", "who", "source", "action"].map(|key| line[key].as_str().unwrap()))
        .collect();
    let line = |phase| [phase, "desk", "hq", "log_out_agent"];
    assert_eq!(told, [line("intent"), line("outcome")]);
    assert_eq!(lines[1]["outcome"], "done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_a_call_is_followed_though_no_board_looks() {
    let (simulator, home) = (still().await, tempfile::tempdir().unwrap());
    config(&simulator, home.path(), any_port());
    let service = Service::start(home.path());
    service.ready().await;
    let end = clock::moment().after(LIMIT);
    let calls = |names: &[String]| names.iter().filter(|name| name.starts_with("call/")).count();
    while calls(&simulator.streams().names) < 3 {
        assert!(clock::moment() < end, "{:?}", simulator.streams());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_reads_the_floor_through_a_relay_as_it_reads_the_systems() {
    // A report without the table of calls reads none, a relay follows them: here nobody's may be read, and the
    // one stream is that of the queues.
    let licences = simulator::Licences::None;
    let settings = simulator::Settings { speed: 0.0, licences, ..simulator::Settings::default() };
    let simulator = simulator::start(settings).await.unwrap();
    let home = tempfile::tempdir().unwrap();
    config(&simulator, home.path(), any_port());
    let path = home.path().join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let one = "kind = \"telepo\"\nmax_streams = 1";
    std::fs::write(&path, text.replace("kind = \"telepo\"", one)).unwrap();
    let service = Service::start(home.path());
    let url = service.address;
    let through = format!(
        "[[source]]\nname = \"relay\"\nkind = \"relay\"\nurl = \"http://{url}\"\n\
         token = \"{READER}\"\n"
    );
    std::fs::write(home.path().join("through.toml"), through).unwrap();
    let status = |config: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_floorwalker"))
            .args(["--config", config, "status", "queues", "agents", "entries", "--format", "json"])
            .current_dir(home.path())
            .env_clear()
            .env("HOME", home.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let mut tables: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let sources = tables["sources"].take();
        // A relay reads what people say of themselves a few people at a time.
        for agent in tables["agents"].as_array_mut().unwrap() {
            agent.as_object_mut().unwrap().retain(|key, _| key != "activity" && key != "role");
        }
        (figures(tables), sources)
    };
    let mut board = Board::on(service.address, READER);
    board.until("all sources", all_fresh).await;
    let (own, _) = status("config.toml");
    // The relay reads the call log beside the rest, so it may have it a little later.
    let by = clock::moment().after(LIMIT);
    let (mut relayed, mut sources) = status("through.toml");
    while own != relayed && clock::moment() < by {
        (relayed, sources) = status("through.toml");
    }
    assert_eq!(own, relayed);
    let names: Vec<_> =
        sources.as_array().unwrap().iter().map(|row| row["source"].as_str().unwrap()).collect();
    assert_eq!(names, ["helsinki", "hq", "nimbus", "relay"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_vendor_sends_to_the_relay_stands_on_its_boards_also_after_a_kill() {
    let simulator = still().await;
    let home = tempfile::tempdir().unwrap();
    config(&simulator, home.path(), any_port());
    let path = home.path().join("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let hook = "kind = \"enreach\"\nwebhook = { token = \"hook-1f3a-90cd71e4\" }";
    std::fs::write(&path, text.replace("kind = \"enreach\"", hook)).unwrap();
    let mut service = Service::start(home.path());
    let now = clock::wall().to_rfc3339();
    let event = enreach::with("QueueCallInArrived", &serde_json::json!({ "Timestamp": now }));
    let post = async |token: &str| {
        let url = format!("http://{}/webhook/helsinki", service.address);
        let request = client().post(url).header("X-Benemen-Token", token);
        let answer = request.body(event.to_string()).send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap().len())
    };
    assert_eq!(post("hook-1f3b").await.0, 401);
    assert_eq!(post("hook-1f3a-90cd71e4").await, (200, 0));
    let calls = |state: &State| {
        let world = state.floor.world(&SourceName::new("helsinki"));
        world.is_some_and(|world| world.calls.values().count() == 1)
    };
    Board::on(service.address, READER).until("the call", calls).await;
    service.signal(Signal::KILL);
    service.end();
    let service = Service::start(home.path());
    Board::on(service.address, READER).until("the call again", calls).await;
}

#[test]
fn a_relay_section_that_cannot_be_is_refused_with_its_line() {
    let told = |relay: &str| {
        let text = format!("[relay]\n{relay}");
        let complaints = floorwalker::config::Config::parse(&text, true).unwrap_err();
        complaints
            .iter()
            .map(|own| format!("{}: {}", own.line.unwrap_or(0), own.what))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let good =
        "[[relay.token]]\nname = \"wall\"\ntoken = \"wall-3f6a9c20b1d7\"\nscopes = [\"read\"]\n";
    let cases = [
        (String::new(), "1: a relay needs a [[relay.token]]"),
        (format!("listen = \"here\"\n{good}"), "2: listen \"here\": write an address and a port"),
        (format!("listen = \"0.0.0.0:8480\"\n{good}"), "2: without tls only loopback"),
        (good.replace("read", "raed"), "did you mean \"read\"?"),
        (good.replace("\"read\"", ""), "allows nothing"),
        (good.replace("3f6a9c20b1d7", "1"), "2: token: \"wall\": the token can be guessed"),
        (good.replace("wall-3f6a9c20b1d7", &"ab".repeat(20)), "the token can be guessed"),
        (format!("{good}{good}"), "6: there are two relay tokens named \"wall\""),
        (
            good.replace("\"wall-3f6a9c20b1d7\"", "{ keyring = \"x\" }"),
            "2: token: this build cannot read",
        ),
    ];
    for (text, expected) in cases {
        let complaints = told(&text);
        assert!(complaints.contains(expected), "{text}\n{complaints}");
    }
    let open = "[relay]\nlisten = \"0.0.0.0:8480\"\nbehind_proxy = true\n".to_owned() + good;
    let config = floorwalker::config::Config::parse(&open, true).unwrap();
    assert_eq!(config.relay.unwrap().tokens.len(), 1);
    assert!(floorwalker::config::Config::parse(&open, false).is_err(), "a secret for all to read");
}
