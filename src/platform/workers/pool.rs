//! The pool as a page has it.

use std::{borrow::Borrow, fmt, marker::PhantomData, time::Duration};

use js_sys::{Reflect, global};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;

use super::{
    border::{decoder, encode},
    port::WebWorkers,
    serve::{AddJobs, place_of},
    snippets::{IMPORT_META, start_worker},
};
use crate::{
    core::{
        base::error::Error,
        pool::{PoolOptions, WorkerView},
        tasks::priority::Priority,
    },
    rt::{
        Idle, Retry, Runtime, Task, pool,
        pool::{Job, JobError, Warm},
    },
};

/// Workers that run the jobs of this crate.
///
/// Workers start when there are calls for them. Calls wait in a line, the urgent first, and small ones are sent together. A call that may
/// have been started is never run again without a retry policy, whatever becomes of its worker. A handle that is dropped leaves its calls as
/// they are; the workers end when the last of them is over.
///
/// ```no_run
/// use std::time::Duration;
/// use taskloom::workers::{Job, Jobs, WorkerPool};
///
/// const ADD: Job<(f64, f64), f64> = Job::new("add");
///
/// fn jobs(jobs: &mut Jobs) {
///     jobs.add(ADD, |(a, b)| Ok(a + b));
/// }
///
/// async fn page() -> Result<f64, Box<dyn std::error::Error>> {
///     let pool = WorkerPool::builder(jobs).size(4).build()?;
///     let task = pool.call(ADD).timeout(Duration::from_secs(30)).run((20.0, 22.0));
///     Ok(task.await?)
/// }
/// ```
pub struct WorkerPool(pool::WorkerPool<JsValue>);

impl WorkerPool {
    /// A pool with as many workers as the machine has cores, less one for the page, and at least one.
    ///
    /// # Panics
    ///
    /// Where [`WorkerPoolBuilder::build`] does.
    pub fn new(jobs: fn(&mut super::Jobs)) -> Result<Self, Error> {
        Self::builder(jobs).build()
    }

    /// A pool with options.
    pub fn builder(jobs: fn(&mut super::Jobs)) -> WorkerPoolBuilder {
        WorkerPoolBuilder {
            jobs,
            glue: None,
            options: PoolOptions { size: cores_but_one(), ..PoolOptions::default() },
            max_queue: u32::MAX,
        }
    }

    /// Calls a job. What can't be sent ends the task with [`JobError::NotSerializable`].
    pub fn run<A, T, P, E>(&self, job: Job<A, T, P, E>, argument: impl Borrow<A>) -> Task<T, P, JobError<E>>
    where
        A: Serialize,
        T: DeserializeOwned,
        P: DeserializeOwned,
        E: DeserializeOwned,
    {
        self.call(job).run(argument)
    }

    /// A call of a job that is to be made, with options.
    pub fn call<A, T, P, E>(&self, job: Job<A, T, P, E>) -> CallBuilder<A, T, P, E>
    where
        T: DeserializeOwned,
        P: DeserializeOwned,
        E: DeserializeOwned,
    {
        CallBuilder { call: self.0.call(job.name(), decoder()), argument: PhantomData }
    }

    /// Starts workers before there are calls, up to the pool's size, and tries again if the pool had given up. The future completes when
    /// so many are ready, with an error if they can't be had; dropping it changes nothing.
    pub fn warm(&self, workers: u32) -> Warm<JsValue> {
        self.0.warm(workers)
    }

    /// What each worker is doing.
    pub fn workers(&self) -> Vec<WorkerView> {
        self.0.workers()
    }

    /// How many calls wait for a worker.
    pub fn waiting(&self) -> u32 {
        self.0.waiting()
    }

    /// How many calls are with a worker.
    pub fn running(&self) -> u32 {
        self.0.running()
    }

    /// Sends no further call; those that run go on.
    pub fn pause(&self) {
        self.0.pause();
    }

    /// Goes on after a pause.
    pub fn resume(&self) {
        self.0.resume();
    }

    /// Whether it is paused.
    pub fn is_paused(&self) -> bool {
        self.0.is_paused()
    }

    /// Cancels all calls; says how many that were.
    #[allow(clippy::must_use_candidate)] // most callers don't mind
    pub fn cancel_all(&self) -> usize {
        self.0.cancel_all()
    }

    /// Waits until no call waits or runs, counted from this call.
    pub fn on_idle(&self) -> Idle {
        self.0.on_idle()
    }

    /// Cancels all calls and ends all workers at once.
    pub fn dispose(self) {
        self.0.dispose();
    }
}

impl fmt::Debug for WorkerPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Options of a [`WorkerPool`]. All may be left out.
#[derive(Clone, Debug)]
#[must_use = "options do nothing until the pool is built"]
pub struct WorkerPoolBuilder {
    jobs: AddJobs,
    glue: Option<String>,
    options: PoolOptions,
    max_queue: u32,
}

impl WorkerPoolBuilder {
    /// How many workers there are at most; 1 to 1,024. The machine's cores less one if not said.
    pub fn size(mut self, size: u32) -> Self {
        self.options.size = size;
        self
    }

    /// How many are started at once, and never end for being idle; at most `size`. None if not said.
    pub fn min_workers(mut self, workers: u32) -> Self {
        self.options.min_workers = workers;
        self
    }

    /// After how long an idle worker ends; `None` for never. 30 s if not said.
    pub fn idle_timeout(mut self, span: Option<Duration>) -> Self {
        self.options.idle_timeout = span;
        self
    }

