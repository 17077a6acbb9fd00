//! What a command costs of the minute's hundred calls: at most three besides its own.

use super::command::Home;

/// Whether a call is what the command is for: a change, or a list of entries in which one is looked for or shown.
fn is_own(call: &str) -> bool {
    !call.starts_with("GET ")
        || call.ends_with(" /nimbus/v1/scheduler-entries")
        || call.ends_with(" /v1/scheduler-entries")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_makes_few_calls_besides_its_own() {
    let home = Home::open("").await;
    let service = home.service();
    let entry = home.simulator.change(|centre| {
        use floorwalker::simulator::centre::EntryState;
        let mut waiting = centre.entries().filter(|own| own.service == 0);
        waiting.find(|own| own.state == EntryState::Scheduled).unwrap().id.clone()
    });
    let task = {
        let (code, out, err) = home.run(&["tasks", "add", "--service", &service, "--yes"]);
        assert_eq!(code, 0, "{err}");
        out.trim().to_owned()
    };
    let add = [
        "entries",
        "add",
        "--service",
        &service,
        "--destination",
        "+442079460500",
        "--yes",
        "--due",
    ];
    for (args, most) in [
        (vec!["status"], 1),
        (vec!["entries", "list"], 3),
        (vec!["entries", "list", "--service", &service], 2),
        ([&add[..], &["+2h"]].concat(), 1),
        ([&add[..], &["+3h", "--priority", "high"]].concat(), 2),
        (vec!["entries", "update", &entry, "--due", "+5m", "--yes"], 1),
        (vec!["entries", "update", &entry, "--due", "+5m", "--priority", "high", "--yes"], 2),
        (vec!["entries", "remove", &entry, "--yes"], 1),
        (vec!["tasks", "add", "--service", &service, "--yes"], 1),
        (
            vec![
                "tasks",
                "add",
                "--service",
                &service,
                "--priority",
                "low",
                "--preferred",
                "alma@example.com",
                "--yes",
            ],
            3,
        ),
        (vec!["tasks", "update", &task, "--city", "London", "--yes"], 1),
        (vec!["tasks", "remove", &task, "--yes"], 1),
        (vec!["contacts", "list"], 2),
        (vec!["contacts", "add", "X-1", "--display-name", "Ada", "--yes"], 2),
        (vec!["contacts", "update", "X-1", "--city", "London", "--yes"], 3),
        (vec!["contacts", "remove", "X-1", "--yes"], 2),
    ] {
        let before = home.simulator.calls().len();
        let (code, _, err) = home.run(&args);
        assert_eq!(code, 0, "{args:?}: {err}");
        let calls = home.simulator.calls().split_off(before);
        let others: Vec<&String> = calls.iter().filter(|call| !is_own(call)).collect();
        assert!(others.len() <= most, "{args:?}: {calls:?}");
    }
}
