//! At rest, and against what else hangs on walls and runs in terminals.

use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::process::{Calls, Sample, is_installed};
use crate::program::alone;
use crate::sides::{Counted, Feed, Simulator, behind_tls, floorwalker};
use crate::telepo::Telepo;
use crate::tell;

const SCREEN: (u16, u16) = (200, 60);

/// Until everything has begun and come to rest.
const SETTLE: Duration = Duration::from_secs(8);

/// What a process cost by the second.
#[derive(Clone, Copy)]
struct Cost {
    /// Percent of a core.
    processor: f64,
    switches: f64,
    calls: Option<f64>,
    /// KiB, at the end.
    resident: f64,
    bytes: f64,
}

/// Watches several processes at once.
fn watch(all: &[&Counted], seconds: u64) -> Vec<Cost> {
    #[expect(clippy::cast_precision_loss, reason = "hours are few seconds")]
    let span = seconds as f64;
    let calls: Vec<_> = all.iter().map(|own| Calls::count(own.program.pid, seconds)).collect();
    let sample = || all.iter().map(|own| (Sample::of(own.program.pid), own.written()));
    let before: Vec<_> = sample().collect();
    thread::sleep(Duration::from_secs(seconds));
    let after: Vec<_> = sample().collect();
    let pairs = before.into_iter().zip(after).zip(calls);
    pairs
        .map(|(((before, first), (after, last)), calls)| Cost {
            processor: (after.processor - before.processor) / span * 100.0,
            switches: (after.switches - before.switches) / span,
            calls: calls.and_then(Calls::end).map(|calls| calls / span),
            resident: after.resident,
            bytes: (last - first) / span,
        })
        .collect()
}

/// Tells what somebody costs, without judging it.
fn tell_cost(who: &str, cost: Cost) {
    let name = |what: &str| format!("{who}_{what}");
    tell("", &name("processor"), who, "", (cost.processor, "percent of a core"), None);
    tell("", &name("switches"), who, "", (cost.switches, "a second"), None);
    if let Some(calls) = cost.calls {
        tell("", &name("calls"), who, "", (calls, "a second"), None);
    }
    tell("", &name("resident"), who, "", (cost.resident, "KiB"), None);
    tell("", &name("bytes"), who, "", (cost.bytes, "a second"), None);
}

/// S2, S3, S4, S6.
pub fn idle(home: &Path, seconds: u64) {
    let telepo = Telepo::start(1_000);
    let text = telepo.config() + &behind_tls();
    let board = Counted::start(floorwalker(home, &text, &[]), SCREEN);
    let _feed = Feed::start(telepo.stream(), 1_000, 1);
    let peers = ["htop", "btop"].map(|name| Counted::other(name, home, SCREEN));
    let simulator = Simulator::start(&["--size", "large"]);
    let large = Counted::start(floorwalker(home, &simulator.config, &[]), SCREEN);
    let small = Simulator::start(&[]);
    let ssh = Counted::start(floorwalker(home, &small.config, &[]), (120, 34));
    let wall = Counted::start(floorwalker(home, &small.config, &["wall"]), (120, 34));
    thread::sleep(SETTLE);

    let mut all = vec![&board, &large, &ssh, &wall];
    all.extend(peers.iter().flatten());
    let costs = watch(&all, seconds);
    let (own, large) = (costs[0], costs[1]);
    tell_cost("board", own);
    tell_cost("board_on_large_floor", large);
    let mut others = costs[4..].iter();
    for (peer, name) in peers.iter().zip(["htop", "btop"]) {
        let Some(cost) = peer.as_ref().and_then(|_| others.next()) else { continue };
        tell_cost(name, *cost);
        let most = if name == "btop" { 0.15 } else { 0.35 };
        let of = "processor time, 1,000 queues, one change a second, TLS";
        let ratio = own.processor / cost.processor;
        tell("S2", &format!("idle_processor_{name}"), of, name, (ratio, "ratio"), Some(0.0..=most));
        if name == "btop" {
            let ratio = own.resident / cost.resident;
            let of = "memory, 1,000 queues, TLS";
            tell("S4", "idle_resident", of, name, (ratio, "ratio"), Some(0.0..=1.25));
            let ratio = large.resident / cost.resident;
            let of = "memory, the large floor";
            tell("S4", "idle_resident_large", of, name, (ratio, "ratio"), Some(0.0..=1.9));
        }
    }
    let of = "wake-ups at rest, of all threads";
    tell("S3", "idle_wake_ups", of, "", (own.switches, "a second"), Some(0.0..=3.0));
    match own.calls {
        Some(calls) => {
            tell(
                "S3",
                "idle_calls",
                "system calls at rest",
                "",
                (calls, "a second"),
                Some(0.0..=12.0),
            );
        }
        None => eprintln!("no system calls were counted: perf is not installed, or may not look"),
    }
    let of = "board, 120×34, small floor";
    tell("S6", "idle_bytes_board", of, "", (costs[2].bytes, "bytes a second"), Some(0.0..=250.0));
    let of = "wall, 120×34, small floor";
    tell("S6", "idle_bytes_wall", of, "", (costs[3].bytes, "bytes a second"), Some(0.0..=150.0));
}

/// S9, S13.
pub fn peers(home: &Path, seconds: u64) {
    let simulator = Simulator::start(&["--load", "10000"]);
    let loaded = Counted::start(floorwalker(home, &simulator.config, &[]), SCREEN);
    thread::sleep(SETTLE);
    let cost = watch(&[&loaded], seconds)[0];
    let of = "10,000 updates a second in 20 documents, at most 20 frames a second";
    tell("S9", "peers_load", of, "", (cost.processor, "percent of a core"), Some(0.0..=8.0));
    drop((loaded, simulator));

    let telepo = Telepo::start(1_000);
    let board = Counted::start(floorwalker(home, &telepo.config(), &[]), SCREEN);
    let feed = Feed::start(telepo.stream(), 1_000, 10_000);
    thread::sleep(SETTLE);
    let before = feed.sent();
    let cost = watch(&[&board], seconds)[0];
    let kept = (feed.sent() - before) / seconds;
    let of = format!("{kept} events a second, each a document, at most 20 frames a second");
    tell(
        "S9",
        "peers_load_events",
        &of,
        "",
        (cost.processor, "percent of a core"),
        Some(0.0..=8.0),
    );
    drop((board, feed));

    if !["watch", "curl", "jq", "column", "sh"].into_iter().all(is_installed) {
        eprintln!("watch, curl, jq or column is not installed: nothing to hold the board against");
        return;
    }
    let board = Counted::start(floorwalker(home, &telepo.config(), &[]), SCREEN);
    let _feed = Feed::start(telepo.stream(), 1_000, 1_000);
    let mut command = alone("watch", home);
    let columns = ".id,.name,.queueLength,.longestWaiting,.availableAgents,.totalCallsForPeriod";
    let pipe = format!(
        "curl -s http://{}/queuestatistics/ | jq -r '.queue[]|[{columns}]|@tsv' | column -t",
        telepo.address
    );
    command.args(["-n", "1", &pipe]);
    let watched = Counted::start(command, SCREEN);
    thread::sleep(SETTLE);
    let costs = watch(&[&board, &watched], seconds);
    tell_cost("watch", costs[1]);
    let ratio = costs[0].processor / costs[1].processor;
    let (of, floor) = ("processor time at 1,000 events a second", "watch 'curl | jq | column'");
    tell("S13", "peers_watch", of, floor, (ratio, "ratio"), Some(0.0..=0.333));
}
