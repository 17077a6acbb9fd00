//! Every action that reaches the floor: asked once, sent once, about whom it was asked, and written down before.

mod floor;
mod hands;
mod ids;
mod kill;
mod lost;
mod operations;
