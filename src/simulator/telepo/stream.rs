//! The stream of queue statistics: XML in server-sent events, for the queues of a member.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event as Xml};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior};

use super::wire::QueueStats;
use super::{Refusal, Shared, is_member, user_position};
use crate::simulator::centre::Centre;
use crate::simulator::scenario::Vendor;
use crate::simulator::site::Site;

/// The least time between two events.
const SPACING: Duration = Duration::from_millis(500);
/// The longest silence; a comment breaks it.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Documents a second when there is a load to send.
const BEATS: u64 = 20;
/// The time between two of those.
const BEAT: Duration = Duration::from_millis(1_000 / BEATS);

/// So many updates a second, of one queue after the other.
#[derive(Debug, Clone, Copy, Default)]
struct Load {
    rate: u64,
    beats: u64,
    turn: usize,
}

impl Load {
    /// How many updates the next document has; over a second of documents just the rate.
    const fn due(&mut self) -> u64 {
        let before = self.rate * self.beats / BEATS;
        self.beats += 1;
        self.rate * self.beats / BEATS - before
    }
}

/// One open stream, with what its reader has been told.
struct Feed {
    site: Arc<Site>,
    queues: Vec<usize>,
    told: BTreeMap<usize, QueueStats>,
    moves: watch::Receiver<()>,
    pace: Interval,
    load: Load,
}

/// Sends every queue of which the user is a member, then each one that changes.
///
/// Under a load it sends all once, and from then on as many updates a second as were asked for:
/// every one of them counts one more call, so that none that is lost goes unseen, and a reader who
/// falls behind gets them later.
/// A supervisor who is no member gets nothing but heartbeats, as the vendor has it.
pub(super) async fn statistics(
    State(site): Shared,
    Path((domain, user)): Path<(String, String)>,
) -> Result<impl IntoResponse, Refusal> {
    let queues = {
        let centre = site.centre();
        let user = user_position(&centre, &domain, &user)?;
        let groups = centre.queues_of(Vendor::Telepo).map(|(position, _)| position);
        groups.filter(|group| is_member(&centre, user, *group)).collect()
    };
    let load = Load { rate: site.load().into(), ..Load::default() };
    let (spacing, missed) = match load.rate {
        0 => (SPACING, MissedTickBehavior::Delay),
        _ => (BEAT, MissedTickBehavior::Burst),
    };
    let mut pace = tokio::time::interval(spacing);
    pace.set_missed_tick_behavior(missed);
    let feed = Feed { moves: site.moves(), site, queues, told: BTreeMap::new(), pace, load };
    let events = stream::unfold(feed, |mut feed| async move {
        let xml = feed.next().await?;
        Some((Ok::<_, Infallible>(Event::default().data(xml)), feed))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

impl Feed {
    /// The next document; none when the simulator closes.
    async fn next(&mut self) -> Option<String> {
        let closing = self.site.closing().clone();
        loop {
            tokio::select! {
                () = closing.cancelled() => return None,
                _ = self.pace.tick() => {}
            }
            self.moves.mark_unchanged();
            let loaded = self.load.rate > 0 && !self.told.is_empty();
            let changed = if loaded { self.loaded() } else { self.changed() };
            if !changed.is_empty() {
                return document(&changed).ok();
            }
            if loaded {
                continue;
            }
            tokio::select! {
                () = closing.cancelled() => return None,
                moved = self.moves.changed() => moved.ok()?,
            }
        }
    }

    /// As many queues as the load wants, each with one more call.
    fn loaded(&mut self) -> Vec<QueueStats> {
        let mut centre = self.site.centre();
        let mut told = Vec::new();
        for _ in 0..self.load.due() {
            let Some(position) = self.queues.get(self.load.turn % self.queues.len()) else { break };
            self.load.turn += 1;
            centre.count_one_more(*position);
            told.extend(QueueStats::of(&centre, *position));
        }
        told
    }

    /// The queues that are not as they were told last.
    fn changed(&mut self) -> Vec<QueueStats> {
        let centre = self.site.centre();
        let present = |position: &usize| stats(&centre, *position);
        let mut changed = Vec::new();
        for (position, stats) in self.queues.iter().filter_map(present) {
            if self.told.get(&position) != Some(&stats) {
                self.told.insert(position, stats.clone());
                changed.push(stats);
            }
        }
        changed
    }
}

fn stats(centre: &Centre, position: usize) -> Option<(usize, QueueStats)> {
    Some((position, QueueStats::of(centre, position)?))
}

/// Queue statistics as XML.
fn document(queues: &[QueueStats]) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Xml::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("queue-statistics")
        .write_inner_content(|writer| queues.iter().try_for_each(|queue| element(writer, queue)))?;
    String::from_utf8(writer.into_inner()).map_err(io::Error::other)
}

fn element(writer: &mut Writer<Vec<u8>>, queue: &QueueStats) -> io::Result<()> {
    let id = queue.id.to_string();
    let named = [("id", id.as_str()), ("name", &queue.name), ("domain", queue.domain)];
    let figures = [
        ("queueLength", queue.queue_length),
        ("availableAgents", queue.available_agents),
        ("loggedInAgents", queue.logged_in_agents),
        ("longestWaiting", queue.longest_waiting),
        ("lastWait", queue.last_wait),
        ("averageWait", queue.average_wait),
        ("droppedCallsForPeriod", queue.dropped_calls_for_period),
        ("totalCallsForPeriod", queue.total_calls_for_period),
        ("answeredCallsForPeriod", queue.answered_calls_for_period),
        ("totalCallsLast24h", queue.total_calls_last_24h),
        ("droppedCallsLast24h", queue.dropped_calls_last_24h),
        ("answeredCallsLast24h", queue.answered_calls_last_24h),
    ];
    let queue_element = writer.create_element("queue").with_attributes(named);
    queue_element.write_inner_content(|writer| {
        if let Some(number) = &queue.number {
            writer.create_element("number").write_text_content(BytesText::new(number))?;
        }
        for (name, figure) in figures {
            let text = figure.to_string();
            writer.create_element(name).write_text_content(BytesText::new(&text))?;
        }
        for presence in &queue.presence {
            let count = presence.count.to_string();
            let told = [("name", presence.name), ("count", count.as_str())];
            writer.create_element("current-agent-presence").with_attributes(told).write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}
