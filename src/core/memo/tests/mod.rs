//! What the cache promises, on a clock that the tests turn. Where a promise needs a clock that was set back, or the number of an entry, it is
//! asked of [`Slots`] directly.

mod failing;
mod flights;
mod hash;
mod model;
mod property;
mod recency;
mod refreshing;
mod rules;
mod slots;
mod time;
mod wire;

use std::time::Duration;

use super::{cache::Answer, *};
use crate::core::base::clock::{Instant, ManualClock};

type Cache = MemoCache<&'static str, u32, ManualClock, &'static str>;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

/// The point so many milliseconds after the clock's origin.
const fn at(millis: u64) -> Instant {
    Instant::from_micros(millis * 1_000)
}

/// The time just before the end of a span.
fn just_before(span: Duration) -> Duration {
    span.saturating_sub(micros(1))
}

fn cache(rules: Rules) -> (Cache, ManualClock) {
    let clock = ManualClock::default();
    (Cache::new(rules.validated().expect("valid rules"), clock.clone(), 1), clock)
}

/// Asks, where nothing can be served and nothing runs.
fn run(cache: &mut Cache, key: &'static str) -> FlightId {
    match cache.ask(key) {
        Answer::Run(flight) => flight,
        other => panic!("{key} is answered {other:?}"),
    }
}

/// Asks for a new value, where none is being made.
fn refresh(cache: &mut Cache, key: &'static str) -> FlightId {
    match cache.refresh(key) {
        Answer::Run(flight) => flight,
        other => panic!("{key} is answered {other:?}"),
    }
}

/// Begins the next refresh, which is this key's.
fn run_refresh(cache: &mut Cache, key: &'static str) -> FlightId {
    let (flight, next) = cache.next_refresh().expect("a refresh waits");
    assert_eq!(*next, key);
    flight
}

/// Asks for what is not there, and settles it with a value of so many bytes.
fn store_sized(cache: &mut Cache, key: &'static str, value: u32, bytes: u64) {
    let flight = run(cache, key);
    assert_eq!(cache.settle(flight, value, bytes).map(drop), Ok(()));
}

fn store(cache: &mut Cache, key: &'static str, value: u32) {
    store_sized(cache, key, value, 1);
}

/// Which of these keys a call would find a value of.
fn held(cache: &Cache, keys: &[&'static str]) -> String {
    keys.iter().filter(|key| cache.peek(key).is_some()).copied().collect()
}

/// A new entry with a value that settles at this time.
fn settled(slots: &mut Slots, now: Instant, bytes: u64) -> SlotId {
    let slot = slots.open();
    let flight = slots.begin(slot);
    assert_eq!(slots.settle(flight, now, bytes), Settled::Stored);
    slot
}

/// All that has gone since this was last asked.
fn gone(slots: &mut Slots) -> Vec<Gone> {
    std::iter::from_fn(|| slots.next_gone()).collect()
}
