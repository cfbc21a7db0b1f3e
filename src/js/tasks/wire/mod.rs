//! The engine's calls, in numbers.

mod manager;
mod retry;

use core::mem::forget;

use wasm_bindgen::prelude::*;

use self::retry::policy_from;
use crate::{
    core::{
        base::{clock::Instant, deadline::platform_delay, error::Error},
        tasks::{
            engine::{Submission, wire},
            progress, remember,
            retry::Verdict,
            slice::TimeSlice,
            task::{Limits, TaskKey, TaskState},
        },
    },
    js::base::{
        duration::span,
        kept::{Kept, inside},
    },
    platform::clock::{PerformanceClock, from_millis, to_millis},
};

pub(in crate::js) type Engine = crate::core::tasks::engine::Engine<PerformanceClock>;

/// The engine of this thread, and what the glue has been told of it.
pub(in crate::js) struct Host {
    pub engine: Engine,
    /// The deadline that the platform timer is armed for.
    armed: Option<Instant>,
    /// The kind of the effect or action whose subject was handed out last.
    pub effect_kind: u32,
    slice: TimeSlice,
    /// How many checkpoints wait for their turn of the event loop.
    yielding: u32,
}

/// Made by `start`.
pub(in crate::js) static HOST: Kept<Option<Host>> = Kept::new(None);

impl Host {
    /// An answer, with what the glue has to see to next.
    #[inline(never)] // 0.6 kB smaller, and not to be seen in any figure
    pub fn answer(&mut self, answer: u32) -> u32 {
        let mut packed = answer;
        if self.engine.has_ready() {
            packed |= wire::PENDING_READY;
        }
        if self.engine.has_effects() {
            packed |= wire::PENDING_EFFECTS;
        }
        if self.engine.next_deadline() != self.armed {
            packed |= wire::PENDING_TIMER;
        }
        packed
    }

    /// Acts on the deadlines that have passed.
    pub fn fire(&mut self) {
        self.armed = None;
        self.engine.fire();
    }

    /// The deadline that the platform timer is to be armed for, if nothing else needs it sooner.
    pub fn arm(&mut self) -> Option<Instant> {
        self.armed = self.engine.next_deadline();
        self.armed
    }

    /// The delay of a timer in milliseconds; negative for no timer.
    pub fn delay(&self, deadline: Option<Instant>) -> f64 {
        deadline.map_or(-1.0, |deadline| platform_delay(self.engine.now(), deadline).as_secs_f64() * 1000.0)
    }
}

pub(in crate::js) fn with<R>(call: impl FnOnce(&mut Host) -> R) -> R {
    inside(|inside| call(started(HOST.of(inside))))
}

/// JavaScript calls `start` before anything else.
pub(in crate::js) fn started(host: &mut Option<Host>) -> &mut Host {
    host.as_mut().expect("tasks come after `start`")
}

fn answer(call: impl FnOnce(&mut Host) -> u32) -> u32 {
    with(|host| {
        let packed = call(host);
        host.answer(packed)
    })
}

pub(in crate::js) fn key_of(submitted: Result<TaskKey, Error>) -> f64 {
    submitted.map_or(wire::QUEUE_FULL, TaskKey::to_number)
}

/// Begins afresh, with a seed for the jitter of retries.
#[wasm_bindgen]
pub fn start(seed: f64) {
    let host = Host {
        engine: Engine::new(PerformanceClock, seed.to_bits()),
        armed: None,
        effect_kind: 0,
        slice: TimeSlice::default(),
        yielding: 0,
    };
    // There is none before: an engine that begins afresh does so in memory of its own.
    inside(|inside| forget(HOST.of(inside).replace(host)));
}

/// Submits a task without options.
#[wasm_bindgen]
pub fn submit(manager: u32) -> f64 {
    with(|host| key_of(host.engine.submit(Submission { manager, ..Submission::default() })))
}

/// Submits a task with options. A negative `parent` is none, a NaN duration is none, `max_attempts` 0 is no policy.
#[wasm_bindgen(js_name = submitWith)]
#[allow(clippy::too_many_arguments)] // numbers side by side cross the border for nothing, an object does not
pub fn submit_with(
    manager: u32,
    priority: u32,
    parent: f64,
    timeout: f64,
    queue_timeout: f64,
    max_attempts: u32,
    base_delay: f64,
    max_delay: f64,
    multiplier: f64,
    jitter: f64,
    max_elapsed: f64,
    attempt_timeout: f64,
) -> f64 {
    let retry = (max_attempts > 0).then(|| {
        policy_from(max_attempts, base_delay, max_delay, multiplier, jitter, max_elapsed, attempt_timeout)
    });
    let submission = Submission {
        manager,
        priority: wire::unpack_priority(priority),
        parent: (parent >= 0.0).then(|| TaskKey::from_number(parent)),
        limits: Limits { timeout: span(timeout), queue_timeout: span(queue_timeout), retry },
    };
    with(|host| key_of(host.engine.submit(submission)))
}

/// What waits, after a call that answers with something else.
#[wasm_bindgen]
pub fn pending() -> u32 {
    answer(|_| wire::ANSWER_NONE)
}

/// The slot of the next task to start now and, in units of `ANSWER_UNIT`, what waits besides; or `NO_KEY`.
#[wasm_bindgen(js_name = nextReady)]
pub fn next_ready() -> f64 {
    with(|host| {
        let Some(key) = host.engine.next_ready() else { return wire::NO_KEY };
        wire::pack_ready(key, host.answer(wire::ANSWER_NONE))
    })
}

