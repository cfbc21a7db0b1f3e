//! What goes when there is no room.

use super::*;

const ALL: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn at_most(max_entries: u32) -> Rules {
    Rules { max_entries, ..Rules::default() }
}

fn within(max_bytes: u64) -> Rules {
    Rules { max_bytes: Some(max_bytes), ..Rules::default() }
}

#[test]
fn the_least_recently_used_entry_makes_room_and_says_so() {
    let (mut cache, _) = cache(at_most(3));
    for (value, key) in (1..).zip(["a", "b", "c"]) {
        store(&mut cache, key, value);
    }
    assert_eq!(cache.gone(), []);
    store(&mut cache, "d", 4);
    assert_eq!(cache.gone(), [("a", 1, Reason::Evicted)]);
    store(&mut cache, "e", 5);
    assert_eq!(cache.gone(), [("b", 2, Reason::Evicted)]);
    assert_eq!(held(&cache, &ALL), "cde");
    assert_eq!((cache.stats().entries, cache.stats().evictions), (3, 2));
}

#[test]
fn a_value_that_is_added_at_once_is_one_that_was_asked_for_and_has_settled() {
    let (mut at_once, mut in_steps) = (Slots::new(at_most(2), 1), Slots::new(at_most(2), 1));
    for time in 1..5 {
        let slot = at_once.add(at(time), 3);
        assert_eq!(at_once.gone(), usize::from(time > 2), "one goes for the third and all after it");
        let stepped = in_steps.open();
        let flight = in_steps.begin(stepped);
        assert_eq!((slot, in_steps.settle(flight, at(time), 3)), (stepped, Settled::Stored));
        assert_eq!(at_once.next_gone(), in_steps.next_gone());
        assert_eq!(at_once.stats(), in_steps.stats());
        assert_eq!(at_once.look(slot, at(time)), Look::Fresh);
        assert_eq!(in_steps.look(slot, at(time)), Look::Fresh);
    }
}

#[test]
fn a_call_that_is_served_counts_as_a_use_and_a_peek_does_not() {
    let (mut cache, _) = cache(at_most(3));
    for key in ["a", "b", "c"] {
        store(&mut cache, key, 0);
    }
    assert_eq!(cache.ask("a"), Answer::Fresh(&0));
    assert_eq!(cache.peek(&"b"), Some(&0));
    store(&mut cache, "d", 0);
    assert_eq!(held(&cache, &ALL), "acd");
    let hits = cache.stats().hits;
    assert_eq!(hits, 1, "the peeks are not counted either");
}

#[test]
fn the_order_of_use_is_exact() {
    let (mut cache, _) = cache(at_most(5));
    for key in ["a", "b", "c", "d", "e"] {
        store(&mut cache, key, 0);
    }
    for key in ["c", "a", "e", "c", "b"] {
        assert_eq!(cache.ask(key), Answer::Fresh(&0));
    }
    let mut order = String::new();
    for key in ["1", "2", "3", "4", "5"] {
        store(&mut cache, key, 0);
        order.extend(cache.gone().into_iter().map(|(key, ..)| key));
    }
    assert_eq!(order, "daecb");
}

#[test]
fn a_stale_value_and_a_failure_that_are_served_are_used_as_well() {
    let (mut cache, clock) = cache(Rules {
        ttl: Some(ms(10)),
        error_ttl: Some(ms(1000)),
        refresh: Refresh::Background,
        ..at_most(3)
    });
    store(&mut cache, "a", 0);
    let flight = run(&mut cache, "b");
    cache.fail(flight, "down").expect("it is kept");
    store(&mut cache, "c", 0);
    clock.advance(ms(10));
    assert_eq!(cache.ask("a"), Answer::Stale(&0));
    assert_eq!(cache.ask("b"), Answer::Failed(&"down"));
    store(&mut cache, "d", 0);
    assert_eq!(cache.gone(), [("c", 0, Reason::Evicted)]);
}

#[test]
fn a_new_value_is_a_use_of_its_entry() {
    let (mut cache, _) = cache(at_most(2));
    store(&mut cache, "a", 1);
    store(&mut cache, "b", 2);
    let flight = refresh(&mut cache, "a");
    assert_eq!(cache.settle(flight, 3, 1).map(drop), Ok(()));
    store(&mut cache, "c", 4);
    assert_eq!(cache.gone().last(), Some(&("b", 2, Reason::Evicted)));
    assert_eq!(held(&cache, &ALL), "ac");
}

