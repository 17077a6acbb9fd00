//! A relay as it is installed, for benches: a process of its own, and the webhooks that are sent to it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use floorwalker::simulator::Simulator;
use rustix::process::Pid;
use serde_json::json;

/// The token of the boards.
pub const BOARD: &str = "bench-board-8d20c6b7";
/// The token of the webhooks.
pub const HOOK: &str = "bench-hook-3f6a9c20";

/// A relay in a process of its own.
pub struct Relay {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Relay {
    /// Starts one that polls `simulator`: this build, or `--program FILE`.
    pub fn start(simulator: &Simulator, home: &Path) -> Self {
        let hook = format!("kind = \"enreach\"\nwebhook = {{ token = \"{HOOK}\" }}");
        let text = format!(
            "{}\n[relay]\nlisten = \"127.0.0.1:0\"\n\
             [[relay.token]]\nname = \"boards\"\ntoken = \"{BOARD}\"\nscopes = [\"read\"]\n",
            simulator.config().replace("kind = \"enreach\"", &hook)
        );
        let path = home.join("relay.toml");
        let mut options = std::fs::File::options();
        let mut file =
            options.create(true).write(true).truncate(true).mode(0o600).open(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let args: Vec<String> = std::env::args().collect();
        let given = args.iter().position(|arg| arg == "--program");
        let given = given.and_then(|place| args.get(place + 1).map(String::as_str));
        let program = given.unwrap_or(env!("CARGO_BIN_EXE_floorwalker"));
        let mut child = Command::new(program)
            .args(["--config", "relay.toml", "relay"])
            .current_dir(home)
            .env_clear()
            .env("HOME", home)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = log.find_map(|line| {
            let (_, rest) = line
                .ok()?
                .split_once("the relay listens address=")
                .map(|(a, b)| (a.len(), b.to_owned()))?;
            rest.split(' ').next()?.parse().ok()
        });
        std::thread::spawn(move || log.for_each(drop));
        Self { child, address: address.unwrap() }
    }

    /// Its process.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed()).unwrap()
    }
}

/// The events of one floor: mostly counters and people, and calls in between.
pub fn event(number: u64) -> String {
    let at = floorwalker::clock::wall().to_rfc3339();
    let id = format!("bench-{number}");
    let queue = format!("6f0c1d52-3c47-4a86-9a55-{:012x}", number % 12);
    let person = format!("6f0c1d52-3c47-4a86-9a56-{:012x}", number % 120);
    let call = format!("6f0c1d52-3c47-4a86-9a57-{:012x}", number / 8);
    let body = match number % 4 {
        0 => json!({
            "EventType": "QueueStatus", "QueueId": queue, "QueueName": "Asiakaspalvelu",
            "OpenStatus": 5, "MaxWaitTime": number % 90, "NbrOfQueuingRequesters": number % 7,
            "NbrOfConnected": number % 11, "NbrOfAgentsCheckedInQueue": 14,
            "NbrOfServingAgentsEstimate": 12, "NbrOfAgentsImmediatelyFree": number % 5,
        }),
        1 => json!({
            "EventType": "UserStatus", "UserId": person, "Serving": true, "Available": true,
            "CanBeAllocatedTo": number.is_multiple_of(3), "Talking": number % 3 == 1, "FetchMode": false,
        }),
        2 => json!({
            "EventType": if number % 8 == 2 { "QueueCallInArrived" } else { "QueueCallInDisconnected" },
            "CallId": call, "QueueId": queue, "QueueName": "Asiakaspalvelu",
            "CallerNumber": "+358005550142", "TargetNumber": "+358005550100",
        }),
        _ => json!({
            "EventType": "UserAvailability", "UserId": person, "UserName": "Aino Salo",
            "Availability": if number % 8 == 3 { "Available" } else { "Away" },
        }),
    };
    let mut body = body;
    body["Id"] = id.into();
    body["Timestamp"] = at.into();
    body["MessageTTLSeconds"] = 60.into();
    body.to_string()
}

/// The first of a list of numbers that is told by that name, or else the standard.
pub fn given(name: &str, standard: u64) -> u64 {
    let args: Vec<String> = std::env::args().collect();
    let place = args.iter().position(|arg| arg == name);
    place.and_then(|place| args.get(place + 1)?.parse().ok()).unwrap_or(standard)
}
