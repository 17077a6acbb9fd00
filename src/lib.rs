//! A terminal supervisor dashboard for contact-centre queues.

pub mod clock;
pub mod floor;
pub mod simulator;
