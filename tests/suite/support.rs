//! What the tests stand on.

pub mod centre;
pub mod pty;
pub mod screen;
pub mod scripted;
