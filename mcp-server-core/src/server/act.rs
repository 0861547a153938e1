//! Acting on the command line: every subcommand, and serving, from the same checked configuration.

use std::sync::Arc;

use serde_json::{Value, json};

use super::assemble::{Parts, verifier};
use super::command::{
    Command, Exit, ServeArgs, against, complain, make_keys, print, say, show_check, show_config, show_contract,
    show_hosts,
};
use super::config::{Config, Effective, TokenCount, Transport, load};
use super::logging::Telling;
use super::profiles::profiles;
use super::run::{self, Outside};
use super::shared::{self, Opened};
use super::{descriptors, known, logging, panics, routes};
use crate::dispatch::{Lines, ResourceEntry, Service, Shared, ToolEntry};
use crate::protocol::Revision;
use crate::telemetry::redact::{Disclosure, Redactor};
use crate::telemetry::{Counting, Prepared, Telemetry};
use crate::tool::TaskSupport;
use crate::transport::http::LEGACY_PATHS;

/// Does what the arguments say.
pub(super) async fn act(parts: Parts, mut outside: Outside, arguments: &ServeArgs) -> Exit {
    if arguments.command == Some(Command::Keygen) {
        return print(&make_keys());
    }
    let mut sources = arguments.sources();
    sources.base = *std::mem::take(&mut outside.defaults);
    sources.verified = outside.verifier.is_some();
    let effective = match load(&sources, &parts.tool_names()) {
        Ok(effective) => effective,
        Err(faults) => return complain(&faults),
    };
    if matches!(arguments.command, Some(Command::Check { .. }) | None)
        && let Some(routes) = &outside.routes
    {
        let shadowed = routes::shadowed(routes, &own_paths(&effective.config)).await;
        if !shadowed.is_empty() {
            for fault in &shadowed {
                say(fault);
            }
            return Exit::Configuration;
        }
    }
    match &arguments.command {
        Some(Command::Config) => print(&show_config(&effective)),
        Some(Command::Check { hosts }) if hosts.is_empty() => check(parts, &effective).await,
        Some(Command::Check { hosts }) => {
            match assemble(parts, shared::nothing(), Telemetry::default(), &effective.config) {
                Ok(service) => match show_hosts(hosts, &service.catalogue().findings(true)) {
                    (text, exit) if print(&text) == Exit::Done => exit,
                    _ => Exit::Temporary,
                },
                Err(exit) => exit,
            }
        }
        Some(Command::Tools { against: None }) => {
            match assemble(parts, shared::nothing(), Telemetry::default(), &effective.config) {
                Ok(service) => print(&show_contract(&contract(&service))),
                Err(exit) => exit,
            }
        }
        Some(Command::Tools { against: Some(file) }) => {
            match assemble(parts, shared::nothing(), Telemetry::default(), &effective.config) {
                Ok(service) => match against(&contract(&service), file) {
                    Ok((text, exit)) if print(&text) == Exit::Done => exit,
                    Ok(_) => Exit::Temporary,
                    Err(why) => {
                        say(&why);
                        Exit::Usage
                    }
                },
                Err(exit) => exit,
            }
        }
        Some(Command::Keygen) | None => serve(parts, outside, &effective).await,
    }
}

/// The paths where the server answers itself, each with the key that it comes from.
fn own_paths(config: &Config) -> Vec<(String, &'static str)> {
    if config.transport != Transport::Http {
        return Vec::new();
    }
    let path = config.http.path.trim_end_matches('/');
    let mut paths = vec![(config.http.path.clone(), "http.path"), (format!("{path}/"), "http.path")];
    paths.dedup();
    if config.http.legacy_sse {
        paths.extend(LEGACY_PATHS.map(|path| (path.to_owned(), "http.legacy_sse")));
    }
    paths
}

async fn serve(parts: Parts, mut outside: Outside, effective: &Effective) -> Exit {
    let redactor = redactor(&effective.config);
    let prepared = Prepared::new(&effective.exports, &redactor);
    // Dropped last, it tells what was left out until then.
    let _telling = Telling::of(logging::start(&effective.config.log, prepared.layer(), &redactor));
    for ignored in &effective.ignored {
        tracing::warn!(target: "mcp_server", "an OpenTelemetry variable is ignored: {ignored}");
    }
    for problem in prepared.problems() {
        tracing::warn!(target: "mcp_server", "OpenTelemetry variables are ignored: {problem}");
    }
    let told = &effective.config.telemetry;
    panics::install(told.arguments, outside.on_panic.take());
    let max_connections = match descriptors::fit(effective) {
        Ok(max) => max,
        Err(why) => {
            say(&why);
            return Exit::Configuration;
        }
    };
    let Opened { shared, keys, .. } = match shared::open(&parts.owner(), &effective.config).await {
        Ok(opened) => opened,
        Err(failure) => {
            say(&failure.why);
            // What else is wrong is told too.
            return assemble(parts, shared::nothing(), Telemetry::default(), &effective.config)
                .err()
                .unwrap_or(failure.exit);
        }
    };
    let config = &effective.config;
    let (replica, counting) = (shared.replica.id(), counting(config));
    let exporters = prepared.start(&parts.name, &parts.version, replica, is_scraped(config), counting);
    exporters.telemetry().disclose(Disclosure { arguments: told.arguments, results: told.results, redactor });
    exporters.telemetry().watch_pools(std::mem::take(&mut outside.pools));
    let service = match assemble(parts, shared, exporters.telemetry().clone(), &effective.config) {
        Ok(service) => service,
        Err(exit) => return exit,
    };
    outside.verifier = outside.verifier.or_else(|| verifier(&effective.config));
    let mut config = effective.config.clone();
    config.http.max_connections = max_connections;
    match run::serve(service, keys, outside, exporters, &config).await {
        Ok(()) => Exit::Done,
        Err(failure) => {
            say(&failure.why);
            failure.exit
        }
    }
}

