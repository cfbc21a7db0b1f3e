//! Calls whose tasks need no answer any more.

use super::*;
use crate::core::{pool::watch::LEAST_GRACE, tasks::task::Timeout};

/// A job that is known to be short, and one of which nothing is known.
const SHORT: u32 = 0;
const UNKNOWN: u32 = 1;
const GRACE: Duration = ms(100);

fn host(workers: u32) -> Host {
    let mut host = Host::ready(workers);
    host.teach(SHORT, 20.0);
    host
}

/// A short job whose start the worker announces, since it has a timeout; and which never ends.
fn marked_loop() -> Plan {
    let limits = Limits { timeout: Some(Duration::from_secs(1000)), ..Limits::default() };
    Plan { job: SHORT, work: Work::for_ever(), limits, ..Plan::default() }
}

#[test]
fn a_cancelled_call_that_ends_in_its_grace_keeps_its_worker() {
    let mut host = host(1);
    let work = Work { blocks: false, heeds: true, ..Work::for_ever() };
    let key = host.call(UNKNOWN, work);
    host.exchange();
    assert!(host.cancel(key));
    assert_eq!(host.take_log(), [Action::Cancel(0, 0)]);
    assert!(!host.records[&key].stopped);
    host.advance(ms(50));
    host.exchange();
    assert!(host.records[&key].stopped);
    host.advance(GRACE);
    host.exchange();
    assert_eq!(host.take_log(), []);
    let next = host.call(UNKNOWN, Work::default());
    host.exchange();
    assert_eq!(host.outcome(next), Some(Outcome::Done));
}

#[test]
fn one_that_does_not_end_costs_its_worker_and_what_stood_behind_it_moves_on() {
    let mut host = host(1);
    let key = host.submit(marked_loop());
    let behind: Vec<TaskKey> = (0..3).map(|_| host.call(SHORT, Work::default())).collect();
    host.exchange();
    host.cancel(key);
    assert_eq!(host.take_log(), [Action::Cancel(0, 0), Action::Withdraw(0, 1)]);
    host.advance(just_before(GRACE));
    assert_eq!(host.take_log(), []);
    host.advance(micros(1));
    assert_eq!(host.take_log(), [Action::Turn(0)]);
    host.dispatch();
    host.advance(Duration::from_secs(1));
    assert_eq!(host.take_log(), [], "one turn is enough");
    assert!(host.workers.contains_key(&0));
    host.turn_all();
    assert_eq!(host.take_log(), [Action::Terminate(0)]);
    assert!(host.records[&key].stopped);
    let waiting: Vec<TaskKey> = {
        host.dispatch();
        host.start_all();
        host.dispatch().iter().map(|dispatch| dispatch.key).collect()
    };
    assert_eq!(waiting, behind, "in their order");
    host.exchange();
    assert!(behind.iter().all(|key| host.outcome(*key) == Some(Outcome::Done)));
}

#[test]
fn what_stands_behind_a_cancelled_call_need_not_wait_for_its_grace() {
    let mut host = host(2);
    let key = host.call(SHORT, Work { blocks: false, ..Work::for_ever() });
    let behind = host.call(SHORT, Work::default());
    host.exchange();
    host.cancel(key);
    host.exchange();
    assert_eq!(host.outcome(behind), Some(Outcome::Done));
}

#[test]
fn an_answer_that_arrives_with_the_end_of_the_grace_saves_the_worker() {
    let mut host = host(1);
    let key = host.call(UNKNOWN, Work::of_micros(90_000));
    host.exchange();
    host.cancel(key);
    host.clock.advance(GRACE);
    let now = host.clock.now();
    let Host { workers, starts, .. } = &mut host;
    workers.get_mut(&0).expect("it is there").run(9, true, now, starts);
    host.fire();
    assert!(host.take_log().contains(&Action::Turn(0)));
    host.turn_all();
    assert_eq!(host.take_log(), []);
    assert!(host.workers.contains_key(&0));
}

