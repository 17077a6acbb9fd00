//! Everything known about the floor, per source.

pub mod time;
