//! Rules for streams: order, bounds, losses.

use std::time::Duration;

use super::subject::{Broken, Subject, awkward, gather, hold, unique};
use crate::store::{Keep, Offset, Slice, Store};

const SECOND: Duration = Duration::from_secs(1);
const KEEP: Keep = Keep { entries: 1_000, bytes: 16 << 20, age: Duration::from_mins(5) };

/// Appends numbered entries and returns their offsets.
async fn fill(store: &Store, stream: &str, numbers: std::ops::Range<u32>, keep: Keep) -> Result<Vec<Offset>, Broken> {
    let mut offsets = Vec::new();
    for number in numbers {
        offsets.push(store.append(stream, number.to_string(), keep).await?);
    }
    Ok(offsets)
}

/// The texts of a slice.
fn texts(slice: &Slice) -> Vec<String> {
    slice.entries.iter().map(|entry| String::from_utf8_lossy(&entry.data).into_owned()).collect()
}

/// Holds that a read returns these numbers and says this about a loss.
async fn reads(
    store: &Store,
    stream: &str,
    after: Offset,
    numbers: std::ops::Range<u32>,
    lost: bool,
) -> Result<(), Broken> {
    let slice = store.read(stream, after, 1_000).await?;
    let expected: Vec<String> = numbers.map(|number| number.to_string()).collect();
    hold(texts(&slice) == expected && slice.lost == lost, || {
        format!(
            "a read after {after} gave {:?} (lost: {}) instead of {expected:?} (lost: {lost})",
            texts(&slice),
            slice.lost
        )
    })
}

/// Entries come back unchanged in the order of their appends, with growing offsets, each stream for itself.
pub async fn entries_come_back_in_order(subject: &dyn Subject) -> Result<(), Broken> {
    let (writer, reader) = (subject.open().await?, subject.open().await?);
    let (one, other) = (unique("order"), unique("order"));
    let mut offsets = Vec::new();
    for data in awkward() {
        offsets.push(writer.append(&one, data, KEEP).await?);
        writer.append(&other, "other", KEEP).await?;
    }
    hold(offsets.is_sorted_by(|a, b| a < b) && offsets.first() > Some(&Offset::START), || {
        format!("offsets do not grow: {offsets:?}")
    })?;
    let slice = reader.read(&one, Offset::START, 1_000).await?;
    hold(!slice.lost, || "a whole stream was called lossy".to_owned())?;
    let found: Vec<Offset> = slice.entries.iter().map(|entry| entry.offset).collect();
    hold(found == offsets, || format!("appended at {offsets:?}, read at {found:?}"))?;
    let whole = slice.entries.iter().zip(awkward()).all(|(entry, data)| entry.data == data);
    hold(whole, || "the data of an entry was changed".to_owned())?;

    reads(&reader, &unique("missing"), Offset::START, 0..0, false).await
}

/// A read begins after the offset it is given and returns no more than it is asked for, the oldest first.
pub async fn reads_are_bounded(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let stream = unique("bounded");
    let offsets = fill(&store, &stream, 0..25, KEEP).await?;
    let (mut after, mut seen) = (Offset::START, Vec::new());
    loop {
        let slice = store.read(&stream, after, 10).await?;
        hold(slice.entries.len() <= 10, || format!("10 entries were asked for, {} came", slice.entries.len()))?;
        hold(!slice.lost, || format!("a loss after {after} was told where there is none"))?;
        let Some(last) = slice.entries.last() else { break };
        after = last.offset;
        seen.extend(texts(&slice));
    }
    let expected: Vec<String> = (0..25).map(|number: u32| number.to_string()).collect();
    hold(seen == expected, || format!("reading on gave {seen:?}"))?;
    hold(Some(&after) == offsets.last(), || "the last offset read is not the last appended".to_owned())
}

/// Appends from many tasks and handles are all kept, in the order in which each task made them.
pub async fn concurrent_appends_are_all_kept(subject: &dyn Subject) -> Result<(), Broken> {
    let handles = [subject.open().await?, subject.open().await?];
    let stream = unique("appends");
    let writers = (0..8_u32).zip(handles.iter().cycle().cloned()).map(|(writer, store)| {
        let stream = stream.clone();
        async move { fill(&store, &stream, writer * 100..writer * 100 + 20, KEEP).await }
    });
    let mut offsets: Vec<Offset> = gather(writers).await?.concat();
    offsets.sort_unstable();
    let slice = handles[1].read(&stream, Offset::START, 1_000).await?;
    let found: Vec<Offset> = slice.entries.iter().map(|entry| entry.offset).collect();
    hold(found == offsets, || format!("{} appends were answered, {} entries are there", offsets.len(), found.len()))?;

    let mut numbers: Vec<u32> = texts(&slice).iter().filter_map(|text| text.parse().ok()).collect();
    // Stable: within one writer the order stays as it was found.
    numbers.sort_by_key(|number| number / 100);
    let expected: Vec<u32> = (0..8).flat_map(|writer| writer * 100..writer * 100 + 20).collect();
    hold(numbers == expected, || format!("the appends of one task were reordered: {numbers:?}"))
}

/// Whoever follows a stream while it is written sees every entry once, in order.
pub async fn a_reader_beside_a_writer_misses_nothing(subject: &dyn Subject) -> Result<(), Broken> {
    let (writer, reader) = (subject.open().await?, subject.open().await?);
    let stream = unique("beside");
    let writing = {
        let stream = stream.clone();
        tokio::spawn(async move { fill(&writer, &stream, 0..100, KEEP).await })
    };
    let (mut after, mut seen) = (Offset::START, Vec::new());
    while seen.len() < 100 {
        let done = writing.is_finished();
        let slice = reader.read(&stream, after, 7).await?;
        hold(!slice.lost, || format!("a loss after {after} was told where there is none"))?;
        after = slice.entries.last().map_or(after, |entry| entry.offset);
        seen.extend(texts(&slice));
        if done && slice.entries.is_empty() {
            break;
        }
        tokio::task::yield_now().await;
    }
    let expected: Vec<String> = (0..100).map(|number: u32| number.to_string()).collect();
    hold(seen == expected, || format!("a reader beside the writer saw {} entries: {seen:?}", seen.len()))
}

