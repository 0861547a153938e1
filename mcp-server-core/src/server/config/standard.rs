//! The variables that are OpenTelemetry's: where metrics and spans go, in the words that every server knows.

use super::fault::{Fault, Origin};
use super::settings::Config;
use crate::telemetry::{Wanted, Wrong};

/// What their names begin with.
pub(super) const PREFIX: &str = "OTEL_";

/// What they want exported, and what of them is ignored: the specification has a server warn and go on, whatever they
/// say (OpenTelemetry, Environment Variable Specification). Where nothing is measured they are not looked at.
pub(super) fn exports(variables: &[(String, String)], config: &Config, ignored: &mut Vec<Fault>) -> Wanted {
    if !config.telemetry.enabled {
        return Wanted::nothing();
    }
    let (wanted, wrong) = Wanted::read(variables, config.admin.addr.is_some());
    ignored.extend(wrong.into_iter().map(fault));
    wanted.with_span_bytes(config.telemetry.span_bytes)
}

fn fault(Wrong { variable, problem, allowed, remedy }: Wrong) -> Fault {
    let mut fault = Fault::new(variable.clone(), Origin::Environment(variable), problem);
    fault.allowed = allowed;
    fault.remedy = remedy;
    fault
}
