//! A relay that follows: it takes in what the one that leads tells, as a board does.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::event::{Event, SourceEvent, Stamped};
use crate::floor::id::SourceName;
use crate::relay::Duty;
use crate::relay::hub::News;
use crate::source::gaze::Gaze;
use crate::source::relay::nats::Nats;
use crate::source::settings::NatsSettings;
use crate::source::{Line, Outbox, Source};
use crate::transport::poll::{Beat, Wake};

use super::Meeting;

/// Facts that may wait for the hub.
const ROOM: usize = 1_024;
/// Facts that are taken in at once, before boards are told.
const DRAIN: usize = 512;

/// The name of the relay that leads; nobody sees it.
const LEADER: &str = "leader";

impl Meeting {
    /// Follows whenever that is its duty, and no source of its own speaks any more.
    pub(super) async fn follow(&self, mut resting: watch::Receiver<bool>) {
        let mut duty = self.status.duty();
        loop {
            let _ = duty.wait_for(|duty| *duty == Duty::Follows).await;
            tokio::select! {
                _ = duty.wait_for(|duty| *duty != Duty::Follows) => {}
                () = async {
                    let _ = resting.wait_for(|resting| *resting).await;
                    self.hear().await;
                } => {}
            }
        }
    }

    async fn hear(&self) {
        let (sender, mut facts) = mpsc::channel(ROOM);
        let line = Line {
            outbox: Outbox::new(SourceName::new(LEADER), sender),
            stop: CancellationToken::new(),
            wake: Wake::new(),
            beat: Some(Beat::new()),
            gaze: Gaze::default(),
        };
        let settings = NatsSettings { server: self.server.clone(), numbers: true };
        let leader = Arc::new(Nats::new(&settings)).run(line);
        let taking = async {
            let mut some = Vec::new();
            while facts.recv_many(&mut some, DRAIN).await > 0 {
                self.take(some.drain(..)).await;
            }
        };
        tokio::join!(leader, taking);
    }

    /// Takes in what the leader said of its sources, as if they were ours; what it says of itself is nobody's business.
    async fn take(&self, facts: impl Iterator<Item = Stamped>) {
        let (mut news, mut own) = (Vec::new(), Vec::new());
        for Stamped { at, event } in facts {
            match event {
                Event::Source { event: SourceEvent::Relayed(worlds), .. } => {
                    news.push(News::Facts(std::mem::take(&mut own)));
                    news.push(News::Adopted(worlds));
                }
                Event::Source { event: SourceEvent::Of(source, event), .. } => {
                    own.push(Stamped { at, event: Event::Source { source, event: *event } });
                }
                _ => {}
            }
        }
        news.push(News::Facts(own));
        for news in news {
            // A closed channel means that the relay is ending.
            let _ = self.hub.send(news).await;
        }
    }
}
