//! Which of many pools there is something to do for, so that a host need not ask each of them after every call.

use std::collections::{BTreeMap, BTreeSet};

use super::Pool;
use crate::core::clock::Instant;

/// Names a pool of a host.
pub type PoolId = u32;

/// The pools that wait for their host, and when. What it does takes logarithmic time in the number of pools.
#[derive(Debug, Default)]
pub struct Roster {
    waiting: BTreeSet<PoolId>,
    deadlines: BTreeMap<PoolId, Instant>,
    due: BTreeSet<(Instant, PoolId)>,
}

impl Roster {
    /// A pool was told something: to be called after every call of it.
    pub fn note(&mut self, id: PoolId, pool: &Pool) {
        if pool.has_actions() {
            self.waiting.insert(id);
        } else if !self.waiting.is_empty() {
            self.waiting.remove(&id);
        }
        let deadline = pool.next_deadline();
        if self.deadlines.get(&id).copied() != deadline {
            self.set_deadline(id, deadline);
        }
    }

    fn set_deadline(&mut self, id: PoolId, deadline: Option<Instant>) {
        let previous = match deadline {
            Some(at) => self.deadlines.insert(id, at),
            None => self.deadlines.remove(&id),
        };
        if let Some(at) = previous {
            self.due.remove(&(at, id));
        }
        if let Some(at) = deadline {
            self.due.insert((at, id));
        }
    }

    /// A pool is gone.
    pub fn forget(&mut self, id: PoolId) {
        self.waiting.remove(&id);
        self.set_deadline(id, None);
    }

    /// Whether a pool waits for its host.
    pub fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// A pool that has [actions](Pool::next_action), or whose time has come, and that then wants a [dispatch](Pool::dispatch).
    pub fn next_waiting(&mut self) -> Option<PoolId> {
        self.waiting.pop_first()
    }

    /// When the first pool has something to do.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// A pool whose time has come, for [`Pool::fire`]; it waits for its host from then on.
    pub fn next_due(&mut self, now: Instant) -> Option<PoolId> {
        let id = self.due.first().filter(|(at, _)| *at <= now)?.1;
        self.set_deadline(id, None);
        Some(id)
    }

    /// What is due of a pool was done.
    pub fn fired(&mut self, id: PoolId, pool: &Pool) {
        self.note(id, pool);
        self.waiting.insert(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{
        clock::ManualClock,
        engine::{Engine, ManagerOptions, Submission},
        pool::PoolOptions,
    };

    #[test]
    fn only_the_pools_that_have_something_to_do_are_named() {
        let clock = ManualClock::default();
        let mut engine = Engine::new(clock.clone(), 1);
        let mut roster = Roster::default();
        let mut pools: Vec<Pool> = (0..1000)
            .map(|_| {
                let manager = engine.add_manager(ManagerOptions::default()).expect("valid options");
                Pool::new(manager, PoolOptions::default(), &mut engine).expect("valid options")
            })
            .collect();
        for (id, pool) in (0..).zip(&pools) {
            roster.note(id, pool);
        }
        assert_eq!((roster.has_waiting(), roster.next_deadline()), (false, None));

        let pool = &mut pools[500];
        let submission = Submission { manager: pool.manager, ..Submission::default() };
        let key = engine.submit(submission).expect("the queue has room");
        pool.describe(key, 0, false);
        pool.dispatch(&mut engine, |_| {});
        roster.note(500, pool);
        assert_eq!((roster.next_waiting(), roster.next_waiting()), (Some(500), None));
        while pool.next_action(&mut engine).is_some() {}
        roster.note(500, pool);
        assert!(!roster.has_waiting());

        let deadline = roster.next_deadline().expect("it waits for its worker");
        assert_eq!(Some(deadline), pool.next_deadline());
        assert_eq!(roster.next_due(engine.now()), None);
        clock.advance(deadline - engine.now());
        assert_eq!(roster.next_due(engine.now()), Some(500));
        pool.fire(&mut engine);
        roster.fired(500, pool);
        assert_eq!((roster.next_due(engine.now()), roster.next_waiting()), (None, Some(500)));
        roster.fired(500, pool);
        roster.forget(500);
        assert_eq!((roster.has_waiting(), roster.next_deadline()), (false, None));
    }
}
