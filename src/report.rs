//! Reports: the tables on standard output, made from the same columns as the board, and pictures of a screen.

pub mod csv;
pub mod json;
pub mod markdown;
pub mod openmetrics;
pub mod svg;
pub mod text;
pub mod totals;
