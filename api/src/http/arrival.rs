//! How long a body may take to arrive (U4). The edge stands between the line and whoever reads, so no extractor and no
//! stream has to think of it: a client that keeps us waiting for longer than its bytes have earned is answered 408 and
//! its connection is closed.
//!
//! Counted is only the time in which we wait for the client. A handler that is slow to read costs it nothing.
use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, HttpResponse};
use futures::Stream;
use tokio::time::{Instant, Sleep, sleep};

/// Bytes that earn one more second: 128 kbit/s, what a poor telephone line carries.
const BYTES_A_SECOND: u64 = 16 * 1024;

/// The body as the connection has it, in the hands of its reader and of the edge.
type Line = Rc<RefCell<Payload>>;

/// How far a body has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Arriving,
    Ended,
    Late,
}

/// The edge's view of a body on its way.
pub(super) struct Arrival {
    line: Line,
    stage: Rc<Cell<Stage>>,
}

impl Arrival {
    /// Puts a limit on the wait for the request's body; `None` when it has none.
    pub(super) fn watch(request: &mut ServiceRequest, patience: Duration) -> Option<Arrival> {
        let payload = request.take_payload();
        if matches!(payload, Payload::None) {
            return None;
        }
        let arrival = Arrival { line: Rc::new(RefCell::new(payload)), stage: Rc::new(Cell::new(Stage::Arriving)) };
        let body = Watched {
            line: arrival.line.clone(),
            stage: arrival.stage.clone(),
            patience,
            received: 0,
            waited: Duration::ZERO,
            wait: None,
        };
        request.set_payload(Payload::Stream { payload: Box::pin(body) });
        Some(arrival)
    }

    /// The client took too long.
    pub(super) fn is_late(&self) -> bool {
        self.stage.get() == Stage::Late
    }
}

/// Ends the connection with the answer when the rest of the body is still to come. The framework does so by itself for a
/// body of a known length; for the end of one in chunks it would wait without any limit, unless somebody still holds
/// the body when the answer has gone.
pub(super) fn close_behind(mut response: HttpResponse, arrival: Option<Arrival>) -> HttpResponse {
    let Some(Arrival { line, .. }) = arrival.filter(|arrival| arrival.stage.get() != Stage::Ended) else {
        return response;
    };
    // An empty answer takes its body along at once; its head is there until the framework has looked.
    response.extensions_mut().insert(Held { _line: line.clone() });
    response.map_body(|_, body| BoxBody::new(Holding { body, _held: Held { _line: line } }))
}

/// Keeps a request's body from being dropped.
struct Held {
    _line: Line,
}

/// An answer's body with the request's beside it.
struct Holding {
    body: BoxBody,
    _held: Held,
}

impl MessageBody for Holding {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(context)
    }
}

/// A body as its reader sees it.
struct Watched {
    line: Line,
    stage: Rc<Cell<Stage>>,
    patience: Duration,
    received: u64,
    /// How long the waits for the client took, without the present one.
    waited: Duration,
    /// When the present wait began, and what ends it.
    wait: Option<(Instant, Pin<Box<Sleep>>)>,
}

/// How long we still wait for a client: no silence is longer than the patience, whatever was earned before.
fn left(patience: Duration, received: u64, waited: Duration) -> Duration {
    let earned = Duration::from_secs(received / BYTES_A_SECOND);
    patience.saturating_add(earned).saturating_sub(waited).min(patience)
}

impl Stream for Watched {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let arrived = Pin::new(&mut *this.line.borrow_mut()).poll_next(context);
        match arrived {
            Poll::Ready(chunk) => {
                if let Some((since, _)) = this.wait.take() {
                    this.waited = this.waited.saturating_add(since.elapsed());
                }
                match &chunk {
                    Some(Ok(bytes)) => {
                        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                        this.received = this.received.saturating_add(length);
                    }
                    Some(Err(_)) => {}
                    None => this.stage.set(Stage::Ended),
                }
                Poll::Ready(chunk)
            }
            Poll::Pending => {
                let left = left(this.patience, this.received, this.waited);
                let (_, end) = this.wait.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
                ready!(end.as_mut().poll(context));
                this.stage.set(Stage::Late);
                Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;
    use futures::{StreamExt as _, stream};

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(40);

    fn watched(body: impl Stream<Item = Result<Bytes, PayloadError>> + 'static) -> (Arrival, Payload) {
        let mut request = TestRequest::post().to_srv_request();
        request.set_payload(Payload::Stream { payload: Box::pin(body) });
        let arrival = Arrival::watch(&mut request, PATIENCE).unwrap();
        (arrival, request.take_payload())
    }

    #[test]
    fn u4_bytes_earn_time_and_no_silence_is_longer_than_the_patience() {
        let wait = |received, waited| left(Duration::from_secs(30), received, Duration::from_secs(waited)).as_secs();
        assert_eq!([wait(0, 0), wait(0, 29), wait(0, 30), wait(0, 31)], [30, 1, 0, 0]);
        // A trickle of single bytes earns nothing; a line of the least speed is never too late.
        assert_eq!([wait(30, 29), wait(30, 30)], [1, 0]);
        assert_eq!([wait(600 * BYTES_A_SECOND, 600), wait(600 * BYTES_A_SECOND, 629)], [30, 1]);
        assert_eq!(wait(64 * 1024 * 1024, 0), 30, "what was earned makes no silence longer");
    }

    #[tokio::test]
    async fn u4_a_silent_client_is_late_and_its_body_is_never_taken_for_whole() {
        let (arrival, mut payload) = watched(stream::iter([Ok(Bytes::from_static(b"{"))]).chain(stream::pending()));
        assert_eq!(payload.next().await.unwrap().unwrap(), "{");
        assert!(!arrival.is_late());
        for _ in 0..2 {
            assert!(matches!(payload.next().await, Some(Err(PayloadError::Io(_)))));
            assert!(arrival.is_late());
        }
    }

    #[tokio::test]
    async fn u4_a_slow_reader_costs_the_client_nothing() {
        let (arrival, mut payload) =
            watched(stream::iter([Ok(Bytes::from_static(b"{")), Ok(Bytes::from_static(b"}"))]));
        for half in ["{", "}"] {
            sleep(2 * PATIENCE).await;
            assert_eq!(payload.next().await.unwrap().unwrap(), half);
        }
        assert!(payload.next().await.is_none());
        assert!(!arrival.is_late());
    }

    #[tokio::test]
    async fn an_answer_holds_what_is_still_to_come_until_it_has_gone() {
        let (arrival, payload) = watched(stream::pending());
        let line = Rc::downgrade(&arrival.line);
        drop(payload);
        let response = close_behind(HttpResponse::BadRequest().body("no"), Some(arrival));
        assert_eq!(line.strong_count(), 2, "the head's and the body's");
        assert_eq!(to_bytes(response.into_body()).await.unwrap(), "no");
        assert_eq!(line.strong_count(), 0);
    }

    #[tokio::test]
    async fn an_answer_to_a_whole_body_holds_nothing() {
        let (arrival, mut payload) = watched(stream::empty());
        let line = Rc::downgrade(&arrival.line);
        assert!(payload.next().await.is_none());
        drop(payload);
        let response = close_behind(HttpResponse::Ok().body("yes"), Some(arrival));
        assert_eq!(line.strong_count(), 0);
        assert_eq!(to_bytes(response.into_body()).await.unwrap(), "yes");
    }
}
