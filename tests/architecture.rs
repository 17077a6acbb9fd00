//! The house: arrows one way, files that one can read, no rooms that hold everything.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every module of the crate, lowest first: a module uses only those above it in this list.
const ORDER: [&str; 29] = [
    "text",
    "private",
    "floor",
    "metric",
    "clock",
    "operations",
    "threshold",
    "table",
    "event",
    "action",
    "keymap",
    "wall",
    "state",
    "theme",
    "ui",
    "report",
    "transport",
    "source",
    "simulator",
    "relay",
    "audit",
    "memory",
    "config",
    "terminal",
    "docs",
    "runtime",
    "cli",
    "lib",
    "main",
];

/// Names of rooms that end up holding everything.
const BANNED: [&str; 6] = ["utils", "util", "common", "helpers", "types", "manager"];

fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found.sort();
    assert!(found.len() > 50, "the sources were not found");
    found
}

fn within(path: &Path) -> &Path {
    path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap()
}

/// The top-level module that a file belongs to.
fn module(path: &Path) -> String {
    let first = within(path).components().next().unwrap();
    first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// The top-level modules that a text uses.
fn used(text: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for rest in line.split("crate::").skip(1).chain(line.split("floorwalker::").skip(1)) {
            let names = rest.trim_start_matches('{');
            let name: String =
                names.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if name.chars().next().is_some_and(char::is_lowercase) {
                modules.insert(name);
            }
        }
    }
    modules
}

#[test]
fn a_module_uses_only_modules_below_it() {
    let rank = |name: &str| ORDER.iter().position(|known| *known == name);
    let mut wrong = Vec::new();
    for path in sources() {
        let own = module(&path);
        let own_rank = rank(&own).unwrap_or_else(|| panic!("{own} is not in the order"));
        for other in used(&fs::read_to_string(&path).unwrap()) {
            if rank(&other).is_some_and(|other_rank| other_rank > own_rank) {
                wrong.push(format!("{} uses {other}", within(&path).display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_module_of_the_order_is_there() {
    let there: BTreeSet<String> = sources().iter().map(|path| module(path)).collect();
    let listed: BTreeSet<String> = ORDER.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(there, listed);
}

#[test]
fn a_file_holds_one_concept_and_stays_under_eight_hundred_lines() {
    let long: Vec<String> = sources()
        .iter()
        .map(|path| (path, fs::read_to_string(path).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > 800)
        .map(|(path, lines)| format!("{} has {lines} lines", within(path).display()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn no_file_is_called_mod_and_no_module_holds_everything() {
    for path in sources() {
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert_ne!(name, "mod", "{}", path.display());
        assert!(!BANNED.contains(&name), "{}", path.display());
    }
}

#[test]
fn only_the_clock_reads_the_time() {
    let readers = ["Instant::now()", "SystemTime::now()", "Utc::now()", "Local::now()"];
    for path in sources().iter().filter(|path| module(path) != "clock") {
        let text = fs::read_to_string(path).unwrap();
        for reader in readers {
            assert!(!text.contains(reader), "{} reads the time by {reader}", path.display());
        }
    }
}

#[test]
fn the_main_file_stays_thin() {
    let main = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/main.rs"));
    assert!(main.unwrap().lines().count() <= 60);
}
