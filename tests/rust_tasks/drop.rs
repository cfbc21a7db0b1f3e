//! Who drops the handle cancels the task.

use std::future;

use crate::support::{Count, SECOND, manual};

#[test]
fn dropping_the_handle_drops_the_function() {
    let (mut manual, runtime) = manual();
    let dropped = Count::default();
    let guard = dropped.on_drop();
    let task = runtime.spawn(async move |_| {
        let _guard = guard;
        future::pending::<()>().await;
    });
    manual.run_until_stalled();
    assert_eq!(dropped.get(), 0);
    drop(task);
    assert_eq!((dropped.get(), runtime.live()), (1, 0));
}

#[test]
fn a_task_whose_handle_is_not_kept_never_runs() {
    let (mut manual, runtime) = manual();
    let ran = Count::default();
    drop(runtime.spawn({
        let ran = ran.clone();
        async move |_| ran.add()
    }));
    manual.run_until_stalled();
    assert_eq!((ran.get(), runtime.live()), (0, 0));
}

#[test]
fn a_task_that_owns_another_takes_it_along() {
    let (mut manual, runtime) = manual();
    let dropped = Count::default();
    let guard = dropped.on_drop();
    let inner = runtime.spawn(async move |_| {
        let _guard = guard;
        future::pending::<()>().await;
    });
    let outer = runtime.spawn(async move |_| inner.await);
    manual.run_until_stalled();
    drop(outer);
    assert_eq!((dropped.get(), runtime.live()), (1, 0));
}

#[test]
fn a_result_that_nobody_took_goes_with_the_handle() {
    let (mut manual, runtime) = manual();
    let dropped = Count::default();
    let task = runtime.spawn({
        let dropped = dropped.clone();
        async move |_| dropped.on_drop()
    });
    manual.advance(SECOND);
    assert_eq!(dropped.get(), 0);
    drop(task);
    assert_eq!(dropped.get(), 1);
}
