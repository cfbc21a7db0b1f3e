//! The worker pool: which call goes to which worker and when, what has started, and what becomes of it when a worker dies.
//!
//! A call is a task of a manager whose tasks are [pulled](crate::core::tasks::engine::Engine::pull): the engine has the line, the limits and the
//! retries, the pool has the workers. The host reports what it hears from the workers, then does what [`Pool::next_action`] says and
//! sends what [`Pool::dispatch`] hands out. A worker runs its calls one after the other, in the order in which they were sent.
//!
//! What a worker was sent and has not answered may have been started, unless the [protocol] excludes it. Such
//! a call is never run again but by a retry policy of its own; one that can't have been started goes back to the line.

mod action;
mod death;
mod dispatch;
mod options;
mod pace;
pub mod protocol;
mod roster;
mod watch;
pub mod wire;
mod worker;

use alloc::{collections::VecDeque, vec::Vec};
use core::time::Duration;

use slab::Slab;

pub use self::{
    action::{Action, Dispatch, Loss, WorkerId},
    death::{MAX_DEATHS, MAX_FAILED_STARTS},
    options::{MAX_WORKERS, PoolOptions},
    roster::{PoolId, Roster},
};
use self::{
    pace::Pace,
    watch::PING_EVERY,
    worker::{Phase, Sent, Worker},
};
use crate::core::{
    base::{
        clock::{Clock, Instant},
        error::Error,
    },
    tasks::{
        engine::{Ended, Engine, ManagerId},
        task::TaskKey,
    },
};

/// What is known of a call before it is sent.
#[derive(Clone, Copy, Debug, Default)]
struct Call {
    job: u32,
    transfers: bool,
}

/// The workers of one pool.
#[derive(Debug)]
pub struct Pool {
    manager: ManagerId,
    options: PoolOptions,
    workers: Slab<Worker>,
    /// How many workers were made.
    born: u32,
    /// By the slot of its task.
    calls: Vec<Call>,
    /// By job.
    paces: Vec<Pace>,
    actions: VecDeque<Action>,
    /// How many workers are wanted whether there is work or not.
    wanted: u32,
    failed_starts: u32,
    deaths: u32,
    /// No worker is started before.
    restart_at: Option<Instant>,
    /// When the time is over that a pool has which [closes](Self::close).
    close_at: Option<Instant>,
    /// No worker is started any more, for this reason; see [`death`].
    given_up: Option<Loss>,
    /// How many workers are ready.
    ready: u32,
    /// How many workers have calls.
    busy: u32,
    disposed: bool,
    /// Whether the developer was told of a worker that does not become ready; once is enough.
    reminded: bool,
    /// When to look at the workers next: never later than needed, sometimes earlier.
    wake_at: Option<Instant>,
    /// The time at the last report; reading the clock for each call would cost more than the call.
    now: Instant,
}

/// What a worker is doing, for those who look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerView {
    /// Whether it is ready for calls; else it is starting.
    pub ready: bool,
    /// How many calls it has not answered.
    pub open: u32,
    /// How many it has answered.
    pub answered: u32,
    /// How long it has been busy with its present call.
    pub busy_for: Option<Duration>,
    /// Whether it has given no sign of life when it was asked.
    pub stuck: bool,
    /// The present call's job.
    pub job: Option<u32>,
}

impl Pool {
    /// A pool for the calls of a manager, which starts `min_workers` workers at the first [`dispatch`](Self::dispatch).
    pub fn new<C: Clock>(
        manager: ManagerId,
        options: PoolOptions,
        engine: &mut Engine<C>,
    ) -> Result<Self, Error> {
        let options = options.validated()?;
        engine.set_pulled(manager);
        let now = engine.now();
        let pool = Self {
            manager,
            options,
            workers: Slab::new(),
            born: 0,
            calls: Vec::new(),
            paces: Vec::new(),
            actions: VecDeque::new(),
            wanted: options.min_workers,
            failed_starts: 0,
            deaths: 0,
            restart_at: None,
            close_at: None,
            given_up: None,
            ready: 0,
            busy: 0,
            disposed: false,
            reminded: false,
            wake_at: None,
            now,
        };
        pool.tell_free(engine);
        Ok(pool)
    }

