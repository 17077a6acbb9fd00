//! Nimbus's tasks: what events make of them, how they come in, and what the board shows.

pub mod asked;
mod config;
mod door;
mod entries;
mod external;
mod laws;
mod path;
mod people;
mod services;
pub mod shown;
mod triggers;
mod waiting;
mod words;
