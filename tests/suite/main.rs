//! The suite.

mod screens;
mod support;
