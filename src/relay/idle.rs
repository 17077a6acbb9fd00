//! Connections that end by themselves when nothing goes over them: axum has no time-outs of its own.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;

/// How long a connection may take until it is first answered: its request is on its way for so long at most.
const FIRST: Duration = Duration::from_secs(15);

/// How long a connection may go without an answer, or a part of one, later: two heartbeats of a stream.
const LATER: Duration = Duration::from_secs(30);

/// A listener whose connections are closed when nothing was written to them for too long: who sends no request, half of
/// one, or reads no answer.
#[derive(Debug)]
pub(super) struct Patient(pub(super) TcpListener);

impl Listener for Patient {
    type Io = Timed<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // A board is told at once; without this it waits for its own acknowledgement.
        let _ = stream.set_nodelay(true);
        (Timed::new(stream), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection with a clock that every written byte winds up.
#[derive(Debug)]
pub(super) struct Timed<S> {
    stream: S,
    end: Pin<Box<Sleep>>,
}

impl<S> Timed<S> {
    fn new(stream: S) -> Self {
        Self { stream, end: Box::pin(tokio::time::sleep(FIRST)) }
    }

    /// What is still awaited, unless the time for it is over.
    fn or_late<T>(
        &mut self,
        cx: &mut Context<'_>,
        got: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match got {
            Poll::Pending if self.end.as_mut().poll(cx).is_ready() => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            other => other,
        }
    }

    fn wrote(
        &mut self,
        cx: &mut Context<'_>,
        wrote: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(_)) = &wrote {
            self.end.set(tokio::time::sleep(LATER));
            // It wakes the connection, even if nobody asks for anything before.
            let _ = self.end.as_mut().poll(cx);
        }
        self.or_late(cx, wrote)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let got = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.or_late(cx, got)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(cx, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let got = Pin::new(&mut self.stream).poll_flush(cx);
        self.or_late(cx, got)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let got = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.or_late(cx, got)
    }
}
