//! Reports: the tables on standard output, made from the same columns as the board.

pub mod json;
pub mod text;
