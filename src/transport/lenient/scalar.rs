//! Readers of single values, whatever type they were sent in.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::text::Shown;

/// The largest whole number below which a float names every one exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A single value as it was sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Given<'v> {
    Flag(bool),
    /// A number without a fraction.
    Whole(i128),
    /// A number with one, or too large for the other.
    Float(f64),
    /// Text: of JSON, of an XML element, or of an attribute.
    Text(&'v str),
    /// A list of whole numbers, as some servers write a time.
    Numbers(&'v [i64]),
}

/// A value that is there and means nothing to its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotReadable;

/// What a reader makes of a value: `None` says “not set”.
pub type Parsed<T> = Result<Option<T>, NotReadable>;

/// How a single value is read. Empty text is “not set”.
pub trait Scalar {
    /// What it makes of the value.
    type Value;

    /// Reads one value.
    ///
    /// # Errors
    /// [`NotReadable`]: the value means nothing here. It costs nothing but itself.
    fn parse(given: Given<'_>) -> Parsed<Self::Value>;
}

/// A count: a whole number from 0 to 4,294,967,295. A fraction is rounded: a mean in seconds may have one.
#[derive(Debug)]
pub struct Count;

/// A whole number, which may be negative.
#[derive(Debug)]
pub struct Whole;

/// A mean or a duration: a finite number that is not negative.
#[derive(Debug)]
pub struct Number;

/// A percentage from 0 to 100.
#[derive(Debug)]
pub struct Share;

/// Yes or no: a boolean, a number, or a word.
#[derive(Debug)]
pub struct Flag;

/// An identity, raw as requests need it. A number becomes its digits: `67899.0` is `67899`.
#[derive(Debug)]
pub struct Id;

/// A word of the vendor's own list, as sent.
#[derive(Debug)]
pub struct Word;

/// Text for people. Blank text is none.
#[derive(Debug)]
pub struct Text;

impl Scalar for Count {
    type Value = u32;

    fn parse(given: Given<'_>) -> Parsed<u32> {
        let Some(number) = number(given)? else { return Ok(None) };
        match number {
            Numeric::Whole(whole) => u32::try_from(whole).map(Some).map_err(|_| NotReadable),
            Numeric::Float(float) => super::from_float(float).map(Some).ok_or(NotReadable),
        }
    }
}

impl Scalar for Whole {
    type Value = i64;

    fn parse(given: Given<'_>) -> Parsed<i64> {
        match number(given)? {
            None => Ok(None),
            Some(Numeric::Whole(whole)) => i64::try_from(whole).map(Some).map_err(|_| NotReadable),
            Some(Numeric::Float(_)) => Err(NotReadable),
        }
    }
}

impl Scalar for Number {
    type Value = f64;

    fn parse(given: Given<'_>) -> Parsed<f64> {
        up_to(given, f64::MAX)
    }
}

impl Scalar for Share {
    type Value = f64;

    fn parse(given: Given<'_>) -> Parsed<f64> {
        match given {
            Given::Text(text) => up_to(Given::Text(text.trim().trim_end_matches('%')), 100.0),
            other => up_to(other, 100.0),
        }
    }
}

fn up_to(given: Given<'_>, most: f64) -> Parsed<f64> {
    let number = match number(given)? {
        None => return Ok(None),
        Some(Numeric::Float(float)) => float,
        #[expect(
            clippy::cast_precision_loss,
            reason = "a mean of such a size is exact to the second"
        )]
        Some(Numeric::Whole(whole)) => whole as f64,
    };
    if (0.0..=most).contains(&number) { Ok(Some(number)) } else { Err(NotReadable) }
}

impl Scalar for Flag {
    type Value = bool;

    fn parse(given: Given<'_>) -> Parsed<bool> {
        if let Given::Flag(flag) = given {
            return Ok(Some(flag));
        }
        if let Given::Text(text) = given {
            let is_one_of =
                |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text.trim()));
            if is_one_of(&["true", "yes", "on", "y", "t"]) {
                return Ok(Some(true));
            } else if is_one_of(&["false", "no", "off", "n", "f"]) {
                return Ok(Some(false));
            }
        }
        match number(given)? {
            None => Ok(None),
            Some(Numeric::Whole(0)) => Ok(Some(false)),
            // Some languages write true as a word of all bits.
            Some(Numeric::Whole(1 | -1)) => Ok(Some(true)),
            Some(_) => Err(NotReadable),
        }
    }
}

