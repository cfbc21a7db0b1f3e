//! What a task is: its key, its phases, and how it can end.

use alloc::boxed::Box;
use core::time::Duration;

use crate::core::{
    base::{clock::Instant, deadline::Deadline, list::List},
    tasks::{priority::Priority, retry::RetryPolicy},
};

/// Names a live task of an engine: a slot, and which of the slot's tasks in turn.
///
/// A slot is used again as soon as its task has settled and its function has ended; the generation keeps a late
/// answer for the old task from reaching the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskKey {
    slot: u32,
    generation: u32,
}

impl TaskKey {
    /// Generations wrap here, so that a key fits into a JavaScript number (53 bits).
    pub(crate) const GENERATIONS: u32 = 1 << 20;

    pub(crate) fn new(slot: u32, generation: u32) -> Self {
        Self { slot, generation: generation % Self::GENERATIONS }
    }

    /// The slot: small numbers, used again.
    pub fn slot(self) -> u32 {
        self.slot
    }

    /// Which of the slot's tasks this is.
    pub fn generation(self) -> u32 {
        self.generation
    }

    /// The key as one whole number below 2^52.
    #[allow(clippy::cast_precision_loss)] // below 2^53
    pub fn to_number(self) -> f64 {
        ((u64::from(self.generation) << 32) | u64::from(self.slot)) as f64
    }

    /// The key that [`to_number`](Self::to_number) gave; any other number gives a key of no task.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates, which is what is wanted
    pub fn from_number(number: f64) -> Self {
        let bits = number as u64;
        Self { slot: bits as u32, generation: (bits >> 32) as u32 }
    }
}

/// What a caller sees of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Not started yet.
    Pending,
    /// Started, and not settled; the wait between two attempts counts as running.
    Running,
    /// Settled with a value.
    Done,
    /// Settled with an error.
    Error,
    /// Cancelled before it settled by itself.
    Cancelled,
}

impl TaskState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Running, Self::Done, Self::Error, Self::Cancelled];
}

/// Where a task stands.
///
/// ```text
///            place          turn           ended well
///   Queued ────────▶ Ready ──────▶ Running ───────────▶ Settled(Done)
///                      ▲  Posted ──▶  │ ▲
///                                     │ │ delay over
///                       attempt failed▼ │
///                                  Deciding ─▶ Backoff
///                                     │ no attempts left, or not worth one
///                                     ▼
///                                Settled(Failed)
/// ```
///
/// From every phase but `Settled` a cancel leads to `Settled(Cancelled)` and a deadline to `Settled(TimedOut)`.
/// A settled task is kept only as long as one of its functions still runs. Until then it holds its place, but no longer than the manager's
/// [`cancel_grace`](super::engine::ManagerOptions::cancel_grace).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Waits for a place in its manager.
    Queued,
    /// Has a place, and starts at the host's next turn.
    Ready,
    /// Has a place, and the platform's scheduler was asked to begin it at its priority.
    Posted,
    /// Its function runs.
    Running,
    /// An attempt has failed, and the host is asking the caller's own rules whether to go on.
    Deciding,
    /// Waits for its next attempt.
    Backoff,
    /// Over.
    Settled(Outcome),
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its function returned.
    Done,
    /// Its function threw, and there was no further attempt.
    Failed,
    /// It was cancelled by its owner.
    Cancelled,
    /// Its parent was cancelled, failed or ran out of time.
    ParentStopped,
    /// Its parent finished without waiting for it.
    ParentDone,
    /// It has taken too long.
    TimedOut(Timeout),
}

impl Outcome {
    /// What a caller sees.
    pub fn state(self) -> TaskState {
        match self {
            Self::Done => TaskState::Done,
            Self::Failed | Self::TimedOut(_) => TaskState::Error,
            Self::Cancelled | Self::ParentStopped | Self::ParentDone => TaskState::Cancelled,
        }
    }
}

/// Which of a task's timeouts has ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timeout {
    /// It waited too long for its start.
    Queue,
    /// Its last attempt took too long.
    Attempt,
    /// It took too long as a whole, counted from its start.
    Total,
}

/// What may bound a task in time, and make it try again. All are optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// How long the task may take from its start, all attempts and waits included.
    pub timeout: Option<Duration>,
    /// How long it may wait for its start.
    pub queue_timeout: Option<Duration>,
    /// When a failed attempt is made again.
    pub retry: Option<RetryPolicy>,
}

impl Limits {
    /// Whether none is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Limits of a live task, and the deadlines that they have led to so far.
#[derive(Debug)]
pub(crate) struct Limited {
    pub limits: Limits,
    /// Noted only for a policy with `max_elapsed`.
    pub started_at: Instant,
    /// The wait before the next attempt that was decided on last.
    pub backoff: Duration,
    /// By [`Limit`](super::deadline::Limit): the deadline that is set for it.
    pub deadlines: [Option<Deadline>; 5],
}

impl Limited {
    pub fn new(limits: Limits) -> Self {
        Self { limits, started_at: Instant::default(), backoff: Duration::ZERO, deadlines: [None; 5] }
    }
}

/// A live task. It holds no value: what a task makes is the host's.
#[derive(Debug)]
pub(crate) struct LiveTask {
    pub generation: u32,
    pub phase: Phase,
    pub manager: u32,
    pub priority: Option<Priority>,
    /// A child runs under its parent's place; so a parent that waits for its child can't starve it.
    pub is_child: bool,
    /// The number of the current attempt, from 1; 0 before the first.
    pub attempt: u32,
    /// How many of its functions run: more than one if an attempt that timed out does not stop.
    pub in_flight: u32,
    /// Whether its functions have not ended in the grace that they had after it settled, so that it has no place any more.
    pub given_up: bool,
    pub parent: Option<u32>,
    pub children: List,
    /// Boxed, since most tasks have none.
    pub limited: Option<Box<Limited>>,
}

impl LiveTask {
    pub fn is_settled(&self) -> bool {
        matches!(self.phase, Phase::Settled(_))
    }

    /// Whether it holds one of its manager's places.
    pub fn holds_place(&self) -> bool {
        !self.is_child && !self.given_up && self.phase != Phase::Queued
    }

    /// The class that it waits in.
    pub fn queue_class(&self) -> Priority {
        self.priority.unwrap_or_default()
    }
}
