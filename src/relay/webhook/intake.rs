//! From the log to the floor: what was stored is read, mapped, and told to its source's channel, in order.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Hook, Receiver, WEBHOOKS, blocking, unreadable};
use crate::clock;
use crate::event::SourceEvent;
use crate::floor::link::FeedKind;
use crate::floor::time::Now;
use crate::relay::store::{Record, Store, StoreError};
use crate::source::feed::Reporter;
use crate::text::Shown;
use crate::transport::lenient::Tally;

/// Events that are read at once.
const BATCH: usize = 256;
/// How long a store that cannot be read is left alone.
const AGAIN: Duration = Duration::from_secs(1);

type Reporters = BTreeMap<String, Reporter>;

pub(super) async fn run(receiver: &Receiver) {
    let mut reporters = Reporters::new();
    for (name, hook) in &receiver.hooks {
        let reporter = Reporter::open(&hook.outbox, WEBHOOKS, FeedKind::Stream, None).await;
        reporters.insert(name.clone(), reporter);
    }
    let mut told = None;
    loop {
        let result = match told {
            None => rebuild(receiver).await.map(|mark| told = Some(mark)),
            Some(mark) => {
                follow(receiver, mark, &mut reporters).await.map(|last| told = Some(last))
            }
        };
        if let Err(error) = result {
            tracing::error!("{}", crate::transport::http::chain(&error));
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// Tells again what was known when the last process ended: the latest of everything, then the calls of the log.
/// Says up to which number it was told before.
async fn rebuild(receiver: &Receiver) -> Result<u64, StoreError> {
    let mark = blocking(&receiver.store, Store::mark).await?;
    let mut name = String::new();
    loop {
        let behind = name.clone();
        let records = blocking(&receiver.store, move |store| store.latest(&behind, BATCH)).await?;
        let Some((last, _)) = records.last() else { break };
        name.clone_from(last);
        for (_, record) in records {
            remind(receiver, &record).await;
        }
    }
    let mut seq = 0;
    while seq < mark {
        let records = blocking(&receiver.store, move |store| store.after(seq, BATCH)).await?;
        let Some(last) = records.last() else { break };
        seq = last.seq;
        for record in records.iter().take_while(|record| record.seq <= mark) {
            remind(receiver, record).await;
        }
    }
    Ok(mark)
}

/// Tells of what came after `mark`, or waits for it. Says up to which number that was.
async fn follow(
    receiver: &Receiver,
    mark: u64,
    reporters: &mut Reporters,
) -> Result<u64, StoreError> {
    let (mut newest, mut trouble) = (receiver.store.newest(), receiver.store.trouble());
    let mut unread = receiver.store.unread();
    newest.mark_unchanged();
    trouble.mark_unchanged();
    let remarks = unreadable::remarks(&unread.borrow_and_update());
    for (name, reporter) in reporters.iter_mut() {
        reporter.remark(remarks.get(name).cloned()).await;
    }
    tell_odd(receiver).await;
    let wrong = trouble.borrow().clone();
    tell_trouble(wrong.as_ref(), reporters).await;
    let records = blocking(&receiver.store, move |store| store.after(mark, BATCH)).await?;
    let Some(last) = records.last().map(|record| record.seq) else {
        tokio::select! {
            _ = newest.changed() => {}
            _ = trouble.changed() => {}
            _ = unread.changed() => {}
            () = receiver.odd.notified() => {}
        }
        return Ok(mark);
    };
    for record in &records {
        let Some(hook) = receiver.hooks.get(&record.source) else { continue };
        let mut said = Vec::new();
        news(hook, record, true, &mut said);
        for event in said {
            hook.outbox.send(event).await;
        }
    }
    for (name, reporter) in reporters {
        if records.iter().any(|record| record.source == *name) {
            reporter.up(remarks.get(name).cloned()).await;
        }
    }
    receiver.store.told(last).await;
    Ok(last)
}

/// A store that takes nothing is a feed that is down.
async fn tell_trouble(trouble: Option<&Shown>, reporters: &mut Reporters) {
    let Some(trouble) = trouble else { return };
    for reporter in reporters.values_mut() {
        reporter.down(trouble.clone(), AGAIN).await;
    }
}

async fn tell_odd(receiver: &Receiver) {
    for hook in receiver.hooks.values() {
        let odd = hook.tally().take();
        if let Some((count, what)) = odd {
            hook.outbox.send(SourceEvent::Unknown { what, count }).await;
        }
    }
}

/// Tells what an event of before means, without its line for the log.
async fn remind(receiver: &Receiver, record: &Record) {
    let Some(hook) = receiver.hooks.get(&record.source) else { return };
    let mut said = Vec::new();
    news(hook, record, false, &mut said);
    for event in said {
        if let SourceEvent::Delta(_) = event {
            hook.outbox.send(event).await;
        }
    }
}

/// What an event means. One that is told for the first time has its odd properties counted; of one of before they were.
fn news(hook: &Hook, record: &Record, first: bool, said: &mut Vec<SourceEvent>) {
    let now = came(record.arrived);
    let read = if first {
        let mut tally = hook.tally();
        let read = hook.reader.news(&record.body, &now, &mut tally);
        let odd = tally.take();
        said.extend(odd.map(|(count, what)| SourceEvent::Unknown { what, count }));
        hook.reader.came(&now);
        read
    } else {
        hook.reader.news(&record.body, &now, &mut Tally::default())
    };
    // What is in the log was read before it came there.
    said.extend(read.into_iter().flatten());
}

/// Both clocks at the time of arrival.
fn came(arrived: DateTime<Utc>) -> Now {
    let now = clock::now();
    Now { moment: now.moment_of(arrived), wall: arrived }
}
