//! A stream of events, read as it comes.

use std::time::Duration;

use serde_json::Value;

use super::fault::Fault;

/// One event with something in it.
#[derive(Debug)]
pub(crate) struct Event {
    /// What a client resumes after.
    pub(crate) id: Option<String>,
    /// The message; an event may have an id alone.
    pub(crate) message: Option<Value>,
}

/// A response that is a stream of events.
#[derive(Debug)]
pub(crate) struct Events {
    response: reqwest::Response,
    read: Vec<u8>,
    patience: Duration,
}

impl Events {
    pub(super) fn new(response: reqwest::Response, patience: Duration) -> Self {
        Self { response, read: Vec::new(), patience }
    }

    /// The next event; `None` at the stream's own end.
    ///
    /// # Errors
    /// How the stream broke, or that it hangs: comments keep a silent stream alive.
    pub(crate) async fn next(&mut self) -> Result<Option<Event>, Fault> {
        loop {
            if let Some(end) = self.read.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.read.drain(..end + 2).collect();
                if let Some(event) = parse(&String::from_utf8_lossy(&block))? {
                    return Ok(Some(event));
                }
                continue;
            }
            match tokio::time::timeout(self.patience, self.response.chunk()).await {
                Err(_) => return Err(Fault::Hang("a stream without a byte".to_owned())),
                Ok(Err(error)) => return Err(Fault::Cut(format!("{error:?}"))),
                Ok(Ok(None)) => return Ok(None),
                Ok(Ok(Some(bytes))) => self.read.extend_from_slice(&bytes),
            }
        }
    }
}

/// One block of lines; a comment is no event.
fn parse(block: &str) -> Result<Option<Event>, Fault> {
    let mut id = None;
    let mut data: Option<String> = None;
    for line in block.lines() {
        if let Some(value) = line.strip_prefix("id:") {
            id = Some(value.trim_start().to_owned());
        } else if let Some(value) = line.strip_prefix("data:") {
            data.get_or_insert_default().push_str(value.trim_start());
        }
    }
    let data = data.filter(|data| !data.is_empty());
    if id.is_none() && data.is_none() {
        return Ok(None);
    }
    let message = data.map(|data| {
        serde_json::from_str(&data)
            .map_err(|error| Fault::Unstructured(format!("an event without JSON: {error}: {data}")))
    });
    Ok(Some(Event { id, message: message.transpose()? }))
}
