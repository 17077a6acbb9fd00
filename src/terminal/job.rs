//! The process as a job of a shell: whether it can be stopped, and that it never leaves a core.

use std::num::NonZeroU32;

use rustix::process::{
    Resource, Rlimit, Signal, kill_current_process_group, kill_process, setrlimit,
};

/// No core file and no look into the memory from outside: it holds the vendors' tokens. A system that refuses
/// is left as it is.
pub fn no_core_dumps() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Stops this process; the one who asked from outside will continue it.
pub(super) fn stop_self() {
    let _ = kill_process(rustix::process::getpid(), Signal::STOP);
}

/// Stops the whole job, as the suspend key does in a shell.
pub(super) fn stop_job() {
    let _ = kill_current_process_group(Signal::STOP);
}

/// Whether a shell waits behind this job that could continue it. Without one, in a terminal opened for this
/// program alone, a stopped job would stay stopped for ever; the system itself ignores the suspend key there.
pub(super) fn has_shell() -> bool {
    let Some(own) = Place::of("self") else { return false };
    let mut ancestor = own.parent;
    while let Some(place) = ancestor.and_then(|pid| Place::of(&pid.to_string())) {
        if place.session != own.session {
            return false;
        }
        if place.group != own.group {
            return true;
        }
        ancestor = place.parent;
    }
    false
}

/// Where a process stands among the others. What is outside of this process's view (another namespace) has
/// no number: the system tells 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    parent: Option<NonZeroU32>,
    group: Option<NonZeroU32>,
    session: Option<NonZeroU32>,
}

impl Place {
    /// The place of `process`, where the system tells it: proc(5).
    fn of(process: &str) -> Option<Self> {
        Self::told(&std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
    }

    /// The place as `/proc/PID/stat` tells it: number, name in parentheses, state, parent, group, session.
    fn told(stat: &str) -> Option<Self> {
        // The name may hold anything, so what is read stands behind its last parenthesis.
        let (_, behind) = stat.rsplit_once(')')?;
        let mut numbers = behind.split_whitespace().skip(1).map(|word| word.parse::<u32>().ok());
        let mut next = || numbers.next().flatten().map(NonZeroU32::new);
        Some(Self { parent: next()?, group: next()?, session: next()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_behind_whatever_name_a_process_has() {
        let place = Place::told("7 (a) b (c)) S 3 7 2 34816 7 4194304").expect("a place");
        let number = NonZeroU32::new;
        assert_eq!(place, Place { parent: number(3), group: number(7), session: number(2) });
    }

    #[test]
    fn what_is_outside_of_the_own_view_has_no_number() {
        let place = Place::told("1 (init) S 0 0 0 0 -1 4194560").expect("a place");
        assert_eq!(place, Place { parent: None, group: None, session: None });
    }

    #[test]
    fn what_is_no_place_is_none() {
        for text in ["", "7", "7 (sh)", "7 (sh) S", "7 (sh) S 1 x 2", "7 (sh) S 1 -7 2"] {
            assert_eq!(Place::told(text), None, "{text}");
        }
    }
}
