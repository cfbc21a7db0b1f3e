//! How many tasks may start within a span of time.

use alloc::collections::VecDeque;
use core::time::Duration;

use crate::core::base::{clock::Instant, error::Error};

/// At most `limit` starts in any span of length `per`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many starts; at least 1.
    pub limit: u32,
    /// In how much time; more than 0.
    pub per: Duration,
}

impl RateLimit {
    /// The limit, if it is in range; else `invalid-argument` that names the field.
    pub fn validated(self) -> Result<Self, Error> {
        if self.limit == 0 {
            return Err(Error::invalid("rate_limit.limit", 0.0, "a whole number of at least 1"));
        }
        if self.per == Duration::ZERO {
            return Err(Error::invalid("rate_limit.per", 0.0, "a duration of more than 0 ms"));
        }
        Ok(self)
    }
}

/// The starts of the last span, by which a limit is kept exactly: a window that slides, where one that begins anew every
/// `per` would let twice the limit through around its edge.
///
/// Between the decision that a task may start and its start some time may pass, and it may be cancelled. So a start is
/// first [reserved](Self::reserve), then [made](Self::start) or [given back](Self::give_back).
#[derive(Debug)]
pub struct RateWindow {
    limit: RateLimit,
    reserved: usize,
    starts: VecDeque<Instant>,
}

impl RateWindow {
    /// A window in which nothing has started.
    pub fn new(limit: RateLimit) -> Self {
        Self { limit, reserved: 0, starts: VecDeque::new() }
    }

    /// When the next start may be reserved: the past or now if at once, `None` if not before one that is reserved has been
    /// made or given back.
    pub fn next_start(&self) -> Option<Instant> {
        let free = (self.limit.limit as usize).checked_sub(self.reserved).filter(|free| *free > 0)?;
        let in_the_way = self.starts.len().checked_sub(free).and_then(|index| self.starts.get(index));
        Some(in_the_way.map_or(Instant::default(), |start| *start + self.limit.per))
    }

    /// A task is about to start.
    pub fn reserve(&mut self) {
        self.reserved += 1;
    }

    /// A task that was about to start will not.
    pub fn give_back(&mut self) {
        self.reserved -= 1;
    }

    /// A task that was about to start has started.
    pub fn start(&mut self, now: Instant) {
        self.reserved -= 1;
        while self.starts.front().is_some_and(|start| *start + self.limit.per <= now) {
            self.starts.pop_front();
        }
        self.starts.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn never_more_than_the_limit_in_any_span_and_never_less_than_could_be(
            limit in 1..5_u32, per in 1..50_u64, steps in proptest::collection::vec((0..4_u8, 0..30_u64), 0..80),
        ) {
            let mut window = RateWindow::new(RateLimit { limit, per: Duration::from_micros(per) });
            let (mut now, mut reserved, mut starts) = (0, 0_usize, Vec::<u64>::new());
            for (step, wait) in steps {
                now += wait;
                let recent = starts.iter().filter(|start| **start + per > now).count();
                let may_start = window.next_start().is_some_and(|at| at <= Instant::from_micros(now));
                prop_assert_eq!(may_start, recent + reserved < limit as usize);
                match step {
                    0 if reserved > 0 => {
                        window.give_back();
                        reserved -= 1;
                    }
                    1 if reserved > 0 => {
                        window.start(Instant::from_micros(now));
                        reserved -= 1;
                        starts.push(now);
                    }
                    _ if may_start => {
                        window.reserve();
                        reserved += 1;
                    }
                    _ => {}
                }
                for start in &starts {
                    let span = starts.iter().filter(|other| (*start..start + per).contains(other)).count();
                    prop_assert!(span <= limit as usize);
                }
            }
        }
    }
}
