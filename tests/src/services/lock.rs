//! A table that somebody has locked, for as long as a test wants.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

/// A session that holds a lock; it is killed, and the lock gone, when this is dropped.
#[derive(Debug)]
pub struct Lock(Child);

impl Lock {
    /// Has a `psql` lock a table against everybody, and waits until it has the lock.
    pub(super) fn take(mut psql: Command, table: &str) -> Self {
        psql.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut lock = Self(psql.spawn().expect("psql starts"));
        lock.say(&format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT 'locked';"));
        let mut line = String::new();
        BufReader::new(lock.0.stdout.take().expect("it was piped")).read_line(&mut line).expect("psql answers");
        assert_eq!(line.trim_end(), "locked");
        lock
    }

    /// Gives the lock back, and waits until that is done.
    pub fn release(mut self) {
        self.say("COMMIT;");
        drop(self.0.stdin.take());
        assert!(self.0.wait().is_ok_and(|status| status.success()), "the session ends well");
    }

    fn say(&mut self, sql: &str) {
        writeln!(self.0.stdin.as_mut().expect("it was piped"), "{sql}").expect("psql reads");
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