/// A stream keeps its newest entries up to a count, and a reader is told of a loss exactly if there is one for it.
pub async fn streams_are_trimmed_by_count(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let stream = unique("count");
    let offsets = fill(&store, &stream, 0..10, Keep { entries: 4, ..KEEP }).await?;
    for (number, after) in (0_u32..).zip(&offsets) {
        // Entries 6 to 9 are left: whoever has seen 5 or more has missed nothing.
        reads(&store, &stream, *after, (number + 1).max(6)..10, number < 5).await?;
    }
    reads(&store, &stream, Offset::START, 6..10, true).await
}

/// A stream keeps its newest entries up to a sum of bytes.
pub async fn streams_are_trimmed_by_bytes(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let stream = unique("bytes");
    let keep = Keep { bytes: 100, ..KEEP };
    for size in [40, 40, 20] {
        store.append(&stream, vec![b'x'; size], keep).await?;
    }
    let sizes = |slice: &Slice| slice.entries.iter().map(|entry| entry.data.len()).collect::<Vec<_>>();
    let found = sizes(&store.read(&stream, Offset::START, 10).await?);
    hold(found == [40, 40, 20], || format!("100 bytes within 100 were trimmed to {found:?}"))?;
    store.append(&stream, vec![b'x'; 1], keep).await?;
    let found = sizes(&store.read(&stream, Offset::START, 10).await?);
    hold(found == [40, 20, 1], || format!("101 bytes over 100 were trimmed to {found:?}"))?;
    store.append(&stream, vec![b'x'; 100], keep).await?;
    let slice = store.read(&stream, Offset::START, 10).await?;
    hold(sizes(&slice) == [100] && slice.lost, || format!("an entry as large as the limit left {:?}", sizes(&slice)))
}

/// Entries older than the age are gone, and a stream nobody writes to is gone as a whole.
pub async fn streams_are_trimmed_by_age(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let stream = unique("age");
    let keep = Keep { age: 4 * SECOND, ..KEEP };
    let early = fill(&store, &stream, 0..2, keep).await?;
    subject.pass(2 * SECOND).await;
    let late = fill(&store, &stream, 2..4, keep).await?;
    reads(&store, &stream, Offset::START, 0..4, false).await?;

    subject.pass(3 * SECOND).await;
    reads(&store, &stream, Offset::START, 2..4, true).await?;
    for (seen, lost) in early.iter().zip([true, false]) {
        reads(&store, &stream, *seen, 2..4, lost).await?;
    }
    subject.pass(3 * SECOND).await;
    reads(&store, &stream, Offset::START, 0..0, false).await?;
    for seen in late {
        reads(&store, &stream, seen, 0..0, true).await?;
    }
    Ok(())
}

/// A trim removes what is over its bounds at once, and none of a stream that is within them.
pub async fn streams_are_trimmed_on_demand(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let stream = unique("trim");
    store.trim(&stream, KEEP).await?;
    fill(&store, &stream, 0..10, KEEP).await?;
    store.trim(&stream, KEEP).await?;
    reads(&store, &stream, Offset::START, 0..10, false).await?;
    store.trim(&stream, Keep { entries: 3, ..KEEP }).await?;
    reads(&store, &stream, Offset::START, 7..10, true).await?;
    store.trim(&stream, Keep { bytes: 1, ..KEEP }).await?;
    reads(&store, &stream, Offset::START, 9..10, true).await?;
    store.trim(&stream, Keep { entries: 0, ..KEEP }).await?;
    reads(&store, &stream, Offset::START, 0..0, true).await?;
    let next = store.append(&stream, "10", KEEP).await?;
    reads(&store, &stream, Offset::START, 10..11, true).await?;
    reads(&store, &stream, next, 0..0, false).await
}

/// A stream that was deleted or has expired begins beyond the offsets it had, and its old readers are told of the loss.
pub async fn offsets_never_come_again(subject: &dyn Subject) -> Result<(), Broken> {
    let store = subject.open().await?;
    let stream = unique("again");
    let keep = Keep { age: 2 * SECOND, ..KEEP };
    let first = fill(&store, &stream, 0..5, keep).await?;

    // Time passes before the deletion: a stream is never made twice within the same millisecond by a server.
    subject.pass(SECOND).await;
    hold(store.delete_stream(&stream).await?, || "a stream could not be deleted".to_owned())?;
    hold(!store.delete_stream(&stream).await?, || "a stream could be deleted twice".to_owned())?;
    reads(&store, &stream, Offset::START, 0..0, false).await?;
    let second = fill(&store, &stream, 5..20, keep).await?;
    hold(second.first() > first.last(), || format!("after a deletion {second:?} follows {first:?}"))?;
    for seen in &first {
        reads(&store, &stream, *seen, 5..20, true).await?;
    }

    subject.pass(3 * SECOND).await;
    hold(!store.delete_stream(&stream).await?, || "an expired stream could be deleted".to_owned())?;
    let third = fill(&store, &stream, 20..21, keep).await?;
    hold(third.first() > second.last(), || format!("after expiry {third:?} follows {second:?}"))?;
    reads(&store, &stream, Offset::START, 20..21, false).await?;
    for seen in first.iter().chain(&second) {
        reads(&store, &stream, *seen, 20..21, true).await?;
    }
    Ok(())
}
