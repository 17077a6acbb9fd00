//! Whatever a vendor sends as text: it cannot command the terminal, hide, or push its neighbours aside.

mod clean;
mod exports;
mod masked;
mod reports;
pub mod screens;
mod terminal;
pub mod vendors;
