//! The receiving half: what vendors send of their own accord is stored first, answered then, and told last.
//!
//! `server` keeps the door, `auth` says who may enter, `webhook` takes an event in, `store` holds it on disk.

pub mod auth;
pub mod server;
pub mod store;
pub mod webhook;
