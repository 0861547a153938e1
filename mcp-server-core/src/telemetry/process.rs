//! The process itself: memory, descriptors, processor time, start. Read when somebody looks, where the system tells
//! (`/proc`, proc(5)).

use std::path::Path;

/// Ticks of processor time in a second, as `/proc` counts them on every architecture that Rust supports.
const TICKS: f64 = 100.0;

/// Resident memory, in bytes.
pub(super) fn resident_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    Some(resident_of(&status)? * 1024.0)
}

fn resident_of(status: &str) -> Option<f64> {
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

/// Processor time, in seconds: of user and system together.
pub(super) fn processor_time() -> Option<f64> {
    let fields = stat()?;
    let ticks = |field: usize| fields.get(field)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

/// When the process started, in seconds since 1970.
pub(super) fn start_time() -> Option<f64> {
    let ticks: f64 = stat()?.get(19)?.parse().ok()?;
    let kernel = std::fs::read_to_string("/proc/stat").ok()?;
    let boot: f64 = kernel.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(boot + ticks / TICKS)
}

/// The fields of `/proc/self/stat` behind the name of the program, which may hold anything: the state is the first.
fn stat() -> Option<Vec<String>> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

/// Open file descriptors.
pub(super) fn open_descriptors() -> Option<f64> {
    let open = Path::new("/proc/self/fd").read_dir().ok()?.count();
    // One of them is this reading itself.
    #[expect(clippy::cast_precision_loss, reason = "descriptors are few")]
    Some(open.saturating_sub(1) as f64)
}

/// How many file descriptors the process may open.
pub(super) fn most_descriptors() -> Option<f64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_process_has_memory_descriptors_time_and_a_start() {
        assert!(resident_memory().unwrap() > 1e6);
        assert!(processor_time().unwrap() >= 0.0);
        assert!(open_descriptors().unwrap() >= 2.0 && most_descriptors().unwrap() >= open_descriptors().unwrap());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        let age = now - start_time().unwrap();
        assert!((-5.0..24.0 * 3600.0).contains(&age), "{age}");
    }
}
