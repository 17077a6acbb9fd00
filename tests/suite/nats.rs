//! Relays that share one floor over NATS.

mod config;
mod floor;
mod large;
mod offers;
mod outage;
