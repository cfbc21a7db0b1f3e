//! Workers that end, or can't be had: each call ends with the right error, and none runs twice unasked.

use taskloom::{
    RetryPolicy, TaskError,
    core::pool::{MAX_FAILED_STARTS, PoolOptions},
    rt::{
        Retry,
        pool::{Entry, FromWorker, JobError, Said, StartError},
    },
};

use crate::support::{MS, SECOND, Scene};

#[test]
fn a_call_whose_worker_ends_is_lost_and_what_had_not_started_runs_elsewhere() {
    for polite in [true, false] {
        let mut scene = Scene::ready();
        let (first, second) = (scene.double(1), scene.double(2));
        scene.turn();
        let worker = scene.platform.worker(0);
        worker.calls();
        worker.says(0, Entry::Started);
        if polite {
            worker.say(FromWorker::Closing);
        } else {
            worker.tell(Said::Gone);
        }
        assert_eq!(scene.manual.run(first), Err(TaskError::Failed(JobError::WorkerLost)));
        scene.turn();
        let next = scene.platform.worker(1);
        next.ready();
        scene.turn();
        assert_eq!(next.calls()[0].args, 2);
        next.says(0, Entry::Done(4, 1.0));
        assert_eq!(scene.manual.run(second), Ok(4));
    }
}

#[test]
fn what_a_worker_has_said_last_counts() {
    let mut scene = Scene::ready();
    let task = scene.double(1);
    scene.turn();
    let worker = scene.platform.worker(0);
    worker.tell(Said::Gone);
    worker.says(0, Entry::Done(2, 1.0));
    assert_eq!(scene.manual.run(task), Ok(2));
    scene.turn();
    assert!(worker.is_over.get());
}

#[test]
fn a_lost_call_is_made_again_if_its_policy_says_so() {
    let mut scene = Scene::ready();
    let retry = Retry::new(RetryPolicy { max_attempts: 2, ..RetryPolicy::default() }).unwrap();
    let task = scene.call("double").retry(retry).run(1);
    scene.turn();
    let worker = scene.platform.worker(0);
    worker.calls();
    worker.says(0, Entry::Started);
    worker.tell(Said::Gone);
    scene.manual.advance(MS); // the policy's wait of no length
    let next = scene.platform.worker(1);
    next.ready();
    scene.turn();
    assert_eq!(next.calls()[0].args, 1);
    next.says(0, Entry::Started);
    assert_eq!(task.attempt(), 2);
    next.says(0, Entry::Done(2, 1.0));
    assert_eq!(scene.manual.run(task), Ok(2));
}

#[test]
fn memory_that_is_shared_tells_what_had_not_started() {
    let mut scene = Scene::ready();
    let task = scene.double(1);
    scene.turn();
    let worker = scene.platform.worker(0);
    worker.last_started.set(Some(u32::MAX)); // none
    worker.tell(Said::Gone);
    scene.turn();
    scene.platform.worker(1).ready();
    scene.turn();
    scene.platform.worker(1).says(0, Entry::Done(2, 1.0));
    assert_eq!(scene.manual.run(task), Ok(2));
}

#[test]
fn workers_that_can_not_be_started_fail_the_calls_and_warming_tries_again() {
    let mut scene = Scene::new(PoolOptions::default());
    let task = scene.double(1);
    let warm = scene.pool.warm(1);
    for start in 0..MAX_FAILED_STARTS as usize {
        scene.manual.advance(10 * SECOND);
        scene.platform.worker(start).tell(Said::NotStarted(StartError::Load("404".to_owned())));
    }
    let reason = || JobError::LoadFailed("404".to_owned());
    assert_eq!(scene.manual.run(task), Err(TaskError::Failed(reason())));
    assert_eq!(scene.manual.run(warm), Err(JobError::LoadFailed("404".to_owned())));
    let late = scene.double(2);
    assert_eq!(scene.manual.run(late), Err(TaskError::Failed(reason())), "at once");

    let again = scene.pool.warm(1);
    let task = scene.double(3);
    scene.turn();
    let worker = scene.platform.worker(MAX_FAILED_STARTS as usize);
    worker.ready();
    assert_eq!(scene.manual.run(again), Ok(()));
    scene.turn();
    worker.says(0, Entry::Done(6, 1.0));
    assert_eq!(scene.manual.run(task), Ok(6));
}

#[test]
fn a_worker_of_another_version_fails_the_calls_at_once() {
    let mut scene = Scene::new(PoolOptions::default());
    let task = scene.double(1);
    scene.turn();
    scene.platform.worker(0).tell(Said::NotStarted(StartError::Version(99)));
    let Err(TaskError::Failed(JobError::VersionMismatch(reason))) = scene.manual.run(task) else {
        panic!("another error was expected");
    };
    assert!(reason.contains("protocol 99"), "{reason}");
}

#[test]
fn a_worker_that_never_says_that_it_is_ready_counts_as_not_started() {
    let mut scene = Scene::new(PoolOptions { start_timeout: SECOND, ..PoolOptions::default() });
    let task = scene.double(1);
    let Err(TaskError::Failed(JobError::LoadFailed(reason))) = scene.manual.run(task) else {
        panic!("another error was expected");
    };
    assert!(reason.contains("start_timeout"), "{reason}");
    // What waits fails at the first try; a later call starts again.
    assert_eq!((scene.platform.made(), scene.platform.living()), (1, 0));
}
