//! The pane beside a table, on a screen that is wide enough for one.

use super::after;

#[test]
fn beside_a_row_it_stands_whole() {
    let down = "down ".repeat(3);
    for (keys, name) in [
        (format!("3 {down}down"), "call"),
        ("5 down".to_owned(), "callback"),
        ("6 down".to_owned(), "callback_list"),
        ("/ A s i a k enter down".to_owned(), "queue_with_calls"),
        ("/ A s i a k enter down enter".to_owned(), "calls_of_a_queue"),
    ] {
        insta::assert_snapshot!(name, after(keys.trim(), 160, 40).text());
    }
}
