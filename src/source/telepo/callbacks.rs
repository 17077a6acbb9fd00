//! Reading the call log of groups, and taking a caller from it or closing one.

use chrono::TimeDelta;
use serde_json::json;

use crate::clock;
use crate::event::SourceEvent;
use crate::floor::Part;
use crate::floor::callback::{CALLBACKS, CallbackState};
use crate::floor::id::CallbackId;
use crate::floor::link::FeedKind;
use crate::operations::Outcome;
use crate::source::feed::{Failure, Poll, Reading, Reporter};
use crate::source::telepo::calllog::{self, COUNTED, Item, Log, Places, WINDOW};
use crate::source::telepo::operations::{CALL_LOG, LOG_ASSIGN};
use crate::source::telepo::{Telepo, hinted};
use crate::source::{Line, outcome};
use crate::text::Shown;

/// The types of items whose callers are to be called back.
const LOST: [&str; 2] = ["FORWARDED", "MISSED"];

/// The type of calls that were taken.
const ANSWERED: [&str; 1] = ["ANSWERED"];

/// Items that one answer holds at most.
const PAGE: usize = 100;

/// Answers that one reading asks for at most: a busy site's week.
const PAGES: usize = 20;

/// Readings of new items alone between two of all: what somebody else took shows by then.
const BETWEEN: u32 = 4;

/// What is missing when the log is refused.
pub(super) const HINT: &str = "callbacks need a ticket for the distribution-group API";

impl Telepo {
    /// Reads the call log until the source is stopped: new items at each poll, all of it now and then, and when
    /// somebody asks.
    pub(super) async fn poll_callbacks(&self, line: &Line) {
        let limit = Some(self.limits.1);
        let reporter = Reporter::open(&line.outbox, CALLBACKS, FeedKind::Aside, limit).await;
        let mut poll = Poll::new(line, reporter, self.settings.poll_agents, self.secret(CALL_LOG));
        let (mut log, mut turn) = (Log::default(), 0);
        while poll.due().await {
            let whole = turn == 0 || poll.was_asked();
            turn = if whole { 1 } else { (turn + 1) % (BETWEEN + 1) };
            let result = self.read_log(line, &mut log, whole).await;
            if result.is_err() {
                turn = 0;
            }
            poll.took(result).await;
        }
    }

    async fn read_log(&self, line: &Line, log: &mut Log, whole: bool) -> Result<Reading, Failure> {
        let since = log.newest().filter(|_| !whole);
        let mut read = self.read_both(since).await?;
        if since.is_some() && !read.iter().any(|read| read.flush) {
            for read in read {
                log.add(read.items);
            }
        } else {
            if since.is_some() {
                read = self.read_both(None).await?;
            }
            let [lost, answered] = read;
            log.replace(lost.items, lost.whole);
            log.add_counted(answered.items, answered.whole);
        }
        let now = clock::now();
        log.forget(now.wall);
        let mut told = self.told.lock().await;
        let told = &mut *told;
        told.tables.measured(log.measured(now.wall));
        let (lists, callbacks) = {
            let people = told.tables.people();
            let places = Places {
                queue: &|group| told.tables.queue_of(group),
                people: &people,
                domain: &self.settings.domain,
                user: &self.settings.user,
            };
            let lists = Part::CallbackLists(log.lists(&places, &now));
            // A report tells what is done too, however long ago.
            let callbacks = match line.beat {
                Some(_) => log.callbacks(&places, &now),
                None => log.all_callbacks(&places, &now),
            };
            (lists, Part::Callbacks(callbacks))
        };
        // A report has no further reading of queues, which would tell what the log comes to.
        if let (None, Some(queues)) = (&line.beat, told.tables.known_queues()) {
            line.outbox.send(SourceEvent::Snapshot(queues)).await;
        }
        line.outbox.send(SourceEvent::Snapshot(lists)).await;
        line.outbox.send(SourceEvent::Snapshot(callbacks)).await;
        line.tell_unknown(&mut told.tally).await;
        let cut = || {
            let most = PAGE * PAGES;
            Shown::clean(&format!("only the newest {most} missed and forwarded items of the log"))
        };
        Ok(Reading { remark: (!log.is_whole()).then(cut) })
    }

    /// What is behind `since`, or in the whole window: callers who are to be called back, and calls that were taken,
    /// which are only counted. Each is read for itself, so that neither uses up the other's limit.
    async fn read_both(&self, since: Option<i64>) -> Result<[Stretch; 2], Failure> {
        let lost = self.read_items(since, &LOST, WINDOW).await?;
        let answered = self.read_items(since, &ANSWERED, COUNTED).await?;
        Ok([lost, answered])
    }

    /// The items of those types behind `since`, or all of the window, from the newest to the oldest.
    async fn read_items(
        &self,
        since: Option<i64>,
        types: &[&'static str],
        window: TimeDelta,
    ) -> Result<Stretch, Failure> {
        let since = since.map(|number| number.to_string());
        let mut read = Stretch::default();
        let mut older_than: Option<i64> = None;
        for _ in 0..PAGES {
            let (limit, before) = (PAGE.to_string(), older_than.map(|number| number.to_string()));
            let mut query = vec![("limit", limit.as_str())];
            query.extend(types.iter().map(|word| ("itemType", *word)));
            query.extend(since.as_deref().map(|since| ("since", since)));
            query.extend(before.as_deref().map(|before| ("olderThan", before)));
            let request = self.request(CALL_LOG, &[], &query)?.polled();
            let answer = self.client.send(request).await.map_err(|error| hinted(error, HINT))?;
            let tally = &mut self.told.lock().await.tally;
            let page = answer.read_by(|body| calllog::page(body, tally))?;
            read.flush |= page.flush;
            let oldest = page.items.iter().map(|item| item.number).min();
            let begun = clock::wall() - window;
            let reached = page.items.iter().any(|item| item.at.is_some_and(|at| at < begun));
            read.items.extend(page.items);
            // Nothing further back, or a server that knows no pages and sends the same again.
            if oldest.is_none()
                || reached
                || older_than.is_some_and(|before| oldest >= Some(before))
            {
                read.whole = true;
                break;
            }
            older_than = oldest;
        }
        Ok(read)
    }

    /// Takes a caller, closes one, or lets one go: one request, which is never repeated.
    pub(super) async fn assign(
        &self,
        callback: &CallbackId,
        state: CallbackState,
        note: Option<&Shown>,
    ) -> Outcome {
        let word = match state {
            CallbackState::Open => "UNHANDLED",
            CallbackState::Taken => "INPROGRESS",
            CallbackState::Done => "HANDLED",
        };
        let mut body = json!({ "state": word });
        if let Some(note) = note {
            body["note"] = note.as_str().into();
        }
        let request = self.request(LOG_ASSIGN, &[("itemid", callback.raw())], &[]);
        match request.map(|request| request.body("application/json", body.to_string())) {
            Ok(request) => outcome(self.client.send(request).await),
            Err(error) => outcome::<()>(Err(error)),
        }
    }
}

/// The part of the log that one reading brought.
#[derive(Debug, Default)]
struct Stretch {
    items: Vec<Item>,
    /// Whether nothing older is left in the window.
    whole: bool,
    /// Whether what was read before is to be forgotten.
    flush: bool,
}
