//! All deadlines of an engine in one ordered set, so that a host needs one platform timer.

use alloc::collections::BinaryHeap;
use core::{cmp::Reverse, time::Duration};

use crate::core::base::clock::Instant;

/// The longest delay that `setTimeout` takes; a longer one fires at once, since it is read as a signed 32-bit
/// number ([HTML, timers](https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timers)).
pub const MAX_PLATFORM_DELAY: Duration = Duration::from_millis(2_147_483_647);

/// What happens to a task when a deadline has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Limit {
    /// The wait before the next attempt is over.
    Backoff = 0,
    /// It has waited too long for its start.
    Queue = 1,
    /// The attempt has taken too long.
    Attempt = 2,
    /// The task as a whole has taken too long, since its start.
    Total = 3,
    /// It has settled, and its function has had the time to end in which it keeps its place.
    Grace = 4,
    /// Not of a task: the rate limit of the manager with this number lets another one start.
    Rate = 5,
}

impl Limit {
    /// Those of a task that has not settled.
    pub const OF_TASK: [Self; 4] = [Self::Backoff, Self::Queue, Self::Attempt, Self::Total];
}

/// One deadline, told apart from others at the same time by the order in which they were set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline {
    at: Instant,
    sequence: u64,
}

impl Deadline {
    /// When it is.
    pub fn at(self) -> Instant {
        self.at
    }
}

/// Deadlines of slots, soonest first.
///
/// A heap from which nothing is taken out of the middle: whoever gives a deadline up says so, and what has been given
/// up is passed over when its turn comes, or swept out when it makes up half the heap. The owner of the slots
/// tells the two apart by [`IsSet`].
#[derive(Debug, Default)]
pub struct Deadlines {
    heap: BinaryHeap<Reverse<(Deadline, u32, Limit)>>,
    given_up: usize,
    next_sequence: u64,
}

/// Whether the deadline of a slot for a limit is still this one.
pub trait IsSet: Fn(Deadline, u32, Limit) -> bool {}
impl<F: Fn(Deadline, u32, Limit) -> bool> IsSet for F {}

impl Deadlines {
    /// None yet.
    pub const fn new() -> Self {
        Self { heap: BinaryHeap::new(), given_up: 0, next_sequence: 0 }
    }

    /// Adds a deadline.
    pub fn insert(&mut self, at: Instant, slot: u32, limit: Limit) -> Deadline {
        let deadline = Deadline { at, sequence: self.next_sequence };
        self.next_sequence += 1;
        self.heap.push(Reverse((deadline, slot, limit)));
        deadline
    }

    /// A deadline that was added no longer counts.
    pub fn give_up(&mut self, is_set: impl IsSet) {
        self.given_up += 1;
        if self.given_up * 2 > self.heap.len() {
            let mut heap = core::mem::take(&mut self.heap).into_vec();
            heap.retain(|Reverse((deadline, slot, limit))| is_set(*deadline, *slot, *limit));
            self.heap = heap.into();
            self.given_up = 0;
        }
    }

    /// The soonest one.
    pub fn next(&mut self, is_set: impl IsSet) -> Option<Instant> {
        loop {
            let Reverse((deadline, slot, limit)) = *self.heap.peek()?;
            if is_set(deadline, slot, limit) {
                return Some(deadline.at);
            }
            self.heap.pop();
            self.given_up -= 1;
        }
    }

    /// How many count.
    pub fn len(&self) -> usize {
        self.heap.len() - self.given_up
    }

    /// Whether none counts.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes out the soonest one if it has passed.
    pub fn pop_due(&mut self, now: Instant, is_set: impl IsSet) -> Option<(u32, Limit)> {
        (self.next(is_set)? <= now)
            .then(|| self.heap.pop())
            .flatten()
            .map(|Reverse((_, slot, limit))| (slot, limit))
    }
}

/// How long a platform timer should be set for. Rounded up to a whole millisecond, so that it never fires just
/// before the deadline, and cut at [`MAX_PLATFORM_DELAY`]: whoever is woken early arms it again.
pub fn platform_delay(now: Instant, deadline: Instant) -> Duration {
    let micros = (deadline - now).as_micros().div_ceil(1000) * 1000;
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)).min(MAX_PLATFORM_DELAY)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    proptest! {
        #[test]
        fn behaves_as_an_ordered_set_does(steps in proptest::collection::vec((0..4_u8, 0..8_u32, 0..50_u64), 0..120)) {
            let mut deadlines = Deadlines::default();
            let mut model = BTreeMap::<u32, Deadline>::new();
            for (step, slot, at) in steps {
                let at = Instant::from_micros(at);
                match step {
                    0 | 1 if !model.contains_key(&slot) => {
                        model.insert(slot, deadlines.insert(at, slot, Limit::Total));
                    }
                    2 if model.remove(&slot).is_some() => {
                        deadlines.give_up(|deadline, slot, _| model.get(&slot) == Some(&deadline));
                    }
                    _ => {
                        let due = model.iter().map(|(slot, due)| (*due, *slot)).min().filter(|(due, _)| due.at() <= at);
                        let popped = deadlines.pop_due(at, |deadline, slot, _| model.get(&slot) == Some(&deadline));
                        prop_assert_eq!(popped, due.map(|(_, slot)| (slot, Limit::Total)));
                        due.map(|(_, slot)| model.remove(&slot));
                    }
                }
                prop_assert_eq!(deadlines.len(), model.len());
                let next = deadlines.next(|deadline, slot, _| model.get(&slot) == Some(&deadline));
                prop_assert_eq!(next, model.values().min().map(|due| due.at()));
            }
        }
    }

    #[test]
    fn a_delay_over_24_days_is_cut_and_not_overflowed() {
        let now = Instant::from_micros(500);
        assert_eq!(platform_delay(now, now + 30 * DAY), MAX_PLATFORM_DELAY);
        assert_eq!(platform_delay(now, now + DAY), DAY);
    }

    #[test]
    fn a_delay_is_rounded_up_so_that_it_never_fires_early() {
        let now = Instant::from_micros(0);
        assert_eq!(platform_delay(now, Instant::from_micros(1)), Duration::from_millis(1));
        assert_eq!(platform_delay(Instant::from_micros(9), now), Duration::ZERO);
    }
}
