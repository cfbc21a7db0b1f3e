//! What becomes of a failure.

use super::*;

const TTL: Duration = ms(1_000);

fn rules() -> Rules {
    Rules { ttl: Some(TTL), ..Rules::default() }
}

fn stale_for(span: Duration) -> Rules {
    Rules { stale_if_error: Some(span), ..rules() }
}

#[test]
fn a_failure_is_not_kept_unless_it_is_asked_for() {
    let (mut cache, _) = cache(rules());
    let flight = run(&mut cache, "a");
    assert_eq!(cache.fail(flight, "down"), Err("down"));
    assert_eq!((cache.stats().entries, cache.stats().failures, cache.wake()), (0, 1, None));
    store(&mut cache, "a", 1);
}

#[test]
fn a_kept_failure_is_served_for_its_time_and_is_no_value() {
    let (mut cache, clock) = cache(Rules { error_ttl: Some(ms(50)), ..rules() });
    let flight = run(&mut cache, "a");
    clock.advance(ms(200));
    assert_eq!(cache.fail(flight, "down"), Ok(Answer::Failed(&"down")));
    clock.advance(just_before(ms(50)));
    assert_eq!(cache.ask("a"), Answer::Failed(&"down"));
    assert_eq!(cache.peek(&"a"), None);
    assert_eq!((cache.stats().hits, cache.stats().entries), (1, 1), "it is a hit, too");
    clock.advance(micros(1));
    store(&mut cache, "a", 1);
    assert_eq!(cache.ask("a"), Answer::Fresh(&1));
    assert_eq!(cache.gone(), [], "a failure that has gone is no value that has");
}

#[test]
fn a_failure_of_zero_ttl_is_served_to_those_who_waited_and_to_nobody_else() {
    let (mut cache, _) = cache(Rules { error_ttl: Some(Duration::ZERO), ..rules() });
    let flight = run(&mut cache, "a");
    assert_eq!(cache.fail(flight, "down"), Ok(Answer::Failed(&"down")));
    run(&mut cache, "a");
}

#[test]
fn a_caller_can_try_again_before_a_kept_failures_time_is_over() {
    let (mut cache, _) = cache(Rules { error_ttl: Some(ms(50)), ..rules() });
    let flight = run(&mut cache, "a");
    cache.fail(flight, "down").expect("it is kept");
    let flight = refresh(&mut cache, "a");
    assert_eq!(cache.settle(flight, 1, 1).map(drop), Ok(()));
    assert_eq!(cache.ask("a"), Answer::Fresh(&1));
}

#[test]
fn an_expired_value_whose_successor_fails_has_gone_unless_it_may_stand_in() {
    let (mut cache, clock) = cache(rules());
    store(&mut cache, "a", 1);
    clock.advance(TTL);
    let flight = run(&mut cache, "a");
    assert_eq!(cache.fail(flight, "down"), Err("down"));
    assert_eq!(cache.gone(), [("a", 1, Reason::Expired)]);
    assert_eq!((cache.stats().entries, cache.stats().bytes), (0, 0));
}

#[test]
fn a_stale_value_stands_in_for_a_successor_that_could_not_be_made() {
    let (mut cache, clock) = cache(stale_for(ms(100)));
    store(&mut cache, "a", 1);
    clock.advance(TTL);
    assert_eq!(cache.peek(&"a"), None, "it is not served before that was tried");
    for _ in 0..2 {
        let flight = run(&mut cache, "a");
        assert_eq!(cache.fail(flight, "down"), Ok(Answer::Stale(&1)));
        assert_eq!(cache.peek(&"a"), None, "the next call tries again: there is no pause");
    }
    clock.advance(just_before(ms(100)));
    let flight = run(&mut cache, "a");
    assert_eq!(cache.fail(flight, "down"), Ok(Answer::Stale(&1)));
    let flight = run(&mut cache, "a");
    clock.advance(micros(1));
    assert_eq!(cache.fail(flight, "down"), Err("down"), "its window ended while it was tried");
    assert_eq!(cache.gone(), [("a", 1, Reason::Expired)]);
}

