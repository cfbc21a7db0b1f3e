//! What becomes of calls whose worker has ended, and of a pool whose workers end or fail again and again.

use std::time::Duration;

use super::{
    Action, Loss, Pool, WorkerId, end_abandoned,
    worker::{Sent, Worker},
};
use crate::core::{clock::Clock, engine::Engine};

/// So many starts in a row may fail before the pool gives up.
pub const MAX_FAILED_STARTS: u32 = 3;
/// So many workers in a row may end without one answer before the pool gives up.
pub const MAX_DEATHS: u32 = 10;
/// The wait after the first failure; it doubles from there.
pub(super) const BACKOFF: Duration = Duration::from_millis(100);
const MAX_BACKOFF: Duration = Duration::from_secs(5);

impl Pool {
    /// A worker could not be started.
    pub fn start_failed<C: Clock>(&mut self, worker: WorkerId, loss: Loss, engine: &mut Engine<C>) {
        self.now = engine.now();
        if self.workers.get(worker as usize).is_some_and(Worker::is_ready) {
            return self.lost(worker, None, true, engine); // it had started, and may have calls
        }
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

    /// A worker is gone, or goes now: what it had not started goes back to the line, what it may have started fails.
    pub(super) fn bury<C: Clock>(
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

    pub(super) fn fail<C: Clock>(&mut self, sent: &Sent, loss: Loss, engine: &mut Engine<C>) {
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

    pub(super) fn fail_waiting<C: Clock>(&mut self, loss: Loss, engine: &mut Engine<C>) {
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
}
