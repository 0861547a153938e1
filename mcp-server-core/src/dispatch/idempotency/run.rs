//! The run of a call that happens once: claim, run, remember; or wait for whoever claimed it before.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::key::Key;
use crate::dispatch::call::Stopped;
use crate::dispatch::entry::ToolEntry;
use crate::dispatch::job::Ended;
use crate::dispatch::service::Service;
use crate::dispatch::single_use;
use crate::dispatch::unsettled::{Kept, Ledger, Live, Record, Settlement, State, unreadable};
use crate::dispatch::work::Work;
use crate::guard::permits::Permit;
use crate::store::seal::random_id;
use crate::store::{Entry, Expect, Put, Subscription, Version};
use crate::tool::{Context, ErrorKind, Outcome, ToolCall, ToolError};

/// How often a repeat looks by itself whether the run has ended: hints may be lost, and the dead tell nothing.
const LOOK: Duration = Duration::from_secs(1);

/// A call that happens once.
#[derive(Debug)]
pub(crate) struct Once {
    service: Arc<Service>,
    entry: Arc<ToolEntry>,
    context: Context,
    call: ToolCall,
    ledger: Ledger,
    is_keyed: bool,
    /// The server's permit, held for as long as the function runs, whether or not anybody waits for it.
    _permit: Option<Permit>,
}

/// How a try to claim a key ended.
#[expect(clippy::large_enum_variant, reason = "it is matched where it is made, and a box would cost each call")]
enum Tried {
    /// With the end of the call.
    Stopped(Stopped),
    /// Somebody else runs it.
    Busy(Box<Once>),
}

impl Once {
    pub(crate) fn new(
        service: &Arc<Service>,
        entry: &Arc<ToolEntry>,
        call: ToolCall,
        key: Key,
        permit: Option<Permit>,
    ) -> Self {
        let settings = service.settings();
        let default = if key.is_given { settings.remember } else { settings.remember_unkeyed };
        let ledger = Ledger {
            store: service.store().clone(),
            place: key.place,
            arguments: key.arguments,
            run: random_id(),
            replica: service.replica().id().to_owned(),
            keep: entry.spec.idempotency.and_then(|own| own.keep).unwrap_or(default),
            timeout: entry.timeout,
        };
        Self {
            service: Arc::clone(service),
            entry: Arc::clone(entry),
            context: call.context().clone(),
            call,
            ledger,
            is_keyed: key.is_given,
            _permit: permit,
        }
    }
}

/// Runs the call, or gets the answer of the one that it repeats. Dropped, it goes on if it has claimed its key.
pub(crate) async fn run(once: Once) -> Stopped {
    let mut waiting: Option<Subscription> = None;
    let mut once = Box::new(once);
    loop {
        let (context, store, place) = (once.context.clone(), once.ledger.store.clone(), once.ledger.place.clone());
        // A task of its own: a claim whose caller went away would be held for nobody.
        once = match once.service.apart.clone().spawn(once.attempt()).await {
            Ok(Tried::Stopped(stopped)) => return stopped,
            Ok(Tried::Busy(once)) => once,
            Err(error) => return failed(ToolError::internal("the tool failed unexpectedly").cause(error)),
        };
        let left = context.remaining();
        if left.is_zero() {
            return failed(still_running());
        }
        match &mut waiting {
            Some(hints) => drop(tokio::time::timeout(LOOK.min(left), hints.recv()).await),
            // Tried again at once: it may have ended before anybody listened.
            None => match store.subscribe(&place, 1).await {
                Ok(hints) => waiting = Some(hints),
                Err(error) => return failed(error.into()),
            },
        }
    }
}

impl Once {
    async fn attempt(self: Box<Self>) -> Tried {
        if !self.service.unsettled.has_room() {
            return Tried::Stopped(failed(too_many()));
        }
        match self.service.unsettled.claim(&self.ledger, Expect::Absent).await {
            Ok((Put::Stored(version), live)) => Tried::Stopped(self.lead(version, live).await),
            Ok((Put::Refused(Some(entry)), _)) => self.meet(entry).await,
            Ok((Put::Refused(None), _)) => Tried::Busy(self),
            Err(error) => Tried::Stopped(failed(error.into())),
        }
    }

    /// Finds the key claimed.
    async fn meet(mut self: Box<Self>, entry: Entry) -> Tried {
        let Ok(record) = serde_json::from_slice::<Record>(&entry.value) else {
            return Tried::Stopped(failed(unreadable()));
        };
        if record.arguments != self.ledger.arguments {
            return Tried::Stopped(failed(other_arguments()));
        }
        let replica = match record.state {
            State::Runs { replica } => replica,
            State::Ended(kept) => {
                let (outcome, reference) = kept.outcome();
                if let Some(reference) = reference {
                    self.context.correlate(reference);
                }
                return Tried::Stopped(Stopped::Repeated(outcome));
            }
        };
        // A claim of this process for a run that never began: the store confirmed it to nobody.
        let is_void = replica == self.ledger.replica && !self.service.unsettled.is_live(&record.run);
        if !is_void {
            match self.service.replica().is_lost(&replica).await {
                Ok(false) => return Tried::Busy(self),
                Ok(true) => {}
                Err(error) => return Tried::Stopped(failed(error.into())),
            }
        }
        if is_void || self.may_run_again() {
            self.ledger = self.ledger.renewed();
            return match self.service.unsettled.claim(&self.ledger, Expect::Version(entry.version)).await {
                Ok((Put::Stored(version), live)) => Tried::Stopped(self.lead(version, live).await),
                Ok((Put::Refused(_), _)) => Tried::Busy(self),
                Err(error) => Tried::Stopped(failed(error.into())),
            };
        }
        // Under the dead one's name: should it live after all, it may still write what it knows.
        let outcome = Outcome::Failed(interrupted(ErrorKind::WorkerLost, "the server process that ran this call died"));
        let dead = Ledger { run: record.run, ..self.ledger.clone() };
        match dead.put(&Kept::of(&outcome, self.context.correlation_id()), entry.version).await {
            Ok(true) => {
                dead.tell().await;
                Tried::Stopped(Stopped::Ended(Ended::Tool(outcome)))
            }
            Ok(false) => Tried::Busy(self),
            Err(error) => Tried::Stopped(failed(error.into())),
        }
    }

