//! Where values come from, and which of them holds.

use std::time::Duration;

use super::*;

#[test]
fn nothing_given_is_the_default() {
    let effective = load(&Sources::default(), &[]).unwrap();
    assert_eq!(effective.config, Config::default());
    assert!(effective.rows().iter().all(|row| row.origin == Origin::Default));
}

#[test]
fn a_file_sets_every_kind_of_value() {
    let config = of_file(
        r#"
        transport = "stdio"
        [http]
        addr = "[::1]:9000"
        legacy_sse = true
        max_body = "64KiB"
        allowed_hosts = ["a.example", "*.b.example:8443"]
        [limits]
        timeout = "250ms"
        in_flight = 0x10
        [store]
        url = "sqlite:./state.db"
        [auth]
        keys = [
          { id = "laptop", scopes = ["tickets:read"], expires = 2030-01-01,
            hash = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        ]
        [[seal.keys]]
        id = "2026-11"
        secret = "0123456789abcdef0123456789abcdef"
        [tools.search_tickets]
        timeout = "2s"
        max_concurrency = 3
        [tools."a.b"]
        enabled = false
        [log]
        format = "json"
        "#,
    )
    .unwrap()
    .config;
    assert_eq!(config.transport, Transport::Stdio);
    assert_eq!(config.http.addr.to_string(), "[::1]:9000");
    assert!(config.http.legacy_sse);
    assert_eq!(config.http.max_body, 65_536);
    assert_eq!(config.http.allowed_hosts, ["a.example", "*.b.example:8443"]);
    assert_eq!(config.limits.timeout, Duration::from_millis(250));
    assert_eq!(config.limits.in_flight, 16);
    assert_eq!(config.store.url.as_deref(), Some("sqlite:./state.db"));
    assert_eq!(config.auth.keys[0].hash, crate::server::config::hash::of("abc"));
    assert_eq!(config.auth.keys[0].scopes, ["tickets:read"]);
    assert_eq!(config.auth.keys[0].expires, crate::server::config::instant::read("2030-01-01T00:00:00Z"));
    assert_eq!(config.seal.keys[0].secret.len(), 32);
    assert_eq!(config.tools["search_tickets"].timeout, Some(Duration::from_secs(2)));
    assert_eq!(config.tools["search_tickets"].max_concurrency, Some(3));
    assert!(!config.tools["a.b"].enabled);
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn later_sources_win_and_each_value_knows_its_own() {
    let file = File::new("[http]\npath = \"/file\"\nmax_connections = 1\n[limits]\npage_size = 7\n");
    let mut sources = Sources { file: Some(file.0.clone()), ..Sources::default() };
    sources.environment =
        variables(&[("MCP_SERVER_HTTP_PATH", "/environment"), ("MCP_SERVER_HTTP_MAX_CONNECTIONS", "2")]);
    let effective = load(&sources.set("http.path", "/flag"), TOOLS).unwrap();
    assert_eq!(effective.config.http.path, "/flag");
    assert_eq!(effective.config.http.max_connections, 2);
    assert_eq!(effective.config.limits.page_size, 7);
    assert_eq!(effective.origin("http.path"), Origin::Flag("--set http.path".to_owned()));
    assert_eq!(
        effective.origin("http.max_connections"),
        Origin::Environment("MCP_SERVER_HTTP_MAX_CONNECTIONS".to_owned())
    );
    assert_eq!(effective.origin("limits.page_size"), Origin::File { path: file.0.clone(), line: 5 });
    assert_eq!(effective.origin("limits.in_flight"), Origin::Default);
}

#[test]
fn every_fault_of_every_source_is_reported_at_once() {
    let file = File::new("transprot = \"http\"\n\n[http]\nmax_body = 5\n\n[limits]\ntimeout = \"0s\"\n");
    let mut sources = Sources { file: Some(file.0.clone()), ..Sources::default() };
    sources.environment = variables(&[("MCP_SERVER_MAX_RESUTL", "1"), ("MCP_SERVER_LIMITS_MAX_RESUTL", "1KiB")]);
    let faults = load(&sources.set("http.adr", "127.0.0.1:1").set("http.addr", "0.0.0.0:80"), TOOLS).unwrap_err();
    let text = faults.to_string().replace(file.0.parent().unwrap().to_str().unwrap(), "");
    let lines: Vec<_> = text.lines().collect();
    for (line, parts) in lines.iter().zip([
        ["transprot (/mcp.toml:1)", "unknown key", "did you mean `transport`?"],
        ["MCP_SERVER_MAX_RESUTL (environment", "unknown variable", "did you mean `MCP_SERVER_LIMITS_MAX_RESULT`?"],
        ["MCP_SERVER_LIMITS_MAX_RESUTL", "unknown variable", "did you mean `MCP_SERVER_LIMITS_MAX_RESULT`?"],
        ["http.adr (flag --set http.adr)", "unknown key", "did you mean `http.addr`?"],
        ["http.max_body (/mcp.toml:4)", "`5` is not of the right form", "allowed: a whole number and B, KiB"],
        ["limits.timeout (/mcp.toml:7)", "`0s` is out of range", "allowed: 1ms to 1d"],
        ["http.addr (flag --set http.addr)", "can be reached from other machines", "auth.keys"],
    ]) {
        for part in parts {
            assert!(line.contains(part), "{line} lacks {part}");
        }
    }
    assert_eq!(lines.len(), 7, "{text}");
}

#[test]
fn a_file_with_a_fault_in_its_syntax_gives_nothing_but_that() {
    let faults = of_file("[http]\npath = \"/a\"\npath = \"/b\"\nunknown_key = 1\n[limits\n").unwrap_err();
    assert!(faults.iter().count() >= 2, "{faults}");
    assert!(faults.iter().all(|fault| fault.key == "TOML"), "{faults}");
    let lines: Vec<_> =
        faults.iter().map(|fault| fault.origin.to_string().rsplit(':').next().unwrap().to_owned()).collect();
    assert!(lines.contains(&"3".to_owned()) && lines.contains(&"5".to_owned()), "{lines:?}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let faults =
        load(&Sources { file: Some(PathBuf::from("/nowhere/mcp.toml")), ..Sources::default() }, &[]).unwrap_err();
    assert!(faults.to_string().starts_with("--config (/nowhere/mcp.toml): the file cannot be read"), "{faults}");
}

#[test]
fn a_wrong_value_is_a_fault_even_where_a_later_one_replaces_it() {
    let file = File::new("[http]\npath = 1\n");
    let sources = Sources { file: Some(file.0.clone()), ..Sources::default() };
    let faults = load(&sources.set("http.path", "/right"), TOOLS).unwrap_err();
    assert_eq!(faults.iter().next().unwrap().origin, Origin::File { path: file.0.clone(), line: 2 });
}

#[test]
fn words_of_variables_are_read_as_their_keys_want() {
    for (value, flag) in [
        ("true", true),
        ("TRUE", true),
        ("Yes", true),
        ("1", true),
        ("false", false),
        ("False", false),
        ("no", false),
        (" 0 ", false),
    ] {
        assert_eq!(of_variable("MCP_SERVER_HTTP_LEGACY_SSE", value).unwrap().config.http.legacy_sse, flag, "{value}");
    }
    for value in ["on", "off", "2", "tru", "t", "\"true\"", "nope", "${X}"] {
        assert!(of_variable("MCP_SERVER_HTTP_LEGACY_SSE", value).is_err(), "{value}");
    }
    assert_eq!(of_variable("MCP_SERVER_HTTP_MAX_CONNECTIONS", " 80 ").unwrap().config.http.max_connections, 80);
    for value in ["+80", "-1", "8_0", "1e3", "80 connections", "99999999999999999999"] {
        assert!(of_variable("MCP_SERVER_HTTP_MAX_CONNECTIONS", value).is_err(), "{value}");
    }
    let hosts = |value| {
        of_variable("MCP_SERVER_HTTP_ALLOWED_HOSTS", value).map(|effective| effective.config.http.allowed_hosts)
    };
    assert_eq!(hosts("a.example, b.example").unwrap(), ["a.example", "b.example"]);
    assert_eq!(hosts("[\"a.example\"]").unwrap(), ["a.example"]);
    assert!(hosts("[]").unwrap().is_empty());
    assert!(hosts("a,,b").is_err());
    assert!(hosts("[\"a.example\"").is_err());
}

#[test]
fn blank_variables_are_unset_and_foreign_ones_are_not_read() {
    let environment = variables(&[
        ("MCP_SERVER_HTTP_ADDR", ""),
        ("MCP_SERVER_LIMITS_TIMEOUT", "  "),
        ("LOG_LEVEL", "xyz"),
        ("HTTP_ADDR", "x"),
        ("MCP_SERVER_CONFIG", "elsewhere.toml"),
    ]);
    let effective = load(&Sources { environment, ..Sources::default() }, &[]).unwrap();
    assert_eq!(effective.config, Config::default());
    assert_eq!(effective.origin("http.addr"), Origin::Default);
}

#[test]
fn a_variable_that_is_not_unicode_is_refused() {
    let faults = of_variable("MCP_SERVER_HTTP_PATH", "/\u{FFFD}").unwrap_err();
    assert!(faults.to_string().contains("not Unicode"), "{faults}");
}

#[test]
fn variables_reach_single_tools() {
    let effective = of_variable("MCP_SERVER_TOOLS_SEARCH_TICKETS_TIMEOUT", "9s").unwrap();
    assert_eq!(effective.config.tools["search_tickets"].timeout, Some(Duration::from_secs(9)));
    assert_eq!(of_variable("MCP_SERVER_TOOLS_A_B_ENABLED", "no").unwrap().config.tools.len(), 1);
    let unknown = of_variable("MCP_SERVER_TOOLS_SEARCH_TICKET_TIMEOUT", "9s").unwrap_err().to_string();
    assert!(unknown.contains("did you mean `MCP_SERVER_TOOLS_SEARCH_TICKETS_TIMEOUT`?"), "{unknown}");
    let two = of_variable("MCP_SERVER_TOOLS_CLOSE_TICKET_TIMEOUT", "9s").unwrap_err().to_string();
    assert!(two.contains("this variable would set `tools.close_ticket.timeout` too"), "{two}");
}

#[test]
fn flags_reach_single_tools_whatever_their_names() {
    assert_eq!(of_flag("tools.a.b.timeout", "1s").unwrap().config.tools["a.b"].timeout, Some(Duration::from_secs(1)));
    assert_eq!(of_flag("tools.close-ticket.timeout", "1s").unwrap().config.tools.len(), 1);
    assert!(of_flag("tools..timeout", "1s").is_err());
    assert!(of_flag("tools.timeout", "1s").is_err());
}

#[test]
fn one_key_by_two_flags_is_refused() {
    let faults = load(&Sources::default().set("http.path", "/a").set("http.path", "/b"), &[]).unwrap_err();
    assert!(faults.to_string().contains("flags set this key twice"), "{faults}");
    assert!(of_flag("http.path", " ").unwrap_err().to_string().contains("no value"));
}

#[test]
fn every_key_can_be_set_by_file_variable_and_flag() {
    let keys: Vec<_> = crate::server::config::unknown::variables(&["search_tickets"]).collect();
    for name in &keys {
        let mut config = Config::default();
        let Some(shown) = crate::server::config::effective::show(name, &mut config) else { continue };
        let loose = shown.trim_matches('"');
        let key = name.to_string();
        assert_eq!(of_variable(&name.variable(), loose).unwrap().origin(&key), Origin::Environment(name.variable()));
        assert_eq!(of_flag(&key, loose).unwrap().origin(&key), Origin::Flag(format!("--set {key}")));
        let filed = of_file(&format!("{key} = {shown}")).unwrap();
        assert!(matches!(filed.origin(&key), Origin::File { line: 1, .. }), "{key}");
    }
    let mut names: Vec<_> = keys.iter().map(crate::server::config::name::Name::variable).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), keys.len(), "two keys share a variable");
}
