//! Relays that share one floor over NATS.

mod config;
mod floor;
mod offers;
mod outage;
