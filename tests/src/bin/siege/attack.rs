//! One attack: what is done, what it is measured by, and what came of it.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::{Duration, Instant};

use mcp_server_tests::Server;

use crate::honest::{self, Observer};
use crate::memory::resident;
use crate::options::Options;
use crate::stats::Latencies;
use crate::target::Target;

/// The time in which everything is as before.
const RECOVERY: Duration = Duration::from_secs(5);
/// How many times slower an honest client may be served.
const SLOWER: u32 = 5;
/// The time for which it is measured before the attack.
const QUIET: Duration = Duration::from_secs(2);

/// What an attacker does until the attack is over.
pub(crate) type Attackers = fn(Target) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// An attack.
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    /// What is done, in a sentence.
    pub(crate) what: &'static str,
    /// Settings of the server, besides the defaults.
    pub(crate) settings: &'static [&'static str],
    /// Bytes that the server may use for it, by its configuration.
    pub(crate) budget: u64,
    pub(crate) attackers: Attackers,
}

/// What came of an attack.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    pub(crate) quiet: Latencies,
    pub(crate) during: Latencies,
    pub(crate) probes: Latencies,
    /// Bytes before, at most, and those that are allowed.
    pub(crate) memory: (u64, u64, u64),
    pub(crate) recovered: Option<Duration>,
    /// What did not hold.
    pub(crate) faults: Vec<String>,
}

impl Outcome {
    pub(crate) fn holds(&self) -> bool {
        self.faults.is_empty()
    }
}

impl Attack {
    /// The same with settings of its own.
    pub(crate) fn with(self, settings: &'static [&'static str]) -> Self {
        Self { settings, ..self }
    }

    /// Starts a server, lets the attackers at it, and measures.
    pub(crate) fn run(&self, options: &Options) -> Outcome {
        let mut settings = vec!["admin.addr=127.0.0.1:0", "log.level=error,mcp_server=info"];
        settings.extend(self.settings);
        let server = Server::start(&program().to_string_lossy(), &settings);
        let target = Target::new(server.address(), server.admin_address(), options.weaker);
        let quiet = measure(&target, QUIET);
        let base = resident(server.id()).unwrap_or_default();
        let (client, probe) = (Observer::client(&target), Observer::probe(target.admin));
        let attackers = std::thread::spawn({
            let (target, attackers) = (target.clone(), self.attackers);
            move || {
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
                runtime.expect("a runtime can be built").block_on(attackers(target));
            }
        });
        let peak = watch(server.id(), options.time());
        let (during, probes) = (client.stop(), probe.stop());
        target.end();
        let over = Instant::now();
        let recovered = recovers(&target, Self::bound(&quiet, options), over);
        let failed = attackers.join().is_err();
        let allowed = base + self.budget;
        let mut outcome = Outcome {
            name: self.name,
            what: self.what,
            quiet,
            during,
            probes,
            memory: (base, peak, allowed),
            recovered,
            faults: Vec::new(),
        };
        outcome.faults = Self::faults(&outcome, options);
        if failed {
            outcome.faults.push("what the attack itself checks does not hold".to_owned());
        }
        outcome
    }

    fn bound(quiet: &Latencies, options: &Options) -> Duration {
        (quiet.p99() * SLOWER).max(options.floor())
    }

    fn faults(outcome: &Outcome, options: &Options) -> Vec<String> {
        let mut faults = Vec::new();
        let bound = Self::bound(&outcome.quiet, options);
        if outcome.during.p99() > bound {
            faults.push(format!("p99 {:.1?} is over {bound:.1?}", outcome.during.p99()));
        }
        // One in a hundred may meet a connection that was just closed.
        if outcome.during.failed * 100 > outcome.during.count() || outcome.during.count() == 0 {
            faults.push(format!("{} of {} honest requests failed", outcome.during.failed, outcome.during.count()));
        }
        if outcome.probes.p99() > options.probe() || outcome.probes.failed > 0 {
            faults.push(format!("/livez: p99 {:.1?}, {} failed", outcome.probes.p99(), outcome.probes.failed));
        }
        let (_, peak, allowed) = outcome.memory;
        if peak > allowed {
            faults.push(format!("{} MiB are over the allowed {} MiB", peak >> 20, allowed >> 20));
        }
        if outcome.recovered.is_none() {
            faults.push(format!("not recovered after {RECOVERY:?}"));
        }
        faults
    }
}

/// The server, which is built beside this program.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.with_file_name("everything-under-test")
}

fn measure(target: &Target, time: Duration) -> Latencies {
    let client = Observer::client(target);
    std::thread::sleep(time);
    client.stop()
}

/// The most memory that a process has within a time.
fn watch(process: u32, time: Duration) -> u64 {
    let began = Instant::now();
    let mut peak = 0;
    while began.elapsed() < time {
        peak = peak.max(resident(process).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(50));
    }
    peak
}

/// The time until ten new clients in a row are served within the bound.
fn recovers(target: &Target, bound: Duration, over: Instant) -> Option<Duration> {
    let mut well = 0;
    while over.elapsed() < RECOVERY {
        let served = honest::ask(target, &mut None).is_some_and(|time| time <= bound);
        well = if served { well + 1 } else { 0 };
        if well == 10 {
            return Some(over.elapsed());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    None
}
