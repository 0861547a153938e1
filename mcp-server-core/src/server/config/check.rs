//! What must fit together in a configuration.

use std::collections::HashSet;

use tracing_subscriber::EnvFilter;

use super::choice::{TokenCount, Transport};
use super::effective::Effective;
use super::fault::{Fault, Origin};
use super::secrets::{LEAST_SECRET, LEAST_TOKEN};
use super::settings::Config;
use super::unit::{show_duration, show_size};
use super::{hosts, range, unknown};
use crate::peer::is_network;
use crate::protocol::nearest::nearest;
use crate::store::served;
use crate::telemetry::has_tokenizer;

/// A check, and the keys it looks at.
type Check = (fn(&Effective, &mut Vec<Fault>), &'static [&'static str]);

const CHECKS: [Check; 15] = [
    (public, &["transport", "http.addr", "http.public_without_authentication", "auth.keys"]),
    (path, &["http.path"]),
    (admin, &["admin.addr", "admin.token"]),
    (hosts, &["http.allowed_hosts"]),
    (origins, &["http.allowed_origins"]),
    (proxies, &["http.trusted_proxies"]),
    (sessions, &["session.max", "session.max_per_principal"]),
    (request_bytes, &["http.max_body", "stdio.max_line", "limits.request_bytes", "limits.request_bytes_per_principal"]),
    (tasks, &["task.max", "task.max_per_principal", "task.ttl", "task.max_ttl", "task.timeout"]),
    (store, &["store.url"]),
    (lease, &["store.timeout", "store.lease"]),
    (rotation, &["seal.keys", "seal.rotate", "store.url"]),
    (keys, &["auth.keys", "seal.keys"]),
    (log, &["log.level"]),
    (
        tokens,
        &["telemetry.tokens", "budget.tokens_per_session", "budget.tokens_per_principal", "budget.tokens_per_trace"],
    ),
];

/// Finds what does not fit together. A check whose keys have faults already is left out: it would only guess.
pub(super) fn check(effective: &Effective, tools: &[&str], faults: &mut Vec<Fault>) {
    let mut found = Vec::new();
    ranges(effective, &mut found);
    for (check, keys) in CHECKS {
        if !faults.iter().any(|fault| keys.iter().any(|key| unknown::concerns(&fault.key, key))) {
            check(effective, &mut found);
        }
    }
    tool_names(effective, tools, &mut found);
    faults.extend(found);
}

/// Values out of sources were checked when they were read; those that the program set are checked here.
fn ranges(effective: &Effective, faults: &mut Vec<Fault>) {
    let mut config = effective.config.clone();
    let tools: Vec<&str> = effective.config.tools.keys().map(String::as_str).collect();
    for name in unknown::variables(&tools).filter(|name| !effective.is_given(&name.to_string())) {
        if let Err(wrong) = range::check(&name, &mut config) {
            faults.push(wrong.fault(name.to_string(), Origin::Code));
        }
    }
}

/// Refuses settings for tools that the server does not have.
fn tool_names(effective: &Effective, tools: &[&str], faults: &mut Vec<Fault>) {
    for tool in effective.config.tools.keys().filter(|tool| !tools.contains(&tool.as_str())) {
        let key = format!("tools.{tool}");
        let fault = Fault::new(&key, effective.origin_of_tool(&key), "the server has no such tool");
        let fault = fault.nearest(nearest(tool, tools.iter().copied()).map(|tool| format!("tools.{tool}")));
        faults.push(fault.remedy("the subcommand `tools` lists them"));
    }
}

/// A fault of a key, with the origin of its value.
fn fault(effective: &Effective, key: &str, problem: impl Into<String>) -> Fault {
    Fault::new(key, effective.origin(key), problem)
}

/// Nobody serves the world to anybody by mistake.
fn public(effective: &Effective, faults: &mut Vec<Fault>) {
    let config = &effective.config;
    let open = config.auth.keys.is_empty() && !effective.verified && !config.http.public_without_authentication;
    if config.transport == Transport::Http && !config.http.addr.ip().is_loopback() && open {
        let problem = format!("{} can be reached from other machines, and nobody is asked for a key", config.http.addr);
        faults.push(fault(effective, "http.addr", problem).remedy(
            "listen on 127.0.0.1, or set auth.keys (the subcommand `keygen` makes a key), or set \
             http.public_without_authentication = true if anybody may call every tool",
        ));
    }
}

