//! Wake-ups: whoever waits for a task is told that it changed, whichever replica changed it.
//!
//! What is told is a hint, and hints get lost; so whoever waits looks now and then without one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::background;
use crate::store::{Event, Store};

/// Where changes are told.
const TOPIC: &str = "tasks";
/// How many hints may wait for this process.
const WAITING: usize = 1024;
/// How long somebody waits without a hint before it looks.
const PATIENCE: Duration = Duration::from_secs(5);

/// Those who wait, by the task.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    waiting: Mutex<HashMap<String, Vec<Weak<Notify>>>>,
    listens: AtomicBool,
    end: CancellationToken,
}

/// Somebody who waits for changes of some tasks.
#[derive(Debug)]
pub(crate) struct Watch {
    wakes: Arc<Wakes>,
    keys: Vec<String>,
    changed: Arc<Notify>,
}

impl Wakes {
    /// Waits from now on for changes of these tasks.
    pub(super) fn watch(self: &Arc<Self>, store: &Store, keys: Vec<String>) -> Watch {
        self.listen(store);
        let changed = Arc::new(Notify::new());
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &keys {
            waiting.entry(key.clone()).or_default().push(Arc::downgrade(&changed));
        }
        drop(waiting);
        Watch { wakes: Arc::clone(self), keys, changed }
    }

    /// Tells everybody that a task changed: here at once, elsewhere over the bus.
    pub(super) async fn tell(&self, store: &Store, key: &str) {
        self.wake(key);
        if let Err(error) = store.publish(TOPIC, key.to_owned()).await {
            tracing::debug!(%error, "other replicas could not be told of a task's change");
        }
    }

    fn wake(&self, key: &str) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for notify in waiting.get(key).into_iter().flatten().filter_map(Weak::upgrade) {
            notify.notify_one();
        }
    }

    fn wake_all(&self) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for notify in waiting.values().flatten().filter_map(Weak::upgrade) {
            notify.notify_one();
        }
    }

    /// Hears what other replicas tell, from the first watch on.
    fn listen(self: &Arc<Self>, store: &Store) {
        if self.listens.swap(true, Ordering::AcqRel) {
            return;
        }
        let (wakes, store, end) = (Arc::downgrade(self), store.clone(), self.end.clone());
        background::spawn("task_events", async move {
            while wakes.strong_count() > 0 {
                match store.subscribe(TOPIC, WAITING).await {
                    Ok(mut heard) => {
                        // What was told before is not heard.
                        wakes.upgrade().inspect(|wakes| wakes.wake_all());
                        while let Some(Some(event)) = end.run_until_cancelled(heard.recv()).await {
                            let Some(wakes) = wakes.upgrade() else { return };
                            match event {
                                Event::Message(key) => wakes.wake(&String::from_utf8_lossy(&key)),
                                Event::Missed(_) => wakes.wake_all(),
                            }
                        }
                    }
                    Err(error) => tracing::debug!(%error, "changes of tasks cannot be heard"),
                }
                end.run_until_cancelled(tokio::time::sleep(PATIENCE)).await;
            }
        });
    }
}

impl Drop for Wakes {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

impl Watch {
    /// Waits for a change, or until it is time to look without one.
    pub(crate) async fn changed(&self) {
        drop(tokio::time::timeout(PATIENCE, self.changed.notified()).await);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut waiting = self.wakes.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let own = Arc::downgrade(&self.changed);
        for key in &self.keys {
            if let Some(watches) = waiting.get_mut(key) {
                watches.retain(|other| !other.ptr_eq(&own));
                if watches.is_empty() {
                    waiting.remove(key);
                }
            }
        }
    }
}
