//! How the engine's answers and effects are packed into numbers, for a host on the other side of a language border.
//!
//! The JavaScript side's constants are generated from [`CONSTANTS`] when the package is built, so they are written
//! down once.

use super::{Effect, Ended};
use crate::core::tasks::{
    priority::Priority,
    task::{Outcome, TaskKey, TaskState, Timeout},
};

/// The bits of an answer that say what became of the call.
pub const ANSWER_MASK: u32 = 0b11;
/// The call did nothing, or came too late.
pub const ANSWER_NONE: u32 = 0;
/// The call did what its name says, and the task has settled.
pub const ANSWER_DONE: u32 = 1;
/// The attempt has failed, and another one is possible.
pub const ANSWER_UNDECIDED: u32 = 2;
/// As `ANSWER_DONE`, but a function of the task still runs: its end will come as an effect.
pub const ANSWER_HELD: u32 = 3;
/// Tasks are ready: start them in a microtask.
pub const PENDING_READY: u32 = 0b100;
/// Effects wait: carry them out now.
pub const PENDING_EFFECTS: u32 = 0b1000;
/// The next deadline is another one now: arm the timer anew.
pub const PENDING_TIMER: u32 = 0b1_0000;
/// A pool has something to be done: carry it out now.
pub const PENDING_ACTIONS: u32 = 0b10_0000;

/// No key: nothing is ready, or no effect waits. A real one is never negative.
pub const NO_KEY: f64 = -1.0;
/// One unit of the answer that stands above a slot: see [`pack_ready`].
pub const ANSWER_UNIT: f64 = 4_294_967_296.0; // 2^32
/// In place of a key: the manager's queue is full.
pub const QUEUE_FULL: f64 = -2.0;

const POST: u32 = 1;
const ATTEMPT: u32 = 2;
const ATTEMPT_TIMED_OUT: u32 = 3;
const SETTLED: u32 = 4;
const STOPPED: u32 = 5;
const IDLE: u32 = 6;
const WAITING: u32 = 7;
const RATE_LIMITED: u32 = 8;
/// How far the detail of an effect stands left of its kind.
const DETAIL_SHIFT: u32 = 4;

const CANCELLED: u32 = 2;
const PARENT_STOPPED: u32 = 3;
const PARENT_DONE: u32 = 4;
/// The first of three: one for each [`Timeout`].
const TIMED_OUT: u32 = 5;
/// Added to an outcome: a function of the task still runs.
const HELD: u32 = 16;

/// Every number that both sides must read alike, by its name in JavaScript.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // small whole numbers, all of them
pub const CONSTANTS: [(&str, i64); 36] = [
    ("ANSWER_MASK", ANSWER_MASK as i64),
    ("ANSWER_NONE", ANSWER_NONE as i64),
    ("ANSWER_DONE", ANSWER_DONE as i64),
    ("ANSWER_UNDECIDED", ANSWER_UNDECIDED as i64),
    ("ANSWER_HELD", ANSWER_HELD as i64),
    ("PENDING_READY", PENDING_READY as i64),
    ("PENDING_EFFECTS", PENDING_EFFECTS as i64),
    ("PENDING_TIMER", PENDING_TIMER as i64),
    ("PENDING_ACTIONS", PENDING_ACTIONS as i64),
    ("EFFECT_POST", POST as i64),
    ("EFFECT_ATTEMPT", ATTEMPT as i64),
    ("EFFECT_ATTEMPT_TIMED_OUT", ATTEMPT_TIMED_OUT as i64),
    ("EFFECT_SETTLED", SETTLED as i64),
    ("EFFECT_STOPPED", STOPPED as i64),
    ("EFFECT_IDLE", IDLE as i64),
    ("EFFECT_WAITING", WAITING as i64),
    ("EFFECT_RATE_LIMITED", RATE_LIMITED as i64),
    ("EFFECT_KIND_MASK", ((1 << DETAIL_SHIFT) - 1) as i64),
    ("EFFECT_DETAIL_SHIFT", DETAIL_SHIFT as i64),
    ("OUTCOME_MASK", (HELD - 1) as i64),
    ("OUTCOME_HELD", HELD as i64),
    ("OUTCOME_PARENT_STOPPED", PARENT_STOPPED as i64),
    ("OUTCOME_PARENT_DONE", PARENT_DONE as i64),
    ("TIMED_OUT_QUEUE", TIMED_OUT as i64 + Timeout::Queue as i64),
    ("TIMED_OUT_ATTEMPT", TIMED_OUT as i64 + Timeout::Attempt as i64),
    ("TIMED_OUT_TOTAL", TIMED_OUT as i64 + Timeout::Total as i64),
    ("STATE_PENDING", TaskState::Pending as i64),
    ("STATE_RUNNING", TaskState::Running as i64),
    ("STATE_DONE", TaskState::Done as i64),
    ("STATE_ERROR", TaskState::Error as i64),
    ("STATE_CANCELLED", TaskState::Cancelled as i64),
    ("PROGRESS_CAPACITY", crate::core::tasks::progress::DEFAULT_CAPACITY as i64),
    ("TRIM_SLACK", super::TRIM_SLACK as i64),
    ("CANCEL_GRACE", super::CANCEL_GRACE.as_millis() as i64),
    ("QUEUE_FULL", QUEUE_FULL as i64),
    ("ANSWER_UNIT", ANSWER_UNIT as i64),
];

