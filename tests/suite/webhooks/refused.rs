//! R1: a refused body is read within bounds, so that a proxy in front gets its answer and takes no relay out.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use floorwalker::clock;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::enreach::with;
use crate::support::outside;
use crate::support::reception::{LIMIT, Reception, TOKEN, client};

/// Sends a request with its whole body, and only then reads: the answer, whole.
fn answer(address: SocketAddr, head: &str, body: &[u8]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let head = format!("{head}Host: x\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_a_refusal_is_read_by_whoever_sends_the_whole_body_first() {
    let folder = tempfile::tempdir().unwrap();
    let reception = Reception::open(folder.path()).await;
    let (post, good) =
        ("POST /webhook/helsinki HTTP/1.1\r\n", format!("X-Benemen-Token: {TOKEN}\r\n"));
    let cases = [
        (401, format!("{post}X-Benemen-Token: wrong\r\n"), 900_000),
        (401, format!("{post}Expect: 100-continue\r\n"), 20_000),
        (404, "POST /nothing/here/at/all HTTP/1.1\r\n".to_owned(), 900_000),
        (405, "PUT /webhook/helsinki HTTP/1.1\r\n".to_owned(), 900_000),
        (413, format!("{post}{good}"), 900_000),
        (415, format!("{post}{good}Content-Encoding: br\r\n"), 200_000),
    ];
    for (status, head, size) in cases {
        for round in 0..5 {
            let (address, head) = (reception.address, head.clone());
            let body = vec![b'x'; size];
            let read = tokio::task::spawn_blocking(move || answer(address, &head, &body));
            let read = read.await.unwrap();
            let text = read.unwrap_or_else(|error| panic!("{status}, round {round}: {error}"));
            // Where the client waits for a word to go on, the refusal may stand behind that.
            let refusal = text.trim_start_matches("HTTP/1.1 100 Continue\r\n\r\n");
            assert!(refusal.starts_with(&format!("HTTP/1.1 {status} ")), "{status}: {text}");
            assert!(refusal.contains("connection: close"), "{status}: {text}");
        }
    }
    assert_eq!(*reception.store.newest().borrow(), 0);
    reception.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_a_refused_body_without_an_end_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let reception = Reception::open(folder.path()).await;
    for (name, flood) in [("a flood", true), ("a trickle", false)] {
        let address = reception.address;
        let cut = tokio::task::spawn_blocking(move || {
            let began = clock::moment();
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_write_timeout(Some(LIMIT)).unwrap();
            let head =
                "POST /webhook/helsinki HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n";
            stream.write_all(head.as_bytes()).unwrap();
            let mut sent = 0_usize;
            let chunk = vec![b'x'; if flood { 64 * 1024 } else { 1 }];
            while stream.write_all(&chunk).is_ok() {
                sent += chunk.len();
                if !flood {
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
            (clock::moment().since(began), sent)
        });
        let (took, sent) = cut.await.unwrap();
        assert!(took <= Duration::from_secs(6), "{name}: {took:?}");
        // What the kernels of both sides hold comes on top.
        assert!(sent <= 16 * 1024 * 1024, "{name}: {sent} bytes");
    }
    reception.close().await;
}

/// A proxy of its own, in front of two relays.
struct Nginx {
    child: Child,
    address: SocketAddr,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The block of the README for several relays.
fn block() -> String {
    let readme = include_str!("../../../README.md");
    let from = readme.find("upstream relays {").unwrap();
    readme[from..].split("```").next().unwrap().to_owned()
}

impl Nginx {
    fn start(program: &Path, folder: &Path, block: &str) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (upstream, location) = block.split_at(block.find("location").unwrap());
        let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {}/{name};\n", folder.display()))
            .concat();
        let text = format!(
            "daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n\
             events {{}}\nhttp {{ access_log off;\n{paths}\n{upstream}\n\
             server {{ listen {address};\n{location}\n}} }}",
            folder = folder.display()
        );
        let path = folder.join("nginx.conf");
        std::fs::write(&path, text).unwrap();
        let child = Command::new(program)
            .arg("-e")
            .arg(folder.join("error.log"))
            .arg("-c")
            .arg(&path)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let own = Self { child, address };
        let end = clock::moment().after(LIMIT);
        while TcpStream::connect(own.address).is_err() {
            assert!(clock::moment() < end, "nginx listens");
            std::thread::sleep(Duration::from_millis(20));
        }
        own
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r1_behind_nginx_strangers_take_no_relay_out() {
    let test = "r1_behind_nginx_strangers_take_no_relay_out";
    let Some(program) = outside::program("nginx", test) else { return };
    let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let relays = [Reception::open(homes[0].path()).await, Reception::open(homes[1].path()).await];
    let block = block()
        .replace("10.0.0.11:8480", &relays[0].address.to_string())
        .replace("10.0.0.12:8480", &relays[1].address.to_string());
    assert!(block.contains(" max_fails=0;"), "{block}");
    // As the README has it, and as nginx does it by itself: one failure takes a relay out for ten seconds.
    for (name, block) in
        [("readme", block.clone()), ("strict", block.replace(" max_fails=0;", ";"))]
    {
        let folder = tempfile::tempdir().unwrap();
        let proxy = Nginx::start(&program, folder.path(), &block);
        let url = format!("http://{}/webhook/helsinki", proxy.address);
        for number in 0..40 {
            for (token, size) in [("wrong-token-of-a-stranger", 200_000), (TOKEN, 700_000)] {
                let request = client().post(&url).header("X-Benemen-Token", token);
                let status = request.body(vec![b'x'; size]).send().await.unwrap().status();
                let expected = if token == TOKEN {
                    StatusCode::PAYLOAD_TOO_LARGE
                } else {
                    StatusCode::UNAUTHORIZED
                };
                assert_eq!(status, expected, "{name} {number}");
            }
            let event = with("QueueStatus", &json!({ "Id": format!("{name}-{number}") }));
            let request = client().post(&url).header("X-Benemen-Token", TOKEN);
            let status = request.body(event.to_string()).send().await.unwrap().status();
            assert_eq!(status, StatusCode::OK, "{name} {number}");
        }
        drop(proxy);
        let log = std::fs::read_to_string(folder.path().join("error.log")).unwrap_or_default();
        assert!(!log.contains("upstream"), "{name}: {log}");
    }
    let kept: u64 = relays.iter().map(|relay| *relay.store.newest().borrow()).sum();
    assert_eq!(kept, 80);
    for relay in relays {
        relay.close().await;
    }
}
