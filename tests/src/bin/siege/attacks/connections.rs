//! Connections that cost their client nothing: silent, slow in what they send or take, half-open at the admin address.

use std::io;
use std::time::Duration;

use mcp_server_tests::call;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use super::{hold, many};
use crate::attack::{Attack, Attackers};
use crate::target::Target;

const MIB: u64 = 1 << 20;
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) fn all() -> Vec<Attack> {
    vec![
        attack("silent-sockets", "2000 connections that send nothing", 96 * MIB, |target| {
            Box::pin(many(target, 2000, silent))
        }),
        attack("half-preface", "1000 connections with a part of HTTP/2", 96 * MIB, |target| {
            Box::pin(many(target, 1000, half_preface))
        }),
        attack("full-house", "as silent sockets, with 200 places", 64 * MIB, |target| {
            Box::pin(many(target, 1000, silent))
        })
        .with(&["http.max_connections=200"]),
        attack("slow-heads", "500 heads that arrive byte by byte", 96 * MIB, |target| {
            Box::pin(many(target, 500, slow_head))
        }),
        attack("slow-bodies", "500 bodies that arrive byte by byte", 96 * MIB, |target| {
            Box::pin(many(target, 500, slow_body))
        }),
        attack("slow-readers", "50 clients that ask for 200 KB and take nothing", 96 * MIB, |target| {
            Box::pin(many(target, 50, slow_reader))
        }),
        attack("admin-half-open", "300 half requests at the admin address", 64 * MIB, |target| {
            Box::pin(many(target, 300, admin_half_open))
        }),
    ]
}

fn attack(name: &'static str, what: &'static str, budget: u64, attackers: Attackers) -> Attack {
    Attack { name, what, settings: &[], budget, attackers }
}

async fn silent(target: Target) -> io::Result<()> {
    let stream = target.connect(target.address).await?;
    hold(&target, stream).await;
    Ok(())
}

async fn half_preface(target: Target) -> io::Result<()> {
    let mut stream = target.connect(target.address).await?;
    stream.write_all(&PREFACE[..12]).await?;
    hold(&target, stream).await;
    Ok(())
}

async fn admin_half_open(target: Target) -> io::Result<()> {
    let mut stream = target.connect(target.admin).await?;
    stream.write_all(b"GET /livez HTTP/1.1\r\nHo").await?;
    hold(&target, stream).await;
    Ok(())
}

async fn slow_head(target: Target) -> io::Result<()> {
    let mut stream = target.connect(target.address).await?;
    for byte in b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Padding: ".iter().chain([&b'x'; 1000]) {
        if target.is_over() {
            break;
        }
        stream.write_all(&[*byte]).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

async fn slow_body(target: Target) -> io::Result<()> {
    let mut stream = target.connect(target.address).await?;
    stream.write_all(target.head(&call(1, "effects", json!({})), 100_000, "").as_bytes()).await?;
    while !target.is_over() {
        stream.write_all(b" ").await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

async fn slow_reader(target: Target) -> io::Result<()> {
    let mut stream = target.connect(target.address).await?;
    let message = call(1, "big", json!({ "bytes": 200_000 }));
    let body = message.to_string();
    for _ in 0..20 {
        stream.write_all((target.head(&message, body.len(), "") + &body).as_bytes()).await?;
    }
    while !target.is_over() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
