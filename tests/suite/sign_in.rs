//! Signing in as people do it: by the program, on a terminal and without one, and what a board makes of it.

mod board;
mod lines;
mod passing;
#[cfg(feature = "keyring")]
mod ring;
mod screen;
