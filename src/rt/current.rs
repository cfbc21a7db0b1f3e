//! The runtime of the thread, and the functions that use it.

use std::{cell::Cell, fmt, future::Future, marker::PhantomData, time::Duration};

use super::{context::Context, error::TaskError, runtime::Runtime, sleep::Sleep, task::Task};

thread_local! {
    static ENTERED: Cell<Option<Runtime>> = const { Cell::new(None) };
}

impl Runtime {
    /// The runtime of this thread: the one that was [entered](Runtime::enter) last, else in the browser one that is made
    /// at the first call.
    ///
    /// A task's function has its own runtime entered.
    pub fn try_current() -> Option<Self> {
        let entered = ENTERED.take();
        let current = entered.clone();
        ENTERED.set(entered);
        current.or_else(platform)
    }

    /// As [`try_current`](Runtime::try_current).
    ///
    /// # Panics
    ///
    /// Outside the browser, if no runtime was entered.
    pub fn current() -> Self {
        Self::try_current()
            .expect("no runtime on this thread; call this within ManualRuntime::run or after Runtime::enter")
    }

    /// Forgets what was entered, by functions that will never come back.
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
    pub(super) fn leave_all() {
        drop(ENTERED.take());
    }

    /// Makes this the runtime of the thread until the guard is dropped. Guards are dropped in reverse order.
    ///
    /// ```
    /// use taskloom::rt::{ManualRuntime, Runtime};
    ///
    /// let manual = ManualRuntime::default();
    /// assert!(Runtime::try_current().is_none());
    /// let entered = manual.runtime().enter();
    /// let task = taskloom::spawn(async |_| ());
    /// drop(entered);
    /// # drop(task);
    /// ```
    pub fn enter(&self) -> Entered {
        Entered { previous: ENTERED.replace(Some(self.clone())), not_send: PhantomData }
    }
}

/// While it lives, [`Runtime::current`] is the runtime that was entered.
#[must_use = "the runtime is left again when this is dropped"]
pub struct Entered {
    previous: Option<Runtime>,
    not_send: PhantomData<*const ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        // Out first: what is dropped here may be the last handle of a runtime, and its tasks with it.
        let left = ENTERED.replace(self.previous.take());
        drop(left);
    }
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").finish_non_exhaustive()
    }
}

#[cfg(all(target_arch = "wasm32", feature = "runtime"))]
#[allow(clippy::unnecessary_wraps)] // so that both platforms read alike
fn platform() -> Option<Runtime> {
    Some(crate::platform::runtime::browser())
}

#[cfg(not(all(target_arch = "wasm32", feature = "runtime")))]
fn platform() -> Option<Runtime> {
    None
}

/// Starts a task on the thread's runtime: the function runs in the background, from the executor's next turn on.
///
/// Neither the function nor its value has to be `Send`. With options: [`Task::builder`].
///
/// # Panics
///
/// Outside the browser, if no runtime was [entered](Runtime::enter). In the browser there is always one.
///
/// ```
/// use std::time::Duration;
/// use taskloom::rt::ManualRuntime;
///
/// ManualRuntime::default().run(async {
///     let task = taskloom::spawn(async |_| {
///         taskloom::rt::sleep(Duration::from_secs(3)).await;
///         42
///     });
///     assert_eq!(task.await, Ok(42));
/// });
/// ```
pub fn spawn<T, F>(function: F) -> Task<T>
where
    T: 'static,
    F: AsyncFnOnce(Context) -> T + 'static,
{
    Runtime::current().spawn(function)
}

/// Waits, counted from this call. A wait may be of any length: timers that are too long for the platform are re-armed.
///
/// # Panics
///
/// Where [`spawn`] does.
pub fn sleep(span: Duration) -> Sleep {
    Runtime::current().sleep(span)
}

/// Bounds a future in time, counted from this call; when it has run out, the future is dropped and the error is a
/// `timeout`.
///
/// # Panics
///
/// Where [`spawn`] does.
///
/// ```
/// use std::{future, time::Duration};
/// use taskloom::rt::{ManualRuntime, timeout};
///
/// ManualRuntime::default().run(async {
///     let second = Duration::from_secs(1);
///     assert_eq!(timeout(second, async { 42 }).await, Ok(42));
///     assert_eq!(timeout(second, future::pending::<()>()).await.unwrap_err().code(), "timeout");
/// });
/// ```
pub fn timeout<F: Future>(span: Duration, future: F) -> impl Future<Output = Result<F::Output, TaskError>> {
    Runtime::current().timeout(span, future)
}
