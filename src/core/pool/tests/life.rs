//! How workers start, idle, fall silent and die, and who pays for it.

use super::*;
use crate::core::{
    pool::{
        death::{BACKOFF, CLEAN_UP},
        watch::REMIND_AFTER,
    },
    tasks::task::TaskState,
};

/// A job that is known to be short, and one of which nothing is known.
const SHORT: u32 = 0;
const UNKNOWN: u32 = 1;

fn size(size: u32) -> PoolOptions {
    PoolOptions { size, ..PoolOptions::default() }
}

fn host(workers: u32) -> Host {
    let mut host = Host::ready(workers);
    host.teach(SHORT, 20.0);
    host
}

/// The one worker of a new pool, ready, and not watched.
fn unwatched() -> Host {
    let mut host = Host::new(PoolOptions { min_workers: 1, ..size(1) });
    host.teach(SHORT, 20.0);
    host.dispatch();
    host.become_ready(0, false);
    host.take_log();
    host
}

/// Goes on until the pool wants a worker again; how long that takes.
fn wait_for_a_start(host: &mut Host) -> Duration {
    let since = host.clock.now();
    for _ in 0..100 {
        if !host.starting().is_empty() {
            return host.clock.now() - since;
        }
        let next = host.pool.next_deadline().expect("it will start one");
        let now = host.clock.now();
        host.advance(next - now);
        host.dispatch();
    }
    panic!("it starts none");
}

#[test]
fn idle_workers_end_after_the_idle_timeout_but_for_the_least() {
    let mut host = Host::new(PoolOptions { min_workers: 1, ..size(3) });
    for _ in 0..3 {
        host.call(UNKNOWN, Work::of_micros(1_000_000));
    }
    host.dispatch();
    host.start_all();
    host.exchange();
    host.advance(Duration::from_secs(1));
    host.exchange();
    host.take_log();
    let timeout = host.pool.options.idle_timeout.expect("the default");
    host.advance(just_before(timeout));
    assert_eq!(host.take_log(), []);
    host.advance(micros(1));
    assert_eq!(host.take_log(), [Action::Terminate(1), Action::Terminate(2)], "the oldest stays");
    host.advance(timeout * 100);
    assert_eq!(host.workers.len(), 1);
}

#[test]
fn those_that_clean_up_do_not_count_among_the_least_that_stay() {
    let mut host = Host::new(PoolOptions { min_workers: 2, ..size(4) });
    host.dispatch();
    host.start_all();
    for _ in 0..4 {
        host.call(UNKNOWN, Work::of_micros(1_000));
    }
    host.dispatch();
    host.start_all();
    (0..4).for_each(|id| host.pool.cleans_up(id));
    host.settle_all();
    host.take_log();
    host.advance(host.pool.options.idle_timeout.expect("the default") * 100);
    let log = host.take_log();
    assert_eq!(log.iter().filter(|action| matches!(action, Action::Retire(_))).count(), 2);
    assert!(log.contains(&Action::Retire(2)) && log.contains(&Action::Retire(3)), "{log:?}");
    assert_eq!(host.pool.ready_count(), 2);
}

#[test]
fn of_equal_workers_the_oldest_gets_the_call_whatever_their_ids() {
    let mut host = host(2);
    host.lost(0, None, false);
    host.dispatch();
    host.start_all();
    host.call(UNKNOWN, Work::default());
    let sent = host.dispatch();
    assert_eq!(sent.iter().map(|call| call.worker).collect::<Vec<_>>(), [1]);
}

#[test]
fn without_an_idle_timeout_workers_stay() {
    let mut host = Host::new(PoolOptions { idle_timeout: None, ..size(1) });
    host.call(UNKNOWN, Work::default());
    host.dispatch();
    host.start_all();
    host.exchange();
    host.advance(Duration::from_secs(1_000_000));
    assert_eq!((host.workers.len(), host.pool.next_deadline()), (1, None));
}

