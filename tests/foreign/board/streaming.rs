//! What a stream pushes stands on the board at once.

use serde_json::json;

use super::{open, quiet};
use crate::pty::{Pty, SECOND};

fn waiting(pty: &Pty, queue: &str, count: &str) -> bool {
    pty.line(queue).is_some_and(|line| line.split_whitespace().any(|word| word == count))
}

#[test]
fn an_update_in_any_form_is_on_the_board_within_a_second() {
    let site = quiet();
    let mut pty = open(&site, &[]);
    site.server.wait_for_streams(1);
    pty.sees("live");
    let row = |count: &str| {
        format!(
            "<queue-statistics><queue id=\"21\" domain=\"example.net\" queueLength=\"{count}\"/></queue-statistics>"
        )
    };
    let forms = [
        ("701", json!([format!("data: {}\n\n", row("701"))])),
        ("702", json!([format!(": beat\r\nid: 7\r\nevent: queue\r\ndata:{}\r\n\r\n", row("702"))])),
        ("703", json!([format!("retry: 200\rdata: {}\r\r", row("703"))])),
        // Many lines, cut anywhere, also between CR and LF.
        ("704", json!([
            ": x\r", "\nda", "ta: <s:all xmlns:s=\"urn:x\">\r\nd", "ata: <s:queue id=\"21\">\r", "\ndata:   <s:domain>exam",
            "ple.net</s:domain><s:number>+1</s:number><s:queueLength>7", "04</s:queueLength><s:mood/></s:queue>\r\ndata: </s:all>\r\n", "\r", "\n"
        ])),
        // Cut within a character, a byte at a time.
        ("705", json!(
            "data: <queue name=\"Taxi\" domain=\"example.net\" queueLength=\"705\"><current-agent-presence name=\"Päivää\" count=\"1\"/></queue>\n\n"
                .bytes().map(|byte| json!([byte])).collect::<Vec<_>>()
        )),
    ];
    for (count, pieces) in forms {
        assert!(!waiting(&pty, "Taxi", count));
        site.server.push(pieces);
        let good = pty.within(SECOND, |pty| waiting(pty, "Taxi", count));
        assert!(good, "{count} did not come within a second\n{}", pty.text());
    }
    // The number is shared with a queue of another domain, which stays as it is.
    assert!(waiting(&pty, "Harbour", "0"), "{}", pty.text());
}

#[test]
fn rubbish_in_the_stream_harms_nothing_and_the_next_update_comes() {
    let site = quiet();
    let mut pty = open(&site, &[]);
    site.server.wait_for_streams(1);
    pty.sees("live");
    site.server.push(json!([
        "data: no xml at all\n\n",
        "data: <queue id=\"21\" queueLength=\"9",
        "\n\ndata: {\"queue\": 1}\n\n",
        "data: <!DOCTYPE x [<!ENTITY e \"boom\">]><queue id=\"21\" queueLength=\"&e;\"/>\n\n",
        "data: <queue id=\"21\" domain=\"example.net\" queueLength=\"-4\" longestWaiting=\"many\"/>\n\n",
        "data: <queue id=\"21\" domain=\"example.net\" queueLength=\"706\"/>\n\n",
    ]));
    let good = pty.within(SECOND, |pty| waiting(pty, "Taxi", "706"));
    assert!(good, "{}", pty.text());
    assert!(waiting(&pty, "Taxi", "5"), "what an update does not tell stays: {}", pty.text());
}

#[test]
fn a_queue_that_no_poll_told_of_may_come_by_the_stream() {
    let site = quiet();
    let mut pty = open(&site, &[]);
    site.server.wait_for_streams(1);
    pty.sees("live");
    site.server.push(json!(["data: <queue id=\"901\" name=\"Newborn\" queueLength=\"2\"/>\n\n"]));
    pty.sees("Newborn");
}

#[test]
fn a_stream_that_ends_is_opened_again_with_the_last_id_and_everything_is_read_anew() {
    let site = quiet();
    let mut pty = open(&site, &[]);
    site.server.wait_for_streams(1);
    pty.sees("live");
    site.server.push(json!(["retry: 100\nid: mark-41\ndata: <queue id=\"21\" domain=\"example.net\" queueLength=\"707\"/>\n\n"]));
    pty.until("707", |pty| waiting(pty, "Taxi", "707"));
    for (opened, how) in [(2, "end"), (3, "reset")] {
        site.server.set(json!(["statistics", 0, "queueLength"]), json!(710 + opened));
        site.server.order(json!({"do": "kill_streams", "how": how}));
        site.server.wait_for_streams(opened);
        pty.until("the new figure", |pty| waiting(pty, "Taxi", &(710 + opened).to_string()));
        pty.sees("live");
    }
    let opened = site.server.requests("distributiongroup/statistics");
    assert_eq!(opened[0].header("last-event-id"), None);
    assert_eq!(opened[0].header("accept"), Some("text/event-stream"));
    assert_eq!(opened[0].header("x-api-ticket"), Some("t-canary-main-19c2"));
    assert_eq!(opened[1].header("last-event-id"), Some("mark-41"));
    assert_eq!(opened[2].header("last-event-id"), Some("mark-41"));
}

#[test]
fn without_a_stream_the_polls_go_on_and_the_link_says_so() {
    let site = crate::site::Site::with(crate::site::telepo);
    site.server.fail("distributiongroup/statistics", json!({"status": 404, "times": 1000}));
    let mut pty = open(&site, &[]);
    pty.sees("polling");
    site.server.set(json!(["statistics", 0, "queueLength"]), json!(720));
    pty.until("the poll's figure", |pty| waiting(pty, "Taxi", "720"));
}
