//! A manager bounds what runs and what waits.

use std::{cell::Cell, future, rc::Rc};

use futures::FutureExt;
use taskloom::{Priority, TaskError, TaskState, core::tasks::engine::ManagerOptions, gather, rt::sleep};

use crate::support::{Count, SECOND, manual};

fn options(concurrency: u32) -> ManagerOptions {
    ManagerOptions { concurrency, ..ManagerOptions::default() }
}

#[test]
fn no_more_run_than_allowed_and_all_get_their_turn() {
    let (mut manual, runtime) = manual();
    let manager = runtime.manager(options(3)).expect("in range");
    let (running, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let tasks: Vec<_> = (0..10)
        .map(|i| {
            let (running, most) = (running.clone(), most.clone());
            manager.spawn(async move |_| {
                running.set(running.get() + 1);
                most.set(most.get().max(running.get()));
                sleep(SECOND).await;
                running.set(running.get() - 1);
                i
            })
        })
        .collect();
    assert_eq!((manager.running(), manager.waiting()), (3, 7));
    assert_eq!(manual.run(gather(tasks)), Ok((0..10).collect()));
    assert_eq!((most.get(), runtime.now().as_micros()), (3, 4_000_000));
}

#[test]
fn a_full_queue_refuses() {
    let (mut manual, runtime) = manual();
    let manager = runtime.manager(ManagerOptions { max_queue: 1, ..options(1) }).expect("in range");
    let tasks: Vec<_> = (0..3).map(|_| manager.spawn(async |_| ())).collect();
    assert_eq!(tasks[2].state(), TaskState::Error);
    let results = manual.run(taskloom::rt::gather_all(tasks));
    assert_eq!(results, [Ok(()), Ok(()), Err(TaskError::QueueFull { limit: 1 })]);
    assert_eq!(results[2].unwrap_err().code(), "queue-full");
}

#[test]
fn a_paused_manager_starts_nothing_until_it_is_resumed() {
    let (mut manual, runtime) = manual();
    let manager = runtime.manager(options(1)).expect("in range");
    manager.pause();
    let task = manager.spawn(async |_| 1);
    manual.advance(SECOND);
    assert_eq!((task.state(), manager.waiting(), manager.is_paused()), (TaskState::Pending, 1, true));
    manager.resume();
    assert_eq!(manual.run(task), Ok(1));
}

#[test]
fn a_paused_manager_that_is_dropped_lets_its_tasks_go_on() {
    let (mut manual, runtime) = manual();
    let manager = runtime.manager(options(1)).expect("in range");
    manager.pause();
    let task = manager.spawn(async |_| 1);
    drop(manager);
    assert_eq!(manual.run(task), Ok(1));
}

#[test]
fn the_urgent_go_first() {
    let (mut manual, runtime) = manual();
    let manager = runtime.manager(options(1)).expect("in range");
    let order = Rc::new(Cell::new(String::new()));
    let first = manager.spawn(async |_| sleep(SECOND).await);
    let tasks = [("c", Priority::Background), ("b", Priority::UserVisible), ("a", Priority::UserBlocking)]
        .map(|(name, priority)| {
            let order = order.clone();
            manager.task().priority(priority).spawn(async move |_| order.set(order.take() + name))
        });
    manual.run(async {
        first.await.expect("done");
        gather(tasks).await.expect("done");
    });
    assert_eq!(order.take(), "abc");
}

#[test]
fn a_cancelled_task_gives_its_place_to_the_next() {
    let (mut manual, runtime) = manual();
    let manager = runtime.manager(options(1)).expect("in range");
    let stuck = manager.spawn(async |_| future::pending::<()>().await);
    let next = manager.spawn(async |_| 1);
    manual.run_until_stalled();
    drop(stuck);
    assert_eq!(manual.run(next), Ok(1));
}

#[test]
fn cancel_all_ends_what_runs_and_what_waits() {
    let (mut manual, runtime) = manual();
    let manager = runtime.manager(options(2)).expect("in range");
    let dropped = Count::default();
    let tasks: Vec<_> = (0..5)
        .map(|_| {
            let guard = dropped.on_drop();
            manager.spawn(async move |_| {
                let _guard = guard;
                future::pending::<()>().await;
            })
        })
        .collect();
    let other = runtime.spawn(async |_| future::pending::<()>().await);
    manual.run_until_stalled();
    assert_eq!(manager.cancel_all(), 5);
    assert_eq!((dropped.get(), manager.running(), manager.waiting()), (5, 0, 0));
    assert!(tasks.iter().all(|task| task.state() == TaskState::Cancelled) && !other.is_done());
}

#[test]
fn on_idle_waits_for_all_that_runs_and_waits() {
    let (mut manual, runtime) = manual();
    let manager = runtime.manager(options(1)).expect("in range");
    assert_eq!(manager.on_idle().now_or_never(), Some(()), "it is idle from the start");
    for _ in 0..3 {
        manager.spawn(async |_| sleep(SECOND).await).detach();
    }
    let both = futures::future::join(manager.on_idle(), manager.on_idle());
    manual.run(both);
    assert_eq!(runtime.now().as_micros(), 3_000_000);
}

#[test]
fn on_idle_is_not_missed_if_more_was_submitted_meanwhile() {
    let (mut manual, runtime) = manual();
    let manager = runtime.manager(options(1)).expect("in range");
    manager.spawn(async |_| ()).detach();
    let idle = manager.on_idle();
    manual.run_until_stalled();
    let next = manager.spawn(async |_| future::pending::<()>().await);
    assert_eq!(idle.now_or_never(), Some(()));
    drop(next);
}

#[test]
fn more_places_are_filled_at_once() {
    let (mut manual, runtime) = manual();
    let manager = runtime.manager(options(1)).expect("in range");
    let tasks: Vec<_> = (0..3).map(|_| manager.spawn(async |_| sleep(SECOND).await)).collect();
    manager.set_concurrency(3).expect("in range");
    assert_eq!(manager.running(), 3);
    assert_eq!(manager.set_concurrency(0).unwrap_err().code(), "invalid-argument");
    assert!(manual.run(gather(tasks)).is_ok());
}

#[test]
fn a_burst_of_cancelled_tasks_leaves_nothing_behind() {
    let (mut manual, runtime) = manual();
    let manager = runtime.manager(options(1)).expect("in range");
    let tasks: Vec<_> = (0..1000).map(|_| manager.spawn(async |_| ())).collect();
    drop(tasks);
    assert_eq!((manager.waiting(), manager.running(), runtime.live()), (0, 0, 0));
    let after = manager.spawn(async |_| 1);
    assert_eq!(manual.run(after), Ok(1));
}

#[test]
fn a_manager_is_forgotten_with_the_last_of_its_tasks() {
    let (mut manual, runtime) = manual();
    let known = || {
        let debug = format!("{runtime:?}");
        debug.split("managers: ").nth(1).and_then(|rest| rest.chars().next())
    };
    let manager = runtime.manager(options(1)).expect("in range");
    let task = manager.spawn(async |_| sleep(SECOND).await);
    drop(manager);
    assert_eq!(known(), Some('2'), "the default one, and this one");
    assert_eq!(manual.run(task), Ok(()));
    assert_eq!(known(), Some('1'));
}
