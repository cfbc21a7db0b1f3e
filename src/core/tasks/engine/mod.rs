//! The engine: which task starts when, how often it is tried, and how it ends.
//!
//! The engine decides and the host acts. The host reports what happened ([`Engine::submit`], [`Engine::resolve`],
//! [`Engine::reject`], [`Engine::cancel`], [`Engine::fire`]), then does what [`Engine::next_ready`] and [`Engine::next_effect`] say.
//! The engine holds no value, no function and no timer, and asks for the time only where a limit depends on it.

mod effect;
mod manager;
mod pull;
mod transition;
pub mod wire;

use alloc::{boxed::Box, collections::VecDeque};
use core::{fmt, time::Duration};

use slab::Slab;

pub use self::{
    effect::Effect,
    manager::{CANCEL_GRACE, ManagerId, ManagerOptions, TRIM_SLACK},
};
use self::{manager::Manager, transition::is_set};
use crate::core::{
    base::{
        clock::{Clock, Instant},
        deadline::{Deadline, Deadlines, Limit},
        error::Error,
        list::{LinkTable, List},
    },
    tasks::{
        priority::Priority,
        retry::{RetryPolicy, Verdict},
        task::{Limited, Limits, LiveTask, Outcome, Phase, TaskKey, TaskState},
    },
};

/// What the host submits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Submission {
    /// The manager that it belongs to.
    pub manager: ManagerId,
    /// Its priority; without one it starts at the host's next turn instead of through the platform's scheduler.
    pub priority: Option<Priority>,
    /// Its limits.
    pub limits: Limits,
    /// The running task that it is a child of.
    pub parent: Option<TaskKey>,
}

/// What became of a task that the host reports as over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The task has settled. If a function of it still runs, it keeps its place and [`Effect::Stopped`] follows.
    Settled {
        /// Whether none of its functions runs any more, so that its key is free.
        stopped: bool,
    },
    /// It failed and another attempt is possible: call [`Engine::decide`] with what the caller's own rules say.
    Undecided,
    /// It came too late: the task had settled, or gone on to another attempt. Drop the value.
    Late,
}

/// All tasks of a thread.
pub struct Engine<C> {
    clock: C,
    random: fastrand::Rng,
    tasks: Slab<LiveTask>,
    managers: Slab<Manager>,
    /// Links of waiting tasks, and of the children of one parent.
    queue_links: LinkTable,
    sibling_links: LinkTable,
    deadlines: Deadlines,
    ready: VecDeque<TaskKey>,
    effects: VecDeque<Effect>,
    next_generation: u32,
}

impl<C> fmt::Debug for Engine<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("live", &self.tasks.len())
            .field("managers", &self.managers.len())
            .field("deadlines", &self.deadlines.len())
            .finish_non_exhaustive()
    }
}

/// The manager that every engine has from the start.
pub const DEFAULT_MANAGER: ManagerId = 0;

impl<C: Clock> Engine<C> {
    /// An engine with its default manager. `seed` makes the jitter of retries: one seed, one series.
    pub fn new(clock: C, seed: u64) -> Self {
        let mut managers = Slab::new();
        managers.insert(Manager::default());
        Self {
            clock,
            random: fastrand::Rng::with_seed(seed),
            tasks: Slab::new(),
            managers,
            queue_links: LinkTable::default(),
            sibling_links: LinkTable::default(),
            deadlines: Deadlines::default(),
            ready: VecDeque::new(),
            effects: VecDeque::new(),
            next_generation: 0,
        }
    }

    /// Adds a manager.
    pub fn add_manager(&mut self, options: ManagerOptions) -> Result<ManagerId, Error> {
        let manager = Manager::new(options.validated()?);
        Ok(slot_number(self.managers.insert(manager)))
    }

    /// Forgets a manager that is idle; says whether it did. The default one stays. Its number is given out again when functions that were
    /// given up have ended too.
    pub fn remove_manager(&mut self, id: ManagerId) -> bool {
        let removable = id != DEFAULT_MANAGER && self.managers.get(id as usize).is_some_and(Manager::is_idle);
        if removable && self.manager(id).live > 0 {
            self.manager(id).removed = true;
        } else if removable && self.managers.remove(id as usize).rate_deadline.is_some() {
            self.deadlines.give_up(is_set(&self.tasks, &self.managers));
        }
        removable
    }

