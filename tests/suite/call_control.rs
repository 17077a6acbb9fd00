//! Acting on calls by the real source, against the simulated contact centre.

mod actions;
mod back;
mod own;
mod refusals;
mod scene;
