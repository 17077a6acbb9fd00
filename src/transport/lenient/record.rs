//! Records: what one JSON object holds, read field by field while the text is parsed.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer};
use serde_json::Value;

use super::list::one;
use super::scalar::{Scalar, ScalarSeed};
use super::tally::Tally;

/// Which field of which record is read.
#[derive(Debug, Clone, Copy)]
pub struct At {
    /// The record's name, as the vendor calls it.
    pub shape: &'static str,
    /// The field's name, as the vendor spells it.
    pub field: &'static str,
}

/// Where a record keeps what a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the field with this number.
    Field(usize),
    /// Nowhere: the name is known and what it says is not needed.
    Unused,
    /// Nowhere: the name is not known.
    Unknown,
}

/// How one value is read. It takes any value: what it cannot make sense of is `None` and counted.
pub trait Reader {
    /// What it makes of the value.
    type Value;

    /// Reads one value.
    ///
    /// # Errors
    /// Text that is no JSON, and nothing else.
    fn read<'de, D: Deserializer<'de>>(
        value: D,
        at: At,
        tally: &mut Tally,
    ) -> Result<Option<Self::Value>, D::Error>;
}

/// What one JSON object holds. [`record!`](crate::record) declares one.
pub trait Record: Default {
    /// What the vendor calls it.
    const SHAPE: &'static str;

    /// Where the record keeps what `name` says. `near` is where the search begins, and is moved behind what was
    /// found: names mostly come in the order in which they are declared.
    fn find(name: &str, near: &mut usize) -> Place;

    /// The records that a text stands for, where one may stand in their place.
    fn of_text(_text: &str) -> Option<Vec<Self>> {
        None
    }

    /// Reads the field with this number. A field that was read before stays as it is.
    ///
    /// # Errors
    /// Text that is no JSON, and nothing else.
    fn set<'de, D: Deserializer<'de>>(
        &mut self,
        field: usize,
        value: D,
        tally: &mut Tally,
    ) -> Result<(), D::Error>;
}

/// Declares a [`Record`]: a struct, and how each of its fields is called and read. See
/// [`lenient`](crate::transport::lenient) for an example.
#[macro_export]
macro_rules! record {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident = $shape:tt {
            $(
                $(#[$field_meta:meta])*
                $field_vis:vis $field:ident: $reader:ty $(= $first:literal $(| $other:literal)*)?
            ),* $(,)?
        }
        $(unused: $($unused:literal),+ $(,)? ;)?
        $(text: $text:path;)?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        $vis struct $name {
            $(
                $(#[$field_meta])*
                $field_vis $field: Option<<$reader as $crate::transport::lenient::Reader>::Value>,
            )*
        }

        const _: () = {
            #[allow(
                dead_code,
                non_camel_case_types,
                clippy::upper_case_acronyms,
                reason = "named as the fields are, of which there may be none"
            )]
            enum FieldNumber {
                $($field,)*
            }

            /// The spellings of each field's name.
            const NAMES: &[&[&str]] =
                &[$($crate::record!(@names $field $(, $first $(, $other)*)?)),*];

            impl $crate::transport::lenient::Record for $name {
                const SHAPE: &'static str = $shape;

                fn find(name: &str, near: &mut usize) -> $crate::transport::lenient::Place {
                    $crate::transport::lenient::place(NAMES, &[$($($unused),+)?], name, near)
                }

                $(
                    fn of_text(text: &str) -> Option<Vec<Self>> {
                        Some($text(text))
                    }
                )?

                #[allow(unused_variables, reason = "a record may have no fields")]
                fn set<'de, D: $crate::transport::lenient::Deserializer<'de>>(
                    &mut self,
                    field: usize,
                    value: D,
                    tally: &mut $crate::transport::lenient::Tally,
                ) -> Result<(), D::Error> {
                    $(
                        if field == FieldNumber::$field as usize {
                            let at = $crate::transport::lenient::At {
                                shape: $shape,
                                field: NAMES[FieldNumber::$field as usize][0],
                            };
                            return $crate::transport::lenient::fill::<$reader, D>(
                                &mut self.$field,
                                value,
                                at,
                                tally,
                            );
                        }
                    )*
                    Ok(())
                }
            }

            impl $crate::transport::lenient::Reader for $name {
                type Value = Self;

                fn read<'de, D: $crate::transport::lenient::Deserializer<'de>>(
                    value: D,
                    _at: $crate::transport::lenient::At,
                    tally: &mut $crate::transport::lenient::Tally,
                ) -> Result<Option<Self>, D::Error> {
                    $crate::transport::lenient::one(value, tally)
                }
            }
        };
    };
    (@names $field:ident) => { &[stringify!($field)] };
    (@names $field:ident, $($name:literal),+) => { &[$($name),+] };
}

