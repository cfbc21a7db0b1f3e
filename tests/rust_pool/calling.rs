//! A call goes to a worker, and its answer comes back as a task's.

use futures::StreamExt;
use taskloom::{
    TaskError, TaskState,
    core::pool::{MAX_WORKERS, PoolOptions},
    rt::pool::{Entry, FromWorker, JobError, ToWorker},
};

use crate::support::{SECOND, Scene, UNSENDABLE};

#[test]
fn a_worker_is_made_for_the_first_call_and_answers_it() {
    let mut scene = Scene::new(PoolOptions::default());
    assert_eq!(scene.platform.made(), 0);
    let mut task = scene.double(21);
    scene.turn();
    let worker = scene.platform.worker(0);
    assert!(worker.heard_all(), "it is not ready");
    worker.ready();
    scene.turn();
    let [call] = &worker.calls()[..] else { panic!("one call") };
    assert_eq!((call.number, call.job, call.args), (0, 0, 21));
    assert_eq!((task.state(), scene.pool.running()), (TaskState::Pending, 1));
    worker.says(0, Entry::Started);
    assert_eq!((task.state(), task.attempt()), (TaskState::Running, 1));
    worker.says(0, Entry::Done(42, 10.0));
    assert_eq!(task.take_result(), Some(Ok(42)), "at once");
    assert_eq!((scene.pool.running(), scene.manual.runtime().live()), (0, 0));
}

#[test]
fn progress_comes_in_order_and_what_can_not_be_read_is_left_out() {
    let mut scene = Scene::ready();
    let task = scene.double(1);
    let stream = task.progress_stream();
    scene.turn();
    let worker = scene.platform.worker(0);
    for value in [1, -1, 2] {
        worker.says(0, Entry::Progress(value));
    }
    worker.says(0, Entry::Done(2, 1.0));
    assert_eq!(scene.manual.run(stream.collect::<Vec<_>>()), [1, 2]);
    assert_eq!(scene.manual.run(task), Ok(2));
}

#[test]
fn what_the_job_has_returned_or_what_can_not_be_read_is_its_tasks_error() {
    let mut scene = Scene::ready();
    let (failed, unread) = (scene.double(1), scene.double(2));
    scene.turn();
    let worker = scene.platform.worker(0);
    worker.says(0, Entry::Failed(7, 1.0));
    scene.turn();
    worker.says(1, Entry::Done(-1, 1.0));
    assert_eq!(scene.manual.run(failed), Err(TaskError::Failed(JobError::Failed(7))));
    let unread = scene.manual.run(unread);
    assert_eq!(unread, Err(TaskError::Failed(JobError::NotSerializable("negative".to_owned()))));
}

