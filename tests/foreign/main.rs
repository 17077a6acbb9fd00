//! The real program against a server that nobody here has written twice: other paths, another auth header,
//! awkward data. The server is `server.py`; it needs a `python3` and nothing else.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends at its first surprise")]

mod acting;
mod board;
mod configuring;
mod corpus;
mod entries;
mod figures;
mod hostile;
mod planning;
mod printed;
mod pty;
mod secrets;
mod server;
mod site;

/// What the suite knows of hostile names and of the terminal's grammar.
#[path = "../suite/support"]
mod suite {
    pub mod grammar;
    #[expect(dead_code, reason = "the suite uses more of it")]
    pub mod hostile;
}
