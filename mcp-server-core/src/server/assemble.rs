//! Assembling: what the author gave and what the configuration says become a service, or a list of faults.

use std::net::SocketAddr;
use std::sync::Arc;

use super::config::{BudgetSettings, Config, LimitSettings, SessionMode};
use crate::auth::{Key, StaticKeys, Verifier};
use crate::dispatch::{
    self, BlockingLimits, Identity, QualitySettings, Service, Settings, Shared, States, ToolSettings,
};
use crate::guard::budget::{BudgetLimits, Limit};
use crate::guard::origin::Gate;
use crate::guard::request_bytes::ByteLimits;
use crate::peer::TrustedProxies;
use crate::principal::Principal;
use crate::session::SessionLimits;
use crate::store::Owner;
use crate::task::TaskLimits;
use crate::telemetry::Telemetry;
use crate::tool::Item;
use crate::tool::lint::{Finding, Severity};
use crate::tool::schema::Publishing;
use crate::tool::target::Parameter;
use crate::transport::http::HttpSettings;

/// What the author gave.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) title: Option<String>,
    /// What it is for, in a line.
    pub(super) about: Option<String>,
    /// The data that it serves.
    pub(super) instance: Option<String>,
    pub(super) instructions: Option<String>,
    pub(super) states: States,
    pub(super) items: Vec<Item>,
}

impl Parts {
    /// The server as the owner of its state.
    pub(super) fn owner(&self) -> Owner {
        let owner = Owner::new(&self.name);
        match &self.instance {
            Some(instance) => owner.instance(instance),
            None => owner,
        }
    }

    /// What the first line of the help says.
    pub(super) fn about(&self) -> String {
        let said = self.about.as_ref().or(self.title.as_ref()).filter(|text| !text.trim().is_empty());
        said.map_or_else(|| format!("The MCP server {}", self.name), Clone::clone)
    }

    /// The names of the tools.
    pub(super) fn tool_names(&self) -> Vec<&'static str> {
        let names = self.items.iter().filter_map(|item| match item {
            Item::Tool(tool) => Some(tool.name()),
            _ => None,
        });
        names.collect()
    }

    /// Puts the service together.
    ///
    /// # Errors
    /// Everything that is wrong, one sentence each.
    pub(super) fn assemble(
        self,
        shared: Shared,
        telemetry: Telemetry,
        config: &Config,
    ) -> Result<Arc<Service>, Vec<String>> {
        let mut faults = self.missing_state();
        let identity = Identity::new(self.name, self.version, self.title, self.instructions);
        match dispatch::assemble(identity, self.items, self.states, shared, settings(config), telemetry) {
            Ok(service) if faults.is_empty() => {
                tell(&service.catalogue().findings(false));
                Ok(service)
            }
            Ok(_) => Err(faults),
            Err(more) => {
                faults.extend(more);
                Err(faults)
            }
        }
    }

    /// State that a function takes and nobody gave.
    fn missing_state(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for item in &self.items {
            let (what, name, location, parameters) = match item {
                Item::Tool(tool) => ("tool", tool.spec.name, tool.spec.location, &tool.parameters),
                Item::Prompt(prompt) => ("prompt", prompt.spec.name, prompt.spec.location, &prompt.parameters),
                Item::Resource(resource) => {
                    ("resource", resource.spec.uri, resource.spec.location, &resource.parameters)
                }
            };
            for parameter in parameters {
                if let Parameter::Injected { needs: Some((kind, type_name)), .. } = parameter
                    && !self.states.contains_key(kind)
                {
                    faults.push(format!(
                        "{what} `{name}` ({location}) takes `State<{type_name}>`, and the server was given none: \
                         call `.state(…)` with a `{type_name}` on the builder"
                    ));
                }
            }
        }
        faults
    }
}

/// Names at start what a known host would refuse: there it would only be a tool that is missing.
fn tell(findings: &[Finding]) {
    for finding in findings {
        if finding.severity == Severity::Advice {
            tracing::debug!(target: "mcp_server::lint", "{finding}");
        } else {
            tracing::warn!(target: "mcp_server::lint", "{finding}");
        }
    }
}

