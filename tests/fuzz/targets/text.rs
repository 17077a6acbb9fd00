//! Vendor text: clean is clean, cleaning twice is cleaning once, and a masked number has at most five digits.
#![no_main]

use floorwalker::text::Shown;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let once = Shown::clean(data);
    assert_eq!(Shown::clean(&once), once);
    assert!(!once.chars().any(char::is_control));
    let masked = once.masked();
    assert_eq!(Shown::clean(&masked), masked);
});
