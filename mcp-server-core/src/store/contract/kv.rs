//! Rules for values: bytes, versions, expectations, lives.

use std::collections::HashSet;
use std::time::Duration;

use super::subject::{Broken, Subject, awkward, gather, hold, stored, unique};
use crate::store::{Expect, Put, limit};

const SECOND: Duration = Duration::from_secs(1);

/// Any bytes come back unchanged, under any name, and names are not confused with each other.
pub async fn values_come_back_as_they_were_put(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let base = unique("bytes");
    let long = format!("{base}/{}", "k".repeat(limit::NAME - base.len() - 1));
    let names = [base.clone(), base.to_uppercase(), format!("{base}/"), format!("{base} {{x}}*'\"%_\\é…"), long];
    for value in awkward() {
        for (turn, name) in names.iter().enumerate() {
            let value = [value.as_slice(), &turn.to_le_bytes()].concat();
            stored(&store, name, value, Expect::Any, Some(60 * SECOND)).await?;
        }
        for (turn, name) in names.iter().enumerate() {
            let found = store.get(name).await?.map(|entry| entry.value);
            let whole = found.is_some_and(|found| found == [value.as_slice(), &turn.to_le_bytes()].concat());
            hold(whole, || format!("{} bytes under `{name}` did not come back as they were put", value.len()))?;
        }
    }
    stored(&store, &base, Vec::new(), Expect::Any, Some(60 * SECOND)).await?;
    let empty = store.get(&base).await?;
    hold(empty.is_some_and(|entry| entry.value.is_empty()), || "an empty value is not the same as none".to_owned())?;
    let missing = store.get(&unique("missing")).await?;
    hold(missing.is_none(), || format!("a key that was never put has {missing:?}"))
}

/// Every put makes a version that the key never had, even over equal bytes and after a deletion.
pub async fn no_two_states_have_one_version(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let key = unique("versions");
    let mut seen = HashSet::new();
    for turn in 0..50 {
        let version = stored(&store, &key, "same", Expect::Any, Some(60 * SECOND)).await?;
        hold(seen.insert(version), || format!("put {turn} has the version of an earlier one"))?;
        let shown = store.get(&key).await?.map(|entry| entry.version);
        hold(shown == Some(version), || format!("put {turn} returned {version:?} and get shows {shown:?}"))?;
        if turn % 3 == 0 {
            store.delete(&key, None).await?;
        }
    }
    Ok(())
}

/// A put stores over the state it expects and changes nothing otherwise; refused, it shows what is there.
pub async fn a_put_stores_only_over_what_it_expects(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let key = unique("expect");
    let life = Some(60 * SECOND);

    let first = stored(&store, &key, "1", Expect::Absent, life).await?;
    let shown = |put: &Put, value: &str| matches!(put, Put::Refused(Some(entry)) if entry.value == value);
    let put = store.put(&key, "x", Expect::Absent, life).await?;
    hold(shown(&put, "1"), || format!("creating what exists ended in {put:?}"))?;

    let second = stored(&store, &key, "2", Expect::Version(first), life).await?;
    let put = store.put(&key, "x", Expect::Version(first), life).await?;
    hold(shown(&put, "2"), || format!("swapping from an old version ended in {put:?}"))?;

    store.delete(&key, None).await?;
    let put = store.put(&key, "x", Expect::Version(second), life).await?;
    hold(put == Put::Refused(None), || format!("swapping what was deleted ended in {put:?}"))?;

    stored(&store, &key, "2", Expect::Absent, life).await?;
    let put = store.put(&key, "x", Expect::Version(second), life).await?;
    hold(shown(&put, "2"), || format!("swapping what was deleted and made again ended in {put:?}"))?;

    stored(&store, &key, "3", Expect::Any, life).await?;
    let found = store.get(&key).await?;
    hold(found.as_ref().is_some_and(|entry| entry.value == "3"), || format!("in the end there is {found:?}"))
}

/// A delete with a version removes that state alone, and each delete says whether it removed something.
pub async fn a_delete_removes_only_what_it_names(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let key = unique("delete");
    let life = Some(60 * SECOND);
    let first = stored(&store, &key, "1", Expect::Any, life).await?;
    let second = stored(&store, &key, "2", Expect::Any, life).await?;

    hold(!store.delete(&key, Some(first)).await?, || "a delete with an old version says it deleted".to_owned())?;
    hold(store.get(&key).await?.is_some(), || "a delete with an old version has deleted".to_owned())?;
    hold(store.delete(&key, Some(second)).await?, || "a delete with the version did nothing".to_owned())?;
    hold(store.get(&key).await?.is_none(), || "a deleted value is still there".to_owned())?;
    hold(!store.delete(&key, None).await?, || "a delete of nothing says it deleted".to_owned())?;
    stored(&store, &key, "3", Expect::Any, life).await?;
    hold(store.delete(&key, None).await?, || "a delete without a version did nothing".to_owned())
}

