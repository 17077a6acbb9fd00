//! Enreach's eighty events: how they are read, and what each of them does to the floor.

mod clocks;
mod counted;
mod effects;
mod floor;
mod laws;
mod legs;
mod story;
mod wire;
