//! The odd one: a replica with other sealing keys, which must not start beside those that agree.

use std::process::Command;

use mcp_server_tests::Server;

use crate::findings::{Broken, Count, Findings};

/// Keys that no other replica has.
const KEYS: &str = r#"seal.keys=[{ id = "odd", secret = "a secret that no other replica has ever had" }]"#;
/// How often it tries to start: the store may be away for a moment, and then it ends for another reason.
const TRIES: usize = 4;

/// How it is started.
#[derive(Clone, Debug)]
pub(crate) struct Odd {
    pub(crate) program: String,
    pub(crate) settings: Vec<String>,
}

impl Odd {
    /// Has it try to start, and notes whether it was refused for its keys.
    pub(crate) fn start(&self, findings: &Findings) {
        let mut settings: Vec<&str> = self.settings.iter().map(String::as_str).collect();
        settings.push(KEYS);
        for _ in 0..TRIES {
            let mut command = Command::new(&self.program);
            command.args(["--http", "127.0.0.1:0"]);
            match Server::try_run(command, &settings) {
                Ok(_serves) => {
                    findings.broke(Broken::OddOneServed, "a replica with other sealing keys serves".to_owned());
                    return;
                }
                Err(said) if said.iter().any(|line| line.contains("seal.keys")) => {
                    findings.count(Count::OddOnesRefused);
                    return;
                }
                Err(_) => {}
            }
        }
    }
}
