//! Waking up later as a port: the host of an engine arms one [`Timer`], tests turn a [`ManualTimer`].

use alloc::{boxed::Box, rc::Rc};
use core::{cell::Cell, fmt, time::Duration};

use crate::core::base::clock::{Clock, Instant, ManualClock};

/// The one alarm of a host: it is set for the soonest deadline there is.
pub trait Timer {
    /// Calls `then` once, after `delay` or later. What was armed before is forgotten.
    ///
    /// The delay is at most [`MAX_PLATFORM_DELAY`](super::deadline::MAX_PLATFORM_DELAY). `then` is never called
    /// from inside this call.
    fn arm(&self, delay: Duration, then: Box<dyn FnOnce()>);

    /// Forgets what was armed.
    fn disarm(&self);
}

/// A timer that rings only when it is told to, and turns its [`ManualClock`] to the time it was set for. Clones are
/// one timer.
///
/// ```
/// use std::{cell::Cell, rc::Rc, time::Duration};
/// use taskloom::core::base::{clock::ManualClock, timer::{ManualTimer, Timer}};
///
/// let timer = ManualTimer::new(ManualClock::default());
/// let rung = Rc::new(Cell::new(false));
/// timer.arm(Duration::from_secs(5), Box::new({ let rung = rung.clone(); move || rung.set(true) }));
/// assert!(timer.ring() && rung.get());
/// assert!(!timer.ring(), "it rings once");
/// ```
#[derive(Clone, Default)]
pub struct ManualTimer {
    clock: ManualClock,
    alarm: Rc<Cell<Option<Alarm>>>,
}

struct Alarm {
    at: Instant,
    then: Box<dyn FnOnce()>,
}

impl ManualTimer {
    /// A timer by this clock.
    pub fn new(clock: ManualClock) -> Self {
        Self { clock, alarm: Rc::default() }
    }

    /// What it is set for.
    pub fn next(&self) -> Option<Instant> {
        let alarm = self.alarm.take();
        let at = alarm.as_ref().map(|alarm| alarm.at);
        self.alarm.set(alarm);
        at
    }

    /// Turns the clock to the time it is set for, and rings; false if it is not set.
    pub fn ring(&self) -> bool {
        let Some(alarm) = self.alarm.take() else {
            return false;
        };
        self.clock.advance(alarm.at - self.clock.now());
        (alarm.then)();
        true
    }
}

impl Timer for ManualTimer {
    fn arm(&self, delay: Duration, then: Box<dyn FnOnce()>) {
        let at = self.clock.now() + delay;
        self.alarm.set(Some(Alarm { at, then }));
    }

    fn disarm(&self) {
        self.alarm.set(None);
    }
}

impl fmt::Debug for ManualTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManualTimer")
            .field("clock", &self.clock)
            .field("next", &self.next())
            .finish_non_exhaustive()
    }
}
