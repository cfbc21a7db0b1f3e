//! How many tasks may start within a span of time.

use std::{collections::VecDeque, time::Duration};

use super::{clock::Instant, error::Error};

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
            return Err(Error::invalid("rateLimit.limit", 0.0, "a whole number of at least 1"));
        }
        if self.per == Duration::ZERO {
            return Err(Error::invalid("rateLimit.per", 0.0, "a duration of more than 0 ms"));
        }
        Ok(self)
    }
}

/// The starts of the last span, by which a limit is kept exactly: a window that slides, where one that begins anew every
/// `per` would let twice the limit through around its edge.
#[derive(Debug)]
pub struct RateWindow {
    limit: RateLimit,
    starts: VecDeque<Instant>,
}

impl RateWindow {
    /// A window in which nothing has started.
    pub fn new(limit: RateLimit) -> Self {
        Self { limit, starts: VecDeque::new() }
    }

    /// When the next task may start; the past or now if at once.
    pub fn next_start(&self) -> Instant {
        match self.starts.front() {
            Some(oldest) if self.starts.len() >= self.limit.limit as usize => *oldest + self.limit.per,
            _ => Instant::default(),
        }
    }

    /// A task starts.
    pub fn note(&mut self, now: Instant) {
        if self.starts.len() >= self.limit.limit as usize {
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
            limit in 1..5_u32, per in 1..50_u64, waits in proptest::collection::vec(0..30_u64, 0..60),
        ) {
            let mut window = RateWindow::new(RateLimit { limit, per: Duration::from_micros(per) });
            let (mut now, mut starts) = (0, Vec::<u64>::new());
            for wait in waits {
                now += wait;
                let recent = starts.iter().filter(|start| **start + per > now).count();
                let may_start = window.next_start() <= Instant::from_micros(now);
                prop_assert_eq!(may_start, recent < limit as usize);
                if may_start {
                    window.note(Instant::from_micros(now));
                    starts.push(now);
                }
            }
        }
    }
}
