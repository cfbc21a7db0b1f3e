//! What a job is called, and what it is given.

use std::{fmt, future::pending, marker::PhantomData, rc::Rc};

use futures::future::LocalBoxFuture;

use crate::rt::Context;

/// The name of a job, and the types that go with it: its argument `A`, its result `T`, the progress values `P` that it reports, and its
/// error `E`. A constant that the page and the jobs share:
///
/// ```
/// use taskloom::rt::pool::Job;
///
/// /// Sums numbers up, and reports how many it has added so far.
/// const SUM: Job<Vec<f64>, f64, usize> = Job::new("sum");
/// assert_eq!(SUM.name(), "sum");
/// ```
pub struct Job<A, T, P = (), E = String> {
    name: &'static str,
    types: PhantomData<Types<A, T, P, E>>,
}

type Types<A, T, P, E> = fn(A) -> (T, P, E);

impl<A, T, P, E> Job<A, T, P, E> {
    /// A job of this name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, types: PhantomData }
    }

    /// Its name, which is also what a page in JavaScript calls it by.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

impl<A, T, P, E> Clone for Job<A, T, P, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, T, P, E> Copy for Job<A, T, P, E> {}

impl<A, T, P, E> fmt::Debug for Job<A, T, P, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Job").field(&self.name).finish()
    }
}

/// What a job can say and ask while it runs, wherever that is. Clones are one.
///
/// A worker makes it from what the page has sent. One that is made [from](#impl-From<Context<P>>-for-JobContext<P>) the context of a task
/// lets the same function run as a task of the page:
///
/// ```
/// use taskloom::{Task, rt::{ManualRuntime, pool::JobContext}};
///
/// fn sum(ctx: &JobContext<usize>, numbers: Vec<f64>) -> Result<f64, String> {
///     let mut sum = 0.0;
///     for (done, number) in numbers.into_iter().enumerate() {
///         if ctx.is_cancelled() { return Err("cancelled".into()) }
///         ctx.progress(done + 1);
///         sum += number;
///     }
///     Ok(sum)
/// }
///
/// ManualRuntime::default().run(async {
///     let mut inline = Task::builder().progress().spawn(async |ctx| sum(&ctx.into(), vec![1.0, 2.0]));
///     assert_eq!((&mut inline).await, Ok(Ok(3.0)));
///     assert_eq!(inline.drain_progress(), [1, 2]);
/// });
/// ```
pub struct JobContext<P: 'static = ()>(Rc<dyn JobPort<P>>);

/// What stands behind a [`JobContext`].
pub trait JobPort<P> {
    /// See [`JobContext::progress`].
    fn progress(&self, value: P);

    /// See [`JobContext::is_cancelled`].
    fn is_cancelled(&self) -> bool;

    /// Gives the event loop a turn if it is due. A cancelled job is dropped where it awaits, by whoever polls it.
    fn checkpoint(&self) -> LocalBoxFuture<'_, ()>;

    /// See [`JobContext::attempt`].
    fn attempt(&self) -> u32;
}

impl<P> JobContext<P> {
    /// The context that a port makes.
    pub fn new(port: impl JobPort<P> + 'static) -> Self {
        Self(Rc::new(port))
    }

    /// Reports a value to whoever follows the task. A burst of values is sent together.
    pub fn progress(&self, value: P) {
        self.0.progress(value);
    }

    /// Whether the result is no longer wanted: the call was cancelled, or has run out of time.
    ///
    /// A synchronous job in a worker sees it only if the page is cross-origin isolated; in others such a job ends with its worker, when
    /// the `cancel_grace` of the pool is over. One that awaits is dropped where it awaits, so it need not ask.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Gives the event loop of the worker a turn if the job has held it for about 5 ms; else goes on at once. A job that was cancelled
    /// ends here.
    pub async fn checkpoint(&self) {
        self.0.checkpoint().await;
        if self.is_cancelled() {
            // It is dropped as soon as this poll has ended.
            pending::<()>().await;
        }
    }

    /// Which attempt of the call this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.0.attempt()
    }
}

impl<P> Clone for JobContext<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P> fmt::Debug for JobContext<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobContext").field("attempt", &self.attempt()).finish_non_exhaustive()
    }
}

/// The same function as a task of the page.
impl<P> From<Context<P>> for JobContext<P> {
    fn from(context: Context<P>) -> Self {
        Self::new(context)
    }
}

impl<P: 'static> JobPort<P> for Context<P> {
    fn progress(&self, value: P) {
        Context::progress(self, value);
    }

    fn is_cancelled(&self) -> bool {
        Context::is_cancelled(self)
    }

    fn checkpoint(&self) -> LocalBoxFuture<'_, ()> {
        Box::pin(Context::checkpoint(self))
    }

    fn attempt(&self) -> u32 {
        Context::attempt(self)
    }
}
