//! When a long job on the page should let the event loop have a turn.

use core::time::Duration;

use crate::core::base::clock::Instant;

/// How long a job may run before a checkpoint yields. The Chrome team's advice for work that must not
/// disturb input is [50 ms at most](https://web.dev/articles/optimize-long-tasks); 5 ms leaves a frame of
/// 120 Hz room to be drawn.
pub const BUDGET: Duration = Duration::from_millis(5);

/// The least that a job gets between two turns, however many share the thread: below it the turns themselves would be
/// most of the work.
pub const LEAST: Duration = Duration::from_millis(1);

/// The running time slice of a thread. All jobs of the thread share it, since they share its event loop: the more of them wait
/// for their turn, the sooner the running one has to yield, so that one round of all takes about [`BUDGET`].
///
/// ```
/// use std::time::Duration;
/// use taskloom::core::{base::clock::Instant, tasks::slice::TimeSlice};
///
/// let start = Instant::from_micros(0);
/// let mut slice = TimeSlice::default();
/// slice.restart(start);
/// assert!(!slice.is_spent(start + Duration::from_millis(4), 0));
/// assert!(slice.is_spent(start + Duration::from_millis(5), 0));
/// assert!(slice.is_spent(start + Duration::from_millis(2), 3), "three others wait");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TimeSlice {
    start: Instant,
}

impl TimeSlice {
    /// A new slice begins: the event loop has just given the thread back.
    pub fn restart(&mut self, now: Instant) {
        self.start = now;
    }

    /// Whether the slice is used up, so that a checkpoint must yield. `waiting` is how many other jobs wait at theirs.
    pub fn is_spent(self, now: Instant, waiting: u32) -> bool {
        now - self.start >= (BUDGET / (waiting + 1)).max(LEAST)
    }
}