    // ---- what the host reports ---------------------------------------------------------------------------------------

    /// A task that was submitted to the pool's manager is a call of this job.
    pub fn describe(&mut self, key: TaskKey, job: u32, transfers: bool) {
        let slot = key.slot() as usize;
        if slot >= self.calls.len() {
            self.calls.resize(slot + 1, Call::default());
        }
        self.calls[slot] = Call { job, transfers };
        if job as usize >= self.paces.len() {
            self.paces.resize(job as usize + 1, Pace::default());
        }
    }

    /// Something has come from a worker: what is reported next happens now.
    pub fn heard<C: Clock>(&mut self, worker: WorkerId, engine: &Engine<C>) {
        self.now = engine.now();
        if let Some(worker) = self.workers.get_mut(worker as usize) {
            worker.asked = worker.asked.map(|_| self.now); // alive, though perhaps not free
            worker.condemned &= worker.grace.is_some();
        }
    }

    /// A worker is ready. `watched`: the host will notice its end, so that silence need not mean anything.
    pub fn ready<C: Clock>(&mut self, worker: WorkerId, watched: bool, engine: &mut Engine<C>) {
        self.now = engine.now();
        let now = self.now;
        if let Some(worker) = self.workers.get_mut(worker as usize) {
            self.ready += u32::from(!worker.is_ready());
            worker.phase = Phase::Ready;
            worker.watched = watched;
            worker.idle_since = now;
            self.a_start_has_succeeded();
            self.look_again_for_idle();
        }
    }

    /// A worker that is ready has something to do before it ends: it is asked to, where it ends for having no work.
    pub fn cleans_up(&mut self, worker: WorkerId) {
        if let Some(worker) = self.workers.get_mut(worker as usize) {
            worker.cleans_up = true;
        }
    }

    /// A worker says that it starts a call. True if the attempt begins thereby.
    pub fn started<C: Clock>(&mut self, worker: WorkerId, number: u32, engine: &mut Engine<C>) -> bool {
        let Some(sent) = self.workers.get_mut(worker as usize).and_then(|worker| worker.get_mut(number))
        else {
            return false;
        };
        sent.started = true;
        if sent.abandoned || sent.begun {
            return false;
        }
        sent.begun = engine.begin(sent.key);
        sent.begun
    }

    /// A worker has answered a call, after this many microseconds. What it means for the task is the engine's to say: the call is
    /// resolved or rejected with its attempt if it is returned.
    pub fn answered<C: Clock>(
        &mut self,
        worker: WorkerId,
        number: u32,
        micros: f32,
        engine: &mut Engine<C>,
    ) -> Option<(TaskKey, u32)> {
        let sent = self.take(worker, number, engine)?;
        self.a_worker_has_answered();
        if let Some(worker) = self.workers.get_mut(worker as usize) {
            worker.answered = worker.answered.saturating_add(1);
        }
        if let Some(pace) = self.paces.get_mut(sent.job as usize) {
            pace.note(micros);
        }
        if sent.abandoned {
            end_abandoned(&sent, engine);
            return None;
        }
        if !sent.begun {
            engine.begin(sent.key);
        }
        Some((sent.key, sent.attempt))
    }

    /// A worker gives a call back that it has not started.
    pub fn withdrawn<C: Clock>(&mut self, worker: WorkerId, number: u32, engine: &mut Engine<C>) {
        let Some(sent) = self.take(worker, number, engine) else { return };
        if sent.abandoned {
            end_abandoned(&sent, engine);
        } else if sent.transfers {
            self.fail(&sent, Loss::Transferred, engine);
        } else if !sent.begun {
            engine.put_back(sent.key);
        } else {
            // It was taken to have started on an idle worker, and was overtaken by a withdrawal.
            self.fail(&sent, Loss::Worker, engine);
        }
    }

