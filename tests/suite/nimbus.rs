//! Nimbus: its quota, and what is asked of it.

mod quota;
