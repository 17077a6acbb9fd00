//! What to send to Enreach's support, who alone can set webhooks up: there is no API for it.

use serde_json::{Value, json};

use super::PATH;
use crate::source::enreach::events;
use crate::source::settings::{Settings, SubscriptionScope, Vendor};

/// Where the receiver is, as long as nobody has said so.
const SOMEWHERE: &str = "https://YOUR-HOST";

/// The endpoint and the subscriptions that a source wants, in the vendor's own form; `None` for a source without
/// webhooks. `public_url` is how the vendor reaches the receiver; the secret itself is not told.
pub fn text(settings: &Settings, public_url: Option<&str>) -> Option<String> {
    let Vendor::Enreach(own) = &settings.vendor else { return None };
    let webhook = own.webhook.as_ref()?;
    let base = public_url.unwrap_or(SOMEWHERE).trim_end_matches('/');
    let of: Vec<(&str, Value)> = match &webhook.scope {
        SubscriptionScope::All => vec![("AllEntities", json!(true))],
        SubscriptionScope::SecurityGroup(group) => vec![("SecurityGroupId", json!(group))],
        SubscriptionScope::Entities(entities) => {
            entities.iter().map(|entity| ("EntityId", json!(entity))).collect()
        }
    };
    let subscriptions = events::wanted()
        .flat_map(|name| of.iter().map(move |(key, of)| json!({ "EventType": name, *key: of })));
    let endpoint = json!({
        "Endpoint": format!("{base}{PATH}/{}", settings.name.raw()),
        "InsecureSSL": false,
        "Secret": format!("the token, from {}", webhook.token),
        "Description": "floorwalker",
        "TimeoutSeconds": 5,
    });
    let mut out = format!("{{\n  \"Webhook\": {endpoint},\n  \"Subscriptions\": [\n");
    let lines: Vec<String> = subscriptions.map(|own| format!("    {own}")).collect();
    out.push_str(&lines.join(",\n"));
    out.push_str("\n  ]\n}\n");
    Some(out)
}