#[test]
fn a_call_that_misses_an_expired_value_that_is_still_of_use_counts_as_a_use() {
    let rules = Rules { ttl: Some(ms(10)), stale_if_error: Some(ms(100)), ..at_most(2) };
    let (mut cache, clock) = cache(rules);
    store(&mut cache, "a", 1);
    store(&mut cache, "b", 2);
    clock.advance(ms(10));
    let flight = run(&mut cache, "a");
    store(&mut cache, "c", 3);
    assert_eq!(cache.gone(), [("b", 2, Reason::Evicted)], "nobody has asked for b");
    assert_eq!(cache.fail(flight, "down"), Ok(Answer::Stale(&1)));
}

#[test]
fn bytes_are_those_of_the_values_that_are_there() {
    let (mut cache, clock) = cache(Rules { ttl: Some(ms(10)), error_ttl: Some(ms(5)), ..within(100) });
    store_sized(&mut cache, "a", 1, 30);
    store_sized(&mut cache, "b", 2, 40);
    assert_eq!(cache.stats().bytes, 70);
    let flight = refresh(&mut cache, "a");
    assert_eq!(cache.stats().bytes, 70, "the old value is there until the new one is");
    assert_eq!(cache.settle(flight, 3, 60).map(drop), Ok(()));
    assert_eq!((cache.stats().bytes, cache.stats().entries), (100, 2), "not evicted by its own past");
    cache.clear(&"b");
    assert_eq!(cache.stats().bytes, 60);
    clock.advance(ms(10));
    let flight = run(&mut cache, "a");
    cache.fail(flight, "down").expect("it is kept");
    assert_eq!((cache.stats().bytes, cache.stats().entries), (0, 1), "a failure takes none");
    clock.advance(ms(5));
    cache.tick(true);
    assert_eq!((cache.stats().bytes, cache.stats().entries), (0, 0));
}

#[test]
fn as_many_go_as_the_new_value_needs_and_no_more() {
    let (mut cache, _) = cache(within(100));
    for (key, bytes) in [("a", 10), ("b", 20), ("c", 30), ("d", 40)] {
        store_sized(&mut cache, key, 0, bytes);
    }
    assert_eq!(held(&cache, &ALL), "abcd", "they fit exactly");
    store_sized(&mut cache, "e", 0, 30);
    assert_eq!(held(&cache, &ALL), "cde");
    assert_eq!(cache.stats().bytes, 100);
    store_sized(&mut cache, "f", 0, 100);
    assert_eq!(held(&cache, &ALL), "f");
    assert_eq!(cache.stats().evictions, 5);
}

#[test]
fn a_value_that_is_too_large_by_itself_is_not_kept_and_costs_no_other_its_place() {
    let (mut cache, _) = cache(within(100));
    store_sized(&mut cache, "a", 1, 100);
    let flight = run(&mut cache, "b");
    assert_eq!(cache.settle(flight, 2, 101), Err(2));
    assert_eq!((held(&cache, &ALL).as_str(), cache.gone()), ("a", vec![]));
    run(&mut cache, "b");
}

#[test]
fn one_that_has_grown_too_large_takes_the_value_before_it_along() {
    let (mut cache, _) = cache(within(100));
    store_sized(&mut cache, "a", 1, 50);
    let flight = refresh(&mut cache, "a");
    assert_eq!(cache.settle(flight, 2, 101), Err(2));
    assert_eq!(cache.peek(&"a"), None, "a call is not served what is known to be outdated");
    assert_eq!(cache.gone(), [("a", 1, Reason::Evicted)]);
    assert_eq!((cache.stats().bytes, cache.stats().entries, cache.stats().evictions), (0, 0, 1));
}

#[test]
fn values_without_bytes_are_bounded_by_their_number_alone() {
    let (mut cache, _) = cache(Rules { max_bytes: Some(0), ..at_most(2) });
    for key in ["a", "b", "c"] {
        store_sized(&mut cache, key, 0, 0);
    }
    assert_eq!(held(&cache, &ALL), "bc");
}

