//! Acting on calls by the real source, against the simulated contact centre.

mod actions;
pub mod back;
mod own;
mod refusals;
mod requests;
pub mod scene;
