//! Large messages: read and checked where they hold up nobody else.

use tokio::sync::Semaphore;

use crate::background;

/// From so many bytes on a message is large. Smaller ones are read within well under a millisecond.
const LARGE: usize = 64 * 1024;

/// Where large messages are read: beside the worker threads, and only a few at a time.
#[derive(Debug)]
pub(crate) struct LargeMessages {
    places: Semaphore,
}

impl LargeMessages {
    /// Half of the processors may be busy with large messages.
    pub(super) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { places: Semaphore::new((processors / 2).max(1)) }
    }

    /// Does work that is about a message of so many bytes. That of a large message waits for a place; whoever stops
    /// waiting leaves the queue. How many wait is bounded by the bytes that may be in progress.
    pub(crate) async fn run<T>(&self, bytes: usize, work: impl FnOnce() -> T) -> T {
        if bytes < LARGE {
            return work();
        }
        // It is never closed.
        let _place = self.places.acquire().await;
        beside(bytes, work)
    }
}

/// Does work that is about a message of so many bytes, and hands the tasks of this worker thread to another one before
/// that of a large message.
pub(crate) fn beside<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    if bytes >= LARGE && background::is_worker() { tokio::task::block_in_place(work) } else { work() }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    /// With one worker thread: while a large message is read, another task goes on.
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn others_go_on_while_a_large_message_is_read() {
        let (sender, receiver) = sync_channel(1);
        let read = tokio::spawn(async move {
            let large = LargeMessages::new();
            large.run(LARGE, move || receiver.recv_timeout(std::time::Duration::from_secs(20))).await
        });
        let other = tokio::spawn(async move { sender.send(7) });
        assert_eq!(read.await.unwrap(), Ok(7));
        other.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_runtime_of_one_thread_reads_them_itself() {
        assert_eq!(LargeMessages::new().run(LARGE, || 7).await, 7);
    }
}
