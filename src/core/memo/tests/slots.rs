//! Whatever a host asks of the entries, and whatever its clock does: the bounds hold, and each entry is freed exactly once.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::core::testing::cases;

/// Numbers pick among the entries and the executions there are.
#[derive(Clone, Debug)]
enum Step {
    /// A key that has no entry is asked for.
    Open,
    Restore(u64, Option<u64>, u64),
    RestoreOver(usize, u64),
    Look(usize),
    Refresh(usize),
    AskRefresh(usize),
    NextRefresh,
    Settle(usize, u64),
    Fail(usize),
    Leave(usize),
    EvictOne,
    Invalidate(usize),
    Clear(usize),
    ClearAll,
    SetClock(u64),
    Tick(bool),
}

fn rules() -> impl Strategy<Value = Rules> {
    let span = || proptest::option::of((0..40_u64).prop_map(ms));
    let room = (prop_oneof![1 => Just(u32::MAX), 3 => 1..6_u32], proptest::option::of(0..40_u64));
    let every = proptest::option::weighted(0.3, (1..40_u64).prop_map(ms));
    (span(), 0.0..=1.0_f64, room, span(), (span(), span()), any::<bool>(), every, 1..4_u32).prop_map(
        |(
            ttl,
            ttl_jitter,
            (max_entries, max_bytes),
            error_ttl,
            (stale_if_error, max_stale),
            background,
            refresh_every,
            refresh_concurrency,
        )| Rules {
            ttl,
            ttl_jitter,
            max_entries,
            max_bytes,
            error_ttl,
            stale_if_error,
            max_stale,
            refresh: if background { Refresh::Background } else { Refresh::Foreground },
            refresh_every,
            refresh_concurrency,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let pick = any::<usize>;
    let time = || 0..200_u64;
    prop_oneof![
        10 => Just(Step::Open),
        2 => (time(), proptest::option::of(time()), 0..60_u64)
            .prop_map(|(settled, end, bytes)| Step::Restore(settled, end, bytes)),
        1 => (pick(), 0..60_u64).prop_map(|(slot, bytes)| Step::RestoreOver(slot, bytes)),
        12 => pick().prop_map(Step::Look),
        3 => pick().prop_map(Step::Refresh),
        2 => pick().prop_map(Step::AskRefresh),
        5 => Just(Step::NextRefresh),
        12 => (pick(), 0..30_u64).prop_map(|(flight, bytes)| Step::Settle(flight, bytes)),
        5 => pick().prop_map(Step::Fail),
        4 => pick().prop_map(Step::Leave),
        1 => Just(Step::EvictOne),
        1 => pick().prop_map(Step::Invalidate),
        2 => pick().prop_map(Step::Clear),
        1 => Just(Step::ClearAll),
        8 => time().prop_map(Step::SetClock),
        5 => any::<bool>().prop_map(Step::Tick),
    ]
}

/// A host that keeps no keys and no values, only books.
struct Host {
    rules: Rules,
    slots: Slots,
    now: Instant,
    open: BTreeSet<SlotId>,
    flights: BTreeSet<FlightId>,
    background: BTreeSet<FlightId>,
}

fn pick<T: Copy>(of: &BTreeSet<T>, number: usize) -> Option<T> {
    (!of.is_empty()).then(|| *of.iter().nth(number % of.len()).expect("below its length"))
}

impl Host {
    fn new(rules: Rules, seed: u64) -> Self {
        let slots = Slots::new(rules.clone(), seed);
        let (flights, background) = (BTreeSet::new(), BTreeSet::new());
        Self { rules, slots, now: at(100), open: BTreeSet::new(), flights, background }
    }

    fn open(&mut self) -> SlotId {
        let slot = self.slots.open();
        assert!(self.open.insert(slot), "{slot} is another one's");
        slot
    }

    fn began(&mut self, flight: FlightId) {
        assert!(self.flights.insert(flight), "{flight:?} is another one's");
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Open => {
                let slot = self.open();
                let flight = self.slots.begin(slot);
                self.began(flight);
            }
            Step::Restore(settled, end, bytes) => {
                let slot = self.open();
                self.slots.restore(slot, at(settled), end.map(at), bytes);
            }
            Step::NextRefresh => {
                if let Some((slot, flight)) = self.slots.next_refresh() {
                    assert!(self.open.contains(&slot), "{slot} has gone");
                    self.began(flight);
                    self.background.insert(flight);
                }
            }
            Step::EvictOne => {
                let entries = self.slots.stats().entries;
                assert_eq!(self.slots.evict_one(), entries > 0);
                assert_eq!(self.slots.stats().entries, entries.saturating_sub(1));
            }
            Step::ClearAll => self.clear_all(),
            Step::SetClock(time) => self.now = at(time),
            Step::Tick(visible) => self.slots.tick(self.now, visible),
            Step::RestoreOver(slot, _)
            | Step::Look(slot)
            | Step::Refresh(slot)
            | Step::AskRefresh(slot)
            | Step::Invalidate(slot)
            | Step::Clear(slot) => {
                if let Some(slot) = pick(&self.open, slot) {
                    self.step_of_slot(step, slot);
                }
            }
            Step::Settle(flight, _) | Step::Fail(flight) | Step::Leave(flight) => {
                if let Some(flight) = pick(&self.flights, flight) {
                    self.step_of_flight(step, flight);
                }
            }
        }
        self.check();
    }

    fn step_of_slot(&mut self, step: &Step, slot: SlotId) {
        match *step {
            Step::RestoreOver(_, bytes) => self.slots.restore(slot, self.now, None, bytes),
            Step::Look(_) => match self.slots.look(slot, self.now) {
                Look::Join(flight) => {
                    assert!(self.flights.contains(&flight), "{flight:?} has ended");
                    self.slots.join(flight);
                }
                Look::Miss => {
                    let flight = self.slots.begin(slot);
                    self.began(flight);
                }
                look => {
                    let value = look == Look::Fresh || matches!(look, Look::Stale { .. });
                    assert_eq!(self.slots.peek(slot, self.now), value);
                }
            },
            Step::Refresh(_) => {
                if self.slots.flight(slot).is_none() {
                    let flight = self.slots.begin_refresh(slot);
                    self.began(flight);
                }
            }
            Step::AskRefresh(_) => {
                self.slots.ask_refresh(slot);
                assert!(!self.slots.ask_refresh(slot), "at most one waits or runs");
            }
            Step::Invalidate(_) => self.slots.invalidate(slot),
            _ => self.slots.clear(slot),
        }
    }

    fn step_of_flight(&mut self, step: &Step, flight: FlightId) {
        let ended = match *step {
            Step::Settle(_, bytes) => {
                self.slots.settle(flight, self.now, bytes);
                true
            }
            Step::Fail(_) => {
                self.slots.fail(flight, self.now);
                true
            }
            _ => self.slots.leave(flight),
        };
        if ended {
            self.flights.remove(&flight);
            self.background.remove(&flight);
            assert_eq!(self.slots.settle(flight, self.now, 1), Settled::Dropped, "it ends once");
        }
    }

    fn clear_all(&mut self) {
        self.slots.clear_all();
        let freed: BTreeSet<_> = gone(&mut self.slots).iter().map(|gone| gone.slot).collect();
        assert_eq!(freed, self.open, "all of them");
        self.open.clear();
    }

    fn check(&mut self) {
        for Gone { slot, reason, freed } in gone(&mut self.slots) {
            assert!(self.open.contains(&slot), "{slot} went twice");
            assert!(freed || reason.is_some(), "nothing has gone");
            if freed {
                self.open.remove(&slot);
            }
        }
        let stats = self.slots.stats();
        assert!(stats.entries <= u64::from(self.rules.max_entries), "{}", stats.entries);
        assert!(stats.bytes <= self.rules.max_bytes.unwrap_or(u64::MAX), "{}", stats.bytes);
        let idle = self.open.iter().filter(|slot| self.slots.flight(**slot).is_none()).count() as u64;
        assert!(idle <= stats.entries, "one has nothing left, and is not freed");
        assert!(stats.entries <= self.open.len() as u64);
        assert_eq!(stats.in_flight, self.flights.len() as u64);
        assert!(self.background.len() <= self.rules.refresh_concurrency as usize);
        for slot in &self.open {
            assert!(self.slots.times(*slot).is_some(), "{slot} was freed, and nobody was told");
        }
    }

    /// The end of all: nothing is left over.
    fn finish(mut self, clears_first: bool) {
        if clears_first {
            self.clear_all();
        }
        while let Some(flight) = self.flights.pop_first() {
            self.background.remove(&flight);
            self.slots.fail(flight, self.now);
            self.check();
        }
        if !clears_first {
            self.clear_all();
        }
        assert_eq!(self.slots.next_refresh(), None, "no refresh of what has gone");
        let stats = self.slots.stats();
        assert_eq!((stats.entries, stats.bytes, stats.in_flight, self.open.len()), (0, 0, 0, 0));
        assert!(!self.slots.evict_one());
        self.slots.tick(self.now, true);
        assert_eq!((self.slots.wake(), gone(&mut self.slots)), (None, vec![]));
        for _ in 0..self.rules.refresh_concurrency {
            let slot = self.slots.open();
            self.slots.ask_refresh(slot);
            assert!(self.slots.next_refresh().is_some(), "each refresh that has ended has left its place");
        }
    }
}

proptest! {
    #![proptest_config(cases(2500))]

    #[test]
    fn in_every_sequence_the_bounds_hold_and_each_entry_is_freed_once_and_none_is_left(
        rules in rules(),
        seed: u64,
        steps in proptest::collection::vec(step(), 0..120),
        clears_first in any::<bool>(),
    ) {
        let mut host = Host::new(rules, seed);
        for step in &steps {
            host.step(step);
        }
        host.finish(clears_first);
    }
}
