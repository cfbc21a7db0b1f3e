//! Which call goes to which worker, and how many workers there are for them.

use super::{
    Action, Call, Dispatch, Pool, WorkerId, id_of,
    pace::AHEAD_MICROS,
    worker::{Sent, Worker},
};
use crate::core::{
    base::clock::Clock,
    tasks::{engine::Engine, task::TaskKey},
};

/// Backlogs that differ by less than this count as equal, so that small calls go together.
const BATCH_MICROS: f32 = 100.0;

/// How many batches a backlog below `AHEAD_MICROS` is.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 20
fn batches(backlog: f32) -> f32 {
    f32::from((backlog / BATCH_MICROS) as u8)
}

impl Pool {
    /// Hands out calls to the workers that have room, and starts workers for the rest.
    pub fn dispatch<C: Clock>(&mut self, engine: &mut Engine<C>, mut send: impl FnMut(Dispatch)) {
        self.now = engine.now();
        if let Some(loss) = self.broken() {
            self.fail_waiting(loss, engine);
            return;
        }
        while let Some(id) = self.roomiest() {
            let Some(key) = engine.pull(self.manager) else { break };
            send(self.assign(id, key, engine));
        }
        self.start_workers(engine);
        self.tell_free(engine);
        self.look_again_at_busy(engine);
    }

    /// The worker that is to get the next call: the least busy one, or of several such the oldest, so that the others may end for
    /// being idle.
    fn roomiest(&self) -> Option<WorkerId> {
        let mut best: Option<(f32, u32, usize)> = None;
        for (id, worker) in &self.workers {
            if !worker.takes_calls() {
                continue;
            }
            let load = match worker.backlog() {
                _ if worker.open() == 0 => 0.0,
                Some(backlog) if backlog < AHEAD_MICROS => batches(backlog),
                _ => continue,
            };
            if best.is_none_or(|(least, born, _)| load < least || (load <= least && worker.born < born)) {
                best = Some((load, worker.born, id));
            }
        }
        best.map(|(.., id)| id_of(id))
    }

    fn assign<C: Clock>(&mut self, id: WorkerId, key: TaskKey, engine: &mut Engine<C>) -> Dispatch {
        let Call { job, transfers } = self.calls.get(key.slot() as usize).copied().unwrap_or_default();
        let short = self.paces.get(job as usize).and_then(|pace| pace.short());
        let marked = short.is_none() || engine.needs_start(key);
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
        self.busy += u32::from(worker.open() == 0);
        let number = worker.push(sent, self.now);
        if transfers {
            engine.forgo_retries(key); // what it moves is gone from here
        }
        Dispatch { key, worker: id, number, marked, begun }
    }

    fn start_workers<C: Clock>(&mut self, engine: &Engine<C>) {
        if !self.may_start_workers() {
            return;
        }
        let (waiting, _) = engine.counts(self.manager);
        let all = id_of(self.workers.len());
        let starting = id_of(self.workers.iter().filter(|(_, worker)| worker.is_starting()).count());
        let lasting = self.ready + starting;
        let needed = if engine.is_paused(self.manager) { 0 } else { waiting.saturating_sub(starting) };
        let more = needed.max(self.wanted.saturating_sub(lasting)).min(self.options.size - all);
        for _ in 0..more {
            let until = self.now + self.options.start_timeout;
            let id = self.workers.insert(Worker::new(self.born, until, self.now));
            self.born = self.born.wrapping_add(1);
            self.wake_for_start(until, self.now);
            self.actions.push_back(Action::Start(id_of(id)));
        }
    }

    /// Tells the engine how many calls would not have to wait, whenever that has changed: a call may be submitted before the next
    /// [`dispatch`](Self::dispatch).
    pub(super) fn tell_free<C: Clock>(&self, engine: &mut Engine<C>) {
        engine.set_free(self.manager, self.options.size - self.busy); // idle, or not made yet
    }

    /// A worker has no calls any more.
    #[inline(never)] // smaller by more than its calls
    pub(super) fn one_less_busy<C: Clock>(&mut self, engine: &mut Engine<C>) {
        self.busy -= 1;
        self.tell_free(engine);
    }

    /// Whether a worker that has nothing to do, or could be made, would take what another gives back.
    #[inline(never)] // smaller by more than its calls
    pub(super) fn has_spare<C: Clock>(&self, engine: &Engine<C>) -> bool {
        let (waiting, _) = engine.counts(self.manager);
        let idle = self.workers.iter().any(|(_, worker)| worker.is_ready() && worker.open() == 0);
        let unmade = self.may_start_workers() && self.workers.len() < self.options.size as usize;
        waiting == 0 && !engine.is_paused(self.manager) && (idle || unmade)
    }

    fn may_start_workers(&self) -> bool {
        !self.disposed && self.given_up.is_none() && self.restart_at.is_none()
    }
}
