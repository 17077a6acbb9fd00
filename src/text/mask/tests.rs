//! Numbers are hidden however they are written; what is no number stays byte for byte.

use proptest::prelude::*;
use regex_lite::Regex;

use super::masked;
use super::signs::is_digit;
use crate::text::Shown;

/// What separates digits of one number: libphonenumber's punctuation, and what people and systems were seen to write.
const SEPARATORS: [&str; 62] = [
    "-",
    "\u{2010}",
    "\u{2011}",
    "\u{2012}",
    "\u{2013}",
    "\u{2014}",
    "\u{2015}",
    "\u{2212}",
    "\u{30fc}",
    "\u{ff0d}",
    "/",
    "\u{ff0f}",
    " ",
    "\u{a0}",
    "\u{ad}",
    "\u{200b}",
    "\u{2060}",
    "\u{3000}",
    "\u{2009}",
    "\u{202f}",
    "(",
    ")",
    "\u{ff08}",
    "\u{ff09}",
    "[",
    "]",
    "\u{ff3b}",
    "\u{ff3d}",
    ".",
    "\u{ff0e}",
    "~",
    "\u{2053}",
    "\u{223c}",
    "\u{ff5e}",
    ",",
    ":",
    "|",
    "•",
    "'",
    "’",
    "+",
    "=",
    "°",
    "·",
    "_",
    "*",
    "\"",
    "!",
    "&nbsp;",
    "&#8209;",
    "&#x2d;",
    "&amp;nbsp;",
    "&ndash;",
    "%20",
    "%2D",
    "%C2%A0",
    "%2520",
    "\\u00a0",
    "<br/>",
    "<b>",
    "     ",
    " - ",
];

/// Where a number stands.
const BEFORE: [&str; 16] = [
    "",
    "call ",
    "tel:",
    "sip:",
    "tel:+",
    "(",
    "call-",
    "id=",
    "note: ",
    "+",
    "från ",
    "<a href=\"tel:",
    "\"phone\":\"",
    "電話",
    "%2B",
    "&#43;",
];
const AFTER: [&str; 12] = [
    "",
    " now",
    "@pbx.example.com",
    ".",
    ")",
    ";user=phone",
    "</a>",
    "\",",
    "\u{301}",
    "さん",
    "!",
    "-abc",
];

/// Digits of several scripts, and of several forms of one.
fn in_script(digit: u32, script: u32) -> String {
    let base = match script {
        1 => 0xFF10,
        2 => 0x0660,
        3 => 0x0966,
        4 => 0x1D7CE,
        5 => 0x06F0,
        6 => return format!("&#{};", 48 + digit),
        7 => return format!("%3{digit}"),
        _ => 48,
    };
    char::from_u32(base + digit).unwrap().to_string()
}

/// A number of `digits` in groups of `lengths`, parted by `separators`, in one script.
fn written(digits: &str, lengths: &[usize], separators: &[usize], script: u32) -> String {
    let (mut out, mut left, mut turn) = (String::new(), lengths[0], 0);
    for digit in digits.chars() {
        if left == 0 {
            out.push_str(SEPARATORS[separators[turn % separators.len()]]);
            turn += 1;
            left = lengths[turn % lengths.len()];
        }
        out.push_str(&in_script(digit.to_digit(10).unwrap(), script));
        left -= 1;
    }
    out
}

fn digits(text: &str) -> String {
    text.chars().filter(|c| is_digit(*c)).collect()
}

/// Whether at most three digits stand before the sign for what is hidden, and two behind it.
fn is_front_and_back(left: &str, shown: &str) -> bool {
    let (front, back) = shown.split_once('…').unwrap_or((shown, ""));
    let (front, back) = (digits(front).chars().count(), digits(back).chars().count());
    front + back == left.chars().count() && front <= 3 && back <= 2
}

