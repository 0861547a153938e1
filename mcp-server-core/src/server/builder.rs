//! The builder: what an author gives.

use std::any::{Any, TypeId};
use std::process::ExitCode;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::dispatch::{Identity, Service, Settings, States};
use crate::store::seal::Sealer;
use crate::tool::{IntoItems, Item};
use crate::transport::http::{Endpoint, HttpSettings, Listener};

/// A server to be.
#[derive(Debug)]
#[must_use = "a server serves when `main` or `run` is awaited"]
pub struct Server {
    name: String,
    version: String,
    title: Option<String>,
    instructions: Option<String>,
    states: States,
    items: Vec<Item>,
}

impl Server {
    /// Starts with a name and a version, which clients see.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            title: None,
            instructions: None,
            states: States::new(),
            items: Vec::new(),
        }
    }

    /// A name for people.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// How a model should use the server as a whole.
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.instructions = Some(instructions.into());
        self
    }

    /// Gives the server state, which functions take as `State<T>`.
    pub fn state<T: Any + Send + Sync>(mut self, state: T) -> Self {
        self.states.insert(TypeId::of::<T>(), Box::new(state));
        self
    }

    /// Adds tools, or whatever else the list holds.
    pub fn tools(mut self, tools: impl IntoItems) -> Self {
        self.items.extend(tools.into_items());
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

    /// Runs the server.
    pub async fn main(self) -> ExitCode {
        let identity = Identity::new(self.name, self.version, self.title, self.instructions);
        let Ok(service) = Service::new(identity, self.items, self.states, Sealer::ephemeral(), Settings::default()) else {
            return ExitCode::from(78);
        };
        if std::env::args().any(|arg| arg == "--stdio") {
            let settings = crate::transport::stdio::StdioSettings { max_line: 4 << 20, grace: Duration::from_secs(10) };
            let pump = crate::transport::stdio::serve(service, settings, CancellationToken::new());
            return if matches!(tokio::spawn(pump).await, Ok(Ok(()))) { ExitCode::SUCCESS } else { ExitCode::from(75) };
        }
        let address = std::env::args().skip_while(|arg| arg != "--http").nth(1).and_then(|arg| arg.parse().ok());
        let address = address.unwrap_or_else(|| std::net::SocketAddr::from(([127, 0, 0, 1], 8080)));
        let Ok(listener) = Listener::bind(address).await else { return ExitCode::from(75) };
        tracing::info!(address = %listener.address(), "listening");
        let endpoint = Endpoint::new(service, HttpSettings::default());
        listener.serve(endpoint, CancellationToken::new(), Duration::from_secs(10)).await;
        ExitCode::SUCCESS
    }
}
