//! What a subcommand says: results to the standard output, faults to the standard error.

use std::io::{self, Write as _};

use super::exit::Exit;
use crate::server::config::Faults;

/// Writes a result to the standard output. A reader that closed it, such as `head`, has read enough.
pub fn print(text: &str) -> Exit {
    let mut out = io::stdout().lock();
    let ended = if text.ends_with('\n') { "" } else { "\n" };
    match out.write_all(text.as_bytes()).and_then(|()| out.write_all(ended.as_bytes())).and_then(|()| out.flush()) {
        Ok(()) => Exit::Done,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Err(_) => Exit::Temporary,
    }
}

/// Writes the faults of a configuration to the standard error, one a line, and ends with 78.
pub fn complain(faults: &Faults) -> Exit {
    say(&faults.to_string());
    Exit::Configuration
}

/// Writes a line to the standard error. Where that is closed, nobody is there to be told.
pub fn say(text: &str) {
    drop(writeln!(io::stderr(), "{text}"));
}
