//! What a terminal sends: whatever comes in one read is at most one key that writes, and after a pause keys work.
#![no_main]

use floorwalker::event::{Event, Key, Press};
use floorwalker::terminal::Decoder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (mut decoder, mut written) = (Decoder::default(), 0);
    let prints = |event: &Event| {
        matches!(event, Event::Key(Press { key: Key::Char(_), ctrl: false, alt: false }))
    };
    decoder.feed(data, |event| written += usize::from(prints(&event)));
    assert!(written <= 1);
    for byte in data {
        decoder.feed(&[*byte], |_| {});
    }
    while decoder.patience().is_some() {
        decoder.settle(|_| {});
    }
    let mut events = Vec::new();
    decoder.feed(b"j", |event| events.push(event));
    assert_eq!(events, [Event::Key(Press::char('j'))]);
});