/// It is sent as a header, and nobody may guess it.
fn admin(effective: &Effective, faults: &mut Vec<Fault>) {
    let Some(token) = &effective.config.admin.token else { return };
    let wrong = if effective.config.admin.addr.is_none() {
        let fault = fault(effective, "admin.token", "it opens nothing: admin.addr is unset");
        fault.remedy("set admin.addr, or remove it")
    } else if token.len() < LEAST_TOKEN {
        let fault = fault(effective, "admin.token", format!("it has {} bytes", token.len()));
        fault.allowed(format!("at least {LEAST_TOKEN} bytes"))
    } else if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        fault(effective, "admin.token", "it cannot be sent as a header")
            .allowed("visible ASCII characters without spaces")
    } else {
        return;
    };
    faults.push(wrong);
}

/// A message of the size that is allowed fits into the budget with what is made of it while it is read.
fn request_bytes(effective: &Effective, faults: &mut Vec<Fault>) {
    let Config { limits, http, stdio, transport, .. } = &effective.config;
    let (total, share) = (limits.request_bytes, limits.request_bytes_per_principal);
    if share > total {
        let problem = format!("{} is more than limits.request_bytes allows for all callers", show_size(share as u64));
        faults
            .push(fault(effective, "limits.request_bytes_per_principal", problem).remedy("raise limits.request_bytes"));
    }
    let (key, longest, budget, within) = match transport {
        Transport::Http => ("http.max_body", http.max_body, "limits.request_bytes_per_principal", share),
        Transport::Stdio => ("stdio.max_line", stdio.max_line, "limits.request_bytes", total),
    };
    if longest.saturating_mul(3) > within {
        let problem = format!(
            "a message of {} does not fit into {budget}, {}",
            show_size(longest as u64),
            show_size(within as u64)
        );
        let needed = show_size(longest.saturating_mul(3) as u64);
        faults.push(fault(effective, key, problem).remedy(format!("raise {budget} to {needed} or more, or lower it")));
    }
}

fn path(effective: &Effective, faults: &mut Vec<Fault>) {
    let path = &effective.config.http.path;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let whole = path.starts_with('/') && path.bytes().all(plain) && !path.contains("//");
    if !whole || (path.len() > 1 && path.ends_with('/')) {
        let fault = fault(effective, "http.path", format!("`{path}` is not a plain path"));
        faults.push(
            fault.allowed(
                "`/` and parts of letters, digits, `-`, `.`, `_`, `~`, without a `/` at the end, such as /mcp",
            ),
        );
    }
}

fn hosts(effective: &Effective, faults: &mut Vec<Fault>) {
    for host in effective.config.http.allowed_hosts.iter().filter(|host| !hosts::is_host(host)) {
        let fault = fault(effective, "http.allowed_hosts", format!("`{host}` is not a host"));
        faults.push(
            fault.allowed("example.com, example.com:8443, *.example.com, 10.0.0.7 or [::1], without scheme or path"),
        );
    }
}

fn origins(effective: &Effective, faults: &mut Vec<Fault>) {
    for origin in effective.config.http.allowed_origins.iter().filter(|origin| !hosts::is_origin(origin)) {
        let fault = fault(effective, "http.allowed_origins", format!("`{origin}` is not an origin"));
        faults.push(
            fault.allowed(
                "a scheme and a host, such as https://app.example.com or http://localhost:6274, without a path",
            ),
        );
    }
}

fn proxies(effective: &Effective, faults: &mut Vec<Fault>) {
    for proxy in effective.config.http.trusted_proxies.iter().filter(|proxy| !is_network(proxy)) {
        let fault = fault(effective, "http.trusted_proxies", format!("`{proxy}` is no address and no network"));
        faults.push(fault.allowed("10.0.0.7, 10.0.0.0/8, 2001:db8::1 or 2001:db8::/32, without port or name"));
    }
}

fn sessions(effective: &Effective, faults: &mut Vec<Fault>) {
    let session = &effective.config.session;
    if session.max_per_principal > session.max {
        let problem = format!("{} is more than session.max, {}", session.max_per_principal, session.max);
        faults.push(fault(effective, "session.max_per_principal", problem).remedy("lower it, or raise session.max"));
    }
}

fn tasks(effective: &Effective, faults: &mut Vec<Fault>) {
    let task = &effective.config.task;
    if task.max_per_principal > task.max {
        let problem = format!("{} is more than task.max, {}", task.max_per_principal, task.max);
        faults.push(fault(effective, "task.max_per_principal", problem).remedy("lower it, or raise task.max"));
    }
    if task.ttl > task.max_ttl {
        let (ttl, most) = (show_duration(task.ttl), show_duration(task.max_ttl));
        let problem = format!("{ttl} is more than task.max_ttl, which is {most}");
        faults.push(fault(effective, "task.ttl", problem).remedy("lower it, or raise task.max_ttl"));
    }
    if task.timeout > task.ttl {
        let (timeout, ttl) = (show_duration(task.timeout), show_duration(task.ttl));
        let problem = format!("{timeout} is more than task.ttl, which is {ttl}: the task would be gone before its end");
        faults.push(fault(effective, "task.timeout", problem).remedy("lower it, or raise task.ttl"));
    }
}