#[test]
fn an_idle_worker_that_cleans_up_is_asked_to_first_and_none_is_started_in_its_place_meanwhile() {
    let mut host = host(1);
    host.pool.wanted = 0;
    host.pool.cleans_up(0);
    host.call(UNKNOWN, Work::default());
    host.exchange();
    host.take_log();
    let timeout = host.pool.options.idle_timeout.expect("the default");
    host.advance(timeout);
    assert_eq!(host.take_log(), [Action::Retire(0)]);
    let key = host.call(UNKNOWN, Work::default());
    host.dispatch();
    assert_eq!((host.take_log(), host.pool.ready_count()), (vec![], 0));
    host.lost(0, None, false);
    host.dispatch();
    assert_eq!(host.take_log(), [Action::Terminate(0), Action::Start(0)]);
    host.settle_all();
    assert_eq!((host.outcome(key), host.pool.deaths), (Some(Outcome::Done), 0));
}

#[test]
fn a_worker_that_cleans_up_for_too_long_is_ended() {
    let mut host = host(2);
    host.pool.cleans_up(1);
    host.pool.retire(&mut host.engine);
    host.carry_out();
    assert_eq!(host.take_log(), [Action::Terminate(0), Action::Retire(1)]);
    host.advance(just_before(CLEAN_UP));
    assert_eq!(host.take_log(), []);
    host.advance(micros(1));
    assert_eq!(host.take_log(), [Action::Terminate(1)]);
    assert_eq!(host.dispatch(), []);
    assert_eq!((host.take_log(), host.pool.next_deadline()), (vec![], None));
}

#[test]
fn a_pool_that_closes_is_told_when_its_time_is_over() {
    let mut host = host(1);
    let key = host.call(UNKNOWN, Work::for_ever());
    host.exchange();
    host.take_log();
    host.pool.close(Some(ms(300)), &host.engine);
    host.advance(just_before(ms(300)));
    assert_eq!(host.take_log(), []);
    host.advance(micros(1));
    assert_eq!(host.take_log(), [Action::Expire]);
    host.cancel(key);
    host.finish();
}

#[test]
fn the_least_number_of_workers_starts_with_the_first_dispatch() {
    let mut host = Host::new(PoolOptions { min_workers: 2, ..size(3) });
    assert_eq!(host.take_log(), []);
    host.dispatch();
    assert_eq!(host.take_log(), [Action::Start(0), Action::Start(1)]);
}

#[test]
fn warming_up_starts_workers_before_there_is_work() {
    let mut host = Host::new(size(3));
    host.pool.warm(5, &host.engine);
    host.dispatch();
    assert_eq!(host.workers.len(), 3);
}

#[test]
fn a_pool_that_has_given_up_wants_no_more_workers_than_at_first() {
    let mut host = Host::new(size(3));
    host.pool.warm(3, &host.engine);
    host.dispatch();
    for id in 0..3 {
        host.start_failed(id, Loss::Version);
    }
    assert_eq!(host.pool.broken(), Some(Loss::Version));
    host.pool.warm(1, &host.engine);
    host.dispatch();
    assert_eq!(host.workers.len(), 1);
}

#[test]
fn a_worker_that_was_started_for_a_call_that_is_gone_ends_for_being_idle() {
    let mut host = Host::new(PoolOptions { start_timeout: Duration::MAX, ..size(1) });
    let key = host.call(UNKNOWN, Work::default());
    host.dispatch();
    host.cancel(key);
    host.start_all();
    host.dispatch();
    let idle_timeout = host.pool.options.idle_timeout.expect("the default");
    assert!(host.pool.next_deadline().is_some_and(|at| at <= host.clock.now() + idle_timeout));
    host.advance(idle_timeout);
    assert!(host.workers.is_empty());
}

#[test]
fn a_worker_that_does_not_get_ready_in_time_fails_what_waits_and_a_later_call_starts_another() {
    let mut host = Host::new(PoolOptions { start_timeout: ms(1000), ..size(2) });
    let keys: Vec<TaskKey> = (0..3).map(|_| host.call(UNKNOWN, Work::default())).collect();
    host.dispatch();
    host.advance(just_before(ms(1000)));
    assert_eq!(host.take_log(), [Action::Start(0), Action::Start(1)]);
    host.advance(micros(1));
    let log = host.take_log();
    assert!(log.contains(&Action::Terminate(0)) && log.contains(&Action::Terminate(1)));
    assert!(keys.iter().all(|key| host.losses(*key) == [Loss::Timeout]));
    assert_eq!(host.pool.broken(), None);
    let later = host.call(UNKNOWN, Work::default());
    assert_eq!(wait_for_a_start(&mut host), BACKOFF);
    host.start_all();
    host.exchange();
    assert_eq!(host.outcome(later), Some(Outcome::Done));
}

