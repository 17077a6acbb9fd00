//! The lead: one key that lasts for some seconds unless whoever made it makes it last.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_nats::jetstream::kv::{CreateErrorKind, Store, UpdateErrorKind};
use async_nats::jetstream::stream::StorageType;
use bytes::Bytes;

use crate::relay::Duty;
use crate::source::relay::nats::connection::{Connection, Trouble, failed};
use crate::source::relay::nats::wire::LEASE;

/// How long the lead lasts.
pub(super) const HOLD: Duration = Duration::from_secs(6);
/// How often it is made to last.
pub(super) const RENEW: Duration = Duration::from_secs(2);
/// How long giving it back may take at the end.
const PARTING: Duration = Duration::from_millis(500);

const KEY: &str = "lead";

const CANNOT: &str = "it cannot be known which relay leads";

/// A relay's hold on the lead.
pub(super) struct Lease {
    own: Bytes,
    /// What we hold: the bucket, and the revision of our key.
    held: Mutex<Option<(Store, u64)>>,
}

/// The bucket of the lead. It is on disk, so that the lead outlasts a restart of the server.
pub(super) async fn bucket(connection: &Connection) -> Result<Store, Trouble> {
    super::facts::bucket(connection, LEASE, StorageType::File, HOLD).await
}

impl Lease {
    pub(super) fn new(run: u64) -> Self {
        let own = format!("{run} {:016x}", fastrand::u64(..));
        Self { own: own.into(), held: Mutex::default() }
    }

    /// Takes the lead if nobody has it, or makes it last: who leads now.
    pub(super) async fn ask(&self, bucket: &Store) -> Result<Duty, Trouble> {
        if let Some((_, revision)) = self.hold(None) {
            match bucket.update(KEY, self.own.clone(), revision).await {
                Ok(revision) => return Ok(self.have(bucket, revision)),
                Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => {}
                Err(error) => {
                    // It may have been done: the next look will tell by who wrote it.
                    return Err(failed(CANNOT)(error));
                }
            }
        }
        match bucket.create(KEY, self.own.clone()).await {
            Ok(revision) => Ok(self.have(bucket, revision)),
            Err(error) if error.kind() == CreateErrorKind::AlreadyExists => {
                let entry = bucket.entry(KEY).await.map_err(failed(CANNOT))?;
                match entry.filter(|entry| entry.value == self.own) {
                    Some(entry) => Ok(self.have(bucket, entry.revision)),
                    None => Ok(Duty::Follows),
                }
            }
            Err(error) => Err(failed(CANNOT)(error)),
        }
    }

    /// Gives the lead back, so that another one takes it at once.
    pub(super) async fn let_go(&self) {
        if let Some((bucket, revision)) = self.hold(None) {
            let gone = bucket.delete_expect_revision(KEY, Some(revision));
            // Else it runs out by itself.
            let _ = tokio::time::timeout(PARTING, gone).await;
        }
    }

    fn have(&self, bucket: &Store, revision: u64) -> Duty {
        self.hold(Some((bucket.clone(), revision)));
        Duty::Leads
    }

    /// What was held until now.
    fn hold(&self, now: Option<(Store, u64)>) -> Option<(Store, u64)> {
        std::mem::replace(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner), now)
    }
}
