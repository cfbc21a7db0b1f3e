//! Executions: who waits for them, and what becomes of what they return.

use super::*;

#[test]
fn concurrent_calls_of_one_key_share_one_execution() {
    let (mut cache, _) = cache(Rules::default());
    let flight = run(&mut cache, "a");
    let other = run(&mut cache, "b");
    for _ in 0..3 {
        assert_eq!(cache.ask("a"), Answer::Join(flight));
    }
    assert_ne!(flight, other);
    let stats = cache.stats();
    assert_eq!((stats.misses, stats.shared, stats.in_flight), (2, 3, 2));
    assert_eq!(cache.settle(flight, 1, 1).map(drop), Ok(()));
    assert_eq!(cache.ask("a"), Answer::Fresh(&1));
    assert_eq!(cache.stats().in_flight, 1);
}

#[test]
fn the_last_callers_leave_aborts_and_no_others_does() {
    let (mut cache, _) = cache(Rules::default());
    let flight = run(&mut cache, "a");
    cache.ask("a");
    cache.ask("a");
    assert!(!cache.leave(flight));
    assert!(!cache.leave(flight));
    assert_eq!(cache.ask("a"), Answer::Join(flight), "it still runs for the third");
    assert!(!cache.leave(flight));
    assert!(cache.leave(flight));
    assert_eq!(cache.stats().in_flight, 0);
    assert!(!cache.leave(flight), "nobody is left to leave");
    assert_ne!(run(&mut cache, "a"), flight, "the next caller does not get the error of an abort");
}

#[test]
fn an_execution_outlives_the_caller_that_began_it() {
    let (mut cache, _) = cache(Rules::default());
    let flight = run(&mut cache, "a");
    cache.ask("a");
    assert!(!cache.leave(flight));
    assert_eq!(cache.settle(flight, 1, 1).map(drop), Ok(()));
    assert_eq!(cache.ask("a"), Answer::Fresh(&1));
}

#[test]
fn a_value_that_arrives_after_a_clear_is_not_kept() {
    let (mut cache, _) = cache(Rules::default());
    let flight = run(&mut cache, "a");
    cache.clear(&"a");
    assert_eq!(cache.stats().in_flight, 1, "it has callers");
    let next = run(&mut cache, "a");
    assert_eq!(cache.settle(flight, 1, 1), Err(1), "its callers are served, and no one after");
    assert_eq!(cache.ask("a"), Answer::Join(next));
    assert_eq!(cache.settle(next, 2, 1).map(drop), Ok(()));
    assert_eq!(cache.ask("a"), Answer::Fresh(&2));
    assert_eq!(cache.gone(), []);
}

#[test]
fn clear_all_forgets_each_execution_and_gives_each_value_back() {
    let (mut cache, _) = cache(Rules::default());
    store(&mut cache, "a", 1);
    store(&mut cache, "b", 2);
    let flights = [refresh(&mut cache, "b"), run(&mut cache, "c")];
    cache.clear_all();
    let mut gone = cache.gone();
    gone.sort_unstable_by_key(|(key, ..)| *key);
    assert_eq!(gone, [("a", 1, Reason::Cleared), ("b", 2, Reason::Cleared)]);
    assert_eq!((cache.stats().entries, cache.stats().bytes), (0, 0));
    for flight in flights {
        assert_eq!(cache.settle(flight, 3, 1), Err(3));
    }
    assert_eq!((held(&cache, &["a", "b", "c"]).as_str(), cache.stats().in_flight), ("", 0));
}

#[test]
fn a_cleared_execution_is_aborted_by_its_last_caller_all_the_same() {
    let (mut cache, _) = cache(Rules::default());
    let flight = run(&mut cache, "a");
    cache.ask("a");
    cache.clear(&"a");
    let next = run(&mut cache, "a");
    assert!(!cache.leave(flight));
    assert!(cache.leave(flight));
    assert_eq!(cache.ask("a"), Answer::Join(next), "the other one is not touched");
}

#[test]
fn a_failure_that_arrives_after_a_clear_is_not_kept() {
    let (mut cache, _) = cache(Rules { error_ttl: Some(ms(100)), ..Rules::default() });
    let flight = run(&mut cache, "a");
    cache.clear(&"a");
    assert_eq!(cache.fail(flight, "down"), Err("down"));
    run(&mut cache, "a");
}

#[test]
fn the_late_end_of_an_aborted_execution_reaches_no_later_one() {
    let (mut cache, _) = cache(Rules { error_ttl: Some(ms(100)), ..Rules::default() });
    let aborted = run(&mut cache, "a");
    assert!(cache.leave(aborted));
    let next = run(&mut cache, "a");
    assert_eq!(cache.settle(aborted, 1, 1), Err(1));
    assert_eq!(cache.fail(aborted, "aborted"), Err("aborted"));
    assert!(!cache.leave(aborted));
    assert_eq!(cache.ask("a"), Answer::Join(next));
    assert_eq!(cache.settle(next, 2, 1).map(drop), Ok(()));
    assert_eq!(cache.settle(next, 3, 1), Err(3), "an execution ends once");
    assert_eq!(cache.ask("a"), Answer::Fresh(&2));
}

