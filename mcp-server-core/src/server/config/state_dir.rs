//! Where the embedded store lives when nobody says where.

use std::path::{Path, PathBuf};

use super::choice::Transport;
use super::fault::{Fault, Faults, Origin};
use super::settings::Config;
use crate::store::Owner;

/// The folders that decide, as the environment names them.
#[derive(Clone, Debug, Default)]
pub(super) struct Homes {
    /// `XDG_STATE_HOME`.
    pub(super) state: Option<PathBuf>,
    /// `HOME`.
    pub(super) home: Option<PathBuf>,
}

impl Homes {
    fn of_process() -> Self {
        let folder = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
        Self { state: folder("XDG_STATE_HOME"), home: folder("HOME") }
    }

    /// The file of a server's state. The XDG base directory specification wants relative paths ignored.
    ///
    /// The folder's name tells apart programs of one name, and instances of one program: nobody said that they share.
    fn file(&self, owner: &Owner) -> Option<PathBuf> {
        let absolute = |path: &&PathBuf| path.is_absolute();
        let state = self.state.as_ref().filter(absolute).cloned();
        let state = state.or_else(|| self.home.as_ref().filter(absolute).map(|home| home.join(".local").join("state")));
        let folder = format!("{}-{}", folder(owner.name()), owner.fingerprint());
        state.map(|state| state.join("mcp-server").join(folder).join("state.db"))
    }
}

/// A server's name as the name of a folder: what could lead elsewhere becomes `_`.
fn folder(server: &str) -> String {
    let plain =
        |character: char| if character.is_alphanumeric() || "-_.".contains(character) { character } else { '_' };
    let name: String = server.chars().take(64).map(plain).collect();
    if name.trim_start_matches('.').is_empty() { "_".to_owned() } else { name }
}

impl Config {
    /// The URL of the store: the one that is set; else memory for stdio, and for HTTP `state.db` in
    /// `$XDG_STATE_HOME/mcp-server/NAME-HASH` or `~/.local/state/mcp-server/NAME-HASH`. The hash stands for the server's
    /// name, its instance and the path of its program, so that no other server has the same file.
    ///
    /// # Errors
    /// A fault that names the ways out, if the environment has no home.
    pub fn store_url(&self, owner: &Owner) -> Result<String, Faults> {
        self.store_url_in(owner, &Homes::of_process())
    }

    fn store_url_in(&self, owner: &Owner, homes: &Homes) -> Result<String, Faults> {
        if let Some(url) = &self.store.url {
            return Ok(url.clone());
        }
        if self.transport == Transport::Stdio || !cfg!(feature = "sqlite") {
            return Ok("memory:".to_owned());
        }
        let file = homes.file(owner).ok_or_else(homeless)?;
        url(&file)
    }
}

fn homeless() -> Faults {
    let problem = "there is no folder for the server's state: neither XDG_STATE_HOME nor HOME is an absolute path";
    let remedy = "set one of them, or store.url = \"sqlite:/var/lib/NAME/state.db\", or store.url = \"memory:\" if \
                  sessions may end with the process";
    Fault::new("store.url", Origin::Default, problem).remedy(remedy).into()
}

fn url(file: &Path) -> Result<String, Faults> {
    let text = file.to_str().ok_or_else(|| {
        let problem = "the folder for the server's state is not Unicode";
        Faults::from(Fault::new("store.url", Origin::Default, problem).remedy("set store.url"))
    })?;
    Ok(format!("sqlite:{text}"))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Config, Homes, Owner, Transport};

    fn homes(state: Option<&str>, home: Option<&str>) -> Homes {
        Homes { state: state.map(PathBuf::from), home: home.map(PathBuf::from) }
    }

    #[test]
    #[cfg(feature = "sqlite")]
    fn http_keeps_its_state_in_the_state_folder() {
        let config = Config::default();
        let owner = Owner::new("tickets");
        let file = format!("mcp-server/tickets-{}/state.db", owner.fingerprint());
        let url = |state, home| config.store_url_in(&owner, &homes(state, home));
        let (in_state, in_home) = (format!("sqlite:/s/{file}"), format!("sqlite:/h/.local/state/{file}"));
        assert_eq!(url(Some("/s"), Some("/h")).unwrap(), in_state);
        assert_eq!(url(None, Some("/h")).unwrap(), in_home);
        assert_eq!(url(Some("relative"), Some("/h")).unwrap(), in_home);
        for (state, home) in [(None, None), (Some(""), Some("")), (Some("s"), None)] {
            let fault = url(state, home).unwrap_err().to_string();
            for part in ["store.url", "XDG_STATE_HOME", "HOME", "memory:"] {
                assert!(fault.contains(part), "{fault}");
            }
        }
    }

    #[test]
    #[cfg(feature = "sqlite")]
    fn a_servers_name_never_leads_out_of_the_folder() {
        let config = Config::default();
        for (name, folder) in [("../../etc", ".._.._etc"), ("..", "_"), ("", "_"), ("a/b c", "a_b_c")] {
            let owner = Owner::new(name);
            let url = config.store_url_in(&owner, &homes(Some("/s"), None)).unwrap();
            assert_eq!(url, format!("sqlite:/s/mcp-server/{folder}-{}/state.db", owner.fingerprint()));
        }
    }

    #[test]
    #[cfg(feature = "sqlite")]
    fn servers_that_differ_have_files_that_differ() {
        let config = Config::default();
        let url = |owner: Owner| config.store_url_in(&owner, &homes(Some("/s"), None)).unwrap();
        let all = [
            url(Owner::new("a/b")),
            url(Owner::new("a_b")),
            url(Owner::new("a_b").instance("one")),
            url(Owner::new("a_b").instance("two")),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[index + 1..].contains(one), "{all:?}");
        }
    }

    #[test]
    fn stdio_keeps_nothing_and_a_url_decides() {
        let mut config = Config { transport: Transport::Stdio, ..Config::default() };
        assert_eq!(config.store_url_in(&Owner::new("tickets"), &homes(None, None)).as_deref(), Ok("memory:"));
        config.store.url = Some("sqlite:./x.db".to_owned());
        assert_eq!(config.store_url_in(&Owner::new("tickets"), &homes(None, None)).as_deref(), Ok("sqlite:./x.db"));
    }
}
