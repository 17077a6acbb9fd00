//! The simulated contact centre and the wire that it serves.

mod calllog;
mod floor;
mod large;
mod wire;
