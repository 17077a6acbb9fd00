//! Lists, and records wherever they stand.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};

use super::record::{At, Place, Reader, Record};
use super::scalar::{Given, NotReadable, Scalar, ScalarSeed};
use super::tally::Tally;

/// A list of records: an array, one object alone, or either of them inside of an object with one key. Null is no
/// list; the empty text, which XML makes of an empty one, is the empty list. An item that is no object is left out.
#[derive(Debug)]
pub struct List<T>(PhantomData<T>);

impl<T: Record> Reader for List<T> {
    type Value = Vec<T>;

    fn read<'de, D: Deserializer<'de>>(
        value: D,
        _at: At,
        tally: &mut Tally,
    ) -> Result<Option<Vec<T>>, D::Error> {
        Listed::<T>::of(Shape::Field, tally).optional(value)
    }
}

/// A list of single values: an array, or one value alone. Null is no list. A value that cannot be read is left out.
#[derive(Debug)]
pub struct Values<S>(PhantomData<S>);

impl<S: Scalar> Reader for Values<S> {
    type Value = Vec<S::Value>;

    fn read<'de, D: Deserializer<'de>>(
        value: D,
        at: At,
        tally: &mut Tally,
    ) -> Result<Option<Vec<S::Value>>, D::Error> {
        value.deserialize_any(ValuesVisitor::<S> { at, tally, scalar: PhantomData })
    }
}

/// Reads one record: an object, or a list of one. Null and the empty text are none.
///
/// # Errors
/// Text that is no JSON, and nothing else.
pub fn one<'de, T: Record, D: Deserializer<'de>>(
    value: D,
    tally: &mut Tally,
) -> Result<Option<T>, D::Error> {
    let mut found = Listed::<T>::of(Shape::One, tally).deserialize(value)?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// Where records stand.
#[derive(Debug, Clone, Copy)]
enum Shape<'k> {
    /// A document: records may stand under this key.
    Document(&'k str),
    /// The value of a field.
    Field,
    /// The value of a key that is not known: it may hold records, or anything else.
    Unknown,
    /// An item of a list.
    Item,
    One,
}

impl Shape<'_> {
    /// Whether an object may hold the list instead of being an item.
    const fn may_wrap(self) -> bool {
        matches!(self, Self::Document(_) | Self::Field)
    }
}

/// Reads records, wherever they stand.
pub(super) struct Listed<'k, 't, T> {
    shape: Shape<'k>,
    tally: &'t mut Tally,
    records: PhantomData<T>,
}

impl<'k, 't, T: Record> Listed<'k, 't, T> {
    /// The records of a document, which may stand under `key`.
    pub(super) const fn under(key: &'k str, tally: &'t mut Tally) -> Self {
        Self::of(Shape::Document(key), tally)
    }

    const fn of(shape: Shape<'k>, tally: &'t mut Tally) -> Self {
        Self { shape, tally, records: PhantomData }
    }

    /// What is no list and no record is none.
    fn optional<'de, D: Deserializer<'de>>(self, value: D) -> Result<Option<Vec<T>>, D::Error> {
        value.deserialize_any(self)
    }

    fn unreadable(self) -> Option<Vec<T>> {
        if !matches!(self.shape, Shape::Unknown) {
            self.tally.count_text(format_args!("{} that is no object", T::SHAPE));
        }
        None
    }
}

impl<'de, T: Record> DeserializeSeed<'de> for Listed<'_, '_, T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Vec<T>, D::Error> {
        Ok(self.optional(value)?.unwrap_or_default())
    }
}

impl<'de, T: Record> Visitor<'de> for Listed<'_, '_, T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", T::SHAPE)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(self.unreadable())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(self.unreadable())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(self.unreadable())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(self.unreadable())
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        if text.trim().is_empty() {
            return Ok(Some(Vec::new()));
        }
        Ok(T::of_text(text).or_else(|| self.unreadable()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        if let Shape::Item = self.shape {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(self.unreadable());
        }
        let shape = match self.shape {
            Shape::Unknown => Shape::Unknown,
            _ => Shape::Item,
        };
        let mut records = Vec::new();
        while let Some(mut item) = items.next_element_seed(Listed::of(shape, &mut *self.tally))? {
            records.append(&mut item);
        }
        if let (Shape::One, 2..) = (self.shape, records.len()) {
            self.tally.count_text(format_args!("{} that is a list", T::SHAPE));
        }
        Ok(Some(records))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let Self { shape, tally, .. } = self;
        let mut record = T::default();
        let (mut is_record, mut near) = (false, 0);
        // What the key holds, and what an unknown name holds.
        let (mut keyed, mut held) = (None::<Vec<T>>, None::<Vec<T>>);
        let (mut unknown, mut guessed) = (Vec::new(), Tally::default());
        loop {
            let may_wrap = shape.may_wrap() && !is_record && held.is_none();
            if keyed.is_some() {
                // The rest is of the answer, not of a record.
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                break;
            }
            let key = Key { shape, may_wrap, near: &mut near, tally: &mut *tally };
            let Some(found) = members.next_key_seed(KeySeed::<T>(key, PhantomData))? else { break };
            match found {
                Found::Field(field) => {
                    is_record = true;
                    let seed = FieldSeed { record: &mut record, field, tally: &mut *tally };
                    members.next_value_seed(seed)?;
                }
                Found::Nothing => {
                    members.next_value::<IgnoredAny>()?;
                }
                Found::Key => {
                    let list = Listed::<T>::of(Shape::Field, &mut *tally);
                    keyed = Some(members.next_value_seed(list)?);
                }
                Found::KeyOrField(field) => {
                    let seed = EitherSeed { record: &mut record, field, tally: &mut *tally };
                    match members.next_value_seed(seed)? {
                        Some(list) => keyed = Some(list),
                        None => is_record = true,
                    }
                }
                Found::Perhaps(name) => {
                    unknown.push(name);
                    let list = Listed::<T>::of(Shape::Unknown, &mut guessed);
                    let list = members.next_value_seed(list)?;
                    if !list.is_empty() {
                        held = Some(list);
                    }
                }
            }
        }
        if keyed.is_some() {
            return Ok(keyed);
        }
        match (shape, held) {
            (Shape::Unknown, _) if !is_record => return Ok(None),
            (Shape::Document(_) | Shape::Field, Some(list)) if !is_record => {
                tally.merge(&mut guessed);
                return Ok(Some(list));
            }
            _ => {}
        }
        for name in &unknown {
            tally.unknown(T::SHAPE, name);
        }
        if shape.may_wrap() {
            if !is_record {
                return Ok(Some(Vec::new()));
            }
            tally.count_text(format_args!("{} that is not in a list", T::SHAPE));
        }
        Ok(Some(vec![record]))
    }
}