/// Whether chance has made a date, a time, an address or an amount of the number, or of a part of it.
fn is_something_else(number: &str) -> bool {
    let plain: String = number
        .replace("&nbsp;", " ")
        .replace("&amp;nbsp;", " ")
        .replace(['\u{ff0e}', '\u{2024}'], ".")
        .replace("%20", " ")
        .replace("%2520", " ")
        .replace("%C2%A0", " ")
        .replace("\\u00a0", " ")
        .replace("&#8209;", "-")
        .replace("&#x2d;", "-")
        .replace("&ndash;", "-")
        .replace("%2D", "-")
        .chars()
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{ff0d}' => '-',
            '\u{ff0f}' => '/',
            '’' => '\'',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}'))
        .collect();
    let shapes = [
        r"(^|\D)\d{1,3}:\d\d:\d\d(\D|$)",
        r"(^|[^0-9.:/,_*+=~'-])\d{1,2}:\d\d($|[^0-9.:/,_*+=~'])",
        r"(^|\D)\d{1,2}[./-] ?\d{1,2}[./-] ?(\d\d|\d{4})(\D|$)",
        r"(^|\D)(19|20)\d\d[./-]\d{1,2}(\D|$)",
        r"(^|\D)\d\d[./-](19|20)\d\d(\D|$)",
        r"^\d+([., ']\d{3})*[.,]\d{1,2}$",
        r"(^|\D)\d{1,3}(\.\d{1,3}){3}(\D|$)",
        r"::|^(\d{1,4}:){7}\d{1,4}$",
    ];
    shapes.iter().any(|shape| Regex::new(shape).unwrap().is_match(&plain))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_number_shows_at_most_three_digits_in_front_and_two_behind(
        own in "[0-9]{6,15}",
        lengths in prop::collection::vec(1..5_usize, 1..6),
        separators in prop::collection::vec(0..SEPARATORS.len(), 1..5),
        script in 0..8_u32,
        before in 0..BEFORE.len(),
        after in 0..AFTER.len(),
    ) {
        let number = written(&own, &lengths, &separators, script);
        prop_assume!(!is_something_else(&written(&own, &lengths, &separators, 0)));
        let text = format!("{}{number}{}", BEFORE[before], AFTER[after]);
        for text in [text.clone(), Shown::clean(&text).to_string()] {
            let shown = masked(&text);
            let left = digits(&shown);
            prop_assert!(left.chars().count() <= 5, "{text:?} became {shown:?}");
            prop_assert!(own.len() >= 8 || left.is_empty(), "{text:?} became {shown:?}");
            prop_assert!(is_front_and_back(&left, &shown), "{text:?} became {shown:?}");
            prop_assert!(shown.contains('…'), "{text:?} became {shown:?}");
            prop_assert_eq!(masked(&shown), shown.clone(), "twice");
        }
    }

    #[test]
    fn nothing_of_what_is_dialled_after_a_number_is_shown(
        own in "[1-9][0-9]{7,14}", more in "[0-9]{1,8}", tail in 0..TAILS.len(),
    ) {
        let text = format!("call +{own}{}{more} now", TAILS[tail]);
        let shown = masked(&text);
        let left = digits(&shown);
        let whole = format!("{}{}", &own[..3], &own[own.len() - 2..]);
        prop_assert!(left == whole || left == own[..3], "{text:?} became {shown:?}");
        prop_assert!(shown.starts_with("call +") && shown.ends_with(" now"), "{shown}");
    }

    #[test]
    fn what_is_no_number_stays(one in anything(), other in anything(), around in 0..AROUND.len()) {
        let (before, between, after) = AROUND[around];
        let text = format!("{before}{one}{between}{other}{after}");
        prop_assert_eq!(masked(&text), text.as_str());
    }

    #[test]
    fn any_text_masked_twice_is_masked_once(
        text in "([0-9]{1,7}|[ ,;.:/#*x+()-]|%2B|&#43;|…|a|\u{661}|<b>|:\\d\\d){0,24}",
    ) {
        let once = masked(&text).into_owned();
        prop_assert_eq!(masked(&once), once.as_str());
    }

    #[test]
    fn any_text_at_all_can_be_read(text in any::<String>()) {
        let _ = masked(&text);
    }
}

/// What stands between a number and what is dialled after it.
const TAILS: [&str; 25] = [
    " x",
    " ext. ",
    ";ext=",
    "#",
    " доб. ",
    " int. ",
    ",,",
    ";",
    "p",
    "w",
    ",",
    ";postd=p",
    " x. ",
    "ext",
    " extension ",
    " anexo ",
    "，",
    "＃",
    "ｘ",
    " ankn. ",
    " PIN: ",
    ",,,",
    "*",
    ";isub=",
    "p,",
];

/// Surroundings of two things.
const AROUND: [(&str, &str, &str); 6] = [
    ("", " ", ""),
    ("at ", " and ", " done"),
    ("(", ") (", ")"),
    ("from ", ", ", "."),
    ("a: ", " | ", ""),
    ("\"", "\", \"", "\""),
];

