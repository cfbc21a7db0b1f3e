//! When the executor or the runtime goes, whoever waits is told.

use std::{cell::Cell, future, rc::Rc};

use futures::{
    FutureExt, StreamExt,
    executor::{LocalPool, LocalSpawner},
    task::{LocalFutureObj, LocalSpawn, SpawnError},
};
use taskloom::{
    Priority, RetryPolicy, Runtime, Task, TaskError,
    core::{
        base::{
            clock::{ManualClock, ManualWallClock},
            timer::ManualTimer,
        },
        tasks::engine::ManagerOptions,
    },
    rt::{CancelledBy, PendOnce, Ports, Retry},
};

use crate::support::{OnDrop, SECOND, manual};

fn is_lost<T, E>(task: Task<T, (), E>) -> bool {
    matches!(task.now_or_never(), Some(Err(TaskError::Cancelled(CancelledBy::Executor))))
}

#[test]
fn a_running_task_is_lost_with_its_executor() {
    let (mut manual, runtime) = manual();
    let task = runtime.spawn(async |_| future::pending::<()>().await);
    manual.run_until_stalled();
    drop(manual);
    assert!(is_lost(task));
    assert_eq!(runtime.live(), 0);
}

#[test]
fn a_task_that_has_not_started_is_lost_with_its_executor() {
    let (manual, runtime) = manual();
    let (ready, posted) =
        (runtime.spawn(async |_| ()), runtime.task().priority(Priority::Background).spawn(async |_| ()));
    drop(manual);
    assert!(is_lost(ready) && is_lost(posted));
    assert_eq!(runtime.live(), 0);
}

#[test]
fn a_task_that_comes_after_the_executor_s_end_is_lost_too() {
    let (manual, runtime) = manual();
    drop(manual);
    assert!(is_lost(runtime.spawn(async |_| ())));
    assert!(is_lost(runtime.task().priority(Priority::UserVisible).spawn(async |_| ())));
    assert_eq!(runtime.live(), 0);
}

#[test]
fn a_queue_moves_on_when_its_running_task_is_lost() {
    let (mut manual, runtime) = manual();
    let options = ManagerOptions { concurrency: 1, ..ManagerOptions::default() };
    let manager = runtime.manager(options).expect("in range");
    let tasks = [(); 3].map(|()| manager.spawn(async |_| future::pending::<()>().await));
    manual.run_until_stalled();
    drop(manual);
    assert!(tasks.into_iter().all(is_lost));
}

#[test]
fn a_task_between_two_attempts_is_dropped_with_its_runtime() {
    let (mut manual, runtime) = manual();
    let retry = Retry::new(RetryPolicy { base_delay: SECOND, ..RetryPolicy::default() }).expect("in range");
    let guard = crate::support::Count::default();
    let on_drop = guard.on_drop();
    let task = runtime.task().spawn_retry(retry, async move |_| {
        let _captured = &on_drop;
        Err::<(), _>(())
    });
    task.detach();
    manual.run_until_stalled();
    assert_eq!(guard.get(), 0);
    drop((manual, runtime));
    assert_eq!(guard.get(), 1);
}

#[test]
fn a_reader_of_progress_ends_when_the_runtime_goes() {
    let (mut manual, runtime) = manual();
    let retry = Retry::new(RetryPolicy { base_delay: SECOND, ..RetryPolicy::default() }).expect("in range");
    let task = runtime.task().progress::<u8>().spawn_retry(retry, async |_| Err::<(), _>(()));
    let mut stream = task.progress_stream();
    task.detach();
    manual.run_until_stalled();
    assert_eq!(stream.next().now_or_never(), None, "it will be tried again");
    drop((manual, runtime));
    assert_eq!(stream.next().now_or_never(), Some(None));
}

/// An executor that counts the futures that it holds.
struct Counting(LocalSpawner, Rc<Cell<i32>>);

impl LocalSpawn for Counting {
    fn spawn_local_obj(&self, future: LocalFutureObj<'static, ()>) -> Result<(), SpawnError> {
        let count = self.1.clone();
        count.set(count.get() + 1);
        let gone = OnDrop(move || count.set(count.get() - 1));
        let counted = async move {
            let _gone = gone;
            future.await;
        };
        self.0.spawn_local_obj(LocalFutureObj::new(Box::new(counted)))
    }
}

#[test]
fn the_executor_keeps_nothing_of_a_cancelled_task() {
    let (mut pool, clock, held) = (LocalPool::new(), ManualClock::default(), Rc::new(Cell::new(0)));
    let runtime = Runtime::new(Ports {
        clock: Box::new(clock.clone()),
        wall_clock: Box::new(ManualWallClock::default()),
        timer: Box::new(ManualTimer::new(clock)),
        spawner: Box::new(Counting(pool.spawner(), held.clone())),
        turn: Box::new(PendOnce),
        seed: 0,
    });
    let task = runtime.spawn(async |_| future::pending::<()>().await);
    pool.run_until_stalled();
    assert_eq!(held.get(), 1);
    task.cancel();
    pool.run_until_stalled();
    assert_eq!(held.get(), 0);
}
