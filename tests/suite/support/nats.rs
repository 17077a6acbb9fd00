//! A NATS server of our own, relays in processes of their own that meet there, and boards on all of them.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use floorwalker::clock;
use floorwalker::floor::World;
use floorwalker::floor::id::SourceName;
use floorwalker::operations::Access;
use floorwalker::source::settings::{Common, NatsServer, NatsSettings, Settings, Vendor};
use floorwalker::state::State;
use floorwalker::transport::http::Transport;
use floorwalker::transport::secret::SecretSource;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::enreach::value;
use crate::support::outside;
use crate::support::reception::{client, timeless};
use crate::support::relay::{Board, READER, SUPERVISOR};
use crate::support::scripted::LIMIT;

/// The token of the source of events.
pub const HOOK: &str = "hook-1f3a-90cd71e4";

fn signal(child: &Child, signal: Signal) {
    let id = i32::try_from(child.id()).unwrap();
    kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
}

fn end(child: &mut Child) {
    // It may have ended already.
    let _ = child.kill();
    let _ = child.wait();
}

/// A NATS server with `JetStream`, on loopback.
pub struct Nats {
    program: PathBuf,
    child: Child,
    pub address: SocketAddr,
    folder: TempDir,
}

impl Drop for Nats {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

impl Nats {
    /// A server for everybody; none where there is no such program, which is said.
    pub fn start(test: &str) -> Option<Self> {
        Self::with(test, "")
    }

    /// The same, with more lines in its configuration.
    pub fn with(test: &str, more: &str) -> Option<Self> {
        let program = outside::program("nats-server", test)?;
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let config = format!(
            "listen: \"{address}\"\njetstream {{ store_dir: \"{}\" }}\n{more}\n",
            folder.path().join("store").display()
        );
        std::fs::write(folder.path().join("nats.conf"), config).unwrap();
        let child = Self::spawn(&program, folder.path(), address);
        Some(Self { program, child, address, folder })
    }

