//! The replicas of one run, and what they share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::faulty::{Break, Faults, Faulty, Link, Observer};
use super::random::Rng;
use crate::session::{Attached, SessionLimits, Sessions};
use crate::store::{Engine, Replica, Store};

/// How long a lease lives, and how long an operation of the store may take, in units.
pub(crate) const LEASE: u32 = 6;
pub(crate) const DEADLINE: u32 = 2;

/// What all replicas of one run share.
#[derive(Debug)]
pub(crate) struct World {
    engine: Arc<dyn Engine>,
    broken: Break,
    pub(crate) observer: Arc<Observer>,
    rng: Mutex<Rng>,
    /// The unit of time: a second under a paused clock, less where the time of the store is real.
    pub(crate) unit: Duration,
    /// The store as a bystander sees it: without delays and faults.
    pub(crate) store: Store,
}

/// One replica.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) store: Store,
    pub(crate) link: Arc<Link>,
    pub(crate) replica: Arc<Replica>,
    pub(crate) sessions: Arc<Sessions>,
    _attached: Attached,
}

impl World {
    pub(crate) fn new(engine: Arc<dyn Engine>, seed: u64, unit: Duration) -> Arc<Self> {
        Self::broken(engine, seed, unit, Break::Nothing)
    }

    /// A world whose store itself is broken.
    pub(crate) fn broken(engine: Arc<dyn Engine>, seed: u64, unit: Duration, broken: Break) -> Arc<Self> {
        let (observer, rng) = (Arc::default(), Rng::new(seed));
        let store = Store::over(Arc::clone(&engine), Duration::from_secs(10));
        Arc::new(Self { engine, broken, observer, rng: Mutex::new(rng), unit, store })
    }

    /// A generator of its own for each part of a run: what one does changes nothing for another.
    pub(crate) fn rng(&self) -> Rng {
        self.rng.lock().unwrap().fork()
    }

    /// So many units of time.
    pub(crate) fn units(&self, units: u64) -> Duration {
        self.unit * u32::try_from(units).unwrap()
    }

    /// Waits for so many thousandths of a unit.
    pub(crate) async fn pass(&self, thousandths: u64) {
        #[expect(clippy::cast_precision_loss, reason = "a few thousandths")]
        let wait = self.unit.mul_f64(thousandths as f64 / 1000.0);
        tokio::time::sleep(wait).await;
    }

    /// Starts a replica. Nothing goes wrong while it starts.
    pub(crate) async fn start(&self, limits: SessionLimits) -> Arc<Node> {
        let link = Link::new(self.rng(), self.unit);
        let faulty = Faulty {
            engine: Arc::clone(&self.engine),
            link: Arc::clone(&link),
            observer: Arc::clone(&self.observer),
            broken: self.broken,
        };
        let store = Store::over(Arc::new(faulty), self.unit * DEADLINE);
        let replica = Replica::join(&store, self.unit * LEASE, String::new()).await.unwrap();
        let sessions = Sessions::replicated(store.clone(), Arc::clone(&replica), limits);
        let attached = sessions.attach().await.unwrap();
        Arc::new(Node { store, link, replica, sessions, _attached: attached })
    }
}

/// The replicas that clients reach, as behind a balancer.
#[derive(Debug)]
pub(crate) struct Replicas {
    world: Arc<World>,
    limits: SessionLimits,
    nodes: Mutex<Vec<Arc<Node>>>,
}

impl Replicas {
    pub(crate) async fn start(world: &Arc<World>, count: u64, limits: SessionLimits) -> Arc<Self> {
        let mut nodes = Vec::new();
        for _ in 0..count {
            nodes.push(world.start(limits.clone()).await);
        }
        Arc::new(Self { world: Arc::clone(world), limits, nodes: Mutex::new(nodes) })
    }

    /// All that were not killed.
    pub(crate) fn all(&self) -> Vec<Arc<Node>> {
        self.nodes.lock().unwrap().clone()
    }

    /// One that works: a client that reaches one which stands still gets no answer, and goes to another.
    pub(crate) fn any(&self, rng: &mut Rng) -> Arc<Node> {
        let nodes = self.all();
        let working: Vec<_> = nodes.iter().filter(|node| node.link.is_working()).collect();
        Arc::clone(if working.is_empty() { rng.pick(&nodes) } else { rng.pick::<&Arc<Node>>(&working) })
    }

    /// Pauses, kills and replaces replicas and lets the store fail, for as long as it is polled. What `spare` says is
    /// neither paused nor killed.
    pub(crate) async fn disturb(&self, mut rng: Rng, spare: impl Fn(&Node) -> bool) {
        loop {
            self.world.pass(rng.between(500, 15_000)).await;
            let nodes = self.all();
            let node = rng.pick(&nodes);
            match rng.below(10) {
                0..=2 if !spare(node) => {
                    node.link.pause();
                    let short = rng.permille(700);
                    self.world.pass(rng.between(500, if short { 5_000 } else { 20_000 })).await;
                    node.link.resume();
                }
                3 if !spare(node) => {
                    node.link.kill();
                    node.sessions.stop();
                    let fresh = self.world.start(self.limits.clone()).await;
                    let mut nodes = self.nodes.lock().unwrap();
                    nodes.retain(|other| !Arc::ptr_eq(other, node));
                    nodes.push(fresh);
                }
                4..=7 => {
                    let often = *rng.pick(&[5, 30, 150]);
                    let faults = Faults { refused: often, unanswered: often, stuck: often / 4, lost: often * 2 };
                    node.link.set_faults(faults);
                    self.world.pass(rng.between(500, 10_000)).await;
                    node.link.set_faults(Faults::default());
                }
                _ => {}
            }
        }
    }

    /// Ends all that is wrong, and waits until every replica can know of everything.
    pub(crate) async fn settle(&self) {
        let fresh = self.world.start(self.limits.clone()).await;
        {
            // One that was killed a moment ago may not have been replaced yet.
            let mut nodes = self.nodes.lock().unwrap();
            nodes.retain(|node| !node.link.is_dead());
            nodes.push(fresh);
        }
        for node in self.all() {
            node.link.set_faults(Faults::default());
            node.link.resume();
        }
        self.world.store.ping().await.unwrap();
        self.world.pass(u64::from(LEASE) * 3_000).await;
    }
}