#[test]
fn an_abort_frees_an_entry_that_has_nothing_else() {
    let mut slots = Slots::new(Rules::default(), 1);
    let slot = slots.open();
    let flight = slots.begin(slot);
    assert!(slots.leave(flight));
    assert_eq!(gone(&mut slots), [Gone { slot, reason: None, freed: true }]);
    assert_eq!(slots.open(), slot);
}

#[test]
fn an_aborted_refresh_leaves_the_value_there() {
    let (mut cache, _) = cache(Rules::default());
    store(&mut cache, "a", 1);
    let flight = refresh(&mut cache, "a");
    assert!(cache.leave(flight));
    assert_eq!(cache.ask("a"), Answer::Fresh(&1));
    assert_eq!(cache.gone(), []);
}

#[test]
fn an_entry_that_is_evicted_under_an_execution_gets_its_value_when_that_returns() {
    let mut slots = Slots::new(Rules { max_entries: 1, ..Rules::default() }, 1);
    let slot = settled(&mut slots, at(0), 1);
    let flight = slots.begin_refresh(slot);
    let other = settled(&mut slots, at(0), 1);
    assert_eq!(gone(&mut slots), [Gone { slot, reason: Some(Reason::Evicted), freed: false }]);
    assert_eq!(slots.look(slot, at(0)), Look::Join(flight), "its callers are not forgotten");
    assert_eq!(slots.settle(flight, at(0), 1), Settled::Stored);
    assert_eq!(gone(&mut slots), [Gone { slot: other, reason: Some(Reason::Evicted), freed: true }]);
    assert_eq!(slots.look(slot, at(0)), Look::Fresh);
}

#[test]
fn an_entry_that_is_evicted_under_an_execution_goes_when_that_fails_or_is_aborted() {
    for aborted in [false, true] {
        let mut slots = Slots::new(Rules { max_entries: 1, ..Rules::default() }, 1);
        let slot = settled(&mut slots, at(0), 1);
        let flight = slots.begin_refresh(slot);
        settled(&mut slots, at(0), 1);
        gone(&mut slots);
        if aborted {
            assert!(slots.leave(flight));
        } else {
            assert_eq!(slots.fail(flight, at(0)), Failed::Dropped);
        }
        assert_eq!(gone(&mut slots), [Gone { slot, reason: None, freed: true }]);
    }
}

#[test]
fn a_value_that_is_found_invalid_goes_and_its_execution_goes_on() {
    let mut slots = Slots::new(Rules::default(), 1);
    let slot = settled(&mut slots, at(0), 1);
    let flight = slots.begin_refresh(slot);
    slots.invalidate(slot);
    assert_eq!(gone(&mut slots), [Gone { slot, reason: Some(Reason::Invalid), freed: false }]);
    slots.invalidate(slot);
    assert_eq!(gone(&mut slots), [], "nothing is there to go again");
    assert_eq!(slots.settle(flight, at(0), 1), Settled::Stored);
    assert_eq!(slots.look(slot, at(0)), Look::Fresh);
}

#[test]
fn a_refresh_that_nobody_asked_for_is_not_aborted_when_callers_come_and_go() {
    let (mut cache, clock) =
        cache(Rules { refresh_every: Some(ms(100)), ttl: Some(ms(150)), ..Rules::default() });
    store(&mut cache, "a", 1);
    clock.advance(ms(100));
    cache.tick(true);
    let flight = run_refresh(&mut cache, "a");
    clock.advance(ms(50));
    assert_eq!(cache.ask("a"), Answer::Join(flight), "the value's time is over");
    assert_eq!(cache.ask("a"), Answer::Join(flight));
    assert!(!cache.leave(flight));
    assert!(!cache.leave(flight));
    assert!(!cache.leave(flight), "not even by one who never came");
    assert_eq!(cache.settle(flight, 2, 1).map(drop), Ok(()));
    assert_eq!(cache.ask("a"), Answer::Fresh(&2));
}

#[test]
fn an_execution_is_named_by_one_exact_number() {
    let mut slots = Slots::new(Rules::default(), 1);
    let mut flights = Vec::new();
    for _ in 0..100 {
        let slot = slots.open();
        flights.push(slots.begin(slot));
    }
    for flight in &flights {
        let number = flight.to_number();
        assert!(number >= 0.0 && number.fract() == 0.0 && number < 2_f64.powi(52), "{number}");
        assert_eq!(FlightId::from_number(number), *flight);
    }
    for number in [-1.0, 0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 2_f64.powi(52), 1e300] {
        assert!(!flights.contains(&FlightId::from_number(number)), "{number}");
        assert!(!slots.leave(FlightId::from_number(number)));
    }
}

#[test]
fn no_execution_however_many_have_been_has_the_number_zero() {
    let mut slots = Slots::new(Rules::default(), 1);
    for _ in 0..=1 << 20 {
        let slot = slots.open();
        let flight = slots.begin(slot);
        assert!(flight != FlightId::from_number(f64::NAN), "any other number gives an id of no execution");
        slots.leave(flight);
        slots.next_gone();
    }
}
