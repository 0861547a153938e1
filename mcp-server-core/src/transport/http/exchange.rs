//! An exchange as a response: a JSON reply if the answer is there soon, a stream of events else.

use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use tokio::time::Sleep;

use super::body::Body;
use super::client::ClientConnection;
use super::response::{self, Response};
use super::stream::Stream;
use crate::dispatch::{Event, Exchange};

/// Answers with what the exchange gives out. A client that has closed its side gets a stream at once: only what is sent
/// to it shows whether it is still there.
pub(super) async fn respond(mut exchange: Exchange, accepts_events: bool, client: &ClientConnection) -> Response {
    let settings = client.settings();
    let mut patience: Option<Pin<Box<Sleep>>> = None;
    let first = poll_fn(|cx| {
        loop {
            match exchange.poll_event(cx) {
                // A client that cannot read events gets the answer without them.
                Poll::Ready(Event::Message(_)) if !accepts_events => {}
                Poll::Ready(event) => return Poll::Ready(Some(event)),
                Poll::Pending if !accepts_events => return Poll::Pending,
                Poll::Pending if client.is_gone_or_waits() => return Poll::Ready(None),
                Poll::Pending => {
                    let patience = patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(settings.stream_after)));
                    return patience.as_mut().poll(cx).map(|()| None);
                }
            }
        }
    })
    .await;
    match first {
        Some(Event::Done(answer)) => response::answer(answer),
        Some(Event::Message(message)) => {
            response::events(Body::Stream(Box::new(Stream::new(exchange, Some(message), settings.keep_alive))))
        }
        None => response::events(Body::Stream(Box::new(Stream::new(exchange, None, settings.keep_alive)))),
    }
}
