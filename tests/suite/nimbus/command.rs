//! Tasks and contacts on the command line, at a simulated Nimbus of one's own.

use std::process::{Command, Stdio};
use std::time::Duration;

use floorwalker::simulator::{self, Settings, Simulator, Spoil};
use serde_json::{Value, json};

/// A simulated Nimbus, and a home whose config file names it.
pub struct Home {
    pub simulator: Simulator,
    folder: tempfile::TempDir,
}

impl Home {
    pub async fn open(more: &str) -> Self {
        let settings = Settings { speed: 0.0, ..Settings::default() };
        let simulator = simulator::start(settings).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "audit = \"own.jsonl\"\n[[source]]\nname = \"cloud\"\nkind = \"nimbus\"\n\
             base_url = \"http://{}/nimbus\"\ntoken = \"sim-token\"\n{more}",
            simulator.address()
        );
        let path = folder.path().join("own.toml");
        std::fs::write(&path, text).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(path, mode).unwrap();
        Self { simulator, folder }
    }

    /// Its exit code and what it wrote, to standard output and to standard error.
    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_floorwalker"))
            .args(["--config", "own.toml"])
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    pub fn service(&self) -> String {
        self.simulator.change(|centre| centre.services()[0].upn().to_owned())
    }

    pub fn audit(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("own.jsonl"));
        let text = text.unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn spoil(&self, method: &'static str, path: &'static str, status: u16, acts: bool) {
        let (status, after) = (Some(status), Duration::ZERO);
        self.simulator.spoil(Spoil { method, path, status, after, acts, times: 1 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_added_updated_and_removed_and_kept_as_it_was_sent() {
    let home = Home::open("address_books = []\n").await;
    let service = home.service();
    let add = [
        "tasks",
        "add",
        "--service",
        &service,
        "--identifier",
        "C-7",
        "--display-name",
        "Ada Byron",
        "--priority",
        "high",
        "--parameters",
        "topic=delivery",
        "--parameters",
        "tier=gold",
        "--yes",
    ];
    let (code, _, err) = home.run(&add);
    assert_eq!(code, 0, "{err}");
    assert_eq!(err, format!("add a task for Ada Byron to {service}: done\n"));
    let written = home.simulator.written();
    let (id, body) = written["external"].as_object().unwrap().iter().next().unwrap();
    assert_eq!(
        *body,
        json!({
            "serviceUpn": service, "customerIdentifier": "C-7", "distributionPriority": "High",
            "customer": {"displayName": "Ada Byron"},
            "customContextParameters": [
                {"name": "topic", "value": "delivery"}, {"name": "tier", "value": "gold"},
            ],
        })
    );
    let update = [
        "tasks",
        "update",
        id,
        "--company",
        "Engines",
        "--preferred",
        "alma@example.com:1",
        "--yes",
    ];
    let (code, _, err) = home.run(&update);
    assert_eq!(code, 0, "{err}");
    assert_eq!(
        home.simulator.written()["updates"][id],
        json!([{
            "customer": {"company": "Engines"},
            "preferredUsers": [{"upn": "alma@example.com", "priority": 1}],
        }])
    );
    let (code, _, err) = home.run(&["tasks", "remove", id, "--yes"]);
    assert_eq!((code, err.ends_with(": done\n")), (0, true), "{err}");
    assert_eq!(home.simulator.written()["external"], json!({}));
    let (code, _, err) = home.run(&["tasks", "remove", id, id, "--yes"]);
    assert_eq!(code, 1, "{err}");
    assert_eq!(err.matches("already gone or never there").count(), 1, "asked once: {err}");
    let audit = home.audit();
    let actions: Vec<&str> = audit.iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions.len(), 8);
    assert_eq!(&actions[..3], ["add_task", "add_task", "update_task"]);
    assert_eq!(audit[4]["target"], json!(id), "the task's own id");
    assert!(audit[0]["detail"].as_str().unwrap().contains("identifier C-7"), "{}", audit[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nimbus_refuses_and_what_it_does_not_answer_have_codes_of_their_own() {
    let home = Home::open("address_books = []\n").await;
    let service = home.service();
    let add = ["tasks", "add", "--service", &service, "--preferred", "alma@example.com", "--yes"];
    assert_eq!(home.run(&add).0, 0);
    let written = home.simulator.written();
    let id = written["external"].as_object().unwrap().keys().next().unwrap().clone();
    let remove = ["tasks", "remove", &id, "--yes"];
    let (code, _, err) = home.run(&remove);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("already with an agent, so it cannot be removed"), "{err}");
    for (status, code, says) in [
        (403, 1, "lacks the right to remove tasks"),
        (500, 3, "no read of tasks"),
        (504, 3, "no read of tasks"),
    ] {
        home.spoil("DELETE", "/v1/ExternalTasks", status, false);
        let (own, _, err) = home.run(&remove);
        assert_eq!(own, code, "{status}: {err}");
        assert!(err.contains(says), "{status}: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_wrong_is_a_usage_error_and_nothing_is_sent() {
    let home = Home::open("address_books = []\n").await;
    let service = home.service();
    for (args, says) in [
        (vec!["tasks", "add", "--service", "nobody@example.com", "--yes"], "no such service"),
        (
            vec!["tasks", "add", "--service", &service, "--priority", "urgent", "--yes"],
            "there is Low",
        ),
        (
            vec!["tasks", "add", "--service", &service, "--preferred", "x@y.z", "--yes"],
            "nobody whom",
        ),
        (vec!["tasks", "update", "t1", "--yes"], "nothing is changed"),
        (vec!["tasks", "update", "t1", "--parameters", "topic", "--yes"], "name=value"),
        (vec!["tasks", "remove", "t1"], "say --yes"),
    ] {
        let (code, _, err) = home.run(&args);
        assert_eq!(code, 2, "{args:?}: {err}");
        assert!(err.contains(says), "{args:?}: {err}");
    }
    let (code, _, err) = home.run(&["--read-only", "tasks", "remove", "t1", "--yes"]);
    assert_eq!((code, err.contains("read-only")), (1, true), "{err}");
    assert!(home.audit().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_added_changed_and_removed_and_each_is_seen() {
    let home = Home::open("").await;
    let list = |args: &[&str]| -> Vec<Value> {
        let all = [&["contacts", "list", "--format", "json"], args].concat();
        let (code, out, err) = home.run(&all);
        assert_eq!(code, 0, "{err}");
        serde_json::from_str(&out).unwrap()
    };
    let before = list(&[]).len();
    assert!(before > 1, "the simulated book is not empty");
    let add = [
        "contacts",
        "add",
        "X-1",
        "--display-name",
        "Ada Byron",
        "--company",
        "Engines",
        "--mobile-phone",
        "+44 20 7946 0500",
        "--mobile-phone",
        "+44 20 7946 0501",
        "--email",
        "ada@example.com",
        "--city",
        "London",
        "--custom",
        "tier=gold",
        "--yes",
    ];
    let (code, _, err) = home.run(&add);
    assert_eq!((code, err.as_str()), (0, "add contact X-1 to Customers: done\n"));
    assert_eq!(
        home.simulator.written()["contacts"]["X-1"],
        json!({
            "externalId": "X-1", "displayName": "Ada Byron", "company": "Engines",
            "mobilePhones": ["+44 20 7946 0500", "+44 20 7946 0501"],
            "emailAddresses": ["ada@example.com"], "addresses": [{"city": "London"}],
            "customFields": [{"name": "tier", "value": "gold"}],
        })
    );
    let (code, _, err) = home.run(&add);
    assert_eq!((code, err.contains("there is such a contact")), (1, true), "{err}");
    let found = list(&["--find", "ada engines", "--book", "customers"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["mobile_phone"], json!(["+442…00", "+442…01"]), "masked");
    let update = ["contacts", "update", "X-1", "--company", "Looms", "--book", "book-1", "--yes"];
    let (code, _, err) = home.run(&update);
    assert_eq!(code, 0, "{err}");
    let contact = &home.simulator.written()["contacts"]["X-1"];
    assert_eq!(
        (&contact["company"], &contact["displayName"]),
        (&json!("Looms"), &json!("Ada Byron"))
    );
    let (code, _, err) = home.run(&update);
    assert_eq!((code, err.contains("it is so already")), (1, true), "{err}");
    let (code, _, err) = home.run(&["contacts", "remove", "X-1", "X-9", "C-0001", "--yes"]);
    assert_eq!(code, 1, "one was never there: {err}");
    assert!(
        err.contains("contact X-9: already gone")
            && err.contains("2 contacts from Customers: done"),
        "{err}"
    );
    assert_eq!(list(&[]).len(), before - 1);
    let audit = home.audit();
    assert_eq!((audit.len(), &audit[4]["action"]), (6, &json!("remove_contacts")), "one request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_about_a_contact_is_settled_by_the_next_reading() {
    let home = Home::open("").await;
    let add = ["contacts", "add", "X-1", "--display-name", "Ada", "--yes"];
    home.spoil("POST", "/v2/AddressBooks/book-1/contacts", 504, true);
    let (code, _, err) = home.run(&add);
    assert_eq!(code, 0, "it was done, and a reading shows it: {err}");
    home.spoil("PUT", "/v2/AddressBooks/book-1/contacts", 504, false);
    let (code, _, err) = home.run(&["contacts", "update", "X-1", "--company", "Looms", "--yes"]);
    assert_eq!(code, 3, "no reading shows it: {err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_that_may_not_be_read_is_said_and_leaves_the_entries() {
    let home = Home::open("").await;
    home.simulator.spoil(Spoil {
        method: "GET",
        path: "/v2/AddressBooks/book-1",
        status: Some(403),
        after: Duration::ZERO,
        acts: false,
        times: 9,
    });
    let (code, _, err) = home.run(&["contacts", "list"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("no right to the book Customers"), "{err}");
    let (code, out, err) = home.run(&["status", "entries", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let tables: Value = serde_json::from_str(&out).unwrap();
    assert!(!tables["entries"].as_array().unwrap().is_empty());
    assert_eq!(tables["sources"][0]["link"], "polling", "{}", tables["sources"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_call_to_a_contact_tells_the_contacts_name() {
    let home = Home::open("").await;
    let names = |home: &Home| -> Vec<Value> {
        let (code, out, err) = home.run(&["entries", "list", "--format", "json"]);
        assert_eq!(code, 0, "{err}");
        let tables: Value = serde_json::from_str(&out).unwrap();
        let rows = tables["entries"].as_array().unwrap();
        rows.iter().map(|row| row["name"].clone()).collect()
    };
    assert!(names(&home).iter().any(Value::is_string));
    let other = Home::open("address_books = [\"Suppliers\"]\n").await;
    assert!(names(&other).iter().all(Value::is_null));
    let (code, _, err) = other.run(&["contacts", "list"]);
    assert_eq!((code, err.contains("there is no book \"Suppliers\"")), (1, true), "{err}");
}
