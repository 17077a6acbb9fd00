//! What bytes of a terminal are: every form of one key is that key, and what is no key is one unknown event.

use std::time::Duration;

use floorwalker::event::{Event, Gesture, Key, Pointer, Press};
use floorwalker::terminal::Decoder;
use proptest::prelude::*;

use crate::support::cases;

/// What a terminal sends by itself: replies to questions that somebody asked, and reports.
pub const REPLIES: [&[u8]; 45] = [
    // Device attributes, in their three forms.
    b"\x1b[?1;2c",
    b"\x1b[?62;22;52c",
    b"\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c",
    b"\x1b[>41;390;0c",
    b"\x1b[>1;10;0c",
    b"\x1bP!|00000000\x1b\\",
    // The name and the version.
    b"\x1bP>|XTerm(390)\x1b\\",
    b"\x1bP>|tmux 3.5a\x1b\\",
    b"\x1bP>|quay y 1.0\x07",
    // Colours.
    b"\x1b]11;rgb:1e1e/1e1e/2e2e\x07",
    b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    b"\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
    b"\x1b]12;#98971a\x07",
    // The clipboard, titles, the folder.
    b"\x1b]52;c;b3kK\x1b\\",
    b"\x1b]lquery y\x1b\\",
    b"\x1b]Lyoiq\x1b\\",
    b"\x1b]7;file://host/home/anna\x07",
    "\x1b]lVäxel Übersicht 世界\x1b\\".as_bytes(),
    // Graphics, settings, capabilities.
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1b_Gi=7;ENOENT:no such file y\x1b\\",
    b"\x1bP1$r0m\x1b\\",
    b"\x1bP1$r2 q\x1b\\",
    b"\x1bP0$r\x1b\\",
    b"\x1bP1+r544e=787465726d\x1b\\",
    b"\x1bP0+r\x1b\\",
    b"\x1b^private y\x1b\\",
    b"\x1bXstart y\x1b\\",
    // Modes, places, sizes, the state of the device.
    b"\x1b[?2026;2$y",
    b"\x1b[?1;0$y",
    b"\x1b[4;1$y",
    b"\x1b[0n",
    b"\x1b[?13n",
    b"\x1b[?997;1n",
    b"\x1b[12;40R",
    b"\x1b[1;5R",
    b"\x1b[?12;40;1R",
    b"\x1b[8;50;200t",
    b"\x1b[4;900;1440t",
    b"\x1b[48;50;200;900;1440t",
    b"\x1b[?1u",
    b"\x1b[>4;2m",
    b"\x1b[I",
    b"\x1b[O",
    // The mouse: motion, release, buttons that nobody uses here.
    b"\x1b[<35;10;10M",
    b"\x1b[<0;10;10m",
];

/// Reports of the mouse in older forms.
const OLD_MOUSE: [&[u8]; 9] = [
    b"\x1b[M !!",
    b"\x1b[Moyq",
    b"\x1b[M#\x79\x6f",
    b"\x1b[M \x00\x00",
    b"\x1b[M \xc8!",
    b"\x1b[M \xf9\xf9",
    "\x1b[M \u{d9}\u{79}".as_bytes(),
    "\x1b[M!\u{153}\u{101}".as_bytes(),
    b"\x1b[32;40;12M",
];

/// What a decoder makes of `parts`, each read by itself.
pub fn decoded(parts: &[&[u8]]) -> Vec<Event> {
    let (mut decoder, mut events) = (Decoder::default(), Vec::new());
    for part in parts {
        decoder.feed(part, |event| events.push(event));
    }
    while decoder.patience().is_some() {
        decoder.settle(|event| events.push(event));
    }
    events
}

/// The same where nothing comes for a while behind each part.
fn slowly(parts: &[&[u8]], pause: Duration) -> Vec<Event> {
    let (mut decoder, mut events) = (Decoder::default(), Vec::new());
    for part in parts {
        decoder.feed(part, |event| events.push(event));
        let mut left = pause;
        while let Some(wait) = decoder.patience().filter(|wait| *wait <= left) {
            decoder.settle(|event| events.push(event));
            left -= wait;
        }
    }
    events
}

fn key(written: &str) -> Event {
    Event::Key(written.parse().unwrap())
}

