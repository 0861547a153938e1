//! The processes that the server under test has started, and how much memory they take.
#![cfg(target_os = "linux")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// The process numbers of this process's children.
pub fn children() -> Vec<u32> {
    let tasks = std::fs::read_dir("/proc/self/task").expect("threads");
    let lists = tasks.flatten().map(|task| std::fs::read_to_string(task.path().join("children")).unwrap_or_default());
    lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<u32>>()).collect()
}

/// A line of a process's status, in bytes.
fn bytes(process: &str, line: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let found = status.lines().find_map(|found| found.strip_prefix(line)).unwrap_or("0 kB");
    found.trim_start_matches(':').trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or_default() * 1024
}

/// Looks at the memory of this process and of each child, again and again, until it is dropped.
pub struct Watch {
    most: Arc<AtomicU64>,
    own: u64,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Watch {
    pub fn start() -> Self {
        let (most, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (seen, stopped) = (Arc::clone(&most), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                for child in children() {
                    seen.fetch_max(bytes(&child.to_string(), "RssAnon"), Ordering::Relaxed);
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        Self { most, own: bytes("self", "VmHWM"), stop, thread: Some(thread) }
    }

    /// The most that any worker had of its own, in bytes.
    pub fn most(&self) -> u64 {
        self.most.load(Ordering::Relaxed)
    }

    /// How much the peak of the server itself has risen, in bytes.
    pub fn risen(&self) -> u64 {
        bytes("self", "VmHWM").saturating_sub(self.own)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.thread.take().map(std::thread::JoinHandle::join));
    }
}
