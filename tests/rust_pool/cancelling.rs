//! A call that is not wanted any more: its task ends at once, its worker when it can.

use taskloom::{
    RetryPolicy, TaskError, TaskState,
    core::{pool::PoolOptions, tasks::task::Timeout},
    rt::{
        CancelledBy, Retry,
        pool::{Entry, JobError, ToWorker},
    },
};

use crate::support::{MS, SECOND, Scene};

#[test]
fn a_cancel_right_after_the_call_means_that_it_is_never_sent() {
    let mut scene = Scene::ready();
    let task = scene.double(1);
    assert!(task.cancel());
    assert_eq!(scene.manual.run(task), Err(TaskError::Cancelled(CancelledBy::Owner)));
    assert!(scene.platform.worker(0).heard_all());
}

#[test]
fn a_handle_that_is_dropped_cancels_its_call() {
    let mut scene = Scene::ready();
    let task = scene.double(1);
    scene.turn();
    let worker = scene.platform.worker(0);
    worker.calls();
    drop(task);
    assert_eq!(worker.frame(), ToWorker::Cancel(0));
    worker.says(0, Entry::Withdrawn);
    assert_eq!(scene.manual.runtime().live(), 0);
}

#[test]
fn a_cancelled_call_counts_until_its_worker_has_answered_and_its_answer_is_dropped() {
    let mut scene = Scene::ready();
    let mut task = scene.double(1);
    scene.turn();
    let worker = scene.platform.worker(0);
    worker.calls();
    worker.says(0, Entry::Started);
    assert!(task.cancel());
    assert_eq!(task.take_result(), Some(Err(TaskError::Cancelled(CancelledBy::Owner))), "at once");
    assert_eq!((worker.frame(), scene.pool.running()), (ToWorker::Cancel(0), 1));
    let idle = scene.pool.on_idle();
    worker.says(0, Entry::Progress(1));
    worker.says(0, Entry::Done(2, 1.0));
    scene.manual.run(idle);
    assert_eq!((scene.pool.running(), scene.manual.runtime().live()), (0, 0));
    assert_eq!((task.state(), task.latest_progress()), (TaskState::Cancelled, None));
    assert_eq!(scene.platform.living(), 1, "the worker goes on");
}

#[test]
fn a_worker_that_does_not_stop_in_time_is_replaced() {
    let mut scene = Scene::ready();
    let (looping, behind) = (scene.double(1), scene.double(2));
    scene.turn();
    let worker = scene.platform.worker(0);
    worker.calls();
    worker.says(0, Entry::Started);
    looping.cancel();
    scene.manual.advance(99 * MS);
    assert!(!worker.is_over.get());
    scene.manual.advance(2 * MS);
    assert!(worker.is_over.get());
    let next = scene.platform.worker(1);
    next.ready();
    scene.turn();
    assert_eq!(next.calls()[0].args, 2);
    next.says(0, Entry::Done(4, 1.0));
    assert_eq!(scene.manual.run(behind), Ok(4));
    drop(looping);
    assert_eq!(scene.manual.runtime().live(), 0);
}

#[test]
fn a_timeout_counts_from_the_start_in_the_worker() {
    let mut scene = Scene::new(PoolOptions::default());
    let task = scene.call("double").timeout(500 * MS).run(1);
    scene.manual.advance(5 * SECOND);
    let worker = scene.platform.worker(0);
    worker.ready();
    scene.turn();
    worker.calls();
    scene.manual.advance(900 * MS);
    assert_eq!(task.state(), TaskState::Pending);
    worker.says(0, Entry::Started);
    scene.manual.advance(500 * MS);
    assert_eq!(worker.frame(), ToWorker::Cancel(0));
    assert_eq!(scene.manual.run(task), Err(TaskError::TimedOut(Timeout::Total)));
}

#[test]
fn a_queue_timeout_counts_from_the_call() {
    let mut scene = Scene::new(PoolOptions::default());
    let task = scene.call("double").queue_timeout(SECOND).run(1);
    scene.manual.advance(SECOND);
    assert_eq!(scene.manual.run(task), Err(TaskError::TimedOut(Timeout::Queue)));
}

