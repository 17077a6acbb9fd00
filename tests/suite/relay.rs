//! The relay: one floor for many boards.

mod access;
mod boards;
mod clocks;
mod commands;
mod crowd;
mod disk;
mod hub;
pub mod process;
mod reload;
mod whole;
mod written;