fn settings(config: &Config) -> Settings {
    let limits: &LimitSettings = &config.limits;
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let tools = config.tools.iter().map(|(name, own)| {
        let own = ToolSettings {
            timeout: own.timeout,
            max_result: own.max_result,
            max_concurrency: own.max_concurrency,
            repeats: own.repeats,
            enabled: own.enabled,
        };
        (name.clone(), own)
    });
    Settings {
        timeout: limits.timeout,
        max_result: limits.max_result as u64,
        in_flight: narrow(limits.in_flight),
        blocking: BlockingLimits {
            threads: narrow(limits.blocking_threads),
            queue: narrow(limits.blocking_queue),
            threads_per_principal: narrow(limits.blocking_threads_per_principal),
            queue_per_principal: narrow(limits.blocking_queue_per_principal),
        },
        json_depth: limits.json_depth,
        json_values: limits.json_values,
        request_bytes: ByteLimits { total: limits.request_bytes, per_principal: limits.request_bytes_per_principal },
        page_size: limits.page_size,
        page_bytes: limits.page_bytes,
        publishing: Publishing { additional_properties: config.schema.publish_additional_properties },
        input_rounds: narrow(limits.input_rounds),
        input_timeout: limits.input_timeout,
        progress_heartbeat: limits.progress_heartbeat,
        state_expires: limits.state_expires,
        subscriptions_per_principal: limits.subscriptions_per_principal,
        uris_per_subscription: limits.uris_per_subscription,
        handles_per_principal: narrow(limits.handles_per_principal),
        remember: config.idempotency.keep,
        remember_unkeyed: config.idempotency.keep_unkeyed,
        cache_ttl: config.cache.ttl,
        quality: config.quality.enabled.then_some(QualitySettings {
            after: config.quality.after as u64,
            tell: config.quality.tell,
            tell_slow: config.quality.tell_slow,
        }),
        tasks: TaskLimits {
            ttl: config.task.ttl,
            max_ttl: config.task.max_ttl,
            poll_interval: config.task.poll_interval,
            timeout: config.task.timeout,
            max: narrow(config.task.max),
            max_per_principal: narrow(config.task.max_per_principal),
            attempts: narrow(config.task.attempts),
        },
        budget: budget(&config.budget),
        repeats: narrow(config.budget.repeats),
        repeat_window: config.budget.repeat_window,
        tools: tools.collect(),
    }
}

fn budget(budget: &BudgetSettings) -> BudgetLimits {
    let limit =
        |calls: Option<u32>, tokens: Option<u32>| Limit { calls: calls.map(u64::from), tokens: tokens.map(u64::from) };
    BudgetLimits {
        window: budget.window,
        alert_at: budget.alert_at as u64,
        session: limit(budget.calls_per_session, budget.tokens_per_session),
        principal: limit(budget.calls_per_principal, budget.tokens_per_principal),
        trace: limit(budget.calls_per_trace, budget.tokens_per_trace),
    }
}

/// The verifier of the configuration's keys, if it has any.
pub(super) fn verifier(config: &Config) -> Option<Arc<dyn Verifier>> {
    let keys = config.auth.keys.iter().map(|key| {
        let principal = Principal::new("key", &key.id, key.scopes.iter().map(String::as_str));
        Key::new(key.hash, key.expires.map_or_else(|| principal.clone(), |at| principal.clone().expiring(at)))
    });
    let keys: Vec<Key> = keys.collect();
    (!keys.is_empty()).then(|| Arc::new(StaticKeys::new(keys)) as Arc<dyn Verifier>)
}

/// Which hosts and origins may be named.
pub(super) fn gate(config: &Config, bound: SocketAddr) -> Gate {
    Gate::new(bound, &config.http.allowed_hosts, &config.http.allowed_origins)
}

/// The limits of sessions.
pub(super) fn session_limits(config: &Config) -> SessionLimits {
    let session = &config.session;
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    SessionLimits {
        max: narrow(session.max),
        max_per_principal: narrow(session.max_per_principal),
        idle_timeout: session.idle_timeout,
        resume_events: narrow(session.resume_events),
        resume_bytes: session.resume_bytes as u64,
        resume_for: session.resume_for,
        uris_per_subscription: config.limits.uris_per_subscription,
        sealed_for: (session.mode == SessionMode::Sealed).then_some(session.sealed_for),
    }
}

/// The limits of the transport.
pub(super) fn http_settings(config: &Config) -> HttpSettings {
    let http = &config.http;
    HttpSettings {
        path: http.path.clone(),
        trusted_proxies: TrustedProxies::new(&http.trusted_proxies),
        max_connections: http.max_connections,
        max_connections_per_peer: http.max_connections_per_peer,
        idle_timeout: http.idle_timeout,
        header_timeout: http.header_timeout,
        body_timeout: http.body_timeout,
        write_timeout: http.write_timeout,
        max_body: http.max_body,
        keep_alive: http.keep_alive,
        stream_after: http.stream_after,
        sse_retry: http.sse_retry,
        legacy_sse: http.legacy_sse,
    }
}
