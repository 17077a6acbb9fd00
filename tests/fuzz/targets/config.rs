//! The config file: any text is a config or a list of complaints, each with a line that there is.
#![no_main]

use floorwalker::config::Config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    if let Err(complaints) = Config::parse(data, false) {
        assert!(!complaints.is_empty());
        let lines = data.lines().count().max(1) + 1;
        assert!(complaints.iter().all(|own| own.line.is_none_or(|line| (1..=lines).contains(&line))));
    }
});
