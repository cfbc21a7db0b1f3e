//! The worker pool: which call goes to which worker and when, what has started, and what becomes of it when a worker dies.
//!
//! A call is a task of a manager whose tasks are [pulled](crate::core::engine::Engine::pull): the engine has the line, the limits and the
//! retries, the pool has the workers. The host reports what it hears from the workers, then does what [`Pool::next_action`] says and
//! sends what [`Pool::dispatch`] hands out. A worker runs its calls one after the other, in the order in which they were sent.
//!
//! What a worker was sent and has not answered may have been started, unless the [protocol](crate::core::protocol) excludes it. Such
//! a call is never run again but by a retry policy of its own; one that can't have been started goes back to the line.

mod action;
mod options;
mod pace;
pub mod wire;
mod worker;

use std::{collections::VecDeque, time::Duration};

use slab::Slab;

pub use self::{
    action::{Action, Dispatch, Loss, WorkerId},
    options::{MAX_WORKERS, PoolOptions},
};
use self::{
    pace::{AHEAD_MICROS, Pace},
    worker::{Phase, Sent, Worker},
};
use super::{
    clock::{Clock, Instant},
    engine::{Ended, Engine, ManagerId},
    error::Error,
    protocol::MAX_OPEN,
    task::TaskKey,
};

/// So many starts in a row may fail before the pool gives up.
pub const MAX_FAILED_STARTS: u32 = 3;
/// So many workers in a row may end without one answer before the pool gives up.
pub const MAX_DEATHS: u32 = 10;
/// The wait after the first failure; it doubles from there.
const BACKOFF: Duration = Duration::from_millis(100);
const MAX_BACKOFF: Duration = Duration::from_secs(5);
/// What stands behind a call that has run for so long is given to an idle worker.
const STEAL_AFTER: Duration = Duration::from_millis(5);
/// How often a worker that is busy with one call is asked for a sign of life. One that has not given it by the next time is stuck.
const PING_EVERY: Duration = Duration::from_secs(1);
/// A silent worker whose end would not be noticed by other means is given up after so long.
const SILENCE: Duration = Duration::from_secs(60);
/// Even without grace a worker gets this time to give back what it has not started.
const LEAST_GRACE: Duration = Duration::from_millis(20);
/// Backlogs that differ by less than this count as equal, so that small calls go together.
const BATCH_MICROS: f32 = 100.0;

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
    broken: Option<Loss>,
    disposed: bool,
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
        let mut pool = Self {
            manager,
            options,
            workers: Slab::new(),
            calls: Vec::new(),
            paces: Vec::new(),
            actions: VecDeque::new(),
            wanted: options.min_workers,
            failed_starts: 0,
            deaths: 0,
            restart_at: None,
            broken: None,
            disposed: false,
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
        }
    }

    /// A worker is ready. `watched`: the host will notice its end, so that silence need not mean anything.
    pub fn ready<C: Clock>(&mut self, worker: WorkerId, watched: bool, engine: &mut Engine<C>) {
        self.now = engine.now();
        let now = self.now;
        if let Some(worker) = self.workers.get_mut(worker as usize) {
            worker.phase = Phase::Ready;
            worker.watched = watched;
            worker.idle_since = now;
            self.failed_starts = 0;
            self.broken = None;
            self.look_again_for_idle();
        }
    }

    /// A worker could not be started.
    pub fn start_failed<C: Clock>(&mut self, worker: WorkerId, loss: Loss, engine: &mut Engine<C>) {
        self.now = engine.now();
        if self.workers.try_remove(worker as usize).is_none() {
            return;
        }
        self.actions.push_back(Action::Terminate(worker));
        // Workers that were started together fail together: that is one failure.
        if self.restart_at.is_none() {
            self.failed_starts += 1;
            self.back_off(self.failed_starts);
        }
        let hopeless = loss == Loss::Version || self.failed_starts >= MAX_FAILED_STARTS;
        if hopeless && !self.workers.iter().any(|(_, worker)| worker.is_ready()) {
            self.give_up(loss, engine);
        }
    }

    /// A worker has ended by itself. `last_started` is the number of the last call that it has started, where that is known; `lossy`
    /// says that its last messages may not have arrived.
    pub fn lost<C: Clock>(
        &mut self,
        worker: WorkerId,
        last_started: Option<u32>,
        lossy: bool,
        engine: &mut Engine<C>,
    ) {
        self.now = engine.now();
        if self.workers.get(worker as usize).is_some_and(|worker| !worker.is_ready()) {
            return self.start_failed(worker, Loss::Load, engine);
        }
        if self.workers.contains(worker as usize) {
            self.deaths += 1;
            self.bury(worker, last_started, lossy, engine);
            // One death is bad luck, a series is not.
            if self.deaths > 1 {
                self.back_off(self.deaths - 1);
            }
            if self.deaths >= MAX_DEATHS {
                self.give_up(Loss::Crashing, engine);
            }
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
        let sent = self.take(worker, number)?;
        self.deaths = 0;
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
        let Some(sent) = self.take(worker, number) else { return };
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
        if std::mem::replace(&mut sent.abandoned, true) {
            return;
        }
        self.actions.push_back(Action::Cancel(worker, number));
        if is_head {
            self.expect_end(worker);
        }
    }

    /// All messages that had arrived when [`Action::Turn`] was asked for are dealt with.
    pub fn turned<C: Clock>(&mut self, worker: WorkerId, engine: &mut Engine<C>) {
        self.now = engine.now();
        let condemned = self
            .workers
            .get(worker as usize)
            .is_some_and(|worker| worker.condemned && worker.grace.is_some());
        if condemned {
            self.bury(worker, None, false, engine);
        }
    }

    /// Acts on what is due.
    pub fn fire<C: Clock>(&mut self, engine: &mut Engine<C>) {
        self.now = engine.now();
        if self.wake_at.is_none_or(|at| at > self.now) {
            return;
        }
        self.wake_at = None;
        if self.restart_at.is_some_and(|at| at <= self.now) {
            self.restart_at = None;
        }
        let ids: Vec<WorkerId> = self.ids().collect();
        for id in ids {
            self.see_to(id, engine);
        }
        if let Some(at) = self.restart_at {
            self.wake(at);
        }
    }

    /// Wants at least this many workers, and tries again if the pool had given up.
    pub fn warm<C: Clock>(&mut self, workers: u32, engine: &Engine<C>) {
        self.now = engine.now();
        self.broken = None;
        self.failed_starts = 0;
        self.deaths = 0;
        self.restart_at = None;
        self.wanted = self.wanted.max(workers.min(self.options.size));
    }

    /// Ends all workers. What they run is to be cancelled first.
    pub fn dispose<C: Clock>(&mut self, engine: &mut Engine<C>) {
        self.now = engine.now();
        self.disposed = true;
        let ids: Vec<WorkerId> = self.ids().collect();
        for id in ids {
            self.bury(id, None, true, engine);
        }
    }

    // ---- what the host asks ------------------------------------------------------------------------------------------

    /// Hands out calls to the workers that have room, and starts workers for the rest.
    pub fn dispatch<C: Clock>(&mut self, engine: &mut Engine<C>, mut send: impl FnMut(Dispatch)) {
        self.now = engine.now();
        if let Some(loss) = self.broken {
            self.fail_waiting(loss, engine);
            return;
        }
        while let Some(id) = self.roomiest() {
            let Some(key) = engine.pull(self.manager) else { break };
            send(self.assign(id, key, engine));
        }
        self.start_workers(engine);
        self.tell_free(engine);
        self.look_again_at_busy();
    }

    /// The next thing for the host to do.
    pub fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Whether an action waits.
    pub fn has_actions(&self) -> bool {
        !self.actions.is_empty()
    }

    /// When [`fire`](Self::fire) should be called next.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.wake_at
    }

    /// Why no worker is started any more, if that is so.
    pub fn broken(&self) -> Option<Loss> {
        self.broken
    }

    /// How many workers are ready.
    pub fn ready_count(&self) -> usize {
        self.workers.iter().filter(|(_, worker)| worker.is_ready()).count()
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

    /// The worker that is to get the next call: the least busy one, or of several such the first, so that the others may end for
    /// being idle.
    fn roomiest(&self) -> Option<WorkerId> {
        let mut best: Option<(f32, usize)> = None;
        for (id, worker) in &self.workers {
            if !worker.takes_calls() || worker.open() >= MAX_OPEN {
                continue;
            }
            let load = match worker.backlog() {
                _ if worker.open() == 0 => 0.0,
                Some(backlog) if backlog < AHEAD_MICROS => (backlog / BATCH_MICROS).floor(),
                _ => continue,
            };
            if best.is_none_or(|(least, _)| load < least) {
                best = Some((load, id));
            }
        }
        best.map(|(_, id)| id_of(id))
    }

    fn assign<C: Clock>(&mut self, id: WorkerId, key: TaskKey, engine: &mut Engine<C>) -> Dispatch {
        let Call { job, transfers } = self.calls.get(key.slot() as usize).copied().unwrap_or_default();
        let short = self.paces.get(job as usize).and_then(|pace| pace.short());
        let marked = short.is_none() || engine.is_timed(key);
        let worker = &mut self.workers[id as usize];
        let attempt = engine.attempt(key) + 1;
        let begun = !marked && worker.open() == 0 && engine.begin(key);
        let sent = Sent {
            key,
            attempt,
            job,
            marked,
            cost: short,
            transfers,
            started: false,
            begun,
            abandoned: false,
            gone: false,
        };
        let number = worker.push(sent, self.now);
        Dispatch { key, worker: id, number, marked, begun }
    }

    fn start_workers<C: Clock>(&mut self, engine: &Engine<C>) {
        if self.disposed || self.broken.is_some() || self.restart_at.is_some() {
            return;
        }
        let (waiting, _) = engine.counts(self.manager);
        let all = id_of(self.workers.len());
        let starting = all - id_of(self.ready_count());
        let needed = if engine.is_paused(self.manager) { 0 } else { waiting.saturating_sub(starting) };
        let more = needed.max(self.wanted.saturating_sub(all)).min(self.options.size - all);
        for _ in 0..more {
            let until = self.now + self.options.start_timeout;
            let id = self.workers.insert(Worker::new(until, self.now));
            self.wake(until);
            self.actions.push_back(Action::Start(id_of(id)));
        }
    }

    /// Tells the engine how many calls would not have to wait.
    fn tell_free<C: Clock>(&mut self, engine: &mut Engine<C>) {
        let idle = self.workers.iter().filter(|(_, worker)| worker.open() == 0).count();
        let unmade = self.options.size as usize - self.workers.len();
        engine.set_free(self.manager, id_of(idle + unmade));
    }

    /// Sees to it that busy workers are looked at again.
    fn look_again_at_busy(&mut self) {
        let spare = self.has_spare();
        let busiest = self.workers.iter().map(|(_, worker)| worker.open()).max();
        match busiest {
            Some(2..) if spare => self.wake(self.now + STEAL_AFTER),
            Some(1..) => self.wake(self.now + PING_EVERY),
            _ => {}
        }
    }

    /// Whether a worker has nothing to do, or could be made.
    fn has_spare(&self) -> bool {
        self.workers.len() < self.options.size as usize
            || self.workers.iter().any(|(_, worker)| worker.is_ready() && worker.open() == 0)
    }

    /// Takes an answered call out of its worker, and looks at the one that the worker goes on to.
    fn take(&mut self, worker: WorkerId, number: u32) -> Option<Sent> {
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
            self.look_again_for_idle();
        }
        Some(sent)
    }

    /// The call that a worker is at was cancelled: it has its grace to end.
    fn expect_end(&mut self, id: WorkerId) {
        let worker = &mut self.workers[id as usize];
        let grace = if worker.open() >= 2 {
            self.options.cancel_grace.max(LEAST_GRACE)
        } else {
            self.options.cancel_grace
        };
        let until = self.now + grace;
        worker.grace = Some(until);
        worker.condemned = false;
        if let Some(from) = worker.withdraw() {
            self.actions.push_back(Action::Withdraw(id, from));
        }
        self.wake(until);
    }

    /// Does what is due for one worker.
    fn see_to<C: Clock>(&mut self, id: WorkerId, engine: &mut Engine<C>) {
        let now = self.now;
        let spare = self.has_spare() && engine.counts(self.manager).0 == 0;
        let above_least = self.workers.len() > self.wanted as usize;
        let Some(worker) = self.workers.get_mut(id as usize) else { return };
        if let Phase::Starting(until) = worker.phase {
            if until <= now {
                self.start_failed(id, Loss::Load, engine);
            } else {
                self.wake(until);
            }
            return;
        }
        if let Some(until) = worker.grace {
            if worker.condemned {
                return;
            }
            if until <= now {
                worker.condemned = true;
                self.actions.push_back(Action::Turn(id));
            } else {
                self.wake(until);
            }
            return;
        }
        if worker.open() == 0 {
            let Some(timeout) = self.options.idle_timeout else { return };
            let until = worker.idle_since + timeout;
            if until > now {
                self.wake(until);
            } else if above_least {
                self.bury(id, None, false, engine);
            }
            return;
        }
        let busy_for = now - worker.head_since;
        if spare && worker.open() >= 2 {
            let due = worker.head_since + STEAL_AFTER;
            if due > now {
                self.wake(due);
            } else if let Some(from) = worker.withdraw() {
                self.actions.push_back(Action::Withdraw(id, from));
            }
        }
        self.ask_for_life(id, busy_for, engine);
    }

    fn ask_for_life<C: Clock>(&mut self, id: WorkerId, busy_for: Duration, engine: &mut Engine<C>) {
        let now = self.now;
        let worker = &mut self.workers[id as usize];
        match worker.asked {
            Some(at) if !worker.watched && now - at >= SILENCE => return self.lost(id, None, false, engine),
            None if busy_for >= PING_EVERY => {
                worker.asked = Some(now);
                self.actions.push_back(Action::Ping(id));
            }
            _ => {}
        }
        self.wake(now + PING_EVERY);
    }

    /// A worker is gone, or goes now: what it had not started goes back to the line, what it may have started fails.
    fn bury<C: Clock>(
        &mut self,
        id: WorkerId,
        last_started: Option<u32>,
        lossy: bool,
        engine: &mut Engine<C>,
    ) {
        let Some(worker) = self.workers.try_remove(id as usize) else { return };
        self.actions.push_back(Action::Terminate(id));
        // From the last to the first: each that goes back to the head of the line goes before those that were behind it.
        for (sent, may_have_started) in worker.bury(last_started, lossy).into_iter().rev() {
            if sent.abandoned {
                end_abandoned(&sent, engine);
            } else if may_have_started || sent.begun {
                self.fail(&sent, Loss::Worker, engine);
            } else if sent.transfers {
                self.fail(&sent, Loss::Transferred, engine);
            } else {
                engine.put_back(sent.key);
            }
        }
    }

    fn fail<C: Clock>(&mut self, sent: &Sent, loss: Loss, engine: &mut Engine<C>) {
        if !sent.begun {
            engine.begin(sent.key);
        }
        self.actions.push_back(Action::Fail(sent.key, loss));
    }

    /// No worker can be had: nothing that waits for one may wait for ever.
    fn give_up<C: Clock>(&mut self, loss: Loss, engine: &mut Engine<C>) {
        self.broken = Some(loss);
        self.wanted = self.options.min_workers;
        self.fail_waiting(loss, engine);
    }

    fn fail_waiting<C: Clock>(&mut self, loss: Loss, engine: &mut Engine<C>) {
        while let Some(key) = engine.pull(self.manager) {
            engine.begin(key);
            self.actions.push_back(Action::Fail(key, loss));
        }
    }

    fn back_off(&mut self, failures: u32) {
        let factor = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let at = self.now + BACKOFF.saturating_mul(factor).min(MAX_BACKOFF);
        self.restart_at = Some(at);
        self.wake(at);
    }

    fn look_again_for_idle(&mut self) {
        if let Some(timeout) = self.options.idle_timeout {
            self.wake(self.now + timeout);
        }
    }

    fn wake(&mut self, at: Instant) {
        self.wake_at = Some(self.wake_at.map_or(at, |other| other.min(at)));
    }
}

/// The function of a call whose task has settled or gone on has ended.
fn end_abandoned<C: Clock>(sent: &Sent, engine: &mut Engine<C>) {
    if sent.begun {
        let ended = engine.reject(sent.key, sent.attempt);
        debug_assert_eq!(ended, Ended::Late, "its task has settled, or has gone on to another attempt");
    }
}

fn id_of(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
