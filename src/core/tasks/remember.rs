//! What is left of a task when its page has gone away and come back.

use crate::core::tasks::task::TaskState;

/// What a task that was stored with this state is after the reload.
///
/// A finished one is as it was. One that was still at work is not: its function died with the page, so it has failed,
/// and its owner decides whether to start it again. Failed and cancelled ones are not stored.
pub fn restored(stored: TaskState) -> Option<TaskState> {
    match stored {
        TaskState::Done => Some(TaskState::Done),
        TaskState::Running => Some(TaskState::Error),
        TaskState::Pending | TaskState::Error | TaskState::Cancelled => None,
    }
}
