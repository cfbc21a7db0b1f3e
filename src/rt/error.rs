//! How a task can end without a value.

use std::{convert::Infallible, error, fmt};

use crate::core::tasks::task::{Outcome, TaskState, Timeout};

/// Why a task has no value. [`code`](TaskError::code) is the contract; the text may change.
///
/// `E` is the error of the task's own function; a task that was not spawned as a fallible one has none, and its
/// [`Failed`](TaskError::Failed) can't occur.
///
/// ```
/// use taskloom::rt::{CancelledBy, TaskError};
///
/// let error: TaskError = TaskError::Cancelled(CancelledBy::Owner);
/// assert_eq!(error.code(), "cancelled");
/// assert_eq!(error.to_string(), "the task was cancelled");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskError<E = Infallible> {
    /// `cancelled`: it was cancelled before it came to an end.
    Cancelled(CancelledBy),
    /// `timeout`: one of its limits was reached.
    TimedOut(Timeout),
    /// `queue-full`: its manager let no more tasks wait.
    QueueFull {
        /// The bound that was reached.
        limit: u32,
    },
    /// `panic`: its function panicked. What it said went to the panic hook.
    Panicked,
    /// `failed`: its function returned an error, and there was no further attempt. This is the error of the last one.
    Failed(E),
}

/// Who cancelled a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelledBy {
    /// Its owner, by [`cancel`](super::Task::cancel), or its manager's [`cancel_all`](super::TaskManager::cancel_all).
    Owner,
    /// Its parent was cancelled, failed or ran out of time.
    ParentStopped,
    /// Its parent finished without waiting for it.
    ParentDone,
    /// The executor or the runtime that it ran on is gone.
    Executor,
}

impl<E> TaskError<E> {
    /// The stable code, the same in Rust, JavaScript and Python.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cancelled(_) => "cancelled",
            Self::TimedOut(_) => "timeout",
            Self::QueueFull { .. } => "queue-full",
            Self::Panicked => "panic",
            Self::Failed(_) => "failed",
        }
    }

    /// Whether the task was cancelled, by whomever.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled(_))
    }

    /// Whether one of its limits was reached.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::TimedOut(_))
    }

    /// The error of the function itself, if that is what ended the task.
    pub fn into_failure(self) -> Option<E> {
        match self {
            Self::Failed(error) => Some(error),
            _ => None,
        }
    }

    pub(super) fn state(&self) -> TaskState {
        match self {
            Self::Cancelled(_) => TaskState::Cancelled,
            _ => TaskState::Error,
        }
    }

    /// What an end means that was not the function's own; the engine reports no other ones to its host.
    pub(super) fn from_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::TimedOut(limit) => Self::TimedOut(limit),
            Outcome::ParentStopped => Self::Cancelled(CancelledBy::ParentStopped),
            Outcome::ParentDone => Self::Cancelled(CancelledBy::ParentDone),
            Outcome::Cancelled | Outcome::Done | Outcome::Failed => Self::Cancelled(CancelledBy::Owner),
        }
    }
}

impl<E: fmt::Display> fmt::Display for TaskError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cancelled(CancelledBy::Owner) => "the task was cancelled",
            Self::Cancelled(CancelledBy::ParentStopped) => "the task was cancelled: its parent has stopped",
            Self::Cancelled(CancelledBy::ParentDone) => "the task was cancelled: its parent has finished",
            Self::Cancelled(CancelledBy::Executor) => "the task was cancelled: its executor is gone",
            Self::TimedOut(Timeout::Queue) => "the task waited longer than its queue_timeout to start",
            Self::TimedOut(Timeout::Attempt) => "the last attempt took longer than attempt_timeout",
            Self::TimedOut(_) => "the task took longer than its timeout",
            Self::QueueFull { limit } => {
                return write!(
                    f,
                    "the queue holds {limit} tasks, its max_queue; wait for on_idle() or raise max_queue"
                );
            }
            Self::Panicked => "the task's function panicked",
            Self::Failed(error) => return error.fmt(f),
        })
    }
}

impl<E: error::Error + 'static> error::Error for TaskError<E> {
    /// That of the function's own error, whose text is already this one's.
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            _ => None,
        }
    }
}