#[test]
fn a_turn_that_was_asked_for_before_an_answer_ends_nothing_after_it() {
    let mut host = host(1);
    let limits = Limits { timeout: Some(Duration::from_secs(1000)), ..Limits::default() };
    let plan = Plan { job: SHORT, work: Work::of_micros(3_000), limits, ..Plan::default() };
    let keys = [host.submit(plan.clone()), host.submit(plan)];
    host.dispatch();
    let now = host.clock.now();
    let Host { workers, starts, .. } = &mut host;
    let worker = workers.get_mut(&0).expect("it is there");
    worker.arrive(1);
    worker.run(2, false, now, starts);
    host.deliver(0);
    for key in keys {
        host.cancel(key);
    }
    // The worker is slow to read: the second call starts before it knows.
    host.clock.advance(GRACE);
    let now = host.clock.now();
    let Host { workers, starts, .. } = &mut host;
    let worker = workers.get_mut(&0).expect("it is there");
    worker.run(1, false, now, starts);
    host.fire();
    assert!(host.take_log().contains(&Action::Turn(0)));
    host.turn_all();
    assert!(host.workers.contains_key(&0), "the second has its own grace");
    host.advance(GRACE);
    host.turn_all();
    assert!(host.workers.is_empty());
}

#[test]
fn even_without_grace_a_worker_has_time_to_give_back_what_it_has_not_started() {
    let options = PoolOptions { cancel_grace: Duration::ZERO, ..PoolOptions::default() };
    for (calls_behind, span) in [(0, Duration::ZERO), (1, LEAST_GRACE)] {
        let mut host = Host::new(options);
        host.teach(SHORT, 20.0);
        let key = host.submit(marked_loop());
        for _ in 0..calls_behind {
            host.call(SHORT, Work::default());
        }
        host.dispatch();
        host.start_all();
        host.exchange();
        host.cancel(key);
        assert_eq!(host.pool.next_deadline(), Some(host.clock.now() + span));
    }
}

#[test]
fn a_call_that_is_cancelled_behind_others_is_given_back_and_never_starts() {
    let mut host = host(1);
    host.call(SHORT, Work { blocks: false, ..Work::of_micros(1_000) });
    let key = host.call(SHORT, Work::default());
    let last = host.call(SHORT, Work::default());
    host.exchange();
    host.cancel(key);
    assert_eq!(host.take_log(), [Action::Cancel(0, 1)]);
    host.exchange();
    host.advance(ms(1));
    host.exchange();
    assert!(!host.started(key));
    assert_eq!(host.outcome(last), Some(Outcome::Done));
}

#[test]
fn calls_that_are_given_back_after_a_cancel_keep_their_order() {
    let mut host = host(1);
    let keys: Vec<TaskKey> = (0..8).map(|_| host.call(SHORT, Work::of_micros(15_000))).collect();
    assert_eq!(host.dispatch().len(), 8);
    host.cancel(keys[0]); // the worker is at it: all behind it come back
    host.cancel(keys[3]);
    host.serve(0);
    host.take_log();
    host.advance(ms(15));
    host.serve(0);
    let again: Vec<TaskKey> = host.dispatch().iter().map(|dispatch| dispatch.key).collect();
    let expected: Vec<TaskKey> = [1, 2, 4, 5, 6, 7].iter().map(|index| keys[*index]).collect();
    assert_eq!(again, expected);
}

#[test]
fn calls_whose_worker_dies_before_it_has_started_them_keep_their_order() {
    let mut host = host(1);
    let keys: Vec<TaskKey> = (0..7).map(|_| host.submit(marked_loop())).collect();
    host.exchange();
    assert_eq!(host.open(0), 7);
    host.crash(0);
    assert_eq!(host.losses(keys[0]), [Loss::Worker]);
    let waiting: Vec<_> = std::iter::from_fn(|| host.engine.pull(host.manager)).collect();
    assert_eq!(waiting, keys[1..]);
}

#[test]
fn cancelled_calls_one_behind_the_other_have_their_grace_one_after_the_other() {
    let mut host = host(1);
    let plan = Plan { work: Work::of_micros(60_000), ..marked_loop() };
    let keys = [host.submit(plan.clone()), host.submit(plan.clone())];
    host.exchange();
    for key in keys {
        host.cancel(key);
    }
    host.advance(ms(60));
    host.exchange();
    host.advance(ms(60));
    host.exchange();
    assert!(keys.iter().all(|key| host.records[key].stopped));
    assert!(host.workers.contains_key(&0));
}

