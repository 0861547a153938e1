//! An inquiry: what a request about a task has to know once the request itself is gone.

use std::sync::Arc;

use crate::dispatch::answer::away;
use crate::dispatch::service::Service;
use crate::protocol::{RequestId, Revision, RpcError};
use crate::task::Owned;

/// What a request about tasks has to know once the request itself is gone.
#[derive(Debug)]
pub(super) struct Inquiry {
    pub(super) service: Arc<Service>,
    pub(super) id: RequestId,
    pub(super) revision: Revision,
    pub(super) owner: String,
    /// The task in question.
    pub(super) task: String,
}

impl Inquiry {
    /// The task, if it is the caller's.
    ///
    /// # Errors
    /// `-32602` for any other, whether or not it is somebody's.
    pub(super) async fn find(&self) -> Result<Owned, RpcError> {
        let board = self.service.desk().board();
        let found = board.find(&self.task, &self.owner).await.map_err(|error| away(&error))?;
        found.ok_or_else(unknown)
    }
}

/// What is said of a task that is not there, expired, or not the caller's.
pub(super) fn unknown() -> RpcError {
    RpcError::invalid_params("there is no such task, or it has expired")
}
