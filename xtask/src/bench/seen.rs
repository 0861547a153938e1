//! The same server unseen, scraped, and seen whole: what metrics and spans cost.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;

use anyhow::Result;

use super::results::{SCRAPED, SEEN, UNSEEN};
use super::server::{Scratch, Server};

/// Starts the three of them. The collector takes every span of every call; the third server exports to it.
pub(super) fn serve(program: &Path, scratch: &Scratch) -> Result<Vec<(&'static str, Server)>> {
    let collector = format!("http://{}", collect()?);
    let off = ["--set", "telemetry.enabled=false"];
    let on = ["--set", "admin.addr=127.0.0.1:0", "--set", "admin.token=of-the-bench-alone"];
    Ok(vec![
        (UNSEEN, Server::start(program, &off, scratch)?),
        (SCRAPED, Server::start(program, &on, scratch)?),
        (SEEN, Server::start_with(program, &on, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector)], scratch)?),
    ])
}

/// A collector that takes everything and keeps nothing, for as long as the bench runs.
fn collect() -> Result<SocketAddr> {
    let socket = TcpListener::bind("127.0.0.1:0")?;
    let address = socket.local_addr()?;
    std::thread::spawn(move || {
        for stream in socket.incoming().flatten() {
            std::thread::spawn(move || drop(take(stream)));
        }
    });
    Ok(address)
}

/// Answers each request of a connection with 200 and an empty body, which is an empty message of the protocol.
fn take(stream: TcpStream) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    loop {
        let (mut length, mut line) = (0, String::new());
        while reader.read_line(&mut line)? > 2 {
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
            line.clear();
        }
        if line.is_empty() {
            return Ok(());
        }
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
        writer.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n")?;
    }
}