/// Of many swaps from one version exactly one succeeds, and its value is what is there.
pub async fn of_concurrent_swaps_one_wins(subject: &dyn Subject) -> Result<(), Broken> {
    let handles = [subject.open().await?, subject.open().await?];
    let key = unique("swaps");
    let mut version = stored(&handles[0], &key, "0", Expect::Any, Some(60 * SECOND)).await?;
    for round in 0..10 {
        let racers = (0..16).zip(handles.iter().cycle().cloned()).map(|(racer, store)| {
            let key = key.clone();
            async move {
                let put = store.put(&key, format!("{racer}"), Expect::Version(version), Some(60 * SECOND)).await?;
                Ok(if let Put::Stored(version) = put { Some((racer, version)) } else { None })
            }
        });
        let winners: Vec<(i32, _)> = gather(racers).await?.into_iter().flatten().collect();
        let [(winner, next)] = winners[..] else {
            return Err(Broken::Rule(format!("{} of 16 swaps from one version won in round {round}", winners.len())));
        };
        for store in &handles {
            let found = store.get(&key).await?;
            let is_winner = found.as_ref().is_some_and(|e| e.value == winner.to_string() && e.version == next);
            hold(is_winner, || format!("{winner} won round {round}, and there is {found:?}"))?;
        }
        version = next;
    }
    Ok(())
}

/// Of many puts that expect no value exactly one succeeds, on a fresh key and on an expired one.
pub async fn of_concurrent_creations_one_wins(subject: &dyn Subject) -> Result<(), Broken> {
    let handles = [subject.open().await?, subject.open().await?];
    for expired in [false, true] {
        let key = unique("creations");
        if expired {
            stored(&handles[0], &key, "old", Expect::Any, Some(SECOND)).await?;
            subject.pass(2 * SECOND).await;
        }
        let racers = (0..16).zip(handles.iter().cycle().cloned()).map(|(racer, store)| {
            let key = key.clone();
            async move { Ok(store.put(&key, format!("{racer}"), Expect::Absent, Some(60 * SECOND)).await?) }
        });
        let winners = gather(racers).await?.iter().filter(|put| matches!(put, Put::Stored(_))).count();
        hold(winners == 1, || format!("{winners} of 16 creations won (over an expired value: {expired})"))?;
    }
    Ok(())
}

/// Counting by compare-and-swap loses no count.
pub async fn no_update_is_lost(subject: &dyn Subject) -> Result<(), Broken> {
    let handles = [subject.open().await?, subject.open().await?];
    let key = unique("count");
    stored(&handles[0], &key, vec![0], Expect::Any, Some(60 * SECOND)).await?;
    let counters = handles.iter().cycle().take(8).cloned().map(|store| {
        let key = key.clone();
        async move {
            for _ in 0..20 {
                let mut seen = store.get(&key).await?;
                while let Some(entry) = seen {
                    let more = vec![entry.value.first().map_or(0, |count| count + 1)];
                    match store.put(&key, more, Expect::Version(entry.version), Some(60 * SECOND)).await? {
                        Put::Stored(_) => break,
                        Put::Refused(now) => seen = now,
                    }
                }
            }
            Ok(())
        }
    });
    gather(counters).await?;
    let found = handles[1].get(&key).await?.map(|entry| entry.value.to_vec());
    hold(found == Some(vec![160]), || format!("8 × 20 increments came to {found:?}"))
}

/// A value is there until its life ends and absent in every respect from then on.
pub async fn values_expire(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let (key, kept) = (unique("expires"), unique("kept"));
    let version = stored(&store, &key, "short", Expect::Any, Some(3 * SECOND)).await?;
    stored(&store, &kept, "long", Expect::Any, None).await?;

    subject.pass(SECOND).await;
    hold(store.get(&key).await?.is_some(), || "a value of 3 s was gone after 1 s".to_owned())?;
    subject.pass(3 * SECOND).await;
    hold(store.get(&key).await?.is_none(), || "a value of 3 s was there after 4 s".to_owned())?;
    hold(store.get(&kept).await?.is_some(), || "a value without an end has ended".to_owned())?;

    let put = store.put(&key, "x", Expect::Version(version), None).await?;
    hold(put == Put::Refused(None), || format!("swapping an expired value ended in {put:?}"))?;
    hold(!store.delete(&key, None).await?, || "an expired value could be deleted".to_owned())?;
    hold(!store.delete(&key, Some(version)).await?, || "an expired version could be deleted".to_owned())?;
    let again = stored(&store, &key, "again", Expect::Absent, Some(60 * SECOND)).await?;
    hold(again != version, || "an expired version came again".to_owned())?;

    stored(&store, &key, "no life", Expect::Any, Some(Duration::ZERO)).await?;
    hold(store.get(&key).await?.is_none(), || "a value without life was there".to_owned())?;
    store.delete(&kept, None).await?;
    Ok(())
}

/// The life of a value is that of its last put, longer or shorter, or endless.
pub async fn a_put_sets_the_life_anew(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let (longer, shorter, endless) = (unique("longer"), unique("shorter"), unique("endless"));
    stored(&store, &longer, "1", Expect::Any, Some(2 * SECOND)).await?;
    let version = stored(&store, &shorter, "1", Expect::Any, Some(60 * SECOND)).await?;
    stored(&store, &endless, "1", Expect::Any, Some(2 * SECOND)).await?;

    stored(&store, &longer, "2", Expect::Any, Some(60 * SECOND)).await?;
    stored(&store, &shorter, "2", Expect::Version(version), Some(2 * SECOND)).await?;
    stored(&store, &endless, "2", Expect::Any, None).await?;
    subject.pass(4 * SECOND).await;

    hold(store.get(&longer).await?.is_some(), || "a life that was made longer has ended".to_owned())?;
    hold(store.get(&shorter).await?.is_none(), || "a life that was made shorter goes on".to_owned())?;
    hold(store.get(&endless).await?.is_some(), || "a life that was made endless has ended".to_owned())?;
    store.delete(&endless, None).await?;
    Ok(())
}
