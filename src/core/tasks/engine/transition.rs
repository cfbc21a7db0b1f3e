//! The transitions inside the engine: one place for each, whoever caused it.

use alloc::{boxed::Box, vec::Vec};
use core::time::Duration;

use slab::Slab;

use super::{Clock, Effect, Ended, Engine, Manager, ManagerId};
use crate::core::{
    base::{
        clock::Instant,
        deadline::{IsSet, Limit},
    },
    tasks::{
        priority::Priority,
        retry::{RetryPolicy, Verdict},
        task::{Limited, Limits, LiveTask, Outcome, Phase, TaskKey, Timeout},
    },
};

impl<C: Clock> Engine<C> {
    pub(super) fn phase(&self, key: TaskKey) -> Option<Phase> {
        let task = self.tasks.get(key.slot() as usize)?;
        (task.generation == key.generation()).then_some(task.phase)
    }

    pub(super) fn is_unsettled(&self, key: TaskKey) -> bool {
        self.phase(key).is_some_and(|phase| !matches!(phase, Phase::Settled(_)))
    }

    pub(super) fn task(&self, slot: u32) -> &LiveTask {
        &self.tasks[slot as usize]
    }

    pub(super) fn task_mut(&mut self, slot: u32) -> &mut LiveTask {
        &mut self.tasks[slot as usize]
    }

    pub(super) fn manager(&mut self, id: ManagerId) -> &mut Manager {
        &mut self.managers[id as usize]
    }

    pub(super) fn retry(&self, slot: u32) -> Option<&RetryPolicy> {
        self.task(slot).limited.as_ref()?.limits.retry.as_ref()
    }

    pub(super) fn key(&self, slot: u32) -> TaskKey {
        TaskKey::new(slot, self.task(slot).generation)
    }

    /// Makes `slot` a child of a task that has not settled; false if it has.
    pub(super) fn adopt(&mut self, parent: TaskKey, slot: u32) -> bool {
        if !self.is_unsettled(parent) {
            return false;
        }
        self.task_mut(slot).parent = Some(parent.slot());
        let Self { tasks, sibling_links, .. } = self;
        tasks[parent.slot() as usize].children.push(sibling_links, slot);
        true
    }

    /// Gives a task a place: it starts at the host's next turn, or when the platform's scheduler says so. In the line its class was `overtaken` so
    /// often in a row.
    pub(super) fn place(&mut self, slot: u32, overtaken: u32) {
        let task = self.task(slot);
        let (priority, is_child) = (task.priority, task.is_child);
        if !is_child {
            let id = task.manager;
            let manager = &mut self.managers[id as usize];
            manager.running += 1;
            if let Some(rate) = &mut manager.rate {
                rate.reserve();
            }
            if !manager.posted.is_empty() && manager.is_bounded() {
                self.start_overtaken(id, priority);
            }
        }
        if let Some(priority) = priority {
            self.post(slot, priority, overtaken);
        } else {
            let key = self.key(slot);
            self.task_mut(slot).phase = Phase::Ready;
            self.ready.push_back(key);
        }
    }

    /// Has the platform's scheduler begin a task that has a place.
    pub(super) fn post(&mut self, slot: u32, priority: Priority, overtaken: u32) {
        let Self { tasks, managers, queue_links, effects, .. } = self;
        let task = &mut tasks[slot as usize];
        task.phase = Phase::Posted;
        if !task.is_child {
            managers[task.manager as usize].posted.push(queue_links, slot, priority, overtaken);
        }
        effects.push_back(Effect::Post(TaskKey::new(slot, task.generation), priority));
    }

    /// A task of this priority is about to start. Those that the scheduler has not begun yet, and that would be overtaken for too long,
    /// start at once instead.
    #[inline(never)] // seldom needed
    fn start_overtaken(&mut self, id: ManagerId, priority: Option<Priority>) {
        let posted = &mut self.managers[id as usize].posted;
        for slot in posted.overtake(priority.unwrap_or_default(), priority.is_none()).into_iter().flatten() {
            self.unpost(slot);
            self.task_mut(slot).phase = Phase::Ready;
            let key = self.key(slot);
            self.ready.push_back(key);
        }
    }

    /// A task waits for the platform's scheduler no longer.
    pub(super) fn unpost(&mut self, slot: u32) {
        let Self { tasks, managers, queue_links, .. } = self;
        let task = &tasks[slot as usize];
        let manager = &mut managers[task.manager as usize];
        if !task.is_child && !manager.pulled {
            manager.posted.remove(queue_links, slot, task.queue_class());
        }
    }