    fn spawn(program: &Path, folder: &Path, address: SocketAddr) -> Child {
        let child = Command::new(program)
            .arg("-c")
            .arg(folder.join("nats.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join("log")).unwrap())
            .spawn()
            .unwrap();
        let end = clock::moment().after(LIMIT);
        while TcpStream::connect(address).is_err() {
            assert!(clock::moment() < end, "the NATS server listens in time");
            std::thread::sleep(Duration::from_millis(10));
        }
        child
    }

    /// Its address, as a configuration has it.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Kills it, at whatever instant this is.
    pub fn kill(&mut self) {
        end(&mut self.child);
    }

    /// Starts it again after a kill.
    pub fn restart(&mut self) {
        self.child = Self::spawn(&self.program, self.folder.path(), self.address);
    }

    /// Takes away all that it has on disk.
    pub fn wipe(&self) {
        std::fs::remove_dir_all(self.folder.path().join("store")).unwrap();
    }

    /// Has it do nothing more, without ending it, or go on.
    pub fn stand_still(&self, still: bool) {
        signal(&self.child, if still { Signal::STOP } else { Signal::CONT });
    }
}

/// A relay in a process of its own.
pub struct Relay {
    child: Child,
    pub address: SocketAddr,
    home: TempDir,
    client: reqwest::Client,
    log: Arc<Mutex<Vec<String>>>,
}

impl Drop for Relay {
    #[expect(clippy::disallowed_methods, reason = "a test's own words")]
    fn drop(&mut self) {
        end(&mut self.child);
        if std::thread::panicking() {
            let mut out = std::io::stderr();
            for line in self.log.lock().unwrap().iter() {
                let _ = writeln!(out, "{} | {line}", self.address);
            }
        }
    }
}

/// One source of events, whose system itself cannot be reached: what is known, events told.
pub fn events_alone() -> String {
    format!(
        "[[source]]\nname = \"helsinki\"\nkind = \"enreach\"\nusername = \"wall@example.com\"\n\
         secret_key = \"none\"\napi_url = \"http://127.0.0.1:9/\"\n\
         webhook = {{ token = \"{HOOK}\" }}\n"
    )
}

/// Events of a floor, each later than the one before: counters of queues, states of people, calls, callbacks.
pub fn events(which: std::ops::Range<usize>) -> Vec<Value> {
    // Of the present: a clock that seems to be behind is measured, by each receiver for itself.
    let began = clock::wall() - chrono::TimeDelta::seconds(1);
    which
        .map(|number| {
            let names = ["QueueStatus", "UserStatus", "CallbackChanged", "QueueCallInArrived"];
            let mut event = value(names[number % names.len()]);
            let mut set = |key: &str, new: Value| {
                if event.get(key).is_some() {
                    event[key] = new;
                }
            };
            set("QueueId", json!(format!("queue-{}", number % 5)));
            set("UserId", json!(format!("user-{}", number % 7)));
            set("CallBackId", json!(format!("callback-{}", number % 9)));
            set("CallId", json!(format!("call-{number}")));
            set("NbrOfQueuingRequesters", json!(number));
            set("Talking", json!(number % 3 == 0));
            set("Id", json!(format!("event-{number}")));
            let after = chrono::TimeDelta::milliseconds(i64::try_from(number).unwrap());
            set("Timestamp", json!(began + after));
            event
        })
        .collect()
}

impl Relay {
    /// A relay of those sources that meets others at that server.
    pub fn start(sources: &str, nats: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let config = format!(
            "audit = \"audit.jsonl\"\n{sources}\n[relay]\nlisten = \"127.0.0.1:0\"\nnats = \"{nats}\"\n\
             [[relay.token]]\nname = \"wall\"\ntoken = \"{READER}\"\nscopes = [\"read\"]\n\
             [[relay.token]]\nname = \"desk\"\ntoken = \"{SUPERVISOR}\"\n\
             scopes = [\"read\", \"act\", \"calls\", \"contacts\", \"numbers\"]\n"
        );
        let path = home.path().join("config.toml");
        std::fs::write(&path, config).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(path, mode).unwrap();
        let log = Arc::default();
        let (child, address) = Self::spawn(home.path(), &log);
        Self { child, address, home, client: client(), log }
    }

    fn spawn(home: &Path, log: &Arc<Mutex<Vec<String>>>) -> (Child, SocketAddr) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_floorwalker"))
            .args(["--config", "config.toml", "relay"])
            .current_dir(home)
            .env_clear()
            .env("HOME", home)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("the relay listens before it ends").unwrap();
            log.lock().unwrap().push(line.clone());
            if let Some((_, rest)) = line.split_once("the relay listens address=") {
                break rest.split(' ').next().unwrap().parse().unwrap();
            }
        };
        let log = Arc::clone(log);
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| log.lock().unwrap().push(line));
        });
        (child, address)
    }

    /// Kills it, at whatever instant this is.
    pub fn kill(&mut self) {
        end(&mut self.child);
    }

    /// Starts it again after a kill, at the same address.
    pub fn restart(&mut self) {
        let path = self.home.path().join("config.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        let listen = |address: &str| format!("listen = \"{address}\"");
        let own = listen(&self.address.to_string());
        std::fs::write(path, config.replace(&listen("127.0.0.1:0"), &own)).unwrap();
        (self.child, self.address) = Self::spawn(self.home.path(), &self.log);
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// Its audit log; empty where it wrote none.
    pub fn audit(&self) -> String {
        std::fs::read_to_string(self.home.path().join("audit.jsonl")).unwrap_or_default()
    }

    /// Posts an event as the vendor does; whether it was taken, or the relay is not there.
    pub async fn post(&self, event: &Value) -> bool {
        let url = format!("http://{}/webhook/helsinki", self.address);
        let request = self.client.post(url).header("X-Benemen-Token", HOOK);
        let answer = request.body(event.to_string()).send().await;
        answer.is_ok_and(|answer| answer.status() == 200)
    }

    /// One of its own gauges.
    pub async fn gauge(&self, name: &str) -> Option<u64> {
        let url = format!("http://{}/metrics", self.address);
        let answer = self.client.get(url).bearer_auth(READER).send().await.ok()?;
        let text = answer.text().await.ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("floorwalker_{name} ")));
        line?.parse().ok()
    }

    /// Waits until a gauge stands so.
    pub async fn until(&self, name: &str, value: u64) {
        let end = clock::moment().after(LIMIT * 6);
        while self.gauge(name).await != Some(value) {
            assert!(clock::moment() < end, "{name} is not {value}: {:?}", self.gauge(name).await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A board on it, over HTTP.
    pub fn board(&self) -> Board {
        Board::on(self.address, SUPERVISOR)
    }
}

/// A board that reads over NATS, as that user.
pub fn board(url: &str, token: Option<&str>, numbers: bool) -> Board {
    let token = token.map(|token| SecretSource::Literal(token.into()));
    let server = NatsServer::new(url, token, None, ("insecure_http", false)).unwrap();
    let settings = Settings {
        name: SourceName::new("relay"),
        common: Common {
            transport: Transport::default(),
            idle: Duration::from_secs(40),
            stale_after: None,
        },
        vendor: Vendor::Nats(NatsSettings { server, numbers }),
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    Board::of(settings, Access::Full)
}

/// The world of the source of events.
pub fn world(state: &State) -> Option<&World> {
    state.floor.world(&SourceName::new("helsinki"))
}

/// Whether that is the floor that a single receiver makes of the same events.
pub fn is_oracle(state: &State, oracle: &World) -> bool {
    let Some(world) = world(state) else { return false };
    // The rest takes a while to compare.
    if world.calls.values().count() != oracle.calls.values().count() {
        return false;
    }
    let world = timeless(world.clone());
    world.queues == oracle.queues
        && world.agents == oracle.agents
        && world.callbacks == oracle.callbacks
        && world.lists == oracle.lists
        && world.calls == oracle.calls
}