#[test]
fn every_form_of_one_key_is_that_key() {
    let forms: [(&str, &[&[u8]]); 52] = [
        ("enter", &[b"\r", b"\n", b"\x1bOM", b"\x1b[13u", b"\x1b[57414u", b"\x1b[27;1;13~"]),
        ("enter", &[b"\x1b[13;2u", b"\x1b[27;2;13~", b"\x1b[57414;129u"]),
        ("alt+enter", &[b"\x1b\r", b"\x1b[13;3u", b"\x1b[27;3;13~"]),
        ("backspace", &[b"\x7f", b"\x08", b"\x1b[127u", b"\x1b[8u", b"\x1b[127;1:2u"]),
        ("alt+backspace", &[b"\x1b\x7f", b"\x1b\x08", b"\x1b[127;3u"]),
        ("esc", &[b"\x1b", b"\x1b[27u", b"\x1b[27;1:1u", b"\x1b[27;1;27~"]),
        ("tab", &[b"\t", b"\x1b[9u", b"\x1bOI", b"\x1b[27;1;9~"]),
        ("backtab", &[b"\x1b[Z", b"\x1b[1;2Z", b"\x1b[9;2u", b"\x1b[27;2;9~"]),
        ("up", &[b"\x1b[A", b"\x1bOA", b"\x1b[1;1A", b"\x1b[1;2A", b"\x1b[57419u", b"\x1b[1;1:2A"]),
        ("down", &[b"\x1b[B", b"\x1bOB", b"\x1b[1;129B", b"\x1b[57420u", b"\x9bB", b"\xc2\x9bB"]),
        ("right", &[b"\x1b[C", b"\x1bOC", b"\x1b[57418u", b"\x8fC"]),
        ("left", &[b"\x1b[D", b"\x1bOD", b"\x1b[57417u", b"\xc2\x8fD"]),
        ("ctrl+left", &[b"\x1b[1;5D", b"\x1bO5D", b"\x1bO1;5D"]),
        ("alt+up", &[b"\x1b[1;3A", b"\x1b\x1b[A", b"\x1b\x1bOA"]),
        ("home", &[b"\x1b[H", b"\x1bOH", b"\x1b[1~", b"\x1b[7~", b"\x1b[57423u"]),
        ("end", &[b"\x1b[F", b"\x1bOF", b"\x1b[4~", b"\x1b[8~", b"\x1b[57424u"]),
        ("pgup", &[b"\x1b[5~", b"\x1b[57421u", b"\x1b[5;1:2~"]),
        ("pgdn", &[b"\x1b[6~", b"\x1b[57422u"]),
        ("del", &[b"\x1b[3~", b"\x1b[57426u"]),
        ("f1", &[b"\x1bOP", b"\x1b[P", b"\x1b[11~", b"\x1b[[A", b"\x1b[1;1P"]),
        ("f2", &[b"\x1bOQ", b"\x1b[Q", b"\x1b[12~", b"\x1b[[B"]),
        ("f3", &[b"\x1bOR", b"\x1b[R", b"\x1b[13~", b"\x1b[[C"]),
        ("f4", &[b"\x1bOS", b"\x1b[S", b"\x1b[14~", b"\x1b[[D"]),
        ("f5", &[b"\x1b[15~", b"\x1b[[E"]),
        ("f12", &[b"\x1b[24~"]),
        ("f13", &[b"\x1b[25~", b"\x1b[57376u"]),
        ("f24", &[b"\x1b[57387u"]),
        ("ctrl+f2", &[b"\x1b[1;5Q", b"\x1b[12;5~"]),
        (
            "a",
            &[b"a", b"\x1b[97u", b"\x1b[97;1u", b"\x1b[97;;97u", b"\x1b[97;1:1u", b"\x1b[97;129u"],
        ),
        ("A", &[b"A", b"\x1b[97;2u", b"\x1b[97:65;2u", b"\x1b[97;2;65u", b"\x1b[27;2;65~"]),
        ("A", &[b"\x1b[97;65u", b"\x1b[65;2u"]),
        ("y", &[b"y", b"\x1b[121u", b"\x1b[121::121;1u", b"\x1b[121;66u"]),
        ("?", &[b"?", b"\x1b[47:63;2u", b"\x1b[63;2u", b"\x1b[27;2;63~", b"\x1b[47;2;63u"]),
        ("/", &[b"/", b"\x1b[47u", b"\x1bOo", b"\x1b[57410u", b"\x1b[55:47;2u"]),
        ("space", &[b" ", b"\x1b[32u", b"\x1b[32;2u", b"\x1bO ", b"\x1b[27;2;32~"]),
        ("0", &[b"0", b"\x1bOp", b"\x1b[57399u", b"\x1b[57399;129u"]),
        ("5", &[b"5", b"\x1bOu", b"\x1b[57404u"]),
        ("9", &[b"9", b"\x1bOy", b"\x1b[57408u"]),
        ("+", &[b"+", b"\x1bOk", b"\x1b[57413u"]),
        ("-", &[b"-", b"\x1bOm", b"\x1b[57412u"]),
        ("*", &[b"*", b"\x1bOj", b"\x1b[57411u"]),
        (".", &[b".", b"\x1bOn", b"\x1b[57409u"]),
        (",", &[b",", b"\x1bOl", b"\x1b[57416u"]),
        ("=", &[b"=", b"\x1bOX", b"\x1b[57415u"]),
        ("ctrl+c", &[b"\x03", b"\x1b[99;5u", b"\x1b[27;5;99~", b"\x1b[27;6;67~", b"\x1b[99:67;6u"]),
        ("ctrl+c", &[b"\x1b[1089::99;5u"]),
        ("ctrl+space", &[b"\x00", b"\x1b[32;5u"]),
        ("ctrl+h", &[b"\x1b[104;5u", b"\x1b[27;5;104~"]),
        ("alt+x", &[b"\x1bx", b"\x1b[120;3u", b"\x1b[27;3;120~"]),
        ("alt+ö", &["\x1bö".as_bytes(), b"\x1b[246;3u"]),
        ("alt+/", &[b"\x1b/", b"\x1b[47;3u"]),
        ("ы", &["ы".as_bytes(), b"\x1b[1099u", b"\x1b[1099::115;1u", b"\x1b[115;;1099u"]),
    ];
    for (written, forms) in forms {
        for form in forms {
            assert_eq!(decoded(&[form]), [key(written)], "{}", form.escape_ascii());
            let bytes: Vec<&[u8]> = form.chunks(1).collect();
            assert_eq!(decoded(&bytes), [key(written)], "{}, byte by byte", form.escape_ascii());
        }
    }
}

