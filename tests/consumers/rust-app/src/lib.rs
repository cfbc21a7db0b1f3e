//! What an app does with taskloom; each function is called by tests/e2e/rust-app.test.mjs.

use std::{future, time::Duration};

use js_sys::Promise;
use taskloom::{
    RetryPolicy, Task, TaskError, TaskManager, Trigger,
    core::tasks::engine::ManagerOptions,
    rt::{sleep, timeout},
    platform::zone::PlatformZone,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

#[wasm_bindgen]
pub fn answer() -> Promise {
    taskloom::spawn(async |_| 42).into_promise()
}

/// The end of a task that panics, in a manager of one place, and of the one that waits behind it.
#[wasm_bindgen]
pub fn panics() -> Promise {
    let options = ManagerOptions { concurrency: 1, ..ManagerOptions::default() };
    let manager = TaskManager::new(options).expect("in range");
    let panicking: Task<()> = manager.spawn(async |ctx: taskloom::Context| {
        ctx.checkpoint().await;
        panic!("as the test asks");
    });
    let next = manager.spawn(async |_| 7);
    future_to_promise(async move {
        let outcome = panicking.await.map_err(|error: TaskError| error.code().to_owned());
        Ok(format!("{outcome:?} {:?} {}", next.await, manager.running()).into())
    })
}

/// The same, where the task was cancelled by itself before.
#[wasm_bindgen(js_name = panicsAfterItsEnd)]
pub fn panics_after_its_end() -> Promise {
    let options = ManagerOptions { concurrency: 1, ..ManagerOptions::default() };
    let manager = std::rc::Rc::new(TaskManager::new(options).expect("in range"));
    let own = manager.clone();
    let panicking: Task<()> = manager.spawn(async move |_| {
        own.cancel_all();
        panic!("as the test asks");
    });
    future_to_promise(async move {
        let outcome = panicking.await.map_err(|error: TaskError| error.code().to_owned());
        manager.on_idle().await;
        Ok(format!("{outcome:?} {:?}", manager.spawn(async |_| 7).await).into())
    })
}

/// Every panic of a task, and what a retry makes of it: nothing.
#[wasm_bindgen(js_name = panicsOften)]
pub fn panics_often(times: u32) -> Promise {
    future_to_promise(async move {
        let mut codes = std::collections::BTreeMap::new();
        for time in 0..times {
            let child = time % 2 == 0;
            let task: Task<()> = taskloom::spawn(async move |ctx: taskloom::Context| {
                if child {
                    let _ = ctx.spawn(async |_| panic!("in a child")).await;
                    sleep(Duration::from_millis(1)).await;
                }
                panic!("as the test asks")
            });
            let code = task.await.map_err(|error: TaskError| error.code()).unwrap_err();
            *codes.entry(code).or_insert(0) += 1;
        }
        Ok(format!("{codes:?}").into())
    })
}

/// Ends that no panic hook hears of.
#[wasm_bindgen]
pub fn traps(overflows: bool) -> Promise {
    let options = ManagerOptions { concurrency: 1, ..ManagerOptions::default() };
    let manager = TaskManager::new(options).expect("in range");
    let trapping: Task<u32> = manager.spawn(async move |_| {
        if overflows { deep(1) } else { wasm_bindgen::throw_str("as the test asks") }
    });
    future_to_promise(async move {
        let outcome = trapping.await.map_err(|error: TaskError| error.code());
        Ok(format!("{outcome:?} {:?}", manager.spawn(async |_| 7).await).into())
    })
}

#[allow(unconditional_recursion)]
fn deep(level: u32) -> u32 {
    std::hint::black_box(deep(std::hint::black_box(level + 1)) + level)
}

/// A task that never ends.
#[wasm_bindgen]
pub fn pends() -> Promise {
    taskloom::spawn(async |_: taskloom::Context| future::pending::<u32>().await).into_promise()
}

/// All that waits for the platform, and then ends.
#[wasm_bindgen]
pub fn waits() -> Promise {
    taskloom::spawn(async |ctx: taskloom::Context| {
        let bounded = timeout(Duration::from_millis(5), future::pending::<()>()).await;
        sleep(Duration::from_millis(5)).await;
        for _ in 0..3 {
            sleep(Duration::from_millis(7)).await; // so that the slice is used up
            ctx.checkpoint().await;
        }
        let long = timeout(Duration::from_secs(600), async { 1 }).await;
        format!("{:?} {long:?}", bounded.map_err(|error| error.code()))
    })
    .into_promise()
}

/// The next run of a cron expression, by the zones of the platform.
#[wasm_bindgen(js_name = nextRun)]
pub fn next_run(zone: &str, cron: &str) -> String {
    let zone = match PlatformZone::named(zone) {
        Ok(zone) => zone,
        Err(error) => return error.to_string(),
    };
    match Trigger::cron(cron, zone) {
        Ok(trigger) => format!("{:?}", trigger.ticks().next_due().is_some()),
        Err(error) => error.to_string(),
    }
}

/// How a refusal reads in Rust.
#[wasm_bindgen]
pub fn refusal() -> String {
    let policy = RetryPolicy { max_attempts: 0, ..RetryPolicy::default() };
    policy.validated().unwrap_err().to_string()
}
