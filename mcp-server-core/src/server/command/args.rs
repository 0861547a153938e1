//! The command line of every server.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, FromArgMatches, Subcommand};

use super::exit::Exit;
use crate::server::config::{Setting, Sources};
use crate::tool::lint::Host;

// Not as `///`: clap would put that in front of the help of every server.
#[doc = include_str!("serve_args.md")]
#[derive(Args, Clone, Debug, Default)]
#[non_exhaustive]
pub struct ServeArgs {
    /// Speak over the standard streams, as a host that starts this program expects
    #[arg(long, global = true, conflicts_with = "http")]
    pub stdio: bool,
    /// Speak over HTTP on this address and port, such as 127.0.0.1:8080
    #[arg(long, global = true, value_name = "ADDR")]
    pub http: Option<String>,
    /// Read the configuration from this TOML file; `MCP_SERVER_CONFIG` names one too
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Set a key of the configuration, such as limits.timeout=5s; repeatable
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// What to do instead of serving
    #[command(subcommand)]
    pub command: Option<Command>,
}

// Not as `///`, as above.
#[doc = concat!("What a server can do besides serving.")]
#[derive(Subcommand, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Verify everything that a start would, and show the limits of each tool
    Check {
        /// Say instead what these hosts refuse, cut or change of the published tools, such as openai,gemini
        #[arg(long = "host", value_name = "HOST", value_delimiter = ',')]
        hosts: Vec<Host>,
    },
    /// Print the published contract as JSON, or compare it with an earlier one
    Tools {
        /// Say how the contract differs from the one in this file; ends with 1 if a difference is breaking
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
    /// Print the configuration that holds, with the origin of every value
    Config,
    /// Make a bearer key and a sealing key, and show how they are configured
    Keygen,
}

impl ServeArgs {
    /// Parses a command line, the program's name first. What clap has to say, help included, it has said already; the
    /// help begins with `about`.
    ///
    /// # Errors
    /// [`Exit::Done`] after `--help` and `--version`, [`Exit::Usage`] after a mistake.
    ///
    /// ```
    /// use mcp_server_core::server::command::{Exit, ServeArgs};
    ///
    /// let arguments = ServeArgs::parse("tickets", "1.0.0", "Finds tickets", ["tickets", "--http", "127.0.0.1:0"])?;
    /// assert_eq!(arguments.http.as_deref(), Some("127.0.0.1:0"));
    /// # Ok::<(), Exit>(())
    /// ```
    pub fn parse<I, T>(name: &str, version: &str, about: &str, line: I) -> Result<Self, Exit>
    where
        I: IntoIterator<Item = T>,
        T: Into<OsString> + Clone,
    {
        let parsed = command(name, version, about).try_get_matches_from(line);
        parsed.and_then(|matches| Self::from_arg_matches(&matches)).map_err(|error| {
            // A closed stream leaves nobody to tell.
            drop(error.print());
            match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done,
                _ => Exit::Usage,
            }
        })
    }

    /// Where the configuration comes from: the environment of this process, the file and these flags.
    pub fn sources(&self) -> Sources {
        self.over(Sources::of_process())
    }

    /// These flags over other sources.
    pub fn over(&self, mut sources: Sources) -> Sources {
        let setting = |flag, key: &str, value: Option<&str>| Setting {
            flag,
            key: key.to_owned(),
            value: value.map(str::to_owned),
        };
        if self.stdio {
            sources.flags.push(setting("--stdio", "transport", Some("stdio")));
        }
        if let Some(address) = &self.http {
            sources.flags.push(setting("--http", "transport", Some("http")));
            sources.flags.push(setting("--http", "http.addr", Some(address)));
        }
        for set in &self.set {
            let (key, value) = set.split_once('=').map_or((set.as_str(), None), |(key, value)| (key, Some(value)));
            sources.flags.push(setting("--set", key, value));
        }
        if let Some(file) = &self.config {
            sources.file = Some(file.clone());
        }
        sources
    }
}

fn command(name: &str, version: &str, about: &str) -> clap::Command {
    let command = clap::Command::new(name.to_owned()).version(version.to_owned()).about(about.to_owned());
    ServeArgs::augment_args(command)
}

#[cfg(test)]
mod tests {
    use super::{Command, Exit, Host, ServeArgs, Sources, command};
    use crate::server::config::{Origin, Transport, load};

    fn parse(line: &[&str]) -> Result<ServeArgs, Exit> {
        ServeArgs::parse("tickets", "1.2.3", "Finds tickets", std::iter::once("tickets").chain(line.iter().copied()))
    }

    /// The help that this line asks for.
    fn help(line: &[&str]) -> String {
        let command = command("tickets", "1.2.3", "Finds tickets by free text");
        let line = std::iter::once("tickets").chain(line.iter().copied());
        command.try_get_matches_from(line).unwrap_err().to_string()
    }

