//! A manager: how many of its tasks run at once, who waits, and how many finished ones are kept.

use core::time::Duration;

use crate::core::{
    base::{deadline::Deadline, error::Error},
    tasks::{
        queue::{FairQueue, PostedQueue},
        rate::{RateLimit, RateWindow},
    },
};

/// Names a manager of an engine.
pub type ManagerId = u32;

/// Beyond the bound on finished tasks this many more are kept until the next submit, so that a burst can still be
/// looked up when it is over, and yet memory is bounded.
pub const TRIM_SLACK: u32 = 1024;

/// What a manager allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagerOptions {
    /// How many of its tasks run at once; at least 1.
    pub concurrency: u32,
    /// How many may wait; a submit beyond it is refused with `queue-full`.
    pub max_queue: u32,
    /// How many finished tasks can still be looked up.
    pub max_completed: u32,
    /// How many may start within a span of time; children do not count.
    pub rate: Option<RateLimit>,
    /// How long a task that has settled keeps its place while its function still runs; `None` for as long as that takes.
    pub cancel_grace: Option<Duration>,
}

/// The grace that a manager gives if nothing else is said.
pub const CANCEL_GRACE: Duration = Duration::from_secs(10);

impl Default for ManagerOptions {
    /// No bound on running and waiting tasks; 256 finished ones; a grace of 10 s.
    fn default() -> Self {
        Self {
            concurrency: u32::MAX,
            max_queue: u32::MAX,
            max_completed: 256,
            rate: None,
            cancel_grace: Some(CANCEL_GRACE),
        }
    }
}

impl ManagerOptions {
    /// The options, if they are in range; else `invalid-argument` that names the field.
    pub fn validated(self) -> Result<Self, Error> {
        if self.concurrency == 0 {
            return Err(Error::invalid("concurrency", 0.0, "a whole number of at least 1, or Infinity"));
        }
        self.rate.map(RateLimit::validated).transpose()?;
        Ok(self)
    }
}

/// The state of a manager.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // each is decided by itself
pub(crate) struct Manager {
    pub options: ManagerOptions,
    pub paused: bool,
    /// Its tasks run elsewhere, and start when they are pulled.
    pub pulled: bool,
    /// How many further tasks would be pulled at once; `max_queue` bounds those beyond them.
    pub free: u32,
    pub queue: FairQueue,
    /// Those that have a place and wait for the platform's scheduler.
    pub posted: PostedQueue,
    pub rate: Option<RateWindow>,
    /// Set while tasks wait only for the rate limit.
    pub rate_deadline: Option<Deadline>,
    /// Whether the host wants to hear of that.
    pub rate_watched: bool,
    /// Places that are taken.
    pub running: u32,
    /// Tasks that wait, run, or have settled but not stopped; children included.
    pub live: u32,
    /// How many of them have lost their places, since their functions have not ended in time. Nobody waits for those.
    pub given_up: u32,
    /// Whether it is to be forgotten when the last of those has ended.
    pub removed: bool,
    /// Whether the host wants to hear when it is idle.
    pub idle_watched: bool,
}

impl Manager {
    pub fn new(options: ManagerOptions) -> Self {
        Self { options, rate: options.rate.map(RateWindow::new), ..Self::default() }
    }

    /// Whether nothing waits or runs, but functions that were given up.
    pub fn is_idle(&self) -> bool {
        self.live == self.given_up
    }

    /// Whether a place that becomes free matters to anybody.
    pub fn has_line(&self) -> bool {
        !self.queue.is_empty() || self.rate_deadline.is_some()
    }

    /// Whether its tasks may have to wait for each other; else none overtakes another.
    pub fn is_bounded(&self) -> bool {
        self.options.concurrency != u32::MAX || self.rate.is_some()
    }

    pub fn has_place(&self) -> bool {
        !self.paused && !self.pulled && self.running < self.options.concurrency
    }
}
