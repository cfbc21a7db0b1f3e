//! Tasks on the runtime that a page has by itself.

use std::{cell::Cell, future, rc::Rc, time::Duration};

use futures::{FutureExt, StreamExt};
use taskloom::{
    Priority, RetryPolicy, Task, TaskError, TaskManager, TaskState,
    core::tasks::{engine::ManagerOptions, task::Timeout},
    gather,
    rt::{CancelledBy, Retry, sleep, timeout},
    spawn,
};
use wasm_bindgen_test::wasm_bindgen_test;

use super::support::{Stopwatch, flag_by_timer, platform_sleep};

const MS: Duration = Duration::from_millis(1);

#[wasm_bindgen_test]
async fn a_task_runs_in_the_background_and_gives_its_value() {
    let ran = Rc::new(Cell::new(false));
    let task = spawn({
        let ran = ran.clone();
        async move |_| {
            ran.set(true);
            42
        }
    });
    assert!(!ran.get() && task.state() == TaskState::Pending);
    assert_eq!(task.await, Ok(42));
    assert!(ran.get());
}

#[wasm_bindgen_test]
async fn a_task_awaits_what_the_platform_does() {
    let task = spawn(async |_| {
        let watch = Stopwatch::start();
        platform_sleep(20.0).await;
        watch.millis() >= 19.0
    });
    assert_eq!(task.await, Ok(true));
}

#[wasm_bindgen_test]
async fn a_cancelled_task_is_dropped_where_it_awaits() {
    let after = Rc::new(Cell::new(false));
    let task = spawn({
        let after = after.clone();
        async move |_| {
            platform_sleep(10.0).await;
            after.set(true);
        }
    });
    platform_sleep(0.0).await;
    assert!(task.cancel());
    assert_eq!(task.await, Err(TaskError::Cancelled(CancelledBy::Owner)));
    platform_sleep(30.0).await;
    assert!(!after.get());
}

#[wasm_bindgen_test]
async fn a_handle_that_is_dropped_cancels_and_a_detached_one_does_not() {
    let count = Rc::new(Cell::new(0));
    let add = |count: &Rc<Cell<i32>>| {
        let count = count.clone();
        spawn(async move |_| count.set(count.get() + 1))
    };
    drop(add(&count));
    add(&count).detach();
    platform_sleep(0.0).await;
    assert_eq!(count.get(), 1);
}

#[wasm_bindgen_test]
async fn a_timeout_comes_by_the_platform_s_timer_at_its_time() {
    let watch = Stopwatch::start();
    let task = Task::builder().timeout(30 * MS).spawn(async |_| future::pending::<()>().await);
    assert_eq!(task.await, Err(TaskError::TimedOut(Timeout::Total)));
    assert!((29.0..1000.0).contains(&watch.millis()), "{}", watch.millis());
}

#[wasm_bindgen_test]
async fn the_soonest_of_several_times_comes_first() {
    let order = Rc::new(Cell::new(String::new()));
    let tasks = [60, 20, 40].map(|millis| {
        let order = order.clone();
        spawn(async move |_| {
            sleep(millis * MS).await;
            order.set(order.take() + &format!("{millis} "));
        })
    });
    gather(tasks).await.expect("done");
    assert_eq!(order.take(), "20 40 60 ");
}

#[wasm_bindgen_test]
async fn a_timer_beyond_the_platform_s_range_does_not_fire_at_once() {
    let month = Duration::from_secs(30 * 86_400);
    let task = Task::builder().timeout(month).spawn(async |_| future::pending::<()>().await);
    platform_sleep(20.0).await;
    assert!(!task.is_done());
}

#[wasm_bindgen_test]
async fn a_future_that_is_no_task_is_bounded_too() {
    assert!(timeout(10 * MS, future::pending::<()>()).await.is_err());
    assert_eq!(timeout(1000 * MS, async { 1 }).await, Ok(1));
}

#[wasm_bindgen_test]
async fn a_retry_waits_as_long_as_its_policy_says() {
    let policy = RetryPolicy { base_delay: 20 * MS, max_attempts: 3, ..RetryPolicy::default() };
    let watch = Stopwatch::start();
    let task = Task::builder().spawn_retry(Retry::new(policy).expect("in range"), async |ctx| {
        if ctx.attempt() < 3 { Err("busy") } else { Ok(ctx.attempt()) }
    });
    assert_eq!(task.await, Ok(3));
    assert!(watch.millis() >= 59.0, "{}", watch.millis());
}

#[wasm_bindgen_test]
async fn progress_reaches_the_page_while_the_task_runs() {
    let task = Task::builder().progress::<u32>().spawn(async |ctx| {
        for i in 0..4 {
            ctx.progress(i);
            platform_sleep(5.0).await;
        }
    });
    let mut stream = task.progress_stream();
    assert_eq!(stream.next().await, Some(0));
    assert_eq!(task.state(), TaskState::Running);
    assert_eq!(stream.collect::<Vec<_>>().await, [1, 2, 3]);
    assert_eq!(task.now_or_never(), Some(Ok(())));
}

#[wasm_bindgen_test]
async fn gather_keeps_the_order_and_ends_the_rest_at_the_first_error() {
    let squares = (0..20).map(|i| spawn(async move |_| i * i));
    assert_eq!(gather(squares).await, Ok((0..20).map(|i| i * i).collect::<Vec<_>>()));
    let mixed = [50.0, 5.0].map(|millis| {
        Task::builder().spawn_fallible(async move |_| {
            platform_sleep(millis).await;
            Err::<(), _>(millis)
        })
    });
    assert_eq!(gather(mixed).await, Err(TaskError::Failed(5.0)));
}

#[wasm_bindgen_test]
async fn a_cancel_reaches_the_children() {
    let after = Rc::new(Cell::new(false));
    let task = spawn({
        let after = after.clone();
        async move |ctx| {
            let child = ctx.spawn(async move |_| {
                platform_sleep(10.0).await;
                after.set(true);
            });
            child.await
        }
    });
    platform_sleep(0.0).await;
    task.cancel();
    platform_sleep(30.0).await;
    assert!(!after.get());
}

#[wasm_bindgen_test]
async fn a_manager_bounds_what_runs_and_knows_when_it_is_idle() {
    let options = ManagerOptions { concurrency: 2, ..ManagerOptions::default() };
    let manager = TaskManager::new(options).expect("in range");
    for _ in 0..6 {
        manager.spawn(async |_| platform_sleep(2.0).await).detach();
    }
    assert_eq!((manager.running(), manager.waiting()), (2, 4));
    manager.on_idle().await;
    assert_eq!((manager.running(), manager.waiting()), (0, 0));
}

#[wasm_bindgen_test]
async fn a_task_with_a_priority_starts_in_a_later_turn() {
    for priority in Priority::ALL {
        let task = Task::builder().priority(priority).spawn(async |_| 1);
        futures::future::ready(()).await;
        assert_eq!(task.state(), TaskState::Pending);
        assert_eq!(task.await, Ok(1));
    }
}

#[wasm_bindgen_test]
async fn a_task_without_one_starts_before_any_timer() {
    let fired = flag_by_timer();
    let task = spawn(async move |_| fired.get());
    assert_eq!(task.await, Ok(false));
}
