//! The simulated contact centre and the wire that it serves.

mod floor;
mod large;
mod wire;