#[test]
fn small_calls_that_are_made_together_are_sent_together() {
    let mut scene = Scene::ready();
    let worker = scene.platform.worker(0);
    for number in 0..4 {
        // Until the job is known to be short.
        let task = scene.double(1);
        scene.turn();
        worker.calls();
        worker.says(number, Entry::Done(2, 10.0));
        assert_eq!(scene.manual.run(task), Ok(2));
    }
    let tasks: Vec<_> = (0..10).map(|number| scene.double(number)).collect();
    scene.turn();
    assert_eq!(worker.calls().iter().map(|call| call.args).collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
    worker.say(FromWorker::Results(
        (4..14).zip(0..).map(|(number, value)| (number, Entry::Done(value, 5.0))).collect(),
    ));
    for (expected, task) in (0..).zip(tasks) {
        assert_eq!(scene.manual.run(task), Ok(expected));
    }
}

#[test]
fn one_call_that_can_not_be_sent_fails_alone() {
    let mut scene = Scene::ready();
    let worker = scene.platform.worker(0);
    for number in 0..4 {
        let task = scene.double(1);
        scene.turn();
        worker.calls();
        worker.says(number, Entry::Done(2, 10.0));
        drop(task);
    }
    let tasks = [scene.double(1), scene.double(UNSENDABLE), scene.double(3)];
    scene.turn();
    assert_eq!([worker.calls()[0].args, worker.calls()[0].args], [1, 3]);
    assert!(worker.heard_all());
    worker.say(FromWorker::Results(vec![(4, Entry::Done(2, 1.0)), (6, Entry::Done(6, 1.0))]));
    let results = tasks.map(|task| scene.manual.run(task));
    let refused = Err(TaskError::Failed(JobError::NotSerializable("too large".to_owned())));
    assert_eq!(results, [Ok(2), refused, Ok(6)]);
}

#[test]
fn a_job_that_no_worker_has_is_refused_and_not_tried_again() {
    let mut scene = Scene::ready();
    let task = scene.call("triple").retry(taskloom::Retry::default()).run(1);
    assert_eq!(scene.manual.run(task), Err(TaskError::Failed(JobError::UnknownJob("triple".to_owned()))));
    assert!(scene.platform.worker(0).heard_all());
    let after = scene.double(1);
    scene.turn();
    scene.platform.worker(0).says(1, Entry::Done(2, 1.0));
    assert_eq!(scene.manual.run(after), Ok(2));
}

#[test]
fn a_frame_that_the_worker_could_not_read_fails_its_calls_and_no_others() {
    let mut scene = Scene::ready();
    let lost = scene.double(1);
    scene.turn();
    let worker = scene.platform.worker(0);
    worker.calls();
    worker.say(FromWorker::Unreadable(0)); // it has read `HELLO`
    scene.turn();
    assert!(matches!(scene.manual.run(lost), Err(TaskError::Failed(JobError::NotSerializable(_)))));
}

#[test]
fn a_frame_that_the_page_could_not_read_is_asked_for_again() {
    let scene = Scene::ready();
    let worker = scene.platform.worker(0);
    worker.tell(taskloom::rt::pool::Said::Unreadable);
    assert_eq!(worker.frame(), ToWorker::Unreadable(0));
}

#[test]
fn a_call_beyond_the_bound_on_the_line_is_refused() {
    let mut scene = Scene::bounded(PoolOptions::default(), 1);
    let (first, second) = (scene.double(1), scene.double(2));
    let mut third = scene.double(3);
    assert_eq!(third.take_result(), Some(Err(TaskError::QueueFull { limit: 1 })));
    scene.turn();
    let worker = scene.platform.worker(0);
    worker.ready();
    scene.turn();
    worker.says(0, Entry::Done(2, 1.0));
    scene.turn();
    worker.says(1, Entry::Done(4, 1.0));
    assert_eq!((scene.manual.run(first), scene.manual.run(second)), (Ok(2), Ok(4)));
}

#[test]
fn warming_completes_when_the_workers_are_ready() {
    let mut scene = Scene::new(PoolOptions { size: 2, ..PoolOptions::default() });
    let warm = scene.pool.warm(2);
    scene.turn();
    assert_eq!(scene.platform.made(), 2);
    scene.platform.worker(0).ready();
    scene.platform.worker(1).ready();
    assert_eq!(scene.manual.run(warm), Ok(()));
    assert!(scene.pool.workers().iter().all(|worker| worker.ready));
}

#[test]
fn an_idle_worker_ends_when_its_time_is_over_and_another_is_made_for_the_next_call() {
    let mut scene = Scene::new(PoolOptions { idle_timeout: Some(SECOND), ..PoolOptions::default() });
    let task = scene.double(1);
    scene.turn();
    scene.platform.worker(0).ready();
    scene.turn();
    scene.platform.worker(0).says(0, Entry::Done(2, 1.0));
    assert_eq!(scene.manual.run(task), Ok(2));
    scene.manual.advance(2 * SECOND);
    assert_eq!(scene.platform.living(), 0);
    let task = scene.double(2);
    scene.turn();
    assert_eq!((scene.platform.made(), task.state()), (2, TaskState::Pending));
}

#[test]
fn a_paused_pool_sends_nothing_until_it_is_resumed() {
    let mut scene = Scene::ready();
    scene.pool.pause();
    let task = scene.double(1);
    scene.turn();
    assert!(scene.platform.worker(0).heard_all());
    scene.pool.resume();
    scene.turn();
    assert_eq!(scene.platform.worker(0).calls().len(), 1);
    drop(task);
}

#[test]
fn options_out_of_range_are_named() {
    let scene = Scene::new(PoolOptions::default());
    let refused = |options| {
        let error = taskloom::rt::pool::WorkerPool::new(
            scene.manual.runtime(),
            scene.platform.clone(),
            options,
            u32::MAX,
        );
        error.unwrap_err().to_string()
    };
    assert!(refused(PoolOptions { size: 0, ..PoolOptions::default() }).starts_with("size is 0"));
    let size = MAX_WORKERS + 1;
    assert!(refused(PoolOptions { size, ..PoolOptions::default() }).starts_with("size is 1025"));
    let min_workers = 2;
    assert!(refused(PoolOptions { min_workers, ..PoolOptions::default() }).starts_with("min_workers is 2"));
}
