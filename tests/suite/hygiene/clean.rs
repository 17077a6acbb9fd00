//! `Shown`: text is cleaned once, where it enters.

use floorwalker::floor::id::QueueId;
use floorwalker::text::{MARKER, Shown};
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::support::cases;
use crate::support::hostile::{corpus, giants, steering};

/// Graphemes that a text may have, its last sign `…` not counted.
const GRAPHEMES: usize = 200;

/// What must hold of every cleaned text.
fn check(raw: &str) -> Result<Shown, String> {
    let shown = Shown::clean(raw);
    let head: String = raw.chars().take(40).collect();
    let said = |what: &str| Err(format!("{what}: {head:?} became {:?}", shown.as_str()));
    if let Some(c) = steering(&shown) {
        return said(&format!("U+{:04X} is still there", u32::from(c)));
    }
    if Shown::clean(&shown) != shown {
        return said(&format!("cleaned twice it is {:?}", Shown::clean(&shown).as_str()));
    }
    let count = shown.strip_suffix('…').unwrap_or(&shown).graphemes(true).count();
    if count > GRAPHEMES {
        return said(&format!("{count} graphemes"));
    }
    for grapheme in shown.graphemes(true) {
        let marks = grapheme.chars().filter(|c| c.width() == Some(0)).count();
        if marks > 4 {
            return said(&format!("{marks} marks on {grapheme:?}"));
        }
        let sum: usize = grapheme.chars().map(|c| c.width().unwrap_or(9)).sum();
        if grapheme.width() != sum {
            return said(&format!("the width of {grapheme:?} is disputed"));
        }
    }
    if *shown != *raw && !shown.contains(MARKER) && !shown.ends_with('…') {
        return said("altered without a sign");
    }
    Ok(shown)
}

#[test]
fn the_corpus_is_large_and_no_two_are_alike() {
    let all = corpus();
    assert!(all.len() >= 60, "{}", all.len());
    let labels: std::collections::BTreeSet<_> = all.iter().map(|(label, _)| label).collect();
    let texts: std::collections::BTreeSet<_> = all.iter().map(|(_, text)| text).collect();
    assert_eq!((labels.len(), texts.len()), (all.len(), all.len()));
    let altered = all.iter().filter(|(_, text)| *Shown::clean(text) != **text).count();
    assert!(altered >= 60, "{altered} of them have something to take out");
}

#[test]
fn every_hostile_text_comes_out_clean_and_says_that_it_was_altered() {
    for (label, text) in corpus().into_iter().chain(giants()) {
        check(&text).unwrap_or_else(|error| panic!("{label}: {error}"));
        check(&format!("1{text}0")).unwrap_or_else(|error| panic!("{label}, inside: {error}"));
    }
}

#[test]
fn what_was_taken_out_leaves_a_text_that_differs_from_one_without_it() {
    for (label, text) in corpus() {
        assert_ne!(Shown::clean(&format!("1{text}0")).as_str(), "10", "{label}");
    }
    assert_eq!(Shown::clean("1\u{1b}0").as_str(), "1\u{FFFD}0");
}

#[test]
fn an_id_goes_back_as_it_came_and_is_shown_clean() {
    let id = QueueId::new("21\u{1b}[2J");
    assert_eq!(id.raw(), "21\u{1b}[2J");
    assert_eq!(id.shown().as_str(), "21\u{FFFD}[2J");
    assert_eq!(format!("{id:?}"), "\"21\u{FFFD}[2J\"", "logs print it clean");
    let text: String = serde_json::to_string(&id).unwrap();
    assert_eq!(serde_json::from_str::<QueueId>(&text).unwrap(), id, "recordings keep it");
}

#[test]
fn two_flags_do_not_look_alike() {
    let names = ["🇸🇪 Support", "🇫🇮 Support", "🇳🇴 Support"].map(Shown::clean);
    assert!(names[0] != names[1] && names[1] != names[2], "{names:?}");
    assert!(names.iter().all(|name| !name.contains(MARKER)), "{names:?}");
}

