//! Documents of RFC 4235, in the shapes in which phones and servers send them.
//!
//! None of the shapes is ours: each names where it was seen. Names, numbers and identities are made up.

use std::time::Duration;

use floorwalker::floor::call::Direction;
use floorwalker::floor::time::Moment;
use floorwalker::source::telepo::dialog::{
    self, Dialog, DialogState, Dialogs, Document, Lamp, Taken,
};
use floorwalker::source::telepo::markup::MarkupError;
use proptest::prelude::*;

fn at(second: u64) -> Moment {
    Moment::from_millis(1_000_000 + second * 1_000)
}

fn read(body: &str) -> Document {
    dialog::read(body).unwrap()
}

fn info(version: u32, state: &str, dialogs: &str) -> Document {
    read(&format!(
        r#"<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="{version}"
             state="{state}" entity="sip:eva@example.org">{dialogs}</dialog-info>"#
    ))
}

fn only(document: &Document) -> &Dialog {
    assert_eq!(document.dialogs.len(), 1);
    &document.dialogs[0].1
}

/// RFC 4235, section 6.1: an INVITE that is sent, with nothing but a tag of its own.
#[test]
fn the_first_dialog_of_the_rfc_is_dialled() {
    let document = read(
        r#"<?xml version="1.0"?>
        <dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info"
                     version="0" state="full" entity="sip:eva@example.org">
          <dialog id="d-78" call-id="k4e-76" local-tag="t-30" direction="initiator">
            <state>trying</state>
          </dialog>
        </dialog-info>"#,
    );
    assert_eq!((document.version, document.full), (Some(0), true));
    assert_eq!(only(&document).lamp(), Lamp::Dialling);
    assert_eq!(only(&document).call_id.as_deref(), Some("k4e-76"));
}

/// RFC 4235, section 6.2: forked, so one call is two dialogs; the partial documents end one of them.
#[test]
fn a_forked_call_is_two_dialogs_until_one_is_answered() {
    let mut dialogs = Dialogs::default();
    let early = r#"<dialog id="a" call-id="c" local-tag="1" remote-tag="2" direction="initiator">
        <state code="180">early</state></dialog>"#;
    let other =
        early.replace("id=\"a\"", "id=\"b\"").replace("remote-tag=\"2\"", "remote-tag=\"3\"");
    dialogs.take(info(0, "full", early), at(0));
    dialogs.take(info(1, "partial", &other), at(1));
    assert_eq!(dialogs.iter().count(), 2);
    let over = r#"<dialog id="b"><state code="487" event="cancelled">terminated</state></dialog>"#;
    dialogs.take(info(2, "partial", over), at(2));
    let answered = early.replace("code=\"180\">early", "code=\"200\">confirmed");
    assert_eq!(dialogs.take(info(3, "partial", &answered), at(3)), Taken::Applied);
    assert_eq!((dialogs.iter().count(), dialogs.lamp()), (1, Lamp::InCall));
}

/// RFC 4235, section 6.3 (shared lines): a target whose rendering is off plays nothing.
#[test]
fn a_target_that_renders_nothing_is_on_hold() {
    let document = info(
        1,
        "full",
        r#"<dialog id="x" call-id="c" direction="recipient"><state>confirmed</state>
           <duration>274</duration>
           <local><identity display="Eva">sip:eva@example.org</identity>
             <target uri="sip:eva@192.0.2.7"><param pname="+sip.rendering" pval="no"/></target></local>
           <remote><identity display="Ann Caller">sip:ann@example.net</identity></remote></dialog>"#,
    );
    let dialog = only(&document);
    assert_eq!((dialog.lamp(), dialog.duration), (Lamp::OnHold, Some(274)));
    let party = dialog.party.as_ref().unwrap();
    assert_eq!(party.name.as_deref(), Some("Ann Caller"));
    assert_eq!(party.number.as_deref(), Some("ann"));
}

