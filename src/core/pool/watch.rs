//! What is due when: grace, idling, stealing, signs of life.

use alloc::vec::Vec;
use core::time::Duration;

use super::{Action, Pool, WorkerId, worker::Phase};
use crate::core::{
    base::clock::{Clock, Instant},
    tasks::engine::Engine,
};

/// A worker that has not said for so long that it is ready may never do so: its file may lack what makes it a worker of a pool.
pub(super) const REMIND_AFTER: Duration = Duration::from_secs(2);
/// What stands behind a call that has run for so long is given to an idle worker.
const STEAL_AFTER: Duration = Duration::from_millis(5);
/// How often a worker that is busy with one call is asked for a sign of life. One that has not given it by the next time is stuck.
pub(super) const PING_EVERY: Duration = Duration::from_secs(1);
/// A silent worker whose end would not be noticed by other means is given up after so long.
const SILENCE: Duration = Duration::from_secs(60);
/// Even without grace a worker gets this time to give back what it has not started.
pub(super) const LEAST_GRACE: Duration = Duration::from_millis(20);

impl Pool {
    /// Acts on what is due. Then [`dispatch`](Self::dispatch): it may be time to start a worker again.
    pub fn fire<C: Clock>(&mut self, engine: &mut Engine<C>) {
        self.now = engine.now();
        if self.wake_at.is_none_or(|at| at > self.now) {
            return;
        }
        self.wake_at = None;
        let now = self.now;
        if self.restart_at.is_some_and(|at| at <= self.now) {
            self.restart_at = None;
        }
        let ids: Vec<WorkerId> = self.ids().collect();
        for id in ids {
            self.see_to(id, engine);
        }
        if self.close_at.take_if(|at| *at <= now).is_some() {
            self.actions.push_back(Action::Expire);
        }
        for at in [self.restart_at, self.close_at].into_iter().flatten() {
            self.wake(at);
        }
    }

    /// When [`fire`](Self::fire) should be called next.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.wake_at
    }

    /// All messages that had arrived when [`Action::Turn`] was asked for are dealt with.
    pub fn turned<C: Clock>(&mut self, worker: WorkerId, engine: &mut Engine<C>) {
        self.now = engine.now();
        match self.workers.get(worker as usize) {
            Some(entry) if entry.condemned && entry.grace.is_some() => self.bury(worker, None, false, engine),
            Some(entry) if entry.condemned => self.lost(worker, None, false, engine),
            _ => {}
        }
    }

    /// The call that a worker is at was cancelled, or may be one that was: it has its grace to end.
    pub(super) fn expect_end(&mut self, id: WorkerId) {
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

    /// A worker is to be ended, unless what it has sent and the page has not dealt with yet shows otherwise: a page that was frozen
    /// or asleep finds its timers due before it gets its messages.
    fn condemn(&mut self, id: WorkerId) {
        self.workers[id as usize].condemned = true;
        self.actions.push_back(Action::Turn(id));
    }

    /// Does what is due for one worker.
    fn see_to<C: Clock>(&mut self, id: WorkerId, engine: &mut Engine<C>) {
        let now = self.now;
        let spare = self.has_spare(engine);
        let Some(worker) = self.workers.get_mut(id as usize) else { return };
        if let Phase::Starting(until) = worker.phase {
            let made = worker.idle_since;
            if until <= now {
                return self.start_timed_out(id, engine);
            }
            if !self.reminded && made + REMIND_AFTER <= now {
                self.reminded = true;
                self.actions.push_back(Action::Remind(id));
            }
            return self.wake_for_start(until, made);
        }
        if let Phase::Ending(until) = worker.phase {
            if until <= now {
                self.bury(id, None, true, engine);
            } else {
                self.wake(until);
            }
            return;
        }
        if worker.condemned {
            return;
        }
        if let Some(until) = worker.grace {
            if until <= now {
                self.condemn(id);
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
            } else if self.may_end_for_idling(id) {
                self.dismiss(id, engine);
            }
            return;
        }
        let busy_for = now - worker.head_since;
        if spare && worker.withdrawable().is_some() {
            let due = worker.head_since + STEAL_AFTER;
            if due > now {
                self.wake(due);
            } else if let Some(from) = worker.withdraw() {
                self.actions.push_back(Action::Withdraw(id, from));
            }
        }
        self.ask_for_life(id, busy_for);
    }

    /// Whether a worker that is ready is one more than are to stay: those are the oldest. One that starts may never be ready, and one that ends is
    /// as good as gone.
    fn may_end_for_idling(&self, id: WorkerId) -> bool {
        let born = self.workers[id as usize].born;
        let older = self.workers.iter().filter(|(_, worker)| worker.is_ready() && worker.born < born);
        older.count() >= self.wanted as usize
    }

    /// Sees to it that a worker that is starting is looked at again.
    pub(super) fn wake_for_start(&mut self, until: Instant, made: Instant) {
        self.wake(if self.reminded { until } else { until.min(made + REMIND_AFTER) });
    }

    fn ask_for_life(&mut self, id: WorkerId, busy_for: Duration) {
        let now = self.now;
        let worker = &mut self.workers[id as usize];
        match worker.asked {
            Some(at) if !worker.watched && now - at >= SILENCE => return self.condemn(id),
            Some(at) if now - at >= PING_EVERY && worker.may_be_at_abandoned() => return self.expect_end(id),
            None if busy_for >= PING_EVERY => {
                worker.asked = Some(now);
                self.actions.push_back(Action::Ping(id));
            }
            _ => {}
        }
        self.wake(now + PING_EVERY);
    }

    /// Sees to it that busy workers are looked at again.
    pub(super) fn look_again_at_busy<C: Clock>(&mut self, engine: &Engine<C>) {
        let spare = self.has_spare(engine);
        let busy = self.workers.iter().filter(|(_, worker)| worker.open() > 0);
        let looks = busy.map(|(_, worker)| {
            let steals = spare && worker.withdrawable().is_some();
            if steals { worker.head_since + STEAL_AFTER } else { self.now + PING_EVERY }
        });
        if let Some(at) = looks.min() {
            self.wake(at);
        }
    }

    pub(super) fn look_again_for_idle(&mut self) {
        if let Some(timeout) = self.options.idle_timeout {
            self.wake(self.now + timeout);
        }
    }

    #[inline(never)] // smaller by more than its calls
    pub(super) fn wake(&mut self, at: Instant) {
        self.wake_at = Some(self.wake_at.map_or(at, |other| other.min(at)));
    }
}
