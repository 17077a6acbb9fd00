//! Nimbus: its quota, and what is asked of it.

mod changes;
mod command;
mod config;
mod documented;
mod entra;
mod forecast;
mod journal;
mod known;
mod quota;
mod served;
mod signed;
mod wire;
