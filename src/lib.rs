//! A terminal supervisor dashboard for contact-centre queues: Telepo, Enreach and Nimbus on one board.
//!
//! # Layout
//!
//! A module uses only modules above it in this list; `tests/architecture.rs` holds it to that.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`text`] | vendor text, cleaned once; masking of numbers |
//! | [`private`] | files of the program's own |
//! | [`floor`] | everything known, per source: queues, agents, calls, callbacks, entries, links |
//! | [`metric`] | figures of service, from calls that were counted |
//! | [`clock`] | the only reader of time |
//! | [`operations`] | a change asked of a vendor, and what came of it |
//! | [`threshold`] | when a figure is a warning, and when it is critical |
//! | [`table`] | one `COLUMNS` list for each table |
//! | [`event`] | a fact that happened |
//! | [`action`], [`keymap`] | `ACTIONS`, the one declaration of keys; keys to actions |
//! | [`wall`] | what a wall shows, and how it turns its pages |
//! | [`state`] | the state and its one pure function, `State::apply` |
//! | [`theme`], [`ui`] | tones to colours; the state in cells |
//! | [`report`] | the tables as text and JSON, a screen as SVG |
//! | [`transport`] | HTTP, event streams, retry, quota, secrets, and lenient readers of what others wrote |
//! | [`source`] | the vendors' systems |
//! | [`simulator`] | a contact centre in miniature that serves the vendors' real wire |
//! | [`relay`] | one process that reads all sources and shares them with many boards |
//! | [`audit`], [`config`], [`memory`] | what was asked; the config file; what is remembered from run to run |
//! | [`terminal`], [`docs`] | the terminal's life; README parts |
//! | [`runtime`], [`cli`] | where everything meets; the command line |
//!
//! # Flow
//!
//! ```text
//!  sources: poll, stream      keys      clock, 1 Hz      finished commands
//!        └── SourceEvent ──┐    │            │                  │
//!                          ▼    ▼            ▼                  ▼
//!          bounded channel, keys first, drain, then at most one frame
//!                               │
//!                 State::apply(Stamped) -> Vec<Effect>        pure
//!                     │                        │
//!       ui::draw ─► Buffer ─► writer thread    Dispatcher ─► audit ─► Source::execute
//! ```
//!
//! # Rules
//!
//! - Unknown is not zero: a figure that a vendor does not give is `None`, shown as `–`, `null` in JSON.
//! - Old is not new: what is older than its limit is dimmed and says how old it is.
//! - Nothing acts without a question; a read-only floorwalker has no key, no dispatcher and no request for it.
//! - No vendor text reaches a terminal, a report or a log but as [`text::Shown`].

pub mod action;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod docs;
pub mod event;
pub mod floor;
pub mod keymap;
pub mod memory;
pub mod metric;
pub mod operations;
pub mod private;
pub mod relay;
pub mod report;
pub mod runtime;
pub mod simulator;
pub mod source;
pub mod state;
pub mod table;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod threshold;
pub mod transport;
pub mod ui;
pub mod wall;
