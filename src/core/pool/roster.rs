//! Which of many pools there is something to do for, so that a host need not ask each of them after every call.

use alloc::{collections::VecDeque, vec::Vec};

use super::Pool;
use crate::core::base::{
    clock::Instant,
    deadline::{Deadline, Deadlines, Limit},
};

/// Names a pool of a host: small numbers, used again.
pub type PoolId = u32;

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    is_waiting: bool,
    /// Its time has come, and its host has not heard of it.
    has_fired: bool,
    deadline: Option<Deadline>,
}

/// The pools that wait for their host, and when. What it does takes at most logarithmic time in the number of pools.
#[derive(Debug, Default)]
pub struct Roster {
    /// By pool.
    entries: Vec<Entry>,
    /// Those that wait, and some that no longer do.
    line: VecDeque<PoolId>,
    waiting: u32,
    deadlines: Deadlines,
}

fn is_set(entries: &[Entry], deadline: Deadline, id: PoolId) -> bool {
    entries[id as usize].deadline == Some(deadline)
}

impl Roster {
    /// One without pools.
    pub const fn new() -> Self {
        Self { entries: Vec::new(), line: VecDeque::new(), waiting: 0, deadlines: Deadlines::new() }
    }

    /// A pool was told something: to be called after every call of it.
    pub fn note(&mut self, id: PoolId, pool: &Pool) {
        let has_fired = self.entries.get(id as usize).is_some_and(|entry| entry.has_fired);
        self.set(id, has_fired || pool.has_actions(), pool.next_deadline());
    }

    /// A pool is gone.
    pub fn forget(&mut self, id: PoolId) {
        self.set(id, false, None);
        self.entries[id as usize].has_fired = false;
    }

    fn set(&mut self, id: PoolId, is_waiting: bool, at: Option<Instant>) {
        let index = id as usize;
        if index >= self.entries.len() {
            self.entries.resize(index + 1, Entry::default());
        }
        if self.entries[index].is_waiting != is_waiting {
            self.entries[index].is_waiting = is_waiting;
            if is_waiting {
                self.waiting += 1;
                self.line.push_back(id);
            } else {
                self.waiting -= 1;
            }
        }
        let previous = self.entries[index].deadline;
        if previous.map(Deadline::at) != at {
            self.entries[index].deadline = at.map(|at| self.deadlines.insert(at, id, Limit::Rate));
            if previous.is_some() {
                let entries = &self.entries;
                self.deadlines.give_up(|deadline, id, _| is_set(entries, deadline, id));
            }
        }
    }

    /// Whether a pool waits for its host.
    pub fn has_waiting(&self) -> bool {
        self.waiting > 0
    }

    /// A pool that has [actions](Pool::next_action), or whose time has come, and that then wants a [dispatch](Pool::dispatch).
    pub fn next_waiting(&mut self) -> Option<PoolId> {
        loop {
            let id = self.line.pop_front()?;
            let entry = &mut self.entries[id as usize];
            if core::mem::take(&mut entry.is_waiting) {
                entry.has_fired = false;
                self.waiting -= 1;
                return Some(id);
            }
        }
    }

    /// When the first pool has something to do.
    pub fn next_deadline(&mut self) -> Option<Instant> {
        let Self { entries, deadlines, .. } = self;
        deadlines.next(|deadline, id, _| is_set(entries, deadline, id))
    }

    /// A pool whose time has come, for [`Pool::fire`]; then it has [`fired`](Self::fired).
    pub fn next_due(&mut self, now: Instant) -> Option<PoolId> {
        let Self { entries, deadlines, .. } = self;
        let (id, _) = deadlines.pop_due(now, |deadline, id, _| is_set(entries, deadline, id))?;
        entries[id as usize].deadline = None;
        Some(id)
    }

    /// What is due of a pool was done; it waits for its host.
    pub fn fired(&mut self, id: PoolId, pool: &Pool) {
        self.set(id, true, pool.next_deadline());
        self.entries[id as usize].has_fired = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{
        base::clock::ManualClock,
        pool::PoolOptions,
        tasks::engine::{Engine, ManagerOptions, Submission},
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
        roster.note(500, pool); // it is told something before the host asks
        assert_eq!((roster.next_due(engine.now()), roster.next_waiting()), (None, Some(500)));
        roster.fired(500, pool);
        roster.forget(500);
        assert_eq!((roster.has_waiting(), roster.next_deadline()), (false, None));
    }
}
