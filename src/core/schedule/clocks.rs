//! Two clocks made one: time that neither sleep nor somebody who sets the clock can disturb.

use super::trigger::Millis;

/// By how much the wall clock has to get ahead of the monotonic one to count as sleep. Less is what time synchronization does.
const SLEEP: Millis = 5_000;

/// By how much the wall clock and elapsed time may drift apart before the one is a new grid for the other.
const AGREES: Millis = 10;

/// What both clocks show, in whole milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Of the wall clock, since 1970-01-01T00:00Z. It may be set.
    pub wall: Millis,
    /// Of a clock that only runs forward, and may stand still while the machine sleeps.
    pub monotonic: Millis,
}

/// Elapsed time, sleep included.
///
/// Platforms differ in whether their [monotonic clock](https://www.w3.org/TR/hr-time-3/#sec-monotonic-clock) runs while the machine sleeps: it does on
/// Windows, and does not on macOS and Linux. So a wall clock that gets more than 5 s ahead of it at once is taken for sleep. One that is set back changes nothing. One that is set forward can't be
/// told from sleep.
///
/// ```
/// use taskloom::core::schedule::clocks::{Clocks, Reading};
///
/// let mut clocks = Clocks::new(Reading { wall: 1_000_000, monotonic: 50 });
/// assert_eq!(clocks.elapsed(Reading { wall: 1_001_000, monotonic: 1_050 }), 1_000);
/// assert_eq!(clocks.elapsed(Reading { wall: 4_601_000, monotonic: 1_050 }), 3_601_000, "an hour of sleep");
/// assert_eq!(clocks.elapsed(Reading { wall: 0, monotonic: 2_050 }), 3_602_000, "the clock was set back");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Clocks {
    last: Reading,
    elapsed: Millis,
    ahead: Millis,
}

impl Clocks {
    /// Time elapses from now on.
    pub fn new(now: Reading) -> Self {
        Self { last: now, elapsed: 0, ahead: now.wall }
    }

    /// How much time has elapsed until now.
    pub fn elapsed(&mut self, now: Reading) -> Millis {
        let awake = (now.monotonic - self.last.monotonic).max(0);
        let asleep = now.wall - self.last.wall - awake;
        self.elapsed += awake + if asleep > SLEEP { asleep } else { 0 };
        self.last = now;
        let ahead = now.wall - self.elapsed;
        if (ahead - self.ahead).abs() > AGREES {
            self.ahead = ahead;
        }
        self.elapsed
    }

    /// By how much the wall clock is ahead of elapsed time. It stands still while the two agree to 10 ms, so that a grid of one is a grid of the other.
    pub fn ahead(&self) -> Millis {
        self.ahead
    }
}
