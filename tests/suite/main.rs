//! The suite.

mod frames;
mod support;
mod terminal;
