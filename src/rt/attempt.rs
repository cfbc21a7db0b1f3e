//! One attempt of a task: the future of its function, and the driver that polls it.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use futures::future::LocalBoxFuture;

use super::{polling::Polling, runtime::Runtime, state::State};

/// An attempt whose future has not ended. The driver takes the future out to poll it, so that whoever ends the task
/// first can drop it at once, or, if it is being polled right then, have it dropped after that poll.
pub(super) struct Attempt<T, E> {
    /// Counted from 1.
    pub number: u32,
    future: Cell<Option<LocalBoxFuture<'static, Result<T, E>>>>,
    /// Its task goes on without it.
    over: Cell<bool>,
    /// Whether the engine has been told that the future has ended: it counts those that have not.
    pub reported: Cell<bool>,
    driver: Cell<Option<Waker>>,
}

impl<T, E> Attempt<T, E> {
    pub fn new(number: u32, future: LocalBoxFuture<'static, Result<T, E>>) -> Self {
        Self {
            number,
            future: Cell::new(Some(future)),
            over: Cell::new(false),
            reported: Cell::new(false),
            driver: Cell::new(None),
        }
    }

    /// Whether its driver polls the future right now, or did so when that panicked.
    pub fn is_polled(&self) -> bool {
        let future = self.future.take();
        let is_polled = future.is_none() && !self.over.get();
        self.future.set(future);
        is_polled
    }

    /// Drops the future; false if it is being polled, so that its driver will.
    pub fn stop(&self) -> bool {
        self.over.set(true);
        let Some(future) = self.future.take() else {
            return false;
        };
        drop(future);
        // So that the executor frees the driver.
        if let Some(driver) = self.driver.take() {
            driver.wake();
        }
        true
    }
}

/// Polls the future of an attempt on the executor. It keeps the runtime alive while something runs on it.
pub(super) struct Driver<T: 'static, P: 'static, E: 'static> {
    pub state: Rc<State<T, P, E>>,
    pub attempt: Rc<Attempt<T, E>>,
    pub runtime: Runtime,
}

impl<T, P, E> Future for Driver<T, P, E> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { state, attempt, runtime } = &*self;
        let Some(mut future) = attempt.future.take() else {
            return Poll::Ready(()); // it was dropped
        };
        let _entered = runtime.enter();
        let _polling = Polling::begin(runtime, state.clone(), attempt.number);
        match future.as_mut().poll(cx) {
            Poll::Pending if attempt.over.get() => {
                drop(future);
                state.attempt_has_stopped(attempt);
                Poll::Ready(())
            }
            Poll::Pending => {
                attempt.driver.set(Some(cx.waker().clone()));
                attempt.future.set(Some(future));
                Poll::Pending
            }
            Poll::Ready(result) => {
                drop(future);
                attempt.reported.set(true);
                state.attempt_has_ended(runtime, attempt.number, result, false);
                Poll::Ready(())
            }
        }
    }
}

impl<T, P, E> Drop for Driver<T, P, E> {
    /// Nobody will poll it again: it is over, or the executor is gone, or its function has panicked.
    fn drop(&mut self) {
        if !self.attempt.reported.get() {
            let _entered = self.runtime.enter();
            self.state.lose_attempt(&self.attempt);
        }
    }
}
