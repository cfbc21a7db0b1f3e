//! Which ticks of a trigger get a run, when some come late: the policy for missed ones.

use alloc::vec::Vec;
use core::time::Duration;

use super::trigger::{Millis, SharedZone, Trigger};

/// What happens to ticks for which nobody was awake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missed {
    /// They are left out, unless the newest is within the grace.
    Skip,
    /// One run for all of them.
    #[default]
    Once,
    /// A run for each.
    All,
}

/// How a trigger is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// What happens to ticks for which nobody was awake.
    pub missed: Missed,
    /// How late a tick may be and not count as missed.
    pub grace: Duration,
    /// By how much each tick may be put off, at random; never to the next one.
    pub jitter: Duration,
    /// How many runs of missed ticks are made up for; beyond it the oldest are dropped.
    pub most: u32,
}

impl Default for Pace {
    /// `Once`, 90 s (browsers hold back the timers of a hidden page for up to a minute), no jitter, 1,000.
    fn default() -> Self {
        Self { missed: Missed::Once, grace: Duration::from_secs(90), jitter: Duration::ZERO, most: 1000 }
    }
}

/// A tick that gets a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When it was due.
    pub at: Millis,
    /// How many ticks just before it were missed, and get no run of their own.
    pub missed: u32,
}

/// What has come due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// The ticks that get a run, oldest first.
    pub ticks: Vec<Tick>,
    /// Whether they are made up for one by one, and so are to run one after another.
    pub made_up: bool,
    /// How many get none, since they were missed.
    pub missed: u32,
}

/// A wall clock that is set back by more than this from the newest tick has the schedule begin anew; else no tick is run twice.
const SET_BACK: Millis = 3 * 3_600_000;
/// To how many missed ticks of a cron expression are counted.
const COUNTED: u32 = 1000;

/// Follows a trigger.
///
/// ```
/// use std::time::Duration;
/// use taskloom::core::schedule::{pacer::{Missed, Pace, Pacer}, trigger::Trigger};
///
/// let trigger = Trigger::every(Duration::from_secs(60), 60_000)?;
/// let mut pacer = Pacer::new(trigger, Pace { missed: Missed::All, ..Pace::default() }, 0, 1);
/// assert_eq!(pacer.wake(), Some(60_000));
/// assert_eq!(pacer.look(59_999).ticks.len(), 0);
/// assert_eq!(pacer.look(60_020).ticks.len(), 1);
/// assert_eq!(pacer.look(300_000).ticks.len(), 4, "the page has slept");
/// # Ok::<(), taskloom::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pacer {
    trigger: Trigger,
    pace: Pace,
    random: fastrand::Rng,
    /// The newest tick that was seen to.
    cursor: Millis,
    next: Option<Millis>,
    /// By how much the next tick is put off.
    delay: Millis,
    /// How long somebody else has to see to a tick before.
    lease: Millis,
    /// How many ticks were left out since the last one that got a run.
    left_out: u32,
}

impl Pacer {
    /// Ticks after this time.
    pub fn new(trigger: Trigger, pace: Pace, after: Millis, seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        let mut pacer =
            Self { trigger, pace, random, cursor: after, next: None, delay: 0, lease: 0, left_out: 0 };
        pacer.move_to(after);
        pacer
    }

    /// Takes over where another one is that has the same rhythm.
    pub fn keep_beat(&mut self, other: &Self) {
        self.trigger.keep_rhythm(&other.trigger);
        self.move_to(other.cursor);
        self.delay = other.delay.min(millis(self.pace.jitter));
        self.lease = other.lease;
    }

    /// What it follows.
    pub fn trigger(&self) -> &Trigger {
        &self.trigger
    }

    /// The newest tick that was seen to, or the time before the first one.
    pub fn cursor(&self) -> Millis {
        self.cursor
    }

    /// When the next tick is due; nothing if there is none.
    pub fn next(&self) -> Option<Millis> {
        self.next
    }

    /// When there will be something to see to.
    pub fn wake(&self) -> Option<Millis> {
        self.next.map(|next| next.saturating_add(self.put_off()))
    }

    /// An interval counts from this time, as others have known before.
    pub fn set_first(&mut self, first: Millis) {
        self.trigger.set_first(first);
    }

    /// The clocks that a cron expression goes by are those of another zone now.
    pub fn set_zone(&mut self, zone: &SharedZone) {
        self.trigger.set_zone(zone);
        self.move_to(self.cursor);
    }

    /// Leaves each tick to somebody else for this long.
    pub fn set_lease(&mut self, lease: Duration) {
        self.lease = millis(lease);
    }

    /// All ticks up to this one have been seen to.
    pub fn skip_to(&mut self, tick: Millis) {
        if tick > self.cursor {
            self.move_to(tick);
        }
    }

    /// Sees to what is due at this time.
    pub fn look(&mut self, now: Millis) -> Due {
        if now < self.cursor.saturating_sub(SET_BACK) {
            self.move_to(now);
        }
        if self.wake().is_none_or(|wake| now < wake) {
            return Due::default();
        }
        let (after, put_off) = (self.cursor, self.put_off());
        // Somebody else has still time for what came due since then.
        let horizon = if self.lease > 0 { now.saturating_sub(put_off) } else { now };
        let Some(newest) = self.trigger.until(horizon).filter(|newest| *newest > after) else {
            return Due::default(); // a zone has changed its mind
        };
        self.move_to(newest);
        let count = self.trigger.count(after, newest, COUNTED);
        let is_late = now - newest > millis(self.pace.grace).saturating_add(put_off);
        let mut due = Due { missed: count - 1, ..Due::default() };
        let left_out = core::mem::take(&mut self.left_out);
        match self.pace.missed {
            Missed::Skip if is_late => {
                due.missed = count;
                self.left_out = left_out.saturating_add(count);
            }
            Missed::Skip | Missed::Once => {
                due.ticks.push(Tick { at: newest, missed: left_out.saturating_add(count - 1) });
            }
            Missed::All => {
                due.made_up = count > 1 || is_late;
                due.ticks.push(Tick { at: newest, missed: 0 });
                let mut at = newest;
                while due.ticks.len() < self.pace.most as usize
                    && let Some(earlier) = self.trigger.until(at - 1).filter(|earlier| *earlier > after)
                {
                    at = earlier;
                    due.ticks.push(Tick { at, missed: 0 });
                }
                due.missed = self.trigger.count(after, at - 1, COUNTED);
                due.ticks.reverse();
                due.ticks[0].missed = due.missed;
            }
        }
        due
    }

    /// Who leaves a tick to somebody else can't know by how much that one puts it off.
    fn put_off(&self) -> Millis {
        if self.lease > 0 { self.lease.saturating_add(millis(self.pace.jitter)) } else { self.delay }
    }

    /// Goes on after this tick, whether or not others were seen to.
    pub fn move_to(&mut self, tick: Millis) {
        self.cursor = tick;
        self.next = self.trigger.after(tick);
        self.delay = self.draw_delay();
    }

    /// Each tick comes before the next one is due, and not so shortly before that a timer could miss it.
    fn draw_delay(&mut self) -> Millis {
        let jitter = millis(self.pace.jitter);
        let (Some(next), true) = (self.next, jitter > 0) else { return 0 };
        let room = self.trigger.after(next).map_or(jitter, |following| (following - next) / 10 * 9);
        self.random.i64(0..=jitter.min(room))
    }
}

pub(super) fn millis(span: Duration) -> Millis {
    Millis::try_from(span.as_millis()).unwrap_or(Millis::MAX)
}
