//! `auth sign-in` on a terminal: a code to be read from across the desk.

use rustix::process::Signal;

use crate::support::pty::{Stage, shown};
use crate::support::tenant::Tenant;

/// A sign-in in a tenant of that name, once its code is shown.
fn stage(tenant: &Tenant, width: u16, height: u16) -> Stage {
    let stage = tenant.stage("auth sign-in nimbus", width, height);
    stage.until_shown(width, height, "type this code");
    stage
}

fn text(stage: &Stage) -> String {
    shown(&stage.bytes(), 80, 24).screen().contents()
}

#[test]
fn the_code_is_large_and_the_time_runs() {
    let tenant = Tenant::of("waiting");
    let mut stage = stage(&tenant, 80, 24);
    stage.until_shown(80, 24, "good for 14:5");
    let screen = text(&stage);
    for line in
        ["Sign in to nimbus", "https://microsoft.com/devicelogin", "waiting until it is typed"]
    {
        assert!(screen.contains(line), "{line} in\n{screen}");
    }
    // The stroke of an S above, in dots.
    assert!(screen.contains(" ████  ██ ██    ██  ████ "), "{screen}");
    stage.until("another second", |bytes| {
        let text = shown(bytes, 80, 24).screen().contents();
        !text.contains("15:00") && text.contains("good for 14:57")
    });
    stage.press("q");
    let end = stage.end();
    assert_eq!(end.code, 1);
    let bytes = stage.close();
    let left = shown(&bytes, 80, 24);
    assert!(!left.screen().alternate_screen() && !left.screen().hide_cursor());
    assert!(left.screen().contents().contains("left before the code was typed"));
}

#[test]
fn y_copies_the_address_and_then_the_code() {
    let tenant = Tenant::of("waiting");
    let mut stage = stage(&tenant, 80, 24);
    // OSC 52 with the address, in base64; then with SIM000001.
    stage.press("y");
    stage
        .until("the address", |bytes| holds(bytes, "aHR0cHM6Ly9taWNyb3NvZnQuY29tL2RldmljZWxvZ2lu"));
    stage.until_shown(80, 24, "copies the code (the address is copied)");
    stage.press("y");
    stage.until("the code", |bytes| holds(bytes, "U0lNMDAwMDAx"));
    stage.press("\x1b");
    assert_eq!(stage.end().code, 1);
    stage.close();
}

fn holds(bytes: &[u8], text: &str) -> bool {
    let written = String::from_utf8_lossy(bytes);
    written.split("\x1b]52;c;").skip(1).any(|rest| rest.starts_with(text))
}

#[test]
fn who_typed_it_is_signed_in_and_the_terminal_given_back() {
    let tenant = Tenant::of("common-quick");
    let mut stage = stage(&tenant, 80, 24);
    let end = stage.end();
    assert_eq!(end.code, 0);
    let left = shown(&stage.close(), 80, 24).screen().contents();
    assert!(left.contains("signed in to nimbus as anna.visser@contoso.example"), "{left}");
    assert_eq!(tenant.mode(), 0o600);
}

#[test]
fn a_refusal_is_said_on_the_terminal_as_it_was_found() {
    let tenant = Tenant::of("denied-quick");
    let mut stage = stage(&tenant, 80, 24);
    assert_eq!(stage.end().code, 1);
    let left = shown(&stage.close(), 80, 24).screen().contents();
    assert!(left.contains("nimbus: the sign-in was denied"), "{left}");
}

#[test]
fn an_interrupt_ends_it_as_a_key_and_as_a_signal() {
    let tenant = Tenant::of("waiting");
    let mut by_key = stage(&tenant, 80, 24);
    by_key.press("\x03");
    assert_eq!(by_key.end().code, 130);
    by_key.close();
    let mut by_signal = stage(&tenant, 80, 24);
    by_signal.signal(Signal::TERM);
    assert_eq!(by_signal.end().code, 143);
    by_signal.close();
    let outcomes: Vec<_> = tenant.audit().iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(
        outcomes,
        [serde_json::Value::Null, "failed".into(), serde_json::Value::Null, "failed".into()]
    );
}

#[test]
fn a_small_terminal_shows_the_code_in_plain_letters() {
    let tenant = Tenant::of("waiting");
    let stage = stage(&tenant, 36, 10);
    stage.until_shown(36, 10, "SIM000001");
    stage.until_shown(36, 10, "good for 14:5");
    stage.until_shown(36, 10, "q leaves");
    stage.resize(120, 34);
    stage.until_shown(120, 34, " ████  ██ ██    ██ ");
    stage.signal(Signal::TERM);
}