fn store(effective: &Effective, faults: &mut Vec<Fault>) {
    let Some(url) = &effective.config.store.url else { return };
    let known = match url.split_once(':') {
        Some(("memory", rest)) => rest.is_empty(),
        Some(("sqlite", rest)) => cfg!(feature = "sqlite") && !rest.trim_start_matches('/').is_empty(),
        Some(("postgres" | "postgresql", rest)) => cfg!(feature = "postgres") && rest.starts_with("//"),
        Some(("redis" | "rediss" | "valkey" | "valkeys", rest)) => cfg!(feature = "redis") && rest.starts_with("//"),
        _ => false,
    };
    if !known {
        // A URL may hold a password: it is not repeated.
        faults.push(fault(effective, "store.url", "no store has a URL like this").allowed(served()));
    }
}

/// A heartbeat is due at each third of a lease, and a slow store must not cost it.
fn lease(effective: &Effective, faults: &mut Vec<Fault>) {
    let store = &effective.config.store;
    if store.lease < store.timeout * 3 {
        let (lease, timeout) = (show_duration(store.lease), show_duration(store.timeout));
        let problem = format!("{lease} is less than three times store.timeout, which is {timeout}");
        faults.push(fault(effective, "store.lease", problem).remedy("raise it, or lower store.timeout"));
    }
}

/// Only keys that replicas agree on are rotated by the server.
fn rotation(effective: &Effective, faults: &mut Vec<Fault>) {
    let config = &effective.config;
    let why = if config.seal.keys.is_empty() {
        (config.store.url.as_deref() == Some("memory:")).then_some("a store in memory has one key, for its process")
    } else {
        Some("the keys of seal.keys are rotated by whoever sets them")
    };
    if let (true, Some(why)) = (effective.is_given("seal.rotate"), why) {
        faults.push(fault(effective, "seal.rotate", format!("it has no effect: {why}")).remedy("remove it"));
    }
}

/// Ids are names in logs and of owners in the store: two keys may not share one.
fn keys(effective: &Effective, faults: &mut Vec<Fault>) {
    let config = &effective.config;
    let bearers: Vec<_> = config.auth.keys.iter().map(|key| key.id.as_str()).collect();
    let seals: Vec<_> = config.seal.keys.iter().map(|key| key.id.as_str()).collect();
    for (key, ids) in [("auth.keys", bearers), ("seal.keys", seals)] {
        let mut seen = HashSet::new();
        for id in ids {
            if id.is_empty() {
                faults.push(fault(effective, key, "a key has no id"));
            } else if !seen.insert(id) {
                let fault = fault(effective, key, format!("two keys have the id `{id}`"));
                faults.push(fault.remedy("give each its own id"));
            }
        }
    }
    for key in config.seal.keys.iter().filter(|key| key.secret.len() < LEAST_SECRET) {
        let problem = format!("the secret of `{}` has {} bytes", key.id, key.secret.len());
        faults.push(fault(effective, "seal.keys", problem).allowed(format!("at least {LEAST_SECRET} bytes")));
    }
}

/// Tokens are counted by what is there, and where something depends on it.
fn tokens(effective: &Effective, faults: &mut Vec<Fault>) {
    let (counting, budget) = (effective.config.telemetry.tokens, &effective.config.budget);
    if counting == TokenCount::Exact && !has_tokenizer() {
        let fault = fault(effective, "telemetry.tokens", "this build has no tokenizer to count with");
        faults.push(fault.remedy("build mcp-server-core with its feature `tokenizer`, or set `estimate`"));
    }
    let limits = [
        ("budget.tokens_per_session", budget.tokens_per_session),
        ("budget.tokens_per_principal", budget.tokens_per_principal),
        ("budget.tokens_per_trace", budget.tokens_per_trace),
    ];
    for (key, _) in limits.into_iter().filter(|(_, limit)| counting == TokenCount::Off && limit.is_some()) {
        let fault = fault(effective, key, "it has no effect: telemetry.tokens is `off`, so no tokens are counted");
        faults.push(fault.remedy("set telemetry.tokens to `estimate` or `exact`, or remove the budget"));
    }
}

fn log(effective: &Effective, faults: &mut Vec<Fault>) {
    let Some(level) = &effective.config.log.level else { return };
    if let Err(cause) = EnvFilter::builder().parse(level) {
        let fault = fault(effective, "log.level", format!("`{level}` is not a filter: {cause}"));
        faults.push(
            fault.allowed(
                "off, error, warn, info, debug or trace, for single modules MODULE=LEVEL, with commas between",
            ),
        );
    }
}
