//! APIs whose ticket the server refused: nothing is asked with it again before it differs, or its time has come.

use std::collections::BTreeMap;

use crate::clock;
use crate::floor::time::Moment;
use crate::transport::http::Auth;
use crate::transport::poll::{AGAIN, LOOK, differs};
use crate::transport::secret::Ticket;

use super::Following;

/// Refused tickets, by their API.
pub(super) type Unauthorized = BTreeMap<&'static str, Refused>;

/// A ticket that was refused.
#[derive(Debug)]
pub(super) struct Refused {
    /// The reading that was refused; `None` where none could be read.
    reading: Option<Ticket>,
    /// When it is tried all the same.
    until: Moment,
    /// When the secret was looked at last.
    looked: Moment,
}

/// When something is to be done about one of them.
pub(super) fn next(unauthorized: &Unauthorized) -> Option<Moment> {
    unauthorized.values().map(|own| own.looked.after(LOOK).min(own.until)).min()
}

impl Following<'_> {
    /// The server refused the ticket of that API.
    pub(super) async fn refuse(&mut self, api: &'static str) {
        let now = clock::moment();
        let reading = match self.telepo.auths.get(api).and_then(Auth::secret) {
            // Whoever was refused has read it anew: what is held now is what was refused.
            Some(secret) => secret.current().await.ok(),
            None => None,
        };
        self.unauthorized.insert(api, Refused { reading, until: now.after(AGAIN), looked: now });
    }

    /// Looks at the refused tickets, at each once a minute. One that differs is tried again, as is one that was
    /// refused a quarter of an hour ago.
    pub(super) async fn look_at_refused(&mut self) {
        let now = clock::moment();
        let mut allowed = Vec::new();
        for (api, own) in &mut self.unauthorized {
            if own.until <= now {
                allowed.push(*api);
            } else if now.since(own.looked) >= LOOK {
                own.looked = now;
                let secret = self.telepo.auths.get(api).and_then(Auth::secret);
                if let Some(secret) = secret
                    && differs(secret, &mut own.reading).await.unwrap_or(false)
                {
                    allowed.push(*api);
                }
            }
        }
        for api in allowed {
            self.unauthorized.remove(api);
        }
    }
}
