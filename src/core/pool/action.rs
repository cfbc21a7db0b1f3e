//! What a pool asks its host to do.

use crate::core::tasks::task::TaskKey;

/// Names a worker of a pool: small numbers, used again.
pub type WorkerId = u32;

/// Something for the host to carry out, in the order in which it was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make a worker, and report [`ready`](super::Pool::ready) or [`start_failed`](super::Pool::start_failed).
    Start(WorkerId),
    /// End a worker, and forget what it was sent; nothing that it still says counts.
    Terminate(WorkerId),
    /// Ask a worker that has nothing to do to clean up and to end; report [`lost`](super::Pool::lost) when it has.
    Retire(WorkerId),
    /// The time that the pool had to finish its calls is over: cancel what is left, and [dispose](super::Pool::dispose) of the pool.
    Expire,
    /// Tell a worker that a call was cancelled.
    Cancel(WorkerId, u32),
    /// Ask a worker to give back the calls from this number on that it has not started.
    Withdraw(WorkerId, u32),
    /// Ask a worker for a sign of life; report [`pong`](super::Pool::pong).
    Ping(WorkerId),
    /// Report [`turned`](super::Pool::turned) when all messages that have arrived are dealt with.
    Turn(WorkerId),
    /// Tell the developer, where there is one to hear it, that this worker was made long ago and has not said that it is ready.
    Remind(WorkerId),
    /// This attempt of a task, which the engine counts as begun, has failed: reject it with an error of this kind. Never comes for a
    /// task that has settled, or has gone on to another attempt.
    Fail(TaskKey, u32, Loss),
}

/// Why a call has failed without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Loss {
    /// Its worker has ended, and may have started it.
    Worker = 0,
    /// Its worker has ended before it started, but what was transferred to it is gone.
    Transferred = 1,
    /// The workers can't be started.
    Load = 2,
    /// The workers end again and again.
    Crashing = 3,
    /// The workers speak another version of the protocol.
    Version = 4,
    /// No worker has said in time that it is ready.
    Timeout = 5,
}

/// A call that goes to a worker now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// Its task.
    pub key: TaskKey,
    /// Where it goes.
    pub worker: WorkerId,
    /// Its number there.
    pub number: u32,
    /// Whether the worker is to say when it starts.
    pub marked: bool,
    /// Whether it counts as started from now on: the worker is idle, and will not say when it starts.
    pub begun: bool,
}
