//! A terminal supervisor dashboard for contact-centre queues.

pub mod action;
pub mod clock;
pub mod command;
pub mod config;
pub mod event;
pub mod floor;
pub mod keymap;
pub mod simulator;
pub mod source;
pub mod state;
pub mod table;
pub mod text;
pub mod threshold;
