//! What a terminal sends: cut anywhere, it means the same, and a paste never becomes keys.
#![no_main]

use floorwalker::terminal::Decoder;
use libfuzzer_sys::fuzz_target;

fn decoded<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    for chunk in chunks {
        decoder.feed(chunk, |event| events.push(format!("{event:?}")));
    }
    events
}

fuzz_target!(|data: &[u8]| {
    assert_eq!(decoded(std::iter::once(data)), decoded(data.chunks(1)));
});
