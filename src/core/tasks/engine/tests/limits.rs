//! Timeouts and retries on the manual clock.

use super::*;

fn retry(policy: RetryPolicy) -> Submission {
    with_limits(Limits { retry: Some(policy), ..Limits::default() })
}

#[test]
fn a_timeout_counts_from_the_start_and_covers_every_attempt() {
    let mut host = Host::new();
    let policy =
        RetryPolicy { max_attempts: 10, base_delay: ms(40), multiplier: 1.0, ..RetryPolicy::default() };
    let key =
        host.submit(with_limits(Limits { timeout: Some(ms(100)), retry: Some(policy), ..Limits::default() }));
    host.advance(ms(500));
    host.turn();
    for attempt in 1..=2 {
        assert_eq!(host.reject(key, attempt), Ended::Undecided);
        assert_eq!(host.decide(key, attempt, Verdict::Retry), Ended::Undecided);
        host.advance(ms(40));
    }
    host.advance(ms(19));
    assert_eq!(host.outcome(key), None);
    host.advance(ms(1));
    assert_eq!(host.outcome(key), Some(Outcome::TimedOut(Timeout::Total)));
    assert_eq!(host.resolve(key, 3), Ended::Late);
    assert_eq!((host.engine.live(), host.engine.deadlines()), (0, 0));
}

#[test]
fn a_queue_timeout_counts_from_the_submit_until_the_start() {
    let mut host = Host::new();
    let manager =
        host.engine.add_manager(ManagerOptions { concurrency: 1, ..ManagerOptions::default() }).unwrap();
    let limits = Limits { queue_timeout: Some(ms(50)), ..Limits::default() };
    let first = host.submit(Submission { manager, limits: limits.clone(), ..plain() });
    let second = host.submit(Submission { manager, limits, ..plain() });
    host.turn();
    host.advance(ms(50));
    assert_eq!(host.outcome(first), None, "it has started");
    assert_eq!(host.outcome(second), Some(Outcome::TimedOut(Timeout::Queue)));
}

#[test]
fn an_attempt_that_times_out_is_followed_by_the_next_and_its_late_answer_is_dropped() {
    let mut host = Host::new();
    let policy = RetryPolicy { max_attempts: 2, attempt_timeout: Some(ms(10)), ..RetryPolicy::default() };
    let key = host.submit(retry(policy));
    host.turn();
    host.advance(ms(10));
    assert_eq!(host.decide(key, 1, Verdict::Retry), Ended::Undecided);
    host.advance(ms(0));
    assert_eq!(host.records[&key].running, [1, 2], "the first one has not stopped");
    assert_eq!(host.resolve(key, 1), Ended::Late);
    assert_eq!(host.resolve(key, 2), Ended::Settled { stopped: true });
}

#[test]
fn a_policy_that_is_set_before_the_first_failure_counts_from_it() {
    let mut host = Host::new();
    let key = host.submit(plain());
    host.turn();
    host.engine.set_retry(key, RetryPolicy { max_attempts: 2, base_delay: ms(5), ..RetryPolicy::default() });
    assert_eq!(host.reject(key, 1), Ended::Undecided);
    assert_eq!(host.decide(key, 1, Verdict::Retry), Ended::Undecided);
    host.advance(ms(5));
    assert_eq!(host.reject(key, 2), Ended::Settled { stopped: true });
    host.engine.set_retry(key, RetryPolicy::default()); // of no task any more
    assert_eq!((host.engine.live(), host.engine.deadlines()), (0, 0));
}

#[test]
fn the_last_attempts_timeout_is_the_tasks() {
    let mut host = Host::new();
    let policy = RetryPolicy { max_attempts: 1, attempt_timeout: Some(ms(10)), ..RetryPolicy::default() };
    let key = host.submit(retry(policy));
    host.turn();
    host.advance(ms(10));
    assert_eq!(host.outcome(key), Some(Outcome::TimedOut(Timeout::Attempt)));
}

#[test]
fn a_cancel_ends_the_wait_between_attempts_at_once() {
    let mut host = Host::new();
    let key = host.submit(retry(RetryPolicy { base_delay: ms(10_000), ..RetryPolicy::default() }));
    host.turn();
    host.reject(key, 1);
    host.decide(key, 1, Verdict::Retry);
    assert!(host.cancel(key));
    assert!(host.records[&key].stopped);
    assert_eq!(host.engine.deadlines(), 0);
    assert_eq!(host.engine.next_deadline(), None);
}

#[test]
fn a_verdict_that_comes_after_a_cancel_changes_nothing() {
    let mut host = Host::new();
    let key = host.submit(retry(RetryPolicy::default()));
    host.turn();
    host.reject(key, 1);
    assert!(host.cancel(key));
    assert_eq!(host.decide(key, 1, Verdict::Retry), Ended::Late);
}

#[test]
fn children_of_a_failed_attempt_do_not_live_on_into_the_next() {
    let mut host = Host::new();
    let key = host.submit(retry(RetryPolicy::default()));
    host.turn();
    let child = host.submit(child_of(key));
    host.turn();
    host.reject(key, 1);
    assert_eq!(host.outcome(child), Some(Outcome::ParentStopped));
}

#[test]
fn a_child_sees_the_deadline_of_its_ancestors() {
    let mut host = Host::new();
    let parent = host.submit(with_limits(Limits { timeout: Some(ms(100)), ..Limits::default() }));
    host.turn();
    let child = host.submit(Submission {
        parent: Some(parent),
        limits: Limits { timeout: Some(ms(500)), ..Limits::default() },
        ..plain()
    });
    host.turn();
    assert_eq!(host.engine.deadline(child), Some(Instant::default() + ms(100)));
    host.advance(ms(100));
    assert_eq!(host.outcome(parent), Some(Outcome::TimedOut(Timeout::Total)));
    assert_eq!(host.outcome(child), Some(Outcome::ParentStopped));
}

#[test]
fn no_attempt_starts_after_max_elapsed() {
    let mut host = Host::new();
    let policy = RetryPolicy {
        max_attempts: 100,
        base_delay: ms(30),
        multiplier: 1.0,
        max_elapsed: Some(ms(100)),
        ..RetryPolicy::default()
    };
    let key = host.submit(retry(policy));
    host.turn();
    let mut attempt = 1;
    while host.outcome(key).is_none() {
        if host.reject(key, attempt) == Ended::Undecided
            && host.decide(key, attempt, Verdict::Retry) == Ended::Undecided
        {
            host.advance(ms(30));
            attempt += 1;
        }
    }
    assert_eq!((host.outcome(key), attempt), (Some(Outcome::Failed), 4), "at 0, 30, 60 and 90 ms");
}
