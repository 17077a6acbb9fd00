//! The scales: two things weighed against each other in the same run, turn by turn.
//!
//! What is weighed is the processor time of this process, so that others on the machine count as little as they
//! can, and only what one costs of the other is told, never a time. That is also why these benches bring their
//! own loop: criterion weighs one thing at a time, one after the other, and tells times.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Turns; the middle one counts.
const TURNS: usize = 11;

/// How many times the cost of `floor` that of `ours` is: the median of the turns. `prepare` makes what each of
/// them uses up, and is not weighed.
pub fn ratio<F, O>(
    mut prepare: impl FnMut() -> (F, O),
    mut floor: impl FnMut(F),
    mut ours: impl FnMut(O),
) -> f64 {
    let mut turns = Vec::new();
    // The first turn warms both up.
    for turn in 0..=TURNS {
        let (for_floor, for_ours) = prepare();
        let start = spent();
        floor(for_floor);
        let middle = spent();
        ours(for_ours);
        let end = spent();
        if turn > 0 {
            turns.push((end - middle) / (middle - start));
        }
    }
    median(turns)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// The processor time that this process has used, seconds.
pub fn spent() -> f64 {
    let time: Duration = clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap();
    time.as_secs_f64()
}
