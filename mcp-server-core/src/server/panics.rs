//! Panics: where one happened goes to the log as any other line; what it said goes there only where that is safe.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt;
use std::panic::{self, PanicHookInfo};
use std::thread;

use crate::telemetry::Scope;

/// Takes the place of the standard hook, which would write what a panic said past every redaction.
///
/// Of a panic within a call the message follows with the call, less what its client sent. Elsewhere a message that stands
/// in the program is logged; one that was put together may hold an argument, and is logged only if arguments may be told.
///
/// A hook that was set before cannot be told from the standard one, so only one that the author gives is called as well.
pub(super) fn install(arguments_are_told: bool, also: Option<Hook>) {
    panic::set_hook(Box::new(move |info| {
        tell(info, arguments_are_told);
        if let Some(Hook(hook)) = &also {
            hook(info);
        }
    }));
}

/// What an author does about panics.
pub(super) struct Hook(pub(super) Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>);

impl fmt::Debug for Hook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hook")
    }
}

fn tell(info: &PanicHookInfo<'_>, arguments_are_told: bool) {
    let location = info.location().map(ToString::to_string);
    let thread = thread::current().name().map(str::to_owned);
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    if Scope::current().is_some() {
        tracing::error!(target: "mcp_server::panic", location, thread, backtrace, "the function of a call panicked");
        return;
    }
    let said = match (info.payload().downcast_ref::<&'static str>(), info.payload().downcast_ref::<String>()) {
        (Some(constant), _) => *constant,
        (None, Some(text)) if arguments_are_told => text,
        (None, Some(_)) => "its message may hold arguments; it is logged with telemetry.arguments",
        (None, None) => "it had no message",
    };
    tracing::error!(target: "mcp_server::panic", location, thread, said, backtrace, "something panicked outside of calls");
}
