//! Reading what others wrote: one set of readers for every vendor, every feed and every webhook.
//!
//! A vendor's answer may lack any field, spell its name in another way, or give it another type. Nothing of that is
//! fatal, and no field costs another one: what is not there is `None`; what is there but cannot be read is `None`
//! and counted by its field's name; what no record declares is counted by its name. See [`Tally`].
//!
//! # Layout
//!
//! - [`Body`] makes text of bytes, [`Document`] makes JSON of text and mends it where it is broken in one place.
//! - [`record!`](crate::record) declares what one JSON object holds. [`Record`], [`List`], [`Values`], [`Any`] and
//!   the [`Scalar`] readers say how a field is read: [`Count`], [`Whole`], [`Number`], [`Share`], [`Flag`], [`Id`],
//!   [`Guid`], [`Word`], [`Text`], [`Time`].
//!
//! # Declaring a record
//!
//! A field names its reader. Its type is `Option` of what the reader makes: `Option<u32>` for [`Count`],
//! `Option<Vec<Row>>` for `List<Row>`, `Option<Row>` for `Row`. Names are compared without case, `_` and `-`; a
//! field without a name after `=` goes by its own. `unused` lists what is known and not needed: it is not counted.
//!
//! ```
//! use floorwalker::record;
//! use floorwalker::transport::lenient::{Body, Count, Flag, Id, List, Tally, Text, Time, Values};
//!
//! record! {
//!     /// A queue, as the vendor sends it.
//!     pub struct Queue = "Queue" {
//!         pub id: Id,
//!         pub name: Text = "name" | "queueName",
//!         pub waiting: Count = "queueLength",
//!         pub is_open: Flag,
//!         pub changed: Time = "lastChange",
//!         pub numbers: Values<Text>,
//!         pub agents: List<Agent> = "agents",
//!     }
//!     unused: "type", "links";
//! }
//!
//! record! {
//!     /// An agent of a queue.
//!     pub struct Agent = "Agent" {
//!         pub name: Text,
//!     }
//! }
//!
//! let answer = br#"{"queue": {"ID": 7.0, "queueLength": NaN, "is_open": "1", "agents": {"name": "Ada"}}}"#;
//! let mut tally = Tally::default();
//! let queues: Vec<Queue> = Body::from(&answer[..]).list("queue", &mut tally)?;
//! assert_eq!(queues[0].id.as_deref(), Some("7"));
//! assert_eq!((queues[0].waiting, queues[0].is_open), (None, Some(true)));
//! assert_eq!(queues[0].agents.as_ref().map(Vec::len), Some(1));
//! assert!(tally.take().is_some_and(|(_, names)| names.contains("Queue.queueLength cannot be read")));
//! # Ok::<(), floorwalker::transport::lenient::Unreadable>(())
//! ```
//!
//! - A record that may also stand as text: `text: read_text;` behind the fields names a function that reads it.
//! - One object: `Body::read::<Queue>` is `None` for an empty body and for null.
//! - Several readings of one body, such as an event whose type says what else it holds: [`Document`].
//! - Two records of one object: a pair, `(Shared, Own)`, is a record too.
//! - A value that is no JSON, such as an XML attribute: `Count::parse(Given::Text(text))`.

mod body;
mod document;
mod fields;
mod guid;
#[cfg(test)]
pub(crate) mod law;
mod list;
mod mend;
mod record;
mod scalar;
mod tally;
mod time;
pub mod uri;

pub(crate) use body::declared;
pub use body::{Body, Decoded};
pub use document::{Document, Unreadable};
pub use fields::{Fields, from_float, items};
pub use guid::{Guid, Identity};
pub use list::{List, Values, one};
pub use record::{Any, At, Place, Reader, Record, fill, place};
pub use scalar::{
    Count, Flag, Given, Id, NotReadable, Number, Parsed, Scalar, Share, Text, Whole, Word,
};
#[doc(hidden)]
pub use serde::Deserializer;
pub use tally::Tally;
pub use time::{Stated, StatedTime, Time, time};