#[test]
fn a_successor_that_could_be_made_after_all_ends_the_standing_in() {
    let (mut cache, clock) = cache(Rules { error_ttl: Some(TTL * 5), ..stale_for(TTL * 9) });
    store(&mut cache, "a", 1);
    clock.advance(TTL);
    let flight = run(&mut cache, "a");
    assert_eq!(cache.fail(flight, "down"), Ok(Answer::Stale(&1)));
    let flight = refresh(&mut cache, "a");
    assert_eq!(cache.settle(flight, 2, 1).map(drop), Ok(()), "in the pause, since somebody has insisted");
    clock.advance(TTL);
    assert_eq!(cache.peek(&"a"), None, "no failure of this one's successor is known");
    run(&mut cache, "a");
}

#[test]
fn while_a_stale_value_is_served_the_error_ttl_is_the_pause_between_two_tries() {
    let (mut cache, clock) = cache(Rules { error_ttl: Some(ms(30)), ..stale_for(ms(100)) });
    store(&mut cache, "a", 1);
    clock.advance(TTL);
    for _ in 0..2 {
        let flight = run(&mut cache, "a");
        assert_eq!(cache.fail(flight, "down"), Ok(Answer::Stale(&1)));
        clock.advance(just_before(ms(30)));
        assert_eq!(cache.ask("a"), Answer::Stale(&1));
        assert_eq!(cache.peek(&"a"), Some(&1));
        assert_eq!(cache.next_refresh(), None, "it pauses");
        clock.advance(micros(1));
    }
    assert_eq!((cache.stats().misses, cache.stats().stale), (3, 2));
}

#[test]
fn a_pause_between_two_tries_ends_with_the_window_of_the_stale_value() {
    let (mut cache, clock) = cache(Rules { error_ttl: Some(ms(5_000)), ..stale_for(ms(100)) });
    store(&mut cache, "a", 1);
    clock.advance(TTL);
    let flight = run(&mut cache, "a");
    assert_eq!(cache.fail(flight, "down"), Ok(Answer::Stale(&1)));
    clock.advance(just_before(ms(100)));
    assert_eq!(cache.ask("a"), Answer::Stale(&1));
    clock.advance(micros(1));
    assert_eq!(cache.peek(&"a"), None);
    let flight = run(&mut cache, "a");
    assert_eq!(cache.fail(flight, "down"), Ok(Answer::Failed(&"down")), "now the failure is served");
    assert_eq!(cache.ask("a"), Answer::Failed(&"down"));
    assert_eq!(cache.gone(), [("a", 1, Reason::Expired)]);
}

#[test]
fn a_failing_refresh_of_a_fresh_value_keeps_the_value_and_tells_its_caller() {
    let (mut cache, clock) = cache(Rules { error_ttl: Some(ms(30)), ..stale_for(ms(100)) });
    store(&mut cache, "a", 1);
    let flight = refresh(&mut cache, "a");
    clock.advance(just_before(TTL));
    assert_eq!(cache.fail(flight, "down"), Err("down"), "who asked for a new value is told");
    assert_eq!(cache.ask("a"), Answer::Fresh(&1));
    clock.advance(micros(1));
    run(&mut cache, "a");
    assert_eq!(cache.gone(), []);
}

#[test]
fn a_failing_background_refresh_of_a_fresh_value_keeps_the_value() {
    let (mut cache, clock) = cache(Rules { refresh_every: Some(ms(100)), ..rules() });
    store(&mut cache, "a", 1);
    clock.advance(ms(100));
    cache.tick(true);
    let flight = run_refresh(&mut cache, "a");
    assert_eq!(cache.fail(flight, "down"), Err("down"));
    assert_eq!(cache.ask("a"), Answer::Fresh(&1));
    assert_eq!(cache.wake(), Some(at(200)), "when it is tried again");
}

