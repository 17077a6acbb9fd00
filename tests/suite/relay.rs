//! The relay: one floor for many boards.

mod access;
mod boards;
mod clocks;
mod commands;
mod crowd;
mod hub;
mod process;
mod reload;
