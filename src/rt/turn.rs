//! Giving the event loop a turn, as a port.

use std::{future::Future, pin::Pin, task};

use futures::future::LocalBoxFuture;

use crate::core::tasks::priority::Priority;

/// Lets everything else that waits for the thread go first: timers, input, other tasks.
pub trait Turn {
    /// A future that completes in a later turn of the event loop, sooner or later by its priority.
    fn turn(&self, priority: Option<Priority>) -> LocalBoxFuture<'static, ()>;
}

/// The [`Turn`] of an executor without an event loop: pending once, behind whatever else is ready.
#[derive(Clone, Copy, Debug, Default)]
pub struct PendOnce;

impl Turn for PendOnce {
    fn turn(&self, _: Option<Priority>) -> LocalBoxFuture<'static, ()> {
        Box::pin(Pending { polled: false })
    }
}

struct Pending {
    polled: bool,
}

impl Future for Pending {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> task::Poll<()> {
        if std::mem::replace(&mut self.polled, true) {
            return task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        task::Poll::Pending
    }
}
