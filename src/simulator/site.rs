//! What the three faces share: the living centre, and how its time maps to the calendar.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Settings;
use super::centre::Centre;
use super::telepo::tickets::Tickets;
use crate::clock;

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
    address: SocketAddr,
    tickets: Tickets,
    closing: CancellationToken,
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
        let &Settings { speed, load, .. } = settings;
        Self {
            centre: Mutex::new(centre),
            moved,
            opened,
            speed,
            load,
            address,
            tickets: Tickets::default(),
            closing,
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

    /// Where it listens.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Telepo's tickets that were made.
    pub(super) const fn tickets(&self) -> &Tickets {
        &self.tickets
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

    /// The simulated time of a point in time that is to come; what is over is now.
    pub(super) fn time_of(&self, instant: DateTime<Utc>) -> u64 {
        let (began, wall) = self.opened;
        let speed = if self.speed > 0.0 { self.speed } else { 1.0 };
        let distance = (instant - wall).to_std().unwrap_or_default().mul_f64(speed);
        began.saturating_add(u64::try_from(distance.as_millis()).unwrap_or(u64::MAX))
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
