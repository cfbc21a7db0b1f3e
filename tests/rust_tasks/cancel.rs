//! A cancelled task stops where it awaits, at once, and only once.

use std::{cell::RefCell, future, rc::Rc};

use taskloom::{
    Task, TaskError, TaskState,
    rt::{CancelledBy, sleep},
};

use crate::support::{Count, SECOND, manual};

const CANCELLED: TaskError = TaskError::Cancelled(CancelledBy::Owner);

#[test]
fn a_cancel_right_after_spawn_means_that_the_function_never_runs() {
    let (mut manual, runtime) = manual();
    let (ran, dropped) = (Count::default(), Count::default());
    let task = runtime.spawn({
        let (ran, guard) = (ran.clone(), dropped.on_drop());
        async move |_| {
            let _guard = guard;
            ran.add();
        }
    });
    assert!(task.cancel());
    assert_eq!((task.state(), dropped.get(), runtime.live()), (TaskState::Cancelled, 1, 0));
    assert_eq!(manual.run(task), Err(CANCELLED));
    assert_eq!(ran.get(), 0);
}

#[test]
fn a_cancel_drops_the_function_before_it_returns() {
    let (mut manual, runtime) = manual();
    let dropped = Count::default();
    let guard = dropped.on_drop();
    let task = runtime.spawn(async move |_| {
        let _guard = guard;
        future::pending::<()>().await;
    });
    manual.run_until_stalled();
    assert!(task.cancel());
    assert_eq!((dropped.get(), runtime.live()), (1, 0));
    assert!(!task.cancel(), "the second does nothing");
    assert_eq!(manual.run(task), Err(CANCELLED));
}

#[test]
fn a_cancel_after_the_end_does_nothing() {
    let (mut manual, runtime) = manual();
    let mut task = runtime.spawn(async |_| 1);
    manual.run_until_stalled();
    assert!(!task.cancel());
    assert_eq!((task.state(), task.take_result()), (TaskState::Done, Some(Ok(1))));
}

#[test]
fn a_cancel_ends_the_wait_between_two_attempts() {
    let (mut manual, runtime) = manual();
    let policy = taskloom::RetryPolicy { base_delay: SECOND, ..Default::default() };
    let retry = taskloom::rt::Retry::new(policy).expect("in range");
    let task = runtime.task().spawn_retry(retry, async |_| Err::<(), _>("no"));
    manual.run_until_stalled();
    assert_eq!(task.state(), TaskState::Running);
    assert!(task.cancel());
    assert_eq!(runtime.live(), 0);
    assert_eq!(manual.run(task), Err(TaskError::Cancelled(CancelledBy::Owner)));
}

#[test]
fn a_task_that_cancels_itself_stops_at_its_next_await() {
    let (mut manual, runtime) = manual();
    let own = Rc::new(RefCell::new(None::<Task<()>>));
    let (before, after) = (Count::default(), Count::default());
    let task = runtime.spawn({
        let (own, before, after) = (own.clone(), before.clone(), after.clone());
        async move |ctx| {
            let task = own.borrow_mut().take().expect("set below");
            assert!(task.cancel());
            assert!(ctx.is_cancelled());
            before.add();
            ctx.checkpoint().await;
            after.add();
        }
    });
    own.replace(Some(task));
    manual.run_until_stalled();
    assert_eq!((before.get(), after.get(), runtime.live()), (1, 0, 0));
}

#[test]
fn a_value_that_comes_too_late_is_dropped() {
    let (mut manual, runtime) = manual();
    let own = Rc::new(RefCell::new(None));
    let dropped = Count::default();
    let task = runtime.spawn({
        let (own, dropped) = (own.clone(), dropped.clone());
        async move |_| {
            own.borrow_mut().take().map(|task: Task<_>| task.cancel());
            dropped.on_drop()
        }
    });
    own.replace(Some(task));
    manual.run_until_stalled();
    assert_eq!((dropped.get(), runtime.live()), (1, 0));
}

#[test]
fn whoever_waits_is_woken_by_a_cancel_from_elsewhere() {
    let (mut manual, runtime) = manual();
    let manager =
        runtime.manager(taskloom::core::tasks::engine::ManagerOptions::default()).expect("in range");
    let task = manager.spawn(async |_| future::pending::<()>().await);
    let result = manual.run(async {
        let canceller = taskloom::spawn(async move |_| {
            sleep(SECOND).await;
            manager.cancel_all()
        });
        (task.await, canceller.await)
    });
    assert_eq!(result, (Err(CANCELLED), Ok(1)));
}
