//! Event streams over the wire, against a server that scripts its bytes.

use std::time::Duration;

use floorwalker::clock;
use floorwalker::operations::Access;
use floorwalker::transport::http::{Auth, Client, Options, Transport};
use floorwalker::transport::poll::Wake;
use floorwalker::transport::retry::Rules;
use floorwalker::transport::secret::{Secret, SecretSource};
use floorwalker::transport::sse::{End, PARSER_LOG, StreamEvent, Subscription, Timing, follow};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::scripted::{LIMIT, STREAM, Script, Scripted, Step, answer, brief, say, stream};

mod folded;
mod outages;
mod refusals;
mod vectors;

/// The standard waits at a hundredth of their length.
fn fast() -> Timing {
    Timing {
        rules: Rules {
            floor: Duration::from_millis(5),
            base: Duration::from_millis(30),
            early_cap: Duration::from_millis(300),
            late_cap: Duration::from_millis(600),
            young: Duration::from_millis(600),
            health: Duration::from_millis(600),
            gap: Duration::from_millis(3),
            ..Rules::STANDARD
        },
        idle: Duration::from_secs(10),
        look: Duration::from_millis(20),
        again: Duration::from_mins(15),
        ..Timing::STANDARD
    }
}

/// A followed stream.
struct Followed {
    events: mpsc::Receiver<StreamEvent>,
    wake: Wake,
    stop: CancellationToken,
    task: JoinHandle<End>,
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn client(auth: Auth) -> Client {
    let transport = Transport { timeout: Duration::from_secs(5), ..Transport::default() };
    let options = Options { transport, auth, access: Access::ReadOnly, ..Options::default() };
    Client::new(options).unwrap()
}

fn followed_by(client: &Client, url: &str, timing: Timing) -> Followed {
    let (out, events) = mpsc::channel(1);
    let (wake, stop) = (Wake::new(), CancellationToken::new());
    let subscription = Subscription {
        client: client.clone(),
        request: client.get(url).unwrap(),
        timing,
        rng: fastrand::Rng::with_seed(7),
        ears: wake.listen(),
        stop: stop.clone(),
    };
    let task = tokio::spawn(follow(subscription, out, |event| event));
    Followed { events, wake, stop, task }
}

fn followed(server: &Scripted) -> Followed {
    followed_by(&client(Auth::nobody()), &server.url("/events?key=canary"), fast())
}

impl Followed {
    /// The next thing that happens.
    async fn next(&mut self) -> StreamEvent {
        let next = tokio::time::timeout(LIMIT, self.events.recv());
        next.await.expect("something in time").expect("an open channel")
    }

    /// The next event's data.
    async fn data(&mut self) -> String {
        loop {
            if let StreamEvent::Event { data, .. } = self.next().await {
                return data;
            }
        }
    }

    /// The next wait's reason, and what was wished.
    async fn waiting(&mut self) -> (String, Option<Duration>) {
        loop {
            if let StreamEvent::Waiting { reason, wished, .. } = self.next().await {
                return (reason.to_string(), wished);
            }
        }
    }

    async fn end(mut self) -> End {
        let end = tokio::time::timeout(LIMIT, &mut self.task);
        end.await.expect("an end in time").unwrap()
    }
}
