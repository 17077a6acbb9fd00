//! Webhooks, from the vendor's POST to the floor.

mod bodies;
mod coded;
mod config;
mod door;
mod here;
mod kill;
mod once;
mod refused;
mod simulated;
pub mod store;
mod token;
mod unreadable;