impl Scalar for Id {
    type Value = String;

    fn parse(given: Given<'_>) -> Parsed<String> {
        match given {
            Given::Text(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            Given::Flag(flag) => Ok(Some(flag.to_string())),
            Given::Numbers(_) => Err(NotReadable),
            Given::Whole(whole) => Ok(Some(whole.to_string())),
            Given::Float(float) => match whole(float) {
                Some(whole) => Ok(Some(whole.to_string())),
                // A float of this size may stand for another number than was meant.
                None if float.abs() < EXACT => Ok(Some(float.to_string())),
                None => Err(NotReadable),
            },
        }
    }
}

impl Scalar for Word {
    type Value = String;

    fn parse(given: Given<'_>) -> Parsed<String> {
        Id::parse(given)
    }
}

impl Scalar for Text {
    type Value = Shown;

    fn parse(given: Given<'_>) -> Parsed<Shown> {
        let text = match given {
            Given::Text(text) => Shown::clean(text),
            other => match Id::parse(other)? {
                Some(text) => Shown::from(text),
                None => return Ok(None),
            },
        };
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }
}

/// A number, exact where it can be.
enum Numeric {
    Whole(i128),
    Float(f64),
}

fn number(given: Given<'_>) -> Parsed<Numeric> {
    let float = match given {
        Given::Whole(whole) => return Ok(Some(Numeric::Whole(whole))),
        Given::Float(float) => float,
        Given::Flag(_) | Given::Numbers(_) => return Err(NotReadable),
        Given::Text(text) => {
            let text = text.trim();
            if text.is_empty() {
                return Ok(None);
            }
            let digits = match text.split_once('.') {
                Some((digits, zeros)) if zeros.bytes().all(|byte| byte == b'0') => digits,
                _ => text,
            };
            if let Ok(whole) = digits.parse() {
                return Ok(Some(Numeric::Whole(whole)));
            }
            text.parse().map_err(|_| NotReadable)?
        }
    };
    match whole(float) {
        Some(whole) => Ok(Some(Numeric::Whole(whole))),
        None if float.is_finite() => Ok(Some(Numeric::Float(float))),
        None => Err(NotReadable),
    }
}

/// The whole number that a float stands for exactly.
fn whole(float: f64) -> Option<i128> {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small before")]
    (float.abs() < EXACT && float.fract() == 0.0).then_some(float as i128)
}

/// Most numbers of a list that one value may be: a time has seven.
const NUMBERS: usize = 8;

/// Reads one value by its reader.
pub(super) struct ScalarSeed<S>(PhantomData<S>);

impl<S> ScalarSeed<S> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, S: Scalar> DeserializeSeed<'de> for ScalarSeed<S> {
    type Value = Parsed<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de, S: Scalar> Visitor<'de> for ScalarSeed<S> {
    type Value = Parsed<S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Ok(None))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(S::parse(Given::Flag(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(S::parse(Given::Whole(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(S::parse(Given::Whole(value.into())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(S::parse(Given::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(S::parse(Given::Text(value)))
    }

    /// A list of one value is that value; a list of whole numbers may be a time.
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut numbers = [0; NUMBERS];
        let (mut count, mut first, mut are_numbers) = (0, None, true);
        while let Some((number, own)) = items.next_element_seed(ItemSeed::<S>(PhantomData))? {
            match (numbers.get_mut(count), number) {
                (Some(slot), Some(number)) => *slot = number,
                _ => are_numbers = false,
            }
            first = first.or(Some(own));
            count += 1;
        }
        Ok(match (count, first) {
            (0, _) => Ok(None),
            (1, Some(only)) => only,
            _ if are_numbers => S::parse(Given::Numbers(&numbers[..count])),
            _ => Err(NotReadable),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Err(NotReadable))
    }
}

/// Reads an item of a list that stands where one value should: as a whole number, and by the reader.
struct ItemSeed<S>(PhantomData<S>);

impl<'de, S: Scalar> DeserializeSeed<'de> for ItemSeed<S> {
    type Value = (Option<i64>, Parsed<S::Value>);

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de, S: Scalar> Visitor<'de> for ItemSeed<S> {
    type Value = (Option<i64>, Parsed<S::Value>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an item")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok((None, Ok(None)))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok((None, S::parse(Given::Flag(value))))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok((Some(value), S::parse(Given::Whole(value.into()))))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok((i64::try_from(value).ok(), S::parse(Given::Whole(value.into()))))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        let number = whole(value).and_then(|whole| i64::try_from(whole).ok());
        Ok((number, S::parse(Given::Float(value))))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok((value.trim().parse().ok(), S::parse(Given::Text(value))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok((None, Err(NotReadable)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok((None, Err(NotReadable)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_read_in_every_type_that_it_was_sent_in() {
        for given in [
            Given::Whole(20),
            Given::Float(20.0),
            Given::Text("20"),
            Given::Text(" 20.00 "),
            Given::Text("+20"),
            Given::Text("2e1"),
        ] {
            assert_eq!(Count::parse(given), Ok(Some(20)), "{given:?}");
            assert_eq!(Whole::parse(given), Ok(Some(20)), "{given:?}");
            assert_eq!(Number::parse(given), Ok(Some(20.0)), "{given:?}");
        }
        assert_eq!(Count::parse(Given::Float(3.6)), Ok(Some(4)));
        assert_eq!(
            Whole::parse(Given::Text("9007199254740993.0")),
            Ok(Some(9_007_199_254_740_993))
        );
        assert_eq!(Whole::parse(Given::Text("-7.0")), Ok(Some(-7)));
        assert_eq!(Share::parse(Given::Text("85 %")), Ok(Some(85.0)));
    }

    #[test]
    fn a_number_that_makes_no_sense_is_none() {
        for given in [
            Given::Float(f64::NAN),
            Given::Float(f64::INFINITY),
            Given::Float(1e300),
            Given::Text("NaN"),
            Given::Text("-Infinity"),
            Given::Text("inf"),
            Given::Text("many"),
            Given::Text("1 000"),
            Given::Flag(true),
            Given::Whole(-1),
            Given::Whole(i128::from(u32::MAX) + 1),
            Given::Numbers(&[5, 5]),
        ] {
            assert_eq!(Count::parse(given), Err(NotReadable), "{given:?}");
        }
        for given in [Given::Float(f64::NAN), Given::Text("Infinity"), Given::Float(-0.5)] {
            assert_eq!(Number::parse(given), Err(NotReadable), "{given:?}");
        }
        assert_eq!(Share::parse(Given::Float(100.5)), Err(NotReadable));
        assert_eq!(Whole::parse(Given::Float(0.5)), Err(NotReadable));
        assert_eq!(Count::parse(Given::Text("  ")), Ok(None));
    }

    #[test]
    fn a_flag_is_read_in_every_type_that_it_was_sent_in() {
        for given in [
            Given::Flag(true),
            Given::Whole(1),
            Given::Float(1.0),
            Given::Text("1"),
            Given::Text("1.0"),
            Given::Text("Yes"),
            Given::Text(" TRUE "),
            Given::Text("on"),
        ] {
            assert_eq!(Flag::parse(given), Ok(Some(true)), "{given:?}");
        }
        for given in [Given::Flag(false), Given::Whole(0), Given::Text("No"), Given::Text("0")] {
            assert_eq!(Flag::parse(given), Ok(Some(false)), "{given:?}");
        }
        assert_eq!(Flag::parse(Given::Text("")), Ok(None));
        assert_eq!(Flag::parse(Given::Text("perhaps")), Err(NotReadable));
        assert_eq!(Flag::parse(Given::Whole(2)), Err(NotReadable));
    }

    #[test]
    fn an_id_is_its_digits_or_its_text() {
        let id = |given| Id::parse(given).map(Option::unwrap_or_default);
        assert_eq!(id(Given::Float(67_899.0)), Ok("67899".to_owned()));
        assert_eq!(id(Given::Whole(u64::MAX.into())), Ok(u64::MAX.to_string()));
        // Some exchanges number their calls with a point: text stays as it was sent.
        assert_eq!(id(Given::Text(" 1446137466.0 ")), Ok("1446137466.0".to_owned()));
        assert_eq!(id(Given::Text("")), Ok(String::new()));
        assert_eq!(id(Given::Float(1e20)), Err(NotReadable));
        assert_eq!(id(Given::Float(f64::NAN)), Err(NotReadable));
    }
}