#[test]
fn three_that_do_not_get_ready_in_time_in_a_row_give_up() {
    let mut host = Host::new(PoolOptions { start_timeout: ms(1000), ..size(1) });
    for _ in 0..3 {
        assert_eq!(host.pool.broken(), None);
        let key = host.call(UNKNOWN, Work::default());
        host.dispatch();
        wait_for_a_start(&mut host);
        host.advance(ms(1000));
        assert_eq!(host.losses(key), [Loss::Timeout]);
    }
    assert_eq!(host.pool.broken(), Some(Loss::Timeout));
}

#[test]
fn calls_of_a_ready_worker_do_not_mind_that_another_does_not_get_ready_in_time() {
    let mut host = Host::new(PoolOptions { start_timeout: ms(1000), ..size(2) });
    let keys: Vec<TaskKey> = (0..3).map(|_| host.call(UNKNOWN, Work::of_micros(2_000_000))).collect();
    host.dispatch();
    host.become_ready(0, true);
    host.exchange();
    host.advance(ms(1000));
    assert!(keys.iter().all(|key| host.losses(*key).is_empty()));
    host.settle_all();
    assert!(keys.iter().all(|key| host.outcome(*key) == Some(Outcome::Done)));
}

#[test]
fn of_workers_that_do_not_get_ready_for_long_the_developer_is_told_once() {
    let mut host = Host::new(size(2));
    for _ in 0..2 {
        host.call(UNKNOWN, Work::default());
    }
    host.dispatch();
    host.take_log();
    host.advance(just_before(REMIND_AFTER));
    assert_eq!(host.take_log(), []);
    host.advance(micros(1));
    assert_eq!(host.take_log(), [Action::Remind(0)]);
    host.advance(REMIND_AFTER);
    assert_eq!(host.take_log(), []);
    host.start_all(); // late, and in time
    host.exchange();
    assert_eq!(host.unsettled(), []);
}

#[test]
fn three_failed_starts_give_up_with_growing_waits_and_warming_up_tries_again() {
    let mut host = Host::new(size(1));
    let key = host.call(UNKNOWN, Work::default());
    host.dispatch();
    host.start_failed(0, Loss::Load);
    assert_eq!(wait_for_a_start(&mut host), ms(100));
    host.start_failed(0, Loss::Load);
    assert_eq!(wait_for_a_start(&mut host), ms(200));
    assert_eq!((host.pool.broken(), host.outcome(key)), (None, None));
    host.start_failed(0, Loss::Load);
    assert_eq!((host.pool.broken(), host.losses(key)), (Some(Loss::Load), &[Loss::Load][..]));
    // Those that come later are told at once, however long it has been.
    host.advance(Duration::from_secs(100));
    let later = host.call(UNKNOWN, Work::default());
    host.dispatch();
    assert_eq!(host.losses(later), [Loss::Load]);
    host.pool.warm(1, &host.engine);
    let last = host.call(UNKNOWN, Work::default());
    host.dispatch();
    host.start_all();
    host.exchange();
    assert_eq!(host.outcome(last), Some(Outcome::Done));
}

#[test]
fn a_start_that_succeeds_ends_the_series_of_those_that_failed() {
    let mut host = Host::new(size(1));
    for _ in 0..3 {
        host.call(UNKNOWN, Work::for_ever());
        host.dispatch();
        for _ in 0..2 {
            wait_for_a_start(&mut host);
            host.start_failed(0, Loss::Load);
        }
        wait_for_a_start(&mut host);
        host.start_all();
        host.exchange();
        host.crash(0);
    }
    assert_eq!(host.pool.broken(), None);
}

#[test]
fn a_worker_that_gets_ready_after_all_mends_the_pool() {
    let mut host = Host::new(size(2));
    for _ in 0..2 {
        host.call(UNKNOWN, Work::default());
    }
    host.dispatch();
    host.start_failed(1, Loss::Version);
    assert_eq!(host.pool.broken(), Some(Loss::Version));
    host.become_ready(0, true);
    let key = host.call(UNKNOWN, Work::default());
    host.exchange();
    assert_eq!((host.pool.broken(), host.outcome(key)), (None, Some(Outcome::Done)));
}