    /// Takes a task on. It is in the ready line, posted or queued afterwards; a full queue refuses it.
    ///
    /// A child whose parent is no longer running is settled at once, as [`Outcome::ParentDone`], and the effect says so.
    #[inline(always)]
    #[allow(clippy::inline_always)] // so an empty submission is never built: a quarter of the call's time, and no bytes
    pub fn submit(&mut self, submission: Submission) -> Result<TaskKey, Error> {
        let Submission { manager: id, priority, limits, parent } = submission;
        let starts = parent.is_some() || (self.manager(id).queue.is_empty() && self.may_start(id));
        let manager = self.manager(id);
        if !starts && manager.queue.len() >= manager.options.max_queue.saturating_add(manager.free) {
            let limit = manager.options.max_queue;
            self.forget_rate_if_nobody_waits(id);
            return Err(Error::QueueFull { limit });
        }
        manager.live += 1;
        self.next_generation = (self.next_generation + 1) % TaskKey::GENERATIONS;
        let slot = slot_number(self.tasks.insert(LiveTask {
            generation: self.next_generation,
            phase: Phase::Queued,
            manager: id,
            priority,
            is_child: parent.is_some(),
            attempt: 0,
            in_flight: 0,
            given_up: false,
            parent: None,
            children: List::default(),
            limited: None,
        }));
        let key = TaskKey::new(slot, self.next_generation);
        if !limits.is_empty() {
            let queue_timeout = limits.queue_timeout;
            self.task_mut(slot).limited = Some(Box::new(Limited::new(limits)));
            self.set_deadline(slot, Limit::Queue, queue_timeout);
        }
        if let Some(parent) = parent
            && !self.adopt(parent, slot)
        {
            self.settle_with_effect(slot, Outcome::ParentDone);
            return Ok(key);
        }
        if starts {
            self.place(slot, 0);
        } else {
            let Self { tasks, managers, queue_links, .. } = self;
            managers[id as usize].queue.push(queue_links, slot, tasks[slot as usize].queue_class());
            self.fill_places(id);
        }
        Ok(key)
    }

    /// The next task whose function the host is to call now, noted as running.
    pub fn next_ready(&mut self) -> Option<TaskKey> {
        loop {
            let key = self.ready.pop_front()?;
            if self.phase(key) == Some(Phase::Ready) {
                self.start(key.slot());
                return Some(key);
            }
        }
    }

    /// The platform's scheduler has reached a posted task: whether the host is to call its function.
    pub fn begin(&mut self, key: TaskKey) -> bool {
        let begins = self.phase(key) == Some(Phase::Posted);
        if begins {
            self.unpost(key.slot());
            self.start(key.slot());
        }
        begins
    }

    /// The function of an attempt has returned.
    pub fn resolve(&mut self, key: TaskKey, attempt: u32) -> Ended {
        if !self.end_attempt(key, attempt) {
            return Ended::Late;
        }
        self.settle(key.slot(), Outcome::Done)
    }

    /// The function of an attempt has thrown.
    pub fn reject(&mut self, key: TaskKey, attempt: u32) -> Ended {
        if !self.end_attempt(key, attempt) {
            return Ended::Late;
        }
        let slot = key.slot();
        if self.retry(slot).is_some_and(|retry| retry.has_attempts_left(attempt)) {
            self.clear_deadline(slot, Limit::Attempt);
            self.suspend(slot);
            Ended::Undecided
        } else {
            self.settle(slot, Outcome::Failed)
        }
    }

    /// Gives a task that was submitted without limits a policy, before its first failure is reported. Most tasks succeed at
    /// once, so a host may spare them the cost of a policy that needs no clock: one with neither `max_elapsed` nor
    /// `attempt_timeout`.
    pub fn set_retry(&mut self, key: TaskKey, policy: RetryPolicy) {
        if self.is_unsettled(key) && self.task(key.slot()).limited.is_none() {
            let limits = Limits { retry: Some(policy), ..Limits::default() };
            self.task_mut(key.slot()).limited = Some(Box::new(Limited::new(limits)));
        }
    }

