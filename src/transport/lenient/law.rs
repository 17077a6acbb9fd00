//! The law of every record: whatever one field holds, no other field is lost.

use std::fmt::Debug;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value};

use super::{Body, Record, Tally};

/// Values as servers send them where another was expected, and some that are no JSON.
const VALUES: [&str; 31] = [
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "20.0",
    "1e300",
    "12345678901234567890123",
    "NaN",
    "-Infinity",
    "1e999",
    "007",
    "undefined",
    "True",
    "",
    r#""""#,
    r#""x""#,
    r#""20.0""#,
    r#""NaN""#,
    r#""half \ud83d""#,
    "\"raw \u{1}\n\u{1b}[2J\"",
    r#""C:\temp\x""#,
    r#""9999-99-99T99:99:99Z""#,
    r#""/Date(x)/""#,
    "[]",
    "{}",
    "[1,2,3,4,5,6,7,8,9]",
    r#"[null,"x",{"a":1},[[]],]"#,
    r#"{"a":{"b":[{"c":1}]}}"#,
    r#"[{"id":{"id":{}}}]"#,
    r#"{"id":[{"id":1},{"id":2}]}"#,
];

fn any_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let tree = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<Value>()),
        ]
    });
    prop_oneof![
        3 => select(&VALUES[..]).prop_map(str::to_owned),
        1 => tree.prop_map(|tree| tree.to_string()),
    ]
}

/// Shows for a record of which `full` tells every field that one value, whatever it is, costs no other field and no
/// other record, whether it stands in the place of its field or comes besides it.
///
/// # Panics
/// Where `full` leaves a field out, and where the law does not hold.
pub(crate) fn one_value_costs_no_other<T: Record + Debug>(full: &Value) {
    let full = full.as_object().expect("an object");
    let whole = fields(&read::<T>(&format!("[{}]", Value::from(full.clone())))[0]);
    for (name, value) in &whole {
        assert!(!value.starts_with("None"), "{}: the sample leaves {name} out", T::SHAPE);
    }
    let names: Vec<String> = full.keys().cloned().collect();
    let case = (select(names), any_value(), any::<bool>(), any::<bool>());
    let mut runner =
        TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(256) });
    let result = runner.run(&case, |(name, value, is_first, is_twice)| {
        let mut rest = full.clone();
        let own = rest.remove(&name).expect("one of its names");
        let mut members: Vec<String> = rest.iter().map(member).collect();
        let mut changed = vec![format!("{}:{value}", Value::from(name.clone()))];
        if is_twice {
            changed.push(member((&name, &own)));
        }
        members.splice(if is_first { 0..0 } else { members.len()..members.len() }, changed);
        let text = format!("[{{{}}},{}]", members.join(","), Value::from(full.clone()));
        let records = read::<T>(&text);
        prop_assert_eq!(records.len(), 2, "{}", &text);
        prop_assert_eq!(&fields(&records[1]), &whole, "the next record, of {}", &text);
        let differing = fields(&records[0]).iter().zip(&whole).filter(|(a, b)| a != b).count();
        prop_assert!(differing <= 1, "{} fields of {}: {:#?}", differing, &text, &records[0]);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{}: {error}", T::SHAPE);
    }
}

fn member((name, value): (&String, &Value)) -> String {
    let map: Map<String, Value> = [(name.clone(), value.clone())].into_iter().collect();
    let object = Value::from(map).to_string();
    object[1..object.len() - 1].to_owned()
}

fn read<T: Record>(text: &str) -> Vec<T> {
    let read = Body::from(text).list::<T>("no such key", &mut Tally::default());
    read.unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The fields of a record, by their names, as far as they can be told apart.
fn fields(record: &impl Debug) -> Vec<(String, String)> {
    let text = format!("{record:#?}");
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let inner =
            line.strip_prefix("    ").filter(|inner| !inner.starts_with([' ', ')', '}', ']']));
        match (inner.and_then(|inner| inner.split_once(": ")), fields.last_mut()) {
            (Some((name, value)), _) => fields.push((name.to_owned(), value.to_owned())),
            (None, Some((_, value))) => value.push_str(line),
            (None, None) => {}
        }
    }
    fields
}

#[test]
fn the_fields_of_a_record_are_told_apart() {
    #[derive(Debug)]
    #[expect(dead_code, reason = "only shown")]
    struct Sample {
        one: Option<u32>,
        two: Option<Vec<(u8, &'static str)>>,
        three: Option<u32>,
    }
    let [a, b] =
        [Some(1), None].map(|three| Sample { one: Some(1), two: Some(vec![(1, "x: y")]), three });
    let (a, b) = (fields(&a), fields(&b));
    assert_eq!(
        a.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["one", "two", "three"]
    );
    assert_eq!(a.iter().zip(&b).filter(|(a, b)| a != b).count(), 1);
}
