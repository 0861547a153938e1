//! Lists: prepared lines in the order of registration, in pages, each caller seeing what it may call.

use super::answer::Answer;
use super::entry::Lines;
use super::reply;
use super::request::Asked;
use crate::protocol::params::text;
use crate::protocol::{Method, RpcError};
use crate::store::seal::{Binding, Digest};
use crate::telemetry::{CallRecord, Ending};
use crate::tool::Caller;

const PURPOSE: &str = "cursor";

/// One line of a list.
struct Line<'a> {
    key: &'a str,
    scopes: &'static [&'static str],
    lines: &'a Lines,
}

/// Answers one of the four list methods.
pub(super) fn list(asked: &Asked<'_>, record: CallRecord) -> Answer {
    match page(asked) {
        Ok(bytes) => Answer::result(bytes, Ending::Complete, record),
        Err(error) => Answer::refusal(asked.id(), &error, record),
    }
}

fn page(asked: &Asked<'_>) -> Result<bytes::Bytes, RpcError> {
    let catalogue = asked.service.catalogue();
    let (member, all): (_, Vec<Line<'_>>) = match asked.method() {
        Method::ToolsList => (
            "tools",
            catalogue.tools.iter().map(|entry| line(entry.spec.name, entry.spec.scopes, &entry.lines)).collect(),
        ),
        Method::PromptsList => (
            "prompts",
            catalogue.prompts.iter().map(|entry| line(entry.spec.name, entry.spec.scopes, &entry.lines)).collect(),
        ),
        Method::ResourcesList => (
            "resources",
            catalogue.resources.iter().map(|entry| line(entry.spec.uri, entry.spec.scopes, &entry.lines)).collect(),
        ),
        _ => (
            "resourceTemplates",
            catalogue.templates.iter().map(|entry| line(entry.spec.uri, entry.spec.scopes, &entry.lines)).collect(),
        ),
    };
    let private = all.iter().any(|line| !line.scopes.is_empty());
    let seen: Vec<Line<'_>> = all.into_iter().filter(|line| may(&asked.caller, line.scopes)).collect();
    let start = after(asked, &seen)?;
    let revision = asked.caller.revision;
    let shown = seen.get(start..).unwrap_or_default();
    let (size, bytes) = fitting(shown, asked);
    let mut writer = reply::start(asked.id(), revision, bytes + 256);
    let buffer = writer.member(member);
    buffer.push(b'[');
    for (index, line) in shown.iter().take(size).enumerate() {
        if index > 0 {
            buffer.push(b',');
        }
        buffer.extend_from_slice(line.lines.of(revision));
    }
    buffer.push(b']');
    if let Some(last) = shown.get(..size).filter(|page| page.len() < shown.len()).and_then(<[_]>::last) {
        writer.value("nextCursor", &cursor(asked, last.key));
    }
    reply::hints(&asked.service, revision, private, &mut writer);
    Ok(reply::end(&asked.service, revision, writer))
}

/// How many lines the page has, and how many bytes they take: the first one at least, so that every page gets on.
fn fitting(lines: &[Line<'_>], asked: &Asked<'_>) -> (usize, usize) {
    let settings = asked.service.settings();
    let (mut size, mut bytes) = (0, 0);
    for line in lines.iter().take(settings.page_size) {
        let more = line.lines.of(asked.caller.revision).len() + 1;
        if size > 0 && bytes + more > settings.page_bytes {
            break;
        }
        size += 1;
        bytes += more;
    }
    (size, bytes)
}

fn line<'a>(key: &'a str, scopes: &'static [&'static str], lines: &'a Lines) -> Line<'a> {
    Line { key, scopes, lines }
}

/// Whether a caller has every scope.
pub(super) fn may(caller: &Caller, scopes: &[&str]) -> bool {
    scopes.iter().all(|scope| caller.principal.has_scope(scope))
}

fn binding<'a>(asked: &'a Asked<'_>) -> Binding<'a> {
    Binding { principal: asked.caller.principal.key(), method: asked.method().label(), digest: Digest::of(&[]) }
}

/// A cursor is the last key of its page, sealed: it needs no memory here, and nobody else can use it.
fn cursor(asked: &Asked<'_>, key: &str) -> String {
    let expires = asked.service.clock().time_after(asked.service.settings().state_expires);
    asked.service.sealer().seal(PURPOSE, &binding(asked), key.as_bytes(), expires)
}

fn after(asked: &Asked<'_>, seen: &[Line<'_>]) -> Result<usize, RpcError> {
    let Some(raw) = asked.params.cursor else { return Ok(0) };
    let sealed = text(Some(raw), "cursor")?;
    let stale = || {
        RpcError::invalid_params(
            "`/cursor` is not one that this server issued to you for this list, or it is too old: list again from the start",
        )
    };
    let now = asked.service.clock().time();
    let key = asked.service.sealer().open(PURPOSE, &binding(asked), &sealed, now).map_err(|_| stale())?;
    seen.iter().position(|line| line.key.as_bytes() == key).map(|index| index + 1).ok_or_else(stale)
}
