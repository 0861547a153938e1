//! What a value may be, and what is said of one that may not.

use std::time::Duration;

use super::*;

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
        ("[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"balancer\"]", "`balancer` is no address and no network"),
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
    sources.base.seal.keys.push(crate::server::config::SealSecret::new("a", "short"));
    sources.base.tools.insert("nobody".to_owned(), crate::server::config::ToolSettings::default());
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
