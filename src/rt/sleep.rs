//! Waiting for a time.

use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures::future::{Either, select};

use super::{error::TaskError, runtime::Runtime};
use crate::core::{base::clock::Instant, tasks::task::Timeout};

/// Those who sleep, by when they are to be woken, and in the order in which they went to sleep.
#[derive(Default)]
pub(super) struct Sleepers {
    wakers: BTreeMap<(Instant, u64), Waker>,
    next_number: u64,
}

impl Sleepers {
    pub fn next(&self) -> Option<Instant> {
        self.wakers.first_key_value().map(|((at, _), _)| *at)
    }

    pub fn take_due(&mut self, now: Instant) -> Vec<Waker> {
        let later = self.wakers.split_off(&(now, u64::MAX));
        std::mem::replace(&mut self.wakers, later).into_values().collect()
    }
}

/// The future of [`sleep`](super::sleep).
#[must_use = "a future does nothing unless it is polled"]
pub struct Sleep {
    runtime: Runtime,
    at: Instant,
    number: Option<u64>,
}

impl Sleep {
    pub(super) fn new(runtime: Runtime, at: Instant) -> Self {
        Self { runtime, at, number: None }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.runtime.now() >= self.at {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        let mut sleepers = self.runtime.0.sleepers.borrow_mut();
        let number = self.number.unwrap_or_else(|| {
            sleepers.next_number += 1;
            sleepers.next_number
        });
        let replaced = sleepers.wakers.insert((self.at, number), waker);
        drop(sleepers);
        drop(replaced);
        self.number = Some(number);
        self.runtime.arm();
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let removed = self.runtime.0.sleepers.borrow_mut().wakers.remove(&(self.at, number));
        if removed.is_some() {
            self.runtime.arm();
        }
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").field("at", &self.at).finish_non_exhaustive()
    }
}

impl Runtime {
    /// Bounds a future in time; see [`timeout`](super::timeout).
    pub fn timeout<F: Future>(
        &self,
        span: Duration,
        future: F,
    ) -> impl Future<Output = Result<F::Output, TaskError>> + use<F> {
        let sleep = self.sleep(span);
        async move {
            match select(pin!(future), sleep).await {
                Either::Left((output, _)) => Ok(output),
                Either::Right(_) => Err(TaskError::TimedOut(Timeout::Total)),
            }
        }
    }
}
