//! The rules of loading, each with the fault that breaks it.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use super::{Config, Effective, Faults, LogFormat, Origin, Sources, Transport, load};

const TOOLS: &[&str] = &["search_tickets", "close-ticket", "close_ticket", "a.b"];

/// A file in a folder of its own, gone with the test.
struct File(PathBuf);

impl File {
    fn new(text: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("mcp-config-{}", crate::store::seal::random_id()));
        std::fs::create_dir(&folder).unwrap();
        let path = folder.join("mcp.toml");
        std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        std::fs::remove_dir_all(self.0.parent().unwrap()).unwrap();
    }
}

fn variables(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn of_file(text: &str) -> Result<Effective, Faults> {
    let file = File::new(text);
    load(&Sources { file: Some(file.0.clone()), ..Sources::default() }, TOOLS)
}

fn of_variable(name: &str, value: &str) -> Result<Effective, Faults> {
    load(&Sources { environment: variables(&[(name, value)]), ..Sources::default() }, TOOLS)
}

fn of_flag(key: &str, value: &str) -> Result<Effective, Faults> {
    load(&Sources::default().set(key, value), TOOLS)
}

/// The only fault of a file, as text after the file's name.
fn fault(text: &str) -> String {
    let faults = of_file(text).unwrap_err();
    let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let line = lines.into_iter().next().unwrap();
    match line
        .split_once('(')
        .and_then(|(key, rest)| rest.split_once("mcp.toml").map(|(_, rest)| format!("{key}({rest}")))
    {
        Some(short) => short,
        None => line,
    }
}

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
    assert_eq!(config.auth.keys[0].hash, super::hash::of("abc"));
    assert_eq!(config.auth.keys[0].scopes, ["tickets:read"]);
    assert_eq!(config.auth.keys[0].expires, super::instant::read("2030-01-01T00:00:00Z"));
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
fn unknown_keys_name_what_was_meant() {
    for (text, key, nearest) in [
        ("[htpp]\naddr = \"127.0.0.1:1\"", "htpp (:1)", Some("http")),
        ("[http]\nmaxBody = \"1MiB\"", "http.maxBody (:2)", Some("http.max_body")),
        ("addr = \"127.0.0.1:1\"", "addr (:1)", Some("http.addr")),
        ("[http]\nmax_result = \"1KiB\"", "http.max_result (:2)", Some("limits.max_result")),
        (
            "[tools.search_tickets]\ntimout = \"1s\"",
            "tools.search_tickets.timout (:2)",
            Some("tools.search_tickets.timeout"),
        ),
        ("[tools.search_ticket]\ntimeout = \"1s\"", "tools.search_ticket (:2)", Some("tools.search_tickets")),
        ("max_conections = 1", "max_conections (:1)", Some("http.max_connections")),
        ("zzz = 1", "zzz (:1)", None),
    ] {
        let fault = fault(text);
        assert!(fault.starts_with(key), "{fault}");
        match nearest {
            Some(nearest) => assert!(fault.contains(&format!("did you mean `{nearest}`?")), "{fault}"),
            None => assert!(!fault.contains("did you mean"), "{fault}"),
        }
    }
}

#[test]
fn values_and_tables_are_not_each_other() {
    assert!(fault("http = 1").contains("http (:1): this is a table, not a value; allowed: [http] with addr, path"));
    assert!(fault("[http]\naddr = { ip = \"::1\" }").contains("http.addr (:2): a table is not of the right form"));
    assert!(fault("[tools]\nsearch_tickets = 1").contains("write a table of the tool's name"));
    assert!(fault("tools = 1").contains("one table for each tool"));
    assert!(fault("\"http.addr\" = \"127.0.0.1:1\"").contains("write the name without quotes"));
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
fn a_file_does_not_coerce() {
    for text in [
        "[http]\nlegacy_sse = \"true\"",
        "[http]\nlegacy_sse = 1",
        "[http]\nmax_connections = \"80\"",
        "[http]\nmax_connections = 80.0",
        "[limits]\ntimeout = 5",
        "[http]\nallowed_hosts = \"a\"",
        "[http]\nallowed_hosts = [1]",
    ] {
        assert!(fault(text).contains("is not of the right form; allowed: "), "{text}");
    }
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
fn what_nobody_expanded_is_refused() {
    for result in [
        of_variable("MCP_SERVER_HTTP_PATH", "${BASE}/mcp"),
        of_flag("http.path", "${BASE}"),
        of_file("[http]\npath = \"${BASE}\""),
    ] {
        assert!(result.unwrap_err().to_string().contains("nobody expanded"));
    }
    let secret =
        of_file("[[seal.keys]]\nid = \"a\"\nsecret = \"${SECRET}0123456789abcdef0123456789\"").unwrap_err().to_string();
    assert!(secret.contains("nobody expanded") && !secret.contains("0123"), "{secret}");
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
fn the_public_is_served_without_keys_only_on_demand() {
    let key = "[{ id = \"a\", hash = \"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\" }]";
    for address in ["0.0.0.0:80", "[::]:80", "192.168.1.7:80"] {
        let alone = of_flag("http.addr", address).unwrap_err().to_string();
        for way_out in ["127.0.0.1", "auth.keys", "keygen", "http.public_without_authentication = true"] {
            assert!(alone.contains(way_out), "{alone}");
        }
        let public = Sources::default().set("http.addr", address);
        assert!(load(&public.clone().set("http.public_without_authentication", "true"), &[]).is_ok());
        assert!(load(&public.clone().set("auth.keys", key), &[]).is_ok());
        assert!(load(&public.clone().set("transport", "stdio"), &[]).is_ok());
        assert!(load(&Sources { verified: true, ..public.clone() }, &[]).is_ok());
        // Keys with a fault are keys all the same: the message does not speak of their absence.
        let broken = load(&public.set("auth.keys", "[{ id = \"a\" }]"), &[]).unwrap_err();
        assert_eq!(broken.iter().map(|fault| fault.key.as_str()).collect::<Vec<_>>(), ["auth.keys[0].hash"]);
    }
    for address in ["127.0.0.1:80", "127.8.8.8:80", "[::1]:80", "localhost:80"] {
        assert!(of_flag("http.addr", address).is_ok(), "{address}");
    }
}

#[test]
fn bearer_keys_are_read_field_by_field() {
    let faults = of_file(
        "[[auth.keys]]\nid = \"a\"\nhash = \"sha256:abc\"\n\n\
         [[auth.keys]]\nid = \"b\"\nkey = \"SECRET\"\nscopes = [\"a b\"]\nexpires = \"soon\"\n",
    )
    .unwrap_err();
    let text = faults.to_string();
    let lines: Vec<_> = text.lines().collect();
    for (line, parts) in lines.iter().zip([
        ["auth.keys[0].hash (", "mcp.toml:3)", "64 hexadecimal digits"],
        ["auth.keys[1].hash (", "mcp.toml:6)", "it is missing"],
        ["auth.keys[1].scopes (", "mcp.toml:8)", "a list of scopes"],
        ["auth.keys[1].expires (", "mcp.toml:9)", "2027-01-31"],
        ["auth.keys[1].key (", "mcp.toml:7)", "unknown field"],
    ]) {
        for part in parts {
            assert!(line.contains(part), "{line} lacks {part}");
        }
    }
    assert_eq!(lines.len(), 5, "{text}");
    assert!(!text.contains("SECRET"));
}

#[test]
fn secrets_are_long_and_never_repeated() {
    let short = fault("[[seal.keys]]\nid = \"a\"\nsecret = \"hunter2\"");
    assert!(short.contains("seal.keys[0].secret (:3): its text of 7 bytes") && !short.contains("hunter2"), "{short}");
    let twice = "[{ id = \"a\", secret = \"0123456789abcdef0123456789abcdef\" }, \
                 { id = \"a\", secret = \"0123456789abcdef0123456789abcdeX\" }]";
    let text = of_variable("MCP_SERVER_SEAL_KEYS", twice).unwrap_err().to_string();
    assert!(text.contains("two keys have the id `a`") && !text.contains("0123"), "{text}");
    for broken in [
        "hunter2",
        "[{ id = \"a\", secret = hunter2 }]",
        "[\"hunter2\"]",
        "{ secret = \"hunter2\" }",
        "[{ secret = \"hunter2",
    ] {
        let text = of_variable("MCP_SERVER_SEAL_KEYS", broken).unwrap_err().to_string();
        assert!(text.contains("seal.keys") && !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn what_is_shown_hides_secrets_and_reads_as_toml() {
    let effective = of_file(
        "[[seal.keys]]\nid = \"a\"\nsecret = \"0123456789abcdef0123456789abcdef\"\n\
         [[auth.keys]]\nid = \"k\"\n\
         hash = \"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"\n\
         expires = 2030-01-01\n",
    )
    .unwrap();
    let shown = effective.rows();
    let value = |key: &str| shown.iter().find(|row| row.key == key).unwrap().value.clone().unwrap();
    assert_eq!(value("seal.keys"), "[{ id = \"a\", secret = \"***\" }]");
    assert_eq!(value("auth.keys"), "[{ id = \"k\", hash = \"***\", scopes = [], expires = 2030-01-01T00:00:00Z }]");
    let toml: String =
        shown.iter().filter_map(|row| Some(format!("{} = {}\n", row.key, row.value.as_ref()?))).collect();
    assert!(toml.parse::<toml::Table>().is_ok(), "{toml}");
    assert!(!format!("{effective:?}").contains("0123456789abcdef"));
}

#[test]
fn what_does_not_fit_is_refused() {
    for (text, part) in [
        ("[http]\npath = \"mcp\"", "is not a plain path"),
        ("[http]\npath = \"/mcp/\"", "is not a plain path"),
        ("[http]\npath = \"/a?b\"", "is not a plain path"),
        ("[http]\nallowed_hosts = [\"https://a\"]", "is not a host"),
        ("[http]\nallowed_origins = [\"*\"]", "is not an origin"),
        ("[http]\naddr = \":8080\"", "127.0.0.1:8080"),
        ("[http]\naddr = \"example.com:80\"", "an IP address and a port"),
        ("[admin]\ntoken = \"hunter2hunter2hunter2\"", "it opens nothing: admin.addr is unset"),
        ("[admin]\naddr = \"127.0.0.1:0\"\ntoken = \"hunter2\"", "at least 16 bytes"),
        ("[admin]\naddr = \"127.0.0.1:0\"\ntoken = \"hunter2 hunter2 hunter2\"", "without spaces"),
        ("[session]\nmax = 10\nmax_per_principal = 20", "more than session.max"),
        ("[store]\nurl = \"mongodb://u:hunter2@h\"", "no store has a URL like this"),
        ("[store]\nurl = \"sqlite:\"", "no store has a URL like this"),
        ("[log]\nlevel = \"loud=extremely\"", "is not a filter"),
        ("transport = \"tcp\"", "allowed: http, stdio"),
        ("[limits]\njson_depth = 1000", "`1000` is out of range; allowed: 8 to 128"),
        ("[http]\nmax_body = \"2GiB\"", "`2GiB` is out of range; allowed: 1KiB to 1GiB"),
    ] {
        let fault = fault(text);
        assert!(fault.contains(part) && !fault.contains("hunter2"), "{fault} lacks {part}");
    }
}

#[test]
fn what_the_program_sets_is_checked_too() {
    let mut sources = Sources::default();
    sources.base.limits.timeout = Duration::ZERO;
    sources.base.session.resume_bytes = usize::MAX;
    sources.base.seal.keys.push(super::SealSecret::new("a", "short"));
    sources.base.tools.insert("nobody".to_owned(), super::ToolSettings::default());
    let faults = load(&sources, TOOLS).unwrap_err();
    let keys: Vec<_> = faults.iter().map(|fault| (fault.key.as_str(), &fault.origin)).collect();
    let code = &Origin::Code;
    assert_eq!(
        keys,
        [("limits.timeout", code), ("session.resume_bytes", code), ("seal.keys", code), ("tools.nobody", code)]
    );
    sources.base = Config::default();
    sources.base.limits.timeout = Duration::from_secs(5);
    let effective = load(&sources, TOOLS).unwrap();
    assert_eq!(effective.origin("limits.timeout"), Origin::Code);
}

#[test]
fn a_fault_is_one_line_whatever_the_value() {
    let faults = of_variable("MCP_SERVER_HTTP_ADDR", "a\nb\u{1b}[31m").unwrap_err();
    assert_eq!(faults.to_string().lines().count(), 1);
    assert!(!faults.to_string().contains('\u{1b}'));
    let long = of_variable("MCP_SERVER_HTTP_ADDR", &"x".repeat(100_000)).unwrap_err();
    assert!(long.to_string().len() < 400);
}

#[test]
fn every_key_can_be_set_by_file_variable_and_flag() {
    let keys: Vec<_> = super::unknown::variables(&["search_tickets"]).collect();
    for name in &keys {
        let mut config = Config::default();
        let Some(shown) = super::effective::show(name, &mut config) else { continue };
        let loose = shown.trim_matches('"');
        let key = name.to_string();
        assert_eq!(of_variable(&name.variable(), loose).unwrap().origin(&key), Origin::Environment(name.variable()));
        assert_eq!(of_flag(&key, loose).unwrap().origin(&key), Origin::Flag(format!("--set {key}")));
        let filed = of_file(&format!("{key} = {shown}")).unwrap();
        assert!(matches!(filed.origin(&key), Origin::File { line: 1, .. }), "{key}");
    }
    let mut names: Vec<_> = keys.iter().map(super::name::Name::variable).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), keys.len(), "two keys share a variable");
}
