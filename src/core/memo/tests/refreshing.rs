//! New values behind stale ones.

use super::*;

const TTL: Duration = ms(1_000);

fn background() -> Rules {
    Rules { ttl: Some(TTL), refresh: Refresh::Background, ..Rules::default() }
}

/// A cache with a stale value of each of these keys.
fn stale(rules: Rules, keys: &[&'static str]) -> (Cache, ManualClock) {
    let (mut cache, clock) = cache(rules);
    for key in keys {
        store(&mut cache, key, 1);
    }
    clock.advance(TTL);
    (cache, clock)
}

#[test]
fn a_stale_value_is_served_and_exactly_one_refresh_waits_behind_it() {
    let (mut cache, _) = stale(background(), &["a"]);
    assert_eq!(cache.peek(&"a"), Some(&1), "as a call would be");
    assert_eq!(cache.next_refresh(), None, "a peek asks for nothing");
    for _ in 0..3 {
        assert_eq!(cache.ask("a"), Answer::Stale(&1));
    }
    let flight = run_refresh(&mut cache, "a");
    assert_eq!(cache.ask("a"), Answer::Stale(&1), "also while it runs");
    assert_eq!(cache.next_refresh(), None);
    assert_eq!(cache.settle(flight, 2, 1).map(drop), Ok(()));
    assert_eq!(cache.ask("a"), Answer::Fresh(&2));
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.stale, stats.refreshes, stats.shared), (1, 1, 4, 1, 0));
}

#[test]
fn the_call_that_asks_for_the_refresh_is_told_so() {
    let mut slots = Slots::new(background(), 1);
    let slot = settled(&mut slots, at(0), 1);
    assert_eq!(slots.look(slot, at(1_000)), Look::Stale { refresh: true });
    assert_eq!(slots.look(slot, at(1_000)), Look::Stale { refresh: false }, "it waits already");
    let (next, flight) = slots.next_refresh().expect("it waits");
    assert_eq!((next, slots.flight(slot)), (slot, Some(flight)));
    assert_eq!(slots.look(slot, at(1_000)), Look::Stale { refresh: false }, "it runs already");
    slots.settle(flight, at(1_500), 1);
    assert_eq!(slots.look(slot, at(2_500)), Look::Stale { refresh: true }, "the next one");
}

#[test]
fn in_the_foreground_a_stale_value_is_not_served() {
    let (mut cache, _) = stale(Rules { refresh: Refresh::Foreground, ..background() }, &["a"]);
    assert_eq!(cache.peek(&"a"), None);
    run(&mut cache, "a");
    assert_eq!(cache.next_refresh(), None);
}

#[test]
fn a_stale_value_is_served_however_old_it_is() {
    let (mut cache, clock) = stale(background(), &["a"]);
    assert_eq!(cache.wake(), None);
    clock.advance(TTL * 1_000);
    cache.tick(true);
    assert_eq!(cache.ask("a"), Answer::Stale(&1));
}

#[test]
fn only_so_many_refreshes_run_at_once_in_the_order_they_were_asked_for() {
    let (mut cache, _) = stale(Rules { refresh_concurrency: 2, ..background() }, &["a", "b", "c", "d"]);
    for key in ["c", "a", "d", "b"] {
        cache.ask(key);
    }
    let first = run_refresh(&mut cache, "c");
    let second = run_refresh(&mut cache, "a");
    assert_eq!(cache.next_refresh(), None);
    assert_eq!(cache.settle(second, 2, 1).map(drop), Ok(()));
    let third = run_refresh(&mut cache, "d");
    assert_eq!(cache.next_refresh(), None);
    cache.fail(first, "down").expect_err("nothing may stand in");
    run_refresh(&mut cache, "b");
    assert_eq!(cache.next_refresh(), None);
    assert_eq!(cache.settle(third, 2, 1).map(drop), Ok(()));
    assert_eq!(cache.next_refresh(), None, "no more wait");
}

#[test]
fn an_execution_that_callers_wait_for_takes_no_place_of_a_refresh() {
    let (mut cache, _) = stale(Rules { refresh_concurrency: 1, ..background() }, &["a", "b"]);
    run(&mut cache, "x");
    refresh(&mut cache, "a");
    cache.ask("b");
    run_refresh(&mut cache, "b");
}

