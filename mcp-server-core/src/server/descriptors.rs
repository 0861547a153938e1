//! File descriptors: as many as connections need, and a reserve for everything else.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::config::{Effective, Origin, Transport};

const KEY: &str = "http.max_connections";
/// What is kept for the admin listener, the store, upstreams and files: a quarter of all, within these bounds.
const RESERVE: (u64, u64) = (96, 512);

/// The connections that the process can serve, after its soft limit of descriptors was raised as far as they need it.
///
/// # Errors
/// More connections are configured than the hard limit allows.
pub(super) fn fit(effective: &Effective) -> Result<usize, String> {
    let wanted = effective.config.http.max_connections;
    if effective.config.transport != Transport::Http {
        return Ok(wanted);
    }
    let limit = raise(u64::try_from(wanted).unwrap_or(u64::MAX).saturating_add(RESERVE.1));
    let fits = connections(limit);
    if wanted <= fits {
        return Ok(wanted);
    }
    if effective.origin(KEY) == Origin::Default {
        tracing::warn!(
            target: "mcp_server",
            descriptors = limit, connections = fits, wanted,
            "the limit of file descriptors is low: fewer connections are served than http.max_connections allows; \
             raise it (`ulimit -n`, LimitNOFILE)"
        );
        return Ok(fits);
    }
    Err(format!(
        "{KEY}: {wanted} connections need more file descriptors than this process may have, which is {limit}: {fits} \
         connections fit; lower {KEY}, or raise the limit (`ulimit -n`, LimitNOFILE)"
    ))
}

/// The connections for which there is room under a limit.
fn connections(limit: u64) -> usize {
    let reserve = (limit / 4).clamp(RESERVE.0, RESERVE.1);
    usize::try_from(limit.saturating_sub(reserve)).unwrap_or(usize::MAX).max(1)
}

/// Raises the soft limit towards what is wanted, and returns what it is then.
fn raise(wanted: u64) -> u64 {
    let now = getrlimit(Resource::Nofile);
    // No limit is the largest of all.
    let (soft, hard) = (now.current.unwrap_or(u64::MAX), now.maximum.unwrap_or(u64::MAX));
    let target = wanted.min(hard);
    if soft >= target {
        return soft;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(target), maximum: now.maximum }) {
        Ok(()) => target,
        Err(error) => {
            tracing::warn!(target: "mcp_server", %error, "the limit of file descriptors could not be raised");
            soft
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_kept_for_everything_else() {
        for (limit, fit) in [(256, 160), (1024, 768), (20_000, 19_488), (64, 1), (0, 1)] {
            assert_eq!(connections(limit), fit, "{limit}");
        }
    }
}
