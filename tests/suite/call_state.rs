//! Telepo's call state: what is read, what it does to the floor, and how it is followed.

mod board;
mod crowd;
mod dialogs;
mod floor;
mod live;
mod presence;
mod refused;
mod shared;
mod vendor;
