//! The handle of a pool, and the options of a call.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use super::{
    call::{Call, Decoder, Typed},
    error::JobError,
    host::{Host, Pooled},
    port::Workers,
};
use crate::{
    core::{
        base::error::Error,
        pool::{Pool, PoolOptions, WorkerView},
        tasks::{engine::ManagerOptions, priority::Priority},
    },
    rt::{Idle, Retry, Runtime, Task, TaskBuilder, TaskManager},
};

/// Workers that run calls, over values `V`. In the browser an app has `taskloom::workers::WorkerPool` instead, whose values are Rust's own.
///
/// A handle that is dropped leaves its calls as they are; the workers end when the last of them is over.
pub struct WorkerPool<V: 'static> {
    host: Rc<Host<V>>,
    manager: TaskManager,
    runtime: Runtime,
}

impl<V: Clone> WorkerPool<V> {
    /// A pool on this runtime. A call beyond `max_queue` waiting ones ends as [`QueueFull`](crate::TaskError::QueueFull). An option that is out of
    /// range is `invalid-argument`.
    pub fn new(
        runtime: &Runtime,
        platform: impl Workers<V> + 'static,
        options: PoolOptions,
        max_queue: u32,
    ) -> Result<Self, Error> {
        let options = options.validated()?;
        let (membership, manager) =
            runtime.manager_with_membership(ManagerOptions { max_queue, ..ManagerOptions::default() })?;
        let pool = Pool::new(membership.id, options, &mut runtime.engine())?;
        let host = Host::new(runtime, membership, pool, Box::new(platform));
        Ok(Self { host, manager, runtime: runtime.clone() })
    }

    /// A call of a job that is to be made, with options.
    pub fn call<T, P, E>(&self, job: &str, decoder: Decoder<V, T, P, E>) -> CallBuilder<V, T, P, E> {
        CallBuilder {
            host: self.host.clone(),
            job: self.host.job(job),
            task: self.manager.task().progress().name(job),
            decoder,
            retry: None,
        }
    }

    /// Starts workers before there are calls, up to the pool's size, and tries again if the pool had given up. The future completes when
    /// so many are ready, with an error if they can't be had; dropping it changes nothing.
    pub fn warm(&self, workers: u32) -> Warm<V> {
        self.host.warm(&self.runtime, workers);
        Warm { host: self.host.clone(), workers }
    }

    /// What each worker is doing.
    pub fn workers(&self) -> Vec<WorkerView> {
        self.host.views(&self.runtime)
    }

    /// How many calls wait for a worker.
    pub fn waiting(&self) -> u32 {
        self.manager.waiting()
    }

    /// How many calls a worker has: it was sent them, and has not answered. Not those that wait for their next attempt.
    pub fn running(&self) -> u32 {
        self.host.running()
    }

    /// Sends no further call; those that run go on.
    pub fn pause(&self) {
        self.manager.pause();
    }

    /// Goes on after a pause.
    pub fn resume(&self) {
        self.manager.resume();
        self.host.clone().look();
    }

    /// Whether it is paused.
    pub fn is_paused(&self) -> bool {
        self.manager.is_paused()
    }

    /// Cancels all calls; says how many that were.
    #[allow(clippy::must_use_candidate)] // most callers don't mind
    pub fn cancel_all(&self) -> usize {
        self.manager.cancel_all()
    }

    /// Waits until no call waits or runs, counted from this call.
    pub fn on_idle(&self) -> Idle {
        self.manager.on_idle()
    }

    /// Cancels all calls and ends all workers at once.
    pub fn dispose(self) {
        self.cancel_all();
        self.host.dispose(&self.runtime);
    }
}

impl<V> fmt::Debug for WorkerPool<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerPool").field("calls", &self.manager).finish_non_exhaustive()
    }
}

/// Options of a call; [`run`](Self::run) makes it. All may be left out.
#[must_use = "options do nothing until the call is made"]
pub struct CallBuilder<V: 'static, T: 'static, P: 'static, E: 'static> {
    host: Rc<Host<V>>,
    job: u32,
    task: TaskBuilder<P>,
    decoder: Decoder<V, T, P, E>,
    retry: Option<Retry<JobError<E>>>,
}

impl<V: Clone, T, P, E> CallBuilder<V, T, P, E> {
    /// A name for display and debugging; that of the job if none is given.
    pub fn name(mut self, name: impl Into<Box<str>>) -> Self {
        self.task = self.task.name(name);
        self
    }

    /// How urgent it is, for the pool's line. `user-visible` if not said.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.task = self.task.priority(priority);
        self
    }

    /// How long it may take from its start in the worker, all attempts and waits included; then it ends as
    /// [`TimedOut`](crate::TaskError::TimedOut), and a worker that does not stop within the `cancel_grace` is replaced.
    pub fn timeout(mut self, span: Duration) -> Self {
        self.task = self.task.timeout(span);
        self
    }

    /// How long it may wait for a worker; then it ends as [`TimedOut`](crate::TaskError::TimedOut).
    pub fn queue_timeout(mut self, span: Duration) -> Self {
        self.task = self.task.queue_timeout(span);
        self
    }

    /// When a failed attempt is made again, also one whose worker was lost. Without a policy a call is never started twice.
    pub fn retry(mut self, retry: Retry<JobError<E>>) -> Self {
        self.retry = Some(retry);
        self
    }

    /// How many progress values are kept, at least 1; the oldest make room. 1,024 if not said.
    pub fn progress_buffer(mut self, capacity: usize) -> Self {
        self.task = self.task.progress_buffer(capacity);
        self
    }

    /// Makes the call. It is sent in the executor's next turn, together with others that were made by then, and not at all if it was
    /// cancelled or dropped.
    pub fn run(self, args: V) -> Task<T, P, JobError<E>> {
        let Self { host, job, task, decoder, retry } = self;
        let call = Rc::new(Call::new(host.clone(), job, args));
        task.submit_remote(retry, call.clone(), move |runtime, key, state| {
            call.submitted(key, Rc::new(Typed { state, decoder }));
            host.accept(runtime, key, call);
        })
    }
}

impl<V: Clone, T, P, E> CallBuilder<V, T, P, E> {
    /// A call that fails without being made: its arguments can't be sent.
    pub fn refuse(self, reason: String) -> Task<T, P, JobError<E>> {
        self.task.out_of_line().spawn_fallible(async move |_| Err(JobError::NotSerializable(reason)))
    }
}

impl<V, T, P, E> fmt::Debug for CallBuilder<V, T, P, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallBuilder").field("task", &self.task).finish_non_exhaustive()
    }
}

/// The future of [`WorkerPool::warm`].
#[must_use = "it tells when the workers are ready; they are started in any case"]
pub struct Warm<V: 'static> {
    host: Rc<Host<V>>,
    workers: u32,
}

impl<V: Clone> Future for Warm<V> {
    type Output = Result<(), JobError<()>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.host.ready_count() >= self.workers {
            return Poll::Ready(Ok(()));
        }
        if let Some(error) = self.host.broken() {
            return Poll::Ready(Err(error));
        }
        self.host.warming.add(cx.waker());
        Poll::Pending
    }
}

impl<V> fmt::Debug for Warm<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Warm").field("workers", &self.workers).finish_non_exhaustive()
    }
}
