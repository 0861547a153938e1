//! The builder: what an author gives.

use std::any::{Any, TypeId};
use std::net::SocketAddr;
use std::panic::PanicHookInfo;
use std::process::ExitCode;
use std::sync::Arc;

use super::act;
use super::assemble::Parts;
#[cfg(doc)]
use super::command::Exit;
use super::command::ServeArgs;
use super::config::Config;
use super::data_source;
use super::panics::Hook;
use super::run::{ListeningHook, Outside};
use crate::auth::Verifier;
use crate::dispatch::States;
use crate::telemetry::{ConnectionPool, NamedPool};
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
                about: None,
                instance: None,
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

    /// What the server is for, in one line: the first line of `--help`. The description in `Cargo.toml` is
    /// `env!("CARGO_PKG_DESCRIPTION")`. Without it, the title is shown.
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.parts.about = Some(about.into());
        self
    }

    /// Names the data that the server works on, such as a database or a root folder. Two servers of one name with
    /// different data are different servers: neither uses the sessions, tasks and keys of the other, and a store that
    /// belongs to one refuses the other at start. Replicas of one server have the same instance.
    ///
    /// The name is stored and shown in messages. A URL is kept without user, password and options, and the file of
    /// `sqlite:PATH` by its absolute path; any other text is kept as it is.
    ///
    /// ```
    /// use mcp_server_core::Server;
    ///
    /// let server = Server::new("files", "1.0.0").instance("/srv/documents");
    /// # drop(server);
    /// ```
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.parts.instance = Some(data_source::name(instance.into()));
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

    /// Measures a pool of connections under a name: how many are idle and used, and how many there may be
    /// (`db.client.connection.*`). A call that returns nothing without a reason names in the log what the pools were doing.
    ///
    /// ```
    /// use mcp_server_core::Server;
    /// use mcp_server_core::telemetry::ConnectionPool;
    ///
    /// # fn serve(pool: impl ConnectionPool + Clone) {
    /// let server = Server::new("tickets", "1.0.0").pool("tickets", pool.clone()).state(pool);
    /// # drop(server);
    /// # }
    /// ```
    pub fn pool(mut self, name: impl AsRef<str>, pool: impl ConnectionPool) -> Self {
        self.outside.pools.push(NamedPool { name: name.as_ref().into(), pool: Arc::new(pool) });
        self
    }

    /// Changes what holds where neither the file, the environment nor the command line says anything.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use mcp_server_core::Server;
    /// use mcp_server_core::server::config::Config;
    ///
    /// let mut config = Config::default();
    /// config.limits.timeout = Duration::from_secs(5);
    /// let server = Server::new("tickets", "1.0.0").defaults(config);
    /// # drop(server);
    /// ```
    pub fn defaults(mut self, config: Config) -> Self {
        *self.outside.defaults = config;
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

    /// Calls this too when something panics, after the server has logged it; a crash reporter, for example.
    ///
    /// A server that serves sets the panic hook of the process, in the place of any that was set before: the standard one
    /// writes what a panic said to the standard error, where nothing takes out what a client sent, and no program can tell
    /// it from another. The hook that is given here gets the panic as it is, and what it tells is its own affair; most
    /// reporters call the hook that they found, which is the standard one unless it was replaced before.
    ///
    /// ```
    /// use std::panic;
    ///
    /// use mcp_server_core::Server;
    ///
    /// panic::set_hook(Box::new(|_| {}));
    /// // Here a crash reporter sets its own hook, and then it is handed over.
    /// let server = Server::new("tickets", "1.0.0").on_panic(panic::take_hook());
    /// # drop(server);
    /// ```
    pub fn on_panic(mut self, hook: impl Fn(&PanicHookInfo<'_>) + Send + Sync + 'static) -> Self {
        self.outside.on_panic = Some(Hook(Box::new(hook)));
        self
    }

    /// Calls this once the server listens over HTTP, with the address that it listens on; for a text that says how to
    /// connect, for example. It is not called over stdio.
    ///
    /// ```
    /// use mcp_server_core::Server;
    ///
    /// let server = Server::new("tickets", "1.0.0").on_listening(|address| eprintln!("listening on {address}"));
    /// # drop(server);
    /// ```
    pub fn on_listening(mut self, hook: impl FnOnce(SocketAddr) + Send + 'static) -> Self {
        self.outside.on_listening = Some(ListeningHook(Box::new(hook)));
        self
    }

    /// Reads the command line and does what it says: serves, or checks, lists, configures. It returns when the server
    /// has ended.
    ///
    /// The exit codes are those of [`Exit`].
    pub async fn main(self) -> ExitCode {
        let Parts { name, version, .. } = &self.parts;
        match ServeArgs::parse(name, version, &self.parts.about(), std::env::args_os()) {
            Ok(arguments) => self.run(&arguments).await,
            Err(exit) => exit.into(),
        }
    }

    /// Does what arguments say that the author parsed beside their own.
    pub async fn run(self, arguments: &ServeArgs) -> ExitCode {
        Box::pin(act::act(self.parts, self.outside, arguments)).await.into()
    }
}