#[test]
fn workers_that_were_started_together_fail_as_one() {
    let mut host = Host::new(size(4));
    for _ in 0..4 {
        host.call(UNKNOWN, Work::default());
    }
    host.dispatch();
    for id in 0..4 {
        host.start_failed(id, Loss::Load);
    }
    assert_eq!(host.pool.broken(), None);
    wait_for_a_start(&mut host);
    host.start_all();
    host.exchange();
    assert_eq!(host.unsettled(), []);
}

#[test]
fn a_pool_with_a_worker_goes_on_though_no_other_can_be_started() {
    let mut host = Host::new(size(2));
    let keys: Vec<TaskKey> = (0..2).map(|_| host.call(UNKNOWN, Work::of_micros(10_000_000))).collect();
    host.dispatch();
    host.become_ready(0, true);
    host.exchange();
    for _ in 0..5 {
        host.start_failed(1, Loss::Load);
        wait_for_a_start(&mut host);
    }
    host.start_failed(1, Loss::Load);
    assert_eq!(host.pool.broken(), None);
    host.advance(Duration::from_secs(10));
    host.exchange();
    host.advance(Duration::from_secs(10));
    host.exchange();
    assert!(keys.iter().all(|key| host.outcome(*key) == Some(Outcome::Done)));
}

#[test]
fn a_worker_that_fails_when_it_has_calls_already_is_a_lost_one() {
    let mut host = host(1);
    let key = host.call(UNKNOWN, Work::for_ever());
    host.exchange();
    host.ending.lossy = true;
    host.start_failed(0, Loss::Version);
    assert_eq!(host.losses(key), [Loss::Worker]);
}

#[test]
fn workers_of_another_version_are_given_up_at_once() {
    let mut host = Host::new(size(1));
    let key = host.call(UNKNOWN, Work::default());
    host.dispatch();
    host.start_failed(0, Loss::Version);
    assert_eq!((host.pool.broken(), host.losses(key)), (Some(Loss::Version), &[Loss::Version][..]));
}

#[test]
fn ten_deaths_without_an_answer_give_up() {
    let mut host = Host::new(size(1));
    let keys: Vec<TaskKey> = (0..12).map(|_| host.call(UNKNOWN, Work::for_ever())).collect();
    host.dispatch();
    let mut waits = Vec::new();
    for _ in 0..10 {
        assert_eq!(host.pool.broken(), None);
        waits.push(wait_for_a_start(&mut host));
        host.start_all();
        host.exchange();
        host.crash(0);
        host.dispatch();
    }
    // One death is bad luck.
    let expected = [0, 0, 100, 200, 400, 800, 1600, 3200, 5000, 5000].map(ms);
    assert_eq!(waits, expected);
    assert_eq!(host.pool.broken(), Some(Loss::Crashing));
    assert!(keys[..10].iter().all(|key| host.losses(*key) == [Loss::Worker]));
    assert!(keys[10..].iter().all(|key| host.losses(*key) == [Loss::Crashing]));
    // Warmed up, it counts from the start.
    host.pool.warm(1, &host.engine);
    host.dispatch();
    host.start_all();
    host.crash(0);
    assert_eq!(host.pool.broken(), None);
}

#[test]
fn a_pool_with_a_ready_worker_goes_on_with_it_though_the_others_end_again_and_again() {
    let mut host = host(2);
    let held = host.call(UNKNOWN, Work { blocks: false, ..Work::of_micros(100_000_000) });
    host.exchange();
    let mut waits = Vec::new();
    for _ in 0..MAX_DEATHS + 5 {
        host.call(UNKNOWN, Work::for_ever());
        host.exchange();
        if !host.workers.contains_key(&1) {
            waits.push(wait_for_a_start(&mut host));
            host.start_all();
            host.exchange();
        }
        host.crash(1);
    }
    assert_eq!(waits[waits.len() - 3..], [ms(5000); 3], "others are started ever more slowly");
    let next = host.call(UNKNOWN, Work::default());
    host.dispatch();
    assert_eq!((host.pool.broken(), host.outcome(next)), (None, None));
    // When it ends too, there is none.
    host.crash(0);
    assert_eq!((host.pool.broken(), host.losses(held)), (Some(Loss::Crashing), &[Loss::Worker][..]));
    assert_eq!(host.losses(next), [Loss::Crashing]);
}

