//! Orphans: tasks whose worker died are worked on again where that is safe, and end where it is not.

use std::sync::{Arc, Weak};

use super::work::{self, Begun, worker_lost};
use crate::dispatch::service::Service;
use crate::store::StoreError;
use crate::task::{Applied, Record, Step};

/// Looks after the tasks of replicas that died, until the service is gone or stops.
pub(crate) async fn keep_watch(service: Weak<Service>) {
    loop {
        let Some(every) = service.upgrade().map(|service| service.replica().life() / 2) else { return };
        tokio::time::sleep(every).await;
        let Some(service) = service.upgrade() else { return };
        if service.desk().is_stopping() {
            return;
        }
        if let Err(error) = look(&service).await {
            tracing::debug!(%error, "the tasks of other replicas cannot be looked after now");
        }
    }
}

async fn look(service: &Arc<Service>) -> Result<(), StoreError> {
    for (worker, tasks) in service.desk().orphans().await? {
        let mut seen_to = true;
        for key in tasks {
            seen_to &= adopt(service, &worker, key).await?;
        }
        // Whatever could not be taken over now is looked at again.
        if seen_to {
            service.desk().strike(&worker).await?;
        }
    }
    Ok(())
}

/// Takes a task over from a worker that died; says whether it is seen to.
async fn adopt(service: &Arc<Service>, worker: &str, key: String) -> Result<bool, StoreError> {
    let (desk, board) = (service.desk(), service.desk().board());
    let Some(record) = board.load(&key).await? else { return Ok(true) };
    let released = record.worker.replica.is_empty();
    if record.status.is_final() || !(released || record.worker.replica == worker) {
        return Ok(true);
    }
    let catalogue = service.catalogue();
    let entry = catalogue.tool(&record.tool).filter(|entry| entry.may_run_again()).cloned();
    let spent = record.losses + u32::from(!released) >= board.limits().attempts;
    let work = board.work(&key).await?;
    let (Some(entry), Some(work), false) = (entry, work, spent) else {
        return lose(service, &key, record).await;
    };
    let Ok(permit) = entry.permit() else { return Ok(false) };
    desk.enter(&key).await?;
    let claim = Step::Claim { from: record.worker, by: desk.replica().id().to_owned(), died: !released };
    let Applied::Now(record) = board.apply(&key, &claim).await? else {
        desk.leave(&key);
        return Ok(true);
    };
    tracing::info!(task = key, tool = entry.spec.name, attempt = record.worker.attempt, "a task goes on here");
    work::begin(Begun { service: Arc::clone(service), key, entry, record, work, permit });
    Ok(true)
}

async fn lose(service: &Arc<Service>, key: &str, record: Record) -> Result<bool, StoreError> {
    tracing::warn!(task = key, tool = record.tool, "a task ends, for its worker died");
    let end = worker_lost("the process that worked on the task died");
    service.desk().board().apply(key, &Step::Finish(record.worker, end)).await?;
    Ok(true)
}