#[test]
fn an_attempt_that_takes_too_long_is_made_again() {
    let mut scene = Scene::ready();
    let policy = RetryPolicy { max_attempts: 2, attempt_timeout: Some(500 * MS), ..RetryPolicy::default() };
    let task = scene.call("double").retry(Retry::new(policy).unwrap()).run(1);
    scene.turn();
    let worker = scene.platform.worker(0);
    assert_eq!(worker.calls()[0].number, 0);
    worker.says(0, Entry::Started);
    scene.manual.advance(500 * MS);
    assert_eq!(worker.frame(), ToWorker::Cancel(0));
    worker.says(0, Entry::Failed(0, 1.0));
    scene.turn();
    let [call] = &worker.calls()[..] else { panic!("one call") };
    assert_eq!((call.number, call.args), (1, 1));
    worker.says(1, Entry::Started);
    assert_eq!(task.attempt(), 2);
    worker.says(1, Entry::Done(2, 1.0));
    assert_eq!(scene.manual.run(task), Ok(2));
    assert_eq!(scene.manual.runtime().live(), 0);
}

#[test]
fn a_failed_call_is_made_again_as_its_policy_says() {
    let mut scene = Scene::ready();
    let policy = RetryPolicy { max_attempts: 5, base_delay: SECOND, ..RetryPolicy::default() };
    let retry = Retry::new(policy).unwrap().retry_if(|error| *error == JobError::Failed(1));
    let task = scene.call("double").retry(retry).run(1);
    scene.turn();
    let worker = scene.platform.worker(0);
    worker.calls();
    worker.says(0, Entry::Failed(1, 1.0));
    scene.manual.advance(999 * MS);
    assert!(worker.heard_all());
    scene.manual.advance(MS);
    worker.calls();
    worker.says(1, Entry::Failed(2, 1.0));
    assert_eq!(scene.manual.run(task), Err(TaskError::Failed(JobError::Failed(2))));
}

#[test]
fn disposing_a_pool_cancels_its_calls_and_ends_its_workers() {
    let mut scene = Scene::ready();
    let (running, waiting) = (scene.double(1), scene.double(2));
    scene.turn();
    let Scene { mut manual, platform, pool } = scene;
    platform.worker(0).says(0, Entry::Started);
    pool.dispose();
    assert_eq!(platform.living(), 0);
    for task in [running, waiting] {
        assert_eq!(manual.run(task), Err(TaskError::Cancelled(CancelledBy::Owner)));
    }
    assert_eq!(manual.runtime().live(), 0);
}

#[test]
fn a_pool_lives_until_its_handle_and_its_calls_are_gone_and_no_longer() {
    let mut scene = Scene::ready();
    let mut task = scene.double(1);
    scene.turn();
    let Scene { mut manual, platform, pool } = scene;
    drop(pool);
    assert_eq!(platform.living(), 1);
    platform.worker(0).says(0, Entry::Done(2, 1.0));
    assert_eq!(manual.run(&mut task), Ok(2));
    assert_eq!(platform.living(), 0, "though the handle of the call is kept");
}

#[test]
fn a_cancelled_call_keeps_no_pool() {
    let mut scene = Scene::ready();
    let task = scene.double(1);
    scene.turn();
    let Scene { manual, platform, pool } = scene;
    platform.worker(0).says(0, Entry::Started);
    drop(pool);
    task.cancel();
    assert_eq!((platform.living(), manual.runtime().live()), (0, 0));
    platform.worker(0).says(0, Entry::Done(2, 1.0)); // to nobody
}

#[test]
fn a_runtime_that_goes_cancels_the_calls() {
    let mut scene = Scene::ready();
    let mut task = scene.double(1);
    scene.turn();
    let Scene { manual, platform, pool } = scene;
    drop(manual);
    platform.worker(0).says(0, Entry::Done(2, 1.0));
    // The handles hold the runtime: it goes with them.
    assert_eq!(task.take_result(), Some(Ok(2)));
    drop((task, pool));
    assert_eq!(platform.living(), 0);
}
