//! A figure as one line of JSON.

#![expect(clippy::print_stdout, reason = "figures are what a bench is for")]

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// What was measured, against what, and what it has to be.
pub struct Figure<'a> {
    /// The row of the goals that it belongs to; empty where none does.
    pub goal: &'a str,
    /// Its name.
    pub name: &'a str,
    /// What was measured.
    pub of: &'a str,
    /// What it is measured against, in the same run; empty for a count.
    pub floor: &'a str,
    /// The figure.
    pub value: f64,
    /// What it is a number of: `ratio`, or a unit.
    pub unit: &'a str,
    /// Where it has to lie, from 0 where only the upper end counts; `None` where it is only told.
    pub bound: Option<RangeInclusive<f64>>,
}

impl Figure<'_> {
    /// Prints it.
    pub fn tell(&self) {
        let mut line = Map::new();
        let texts = [("goal", self.goal), ("figure", self.name), ("of", self.of)];
        for (key, text) in texts.into_iter().chain([("floor", self.floor)]) {
            if !text.is_empty() {
                line.insert(key.into(), text.into());
            }
        }
        line.insert(self.unit.into(), rounded(self.value));
        if let Some(bound) = &self.bound {
            let low = *bound.start() > 0.0;
            if low {
                line.insert("at_least".into(), (*bound.start()).into());
            }
            if bound.end().is_finite() {
                line.insert("at_most".into(), (*bound.end()).into());
            }
            let holds = self.value <= *bound.end() && (!low || self.value >= *bound.start());
            line.insert("holds".into(), holds.into());
        }
        println!("{}", Value::Object(line));
    }
}

/// Three digits behind the point are enough for anybody.
fn rounded(value: f64) -> Value {
    ((value * 1_000.0).round() / 1_000.0).into()
}
