//! Running other programs: with a deadline, shown while they run, and read afterwards.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What a program said and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) success: bool,
    /// Its output and its errors, line by line in the order in which they came.
    pub(crate) text: String,
}

/// Runs a program, shows its lines as they come, and keeps them.
pub(crate) fn show(command: &mut Command, limit: Duration) -> Result<Output> {
    gather(command, limit, true)
}

/// Runs a program quietly and keeps its lines.
pub(crate) fn quiet(command: &mut Command, limit: Duration) -> Result<Output> {
    gather(command, limit, false)
}

/// Runs a program for what it writes to its standard output; its errors go to ours.
pub(crate) fn read(command: &mut Command, limit: Duration) -> Result<String> {
    let name = name(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let mut stdout = child.stdout.take().context("the pipe of the output is gone")?;
    let reader = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let status = wait(&mut child, limit, &name)?;
    let text = reader.join().map_err(|_| anyhow::anyhow!("the reader of {name} broke"))??;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    Ok(text)
}

/// Whether a program can be started at all.
pub(crate) fn exists(program: &str) -> bool {
    find(program).is_some()
}

/// Where a program is.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn gather(command: &mut Command, limit: Duration, shown: bool) -> Result<Output> {
    let name = name(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let (lines, collected) = mpsc::channel::<String>();
    let stdout = child.stdout.take().context("the pipe of the output is gone")?;
    let stderr = child.stderr.take().context("the pipe of the errors is gone")?;
    follow(stdout, lines.clone(), shown);
    follow(stderr, lines, shown);
    let status = wait(&mut child, limit, &name)?;
    let text = collected.iter().collect();
    Ok(Output { success: status.success(), text })
}

/// Passes on every line of a pipe until its end.
fn follow(pipe: impl Read + Send + 'static, lines: mpsc::Sender<String>, shown: bool) {
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while pipe.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
            let line = String::from_utf8_lossy(&bytes).into_owned();
            if shown {
                print!("{line}");
            }
            if lines.send(line).is_err() {
                return;
            }
            bytes.clear();
        }
    });
}

/// Waits for the end of a program and ends it at the limit: nothing here may hang.
pub(crate) fn wait(child: &mut Child, limit: Duration, name: &str) -> Result<ExitStatus> {
    let deadline = Instant::now() + limit;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            bail!("{name} did not end within {} s", limit.as_secs());
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_streams_are_kept_and_a_failure_is_seen() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let output = quiet(&mut command, Duration::from_secs(5)).unwrap();
        assert!(!output.success);
        assert!(output.text.contains("out\n") && output.text.contains("err\n"));
    }

    #[test]
    fn a_program_that_hangs_is_ended_at_its_limit() {
        let mut command = Command::new("sleep");
        command.arg("60");
        let error = read(&mut command, Duration::from_millis(20)).unwrap_err();
        assert!(error.to_string().contains("did not end within"), "{error}");
    }
}