    /// Runs the function to its end, and writes its answer down before anybody gets the answer.
    async fn lead(self: Box<Self>, version: Version, live: Live) -> Stopped {
        let Self { service, entry, context, call, ledger, is_keyed, _permit } = *self;
        let (idempotent, most) = (entry.spec.effects.idempotent == Some(true), entry.max_result);
        let own = match entry.permit() {
            Ok(own) => own,
            Err(busy) => {
                service.unsettled.settle(ledger, version, Settlement::Release, live).await;
                return failed(busy);
            }
        };
        let mut work = Work::from(single_use::start(&service, &entry, call));
        let version = Mutex::new(version);
        let stopped = tokio::select! {
            biased;
            stopped = poll_fn(|task| work.poll(&context, task)) => stopped,
            never = renew(&ledger, &version) => match never {},
        };
        let version = *version.lock().unwrap_or_else(PoisonError::into_inner);
        // What the function held is free before its end is known.
        drop(work);
        drop(own);
        context.cancel();
        let failed_itself = matches!(stopped, Stopped::Ended(Ended::Tool(Outcome::Failed(_))));
        let outcome = match stopped {
            Stopped::Ended(Ended::Tool(outcome)) => bounded(entry.judged(outcome, &context.shared().scope), most),
            Stopped::TimedOut(limit) if !idempotent => Outcome::Failed(interrupted(
                ErrorKind::Timeout,
                &format!("the call was stopped at its limit of {} s", limit.as_secs_f64()),
            )),
            Stopped::Ended(Ended::Panicked(message)) if !idempotent => Outcome::Failed(
                interrupted(ErrorKind::Internal, "the tool failed unexpectedly")
                    .cause(format!("it panicked: {message}")),
            ),
            stopped => {
                service.unsettled.settle(ledger, version, Settlement::Release, live).await;
                return stopped;
            }
        };
        let forgotten = failed_itself
            && matches!(&outcome, Outcome::Failed(error)
                if !is_keyed || error.retryable() || error.kind() == ErrorKind::Cancelled);
        let settlement = if forgotten {
            Settlement::Release
        } else {
            Settlement::Answer(Kept::of(&outcome, context.correlation_id()))
        };
        service.unsettled.settle(ledger, version, settlement, live).await;
        Stopped::Ended(Ended::Tool(outcome))
    }

    fn may_run_again(&self) -> bool {
        self.entry.spec.effects.idempotent == Some(true)
    }
}

/// Keeps the claim of a run that goes on; never ends.
async fn renew(ledger: &Ledger, version: &Mutex<Version>) -> Infallible {
    loop {
        tokio::time::sleep(ledger.lease() / 3).await;
        let known = *version.lock().unwrap_or_else(PoisonError::into_inner);
        match ledger.renew(known).await {
            Ok(Some(renewed)) => *version.lock().unwrap_or_else(PoisonError::into_inner) = renewed,
            Ok(None) => {
                tracing::warn!(target: "mcp_server::once", "the claim of a running call is another's by now");
                return pending().await;
            }
            Err(error) => {
                tracing::warn!(target: "mcp_server::once", %error, "the claim of a running call is not renewed yet");
            }
        }
    }
}

/// What cannot be sent is not kept either.
fn bounded(outcome: Outcome, most: u64) -> Outcome {
    let (Outcome::Complete(reply) | Outcome::Empty(reply) | Outcome::Partial(reply)) = &outcome else { return outcome };
    let size = |bytes: serde_json::Result<Vec<u8>>| bytes.map_or(0, |bytes| bytes.len() as u64);
    let bytes = size(serde_json::to_vec(&reply.content)) + size(serde_json::to_vec(&reply.structured));
    if bytes <= most {
        return outcome;
    }
    Outcome::Failed(ToolError::result_too_large(format!("the result has {bytes} bytes, and {most} are allowed")))
}

fn failed(error: ToolError) -> Stopped {
    Stopped::Ended(Ended::Tool(Outcome::Failed(error)))
}

/// The end of a run that nobody knows the effect of.
fn interrupted(kind: ErrorKind, message: &str) -> ToolError {
    ToolError::new(kind, format!("{message}; how far it came is not known, and it is not run again under its key"))
        .advice(
            "Do not just repeat it: look at the current state first, then decide. To do it anyway, call with another \
             idempotency key.",
        )
        .do_not_retry()
}

fn other_arguments() -> ToolError {
    ToolError::conflict("this idempotency key was used for a call with other arguments")
        .advice("Repeat a call with the very arguments it had, or use a new key for a new call.")
        .do_not_retry()
}

fn too_many() -> ToolError {
    ToolError::overloaded("too many calls ended whose answers the store does not take yet").retry_after(LOOK)
}

fn still_running() -> ToolError {
    ToolError::timeout("the same call runs already and has not ended yet")
        .advice("It goes on: call again in the same way to get its answer; it is not run twice.")
        .retry_after(LOOK)
}
