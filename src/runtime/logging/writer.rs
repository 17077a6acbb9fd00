//! The thread that writes the log: whoever has something to say never waits for the disk, nor for standard error.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

use crate::terminal::print::{Page, Printer};
use crate::text::masked;
use crate::transport::secret::hidden;

/// Lines that may wait to be written.
const QUEUE: usize = 4_096;

/// How long the end of the program waits for the last lines.
const LAST: Duration = Duration::from_secs(1);

/// The queue of the program's own log.
static OWN: OnceLock<LogQueue> = OnceLock::new();

/// What the thread is asked.
enum Job {
    /// Write an event, as it was formatted.
    Write(Vec<u8>),
    /// Say when everything before this is written.
    Flush(SyncSender<()>),
}

/// Where the log goes: a queue with a bound. One event is one line, cleaned, without numbers of people and without secrets.
#[derive(Debug, Clone)]
pub(super) struct LogQueue {
    jobs: SyncSender<Job>,
    /// Events for which there was no room, and of which nobody knows yet.
    left_out: Arc<AtomicU64>,
}

impl LogQueue {
    /// A queue whose lines `printer` writes, on a thread that ends with the last clone of the queue.
    pub(super) fn start(printer: Printer<'static>) -> io::Result<Self> {
        let (jobs, asked) = sync_channel(QUEUE);
        let left_out = Arc::new(AtomicU64::new(0));
        let own = Arc::clone(&left_out);
        let writing = move || write(printer, &asked, &own);
        std::thread::Builder::new().name("log".to_owned()).spawn(writing)?;
        Ok(Self { jobs, left_out })
    }

    /// Makes it the one that [`flush`] waits for; the first one stays.
    pub(super) fn install(self) {
        let _ = OWN.set(self);
    }

    fn put(&self, event: &[u8]) {
        if let Err(TrySendError::Full(_)) = self.jobs.try_send(Job::Write(event.to_vec())) {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all is written that was said before; not longer than `limit`.
    fn flush(&self, limit: Duration) -> Result<(), RecvTimeoutError> {
        let (done, written) = sync_channel(1);
        // A full queue means that nothing gets on: then nothing is waited for.
        self.jobs.try_send(Job::Flush(done)).map_err(|_| RecvTimeoutError::Timeout)?;
        written.recv_timeout(limit)
    }
}

/// Waits, not for long, until the log has all that was said. To be called at the end of the program.
pub fn flush() {
    if let Some(queue) = OWN.get() {
        // A disk that stands still keeps nobody from ending.
        let _ = queue.flush(LAST);
    }
}

fn write(mut printer: Printer<'static>, jobs: &Receiver<Job>, left_out: &AtomicU64) {
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Write(event) => {
                let lost = left_out.swap(0, Ordering::Relaxed);
                if lost > 0 {
                    let gap = format!(
                        "{lost} lines of the log are left out here: it is written too slowly\n"
                    );
                    let _ = printer.page(&Page::clean(&gap));
                }
                // Nobody is left to tell when the log itself cannot be written.
                let _ = printer.page(&Page::clean(&line(&event)));
            }
            Job::Flush(done) => drop(done.try_send(())),
        }
    }
}

/// An event as one line.
fn line(event: &[u8]) -> String {
    let text = String::from_utf8_lossy(event);
    let event = hidden(text.trim_end_matches('\n'));
    masked(&event).replace(['\n', '\r', '\t'], " ") + "\n"
}

/// Takes one event, which comes in one piece.
pub(super) struct Event<'a>(&'a LogQueue);

impl Write for Event<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.put(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = Event<'a>;

    fn make_writer(&'a self) -> Event<'a> {
        Event(self)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};

    use super::*;

    /// A disk that stands still until it is told to go on.
    #[derive(Clone, Default)]
    struct Disk(Arc<(Mutex<State>, Condvar)>);

    /// Whether it moves, and what it holds.
    type State = (bool, Vec<u8>);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (disk, moved) = &*self.0;
            let disk = disk.lock().unwrap();
            moved.wait_while(disk, |(moves, _)| !*moves).unwrap().1.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn c6_a_disk_that_stands_still_holds_nobody_up_and_the_log_says_what_it_lacks() {
        let disk = Disk::default();
        let queue = LogQueue::start(Printer::to(disk.clone())).unwrap();
        for number in 0..QUEUE + 100 {
            queue.put(format!("line {number}\n").as_bytes());
        }
        assert!(queue.flush(Duration::from_millis(1)).is_err(), "nothing is waited for");
        let (state, moved) = &*disk.0;
        state.lock().unwrap().0 = true;
        moved.notify_all();
        while queue.flush(Duration::from_secs(20)).is_err() {
            std::thread::yield_now();
        }
        queue.put(b"the last line\n");
        queue.flush(Duration::from_secs(20)).unwrap();
        let text = String::from_utf8(state.lock().unwrap().1.clone()).unwrap();
        let written = text.lines().filter(|line| line.starts_with("line ")).count();
        let lacking: usize = text
            .lines()
            .filter(|line| line.contains("are left out here"))
            .map(|line| line.split(' ').next().unwrap().parse::<usize>().unwrap())
            .sum();
        assert_eq!(written + lacking, QUEUE + 100);
        assert!(lacking > 0 && text.ends_with("the last line\n"));
    }
}
