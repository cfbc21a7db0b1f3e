//! The options of a task that is to be spawned.

use std::{
    cell::Cell, convert::Infallible, fmt, future::Future, marker::PhantomData, ops::AsyncFnMut, rc::Rc,
    time::Duration,
};

use futures::future::LocalBoxFuture;

use super::{
    context::Context,
    error::TaskError,
    manager::Membership,
    progress::Progress,
    retry::Retry,
    runtime::Runtime,
    state::{Common, Function, Remote, State},
    task::Task,
    wakers::Wakers,
};
use crate::core::{
    base::error::Error,
    tasks::{
        engine::{DEFAULT_MANAGER, Submission},
        priority::Priority,
        progress::DEFAULT_CAPACITY,
        task::{Limits, TaskKey, TaskState},
    },
};

/// Where a task belongs.
#[derive(Clone)]
pub(super) struct Place {
    pub runtime: Runtime,
    pub membership: Option<Rc<Membership>>,
    pub parent: Option<TaskKey>,
}

/// Options of a task; [`spawn`](TaskBuilder::spawn) and its sisters submit it.
///
/// From [`Task::builder`], [`Runtime::task`], [`TaskManager::task`](super::TaskManager::task) or [`Context::task`], which say
/// where the task belongs. All options may be left out.
///
/// ```
/// use std::time::Duration;
/// use taskloom::{Task, rt::ManualRuntime};
///
/// ManualRuntime::default().run(async {
///     let mut task = Task::builder()
///         .name("load")
///         .timeout(Duration::from_secs(30))
///         .progress::<f64>()
///         .spawn(async |ctx| {
///             for i in 0..10 {
///                 ctx.progress(f64::from(i) / 10.0);
///                 ctx.checkpoint().await;
///             }
///             "loaded"
///         });
///     assert_eq!((&mut task).await?, "loaded");
///     assert_eq!(task.latest_progress(), Some(0.9));
///     Ok::<(), taskloom::TaskError>(())
/// })?;
/// # Ok::<(), taskloom::TaskError>(())
/// ```
#[must_use = "options do nothing until the task is spawned"]
pub struct TaskBuilder<P = ()> {
    place: Place,
    name: Box<str>,
    priority: Option<Priority>,
    timeout: Option<Duration>,
    queue_timeout: Option<Duration>,
    progress_buffer: usize,
    progress: PhantomData<fn(P)>,
}

impl TaskBuilder {
    pub(super) fn at(place: Place) -> Self {
        Self {
            place,
            name: Box::default(),
            priority: None,
            timeout: None,
            queue_timeout: None,
            progress_buffer: DEFAULT_CAPACITY,
            progress: PhantomData,
        }
    }
}

