//! A runtime for tests: an executor and a clock that stands still until everything waits.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use futures::{
    executor::LocalPool,
    task::{ArcWake, waker},
};

use super::{
    runtime::{Ports, Runtime},
    turn::PendOnce,
};
use crate::core::base::{
    clock::{Clock, ManualClock, ManualWallClock},
    timer::ManualTimer,
};

/// A [`Runtime`] outside the browser, on a manual clock: an hour's wait takes no time, and every run is the same.
///
/// Code that uses taskloom is tested with it on the host, without a browser.
///
/// ```
/// use std::time::Duration;
/// use taskloom::rt::{ManualRuntime, sleep};
///
/// let mut manual = ManualRuntime::default();
/// let backup = manual.runtime().spawn(async |_| sleep(Duration::from_secs(3600)).await);
/// manual.advance(Duration::from_secs(3599));
/// assert!(!backup.is_done());
/// manual.advance(Duration::from_secs(1));
/// assert!(backup.is_done());
/// ```
#[derive(Debug)]
pub struct ManualRuntime {
    runtime: Runtime,
    pool: LocalPool,
    clock: ManualClock,
    wall_clock: ManualWallClock,
    timer: ManualTimer,
}

impl Default for ManualRuntime {
    fn default() -> Self {
        Self::new(0)
    }
}

impl ManualRuntime {
    /// A runtime whose clock starts at 0. `seed` makes the jitter of retries: one seed, one series.
    pub fn new(seed: u64) -> Self {
        let (pool, clock) = (LocalPool::new(), ManualClock::default());
        let timer = ManualTimer::new(clock.clone());
        let wall_clock = ManualWallClock::new(clock.clone());
        let runtime = Runtime::new(Ports {
            clock: Box::new(clock.clone()),
            wall_clock: Box::new(wall_clock.clone()),
            timer: Box::new(timer.clone()),
            spawner: Box::new(pool.spawner()),
            turn: Box::new(PendOnce),
            seed,
        });
        Self { runtime, pool, clock, wall_clock, timer }
    }

    /// The runtime itself.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Its clock, which code that computes for long may turn.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// Its wall clock, which schedules go by, and which may be set. It begins at 1970-01-01T00:00Z.
    pub fn wall_clock(&self) -> &ManualWallClock {
        &self.wall_clock
    }

    /// Runs a future to its end, and everything else that it needs for that. Whenever all wait, the clock is turned
    /// to the next deadline.
    ///
    /// # Panics
    ///
    /// If all wait and there is no deadline: nothing could ever go on.
    pub fn run<F: Future>(&mut self, future: F) -> F::Output {
        let _entered = self.runtime.enter();
        let mut future = pin!(future);
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = waker(woken.clone());
        loop {
            while woken.0.swap(false, Ordering::Relaxed) {
                if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return output;
                }
                self.pool.run_until_stalled();
            }
            assert!(self.timer.ring(), "deadlock: all wait, and there is no deadline");
            self.pool.run_until_stalled();
        }
    }

    /// Runs all that can run at this time.
    pub fn run_until_stalled(&mut self) {
        let _entered = self.runtime.enter();
        self.pool.run_until_stalled();
    }

    /// Lets time pass: each deadline on the way is met at its own time, and what it leads to runs before the next.
    pub fn advance(&mut self, span: Duration) {
        let end = self.clock.now() + span;
        self.run_until_stalled();
        while self.timer.next().is_some_and(|next| next <= end) {
            self.timer.ring();
            self.run_until_stalled();
        }
        self.clock.advance(end - self.clock.now());
    }
}

struct Woken(AtomicBool);

impl ArcWake for Woken {
    fn wake_by_ref(this: &Arc<Self>) {
        this.0.store(true, Ordering::Relaxed);
    }
}
