//! The reader's time zone, and whether the one that is asked for is known.

use chrono::Local;
use tz::TimeZone;

use crate::clock::wall;
use crate::text::Shown;

/// What is said where `TZ` names a zone that is not known here; `None` where it does not.
pub fn complaint() -> Option<Shown> {
    let asked = std::env::var("TZ").ok()?;
    if is_known(&asked) {
        return None;
    }
    let offset = *wall().with_timezone(&Local).offset();
    Some(Shown::clean(&format!(
        "TZ={asked} is no time zone that is known here, so times are shown in UTC{offset}: set TZ to a name such as \
         Europe/Helsinki, or install tzdata"
    )))
}

/// Whether a value of `TZ` is a zone: nothing, a name, a file, or a rule of POSIX. UTC needs no database.
fn is_known(asked: &str) -> bool {
    let name = asked.strip_prefix(':').unwrap_or(asked);
    name.is_empty()
        || matches!(name, "UTC" | "Etc/UTC" | "UCT" | "Zulu" | "GMT" | "Etc/GMT" | "Universal")
        || TimeZone::from_posix_tz(asked).is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn a_name_or_a_rule_of_posix_is_a_zone() {
        for zone in ["", "UTC", ":UTC", "EET-2EEST,M3.5.0/3,M10.5.0/4", "<+03>-3", "JST-9"] {
            assert!(is_known(zone), "{zone:?}");
        }
    }

    #[test]
    fn a_word_that_names_no_zone_is_not_known() {
        for zone in ["Europe/Helsinky", "Nowhere", ":Mars/Base", "12:00", "/etc/passwd", "EET-99"] {
            assert!(!is_known(zone), "{zone:?}");
        }
    }
}
