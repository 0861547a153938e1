//! Reading a configuration from all its sources, in their order, and checking it as a whole.

use std::path::PathBuf;

use super::check;
use super::effective::Effective;
use super::environment;
use super::fault::Faults;
use super::file;
use super::fill::fill;
use super::flags::{self, Setting};
use super::settings::Config;
use super::standard;

/// Where a configuration is read from. Later sources win: file, environment, flags.
///
/// ```
/// use mcp_server_core::server::config::{Sources, load};
///
/// let mut sources = Sources::default();
/// sources.environment = vec![("MCP_SERVER_HTTP_ADDR".to_owned(), "127.0.0.1:9000".to_owned())];
/// let effective = load(&sources, &[])?;
/// assert_eq!(effective.config.http.addr.port(), 9000);
///
/// sources.environment.push(("MCP_SERVER_HTTP_ADRR".to_owned(), "127.0.0.1:9000".to_owned()));
/// let faults = load(&sources, &[]).unwrap_err();
/// assert!(faults.to_string().contains("did you mean `MCP_SERVER_HTTP_ADDR`?"));
/// # Ok::<(), mcp_server_core::server::config::Faults>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Sources {
    /// What holds where no source says anything.
    pub base: Config,
    /// The TOML file.
    pub file: Option<PathBuf>,
    /// Variables; those that begin neither with `MCP_SERVER_` nor with `OTEL_` are not looked at.
    pub environment: Vec<(String, String)>,
    /// Whether the program verifies callers itself, so that `auth.keys` is not needed where anybody can reach it.
    pub verified: bool,
    /// Flags of the command line.
    pub(crate) flags: Vec<Setting>,
}

impl Sources {
    /// The variables of this process, and the file that `MCP_SERVER_CONFIG` names.
    pub fn of_process() -> Self {
        let environment = environment::of_process();
        let named = |(name, value): &(String, String)| name == environment::FILE && !value.trim().is_empty();
        let file = environment.iter().find(|variable| named(variable)).map(|(_, value)| PathBuf::from(value));
        Self { file, environment, ..Self::default() }
    }

    /// Adds a flag that sets a key, such as `--set http.path=/`.
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.flags.push(Setting { flag: "--set", key: key.into(), value: Some(value.into()) });
        self
    }
}

/// Reads the sources and checks what they say together; `tools` are the names of the server's tools.
///
/// # Errors
/// Every fault of every source at once. Nothing is kept of sources with faults.
pub fn load(sources: &Sources, tools: &[&str]) -> Result<Effective, Faults> {
    let mut faults = Vec::new();
    let mut given = Vec::new();
    if let Some(path) = &sources.file {
        given.extend(file::read(path, &mut faults));
    }
    given.extend(environment::read(&sources.environment, tools, &mut faults));
    given.extend(flags::read(&sources.flags, &mut faults));

    let mut effective = Effective::new(sources.base.clone(), sources.verified);
    // Each value is read, also one that a later source replaces: a wrong line is wrong even where it is shadowed.
    for given in &given {
        fill(&mut effective.config, given, &mut faults);
        effective.origins.insert(given.key.to_string(), given.origin.clone());
    }
    effective.exports = standard::exports(&sources.environment, &effective.config, &mut effective.ignored);
    check::check(&effective, tools, &mut faults);
    Faults::refuse(faults)?;
    Ok(effective)
}
