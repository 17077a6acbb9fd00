//! Nimbus: its quota, and what is asked of it.

mod documented;
mod quota;
mod served;
mod wire;
