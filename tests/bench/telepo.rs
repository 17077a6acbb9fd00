//! A Telepo system on loopback that says what a bench wants it to: polls are answered, and whoever opens the
//! stream is handed over.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::json;

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// The head of a stream that ends with its connection.
const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

/// The system.
pub struct Telepo {
    /// Where it listens.
    pub address: SocketAddr,
    streams: Receiver<TcpStream>,
}

impl Telepo {
    /// Starts a system of so many queues, named “Queue 0” and on.
    pub fn start(queues: u32) -> Self {
        let rows: Vec<_> = (0..queues)
            .map(|id| {
                json!({
                    "name": format!("Queue {id}"), "domain": "example.com", "id": id, "queueLength": 0,
                    "availableAgents": 4, "loggedInAgents": 9, "longestWaiting": 0,
                    "totalCallsForPeriod": 412, "answeredCallsForPeriod": 380,
                    "droppedCallsForPeriod": 18,
                })
            })
            .collect();
        let statistics: Arc<str> = json!({ "queue": rows }).to_string().into();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (opened, streams) = channel();
        thread::spawn(move || {
            while let Ok((peer, _)) = listener.accept() {
                peer.set_nodelay(true).unwrap();
                let (statistics, opened) = (Arc::clone(&statistics), opened.clone());
                thread::spawn(move || serve(peer, &statistics, &opened));
            }
        });
        Self { address, streams }
    }

    /// Waits until the stream is opened; its head is sent.
    pub fn stream(&self) -> TcpStream {
        self.streams.recv_timeout(LIMIT).unwrap()
    }

    /// A config file for it, which polls once and then listens.
    pub fn config(&self) -> String {
        config("hq", &format!("http://{}", self.address))
    }
}

/// A source of a config file, which polls once and then listens.
pub fn config(name: &str, base: &str) -> String {
    format!(
        "[[source]]\nname = \"{name}\"\nkind = \"telepo\"\nbase_url = \"{base}/api\"\n\
             domain = \"example.com\"\nuser = \"ada\"\nticket = \"none\"\npoll = \"1h\"\n\
             poll_agents = \"1h\"\nidle = \"1h\"\n"
    )
}

/// Answers on one connection, until it is a stream or closed.
pub fn serve<P: Read + Write>(mut peer: P, statistics: &str, opened: &Sender<P>) {
    let mut request = Vec::new();
    loop {
        let mut bytes = [0; 4096];
        let Ok(count @ 1..) = peer.read(&mut bytes) else { return };
        request.extend_from_slice(&bytes[..count]);
        if !request.ends_with(b"\r\n\r\n") {
            continue;
        }
        let head = String::from_utf8_lossy(&request);
        let path = head.split(' ').nth(1).unwrap_or_default();
        let body = if path.contains("/distributiongroup/statistics/") {
            if peer.write_all(STREAM.as_bytes()).is_ok() {
                // Nobody listens any more once the bench is over.
                let _ = opened.send(peer);
            }
            return;
        } else if path.contains("/queuestatistics/") {
            statistics
        } else {
            r#"{"groups":[],"group":[]}"#
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        if peer.write_all((head + body).as_bytes()).is_err() {
            return;
        }
        request.clear();
    }
}
