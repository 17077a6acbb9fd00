//! Acting on calls by the real source, against the simulated contact centre.

mod actions;
mod own;
mod refusals;
mod scene;
