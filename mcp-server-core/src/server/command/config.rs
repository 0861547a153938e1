//! The subcommand `config`: what holds, and where it comes from.

use crate::server::config::{Effective, Shown};

/// Every key with its value as TOML and its origin; what has no value is a comment, secrets are `***`. At the end are the
/// standard `OTEL_*` variables that are ignored, with the reason, as comments.
///
/// ```
/// use mcp_server_core::server::command::show_config;
/// use mcp_server_core::server::config::{Sources, load};
///
/// let effective = load(&Sources::default().set("http.path", "/"), &[])?;
/// assert!(show_config(&effective).contains("http.path = \"/\" # flag --set http.path\n"));
/// # Ok::<(), mcp_server_core::server::config::Faults>(())
/// ```
pub fn show_config(effective: &Effective) -> String {
    let line = |row: Shown| match row.value {
        Some(value) => format!("{} = {value} # {}\n", key(&row.key), row.origin),
        None => format!("# {} is not set\n", row.key),
    };
    let ignored = effective.ignored.iter().map(|fault| format!("# ignored: {fault}\n"));
    effective.rows().into_iter().map(line).chain(ignored).collect()
}

/// A dotted name as TOML reads it back: a tool's name with dots or spaces in quotes.
fn key(name: &str) -> String {
    let tool = name.strip_prefix("tools.").and_then(|rest| rest.rsplit_once('.'));
    let bare = |tool: &str| tool.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    match tool {
        Some((tool, field)) if !bare(tool) => format!("tools.{}.{field}", toml::Value::String(tool.to_owned())),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::show_config;
    use crate::server::config::{Sources, load};

    #[test]
    fn it_tells_which_standard_variables_are_ignored_and_why() {
        let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"), ("OTEL_TRACES_SAMPLER", "xray")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let text = show_config(&load(&Sources { environment, ..Sources::default() }, &[]).unwrap());
        assert!(text.contains("# ignored: OTEL_TRACES_SAMPLER (") && text.contains("`xray` is not"), "{text}");
        assert!(text.parse::<toml::Table>().is_ok(), "{text}");
    }

    #[test]
    fn it_reads_as_toml_and_shows_no_secret() {
        let secret = "[{ id = \"s\", secret = \"0123456789abcdef0123456789abcdef\" }]";
        let sources = Sources::default().set("seal.keys", secret).set("tools.a.b.timeout", "5s");
        let text = show_config(&load(&sources, &["a.b"]).unwrap());
        assert!(text.contains("seal.keys = [{ id = \"s\", secret = \"***\" }] # flag --set seal.keys\n"), "{text}");
        assert!(text.contains("tools.\"a.b\".timeout = \"5s\" # flag --set tools.a.b.timeout\n"), "{text}");
        assert!(text.contains("# store.url is not set\n"), "{text}");
        assert!(text.contains("http.addr = \"127.0.0.1:8080\" # default\n"), "{text}");
        assert!(!text.contains("0123"), "{text}");
        assert!(text.parse::<toml::Table>().is_ok(), "{text}");
    }
}