/// Finds the place of `name` among the `names` of fields. The search begins at `near`, which is moved behind the
/// field that was found.
pub fn place(names: &[&[&str]], unused: &[&str], name: &str, near: &mut usize) -> Place {
    let start = (*near).min(names.len());
    let (behind, ahead) = names.split_at(start);
    let numbered = ahead.iter().enumerate().map(|(index, own)| (start + index, own));
    for (field, own) in numbered.chain(behind.iter().enumerate()) {
        if own.iter().any(|own| is_alike(own, name)) {
            *near = field + 1;
            return Place::Field(field);
        }
    }
    match unused.iter().any(|own| is_alike(own, name)) {
        true => Place::Unused,
        false => Place::Unknown,
    }
}

/// Whether two names differ in case, `_` and `-` alone.
fn is_alike(one: &str, other: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = u8> {
        name.bytes()
            .filter(|byte| !matches!(byte, b'_' | b'-'))
            .map(|byte| byte.to_ascii_lowercase())
    }
    one == other || letters(one).eq(letters(other))
}

/// Reads `value` into a field, unless it was read before: of two values of one field the first that can be read
/// counts.
///
/// # Errors
/// Text that is no JSON, and nothing else.
pub fn fill<'de, R: Reader, D: Deserializer<'de>>(
    slot: &mut Option<R::Value>,
    value: D,
    at: At,
    tally: &mut Tally,
) -> Result<(), D::Error> {
    if slot.is_some() {
        // A name that is there without a value says nothing against the other.
        if Any::read(value, at, tally)?.is_some() {
            tally.count_text(format_args!("{}.{} more than once", at.shape, at.field));
        }
    } else {
        *slot = R::read(value, at, tally)?;
    }
    Ok(())
}

/// Two records that share one object. What neither of them knows is counted under the second one's name.
impl<A: Record, B: Record> Record for (A, B) {
    const SHAPE: &'static str = B::SHAPE;

    fn find(name: &str, near: &mut usize) -> Place {
        // The number of a field says by its lowest bit which of the two it is of.
        let (mut first, mut second) = (*near, *near);
        match (A::find(name, &mut first), B::find(name, &mut second)) {
            (Place::Field(field), _) => {
                *near = first;
                Place::Field(field * 2)
            }
            (_, Place::Field(field)) => {
                *near = second;
                Place::Field(field * 2 + 1)
            }
            (Place::Unused, _) | (_, Place::Unused) => Place::Unused,
            (Place::Unknown, Place::Unknown) => Place::Unknown,
        }
    }

    fn set<'de, D: Deserializer<'de>>(
        &mut self,
        field: usize,
        value: D,
        tally: &mut Tally,
    ) -> Result<(), D::Error> {
        match field % 2 {
            0 => self.0.set(field / 2, value, tally),
            _ => self.1.set(field / 2, value, tally),
        }
    }
}

impl<A: Record, B: Record> Reader for (A, B) {
    type Value = Self;

    fn read<'de, D: Deserializer<'de>>(
        value: D,
        _at: At,
        tally: &mut Tally,
    ) -> Result<Option<Self>, D::Error> {
        one(value, tally)
    }
}

impl<S: Scalar> Reader for S {
    type Value = S::Value;

