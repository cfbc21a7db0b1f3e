//! When values end that somebody listens to, so that a host needs one timer for all of them.
//!
//! ```
//! use taskloom::core::state::ends::Ends;
//!
//! let mut ends = Ends::default();
//! let (late, soon) = (ends.open(2_000), ends.open(1_000));
//! assert_eq!(ends.soonest(), Some(1_000));
//! assert_eq!((ends.take_due(999), ends.take_due(1_000), ends.take_due(1_000)), (None, Some(soon), None));
//! ends.close(late);
//! assert_eq!(ends.soonest(), None);
//! ```

use slab::Slab;

use crate::core::base::{
    clock::Instant,
    deadline::{Deadline, Deadlines, Limit},
};

/// The end of one value: small numbers, used again.
pub type EndId = u32;

/// The ends of values, in milliseconds of the wall clock. What it does takes at most logarithmic time in their number.
#[derive(Debug, Default)]
pub struct Ends {
    deadlines: Deadlines,
    open: Slab<Deadline>,
}

fn is_open(open: &Slab<Deadline>, deadline: Deadline, id: EndId) -> bool {
    open.get(id as usize) == Some(&deadline)
}

fn instant(millis: u64) -> Instant {
    Instant::from_micros(millis.saturating_mul(1000))
}

impl Ends {
    /// None yet.
    pub const fn new() -> Self {
        Self { deadlines: Deadlines::new(), open: Slab::new() }
    }

    /// A value ends at this time.
    pub fn open(&mut self, at: u64) -> EndId {
        let entry = self.open.vacant_entry();
        let id = EndId::try_from(entry.key()).unwrap_or(EndId::MAX);
        entry.insert(self.deadlines.insert(instant(at), id, Limit::Total));
        id
    }

    /// It does not, or nobody is to hear of it.
    pub fn close(&mut self, id: EndId) {
        if self.open.try_remove(id as usize).is_some() {
            let open = &self.open;
            self.deadlines.give_up(|deadline, id, _| is_open(open, deadline, id));
        }
    }

    /// When the next one ends.
    pub fn soonest(&mut self) -> Option<u64> {
        let open = &self.open;
        let at = self.deadlines.next(|deadline, id, _| is_open(open, deadline, id))?;
        Some(at.as_micros() / 1000)
    }

    /// The next one that has ended by now; it is closed.
    pub fn take_due(&mut self, now: u64) -> Option<EndId> {
        let open = &self.open;
        let (id, _) = self.deadlines.pop_due(instant(now), |deadline, id, _| is_open(open, deadline, id))?;
        self.open.try_remove(id as usize);
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::core::testing::cases;

    proptest! {
        #![proptest_config(cases(1000))]

        #[test]
        fn each_ends_at_its_time_and_not_before_unless_it_was_closed(
            steps in proptest::collection::vec((0..4_u8, 0..50_u32), 0..120),
        ) {
            let mut ends = Ends::default();
            let mut model: BTreeMap<EndId, u64> = BTreeMap::new();
            let mut now = 0;
            for (what, number) in steps {
                let span = u64::from(number);
                match what {
                    0 | 1 => {
                        let id = ends.open(now + span);
                        prop_assert_eq!(model.insert(id, now + span), None, "a number is one value's");
                    }
                    2 => {
                        let id = model.keys().nth(number as usize % model.len().max(1)).copied().unwrap_or(99);
                        ends.close(id);
                        model.remove(&id);
                    }
                    _ => {
                        now += span;
                        let mut before = 0;
                        while let Some(id) = ends.take_due(now) {
                            let at = model.remove(&id).expect("it was open");
                            prop_assert!(before <= at && at <= now);
                            before = at;
                        }
                        prop_assert!(model.values().all(|at| *at > now));
                    }
                }
                prop_assert_eq!(ends.soonest(), model.values().min().copied());
            }
        }
    }
}