/// A pool of two that has given up, since workers have ended again and again, when another one became ready.
fn given_up_with_a_late_worker() -> Host {
    let mut host = Host::new(size(2));
    for _ in 0..2 {
        host.call(UNKNOWN, Work::for_ever());
    }
    host.dispatch();
    host.become_ready(0, true);
    host.pool.deaths = MAX_DEATHS - 1;
    host.crash(0);
    assert_eq!(host.pool.broken(), Some(Loss::Crashing));
    host.become_ready(1, true);
    host.take_log();
    host
}

#[test]
fn a_worker_that_gets_ready_late_takes_calls_and_no_other_is_started_before_it_has_answered() {
    let mut host = given_up_with_a_late_worker();
    assert_eq!(host.pool.broken(), None);
    let keys: Vec<TaskKey> = (0..2).map(|_| host.call(UNKNOWN, Work::of_micros(1_000_000))).collect();
    host.exchange();
    host.advance(ms(999));
    host.exchange();
    assert_eq!((host.take_log(), host.waiting()), (Vec::new(), 1));
    host.advance(ms(1));
    host.exchange();
    assert_eq!(host.outcome(keys[0]), Some(Outcome::Done));
    host.call(UNKNOWN, Work::for_ever());
    let wait = wait_for_a_start(&mut host);
    assert!(wait <= Duration::from_secs(5), "the wait after the last end");
}

#[test]
fn a_pool_whose_late_worker_ends_too_is_broken_again() {
    let mut host = given_up_with_a_late_worker();
    let keys = [0, 1].map(|_| host.call(UNKNOWN, Work::for_ever()));
    host.exchange();
    host.crash(1);
    assert_eq!(host.pool.broken(), Some(Loss::Crashing));
    assert_eq!(keys.map(|key| host.losses(key).to_vec()), [[Loss::Worker], [Loss::Crashing]]);

    let mut host = given_up_with_a_late_worker();
    host.advance(host.pool.options.idle_timeout.expect("the default"));
    assert_eq!(host.pool.broken(), Some(Loss::Crashing));
    let key = host.call(UNKNOWN, Work::default());
    host.dispatch();
    assert_eq!(host.losses(key), [Loss::Crashing]);
}

#[test]
fn deaths_with_answers_in_between_are_not_a_series() {
    let mut host = Host::new(size(1));
    for _ in 0..20 {
        host.call(UNKNOWN, Work { told: Some(10_000.0), ..Work::default() });
        host.call(UNKNOWN, Work::for_ever());
        host.dispatch();
        assert_eq!(wait_for_a_start(&mut host), Duration::ZERO);
        host.start_all();
        host.exchange();
        host.crash(0);
    }
    assert_eq!(host.pool.broken(), None);
}

#[test]
fn a_call_that_had_started_when_its_worker_died_fails_and_the_others_go_on() {
    let mut host = host(1);
    let keys: Vec<TaskKey> = (0..3).map(|_| host.call(UNKNOWN, Work::of_micros(1000))).collect();
    host.exchange();
    host.crash(0);
    host.settle_all();
    assert_eq!(host.losses(keys[0]), [Loss::Worker]);
    assert!(keys[1..].iter().all(|key| host.outcome(*key) == Some(Outcome::Done)));
}

#[test]
fn a_call_that_is_cancelled_when_another_is_told_of_their_workers_end_is_not_told_any_more() {
    let mut host = host(1);
    let keys = [0, 1].map(|_| host.call(SHORT, Work::of_micros(500)));
    host.exchange();
    host.cancels_others = true;
    host.crash(0);
    // The first is told first.
    assert_eq!([host.losses(keys[0]), host.losses(keys[1])], [&[Loss::Worker][..], &[]]);
    assert_eq!(keys.map(|key| host.outcome(key)), [Some(Outcome::Failed), Some(Outcome::Cancelled)]);
    assert!(host.records[&keys[1]].stopped);
    host.finish();
}

#[test]
fn a_failure_is_not_told_to_a_task_that_has_the_place_of_the_one_that_failed() {
    let mut host = host(1);
    let key = host.call(UNKNOWN, Work::for_ever());
    host.exchange();
    host.pool.lost(0, None, false, &mut host.engine);
    host.engine.cancel(key);
    host.engine.reject(key, 1);
    let other = host.engine.submit(Submission { manager: host.manager, ..Submission::default() });
    let other = other.expect("the queue has room");
    assert_eq!(other.slot(), key.slot());
    assert_eq!(host.pool.next_action(&mut host.engine), Some(Action::Terminate(0)));
    assert_eq!(host.pool.next_action(&mut host.engine), None);
    assert_eq!(host.engine.state(other), Some(TaskState::Pending));
}

