//! What a subscription hears of tasks: the whole task, each time it changes (tasks extension, Task Status Notifications).

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

use futures_util::Stream;
use serde_json::{Map, Value};

use crate::dispatch::service::Service;
use crate::store::seal::hash_id;
use crate::task::codec::modern;
use crate::task::{Owned, Watch};

/// The tasks that a subscription named.
pub(crate) struct Feed {
    opening: Option<Pin<Box<dyn Future<Output = Opened> + Send>>>,
    news: Option<Pin<Box<News>>>,
}

type News = dyn Stream<Item = Map<String, Value>> + Send;

/// The tasks that are the subscriber's, with their changes from now on.
struct Opened {
    service: Arc<Service>,
    watch: Watch,
    tasks: Vec<Owned>,
    seen: HashMap<String, u64>,
    due: VecDeque<Map<String, Value>>,
    looked: bool,
}

impl Feed {
    /// Listens to those of these tasks that belong to somebody.
    pub(crate) fn new(service: Arc<Service>, owner: String, ids: Vec<String>) -> Self {
        let opening = async move {
            // Watched before they are looked at: nothing slips between.
            let watch = service.desk().board().watch(ids.iter().map(|id| hash_id(id)).collect());
            let mut tasks = Vec::new();
            for id in &ids {
                match service.desk().board().find(id, &owner).await {
                    Ok(found) => tasks.extend(found),
                    Err(error) => tracing::warn!(%error, "a task cannot be subscribed to"),
                }
            }
            Opened { service, watch, tasks, seen: HashMap::new(), due: VecDeque::new(), looked: false }
        };
        Self { opening: Some(Box::pin(opening)), news: None }
    }

    /// The ids of the tasks that are listened to, once.
    pub(crate) fn poll_accepted(&mut self, task: &mut Task<'_>) -> Poll<Vec<String>> {
        let Some(opening) = &mut self.opening else { return Poll::Ready(Vec::new()) };
        let Poll::Ready(opened) = opening.as_mut().poll(task) else { return Poll::Pending };
        self.opening = None;
        let accepted = opened.tasks.iter().map(|task| task.id.clone()).collect();
        self.news = Some(Box::pin(futures_util::stream::unfold(opened, Opened::next)));
        Poll::Ready(accepted)
    }

    /// The next task that changed.
    pub(crate) fn poll_news(&mut self, task: &mut Task<'_>) -> Poll<Map<String, Value>> {
        let Some(news) = &mut self.news else { return Poll::Pending };
        match news.as_mut().poll_next(task) {
            Poll::Ready(Some(news)) => return Poll::Ready(news),
            Poll::Ready(None) => self.news = None,
            Poll::Pending => {}
        }
        Poll::Pending
    }
}

impl Opened {
    /// The first of these is what each task is now: it may have changed before it was subscribed to.
    async fn next(mut self) -> Option<(Map<String, Value>, Self)> {
        loop {
            if let Some(news) = self.due.pop_front() {
                return Some((news, self));
            }
            if self.tasks.is_empty() {
                return None;
            }
            if std::mem::replace(&mut self.looked, true) {
                self.watch.changed().await;
            }
            self.look().await;
        }
    }

    async fn look(&mut self) {
        let board = self.service.desk().board();
        let mut rest = Vec::new();
        for mut task in std::mem::take(&mut self.tasks) {
            match board.load(&task.key).await {
                Ok(Some(record)) => {
                    if self.seen.insert(task.key.clone(), record.changes) != Some(record.changes) {
                        self.due.push_back(modern::detailed(&task.id, &record));
                    }
                    task.record = record;
                    // Nothing follows on a final one.
                    if !task.record.status.is_final() {
                        rest.push(task);
                    }
                }
                Ok(None) => {}
                Err(_) => rest.push(task),
            }
        }
        self.tasks = rest;
    }
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}
