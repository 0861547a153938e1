//! A disk that is full and then is not, under a server that keeps its state in a file.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use mcp_server_tests::{Folder, Server, initialize, legacy};
use serde_json::json;

use super::{PROGRAM, ask, open};

/// A small disk of its own; it is gone at the end.
struct Disk(Folder);

impl Disk {
    /// `None`, and loud, for a user who may not mount one.
    fn mount() -> Option<Self> {
        let folder = Folder::new("disk");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(folder.path()).status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        eprintln!("SKIPPED: this user may not mount a small disk, so a full disk is not tested");
        None
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Leaves no byte free.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.file("filler")).expect("the disk can be written");
        for size in [65_536, 512, 1] {
            while file.write_all(&vec![b'x'; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.file("filler")).expect("the file is there");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.path()).status());
    }
}

fn opens(server: &Server) -> u16 {
    server.connect().ask(&initialize("2025-11-25"), &[]).status
}

#[test]
fn a_full_disk_is_survived_without_a_restart() {
    let Some(disk) = Disk::mount() else { return };
    let url = format!("store.url=sqlite:{}", disk.file("state.db").display());
    let settings = [url.as_str(), "admin.addr=127.0.0.1:0", "store.timeout=500ms", "store.lease=1500ms"];
    let server = Server::start(PROGRAM, &settings);
    let session = open(&server);
    for _ in 0..2 {
        disk.fill();
        // The write-ahead log may have room for some.
        let refused = (0..5_000).map(|_| opens(&server)).find(|status| *status != 200);
        assert_eq!(refused, Some(503), "what cannot be stored is refused");
        for _ in 0..20 {
            opens(&server);
        }
        disk.make_room();
        let began = std::time::Instant::now();
        while opens(&server) != 200 {
            assert!(began.elapsed() < std::time::Duration::from_secs(30), "there is room, and it stays refused");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        server.becomes("ready");
        for id in 1..=20 {
            assert_eq!(opens(&server), 200, "it works for good");
            assert_eq!(ask(&server, &session, &legacy(id, "ping", json!({}))).status, 200);
        }
    }
}

#[test]
fn a_full_disk_at_the_start_is_named_and_may_be_tried_again() {
    let Some(disk) = Disk::mount() else { return };
    disk.fill();
    let mut command = Command::new(PROGRAM);
    command
        .args(["--http", "127.0.0.1:0", "--set"])
        .arg(format!("store.url=sqlite:{}", disk.file("state.db").display()));
    let ended = command.output().expect("it starts and ends");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(75), "{said}");
    assert!(said.contains("state.db") && said.contains("disk"), "{said}");
}
