//! The byte guard of event streams: any bytes, cut anywhere, give the same events and never more than was sent.
#![no_main]

use floorwalker::transport::sse::guard::{Bounds, Guard};
use libfuzzer_sys::fuzz_target;

fn guarded<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, bool) {
    let mut guard = Guard::new(Bounds::STANDARD, None);
    let mut out = Vec::new();
    for chunk in chunks {
        if guard.push(chunk, &mut out).is_err() {
            return (out, false);
        }
    }
    (out, true)
}

fuzz_target!(|data: &[u8]| {
    let whole = guarded(std::iter::once(data));
    let bytes = guarded(data.chunks(1));
    assert_eq!(whole, bytes);
    assert!(std::str::from_utf8(&whole.0).is_ok());
});