#[test]
fn after_a_failing_background_refresh_the_stale_value_is_served_within_its_window() {
    let (mut cache, clock) =
        cache(Rules { refresh: Refresh::Background, error_ttl: Some(ms(30)), ..stale_for(ms(100)) });
    store(&mut cache, "a", 1);
    clock.advance(TTL);
    assert_eq!(cache.ask("a"), Answer::Stale(&1));
    let flight = run_refresh(&mut cache, "a");
    assert_eq!(cache.fail(flight, "down"), Ok(Answer::Stale(&1)));
    assert_eq!(cache.ask("a"), Answer::Stale(&1));
    assert_eq!(cache.next_refresh(), None, "it pauses");
    clock.advance(ms(30));
    assert_eq!(cache.ask("a"), Answer::Stale(&1));
    let flight = run_refresh(&mut cache, "a");
    assert_eq!(cache.fail(flight, "down"), Ok(Answer::Stale(&1)));
    clock.advance(ms(70));
    assert_eq!(cache.peek(&"a"), None, "its window is over");
    run(&mut cache, "a");
}

#[test]
fn after_a_failing_background_refresh_nothing_is_served_without_a_window() {
    let (mut cache, clock) = cache(Rules { refresh: Refresh::Background, ..rules() });
    store(&mut cache, "a", 1);
    clock.advance(TTL);
    cache.ask("a");
    let flight = run_refresh(&mut cache, "a");
    assert_eq!(cache.fail(flight, "down"), Err("down"));
    assert_eq!(cache.gone(), [("a", 1, Reason::Expired)]);
    run(&mut cache, "a");
}

#[test]
fn a_kept_failure_is_not_made_again_without_being_asked_for() {
    let rules = Rules { error_ttl: Some(ms(1_000)), refresh_every: Some(ms(100)), ..Rules::default() };
    let (mut cache, clock) = cache(rules);
    let flight = run(&mut cache, "a");
    cache.fail(flight, "down").expect("it is kept");
    assert_eq!(cache.wake(), Some(at(1_000)), "it has no value that settled");
    clock.advance(ms(100));
    cache.tick(true);
    assert_eq!(cache.next_refresh(), None);
    assert_eq!(cache.wake(), Some(at(1_000)));
}

#[test]
fn a_value_whose_refresh_has_failed_is_tried_again_after_the_same_time_and_not_before() {
    let (mut cache, clock) = cache(Rules { refresh_every: Some(ms(100)), ..Rules::default() });
    store(&mut cache, "a", 1);
    clock.advance(ms(50));
    store(&mut cache, "b", 2);
    clock.advance(ms(50));
    cache.tick(true);
    let flight = run_refresh(&mut cache, "a");
    assert_eq!(cache.fail(flight, "down"), Err("down"));
    clock.advance(ms(50));
    cache.tick(true);
    run_refresh(&mut cache, "b");
    assert_eq!(cache.next_refresh(), None, "a was tried 50 ms ago");
    clock.advance(ms(50));
    cache.tick(true);
    run_refresh(&mut cache, "a");
}

#[test]
fn a_refresh_that_is_due_keeps_to_the_pause_between_two_tries() {
    let (mut cache, clock) = cache(Rules {
        ttl: Some(ms(100)),
        error_ttl: Some(ms(500)),
        refresh_every: Some(ms(100)),
        ..stale_for(ms(10_000))
    });
    store(&mut cache, "a", 1);
    clock.advance(ms(100));
    cache.tick(true);
    let flight = run_refresh(&mut cache, "a");
    assert_eq!(cache.fail(flight, "down"), Ok(Answer::Stale(&1)));
    clock.advance(ms(100));
    cache.tick(true);
    assert_eq!(cache.next_refresh(), None, "calls are served the stale value for 500 ms without a try");
    clock.advance(ms(400));
    cache.tick(true);
    run_refresh(&mut cache, "a");
}
