//! What is left of a task when its page has gone away and come back.

use super::task::Status;

/// What a task that was stored with this status is after the reload.
///
/// A finished one is as it was. One that was still at work is not: its function died with the page, so it has failed,
/// and its owner decides whether to start it again. Failed and cancelled ones are not stored.
pub fn restored(stored: Status) -> Option<Status> {
    match stored {
        Status::Done => Some(Status::Done),
        Status::Running => Some(Status::Error),
        Status::Pending | Status::Error | Status::Cancelled => None,
    }
}