/// Dates, times, amounts, addresses, identifiers.
fn anything() -> impl Strategy<Value = String> {
    let date =
        (1990..2060_u32, 1..13_u32, 1..29_u32, 0..7_u32).prop_map(|(y, m, d, form)| match form {
            0 => format!("{y}-{m:02}-{d:02}"),
            1 => format!("{d:02}.{m:02}.{y}"),
            2 => format!("{d}.{m}.{y}"),
            3 => format!("{d:02}/{m:02}/{y}"),
            4 => format!("{y}/{m:02}/{d:02}"),
            5 => format!("March {d}, {y}"),
            _ => format!("{d} maalis {y}"),
        });
    let time =
        (0..24_u32, 0..60_u32, 0..60_u32, 0..1000_u32, 0..7_u32).prop_map(|(h, m, s, ms, form)| {
            match form {
                0 => format!("{h:02}:{m:02}"),
                1 => format!("{h:02}:{m:02}:{s:02}"),
                2 => format!("{h:02}:{m:02}:{s:02}.{ms:03}"),
                3 => format!("2026-03-12T{h:02}:{m:02}:{s:02}Z"),
                4 => format!("2026-03-12 {h:02}:{m:02}:{s:02}"),
                5 => format!("2026-03-12T{h:02}:{m:02}:{s:02}.{ms:03}+02:00"),
                _ => format!("{h:02}:{m:02}–{:02}:{s:02}", 23 - h),
            }
        });
    let amount = (0..9_999_999_u32, 0..100_u32, 0..8_u32).prop_map(|(n, cents, form)| {
        let grouped = |sign: &str| {
            let text = n.to_string();
            let parts: Vec<&str> =
                text.as_bytes().rchunks(3).map(|part| std::str::from_utf8(part).unwrap()).collect();
            parts.into_iter().rev().collect::<Vec<_>>().join(sign)
        };
        match form {
            0 => format!("€{n}.{cents:02}"),
            1 => format!("{} EUR", grouped(",")),
            2 => format!("{},{cents:02} €", grouped(" ")),
            3 => format!("${}.{cents:02}", grouped(",")),
            4 => format!("SEK {},{cents:02}", grouped("\u{a0}")),
            5 => format!("{} kr", grouped(".")),
            6 => format!("{n} ms"),
            _ => format!("{}.{cents:02} %", n % 100),
        }
    });
    let address = (any::<u32>(), any::<u16>(), 0..4_u32).prop_map(|(ip, port, form)| {
        let ip = std::net::Ipv4Addr::from(ip);
        match form {
            0 => ip.to_string(),
            1 => format!("{ip}:{port}"),
            2 => format!("http://{ip}:{port}/path"),
            _ => format!("https://node{}.example.com:{port}/a", port % 100),
        }
    });
    let wide = any::<u128>().prop_map(|ip| std::net::Ipv6Addr::from(ip).to_string());
    let uuid = any::<u128>().prop_map(|id| {
        let hex = format!("{id:032x}");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    });
    let version =
        (0..100_u32, 0..1000_u32, 0..1000_u32).prop_map(|(a, b, c)| format!("v{a}.{b}.{c}"));
    prop_oneof![date, time, amount, address, wide, uuid, version]
}

#[test]
fn numbers_keep_their_first_and_last_digits() {
    for (text, wanted) in [
        ("+358401234567", "+358…67"),
        ("call +358 40 123-4567 now", "call +358…67 now"),
        ("sip:0401234567@example.com", "sip:040…67@example.com"),
        ("(09)\u{a0}123\u{a0}456", "(091…56"),
        ("från::040 123 4567", "från::040…67"),
        ("＋３５８（４０）１２３ー４５６７", "+358…67"),
        ("%2B46%2070%20123%2045%2067", "+467…67"),
        ("+46&nbsp;70&#8209;123&nbsp;45&nbsp;67", "+467…67"),
        ("+46 70 123 45 67 x123", "+467…67"),
        ("+46701234567;ext=89", "+467…67"),
        ("+46701234567,,1234#", "+467…#"),
        ("<b>040</b>123<i>4567</i>", "<b>040…67</i>"),
        ("call-+358401234567", "call-+358…67"),
        ("0401234567, +46701234567", "040…67, +467…67"),
        ("0401234567 / 0507654321", "040…67 / 050…21"),
        ("123456", "…"),
        ("+040 123 s", "+… s"),
        ("040 12 45 min", "… min"),
        ("(040) 12 34%", "(…%"),
        ("12-34-567", "…"),
        ("sip:2001@hq.example.com", "sip:…@hq.example.com"),
        ("https://crm.example.com/?q=%2B358401234567", "https://crm.example.com/?q=+358…67"),
        ("sip:0401234567@10.0.0.1:5060", "sip:040…67@10.0.0.1:5060"),
        ("٠٤٠١٢٣٤٥٦٧", "٠٤٠…٦٧"),
        ("〇九〇一二三四五六七八", "〇九〇…七八"),
        ("0401234567 2026-03-12 14:30", "040…67 2026-03-12 14:30"),
    ] {
        assert_eq!(masked(text), wanted, "{text}");
    }
}

#[test]
fn short_figures_and_words_stay() {
    for text in [
        "room 12, line 345",
        "12345",
        "14:05",
        "v1.2.3",
        "ticket 99/7",
        "1920x1080",
        "error 404 at http://127.0.0.1:8080/queues",
        "http://127.0.0.1:41234/x: connection refused (os error 111)",
        "2001:db8::1 and [2001:db8::1]:8443",
        "12 March 2026 14:30",
        "Mar 12, 2026",
        "2026-03-12–2026-03-14",
        "08:00-16:30",
        "08:00, 09:30 and 14:30",
        "2026-03-12 14:30, 12 calls",
        "12.03.26",
        "1234.56",
        "1 234,56 €",
        "99.95 %",
        "version 10.15.7",
        "Mozilla/5.0 Chrome/120.0.6099.109",
        "100000 ms",
        "20261130T065344Z",
        "Mon, 30 Nov 2026 06:53:44 GMT",
        "5f0c1e7d9a8b4c3d2e1f0a9b8c7d6e5f",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn a_number_that_was_cut_off_is_one() {
    let text = Shown::clean(&format!("{} 0401234567", "x".repeat(195)));
    assert!(digits(&text).len() < 6 && !digits(&text).is_empty(), "{text}");
    assert_eq!(digits(&masked(&text)), "");
}
