//! What the tests call, and jobs that go wrong. Not part of what the example shows.

use std::{cell::Cell, future::Future, time::Duration};

use futures::StreamExt;
use js_sys::Promise;
use serde::Serialize;
use taskloom::{
    RetryPolicy, Task, TaskError,
    rt::{Retry, sleep},
    workers::{Job, JobError, Jobs, WorkerPool, WorkerPoolBuilder, worker},
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::{
    clusters::scattered,
    jobs::{KMEANS, KMEANS_FOREVER, kmeans},
};

/// Computes for ever without looking up.
const SPIN: Job<(), ()> = Job::new("spin");
/// Computes without giving its thread back until it sees that it was cancelled.
const SPIN_UNTIL_CANCELLED: Job<(), String> = Job::new("spin-until-cancelled");
/// Panics: at once, or when it has awaited something.
const PANIC: Job<bool, ()> = Job::new("panic");
/// Calls itself until there is no stack left.
const OVERFLOW: Job<u32, u32> = Job::new("overflow");
/// Ends its worker: politely, or so that nobody is told. Not from the second attempt on.
const CLOSE: Job<bool, u32> = Job::new("close");
/// Awaits for ever; its drop is seen by `DROPS`.
const WAIT: Job<(), ()> = Job::new("wait");
/// How many futures of `WAIT` this worker has dropped.
const DROPS: Job<(), u32> = Job::new("drops");
/// How often this instance's app has started.
const STARTS: Job<(), u32> = Job::new("starts");
/// Gives back what it gets.
const ECHO: Job<u64, u64> = Job::new("echo");
/// No worker has it.
const UNKNOWN: Job<(), ()> = Job::new("unknown");

thread_local! {
    static STARTED: Cell<u32> = const { Cell::new(0) };
    static DROPPED: Cell<u32> = const { Cell::new(0) };
}

pub(crate) fn note_start() {
    STARTED.set(STARTED.get() + 1);
}

pub(crate) fn jobs(jobs: &mut Jobs) {
    jobs.add(SPIN, |()| {
        loop {
            std::hint::spin_loop();
        }
    })
    .add_with_context(SPIN_UNTIL_CANCELLED, |ctx, ()| {
        while !ctx.is_cancelled() {}
        Err("saw it".to_owned())
    })
    .add_async(PANIC, async |ctx, late| {
        if late {
            sleep(Duration::from_millis(1)).await;
        }
        panic!("as asked, in attempt {}", ctx.attempt())
    })
    .add(OVERFLOW, |depth| Ok(overflow(depth)))
    .add_async(CLOSE, async |ctx, politely| {
        if ctx.attempt() == 1 {
            if politely {
                close();
            } else {
                close_silently();
            }
            std::future::pending::<()>().await;
        }
        Ok(ctx.attempt())
    })
    .add_async(WAIT, async |_, ()| {
        struct Noted;
        impl Drop for Noted {
            fn drop(&mut self) {
                DROPPED.set(DROPPED.get() + 1);
            }
        }
        let _noted = Noted;
        std::future::pending().await
    })
    .add(DROPS, |()| Ok(DROPPED.get()))
    .add(STARTS, |()| Ok(STARTED.get()))
    .add(ECHO, Ok);
}

#[allow(unconditional_recursion)] // that is the point
fn overflow(depth: u32) -> u32 {
    std::hint::black_box(overflow(std::hint::black_box(depth + 1))) + 1
}

#[wasm_bindgen(inline_js = "
    const { close } = globalThis; // before anything can wrap it
    export const closeSilently = () => close.call(globalThis);
")]
extern "C" {
    /// Ends the worker without a word to the page.
    #[wasm_bindgen(js_name = closeSilently)]
    fn close_silently();
}

#[wasm_bindgen]
extern "C" {
    /// Ends the worker as any job may.
    fn close();
}

/// A JavaScript worker for the pool of the npm package.
#[wasm_bindgen(js_name = worker)]
pub fn plain_worker() -> JsValue {
    worker(crate::jobs::jobs)
}

/// How often the page's own instance has started.
#[wasm_bindgen(js_name = startsOfPage)]
pub fn starts_of_page() -> u32 {
    STARTED.get()
}

fn builder() -> WorkerPoolBuilder {
    WorkerPool::builder(crate::jobs::jobs)
}

fn one_worker() -> WorkerPool {
    builder().size(1).cancel_grace(Duration::from_millis(30)).build().expect("the options are in range")
}

fn promise<T: Serialize>(trial: impl Future<Output = T> + 'static) -> Promise {
    future_to_promise(async move { Ok(serde_wasm_bindgen::to_value(&trial.await)?) })
}

/// How a task has ended, for tests to compare.
fn outcome<T: std::fmt::Debug, E: std::fmt::Debug>(result: Result<T, TaskError<JobError<E>>>) -> String {
    match result {
        Ok(value) => format!("Ok({value:?})"),
        Err(TaskError::Failed(error)) => format!("{}: {error:?}", error.code()),
        Err(error) => format!("{}: {error:?}", error.code()),
    }
}

async fn running<T, P, E>(task: &Task<T, P, E>) {
    while task.attempt() == 0 {
        sleep(Duration::from_millis(1)).await;
    }
}

/// Clusters in a worker and on the page; whether the results and the progress are the same, and the progress.
#[wasm_bindgen(js_name = sameAsInline)]
pub fn same_as_inline() -> Promise {
    promise(async {
        let argument = (scattered(3_000, 5, 11), 5);
        let pool = builder().size(2).build().expect("the options are in range");
        let mut there = pool.run(KMEANS, &argument);
        let mut here =
            Task::builder().progress().spawn_fallible(async move |ctx| kmeans(&ctx.into(), argument));
        let same = (&mut there).await.expect("it works there") == (&mut here).await.expect("it works here");
        let progress = there.drain_progress();
        (same, progress == here.drain_progress(), progress)
    })
}

/// Many small calls on several workers, all right.
#[wasm_bindgen(js_name = echoes)]
pub fn echoes(count: u32) -> Promise {
    promise(async move {
        let pool = builder().size(2).build().expect("the options are in range");
        let tasks: Vec<_> = (0..count).map(|number| pool.run(ECHO, u64::from(number))).collect();
        let mut right = 0;
        for (number, task) in (0..).zip(tasks) {
            right += u32::from(task.await == Ok(number));
        }
        right
    })
}

/// The errors of a job, of an argument and of a name.
#[wasm_bindgen(js_name = failures)]
pub fn failures() -> Promise {
    promise(async {
        let pool = one_worker();
        let own = pool.run(KMEANS, (scattered(1, 1, 1), 3)).await;
        let argument = pool.run(Job::<(), u64>::new("echo"), ()).await;
        let result = pool.run(Job::<u64, String>::new("echo"), 3).await;
        let too_large = pool.run(ECHO, u64::MAX).await;
        let unknown = pool.run(UNKNOWN, ()).await;
        let after = pool.run(ECHO, 7).await;
        (
            outcome(own),
            outcome(argument),
            outcome(result),
            outcome(too_large),
            outcome(unknown),
            outcome(after),
        )
    })
}

/// Cancels a job that awaits, from its first progress value on; the same worker goes on.
#[wasm_bindgen(js_name = cancelWhereItAwaits)]
pub fn cancel_where_it_awaits() -> Promise {
    promise(async {
        let pool = builder().size(1).cancel_grace(Duration::from_secs(5)).build().expect("in range");
        let task = pool.run(KMEANS_FOREVER, (scattered(2_000, 5, 3), 5));
        task.progress_stream().next().await;
        let did = task.cancel();
        let waiting = pool.run(WAIT, ());
        running(&waiting).await;
        waiting.cancel();
        let drops = pool.run(DROPS, ()).await;
        (did, outcome(task.await), outcome(drops), pool.workers()[0].answered)
    })
}

/// Cancels a job that never gives its thread back; another worker goes on.
#[wasm_bindgen(js_name = cancelALoop)]
pub fn cancel_a_loop() -> Promise {
    promise(async {
        let pool = one_worker();
        let task = pool.run(SPIN, ());
        running(&task).await;
        let behind = pool.run(ECHO, 5);
        let did = task.cancel();
        (did, outcome(task.await), outcome(behind.await), pool.workers()[0].answered)
    })
}

/// Cancels a loop that asks; in an isolated page its worker goes on.
#[wasm_bindgen(js_name = cancelALoopThatAsks)]
pub fn cancel_a_loop_that_asks() -> Promise {
    promise(async {
        let pool = builder().size(1).cancel_grace(Duration::from_secs(5)).build().expect("in range");
        let first = pool.run(ECHO, 1).await;
        let task = pool.run(SPIN_UNTIL_CANCELLED, ());
        running(&task).await;
        task.cancel();
        let behind = pool.run(ECHO, 5).await;
        (outcome(first), outcome(task.await), outcome(behind), pool.workers()[0].answered)
    })
}

/// A loop runs out of time, and the pool goes on.
#[wasm_bindgen(js_name = timeout)]
pub fn time_out() -> Promise {
    promise(async {
        let pool = one_worker();
        let late = pool.call(SPIN).timeout(Duration::from_millis(50)).run(()).await;
        let after = pool.run(ECHO, 5).await;
        (outcome(late), outcome(after))
    })
}

/// Panics and traps end the call and the worker; what waits behind goes on elsewhere.
#[wasm_bindgen(js_name = panics)]
pub fn panics() -> Promise {
    promise(async {
        let pool = one_worker();
        let mut outcomes = Vec::new();
        for late in [false, true] {
            let (task, behind) = (pool.run(PANIC, late), pool.run(ECHO, 5));
            outcomes.push((outcome(task.await), outcome(behind.await)));
        }
        let (task, behind) = (pool.run(OVERFLOW, 0), pool.run(ECHO, 5));
        outcomes.push((outcome(task.await), outcome(behind.await)));
        outcomes
    })
}

/// A worker that closes itself, politely or not; with a retry policy the call is made again.
#[wasm_bindgen(js_name = deaths)]
pub fn deaths() -> Promise {
    promise(async {
        let mut outcomes = Vec::new();
        for politely in [true, false] {
            let pool = one_worker();
            let (task, behind) = (pool.run(CLOSE, politely), pool.run(ECHO, 5));
            let once = (outcome(task.await), outcome(behind.await));
            let retry =
                Retry::new(RetryPolicy { max_attempts: 2, ..RetryPolicy::default() }).expect("in range");
            let twice = pool.call(CLOSE).retry(retry).run(politely).await;
            outcomes.push((once.0, once.1, outcome(twice)));
        }
        outcomes
    })
}

/// How often the app has started in a worker.
#[wasm_bindgen(js_name = startsOfWorker)]
pub fn starts_of_worker() -> Promise {
    promise(async { outcome(one_worker().run(STARTS, ()).await) })
}

/// Workers that can't be started.
#[wasm_bindgen(js_name = badGlue)]
pub fn bad_glue() -> Promise {
    promise(async {
        let pool = builder().size(1).glue("/nowhere.js").build().expect("the options are in range");
        let warm = pool.warm(1).await.is_err();
        (warm, outcome(pool.run(ECHO, 1).await))
    })
}

/// A pool ends with its handle and its calls; `dispose` ends it at once.
#[wasm_bindgen(js_name = ends)]
pub fn ends() -> Promise {
    promise(async {
        let pool = one_worker();
        let last = pool.run(ECHO, 1);
        drop(pool);
        let last = last.await;
        let pool = one_worker();
        let disposed = pool.run(SPIN, ());
        running(&disposed).await;
        pool.dispose();
        (outcome(last), outcome(disposed.await))
    })
}
