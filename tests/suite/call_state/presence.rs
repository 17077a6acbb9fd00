//! Documents of RFC 3863 and RFC 4480, in the shapes in which servers send them.
//!
//! None of the shapes is ours: each names where it was seen. Names and identities are made up.

use chrono::{DateTime, Utc};
use floorwalker::source::telepo::pidf::{self, Presence};

fn read(document: &str) -> Presence {
    let now: DateTime<Utc> = "2026-03-12T14:00:00Z".parse().unwrap();
    pidf::read(document, now).unwrap()
}

/// RFC 3863, section 4.1.5 and its examples: several tuples, extensions in a status, notes in languages.
#[test]
fn whoever_can_be_reached_by_anything_is_available() {
    let presence = read(
        r#"<?xml version="1.0" encoding="UTF-8"?>
        <presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:im="urn:ietf:params:xml:ns:pidf:im"
             xmlns:my="http://example.com/presence/" entity="pres:eva@example.org">
          <tuple id="bs35"><status><basic>open</basic><im:im>busy</im:im>
              <my:location>home</my:location></status>
            <contact priority="0.8">im:eva@mobile.example</contact>
            <note xml:lang="en">Please do not disturb</note>
            <note xml:lang="fr">Ne pas déranger</note>
            <timestamp>2026-03-12T13:49:29Z</timestamp></tuple>
          <tuple id="eg92"><status><basic>closed</basic></status>
            <contact priority="1.0">mailto:eva@example.org</contact></tuple>
          <note>In Turku next week</note>
        </presence>"#,
    );
    assert_eq!(presence.open, Some(true));
    assert_eq!(presence.note.as_deref(), Some("Please do not disturb"));
    assert_eq!(presence.activity, None);
}