#[test]
fn what_is_no_key_is_one_unknown_event() {
    let none: [&[u8]; 25] = [
        b"\x1b/Z",
        b"\x1b[y",
        b"\x1b[99y",
        b"\x1b[200y",
        b"\x1b[121;1:3u",
        b"\x1b[121;1:2u",
        b"\x1b[1;1:3A",
        b"\x1b[121;9u",
        b"\x1b[121;33u",
        b"\x1b[121;0u",
        b"\x1b[47;2u",
        b"\x1b[57441;2u",
        b"\x1b[57358u",
        b"\x1b[121;1;2;3u",
        b"\x1b[5;1R",
        b"\x1b[2~",
        b"\x1b[201~",
        b"\x1b[27;5~",
        b"\x1b[1;2;3A",
        b"\x1b[?1;5A",
        b"\x1b[1 A",
        b"\x1b\\",
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
    ];
    for bytes in none.into_iter().chain(OLD_MOUSE).chain(REPLIES) {
        assert_eq!(decoded(&[bytes]), [Event::Unknown], "{}", bytes.escape_ascii());
    }
}

#[test]
fn a_sequence_is_the_same_wherever_it_is_cut() {
    for bytes in REPLIES.into_iter().chain(OLD_MOUSE).chain([&b"\x1b[1;5D"[..], b"\x1bOP"]) {
        let whole = decoded(&[bytes]);
        for cut in 1..bytes.len() {
            let parts = [&bytes[..cut], &bytes[cut..]];
            assert_eq!(decoded(&parts), whole, "{} at {cut}", bytes.escape_ascii());
        }
        let all: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(decoded(&all), whole, "{}", bytes.escape_ascii());
    }
}

#[test]
fn a_sequence_that_pauses_anywhere_gives_out_nothing_but_the_escape_key() {
    let pauses = [40, 60, 200, 240].map(Duration::from_millis);
    for bytes in REPLIES.into_iter().chain(OLD_MOUSE) {
        for pause in pauses {
            let all: Vec<&[u8]> = bytes.chunks(1).collect();
            for event in slowly(&all, pause) {
                let none = matches!(event, Event::Unknown) || event == key("esc");
                assert!(none, "{event:?} of {} in steps of {pause:?}", bytes.escape_ascii());
            }
        }
        for cut in 2..bytes.len() {
            let parts = [&bytes[..cut], &bytes[cut..]];
            let whole = slowly(&parts, Duration::from_millis(900));
            assert_eq!(whole, [Event::Unknown], "{} at {cut}", bytes.escape_ascii());
        }
    }
}

