//! Keeping baselines: what each replica sees is added up in the store now and then, beside the calls.

use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry::KeyValue;
use tokio_util::task::AbortOnDropHandle;

use super::place::{Told, key, share};
use crate::background;
use crate::dispatch::service::Service;
use crate::telemetry::quality::{Ended, ROUND, Watch};
use crate::telemetry::semconv::{attribute, baseline, recent};
use crate::telemetry::{Reading, instruments};

/// The first pause between two rounds; each is twice as long as the one before, up to [`EVERY`]: what a new process sees
/// is soon of use to the others.
const FIRST: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_secs(30);
/// How long a process that ends may take to leave what it knows.
const LEAVING: Duration = Duration::from_secs(5);

/// The baselines of a service, as long as they are kept.
#[derive(Debug)]
pub(crate) struct Baselines {
    service: Arc<Service>,
    rounds: Option<AbortOnDropHandle<()>>,
}

impl Baselines {
    /// Reads what is known, and keeps it, both beside the calls; nothing at all if no result is held against anything.
    pub(crate) fn keep(service: &Arc<Service>) -> Self {
        let rounds = service.settings().quality.map(|_| {
            if let Some(meters) = service.telemetry().meters() {
                meters.watch(&instruments::QUALITY_BASELINE, Arc::downgrade(service), readings);
                meters.watch(&instruments::QUALITY_RECENT, Arc::downgrade(service), recents);
            }
            AbortOnDropHandle::new(background::spawn("baselines", rounds(Arc::downgrade(service))))
        });
        Self { service: Arc::clone(service), rounds }
    }

    /// Leaves what is known to the others, and to the next start.
    pub(crate) async fn leave(self) {
        let Self { service, rounds } = self;
        if let Some(rounds) = rounds {
            // It is not to add in the middle of the last round what that adds too.
            rounds.abort();
            drop(rounds.await);
            if tokio::time::timeout(LEAVING, round(&service)).await.is_err() {
                tracing::debug!(target: "mcp_server::quality", "what is normal could not be kept in time");
            }
        }
    }
}

async fn rounds(service: Weak<Service>) {
    let mut pause = FIRST;
    let mut was_shared = true;
    loop {
        let Some(service) = service.upgrade() else { return };
        let shared = round(&service).await;
        drop(service);
        match (was_shared, &shared) {
            (true, Err(why)) => tracing::warn!(
                target: "mcp_server::quality",
                why,
                "what is normal cannot be shared now: results are held against what this process knows"
            ),
            (false, Ok(())) => tracing::info!(target: "mcp_server::quality", "what is normal is shared again"),
            _ => {}
        }
        was_shared = shared.is_ok();
        // Replicas that start together do not ask the store together for ever.
        let [jitter] = crate::store::seal::random::bytes();
        tokio::time::sleep(pause.saturating_sub(pause * u32::from(jitter) / 1024)).await;
        pause = (pause * 2).min(EVERY);
    }
}

/// Begins a round with every tool, and shares what was seen in the one before. The first failure ends it: the store is away.
pub(super) async fn round(service: &Service) -> Result<(), String> {
    let tools = service.catalogue().tools.clone();
    let members = service.replica().members().await;
    let room = ROUND / u32::try_from(members.as_ref().map_or(1, Vec::len).max(1)).unwrap_or(u32::MAX);
    let mut shared = members.map(drop).map_err(|error| error.to_string());
    for (entry, watch) in tools.iter().filter_map(|entry| Some((entry, entry.quality.as_ref()?))) {
        watch.begin_round(room.max(1));
        if shared.is_ok() {
            let key = key(entry);
            shared = match share(service.store(), &key, watch).await {
                Ok(Told::Yes) => Ok(()),
                Ok(Told::Unreadable) => Err(format!("`{key}` in the store cannot be read by this version")),
                Err(error) => Err(error.to_string()),
            };
        }
    }
    shared
}

/// What is normal for each tool of which anybody can tell.
fn readings(service: &Service) -> Vec<Reading> {
    let mut readings = Vec::new();
    for entry in &service.catalogue().tools {
        let Some(normal) = entry.quality.as_ref().and_then(Watch::normal) else { continue };
        #[expect(clippy::cast_precision_loss, reason = "a median of rows or bytes is far below the limit of a double")]
        let count = |count: Option<u64>| count.map(|count| count as f64);
        let measures = [
            (baseline::ROWS, count(normal.rows)),
            (baseline::BYTES, count(normal.bytes)),
            (baseline::SECONDS, normal.took.map(|took| took.as_secs_f64())),
            (baseline::EMPTY, Some(normal.empty)),
        ];
        for (measure, value) in measures {
            let labels =
                vec![KeyValue::new(attribute::TOOL, entry.spec.name), KeyValue::new(attribute::MEASURE, measure)];
            readings.extend(value.map(|value| (labels, value)));
        }
    }
    readings
}

/// For how long after its newest one the last results of a tool are shown: a tool that nobody calls any more has none.
const SHOWN: Duration = Duration::from_hours(24);

/// Says whether a result is of the kind that is counted.
type Measure = fn(Ended) -> bool;

/// What the last results of each tool were like, in windows that are known in full.
fn recents(service: &Service) -> Vec<Reading> {
    let mut readings = Vec::new();
    let since = service.clock().millis().saturating_sub(u64::try_from(SHOWN.as_millis()).unwrap_or(u64::MAX));
    for entry in &service.catalogue().tools {
        let Some(last) = entry.quality.as_ref().map(Watch::recent).filter(|last| last.at() >= since) else { continue };
        let measures: [(&str, Measure); 3] = [
            (recent::FAILED, |ended| ended == Ended::Failed),
            (recent::EMPTY, Ended::is_empty),
            (recent::OFF, Ended::is_off),
        ];
        for (window, word) in recent::WINDOWS {
            for (measure, is_such) in measures {
                let labels = vec![
                    KeyValue::new(attribute::TOOL, entry.spec.name),
                    KeyValue::new(attribute::MEASURE, measure),
                    KeyValue::new(attribute::LAST, word),
                ];
                readings.extend(last.share(window, is_such).map(|share| (labels, share)));
            }
        }
    }
    readings
}
