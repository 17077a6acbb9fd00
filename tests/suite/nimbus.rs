//! Nimbus: its quota, and what is asked of it.

mod calls;
mod changes;
mod command;
mod config;
mod documented;
mod entra;
mod forecast;
mod journal;
mod known;
mod quota;
mod refused;
mod served;
mod signed;
mod wire;
