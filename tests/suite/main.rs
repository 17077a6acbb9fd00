//! The suite.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at its first surprise")]

mod frames;
mod hygiene;
mod keys;
mod laws;
mod reducer;
mod screens;
mod simulator;
mod sources_map;
mod support;
mod tables;
mod terminal;
mod wall;
mod wire_http;
mod wire_sse;