#[test]
fn a_torn_sequence_is_dropped_as_a_whole_and_then_keys_work() {
    let torn: [&[u8]; 12] = [
        b"\x1b[",
        b"\x1b[?62;22",
        b"\x1b[<0;10",
        b"\x1b[M",
        b"\x1b[Mo",
        b"\x1b[[",
        b"\x1bO",
        b"\x1b]11;rgb:1e1e",
        b"\x1b]11;rgb:1e1e\x1b",
        b"\x1bP>|XTerm",
        b"\x1b_Gi=1",
        b"\xe2\x82",
    ];
    for bytes in torn {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        decoder.feed(bytes, |event| events.push(event));
        assert_eq!(events, [], "{} is open", bytes.escape_ascii());
        decoder.settle(|event| events.push(event));
        assert_eq!(events, [Event::Unknown], "{}", bytes.escape_ascii());
        assert_eq!(decoder.patience(), None);
        decoder.feed(b"j", |event| events.push(event));
        assert_eq!(events[1..], [key("j")], "{}", bytes.escape_ascii());
    }
}

#[test]
fn a_new_sequence_ends_a_torn_one() {
    for torn in ["\x1b[?62;22", "\x1b]11;rgb:1e1e", "\x1b[Mo", "\x1bP>|", "\x1bO", "\x1b[["] {
        let bytes = format!("{torn}\x1b[A");
        assert_eq!(decoded(&[bytes.as_bytes()]), [Event::Unknown, key("up")], "{bytes:?}");
    }
    for torn in [&b"\x1b[12\x18"[..], b"\x1b]0;y\x1a", b"\x1bP1\x18"] {
        let bytes = [torn, b"j"].concat();
        assert_eq!(decoded(&[&bytes]), [Event::Unknown, key("j")], "{}", bytes.escape_ascii());
    }
}

#[test]
fn strings_end_by_bel_and_by_st_in_seven_and_eight_bits() {
    for introducer in ["\x1b]", "\x1bP", "\x1b_", "\x1b^", "\x1bX"] {
        for end in [&b"\x07"[..], b"\x1b\\", b"\x9c", b"\xc2\x9c"] {
            let bytes = [introducer.as_bytes(), "0;Ü y 世".as_bytes(), end, b"j"].concat();
            let events = decoded(&[&bytes]);
            assert_eq!(events, [Event::Unknown, key("j")], "{}", bytes.escape_ascii());
        }
    }
    for introducer in [b'\x9d', b'\x90', b'\x9f', b'\x9e', b'\x98'] {
        let (raw, utf8) = ([introducer, b'y', 0x9c], [0xc2, introducer, b'y', 0xc2, 0x9c]);
        assert_eq!(decoded(&[&raw]), [Event::Unknown], "{}", raw.escape_ascii());
        assert_eq!(decoded(&[&utf8]), [Event::Unknown], "{}", utf8.escape_ascii());
    }
}

#[test]
fn several_characters_in_one_read_are_a_paste() {
    let paste = |text: &str| Event::Paste(text.into());
    let all: [(&[u8], &[Event]); 17] = [
        (b"oy", &[paste("oy")]),
        (b"yy", &[paste("yy")]),
        ("Lind å".as_bytes(), &[paste("Lind å")]),
        (b"y\r", &[paste("y\n")]),
        (b"anna\r", &[paste("anna\n")]),
        (b"\ny", &[paste("\ny")]),
        (b"o\ty", &[paste("o\ty")]),
        (b"\x1b[111u\x1b[121u", &[paste("oy")]),
        (b"a\x1b[Bb", &[paste("a"), key("down"), paste("b")]),
        (b"ab\x1bo\x12", &[paste("ab"), Event::Unknown, Event::Unknown]),
        (b"ab\x03", &[paste("ab"), key("ctrl+c")]),
        (b"\x1b[200~yy\x1b[201~o", &[paste("yyo")]),
        (b"o\x1b[200~y\x1b[201~", &[paste("oy")]),
        (b"\r\r", &[key("enter"), key("enter")]),
        // The mark of a paste, torn: it eats the first character, and the second is none that was typed.
        (b"\x1b[20oy", &[Event::Unknown, paste("y")]),
        (b"\x1b[oy", &[Event::Unknown, paste("y")]),
        (b"\x1boy", &[Event::Unknown, paste("y")]),
    ];
    for (bytes, events) in all {
        assert_eq!(decoded(&[bytes]), events, "{}", bytes.escape_ascii());
    }
    assert_eq!(decoded(&[b"j", b"k"]), [key("j"), key("k")], "one read each");
    assert_eq!(decoded(&[b"j\x1b[B"]), [key("j"), key("down")], "one character");
}