    /// There is no attempt of a task after the next, whatever its policy says.
    pub fn forgo_retries(&mut self, key: TaskKey) {
        if self.is_unsettled(key) {
            let limited = &mut self.task_mut(key.slot()).limited;
            // Even where there are none yet: set_retry() gives a policy only to a task without limits.
            let limits = &mut limited.get_or_insert_with(|| Box::new(Limited::new(Limits::default()))).limits;
            if let Some(retry) = &mut limits.retry {
                retry.max_attempts = 1;
            }
        }
    }

    /// What the caller's rules say of the failure of `attempt`. [`Ended::Undecided`] means that there will be another attempt.
    pub fn decide(&mut self, key: TaskKey, attempt: u32, verdict: Verdict) -> Ended {
        if self.phase(key) != Some(Phase::Deciding) || self.task(key.slot()).attempt != attempt {
            return Ended::Late;
        }
        let slot = key.slot();
        match self.next_delay(slot, attempt, verdict) {
            Some(delay) => {
                let task = self.task_mut(slot);
                task.phase = Phase::Backoff;
                if let Some(limited) = &mut task.limited {
                    limited.backoff = delay;
                }
                self.set_deadline(slot, Limit::Backoff, Some(delay));
                Ended::Undecided
            }
            None => self.settle(slot, Outcome::Failed),
        }
    }

    /// Cancels a task and all its descendants; [`Ended::Late`] if it has settled. The host settles the task itself;
    /// the descendants come as effects.
    pub fn cancel(&mut self, key: TaskKey) -> Ended {
        if self.is_unsettled(key) { self.settle(key.slot(), Outcome::Cancelled) } else { Ended::Late }
    }

    /// Gives a task that has not started another priority: it goes to the end of that class. True if it had not started; one that was
    /// pulled counts as started.
    pub fn set_priority(&mut self, key: TaskKey, priority: Priority) -> bool {
        let slot = key.slot();
        let Some(phase) = self.phase(key) else { return false };
        let id = self.task(slot).manager;
        match phase {
            Phase::Queued => {
                let Self { tasks, managers, queue_links, .. } = self;
                let task = &mut tasks[slot as usize];
                managers[id as usize].queue.remove(queue_links, slot, task.queue_class());
                task.priority = Some(priority);
                managers[id as usize].queue.push(queue_links, slot, priority);
            }
            Phase::Ready | Phase::Posted if !self.manager(id).pulled && self.task(slot).attempt == 0 => {
                if phase == Phase::Posted {
                    self.unpost(slot);
                }
                self.task_mut(slot).priority = Some(priority);
                self.post(slot, priority, 0);
            }
            _ => return false,
        }
        true
    }

    /// Asks for an [`Effect::RateLimited`] whenever that may have changed.
    pub fn watch_rate(&mut self, id: ManagerId) {
        self.manager(id).rate_watched = true;
    }

    /// Whether tasks of a manager wait for nothing but its rate limit.
    pub fn is_rate_limited(&self, id: ManagerId) -> bool {
        self.managers.get(id as usize).is_some_and(|manager| manager.rate_deadline.is_some())
    }

    /// Acts on every deadline that has passed.
    pub fn fire(&mut self) {
        let now = self.clock.now();
        while let Some((slot, limit)) = self.pop_due(now) {
            match limit {
                Limit::Rate => self.fill_places(slot),
                _ => self.expire(slot, limit),
            }
        }
    }

    /// When [`fire`](Self::fire) should be called next.
    pub fn next_deadline(&mut self) -> Option<Instant> {
        self.deadlines.next(is_set(&self.tasks, &self.managers))
    }

    /// The next thing for the host to do.
    pub fn next_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// Whether a task is ready to start.
    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Whether an effect waits.
    pub fn has_effects(&self) -> bool {
        !self.effects.is_empty()
    }

