//! Those who wait for one thing.

use std::{cell::Cell, task::Waker};

/// Wakers of all who wait. They are the executor's code: none is cloned, woken or dropped while the list is out.
#[derive(Default)]
pub(super) struct Wakers(Cell<Vec<Waker>>);

impl Wakers {
    /// Wakes this one too at the next [`wake`](Self::wake).
    pub fn add(&self, waker: &Waker) {
        let waker = waker.clone();
        let mut list = self.0.take();
        // One future that is polled twice waits once.
        let known = list.iter().any(|other| other.will_wake(&waker));
        let spare = if known {
            Some(waker)
        } else {
            list.push(waker);
            None
        };
        self.0.set(list);
        drop(spare);
    }

    /// Wakes all, once.
    pub fn wake(&self) {
        self.0.take().into_iter().for_each(Waker::wake);
    }
}
