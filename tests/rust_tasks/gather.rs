//! Several tasks as one.

use std::{convert::Infallible, future, time::Duration};

use futures::StreamExt;
use taskloom::{
    Task, TaskError, as_completed, gather,
    rt::{CancelledBy, gather_all, race, sleep},
};

use crate::support::{Count, SECOND, manual};

fn after(
    runtime: &taskloom::Runtime,
    seconds: u64,
    result: Result<u64, &'static str>,
) -> Task<u64, (), &'static str> {
    runtime.task().spawn_fallible(async move |_| {
        sleep(Duration::from_secs(seconds)).await;
        result
    })
}

#[test]
fn gather_keeps_the_order_whoever_ends_first() {
    let (mut manual, runtime) = manual();
    let tasks = [3, 1, 2].map(|n| after(&runtime, n, Ok(n)));
    assert_eq!(manual.run(gather(tasks)), Ok(vec![3, 1, 2]));
}

#[test]
fn the_first_error_cancels_the_rest_at_once() {
    let (mut manual, runtime) = manual();
    let dropped = Count::default();
    let guard = dropped.on_drop();
    let endless = runtime.task().spawn_fallible(async move |_| {
        let _guard = guard;
        future::pending().await
    });
    let tasks = [endless, after(&runtime, 1, Err("first")), after(&runtime, 2, Err("second"))];
    assert_eq!(manual.run(gather(tasks)), Err(TaskError::Failed("first")));
    assert_eq!((dropped.get(), runtime.live(), runtime.now().as_micros()), (1, 0, 1_000_000));
}

#[test]
fn gather_all_returns_errors_in_their_places() {
    let (mut manual, runtime) = manual();
    let cancelled = after(&runtime, 1, Ok(0));
    cancelled.cancel();
    let tasks = [after(&runtime, 2, Err("no")), cancelled, after(&runtime, 1, Ok(5))];
    assert_eq!(
        manual.run(gather_all(tasks)),
        [Err(TaskError::Failed("no")), Err(TaskError::Cancelled(CancelledBy::Owner)), Ok(5)]
    );
}

#[test]
fn as_completed_gives_each_as_it_comes_failed_ones_included() {
    let (mut manual, runtime) = manual();
    let tasks = [after(&runtime, 3, Ok(3)), after(&runtime, 1, Err("no")), after(&runtime, 2, Ok(2))];
    let results = as_completed(tasks);
    assert_eq!(results.len(), 3);
    let results: Vec<_> = manual.run(results.collect());
    assert_eq!(results, [(1, Err(TaskError::Failed("no"))), (2, Ok(2)), (0, Ok(3))]);
}

#[test]
fn dropping_any_of_them_cancels_the_tasks() {
    let (mut manual, runtime) = manual();
    let spawn = || [after(&runtime, 9, Ok(1)), after(&runtime, 9, Ok(1))];
    let mut some = as_completed(spawn());
    let others = (gather(spawn()), gather_all(spawn()), race(spawn()));
    assert!(manual.run(runtime.timeout(SECOND, some.next())).is_err());
    assert_eq!(runtime.live(), 8);
    drop((some, others));
    assert_eq!(runtime.live(), 0);
}

#[test]
fn a_race_has_one_winner_and_the_rest_is_cancelled() {
    let (mut manual, runtime) = manual();
    let tasks = [after(&runtime, 3, Ok(3)), after(&runtime, 1, Err("no")), after(&runtime, 2, Ok(2))];
    assert_eq!(manual.run(race(tasks)), Some((1, Err(TaskError::Failed("no")))));
    assert_eq!(runtime.live(), 0);
}

#[test]
fn no_tasks_are_no_wait() {
    let (mut manual, _runtime) = manual();
    let none = Vec::<Task<(), (), Infallible>>::new;
    assert_eq!(manual.run(gather(none())), Ok(vec![]));
    assert_eq!(manual.run(gather_all(none())), []);
    assert_eq!(manual.run(race(none())), None);
    assert_eq!(manual.run(as_completed(none()).next()), None);
}

#[test]
fn the_rest_is_cancelled_though_the_future_is_kept() {
    let (mut manual, runtime) = manual();
    let spawn = || [after(&runtime, 9, Ok(1)), after(&runtime, 1, Err("no"))];
    let (mut all, mut first) = (gather(spawn()), race(spawn()));
    assert_eq!(manual.run(&mut all), Err(TaskError::Failed("no")));
    assert_eq!(manual.run(&mut first), Some((1, Err(TaskError::Failed("no")))));
    assert_eq!(runtime.live(), 0);
    drop((all, first));
}
