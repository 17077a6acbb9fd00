//! The suite.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at its first surprise")]

mod call_control;
mod call_state;
mod capability;
mod events;
mod formats;
mod frames;
mod groups;
mod hygiene;
mod keys;
mod laws;
mod matrix;
#[cfg(feature = "nats")]
mod nats;
mod nimbus;
mod people;
mod reach;
mod reducer;
mod relay;
mod safety;
mod screens;
mod sign_in;
mod simulator;
mod sources_map;
mod support;
mod tables;
mod tasks;
mod terminal;
mod themes;
mod wall;
mod webhooks;
mod wire_http;
mod wire_sse;