    /// Whether a task of the manager may start now. If only its rate limit says no, a deadline is set for when it says yes.
    pub(super) fn may_start(&mut self, id: ManagerId) -> bool {
        let manager = &self.managers[id as usize];
        if !manager.has_place() {
            return false;
        }
        let Some(rate) = &manager.rate else { return true };
        // None: whoever has the last start reserved will see to the line when it makes it or gives it back.
        let Some(at) = rate.next_start() else { return false };
        if at <= self.clock.now() {
            return true;
        }
        if manager.rate_deadline.is_none() {
            let deadline = self.deadlines.insert(at, id, Limit::Rate);
            self.manager(id).rate_deadline = Some(deadline);
            self.rate_has_changed(id);
        }
        false
    }

    /// Gives free places to those who wait.
    pub(super) fn fill_places(&mut self, id: ManagerId) {
        while !self.manager(id).queue.is_empty() && self.may_start(id) {
            let Self { managers, queue_links, .. } = self;
            let Some((slot, overtaken)) = managers[id as usize].queue.pop(queue_links) else {
                break;
            };
            self.place(slot, overtaken);
        }
        self.forget_rate_if_nobody_waits(id);
    }

    /// A rate limit needs no timer while nobody waits for it.
    #[inline(never)] // smaller by more than its calls
    pub(super) fn forget_rate_if_nobody_waits(&mut self, id: ManagerId) {
        let Self { tasks, managers, deadlines, .. } = self;
        let manager = &mut managers[id as usize];
        if manager.queue.is_empty() && manager.rate_deadline.take().is_some() {
            deadlines.give_up(is_set(tasks, managers));
            self.rate_has_changed(id);
        }
    }

    fn rate_has_changed(&mut self, id: ManagerId) {
        if self.manager(id).rate_watched {
            self.effects.push_back(Effect::RateLimited(id));
        }
    }

    /// Begins the first attempt, or a later one of a task that is pulled.
    pub(super) fn start(&mut self, slot: u32) {
        if self.task(slot).attempt > 0 {
            return self.begin_attempt(slot);
        }
        self.note_start(slot);
        if let Some(limited) = &mut self.tasks[slot as usize].limited {
            let timeout = limited.limits.timeout;
            if limited.limits.retry.as_ref().is_some_and(|retry| retry.max_elapsed.is_some()) {
                limited.started_at = self.clock.now();
            }
            self.clear_deadline(slot, Limit::Queue);
            self.set_deadline(slot, Limit::Total, timeout);
        }
        self.begin_attempt(slot);
    }

    /// A start counts for the rate limit when it is made, not when it was decided.
    fn note_start(&mut self, slot: u32) {
        let Self { tasks, managers, clock, .. } = self;
        let task = &tasks[slot as usize];
        let id = task.manager;
        if let (false, Some(rate)) = (task.is_child, &mut managers[id as usize].rate) {
            rate.start(clock.now());
            self.fill_places(id);
        }
    }

    fn begin_attempt(&mut self, slot: u32) {
        let task = self.task_mut(slot);
        task.phase = Phase::Running;
        task.attempt += 1;
        task.in_flight += 1;
        if task.limited.is_some() {
            let timeout = self.retry(slot).and_then(|retry| retry.attempt_timeout);
            self.set_deadline(slot, Limit::Attempt, timeout);
        }
    }

    /// A function has ended. True if it was the current attempt of a task that still runs.
    pub(super) fn end_attempt(&mut self, key: TaskKey, attempt: u32) -> bool {
        let slot = key.slot();
        let Some(task) = self.tasks.get_mut(slot as usize).filter(|task| task.generation == key.generation())
        else {
            return false;
        };
        task.in_flight = task.in_flight.saturating_sub(1);
        if task.is_settled() {
            if task.in_flight == 0 {
                self.effects.push_back(Effect::Stopped(key));
                self.release(slot, false);
            }
            return false;
        }
        task.phase == Phase::Running && task.attempt == attempt
    }

    /// An attempt has failed and may be made again. Its children belong to it, not to the next one.
    #[inline(never)] // smaller by more than its calls
    pub(super) fn suspend(&mut self, slot: u32) {
        self.task_mut(slot).phase = Phase::Deciding;
        self.settle_children(slot, Outcome::Failed);
    }

