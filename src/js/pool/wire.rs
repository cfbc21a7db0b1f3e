//! Worker pools, in numbers.

use alloc::{vec, vec::Vec};
use core::time::Duration;

use slab::Slab;
use wasm_bindgen::prelude::*;

use crate::{
    core::{
        base::{clock::Instant, count::count, error::Error},
        pool::{
            Loss, Pool, PoolOptions, Roster,
            wire::{DISPATCH_BEGUN, DISPATCH_FIELDS, DISPATCH_MARKED, pack_action},
        },
        tasks::{
            engine::{
                Submission,
                wire::{self, ANSWER_DONE, ANSWER_NONE, PENDING_ACTIONS, PENDING_TIMER},
            },
            task::TaskKey,
        },
    },
    js::{
        base::{
            duration::span,
            kept::{Kept, inside},
        },
        tasks::wire::{Engine, HOST, Host, key_of, started},
    },
};

/// The worker pools of this thread, beside the engine that has their calls. What concerns tasks only knows nothing of pools; once there are some, the
/// glue asks `pendingPools`, `armPools` and `firePools` in place of `pending`, `armTimer` and `fire`.
struct Pools {
    by_number: Slab<Pool>,
    /// Those of them that there is something to do for.
    roster: Roster,
    /// The deadline that the platform timer is armed for, unless the engine's is sooner.
    armed: Option<Instant>,
}

static POOLS: Kept<Pools> = Kept::new(Pools { by_number: Slab::new(), roster: Roster::new(), armed: None });

/// Calls with the pools and what tasks keep.
fn with<R>(call: impl FnOnce(&mut Pools, &mut Host) -> R) -> R {
    inside(|inside| {
        let (pools, host) = POOLS.with(&HOST, inside);
        call(pools, started(host))
    })
}

/// An answer, with what the glue has to see to next.
fn answer(call: impl FnOnce(&mut Pools, &mut Host) -> u32) -> u32 {
    with(|pools, host| {
        let packed = call(pools, host);
        pools.answer(packed, host)
    })
}

impl Pools {
    #[inline(never)] // smaller by more than its calls
    fn answer(&mut self, answer: u32, host: &mut Host) -> u32 {
        let mut packed = host.answer(answer);
        if self.roster.has_waiting() {
            packed |= PENDING_ACTIONS;
        }
        if self.roster.next_deadline() != self.armed {
            packed |= PENDING_TIMER;
        }
        packed
    }

    /// Calls a method of a pool; a pool that is gone does nothing.
    fn call<R: Default>(
        &mut self,
        number: u32,
        host: &mut Host,
        call: impl FnOnce(&mut Pool, &mut Engine) -> R,
    ) -> R {
        let Some(pool) = self.by_number.get_mut(number as usize) else { return R::default() };
        let result = call(pool, &mut host.engine);
        self.roster.note(number, pool);
        result
    }
}

/// Calls a method of a pool, as [`Pools::call`].
fn pool<R: Default>(number: u32, call: impl FnOnce(&mut Pool, &mut Engine) -> R) -> R {
    with(|pools, host| pools.call(number, host, call))
}

/// What waits, after a call that answers with something else.
#[wasm_bindgen(js_name = pendingPools)]
pub fn pending_pools() -> u32 {
    answer(|_, _| ANSWER_NONE)
}

/// The platform timer has fired.
#[wasm_bindgen(js_name = firePools)]
pub fn fire_pools() -> u32 {
    answer(|pools, host| {
        host.fire();
        pools.armed = None;
        let now = host.engine.now();
        while let Some(number) = pools.roster.next_due(now) {
            if let Some(pool) = pools.by_number.get_mut(number as usize) {
                pool.fire(&mut host.engine);
                pools.roster.fired(number, pool);
            }
        }
        ANSWER_NONE
    })
}

/// How many milliseconds to arm the platform timer for; negative for none at all.
#[wasm_bindgen(js_name = armPools)]
pub fn arm_pools() -> f64 {
    with(|pools, host| {
        pools.armed = pools.roster.next_deadline();
        // None is not sooner than any.
        let deadline = host.arm().into_iter().chain(pools.armed).min();
        host.delay(deadline)
    })
}

