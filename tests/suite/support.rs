//! What the tests stand on.

pub mod board;
pub mod calls;
pub mod centre;
pub mod desk;
pub mod enreach;
pub mod eyes;
pub mod fixtures;
pub mod grammar;
pub mod hostile;
#[cfg(feature = "nats")]
pub mod nats;
pub mod nimbus;
pub mod outside;
pub mod pty;
pub mod reception;
pub mod relay;
pub mod screen;
pub mod scripted;
pub mod spoilt;
pub mod tenant;
pub mod town;

/// How often a law is tried. What is found becomes a test of its own, not a file of seeds.
pub fn cases(cases: u32) -> proptest::test_runner::Config {
    proptest::test_runner::Config { cases, failure_persistence: None, ..Default::default() }
}
