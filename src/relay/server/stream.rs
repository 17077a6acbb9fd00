//! A connection that is watched: what it may hold, how long a write may take, and no head with two lengths.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::Peer;

/// Bytes that are read at once: more would lie about before anybody has judged them.
const AT_ONCE: usize = 16 * 1024;
/// Bytes that a connection may have read and not answered without asking for room.
const OWN_ROOM: usize = 64 * 1024;
/// Room for more than that, of all connections together.
const ROOM: usize = 16 * 1024 * 1024;
/// How long somebody without a good token may stay, from the opening of the connection or the last answer.
const STRANGER_TIME: Duration = Duration::from_secs(5);
/// How long a reader may take nothing of an answer.
const WRITE_TIME: Duration = Duration::from_secs(10);

/// One watched connection.
#[derive(Debug)]
pub(super) struct Watched<S> {
    inner: S,
    peer: Peer,
    /// Ends when its place was given to somebody else.
    closing: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Until when a stranger has to show a token.
    judged: Pin<Box<Sleep>>,
    head: Head,
    /// Bytes read since something was last written.
    unanswered: usize,
    /// How much room it has taken.
    room: usize,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Watched<S> {
    pub(super) fn new(inner: S, peer: Peer) -> Self {
        let closing = Box::pin(peer.place.closing().clone().cancelled_owned());
        let judged = Box::pin(sleep(STRANGER_TIME));
        let head = Head::default();
        Self { inner, peer, closing, judged, head, unanswered: 0, room: 0, stalled: None }
    }

    /// Whether it has to end for the sake of others.
    fn is_over(&mut self, cx: &mut Context<'_>) -> Option<io::Error> {
        if self.closing.as_mut().poll(cx).is_ready() {
            return Some(io::ErrorKind::ConnectionAborted.into());
        }
        let late = self.judged.as_mut().poll(cx).is_ready() && self.peer.place.is_stranger();
        late.then(|| io::ErrorKind::TimedOut.into())
    }

    /// Counts what was read; whether there is room for it.
    fn hold(&mut self, bytes: usize) -> bool {
        if self.peer.flow.discards() {
            return true;
        }
        self.unanswered += bytes;
        let wanted = self.unanswered.saturating_sub(OWN_ROOM);
        let more = wanted - self.room;
        let there = more == 0 || self.peer.place.hold(more, ROOM);
        if there {
            self.room = wanted;
        }
        there
    }

    fn answered(&mut self) {
        self.unanswered = 0;
        self.peer.place.release(std::mem::take(&mut self.room));
        self.head = Head::default();
        self.stalled = None;
        if self.peer.place.is_stranger() {
            self.judged.as_mut().set(sleep(STRANGER_TIME));
        }
    }

    /// A write that does not get on is given up after a while.
    fn stall<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let timer = self.stalled.get_or_insert_with(|| Box::pin(sleep(WRITE_TIME)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S> Drop for Watched<S> {
    fn drop(&mut self) {
        self.peer.place.release(self.room);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let most = buf.remaining().min(AT_ONCE);
        let unfilled = buf.initialize_unfilled_to(most);
        let mut part = ReadBuf::new(unfilled);
        if Pin::new(&mut self.inner).poll_read(cx, &mut part)?.is_pending() {
            return match self.is_over(cx) {
                Some(error) => Poll::Ready(Err(error)),
                None => Poll::Pending,
            };
        }
        let read = part.filled().len();
        self.head.read(part.filled_mut());
        buf.advance(read);
        if self.hold(read) {
            Poll::Ready(Ok(()))
        } else {
            Poll::Ready(Err(io::ErrorKind::OutOfMemory.into()))
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.inner).poll_write(cx, buf) {
            Poll::Ready(result) => {
                self.answered();
                self.peer.flow.took(result.as_ref().copied().unwrap_or_default());
                Poll::Ready(result)
            }
            Poll::Pending => self.stall(cx),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.inner).poll_flush(cx) {
            Poll::Ready(result) => {
                self.stalled = None;
                Poll::Ready(result)
            }
            Poll::Pending => self.stall(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.inner).poll_shutdown(cx) {
            Poll::Ready(result) => Poll::Ready(result),
            Poll::Pending => self.stall(cx),
        }
    }
}

/// The two headers that tell a length. Both in one head is how a request is smuggled past a proxy (RFC 9112 §6.1).
const LENGTHS: [&[u8]; 2] = [b"content-length:", b"transfer-encoding:"];

/// The head of a request while it passes by.
#[derive(Debug, Default)]
struct Head {
    over: bool,
    /// Bytes of this line so far.
    column: usize,
    /// Which of [`LENGTHS`] this line may still be.
    fits: [bool; 2],
    seen: [bool; 2],
}

impl Head {
    /// Looks at bytes on their way. A second kind of length loses its colon, which every parser refuses with 400.
    fn read(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            if self.over {
                return;
            }
            match *byte {
                b'\n' => {
                    self.over = self.column == 0;
                    self.column = 0;
                    continue;
                }
                b'\r' => continue,
                _ => {}
            }
            if self.column == 0 {
                self.fits = [true; 2];
            }
            for (index, name) in LENGTHS.iter().enumerate() {
                let expected = name.get(self.column).copied();
                self.fits[index] &= expected == Some(byte.to_ascii_lowercase());
                if self.fits[index] && self.column + 1 == name.len() {
                    self.seen[index] = true;
                    if self.seen == [true; 2] {
                        *byte = 0;
                    }
                }
            }
            self.column += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(pieces: &[&str]) -> String {
        let mut head = Head::default();
        let mut out = String::new();
        for piece in pieces {
            let mut bytes = piece.as_bytes().to_vec();
            head.read(&mut bytes);
            out.push_str(std::str::from_utf8(&bytes).unwrap());
        }
        out
    }

    #[test]
    fn a_head_with_two_lengths_is_spoilt_wherever_it_is_cut() {
        let whole =
            "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\nabcd";
        let spoilt = whole.replace("Encoding:", "Encoding\0");
        for cut in 0..whole.len() {
            let (one, other) = whole.split_at(cut);
            assert_eq!(passed(&[one, other]), spoilt, "{cut}");
        }
    }

    #[test]
    fn one_length_and_every_body_pass_untouched() {
        for whole in [
            "POST / HTTP/1.1\r\nContent-Length: 4\r\nX-Content-Length: 4\r\n\r\nabcd",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nContent-Length: 4\r\n",
            "POST / HTTP/1.1\r\nA: Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n",
        ] {
            assert_eq!(passed(&[whole]), whole);
        }
    }
}