    /// The time by the engine's clock.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// What a caller sees of a live task.
    pub fn state(&self, key: TaskKey) -> Option<TaskState> {
        Some(match self.phase(key)? {
            Phase::Queued | Phase::Ready | Phase::Posted if self.task(key.slot()).attempt == 0 => {
                TaskState::Pending
            }
            Phase::Settled(outcome) => outcome.state(),
            _ => TaskState::Running, // or between two attempts
        })
    }

    /// The number of the attempt that runs, from 1; 0 before the first.
    pub fn attempt(&self, key: TaskKey) -> u32 {
        if self.phase(key).is_some() { self.task(key.slot()).attempt } else { 0 }
    }

    /// When the task, or one of its ancestors, runs out of time.
    pub fn deadline(&self, key: TaskKey) -> Option<Instant> {
        self.phase(key)?;
        let own = |slot: u32| {
            let limited = self.task(slot).limited.as_ref()?;
            limited.deadlines[Limit::Total as usize].map(Deadline::at)
        };
        core::iter::successors(Some(key.slot()), |slot| self.task(*slot).parent).filter_map(own).min()
    }

    /// The wait that was decided on for a task that is between two attempts.
    pub fn backoff(&self, key: TaskKey) -> Option<Duration> {
        if self.phase(key)? != Phase::Backoff {
            return None;
        }
        self.task(key.slot()).limited.as_ref().map(|limited| limited.backoff)
    }

    /// How many tasks are live: waiting, running, or settled but not stopped.
    pub fn live(&self) -> usize {
        self.tasks.len()
    }

    /// How many deadlines are set.
    pub fn deadlines(&self) -> usize {
        self.deadlines.len()
    }

    /// Changes how many tasks of a manager run at once. Running ones are not stopped.
    pub fn set_concurrency(&mut self, id: ManagerId, concurrency: u32) -> Result<(), Error> {
        let options = ManagerOptions { concurrency, ..self.manager(id).options }.validated()?;
        self.manager(id).options = options;
        self.fill_places(id);
        Ok(())
    }

    /// Starts no further task of a manager until it is resumed; those that run go on.
    pub fn set_paused(&mut self, id: ManagerId, paused: bool) {
        self.manager(id).paused = paused;
        self.fill_places(id);
    }

    /// How many tasks of a manager wait for a place, and how many hold one.
    pub fn counts(&self, id: ManagerId) -> (u32, u32) {
        self.managers.get(id as usize).map_or((0, 0), |manager| (manager.queue.len(), manager.running))
    }

    /// How many finished tasks the host may keep before a submit has to ask [`trim`](Self::trim): an eighth above the bound, so
    /// that the question is asked once for many tasks.
    pub fn trim_at(&self, id: ManagerId) -> u32 {
        let bound = self.managers[id as usize].options.max_completed;
        bound.saturating_add(bound / 8)
    }

    /// How many of its oldest finished tasks the host, which keeps `finished` of them, must forget. To be asked at a
    /// submit when there are more than [`trim_at`](Self::trim_at), and at any time when there are more than
    /// [`TRIM_SLACK`] above the bound.
    pub fn trim(&self, id: ManagerId, finished: u32) -> u32 {
        finished.saturating_sub(self.managers[id as usize].options.max_completed)
    }

    /// Asks for an [`Effect::Idle`] when nothing of the manager waits or runs, but functions that have not ended in their grace; true if
    /// that is so already.
    pub fn watch_idle(&mut self, id: ManagerId) -> bool {
        let manager = self.manager(id);
        manager.idle_watched = !manager.is_idle();
        !manager.idle_watched
    }

    /// The wait that the policy would put after the failure with this index, jitter included.
    pub fn delay_for_attempt(&mut self, policy: &RetryPolicy, index: u32) -> Duration {
        policy.delay_for_attempt(index, &mut self.random)
    }
}

fn slot_number(index: usize) -> u32 {
    u32::try_from(index).expect("a slab of 2^32 tasks is beyond the memory that wasm32 has")
}

#[cfg(test)]
mod tests;
