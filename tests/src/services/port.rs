//! A port that stays free while its server is down.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// The first port that is not asked for: below it are fixed ones.
const FIRST: u16 = 20_000;
/// How many there are: above them begin those that the system hands to clients.
const COUNT: u16 = 12_000;

/// A port of 127.0.0.1 that nobody uses, outside of those that the system gives to clients.
pub(crate) fn free() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() * 97 % u32::from(COUNT)).expect("it is below the count");
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + (start + step % COUNT) % COUNT;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}