impl<P: 'static> TaskBuilder<P> {
    /// A name for display and debugging.
    pub fn name(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// How urgent it is, for its manager's queue and for the platform's scheduler, which starts it. Without a priority it
    /// starts in the executor's next turn, and waits in the queue as `user-visible`.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// How long it may take from its start, all attempts and waits included; then it ends as [`TaskError::TimedOut`].
    pub fn timeout(mut self, span: Duration) -> Self {
        self.timeout = Some(span);
        self
    }

    /// How long it may wait for its start; then it ends as [`TaskError::TimedOut`].
    pub fn queue_timeout(mut self, span: Duration) -> Self {
        self.queue_timeout = Some(span);
        self
    }

    /// The type of the values that it reports by [`Context::progress`].
    pub fn progress<Q: 'static>(self) -> TaskBuilder<Q> {
        TaskBuilder {
            place: self.place,
            name: self.name,
            priority: self.priority,
            timeout: self.timeout,
            queue_timeout: self.queue_timeout,
            progress_buffer: self.progress_buffer,
            progress: PhantomData,
        }
    }

    /// How many of those values are kept, at least 1; the oldest make room. 1,024 if not said.
    pub fn progress_buffer(mut self, capacity: usize) -> Self {
        self.progress_buffer = capacity;
        self
    }

    /// The same without its manager.
    pub(super) fn out_of_line(self) -> Self {
        Self { place: Place { membership: None, ..self.place }, ..self }
    }

    /// Spawns a task that ends with whatever its function returns.
    ///
    /// The function never runs before this call has returned, and not at all if the task is cancelled or dropped by then.
    pub fn spawn<T, F>(self, function: F) -> Task<T, P>
    where
        T: 'static,
        F: AsyncFnOnce(Context<P>) -> T + 'static,
    {
        self.submit_function(None, once(async move |context| Ok::<T, Infallible>(function(context).await)))
    }

    /// Spawns a task that fails if its function returns an error: its state is then `Error`, and it ends as
    /// [`TaskError::Failed`]. Use it where the failure matters to others, such as to [`gather`](super::gather).
    ///
    /// ```
    /// use taskloom::{Task, TaskError, rt::ManualRuntime};
    ///
    /// ManualRuntime::default().run(async {
    ///     let task = Task::builder().spawn_fallible(async |_| "4x2".parse::<u32>());
    ///     let error = task.await.unwrap_err();
    ///     assert!(matches!(error, TaskError::Failed(_)));
    ///     assert_eq!(error.to_string(), "invalid digit found in string");
    /// });
    /// ```
    pub fn spawn_fallible<T, E, F>(self, function: F) -> Task<T, P, E>
    where
        T: 'static,
        E: 'static,
        F: AsyncFnOnce(Context<P>) -> Result<T, E> + 'static,
    {
        self.submit_function(None, once(function))
    }

    /// Spawns a task whose function is called again when it has failed, as `retry` says. It ends as [`TaskError::Failed`]
    /// with the error of the last attempt, or as [`TaskError::TimedOut`] if the last one took too long.
    ///
    /// Children belong to the attempt that spawned them: they are cancelled when it fails. The wait between two attempts
    /// ends at once if the task is cancelled.
    ///
    /// ```
    /// use std::time::Duration;
    /// use taskloom::{RetryPolicy, Task, rt::{ManualRuntime, Retry}};
    ///
    /// ManualRuntime::default().run(async {
    ///     let retry = Retry::new(RetryPolicy { base_delay: Duration::from_secs(1), ..RetryPolicy::default() })?;
    ///     let mut calls = 0;
    ///     let task = Task::builder().spawn_retry(retry, async move |_| {
    ///         calls += 1;
    ///         if calls < 3 { Err("busy") } else { Ok(calls) }
    ///     });
    ///     assert_eq!(task.await, Ok(3));
    ///     Ok::<(), taskloom::Error>(())
    /// })?;
    /// # Ok::<(), taskloom::Error>(())
    /// ```
    pub fn spawn_retry<T, E, F>(self, retry: Retry<E>, function: F) -> Task<T, P, E>
    where
        T: 'static,
        E: 'static,
        F: AsyncFnMut(Context<P>) -> Result<T, E> + 'static,
    {
        self.submit_function(Some(retry), again_and_again(function))
    }

    fn submit_function<T: 'static, E: 'static>(
        self,
        retry: Option<Retry<E>>,
        function: Function<T, P, E>,
    ) -> Task<T, P, E> {
        self.submit(retry, None, move |_, _, state| state.function.set(Some(function)))
    }

    /// Submits a task that runs elsewhere. `accept` is called if it was accepted.
    pub(super) fn submit_remote<T: 'static, E: 'static>(
        self,
        retry: Option<Retry<E>>,
        remote: Rc<dyn Remote>,
        accept: impl FnOnce(&Runtime, TaskKey, Rc<State<T, P, E>>),
    ) -> Task<T, P, E> {
        self.submit(retry, Some(remote), accept)
    }

    fn submit<T: 'static, E: 'static>(
        self,
        retry: Option<Retry<E>>,
        remote: Option<Rc<dyn Remote>>,
        accept: impl FnOnce(&Runtime, TaskKey, Rc<State<T, P, E>>),
    ) -> Task<T, P, E> {
        let Place { runtime, membership, parent } = self.place;
        let submission = Submission {
            manager: membership.as_ref().map_or(DEFAULT_MANAGER, |membership| membership.id),
            priority: self.priority,
            limits: Limits {
                timeout: self.timeout,
                queue_timeout: self.queue_timeout,
                retry: retry.as_ref().map(|retry| retry.policy().clone()),
            },
            parent,
        };
        let state = Rc::new(State {
            common: Common {
                runtime: Rc::downgrade(&runtime.0),
                key: Cell::new(None),
                name: self.name,
                priority: self.priority,
                membership,
                state: Cell::new(TaskState::Pending),
                attempt: Cell::new(0),
                progress: Progress::new(self.progress_buffer),
            },
            result: Cell::new(None),
            waiting: Wakers::default(),
            function: Cell::new(None),
            remote,
            retry,
            current: Cell::new(None),
        });
        let submitted = runtime.engine().submit(submission);
        match submitted {
            Ok(key) => {
                state.common.key.set(Some(key));
                runtime.adopt(key, state.clone());
                accept(&runtime, key, state.clone());
                runtime.follow();
            }
            Err(Error::QueueFull { limit }) => state.settle_with(Err(TaskError::QueueFull { limit })),
            Err(Error::InvalidArgument { .. }) => {
                unreachable!("the policy was checked when its Retry was made, and the rest has no bounds")
            }
        }
        Task::new(state, runtime)
    }
}

impl<P> fmt::Debug for TaskBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskBuilder")
            .field("name", &self.name)
            .field("priority", &self.priority)
            .field("timeout", &self.timeout)
            .field("queue_timeout", &self.queue_timeout)
            .finish_non_exhaustive()
    }
}

fn once<T, P, E, F>(function: F) -> Function<T, P, E>
where
    T: 'static,
    P: 'static,
    E: 'static,
    F: AsyncFnOnce(Context<P>) -> Result<T, E> + 'static,
{
    let mut function = Some(function);
    Box::new(move |context| {
        let function = function.take().expect("a task without a policy has one attempt");
        boxed(async move { function(context).await })
    })
}

/// The future of an attempt borrows the function, and an attempt that takes too long is dropped in the middle: so it
/// takes the function out of its home, and brings it back when it ends, however it ends.
fn again_and_again<T, P, E, F>(function: F) -> Function<T, P, E>
where
    T: 'static,
    P: 'static,
    E: 'static,
    F: AsyncFnMut(Context<P>) -> Result<T, E> + 'static,
{
    let home = Rc::new(Cell::new(Some(function)));
    Box::new(move |context| {
        let home = home.clone();
        boxed(async move {
            let function = home.take().expect("an attempt is dropped before the next one is polled");
            let mut lent = Lent { function: Some(function), home };
            let Some(function) = lent.function.as_mut() else {
                unreachable!("it goes home by the drop of Lent only")
            };
            function(context).await
        })
    })
}

fn boxed<O>(future: impl Future<Output = O> + 'static) -> LocalBoxFuture<'static, O> {
    Box::pin(future)
}

struct Lent<F> {
    function: Option<F>,
    home: Rc<Cell<Option<F>>>,
}

impl<F> Drop for Lent<F> {
    fn drop(&mut self) {
        self.home.set(self.function.take());
    }
}
