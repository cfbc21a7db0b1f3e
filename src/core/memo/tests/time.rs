//! How long a value is fresh, and when the cache looks after its entries.

use super::*;

const TTL: Duration = ms(60_000);

fn fresh_for(ttl: Duration) -> Rules {
    Rules { ttl: Some(ttl), ..Rules::default() }
}

/// For how long each of so many values is fresh that settle at once.
fn times(rules: Rules, seed: u64, values: usize) -> Vec<Duration> {
    let mut slots = Slots::new(rules, seed);
    (0..values)
        .map(|_| {
            let slot = settled(&mut slots, at(500), 1);
            let (fresh_until, _) = slots.times(slot).expect("it is kept");
            fresh_until.expect("it has a ttl") - at(500)
        })
        .collect()
}

#[test]
fn a_value_is_fresh_for_the_ttl_from_when_it_settled() {
    let (mut cache, clock) = cache(fresh_for(TTL));
    let flight = run(&mut cache, "a");
    clock.advance(TTL * 3);
    assert_eq!(cache.settle(flight, 1, 1).map(drop), Ok(()), "however long it took");
    clock.advance(just_before(TTL));
    assert_eq!(cache.ask("a"), Answer::Fresh(&1));
    assert_eq!(cache.peek(&"a"), Some(&1), "a use does not make it younger or older");
    clock.advance(micros(1));
    assert_eq!(cache.peek(&"a"), None);
    let flight = run(&mut cache, "a");
    assert_eq!(cache.settle(flight, 2, 1).map(drop), Ok(()));
    clock.advance(just_before(TTL));
    assert_eq!(cache.ask("a"), Answer::Fresh(&2), "its successor has a time of its own");
}

#[test]
fn without_a_ttl_a_value_is_fresh_for_ever() {
    let (mut cache, clock) = cache(Rules::default());
    store(&mut cache, "a", 1);
    clock.advance(Duration::from_secs(100 * 365 * 86_400));
    assert_eq!(cache.ask("a"), Answer::Fresh(&1));
    assert_eq!(cache.wake(), None);
}

#[test]
fn a_ttl_past_the_end_of_time_is_for_ever() {
    let (mut cache, clock) = cache(Rules { stale_if_error: Some(Duration::MAX), ..fresh_for(Duration::MAX) });
    store(&mut cache, "a", 1);
    clock.advance(Duration::from_secs(100 * 365 * 86_400));
    assert_eq!(cache.ask("a"), Answer::Fresh(&1));
    assert_eq!(cache.wake(), None);
}

#[test]
fn with_a_ttl_of_zero_only_concurrent_calls_share_a_value() {
    let (mut cache, _) = cache(fresh_for(Duration::ZERO));
    let flight = run(&mut cache, "a");
    assert_eq!(cache.ask("a"), Answer::Join(flight));
    assert_eq!(cache.settle(flight, 1, 1).map(drop), Ok(()));
    assert_eq!(cache.peek(&"a"), None);
    assert_ne!(run(&mut cache, "a"), flight);
    cache.clear(&"a");
    store(&mut cache, "b", 1);
    cache.tick(true);
    assert_eq!(cache.stats().entries, 0, "it takes no room for long");
    assert_eq!(cache.wake(), None);
}

#[test]
fn jitter_shortens_by_at_most_its_part_of_the_ttl() {
    let rules = Rules { ttl_jitter: 0.25, ..fresh_for(TTL) };
    let times = times(rules, 7, 2_000);
    let (least, most) = (times.iter().min().expect("many"), times.iter().max().expect("many"));
    assert!(*least >= TTL.mul_f64(0.75) && *most <= TTL, "{least:?} to {most:?}");
}

#[test]
fn jitter_spreads_over_the_whole_of_its_part() {
    let rules = Rules { ttl_jitter: 0.25, ..fresh_for(TTL) };
    let times = times(rules, 7, 2_000);
    let mut tenths = [0_u32; 10];
    for time in &times {
        let part = TTL.saturating_sub(*time).as_micros() * 10 / TTL.mul_f64(0.25).as_micros();
        tenths[usize::try_from(part).expect("small").min(9)] += 1;
    }
    assert!(tenths.iter().all(|count| (120..280).contains(count)), "{tenths:?}");
}

#[test]
fn jitter_of_the_whole_ttl_gives_any_time_up_to_it() {
    let times = times(Rules { ttl_jitter: 1.0, ..fresh_for(TTL) }, 3, 1_000);
    assert!(times.iter().all(|time| *time <= TTL));
    assert!(times.iter().any(|time| *time < TTL / 20) && times.iter().any(|time| *time > TTL * 19 / 20));
}

#[test]
fn jitter_is_repeated_by_the_same_seed_and_not_by_another() {
    let rules = Rules { ttl_jitter: 0.5, ..fresh_for(TTL) };
    assert_eq!(times(rules.clone(), 7, 20), times(rules.clone(), 7, 20));
    assert_ne!(times(rules.clone(), 7, 20), times(rules, 8, 20));
}

