//! One field of what a vendor sends, spoilt: it may cost itself and nothing else.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde_json::{Map, Value};

/// Values as JSON text: of every type, out of every range, and some that are no JSON at all.
const VALUES: [&str; 24] = [
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "-1",
    "0",
    "1e300",
    "18446744073709551615",
    "NaN",
    "-Infinity",
    "\"NaN\"",
    "\"\\ud83d\"",
    "\"a\tb\u{1}\"",
    "\"\u{202e}x\"",
    "\"nonsense\"",
    "\"9999-99-99T99:99:99Z\"",
    "\"9999-12-31T23:59:59\"",
    "[null, 7, {}]",
    "[[[]]]",
    "{\"a\": {\"b\": [1]}}",
    "{\"Id\": 5}",
    "\"00000000-0000-0000-0000-000000000000\"",
    "\"{7D0C2F445A114F0E9D360C5E3A9B1F77}\"",
];

/// What stands where the spoilt value goes.
const PLACE: &str = "@@here@@";

/// The fields of one object, and of the objects in it, by path: `Status.QueueLength`.
fn paths(object: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in object {
        found.push(name.clone());
        if let Value::Object(inner) = value {
            found.extend(paths(inner).iter().map(|path| format!("{name}.{path}")));
        }
    }
    found
}

fn at<'v>(object: &'v mut Value, path: &str) -> &'v mut Value {
    path.split('.').fold(object, |value, name| &mut value[name])
}

/// Spoils one field of `object` after the other, each in some ways; calls `check` with the field's path and the text.
pub fn each(object: &Value, mut check: impl FnMut(&str, &str)) {
    for (number, path) in paths(object.as_object().unwrap()).iter().enumerate() {
        let mut spoilt = object.clone();
        *at(&mut spoilt, path) = Value::from(PLACE);
        let text = spoilt.to_string();
        // Each field meets a third of the values, and each value a third of the fields.
        for value in VALUES.iter().skip(number % 3).step_by(3) {
            check(path, &text.replace(&format!("\"{PLACE}\""), value));
        }
    }
}

/// What was read, field by field, from how it is shown for debugging.
fn fields(read: &impl Debug) -> BTreeMap<String, String> {
    let (mut fields, mut names) = (BTreeMap::new(), Vec::<String>::new());
    for line in format!("{read:#?}").lines() {
        let text = line.trim_start();
        if text.trim_matches([')', ']', '}', ',']).is_empty() {
            continue;
        }
        let depth = (line.len() - text.len()) / 4;
        let is_name = |name: &str| name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
        let name = text.split_once(": ").map(|(name, _)| name).filter(|name| is_name(name));
        names.truncate(depth);
        names.resize(depth, String::new());
        names.push(name.unwrap_or_default().to_owned());
        let own: &mut String = fields.entry(names.join(".")).or_default();
        own.push_str(text.trim_end_matches(','));
    }
    fields
}

/// Whether two names differ in case and `_` alone.
fn is_alike(one: &str, other: &str) -> bool {
    let letters = |name: &str| name.replace('_', "").to_lowercase();
    letters(one) == letters(other)
}

/// Asserts that two readings differ in no field but those that `path` stands for: fields of its own name, and the `others`.
pub fn assert_alike(whole: &impl Debug, spoilt: &impl Debug, path: &str, others: &[&str]) {
    let (whole, spoilt) = (fields(whole), fields(spoilt));
    let is_own = |place: &str| {
        let mut names = place.split('.');
        let is_named = |name: &str| path.split('.').any(|own| is_alike(name, own));
        names.any(|name| is_named(name) || others.contains(&name))
    };
    for place in whole.keys().chain(spoilt.keys()).filter(|place| !is_own(place)) {
        assert_eq!(whole.get(place), spoilt.get(place), "{path} costs {place}");
    }
}
