//! Who is measured: boards, a simulator, other programs for terminals; and who speaks to them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::process::is_installed;
use crate::program::{Program, alone};
use crate::telepo::{config, serve};

/// How long a simulator may be silent once it has begun to print its config.
const SILENCE: Duration = Duration::from_secs(1);

/// How long it may take to set a large floor up.
const LIMIT: Duration = Duration::from_mins(1);

/// A program on a terminal whose bytes are counted.
pub struct Counted {
    pub program: Program,
    pub bytes: Arc<AtomicU64>,
}

impl Counted {
    /// Starts a program by its name; `None`, said aloud, where it is not installed.
    pub fn other(name: &str, home: &Path, size: (u16, u16)) -> Option<Self> {
        if !is_installed(name) {
            eprintln!("{name} is not installed: it is left out");
            return None;
        }
        Some(Self::start(alone(name, home), size))
    }

    pub fn start(command: portable_pty::CommandBuilder, size: (u16, u16)) -> Self {
        let bytes = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&bytes);
        let program = Program::start(command, size, move |_, read| {
            count.fetch_add(read.len() as u64, Ordering::Relaxed);
        });
        Self { program, bytes }
    }

    pub fn written(&self) -> f64 {
        f64::from(u32::try_from(self.bytes.load(Ordering::Relaxed)).unwrap())
    }
}

/// The program on a config file of that text, with these arguments.
pub fn floorwalker(home: &Path, text: &str, args: &[&str]) -> portable_pty::CommandBuilder {
    // Each has a home of its own, as each remembers.
    let home = home.join(format!("{:x}", fastrand::u64(..)));
    std::fs::create_dir(&home).unwrap();
    let file = home.join("config.toml");
    std::fs::write(&file, text).unwrap();
    let mut command = alone(env!("CARGO_BIN_EXE_floorwalker"), &home);
    command.arg("--config");
    command.arg(file);
    command.args(args);
    command
}

/// A simulator in a process of its own.
pub struct Simulator {
    child: Child,
    pub config: String,
}

impl Simulator {
    pub fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_floorwalker"))
            .args(["simulate", "--print-config"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines): (_, Receiver<String>) = channel();
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        let mut config = lines.recv_timeout(LIMIT).unwrap() + "\n";
        while let Ok(line) = lines.recv_timeout(SILENCE) {
            config += &(line + "\n");
        }
        Self { child, config }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A Telepo system behind TLS that has no queues and whose stream says nothing. Returns its config.
pub fn behind_tls() -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls");
    let chain = vec![CertificateDer::from_pem_file(folder.join("good.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key.pem")).unwrap();
    let settings = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    let settings = Arc::new(settings.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (opened, streams) = channel();
        let mut kept = Vec::new();
        while let Ok((socket, _)) = listener.accept() {
            let session = ServerConnection::new(Arc::clone(&settings)).unwrap();
            let peer = StreamOwned::new(session, socket);
            let opened = opened.clone();
            thread::spawn(move || serve(peer, r#"{"queue":[]}"#, &opened));
            kept.extend(streams.try_iter());
        }
    });
    let ca = folder.join("ca.pem");
    let base = format!("https://localhost:{port}");
    config("vault", &base) + &format!("ca_file = \"{}\"\n", ca.display())
}

/// Events of one queue after the other, so many a second, each with a figure larger than the last.
pub struct Feed {
    over: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Feed {
    pub fn start(mut stream: TcpStream, queues: u64, rate: u32) -> Self {
        let (over, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (end, count) = (Arc::clone(&over), Arc::clone(&sent));
        let thread = thread::spawn(move || {
            let began = crate::clock::now();
            let mut turn = 0;
            while !end.load(Ordering::Acquire) {
                let due = began.elapsed().as_secs_f64() * f64::from(rate);
                let mut text = String::new();
                while f64::from(u32::try_from(turn).unwrap()) < due && text.len() < 64 * 1024 {
                    turn += 1;
                    text += &event(turn % queues, turn);
                }
                if stream.write_all(text.as_bytes()).is_err() {
                    return;
                }
                count.store(turn, Ordering::Release);
                if text.len() < 64 * 1024 {
                    thread::sleep(Duration::from_millis(if rate < 20 { 50 } else { 10 }));
                }
            }
        });
        Self { over, sent, thread: Some(thread) }
    }

    /// The last figure that was sent, and how many events.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Acquire)
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // A board that is stopped first ends it as well.
            let _ = thread.join();
        }
    }
}

fn event(queue: u64, figure: u64) -> String {
    let (waiting, free) = (figure % 5, figure % 4);
    format!(
        "data: <s><queue id=\"{queue}\" domain=\"example.com\" queueLength=\"{waiting}\" \
         availableAgents=\"{free}\" totalCallsForPeriod=\"{figure}\"/></s>\n\n"
    )
}
