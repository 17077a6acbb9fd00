//! What the three faces share: the living centre, and how its time maps to the calendar.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::centre::Centre;
use super::entra::Tenants;
use super::nimbus::Desk;
use super::nimbus::spoil::Spoil;
use super::nimbus::triggers::Triggers;
use super::telepo::tickets::Tickets;
use super::{Licences, Settings};
use crate::clock;
use crate::floor::time::Moment;

/// The centre with all that serving it needs.
#[derive(Debug)]
pub(super) struct Site {
    centre: Mutex<Centre>,
    moved: watch::Sender<()>,
    /// The simulated time at which serving began, and the calendar time of that instant.
    opened: (u64, DateTime<Utc>),
    speed: f64,
    /// Updates that each stream of queue statistics sends a second; 0: as it comes.
    load: u32,
    licences: Licences,
    streams: Mutex<Streams>,
    faults: Mutex<Faults>,
    /// The changes that were asked of the Telepo face, in the order in which they came.
    asked: Mutex<Vec<String>>,
    calls: Mutex<Vec<String>>,
    address: SocketAddr,
    tickets: Tickets,
    /// Who signs in to Nimbus.
    tenants: Tenants,
    closing: CancellationToken,
    /// What Nimbus posts, and where to.
    triggers: Triggers,
    /// What others wrote at Nimbus.
    desk: Mutex<Desk>,
    /// What goes wrong there.
    spoils: Mutex<Vec<Spoil>>,
}

/// Telepo's streams of users and calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Streams {
    /// How many are open.
    pub open: usize,
    /// What is open: the kind, the user and, of a call, which: `call/anna/c7-0`.
    pub names: Vec<String>,
    /// How many were open at once.
    pub most: usize,
    /// When each was opened.
    pub opened: Vec<Moment>,
}

/// How the answer to a change is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    Broken,
    /// A gateway before the server answers for it, with 502.
    Gateway,
    /// Nothing comes, for as long as anybody waits.
    Silence,
}

/// What goes wrong when something is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    /// The status for a number of a state that has moved on; which it is, the vendor does not say.
    pub outdated: u16,
    /// How many of the next changes are made, and their answers lost.
    pub lost_answers: u32,
    /// How those are lost.
    pub lost: Lost,
}

impl Default for Faults {
    fn default() -> Self {
        Self { outdated: 409, lost_answers: 0, lost: Lost::Broken }
    }
}

/// A stream that is open for as long as this lives.
#[derive(Debug)]
pub(super) struct Open(Arc<Site>, String);

impl Drop for Open {
    fn drop(&mut self) {
        let mut streams = self.0.counted();
        streams.open -= 1;
        if let Some(place) = streams.names.iter().position(|name| *name == self.1) {
            streams.names.swap_remove(place);
        }
    }
}

impl Site {
    pub(super) fn new(
        centre: Centre,
        settings: &Settings,
        address: SocketAddr,
        closing: CancellationToken,
    ) -> Self {
        let opened = (centre.now(), clock::wall());
        let moved = watch::Sender::new(());
        let &Settings { speed, load, licences, .. } = settings;
        let desk = Mutex::new(Desk::new(&centre));
        let (centre, streams) = (Mutex::new(centre), Mutex::default());
        let faults = Mutex::new(Faults::default());
        Self {
            centre,
            moved,
            opened,
            speed,
            load,
            licences,
            streams,
            faults,
            asked: Mutex::default(),
            calls: Mutex::default(),
            address,
            tickets: Tickets::default(),
            tenants: Tenants::default(),
            closing,
            triggers: Triggers::default(),
            desk,
            spoils: Mutex::default(),
        }
    }

    /// The centre, for a short look or change; never held across an await.
    pub(super) fn centre(&self) -> MutexGuard<'_, Centre> {
        self.centre.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets real time pass.
    pub(super) fn advance(&self, span: Duration) {
        if self.speed > 0.0 {
            self.centre().advance(span.mul_f64(self.speed));
            self.announce();
        }
    }

