//! An answer that takes a while to make: it is made away from the async workers, and once for all who ask for the same.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::task::JoinError;

use super::view::View;
use crate::clock;
use crate::floor::time::{Moment, Now};

/// How long an answer is given again while nothing changes: what it says of freshness changes with the time.
const AGE: Duration = Duration::from_secs(1);

/// How many answers are made at once. One processor stays free for everything else, where there are two.
static PLACES: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Semaphore::new(processors.saturating_sub(1).max(1))
});

/// Why an answer could not be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum MadeError {
    /// It has no JSON.
    #[error("it cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// It has no text.
    #[error("it cannot be written as text")]
    Text(#[from] fmt::Error),
    /// The program is ending, or whatever made it panicked.
    #[error("it was not made to its end")]
    Ended(#[from] JoinError),
}

/// The last answer of one kind. It is one, so it is bounded.
#[derive(Debug, Default)]
pub(super) struct Made(Mutex<Option<Answer>>);

#[derive(Debug)]
struct Answer {
    revision: u64,
    at: Moment,
    bytes: Bytes,
}

impl Made {
    /// The answer for the newest view or a later one, made by `make` unless it is there.
    pub(super) async fn of<B, E>(
        &self,
        views: &watch::Receiver<Arc<View>>,
        make: impl FnOnce(&View, Now) -> Result<B, E> + Send + 'static,
    ) -> Result<Bytes, MadeError>
    where
        B: Into<Bytes> + Send + 'static,
        E: Into<MadeError> + Send + 'static,
    {
        let wanted = views.borrow().revision();
        // Held while one is made: who asks meanwhile gets the same.
        let mut last = self.0.lock().await;
        let at = clock::moment();
        let good = |own: &&Answer| own.revision >= wanted && at.since(own.at) < AGE;
        if let Some(own) = last.as_ref().filter(good) {
            return Ok(own.bytes.clone());
        }
        // The semaphore is never closed.
        let _place = PLACES.acquire().await;
        let view = Arc::clone(&views.borrow());
        let (revision, now) = (view.revision(), clock::now());
        let making = tokio::task::spawn_blocking(move || make(&view, now).map(Into::into));
        let bytes = making.await?.map_err(Into::into)?;
        *last = Some(Answer { revision, at: now.moment, bytes: Bytes::clone(&bytes) });
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::event::{Event, SourceEvent, Stamped};
    use crate::floor::Kind;
    use crate::floor::id::SourceName;
    use crate::relay::hub::{Bounds, Hub};
    use crate::text::Shown;

    impl From<Infallible> for MadeError {
        fn from(never: Infallible) -> Self {
            match never {}
        }
    }

    fn say(hub: &mut Hub) {
        let event = SourceEvent::Unknown { what: Shown::clean("x"), count: 1 };
        let source = SourceName::new("hq");
        hub.take(Stamped { at: clock::moment(), event: Event::Source { source, event } });
        hub.publish();
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_answer_is_made_once_for_one_revision() {
        let mut hub =
            Hub::new([(SourceName::new("hq"), Kind::Telepo)], clock::now(), Bounds::STANDARD);
        let views = hub.views();
        let (made, count) = (Made::default(), Arc::new(AtomicUsize::new(0)));
        let ask = || {
            let count = Arc::clone(&count);
            made.of(&views, move |view, _| {
                count.fetch_add(1, Ordering::Relaxed);
                Ok::<_, Infallible>(view.revision().to_string())
            })
        };
        let (one, other) = tokio::join!(ask(), ask());
        let first = one.unwrap();
        assert_eq!(other.unwrap(), first);
        assert_eq!(ask().await.unwrap(), first);
        assert_eq!(count.load(Ordering::Relaxed), 1);
        say(&mut hub);
        assert_ne!(ask().await.unwrap(), first, "what was published is shown at once");
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }
}
