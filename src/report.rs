//! Reports: the tables on standard output, made from the same columns as the board, and pictures of a screen.

pub mod json;
pub mod svg;
pub mod text;
