//! Carrying out the plan: killing, pausing and starting again.

use std::sync::mpsc::Receiver;
use std::time::Instant;

use mcp_server_tests::Replicas;
use mcp_server_tests::services::Backing;

use crate::findings::{Count, Findings};
use crate::odd::Odd;
use crate::plan::{Break, Plan};

/// Breaks what the plan says, when it says so, and gives out what the replicas logged once all clients are done.
///
/// It runs on a thread of its own, for a process can only be waited for by blocking.
pub(crate) fn carry_out(
    plan: &Plan,
    began: Instant,
    mut replicas: Replicas,
    mut store: Backing,
    odd: &Odd,
    findings: &Findings,
    clients: &Receiver<()>,
) -> Vec<String> {
    std::thread::scope(|scope| {
        scope.spawn(|| odd.start(findings));
        break_all(plan, began, &mut replicas, &mut store, findings, clients)
    })
}

fn break_all(
    plan: &Plan,
    began: Instant,
    replicas: &mut Replicas,
    store: &mut Backing,
    findings: &Findings,
    clients: &Receiver<()>,
) -> Vec<String> {
    let mut logs = Vec::new();
    for fault in &plan.0 {
        std::thread::sleep(fault.at.saturating_sub(began.elapsed()));
        match fault.what {
            Break::Replica(number) => {
                logs.extend(said(number, replicas.kill(number)));
                std::thread::sleep(fault.away);
                replicas.start_again(number);
                findings.count(Count::ReplicasKilled);
            }
            Break::Pause(number) => {
                replicas.pause(number);
                std::thread::sleep(fault.away);
                replicas.resume(number);
                findings.count(Count::ReplicasPaused);
            }
            Break::Store => {
                store.kill();
                std::thread::sleep(fault.away);
                store.start_again();
                findings.count(Count::StoresKilled);
            }
        }
    }
    // Nobody sends: it ends when the clients do.
    let _ended = clients.recv();
    for number in 0..replicas.count() {
        logs.extend(said(number, replicas.kill(number)));
    }
    logs.push(replicas.balancer_errors());
    logs
}

fn said(number: usize, lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(move |line| format!("replica {number}: {line}"))
}
