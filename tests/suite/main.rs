//! The suite.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at its first surprise")]

mod frames;
mod screens;
mod simulator;
mod support;
mod terminal;
mod wire_http;
mod wire_sse;
