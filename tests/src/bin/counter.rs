//! Counts in a store by compare-and-swap, as one of several processes: `counter-under-test URL KEY TIMES`.

use anyhow::Context as _;
use mcp_server_core::store::{Expect, Put, open};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().context("URL KEY TIMES");
    let (url, key, times) = (argument()?, argument()?, argument()?.parse::<u32>()?);
    let store = open(&url).await?;
    for _ in 0..times {
        let mut seen = store.get(&key).await?;
        loop {
            let (count, expect) = match &seen {
                Some(entry) => (std::str::from_utf8(&entry.value)?.parse::<u32>()?, Expect::Version(entry.version)),
                None => (0, Expect::Absent),
            };
            match store.put(&key, (count + 1).to_string(), expect, None).await? {
                Put::Stored(_) => break,
                Put::Refused(now) => seen = now,
            }
        }
    }
    store.close().await?;
    Ok(())
}
