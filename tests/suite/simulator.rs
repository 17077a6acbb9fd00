//! The simulated contact centre and the wire that it serves.

mod calllog;
mod documents;
mod floor;
mod large;
mod wire;
