//! A task between its runtime, its handle and its context: what core must not see, the function and the value.

use std::{
    cell::Cell,
    rc::{Rc, Weak},
};

use futures::future::LocalBoxFuture;

use super::{
    attempt::{Attempt, Driver},
    context::Context,
    error::{CancelledBy, TaskError},
    live::Live,
    manager::Membership,
    progress::Progress,
    retry::Retry,
    runtime::{Inner, Runtime},
    wakers::Wakers,
};
use crate::core::tasks::{
    engine::{DEFAULT_MANAGER, Ended, ManagerId},
    priority::Priority,
    retry::Verdict,
    task::{Outcome, TaskKey, TaskState, Timeout},
};

/// Makes the future of one attempt. It runs none of the caller's code: that begins with the future's first poll.
pub(super) type Function<T, P, E> = Box<dyn FnMut(Context<P>) -> LocalBoxFuture<'static, Result<T, E>>>;

/// What is the same for tasks of whatever value.
pub(super) struct Common<P> {
    /// Weak, since the runtime holds its live tasks.
    pub runtime: Weak<Inner>,
    /// None before it is submitted, and for ever if that was refused.
    pub key: Cell<Option<TaskKey>>,
    pub name: Box<str>,
    pub priority: Option<Priority>,
    /// Its manager, unless that is the default one; held so that it stays known to the engine.
    pub membership: Option<Rc<Membership>>,
    pub state: Cell<TaskState>,
    pub attempt: Cell<u32>,
    pub progress: Progress<P>,
}

impl<P> Common<P> {
    pub fn is_over(&self) -> bool {
        !matches!(self.state.get(), TaskState::Pending | TaskState::Running)
    }
}

/// A task that reports values of `P`, whatever else it is.
pub(super) trait Reports<P> {
    fn common(&self) -> &Common<P>;
}

/// What runs the attempts of a task that have no function here: a worker.
pub(super) trait Remote {
    /// The attempt that is there need not go on. That it has ended is told to the engine by the pool.
    fn abort(&self);

    /// The task is over.
    fn release(&self);
}

/// All there is of a task on this side of the engine.
pub(super) struct State<T: 'static, P: 'static, E: 'static> {
    pub common: Common<P>,
    /// Until the handle takes it.
    pub result: Cell<Option<Result<T, TaskError<E>>>>,
    /// Those who wait for the result.
    pub waiting: Wakers,
    /// Until the task is over; none if it runs elsewhere.
    pub function: Cell<Option<Function<T, P, E>>>,
    /// Where it runs, if not here.
    pub remote: Option<Rc<dyn Remote>>,
    pub retry: Option<Retry<E>>,
    /// The attempt that runs.
    pub current: Cell<Option<Rc<Attempt<T, E>>>>,
}

impl<T, P, E> Reports<P> for State<T, P, E> {
    fn common(&self) -> &Common<P> {
        &self.common
    }
}

impl<T, P, E> State<T, P, E> {
    /// Takes the snapshot. No code of the caller runs.
    pub fn settle_with(&self, result: Result<T, TaskError<E>>) {
        debug_assert!(!self.common.is_over(), "a task settles once");
        self.common.state.set(match &result {
            Ok(_) => TaskState::Done,
            Err(error) => error.state(),
        });
        self.result.set(Some(result));
    }

    /// Carries out the engine's answer to the end of a task, which is this result if the task has not ended before.
    fn close(&self, runtime: &Runtime, ended: Ended, result: Result<T, TaskError<E>>) -> bool {
        let Ended::Settled { stopped } = ended else {
            runtime.follow();
            return false;
        };
        let forgotten = self.common.key.get().filter(|_| stopped);
        let forgotten = forgotten.and_then(|key| runtime.forget(key));
        self.settle_with(result);
        runtime.follow();
        self.finish();
        drop(forgotten);
        true
    }

    fn cancel_by(&self, by: CancelledBy) -> bool {
        self.end_with(TaskError::Cancelled(by))
    }

    /// Ends it from outside its function; whether it had not settled yet.
    fn end_with(&self, error: TaskError<E>) -> bool {
        if self.common.is_over() {
            return false;
        }
        let result = Err(error);
        if let (Some(inner), Some(key)) = (self.common.runtime.upgrade(), self.common.key.get()) {
            let runtime = Runtime(inner);
            let ended = runtime.engine().cancel(key);
            self.close(&runtime, ended, result)
        } else {
            // The runtime is about to go, and its engine with it.
            self.settle_with(result);
            self.finish();
            true
        }
    }

