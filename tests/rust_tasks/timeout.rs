//! No task takes longer than it may.

use std::{future, time::Duration};

use taskloom::{
    TaskError, TaskState,
    core::{
        base::clock::Instant,
        tasks::{engine::ManagerOptions, task::Timeout},
    },
    rt::{CancelledBy, sleep},
};

use crate::support::{Count, SECOND, manual};

#[test]
fn a_task_is_dropped_when_its_time_is_over() {
    let (mut manual, runtime) = manual();
    let dropped = Count::default();
    let guard = dropped.on_drop();
    let mut task = runtime.task().timeout(SECOND).spawn(async move |_| {
        let _guard = guard;
        future::pending::<()>().await;
    });
    manual.advance(Duration::from_millis(999));
    assert_eq!((dropped.get(), task.state()), (0, TaskState::Running));
    manual.advance(Duration::from_millis(1));
    assert_eq!((dropped.get(), task.state(), runtime.live()), (1, TaskState::Error, 0));
    let error = task.take_result().expect("settled").unwrap_err();
    assert_eq!((error, error.code()), (TaskError::TimedOut(Timeout::Total), "timeout"));
}

#[test]
fn a_task_in_time_is_not_disturbed() {
    let (mut manual, runtime) = manual();
    let task = runtime.task().timeout(2 * SECOND).spawn(async |_| sleep(SECOND).await);
    assert_eq!(manual.run(task), Ok(()));
    assert_eq!(runtime.now().as_micros(), 1_000_000);
}

#[test]
fn a_task_that_waits_too_long_for_its_start_never_runs() {
    let (mut manual, runtime) = manual();
    let options = ManagerOptions { concurrency: 1, ..ManagerOptions::default() };
    let manager = runtime.manager(options).expect("in range");
    let long = manager.spawn(async |_| sleep(10 * SECOND).await);
    let ran = Count::default();
    let task = manager.task().queue_timeout(SECOND).spawn({
        let ran = ran.clone();
        async move |_| ran.add()
    });
    assert_eq!(manual.run(task), Err(TaskError::TimedOut(Timeout::Queue)));
    assert_eq!(manual.run(long), Ok(()));
    assert_eq!(ran.get(), 0);
}

#[test]
fn a_timeout_reaches_the_children() {
    let (mut manual, runtime) = manual();
    let dropped = Count::default();
    let guard = dropped.on_drop();
    let task = runtime.task().timeout(SECOND).spawn(async move |ctx| {
        let child = ctx.spawn(async move |_| {
            let _guard = guard;
            future::pending::<()>().await;
        });
        assert_eq!(child.await, Err(TaskError::Cancelled(CancelledBy::ParentStopped)), "never seen");
    });
    assert_eq!(manual.run(task), Err(TaskError::TimedOut(Timeout::Total)));
    assert_eq!(dropped.get(), 1);
}

#[test]
fn a_function_can_ask_for_its_deadline_and_that_of_its_ancestors() {
    let (mut manual, runtime) = manual();
    let task = runtime.task().timeout(3 * SECOND).spawn(async |ctx| {
        sleep(SECOND).await;
        let child = ctx.task().timeout(10 * SECOND).spawn(async |ctx| ctx.remaining());
        (ctx.deadline().map(Instant::as_micros), child.await)
    });
    assert_eq!(manual.run(task), Ok((Some(3_000_000), Ok(Some(2 * SECOND)))));
    let unbounded = runtime.spawn(async |ctx| ctx.deadline());
    assert_eq!(manual.run(unbounded), Ok(None));
}

#[test]
fn a_timeout_beyond_the_platform_s_longest_timer_comes_at_its_time() {
    let (mut manual, runtime) = manual();
    let month = Duration::from_secs(30 * 86_400);
    let task = runtime.task().timeout(month).spawn(async |_| future::pending::<()>().await);
    assert_eq!(manual.run(task), Err(TaskError::TimedOut(Timeout::Total)));
    assert_eq!(runtime.now().as_micros(), 30 * 86_400_000_000);
}

#[test]
fn a_future_that_has_run_out_of_time_is_dropped() {
    let (mut manual, runtime) = manual();
    let dropped = Count::default();
    let guard = dropped.on_drop();
    let task = runtime.spawn(async move |_| {
        let _guard = guard;
        future::pending::<()>().await;
    });
    let result = manual.run(runtime.timeout(SECOND, task));
    assert_eq!(result, Err(TaskError::TimedOut(Timeout::Total)));
    assert_eq!(dropped.get(), 1);
}