#[test]
fn a_worker_that_ends_before_it_has_started_a_settled_task_does_not_end_an_attempt_that_runs_elsewhere() {
    let mut host = host(2);
    let retry = RetryPolicy { attempt_timeout: Some(ms(30)), max_attempts: 2, ..RetryPolicy::default() };
    let limits = Limits { retry: Some(retry), ..Limits::default() };
    let key = host.submit(Plan { work: Work::for_ever(), limits, ..Plan::default() });
    host.exchange();
    host.advance(ms(30));
    host.decide(key, Verdict::Retry);
    host.advance(Duration::ZERO);
    assert_eq!(host.dispatch()[0].worker, 1);
    assert_eq!(host.engine.cancel(key), Ended::Settled { stopped: false });
    host.pool.lost(1, None, true, &mut host.engine);
    assert_eq!(host.pool.next_action(&mut host.engine), Some(Action::Terminate(1)));
    assert_eq!(host.pool.next_action(&mut host.engine), None);
    assert_eq!(host.engine.live(), 1, "the first attempt goes on");
}

#[test]
fn a_retry_policy_runs_again_what_had_started() {
    let mut host = host(1);
    let limits = Limits { retry: Some(RetryPolicy::default()), ..Limits::default() };
    let key = host.submit(Plan { job: UNKNOWN, work: Work::of_micros(1000), limits, ..Plan::default() });
    host.exchange();
    host.crash(0);
    assert_eq!(host.losses(key), [Loss::Worker]);
    host.decide(key, Verdict::Retry);
    host.settle_all();
    assert_eq!(host.outcome(key), Some(Outcome::Done));
    let attempts: Vec<u32> = host.starts.iter().map(|(_, attempt)| *attempt).collect();
    assert_eq!(attempts, [1, 2]);
}

#[test]
fn what_may_have_started_is_not_run_again_unless_it_is_known_that_it_has_not() {
    for (exact, lost) in [(false, 3), (true, 1)] {
        let mut host = host(1);
        let keys: Vec<TaskKey> = (0..3).map(|_| host.call(SHORT, Work::of_micros(500))).collect();
        host.dispatch();
        let now = host.clock.now();
        let Host { workers, starts, .. } = &mut host;
        let worker = workers.get_mut(&0).expect("it is there");
        worker.arrive(1);
        worker.run(9, true, now, starts);
        worker.die();
        host.lost(0, exact.then_some(0), false);
        host.settle_all();
        assert!(keys[..lost].iter().all(|key| host.losses(*key) == [Loss::Worker]));
        assert!(keys[lost..].iter().all(|key| host.outcome(*key) == Some(Outcome::Done)));
    }
}

#[test]
fn what_was_transferred_to_a_worker_that_died_before_it_started_says_so() {
    let mut host = host(1);
    host.call(UNKNOWN, Work::for_ever());
    let moved = host.submit(Plan { job: SHORT, transfers: true, ..Plan::default() });
    host.exchange();
    // Nothing stands behind a call of unknown length, so it has not been sent yet.
    host.crash(0);
    host.settle_all();
    assert_eq!(host.outcome(moved), Some(Outcome::Done));

    let mut host = self::host(1);
    let limits = Limits { timeout: Some(Duration::from_secs(100)), ..Limits::default() };
    host.submit(Plan { job: SHORT, work: Work::for_ever(), limits, ..Plan::default() });
    let moved = host.submit(Plan { job: SHORT, transfers: true, ..Plan::default() });
    let copied = host.call(SHORT, Work::default());
    host.exchange();
    host.crash(0);
    host.settle_all();
    assert_eq!(host.losses(moved), [Loss::Transferred]);
    assert_eq!(host.outcome(copied), Some(Outcome::Done));
}

