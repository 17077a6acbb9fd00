//! Relays that share one floor over NATS.

mod floor;
mod outage;