/// Adds a pool for the calls of a manager; a NaN idle timeout is none.
#[wasm_bindgen(js_name = addPool)]
pub fn add_pool(
    manager: u32,
    size: f64,
    min_workers: f64,
    idle_timeout: f64,
    start_timeout: f64,
    cancel_grace: f64,
) -> Result<u32, Error> {
    let options = PoolOptions {
        size: count("size", size, 1)?,
        min_workers: count("minWorkers", min_workers, 0)?,
        idle_timeout: span(idle_timeout),
        start_timeout: span(start_timeout).unwrap_or(Duration::MAX),
        cancel_grace: span(cancel_grace).unwrap_or_default(),
    };
    with(|Pools { by_number, roster, .. }, host| {
        let pool = Pool::new(manager, options, &mut host.engine)?;
        let number = u32::try_from(by_number.insert(pool)).unwrap_or(u32::MAX);
        roster.note(number, &by_number[number as usize]);
        Ok(number)
    })
}

/// The number of a pool that has actions, or whose time has come, and that is to be dispatched then; negative if there is none.
#[wasm_bindgen(js_name = nextPool)]
pub fn next_pool() -> f64 {
    inside(|inside| POOLS.of(inside).roster.next_waiting().map_or(-1.0, f64::from))
}

/// Forgets a pool whose workers have ended.
#[wasm_bindgen(js_name = removePool)]
pub fn remove_pool(number: u32) {
    inside(|inside| {
        let pools = POOLS.of(inside);
        pools.roster.forget(number);
        pools.by_number.try_remove(number as usize);
    });
}

/// Ends the workers of a pool.
#[wasm_bindgen(js_name = disposePool)]
pub fn dispose_pool(number: u32) -> u32 {
    reported(number, Pool::dispose)
}

/// Submits a call without options.
#[wasm_bindgen(js_name = submitCall)]
pub fn submit_call(number: u32, manager: u32, job: u32, transfers: bool) -> f64 {
    with(|pools, host| {
        let submitted = host.engine.submit(Submission { manager, ..Submission::default() });
        if let Ok(key) = submitted {
            pools.call(number, host, |pool, _| pool.describe(key, job, transfers));
        }
        key_of(submitted)
    })
}

/// A task of the pool's manager is a call of this job.
#[wasm_bindgen(js_name = describeCall)]
pub fn describe_call(number: u32, key: f64, job: u32, transfers: bool) {
    pool(number, |pool, _| pool.describe(TaskKey::from_number(key), job, transfers));
}

/// The calls that go to workers now, four numbers each, behind an answer that says what is pending.
#[wasm_bindgen(js_name = dispatchCalls)]
pub fn dispatch_calls(number: u32) -> Vec<f64> {
    let mut batch = vec![0.0];
    let pending = answer(|pools, host| {
        pools.call(number, host, |pool, engine| {
            pool.dispatch(engine, |call| {
                let flags = if call.begun { DISPATCH_BEGUN } else { 0 }
                    | if call.marked { DISPATCH_MARKED } else { 0 };
                let fields: [f64; DISPATCH_FIELDS as usize] =
                    [call.key.to_number(), call.worker.into(), call.number.into(), flags.into()];
                batch.extend(fields);
            });
        });
        ANSWER_NONE
    });
    batch[0] = pending.into();
    batch
}

/// The subject of the next action, or `NO_KEY`; `effectKind` tells what it is.
#[wasm_bindgen(js_name = nextAction)]
pub fn next_action(number: u32) -> f64 {
    with(|pools, host| {
        let Some(action) = pools.call(number, host, Pool::next_action) else {
            return wire::NO_KEY;
        };
        let (subject, kind) = pack_action(action);
        host.effect_kind = kind;
        subject
    })
}

fn reported(number: u32, call: impl FnOnce(&mut Pool, &mut Engine)) -> u32 {
    answer(|pools, host| {
        pools.call(number, host, call);
        ANSWER_NONE
    })
}

/// Something has come from a worker.
#[wasm_bindgen(js_name = workerHeard)]
pub fn worker_heard(number: u32, worker: u32) {
    pool(number, |pool, engine| pool.heard(worker, engine));
}

/// A worker is ready; `watched` if its end will be noticed by other means than silence, `cleans_up` if it has something to do before.
#[wasm_bindgen(js_name = workerReady)]
pub fn worker_ready(number: u32, worker: u32, watched: bool, cleans_up: bool) -> u32 {
    reported(number, |pool, engine| {
        pool.ready(worker, watched, engine);
        if cleans_up {
            pool.cleans_up(worker);
        }
    })
}

/// The calls of a pool have this many milliseconds to end; NaN for any time.
#[wasm_bindgen(js_name = closePool)]
pub fn close_pool(number: u32, within: f64) -> u32 {
    reported(number, |pool, engine| pool.close(span(within), engine))
}