/// RFC 3863: a document without tuples says nothing, which is not “closed”.
#[test]
fn no_tuples_is_not_known() {
    let presence = read(r#"<p:presence xmlns:p="urn:ietf:params:xml:ns:pidf" entity="pres:e@x"/>"#);
    assert_eq!(presence, Presence { entity: Some("pres:e@x".to_owned()), ..Presence::default() });
}

/// RFC 4480, section 4: activities with an end, mood, place, idle input, a note of the person.
#[test]
fn the_rich_example_of_the_rfc_is_read() {
    let presence = read(
        r#"<presence xmlns="urn:ietf:params:xml:ns:pidf"
             xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
             xmlns:lt="urn:ietf:params:xml:ns:location-type"
             xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="pres:eva@example.org">
          <tuple id="bs35"><status><basic>closed</basic></status>
            <dm:deviceID>urn:device:0003ba4811e3</dm:deviceID>
            <rpid:relationship><rpid:self/></rpid:relationship>
            <contact priority="0.8">im:eva@mobile.example</contact></tuple>
          <dm:person id="p1">
            <rpid:activities from="2026-03-12T09:00:00+02:00" until="2026-03-12T17:30:00+02:00">
              <rpid:note>Far away</rpid:note><rpid:away/></rpid:activities>
            <rpid:class>calendar</rpid:class>
            <rpid:mood><rpid:angry/></rpid:mood>
            <rpid:place-is><rpid:audio><rpid:noisy/></rpid:audio></rpid:place-is>
            <rpid:sphere>bowling league</rpid:sphere>
            <rpid:user-input idle-threshold="600" last-input="2026-03-12T13:20:07Z">idle</rpid:user-input>
            <dm:note>Scoring 120</dm:note></dm:person>
        </presence>"#,
    );
    assert_eq!(presence.open, Some(false));
    assert_eq!(presence.activity.as_deref(), Some("away"));
    assert_eq!(presence.until.unwrap().to_rfc3339(), "2026-03-12T15:30:00+00:00");
    assert_eq!(presence.note.as_deref(), Some("Scoring 120"));
    assert_eq!((presence.idle, presence.role.as_deref()), (Some(true), Some("calendar")));
}

/// RFC 4481, section 4: a status that holds for a while goes before the standing one, and only then.
#[test]
fn a_status_that_holds_now_goes_before_the_standing_one() {
    let timed = |from: &str, until: &str| {
        read(&format!(
            r#"<presence xmlns="urn:ietf:params:xml:ns:pidf"
                 xmlns:ts="urn:ietf:params:xml:ns:pidf:timed-status" entity="pres:eva@example.org">
               <tuple id="c8"><status><basic>open</basic></status>
                 <ts:timed-status from="{from}" until="{until}"><ts:basic>closed</ts:basic>
                 </ts:timed-status></tuple></presence>"#
        ))
    };
    assert_eq!(timed("2026-03-12T10:20:00Z", "2026-03-12T19:30:00Z").open, Some(false));
    assert_eq!(timed("2026-03-13T10:20:00Z", "2026-03-13T19:30:00Z").open, Some(true));
}

/// Asterisk (as captured from a call centre): namespaces of a draft, the activity in a status, another encoding.
#[test]
fn namespaces_of_the_drafts_are_known() {
    let presence = read(
        r#"<?xml version="1.0" encoding="ISO-8859-1"?>
        <presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:pp="urn:ietf:params:xml:ns:pidf:person"
          xmlns:es="urn:ietf:params:xml:ns:pidf:rpid:status:rpid-status"
          xmlns:ep="urn:ietf:params:xml:ns:pidf:rpid:rpid-person" entity="sip:2011@192.0.2.27">
        <pp:person><status><ep:activities><ep:busy/></ep:activities></status></pp:person>
        <note>On the phone</note>
        <tuple id="2011"><contact priority="1">sip:2011@192.0.2.27</contact>
        <status><basic>open</basic></status></tuple></presence>"#,
    );
    assert_eq!((presence.open, presence.activity.as_deref()), (Some(true), Some("busy")));
    assert_eq!(presence.note.as_deref(), Some("On the phone"));
}

/// An OMA presence server (a parser's own tests): the person told twice, and a word that no list has.
#[test]
fn of_a_person_told_twice_the_last_counts_and_unknown_words_are_shown() {
    let presence = read(
        r#"<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid"
             xmlns:pdm="urn:ietf:params:xml:ns:pidf:data-model"
             xmlns:op="urn:oma:xml:prs:pidf:oma-pres" entity="sip:eva@example.org">
          <pdm:person id="F1"><op:overriding-willingness><op:basic>open</op:basic>
            </op:overriding-willingness><rpid:activities><rpid:busy/></rpid:activities>
            <pdm:note>First</pdm:note></pdm:person>
          <pdm:device id="d1"><status><basic>open</basic></status></pdm:device>
          <pdm:person id="F1"><rpid:activities><rpid:onthephone/></rpid:activities>
            <pdm:note>Hello world</pdm:note></pdm:person></presence>"#,
    );
    assert_eq!(presence.activity.as_deref(), Some("onthephone"));
    assert_eq!(presence.note.as_deref(), Some("Hello world"));
    assert_eq!(presence.open, None, "a device is no tuple");
}

#[test]
fn the_text_of_another_activity_is_its_name() {
    let presence = read(
        r#"<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid"
             xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model">
           <dm:person><r:activities><r:other>Back office</r:other></r:activities></dm:person>
           </presence>"#,
    );
    assert_eq!(presence.activity.as_deref(), Some("Back office"));
    assert_eq!(presence.availability().word.as_deref(), Some("Back office"));
}

#[test]
fn words_namespaces_and_ampersands_are_read_as_servers_send_them() {
    let wanted = Presence {
        entity: Some("pres:eva@example.org".to_owned()),
        open: Some(false),
        activity: Some("meal".into()),
        note: Some("R & D; back & forth".into()),
        idle: Some(true),
        ..Presence::default()
    };
    let inner = "<tuple id='t'><status><basic>Closed</basic></status></tuple><person id='p'>\
        <activities><Meal/></activities><user-input>IDLE</user-input>\
        <note>R & D; back &amp; forth</note></person>";
    for head in ["", " xmlns='urn:ietf:params:xml:ns:pidf'", " xmlns='urn:example:presence'"] {
        let document =
            format!("\u{feff}<presence{head} entity='pres:eva@example.org'>{inner}</presence>");
        assert_eq!(read(&document), wanted, "{head}");
    }
}
