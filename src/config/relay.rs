//! From `[relay]` as written to what a relay is started with.

use std::net::SocketAddr;

use secrecy::ExposeSecret;

use crate::config::Complaint;
use crate::config::file::{RelayTable, line_at, nearest};
use crate::relay::access::{Scope, TokenSettings};
use crate::relay::{LISTEN, Settings};
use crate::source::settings::{NatsServer, TlsFiles};
use crate::text::Shown;
use crate::transport::secret::{SecretError, SecretSource, is_strong};

/// What is wrong with a secret in a file that is not the owner's alone.
const OPEN: &str = "stands in a file that others can read: chmod 600 the file, or use { env = \"…\" }, \
                    { file = \"…\" } or { command = [\"…\"] }";

/// The relay of the file; what is wrong goes to `complaints`.
pub(super) fn settings(
    table: RelayTable,
    text: &str,
    private: bool,
    complaints: &mut Vec<Complaint>,
) -> Option<Settings> {
    let before = complaints.len();
    let section = super::line_of(text, "[relay]").map_or(0, |line| line - 1);
    let mut complain = |key: &str, what: String| {
        let within = text.lines().enumerate().skip(section);
        let line = within
            .skip(1)
            .take_while(|(_, line)| !line.trim_start().starts_with('['))
            .find(|(_, line)| line.trim_start().starts_with(key))
            .map_or(section, |(index, _)| index);
        complaints.push(Complaint { line: Some(line + 1), what: Shown::clean(&what) });
    };
    let written = table.listen.as_deref().unwrap_or(LISTEN);
    let listen: Option<SocketAddr> = written.parse().ok();
    match listen {
        None => complain("listen", format!("listen {written:?}: write an address and a port")),
        Some(address) => {
            let guarded = table.tls.is_some() || table.behind_proxy == Some(true);
            if !guarded && !address.ip().is_loopback() {
                let what = format!(
                    "without tls only loopback is listened on, not {address}: set tls, or \
                     behind_proxy = true"
                );
                complain("listen", what);
            }
        }
    }
    if table.token.is_empty() {
        complain("[relay]", "a relay needs a [[relay.token]] for its boards".to_owned());
    }
    let nats = match table.nats {
        Some(written) => {
            let consent = ("nats_insecure", table.nats_insecure);
            let secret = matches!(table.nats_token, Some(SecretSource::Literal(_)));
            let server = NatsServer::new(&written, table.nats_token, table.nats_ca_file, consent);
            let server = server.map_err(|error| complain("nats", format!("nats: {error}"))).ok();
            if secret && !private && server.as_ref().is_some_and(|server| !server.is_local()) {
                complain("nats_token", format!("nats_token {OPEN}"));
            }
            server
        }
        None => None,
    };
    let mut tokens: Vec<TokenSettings> = Vec::new();
    for spanned in table.token {
        let line = Some(line_at(text, spanned.span().start));
        let token = spanned.into_inner();
        let mut complain =
            |what: String| complaints.push(Complaint { line, what: Shown::clean(&what) });
        if tokens.iter().any(|known| known.name == token.name) {
            complain(format!("there are two relay tokens named {:?}", token.name));
        }
        match &token.token {
            SecretSource::Keyring(_) => complain(
                "token: this build cannot read the keyring: use env, file or command".to_owned(),
            ),
            SecretSource::Literal(_) if !private => complain(format!("token {OPEN}")),
            _ => {}
        }
        if token.token.at_hand().is_some_and(|text| !is_strong(text.expose_secret())) {
            complain(format!("token: {:?}: {}", token.name, SecretError::Weak));
        }
        let mut scopes = Vec::new();
        for word in &token.scopes {
            match Scope::named(word) {
                Some(scope) => scopes.push(scope),
                None => complain(unknown(word)),
            }
        }
        if token.scopes.is_empty() {
            complain(format!(
                "scopes: the token {:?} allows nothing: write [\"read\"]",
                token.name
            ));
        }
        tokens.push(TokenSettings { name: token.name, token: token.token, scopes });
    }
    let tls = table.tls.map(|tls| TlsFiles { cert: tls.cert, key: tls.key });
    let settings = Settings {
        listen: listen?,
        public_url: table.public_url,
        behind_proxy: table.behind_proxy == Some(true),
        store: table.store,
        tls,
        nats,
        tokens,
    };
    (complaints.len() == before).then_some(settings)
}

fn unknown(word: &str) -> String {
    let known = Scope::ALL.map(Scope::word);
    match nearest(word, known.into_iter()) {
        Some(near) => format!("unknown scope {word:?}: did you mean {near:?}?"),
        None => format!("unknown scope {word:?}: there is {}", known.join(", ")),
    }
}
