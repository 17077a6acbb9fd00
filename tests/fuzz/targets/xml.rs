//! The documents of the queue-statistics stream: any text is read or refused.
#![no_main]

use std::collections::BTreeMap;

use floorwalker::transport::lenient::Tally;
use floorwalker::source::telepo::xml::{Names, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let _ = read(data, &Names::new(&BTreeMap::new()), &mut Tally::default());
});
