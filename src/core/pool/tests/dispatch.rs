//! Which call goes to which worker, and when.

use super::*;
use crate::core::tasks::task::TaskState;

/// Two jobs that are known, and one of which nothing is.
const SHORT: u32 = 0;
const LONG: u32 = 1;
const UNKNOWN: u32 = 2;

fn host(workers: u32) -> Host {
    let mut host = Host::ready(workers);
    host.teach(SHORT, 100.0);
    host.teach(LONG, 10_000.0);
    host
}

fn places(batch: &[Dispatch]) -> Vec<(WorkerId, u32)> {
    batch.iter().map(|dispatch| (dispatch.worker, dispatch.number)).collect()
}

#[test]
fn a_call_goes_to_the_least_busy_worker() {
    let mut host = host(3);
    for _ in 0..7 {
        host.call(SHORT, Work::default());
    }
    let batch = host.dispatch();
    assert_eq!(places(&batch), [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (0, 2)]);
}

#[test]
fn calls_that_take_next_to_nothing_go_together() {
    let mut host = host(3);
    host.teach(SHORT, 0.0);
    for _ in 0..50 {
        host.call(SHORT, Work::default());
    }
    assert!(host.dispatch().iter().all(|dispatch| dispatch.worker == 0));
}

#[test]
fn the_urgent_go_first_and_each_class_keeps_its_order() {
    let mut host = host(1);
    let mut submit = |priority| host.submit(Plan { job: SHORT, priority, ..Plan::default() });
    let late = submit(Some(Priority::Background));
    let first = submit(Some(Priority::UserVisible));
    let urgent = submit(Some(Priority::UserBlocking));
    let second = submit(None);
    let order: Vec<TaskKey> = host.dispatch().iter().map(|dispatch| dispatch.key).collect();
    assert_eq!(order, [urgent, first, second, late]);
}

#[test]
fn short_jobs_are_sent_ahead_as_far_as_the_read_ahead_goes() {
    let mut host = host(2);
    for _ in 0..100 {
        host.call(SHORT, Work::default());
    }
    // 2,000 us of work for each.
    assert_eq!((host.dispatch().len(), host.waiting()), (40, 60));
    assert_eq!((host.open(0), host.open(1)), (20, 20));
    host.exchange();
    assert_eq!(host.unsettled(), []);
}

#[test]
fn unknown_and_long_jobs_are_sent_one_at_a_time() {
    for job in [UNKNOWN, LONG] {
        let mut host = host(2);
        for _ in 0..5 {
            host.call(job, Work::of_micros(10_000));
        }
        assert_eq!(places(&host.dispatch()), [(0, 0), (1, 0)]);
        host.exchange();
        assert_eq!(host.waiting(), 3);
        host.advance(ms(10));
        host.exchange();
        assert_eq!(host.waiting(), 1);
    }
}

#[test]
fn nothing_is_sent_behind_a_call_of_unknown_length() {
    let mut host = host(1);
    host.call(SHORT, Work::default());
    host.call(UNKNOWN, Work::default());
    host.call(SHORT, Work::default());
    assert_eq!(host.dispatch().len(), 2);
    assert_eq!(host.waiting(), 1);
}

#[test]
fn a_job_that_proves_to_be_short_is_sent_ahead() {
    let mut host = host(1);
    for _ in 0..10 {
        host.call(UNKNOWN, Work { told: Some(20.0), ..Work::default() });
    }
    assert_eq!(host.dispatch().len(), 1);
    host.exchange();
    for _ in 0..10 {
        host.call(UNKNOWN, Work::default());
    }
    assert_eq!(host.dispatch().len(), 10);
}

#[test]
fn a_worker_has_a_place_for_each_number_it_is_sent_though_some_in_between_are_answered() {
    let mut host = host(1);
    host.teach(SHORT, 0.0);
    let slow = host.call(SHORT, Work { blocks: false, ..Work::for_ever() });
    for _ in 0..5 {
        let keys: Vec<TaskKey> = (0..1000).map(|_| host.call(SHORT, Work::default())).collect();
        assert!(host.dispatch().iter().all(|dispatch| dispatch.number < MAX_OPEN));
        for key in keys {
            host.cancel(key);
        }
        host.exchange();
    }
    assert_eq!((host.outcome(slow), host.open(0)), (None, 1));
}

#[test]
fn a_marked_call_begins_only_by_its_mark() {
    let mut host = host(1);
    let key = host.call(UNKNOWN, Work::of_micros(10));
    let [dispatch] = host.dispatch()[..] else { panic!("it is sent") };
    assert!(dispatch.marked && !dispatch.begun);
    host.advance(ms(1));
    assert_eq!(host.engine.state(key), Some(TaskState::Pending));
    host.exchange();
    assert_eq!(host.engine.state(key), Some(TaskState::Running));
}