    /// Wakes the streams to look for changes.
    pub(super) fn announce(&self) {
        self.moved.send_replace(());
    }

    /// A receiver that wakes whenever the floor has moved.
    pub(super) fn moves(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    /// Updates a second that each stream of queue statistics sends; 0: as it comes.
    pub(super) const fn load(&self) -> u32 {
        self.load
    }

    /// Whose calls Telepo tells.
    pub(super) const fn licences(&self) -> Licences {
        self.licences
    }

    fn counted(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What goes wrong when calls are acted on.
    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The changes that were asked for.
    pub(super) fn asked(&self) -> MutexGuard<'_, Vec<String>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls of the Nimbus face that were made: method and path.
    pub(super) fn calls(&self) -> MutexGuard<'_, Vec<String>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The streams that are open, and those that were.
    pub(super) fn streams(&self) -> Streams {
        self.counted().clone()
    }

    /// Counts a stream that is opened now.
    pub(super) fn open(self: &Arc<Self>, name: String) -> Open {
        let mut streams = self.counted();
        streams.open += 1;
        streams.names.push(name.clone());
        streams.most = streams.most.max(streams.open);
        streams.opened.push(clock::moment());
        Open(Arc::clone(self), name)
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Telepo's tickets that were made.
    pub(super) const fn tickets(&self) -> &Tickets {
        &self.tickets
    }

    /// Who signs in to Nimbus.
    pub(super) const fn tenants(&self) -> &Tenants {
        &self.tenants
    }

    /// What Nimbus posts, and where to.
    pub(super) const fn triggers(&self) -> &Triggers {
        &self.triggers
    }

    /// What others wrote at Nimbus.
    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What goes wrong there.
    pub(super) fn spoils(&self) -> MutexGuard<'_, Vec<Spoil>> {
        self.spoils.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells when the simulator closes.
    pub(super) const fn closing(&self) -> &CancellationToken {
        &self.closing
    }

    /// The calendar time of a simulated time, as `2020-03-23T11:00:00Z`.
    ///
    /// A floor that runs faster reaches its times sooner, so the distance shrinks with the speed.
    pub(super) fn calendar(&self, time: u64) -> String {
        self.instant(time).to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Whole seconds of the calendar from one simulated time to another.
    pub(super) fn lasted(&self, now: u64, from: u64) -> u64 {
        let lasts = self.instant(now).signed_duration_since(self.instant(from)).num_seconds();
        u64::try_from(lasts).unwrap_or(0)
    }

    /// The simulated time of a point in time, so that [`Self::calendar`] gives it back to the second.
    pub(super) fn time(&self, instant: DateTime<Utc>) -> u64 {
        let (began, wall) = self.opened;
        let speed = if self.speed > 0.0 { self.speed } else { 1.0 };
        let distance = (instant - wall).abs().to_std().unwrap_or_default().mul_f64(speed);
        let millis = |nanos: u128| u64::try_from(nanos).unwrap_or(u64::MAX);
        match instant >= wall {
            true => began.saturating_add(millis(distance.as_nanos().div_ceil(1_000_000))),
            false => began.saturating_sub(millis(distance.as_nanos() / 1_000_000)),
        }
    }

    /// The same as a point in time.
    pub(super) fn instant(&self, time: u64) -> DateTime<Utc> {
        let (began, wall) = self.opened;
        let ahead = time >= began;
        let speed = if self.speed > 0.0 { self.speed } else { 1.0 };
        let distance = Duration::from_millis(time.abs_diff(began)).div_f64(speed);
        let distance = TimeDelta::from_std(distance).unwrap_or_default();
        if ahead { wall + distance } else { wall - distance }
    }
}

/// An answer that takes a while to make: it is made where it holds up nobody else.
pub(super) async fn answer<T, W>(work: W) -> Response
where
    T: Serialize,
    W: FnOnce() -> T + Send + 'static,
{
    let making = tokio::task::spawn_blocking(|| Json(work()).into_response());
    making.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
