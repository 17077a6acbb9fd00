//! When a figure is a warning, and when it is critical.

use serde::{Deserialize, Serialize};

/// How bad a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing to do.
    Ok,
    /// Look at it.
    Warning,
    /// Act.
    Critical,
}

impl Severity {
    /// The contract's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// The two limits of one figure. It rises into trouble, or falls into it where `critical < warning`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// A column of the queues table.
    pub column: &'static str,
    /// Where warning begins.
    pub warning: f64,
    /// Where critical begins.
    pub critical: f64,
}

/// Of calls that wait.
pub const WAITING: Threshold = Threshold { column: "waiting", warning: 1.0, critical: 3.0 };
/// Of the longest wait, seconds.
pub const LONGEST_WAIT: Threshold =
    Threshold { column: "longest_wait_s", warning: 31.0, critical: 60.0 };
/// Of agents who serve; fewer are worse.
pub const AGENTS_SERVING: Threshold =
    Threshold { column: "agents_serving", warning: 3.0, critical: 0.0 };

/// The limits that hold without any configuration.
pub const DEFAULTS: &[Threshold] = &[WAITING, LONGEST_WAIT, AGENTS_SERVING];

impl Threshold {
    /// How bad `value` is.
    pub fn severity(&self, value: f64) -> Severity {
        let reached = |limit: f64| {
            if self.critical < self.warning { value <= limit } else { value >= limit }
        };
        if reached(self.critical) {
            Severity::Critical
        } else if reached(self.warning) {
            Severity::Warning
        } else {
            Severity::Ok
        }
    }
}

/// How bad `value` is in `column`; `None` where the column has no limits.
pub fn severity(column: &str, value: f64) -> Option<Severity> {
    DEFAULTS.iter().find(|limit| limit.column == column).map(|limit| limit.severity(value))
}
