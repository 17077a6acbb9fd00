//! What keys and facts do to the board.

mod commands;
mod filter;
mod form;
mod questions;
mod read_only;
mod screen;
mod selection;
