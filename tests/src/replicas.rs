//! Replicas of one server behind a balancer: they share a store, and each can be killed and started again.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::raw::Connection;
use crate::server::Server;
use crate::services::{Nginx, free_port};

/// Some processes of one program on one store, behind nginx.
#[derive(Debug)]
pub struct Replicas {
    program: String,
    settings: Vec<String>,
    versions: Vec<(&'static str, String)>,
    all: Vec<Replica>,
    // Dropped last: whoever still reads gets an answer.
    balancer: Nginx,
}

#[derive(Debug)]
struct Replica {
    address: SocketAddr,
    server: Option<Server>,
}

impl Replicas {
    /// Starts replicas of a program with `key=value` settings, among them `store.url`. `None` if nginx is not
    /// installed here; on CI that is a failure.
    pub fn start(program: &str, count: usize, settings: &[&str]) -> Option<Self> {
        Self::start_versions(program, &vec![("VERSION", "1".to_owned()); count], settings)
    }

    /// As [`start`](Self::start), one replica for each variable of the environment, which tells its version.
    pub fn start_versions(program: &str, versions: &[(&'static str, String)], settings: &[&str]) -> Option<Self> {
        let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let replicas: Vec<Replica> = std::thread::scope(|scope| {
            let settings = &settings;
            let starting: Vec<_> = versions
                .iter()
                .map(|version| scope.spawn(move || Replica::fresh(program, version, settings)))
                .collect();
            starting.into_iter().map(|replica| replica.join().expect("the replica starts")).collect()
        });
        let addresses: Vec<SocketAddr> = replicas.iter().map(|replica| replica.address).collect();
        let balancer = Nginx::start(&addresses)?;
        let (program, versions) = (program.to_owned(), versions.to_vec());
        Some(Self { program, settings, versions, all: replicas, balancer })
    }

    /// Where the balancer listens.
    pub fn address(&self) -> SocketAddr {
        self.balancer.address()
    }

    /// A new connection to the balancer.
    pub fn connect(&self) -> Connection {
        Connection::open(self.address())
    }

    /// How many there are, living or not.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Where one replica listens, for a test that goes past the balancer.
    pub fn address_of(&self, replica: usize) -> SocketAddr {
        self.all[replica].address
    }

    /// A new connection to one replica.
    pub fn connect_to(&self, replica: usize) -> Connection {
        Connection::open(self.address_of(replica))
    }

    /// Whether a replica runs.
    pub fn is_up(&self, replica: usize) -> bool {
        self.all[replica].server.is_some()
    }

    /// Ends a replica as a machine that fails does: SIGKILL, nothing is finished. Gives out what it logged.
    pub fn kill(&mut self, replica: usize) -> Vec<String> {
        self.all[replica].server.take().map(Server::kill).unwrap_or_default()
    }

    /// Asks a replica to stop, waits until it has, and gives out what it logged.
    pub fn stop(&mut self, replica: usize) -> Vec<String> {
        self.all[replica].server.take().map(Server::last_words).unwrap_or_default()
    }

    /// Starts a replica again that was killed or stopped, where it was.
    pub fn start_again(&mut self, replica: usize) {
        let Replica { address, server } = &mut self.all[replica];
        if server.is_none() {
            *server = Some(start(&self.program, &self.versions[replica], *address, &self.settings));
        }
    }

    /// Stops a replica where it is: connections stay, and nobody answers.
    pub fn pause(&self, replica: usize) {
        self.all[replica].server.iter().for_each(Server::pause);
    }

    /// Lets a replica go on.
    pub fn resume(&self, replica: usize) {
        self.all[replica].server.iter().for_each(Server::resume);
    }

    /// What a replica logged since this was last asked.
    pub fn log(&self, replica: usize) -> Vec<String> {
        self.all[replica].server.as_ref().map(Server::log).unwrap_or_default()
    }

    /// What the balancer found wrong so far.
    pub fn balancer_errors(&self) -> String {
        self.balancer.errors()
    }
}

impl Replica {
    fn fresh(program: &str, version: &(&'static str, String), settings: &[String]) -> Self {
        // The port is its own from now on, also while it is down.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        Self { address, server: Some(start(program, version, address, settings)) }
    }
}

/// Starts one, again and again for a while: its port may be taken for a moment, and its store be away.
fn start(program: &str, version: &(&'static str, String), address: SocketAddr, settings: &[String]) -> Server {
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let mut command = Command::new(program);
        command.args(["--http", &address.to_string()]).env(version.0, &version.1);
        match Server::try_run(command, &settings) {
            Ok(server) => return server,
            Err(said) => assert!(Instant::now() < deadline, "a replica does not start:\n{}", said.join("\n")),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
