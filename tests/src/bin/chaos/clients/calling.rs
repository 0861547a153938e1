//! Calls, short ones and long ones whose stream the client drops now and then.

use serde_json::json;

use super::Ground;
use crate::findings::{Broken, Count};
use crate::legacy::{Heard, PAUSE, Session};
use crate::modern::{self, Attempt};
use crate::verdict::{self, End};

/// Calls within one session, all through.
pub(crate) async fn calling(ground: Ground, client: u64) {
    let mut choices = ground.choices(client);
    let Some(session) = Session::open(&ground).await else { return };
    while !ground.is_over() {
        let (steps, ms) = if choices.one_in(3) { (1, 5) } else { (choices.within(3, 15), choices.within(50, 300)) };
        let drop_at = choices.one_in(2).then(|| choices.within(1, steps + 1));
        long_call(&session, steps, ms, drop_at).await;
        tokio::time::sleep(PAUSE).await;
    }
}

/// One call: each step is heard of once and in order, whatever breaks; all of them if there is an answer.
async fn long_call(session: &Session, steps: u64, ms: u64, drop_at: Option<u64>) {
    let findings = &session.ground().findings;
    let arguments = json!({ "steps": steps, "ms": ms });
    let params = json!({ "name": "slow", "arguments": arguments, "_meta": { "progressToken": "steps" } });
    let Some(mut call) = session.request("tools/call", params).await else { return };
    let mut heard = 0_u32;
    loop {
        match call.next().await {
            Heard::Message(message) => {
                let Some(step) = message["params"]["progress"].as_f64() else { continue };
                findings.count(Count::ProgressHeard);
                if step > f64::from(heard + 1) {
                    findings.broke(Broken::EventLost, format!("step {step} came after step {heard} of {steps}"));
                } else if step <= f64::from(heard) {
                    findings.broke(Broken::EventDoubled, format!("step {step} came after step {heard} of {steps}"));
                }
                // Whole numbers, and few of them.
                heard = format!("{step}").parse().unwrap_or(heard);
                if drop_at == Some(u64::from(heard)) {
                    call.cut();
                }
            }
            Heard::End(Some(End::Answer(result))) => {
                // A call that was answered at once has no stream for its steps.
                if u64::from(heard) != steps && heard != 0 {
                    findings.broke(Broken::EventLost, format!("the answer came after step {heard} of {steps}"));
                }
                if verdict::text(&result) != format!("{steps} steps") {
                    findings.broke(Broken::WrongAnswer, format!("{steps} steps: {result}"));
                }
                return;
            }
            Heard::End(_) => return,
        }
    }
}

/// Modern calls.
pub(crate) async fn modern_calling(ground: Ground, client: u64) {
    let mut choices = ground.choices(client);
    while !ground.is_over() {
        let (steps, ms) = if choices.one_in(2) { (1, 5) } else { (choices.within(2, 10), choices.within(50, 300)) };
        let arguments = json!({ "steps": steps, "ms": ms });
        let params = json!({ "name": "slow", "arguments": arguments, "_meta": { "progressToken": "steps" } });
        match modern::attempt(&ground, "tools/call", params).await {
            Attempt::End(End::Answer(result)) if verdict::text(&result) == format!("{steps} steps") => {
                ground.findings.count(Count::ModernCallsAnswered);
            }
            Attempt::End(End::Answer(other)) => {
                ground.findings.broke(Broken::WrongAnswer, format!("{steps} steps: {other}"));
            }
            Attempt::End(End::Refused(why)) => ground.findings.broke(Broken::WrongAnswer, format!("slow: {why}")),
            Attempt::End(End::Later) | Attempt::Cut | Attempt::Broken => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}
