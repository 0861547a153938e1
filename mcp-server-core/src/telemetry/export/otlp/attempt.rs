//! One export, bounded in time.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use tokio::runtime::Handle;

/// What bounds an export that runs on the server's runtime. gRPC bounds its answers and not its connections; what blocks
/// its thread, as HTTP does, has bounds of its own.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub(super) runtime: Handle,
    pub(super) within: Duration,
}

/// Awaits an export, within its bound.
pub(super) async fn attempt(bound: Option<&Bound>, export: impl Future<Output = OTelSdkResult>) -> OTelSdkResult {
    let Some(Bound { runtime, within }) = bound else { return export.await };
    let bounded = {
        // The timer is the server's, whoever waits for it.
        let _entered = runtime.enter();
        tokio::time::timeout(*within, export)
    };
    bounded.await.unwrap_or(Err(OTelSdkError::Timeout(*within)))
}

struct Parked(Thread);

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future on a thread of no runtime.
pub(super) fn wait<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Parked(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
