//! The time in which a relay reads its sources itself. One that follows another rests.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::event::Stamped;
use crate::relay::hub::Hub;
use crate::relay::webhook::Receiver;
use crate::source::SourceHandle;
use crate::transport::poll::Beat;

/// The sources of a relay, at work or at rest.
pub(super) struct Shift {
    handles: Vec<SourceHandle>,
    receiver: Option<Arc<Receiver>>,
    channel: mpsc::Sender<Stamped>,
    beat: Beat,
    resting: watch::Sender<bool>,
    stop: CancellationToken,
    sources: Vec<JoinHandle<Option<()>>>,
    webhooks: Option<JoinHandle<()>>,
}

impl Drop for Shift {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Shift {
    /// Sources that do not work yet, and the webhooks of some of them.
    pub(super) fn new(
        handles: Vec<SourceHandle>,
        receiver: Option<Arc<Receiver>>,
        channel: mpsc::Sender<Stamped>,
        beat: Beat,
    ) -> Self {
        Self {
            handles,
            receiver,
            channel,
            beat,
            resting: watch::Sender::new(false),
            stop: CancellationToken::new(),
            sources: Vec::new(),
            webhooks: None,
        }
    }

    /// Whether all of them rest, and everything that they told was taken in.
    #[cfg(feature = "nats")]
    pub(super) fn resting(&self) -> watch::Receiver<bool> {
        self.resting.subscribe()
    }

    /// Has them work, unless they do.
    pub(super) fn begin(&mut self) {
        if !self.sources.is_empty() {
            return;
        }
        self.resting.send_replace(false);
        self.stop.cancel();
        self.stop = CancellationToken::new();
        let start =
            |handle: &SourceHandle| handle.start(&self.channel, &self.stop, Some(&self.beat));
        self.sources = self.handles.iter().map(start).collect();
        let receiver = self.receiver.clone();
        self.webhooks = receiver.map(|own| tokio::spawn(own.run(self.stop.clone())));
    }

    /// Has them rest, and takes in what they still had to tell.
    pub(super) async fn end(&mut self, hub: &mut Hub, facts: &mut mpsc::Receiver<Stamped>) {
        self.stop.cancel();
        let (sources, webhooks) = (std::mem::take(&mut self.sources), self.webhooks.take());
        let ended = async {
            for source in sources {
                let _ = source.await;
            }
            if let Some(webhooks) = webhooks {
                let _ = webhooks.await;
            }
        };
        tokio::pin!(ended);
        loop {
            tokio::select! {
                () = &mut ended => break,
                Some(fact) = facts.recv() => hub.take(fact),
            }
        }
        while let Ok(fact) = facts.try_recv() {
            hub.take(fact);
        }
        self.stop = CancellationToken::new();
        if let Some(receiver) = self.receiver.clone() {
            self.webhooks = Some(tokio::spawn(receiver.rest(self.stop.clone())));
        }
        self.resting.send_replace(true);
    }
}
