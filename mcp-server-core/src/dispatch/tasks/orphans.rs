//! Orphans: tasks whose worker died are worked on again where that is safe, and end where it is not.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::Value;

use super::work::{self, Begun, worker_lost};
use crate::dispatch::entry::ToolEntry;
use crate::dispatch::service::Service;
use crate::store::StoreError;
use crate::task::{Applied, Doubt, Record, Step, TaskLimits, Work};

/// How long before a task expires it ends if nobody can go on with it: its client may see why.
const LAST_WORDS: Duration = Duration::from_mins(1);

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
    for (key, Doubt { worker, expires }) in service.desk().doubts() {
        let record = service.desk().board().load(&key).await?;
        // Not made yet: the page of that worker names the task still.
        if record.is_some_and(|record| record.worker.replica == worker && !record.status.is_final()) {
            continue;
        }
        if adopt(service, &worker, &key, expires).await? {
            service.desk().settled(&key);
        }
    }
    for orphans in service.desk().orphans().await? {
        let mut is_done = true;
        for (key, expires) in &orphans.tasks {
            is_done &= adopt(service, &orphans.worker, key, *expires).await?;
        }
        // Whatever could not be taken over now is looked at again.
        if is_done {
            service.desk().forget(&orphans).await?;
        }
    }
    Ok(())
}

/// Takes a task over from a worker that died; says whether nothing is left to do about it.
async fn adopt(service: &Arc<Service>, worker: &str, key: &str, expires: u64) -> Result<bool, StoreError> {
    let (desk, board) = (service.desk(), service.desk().board());
    let record = match board.load(key).await? {
        Some(record) => record,
        None if service.clock().until(expires).is_zero() || board.rule_out(key, expires).await? => return Ok(true),
        // It was created at this moment, or is already ruled out.
        None => match board.load(key).await? {
            Some(record) => record,
            None => return Ok(true),
        },
    };
    // A claim of this replica whose outcome was not known was done.
    let is_claimed = record.worker.replica == desk.replica().id() && !desk.is_in_work(key);
    let is_released = record.worker.replica.is_empty();
    if record.status.is_final() || !(is_claimed || is_released || record.worker.replica == worker) {
        return Ok(true);
    }
    let is_spent = record.losses + u32::from(!is_released && !is_claimed) >= board.limits().attempts;
    let work = match board.work(key).await? {
        Some(work) if !is_spent => work,
        _ => return lose(service, key, record, "the process that worked on the task died").await,
    };
    let Some(entry) = able(service, &record, &work) else {
        // During a deployment other replicas know what this one does not.
        if !is_over(service, &record, board.limits()) {
            return Ok(false);
        }
        return lose(service, key, record, "the process that worked on the task died, and no other can go on").await;
    };
    let Ok(permit) = entry.permit() else { return Ok(false) };
    desk.enter(key, expires).await?;
    let record = if is_claimed {
        record
    } else {
        let claim = Step::Claim { from: record.worker, by: desk.replica().id().to_owned(), died: !is_released };
        match board.apply(key, &claim).await {
            Ok(Applied::Now(record)) => record,
            // By another one, or by an earlier claim of this one that was given up and made all the same: the next look
            // tells which.
            Ok(Applied::Fenced) => {
                desk.leave(key);
                return Ok(false);
            }
            Ok(Applied::Over(_) | Applied::Gone) => {
                desk.leave(key);
                return Ok(true);
            }
            Err(error) => {
                desk.doubt(key, Doubt { worker: worker.to_owned(), expires });
                return Err(error);
            }
        }
    };
    tracing::info!(task = key, tool = entry.spec.name, attempt = record.worker.attempt, "a task goes on here");
    work::begin(Begun { service: Arc::clone(service), key: key.to_owned(), entry, record, work, permit });
    Ok(true)
}

/// The tool of a task, if this replica has it in a form that may run again and takes these arguments.
fn able(service: &Service, record: &Record, work: &Work) -> Option<Arc<ToolEntry>> {
    let catalogue = service.catalogue();
    let entry = catalogue.tool(&record.tool).filter(|entry| entry.may_run_again())?;
    entry.input.validate(&Value::Object(work.arguments.clone())).ok()?;
    Some(Arc::clone(entry))
}

/// Whether the time is over in which another replica may go on with a task.
fn is_over(service: &Service, record: &Record, limits: &TaskLimits) -> bool {
    let ttl = Duration::from_millis(record.ttl());
    service.clock().age(record.created) >= limits.timeout
        || service.clock().until(record.expires) <= LAST_WORDS.min(ttl / 4)
}

async fn lose(service: &Arc<Service>, key: &str, record: Record, why: &'static str) -> Result<bool, StoreError> {
    tracing::warn!(task = key, tool = record.tool, "a task ends: {why}");
    service.desk().board().apply(key, &Step::Finish(record.worker, worker_lost(why))).await?;
    Ok(true)
}
