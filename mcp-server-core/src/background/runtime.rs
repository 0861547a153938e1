//! The runtime that tasks run on.

use tokio::runtime::{Handle, RuntimeFlavor};

/// The runtime of the server, for threads that wait for a future of it: only exporters have such threads.
///
/// # Panics
/// Outside of a runtime.
#[cfg(feature = "otlp")]
pub(crate) fn runtime() -> Handle {
    Handle::current()
}

/// Whether this thread is one of several that run tasks, so that its tasks can be handed to another one.
pub(crate) fn is_worker() -> bool {
    Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}
