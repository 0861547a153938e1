//! `server/discover`, `initialize` and `ping`.

use bytes::Bytes;

use super::answer::Answer;
use super::reply;
use super::request::Asked;
use super::service::Service;
use crate::principal::Principal;
use crate::protocol::write::{ResultWriter, append};
use crate::protocol::{RequestId, Revision};
use crate::telemetry::{CallRecord, Ending};

/// Answers `server/discover` (server/discover).
pub(super) fn discover(asked: &Asked<'_>, record: CallRecord) -> Answer {
    let service = &asked.service;
    let revision = asked.caller.revision;
    let catalogue = service.catalogue();
    let mut writer = reply::start(asked.id(), revision, 768);
    for (name, value) in service.identity().discovered(&catalogue, revision) {
        writer.value(&name, &value);
    }
    reply::hints(service, revision, catalogue.varies(), &mut writer);
    Answer::result(reply::end(service, revision, writer), Ending::Complete, record)
}

/// Answers `ping` of the legacy era.
pub(super) fn pong(asked: &Asked<'_>, record: CallRecord) -> Answer {
    Answer::result(ResultWriter::start(asked.id(), 64).finish(), Ending::Complete, record)
}

/// The answer to `initialize`; opening the session is the session room's part. In one that is not `lasting` nothing can
/// be set, and nothing is told outside of calls.
pub(crate) fn initialized(
    service: &Service,
    id: &RequestId,
    revision: Revision,
    principal: &Principal,
    lasting: bool,
) -> Bytes {
    let mut buffer = Vec::with_capacity(512);
    buffer.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    buffer.extend_from_slice(id.as_json().as_bytes());
    buffer.extend_from_slice(br#","result":"#);
    append(&mut buffer, &service.identity().initialized(&service.catalogue(), revision, principal, lasting));
    buffer.push(b'}');
    Bytes::from(buffer)
}
