//! What the tests stand on.

pub mod centre;
pub mod desk;
pub mod hostile;
pub mod screen;
pub mod scripted;