    pub(super) fn next_delay(&mut self, slot: u32, attempt: u32, verdict: Verdict) -> Option<Duration> {
        let Self { tasks, random, clock, .. } = self;
        let limited = tasks[slot as usize].limited.as_ref()?;
        let retry = limited.limits.retry.as_ref()?;
        // Reading the clock costs more than the rest of an attempt, so it is read only for those who need it.
        let elapsed = retry.max_elapsed.map_or(Duration::ZERO, |_| clock.now() - limited.started_at);
        retry.next_delay(attempt, elapsed, verdict, random)
    }

    /// Ends a task, and its descendants with it.
    pub(super) fn settle(&mut self, slot: u32, outcome: Outcome) -> Ended {
        self.settle_children(slot, outcome);
        self.settle_one(slot, outcome)
    }

    /// Ends a task for a reason that the host does not know yet. The effect comes before those of the children, who
    /// take their reason from their parent.
    pub(super) fn settle_with_effect(&mut self, slot: u32, outcome: Outcome) {
        self.announce(slot, outcome);
        self.settle(slot, outcome);
    }

    fn announce(&mut self, slot: u32, outcome: Outcome) {
        let stopped = self.task(slot).in_flight == 0;
        self.effects.push_back(Effect::Settled { key: self.key(slot), outcome, stopped });
    }

    /// Ends all descendants of a task that has ended, or whose attempt has. Without recursion: a chain of children may
    /// be longer than the stack is deep.
    fn settle_children(&mut self, slot: u32, outcome: Outcome) {
        if self.task(slot).children.first().is_none() {
            return;
        }
        let reason = if outcome == Outcome::Done { Outcome::ParentDone } else { Outcome::ParentStopped };
        let mut family: Vec<(u32, Outcome)> = Vec::new();
        self.extend_with_children(&mut family, slot, reason);
        let mut index = 0;
        while let Some((child, _)) = family.get(index).copied() {
            self.extend_with_children(&mut family, child, Outcome::ParentStopped);
            index += 1;
        }
        for (child, reason) in &family {
            self.announce(*child, *reason);
        }
        // The deepest first, so that each is still in its parent's list.
        for (child, reason) in family.into_iter().rev() {
            self.settle_one(child, reason);
        }
    }

    fn extend_with_children(&self, family: &mut Vec<(u32, Outcome)>, slot: u32, reason: Outcome) {
        let mut next = self.task(slot).children.first();
        while let Some(child) = next {
            family.push((child, reason));
            next = self.sibling_links.after(child);
        }
    }

    fn settle_one(&mut self, slot: u32, outcome: Outcome) -> Ended {
        if self.task(slot).limited.is_some() {
            for limit in Limit::OF_TASK {
                self.clear_deadline(slot, limit);
            }
        }
        if self.task(slot).phase == Phase::Posted {
            self.unpost(slot);
        }
        let Self { tasks, managers, queue_links, sibling_links, .. } = self;
        let task = &mut tasks[slot as usize];
        let was_queued = task.phase == Phase::Queued;
        let was_placed = matches!(task.phase, Phase::Ready | Phase::Posted);
        task.phase = Phase::Settled(outcome);
        let stopped = task.in_flight == 0;
        let manager = &mut managers[task.manager as usize];
        if was_queued && !task.is_child {
            manager.queue.remove(queue_links, slot, task.queue_class());
            // An earlier attempt of a pulled task may still run: that holds a place, which the task had given up when it went back to the line.
            manager.running += u32::from(!stopped);
        }
        if let (true, Some(rate)) = (was_placed && !task.is_child, &mut manager.rate) {
            rate.give_back();
        }
        if let Some(parent) = task.parent.take() {
            tasks[parent as usize].children.remove(sibling_links, slot);
        }
        if stopped {
            self.release(slot, was_queued);
        } else {
            self.give_grace(slot);
        }
        Ended::Settled { stopped }
    }

    /// A task has settled, and one of its functions still runs: it keeps its place, but not for ever.
    #[inline(never)] // seldom needed
    fn give_grace(&mut self, slot: u32) {
        let manager = &self.managers[self.task(slot).manager as usize];
        // Where a function that is pulled runs, it is the puller's to end it.
        let grace = if manager.pulled { None } else { manager.options.cancel_grace };
        if grace.is_some() {
            self.task_mut(slot).limited.get_or_insert_with(|| Box::new(Limited::new(Limits::default())));
            self.set_deadline(slot, Limit::Grace, grace);
        }
    }