/// A music-on-hold server of sipX (its unit tests, LGPL): identities without a scheme.
#[test]
fn an_identity_may_lack_its_scheme() {
    let document = read(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"0\" state=\"full\" entity=\"sip:music@example.org:5120\">\n\
         <dialog id=\"2\" call-id=\"call-11-8@192.0.2.15\" local-tag=\"26\" remote-tag=\"1c1\" direction=\"recipient\">\n\
         <state>confirmed</state>\n<local>\n<identity>music@example.org:5120</identity>\n\
         <target uri=\"sip:music@192.0.2.26:5120\"/>\n</local>\n<remote>\n\
         <identity>4040@192.0.2.15</identity>\n</remote>\n</dialog>\n</dialog-info>\n",
    );
    let dialog = only(&document);
    assert_eq!(dialog.lamp(), Lamp::InCall);
    assert_eq!(dialog.party.as_ref().and_then(|own| own.number.as_deref()), Some("4040"));
}

/// A desk phone of Yealink (its manual): full with an old dialog bare and over, then partial three versions on.
#[test]
fn an_old_dialog_may_be_told_as_over_beside_the_present_one() {
    let mut dialogs = Dialogs::default();
    let both = r#"<dialog id="656" call-id="0_31@192.0.2.31" local-tag="23" remote-tag="17" direction="initiator">
        <state>confirmed</state><local><identity>sip:1000@192.0.2.48:5060</identity>
        <target uri="sip:1000@192.0.2.48:5060"/></local>
        <remote><identity>sip:1@192.0.2.48:5060</identity><target uri="sip:1@192.0.2.48:5060"/></remote>
        </dialog><dialog id="652"><state>terminated</state></dialog>"#;
    dialogs.take(info(1, "full", both), at(0));
    assert_eq!((dialogs.iter().count(), dialogs.lamp()), (1, Lamp::InCall));
    let over = r#"<dialog id="656"><state>terminated</state></dialog>"#;
    assert_eq!(dialogs.take(info(4, "partial", over), at(9)), Taken::Gap);
    assert_eq!(dialogs.take(info(2, "partial", over), at(9)), Taken::Applied);
    assert_eq!(dialogs.lamp(), Lamp::Idle);
}

/// Asterisk (as captured in a call centre's tests): always version 0 and full, an idle phone is a dialog that is
/// over, no direction and no party.
#[test]
fn a_server_that_always_starts_anew_is_taken_at_its_word() {
    let mut dialogs = Dialogs::default();
    for (state, lamp) in [
        ("terminated", Lamp::Idle),
        ("early", Lamp::Dialling),
        ("confirmed", Lamp::InCall),
        ("terminated", Lamp::Idle),
    ] {
        let one = format!("<dialog id=\"2001\">\n<state>{state}</state>\n</dialog>\n");
        assert_eq!(dialogs.take(info(0, "full", &one), at(0)), Taken::Applied);
        assert_eq!(dialogs.lamp(), lamp, "{state}");
    }
}

/// Kamailio's collator of dialog events (its unit tests): the other end first, the user's own behind it.
#[test]
fn the_order_of_the_two_ends_does_not_matter() {
    let document = info(
        63,
        "full",
        r#"<dialog id="26b-b4@192.0.2.111" call-id="26b-b4@192.0.2.111" local-tag="CF-97" remote-tag="2F-E3" direction="initiator">
           <state>early</state>
           <remote><identity>sip:5001@example.org;user=phone</identity><target uri="sip:5001@192.0.2.109"/></remote>
           <local><identity>sip:5000@example.org</identity><target uri="sip:5000@192.0.2.111"/></local></dialog>"#,
    );
    let party = only(&document).party.as_ref().unwrap();
    assert_eq!(party.number.as_deref(), Some("5001"));
    assert_eq!(only(&document).direction, Some(Direction::Outbound));
}

/// The tests of a .NET library (`SIPSorcery`): no version, single quotes, and an encoding that the bytes are not in.
#[test]
fn a_document_without_a_version_and_with_a_wrong_encoding_is_read() {
    let document = read(
        "<?xml version='1.0' encoding='utf-16'?><dialog-info state='full' \
         entity='sip:t@example.org' xmlns='urn:ietf:params:xml:ns:dialog-info'>\
         <dialog id='as7' call-id='a84' local-tag='19' direction='initiator'>\
         <state event='rejected' code='486'>terminated</state></dialog></dialog-info>",
    );
    assert_eq!((document.version, only(&document).event.as_deref()), (None, Some("rejected")));
}

