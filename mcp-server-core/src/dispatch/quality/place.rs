//! Where the baseline of a tool is kept.

use std::time::Duration;

use crate::dispatch::canonical::canonicalise;
use crate::dispatch::entry::ToolEntry;
use crate::store::seal::hash_id;
use crate::store::{Entry, Expect, Put, Store, StoreError};
use crate::telemetry::quality::{Known, Watch};

/// How long a baseline is kept that nobody adds to.
const LIFE: Duration = Duration::from_hours(30 * 24);
/// How often the sum is made again when somebody else was faster.
const ATTEMPTS: usize = 16;

/// How telling the others ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// They know.
    Yes,
    /// There is something else in its place, of a later version of the program perhaps.
    Unreadable,
}

/// The key of a tool's baseline. What a tool takes and gives is part of it: another contract has other results, and while
/// both are served, in the middle of an update, each has its own.
pub(super) fn key(entry: &ToolEntry) -> String {
    let mut contract = Vec::new();
    canonicalise(&entry.input_schema, &mut contract);
    if let Some(output) = &entry.output {
        canonicalise(&output.schema, &mut contract);
    }
    let hash = hash_id(&String::from_utf8_lossy(&contract));
    format!("quality/{}/{}", entry.spec.name, hash.get(..16).unwrap_or(&hash))
}

/// Adds what is new here to what is kept there, and takes the sum over.
///
/// # Errors
/// What the store says. What is new here then stays new.
pub(super) async fn share(store: &Store, key: &str, watch: &Watch) -> Result<Told, StoreError> {
    let Some(fresh) = watch.fresh() else { return Ok(Told::Yes) };
    let mut there = store.get(key).await?;
    for _ in 0..ATTEMPTS {
        let (sum, expect) = match &there {
            Some(Entry { value, version }) => {
                let Some(mut sum) = Known::read(value) else { return Ok(Told::Unreadable) };
                sum.merge(&fresh);
                (sum, Expect::Version(*version))
            }
            // Nobody told anything yet, or the store has lost it: then it is told again.
            None => (watch.all(), Expect::Absent),
        };
        let mut sum = sum;
        sum.baseline.fade(watch.most());
        if !fresh.is_blank() || (there.is_none() && !sum.is_blank()) {
            match store.put(key, sum.write(), expect, Some(LIFE)).await? {
                Put::Stored(_) => {}
                Put::Refused(now) => {
                    there = now;
                    continue;
                }
            }
        }
        watch.settle(sum);
        break;
    }
    Ok(Told::Yes)
}
