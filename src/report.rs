//! What is printed or written instead of drawn.

pub mod svg;
