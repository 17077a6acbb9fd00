//! The process as a job of a shell: whether it can be stopped, and that it never leaves a core.

use rustix::process::{
    Pid, Resource, Rlimit, Signal, getpgid, getpgrp, getppid, getsid, kill_current_process_group,
    kill_process, setrlimit,
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
    let (Ok(session), group) = (getsid(None), getpgrp()) else { return false };
    let mut ancestor = getppid();
    while let Some(pid) = ancestor {
        if getsid(Some(pid)) != Ok(session) {
            return false;
        }
        if getpgid(Some(pid)) != Ok(group) {
            return true;
        }
        ancestor = parent_of(pid);
    }
    false
}

/// The parent of another process, where the system tells it.
fn parent_of(pid: Pid) -> Option<Pid> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // The second field, the name in parentheses, may hold anything; state and parent follow the last one.
    let (_, behind) = stat.rsplit_once(')')?;
    let parent = behind.split_whitespace().nth(1)?.parse().ok()?;
    Pid::from_raw(parent)
}
