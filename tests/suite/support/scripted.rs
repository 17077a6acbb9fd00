//! A server that says exactly the bytes it is told to, and remembers what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use floorwalker::clock;
use floorwalker::floor::time::Moment;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The longest a test waits for anything.
pub const LIMIT: Duration = Duration::from_secs(20);

/// One thing that the server does after a request.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends bytes, at once and on their own.
    Send(Vec<u8>),
    /// Sends the same bytes so many times, or until the peer has gone.
    Repeat(Vec<u8>, usize),
    /// Is silent for a while.
    Pause(Duration),
    /// Keeps the connection open until the peer closes it.
    Hold,
    /// Ends the connection with RST.
    Reset,
}

/// What the server does for one request; then it closes, unless told otherwise.
pub type Script = Vec<Step>;

pub fn say(text: impl AsRef<[u8]>) -> Step {
    Step::Send(text.as_ref().to_vec())
}

/// A whole answer of HTTP/1.1 with its length, after which the connection ends.
pub fn answer(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Script {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status}\r\nconnection: close\r\n").into_bytes();
    for header in headers {
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    vec![Step::Send(bytes)]
}

/// The head of an event stream that ends with its connection.
pub const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n";

/// An event stream that sends these bytes and then stays open.
pub fn stream(bytes: impl AsRef<[u8]>) -> Script {
    vec![say(STREAM), say(bytes), Step::Hold]
}

/// An event stream that sends these bytes and ends.
pub fn brief(bytes: impl AsRef<[u8]>) -> Script {
    vec![say(STREAM), say(bytes)]
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub at: Moment,
    /// Request line and headers, as sent.
    pub head: String,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A server on loopback. It answers its n-th request with its n-th script, and all later ones with the last.
pub struct Scripted {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    count: watch::Receiver<usize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Scripted {
    pub async fn start(scripts: Vec<Script>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (counter, count) = watch::channel(0);
        let (counter, kept) = (Arc::new(counter), Arc::clone(&seen));
        let task = tokio::spawn(async move {
            let mut peers = tokio::task::JoinSet::new();
            while let Ok((peer, _)) = listener.accept().await {
                peers.spawn(serve(peer, scripts.clone(), Arc::clone(&kept), Arc::clone(&counter)));
            }
        });
        Self { address, seen, count, task }
    }

    /// Starts one that must never be asked anything.
    pub async fn untouched() -> Self {
        Self::start(vec![answer("500 Touched", &[], "")]).await
    }

    /// Its address with a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How often it was asked so far.
    pub fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// Waits until it was asked so often.
    pub async fn asked(&self, count: usize) -> Vec<Seen> {
        let mut seen = self.count.clone();
        let enough = seen.wait_for(|now| *now >= count);
        tokio::time::timeout(LIMIT, enough).await.expect("enough requests in time").unwrap();
        self.seen()
    }
}

async fn serve(
    mut peer: TcpStream,
    scripts: Vec<Script>,
    seen: Arc<Mutex<Vec<Seen>>>,
    counter: Arc<watch::Sender<usize>>,
) {
    let Some(request) = read_request(&mut peer).await else { return };
    let index = {
        let mut seen = seen.lock().unwrap();
        seen.push(request);
        seen.len() - 1
    };
    counter.send_modify(|count| *count += 1);
    let script = scripts.get(index).or(scripts.last()).cloned().unwrap_or_default();
    for step in script {
        if play(&mut peer, step).await.is_err() {
            return;
        }
    }
    let _ = peer.shutdown().await;
}

async fn play(peer: &mut TcpStream, step: Step) -> std::io::Result<()> {
    match step {
        Step::Send(bytes) => {
            peer.set_nodelay(true)?;
            peer.write_all(&bytes).await
        }
        Step::Repeat(bytes, times) => {
            for _ in 0..times {
                peer.write_all(&bytes).await?;
            }
            Ok(())
        }
        Step::Pause(span) => {
            tokio::time::sleep(span).await;
            Ok(())
        }
        Step::Hold => {
            let mut rest = [0; 1024];
            while peer.read(&mut rest).await? > 0 {}
            Ok(())
        }
        Step::Reset => {
            #[expect(
                deprecated,
                reason = "zero seconds of lingering is how RST is sent; it blocks nothing"
            )]
            peer.set_linger(Some(Duration::ZERO))?;
            Err(std::io::ErrorKind::ConnectionReset.into())
        }
    }
}

/// Reads a head and as much body as it announces; nothing where the peer closes before.
async fn read_request(peer: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if peer.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut request = Seen { at: clock::moment(), head, body: bytes.split_off(end) };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    while request.body.len() < length {
        if peer.read_buf(&mut request.body).await.ok()? == 0 {
            return None;
        }
    }
    Some(request)
}
