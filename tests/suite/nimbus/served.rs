//! The simulated Nimbus answers every documented operation, with documented statuses.

use floorwalker::simulator::{self, Settings};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::documented::{judge, operations};

struct Cloud {
    _simulator: simulator::Simulator,
    base: String,
    client: Client,
}

impl Cloud {
    async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings = Settings { speed: 0.0, ..Settings::default() };
        let simulator = simulator::start(settings).await.unwrap();
        let base = format!("http://{}/nimbus", simulator.address());
        let client = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        Self { _simulator: simulator, base, client }
    }

    /// One call, which is documented, with its status and its answer.
    async fn call(&self, method: Method, target: &str, body: Option<Value>) -> (u16, Value) {
        let (status, _, value) = self.answered(method, target, body).await;
        (status, value)
    }

    async fn answered(
        &self,
        method: Method,
        target: &str,
        body: Option<Value>,
    ) -> (u16, Option<String>, Value) {
        let bytes = body.as_ref().map(ToString::to_string).unwrap_or_default();
        judge(method.as_str(), target, bytes.as_bytes()).unwrap();
        let mut request =
            self.client.request(method, format!("{}{target}", self.base)).bearer_auth("sim-token");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let location = answer.headers().get("location").map(|own| own.to_str().unwrap().to_owned());
        let text = answer.text().await.unwrap();
        (status, location, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn service(&self) -> String {
        let (_, services) =
            self.call(Method::GET, "/v1/scheduler-entries/service-contacts", None).await;
        services[0].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn all_operations_are_served_with_a_documented_status() {
    let cloud = Cloud::start().await;
    let service = cloud.service().await;
    let entry = json!({
        "serviceUpn": service, "destination": "+442079460500",
        "dueDateTimeUtc": "2030-03-12T15:00:00Z",
    });
    let (_, made) = cloud.call(Method::POST, "/v1/scheduler-entries", Some(entry.clone())).await;
    let made = made["schedulerEntryId"].as_str().unwrap().to_owned();
    let task = json!({ "serviceUpn": service });
    let (_, external) = cloud.call(Method::POST, "/v1/ExternalTasks", Some(task.clone())).await;
    let external = external["id"].as_str().unwrap().to_owned();
    let config = |events: &str| json!({ "config": { "url": "http://127.0.0.1:9/hook", "services": [service], events: [if events == "taskEvents" { "Queued" } else { "Scheduled" }] } });
    let mut triggers = Vec::new();
    for (of, events) in [("scheduler-entries", "schedulerEntryEvents"), ("tasks", "taskEvents")] {
        let target = format!("/v1/triggers/{of}");
        let (status, location, _) =
            cloud.answered(Method::POST, &target, Some(config(events))).await;
        assert_eq!(status, 201);
        triggers.push(location.unwrap().rsplit('/').next().unwrap().to_owned());
    }
    let mut served = 2;
    for operation in operations() {
        let body = match operation.id.as_str() {
            "RegisterTaskWebHook" | "RegisterSchedulerEntryTrigger" => continue,
            "CreateSchedulerEntry" | "UpdateSchedulerEntry" => Some(entry.clone()),
            "AddExternalTask" => Some(task.clone()),
            "UpdateTask" => Some(json!({ "customer": { "firstName": "Ada" } })),
            "AddContact" => Some(json!({ "externalId": "c1" })),
            "UpdateContact" => None,
            "RemoveContacts" => Some(json!([])),
            _ => None,
        };
        // These change what the others need: they come behind.
        if ["UpdateContact", "DeleteSchedulerEntry", "RemoveExternalTask"].contains(&&*operation.id)
        {
            continue;
        }
        let trigger = usize::from(operation.path.contains("/tasks/"));
        let target = operation
            .path
            .replace("{SchedulerEntryID}", &made)
            .replace("{triggerId}", &triggers[trigger])
            .replace("{taskId}", &external)
            .replace("{AddressBook}", "book-1");
        let query = match operation.query.iter().find(|(_, needed)| **needed) {
            Some((name, _)) => format!("?{name}={service}"),
            None => String::new(),
        };
        let method: Method = operation.method.parse().unwrap();
        let (status, _) = cloud.call(method, &format!("{target}{query}"), body).await;
        assert!((200..300).contains(&status), "{}: {status}", operation.id);
        assert!(operation.statuses.contains(&status), "{}: {status}", operation.id);
        served += 1;
    }
    let contacts = "/v2/AddressBooks/book-1/contacts";
    cloud.call(Method::POST, contacts, Some(json!({ "externalId": "c7" }))).await;
    for (method, target, body) in [
        (Method::PUT, contacts.to_owned(), Some(json!({ "externalId": "c7", "firstName": "Ada" }))),
        (Method::DELETE, format!("/v1/scheduler-entries/{made}"), None),
        (Method::DELETE, format!("/v1/ExternalTasks/{external}"), None),
    ] {
        assert_eq!(cloud.call(method, &target, body).await.0, 200, "{target}");
        served += 1;
    }
    assert_eq!(served, 28);
}

#[tokio::test]
async fn an_entry_is_kept_as_it_was_written_and_refused_where_it_is_wrong() {
    let cloud = Cloud::start().await;
    let service = cloud.service().await;
    let entry = json!({
        "serviceUpn": service, "destination": "+442079460500", "ReferenceId": "R-1",
        "dueDateTimeUtc": "2030-03-12T15:00:00Z", "distributionPriority": "High", "maxAttempts": 2,
        "attemptTimeoutInSeconds": 45, "maxQueueTimeInSeconds": 60, "ronaTimeoutInSeconds": 10,
        "customer": { "firstName": "Ada" }, "mood": "calm",
    });
    let (status, made) =
        cloud.call(Method::POST, "/v1/scheduler-entries", Some(entry.clone())).await;
    assert_eq!(status, 200);
    for (name, value) in entry.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    let target = format!("/v1/scheduler-entries/{}", made["schedulerEntryId"].as_str().unwrap());
    let least = json!({
        "serviceUpn": service, "destination": "+442079460500",
        "dueDateTimeUtc": "2030-03-12T16:00:00Z",
    });
    let (_, changed) = cloud.call(Method::PUT, &target, Some(least)).await;
    assert_eq!(changed["maxAttempts"], 1, "what is left out falls back");
    assert!(changed["customer"].is_null() && changed["mood"].is_null());
    for (field, value) in [
        ("destination", json!("anna@elsewhere.org")),
        ("destination", json!("0207")),
        ("serviceUpn", json!("nobody@example.com")),
        ("distributionPriority", json!("Urgent")),
    ] {
        let mut wrong = entry.clone();
        wrong[field] = value;
        let (status, answer) = cloud.call(Method::PUT, &target, Some(wrong)).await;
        assert_eq!(status, 400, "{field}: {answer}");
    }
    let gone = cloud.call(Method::PUT, "/v1/scheduler-entries/none", Some(entry)).await;
    assert_eq!(gone.0, 404);
}

#[tokio::test]
async fn an_external_task_that_is_a_persons_stays() {
    let cloud = Cloud::start().await;
    let service = cloud.service().await;
    let task = json!({ "serviceUpn": service, "preferredUsers": [{ "upn": "alma@example.com" }] });
    let (_, made) = cloud.call(Method::POST, "/v1/ExternalTasks", Some(task)).await;
    let target = format!("/v1/ExternalTasks/{}", made["id"].as_str().unwrap());
    assert_eq!(cloud.call(Method::DELETE, &target, None).await.0, 400);
    assert_eq!(cloud.call(Method::DELETE, "/v1/ExternalTasks/none", None).await.0, 404);
}
