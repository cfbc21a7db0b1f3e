//! The handle of a task.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use futures::future::FusedFuture;

use super::{
    builder::TaskBuilder, error::TaskError, live::Live, progress::ProgressStream, runtime::Runtime,
    state::State,
};
use crate::core::tasks::task::TaskState;

/// A task: await it for its result, or poll it, follow its progress, cancel it.
///
/// `T` is what its function returns, `P` what it reports on its way, `E` the error of a function that was spawned as a
/// [fallible](TaskBuilder::spawn_fallible) one.
///
/// **Drop cancels.** The handle owns its task: dropping the one ends the other, at once, by dropping the function's future
/// where it awaits. So a component that goes away takes its work with it. [`detach`](Task::detach) lets a task go on alone.
///
/// ```
/// use taskloom::rt::ManualRuntime;
///
/// ManualRuntime::default().run(async {
///     let task = taskloom::spawn(async |_| 6 * 7);
///     assert_eq!(task.await?, 42);
///     Ok::<(), taskloom::TaskError>(())
/// })?;
/// # Ok::<(), taskloom::TaskError>(())
/// ```
#[must_use = "a task is cancelled when its handle is dropped; await it, keep it, or let it go on with `.detach()`"]
pub struct Task<T: 'static, P: 'static = (), E: 'static = Infallible> {
    state: Rc<State<T, P, E>>,
    /// Keeps what will run the task.
    runtime: Runtime,
    owned: bool,
    taken: bool,
}

impl Task<()> {
    /// Options of a task for the thread's runtime.
    ///
    /// # Panics
    ///
    /// Where [`spawn`](super::spawn) does.
    pub fn builder() -> TaskBuilder {
        Runtime::current().task()
    }
}

impl<T, P, E> Task<T, P, E> {
    pub(super) fn new(state: Rc<State<T, P, E>>, runtime: Runtime) -> Self {
        Self { state, runtime, owned: true, taken: false }
    }

    /// The name given to it; empty if none was.
    pub fn name(&self) -> &str {
        &self.state.common.name
    }

    /// Where it stands.
    pub fn state(&self) -> TaskState {
        self.state.common.state.get()
    }

    /// Whether it has settled: with a value, with an error, or by a cancel.
    pub fn is_done(&self) -> bool {
        self.state.common.is_over()
    }

    /// The number of the attempt that runs, or was the last; 0 before the first.
    pub fn attempt(&self) -> u32 {
        self.state.common.attempt.get()
    }

    /// Takes the result if it is there, without waiting: for code that runs again and again and looks.
    ///
    /// ```
    /// use taskloom::rt::ManualRuntime;
    ///
    /// let mut manual = ManualRuntime::default();
    /// let mut task = manual.runtime().spawn(async |_| 42);
    /// assert_eq!(task.take_result(), None);
    /// manual.run_until_stalled();
    /// assert_eq!(task.take_result(), Some(Ok(42)));
    /// assert_eq!(task.take_result(), None, "it was taken");
    /// ```
    pub fn take_result(&mut self) -> Option<Result<T, TaskError<E>>> {
        let result = self.state.result.take();
        self.taken |= result.is_some();
        result
    }

    /// Cancels it, unless it has settled: true if it did something.
    ///
    /// The task is `Cancelled` at once, and so are its children. Its function is dropped where it awaits, before this
    /// call returns; if the call comes from within the function itself, when it awaits next. A task that waits is never
    /// started.
    #[allow(clippy::must_use_candidate)] // most callers don't mind
    pub fn cancel(&self) -> bool {
        let _entered = self.runtime.enter();
        self.state.cancel()
    }

    /// Lets it go on without its handle. Nobody will see its result, or its error.
    pub fn detach(mut self) {
        self.owned = false;
    }

    /// How many values of its progress had to make room for later ones.
    pub fn dropped_progress(&self) -> u64 {
        self.state.common.progress.dropped()
    }
}

impl<T, P: Clone, E> Task<T, P, E> {
    /// The values that it has reported since the last drain and that are still kept, oldest first.
    pub fn drain_progress(&self) -> Vec<P> {
        self.state.common.progress.drain()
    }

    /// The latest value that it has reported; it is not drained.
    pub fn latest_progress(&self) -> Option<P> {
        self.state.common.progress.latest()
    }

    /// Everything that it reports, from the start of the buffer. There may be several readers; each gets every value
    /// that is still kept when its turn comes. The stream ends with the task, however that ends.
    ///
    /// ```
    /// use futures::StreamExt;
    /// use taskloom::{Task, rt::ManualRuntime};
    ///
    /// ManualRuntime::default().run(async {
    ///     let task = Task::builder().progress::<u32>().spawn(async |ctx| (1..=3).for_each(|i| ctx.progress(i)));
    ///     let seen: Vec<u32> = task.progress_stream().collect().await;
    ///     assert_eq!(seen, [1, 2, 3]);
    /// });
    /// ```
    pub fn progress_stream(&self) -> ProgressStream<P> {
        ProgressStream::of(self.state.clone())
    }
}

impl<T, P, E> Future for Task<T, P, E> {
    type Output = Result<T, TaskError<E>>;

    /// # Panics
    ///
    /// If the result was taken before.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(result) = self.take_result() {
            return Poll::Ready(result);
        }
        assert!(!self.taken, "a task was polled after its result had been taken");
        self.state.waiting.add(cx.waker());
        Poll::Pending
    }
}

impl<T, P, E> FusedFuture for Task<T, P, E> {
    fn is_terminated(&self) -> bool {
        self.taken
    }
}

impl<T, P, E> Drop for Task<T, P, E> {
    fn drop(&mut self) {
        if self.owned {
            self.cancel();
        }
    }
}

impl<T, P, E> fmt::Debug for Task<T, P, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("name", &self.name())
            .field("state", &self.state())
            .field("attempt", &self.attempt())
            .finish_non_exhaustive()
    }
}