#[test]
fn a_short_call_begins_when_it_is_sent_to_an_idle_worker() {
    let mut host = host(1);
    let first = host.call(SHORT, Work::default());
    let second = host.call(SHORT, Work::default());
    let flags: Vec<(bool, bool)> =
        host.dispatch().iter().map(|dispatch| (dispatch.marked, dispatch.begun)).collect();
    assert_eq!(flags, [(false, true), (false, false)]);
    assert_eq!(host.engine.state(first), Some(TaskState::Running));
    assert_eq!(host.engine.state(second), Some(TaskState::Pending));
}

#[test]
fn a_call_with_a_timeout_is_marked_so_that_its_time_counts_from_its_real_start() {
    let attempt = RetryPolicy { attempt_timeout: Some(ms(10)), ..RetryPolicy::default() };
    let total = Limits { timeout: Some(ms(10)), ..Limits::default() };
    for limits in [total, Limits { retry: Some(attempt), ..Limits::default() }] {
        let mut host = host(1);
        let key = host.submit(Plan { job: SHORT, work: Work::of_micros(9_000), limits, ..Plan::default() });
        assert!(host.dispatch()[0].marked);
        host.advance(ms(50));
        host.exchange();
        host.advance(ms(9));
        host.exchange();
        assert_eq!(host.outcome(key), Some(Outcome::Done));
    }
}

#[test]
fn the_wait_of_a_call_that_was_sent_ahead_is_over_when_it_really_starts() {
    let mut host = host(1);
    host.call(SHORT, Work::default());
    let limits = Limits { queue_timeout: Some(ms(10)), ..Limits::default() };
    let work = Work::of_micros(50_000);
    let key = host.submit(Plan { job: SHORT, work, limits, ..Plan::default() });
    // The worker goes on to it within the time in which it need not say so by itself.
    host.exchange();
    assert!(host.started(key));
    host.advance(ms(50));
    host.exchange();
    assert_eq!(host.outcome(key), Some(Outcome::Done));
}

#[test]
fn the_time_that_all_attempts_may_take_counts_from_the_real_start_of_the_first() {
    let mut host = host(1);
    host.call(SHORT, Work::default());
    let retry = RetryPolicy { max_elapsed: Some(ms(40)), max_attempts: 9, ..RetryPolicy::default() };
    let limits = Limits { retry: Some(retry), ..Limits::default() };
    let work = Work { fails: true, ..Work::of_micros(50_000) };
    let key = host.submit(Plan { job: SHORT, work, limits, ..Plan::default() });
    host.exchange();
    host.advance(ms(50));
    host.exchange();
    host.decide(key, Verdict::Retry);
    assert_eq!(
        (host.outcome(key), host.engine.attempt(key)),
        (Some(Outcome::Failed), 0),
        "its time was over"
    );
}

#[test]
fn what_waits_for_its_next_attempt_does_not_count_as_running() {
    let mut host = host(2);
    let retry = RetryPolicy { base_delay: ms(100), ..RetryPolicy::default() };
    let limits = Limits { retry: Some(retry), ..Limits::default() };
    let work = Work { fails: true, ..Work::default() };
    let key = host.submit(Plan { job: UNKNOWN, work, limits, ..Plan::default() });
    host.call(UNKNOWN, Work::for_ever());
    assert_eq!(host.pool.running(), 0);
    host.dispatch();
    assert_eq!(host.pool.running(), 2);
    host.exchange();
    host.decide(key, Verdict::Retry);
    assert_eq!((host.pool.running(), host.waiting()), (1, 0));
    host.advance(ms(100));
    host.dispatch();
    assert_eq!(host.pool.running(), 2);
}

#[test]
fn what_stands_behind_a_long_call_goes_to_an_idle_worker() {
    let mut host = host(2);
    host.teach(SHORT, 10.0);
    host.call(SHORT, Work { blocks: false, ..Work::of_micros(1_000_000) });
    let behind: Vec<TaskKey> = (0..3).map(|_| host.call(SHORT, Work::default())).collect();
    assert!(host.dispatch().iter().all(|dispatch| dispatch.worker == 0));
    host.exchange();
    host.advance(ms(4));
    assert_eq!(host.take_log(), []);
    host.advance(ms(1));
    assert_eq!(host.take_log(), [Action::Withdraw(0, 1)]);
    host.exchange();
    assert!(behind.iter().all(|key| host.outcome(*key) == Some(Outcome::Done)));
    assert_eq!(host.unsettled().len(), 1);
}

#[test]
fn nothing_is_taken_back_when_no_worker_would_take_it() {
    let mut host = host(1);
    host.call(SHORT, Work { blocks: false, ..Work::of_micros(500_000) });
    host.call(SHORT, Work::default());
    host.exchange();
    host.advance(ms(100));
    host.exchange();
    assert_eq!(host.take_log(), []);
}

