//! The rule for engines that outlive a process.

use std::time::Duration;

use super::subject::{Broken, Subject, hold, stored, unique};
use crate::store::{Expect, Keep, Offset};

/// Values, versions, streams and offsets are there again after every handle was closed.
pub async fn what_was_stored_survives(subject: &dyn Subject) -> Result<(), Broken> {
    if !subject.survives() {
        return Ok(());
    }
    let (key, brief, stream) = (unique("survives"), unique("brief"), unique("survives"));
    let life = Some(Duration::from_mins(1));
    let before = subject.open().await?;
    let version = stored(&before, &key, "kept", Expect::Any, life).await?;
    stored(&before, &brief, "kept", Expect::Any, Some(Duration::from_secs(1))).await?;
    let offset = before.append(&stream, "kept", Keep::default()).await?;
    before.close().await?;
    let refused = before.get(&key).await;
    hold(refused.is_err(), || format!("a closed store answered {refused:?}"))?;

    subject.pass(Duration::from_secs(2)).await;
    let after = subject.open().await?;
    hold(after.get(&brief).await?.is_none(), || "a value did not expire while the store was closed".to_owned())?;
    stored(&after, &key, "swapped", Expect::Version(version), life).await?;
    let slice = after.read(&stream, Offset::START, 10).await?;
    let kept = matches!(&slice.entries[..], [entry] if entry.offset == offset && entry.data == "kept");
    hold(kept && !slice.lost, || format!("after the store was closed the stream has {slice:?}"))?;
    let next = after.append(&stream, "next", Keep::default()).await?;
    hold(next > offset, || format!("after the store was closed {next} follows {offset}"))
}
