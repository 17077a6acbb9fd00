//! The simulated contact centre: a small floor that serves the vendors' real wire over loopback.
//!
//! It is not a source. A [`centre`] lives by itself, and three faces show it as the vendors do:
//! `/telepo/api`, `/enreach` and `/nimbus` on one listener. The real sources connect to them, in
//! the demo and in tests alike.

pub mod centre;
pub mod scenario;
