//! The stranger's server as a child process, and what tests say to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// The longest that a test waits for anything.
pub const LIMIT: Duration = Duration::from_secs(20);

/// The server, for as long as a test holds it.
pub struct Server {
    child: Child,
    /// Where the three systems answer.
    pub port: u16,
    control: u16,
}

/// One request that the server saw.
#[derive(Debug, Clone)]
pub struct Seen(pub Value);

impl Server {
    /// Starts the server; a machine without `python3` cannot run these tests, and is told so.
    pub fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign/server.py");
        let mut child = Command::new("python3")
            .args(["-B", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("these tests need python3 in PATH, to be the server: {error}")
            });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ports: Vec<u16> =
            line.split_whitespace().filter_map(|port| port.parse().ok()).collect();
        assert_eq!(ports.len(), 2, "python3 ran, but {script} did not start: {line:?}");
        Self { child, port: ports[0], control: ports[1] }
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.control)).unwrap();
        stream.set_read_timeout(Some(LIMIT * 2)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: control\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a whole answer");
        assert!(head.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
        serde_json::from_str(body).unwrap()
    }

    #[expect(clippy::needless_pass_by_value, reason = "orders are written where they are given")]
    pub fn order(&self, order: Value) {
        self.ask("POST", "/_control", &order);
    }

    /// Changes one value of the floor.
    #[expect(clippy::needless_pass_by_value, reason = "values are written where they are given")]
    pub fn set(&self, at: Value, value: Value) {
        self.order(json!({"do": "set", "at": at, "value": value}));
    }

    /// Sends pieces down every open stream, a chunk each.
    #[expect(clippy::needless_pass_by_value, reason = "pieces are written where they are given")]
    pub fn push(&self, pieces: Value) {
        self.order(json!({"do": "push", "pieces": pieces}));
    }

    /// The next request that fits `matches` goes wrong as `fault` says.
    pub fn fail(&self, matches: &str, fault: Value) {
        let mut order = fault;
        order["do"] = json!("fail");
        order["match"] = json!(matches);
        self.order(order);
    }

    /// Everything it was asked so far that fits.
    pub fn requests(&self, matches: &str) -> Vec<Seen> {
        let answer = self.ask("POST", "/_wait", &json!({"match": matches, "seconds": 0}));
        seen(&answer)
    }

    /// Waits until `count` requests fit.
    pub fn wait(&self, matches: &str, count: usize) -> Vec<Seen> {
        let order = json!({"match": matches, "count": count, "seconds": LIMIT.as_secs()});
        let answer = self.ask("POST", "/_wait", &order);
        assert_eq!(answer["good"], true, "{count} × {matches}: {answer:#}");
        seen(&answer)
    }

    /// Waits until streams were opened so often.
    pub fn wait_for_streams(&self, opened: usize) {
        let order = json!({"opened": opened, "seconds": LIMIT.as_secs()});
        let answer = self.ask("POST", "/_wait", &order);
        assert_eq!(answer["good"], true, "{opened} streams");
    }

    /// What was sent that changes something.
    pub fn actions(&self) -> Vec<Seen> {
        self.requests("^(POST|PUT|DELETE|PATCH) ")
    }
}

fn seen(answer: &Value) -> Vec<Seen> {
    answer["requests"].as_array().unwrap().iter().cloned().map(Seen).collect()
}

impl Seen {
    /// Method and path, with the query where there is one.
    pub fn line(&self) -> String {
        let text = |key: &str| self.0[key].as_str().unwrap().to_owned();
        let (method, path, query) = (text("method"), text("path"), text("query"));
        match query.is_empty() {
            true => format!("{method} {path}"),
            false => format!("{method} {path}?{query}"),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.0["headers"][name].as_str()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It ends with its input; a test that has failed already does not care.
        let _ = self.child.wait();
    }
}