#[test]
fn evict_one_lets_the_least_recently_used_go_until_none_is_left() {
    let mut slots = Slots::new(Rules::default(), 1);
    let kept: Vec<_> = (0..3).map(|_| settled(&mut slots, at(0), 1)).collect();
    assert_eq!(slots.look(kept[0], at(0)), Look::Fresh);
    for slot in [kept[1], kept[2], kept[0]] {
        assert!(slots.evict_one());
        assert_eq!(gone(&mut slots), [Gone { slot, reason: Some(Reason::Evicted), freed: true }]);
    }
    assert!(!slots.evict_one());
    assert_eq!((gone(&mut slots), slots.stats().evictions), (vec![], 3));
}

#[test]
fn evict_one_does_not_count_a_running_execution_as_an_entry() {
    let mut slots = Slots::new(Rules::default(), 1);
    let slot = slots.open();
    let flight = slots.begin(slot);
    assert!(!slots.evict_one());
    assert_eq!(slots.settle(flight, at(0), 1), Settled::Stored);
    assert!(slots.evict_one());
}

#[test]
fn the_number_of_an_entry_is_free_once_it_was_told_to_be_gone() {
    let mut slots = Slots::new(at_most(1), 1);
    let first = settled(&mut slots, at(0), 1);
    let second = settled(&mut slots, at(0), 1);
    assert_ne!(first, second, "both were there for a moment");
    assert_eq!(gone(&mut slots), [Gone { slot: first, reason: Some(Reason::Evicted), freed: true }]);
    assert_eq!(slots.look(first, at(0)), Look::Miss);
    assert_eq!(slots.open(), first, "used again");
    let flight = slots.begin(first);
    assert_eq!(slots.look(first, at(0)), Look::Join(flight), "and nothing is left of the one before");
}

#[test]
fn each_way_to_go_has_its_reason() {
    let mut slots = Slots::new(Rules { ttl: Some(ms(10)), ..Rules::default() }, 1);
    let mut told = Vec::new();
    for reason in Reason::ALL {
        let slot = settled(&mut slots, at(0), 1);
        match reason {
            Reason::Evicted => assert!(slots.evict_one()),
            Reason::Expired => slots.tick(at(10), true),
            Reason::Cleared => slots.clear(slot),
            Reason::Invalid => slots.invalidate(slot),
        }
        told.extend(gone(&mut slots));
    }
    let all = Reason::ALL.map(|reason| Gone { slot: 0, reason: Some(reason), freed: true });
    assert_eq!(told, all);
    let stats = slots.stats();
    assert_eq!((stats.evictions, stats.expirations), (1, 1));
}

#[test]
fn a_restored_value_is_the_most_recently_used_and_as_old_as_it_is() {
    let mut slots = Slots::new(Rules { ttl: Some(ms(10)), ..at_most(2) }, 1);
    let old = slots.open();
    slots.restore(old, at(95), Some(at(102)), 5);
    let endless = slots.open();
    slots.restore(endless, at(0), None, 6);
    assert_eq!((slots.stats().entries, slots.stats().bytes), (2, 11));
    assert_eq!(slots.times(old), Some((Some(at(102)), Some(at(102)))));
    assert_eq!(slots.times(endless), Some((None, None)));
    assert_eq!(slots.look(old, at(101)), Look::Fresh);
    let new = slots.open();
    slots.restore(new, at(0), Some(at(200)), 7);
    assert_eq!(gone(&mut slots), [Gone { slot: endless, reason: Some(Reason::Evicted), freed: true }]);
    assert_eq!(slots.look(old, at(102)), Look::Miss, "its own time, and not the ttl from now");
    assert_eq!(slots.look(new, at(199)), Look::Fresh);
    assert_eq!((slots.stats().misses, slots.stats().entries), (0, 2), "it is no execution");
}

#[test]
fn a_restored_value_that_is_too_large_by_itself_costs_no_other_its_place() {
    let mut slots = Slots::new(within(100), 1);
    let kept = settled(&mut slots, at(0), 60);
    let large = slots.open();
    slots.restore(large, at(0), None, 101);
    assert!(!slots.peek(large, at(0)));
    assert!(slots.peek(kept, at(0)));
    assert_eq!(slots.stats().bytes, 60);
}
