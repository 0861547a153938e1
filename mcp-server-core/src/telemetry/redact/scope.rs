//! The call that a thread works on now: what it was sent must not stand in what is said meanwhile.

use std::cell::RefCell;
use std::sync::Arc;

use super::values::Values;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Values>>> = const { RefCell::new(None) };
}

/// What was there before comes back, however the work ends.
struct Before(Option<Arc<Values>>);

impl Drop for Before {
    fn drop(&mut self) {
        swap(&mut self.0);
    }
}

fn swap(values: &mut Option<Arc<Values>>) {
    // A thread that ends has no current call any more.
    drop(CURRENT.try_with(|current| {
        if let Ok(mut current) = current.try_borrow_mut() {
            std::mem::swap(&mut *current, values);
        }
    }));
}

/// Works on a call that was sent these values.
pub(crate) fn within<R>(values: &Arc<Values>, work: impl FnOnce() -> R) -> R {
    let mut before = Before(Some(Arc::clone(values)));
    swap(&mut before.0);
    work()
}

/// What the call was sent that this thread works on.
pub(crate) fn current() -> Option<Arc<Values>> {
    CURRENT.try_with(|current| current.try_borrow().ok().and_then(|current| current.clone())).ok().flatten()
}

/// Whether this thread works on a call.
pub(crate) fn is_in_call() -> bool {
    CURRENT.try_with(|current| current.try_borrow().is_ok_and(|current| current.is_some())).unwrap_or(false)
}
