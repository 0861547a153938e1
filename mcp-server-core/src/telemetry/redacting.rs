//! A writer of log lines that takes out what must not be in them.

use std::io::{self, Write};
use std::sync::Arc;

use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use super::redact::Redactor;
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
        Redacted { writer: self.writers.make_writer(), redactor: &self.redactor }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Self::Writer {
        Redacted { writer: self.writers.make_writer_for(metadata), redactor: &self.redactor }
    }
}

/// Writes one line; the subscriber hands each over whole.
#[derive(Debug)]
pub(crate) struct Redacted<'a, W> {
    writer: W,
    redactor: &'a Redactor,
}

impl<W: Write> Write for Redacted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let scope = Scope::current();
        let clean = self.redactor.line(&line, scope.as_ref().and_then(Scope::sent));
        self.writer.write_all(clean.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