    /// A function has not ended in its grace: its place is free for others, and nobody waits for it but who asks for its own end.
    fn give_up(&mut self, slot: u32) {
        let task = &mut self.tasks[slot as usize];
        let had_place = task.holds_place();
        task.given_up = true;
        let id = task.manager;
        let manager = &mut self.managers[id as usize];
        manager.given_up += 1;
        manager.running -= u32::from(had_place);
        self.look_after_end(id);
    }

    /// Frees the slot of a settled task whose functions have ended, and its place if it had one: one that was still
    /// in the queue had none.
    fn release(&mut self, slot: u32, was_queued: bool) {
        self.clear_deadline(slot, Limit::Grace);
        let task = self.tasks.remove(slot as usize);
        let id = task.manager;
        let manager = self.manager(id);
        manager.live -= 1;
        manager.given_up -= u32::from(task.given_up);
        if !was_queued && task.holds_place() {
            manager.running -= 1;
        }
        if manager.removed && manager.live == 0 {
            manager.removed = false;
            self.remove_manager(id);
        } else {
            self.look_after_end(id);
        }
    }

    /// Fewer of a manager's tasks run or wait: it may be idle, or have a place for the next.
    fn look_after_end(&mut self, id: ManagerId) {
        let manager = self.manager(id);
        if manager.is_idle() && core::mem::take(&mut manager.idle_watched) {
            self.effects.push_back(Effect::Idle(id));
        }
        if self.manager(id).has_line() {
            self.fill_places(id);
        }
    }

    /// A deadline of a live task has passed.
    pub(super) fn expire(&mut self, slot: u32, limit: Limit) {
        let key = self.key(slot);
        match limit {
            Limit::Backoff => {
                if !self.waits_to_be_pulled(slot) {
                    self.begin_attempt(slot);
                    self.effects.push_back(Effect::Attempt(key));
                }
            }
            Limit::Attempt => {
                let attempt = self.task(slot).attempt;
                if self.retry(slot).is_some_and(|retry| retry.has_attempts_left(attempt)) {
                    self.effects.push_back(Effect::AttemptTimedOut(key));
                    self.suspend(slot);
                } else {
                    self.settle_with_effect(slot, Outcome::TimedOut(Timeout::Attempt));
                }
            }
            Limit::Queue => self.settle_with_effect(slot, Outcome::TimedOut(Timeout::Queue)),
            Limit::Total => self.settle_with_effect(slot, Outcome::TimedOut(Timeout::Total)),
            Limit::Grace => self.give_up(slot),
            Limit::Rate => {} // a manager's, not a task's: `fire` sees to it
        }
    }

    pub(super) fn set_deadline(&mut self, slot: u32, limit: Limit, span: Option<Duration>) {
        let Some(span) = span else { return };
        let at = self.clock.now() + span;
        if let Some(limited) = &mut self.tasks[slot as usize].limited {
            limited.deadlines[limit as usize] = Some(self.deadlines.insert(at, slot, limit));
        }
    }

    pub(super) fn clear_deadline(&mut self, slot: u32, limit: Limit) {
        let Self { tasks, managers, deadlines, .. } = self;
        if let Some(limited) = &mut tasks[slot as usize].limited
            && limited.deadlines[limit as usize].take().is_some()
        {
            deadlines.give_up(is_set(tasks, managers));
        }
    }

    /// Takes out a deadline that has passed, of whatever task or manager.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<(u32, Limit)> {
        let Self { tasks, managers, deadlines, .. } = self;
        let (slot, limit) = deadlines.pop_due(now, is_set(tasks, managers))?;
        if limit == Limit::Rate {
            managers[slot as usize].rate_deadline = None;
            self.rate_has_changed(slot);
        } else if let Some(limited) = &mut tasks[slot as usize].limited {
            limited.deadlines[limit as usize] = None;
        }
        Some((slot, limit))
    }
}

/// Whether a deadline that was set is still its task's or manager's own.
pub(super) fn is_set(tasks: &Slab<LiveTask>, managers: &Slab<Manager>) -> impl IsSet {
    |deadline, slot, limit| {
        if limit == Limit::Rate {
            return managers
                .get(slot as usize)
                .is_some_and(|manager| manager.rate_deadline == Some(deadline));
        }
        let limited = tasks.get(slot as usize).and_then(|task| task.limited.as_ref());
        limited.is_some_and(|limited| limited.deadlines[limit as usize] == Some(deadline))
    }
}