/// What takes out of logs and spans what must not leave.
fn redactor(config: &Config) -> Arc<Redactor> {
    Arc::new(Redactor::new(config.telemetry.redact_personal, &known::secrets(config)))
}

/// Whether somebody reads the metrics of this process.
fn is_scraped(config: &Config) -> bool {
    config.telemetry.enabled && config.admin.addr.is_some()
}

/// How the tokens of calls are counted.
fn counting(config: &Config) -> Counting {
    match config.telemetry.tokens {
        TokenCount::Off => Counting::Off,
        TokenCount::Estimate => Counting::Estimate,
        TokenCount::Exact => Counting::Exact,
    }
}

/// Verifies what a start would: the tools, the sealing keys, the store.
async fn check(parts: Parts, effective: &Effective) -> Exit {
    let config = &effective.config;
    // What is ignored prevents no start, and so it fails no check.
    for ignored in &effective.ignored {
        say(&format!("warning: an OpenTelemetry variable is ignored: {ignored}"));
    }
    for problem in Prepared::new(&effective.exports, &redactor(config)).problems() {
        say(&format!("warning: OpenTelemetry variables are ignored: {problem}"));
    }
    match shared::look(&parts.owner(), config).await {
        Ok(Opened { url, shared, .. }) => match assemble(parts, shared, Telemetry::default(), config) {
            Ok(service) => {
                let profiles = profiles(&service);
                let shown = print(&show_check(effective, &url, &profiles));
                match run::try_bind(config).await {
                    Ok(()) => shown,
                    Err(failure) => {
                        say(&failure.why);
                        failure.exit
                    }
                }
            }
            Err(exit) => exit,
        },
        Err(failure) => {
            say(&failure.why);
            assemble(parts, shared::nothing(), Telemetry::default(), config).err().unwrap_or(failure.exit)
        }
    }
}

fn assemble(parts: Parts, shared: Shared, telemetry: Telemetry, config: &Config) -> Result<Arc<Service>, Exit> {
    parts.assemble(shared, telemetry, config).map_err(|faults| {
        for fault in faults {
            say(&fault);
        }
        Exit::Configuration
    })
}

/// Everything that clients see, in the newest revision.
fn contract(service: &Service) -> Value {
    let catalogue = service.catalogue();
    let line = |lines: &Lines, scopes: &[&str]| {
        let mut line = serde_json::from_slice::<Value>(lines.of(Revision::V2026_07_28)).unwrap_or_default();
        if let (false, Some(members)) = (scopes.is_empty(), line.as_object_mut()) {
            // No client is told of scopes, and yet a new one breaks callers.
            members.insert("scopes".to_owned(), json!(scopes));
        }
        line
    };
    let tool = |entry: &Arc<ToolEntry>| {
        let mut line = line(&entry.lines, entry.spec.scopes);
        if let (true, Some(members)) = (entry.spec.single_use, line.as_object_mut()) {
            members.insert("singleUse".to_owned(), true.into());
        }
        if let (true, Some(members)) = (entry.spec.task != TaskSupport::Forbidden, line.as_object_mut()) {
            // The newest revision tells nobody before the call.
            members.insert("execution".to_owned(), json!({ "taskSupport": entry.spec.task.as_str() }));
        }
        line
    };
    let tools: Vec<Value> = catalogue.tools.iter().map(tool).collect();
    let prompts: Vec<Value> = catalogue.prompts.iter().map(|entry| line(&entry.lines, entry.spec.scopes)).collect();
    let of = |entries: &[Arc<ResourceEntry>]| -> Vec<Value> {
        entries.iter().map(|entry| line(&entry.lines, entry.spec.scopes)).collect()
    };
    json!({
        "server": { "name": service.identity().name(), "version": service.identity().version() },
        "tools": tools,
        "prompts": prompts,
        "resources": of(&catalogue.resources),
        "resourceTemplates": of(&catalogue.templates),
    })
}
