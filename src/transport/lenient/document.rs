//! JSON that is read into records, and mended where it is broken in one place.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed};

use crate::transport::http::json::{TooDeep, check_depth};

use super::list::Listed;
use super::mend::mend;
use super::record::{Reader, Reading, Record};
use super::tally::Tally;

/// Why nothing can be made of a text.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is nested too deep.
    #[error(transparent)]
    TooDeep(#[from] TooDeep),
    /// It is no JSON.
    #[error("no JSON")]
    Syntax(#[source] serde_json::Error),
}

/// The text of one JSON document, to be read as often as needed.
#[derive(Debug)]
pub struct Document<'t> {
    text: Cow<'t, str>,
    is_mended: bool,
}

impl<'t> Document<'t> {
    /// A document of this text, which is not read yet.
    ///
    /// # Errors
    /// [`TooDeep`]: the parser must not recurse into it.
    pub fn new(text: impl Into<Cow<'t, str>>) -> Result<Self, Unreadable> {
        let text = text.into();
        check_depth(text.as_bytes())?;
        Ok(Self { text, is_mended: false })
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.text.trim_ascii().is_empty()
    }

    /// Whether it is an array.
    pub fn is_array(&self) -> bool {
        self.text.trim_ascii_start().starts_with('[')
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        self.text.trim_ascii() == "null"
    }

    /// The document as one value; `None` for an empty one, null, and what the reader cannot make sense of.
    ///
    /// # Errors
    /// Text that is no JSON, even mended.
    pub fn read<R: Reader>(&mut self, tally: &mut Tally) -> Result<Option<R::Value>, Unreadable> {
        if self.is_empty() {
            return Ok(None);
        }
        self.strictly(tally, |text, tally| parse(text, Reading::<R>::new(tally)))
    }

    /// The document as a list of records: an array; one object alone; or either of them under `key` or under the
    /// only key. An empty document, null and the empty object hold none.
    ///
    /// # Errors
    /// Text that is no JSON, even mended.
    pub fn list<T: Record>(&mut self, key: &str, tally: &mut Tally) -> Result<Vec<T>, Unreadable> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        self.strictly(tally, |text, tally| parse(text, Listed::<T>::under(key, tally)))
    }

    /// The document in a type of serde's, such as a tree. An empty document is null.
    ///
    /// # Errors
    /// Text that is no JSON, even mended, or JSON that is not of this type.
    pub fn parse<T: DeserializeOwned>(&mut self, tally: &mut Tally) -> Result<T, Unreadable> {
        let null = self.is_empty().then_some("null");
        self.strictly(tally, |text, _| parse(null.unwrap_or(text), PhantomData))
    }

    /// Reads the text as it is, and once more mended if it is no JSON.
    fn strictly<T>(
        &mut self,
        tally: &mut Tally,
        read: impl Fn(&str, &mut Tally) -> Result<T, serde_json::Error>,
    ) -> Result<T, Unreadable> {
        let error = match read(&self.text, tally) {
            Ok(value) => return Ok(value),
            Err(error) if self.is_mended => return Err(Unreadable::Syntax(error)),
            Err(error) => error,
        };
        let Some(mended) = mend(&self.text, tally) else { return Err(Unreadable::Syntax(error)) };
        self.text = Cow::Owned(mended);
        self.is_mended = true;
        read(&self.text, tally).map_err(Unreadable::Syntax)
    }
}

/// One document and nothing behind it.
fn parse<'de, S: DeserializeSeed<'de>>(
    text: &'de str,
    seed: S,
) -> Result<S::Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = seed.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}