#[test]
fn without_jitter_the_ttl_is_exact() {
    assert_eq!(times(fresh_for(TTL), 7, 20), [TTL; 20]);
}

#[test]
fn a_clock_that_was_set_back_ends_what_is_fresh() {
    let mut slots = Slots::new(fresh_for(TTL), 1);
    let slot = settled(&mut slots, at(5_000), 1);
    assert_eq!(slots.look(slot, at(5_000)), Look::Fresh);
    assert!(!slots.peek(slot, at(4_999)));
    assert_eq!(slots.look(slot, at(4_999)), Look::Miss, "or it would be fresh for longer than its ttl");
    let flight = slots.begin(slot);
    assert_eq!(slots.settle(flight, at(4_999), 1), Settled::Stored);
    assert_eq!(slots.look(slot, at(4_999)), Look::Fresh);
}

#[test]
fn a_clock_that_was_set_back_ends_a_kept_failure_and_no_value_without_a_ttl() {
    let mut slots = Slots::new(Rules { error_ttl: Some(TTL), ..Rules::default() }, 1);
    let endless = settled(&mut slots, at(5_000), 1);
    let slot = slots.open();
    let flight = slots.begin(slot);
    assert_eq!(slots.fail(flight, at(5_000)), Failed::Kept);
    assert_eq!(slots.look(slot, at(5_000)), Look::Failed);
    assert_eq!(slots.look(slot, at(4_999)), Look::Miss);
    assert_eq!(slots.look(endless, at(4_999)), Look::Fresh);
}

#[test]
fn a_clock_that_was_set_back_ends_the_pause_between_two_tries() {
    let rules = Rules { error_ttl: Some(ms(100)), stale_if_error: Some(TTL), ..fresh_for(TTL) };
    let mut slots = Slots::new(rules, 1);
    let slot = settled(&mut slots, at(0), 1);
    let flight = slots.begin(slot);
    assert_eq!(slots.fail(flight, at(100_000)), Failed::Stale);
    assert_eq!(slots.look(slot, at(100_000)), Look::Stale { refresh: false });
    assert_eq!(slots.look(slot, at(70_000)), Look::Miss, "or the pause would take 30 s in place of 0.1 s");
}

#[test]
fn what_has_expired_is_let_go_when_the_cache_is_woken() {
    let (mut cache, clock) = cache(fresh_for(TTL));
    store(&mut cache, "a", 1);
    clock.advance(ms(10));
    store(&mut cache, "b", 2);
    assert_eq!(cache.wake(), Some(at(60_000)));
    clock.advance(just_before(TTL).saturating_sub(ms(10)));
    cache.tick(true);
    assert_eq!((cache.gone(), cache.stats().entries), (vec![], 2));
    clock.advance(micros(1));
    cache.tick(true);
    assert_eq!(cache.gone(), [("a", 1, Reason::Expired)]);
    assert_eq!(cache.wake(), Some(at(60_010)));
    clock.advance(ms(10));
    cache.tick(false);
    assert_eq!(cache.gone(), [("b", 2, Reason::Expired)], "whether anybody looks or not");
    assert_eq!((cache.wake(), cache.stats().expirations), (None, 2));
}

#[test]
fn nobody_needs_to_wake_it_for_what_is_not_served_to_be_over() {
    let (mut cache, clock) = cache(fresh_for(TTL));
    store(&mut cache, "a", 1);
    clock.advance(TTL * 2);
    assert_eq!(cache.peek(&"a"), None);
    run(&mut cache, "a");
    assert_eq!(cache.stats().hits, 0);
}

#[test]
fn an_expired_value_stays_while_it_may_have_to_stand_in_for_its_successor() {
    let (mut cache, clock) = cache(Rules { stale_if_error: Some(ms(5_000)), ..fresh_for(TTL) });
    store(&mut cache, "a", 1);
    assert_eq!(cache.wake(), Some(at(65_000)));
    clock.advance(TTL + just_before(ms(5_000)));
    cache.tick(true);
    assert_eq!(cache.gone(), []);
    clock.advance(micros(1));
    cache.tick(true);
    assert_eq!(cache.gone(), [("a", 1, Reason::Expired)]);
}

#[test]
fn a_value_that_expires_under_a_running_execution_goes_and_the_execution_goes_on() {
    let mut slots = Slots::new(fresh_for(TTL), 1);
    let slot = settled(&mut slots, at(0), 1);
    let flight = slots.begin_refresh(slot);
    slots.tick(at(60_000), true);
    assert_eq!(gone(&mut slots), [Gone { slot, reason: Some(Reason::Expired), freed: false }]);
    assert_eq!(slots.settle(flight, at(60_000), 1), Settled::Stored);
    assert_eq!(slots.look(slot, at(60_000)), Look::Fresh);
}

