//! The rest of a body that nobody wants: read and dropped, within bounds.
//!
//! A connection that is closed while bytes of it are unread is reset, and a proxy then takes the relay for broken. So the
//! refusal is answered at once, and what is still on its way is read beside it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody as _};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::middleware::Next;
use axum::response::Response;
use axum::{Error, Extension};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::sync::oneshot;

use super::{Flow, Peer};

/// Bytes of a refused body that are read.
const MOST: usize = 1024 * 1024;
/// For how long they are read.
const TIME: Duration = Duration::from_secs(2);

/// A body that goes back to whoever lent it, unless it was read to its end.
struct Lent {
    body: Option<BodyDataStream>,
    back: Option<oneshot::Sender<BodyDataStream>>,
}

impl Stream for Lent {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let next = body.poll_next_unpin(cx);
        if matches!(next, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        next
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            // Whoever lent it is gone where the connection is.
            let _ = back.send(body);
        }
    }
}

/// Answers a request, and reads what is left of its body afterwards.
pub(super) async fn discard(
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    if body.is_end_stream() {
        return next.run(Request::from_parts(head, body)).await;
    }
    let (back, mut rest) = oneshot::channel();
    let lent = Lent { body: Some(body.into_data_stream()), back: Some(back) };
    let request = Request::from_parts(head, Body::from_stream(lent));
    let mut response = next.run(request).await;
    if let Ok(rest) = rest.try_recv() {
        // No second request comes behind a body of which nobody knows where it ends.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        tokio::spawn(read(rest, peer.flow));
    }
    response
}

async fn read(mut rest: BodyDataStream, flow: Flow) {
    flow.discard(true);
    let reading = async {
        let mut read = 0;
        while let Some(Ok(chunk)) = rest.next().await {
            read += chunk.len();
            if read > MOST {
                break;
            }
        }
    };
    // What is left then is cut off.
    let _ = tokio::time::timeout(TIME, reading).await;
    flow.discard(false);
}
