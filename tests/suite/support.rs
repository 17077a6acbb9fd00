//! What several subjects of the suite stand on.

pub mod centre;
pub mod screen;