    fn read<'de, D: Deserializer<'de>>(
        value: D,
        at: At,
        tally: &mut Tally,
    ) -> Result<Option<S::Value>, D::Error> {
        Ok(ScalarSeed::<S>::new().deserialize(value)?.unwrap_or_else(|_| {
            tally.cannot_read(at);
            None
        }))
    }
}

/// Any value, as it is. For what is only passed on.
#[derive(Debug)]
pub struct Any;

impl Reader for Any {
    type Value = Value;

    fn read<'de, D: Deserializer<'de>>(
        value: D,
        _at: At,
        _tally: &mut Tally,
    ) -> Result<Option<Value>, D::Error> {
        let value = Value::deserialize(value)?;
        Ok(if value.is_null() { None } else { Some(value) })
    }
}

/// Reads one whole document.
pub(super) struct Reading<'t, R> {
    tally: &'t mut Tally,
    reader: PhantomData<R>,
}

impl<'t, R> Reading<'t, R> {
    pub(super) const fn new(tally: &'t mut Tally) -> Self {
        Self { tally, reader: PhantomData }
    }
}

impl<'de, R: Reader> DeserializeSeed<'de> for Reading<'_, R> {
    type Value = Option<R::Value>;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        R::read(value, At { shape: "answer", field: "value" }, self.tally)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::law::one_value_costs_no_other;
    use super::super::{
        Body, Count, Flag, Guid, Id, List, Number, Share, Text, Time, Values, Whole, Word,
    };
    use super::*;

    record! {
        /// A queue of a vendor that does not exist.
        #[derive(Clone, PartialEq)]
        struct Row = "Row" {
            id: Id,
            waiting: Count = "queueLength" | "length",
            open: Flag = "isOpen",
            since: Time,
            numbers: Values<Text>,
            figures: Figures = "statistic",
            agents: List<Person> = "agent-list",
        }
        unused: "kind", "links";
    }

    record! {
        #[derive(Clone, PartialEq)]
        struct Figures = "Figures" { free: Count }
    }

    record! {
        #[derive(Clone, PartialEq)]
        struct Person = "Person" { name: Text }
    }

    record! {
        struct Nothing = "Nothing" {}
    }

    record! {
        /// A field for each reader.
        struct Everything = "Everything" {
            count: Count,
            whole: Whole,
            number: Number,
            share: Share,
            flag: Flag,
            id: Id,
            guid: Guid,
            word: Word,
            text: Text,
            time: Time,
            any: Any,
            values: Values<Count>,
            record: Figures,
            list: List<Person>,
        }
    }

    #[test]
    fn one_value_costs_no_other_whatever_reads_it() {
        one_value_costs_no_other::<Everything>(&json!({
            "count": 1, "whole": -2, "number": 2.5, "share": 99.5, "flag": true, "id": 67899.0,
            "guid": "{0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9}", "word": "ACTIVE", "text": "Växel",
            "time": "2025-03-10T11:05Z", "any": {"x": [1]}, "values": [1, 2], "record": {"free": 1},
            "list": [{"name": "Ada"}, {"name": "Bo"}],
        }));
        one_value_costs_no_other::<Row>(&json!({
            "id": 1, "queueLength": 2, "isOpen": false, "since": 1_741_604_700, "numbers": ["a"],
            "statistic": {"free": 1}, "agent-list": [],
        }));
    }

    fn rows(text: &str) -> (Vec<Row>, String) {
        let mut tally = Tally::default();
        let rows =
            Body::from(text).list("rows", &mut tally).unwrap_or_else(|e| panic!("{text}: {e}"));
        (rows, tally.take().map(|(_, names)| names.to_string()).unwrap_or_default())
    }

    fn row(text: &str) -> (Row, String) {
        let (mut rows, names) = rows(&format!("[{text}]"));
        assert_eq!(rows.len(), 1, "{text}");
        (rows.remove(0), names)
    }

    #[test]
    fn a_record_is_read_whole_whatever_its_names_look_like() {
        let (own, names) = row(
            r#"{"Agent_List": [{"name": "Ada"}, {"NAME": 7}], "ID": 5, "queue_length": "3", "isopen": 1,
                "SINCE": 1741604700, "numbers": ["a", 2], "Statistic": {"free": 1.0}, "kind": [{}]}"#,
        );
        assert_eq!(names, "");
        assert_eq!((own.id.as_deref(), own.waiting, own.open), (Some("5"), Some(3), Some(true)));
        assert!(own.since.is_some());
        assert_eq!(own.numbers, Some(vec!["a".into(), "2".into()]));
        assert_eq!(own.figures.unwrap().free, Some(1));
        let people: Vec<_> = own.agents.unwrap().into_iter().map(|own| own.name.unwrap()).collect();
        assert_eq!(people, ["Ada".into(), "7".into()]);
    }

    #[test]
    fn what_cannot_be_read_costs_itself_and_is_counted_by_name() {
        let (own, names) = row(
            r#"{"id": {"a": [1]}, "queueLength": -1, "isOpen": "perhaps", "since": [1, {}], "numbers": {},
                "statistic": "none"}"#,
        );
        assert_eq!(own, Row::default());
        for name in [
            "Row.id cannot be read",
            "Row.queueLength cannot be read",
            "Row.isOpen cannot be read",
            "Row.since cannot be read",
            "Row.numbers cannot be read",
            "Figures that is no object",
        ] {
            assert!(names.contains(name), "{name} is not in {names}");
        }
        let (own, names) =
            row(r#"{"agents": 1, "agent-list": [1, null, [{}], {"name": "Ada", "age": 1}]}"#);
        assert_eq!(own.agents.map(|agents| agents.len()), Some(1));
        assert_eq!(names, "Row.agents, Person that is no object, Person.age");
    }

    #[test]
    fn nothing_is_none_and_the_empty_list_is_a_list() {
        let (own, names) = row(
            r#"{"id": null, "queueLength": "", "numbers": null, "statistic": "", "agent-list": null}"#,
        );
        assert_eq!((own, names.as_str()), (Row::default(), ""));
        let (own, names) = row(r#"{"numbers": [], "agent-list": ""}"#);
        assert_eq!((own.numbers, own.agents, names.as_str()), (Some(vec![]), Some(vec![]), ""));
    }

    #[test]
    fn records_are_found_in_every_wrapping() {
        for text in [
            r#"[{"id": 1}]"#,
            r#"{"rows": [{"id": 1}]}"#,
            r#"{"count": 1, "rows": [{"id": 1}], "more": [{"id": 2}]}"#,
            r#"{"result": [{"id": 1}]}"#,
            r#"{"result": {"id": 1}}"#,
            r#"{"total": 1, "result": [{"id": 1}]}"#,
            r#"{"id": "request-7", "rows": [{"id": 1}]}"#,
        ] {
            let (found, names) = rows(text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].id.as_deref(), Some("1"), "{text}");
            assert_eq!(names, "", "{text}");
        }
        let (found, names) = rows(r#"{"rows": {"row": [{"id": 1}, {"id": 2}]}}"#);
        assert_eq!((found.len(), names.as_str()), (2, ""));
        let (found, names) = rows(r#"{"rows": [{"id": 1}, {"id": 2}], "total": 2}"#);
        assert_eq!((found.len(), names.as_str()), (2, ""));
        for text in ["", " ", "null", "[]", "{}", r#"{"rows": null}"#, r#"{"rows": []}"#] {
            assert_eq!(rows(text), (vec![], String::new()), "{text}");
        }
    }

    #[test]
    fn one_object_alone_is_a_list_of_one_and_counted() {
        for text in
            [r#"{"id": 1, "x": [{"id": 2}]}"#, r#"{"x": [{"y": 2}], "id": 1, "queueLength": 2}"#]
        {
            let (found, names) = rows(text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].id.as_deref(), Some("1"), "{text}");
            assert!(names.contains("Row.x"), "{text}: {names}");
            assert!(names.contains("Row that is not in a list"), "{text}: {names}");
        }
        let (own, names) =
            row(r#"{"numbers": "a", "agent-list": {"name": "Ada"}, "statistic": [{"free": 2}]}"#);
        assert_eq!(own.numbers, Some(vec!["a".into()]));
        assert_eq!(own.agents.unwrap().len(), 1);
        assert_eq!(own.figures.unwrap().free, Some(2));
        assert_eq!(names, "Person that is not in a list");
        let (found, names) = rows(r#"{"Rows": {"id": 1}}"#);
        assert_eq!((found.len(), names.as_str()), (1, "Row that is not in a list"));
        // Wrapped once more, as XML's lists are.
        let (own, _) = row(r#"{"agent-list": {"agent": [{"name": "Ada"}, {"name": "Bo"}]}}"#);
        assert_eq!(own.agents.unwrap().len(), 2);
        let (own, _) = row(r#"{"agent-list": {"agent": {"name": "Ada"}}}"#);
        assert_eq!(own.agents.unwrap().len(), 1);
    }

    #[test]
    fn an_answer_without_a_row_is_counted() {
        let (found, names) = rows(r#"{"error": "x", "code": 7}"#);
        assert_eq!((found.len(), names.as_str()), (0, "Row.error, Row.code"));
        let (found, names) = rows(r#""no""#);
        assert_eq!((found.len(), names.as_str()), (0, "Row that is no object"));
    }

    #[test]
    fn of_two_values_of_one_field_the_first_that_can_be_read_counts() {
        let (own, names) = row(
            r#"{"length": null, "queueLength": "x", "length": 2, "queueLength": 3, "id": 1, "id": 2}"#,
        );
        assert_eq!((own.waiting, own.id.as_deref()), (Some(2), Some("1")));
        for name in
            ["queueLength cannot be read", "queueLength more than once", "id more than once"]
        {
            assert!(names.contains(name), "{name} is not in {names}");
        }
    }

    #[test]
    fn a_key_that_is_a_fields_name_too_is_a_list_where_it_holds_one() {
        for (text, count) in [
            (r#"{"id": 7, "open": 1}"#, 1),
            (r#"{"id": [{"id": 7}, {"id": 8}]}"#, 2),
            (r#"{"id": {"id": "7"}}"#, 1),
            (r#"{"id": null}"#, 0),
        ] {
            let found: Vec<Row> = Body::from(text).list("id", &mut Tally::default()).unwrap();
            assert_eq!(found.len(), count, "{text}");
            assert!(found.first().is_none_or(|own| own.id.as_deref() == Some("7")), "{text}");
        }
    }

    #[test]
    fn two_records_share_one_object() {
        let text = r#"{"name": "Ada", "id": 5, "free": 2, "odd": 1, "queueLength": 3}"#;
        let mut tally = Tally::default();
        let read = Body::from(text).read::<((Person, Row), (Nothing, Figures))>(&mut tally);
        let ((person, row), (_, figures)) = read.unwrap().unwrap();
        assert_eq!(person.name.as_deref(), Some("Ada"));
        assert_eq!((row.id.as_deref(), row.waiting, figures.free), (Some("5"), Some(3), Some(2)));
        assert_eq!(tally.take().unwrap().1.as_str(), "Figures.odd");
    }

    #[test]
    fn a_document_that_is_broken_in_one_place_costs_that_place() {
        let (found, names) = rows(
            "[{\"id\": \"a\\ud83d\", \"queueLength\": NaN}, {\"id\": \"b\u{1}\", \"queueLength\": 5}]",
        );
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].id.as_deref(), Some("a\u{FFFD}"));
        assert_eq!((found[0].waiting, found[1].waiting), (None, Some(5)));
        for name in ["Row.queueLength cannot be read", "surrogate", "control character"] {
            assert!(names.contains(name), "{name} is not in {names}");
        }
        assert!(Body::from(r#"[{"id": 1"#).list::<Row>("rows", &mut Tally::default()).is_err());
        let deep = "[".repeat(100);
        assert!(Body::from(deep.as_str()).list::<Row>("rows", &mut Tally::default()).is_err());
    }
}
