//! What must fit together in a configuration.

use tracing_subscriber::EnvFilter;

use super::choice::Transport;
use super::effective::Effective;
use super::fault::Fault;
use super::hosts;

/// Finds what does not fit together.
pub(super) fn check(effective: &Effective, faults: &mut Vec<Fault>) {
    public(effective, faults);
    path(effective, faults);
    lists(effective, faults);
    sessions(effective, faults);
    store(effective, faults);
    log(effective, faults);
}

/// A fault of a key, with the origin of its value.
fn fault(effective: &Effective, key: &str, problem: impl Into<String>) -> Fault {
    Fault::new(key, effective.origin(key), problem)
}

/// Nobody serves the world to anybody by mistake.
fn public(effective: &Effective, faults: &mut Vec<Fault>) {
    let config = &effective.config;
    let open = config.auth.keys.is_empty() && !config.http.public_without_authentication;
    if config.transport == Transport::Http && !config.http.addr.ip().is_loopback() && open {
        let problem = format!("{} can be reached from other machines, and nobody is asked for a key", config.http.addr);
        faults.push(fault(effective, "http.addr", problem).remedy(
            "listen on 127.0.0.1, or set auth.keys (the subcommand `keygen` makes a key), or set \
             http.public_without_authentication = true if anybody may call every tool",
        ));
    }
}

fn path(effective: &Effective, faults: &mut Vec<Fault>) {
    let path = &effective.config.http.path;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let whole = path.starts_with('/') && path.bytes().all(plain) && !path.contains("//");
    if !whole || (path.len() > 1 && path.ends_with('/')) {
        let fault = fault(effective, "http.path", format!("`{path}` is not a plain path"));
        faults.push(fault.allowed("`/` and parts of letters, digits, `-`, `.`, `_`, `~`, without a `/` at the end, such as /mcp"));
    }
}

fn lists(effective: &Effective, faults: &mut Vec<Fault>) {
    for host in effective.config.http.allowed_hosts.iter().filter(|host| !hosts::is_host(host)) {
        let fault = fault(effective, "http.allowed_hosts", format!("`{host}` is not a host"));
        faults.push(fault.allowed("example.com, example.com:8443, *.example.com, 10.0.0.7 or [::1], without scheme or path"));
    }
    for origin in effective.config.http.allowed_origins.iter().filter(|origin| !hosts::is_origin(origin)) {
        let fault = fault(effective, "http.allowed_origins", format!("`{origin}` is not an origin"));
        faults.push(fault.allowed("a scheme and a host, such as https://app.example.com or http://localhost:6274, without a path"));
    }
}

fn sessions(effective: &Effective, faults: &mut Vec<Fault>) {
    let session = &effective.config.session;
    if session.max_per_principal > session.max {
        let problem = format!("{} is more than session.max, {}", session.max_per_principal, session.max);
        faults.push(fault(effective, "session.max_per_principal", problem).remedy("lower it, or raise session.max"));
    }
}

fn store(effective: &Effective, faults: &mut Vec<Fault>) {
    let Some(url) = &effective.config.store.url else { return };
    let known = match url.split_once(':') {
        Some(("memory", rest)) => rest.is_empty(),
        Some(("sqlite", rest)) => cfg!(feature = "sqlite") && !rest.trim_start_matches('/').is_empty(),
        _ => false,
    };
    if !known {
        // A URL may hold a password: it is not repeated.
        let fault = fault(effective, "store.url", "no store has a URL like this");
        faults.push(fault.allowed(if cfg!(feature = "sqlite") { "memory: or sqlite:PATH" } else { "memory: (this server is built without sqlite)" }));
    }
}

fn log(effective: &Effective, faults: &mut Vec<Fault>) {
    let Some(level) = &effective.config.log.level else { return };
    if let Err(cause) = EnvFilter::builder().parse(level) {
        let fault = fault(effective, "log.level", format!("`{level}` is not a filter: {cause}"));
        faults.push(fault.allowed("off, error, warn, info, debug or trace, for single modules MODULE=LEVEL, with commas between"));
    }
}