#[test]
fn a_loop_behind_calls_that_it_keeps_from_answering_is_ended_when_it_is_cancelled() {
    let mut host = host(1);
    let done = host.call(SHORT, Work::default());
    let key = host.call(SHORT, Work::for_ever());
    let behind = host.submit(Plan { job: UNKNOWN, ..Plan::default() });
    host.exchange();
    assert!(host.started(key) && host.outcome(done).is_none());
    host.cancel(key);
    host.settle_all();
    // It has really run, and its answer is lost; one that must be announced is known not to have started.
    assert_eq!((host.outcome(done), host.losses(done)), (Some(Outcome::Failed), &[Loss::Worker][..]));
    assert_eq!((host.outcome(behind), host.losses(behind)), (Some(Outcome::Done), &[][..]));
    assert!(host.clock.now() < Instant::default() + ms(2500));
}

#[test]
fn a_call_that_runs_out_of_time_ends_as_a_cancelled_one_does() {
    let mut host = host(1);
    let limits = Limits { timeout: Some(ms(30)), ..Limits::default() };
    let key = host.submit(Plan { limits, ..marked_loop() });
    host.exchange();
    host.advance(ms(30));
    assert_eq!(host.outcome(key), Some(Outcome::TimedOut(Timeout::Total)));
    assert_eq!(host.take_log(), [Action::Cancel(0, 0)]);
    host.advance(GRACE);
    host.turn_all();
    assert_eq!(host.take_log(), [Action::Turn(0), Action::Terminate(0)]);
    assert!(host.records[&key].stopped);
}

#[test]
fn an_attempt_that_runs_out_of_time_is_made_again_elsewhere_while_it_still_runs() {
    let mut host = host(2);
    let retry = RetryPolicy { attempt_timeout: Some(ms(30)), max_attempts: 2, ..RetryPolicy::default() };
    let limits = Limits { retry: Some(retry), ..Limits::default() };
    let key = host.submit(Plan { limits, ..marked_loop() });
    host.exchange();
    host.advance(ms(30));
    host.decide(key, Verdict::Retry);
    host.advance(Duration::ZERO);
    host.exchange();
    assert_eq!(host.starts.len(), 2);
    assert_eq!(host.workers.len(), 2);
    host.advance(ms(30));
    assert_eq!(host.outcome(key), Some(Outcome::TimedOut(Timeout::Attempt)));
    host.finish();
}

#[test]
fn a_queue_timeout_ends_a_call_that_was_sent_and_has_not_started() {
    let mut host = host(1);
    host.submit(Plan { work: Work::of_micros(50_000), ..marked_loop() });
    let limits = Limits { queue_timeout: Some(ms(10)), ..Limits::default() };
    let key = host.submit(Plan { job: SHORT, limits, ..Plan::default() });
    host.exchange();
    assert_eq!(host.waiting(), 0);
    host.advance(ms(10));
    assert_eq!(host.outcome(key), Some(Outcome::TimedOut(Timeout::Queue)));
    host.advance(ms(40));
    host.exchange();
    assert!(!host.started(key));
}

#[test]
fn a_call_that_moves_something_is_made_once_whatever_its_policy_says() {
    let retry = |attempt_timeout| RetryPolicy { attempt_timeout, max_attempts: 5, ..RetryPolicy::default() };
    for (work, ends_with) in [
        (Work { fails: true, ..Work::default() }, Outcome::Failed),
        (Work::for_ever(), Outcome::TimedOut(Timeout::Attempt)),
        (Work::for_ever(), Outcome::Failed),
    ] {
        let mut host = Host::ready(1);
        let dies = ends_with == Outcome::Failed && work.micros.is_none();
        let limits = Limits { retry: Some(retry((!dies).then_some(ms(30)))), ..Limits::default() };
        let key = host.submit(Plan { work, transfers: true, limits, ..Plan::default() });
        // One of which the engine hears later than that it was sent.
        let late = host.submit(Plan { work, transfers: true, ..Plan::default() });
        host.exchange();
        host.engine.set_retry(late, retry(None));
        if dies {
            host.crash(0);
        }
        host.advance(ms(30));
        assert_eq!((host.outcome(key), host.record(key).undecided), (Some(ends_with), None));
        host.engine.set_retry(late, retry(None));
        assert_eq!(host.record(late).undecided, None);
        host.finish();
    }
}
