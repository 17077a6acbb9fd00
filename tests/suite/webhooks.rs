//! Webhooks, from the vendor's POST to the floor.

mod bodies;
mod door;
mod kill;
mod once;
mod store;
mod token;
