//! When a figure is a warning, and when it is critical.

use serde::{Deserialize, Serialize};

/// How bad a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Ok,
    Warning,
    Critical,
}

impl Severity {
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
    pub warning: f64,
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

/// Of e-mails and external tasks that wait. Nobody is on a line, so that they are never critical by themselves.
pub const BACKLOG: Threshold =
    Threshold { column: "backlog", warning: 25.0, critical: f64::INFINITY };
/// Of the oldest of them, seconds: four hours.
pub const OLDEST_BACKLOG: Threshold =
    Threshold { column: "oldest_backlog_s", warning: 14_400.0, critical: f64::INFINITY };
/// Of outbound tasks that wait for an agent; never critical for the same reason.
pub const OUTBOUND_WAITING: Threshold =
    Threshold { column: "outbound_waiting", warning: 25.0, critical: f64::INFINITY };

/// The limits that hold without any configuration.
pub const DEFAULTS: &[Threshold] =
    &[WAITING, LONGEST_WAIT, AGENTS_SERVING, BACKLOG, OLDEST_BACKLOG, OUTBOUND_WAITING];

impl Threshold {
    /// How far `value` is beyond the limit that it reached, as a ratio of at least 1; nothing where it reached none.
    pub fn beyond(&self, value: f64) -> f64 {
        let limit = match self.severity(value) {
            Severity::Critical => self.critical,
            Severity::Warning => self.warning,
            Severity::Ok => return 0.0,
        };
        // A figure that falls into trouble may reach nought, and so may a limit.
        match self.critical < self.warning {
            true => (limit + 1.0) / (value + 1.0).max(f64::MIN_POSITIVE),
            false if limit > 0.0 => value / limit,
            false => value + 1.0,
        }
    }

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
