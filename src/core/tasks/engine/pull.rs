//! Tasks whose functions run elsewhere: whoever has the room pulls the next one out of the manager's queue.

use super::{Clock, Effect, Engine, ManagerId};
use crate::core::tasks::task::{Limits, Phase, TaskKey};

impl<C: Clock> Engine<C> {
    /// Makes a manager one that starts nothing by itself: its tasks wait until [`pull`](Self::pull) takes them.
    pub fn set_pulled(&mut self, id: ManagerId) {
        self.manager(id).pulled = true;
    }

    /// How many further tasks would be taken without waiting; they do not count for `max_queue`.
    pub fn set_free(&mut self, id: ManagerId, free: u32) {
        if let Some(manager) = self.managers.get_mut(id as usize) {
            manager.free = free;
        }
    }

    /// Takes the next task of the line out of it, to be sent to where its function runs. Tell [`begin`](Self::begin) when it has
    /// started there, or [`put_back`](Self::put_back) that it has not and will not.
    pub fn pull(&mut self, id: ManagerId) -> Option<TaskKey> {
        let Self { tasks, managers, queue_links, .. } = self;
        let manager = &mut managers[id as usize];
        if manager.paused {
            return None;
        }
        let slot = manager.queue.take(queue_links)?;
        manager.running += 1;
        tasks[slot as usize].phase = Phase::Posted;
        Some(self.key(slot))
    }

    /// A pulled task goes back to where it stood in the line; nothing happens to one that has begun or settled.
    pub fn put_back(&mut self, key: TaskKey) {
        if self.phase(key) == Some(Phase::Posted) {
            self.queue_again(key.slot());
        }
    }

    /// A task that holds a place gives it up and waits at the head of the line, among those that were pulled before and after it.
    pub(super) fn queue_again(&mut self, slot: u32) {
        let Self { tasks, managers, queue_links, .. } = self;
        let task = &mut tasks[slot as usize];
        let manager = &mut managers[task.manager as usize];
        task.phase = Phase::Queued;
        manager.running -= 1;
        manager.queue.put_back(queue_links, slot, task.queue_class());
    }

    /// The wait before an attempt is over. True if the attempt has to wait for whoever pulls it.
    pub(super) fn waits_to_be_pulled(&mut self, slot: u32) -> bool {
        let id = self.task(slot).manager;
        if self.manager(id).pulled {
            self.queue_again(slot);
            self.effects.push_back(Effect::Waiting(id));
        }
        self.manager(id).pulled
    }

    /// Whether the manager starts nothing new at present.
    pub fn is_paused(&self, id: ManagerId) -> bool {
        self.managers[id as usize].paused
    }

    /// Whether it must be known when a pulled task really starts: a time counts from there, or its wait is over there.
    pub fn needs_start(&self, key: TaskKey) -> bool {
        let Some(Phase::Posted) = self.phase(key) else { return false };
        let limits = self.task(key.slot()).limited.as_ref().map(|limited| &limited.limits);
        limits.is_some_and(|Limits { timeout, queue_timeout, retry }| {
            timeout.is_some()
                || queue_timeout.is_some()
                || retry.as_ref().is_some_and(|retry| retry.attempt_timeout.or(retry.max_elapsed).is_some())
        })
    }

    /// Whether this attempt of a task runs, so that its failure would be news.
    pub fn is_at(&self, key: TaskKey, attempt: u32) -> bool {
        self.phase(key) == Some(Phase::Running) && self.task(key.slot()).attempt == attempt
    }
}