#[test]
fn a_worker_that_is_busy_for_long_is_asked_for_life_and_is_stuck_if_it_gives_none() {
    let mut host = host(2);
    host.call(UNKNOWN, Work::for_ever());
    host.call(UNKNOWN, Work { blocks: false, ..Work::for_ever() });
    host.exchange();
    host.advance(ms(999));
    assert_eq!(host.take_log(), []);
    host.advance(ms(1));
    assert_eq!(host.take_log(), [Action::Ping(0), Action::Ping(1)]);
    host.exchange();
    host.advance(ms(1000));
    host.exchange();
    let [looping, waiting] = [0, 1].map(|worker| host.pool.view(worker, &host.engine).expect("it is there"));
    let seconds = Some(Duration::from_secs(2));
    let view = WorkerView { ready: true, open: 1, answered: 0, busy_for: seconds, stuck: true, job: Some(1) };
    assert_eq!(looping, view);
    assert_eq!(waiting, WorkerView { stuck: false, ..view });
}

#[test]
fn a_silent_worker_that_nobody_watches_is_given_up_after_a_minute() {
    let mut host = unwatched();
    let key = host.call(UNKNOWN, Work::for_ever());
    host.exchange();
    host.worker(0).die();
    for _ in 0..60 {
        host.advance(Duration::from_secs(1));
        host.exchange();
        assert_eq!(host.outcome(key), None);
    }
    host.advance(Duration::from_secs(1));
    host.turn_all();
    assert_eq!(host.losses(key), [Loss::Worker]);
    assert!(host.workers.is_empty());
}

#[test]
fn a_silent_worker_that_is_watched_is_left_alone() {
    let mut host = host(1);
    let key = host.call(UNKNOWN, Work::of_micros(3_600_000_000));
    for _ in 0..3600 {
        host.exchange();
        host.advance(Duration::from_secs(1));
    }
    host.exchange();
    assert_eq!(host.outcome(key), Some(Outcome::Done));
}

#[test]
fn a_worker_that_says_something_now_and_then_is_not_silent() {
    let mut host = unwatched();
    host.call(UNKNOWN, Work::for_ever());
    host.exchange();
    for _ in 0..10 {
        host.advance(Duration::from_secs(50));
        let now = host.clock.now();
        host.worker(0).progress(now);
        host.exchange();
    }
    assert!(!host.take_log().contains(&Action::Turn(0)));
}

#[test]
fn a_page_that_was_asleep_hears_what_its_workers_have_said_before_it_gives_them_up() {
    for answers in [true, false] {
        let mut host = unwatched();
        let key = host.call(UNKNOWN, if answers { Work::of_micros(5_000_000) } else { Work::for_ever() });
        host.exchange();
        host.advance(Duration::from_secs(1));
        host.clock.advance(Duration::from_secs(600));
        let now = host.clock.now();
        let Host { workers, starts, .. } = &mut host;
        let worker = workers.get_mut(&0).expect("it is there");
        worker.run(9, true, now, starts);
        worker.progress(now);
        host.fire(); // the timer is due before the message
        host.turn_all();
        assert_eq!(host.outcome(key), answers.then_some(Outcome::Done));
        assert!(host.workers.contains_key(&0));
    }
}

#[test]
fn what_was_sent_to_a_worker_is_left_to_it_when_the_pool_has_given_up() {
    let mut host = given_up_with_a_late_worker();
    host.teach(SHORT, 20.0);
    host.call(SHORT, Work { blocks: false, ..Work::of_micros(100_000) });
    let behind = host.call(SHORT, Work::default());
    host.exchange();
    host.take_log();
    host.advance(ms(50));
    assert_eq!(host.take_log(), [], "nobody else would take it");
    host.settle_all();
    assert_eq!(host.outcome(behind), Some(Outcome::Done));
}

#[test]
fn a_pool_that_is_disposed_of_ends_its_workers_whether_they_are_ready_or_not() {
    let mut host = Host::new(PoolOptions { min_workers: 3, ..size(3) });
    host.dispatch();
    host.become_ready(0, true);
    host.become_ready(1, false);
    let key = host.call(UNKNOWN, Work::for_ever());
    host.exchange();
    host.take_log();
    host.cancel(key);
    host.dispose();
    let [cancel, ends @ ..] = &host.take_log()[..] else { panic!("the call is cancelled") };
    assert_eq!(*cancel, Action::Cancel(0, 0));
    assert_eq!(ends, [Action::Terminate(0), Action::Terminate(1), Action::Terminate(2)]);
    host.finish();
}

#[test]
fn a_call_that_was_sent_fails_when_its_pool_is_disposed_of() {
    let mut host = host(1);
    let key = host.call(UNKNOWN, Work::default());
    host.dispatch();
    host.dispose();
    assert_eq!(host.losses(key), [Loss::Worker]);
}
