//! Rules for the time that an engine has.

use std::time::Duration;

use super::subject::{Broken, Subject, hold};

/// What the engine's time may be off by: a slow answer.
const SLACK: u64 = 60_000;

/// Every handle sees the same time, it is that of the store's clock, and it passes as values expire by it.
pub async fn all_handles_have_one_time(subject: &dyn Subject) -> Result<(), Broken> {
    let (one, other) = (subject.open().await?, subject.open().await?);
    let before = one.time().await?;
    subject.pass(Duration::from_secs(2)).await;
    let after = other.time().await?;
    let passed = after.saturating_sub(before);
    hold((1_990..2_000 + SLACK).contains(&passed), || format!("{passed} ms passed in two seconds"))?;
    for store in [&one, &other] {
        let (now, clock) = (store.time().await?, store.clock().millis());
        hold(now.abs_diff(clock) < SLACK, || format!("the clock shows {clock}, and the engine says {now}"))?;
    }
    Ok(())
}