#[test]
fn a_refresh_keeps_its_place_until_it_has_ended_even_if_its_entry_is_cleared() {
    let (mut cache, _) = stale(Rules { refresh_concurrency: 1, ..background() }, &["a", "b"]);
    cache.ask("a");
    cache.ask("b");
    let flight = run_refresh(&mut cache, "a");
    cache.clear(&"a");
    assert_eq!(cache.next_refresh(), None, "it still runs");
    assert_eq!(cache.settle(flight, 2, 1), Err(2));
    run_refresh(&mut cache, "b");
}

#[test]
fn what_was_cleared_while_it_waited_is_passed_over() {
    let (mut cache, _) = stale(background(), &["a", "b"]);
    cache.ask("a");
    cache.ask("b");
    cache.clear(&"a");
    run_refresh(&mut cache, "b");
    assert_eq!(cache.next_refresh(), None);
}

#[test]
fn another_entry_under_the_number_of_a_cleared_one_is_not_refreshed_for_it() {
    let mut slots = Slots::new(background(), 1);
    let slot = settled(&mut slots, at(0), 1);
    slots.look(slot, at(1_000));
    slots.clear(slot);
    assert_eq!(settled(&mut slots, at(1_000), 1), slot);
    assert_eq!(slots.next_refresh(), None);
}

#[test]
fn what_a_caller_makes_meanwhile_is_not_made_again() {
    let (mut cache, _) = stale(background(), &["a"]);
    cache.ask("a");
    let flight = refresh(&mut cache, "a");
    assert_eq!(cache.next_refresh(), None);
    assert_eq!(cache.settle(flight, 2, 1).map(drop), Ok(()));
    assert_eq!(cache.next_refresh(), None);
}

#[test]
fn an_entry_waits_behind_all_that_were_asked_for_before_it() {
    let (mut cache, clock) = stale(background(), &["a", "b"]);
    cache.ask("a");
    cache.ask("b");
    let flight = refresh(&mut cache, "a");
    assert_eq!(cache.settle(flight, 2, 1).map(drop), Ok(()));
    clock.advance(TTL);
    assert_eq!(cache.ask("a"), Answer::Stale(&2), "asked for again, after b");
    run_refresh(&mut cache, "b");
    run_refresh(&mut cache, "a");
}

#[test]
fn a_refresh_runs_whatever_is_there() {
    let (mut cache, _) = cache(Rules::default());
    let first = refresh(&mut cache, "a");
    assert_eq!(cache.refresh("a"), Answer::Join(first), "one execution for both");
    assert_eq!(cache.settle(first, 1, 1).map(drop), Ok(()));
    let second = refresh(&mut cache, "a");
    assert_eq!(cache.ask("a"), Answer::Fresh(&1), "the others are served what is there");
    assert_eq!(cache.settle(second, 2, 1).map(drop), Ok(()));
    assert_eq!(cache.ask("a"), Answer::Fresh(&2));
    let stats = cache.stats();
    assert_eq!((stats.refreshes, stats.misses, stats.shared, stats.hits), (2, 0, 1, 2));
}

#[test]
fn a_refresh_that_a_caller_waits_for_is_aborted_when_the_caller_leaves() {
    let (mut cache, _) = stale(background(), &["a"]);
    let flight = refresh(&mut cache, "a");
    assert!(cache.leave(flight));
    assert_eq!(cache.ask("a"), Answer::Stale(&1));
    run_refresh(&mut cache, "a");
}

#[test]
fn a_host_can_ask_for_a_refresh_of_a_fresh_value() {
    let mut slots = Slots::new(Rules::default(), 1);
    let slot = settled(&mut slots, at(0), 1);
    assert!(slots.ask_refresh(slot));
    assert!(!slots.ask_refresh(slot), "it waits already");
    let (_, flight) = slots.next_refresh().expect("it waits");
    assert!(!slots.ask_refresh(slot), "it runs already");
    slots.settle(flight, at(0), 1);
    assert!(slots.ask_refresh(slot));
    slots.clear(slot);
    assert!(!slots.ask_refresh(slot), "nothing is there");
    assert_eq!(slots.next_refresh(), None);
}
