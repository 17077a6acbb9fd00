//! A terminal supervisor dashboard for contact-centre queues.

pub mod action;
pub mod clock;
pub mod command;
pub mod event;
pub mod floor;
pub mod keymap;
pub mod report;
pub mod state;
pub mod table;
pub mod text;
pub mod theme;
pub mod threshold;
pub mod ui;
