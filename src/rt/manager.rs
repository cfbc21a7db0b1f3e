//! A manager: bounds how many of its tasks run at once, and how many may wait.

use std::{
    cell::Cell,
    fmt,
    future::Future,
    pin::Pin,
    rc::{Rc, Weak},
    task::{self, Poll},
};

use super::{
    builder::{Place, TaskBuilder},
    context::Context,
    runtime::{Inner, Runtime},
    task::Task,
    wakers::Wakers,
};
use crate::core::{
    base::error::Error,
    tasks::engine::{ManagerId, ManagerOptions},
};

/// What the engine knows as a manager. Its handle holds it, and so do its tasks: it is forgotten with the last of them.
pub(super) struct Membership {
    pub id: ManagerId,
    runtime: Weak<Inner>,
    /// How often it became idle while somebody waited for that.
    times_idle: Cell<u64>,
    waiting: Wakers,
}

impl Membership {
    pub fn new(id: ManagerId, runtime: Weak<Inner>) -> Self {
        Self { id, runtime, times_idle: Cell::new(0), waiting: Wakers::default() }
    }

    pub fn is_idle(&self) {
        self.times_idle.set(self.times_idle.get() + 1);
        self.waiting.wake();
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        if let Some(inner) = self.runtime.upgrade() {
            Runtime(inner).forget_manager(self.id);
        }
    }
}

/// Tasks that share a number of places: at most `concurrency` of them run, the rest waits in a queue, the most urgent
/// first, in order within a priority.
///
/// A child does not queue: it runs in the place of its parent. A handle that is dropped leaves its tasks as they are,
/// and resumes them if they were paused, so that none waits for ever.
///
/// ```
/// use taskloom::{TaskManager, core::tasks::engine::ManagerOptions, gather, rt::ManualRuntime};
///
/// ManualRuntime::default().run(async {
///     let manager = TaskManager::new(ManagerOptions { concurrency: 2, ..ManagerOptions::default() })?;
///     let tasks: Vec<_> = (0..5).map(|i| manager.spawn(async move |_| i * i)).collect();
///     assert_eq!((manager.running(), manager.waiting()), (2, 3));
///     assert_eq!(gather(tasks).await, Ok(vec![0, 1, 4, 9, 16]));
///     Ok::<(), taskloom::Error>(())
/// })?;
/// # Ok::<(), taskloom::Error>(())
/// ```
pub struct TaskManager {
    membership: Rc<Membership>,
    runtime: Runtime,
    paused: Cell<bool>,
}

impl TaskManager {
    /// A manager on the thread's runtime. A concurrency of 0 is `invalid-argument`. `max_completed` has no meaning
    /// here, where a handle owns its result.
    ///
    /// # Panics
    ///
    /// Where [`spawn`](super::spawn) does.
    pub fn new(options: ManagerOptions) -> Result<Self, Error> {
        Runtime::current().manager(options)
    }

    pub(super) fn of(membership: Rc<Membership>, runtime: Runtime) -> Self {
        Self { membership, runtime, paused: Cell::new(false) }
    }

    /// Submits a task. If `max_queue` others wait already, it has settled as
    /// [`QueueFull`](super::TaskError::QueueFull) when this returns.
    pub fn spawn<T, F>(&self, function: F) -> Task<T>
    where
        T: 'static,
        F: AsyncFnOnce(Context) -> T + 'static,
    {
        self.task().spawn(function)
    }

    /// A task that is to be submitted, with options.
    pub fn task(&self) -> TaskBuilder {
        TaskBuilder::at(Place {
            runtime: self.runtime.clone(),
            membership: Some(self.membership.clone()),
            parent: None,
        })
    }

    /// How many tasks wait for a place.
    pub fn waiting(&self) -> u32 {
        self.runtime.engine().counts(self.membership.id).0
    }

    /// How many tasks hold a place.
    pub fn running(&self) -> u32 {
        self.runtime.engine().counts(self.membership.id).1
    }

    /// Whether tasks wait for nothing but the rate limit.
    pub fn is_rate_limited(&self) -> bool {
        self.runtime.engine().is_rate_limited(self.membership.id)
    }

    /// Changes how many run at once. Running ones are not stopped. 0 is `invalid-argument`: that is [`pause`](Self::pause).
    pub fn set_concurrency(&self, concurrency: u32) -> Result<(), Error> {
        let set = self.runtime.engine().set_concurrency(self.membership.id, concurrency);
        self.runtime.follow();
        set
    }

    /// Starts no further task; those that run go on.
    pub fn pause(&self) {
        self.set_paused(true);
    }

    /// Goes on after a pause.
    pub fn resume(&self) {
        self.set_paused(false);
    }

    /// Whether it is paused.
    pub fn is_paused(&self) -> bool {
        self.paused.get()
    }

    fn set_paused(&self, paused: bool) {
        self.paused.set(paused);
        self.runtime.engine().set_paused(self.membership.id, paused);
        self.runtime.follow();
    }

    /// Cancels all that has not settled; says how many that were.
    #[allow(clippy::must_use_candidate)] // most callers don't mind
    pub fn cancel_all(&self) -> usize {
        let _entered = self.runtime.enter();
        let tasks = self.runtime.tasks_of(self.membership.id);
        tasks.iter().filter(|task| task.cancel()).count()
    }

    /// Waits until nothing waits or runs, counted from this call.
    ///
    /// ```
    /// use taskloom::{TaskManager, core::tasks::engine::ManagerOptions, rt::ManualRuntime};
    ///
    /// ManualRuntime::default().run(async {
    ///     let manager = TaskManager::new(ManagerOptions::default())?;
    ///     manager.spawn(async |_| ()).detach();
    ///     manager.on_idle().await;
    ///     assert_eq!(manager.running(), 0);
    ///     Ok::<(), taskloom::Error>(())
    /// })?;
    /// # Ok::<(), taskloom::Error>(())
    /// ```
    pub fn on_idle(&self) -> Idle {
        let idle = self.runtime.engine().watch_idle(self.membership.id);
        Idle {
            membership: self.membership.clone(),
            _runtime: self.runtime.clone(),
            since: (!idle).then(|| self.membership.times_idle.get()),
        }
    }
}

impl Drop for TaskManager {
    fn drop(&mut self) {
        if self.paused.get() {
            self.resume();
        }
    }
}

impl fmt::Debug for TaskManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskManager")
            .field("waiting", &self.waiting())
            .field("running", &self.running())
            .field("paused", &self.is_paused())
            .finish_non_exhaustive()
    }
}

/// The future of [`TaskManager::on_idle`].
#[must_use = "a future does nothing unless it is polled"]
pub struct Idle {
    membership: Rc<Membership>,
    _runtime: Runtime,
    /// The count to get beyond; none if it was idle from the start.
    since: Option<u64>,
}

impl Future for Idle {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<()> {
        if self.since.is_none_or(|since| self.membership.times_idle.get() > since) {
            return Poll::Ready(());
        }
        self.membership.waiting.add(cx.waker());
        Poll::Pending
    }
}

impl fmt::Debug for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idle").finish_non_exhaustive()
    }
}
