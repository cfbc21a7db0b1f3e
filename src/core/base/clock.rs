//! Time as a port: the engine asks a [`Clock`], tests turn a [`ManualClock`].

use alloc::rc::Rc;
use core::{
    cell::Cell,
    ops::{Add, Sub},
    time::Duration,
};

/// A point in time: whole microseconds since the clock's origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(u64);

impl Instant {
    /// The point that lies `micros` microseconds after the clock's origin.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the clock's origin.
    pub const fn as_micros(self) -> u64 {
        self.0
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    /// Saturates: no span is so long that a deadline would wrap round into the past.
    #[inline(never)] // 0.3 kB smaller, and no slower
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl Sub for Instant {
    type Output = Duration;

    /// Zero if `earlier` is in fact the later one.
    fn sub(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

/// Where the time comes from. It never runs backwards.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Instant;
}

/// The time of day: unlike a [`Clock`] it may be set, forward and back.
pub trait WallClock {
    /// Milliseconds since 1970-01-01T00:00Z.
    fn millis(&self) -> i64;
}

/// A clock that stands still until it is turned. Clones share one time.
///
/// ```
/// use std::time::Duration;
/// use taskloom::core::base::clock::{Clock, ManualClock};
///
/// let clock = ManualClock::default();
/// let start = clock.now();
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(clock.now() - start, Duration::from_secs(90));
/// ```
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Rc<Cell<Instant>>);

impl ManualClock {
    /// Turns the clock forward.
    pub fn advance(&self, span: Duration) {
        self.0.set(self.0.get() + span);
    }
}

/// A wall clock that runs with a [`ManualClock`], and can be set. Clones are one clock. It begins at 1970-01-01T00:00Z.
///
/// ```
/// use std::time::Duration;
/// use taskloom::core::base::clock::{ManualClock, ManualWallClock, WallClock};
///
/// let clock = ManualClock::default();
/// let wall_clock = ManualWallClock::new(clock.clone());
/// wall_clock.set(1_700_000_000_000);
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(wall_clock.millis(), 1_700_000_001_000);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ManualWallClock {
    clock: ManualClock,
    ahead: Rc<Cell<i64>>,
}

impl ManualWallClock {
    /// One that runs with this clock.
    pub fn new(clock: ManualClock) -> Self {
        Self { clock, ahead: Rc::default() }
    }

    /// Sets it to this many milliseconds since 1970-01-01T00:00Z.
    pub fn set(&self, millis: i64) {
        self.ahead.set(self.ahead.get() + millis - self.millis());
    }
}

impl WallClock for ManualWallClock {
    fn millis(&self) -> i64 {
        self.ahead.get().saturating_add_unsigned(self.clock.now().as_micros() / 1000)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.0.get()
    }
}
