//! The vendors' JSON, from bytes to what it means, against `serde_json`'s tree of the same bytes.
//!
//! ```text
//! cargo bench --bench decode
//! ```
//!
//! A ratio of bytes a second: 0.5 is half as fast as the tree alone. The allocations are those of one answer.

#![expect(clippy::unwrap_used, reason = "a bench ends at its first surprise")]

use std::collections::BTreeMap;
use std::hint::black_box;

use floorwalker::floor::time::Moment;
use floorwalker::source::settings::EnreachSettings;
use floorwalker::source::{enreach, nimbus, telepo};
use floorwalker::transport::lenient::Tally;
use floorwalker::transport::secret::SecretSource;
use serde_json::{Value, json};

use crate::figure::Figure;
use crate::scales::ratio;

mod figure;
mod scales;

/// Rows of an answer.
const ROWS: u32 = 1_000;

/// Agents of a group.
const AGENTS: u32 = 10;

const AT: Moment = Moment::from_millis(1_000);

fn statistics(row: u32) -> Value {
    json!({
        "name": format!("Queue {row}"), "domain": "example.com", "number": "+46850000010", "id": row,
        "queueLength": row % 5, "availableAgents": row % 4, "loggedInAgents": 9, "longestWaiting": row % 300,
        "lastWait": 17, "averageWait": 23, "droppedCallsForPeriod": 18, "totalCallsForPeriod": 412,
        "answeredCallsForPeriod": 380, "totalCallsLast24h": 820, "droppedCallsLast24h": 20,
        "answeredCallsLast24h": 800,
        "current-agent-presence": [{"name": "Available", "count": 4}, {"name": "Lunch", "count": 2}],
    })
}

fn group(row: u32) -> Value {
    let agents: Vec<Value> = (0..AGENTS)
        .map(|agent| {
            json!({
                "id": format!("agent{row}-{agent}@example.com"), "firstName": "Ada", "lastName": "Berg",
                "activity": "Available", "skillLevel": 3, "isLoggedIn": true, "isAvailable": agent % 2 == 0,
            })
        })
        .collect();
    json!({
        "id": row, "domain": "example.com", "name": format!("Queue {row}"), "type": "ACD", "loggedIn": false,
        "nightMode": false, "agents": agents, "roles": [{"type": "SUPERVISOR"}],
        "statistic": {
            "numberOfLoggedInAgents": 9, "numberOfFreeAgents": 4, "numberOfCallsInQueue": row % 5,
        },
        "allowUsingFunctionNumber": true, "distributionType": "LONGEST_IDLE",
    })
}

fn benemen(row: u32) -> Value {
    json!({
        "Id": format!("7d0c2f44-5a11-4f0e-9d36-{row:012}"), "Name": format!("Jono {row}"),
        "Numbers": ["+358931500001"], "TypeId": 4,
        "Status": {
            "OpenStatus": 5, "MaxWaitTime": row % 300, "QueueLength": row % 5, "OngoingCalls": 6,
            "AgentsOnWrapUp": 2, "FreeAgents": row % 4, "ServingAgents": 8,
        },
    })
}

fn entry(row: u32) -> Value {
    json!({
        "schedulerEntryId": format!("5b0e7a10-{row:08}"), "serviceUpn": "outbound@contoso.example",
        "destination": "+442079460112", "dueDateTimeUtc": "2026-03-12T14:30:00Z", "referenceId": format!("C-{row}"),
        "distributionPriority": "High", "maxAttempts": 3, "attemptTimeoutInSeconds": 3600,
        "maxQueueTimeInSeconds": 300, "ronaTimeoutInSeconds": 20, "direction": "Outbound",
        "modality": "Audio", "event": "Scheduled", "customer": {"firstName": "Ada"},
        "customCallContextParameters": [],
    })
}

/// Reads an answer from its bytes into `decode`, which counts the rows.
fn measure(name: &str, answer: &Value, decode: impl Fn(&[u8], &mut Tally) -> usize) {
    let bytes = serde_json::to_vec(answer).unwrap();
    let mut tally = Tally::default();
    let counted = allocation_counter::measure(|| {
        assert_eq!(decode(&bytes, &mut tally), ROWS as usize);
    });
    Figure {
        goal: "",
        name: &format!("allocations_{name}"),
        of: "allocations of one answer of a thousand rows, read",
        floor: "",
        value: f64::from(u32::try_from(counted.count_total).unwrap()),
        unit: "allocations",
        bound: None,
    }
    .tell();
    let cost = ratio(
        || ((), ()),
        |()| {
            black_box(serde_json::from_slice::<Value>(&bytes).unwrap());
        },
        |()| {
            assert_eq!(decode(&bytes, &mut tally), ROWS as usize);
        },
    );
    assert_eq!(tally.take(), None, "{name}: all of it is known");
    Figure {
        goal: "",
        name: &format!("decode_{name}"),
        of: "bytes a second, decoded",
        floor: "bytes a second into serde_json's Value",
        value: 1.0 / cost,
        unit: "ratio",
        bound: None,
    }
    .tell();
}

fn main() {
    let rows = |row: fn(u32) -> Value| (0..ROWS).map(row).collect::<Vec<Value>>();
    measure("telepo_statistics", &json!({ "queue": rows(statistics) }), |bytes, tally| {
        black_box(telepo::wire::queue_statistics(bytes, tally).unwrap()).len()
    });
    measure("telepo_groups", &json!({ "groups": rows(group) }), |bytes, tally| {
        black_box(telepo::wire::groups(bytes, tally).unwrap()).len()
    });
    let settings = EnreachSettings {
        username: "wall@example.com".into(),
        secret_key: SecretSource::Env("UNUSED".into()),
        api_url: None,
        discovery_url: "https://discovery.example".parse().unwrap(),
        poll: std::time::Duration::from_secs(10),
        callback_lists: None,
        queue_types: vec![4],
        max_wait_unit: 1.0,
        callback_list_names: BTreeMap::new(),
        time_zone: None,
        webhook: None,
        clock: floorwalker::transport::clock::SourceClock::default(),
    };
    let descriptions = BTreeMap::new();
    measure("enreach_queues", &json!(rows(benemen)), |bytes, tally| {
        let queues = enreach::wire::queues(bytes.into(), &settings, &descriptions, AT, tally);
        black_box(queues.unwrap()).shown.len()
    });
    measure("nimbus_entries", &json!(rows(entry)), |bytes, tally| {
        let value = &serde_json::from_slice::<Value>(bytes).unwrap();
        let service = "outbound@contoso.example";
        black_box(nimbus::wire::entries(value, "entries", service, AT, tally)).len()
    });
}
