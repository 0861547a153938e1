//! A server process on a pipe.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

/// A server over stdio; every line that it writes must be a message.
#[derive(Debug)]
pub struct Pipe {
    process: Child,
    input: Option<ChildStdin>,
    messages: mpsc::Receiver<String>,
    errors: mpsc::Receiver<String>,
}

impl Pipe {
    /// Starts a server with `key=value` settings.
    pub fn start(program: &str, settings: &[&str]) -> Self {
        Self::run(Command::new(program), settings)
    }

    /// Starts what a command says, with `key=value` settings.
    pub fn run(mut command: Command, settings: &[&str]) -> Self {
        command.arg("--stdio");
        for setting in settings {
            command.args(["--set", setting]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the server starts");
        let input = process.stdin.take();
        let messages = lines(process.stdout.take().expect("it was piped"));
        let errors = lines(process.stderr.take().expect("it was piped"));
        Self { process, input, messages, errors }
    }

    /// Sends a line as it is.
    pub fn write(&mut self, line: &[u8]) {
        let input = self.input.as_mut().expect("the input is open");
        input.write_all(line).and_then(|()| input.write_all(b"\n")).expect("the server reads");
    }

    /// Sends a message.
    pub fn send(&mut self, message: &Value) {
        self.write(message.to_string().as_bytes());
    }

    /// The next message.
    #[expect(clippy::should_implement_trait, reason = "a test that waits in vain fails here; an iterator would end")]
    pub fn next(&mut self) -> Value {
        let line = self.messages.recv_timeout(Duration::from_secs(20)).expect("the server answers");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("no message: {error}: {line:?}"))
    }

    /// Sends a message and waits for the next.
    pub fn ask(&mut self, message: &Value) -> Value {
        self.send(message);
        self.next()
    }

    /// Waits for a line on standard error with a text in it.
    pub fn logged(&mut self, text: &str) -> String {
        loop {
            let line = self.errors.recv_timeout(Duration::from_secs(10)).expect("the server logs it");
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Closes its input, and gives out everything that it logged until it has ended.
    pub fn last_words(mut self) -> Vec<String> {
        drop(self.input.take());
        self.process.wait().expect("it ends");
        self.errors.iter().collect()
    }

    /// Asks it to stop, as a supervisor does.
    pub fn terminate(&self) {
        let status = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        assert!(status.is_ok_and(|status| status.success()), "SIGTERM can be sent");
    }

    /// Closes its input, and waits for what it still writes and for its end.
    pub fn finish(mut self) -> (Vec<Value>, ExitStatus) {
        drop(self.input.take());
        let rest = self.messages.iter().map(|line| serde_json::from_str(&line).expect("each line is a message"));
        let rest = rest.collect();
        (rest, self.process.wait().expect("it ends"))
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        if self.process.kill().is_ok() {
            let _ended = self.process.wait();
        }
    }
}

fn lines(stream: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            // A test that is over reads no more; the stream is emptied all the same.
            let _kept = sender.send(line);
        }
    });
    receiver
}
