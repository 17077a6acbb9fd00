//! The relay: one floor for many boards.

mod access;
mod boards;
mod clocks;
mod commands;
mod crowd;
mod disk;
mod hub;
mod places;
pub mod process;
mod reload;
mod secrets;
mod units;
mod whole;
mod written;
