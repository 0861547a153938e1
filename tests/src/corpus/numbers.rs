//! Numbers, characters and texts of the standard library.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::{NonZeroI16, NonZeroU32, NonZeroU64, Wrapping};
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::entry::corpus;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Numbers {
    a: i8,
    b: u16,
    c: i32,
    d: u64,
    e: usize,
    f: f32,
    g: NonZeroU32,
    h: Option<NonZeroI16>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Network {
    bind: SocketAddr,
    peers: Vec<IpAddr>,
    mask: Option<Ipv4Addr>,
}

corpus! {
    numbers: Numbers => [
        {"a": -128, "b": 65535, "c": -1, "d": 18446744073709551615_u64, "e": 0, "f": 1.5, "g": 1},
        {"a": 1, "b": 1, "c": 1, "d": 9007199254740993_u64, "e": 1, "f": 1, "g": 1, "h": -5},
        {"a": -1, "b": 1, "c": 2, "d": 3, "e": 4, "f": 0.5, "g": 5},
    ];
    large_unsigned: u64 => [0, 18446744073709551615_u64];
    large_signed: i64 => [(i64::MIN), (i64::MAX), (-7)];
    huge_unsigned: u128 => [1, 18446744073709551615_u64];
    huge_signed: i128 => [(-1)];
    small_float: f32 => [1.5, 3e38, 1];
    float: f64 => [1.5, 1e300, 1];
    non_zero: NonZeroU64 => [1];
    non_zero_signed: NonZeroI16 => [(-1), 7];
    wrapping: Wrapping<u8> => [255];
    flag: bool => [true];
    character: char => ["a", "é", "\u{1f600}"];
    path: PathBuf => ["/tmp/a", "a b"];
    address: IpAddr, stricter => ["192.0.2.1", "2001:db8::1"];
    address_4: Ipv4Addr => ["192.0.2.1"];
    address_6: Ipv6Addr, stricter => ["2001:db8::1", "::"];
    socket: SocketAddr, stricter => ["127.0.0.1:80", "[::1]:80"];
    network: Network, stricter => [{"bind": "127.0.0.1:80", "peers": ["192.0.2.1"]}];
    duration: Duration => [{"secs": 1, "nanos": 5}];
    range: Range<u32> => [{"start": 1, "end": 5}];
    range_inclusive: RangeInclusive<i64> => [{"start": -1, "end": 5}];
    unit: () => [null];
}
