//! Numbers of people: in every way in which people write them, no more than three digits in a row are left.

use std::net::Ipv4Addr;

use floorwalker::audit::Audit;
use floorwalker::operations::{Command, CommandId, Outcome, Request};
use floorwalker::text::Shown;
use proptest::prelude::*;

use crate::support::cases;
use crate::support::desk;

fn masked(text: &str) -> String {
    floorwalker::text::masked(text).into_owned()
}

/// The longest run of digits.
fn longest_run(text: &str) -> usize {
    text.split(|c: char| !c.is_numeric()).map(|run| run.chars().count()).max().unwrap_or(0)
}

/// How people and systems write one number.
const FORMATS: usize = 12;

fn written(format: usize, digits: &str) -> String {
    let groups = |sign: &str| {
        let chars: Vec<char> = digits.chars().collect();
        let parts: Vec<String> = chars.chunks(3).map(|part| part.iter().collect()).collect();
        parts.join(sign)
    };
    match format {
        0 => format!("+{digits}"),
        1 => digits.to_owned(),
        2 => format!("sip:{digits}@pbx.example.com"),
        3 => format!("tel:+{digits}"),
        4 => format!("+{}", groups(" ")),
        5 => groups("\u{a0}"),
        6 => groups("-"),
        7 => format!("({}) {}", &digits[..3], &digits[3..]),
        8 => groups("."),
        9 => groups("\u{2011}"),
        10 => groups("\u{200e}"),
        _ => groups("\t"),
    }
}

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn no_number_shows_more_than_three_digits_in_a_row(
        digits in "[0-9]{6,15}", format in 0..FORMATS,
        before in "[a-zäö,:;(\"]{0,6}[ :]", after in "[ ,;)\"]([a-zäö]{5,6})?",
    ) {
        // `v 100.000` is a version.
        prop_assume!(format != 8 || !before.trim_end_matches([' ', ':']).ends_with('v'));
        let number = written(format, &digits);
        // `100.100.100.0` is an address.
        prop_assume!(number.parse::<Ipv4Addr>().is_err());
        let note = format!("{before}{number}{after}");
        let shown = Shown::clean(&note).masked();
        prop_assert!(longest_run(&shown) <= 3, "{:?} became {:?}", note, shown);
        prop_assert!(shown.contains('…'), "{:?} says that something is hidden", shown);
        let kept: String = shown.chars().filter(|c| c.is_numeric()).collect();
        let ends = format!("{}{}", &digits[..3], &digits[digits.len() - 2..]);
        prop_assert_eq!(kept, if digits.len() < 8 { String::new() } else { ends });
        let words = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
        prop_assert_eq!(words(&shown), words(&Shown::clean(&note)), "words stay");
    }

    #[test]
    fn to_mask_twice_is_to_mask_once(text in "[0-9 +.()a-z-]{0,40}") {
        prop_assert_eq!(masked(&masked(&text)), masked(&text));
    }

    #[test]
    fn two_numbers_in_one_note_are_both_masked(a in "[0-9]{7,12}", b in "[0-9]{7,12}") {
        let note = masked(&format!("call +{a}, not {b}"));
        prop_assert!(longest_run(&note) <= 3, "{}", note);
        prop_assert_eq!(note.matches('…').count(), 2, "{}", note);
    }

    #[test]
    fn text_without_a_number_stays(text in "([a-zåäö]{1,8}[ ,.]){0,4}[0-9]{0,5}") {
        prop_assert_eq!(masked(&text), text);
    }
}

#[test]
fn digits_of_other_scripts_are_digits() {
    for number in ["０４０１２３４５６７", "٠٤٠١٢٣٤٥٦٧", "०४०१२३४५६७"]
    {
        assert!(longest_run(&masked(number)) <= 3, "{}", masked(number));
    }
}

#[test]
fn marks_between_digits_do_not_hide_a_number() {
    let number: String = "0401234567".chars().flat_map(|c| [c, '\u{301}']).collect();
    let shown = Shown::clean(&number).masked();
    let digits = shown.chars().filter(char::is_ascii_digit).count();
    assert!(digits <= 5, "{shown}");
}

#[test]
fn short_figures_stay() {
    for text in ["room 12", "queue 4711", "12345", "3 of 4", "14:05", "v1.2.3", "ticket 99/7"] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn the_audit_log_masks_whom_a_call_is_for_and_what_the_vendor_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.jsonl");
    let audit = Audit::open(&path).unwrap();
    let command = Command {
        id: CommandId(1),
        source: "nimbus".into(),
        request: Request::RemoveEntry { entry: "5b0e7a10-0001".into() },
        target: Shown::clean("+44 20 7946 0112"),
        place: Shown::clean("outbound@contoso.example"),
    };
    audit.intent(&command, None, desk::wall()).unwrap();
    let why = Shown::clean("a call to +442079460112 is in progress\u{1b}[2J");
    audit.outcome(&command, None, desk::wall(), &Outcome::Refused(why)).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 2);
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["action"], "remove_entry");
        for (key, value) in line.as_object().unwrap() {
            let told = value.as_str().unwrap_or_default();
            assert!(key == "at" || !told.contains("7946"), "{key}: {told}");
            assert!(!told.chars().any(char::is_control), "{key}: {told:?}");
        }
    }
    assert!(text.contains("+442…12 is in progress"), "{text}");
}
