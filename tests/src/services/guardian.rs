//! Whoever clears up after a server, even when the test is killed.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A process that waits for the test to end, in whatever way, then ends a server and removes its folder.
///
/// It waits for the end of its input, which the system closes with the test's process: a destructor would not run after
/// SIGKILL, nor for a server in a static. (A signal on the death of the parent would come with the end of the thread that
/// has started the server.)
#[derive(Debug)]
pub(crate) struct Guardian(Child);

impl Guardian {
    /// Watches over a folder; `number` is the file in it whose first line is the server's process id.
    pub(crate) fn over(folder: &Path, number: &str) -> io::Result<Self> {
        // SIGQUIT ends a server at once and lets it give its shared memory back; a paused one goes on for that.
        const SCRIPT: &str = r#"
            while read -r line; do :; done
            id=$(head -n 1 "$1/$2" 2>/dev/null)
            if [ -n "$id" ]; then
                children=$(cat "/proc/$id/task/$id/children" 2>/dev/null)
                kill -CONT "$id" $children 2>/dev/null
                kill -QUIT "$id" 2>/dev/null
                for turn in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$id" 2>/dev/null || break; sleep 0.2; done
                kill -KILL "$id" $children 2>/dev/null
            fi
            rm -rf "$1""#;
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "guardian"]).arg(folder).arg(number);
        // In a group of its own: an interrupt from the terminal is for the test, not for what clears up after it.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map(Self)
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait());
    }
}
