//! The vendors' JSON: any answer is read, what makes no sense is left out.
#![no_main]

use floorwalker::floor::time::Moment;
use floorwalker::transport::lenient::{Body, Tally};
use floorwalker::source::{enreach, nimbus, telepo};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    typed(data);
    let mut tally = Tally::default();
    let at = Moment::default();
    let mut tables = telepo::map::Tables::new("example.com", std::collections::BTreeMap::new());
    tables.asked();
    for statistic in telepo::wire::queue_statistics(data, &mut tally).unwrap_or_default() {
        tables.streamed(statistic, at);
    }
    tables.answered(telepo::wire::queue_statistics(data, &mut tally).unwrap_or_default(), at);
    tables.answered(telepo::wire::group_summaries(data, &mut tally).unwrap_or_default(), at);
    tables.grouped(telepo::wire::groups(data, &mut tally).unwrap_or_default(), at);
    let mut log = telepo::calllog::Log::default();
    log.replace(telepo::calllog::page(data, &mut tally).unwrap_or_default().items, true);
    log.measured(floorwalker::clock::wall());
    if let Ok(Some(calls)) = telepo::state::user_calls(data, &mut tally) {
        assert!(calls.calls.iter().all(|call| !call.call_id.is_empty()));
    }
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    nimbus::wire::entries(&value, "entries", "service", at, &mut tally);
});

/// What is read without a tree.
fn typed(data: &[u8]) {
    let (body, at, mut tally) = (Body::from(data), Moment::default(), Tally::default());
    let _ = enreach::wire::callback_lists(body.clone(), at, &mut tally);
    let _ = enreach::wire::descriptions(body.clone());
    let _ = enreach::wire::discovered(body);
}
