//! Documents of dialogs and presence: any text is read or refused, and what is read twice is the same.
#![no_main]

use floorwalker::floor::time::Moment;
use floorwalker::source::telepo::dialog::{self, Dialogs};
use floorwalker::source::telepo::{markup, pidf};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = markup::tree(text);
    let now = floorwalker::clock::wall();
    assert_eq!(pidf::read(text, now), pidf::read(text, now));
    if let Ok(document) = dialog::read(text) {
        let mut dialogs = Dialogs::default();
        dialogs.take(document.clone(), Moment::from_millis(1));
        if document.full {
            let before = dialogs.clone();
            dialogs.take(document, Moment::from_millis(1));
            assert_eq!(dialogs, before);
        }
        assert!(dialogs.iter().count() <= 256);
    }
});
