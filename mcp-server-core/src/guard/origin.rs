//! Host and Origin: whether a browser was led here by a foreign page (basic/transports, Streamable HTTP, Security).
//!
//! A page may make a browser send requests to this machine, and DNS rebinding makes its own name point here. Both are
//! betrayed by the headers that a page cannot set.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Which hosts and origins may be named.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    /// On a loopback address the names of this machine are the only ones that make sense.
    loopback: bool,
    bound: IpAddr,
    hosts: Vec<Box<str>>,
    origins: Vec<Box<str>>,
}

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// The `Host` is missing, stands twice, or is none of ours.
    Host,
    /// The `Origin` is none of ours.
    Origin,
}

impl Gate {
    pub(crate) fn new(bound: SocketAddr, hosts: &[String], origins: &[String]) -> Self {
        let boxed = |names: &[String]| names.iter().map(|name| name.as_str().into()).collect();
        Self { loopback: bound.ip().is_loopback(), bound: bound.ip(), hosts: boxed(hosts), origins: boxed(origins) }
    }

    /// Whether nobody but this machine can reach the server: no other name is served, so no proxy stands before it.
    pub(crate) fn is_private(&self) -> bool {
        self.loopback && self.hosts.is_empty()
    }

    /// Checks the headers of a request. An absent `Origin` is no browser's, and fine.
    ///
    /// # Errors
    /// Which of the two is foreign.
    pub(crate) fn check(&self, host: Option<&str>, origin: Option<&str>) -> Result<(), Foreign> {
        if !host.is_some_and(|host| self.knows_host(host)) {
            return Err(Foreign::Host);
        }
        match origin {
            Some(origin) if !self.knows_origin(origin) => Err(Foreign::Origin),
            _ => Ok(()),
        }
    }

    fn knows_host(&self, host: &str) -> bool {
        let Some(name) = name_of(host) else { return false };
        if self.loopback && is_loopback(name) {
            return true;
        }
        if !self.loopback && self.hosts.is_empty() {
            // Names of a public server are known to its operator alone, and its callers bring credentials.
            return true;
        }
        ip(name) == Some(self.bound) || self.hosts.iter().any(|allowed| allows(allowed, host, name))
    }

    fn knows_origin(&self, origin: &str) -> bool {
        let Some((scheme, authority)) = origin.split_once("://") else { return false };
        let listed = |allowed: &str| match allowed.split_once("://") {
            Some((their, hosts)) if hosts.starts_with("*.") => {
                their.eq_ignore_ascii_case(scheme)
                    && name_of(authority).is_some_and(|name| within(hosts, authority, name))
            }
            _ => allowed.eq_ignore_ascii_case(origin),
        };
        if self.origins.iter().any(|allowed| listed(allowed)) {
            return true;
        }
        let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        self.loopback && web && name_of(authority).is_some_and(is_loopback)
    }
}

/// Whether an entry of the configuration allows a host: `name`, `name:port`, `*.domain` or `*.domain:port`.
fn allows(allowed: &str, host: &str, name: &str) -> bool {
    if allowed.starts_with("*.") {
        // Without a port, any port is as good.
        return within(allowed, if allowed.contains(':') { host } else { name }, name);
    }
    allowed.eq_ignore_ascii_case(host) || allowed.eq_ignore_ascii_case(name)
}

/// Whether an authority is below a domain, written `*.domain` or `*.domain:port`.
fn within(domain: &str, authority: &str, name: &str) -> bool {
    let Some(domain) = domain.strip_prefix('*') else { return false };
    let start = authority.len().checked_sub(domain.len()).filter(|start| *start > 0);
    name_of(authority) == Some(name)
        && start.and_then(|start| authority.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(domain))
}

/// The name in `name`, `name:port`, `[v6]` or `[v6]:port`; `None` if it is none of these.
fn name_of(authority: &str) -> Option<&str> {
    let end = match authority.strip_prefix('[') {
        Some(inside) => inside.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (name, rest) = authority.split_at_checked(end)?;
    let ported = rest.strip_prefix(':').map_or(rest.is_empty(), |port| port.parse::<u16>().is_ok());
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte);
    (ported && !name.is_empty() && name.bytes().all(legal)).then_some(name)
}

fn ip(name: &str) -> Option<IpAddr> {
    match name.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => name.parse().ok(),
    }
}

fn is_loopback(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost") || ip(name).is_some_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(bound: &str, hosts: &[&str], origins: &[&str]) -> Gate {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Gate::new(bound.parse().unwrap(), &owned(hosts), &owned(origins))
    }

    /// C03, A1: on this machine only its own names are served.
    #[test]
    fn a_local_server_is_known_by_its_local_names() {
        let gate = gate("127.0.0.1:8080", &["mcp.example"], &["https://app.example"]);
        for host in ["localhost", "LOCALHOST:1", "127.0.0.1:8080", "127.0.0.2", "[::1]:99", "mcp.example"] {
            assert_eq!(gate.check(Some(host), None), Ok(()), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "localhost:x",
            "",
            "a@localhost",
            "[::1",
            "10.0.0.1",
        ] {
            assert_eq!(gate.check(Some(host), None), Err(Foreign::Host), "{host}");
        }
        assert_eq!(gate.check(None, None), Err(Foreign::Host));
    }

    /// C02: a foreign Origin, and `null`, are refused.
    #[test]
    fn a_foreign_origin_is_refused() {
        let gate = gate("127.0.0.1:8080", &[], &["https://app.example", "vscode-webview://x"]);
        for origin in [
            "http://localhost:6274",
            "https://127.0.0.1",
            "http://[::1]:1",
            "https://app.example",
            "HTTPS://APP.example",
            "vscode-webview://x",
        ] {
            assert_eq!(gate.check(Some("localhost"), Some(origin)), Ok(()), "{origin}");
        }
        for origin in [
            "null",
            "",
            "https://evil.example",
            "https://app.example.evil.example",
            "http://localhost.evil.example",
            "file://localhost",
            "http://localhost:80@evil.example",
            "https://app.example:444",
        ] {
            assert_eq!(gate.check(Some("localhost"), Some(origin)), Err(Foreign::Origin), "{origin}");
        }
    }

    #[test]
    fn a_public_server_checks_the_hosts_that_it_is_given() {
        assert_eq!(gate("0.0.0.0:80", &[], &[]).check(Some("anything.example"), None), Ok(()));
        let gate =
            gate("0.0.0.0:80", &["*.mcp.example", "one.example:8443", "*.two.example:81"], &["https://*.mcp.example"]);
        for host in ["a.mcp.example", "A.MCP.example:443", "one.example:8443", "a.two.example:81"] {
            assert_eq!(gate.check(Some(host), None), Ok(()), "{host}");
        }
        for host in
            ["mcp.example", "evilmcp.example", "one.example:1", "localhost", "a.two.example", "a.two.example:82"]
        {
            assert_eq!(gate.check(Some(host), None), Err(Foreign::Host), "{host}");
        }
        assert_eq!(gate.check(Some("a.mcp.example"), Some("http://localhost")), Err(Foreign::Origin));
        assert_eq!(gate.check(Some("a.mcp.example"), Some("https://b.mcp.example")), Ok(()));
        for origin in [
            "http://b.mcp.example",
            "https://mcp.example",
            "https://b.mcp.example:1",
            "https://x@b.mcp.example",
            "https://.mcp.example/",
        ] {
            assert_eq!(gate.check(Some("a.mcp.example"), Some(origin)), Err(Foreign::Origin), "{origin}");
        }
    }
}
