//! The scales: two things weighed against each other in the same run, turn by turn.
//!
//! A machine that is shared slows both down alike, so only what one costs of the other is told, never a time.
//! That is also why these benches bring their own loop: criterion weighs one thing at a time, one after the
//! other, and tells times.

use crate::clock::now;

/// Turns; the middle one counts.
const TURNS: usize = 11;

/// How many times the time of `floor` that of `ours` is: the median of the turns. `prepare` makes what each of
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
        let start = now();
        floor(for_floor);
        let middle = now();
        ours(for_ours);
        let whole = middle.elapsed().as_secs_f64() / (middle - start).as_secs_f64();
        if turn > 0 {
            turns.push(whole);
        }
    }
    median(turns)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
