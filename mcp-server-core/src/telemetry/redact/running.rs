//! The values of all calls that run: what is logged on a thread that belongs to no call may be about any of them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::values::Values;

/// The calls, newest last. Those that have ended are removed when their number has doubled.
#[derive(Debug)]
struct Running {
    calls: VecDeque<Weak<Values>>,
    sweep_at: usize,
}

static RUNNING: Mutex<Running> = Mutex::new(Running { calls: VecDeque::new(), sweep_at: LEAST });

/// Calls from which on ended ones are removed.
const LEAST: usize = 256;

/// Has what the client of a call sent taken out of lines of other threads, for as long as it is kept.
pub(crate) fn watch(values: &Arc<Values>) {
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if running.calls.len() >= running.sweep_at {
        running.calls.retain(|call| call.strong_count() > 0);
        running.sweep_at = (running.calls.len() * 2).max(LEAST);
    }
    running.calls.push_back(Arc::downgrade(values));
}

/// The values of the calls that run.
pub(crate) fn running() -> Vec<Arc<Values>> {
    let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    running.calls.iter().filter_map(Weak::upgrade).collect()
}