#[test]
fn what_was_transferred_is_not_taken_back_from_a_worker_that_lives() {
    let mut host = host(2);
    host.teach(SHORT, 10.0);
    host.call(SHORT, Work { blocks: false, ..Work::of_micros(100_000) });
    host.call(SHORT, Work::default());
    let moved = host.submit(Plan { job: SHORT, transfers: true, ..Plan::default() });
    let last = host.call(SHORT, Work::default());
    host.exchange();
    host.advance(ms(5));
    assert_eq!(host.take_log(), [Action::Withdraw(0, 3)]);
    host.exchange();
    assert_eq!((host.outcome(moved), host.outcome(last)), (None, Some(Outcome::Done)));
    host.settle_all();
    assert_eq!(host.outcome(moved), Some(Outcome::Done));
}

#[test]
fn a_transfer_of_long_ago_changes_nothing() {
    let mut host = host(2);
    host.teach(SHORT, 10.0);
    host.submit(Plan { job: SHORT, transfers: true, ..Plan::default() });
    host.exchange();
    for _ in 0..3 {
        host.call(SHORT, Work::default());
    }
    host.dispatch();
    host.advance(ms(5));
    assert_eq!(host.take_log(), [Action::Withdraw(0, 2)]);
    host.settle_all();
}

#[test]
fn a_pool_starts_as_many_workers_as_there_are_calls_and_no_more_than_it_may() {
    let mut host = Host::new(PoolOptions { size: 3, ..PoolOptions::default() });
    host.dispatch();
    assert_eq!(host.take_log(), []);
    host.call(UNKNOWN, Work::default());
    host.dispatch();
    host.dispatch();
    assert_eq!(host.take_log(), [Action::Start(0)]);
    for _ in 0..5 {
        host.call(UNKNOWN, Work::default());
    }
    host.dispatch();
    assert_eq!(host.take_log(), [Action::Start(1), Action::Start(2)]);
}

#[test]
fn a_paused_pool_sends_nothing_and_starts_no_worker() {
    let mut host = Host::new(PoolOptions::default());
    host.engine.set_paused(host.manager, true);
    let key = host.call(UNKNOWN, Work::default());
    assert_eq!(host.dispatch(), []);
    assert_eq!(host.take_log(), []);
    host.engine.set_paused(host.manager, false);
    host.dispatch();
    host.start_all();
    host.exchange();
    assert_eq!(host.outcome(key), Some(Outcome::Done));
}

#[test]
fn max_queue_counts_only_what_must_wait() {
    let mut host = Host::with_queue(PoolOptions { size: 2, ..PoolOptions::default() }, 1);
    let plan = Plan { job: UNKNOWN, work: Work::of_micros(1000), ..Plan::default() };
    let full = |host: &mut Host| host.try_submit(plan.clone()).map_err(|error| error.code());
    // Two will have a worker, one waits.
    for _ in 0..3 {
        assert!(full(&mut host).is_ok());
    }
    assert_eq!(full(&mut host), Err("queue-full"));
    host.dispatch();
    assert_eq!(full(&mut host), Err("queue-full"), "the workers are not ready yet");
    host.start_all();
    host.exchange();
    assert_eq!((host.waiting(), full(&mut host)), (1, Err("queue-full")));
    host.advance(ms(1));
    host.exchange();
    assert!(full(&mut host).is_ok() && full(&mut host).is_ok());
    assert_eq!(full(&mut host), Err("queue-full"));
}

#[test]
fn a_worker_that_gets_free_makes_room_at_once_not_only_when_calls_are_dispatched() {
    for max_queue in [0, 1] {
        let options = PoolOptions { size: 1, min_workers: 1, ..PoolOptions::default() };
        let mut host = Host::with_queue(options, max_queue);
        host.dispatch();
        host.start_all();
        let fill = |host: &mut Host| {
            let work = Work { blocks: false, ..Work::of_micros(1000) };
            for _ in 0..=max_queue {
                assert!(host.try_submit(Plan { job: UNKNOWN, work, ..Plan::default() }).is_ok());
            }
            let refused = host.try_submit(Plan::default()).map_err(|error| error.code());
            assert_eq!(refused, Err("queue-full"));
        };
        let empty = |host: &mut Host| {
            for key in host.unsettled() {
                host.cancel(key);
            }
        };
        // It has answered.
        fill(&mut host);
        host.dispatch();
        host.serve(0);
        host.advance(ms(1));
        host.serve(0);
        empty(&mut host);
        fill(&mut host);
        // It has given back what was cancelled.
        host.dispatch();
        empty(&mut host);
        host.serve(0);
        fill(&mut host);
        // It has ended.
        host.dispatch();
        host.crash(0);
        empty(&mut host);
        fill(&mut host);
    }
}
