//! Webhooks that this version of the program cannot read: kept as they came, and tried again by the next version.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::UNIX_EPOCH;

use chrono::{DateTime, Utc};

use super::reader::Known;
use super::{Counts, Hook, Receiver, blocking};
use crate::clock;
use crate::relay::store::{
    Arrival, Judgement, Limits, Refusal, Store, StoreError, Unread, Unreadable,
};
use crate::text::Shown;
use crate::transport::http::chain;
use crate::transport::lenient::Tally;
use crate::transport::posted::{Malformed, Posted};

/// Webhooks that are tried again at once.
const BATCH: usize = 256;

/// The version of the program that reads webhooks now: its number, and the size and time of its file, since builds of one
/// number can differ.
pub fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let number = env!("CARGO_PKG_VERSION");
        let Ok(file) = std::env::current_exe().and_then(std::fs::metadata) else {
            return number.to_owned();
        };
        let changed = file.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        format!("{number}-{:x}-{:x}", file.len(), changed.map_or(0, |span| span.as_millis()))
    })
}

impl Hook {
    /// Reads a webhook: the event for the store, and what it is called.
    pub(super) fn read(
        &self,
        posted: &Posted,
        arrived: DateTime<Utc>,
    ) -> Result<(Arrival, String), Malformed> {
        let mut odd = Tally::default();
        let body = posted.text(&mut odd)?;
        self.tally().merge(&mut odd);
        let Known { id, at, latest, name } = self.reader.know(&body, arrived)?;
        let source = self.source.raw().to_owned();
        Ok((Arrival { source, id, latest, at, arrived, body }, name))
    }
}

impl Receiver {
    /// Keeps a webhook that cannot be read, and counts it.
    pub(super) async fn keep_unreadable(
        &self,
        hook: &Hook,
        posted: Posted,
        arrived: DateTime<Utc>,
        error: &Malformed,
    ) -> Result<(), Refusal> {
        let Posted { body, content_type, content_encoding } = posted;
        let webhook = Unreadable {
            source: hook.source.raw().to_owned(),
            arrived,
            reason: chain(error),
            version: version().to_owned(),
            content_type,
            content_encoding,
            body,
        };
        self.store.keep_unreadable(webhook).await?;
        Counts::one(&self.counts.malformed);
        self.count(hook, format!("{error}; it is kept for a newer version of the program"));
        Ok(())
    }

    /// Tries the webhooks that another version could not read, in the order of their receipt, once for each start.
    pub(super) async fn retry(&self) {
        if self.retried.load(Ordering::Relaxed) {
            return;
        }
        match self.retried().await {
            Ok(()) => self.retried.store(true, Ordering::Relaxed),
            Err(error) => tracing::error!("webhooks cannot be tried again: {}", chain(&error)),
        }
    }

    async fn retried(&self) -> Result<(), StoreError> {
        let oldest = clock::wall() - Limits::default().window;
        let (mut last, mut read) = (0, 0_u64);
        loop {
            let some = move |store: &Store| store.unreadable(last, BATCH);
            let webhooks = blocking(&self.store, some).await?;
            let Some((seq, _)) = webhooks.last() else { break };
            last = *seq;
            let judged: Vec<(u64, Judgement)> = webhooks
                .into_iter()
                .filter(|(_, webhook)| webhook.version != version())
                .filter_map(|(seq, webhook)| Some((seq, self.judge(webhook, oldest)?)))
                .collect();
            let count = judged.iter().filter(|(_, own)| matches!(own, Judgement::Read(_))).count();
            if self.store.judge(judged).await.is_err() {
                // The store says what is wrong with its disk; the next start tries again.
                break;
            }
            read += count as u64;
        }
        self.counts.reread.fetch_add(read, Ordering::Relaxed);
        if read > 0 {
            tracing::info!("{read} webhooks that an older version could not read are applied now");
        }
        Ok(())
    }

    /// What this version makes of a webhook; `None` where its source is none of ours any more.
    fn judge(&self, webhook: Unreadable, oldest: DateTime<Utc>) -> Option<Judgement> {
        if webhook.arrived < oldest {
            return Some(Judgement::Expired);
        }
        let hook = self.hooks.get(&webhook.source)?;
        let Unreadable { arrived, content_type, content_encoding, body, .. } = webhook;
        let posted = Posted { body, content_type, content_encoding };
        Some(match hook.read(&posted, arrived) {
            Ok((arrival, _)) => Judgement::Read(arrival),
            Err(error) => {
                Judgement::Unreadable { reason: chain(&error), version: version().to_owned() }
            }
        })
    }
}

/// What stands beside the feed of each source of which webhooks cannot be read.
pub(super) fn remarks(unread: &Unread) -> BTreeMap<String, Shown> {
    let remark = |count: u64| {
        let webhooks = if count == 1 { "webhook" } else { "webhooks" };
        Shown::clean(&format!(
            "{count} {webhooks} cannot be read: kept for a newer version of the program"
        ))
    };
    unread.kept.iter().map(|(source, count)| (source.clone(), remark(*count))).collect()
}