#[test]
fn a_kept_failure_is_let_go_when_its_time_is_over_and_no_value_is_said_to_be_gone() {
    let mut slots = Slots::new(Rules { error_ttl: Some(ms(50)), ..Rules::default() }, 1);
    let slot = slots.open();
    let flight = slots.begin(slot);
    slots.fail(flight, at(0));
    assert_eq!(slots.wake(), Some(at(50)));
    slots.tick(at(50), true);
    assert_eq!(gone(&mut slots), [Gone { slot, reason: None, freed: true }]);
    assert_eq!((slots.stats().expirations, slots.stats().entries), (0, 0));
}

#[test]
fn it_pauses_between_two_looks_at_all_entries_the_longer_the_more_there_are() {
    let rules = Rules { ttl_jitter: 1.0, ..fresh_for(ms(60)) };
    let mut slots = Slots::new(rules, 1);
    for _ in 0..5_000 {
        settled(&mut slots, at(0), 1);
    }
    slots.tick(at(0), true);
    assert_eq!(slots.wake(), Some(at(5)), "although some are over before");
    let mut now = at(0);
    let mut ticks = 0;
    while let Some(wake) = slots.wake() {
        assert!(wake >= now + micros(slots.stats().entries), "{wake:?} after {now:?}");
        now = wake;
        slots.tick(now, true);
        ticks += 1;
    }
    assert!(now <= at(65), "all are let go in the end: {now:?}");
    assert_eq!((slots.stats().entries, slots.stats().expirations), (0, 5_000));
    assert!(ticks < 200, "{ticks} looks at 5,000 entries");
}

#[test]
fn what_is_stored_after_a_look_at_all_entries_does_not_cut_the_pause_short() {
    let mut slots = Slots::new(Rules { error_ttl: Some(micros(10)), ..Rules::default() }, 1);
    for _ in 0..5_000 {
        settled(&mut slots, at(0), 1);
    }
    slots.tick(at(1), true);
    let slot = slots.open();
    let flight = slots.begin(slot);
    slots.fail(flight, at(1));
    assert!(slots.wake() >= Some(at(1) + micros(5_000)), "{:?}", slots.wake());
}

#[test]
fn a_value_is_made_again_without_being_asked_for() {
    let (mut cache, clock) = cache(Rules { refresh_every: Some(ms(100)), ..Rules::default() });
    store(&mut cache, "a", 1);
    assert_eq!(cache.wake(), Some(at(100)));
    clock.advance(just_before(ms(100)));
    cache.tick(true);
    assert_eq!(cache.next_refresh(), None);
    clock.advance(micros(1));
    cache.tick(true);
    let flight = run_refresh(&mut cache, "a");
    assert_eq!(cache.ask("a"), Answer::Fresh(&1), "nobody waits for it");
    clock.advance(ms(30));
    assert_eq!(cache.settle(flight, 2, 1).map(drop), Ok(()));
    cache.tick(true);
    assert_eq!(cache.wake(), Some(at(230)), "counted from when the new value settled");
    assert_eq!(cache.next_refresh(), None);
    assert_eq!(cache.ask("a"), Answer::Fresh(&2));
}

#[test]
fn what_is_due_waits_while_nobody_looks() {
    let (mut cache, clock) = cache(Rules { refresh_every: Some(ms(100)), ..Rules::default() });
    store(&mut cache, "a", 1);
    clock.advance(ms(100));
    cache.tick(false);
    assert_eq!(cache.next_refresh(), None);
    assert_eq!(cache.wake(), None, "nor is it woken for nothing");
    clock.advance(ms(1_000));
    cache.tick(true);
    run_refresh(&mut cache, "a");
    assert_eq!(cache.next_refresh(), None, "once, however often it was due");
}

#[test]
fn a_value_may_have_a_time_of_its_own() {
    let mut slots = Slots::new(fresh_for(TTL), 0);
    let mut add = |ttl| {
        let slot = slots.open();
        let flight = slots.begin(slot);
        assert_eq!(slots.settle_for(flight, at(500), 0, ttl), Settled::Stored);
        slots.times(slot).and_then(|(fresh_until, _)| fresh_until)
    };
    assert_eq!(add(None), Some(at(500) + TTL));
    assert_eq!(add(Some(ms(7))), Some(at(507)));
    assert_eq!(add(Some(Duration::ZERO)), Some(at(500)));
    assert_eq!(add(Some(TTL * 3)), Some(at(500) + TTL * 3));
}

#[test]
fn no_stale_value_is_served_for_longer_than_max_stale() {
    let instead = Rules { stale_if_error: Some(TTL), max_stale: Some(ms(100)), ..fresh_for(TTL) };
    for rules in [Rules { refresh: Refresh::Background, ..instead.clone() }, instead] {
        let (mut cache, clock) = cache(rules);
        store(&mut cache, "a", 1);
        assert!(cache.wake().is_some());
        clock.advance(TTL + just_before(ms(100)));
        let flight = refresh(&mut cache, "a");
        assert_eq!(cache.fail(flight, "down"), Ok(Answer::Stale(&1)));
        clock.advance(micros(1));
        assert_eq!(cache.peek(&"a"), None);
        let flight = run(&mut cache, "a");
        assert_eq!(cache.fail(flight, "down"), Err("down"));
    }
}