    #[test]
    fn help_is_about_the_server_and_has_a_line_for_each_flag() {
        assert!(help(&["--help"]).starts_with("Finds tickets by free text\n"));
        assert_eq!(help(&["--help"]), help(&["-h"]));
        for of in
            [&["--help"][..], &["check", "--help"], &["tools", "--help"], &["config", "--help"], &["help", "keygen"]]
        {
            let help = help(of);
            for word in ["```", "use clap", "flatten", "besides serving", "rustdoc"] {
                assert!(!help.contains(word), "{help}");
            }
            // A flag or a subcommand, and in the same line what it is for.
            for line in help.lines().filter(|line| line.trim_start().starts_with("--")) {
                assert!(line.trim().split("  ").count() > 1, "{line:?} says nothing:\n{help}");
            }
        }
    }

    #[test]
    fn an_authors_own_arguments_have_their_own_help() {
        use clap::{CommandFactory as _, Parser};
        #[derive(Parser)]
        struct Silent {
            #[command(flatten)]
            _serve: ServeArgs,
        }
        /// Finds tickets
        #[derive(Parser)]
        struct Speaking {
            #[command(flatten)]
            _serve: ServeArgs,
        }
        let silent = Silent::command().render_help().to_string();
        assert!(silent.starts_with("Usage:"), "{silent}");
        let speaking = Speaking::command().render_help().to_string();
        assert!(speaking.starts_with("Finds tickets\n"), "{speaking}");
    }

    #[test]
    fn help_and_version_are_done_and_mistakes_are_usage() {
        for line in [&["--help"][..], &["--version"], &["tools", "--help"], &["help"]] {
            assert_eq!(parse(line).unwrap_err(), Exit::Done, "{line:?}");
        }
        for line in
            [&["--htp", "x"][..], &["--stdio", "--http", "127.0.0.1:1"], &["chekc"], &["--set"], &["extra", "words"]]
        {
            assert_eq!(parse(line).unwrap_err(), Exit::Usage, "{line:?}");
        }
    }

    #[test]
    fn flags_stand_before_and_after_a_subcommand() {
        for line in [["--set", "limits.timeout=5s", "config"], ["config", "--set", "limits.timeout=5s"]] {
            let arguments = parse(&line).unwrap();
            assert_eq!(arguments.command, Some(Command::Config));
            assert_eq!(arguments.set, ["limits.timeout=5s"]);
        }
        let tools = parse(&["tools", "--against", "old.json"]).unwrap();
        assert_eq!(tools.command, Some(Command::Tools { against: Some("old.json".into()) }));
    }

    #[test]
    fn hosts_are_read_as_a_list() {
        let check = parse(&["check", "--host", "openai,gemini", "--host", "cursor"]).unwrap();
        assert_eq!(check.command, Some(Command::Check { hosts: vec![Host::OpenAi, Host::Gemini, Host::Cursor] }));
        assert_eq!(parse(&["check", "--host", "chatgpt"]).unwrap_err(), Exit::Usage);
        assert_eq!(parse(&["check"]).unwrap().command, Some(Command::Check { hosts: Vec::new() }));
    }

    #[test]
    fn flags_become_settings_with_their_names() {
        let arguments = parse(&["--http", "127.0.0.1:9", "--set", "log.level=info,a=debug"]).unwrap();
        let effective = load(&arguments.over(Sources::default()), &[]).unwrap();
        assert_eq!(effective.config.http.addr.port(), 9);
        assert_eq!(effective.config.log.level.as_deref(), Some("info,a=debug"));
        assert_eq!(effective.origin("http.addr"), Origin::Flag("--http".to_owned()));
    }

    #[test]
    fn a_flag_for_the_transport_wins_over_the_environment() {
        let environment = vec![("MCP_SERVER_TRANSPORT".to_owned(), "stdio".to_owned())];
        let sources = Sources { environment, ..Sources::default() };
        let over = |line: &[&str]| load(&parse(line).unwrap().over(sources.clone()), &[]).unwrap().config.transport;
        assert_eq!(over(&[]), Transport::Stdio);
        assert_eq!(over(&["--http", "127.0.0.1:9"]), Transport::Http);
    }

    #[test]
    fn two_flags_for_one_key_and_a_key_without_a_value_are_faults() {
        for (line, part) in [
            (
                &["--http", "127.0.0.1:9", "--set", "http.addr=127.0.0.1:8"][..],
                "http.addr (flag --set http.addr): flags set this key twice",
            ),
            (&["--set", "http.path"], "http.path (flag --set http.path): no value"),
            (&["--set", "nonsense"], "nonsense (flag --set nonsense): unknown key"),
            (&["--http", "8080"], "http.addr (flag --http): `8080` is not of the right form"),
        ] {
            let faults = load(&parse(line).unwrap().over(Sources::default()), &[]).unwrap_err();
            assert!(faults.to_string().contains(part), "{faults}");
        }
    }
}
