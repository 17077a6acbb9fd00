//! The real program against a server that nobody here has written twice: other paths, another auth header,
//! awkward data. The server is `server.py`; it needs a `python3` and nothing else.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at its first surprise")]

mod acting;
mod board;
mod configuring;
mod entries;
mod figures;
mod hostile;
mod pty;
mod secrets;
mod server;
mod site;
