//! What the kernel tells of a process.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::Pid;

/// A process at one moment.
#[derive(Clone, Copy)]
pub struct Sample {
    /// Resident memory, KiB.
    pub resident: f64,
    /// Processor time so far, seconds: of its threads, and of the children that it has waited for.
    pub processor: f64,
    /// How often a thread gave the processor up or lost it.
    pub switches: f64,
    /// Open descriptors.
    pub descriptors: f64,
    /// Threads.
    pub threads: f64,
}

impl Sample {
    /// The process now.
    pub fn of(pid: Pid) -> Self {
        let root = format!("/proc/{}", pid.as_raw_nonzero());
        let root = Path::new(&root);
        let resident = number(&text(root, "status"), "VmRSS:");
        let (mut nanos, mut switches, mut threads) = (0.0, 0.0, 0.0);
        for task in fs::read_dir(root.join("task")).unwrap() {
            let task = task.unwrap().path();
            let status = text(&task, "status");
            switches += number(&status, "voluntary_ctxt_switches:");
            switches += number(&status, "nonvoluntary_ctxt_switches:");
            nanos += first(&text(&task, "schedstat"));
            threads += 1.0;
        }
        // Children are counted in hundredths of a second, since they are gone.
        let stat = text(root, "stat");
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        let ticks = |field: usize| fields[field].parse::<f64>().unwrap();
        let processor = nanos / 1e9 + (ticks(13) + ticks(14)) / 100.0;
        let descriptors = fs::read_dir(root.join("fd")).unwrap().count();
        let descriptors = f64::from(u32::try_from(descriptors).unwrap());
        Self { resident, processor, switches, descriptors, threads }
    }
}

/// A file of a process; empty where the thread has just ended.
fn text(root: &Path, name: &str) -> String {
    fs::read_to_string(root.join(name)).unwrap_or_default()
}

fn first(text: &str) -> f64 {
    text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0.0)
}

fn number(text: &str, key: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    first(line.unwrap_or_default())
}

/// A counter of the system calls of a process.
pub struct Calls(Child);

impl Calls {
    /// Counts for so many seconds; `None` where perf is not installed.
    pub fn count(pid: Pid, seconds: u64) -> Option<Self> {
        let child = Command::new("perf")
            .args(["stat", "-x,", "-e", "raw_syscalls:sys_enter", "-p"])
            .arg(pid.as_raw_nonzero().to_string())
            .args(["--", "sleep", &seconds.to_string()])
            .stderr(Stdio::piped())
            .spawn();
        child.ok().map(Self)
    }

    /// How many there were; `None` where perf may not look.
    pub fn end(self) -> Option<f64> {
        let output = self.0.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        let line = text.lines().find(|line| line.contains("raw_syscalls"))?;
        line.split(',').next()?.parse().ok()
    }
}

/// Whether a program can be started by its name.
pub fn is_installed(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}
