//! The facts of the machine that a figure means nothing without.

use std::fs;
use std::process::Command;

use serde::Serialize;

/// Where it was measured.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    processor: String,
    cores: usize,
    kernel: String,
    compiler: String,
    load: String,
}

impl Machine {
    /// Reads the facts.
    pub(super) fn read() -> Self {
        let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = processor.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
        let compiler = Command::new("rustc").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
        Self {
            processor: processor.trim_start_matches([' ', '\t', ':']).to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: read("/proc/sys/kernel/osrelease"),
            compiler: String::from_utf8_lossy(&compiler).trim().to_owned(),
            load: read("/proc/loadavg"),
        }
    }

    /// One line for people.
    pub(super) fn line(&self) -> String {
        let Self { processor, cores, kernel, compiler, load } = self;
        let load = load.split(' ').next().unwrap_or_default();
        format!("{processor}, {cores} cores, Linux {kernel}, {compiler}; load average before the run {load}")
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}
