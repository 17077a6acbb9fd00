//! The program as it is installed, on a terminal, beside others that run there: what it costs to have it open.
//!
//! ```text
//! cargo bench --bench soak -- idle  [--seconds 60]    S2, S3, S4, S6: at rest, beside htop and btop
//! cargo bench --bench soak -- peers [--seconds 20]    S9, S13: under load; against watch 'curl | jq | column'
//! cargo bench --bench soak -- stall [--seconds 30]    S11: a terminal that is not read
//! cargo bench --bench soak -- soak  [--seconds 3600]  S12: memory over a long time at 10,000 events a second
//! cargo bench --bench soak -- first                   S1: until the first whole frame
//! ```
//!
//! Processor time is what `/proc/PID/task/*/schedstat` tells, memory what `status` does, wake-ups are the
//! switches of all threads, system calls are counted by perf. What is not installed is said and left out.
//! Everything that is compared runs at the same time, or turn by turn. The servers are in this process, the
//! simulators in their own.

#![expect(clippy::unwrap_used, reason = "a bench ends at its first surprise")]
#![expect(clippy::print_stderr, reason = "what cannot be measured here is said")]

use std::ops::RangeInclusive;

use crate::figure::Figure;

mod clock;
mod figure;
#[path = "soak/load.rs"]
mod load;
#[path = "soak/process.rs"]
mod process;
mod program;
#[path = "soak/rest.rs"]
mod rest;
#[path = "soak/sides.rs"]
mod sides;
mod telepo;

/// A figure with its unit.
type Value<'a> = (f64, &'a str);

fn tell(
    goal: &str,
    name: &str,
    of: &str,
    floor: &str,
    (value, unit): Value<'_>,
    bound: Option<RangeInclusive<f64>>,
) {
    Figure { goal, name, of, floor, value, unit, bound }.tell();
}

fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let seconds = |standard| match given.as_slice() {
        [_, "--seconds", seconds] => seconds.parse().unwrap(),
        _ => standard,
    };
    match given.first() {
        Some(&"idle") => rest::idle(home, seconds(60)),
        Some(&"peers") => rest::peers(home, seconds(20)),
        Some(&"stall") => load::stall(home, seconds(30)),
        Some(&"soak") => load::soak(home, seconds(3_600)),
        Some(&"first") => load::first(home),
        _ => eprintln!("one of: idle peers stall soak first"),
    }
}
