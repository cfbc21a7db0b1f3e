//! What a task's function is given.

use std::{cell::Cell, fmt, future, rc::Rc, time::Duration};

use super::{
    builder::{Place, TaskBuilder},
    runtime::Runtime,
    state::Reports,
    task::Task,
};
use crate::core::{
    base::clock::Instant,
    tasks::{priority::Priority, task::TaskKey},
};

/// What a task's function can say and ask. Each attempt has its own; clones are one.
///
/// `P` is the type of the values that the task reports; see [`TaskBuilder::progress`].
pub struct Context<P: 'static = ()> {
    runtime: Runtime,
    task: Rc<dyn Reports<P>>,
    attempt: u32,
}

impl<P> Context<P> {
    pub(super) fn new(runtime: Runtime, task: Rc<dyn Reports<P>>, attempt: u32) -> Self {
        Self { runtime, task, attempt }
    }

    /// Reports a value to whoever follows the task. It is dropped if the attempt is over.
    pub fn progress(&self, value: P) {
        if !self.is_cancelled() {
            self.task.common().progress.push(value);
        }
    }

    /// Gives the event loop a turn if the time slice of the thread, about 5 ms, is used up; else goes on at once.
    ///
    /// Call it in every loop that computes for long: input, timers and other tasks get their turn, and a task that
    /// was cancelled ends here.
    ///
    /// ```
    /// use taskloom::rt::ManualRuntime;
    ///
    /// ManualRuntime::default().run(async {
    ///     let sum = taskloom::spawn(async |ctx| {
    ///         let mut sum = 0_u64;
    ///         for i in 0..1000 {
    ///             sum += i;
    ///             ctx.checkpoint().await;
    ///         }
    ///         sum
    ///     });
    ///     assert_eq!(sum.await, Ok(499_500));
    /// });
    /// ```
    pub async fn checkpoint(&self) {
        if self.is_cancelled() {
            // The future is dropped as soon as this poll has ended.
            return future::pending().await;
        }
        let slice = &self.runtime.0.slice;
        let yielding = &self.runtime.0.yielding;
        if slice.get().is_spent(self.runtime.now(), yielding.get()) {
            let _waiting = Waiting::new(yielding);
            self.runtime.turn(self.task.common().priority.map(Priority::of_checkpoint)).await;
            let mut fresh = slice.get();
            fresh.restart(self.runtime.now());
            slice.set(fresh);
        }
    }

    /// Whether what the attempt still does is in vain: the task has settled, or a later attempt runs.
    ///
    /// A cancelled function is dropped where it awaits, so only code that does not await has to ask.
    pub fn is_cancelled(&self) -> bool {
        let task = self.task.common();
        task.is_over() || task.attempt.get() != self.attempt
    }

    /// Which attempt of the task this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The name given to the task; empty if none was.
    pub fn name(&self) -> &str {
        &self.task.common().name
    }

    /// When the task or one of its ancestors runs out of time, by the runtime's clock.
    pub fn deadline(&self) -> Option<Instant> {
        self.runtime.engine().deadline(self.key()?)
    }

    /// How long the task may still take, its ancestors' limits included.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline().map(|deadline| deadline - self.runtime.now())
    }

    /// The runtime that the task runs on.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Starts a child: it is cancelled when this attempt ends, so await it, and so are its own children.
    ///
    /// It starts at once, in the place that this task has in its manager.
    ///
    /// ```
    /// use taskloom::rt::ManualRuntime;
    ///
    /// ManualRuntime::default().run(async {
    ///     let task = taskloom::spawn(async |ctx| {
    ///         let (left, right) = (ctx.spawn(async |_| 20), ctx.spawn(async |_| 22));
    ///         Ok::<i32, taskloom::TaskError>(left.await? + right.await?)
    ///     });
    ///     assert_eq!(task.await, Ok(Ok(42)));
    /// });
    /// ```
    pub fn spawn<T, F>(&self, function: F) -> Task<T>
    where
        T: 'static,
        F: AsyncFnOnce(Context) -> T + 'static,
    {
        self.task().spawn(function)
    }

    /// A child that is to be spawned, with options; see [`spawn`](Context::spawn).
    pub fn task(&self) -> TaskBuilder {
        TaskBuilder::at(Place {
            runtime: self.runtime.clone(),
            membership: self.task.common().membership.clone(),
            parent: self.key(),
        })
    }

    fn key(&self) -> Option<TaskKey> {
        self.task.common().key.get()
    }
}

impl<P> Clone for Context<P> {
    fn clone(&self) -> Self {
        Self::new(self.runtime.clone(), self.task.clone(), self.attempt)
    }
}

impl<P> fmt::Debug for Context<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("name", &self.name())
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// Counts a checkpoint that waits for its turn, until it has had it or its future is dropped.
struct Waiting<'a>(&'a Cell<u32>);

impl<'a> Waiting<'a> {
    fn new(count: &'a Cell<u32>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}
