//! The stores that can be taken away: real servers.

use mcp_server_tests::services::{Postgres, Redis};

/// A store on a server of its own.
pub(crate) enum Service {
    Postgres(Postgres),
    Redis(Redis),
}

/// How a store is away.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Absence {
    /// Its process is stopped: connections stay, and nobody answers.
    Paused,
    /// Its process is gone: connections are refused.
    Gone,
}

impl Service {
    /// Runs a test on each that is installed.
    pub(crate) fn each(test: impl Fn(&mut Self)) {
        let services = [Postgres::start().map(Self::Postgres), Redis::start().map(Self::Redis)];
        for mut service in services.into_iter().flatten() {
            test(&mut service);
        }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Postgres(server) => server.url(),
            Self::Redis(server) => server.url(),
        }
    }

    pub(crate) fn go(&mut self, absence: Absence) {
        match (self, absence) {
            (Self::Postgres(server), Absence::Paused) => server.pause(),
            (Self::Postgres(server), Absence::Gone) => server.kill(),
            (Self::Redis(server), Absence::Paused) => server.pause(),
            (Self::Redis(server), Absence::Gone) => server.kill(),
        }
    }

    pub(crate) fn come_back(&mut self, absence: Absence) {
        match (self, absence) {
            (Self::Postgres(server), Absence::Paused) => server.resume(),
            (Self::Postgres(server), Absence::Gone) => server.start_again(),
            (Self::Redis(server), Absence::Paused) => server.resume(),
            (Self::Redis(server), Absence::Gone) => server.start_again(),
        }
    }
}
