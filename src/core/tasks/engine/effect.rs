//! What the engine asks its host to do.

use super::ManagerId;
use crate::core::tasks::{
    priority::Priority,
    task::{Outcome, TaskKey},
};

/// Something for the host to carry out. Effects come in the order in which they were decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the platform's scheduler to call [`begin`](super::Engine::begin) at this priority.
    Post(TaskKey, Priority),
    /// Call the task's function for its next attempt; the engine has already noted that it runs.
    Attempt(TaskKey),
    /// Abort the signal of the attempt that runs, with a timeout; the task goes on, and the host is asked for a verdict on that
    /// timeout as for any other failure.
    AttemptTimedOut(TaskKey),
    /// The task has settled, and not by the host's own call: take its snapshot, abort its signal, tell its waiters.
    Settled {
        /// The task.
        key: TaskKey,
        /// How it ended.
        outcome: Outcome,
        /// Whether none of its functions runs any more, so that its key is free; else `Stopped` follows.
        stopped: bool,
    },
    /// The function of a task that had settled before has ended now; the key is free.
    Stopped(TaskKey),
    /// A task of this manager, whose tasks are pulled, has come back to the line for its next attempt.
    Waiting(ManagerId),
    /// Nothing of this manager waits or runs any more. Sent only after [`watch_idle`](super::Engine::watch_idle).
    Idle(ManagerId),
    /// Whether the manager's tasks wait for its rate limit may have changed. Sent only after [`watch_rate`](super::Engine::watch_rate).
    RateLimited(ManagerId),
}
