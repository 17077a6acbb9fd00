//! A terminal supervisor dashboard for contact-centre queues.

pub mod clock;
pub mod command;
pub mod floor;
pub mod source;
pub mod text;
