//! The connector's operations as its description has them, and whether a request is one of them.

use serde::Deserialize;
use serde_json::Value;

/// One operation: method, path, fields and statuses.
#[derive(Debug, Deserialize)]
pub struct Operation {
    pub id: String,
    pub method: String,
    /// Its path, with `{placeholders}`.
    pub path: String,
    /// Fields of the query, and whether each is needed.
    #[serde(default)]
    pub query: std::collections::BTreeMap<String, bool>,
    /// The body's shape, where it has one.
    pub body: Option<Value>,
    /// The statuses of its answers.
    pub statuses: Vec<u16>,
    /// Why floorwalker leaves it alone; nothing where it uses it.
    pub unused: Option<String>,
}

pub fn operations() -> Vec<Operation> {
    serde_json::from_str(include_str!("../../fixtures/nimbus/operations.json")).unwrap()
}

impl Operation {
    /// Whether a request of that method and path is this one.
    pub fn fits(&self, method: &str, path: &str) -> bool {
        let (own, asked): (Vec<&str>, Vec<&str>) =
            (self.path.split('/').collect(), path.split('/').collect());
        self.method == method
            && own.len() == asked.len()
            && own.iter().zip(asked).all(|(own, asked)| {
                if own.starts_with('{') { !asked.is_empty() } else { *own == asked }
            })
    }
}

/// The operation that a request is, of which those without placeholders count first.
///
/// # Errors
/// What about the request is not as documented.
pub fn judge(method: &str, target: &str, body: &[u8]) -> Result<Operation, String> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut fitting: Vec<Operation> =
        operations().into_iter().filter(|own| own.fits(method, path)).collect();
    fitting.sort_by_key(|own| own.path.matches('{').count());
    let Some(operation) = fitting.into_iter().next() else {
        return Err(format!("no operation is {method} {path}"));
    };
    let asked: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split('=').next().unwrap_or_default())
        .collect();
    for (name, needed) in &operation.query {
        if *needed && !asked.contains(&name.as_str()) {
            return Err(format!("{}: the query lacks {name}", operation.id));
        }
    }
    if let Some(name) = asked.iter().find(|name| !operation.query.contains_key(**name)) {
        return Err(format!("{}: the query has {name}", operation.id));
    }
    match (&operation.body, body.is_empty()) {
        (None, true) => {}
        (None, false) => return Err(format!("{}: there is a body", operation.id)),
        (Some(_), true) => return Err(format!("{}: there is no body", operation.id)),
        (Some(shape), false) => {
            let value: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
            fits(shape, &value, &operation.id)?;
        }
    }
    Ok(operation)
}

fn fits(shape: &Value, value: &Value, at: &str) -> Result<(), String> {
    match shape["type"].as_str().unwrap() {
        "string" => {
            let text = value.as_str().ok_or_else(|| format!("{at} is no string: {value}"))?;
            if shape["format"] == "date-time" {
                chrono::DateTime::parse_from_rfc3339(text)
                    .map_err(|_| format!("{at} is no date-time: {text}"))?;
            }
        }
        "integer" => {
            let number = value.as_i64().ok_or_else(|| format!("{at} is no integer: {value}"))?;
            let least = shape["minimum"].as_i64().unwrap_or(i64::MIN);
            let most = shape["maximum"].as_i64().unwrap_or(i64::MAX);
            if !(least..=most).contains(&number) {
                return Err(format!("{at} is {number}, not from {least} to {most}"));
            }
        }
        "boolean" => {
            value.as_bool().ok_or_else(|| format!("{at} is no boolean: {value}"))?;
        }
        "array" => {
            let items = value.as_array().ok_or_else(|| format!("{at} is no array: {value}"))?;
            let least = shape["minItems"].as_u64().unwrap_or(0);
            let most = shape["maxItems"].as_u64().unwrap_or(u64::MAX);
            if !(least..=most).contains(&(items.len() as u64)) {
                return Err(format!("{at} has {} items", items.len()));
            }
            for (index, item) in items.iter().enumerate() {
                fits(&shape["items"], item, &format!("{at}[{index}]"))?;
            }
        }
        "object" => {
            let fields = value.as_object().ok_or_else(|| format!("{at} is no object: {value}"))?;
            let needed = shape["required"].as_array().into_iter().flatten();
            for name in needed.filter_map(Value::as_str) {
                if !fields.contains_key(name) {
                    return Err(format!("{at} lacks {name}"));
                }
            }
            for (name, value) in fields {
                match shape["fields"].get(name) {
                    Some(shape) => fits(shape, value, &format!("{at}.{name}"))?,
                    None if shape["closed"] == true => return Err(format!("{at} has {name}")),
                    // The same word in another spelling is a mistake, a foreign one the vendor's affair.
                    None => {
                        let spelt = shape["fields"].as_object().into_iter().flatten();
                        let mut spelt = spelt.map(|(own, _)| own);
                        if let Some(own) = spelt.find(|own| own.eq_ignore_ascii_case(name)) {
                            return Err(format!("{at} has {name}, which is spelt {own}"));
                        }
                    }
                }
            }
        }
        other => panic!("no such type: {other}"),
    }
    Ok(())
}

#[test]
fn what_is_not_documented_is_found() {
    let judged = |method: &str, target: &str, body: &str| {
        judge(method, target, body.as_bytes()).map(|operation| operation.id)
    };
    let good =
        r#"{"serviceUpn":"a@b.c","destination":"+4420","dueDateTimeUtc":"2026-03-12T14:30:00Z"}"#;
    assert_eq!(
        judged("POST", "/v1/scheduler-entries", good).as_deref(),
        Ok("CreateSchedulerEntry")
    );
    assert_eq!(
        judged("GET", "/v1/scheduler-entries/events", "").as_deref(),
        Ok("GetSchedulerEntriesEvents")
    );
    for (method, target, body, says) in [
        ("GET", "/v1/queues", "", "no operation"),
        ("GET", "/v1/scheduler-entries", "", "lacks serviceUpn"),
        ("GET", "/v1/scheduler-entries?serviceUpn=a&top=1", "", "the query has top"),
        ("DELETE", "/v1/scheduler-entries/x", "{}", "there is a body"),
        ("POST", "/v1/scheduler-entries", "", "there is no body"),
        ("POST", "/v1/scheduler-entries", "{}", "lacks"),
        ("POST", "/v1/scheduler-entries", &good.replace("14:30:00Z", ""), "no date-time"),
        ("POST", "/v1/scheduler-entries", &good.replace('}', ",\"maxAttempts\":11}"), "not from 1"),
        (
            "POST",
            "/v1/scheduler-entries",
            &good.replace('}', ",\"maxAttempts\":\"1\"}"),
            "no integer",
        ),
        (
            "POST",
            "/v1/scheduler-entries",
            &good.replace('}', ",\"referenceId\":\"r\"}"),
            "ReferenceId",
        ),
        (
            "POST",
            "/v1/triggers/tasks",
            r#"{"config":{"url":"u","services":[],"taskEvents":[]}}"#,
            "0 items",
        ),
        (
            "POST",
            "/v1/triggers/tasks",
            r#"{"config":{"url":"u","services":["s"],"taskEvents":[]},"x":1}"#,
            "has x",
        ),
    ] {
        let judged = judged(method, target, body);
        assert!(
            judged.as_ref().is_err_and(|why| why.contains(says)),
            "{target} {body}: {judged:?}"
        );
    }
}
