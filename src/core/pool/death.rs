//! What becomes of calls whose worker has ended, and of a pool whose workers end or fail again and again.
//!
//! After each failed start, and after each worker that ends without an answer since the last such end, the pool waits longer before it starts
//! another. When a series of either is too long, and no worker is ready, it gives up: no worker is started any more, and as long as none is
//! ready the calls that wait, or come, fail at once. A pool with a ready worker goes on with that one, and does not give up.
//!
//! What ends the series ends this too: after failed starts a worker that was starting still and becomes ready, after workers that ended
//! an answer of one that became ready late; and [`warm`](Pool::warm) in any case.

use alloc::vec::Vec;
use core::time::Duration;

use super::{
    Action, Loss, Pool, WorkerId, end_abandoned,
    worker::{Phase, Sent},
};
use crate::core::{base::clock::Clock, tasks::engine::Engine};

/// So many starts in a row may fail before a pool without a ready worker gives up.
pub const MAX_FAILED_STARTS: u32 = 3;
/// So many workers in a row may end without one answer before a pool without another that is ready gives up.
pub const MAX_DEATHS: u32 = 10;
/// The wait after the first failure; it doubles from there.
pub(super) const BACKOFF: Duration = Duration::from_millis(100);
/// How long a worker may take to clean up before it is ended.
pub(super) const CLEAN_UP: Duration = Duration::from_secs(5);
const MAX_BACKOFF: Duration = Duration::from_secs(5);

impl Pool {
    /// A worker could not be started.
    pub fn start_failed<C: Clock>(&mut self, worker: WorkerId, loss: Loss, engine: &mut Engine<C>) {
        self.now = engine.now();
        if self.workers.get(worker as usize).is_some_and(|worker| !worker.is_starting()) {
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
        if loss == Loss::Version || self.failed_starts >= MAX_FAILED_STARTS {
            self.give_up(loss, engine);
        }
    }

    /// A worker has not become ready in time. Another try would take as long, and whoever waits has waited that long already: unless there is
    /// a worker, what waits fails now. A call that comes later has another one started, after the usual wait.
    pub(super) fn start_timed_out<C: Clock>(&mut self, worker: WorkerId, engine: &mut Engine<C>) {
        self.start_failed(worker, Loss::Timeout, engine);
        if self.ready == 0 {
            self.fail_waiting(Loss::Timeout, engine);
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
        match self.workers.get(worker as usize).map(|worker| worker.phase) {
            Some(Phase::Starting(_)) => return self.start_failed(worker, Loss::Load, engine),
            Some(Phase::Ending(_)) => return self.bury(worker, None, false, engine), // as it was asked to
            _ => {}
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

    /// The series of starts that failed is over.
    pub(super) fn a_start_has_succeeded(&mut self) {
        self.failed_starts = 0;
        self.given_up.take_if(|loss| *loss != Loss::Crashing);
    }

    /// The series of workers that ended is over.
    pub(super) fn a_worker_has_answered(&mut self) {
        self.deaths = 0;
        self.given_up = None;
    }

    /// Wants at least this many workers, and tries again if the pool had given up.
    pub fn warm<C: Clock>(&mut self, workers: u32, engine: &Engine<C>) {
        self.now = engine.now();
        self.given_up = None;
        self.failed_starts = 0;
        self.deaths = 0;
        self.restart_at = None;
        self.wanted = self.wanted.max(workers.min(self.options.size));
    }

    /// The calls that there are have this much time to end, then comes [`Action::Expire`]. When they have ended, [`retire`](Self::retire).
    pub fn close<C: Clock>(&mut self, within: Option<Duration>, engine: &Engine<C>) {
        self.now = engine.now();
        self.close_at = within.map(|within| self.now + within);
        if let Some(at) = self.close_at {
            self.wake(at);
        }
    }

    /// Ends the workers of a pool without calls: those that have to clean up may do so first.
    pub fn retire<C: Clock>(&mut self, engine: &mut Engine<C>) {
        self.now = engine.now();
        self.disposed = true;
        let ids: Vec<WorkerId> = self.ids().collect();
        for id in ids {
            self.dismiss(id, engine);
        }
    }

    /// A worker that has nothing to do, and is not needed, ends.
    pub(super) fn dismiss<C: Clock>(&mut self, id: WorkerId, engine: &mut Engine<C>) {
        let until = self.now + CLEAN_UP;
        match self.workers.get_mut(id as usize) {
            Some(worker) if worker.is_ready() && worker.open() == 0 && worker.cleans_up => {
                worker.phase = Phase::Ending(until);
                self.ready -= 1;
                self.actions.push_back(Action::Retire(id));
                self.wake(until);
            }
            Some(worker) if matches!(worker.phase, Phase::Ending(_)) => {}
            _ => self.bury(id, None, false, engine),
        }
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
        self.ready -= u32::from(worker.is_ready());
        if worker.open() > 0 {
            self.one_less_busy(engine);
        }
        for (sent, may_have_started) in worker.bury(last_started, lossy) {
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

    #[inline(never)] // smaller by more than its calls
    pub(super) fn fail<C: Clock>(&mut self, sent: &Sent, loss: Loss, engine: &mut Engine<C>) {
        // One that has not begun, and does not begin now, has settled before the host could say that it needs no answer.
        if sent.begun || engine.begin(sent.key) {
            self.actions.push_back(Action::Fail(sent.key, sent.attempt, loss));
        }
    }

    /// Unless there is a worker, none can be had: nothing that waits for one may wait for ever.
    fn give_up<C: Clock>(&mut self, loss: Loss, engine: &mut Engine<C>) {
        if self.ready > 0 {
            return;
        }
        let loss = *self.given_up.get_or_insert(loss);
        self.wanted = self.options.min_workers;
        self.fail_waiting(loss, engine);
    }

    pub(super) fn fail_waiting<C: Clock>(&mut self, loss: Loss, engine: &mut Engine<C>) {
        while let Some(key) = engine.pull(self.manager) {
            engine.begin(key);
            self.actions.push_back(Action::Fail(key, engine.attempt(key), loss));
        }
    }

    fn back_off(&mut self, failures: u32) {
        let factor = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let at = self.now + BACKOFF.saturating_mul(factor).min(MAX_BACKOFF);
        self.restart_at = Some(at);
        self.wake(at);
    }
}
