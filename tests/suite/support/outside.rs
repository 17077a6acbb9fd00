//! Programs of others that some tests need. Where one is missing, the test says so aloud and is over.

use std::io::Write as _;
use std::path::PathBuf;

/// Where a program is, or none; then it is said which test is not run for want of it.
///
/// The line goes past the capture of the test harness, which would keep it of a test that passes.
pub fn program(name: &str, test: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // A daemon is often outside of the path of those who may start it all the same.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    let found = folders.map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        skipped(test, &format!("there is no {name} on this machine"));
    }
    found
}

/// Says that a test is not run, and why.
#[expect(clippy::disallowed_methods, reason = "a test's own words")]
pub fn skipped(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}
