//! A writer of log lines that takes out what must not be in them.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use super::redact::{Redactor, Values, is_driver, running};
use super::scope::Scope;

/// Makes writers that redact each line before another writes it.
#[derive(Clone, Debug)]
pub(crate) struct Redacting<M> {
    writers: M,
    redactor: Arc<Redactor>,
}

impl<M> Redacting<M> {
    /// Redacts what these writers write.
    pub(crate) fn new(writers: M, redactor: Arc<Redactor>) -> Self {
        Self { writers, redactor }
    }
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacting<M> {
    type Writer = Redacted<'a, M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Redacted { writer: self.writers.make_writer(), redactor: &self.redactor, source: Source::Others }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Self::Writer {
        let source = match metadata.target() {
            "mcp_server::call" => Source::Record,
            target if is_driver(target) => Source::Driver,
            _ => Source::Others,
        };
        Redacted { writer: self.writers.make_writer_for(metadata), redactor: &self.redactor, source }
    }
}

/// Writes one line; the subscriber hands each over whole.
#[derive(Debug)]
pub(crate) struct Redacted<'a, W> {
    writer: W,
    redactor: &'a Redactor,
    source: Source,
}

/// Who wrote a line, which decides what is looked for in it where it belongs to no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The record of a call: it has no word of its client.
    Record,
    /// A driver, on a thread of its own: what any client of a running call sent.
    Driver,
    /// Anybody else: what any of them declared secret.
    Others,
}

impl<W> Redacted<'_, W> {
    fn clean<'a>(&self, line: &'a str) -> Cow<'a, str> {
        if let Some(scope) = Scope::current() {
            return self.redactor.line(line, scope.sent().as_slice(), false);
        }
        let running = if self.source == Source::Record { Vec::new() } else { running() };
        let sent: Vec<&Values> = running.iter().map(|values| &**values).collect();
        self.redactor.line(line, &sent, self.source == Source::Others)
    }
}

impl<W: Write> Write for Redacted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let clean = self.clean(&line);
        self.writer.write_all(clean.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