    /// A worker has given a sign of life.
    pub fn pong(&mut self, worker: WorkerId) {
        if let Some(worker) = self.workers.get_mut(worker as usize) {
            worker.asked = None;
        }
    }

    /// The task of a call needs no answer any more: it was cancelled, has run out of time, or its attempt has.
    pub fn abort<C: Clock>(&mut self, worker: WorkerId, number: u32, engine: &mut Engine<C>) {
        self.now = engine.now();
        let Some(entry) = self.workers.get_mut(worker as usize) else { return };
        let is_head = number == entry.head_number();
        let Some(sent) = entry.get_mut(number) else { return };
        if core::mem::replace(&mut sent.abandoned, true) {
            return;
        }
        self.actions.push_back(Action::Cancel(worker, number));
        if is_head {
            self.expect_end(worker);
        }
    }

    // ---- what the host asks ------------------------------------------------------------------------------------------

    /// The next thing for the host to do.
    pub fn next_action<C: Clock>(&mut self, engine: &mut Engine<C>) -> Option<Action> {
        loop {
            match self.actions.pop_front()? {
                // What the host has done since, such as to ask the caller of another call that has failed, may have ended it.
                Action::Fail(key, attempt, _) if !engine.is_at(key, attempt) => {
                    end_unheard(key, attempt, engine);
                }
                action => return Some(action),
            }
        }
    }

    /// Whether an action waits.
    pub fn has_actions(&self) -> bool {
        !self.actions.is_empty()
    }

    /// Why calls fail at once, if they do: no worker is ready, and none is started any more.
    pub fn broken(&self) -> Option<Loss> {
        self.given_up.filter(|_| self.ready == 0)
    }

    /// How many calls the workers have been sent and have not answered.
    pub fn running(&self) -> u32 {
        self.workers.iter().map(|(_, worker)| worker.open()).sum()
    }

    /// How many workers are ready.
    pub fn ready_count(&self) -> u32 {
        self.ready
    }

    /// The workers that there are.
    pub fn ids(&self) -> impl Iterator<Item = WorkerId> + '_ {
        self.workers.iter().map(|(id, _)| id_of(id))
    }

    /// What a worker is doing.
    pub fn view<C: Clock>(&self, worker: WorkerId, engine: &Engine<C>) -> Option<WorkerView> {
        let worker = self.workers.get(worker as usize)?;
        let now = engine.now();
        Some(WorkerView {
            ready: worker.is_ready(),
            open: worker.open(),
            answered: worker.answered,
            busy_for: worker.head().map(|_| now - worker.head_since),
            stuck: worker.condemned || worker.asked.is_some_and(|at| now - at >= PING_EVERY),
            job: worker.head().map(|sent| sent.job),
        })
    }

    // ---- inside ------------------------------------------------------------------------------------------------------

    /// Takes an answered call out of its worker, and looks at the one that the worker goes on to.
    fn take<C: Clock>(&mut self, worker: WorkerId, number: u32, engine: &mut Engine<C>) -> Option<Sent> {
        let now = self.now;
        let entry = self.workers.get_mut(worker as usize)?;
        let (sent, was_head) = entry.take(number, now)?;
        if was_head {
            entry.grace = None;
            entry.condemned = false;
            if entry.head().is_some_and(|next| next.abandoned) {
                self.expect_end(worker);
            }
        }
        if self.workers[worker as usize].open() == 0 {
            self.one_less_busy(engine);
            self.look_again_for_idle();
        }
        Some(sent)
    }
}

/// The function of a call whose task has settled or gone on has ended.
fn end_abandoned<C: Clock>(sent: &Sent, engine: &mut Engine<C>) {
    if sent.begun {
        end_unheard(sent.key, sent.attempt, engine);
    }
}

fn end_unheard<C: Clock>(key: TaskKey, attempt: u32, engine: &mut Engine<C>) {
    let ended = engine.reject(key, attempt);
    debug_assert_eq!(ended, Ended::Late, "its task has settled, or has gone on to another attempt");
}

fn id_of(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
