//! The caller's code may call back from wherever it is run: the drop of a function or a value, a clone, a rule.

use std::{cell::RefCell, future, rc::Rc};

use taskloom::{
    RetryPolicy, Runtime, Task,
    core::tasks::engine::ManagerOptions,
    rt::{Retry, sleep},
};

use crate::support::{Count, OnDrop, SECOND, manual};

#[test]
fn a_function_s_drop_may_spawn_and_cancel() {
    let (mut manual, runtime) = manual();
    let spawned = Count::default();
    let other = Rc::new(RefCell::new(Some(runtime.spawn(async |_| future::pending::<()>().await))));
    let on_drop = {
        let (spawned, other) = (spawned.clone(), other.clone());
        OnDrop(move || {
            drop(other.take());
            let spawned = spawned.clone();
            taskloom::spawn(async move |_| spawned.add()).detach();
        })
    };
    let task = runtime.spawn(async move |_| {
        let _on_drop = on_drop;
        future::pending::<()>().await;
    });
    manual.run_until_stalled();
    drop(task);
    manual.run_until_stalled();
    assert_eq!((spawned.get(), runtime.live()), (1, 0));
}

#[test]
fn siblings_may_cancel_each_other_while_they_are_cancelled() {
    let (mut manual, runtime) = manual();
    let handles = Rc::new(RefCell::new(Vec::<Task<()>>::new()));
    let parent = runtime.spawn({
        let handles = handles.clone();
        async move |ctx| {
            for _ in 0..5 {
                let on_drop = OnDrop({
                    let handles = handles.clone();
                    move || drop(handles.take())
                });
                let child = ctx.spawn(async move |_| {
                    let _on_drop = on_drop;
                    future::pending::<()>().await;
                });
                handles.borrow_mut().push(child);
            }
            future::pending::<()>().await;
        }
    });
    manual.run_until_stalled();
    assert_eq!(runtime.live(), 6);
    parent.cancel();
    assert_eq!(runtime.live(), 0);
}

#[test]
fn a_timeout_s_drop_may_end_the_task_that_would_be_tried_again() {
    let (mut manual, runtime) = manual();
    let own = Rc::new(RefCell::new(None::<Task<(), (), ()>>));
    let policy = RetryPolicy { attempt_timeout: Some(SECOND), ..RetryPolicy::default() };
    let task = runtime.task().spawn_retry(Retry::new(policy).expect("in range"), {
        let own = own.clone();
        async move |_| {
            let _on_drop = OnDrop(|| drop(own.take()));
            future::pending().await
        }
    });
    own.replace(Some(task));
    manual.advance(2 * SECOND);
    assert_eq!(runtime.live(), 0);
}

#[test]
fn a_timer_that_rings_while_the_attempt_runs_stops_it_at_its_await() {
    let (mut manual, runtime) = manual();
    let clock = manual.clock().clone();
    let policy = RetryPolicy { attempt_timeout: Some(SECOND), max_attempts: 2, ..RetryPolicy::default() };
    let task = runtime.task().spawn_retry(Retry::new(policy).expect("in range"), async move |ctx| {
        if ctx.attempt() == 1 {
            clock.advance(5 * SECOND); // it blocks, and the deadline passes
            sleep(SECOND).await;
        }
        Ok::<_, ()>(ctx.attempt())
    });
    assert_eq!(manual.run(task), Ok(2));
}

#[test]
fn a_value_of_progress_may_call_back_when_it_is_cloned_or_dropped() {
    struct Nosy(Rc<RefCell<Option<Task<(), Nosy>>>>, Count);
    impl Nosy {
        fn look(&self) {
            self.1.add();
            if let Ok(task) = self.0.try_borrow() {
                let _ = task.as_ref().map(Task::dropped_progress);
            }
        }
    }
    impl Clone for Nosy {
        fn clone(&self) -> Self {
            self.look();
            Self(self.0.clone(), self.1.clone())
        }
    }
    impl Drop for Nosy {
        fn drop(&mut self) {
            self.look();
        }
    }
    let (mut manual, runtime) = manual();
    let (own, looks) = (Rc::new(RefCell::new(None)), Count::default());
    let task = runtime.task().progress::<Nosy>().progress_buffer(2).spawn({
        let (own, looks) = (own.clone(), looks.clone());
        async move |ctx| (0..5).for_each(|_| ctx.progress(Nosy(own.clone(), looks.clone())))
    });
    own.replace(Some(task));
    manual.run_until_stalled();
    let task = own.borrow();
    let drained = task.as_ref().map(Task::drain_progress).unwrap_or_default();
    assert_eq!((drained.len(), looks.get()), (2, 5), "three dropped, two cloned");
    drop((drained, task));
    own.take();
}

#[test]
fn a_rule_of_a_retry_may_cancel_its_own_task() {
    let (mut manual, runtime) = manual();
    let own = Rc::new(RefCell::new(None::<Task<(), (), ()>>));
    let retry = Retry::default().retry_if({
        let own = own.clone();
        move |(): &()| {
            drop(own.take());
            true
        }
    });
    let task = runtime.task().spawn_retry(retry, async |_| Err(()));
    own.replace(Some(task));
    manual.run_until_stalled();
    assert_eq!(runtime.live(), 0);
}

#[test]
fn a_manager_may_go_in_the_drop_of_its_own_task() {
    let (mut manual, runtime): (_, Runtime) = manual();
    let manager = Rc::new(RefCell::new(runtime.manager(ManagerOptions::default()).ok()));
    let on_drop = OnDrop({
        let manager = manager.clone();
        move || drop(manager.take())
    });
    let task = manager.borrow().as_ref().map(|manager| {
        manager.spawn(async move |_| {
            let _on_drop = on_drop;
            future::pending::<()>().await;
        })
    });
    manual.run_until_stalled();
    drop(task);
    assert!(manager.borrow().is_none());
    assert_eq!(runtime.live(), 0);
}