#[test]
fn other_documents_are_not_taken_for_one_of_these() {
    let other = dialog::read(r#"<presence xmlns="urn:ietf:params:xml:ns:dialog-info"/>"#);
    assert!(matches!(other, Err(MarkupError::Root { .. })), "{other:?}");
    let prefixed = read(
        r#"<d:dialog-info xmlns:d="urn:ietf:params:xml:ns:dialog-info" version="1" state="full">
           <d:dialog id="1"><d:state>early</d:state></d:dialog></d:dialog-info>"#,
    );
    assert_eq!(only(&prefixed).state, Some(DialogState::Early));
}

/// A one-page client of a phone system (it reads no namespaces): none at all, a wrong one, one on the root alone, and
/// a prefix that nobody declared.
#[test]
fn a_missing_or_wrong_namespace_costs_nothing() {
    let inner = |p: &str| {
        format!(
            "<{p}dialog id='1' direction='recipient'><{p}state>confirmed</{p}state>\
             <{p}remote><{p}identity>sip:100@pbx</{p}identity></{p}remote></{p}dialog>"
        )
    };
    let own = "urn:ietf:params:xml:ns:dialog-info";
    for document in [
        format!("<dialog-info version='1' state='full'>{}</dialog-info>", inner("")),
        format!(
            "<dialog-info xmlns='urn:example' version='1' state='full'>{}</dialog-info>",
            inner("")
        ),
        format!(
            "<d:dialog-info xmlns:d='{own}' version='1' state='full'>{}</d:dialog-info>",
            inner("")
        ),
        format!("<d:dialog-info version='1' state='full'>{}</d:dialog-info>", inner("d:")),
        format!(
            "\u{feff}<?xml version='1.0'?><dialog-info xmlns='{own}' xmlns:x='urn:x' version='1'>{}</dialog-info>",
            inner("x:")
        ),
    ] {
        let document = read(&document);
        let dialog = only(&document);
        assert_eq!(dialog.lamp(), Lamp::InCall, "{document:?}");
        assert_eq!(dialog.party.as_ref().and_then(|own| own.number.as_deref()), Some("100"));
    }
}

/// Kamailio writes `Trying`, Metaswitch whole words in capitals.
#[test]
fn words_count_in_any_case() {
    for (state, direction, lamp) in [
        ("Trying", "Initiator", Lamp::Dialling),
        ("EARLY", "RECIPIENT", Lamp::Ringing),
        (" Confirmed ", "initiator", Lamp::InCall),
        ("TERMINATED", "recipient", Lamp::Idle),
    ] {
        let one = format!("<dialog id='1' direction='{direction}'><state>{state}</state></dialog>");
        assert_eq!(only(&info(1, "Full", &one)).lamp(), lamp, "{state}");
    }
    assert!(!info(1, "Partial", "").full);
}

/// sipX says `committed` in one of its tests.
#[test]
fn a_word_that_nobody_knows_is_never_idle() {
    let mut dialogs = Dialogs::default();
    let one = |id: u8, state: &str| format!("<dialog id='{id}'><state>{state}</state></dialog>");
    dialogs.take(info(0, "full", &one(1, "early")), at(0));
    let document = info(1, "partial", &(one(1, "committed") + &one(2, "established")));
    assert_eq!(document.unknown, ["committed".into(), "established".into()]);
    dialogs.take(document, at(1));
    let states: Vec<_> = dialogs.iter().map(|(_, own)| own.state).collect();
    assert_eq!(states, [Some(DialogState::Early), Some(DialogState::Other)]);
    assert_eq!(dialogs.lamp(), Lamp::InCall);
    assert!(!dialogs.expire(at(150)), "what is no ring does not end as one");
    dialogs.take(info(2, "partial", &(one(1, "terminated") + &one(2, "terminated"))), at(2));
    assert_eq!(dialogs.lamp(), Lamp::Idle);
}

#[test]
fn a_dialog_without_a_state_ends_nothing_and_begins_nothing() {
    let mut dialogs = Dialogs::default();
    dialogs.take(info(0, "full", "<dialog id='1'><state>confirmed</state></dialog>"), at(0));
    dialogs.take(info(1, "partial", "<dialog id='1'/><dialog id='2'><state/></dialog>"), at(1));
    assert_eq!((dialogs.iter().count(), dialogs.lamp()), (1, Lamp::InCall));
}

/// `OpenSIPS` and Kamailio give the branches of a forked call one id.
#[test]
fn of_one_id_that_is_told_several_times_the_most_alive_counts() {
    let one = |tag: &str, state: &str| {
        format!(
            "<dialog id='a' call-id='c' local-tag='l' remote-tag='{tag}'><state>{state}</state></dialog>"
        )
    };
    for order in [["terminated", "confirmed", "early"], ["confirmed", "early", "terminated"]] {
        let all: String = order.iter().map(|state| one(state, state)).collect();
        for form in ["full", "partial"] {
            let mut dialogs = Dialogs::default();
            dialogs.take(info(0, "full", ""), at(0));
            dialogs.take(info(1, form, &all), at(1));
            assert_eq!((dialogs.iter().count(), dialogs.lamp()), (1, Lamp::InCall), "{order:?}");
        }
    }
    let mut dialogs = Dialogs::default();
    dialogs.take(info(0, "full", &one("1", "confirmed")), at(0));
    dialogs.take(info(1, "partial", &one("2", "terminated")), at(1));
    assert_eq!(dialogs.lamp(), Lamp::InCall, "another branch is over");
    dialogs.take(info(2, "partial", &one("1", "terminated")), at(2));
    assert_eq!(dialogs.lamp(), Lamp::Idle);
}

/// Asterisk and `FreeSWITCH` write `pvalue`.
#[test]
fn hold_is_read_in_both_spellings() {
    for param in [
        r#"<param pname="+sip.rendering" pval="no"/>"#,
        r#"<param pname="+sip.rendering" pvalue="no"/>"#,
        r#"<param pname="+SIP.Rendering" pvalue="&quot;NO&quot;"/>"#,
    ] {
        let held = format!(
            "<dialog id='1'><state>confirmed</state><local><target uri='sip:1@x'>{param}</target></local></dialog>"
        );
        assert_eq!(only(&info(1, "full", &held)).lamp(), Lamp::OnHold, "{param}");
        assert_eq!(
            only(&info(1, "full", &held.replace("no\"", "yes\"").replace("NO&", "YES&"))).lamp(),
            Lamp::InCall
        );
    }
}

#[test]
fn the_other_end_is_read_from_every_form_of_its_address() {
    for (remote, name, number) in [
        ("<identity>sip:%2B4631700@pbx</identity>", None, "+4631700"),
        ("<identity>SIPS:200@pbx;user=phone</identity>", None, "200"),
        ("<identity>\"Eva B\" &lt;sip:200@pbx&gt;</identity>", Some("Eva B"), "200"),
        ("<identity>\"Eva B\" <sip:200@pbx></identity>", Some("Eva B"), "200"),
        (
            "<identity display='Told'>Eva &lt;tel:+46-31-700&gt;</identity>",
            Some("Told"),
            "+4631700",
        ),
        ("<identity display='R & D'>sip:200@pbx?a=1&b=2</identity>", Some("R & D"), "200"),
        ("<identity></identity><target uri='sip:200@[2001:db8::7]:5060'/>", None, "200"),
        ("<target uri='sip:[2001:db8::7]:5060'/>", None, "[2001:db8::7]"),
    ] {
        let one = format!("<dialog id='1'><state>early</state><remote>{remote}</remote></dialog>");
        let document = info(1, "full", &one);
        let party = only(&document).party.clone().unwrap();
        assert_eq!(party.name.as_deref(), name, "{remote}");
        assert_eq!(party.number.as_deref(), Some(number), "{remote}");
    }
}

#[test]
fn what_rings_for_longer_than_anything_rings_is_let_go() {
    let mut dialogs = Dialogs::default();
    let rings = r#"<dialog id="1" direction="recipient"><state>early</state></dialog>"#;
    for second in [0, 100, 200] {
        dialogs.take(info(0, "full", rings), at(second));
    }
    assert!(!dialogs.expire(at(200)));
    assert_eq!(dialogs.lamp(), Lamp::Ringing);
    assert!(dialogs.expire(at(201)), "told again it is no younger");
    assert_eq!(dialogs.lamp(), Lamp::Idle);
}

#[test]
fn after_a_stream_was_opened_anew_only_a_full_document_counts() {
    let mut dialogs = Dialogs::default();
    let talks = r#"<dialog id="1"><state>confirmed</state></dialog>"#;
    dialogs.take(info(9, "full", talks), at(0));
    dialogs.reopened();
    assert_eq!(dialogs.take(info(1, "partial", talks), at(1)), Taken::Gap);
    assert_eq!(dialogs.take(info(0, "full", ""), at(2)), Taken::Applied);
    assert_eq!(dialogs.lamp(), Lamp::Idle);
    assert_eq!(dialogs.take(info(0, "partial", talks), at(3)), Taken::Old);
}

#[test]
fn where_versions_never_fit_partial_documents_count_as_they_come() {
    let mut dialogs = Dialogs::default();
    let one = |state: &str| format!("<dialog id='1'><state>{state}</state></dialog>");
    assert_eq!(dialogs.take(info(7, "partial", &one("early")), at(0)), Taken::Gap);
    dialogs.accept_any_version();
    for (version, state, lamp) in [
        (7, "early", Lamp::Dialling),
        (7, "confirmed", Lamp::InCall),
        (19, "terminated", Lamp::Idle),
        (0, "confirmed", Lamp::InCall),
    ] {
        assert_eq!(dialogs.take(info(version, "partial", &one(state)), at(1)), Taken::Applied);
        assert_eq!(dialogs.lamp(), lamp, "{version}");
    }
}

#[test]
fn no_number_of_dialogs_fills_the_memory() {
    let mut dialogs = Dialogs::default();
    let many: Vec<(u16, u8)> = (0..2_000).map(|id| (id, 1)).collect();
    dialogs.take(info(0, "full", &written(&many)), at(0));
    assert_eq!(dialogs.iter().count(), 256);
}

fn some() -> impl Strategy<Value = Vec<(u8, u8)>> {
    prop::collection::vec((0_u8..6, 0_u8..4), 0..8)
}

fn written<I: std::fmt::Display>(dialogs: &[(I, u8)]) -> String {
    let states = ["trying", "early", "confirmed", "terminated"];
    let one = |(id, state): &(I, u8)| {
        let state = states[usize::from(*state)];
        format!("<dialog id='{id}' direction='recipient'><state>{state}</state></dialog>")
    };
    dialogs.iter().map(one).collect()
}

/// Each id once, with the state that is most alive.
fn most_alive(dialogs: &[(u8, u8)]) -> std::collections::BTreeMap<u8, u8> {
    let mut all = std::collections::BTreeMap::new();
    for (id, state) in dialogs {
        let alive = |state: u8| (state + 1) % 4;
        let kept = all.entry(*id).or_insert(*state);
        *kept = if alive(*state) > alive(*kept) { *state } else { *kept };
    }
    all
}

proptest! {
    /// Whatever is changed by partial documents is the same as the full document of all that.
    #[test]
    fn partial_after_full_is_full(first in some(), then in prop::collection::vec(some(), 0..6)) {
        let mut stepwise = Dialogs::default();
        stepwise.take(info(0, "full", &written(&first)), at(0));
        let mut all = most_alive(&first);
        for (version, changes) in (1..).zip(&then) {
            let taken = stepwise.take(info(version, "partial", &written(changes)), at(0));
            prop_assert_eq!(taken, Taken::Applied);
            all.extend(most_alive(changes));
        }
        let mut at_once = Dialogs::default();
        let whole: Vec<(u8, u8)> = all.into_iter().collect();
        at_once.take(info(0, "full", &written(&whole)), at(0));
        prop_assert!(stepwise.iter().eq(at_once.iter()));
        prop_assert_eq!(stepwise.lamp(), at_once.lamp());
    }

    /// A document that is as old as what is known, or older, changes nothing.
    #[test]
    fn what_is_old_changes_nothing(first in some(), version in 0_u32..9, changes in some()) {
        let mut dialogs = Dialogs::default();
        dialogs.take(info(8, "full", &written(&first)), at(0));
        let before = dialogs.clone();
        let gap = dialogs.take(info(version, "partial", &written(&changes)), at(1));
        prop_assert_eq!(gap, Taken::Old);
        prop_assert_eq!(&dialogs, &before);
    }

    #[test]
    fn rings_end(seconds in prop::collection::vec(0_u64..60, 1..40)) {
        let mut dialogs = Dialogs::default();
        let mut now = 0;
        for wait in seconds {
            dialogs.take(info(0, "full", &written(&[(1, 1)])), at(now));
            now += wait;
        }
        dialogs.expire(at(now + Duration::from_secs(201).as_secs()));
        prop_assert_eq!(dialogs.lamp(), Lamp::Idle);
    }
}
