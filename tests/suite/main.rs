//! The suite.
mod simulator;