#[test]
fn a_paste_is_text_whatever_it_holds_and_however_it_is_cut() {
    let sent = b"\x1b[200~y\r\x1b[A\x03\x1b[20\x1b[201~";
    let paste = Event::Paste("y\r\u{1b}[A\u{3}\u{1b}[20".into());
    for cut in 2..sent.len() {
        assert_eq!(
            decoded(&[&sent[..cut], &sent[cut..]]),
            std::slice::from_ref(&paste),
            "cut at {cut}"
        );
    }
    assert_eq!(decoded(&[b"\x1b[200~y", b"y"]), [Event::Paste("yy".into())], "its end was lost");
    let long = [&b"\x1b[200~"[..], &vec![b'y'; 200_000], b"\x1b[201~"].concat();
    let [Event::Paste(text)] = &decoded(&[&long])[..] else { panic!("one paste") };
    assert_eq!(text.len(), 64 * 1024, "more is not kept");
}

#[test]
fn the_escape_key_is_alone_and_two_are_two() {
    assert_eq!(decoded(&[b"\x1b"]), [key("esc")]);
    assert_eq!(decoded(&[b"\x1b\x1b"]), [key("esc"), key("esc")]);
    assert_eq!(slowly(&[b"\x1b", b"j"], Duration::from_millis(60)), [key("esc"), key("j")]);
    let late = slowly(&[b"\x1b", b"P"], Duration::from_millis(400));
    assert_eq!(late, [key("esc"), key("P")], "a key that comes after a moment is a key");
}

#[test]
fn the_mouse_is_read_in_the_form_that_is_asked_for() {
    let pointer = |gesture| Event::Mouse(Pointer { x: 9, y: 4, gesture });
    assert_eq!(decoded(&[b"\x1b[<0;10;5M"]), [pointer(Gesture::Click)]);
    assert_eq!(decoded(&[b"\x1b[<64;10;5M"]), [pointer(Gesture::WheelUp)]);
    assert_eq!(decoded(&[b"\x1b[<65;10;5M"]), [pointer(Gesture::WheelDown)]);
    for other in [&b"\x1b[<0;0;5M"[..], b"\x1b[<0;10M", b"\x1b[<0;10;5;1M", b"\x1b[<0;+1;5M"] {
        assert_eq!(decoded(&[other]), [Event::Unknown], "{}", other.escape_ascii());
    }
}

/// Something that a terminal may send by itself, known or not.
pub fn own() -> impl Strategy<Value = Vec<u8>> {
    let string = (
        prop::sample::select(vec![&b"\x1b]"[..], b"\x1bP", b"\x1b_", b"\x1b^", b"\x1bX", b"\x9d"]),
        "[ -~äßп世\u{1f600}]{0,20}",
        prop::sample::select(vec![&b"\x07"[..], b"\x1b\\", b"\x9c", b"\xc2\x9c"]),
    );
    let string = string.prop_map(|(begin, text, end)| [begin, text.as_bytes(), end].concat());
    let csi = ("[?>=]", "[0-9;:]{0,12}", "[ -/]{0,2}", "[@-LN-~]");
    let csi = csi.prop_map(|(mark, parameters, intermediates, last)| {
        format!("\x1b[{mark}{parameters}{intermediates}{last}").into_bytes()
    });
    let mouse = prop::collection::vec(0x20..0x7f_u8, 3);
    let mouse = mouse.prop_map(|bytes| [&b"\x1b[M"[..], &bytes].concat());
    let known = REPLIES.into_iter().chain(OLD_MOUSE).map(<[u8]>::to_vec).collect::<Vec<_>>();
    prop_oneof![string, csi, mouse, prop::sample::select(known)]
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn whatever_a_terminal_sends_by_itself_is_no_key(
        all in prop::collection::vec(own(), 1..4), cuts in prop::collection::vec(1..9_usize, 1..9),
    ) {
        let bytes: Vec<u8> = all.concat();
        let mut rest = bytes.as_slice();
        let mut parts = Vec::new();
        for cut in cuts.iter().cycle() {
            let (part, behind) = rest.split_at((*cut).min(rest.len()));
            parts.push(part);
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        let events = decoded(&parts);
        let unknown = events.iter().all(|event| *event == Event::Unknown);
        prop_assert!(unknown, "{events:?} of {}", bytes.escape_ascii());
        prop_assert_eq!(events.len(), all.len(), "{}", bytes.escape_ascii());
    }

    #[test]
    fn whatever_bytes_come_at_once_are_at_most_one_key_that_writes(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let writes = |event: &&Event| {
            matches!(event, Event::Key(Press { key: Key::Char(_), ctrl: false, alt: false }))
        };
        prop_assert!(decoded(&[&bytes]).iter().filter(writes).count() <= 1);
    }
}
