//! Reading a tree of JSON field by field. The records of [`super`] take its place.
//!
//! What is not there is `None`; what is there but cannot be read is `None` and counted; what nobody asked for
//! is counted by name. Nothing of it is fatal.

use std::cell::RefCell;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::Tally;
use super::scalar::{
    Count, Flag, Given, Id, NotReadable, Number, Parsed, Scalar, Share, Text, Whole,
};
use super::time::Time;

use crate::text::Shown;

/// One JSON object while it is read.
pub struct Fields<'v, 't> {
    shape: &'static str,
    map: &'v Map<String, Value>,
    read: RefCell<Vec<&'v str>>,
    tally: RefCell<&'t mut Tally>,
    caseless: bool,
}

impl<'v, 't> Fields<'v, 't> {
    /// Reads `value` as a `shape`; `None` if it is no object.
    pub fn of(shape: &'static str, value: &'v Value, tally: &'t mut Tally) -> Option<Self> {
        let Value::Object(map) = value else {
            tally.count(format!("{shape} that is no object"));
            return None;
        };
        Some(Self {
            shape,
            map,
            read: RefCell::default(),
            tally: RefCell::new(tally),
            caseless: false,
        })
    }

    /// The same, with names compared without case and without `_`: `end_time` reads `EndTime` and `endTime`.
    pub fn caseless(shape: &'static str, value: &'v Value, tally: &'t mut Tally) -> Option<Self> {
        Self::of(shape, value, tally).map(|fields| Self { caseless: true, ..fields })
    }