    fn stop_current(&self) {
        if let Some(attempt) = self.current.take().filter(|attempt| attempt.stop()) {
            self.attempt_has_stopped(&attempt);
        }
    }

    /// The future of an attempt was dropped: the task may give its place back, if it is over.
    pub fn attempt_has_stopped(&self, attempt: &Attempt<T, E>) {
        if attempt.reported.replace(true) {
            return;
        }
        if let (Some(inner), Some(key)) = (self.common.runtime.upgrade(), self.common.key.get()) {
            let runtime = Runtime(inner);
            runtime.engine().reject(key, attempt.number);
            runtime.follow();
        }
    }

    /// An attempt has ended with this result. After a final error there is no other attempt, whatever the policy.
    pub fn attempt_has_ended(&self, runtime: &Runtime, number: u32, result: Result<T, E>, is_final: bool) {
        let Some(key) = self.common.key.get() else { return };
        match result {
            Ok(value) => {
                let ended = runtime.engine().resolve(key, number);
                self.close(runtime, ended, Ok(value));
            }
            Err(error) => {
                let mut ended = runtime.engine().reject(key, number);
                if ended == Ended::Undecided {
                    runtime.follow();
                    let retry = self.retry.as_ref().filter(|_| !is_final);
                    let verdict = retry.map_or(Verdict::GiveUp, |retry| retry.verdict(&error));
                    ended = runtime.engine().decide(key, number, verdict);
                }
                self.close(runtime, ended, Err(TaskError::Failed(error)));
            }
        }
    }

    /// The driver of an attempt was dropped before its future had ended. If that is being polled, it has panicked.
    pub fn lose_attempt(&self, attempt: &Attempt<T, E>) {
        self.end_with(if attempt.is_polled() {
            TaskError::Panicked
        } else {
            TaskError::Cancelled(CancelledBy::Executor)
        });
        attempt.stop();
        self.attempt_has_stopped(attempt);
    }
}

impl<T, P, E> Live for State<T, P, E> {
    fn manager(&self) -> ManagerId {
        self.common.membership.as_ref().map_or(DEFAULT_MANAGER, |membership| membership.id)
    }

    fn settle(&self, outcome: Outcome) {
        self.settle_with(Err(TaskError::from_outcome(outcome)));
    }

    fn finish(&self) {
        let function = self.function.take();
        self.stop_current();
        drop(function);
        if let Some(remote) = &self.remote {
            remote.release();
        }
        self.waiting.wake();
        self.common.progress.wake();
    }

    fn begin(self: Rc<Self>, runtime: &Runtime, number: u32) {
        if self.remote.is_some() && !self.common.is_over() {
            self.common.state.set(TaskState::Running);
            self.common.attempt.set(number);
            return;
        }
        let function = self.function.take();
        let Some(mut function) = function.filter(|_| !self.common.is_over()) else {
            // It was cancelled since the engine said so.
            if let Some(key) = self.common.key.get() {
                runtime.engine().reject(key, number);
                runtime.follow();
            }
            return;
        };
        self.common.state.set(TaskState::Running);
        self.common.attempt.set(number);
        let future = function(Context::new(runtime.clone(), self.clone(), number));
        self.function.set(Some(function));
        let attempt = Rc::new(Attempt::new(number, future));
        self.current.set(Some(attempt.clone()));
        runtime.execute(Driver { state: self, attempt, runtime: runtime.clone() });
    }

    fn attempt_timed_out(&self, runtime: &Runtime, number: u32) {
        self.stop_current();
        if let Some(remote) = &self.remote {
            remote.abort();
        }
        let Some(key) = self.common.key.get() else { return };
        // The caller's rules judge the function's own errors, and there is none.
        let ended = runtime.engine().decide(key, number, Verdict::Retry);
        self.close(runtime, ended, Err(TaskError::TimedOut(Timeout::Attempt)));
    }

    fn cancel(&self) -> bool {
        self.cancel_by(CancelledBy::Owner)
    }

    fn lose(&self) {
        self.cancel_by(CancelledBy::Executor);
    }

    fn panicked(&self, number: u32) {
        let current = self.current.take();
        self.end_with(TaskError::Panicked);
        if let Some(attempt) = current {
            self.attempt_has_stopped(&attempt);
        } else if let (Some(inner), Some(key)) = (self.common.runtime.upgrade(), self.common.key.get()) {
            // It was over before it panicked, and had yet to say that it has stopped.
            let runtime = Runtime(inner);
            runtime.engine().reject(key, number);
            runtime.follow();
        }
    }
}
