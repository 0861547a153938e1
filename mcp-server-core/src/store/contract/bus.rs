//! Rules for topics: delivery, waking, lag.

use bytes::Bytes;

use super::subject::{Broken, Subject, awkward, hold, next, unique};
use crate::store::{Event, limit};

/// Each subscriber gets each message once, unchanged and in order, whoever published it.
pub async fn messages_arrive_in_order(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let topic = unique("order");
    let mut listeners = [store.subscribe(&topic, 64).await?, store.subscribe(&topic, 64).await?];
    let mut messages: Vec<Vec<u8>> = awkward().into_iter().filter(|bytes| bytes.len() <= limit::MESSAGE).collect();
    messages.push(vec![0xA5; limit::MESSAGE]);
    messages.extend((0..20_u8).map(|number| vec![number]));
    for message in &messages {
        store.publish(&topic, message.clone()).await?;
    }
    for listener in &mut listeners {
        for message in &messages {
            let event = next(listener).await?;
            hold(event == Event::Message(Bytes::copy_from_slice(message)), || {
                format!("instead of a message of {} bytes came {event:?}", message.len())
            })?;
        }
        let more = listener.try_recv();
        hold(more.is_none(), || format!("after the last message came {more:?}"))?;
    }
    Ok(())
}

/// A subscriber hears its own topic alone, and only what is published after it has subscribed.
pub async fn topics_are_apart(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let (topic, other) = (unique("apart"), unique("apart"));
    store.publish(&topic, "before").await?;
    let mut listener = store.subscribe(&topic, 8).await?;
    let mut dropped = store.subscribe(&topic, 8).await?;
    store.publish(&other, "elsewhere").await?;
    store.publish(&topic.to_uppercase(), "elsewhere").await?;
    store.publish(&format!("{topic}/"), "elsewhere").await?;
    store.publish(&topic, "one").await?;
    let event = next(&mut dropped).await?;
    drop(dropped);
    store.publish(&topic, "two").await?;
    let heard = [event, next(&mut listener).await?, next(&mut listener).await?];
    let expected = ["one", "one", "two"].map(|text| Event::Message(Bytes::from_static(text.as_bytes())));
    hold(heard == expected, || format!("a subscriber heard {heard:?}"))
}

/// A message wakes whoever already waits for it.
pub async fn a_waiting_subscriber_is_woken(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let topic = unique("wake");
    let mut listener = store.subscribe(&topic, 1).await?;
    let waiting = tokio::spawn(async move { next(&mut listener).await });
    tokio::task::yield_now().await;
    store.publish(&topic, "up").await?;
    let event = waiting.await.map_err(|error| Broken::Rule(format!("the waiting task died: {error}")))??;
    hold(event == Event::Message(Bytes::from_static(b"up")), || format!("a waiting subscriber got {event:?}"))
}

/// A subscriber that was too slow is told how much it missed, then gets the newest messages.
pub async fn a_slow_subscriber_is_told(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let topic = unique("slow");
    let mut slow = store.subscribe(&topic, 4).await?;
    let mut quick = store.subscribe(&topic, 64).await?;
    for number in 0..20_u8 {
        store.publish(&topic, vec![number]).await?;
    }
    // Once the second one has everything, so has the first, which subscribed before it.
    for _ in 0..20 {
        next(&mut quick).await?;
    }
    let event = next(&mut slow).await?;
    hold(event == Event::Missed(16), || format!("a subscriber that missed 16 of 20 got {event:?}"))?;
    for number in 16..20_u8 {
        let event = next(&mut slow).await?;
        hold(event == Event::Message(Bytes::from(vec![number])), || format!("instead of {number} came {event:?}"))?;
    }
    store.publish(&topic, "after").await?;
    let event = next(&mut slow).await?;
    hold(event == Event::Message(Bytes::from_static(b"after")), || format!("after a lag came {event:?}"))
}

/// A message to a topic without subscribers, or without any left, is accepted.
pub async fn a_message_to_nobody_is_no_error(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let topic = unique("nobody");
    store.publish(&topic, "lost").await?;
    drop(store.subscribe(&topic, 1).await?);
    store.publish(&topic, "lost too").await?;
    let mut listener = store.subscribe(&topic, 1).await?;
    store.publish(&topic, "heard").await?;
    let event = next(&mut listener).await?;
    hold(event == Event::Message(Bytes::from_static(b"heard")), || format!("a later subscriber got {event:?}"))
}

/// A message reaches subscribers on other handles, unless the engine's bus stays within one.
pub async fn handles_reach_each_other(subject: &dyn Subject) -> Result<(), Broken> {
    if !subject.spans() {
        return Ok(());
    }
    let (here, there) = (subject.open().await?, subject.open().await?);
    let topic = unique("span");
    let mut listener = there.subscribe(&topic, 1).await?;
    here.publish(&topic, "over").await?;
    let event = next(&mut listener).await?;
    hold(event == Event::Message(Bytes::from_static(b"over")), || format!("another handle got {event:?}"))
}
