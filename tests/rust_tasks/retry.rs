//! A failed attempt is made again as the policy and the caller's rules say.

use std::{cell::RefCell, future, rc::Rc, time::Duration};

use taskloom::{
    RetryPolicy, TaskError, TaskState,
    core::tasks::task::Timeout,
    rt::{Retry, sleep},
};

use crate::support::{Count, SECOND, manual};

fn retry<E>(policy: RetryPolicy) -> Retry<E> {
    Retry::new(policy).expect("in range")
}

#[test]
fn the_delays_are_those_of_the_policy() {
    let (mut manual, runtime) = manual();
    let policy = RetryPolicy { max_attempts: 4, base_delay: SECOND, ..RetryPolicy::default() };
    let starts = Rc::new(RefCell::new(Vec::new()));
    let task = runtime.task().spawn_retry(retry(policy), {
        let starts = starts.clone();
        async move |ctx| {
            starts.borrow_mut().push(ctx.runtime().now().as_micros() / 1_000_000);
            Err::<(), _>(ctx.attempt())
        }
    });
    assert_eq!(manual.run(task), Err(TaskError::Failed(4)), "the error of the last attempt");
    assert_eq!(*starts.borrow(), [0, 1, 3, 7]);
}

#[test]
fn the_function_keeps_its_state_from_attempt_to_attempt() {
    let (mut manual, runtime) = manual();
    let mut seen = Vec::new();
    let task = runtime.task().spawn_retry(Retry::default(), async move |ctx| {
        seen.push(ctx.attempt());
        if seen.len() < 3 { Err(()) } else { Ok(seen.clone()) }
    });
    assert_eq!(manual.run(task), Ok(vec![1, 2, 3]));
}

#[test]
fn an_error_that_is_not_worth_it_ends_the_task() {
    let (mut manual, runtime) = manual();
    let rules = Retry::default().retry_if(|error: &&str| *error != "fatal");
    let mut task = runtime
        .task()
        .spawn_retry(rules, async |ctx| Err::<(), _>(["busy", "fatal"][ctx.attempt() as usize - 1]));
    assert_eq!(manual.run(&mut task), Err(TaskError::Failed("fatal")));
    assert_eq!((task.attempt(), task.state()), (2, TaskState::Error));
}

#[test]
fn an_error_may_ask_for_its_own_delay() {
    let (mut manual, runtime) = manual();
    let policy = RetryPolicy { max_delay: SECOND, ..RetryPolicy::default() };
    let rules = retry(policy).delay_from(|seconds: &u64| Some(Duration::from_secs(*seconds)));
    let task = runtime.task().spawn_retry(rules, async |ctx| {
        if ctx.attempt() == 1 { Err(90) } else { Ok(ctx.runtime().now().as_micros()) }
    });
    assert_eq!(manual.run(task), Ok(90_000_000));
}

#[test]
fn an_attempt_that_takes_too_long_is_dropped_and_made_again() {
    let (mut manual, runtime) = manual();
    let dropped = Count::default();
    let policy = RetryPolicy { attempt_timeout: Some(SECOND), max_attempts: 2, ..RetryPolicy::default() };
    let mut calls = 0;
    let task = runtime.task().spawn_retry(retry(policy), {
        let dropped = dropped.clone();
        async move |_| {
            calls += 1; // borrowed by the attempt that is dropped
            let _guard = dropped.on_drop();
            if calls == 1 {
                future::pending::<()>().await;
            }
            Ok::<_, ()>(calls)
        }
    });
    assert_eq!(manual.run(task), Ok(2));
    assert_eq!(dropped.get(), 2);
}

#[test]
fn the_last_attempt_that_takes_too_long_ends_the_task() {
    let (mut manual, runtime) = manual();
    let policy = RetryPolicy { attempt_timeout: Some(SECOND), max_attempts: 2, ..RetryPolicy::default() };
    let mut task =
        runtime.task().spawn_retry(retry(policy), async |_| future::pending::<Result<(), ()>>().await);
    assert_eq!(manual.run(&mut task), Err(TaskError::TimedOut(Timeout::Attempt)));
    assert_eq!((task.attempt(), runtime.live()), (2, 0));
}

#[test]
fn the_timeout_of_the_task_bounds_all_attempts_and_waits() {
    let (mut manual, runtime) = manual();
    let policy = RetryPolicy { base_delay: 4 * SECOND, max_attempts: 100, ..RetryPolicy::default() };
    let builder = runtime.task().timeout(10 * SECOND);
    let task = builder.spawn_retry(retry(policy), async |_| {
        sleep(SECOND).await;
        Err::<(), _>("no")
    });
    assert_eq!(manual.run(task), Err(TaskError::TimedOut(Timeout::Total)));
    assert_eq!(runtime.now().as_micros(), 10_000_000);
}

#[test]
fn children_of_a_failed_attempt_do_not_reach_the_next() {
    let (mut manual, runtime) = manual();
    let (policy, done) = (RetryPolicy { base_delay: SECOND, ..RetryPolicy::default() }, Count::default());
    let task = runtime.task().spawn_retry(retry(policy), {
        let done = done.clone();
        async move |ctx| {
            let done = done.clone();
            let child = ctx.spawn(async move |_| {
                sleep(SECOND / 2).await;
                done.add();
            });
            if ctx.attempt() == 1 {
                child.detach();
                return Err("first");
            }
            Ok(child.await.is_ok())
        }
    });
    assert_eq!(manual.run(task), Ok(true));
    assert_eq!(done.get(), 1);
}

#[test]
fn a_policy_out_of_range_is_refused_with_the_field() {
    let policy = RetryPolicy { jitter: 2.0, ..RetryPolicy::default() };
    let error = Retry::<()>::new(policy).unwrap_err();
    assert_eq!((error.code(), &error.to_string()[..6]), ("invalid-argument", "jitter"));
}

#[test]
fn an_attempt_that_would_begin_too_late_does_not() {
    let (mut manual, runtime) = manual();
    let calls = Count::default();
    let builder = runtime.task().timeout(2 * SECOND);
    let task = builder.spawn_retry(retry(RetryPolicy { base_delay: SECOND, ..RetryPolicy::default() }), {
        let calls = calls.clone();
        async move |_| {
            calls.add();
            Err::<(), _>(())
        }
    });
    manual.run_until_stalled();
    manual.clock().advance(3 * SECOND); // a page that was frozen: both times have passed when the timer rings
    manual.advance(Duration::ZERO);
    assert_eq!((task.state(), calls.get(), runtime.live()), (TaskState::Error, 1, 0));
}
