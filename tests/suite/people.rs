//! Telepo's people: callers to be called back, presence and tickets, against the simulated system.

mod callbacks;
mod licences;
mod merged;
mod presence;
mod tickets;
