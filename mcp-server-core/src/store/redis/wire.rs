//! One connection, and the news that it is gone.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, PushInfo, PushKind, RedisError, ServerErrorKind};
use tokio_util::sync::CancellationToken;

use super::place::Place;
use crate::store::seal::random;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(2);
/// How long the server may take to answer.
pub(super) const ANSWER: Duration = Duration::from_secs(3);
/// How soon a connection is tried again, at first and at last.
const AGAIN: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// How many commands wait to be sent before others wait to wait.
const QUEUE: usize = 1_024;

/// A connection that all tasks use at once.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) connection: MultiplexedConnection,
    /// Cancelled as soon as it is known that the connection is of no more use.
    pub(super) gone: CancellationToken,
}

impl Wire {
    /// Connects; what the server pushes goes to `heard`, in order.
    pub(super) async fn connect(
        place: &Place,
        heard: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Result<Self, RedisError> {
        let gone = CancellationToken::new();
        let told = gone.clone();
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER))
            .set_pipeline_buffer_size(QUEUE)
            .set_push_sender(move |push: PushInfo| {
                if push.kind == PushKind::Disconnection {
                    told.cancel();
                } else {
                    heard(push);
                }
                Ok::<(), ()>(())
            });
        let client = Client::open(place.info.clone())?;
        let connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        Ok(Self { connection, gone })
    }

    /// Gives the connection up if an error says that it is of no more use.
    ///
    /// One that has not answered in time may be cut off without a word; whoever still waits on it goes on waiting.
    pub(super) fn judge(&self, error: &RedisError) {
        // A server that has become a replica may have a successor under the same name.
        let demoted = error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly);
        if demoted || error.is_io_error() || error.is_unrecoverable_error() {
            self.gone.cancel();
        }
    }
}

/// How long to wait after so many failures in a row: twice as long each time, and never the same for all replicas.
pub(super) fn pause(failures: u32) -> Duration {
    let (first, last) = AGAIN;
    let whole = first.saturating_mul(1 << failures.min(10)).min(last);
    let [jitter] = random::bytes();
    whole / 2 + whole * u32::from(jitter) / 512
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_second() {
        for failures in 0..40 {
            let whole = Duration::from_millis(50 << failures.min(10)).min(Duration::from_secs(1));
            let pause = pause(failures);
            assert!(pause >= whole / 2 && pause <= whole, "{pause:?} after {failures}");
        }
    }
}
