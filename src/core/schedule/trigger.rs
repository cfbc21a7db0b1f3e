//! When a job is due: an interval or a cron expression, within bounds.

use alloc::{boxed::Box, rc::Rc};
use core::fmt;

use super::{
    cron::Cron,
    occurrence::CronInZone,
    zone::{Transitions, Zone},
};
use crate::core::base::error::Error;

/// A point of a job's time in whole milliseconds: of the wall clock since 1970-01-01T00:00Z, or of an elapsed time.
pub type Millis = i64;

/// The zone of a trigger, shared by those that are in it.
pub type SharedZone = Rc<Transitions<Box<dyn Zone>>>;

/// When a job is due.
///
/// ```
/// use std::time::Duration;
/// use taskloom::core::schedule::trigger::Trigger;
///
/// let trigger = Trigger::every(Duration::from_secs(10), 5_000)?; // from here on
/// assert_eq!(trigger.after(0), Some(5_000));
/// assert_eq!(trigger.after(5_000), Some(15_000));
/// assert_eq!(trigger.until(14_999), Some(5_000));
/// # Ok::<(), taskloom::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trigger {
    rhythm: Rhythm,
    start: Option<Millis>,
    end: Option<Millis>,
}

#[derive(Clone)]
enum Rhythm {
    Every { first: Millis, every: Millis },
    Cron { cron: Rc<Cron>, zone: SharedZone },
}

impl Trigger {
    /// Every so often from a first time on. Parts of a millisecond are cut off; less than one is `invalid-argument`.
    pub fn every(every: core::time::Duration, first: Millis) -> Result<Self, Error> {
        let millis = Millis::try_from(every.as_millis()).unwrap_or(Millis::MAX);
        if millis < 1 {
            return Err(Error::invalid("every", every.as_secs_f64() * 1000.0, "1 ms or more"));
        }
        Ok(Self { rhythm: Rhythm::Every { first, every: millis }, start: None, end: None })
    }

    /// At one time.
    pub fn once(at: Millis) -> Self {
        let rhythm = Rhythm::Every { first: at, every: Millis::MAX };
        Self { rhythm, start: None, end: None }.within(None, Some(at))
    }

    /// At the times of a cron expression in a zone, by the wall clock.
    pub fn cron(cron: Rc<Cron>, zone: SharedZone) -> Self {
        Self { rhythm: Rhythm::Cron { cron, zone }, start: None, end: None }
    }

    /// The same between these times, both included. An interval still counts from its own first time.
    #[must_use]
    pub fn within(self, start: Option<Millis>, end: Option<Millis>) -> Self {
        Self { start, end, ..self }
    }

    /// Takes the rhythm of another: the bounds stay.
    pub fn keep_rhythm(&mut self, other: &Self) {
        self.rhythm = other.rhythm.clone();
    }

    /// An interval counts from this time.
    pub fn set_first(&mut self, time: Millis) {
        if let Rhythm::Every { first, .. } = &mut self.rhythm {
            *first = time;
        }
    }

    /// Whether there are no due times after this one, by its bounds.
    pub fn has_ended(&self, at: Millis) -> bool {
        self.end.is_some_and(|end| end < at)
    }

    /// A cron expression goes by the clocks of another zone from now on.
    pub fn set_zone(&mut self, other: &SharedZone) {
        if let Rhythm::Cron { zone, .. } = &mut self.rhythm {
            *zone = other.clone();
        }
    }

    /// The first due time after this one.
    pub fn after(&self, at: Millis) -> Option<Millis> {
        let at = self.start.map_or(at, |start| at.max(start - 1));
        let due = match &self.rhythm {
            Rhythm::Every { first, .. } if at < *first => Some(*first),
            Rhythm::Every { first, every } => {
                ((at - first) / every + 1).checked_mul(*every)?.checked_add(*first)
            }
            Rhythm::Cron { cron, zone } => {
                CronInZone::new(cron, zone).after(at.div_euclid(1000)).map(|second| second * 1000)
            }
        };
        due.filter(|due| self.end.is_none_or(|end| *due <= end))
    }

    /// The last due time up to this one.
    pub fn until(&self, at: Millis) -> Option<Millis> {
        let at = self.end.map_or(at, |end| at.min(end));
        let due = match &self.rhythm {
            Rhythm::Every { first, .. } if at < *first => None,
            Rhythm::Every { first, every } => Some(first + (at - first) / every * every),
            Rhythm::Cron { cron, zone } => {
                CronInZone::new(cron, zone).before(at.div_euclid(1000) + 1).map(|second| second * 1000)
            }
        };
        due.filter(|due| self.start.is_none_or(|start| *due >= start))
    }

    /// How many due times there are after one time and up to another. Those of a cron expression are counted to `most`.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
    pub fn count(&self, after: Millis, until: Millis, most: u32) -> u32 {
        let (Some(first), Some(last)) = (self.after(after), self.until(until)) else { return 0 };
        if last < first {
            return 0;
        }
        if let Rhythm::Every { every, .. } = &self.rhythm {
            return ((last - first) / every + 1).min(i64::from(u32::MAX)) as u32;
        }
        let (mut count, mut at) = (1, last);
        while count < most && at > first {
            let Some(earlier) = self.until(at - 1) else { break };
            (count, at) = (count + 1, earlier);
        }
        count
    }
}

impl fmt::Debug for Rhythm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every { first, every } => {
                f.debug_struct("Every").field("first", first).field("every", every).finish()
            }
            Self::Cron { cron, .. } => f.debug_struct("Cron").field("cron", cron).finish_non_exhaustive(),
        }
    }
}
