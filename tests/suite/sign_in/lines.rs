//! `auth` where no terminal is: what a script and a log see of it.

use std::process::Output;

use serde_json::Value;

use crate::support::tenant::Tenant;

/// A sign-in in a tenant of that name: the tenant, and how the program ended.
fn sign_in(tenant: &str) -> (Tenant, Output) {
    let tenant = Tenant::of(tenant);
    let output = tenant.run("auth sign-in nimbus");
    (tenant, output)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The phases, actions and outcomes in the audit log.
fn story(tenant: &Tenant) -> Vec<[String; 4]> {
    let word = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    let line = |line: &Value| ["phase", "action", "target", "outcome"].map(|key| word(line, key));
    tenant.audit().iter().map(line).collect()
}

#[test]
fn one_line_says_what_to_do_and_one_who_is_signed_in() {
    let (tenant, output) = sign_in("common-quick");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    let [open, done] = lines.as_slice() else { panic!("{lines:?}") };
    let begin = "open https://microsoft.com/devicelogin and type SIM";
    assert!(open.starts_with(begin) && open.ends_with("it is good for 15m"), "{open}");
    assert!(done.starts_with("signed in to nimbus as anna.visser@contoso.example"), "{done}");
    assert!(output.stderr.is_empty(), "{output:?}");
    assert_eq!(tenant.mode(), 0o600);
    let shown = tenant.prints("auth show nimbus");
    assert!(
        shown.starts_with("nimbus: signed in as anna.visser@contoso.example since "),
        "{shown}"
    );
    assert!(shown.contains("renewed by itself"), "{shown}");
    assert!(shown.contains("\nkept in /") && shown.contains("sign_ins.json"), "{shown}");
}

#[test]
fn a_tenant_that_wants_to_be_asked_less_often_is_told_of() {
    let (_tenant, output) = sign_in("slow-quick");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = text(&output.stderr);
    assert_eq!(said, "the tenant wants to be asked less often: every 6 s\n");
}

#[test]
fn who_says_no_or_is_too_late_is_not_signed_in_and_a_sentence_says_why() {
    let cases = [
        ("denied-quick", "nimbus: the sign-in was denied\n"),
        ("expired-quick", "nimbus: the code is no longer good: ask for a new one\n"),
    ];
    for (name, sentence) in cases {
        let (tenant, output) = sign_in(name);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(text(&output.stderr), sentence);
        let shown = tenant.prints("auth show nimbus");
        assert!(shown.contains("nobody is signed in: run floorwalker auth sign-in"), "{shown}");
        let end = &story(&tenant)[1];
        assert_eq!(*end, ["outcome", "sign_in", "entra", "refused"].map(ToOwned::to_owned));
    }
}

#[test]
fn an_application_that_the_tenant_does_not_know_is_refused_in_its_words() {
    let tenant = Tenant::of("common-quick");
    tenant.reconfigure("sim-client", "stranger");
    let output = tenant.run("auth sign-in nimbus");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("no such application"), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn a_tenant_that_is_not_there_is_told() {
    let tenant = Tenant::of("common-quick");
    let authority = format!("http://{}/entra", tenant.simulator.address());
    tenant.reconfigure(&authority, "http://127.0.0.1:9");
    let output = tenant.run("auth sign-in nimbus");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = text(&output.stderr);
    assert!(said.contains("the tenant cannot be asked") && said.contains("127.0.0.1:9"), "{said}");
}

#[test]
fn both_ends_of_a_sign_in_and_of_a_sign_out_are_in_the_audit_log() {
    let (tenant, _) = sign_in("common-quick");
    let said = tenant.prints("auth sign-out nimbus");
    assert!(said.starts_with("signed out of nimbus as anna"), "{said}");
    assert!(tenant.prints("auth sign-out nimbus").contains("nothing to forget"));
    let expected = [
        ["intent", "sign_in", "entra", ""],
        ["outcome", "sign_in", "entra", "done"],
        ["intent", "sign_out", "entra", ""],
        ["outcome", "sign_out", "entra", "done"],
    ];
    assert_eq!(story(&tenant)[..4], expected.map(|line| line.map(ToOwned::to_owned)));
    assert_eq!(tenant.audit()[0]["source"], "nimbus");
}

#[test]
fn so_are_those_of_a_ticket() {
    let tenant = Tenant::of_telepo();
    tenant.prints("auth sign-in hq");
    tenant.prints("auth sign-out hq");
    let actions: Vec<String> = story(&tenant).into_iter().map(|line| line.join(" ")).collect();
    let expected = [
        "intent sign_in ticket ",
        "outcome sign_in ticket done",
        "intent sign_out ticket ",
        "outcome sign_out ticket done",
    ];
    assert_eq!(actions, expected);
}

#[test]
fn what_is_read_needs_somebody_who_is_signed_in() {
    let tenant = Tenant::of("common-quick");
    let report = || tenant.run("status --format json");
    let error = |output: &Output| {
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        json["sources"][0]["error"].as_str().unwrap_or_default().to_owned()
    };
    let sentence = "nobody is signed in: run floorwalker auth sign-in nimbus";
    let before = report();
    assert_eq!((before.status.code(), error(&before).as_str()), (Some(4), sentence));
    tenant.prints("auth sign-in nimbus");
    let after = report();
    assert_eq!(after.status.code(), Some(0), "{after:?}");
    let json: Value = serde_json::from_slice(&after.stdout).unwrap();
    assert!(!json["entries"].as_array().unwrap().is_empty(), "{json:#}");
    tenant.simulator.end_sign_ins();
    tenant.age(chrono::TimeDelta::hours(2));
    let ended = report();
    let sentence = "the sign-in has ended: run floorwalker auth sign-in nimbus";
    assert_eq!(ended.status.code(), Some(4), "{ended:?}");
    assert_eq!(error(&ended), sentence);
    tenant.prints("auth sign-out nimbus");
    assert_eq!(report().status.code(), Some(4));
}

#[test]
fn what_has_no_sign_in_says_so() {
    let tenant = Tenant::of("common-quick");
    let config = tenant.simulator.config();
    tenant.write_config(&config);
    for (source, why) in [("nimbus", "[source.entra]"), ("helsinki", "only telepo and nimbus")] {
        let output = tenant.run(&format!("auth sign-in {source}"));
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text(&output.stderr).contains(why), "{output:?}");
    }
    assert!(!tenant.path("state/floorwalker/audit.jsonl").exists(), "nothing was asked");
}
