//! A board on a Nimbus to which people sign in elsewhere.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;

use crate::support::pty::{Stage, Watch};
use crate::support::scripted::LIMIT;
use crate::support::tenant::Tenant;

const SIZE: (u16, u16) = (140, 30);

/// A board with the sources in front.
fn board(tenant: &Tenant, flags: &str) -> (Stage, Watch) {
    let (mut stage, watch) = (tenant.stage(flags, SIZE.0, SIZE.1), Watch::new(SIZE.0, SIZE.1));
    shows(&stage, &watch, "floorwalker");
    stage.press("8");
    (stage, watch)
}

fn shows(stage: &Stage, watch: &Watch, text: &str) {
    stage.until_seen(watch, text, |screen| screen.contents().contains(text));
}

/// Waits until the tenant handed out so many tokens.
fn until_granted(tenant: &Tenant, count: usize) {
    tenant.wait(async {
        let granted = async {
            while tenant.simulator.tokens() < count {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(LIMIT, granted).await.expect("a token in time");
    });
}

#[test]
fn a_board_says_that_nobody_is_signed_in_and_goes_on_once_somebody_is() {
    let tenant = Tenant::of("common-quick");
    let (mut stage, watch) = board(&tenant, "");
    shows(&stage, &watch, "nobody is signed in: run floorwalker auth sign-in nimbus");
    tenant.prints("auth sign-in nimbus");
    stage.press("r");
    shows(&stage, &watch, "polling");
    stage.press("7");
    shows(&stage, &watch, "scheduled");
    stage.press("q");
    assert_eq!(stage.end().code, 0);
}

#[test]
fn a_board_renews_in_time_and_shares_the_sign_in_with_whatever_else_runs() {
    let tenant = Tenant::of("common-quick-brief");
    tenant.prints("auth sign-in nimbus");
    let (mut stage, watch) = board(&tenant, "");
    shows(&stage, &watch, "polling");
    let before = tenant.kept()["refresh"].clone();
    // Whoever came with a renewal that is used up would be signed out, and with it all.
    for count in [2, 3, 4] {
        let status = tenant.run("status --format json");
        assert_eq!(status.status.code(), Some(0), "{status:?}");
        until_granted(&tenant, count);
    }
    assert_ne!(tenant.kept()["refresh"], before, "rotated, and kept");
    assert_eq!(tenant.mode(), 0o600);
    shows(&stage, &watch, "polling");
    stage.press("q");
    assert_eq!(stage.end().code, 0);
}

#[test]
fn a_refused_token_is_renewed_once_and_the_board_goes_on() {
    let tenant = Tenant::of("common-quick");
    tenant.prints("auth sign-in nimbus");
    tenant.age(TimeDelta::minutes(20));
    let (mut stage, watch) = board(&tenant, "");
    shows(&stage, &watch, "polling");
    assert_eq!(tenant.simulator.tokens(), 1);
    tenant.simulator.revoke_tokens();
    until_granted(&tenant, 2);
    let report: Value = serde_json::from_str(&tenant.prints("status --format json")).unwrap();
    assert_eq!(report["sources"][0]["link"], "polling", "{report:#}");
    assert_eq!(tenant.simulator.tokens(), 2, "the report used what the board had kept");
    stage.press("q");
    assert_eq!(stage.end().code, 0);
}

#[test]
fn no_token_of_a_sign_in_is_on_a_screen_in_a_log_or_in_the_audit() {
    let tenant = Tenant::of("common-quick-brief");
    let mut seen = String::new();
    let mut secrets = Vec::new();
    let mut keep = |kept: &Value| {
        for key in ["token", "refresh"] {
            secrets.push(kept[key].as_str().unwrap().to_owned());
        }
    };
    let mut told = |args: &str| {
        let output = tenant.run(args);
        seen += &String::from_utf8_lossy(&output.stdout);
        seen += &String::from_utf8_lossy(&output.stderr);
    };
    told("-vv auth sign-in nimbus");
    keep(&tenant.kept());
    told("-vv auth show nimbus");
    told("config show");
    told("-vv config check --connect");
    let (mut stage, watch) = board(&tenant, "-vv");
    shows(&stage, &watch, "polling");
    until_granted(&tenant, 2);
    keep(&tenant.kept());
    tenant.simulator.end_sign_ins();
    shows(&stage, &watch, "sign in again: the token is refused");
    told("-vv status --format json");
    stage.press("q");
    assert_eq!(stage.end().code, 0);
    told("-vv auth sign-out nimbus");
    seen += &String::from_utf8_lossy(&stage.close());
    seen += &tenant.written();
    assert!(seen.contains("answer") && seen.contains("intent"), "a log and an audit were read");
    for secret in secrets {
        assert!(!seen.contains(&secret), "{secret}");
    }
}
