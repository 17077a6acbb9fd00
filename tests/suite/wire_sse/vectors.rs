//! What a stream of bytes means, however it is cut: WHATWG HTML, “Server-sent events”.

use super::*;

/// Type, data, last id.
type Wanted = (&'static str, &'static str, Option<&'static str>);

/// A name, the bytes, and the events that they mean.
const VECTORS: &[(&str, &[u8], &[Wanted])] = &[
    ("one line of data", b"data: hello\n\n", &[("message", "hello", None)]),
    ("a named event", b"event: greeting\ndata: hello\n\n", &[("greeting", "hello", None)]),
    ("no space after the colon", b"data:hello\n\n", &[("message", "hello", None)]),
    ("one of two spaces goes", b"data:  hello\n\n", &[("message", " hello", None)]),
    ("a tab stays", b"data:\thello\n\n", &[("message", "\thello", None)]),
    ("a space at the end stays", b"data: hello \n\n", &[("message", "hello ", None)]),
    ("a colon in the value stays", b"data: a:b: c\n\n", &[("message", "a:b: c", None)]),
    ("a value that is a colon", b"data::\n\n", &[("message", ":", None)]),
    ("two lines of data", b"data: a\ndata: b\n\n", &[("message", "a\nb", None)]),
    (
        "an empty line of data in the middle",
        b"data: a\ndata\ndata: b\n\n",
        &[("message", "a\n\nb", None)],
    ),
    ("data without a colon", b"data\n\n", &[("message", "", None)]),
    ("data without a value", b"data:\n\n", &[("message", "", None)]),
    ("data that is one space", b"data: \n\n", &[("message", "", None)]),
    ("two empty lines of data", b"data\ndata\n\n", &[("message", "\n", None)]),
    ("only one line end is taken off", b"data: a\ndata:\ndata:\n\n", &[("message", "a\n\n", None)]),
    ("an event without data is none", b"event: a\n\ndata: b\n\n", &[("message", "b", None)]),
    (
        "the type does not stay",
        b"event: a\ndata: 1\n\ndata: 2\n\n",
        &[("a", "1", None), ("message", "2", None)],
    ),
    ("the last type counts", b"event: a\nevent: b\ndata: 1\n\n", &[("b", "1", None)]),
    ("an empty type is the default", b"event: a\nevent:\ndata: 1\n\n", &[("message", "1", None)]),
    ("the type may follow the data", b"data: 1\nevent: a\n\n", &[("a", "1", None)]),
    ("an id", b"id: 1\ndata: a\n\n", &[("message", "a", Some("1"))]),
    (
        "an id stays",
        b"id: 1\ndata: a\n\ndata: b\n\n",
        &[("message", "a", Some("1")), ("message", "b", Some("1"))],
    ),
    ("an id without data stays too", b"id: 1\n\ndata: b\n\n", &[("message", "b", Some("1"))]),
    (
        "an empty id resets",
        b"id: 1\ndata: a\n\nid\ndata: b\n\n",
        &[("message", "a", Some("1")), ("message", "b", None)],
    ),
    (
        "an id with NUL is ignored",
        b"id: 1\ndata: a\n\nid: 2\x003\ndata: b\n\n",
        &[("message", "a", Some("1")), ("message", "b", Some("1"))],
    ),
    (
        "an id with a control character is ignored",
        b"id: 1\nid: \x01\ndata: a\n\n",
        &[("message", "a", Some("1"))],
    ),
    (
        "an id beyond ASCII",
        "id: n\u{e5}\ndata: a\n\n".as_bytes(),
        &[("message", "a", Some("n\u{e5}"))],
    ),
    ("an id may stand behind the data", b"data: a\nid: 1\n\n", &[("message", "a", Some("1"))]),
    ("retry is no part of an event", b"retry: 1000\ndata: a\n\n", &[("message", "a", None)]),
    ("retry alone is no event", b"retry: 1000\n\ndata: a\n\n", &[("message", "a", None)]),
    (
        "a bad retry does no harm",
        b"retry: 1e3\n\nretry: -1\n\nretry\n\ndata: a\n\n",
        &[("message", "a", None)],
    ),
    ("a comment", b": hello\n\ndata: a\n\n", &[("message", "a", None)]),
    ("a comment inside an event", b"data: a\n: hello\ndata: b\n\n", &[("message", "a\nb", None)]),
    ("an empty comment", b":\ndata: a\n\n", &[("message", "a", None)]),
    ("a comment with bad UTF-8", b": \xff\ndata: a\n\n", &[("message", "a", None)]),
    ("a field of no name known", b"foo: bar\n\ndata: a\n\n", &[("message", "a", None)]),
    ("names are case-sensitive", b"Data: x\nDATA: y\ndata: a\n\n", &[("message", "a", None)]),
    (
        "a space before the name makes another name",
        b" data: x\ndata: a\n\n",
        &[("message", "a", None)],
    ),
    (
        "a space before the colon makes another name",
        b"data : x\ndata: a\n\n",
        &[("message", "a", None)],
    ),
    ("a byte order mark in front", b"\xef\xbb\xbfdata: a\n\n", &[("message", "a", None)]),
    (
        "only the first byte order mark goes",
        b"\xef\xbb\xbf\xef\xbb\xbfdata: x\n\ndata: a\n\n",
        &[("message", "a", None)],
    ),
    (
        "a byte order mark later is a part of the name",
        b"data: a\n\n\xef\xbb\xbfdata: x\n\ndata: b\n\n",
        &[("message", "a", None), ("message", "b", None)],
    ),
    (
        "a byte order mark in data stays",
        b"data: \xef\xbb\xbfa\n\n",
        &[("message", "\u{feff}a", None)],
    ),
    (
        "half a byte order mark is text",
        b"\xef\xbbdata: x\n\ndata: a\n\n",
        &[("message", "a", None)],
    ),
    ("lines end in CR", b"data: a\rdata: b\r\r", &[("message", "a\nb", None)]),
    ("lines end in CRLF", b"data: a\r\ndata: b\r\n\r\n", &[("message", "a\nb", None)]),
    (
        "line ends are mixed",
        b"data: a\rdata: b\r\ndata: c\n\r\ndata: d\r\n\n",
        &[("message", "a\nb\nc", None), ("message", "d", None)],
    ),
    (
        "LF CR is two line ends",
        b"data: a\n\rdata: b\n\n",
        &[("message", "a", None), ("message", "b", None)],
    ),
    ("many empty lines", b"\n\n\r\r\r\n\r\ndata: a\n\n\n\n", &[("message", "a", None)]),
    ("an event cut off at the end is none", b"data: a\n\ndata: b\n", &[("message", "a", None)]),
    ("a line cut off at the end is none", b"data: a\n\ndata: b", &[("message", "a", None)]),
    (
        "characters of all lengths",
        "data: a\u{e5}\u{20ac}\u{1f4de}\n\n".as_bytes(),
        &[("message", "a\u{e5}\u{20ac}\u{1f4de}", None)],
    ),
    (
        "bad UTF-8 is replaced",
        b"data: a\xff\xc3b\n\ndata: c\n\n",
        &[("message", "a\u{fffd}\u{fffd}b", None), ("message", "c", None)],
    ),
    (
        "a character cut by its line's end",
        b"data: a\xe2\x82\ndata: b\n\n",
        &[("message", "a\u{fffd}\nb", None)],
    ),
    (
        "an overlong form is bad UTF-8",
        b"data: \xc0\xaf\n\n",
        &[("message", "\u{fffd}\u{fffd}", None)],
    ),
    ("NUL in data stays", b"data: a\0b\n\n", &[("message", "a\0b", None)]),
    (
        "XML over lines",
        b"event: queue\ndata: <q\ndata:   id=\"7\"/>\n\n",
        &[("queue", "<q\n  id=\"7\"/>", None)],
    ),
    ("nothing at all", b"", &[]),
    ("a line that is only a colon and data", b":data: x\n\ndata: a\n\n", &[("message", "a", None)]),
];

fn wanted(events: &[Wanted]) -> Vec<StreamEvent> {
    let event = |(kind, data, id): &Wanted| StreamEvent::Event {
        kind: (*kind).to_owned(),
        data: (*data).to_owned(),
        id: id.map(str::to_owned),
    };
    events.iter().map(event).collect()
}

/// The events of one connection that sends these pieces, each as a chunk of its own, and ends.
async fn events_of(pieces: Vec<&[u8]>) -> Vec<StreamEvent> {
    let mut script: Script = vec![say(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
    )];
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
        chunk.extend_from_slice(piece);
        chunk.extend_from_slice(b"\r\n");
        script.push(Step::Send(chunk));
    }
    script.push(say("0\r\n\r\n"));
    let server = Scripted::start(vec![script]).await;
    let mut followed = followed(&server);
    let mut events = Vec::new();
    loop {
        match followed.next().await {
            StreamEvent::Connecting { .. } | StreamEvent::Open => {}
            event @ StreamEvent::Event { .. } => events.push(event),
            StreamEvent::Waiting { reason, .. } => {
                assert_eq!(reason.as_str(), "the server ended the stream");
                return events;
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn there_are_vectors_enough() {
    assert!(VECTORS.len() >= 40);
}

#[tokio::test]
async fn every_vector_means_its_events() {
    for (name, bytes, events) in VECTORS {
        assert_eq!(events_of(vec![bytes]).await, wanted(events), "{name}");
    }
}

#[tokio::test]
async fn every_vector_means_the_same_byte_by_byte() {
    for (name, bytes, events) in VECTORS {
        assert_eq!(events_of(bytes.chunks(1).collect()).await, wanted(events), "{name}");
    }
}

#[tokio::test]
async fn every_vector_means_the_same_cut_anywhere() {
    for (name, bytes, events) in VECTORS {
        for cut in 1..bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(events_of(vec![head, tail]).await, wanted(events), "{name}, cut at {cut}");
        }
    }
}

#[tokio::test]
async fn a_large_event_arrives_whole() {
    let lines: Vec<String> = (0..15_000).map(|line| format!("data: {line:060}\n")).collect();
    let bytes = format!("{}\n", lines.concat());
    let events = events_of(bytes.as_bytes().chunks(5_000).collect()).await;
    let [StreamEvent::Event { data, .. }] = events.as_slice() else { panic!("one event") };
    assert_eq!(data.lines().count(), 15_000);
    assert!(data.ends_with("014999"));
}

#[tokio::test]
async fn events_in_a_row_all_arrive_through_a_narrow_channel() {
    let events: Vec<String> = (0..20_000).map(|n| format!("data: {n}\n\n")).collect();
    let server = Scripted::start(vec![stream(events.concat())]).await;
    let mut followed = followed(&server);
    for n in 0..20_000 {
        assert_eq!(followed.data().await, n.to_string());
    }
}
