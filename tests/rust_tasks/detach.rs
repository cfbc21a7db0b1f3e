//! A detached task goes on alone.

use taskloom::rt::sleep;

use crate::support::{Count, SECOND, manual};

#[test]
fn a_detached_task_runs_to_its_end() {
    let (mut manual, runtime) = manual();
    let (done, dropped) = (Count::default(), Count::default());
    runtime
        .spawn({
            let (done, dropped) = (done.clone(), dropped.clone());
            async move |_| {
                sleep(SECOND).await;
                done.add();
                dropped.on_drop()
            }
        })
        .detach();
    manual.advance(SECOND);
    assert_eq!((done.get(), runtime.live()), (1, 0));
    assert_eq!(dropped.get(), 1, "nobody will see its value, so it is not kept");
}

#[test]
fn a_detached_child_still_ends_with_its_parent() {
    let (mut manual, runtime) = manual();
    let done = Count::default();
    let parent = runtime.spawn({
        let done = done.clone();
        async move |ctx| {
            ctx.spawn(async move |_| {
                sleep(SECOND).await;
                done.add();
            })
            .detach();
        }
    });
    manual.advance(SECOND);
    assert_eq!((parent.is_done(), done.get(), runtime.live()), (true, 0, 0));
}
