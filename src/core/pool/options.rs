//! What a pool allows.

use core::time::Duration;

use crate::core::base::error::Error;

/// The bounds of a worker pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolOptions {
    /// How many workers there are at most; 1 to [`MAX_WORKERS`].
    pub size: u32,
    /// How many are started at once and never end for being idle; at most `size`.
    pub min_workers: u32,
    /// After how long an idle worker ends; `None` for never.
    pub idle_timeout: Option<Duration>,
    /// How long a worker may take to say that it is ready.
    pub start_timeout: Duration,
    /// How long a cancelled call may go on before its worker is terminated.
    pub cancel_grace: Duration,
}

/// More workers than this are taken for a mistake: each is a thread with a heap of its own.
pub const MAX_WORKERS: u32 = 1024;

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            size: 1,
            min_workers: 0,
            idle_timeout: Some(Duration::from_secs(30)),
            start_timeout: Duration::from_secs(30),
            cancel_grace: Duration::from_millis(100),
        }
    }
}

impl PoolOptions {
    /// The options, if they are in range; else `invalid-argument` that names the field.
    pub fn validated(self) -> Result<Self, Error> {
        if self.size == 0 || self.size > MAX_WORKERS {
            return Err(Error::invalid("size", self.size, "a whole number from 1 to 1024, or 'auto'"));
        }
        if self.min_workers > self.size {
            return Err(Error::invalid("min_workers", self.min_workers, "at most size"));
        }
        Ok(self)
    }
}