#[test]
fn an_emoji_whose_width_is_disputed_is_one_marker_and_its_code_points_are_told() {
    for (emoji, points) in [
        ("👍🏽", "U+1F44D U+1F3FD"),
        ("👨\u{200d}👩\u{200d}👧", "U+1F468 U+200D U+1F469 U+200D U+1F467"),
        ("❤\u{fe0f}", "U+2764 U+FE0F"),
        ("☎\u{fe0f}", "U+260E U+FE0F"),
        ("2\u{fe0f}\u{20e3}", "U+0032 U+FE0F U+20E3"),
        (
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "U+1F3F4 U+E0067 U+E0062 U+E0065 U+E006E U+E0067 U+E007F",
        ),
        ("\u{1fae9}", "U+1FAE9"),
        ("\u{202e}", "U+202E"),
    ] {
        let shown = Shown::clean(&format!("a {emoji} b"));
        assert_eq!(shown.as_str(), "a \u{fffd} b");
        assert_eq!(shown.replaced(), [points]);
    }
    let shown = Shown::clean("👍🏽 and 👍🏿");
    assert_eq!(shown.replaced(), ["U+1F44D U+1F3FD", "U+1F44D U+1F3FF"]);
    assert!(Shown::clean("Växel 🇸🇪").replaced().is_empty());
    assert_eq!(
        Shown::clean(&"\u{200b}".repeat(100)).replaced().len(),
        8,
        "a flood is not told whole"
    );
}

#[test]
fn text_that_is_read_back_is_cleaned_again() {
    let shown: Shown = serde_json::from_str(r#""a\u001b[31m\u202eb""#).unwrap();
    assert_eq!(shown.as_str(), "a\u{FFFD}[31m\u{FFFD}b");
}

#[test]
fn ordinary_names_are_left_alone() {
    for name in [
        "Växel",
        "Åsa Björk",
        "Asiakaspalvelu",
        "Żółć",
        "Čeština",
        "Ελλάδα",
        "Україна",
        "日本語",
        "한국어",
        "עברית",
        "العربية",
        "ไทย",
        "हिन्दी",
        "C&A <info> \"x\"",
        "🎧 Support",
        "🇸🇪 Växel",
        "⚡\u{fe0f} Akut",
        "é",
        "e\u{301}",
    ] {
        assert_eq!(check(name).unwrap().as_str(), name);
    }
}

/// Characters of all kinds, those that matter often.
fn any_text() -> impl Strategy<Value = String> {
    let marks = prop::sample::select(vec![
        '\u{301}',
        '\u{323}',
        '\u{20dd}',
        '\u{93f}',
        '\u{94d}',
        '\u{e31}',
        '\u{e33}',
        '\u{17d2}',
        '\u{3099}',
        '\u{5b0}',
        '\u{64b}',
        '\u{fb5}',
        '\u{600}',
        '\u{110bd}',
    ]);
    let special = prop::sample::select(
        "a1語ｶ😀👍❤กकषខலالרⅠ①가한\u{fffd}…\u{1b}\u{200d}\u{fe0f}\u{fe0e}\u{1f1eb}\u{1f3fd}\u{ff9e}\u{1100}\u{1161}"
            .chars()
            .collect::<Vec<_>>(),
    );
    let one = prop_oneof![4 => marks, 4 => special, 2 => any::<char>()];
    prop_oneof![
        prop::collection::vec(one.clone(), 0..40).prop_map(|all| all.into_iter().collect()),
        (prop::collection::vec(one, 0..12), 190..210_usize, 0..3_usize).prop_map(
            |(tail, before, kind)| {
                let base = ["x", "語", "e\u{301}"][kind].repeat(before);
                base + &tail.into_iter().collect::<String>() + "end"
            }
        ),
        ".{0,30}",
    ]
}

proptest! {
    #![proptest_config(cases(6_000))]

    #[test]
    fn any_text_comes_out_clean_short_and_the_same_when_cleaned_again(text in any_text()) {
        check(&text).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn one_character_more_is_seen(
        before in "[a-z]{0,4}", c in any::<char>(), after in "[a-z]{0,4}",
    ) {
        let with = Shown::clean(&format!("{before}{c}{after}"));
        prop_assert_ne!(with.as_str(), format!("{before}{after}"));
    }
}

#[test]
fn no_single_character_of_unicode_gets_through_that_should_not() {
    for c in '\0'..=char::MAX {
        let shown = Shown::clean(&format!("a{c}b"));
        assert!(steering(&shown).is_none(), "U+{:04X}", u32::from(c));
        assert_ne!(shown.as_str(), "ab", "U+{:04X} is gone without a sign", u32::from(c));
    }
}
