//! The builder: what an author gives.

use std::any::{Any, TypeId};
use std::process::ExitCode;
use std::sync::Arc;

use super::assemble::{Parts, verifier};
use super::config::{Sources, load};
use super::run::{self, Outside};
use crate::auth::Verifier;
use crate::dispatch::States;
use crate::tool::IntoItems;

/// A server to be.
#[derive(Debug)]
#[must_use = "a server serves when `main` or `run` is awaited"]
pub struct Server {
    parts: Parts,
    outside: Outside,
}

impl Server {
    /// Starts with a name and a version, which clients see.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            parts: Parts {
            name: name.into(),
            version: version.into(),
            title: None,
            instructions: None,
            states: States::new(),
            items: Vec::new(),
            },
            outside: Outside::default(),
        }
    }

    /// A name for people.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.parts.title = Some(title.into());
        self
    }

    /// How a model should use the server as a whole.
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.parts.instructions = Some(instructions.into());
        self
    }

    /// Gives the server state, which functions take as `State<T>`.
    pub fn state<T: Any + Send + Sync>(mut self, state: T) -> Self {
        self.parts.states.insert(TypeId::of::<T>(), Box::new(state));
        self
    }

    /// Adds tools, or whatever else the list holds.
    pub fn tools(mut self, tools: impl IntoItems) -> Self {
        self.parts.items.extend(tools.into_items());
        self
    }

    /// Adds prompts.
    pub fn prompts(self, prompts: impl IntoItems) -> Self {
        self.tools(prompts)
    }

    /// Adds resources.
    pub fn resources(self, resources: impl IntoItems) -> Self {
        self.tools(resources)
    }

    /// Verifies bearer tokens over HTTP in a way of one's own, instead of by the keys of the configuration.
    pub fn verifier(mut self, verifier: impl Verifier + 'static) -> Self {
        self.outside.verifier = Some(Arc::new(verifier));
        self
    }

    /// Adds HTTP routes of one's own beside the endpoint, such as a page or a webhook. They pass the checks of Host
    /// and Origin and no other: who may call them is theirs to say.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use mcp_server_core::Server;
    ///
    /// let server = Server::new("tickets", "1.0.0").routes(Router::new().route("/about", get(|| async { "tickets" })));
    /// # drop(server);
    /// ```
    pub fn routes(mut self, routes: axum::Router) -> Self {
        self.outside.routes = Some(self.outside.routes.take().unwrap_or_default().merge(routes));
        self
    }

    /// Runs the server.
    pub async fn main(self) -> ExitCode {
        let mut sources = Sources::of_process();
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            sources = match arg.as_str() {
                "--stdio" => sources.set("transport", "stdio"),
                "--http" => sources.set("transport", "http").set("http.addr", args.next().unwrap_or_default()),
                "--set" => {
                    let pair = args.next().unwrap_or_default();
                    let (key, value) = pair.split_once('=').unwrap_or((&pair, ""));
                    sources.set(key, value)
                }
                _ => sources,
            };
        }
        let effective = match load(&sources, &self.parts.tool_names()) {
            Ok(effective) => effective,
            Err(faults) => {
                eprintln!("{faults}");
                return ExitCode::from(78);
            }
        };
        tracing_subscriber::fmt().json().with_writer(std::io::stderr).init();
        let mut outside = self.outside;
        outside.verifier = outside.verifier.or_else(|| verifier(&effective.config));
        match self.parts.assemble(&effective.config) {
            Ok(service) => match run::serve(service, outside, &effective.config).await {
                Ok(()) => ExitCode::SUCCESS,
                Err(why) => {
                    tracing::error!("{why}");
                    ExitCode::from(75)
                }
            },
            Err(faults) => {
                eprintln!("{}", faults.join("\n"));
                ExitCode::from(78)
            }
        }
    }
}