/// An answer to "the function has ended" or "cancel".
pub fn pack_ended(ended: Ended) -> u32 {
    match ended {
        Ended::Late => ANSWER_NONE,
        Ended::Settled { stopped: true } => ANSWER_DONE,
        Ended::Settled { stopped: false } => ANSWER_HELD,
        Ended::Undecided => ANSWER_UNDECIDED,
    }
}

/// The slot of a task to start, and above it what waits then: one call where two would be needed.
pub fn pack_ready(key: TaskKey, answer: u32) -> f64 {
    f64::from(answer) * ANSWER_UNIT + f64::from(key.slot())
}

/// An effect as its subject (a task's key, or a manager) and its kind with its detail.
pub fn pack_effect(effect: Effect) -> (f64, u32) {
    match effect {
        Effect::Post(key, priority) => (key.to_number(), POST | (priority as u32) << DETAIL_SHIFT),
        Effect::Attempt(key) => (key.to_number(), ATTEMPT),
        Effect::AttemptTimedOut(key) => (key.to_number(), ATTEMPT_TIMED_OUT),
        Effect::Settled { key, outcome, stopped } => {
            let detail = pack_outcome(outcome) | if stopped { 0 } else { HELD };
            (key.to_number(), SETTLED | detail << DETAIL_SHIFT)
        }
        Effect::Stopped(key) => (key.to_number(), STOPPED),
        Effect::Idle(manager) => (f64::from(manager), IDLE),
        Effect::Waiting(manager) => (f64::from(manager), WAITING),
        Effect::RateLimited(manager) => (f64::from(manager), RATE_LIMITED),
    }
}

fn pack_outcome(outcome: Outcome) -> u32 {
    match outcome {
        Outcome::Done => 0,
        Outcome::Failed => 1,
        Outcome::Cancelled => CANCELLED,
        Outcome::ParentStopped => PARENT_STOPPED,
        Outcome::ParentDone => PARENT_DONE,
        Outcome::TimedOut(timeout) => TIMED_OUT + timeout as u32,
    }
}

/// The state with this number.
pub fn unpack_state(number: u32) -> Option<TaskState> {
    TaskState::ALL.into_iter().find(|state| *state as u32 == number)
}

/// The priority with this number, or `None` for any other number, which stands for "none given".
pub fn unpack_priority(number: u32) -> Option<Priority> {
    Priority::ALL.into_iter().find(|priority| *priority as u32 == number)
}

// The widths that the packing relies on.
const _: () = assert!(RATE_LIMITED < 1 << DETAIL_SHIFT && TaskKey::GENERATIONS <= 1 << 20);
