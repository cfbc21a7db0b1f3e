//! A child does not outlive the attempt that spawned it.

use std::{cell::RefCell, future, rc::Rc};

use taskloom::{
    Context, Task, TaskError,
    core::tasks::engine::ManagerOptions,
    rt::{CancelledBy, Retry, sleep},
};

use crate::support::{Count, SECOND, manual};

/// Spawns a child that never ends, and it one of its own, and so on.
fn descend(ctx: &Context, depth: u32, dropped: &Count) {
    let (guard, dropped) = (dropped.on_drop(), dropped.clone());
    let child = ctx.spawn(async move |ctx| {
        let _guard = guard;
        if depth > 1 {
            descend(&ctx, depth - 1, &dropped);
        }
        future::pending::<()>().await;
    });
    child.detach();
}

#[test]
fn a_cancel_reaches_all_descendants() {
    let (mut manual, runtime) = manual();
    let dropped = Count::default();
    let task = runtime.spawn({
        let dropped = dropped.clone();
        async move |ctx| {
            descend(&ctx, 4, &dropped);
            descend(&ctx, 3, &dropped);
            future::pending::<()>().await;
        }
    });
    manual.run_until_stalled();
    assert_eq!(runtime.live(), 8);
    task.cancel();
    assert_eq!((dropped.get(), runtime.live()), (7, 0));
}

#[test]
fn a_child_says_why_it_was_cancelled() {
    let (mut manual, runtime) = manual();
    let kept = Rc::new(RefCell::new(Vec::<Task<()>>::new()));
    let spawn_child = |fails: bool| {
        let kept = kept.clone();
        runtime.task().spawn_fallible(async move |ctx| {
            kept.borrow_mut().push(ctx.spawn(async |_| future::pending().await));
            if fails { Err(()) } else { Ok(()) }
        })
    };
    assert_eq!(manual.run(spawn_child(false)), Ok(()));
    assert_eq!(manual.run(spawn_child(true)), Err(TaskError::Failed(())));
    let reasons: Vec<_> = kept.take().into_iter().map(|task| manual.run(task)).collect();
    let by = |by| Err(TaskError::Cancelled(by));
    assert_eq!(reasons, [by(CancelledBy::ParentDone), by(CancelledBy::ParentStopped)]);
}

#[test]
fn a_child_runs_in_the_place_of_its_parent() {
    let (mut manual, runtime) = manual();
    let options = ManagerOptions { concurrency: 1, ..ManagerOptions::default() };
    let manager = runtime.manager(options).expect("in range");
    let task = manager.spawn(async |ctx| ctx.spawn(async |_| 1).await);
    assert_eq!(manual.run(task), Ok(Ok(1)), "else it would wait for its own parent");
}

#[test]
fn a_child_has_options_of_its_own() {
    let (mut manual, runtime) = manual();
    let task = runtime.spawn(async |ctx| {
        let child = ctx.task().name("child").progress::<u8>().spawn_retry(Retry::default(), async |ctx| {
            ctx.progress(7);
            if ctx.attempt() < 2 { Err(()) } else { Ok(ctx.name().to_owned()) }
        });
        sleep(SECOND).await;
        (child.drain_progress(), child.await)
    });
    assert_eq!(manual.run(task), Ok((vec![7, 7], Ok("child".to_owned()))));
}
