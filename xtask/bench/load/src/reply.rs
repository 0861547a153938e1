//! Reading an HTTP reply out of the bytes that came so far.

use anyhow::{Context, Result, bail};
use memchr::memmem;

/// A reply that came whole.
pub struct Reply<'a> {
    pub status: u16,
    pub head: &'a [u8],
    pub body: &'a [u8],
}

impl Reply<'_> {
    /// A header by its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }
}

/// The reply that the bytes hold, or nothing if some are still to come.
pub fn read(bytes: &[u8]) -> Result<Option<Reply<'_>>> {
    let Some(end) = memmem::find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let (head, rest) = bytes.split_at(end + 4);
    let status = head.get(9..12).and_then(|code| std::str::from_utf8(code).ok()).context("no status line")?;
    let status = status.parse().context("no status")?;
    if let Some(length) = header(head, "content-length") {
        let length: usize = length.parse().context("a length that is no number")?;
        if rest.len() > length {
            bail!("more came than one reply");
        }
        return Ok((rest.len() == length).then_some(Reply { status, head, body: rest }));
    }
    if header(head, "transfer-encoding").is_some() {
        // One request at a time: the last chunk ends all that there is.
        let whole = rest.ends_with(b"\r\n0\r\n\r\n") || rest == b"0\r\n\r\n";
        return Ok(whole.then_some(Reply { status, head, body: rest }));
    }
    Ok(Some(Reply { status, head, body: rest }))
}

fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a str> {
    head.split(|&byte| byte == b'\n').find_map(|line| {
        let (start, value) = line.split_at_checked(name.len())?;
        if !start.eq_ignore_ascii_case(name.as_bytes()) {
            return None;
        }
        std::str::from_utf8(value.strip_prefix(b":")?).ok().map(str::trim)
    })
}