/// The platform's scheduler has reached this task.
#[wasm_bindgen]
pub fn begin(key: f64) -> u32 {
    answer(|host| u32::from(host.engine.begin(TaskKey::from_number(key))))
}

/// The function has returned.
#[wasm_bindgen]
pub fn resolve(key: f64, attempt: u32) -> u32 {
    answer(|host| wire::pack_ended(host.engine.resolve(TaskKey::from_number(key), attempt)))
}

/// The function has thrown.
#[wasm_bindgen]
pub fn reject(key: f64, attempt: u32) -> u32 {
    answer(|host| wire::pack_ended(host.engine.reject(TaskKey::from_number(key), attempt)))
}

/// Gives a task that was submitted without limits its policy, before its first failure is reported.
#[wasm_bindgen(js_name = setRetry)]
pub fn set_retry(key: f64, max_attempts: u32, base_delay: f64, max_delay: f64, multiplier: f64, jitter: f64) {
    let policy = policy_from(max_attempts, base_delay, max_delay, multiplier, jitter, f64::NAN, f64::NAN);
    with(|host| host.engine.set_retry(TaskKey::from_number(key), policy));
}

/// What the caller's rules say of a failure; a delay that is not NaN is the one that the error asked for.
#[wasm_bindgen]
pub fn decide(key: f64, attempt: u32, again: bool, delay: f64) -> u32 {
    let verdict = match (again, span(delay)) {
        (false, _) => Verdict::GiveUp,
        (true, None) => Verdict::Retry,
        (true, Some(delay)) => Verdict::RetryAfter(delay),
    };
    answer(|host| wire::pack_ended(host.engine.decide(TaskKey::from_number(key), attempt, verdict)))
}

/// The wait in milliseconds before the next attempt of a task that is between two; NaN for any other.
#[wasm_bindgen]
pub fn backoff(key: f64) -> f64 {
    with(|host| {
        let wait = host.engine.backoff(TaskKey::from_number(key));
        wait.map_or(f64::NAN, |wait| wait.as_secs_f64() * 1000.0)
    })
}

/// Cancels a task.
#[wasm_bindgen]
pub fn cancel(key: f64) -> u32 {
    answer(|host| wire::pack_ended(host.engine.cancel(TaskKey::from_number(key))))
}

/// Gives a task that has not started another priority; says whether it had not.
#[wasm_bindgen(js_name = setPriority)]
pub fn set_priority(key: f64, priority: u32) -> u32 {
    let priority = wire::unpack_priority(priority).unwrap_or_default();
    answer(|host| u32::from(host.engine.set_priority(TaskKey::from_number(key), priority)))
}

/// The platform timer has fired.
#[wasm_bindgen]
pub fn fire() -> u32 {
    answer(|host| {
        host.fire();
        wire::ANSWER_NONE
    })
}

/// How many milliseconds to arm the platform timer for; negative for none at all.
#[wasm_bindgen(js_name = armTimer)]
pub fn arm_timer() -> f64 {
    with(|host| {
        let deadline = host.arm();
        host.delay(deadline)
    })
}

/// The subject of the next effect, or `NO_KEY`; `effectKind` tells what it is.
#[wasm_bindgen(js_name = nextEffect)]
pub fn next_effect() -> f64 {
    with(|host| {
        let Some(effect) = host.engine.next_effect() else {
            return wire::NO_KEY;
        };
        let (subject, kind) = wire::pack_effect(effect);
        host.effect_kind = kind;
        subject
    })
}

/// The kind and detail of the effect that `nextEffect` has handed out.
#[wasm_bindgen(js_name = effectKind)]
pub fn effect_kind() -> u32 {
    with(|host| host.effect_kind)
}

/// When the task or an ancestor of it runs out of time, in milliseconds of the clock's origin; NaN for never.
#[wasm_bindgen]
pub fn deadline(key: f64) -> f64 {
    with(|host| host.engine.deadline(TaskKey::from_number(key)).map_or(f64::NAN, to_millis))
}

/// The priority at which the checkpoints of a task of this priority yield.
#[wasm_bindgen(js_name = checkpointPriority)]
pub fn checkpoint_priority(priority: u32) -> u32 {
    wire::unpack_priority(priority).unwrap_or_default().of_checkpoint() as u32
}

/// Whether a checkpoint at this time has to yield. If so it counts as waiting until `restartSlice`.
#[wasm_bindgen(js_name = sliceSpent)]
pub fn slice_spent(now: f64) -> bool {
    with(|host| {
        let spent = host.slice.is_spent(from_millis(now), host.yielding);
        host.yielding += u32::from(spent);
        spent
    })
}

/// The event loop has given the thread back to a checkpoint.
#[wasm_bindgen(js_name = restartSlice)]
pub fn restart_slice(now: f64) {
    with(|host| {
        host.yielding = host.yielding.saturating_sub(1);
        host.slice.restart(from_millis(now));
    });
}

/// Milliseconds left for a task that has done `value` of `total` in `elapsed` milliseconds; NaN if nobody knows.
#[wasm_bindgen(js_name = timeLeft)]
pub fn time_left(value: f64, total: f64, elapsed: f64) -> f64 {
    let left = progress::time_left(value, total, span(elapsed).unwrap_or_default());
    left.map_or(f64::NAN, |left| left.as_secs_f64() * 1000.0)
}

/// The state that a stored task has after a reload; that of a pending one if nothing is left of it.
#[wasm_bindgen(js_name = restoredState)]
pub fn restored_state(stored: u32) -> u32 {
    let restored = wire::unpack_state(stored).and_then(remember::restored);
    restored.unwrap_or(TaskState::Pending) as u32
}
