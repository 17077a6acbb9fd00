//! The suite.

mod support;
mod wire_http;
mod wire_sse;