    /// How long a worker may take to be ready. 30 s if not said.
    pub fn start_timeout(mut self, span: Duration) -> Self {
        self.options.start_timeout = span;
        self
    }

    /// How long a cancelled call may go on before its worker is terminated and replaced. 100 ms if not said.
    pub fn cancel_grace(mut self, span: Duration) -> Self {
        self.options.cancel_grace = span;
        self
    }

    /// How many calls may wait; one beyond them ends as [`QueueFull`](crate::TaskError::QueueFull). No bound if not said.
    pub fn max_queue(mut self, calls: u32) -> Self {
        self.max_queue = calls;
        self
    }

    /// The URL of the crate's glue, for pages in which it is not a file of its own. The glue knows it if not said.
    pub fn glue(mut self, url: impl Into<String>) -> Self {
        self.glue = Some(url.into());
        self
    }

    /// The pool, on the thread's runtime. An option that is out of range is `invalid-argument`.
    ///
    /// # Panics
    ///
    /// With glue of another target than `platform`, which does not have the compiled module.
    pub fn build(self) -> Result<WorkerPool, Error> {
        let Self { jobs, glue, options, max_queue } = self;
        let create = creator(jobs, glue);
        let workers = WebWorkers::new(move || Ok(create()));
        Ok(WorkerPool(pool::WorkerPool::new(&Runtime::current(), workers, options, max_queue)?))
    }
}

/// Makes workers from the module that this instance was made of.
fn creator(jobs: AddJobs, glue: Option<String>) -> impl Fn() -> JsValue {
    let module = wasm_bindgen::module();
    let glue = glue.unwrap_or_else(|| IMPORT_META.with(super::snippets::ImportMeta::url));
    move || start_worker(&module, &glue, place_of(jobs))
}

/// A worker that runs the jobs, as a JavaScript `Worker`: for the pool of the npm package, which a page in JavaScript has. An argument and a
/// result are what [serde-wasm-bindgen](https://docs.rs/serde-wasm-bindgen) makes of them; a `JobError` that such a call throws has the job's own
/// error as `failure`.
///
/// ```no_run
/// use taskloom::workers::{Job, Jobs};
/// use wasm_bindgen::prelude::*;
///
/// const ADD: Job<(f64, f64), f64> = Job::new("add");
///
/// fn jobs(jobs: &mut Jobs) {
///     jobs.add(ADD, |(a, b)| Ok(a + b));
/// }
///
/// // new WorkerPool(() => crate.worker()).run('add', [[20, 22]])
/// #[wasm_bindgen]
/// pub fn worker() -> JsValue {
///     taskloom::workers::worker(jobs)
/// }
/// ```
///
/// # Panics
///
/// Where [`WorkerPoolBuilder::build`] does.
pub fn worker(jobs: fn(&mut super::Jobs)) -> JsValue {
    creator(jobs, None)()
}

fn cores_but_one() -> u32 {
    let navigator = Reflect::get(&global(), &"navigator".into()).unwrap_or_default();
    let cores = Reflect::get(&navigator, &"hardwareConcurrency".into()).ok().and_then(|cores| cores.as_f64());
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a small whole number
    let cores = cores.unwrap_or(2.0) as u32;
    cores.saturating_sub(1).clamp(1, crate::core::pool::MAX_WORKERS)
}

/// Options of a call; [`run`](Self::run) makes it. All may be left out.
#[must_use = "options do nothing until the call is made"]
pub struct CallBuilder<A, T: 'static, P: 'static, E: 'static> {
    call: pool::CallBuilder<JsValue, T, P, E>,
    argument: PhantomData<fn(A)>,
}

impl<A: Serialize, T, P, E> CallBuilder<A, T, P, E> {
    /// A name for display and debugging; that of the job if none is given.
    pub fn name(self, name: impl Into<Box<str>>) -> Self {
        Self { call: self.call.name(name), ..self }
    }

    /// How urgent it is, for the pool's line. `user-visible` if not said.
    pub fn priority(self, priority: Priority) -> Self {
        Self { call: self.call.priority(priority), ..self }
    }

    /// How long it may take from its start in the worker, all attempts and waits included; then it ends as
    /// [`TimedOut`](crate::TaskError::TimedOut), and a worker that does not stop within the `cancel_grace` is replaced.
    pub fn timeout(self, span: Duration) -> Self {
        Self { call: self.call.timeout(span), ..self }
    }

    /// How long it may wait for a worker; then it ends as [`TimedOut`](crate::TaskError::TimedOut).
    pub fn queue_timeout(self, span: Duration) -> Self {
        Self { call: self.call.queue_timeout(span), ..self }
    }

    /// When a failed attempt is made again, also one whose worker was lost. Without a policy a call is never started twice.
    pub fn retry(self, retry: Retry<JobError<E>>) -> Self {
        Self { call: self.call.retry(retry), ..self }
    }

    /// How many progress values are kept, at least 1; the oldest make room. 1,024 if not said.
    pub fn progress_buffer(self, capacity: usize) -> Self {
        Self { call: self.call.progress_buffer(capacity), ..self }
    }

    /// Makes the call. It is sent at the end of this microtask's turn, together with others that were made by then, and not at all if it was
    /// cancelled or dropped.
    pub fn run(self, argument: impl Borrow<A>) -> Task<T, P, JobError<E>> {
        match encode("the argument", argument.borrow()) {
            Ok(argument) => self.call.run(argument),
            Err(reason) => self.call.refuse(reason),
        }
    }
}

impl<A, T, P, E> fmt::Debug for CallBuilder<A, T, P, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}