/// What the name of a member says.
enum Found {
    /// It is this field's.
    Field(usize),
    /// It is the key of the list.
    Key,
    KeyOrField(usize),
    /// It is not known, but the list may stand behind it.
    Perhaps(String),
    Nothing,
}

/// How the name of a member is looked up.
struct Key<'k, 'a> {
    shape: Shape<'k>,
    may_wrap: bool,
    near: &'a mut usize,
    tally: &'a mut Tally,
}

struct KeySeed<'k, 'a, T>(Key<'k, 'a>, PhantomData<T>);

impl<'de, T: Record> DeserializeSeed<'de> for KeySeed<'_, '_, T> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<Found, D::Error> {
        key.deserialize_str(self)
    }
}

impl<T: Record> Visitor<'_> for KeySeed<'_, '_, T> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Found, E> {
        let Key { shape, may_wrap, near, tally } = self.0;
        let place = T::find(name, near);
        let is_key = matches!(shape, Shape::Document(key) if key.eq_ignore_ascii_case(name));
        Ok(match place {
            Place::Field(field) if is_key => Found::KeyOrField(field),
            Place::Field(field) => Found::Field(field),
            Place::Unused | Place::Unknown if is_key => Found::Key,
            Place::Unused => Found::Nothing,
            Place::Unknown if may_wrap => Found::Perhaps(name.to_owned()),
            Place::Unknown => {
                tally.unknown(T::SHAPE, name);
                Found::Nothing
            }
        })
    }
}

/// Reads the value of a field.
struct FieldSeed<'a, T> {
    record: &'a mut T,
    field: usize,
    tally: &'a mut Tally,
}

impl<'de, T: Record> DeserializeSeed<'de> for FieldSeed<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        self.record.set(self.field, value, self.tally)
    }
}

/// Reads a list where there is one, else the value of a field.
struct EitherSeed<'a, T> {
    record: &'a mut T,
    field: usize,
    tally: &'a mut Tally,
}

impl<'de, T: Record> DeserializeSeed<'de> for EitherSeed<'_, T> {
    type Value = Option<Vec<T>>;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        value.deserialize_any(self)
    }
}

impl<T: Record> EitherSeed<'_, T> {
    fn set<'de, E: Error>(self, value: impl IntoDeserializer<'de, E>) -> Result<Option<Vec<T>>, E> {
        self.record.set(self.field, value.into_deserializer(), self.tally)?;
        Ok(None)
    }
}

impl<'de, T: Record> Visitor<'de> for EitherSeed<'_, T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", T::SHAPE)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Some(Vec::new()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.set(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.set(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.set(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        self.set(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        self.set(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        Listed::<T>::of(Shape::Field, self.tally).visit_seq(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        Listed::<T>::of(Shape::Field, self.tally).visit_map(members)
    }
}

/// Reads a list of single values.
struct ValuesVisitor<'t, S> {
    at: At,
    tally: &'t mut Tally,
    scalar: PhantomData<S>,
}

impl<S: Scalar> ValuesVisitor<'_, S> {
    fn alone(self, given: Given<'_>) -> Option<Vec<S::Value>> {
        match S::parse(given) {
            Ok(value) => Some(value.into_iter().collect()),
            Err(NotReadable) => {
                self.tally.cannot_read(self.at);
                None
            }
        }
    }
}

impl<'de, S: Scalar> Visitor<'de> for ValuesVisitor<'_, S> {
    type Value = Option<Vec<S::Value>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.at.field)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(self.alone(Given::Flag(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(self.alone(Given::Whole(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(self.alone(Given::Whole(value.into())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(self.alone(Given::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(self.alone(Given::Text(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(item) = items.next_element_seed(ScalarSeed::<S>::new())? {
            match item {
                Ok(value) => values.extend(value),
                Err(NotReadable) => self.tally.cannot_read(self.at),
            }
        }
        Ok(Some(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.tally.cannot_read(self.at);
        Ok(None)
    }
}
