//! Pools of connections that an author registers, so that a dry one can be seen.

use std::fmt;
use std::sync::Arc;

/// A pool of connections, as far as it is measured. Implemented for the pools of `sqlx`.
///
/// ```
/// use mcp_server_core::telemetry::ConnectionPool;
///
/// struct Sessions;
///
/// impl ConnectionPool for Sessions {
///     fn open(&self) -> u32 {
///         4
///     }
///     fn idle(&self) -> u32 {
///         1
///     }
///     fn limit(&self) -> u32 {
///         8
///     }
/// }
/// ```
pub trait ConnectionPool: Send + Sync + 'static {
    /// Returns how many connections are open.
    fn open(&self) -> u32;

    /// Returns how many of the open connections nobody uses.
    fn idle(&self) -> u32;

    /// Returns how many connections may be open.
    fn limit(&self) -> u32;
}

#[cfg(feature = "sqlx")]
impl<D: sqlx::Database> ConnectionPool for sqlx::Pool<D> {
    fn open(&self) -> u32 {
        self.size()
    }

    fn idle(&self) -> u32 {
        u32::try_from(self.num_idle()).unwrap_or(u32::MAX)
    }

    fn limit(&self) -> u32 {
        self.options().get_max_connections()
    }
}

/// A pool with its name.
#[derive(Clone)]
pub(crate) struct NamedPool {
    pub(crate) name: Arc<str>,
    pub(crate) pool: Arc<dyn ConnectionPool>,
}

impl NamedPool {
    /// Returns how many of its connections are in use.
    pub(crate) fn used(&self) -> u32 {
        self.pool.open().saturating_sub(self.pool.idle())
    }
}

impl fmt::Debug for NamedPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedPool").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Its state in a few words, for the cause of a failure.
impl fmt::Display for NamedPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} connections of the pool `{}` are in use", self.used(), self.pool.limit(), self.name)
    }
}