/// Ends the workers of a pool without calls, which may clean up first.
#[wasm_bindgen(js_name = retirePool)]
pub fn retire_pool(number: u32) -> u32 {
    reported(number, Pool::retire)
}

/// A worker could not be started; `version` if for speaking another version of the protocol.
#[wasm_bindgen(js_name = workerStartFailed)]
pub fn worker_start_failed(number: u32, worker: u32, version: bool) -> u32 {
    let loss = if version { Loss::Version } else { Loss::Load };
    reported(number, |pool, engine| pool.start_failed(worker, loss, engine))
}

/// A worker has ended. `last_started` is NaN if it is not known.
#[wasm_bindgen(js_name = workerLost)]
pub fn worker_lost(number: u32, worker: u32, last_started: f64, lossy: bool) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    // a 32-bit number that wraps round, -1 before the first
    let last_started = (!last_started.is_nan()).then_some(last_started as i64 as u32);
    reported(number, |pool, engine| pool.lost(worker, last_started, lossy, engine))
}

/// A worker starts a call: `ANSWER_DONE` if the attempt begins thereby.
#[wasm_bindgen(js_name = callStarted)]
pub fn call_started(number: u32, worker: u32, call: u32) -> u32 {
    answer(|pools, host| {
        let begins = pools.call(number, host, |pool, engine| pool.started(worker, call, engine));
        u32::from(begins) * ANSWER_DONE
    })
}

/// A worker has answered a call: with a result, or with an error that is not taken note of here: see `reject`. The answer is that of
/// `resolve`; for an error, `ANSWER_DONE` means that the task is to be told.
#[wasm_bindgen(js_name = callAnswered)]
pub fn call_answered(number: u32, worker: u32, call: u32, micros: f32, failed: bool) -> u32 {
    answer(|pools, host| {
        let Some((key, attempt)) =
            pools.call(number, host, |pool, engine| pool.answered(worker, call, micros, engine))
        else {
            return ANSWER_NONE;
        };
        if failed { ANSWER_DONE } else { wire::pack_ended(host.engine.resolve(key, attempt)) }
    })
}

/// A worker gives a call back.
#[wasm_bindgen(js_name = callWithdrawn)]
pub fn call_withdrawn(number: u32, worker: u32, call: u32) -> u32 {
    reported(number, |pool, engine| pool.withdrawn(worker, call, engine))
}

/// The task of a call needs no answer any more.
#[wasm_bindgen(js_name = abortCall)]
pub fn abort_call(number: u32, worker: u32, call: u32) -> u32 {
    reported(number, |pool, engine| pool.abort(worker, call, engine))
}

/// A worker has given a sign of life.
#[wasm_bindgen(js_name = workerPong)]
pub fn worker_pong(number: u32, worker: u32) {
    pool(number, |pool, _| pool.pong(worker));
}

/// The messages that had arrived are dealt with.
#[wasm_bindgen(js_name = workerTurned)]
pub fn worker_turned(number: u32, worker: u32) -> u32 {
    reported(number, |pool, engine| pool.turned(worker, engine))
}

/// Wants at least so many workers, and tries again after the pool had given up.
#[wasm_bindgen(js_name = warmPool)]
pub fn warm_pool(number: u32, workers: u32) {
    pool(number, |pool, engine| pool.warm(workers, engine));
}

/// How a pool is, as [workers that are ready, calls that workers have, the number of the reason for which calls fail at once or -1 if they
/// don't].
#[wasm_bindgen(js_name = viewPool)]
pub fn view_pool(number: u32) -> Vec<f64> {
    let state = pool(number, |pool, _| Some((pool.ready_count(), pool.running(), pool.broken())));
    let (ready, running, broken) = state.unwrap_or_default();
    vec![f64::from(ready), f64::from(running), broken.map_or(-1.0, |loss| f64::from(loss as u32))]
}

/// What a worker is doing, as [ready, open, answered, busy for milliseconds or NaN, stuck, job or -1]; nothing if there is none.
#[wasm_bindgen(js_name = viewWorker)]
pub fn view_worker(number: u32, worker: u32) -> Vec<f64> {
    let view = pool(number, |pool, engine| pool.view(worker, engine));
    view.map_or_else(Vec::new, |view| {
        vec![
            f64::from(u8::from(view.ready)),
            view.open.into(),
            view.answered.into(),
            view.busy_for.map_or(f64::NAN, |span| span.as_secs_f64() * 1000.0),
            f64::from(u8::from(view.stuck)),
            view.job.map_or(-1.0, f64::from),
        ]
    })
}
