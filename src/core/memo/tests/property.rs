//! Whatever happens in whatever order: the cache answers as a list of entries does that is looked through from end to end.

use proptest::prelude::*;

use super::{model::*, *};
use crate::core::testing::cases;

const KEYS: u8 = 5;

/// One thing that may happen. Numbers pick among the executions there are, or have been.
#[derive(Clone, Debug)]
enum Step {
    Ask(u8),
    Refresh(u8),
    Settle(usize, u64),
    Fail(usize),
    Leave(usize),
    /// Something is told of an execution that has ended.
    Late(usize, u8),
    NextRefresh,
    Clear(u8),
    ClearAll,
    Advance(Duration),
    Tick(bool),
}

fn rules() -> impl Strategy<Value = Rules> {
    let span = |most: u64| (0..most).prop_map(ms);
    let short = move |share: f64| proptest::option::weighted(share, span(8));
    let room = (
        prop_oneof![1 => Just(u32::MAX), 3 => 1..4_u32],
        proptest::option::weighted(0.5, prop_oneof![1 => Just(0), 4 => 5..25_u64]),
    );
    let errors =
        (short(0.5), proptest::option::weighted(0.6, span(12)), proptest::option::weighted(0.4, span(12)));
    let refreshes = (any::<bool>(), proptest::option::weighted(0.4, (1..9_u64).prop_map(ms)), 1..3_u32);
    (short(0.85), room, errors, refreshes).prop_map(
        |(
            ttl,
            (max_entries, max_bytes),
            (error_ttl, stale_if_error, max_stale),
            (background, refresh_every, refresh_concurrency),
        )| {
            Rules {
                ttl,
                ttl_jitter: 0.0,
                max_entries,
                max_bytes,
                error_ttl,
                stale_if_error,
                max_stale,
                refresh: if background { Refresh::Background } else { Refresh::Foreground },
                refresh_every,
                refresh_concurrency,
            }
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let pick = any::<usize>;
    prop_oneof![
        30 => (0..KEYS).prop_map(Step::Ask),
        4 => (0..KEYS).prop_map(Step::Refresh),
        18 => (pick(), 0..12_u64).prop_map(|(flight, bytes)| Step::Settle(flight, bytes)),
        1 => (pick(), 12..40_u64).prop_map(|(flight, bytes)| Step::Settle(flight, bytes)),
        9 => pick().prop_map(Step::Fail),
        6 => pick().prop_map(Step::Leave),
        2 => (pick(), 0..3_u8).prop_map(|(flight, what)| Step::Late(flight, what)),
        9 => Just(Step::NextRefresh),
        3 => (0..KEYS).prop_map(Step::Clear),
        1 => Just(Step::ClearAll),
        14 => (1..5_u64).prop_map(|span| Step::Advance(ms(span))),
        3 => (5..40_u64).prop_map(|span| Step::Advance(ms(span))),
        7 => any::<bool>().prop_map(Step::Tick),
    ]
}

/// The cache and the model side by side.
struct Both {
    clock: ManualClock,
    cache: MemoCache<u8, u32, ManualClock, u32>,
    model: Model,
    ended: Vec<FlightId>,
    /// Each value and each failure is another one.
    stamp: u32,
}

impl Both {
    fn new(rules: Rules) -> Self {
        let clock = ManualClock::default();
        let cache = MemoCache::new(rules.clone(), clock.clone(), 1);
        Self { clock, cache, model: Model::new(rules), ended: Vec::new(), stamp: 0 }
    }

    fn step(&mut self, step: &Step) {
        let live: Vec<_> = self.model.flights.iter().map(|flight| flight.id).collect();
        let pick = |flight: &usize| (!live.is_empty()).then(|| live[flight % live.len()]);
        match step {
            Step::Ask(key) => {
                let answer = Owned::from(self.cache.ask(*key));
                assert_eq!(answer, self.model.ask(*key, answer.begun()));
            }
            Step::Refresh(key) => {
                let answer = Owned::from(self.cache.refresh(*key));
                assert_eq!(answer, self.model.refresh(*key, answer.begun()));
            }
            Step::Settle(flight, bytes) => {
                if let Some(flight) = pick(flight) {
                    self.settle(flight, *bytes);
                }
            }
            Step::Fail(flight) => {
                if let Some(flight) = pick(flight) {
                    self.fail(flight);
                }
            }
            Step::Leave(flight) => {
                if let Some(flight) = pick(flight) {
                    self.leave(flight);
                }
            }
            Step::Late(flight, what) => {
                if !self.ended.is_empty() {
                    let flight = self.ended[flight % self.ended.len()];
                    match what {
                        0 => self.settle(flight, 3),
                        1 => self.fail(flight),
                        _ => self.leave(flight),
                    }
                }
            }
            Step::NextRefresh => {
                let next = self.cache.next_refresh().map(|(flight, key)| (flight, *key));
                self.model.next_refresh(next);
            }
            Step::Clear(key) => {
                self.cache.clear(key);
                self.model.clear(*key);
            }
            Step::ClearAll => {
                self.cache.clear_all();
                self.model.clear_all();
            }
            Step::Advance(span) => {
                self.clock.advance(*span);
                self.model.now = self.model.now + *span;
            }
            Step::Tick(visible) => {
                self.cache.tick(*visible);
                self.model.tick(*visible);
            }
        }
        let still: Vec<_> = self.model.flights.iter().map(|flight| flight.id).collect();
        self.ended.extend(live.into_iter().filter(|flight| !still.contains(flight)));
        self.compare(step);
    }

    fn stamp(&mut self) -> u32 {
        self.stamp += 1;
        self.stamp
    }

    fn settle(&mut self, flight: FlightId, bytes: u64) {
        let value = self.stamp();
        assert_eq!(
            self.cache.settle(flight, value, bytes).map(drop),
            self.model.settle(flight, value, bytes)
        );
    }

    fn fail(&mut self, flight: FlightId) {
        let error = self.stamp();
        assert_eq!(self.cache.fail(flight, error).map(Owned::from), self.model.fail(flight, error));
    }

    fn leave(&mut self, flight: FlightId) {
        assert_eq!(self.cache.leave(flight), self.model.leave(flight));
    }

    fn compare(&mut self, step: &Step) {
        let mut gone = self.cache.gone();
        let mut expected = std::mem::take(&mut self.model.gone);
        // Of two that go at once, either may be told first.
        gone.sort_unstable_by_key(|(_, value, _)| *value);
        expected.sort_unstable_by_key(|(_, value, _)| *value);
        assert_eq!(gone, expected, "{step:?}");
        assert_eq!(self.cache.stats(), self.model.stats(), "{step:?}");
        for key in 0..KEYS {
            assert_eq!(self.cache.peek(&key).copied(), self.model.peek(key), "{key} after {step:?}");
        }
        if let Some(latest) = self.model.latest_wake() {
            let wake = self.cache.wake().expect("there will be something to do");
            assert!(wake <= latest, "{wake:?}, and not by {latest:?}, after {step:?}");
        }
    }
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn every_sequence_is_answered_as_a_plain_list_of_entries_would_answer_it(
        rules in rules(),
        steps in proptest::collection::vec(step(), 0..100),
    ) {
        let mut both = Both::new(rules);
        for step in &steps {
            both.step(step);
        }
    }
}