    /// The value under the first of `names` that is there and not null.
    pub fn value(&self, names: &[&'static str]) -> Option<&'v Value> {
        names.iter().find_map(|name| {
            let (key, value) = match self.caseless {
                false => self.map.get_key_value(*name)?,
                true => self.map.iter().find(|(key, _)| alike(key, name))?,
            };
            self.read.borrow_mut().push(key);
            (!value.is_null()).then_some(value)
        })
    }

    fn reading<T>(
        &self,
        names: &[&'static str],
        read: impl FnOnce(&'v Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(names)?;
        let out = read(value);
        if out.is_none() {
            let name = names.first().copied().unwrap_or_default();
            self.tally.borrow_mut().count(format!("{}.{name} cannot be read", self.shape));
        }
        out
    }

    /// One value by its reader.
    fn scalar<S: Scalar>(&self, names: &[&'static str]) -> Option<S::Value> {
        self.reading(names, |value| scalar::<S>(value).ok()).flatten()
    }

    /// A count; see [`Count`].
    pub fn count(&self, names: &[&'static str]) -> Option<u32> {
        self.scalar::<Count>(names)
    }

    /// A mean; see [`Number`].
    pub fn number(&self, names: &[&'static str]) -> Option<f64> {
        self.scalar::<Number>(names)
    }

    /// A share; see [`Share`].
    pub fn share(&self, names: &[&'static str]) -> Option<f64> {
        self.scalar::<Share>(names)
    }

    /// Yes or no; see [`Flag`].
    pub fn flag(&self, names: &[&'static str]) -> Option<bool> {
        self.scalar::<Flag>(names)
    }

    /// An identity or a word as sent; see [`Id`].
    pub fn raw(&self, names: &[&'static str]) -> Option<String> {
        self.scalar::<Id>(names)
    }

    pub fn text(&self, names: &[&'static str]) -> Option<Shown> {
        self.scalar::<Text>(names)
    }

    /// A list, or one item alone; null is not the empty list.
    pub fn list(&self, names: &[&'static str]) -> Option<&'v [Value]> {
        Some(match self.value(names)? {
            Value::Array(items) => items,
            Value::String(text) if text.trim().is_empty() => &[],
            one => std::slice::from_ref(one),
        })
    }

    /// A whole number that may be negative; see [`Whole`].
    pub fn int(&self, names: &[&'static str]) -> Option<i64> {
        self.scalar::<Whole>(names)
    }

    /// A point in time. One that says “not set” or “no end” is nothing, but can be read.
    pub fn time(&self, names: &[&'static str]) -> Option<DateTime<Utc>> {
        self.scalar::<Time>(names)
    }

    /// Counts what `other` counted too: fields of what this holds.
    pub fn count_all(&self, other: &mut Tally) {
        self.tally.borrow_mut().merge(other);
    }

    /// Counts the fields that nobody asked for. `known` are those that are told but not used here.
    pub fn close(self, known: &[&str]) {
        let read = self.read.into_inner();
        let tally = self.tally.into_inner();
        for key in self.map.keys() {
            let used = read.contains(&key.as_str())
                || known.iter().any(
                    |name| {
                        if self.caseless { alike(key, name) } else { key == name }
                    },
                );
            if !used {
                tally.count(format!("{}.{key}", self.shape));
            }
        }
    }
}

/// Whether two names differ in case and `_` alone.
fn alike(one: &str, other: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = u8> {
        name.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase())
    }
    letters(one).eq(letters(other))
}

/// A count that was sent as `3.0`, or a mean in seconds.
pub fn from_float(number: f64) -> Option<u32> {
    if !(0.0..=f64::from(u32::MAX)).contains(&number) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked in the line above"
    )]
    Some(number.round() as u32)
}

/// The items of an answer: an array, one object, or either of them under `key` (without case) or under the
/// only key. Null and the empty object hold none.
pub fn items<'v>(value: &'v Value, key: &str) -> Vec<&'v Value> {
    let map = match value {
        Value::Array(items) => return items.iter().collect(),
        Value::Object(map) => map,
        _ => return Vec::new(),
    };
    match map.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, inner)| inner) {
        Some(Value::Array(items)) => return items.iter().collect(),
        Some(Value::Null) => return Vec::new(),
        Some(one @ Value::Object(_)) => return vec![one],
        _ => {}
    }
    match map.values().next() {
        None => Vec::new(),
        Some(Value::Array(items)) if map.len() == 1 => items.iter().collect(),
        Some(Value::Null) if map.len() == 1 => Vec::new(),
        Some(_) => vec![value],
    }
}

/// A value of a tree, read by the reader of such values. A list of one is that value; one of numbers may be a time.
fn scalar<S: Scalar>(value: &Value) -> Parsed<S::Value> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(flag) => S::parse(Given::Flag(*flag)),
        Value::Number(number) => {
            let whole = number.as_i128().map(Given::Whole);
            S::parse(whole.or_else(|| number.as_f64().map(Given::Float)).ok_or(NotReadable)?)
        }
        Value::String(text) => S::parse(Given::Text(text)),
        Value::Array(items) => match items.as_slice() {
            [] => Ok(None),
            [one] => scalar::<S>(one),
            many => {
                let numbers: Option<Vec<i64>> = many.iter().map(Value::as_i64).collect();
                S::parse(Given::Numbers(&numbers.ok_or(NotReadable)?))
            }
        },
        Value::Object(_) => Err(NotReadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn items_are_found_in_every_wrapping_and_none_is_none() {
        let one = json!({"id": 1});
        for answer in [
            json!([one]),
            one.clone(),
            json!({"rows": [one]}),
            json!({"rows": one}),
            json!({"Rows": [one]}),
        ] {
            assert_eq!(items(&answer, "rows"), [&one], "{answer}");
        }
        for answer in [
            json!([]),
            json!({}),
            json!(null),
            json!({"rows": null}),
            json!({"rows": []}),
            json!({"Rows": null}),
        ] {
            assert!(items(&answer, "rows").is_empty(), "{answer}");
        }
    }

    #[test]
    fn numbers_that_make_no_sense_are_not_told_and_counted_once() {
        let value = json!({"a": -1, "b": u64::MAX, "c": "7", "d": [], "e": i64::MIN, "f": 2.0});
        let mut tally = Tally::default();
        for _ in 0..2 {
            let fields = Fields::of("Shape", &value, &mut tally).unwrap();
            assert_eq!(fields.count(&["a"]), None);
            assert_eq!(fields.count(&["b"]), None);
            assert_eq!(fields.count(&["c"]), Some(7));
            assert_eq!(fields.count(&["d"]), None);
            assert_eq!(fields.count(&["f"]), Some(2));
            assert_eq!(fields.share(&["f"]), Some(2.0));
            assert_eq!(fields.share(&["b"]), None);
            assert_eq!(fields.number(&["a"]), None);
            fields.close(&[]);
        }
        let (count, names) = tally.take().unwrap();
        assert_eq!(count, 3, "{names}");
        assert!(names.contains("Shape.e"), "{names}");
        assert!(tally.take().is_none());
    }
}
