//! A terminal supervisor dashboard for contact-centre queues.

pub mod action;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod command;
pub mod config;
pub mod event;
pub mod floor;
pub mod keymap;
pub mod report;
pub mod runtime;
pub mod simulator;
pub mod source;
pub mod state;
pub mod table;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod threshold;
pub mod ui;
