//! `deploy`: the files with which the `tickets` example is deployed, rendered and held against what will read them.
//!
//! nginx, Kubernetes and Docker are not run here: their own checks, schemas and linters are.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::step::{Outcome, Tally};
use crate::tools::{need, path, program, python, scripts};
use crate::{process, workspace};

const LIMIT: Duration = Duration::from_mins(2);
/// A variable of the example itself, which the framework does not know.
const DATABASE: &str = "TICKETS_DATABASE_URL";

/// Checks every file.
pub(crate) fn run() -> Result<Outcome> {
    let python = need!(python("deploy")?);
    need!(program("nginx", "nginx-light")?);
    let files = workspace::root().join("examples/tickets/deploy");
    let folder = workspace::scratch("deploy")?;
    let manifests = files.join("kubernetes");
    let mut tally = Tally::default();
    let mut check = |name: &str, said: process::Output| {
        println!("{name}: {}", if said.success { "ok" } else { "FAILED" });
        if !said.success {
            print!("{}", said.text);
        }
        tally += Tally::one(said.success);
    };
    check("nginx.conf, by nginx itself", nginx(&files.join("nginx.conf"), &folder)?);
    check("Dockerfile, by hadolint", process::quiet(&mut hadolint(&python, &files.join("Dockerfile")), LIMIT)?);
    check("the YAML, by yamllint", process::quiet(&mut yamllint(&python, &manifests), LIMIT)?);
    let mut script = Command::new(&python);
    script.arg(scripts().join("deploy.py")).arg(&manifests).arg(folder.join("rendered.yaml"));
    let rendered = process::quiet(&mut script, LIMIT)?;
    let environment = rendered.text.lines().last().and_then(|line| serde_json::from_str(line).ok());
    check("the manifests, by the schemas of Kubernetes and each other", rendered);
    if let Some(environment) = environment {
        check("their settings, by the server", settings(environment, &folder)?);
    }
    Ok(tally.into())
}

/// nginx tests the file, with addresses that exist here and every path below a folder.
fn nginx(file: &Path, folder: &Path) -> Result<process::Output> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let place = folder.display();
    let mut tested = format!("pid {place}/nginx.pid;\n");
    for line in text.lines() {
        let line = match line.trim_start().split_once(' ') {
            Some(("server", rest)) if rest.starts_with("replica-") => line.replace("replica-", "127.0.0."),
            Some(("listen", _)) => format!("listen unix:{place}/nginx.socket;"),
            _ => line.to_owned(),
        };
        tested.push_str(&line);
        tested.push('\n');
        if line.starts_with("http {") {
            tested.push_str("access_log off;\n");
            for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
                writeln!(tested, "{kind}_temp_path {place}/{kind};")?;
            }
        }
    }
    let file = folder.join("nginx.conf");
    std::fs::write(&file, tested)?;
    let mut nginx = Command::new("nginx");
    nginx.env("PATH", path()?).args(["-t", "-q", "-e", "stderr", "-p"]).arg(folder).arg("-c").arg(file);
    let said = process::quiet(&mut nginx, LIMIT)?;
    // A warning is a fault too.
    Ok(process::Output { success: said.success && said.text.trim().is_empty(), ..said })
}

fn hadolint(python: &Path, file: &Path) -> Command {
    let mut command = Command::new(beside(python, "hadolint"));
    command.args(["--no-color", "--failure-threshold", "style"]).arg(file);
    command
}

fn yamllint(python: &Path, folder: &Path) -> Command {
    let mut command = Command::new(beside(python, "yamllint"));
    command.arg("--strict").arg("--config-file").arg(scripts().join("deploy.yamllint")).arg(folder);
    command
}

/// A program that was installed with an interpreter.
fn beside(python: &Path, program: &str) -> PathBuf {
    python.with_file_name(program)
}

/// The server reads the variables of the container: an unknown one, or a value that it cannot use, is a fault.
fn settings(mut environment: BTreeMap<String, String>, folder: &Path) -> Result<process::Output> {
    let programs = workspace::build(&["tickets"])?;
    if environment.insert(DATABASE.to_owned(), format!("sqlite:{}/tickets.sqlite", folder.display())).is_none() {
        bail!("{DATABASE} is not set by the manifests");
    }
    let mut server = Command::new(programs.join("tickets"));
    server.arg("config").envs(environment);
    process::quiet(&mut server, LIMIT)
}
