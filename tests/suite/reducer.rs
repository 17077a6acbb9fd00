//! What keys and facts do to the board.

mod callbacks;
mod commands;
mod contacts;
mod control;
mod filter;
mod form;
mod presence;
mod questions;
mod read_only;
mod same_again;
mod screen;
mod selection;
