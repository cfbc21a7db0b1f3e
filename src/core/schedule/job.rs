//! A job: the runs of its ticks, one at a time or as its overlap says.

use alloc::collections::VecDeque;
use core::time::Duration;

use super::{
    pacer::{Missed, Pace, Pacer, Tick},
    trigger::{Millis, SharedZone, Trigger},
};

/// To how many ticks of a cron expression are counted, to foresee the last run.
const FORESEEN: u32 = 10_000;

/// What a tick does that comes while a run is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlap {
    /// Nothing.
    #[default]
    Skip,
    /// Its run waits for the one before it.
    Queue,
    /// It cancels the one before it.
    CancelPrevious,
}

/// How a job runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobRules {
    /// How its trigger is followed. [`Pace::most`] bounds how many runs wait, whatever for.
    pub pace: Pace,
    /// What a tick does that comes while a run is under way.
    pub overlap: Overlap,
    /// After how many runs it ends.
    pub max_runs: Option<u32>,
}

/// What to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The tick that it is for.
    pub tick: Tick,
    /// Whether its owner has asked for it, and no trigger.
    pub manual: bool,
    /// Whether the run before it is to be cancelled.
    pub cancels: bool,
}

/// What becomes of a run that its owner asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunNow {
    /// It starts: it is the next one of [`Job::next_run`].
    Starts,
    /// It waits for the one before it.
    Waits,
    /// The one under way will do.
    Shares,
}

/// What has become of the ticks so far, and what is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobStats {
    /// Runs of ticks that have started.
    pub runs: u32,
    /// Ticks without a run since one was under way, or too many waited.
    pub skipped: u32,
    /// Ticks without a run since nobody was awake.
    pub missed: u32,
    /// Runs under way.
    pub running: u32,
}

/// A job. Its host tells it the time, starts what it says, and tells it when a run has ended.
///
/// ```
/// use std::{collections::VecDeque, time::Duration};
/// use taskloom::core::schedule::{job::{Job, JobRules}, trigger::Trigger};
///
/// let trigger = Trigger::every(Duration::from_secs(60), 60_000)?;
/// let mut job = Job::new(trigger, JobRules::default(), 0, 1);
/// job.look(60_000);
/// assert_eq!(job.next_run().map(|run| run.tick.at), Some(60_000));
/// job.look(120_000); // the first run has not ended, and overlap is `Skip`
/// assert_eq!(job.next_run(), None);
/// job.ended();
/// assert_eq!(job.stats().skipped, 1);
/// # Ok::<(), taskloom::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Job {
    pacer: Pacer,
    rules: JobRules,
    /// Runs to be started by the host.
    starting: VecDeque<Run>,
    /// Runs that wait for others to end.
    waiting: VecDeque<Run>,
    is_paused: bool,
    is_over: bool,
    stats: JobStats,
}

impl Job {
    /// A job whose ticks are after this time.
    pub fn new(trigger: Trigger, rules: JobRules, after: Millis, seed: u64) -> Self {
        Self {
            pacer: Pacer::new(trigger, rules.pace, after, seed),
            rules,
            starting: VecDeque::new(),
            waiting: VecDeque::new(),
            is_paused: false,
            is_over: false,
            stats: JobStats::default(),
        }
    }

    /// The same job in the place of another, whose runs it has to wait for. If it `keeps` the beat, its ticks come when those of the other would have come.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // a count of what is in memory
    pub fn in_place_of(mut self, other: &Self, keeps: bool) -> Self {
        if keeps {
            let of_ticks = |runs: &VecDeque<Run>| runs.iter().filter(|run| !run.manual).copied().collect();
            self.pacer.keep_beat(&other.pacer);
            self.stats = other.stats;
            self.starting = of_ticks(&other.starting);
            self.waiting = of_ticks(&other.waiting);
            self.is_paused = other.is_paused;
        }
        // What was to start and does not is under way no longer.
        let dropped = other.starting.len() - self.starting.len();
        self.stats.running = other.stats.running - dropped as u32;
        self
    }

    /// When its ticks are due.
    pub fn trigger(&self) -> &Trigger {
        self.pacer.trigger()
    }

    /// When its next tick is due; nothing if it is paused or has ended, or if what waits takes its last runs.
    pub fn next_tick(&self) -> Option<Millis> {
        self.pacer.next().filter(|_| self.is_awake() && self.left() != Some(0))
    }

    /// How many ticks there are after this time until it has had all its runs, if each from now on gets one, as if it were not paused. No bound if its
    /// runs are not counted.
    pub fn left_after(&self, at: Millis, now: Millis) -> Option<u32> {
        let left = self.left()?;
        // A pause makes up for nothing; else what is due by now is about to run.
        let from = self.cursor().max(now);
        let due = if self.is_paused { 0 } else { self.ticks(self.cursor(), from) };
        let due = if self.rules.pace.missed == Missed::All { due } else { due.min(1) };
        let left = i64::from(left) - due - self.ticks(from, at);
        Some(u32::try_from(left.max(0)).unwrap_or(u32::MAX))
    }

    /// How many ticks there are from one time to another, less than none if that is before.
    fn ticks(&self, from: Millis, to: Millis) -> i64 {
        let count = i64::from(self.trigger().count(from.min(to), from.max(to), FORESEEN));
        if to < from { -count } else { count }
    }

    /// The newest tick that was seen to, or the time before the first one.
    pub fn cursor(&self) -> Millis {
        self.pacer.cursor()
    }

    /// When it wants to be looked at.
    pub fn wake(&self) -> Option<Millis> {
        self.pacer.wake().filter(|_| self.is_awake())
    }

    /// Whether it has ended: nothing is due, runs or waits, now and ever.
    pub fn is_over(&self) -> bool {
        let is_idle = self.starting.is_empty() && self.waiting.is_empty() && self.stats.running == 0;
        self.is_over || (is_idle && (self.is_spent() || self.pacer.next().is_none()))
    }

    /// What has become of it so far.
    pub fn stats(&self) -> JobStats {
        self.stats
    }

    /// How many runs wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Sees to what is due.
    pub fn look(&mut self, now: Millis) {
        if !self.is_awake() {
            return;
        }
        let due = self.pacer.look(now);
        self.stats.missed = self.stats.missed.saturating_add(due.missed);
        for tick in due.ticks {
            self.admit(tick, due.made_up);
        }
    }

    /// A run beside the trigger's, at this time.
    pub fn immediately(&mut self, now: Millis) {
        if !self.trigger().has_ended(now) {
            self.admit(Tick { at: now, missed: 0 }, false);
        }
    }

    /// A run that its owner asks for, also of one that is paused. `shares`: with `Overlap::Skip` the run under way will do.
    pub fn run_now(&mut self, now: Millis, shares: bool) -> RunNow {
        let cancels = self.stats.running > 0;
        let run = Run { tick: Tick { at: now, missed: 0 }, manual: true, cancels };
        match self.rules.overlap {
            Overlap::Skip if cancels && shares => RunNow::Shares,
            Overlap::Skip | Overlap::Queue if cancels => {
                self.waiting.push_back(Run { cancels: false, ..run });
                RunNow::Waits
            }
            _ => {
                self.start(run);
                RunNow::Starts
            }
        }
    }

    /// Whether there is a run to start.
    pub fn is_starting(&self) -> bool {
        !self.starting.is_empty()
    }

    /// The next run to start.
    pub fn next_run(&mut self) -> Option<Run> {
        self.starting.pop_front()
    }

    /// A run has ended.
    pub fn ended(&mut self) {
        self.stats.running = self.stats.running.saturating_sub(1);
        self.go_on();
    }

    /// A run that was to be started was not, since others have seen to its tick, and to all up to this one.
    pub fn lost(&mut self, tick: Millis) {
        self.stats.runs = self.stats.runs.saturating_sub(1);
        self.seen(tick);
        self.ended();
    }

    /// Others have seen to all ticks up to this one.
    pub fn seen(&mut self, tick: Millis) {
        self.pacer.skip_to(tick);
        self.waiting.retain(|run| run.manual || run.tick.at > tick);
    }

    /// The clocks that its cron expression goes by are those of another zone now.
    pub fn set_zone(&mut self, zone: &SharedZone) {
        self.pacer.set_zone(zone);
    }

    /// Nobody has seen to the ticks after this one, whoever was to: they are due again. An interval counts from `first`, if it is given.
    pub fn rewind(&mut self, tick: Millis, first: Option<Millis>) {
        if let Some(first) = first {
            self.pacer.set_first(first);
        }
        self.pacer.move_to(tick);
        self.waiting.retain(|run| run.manual);
    }

    /// Leaves each tick to others for this long.
    pub fn set_lease(&mut self, lease: Duration) {
        self.pacer.set_lease(lease);
    }

    /// No ticks from now on, and those that wait keep waiting.
    pub fn pause(&mut self) {
        self.is_paused = true;
    }

    /// Ticks again, after this time: none is made up for.
    pub fn resume(&mut self, now: Millis) {
        if !core::mem::take(&mut self.is_paused) {
            return;
        }
        self.pacer.skip_to(now);
        self.go_on();
    }

    /// No more runs.
    pub fn end(&mut self) {
        self.is_over = true;
        self.starting.clear();
        self.waiting.clear();
    }

    fn is_awake(&self) -> bool {
        !self.is_paused && !self.is_over && !self.is_spent()
    }

    /// How many runs are left for ticks that are still to come.
    fn left(&self) -> Option<u32> {
        let waiting = self.waiting.iter().filter(|run| !run.manual).count();
        let taken = self.stats.runs.saturating_add(u32::try_from(waiting).unwrap_or(u32::MAX));
        self.rules.max_runs.map(|most| most.saturating_sub(taken))
    }

    /// Whether it has had all its runs.
    fn is_spent(&self) -> bool {
        self.rules.max_runs.is_some_and(|most| self.stats.runs >= most)
    }

    fn is_busy(&self) -> bool {
        self.stats.running > 0 || !self.waiting.is_empty()
    }

    fn admit(&mut self, tick: Tick, made_up: bool) {
        if self.is_spent() {
            return; // by the tick before it
        }
        let is_busy = self.is_busy();
        let run = Run { tick, manual: false, cancels: is_busy };
        // Whatever the overlap, nothing overtakes what waits.
        let waits = made_up || self.rules.overlap == Overlap::Queue || !self.waiting.is_empty();
        if is_busy && waits {
            self.waiting.push_back(Run { cancels: false, ..run });
            self.trim();
        } else if is_busy && self.rules.overlap == Overlap::Skip {
            self.stats.skipped += 1;
        } else {
            self.start(run);
        }
    }

    /// Drops the oldest ticks of those that are too many.
    fn trim(&mut self) {
        if self.waiting.len() > self.rules.pace.most as usize
            && let Some(oldest) = self.waiting.iter().position(|run| !run.manual)
        {
            self.waiting.remove(oldest);
            self.stats.skipped += 1;
        }
    }

    fn start(&mut self, run: Run) {
        self.stats.running += 1;
        if !run.manual {
            self.stats.runs += 1;
        }
        self.starting.push_back(run);
    }

    fn go_on(&mut self) {
        if self.stats.running > 0 {
            return;
        }
        if self.is_spent() {
            self.waiting.retain(|run| run.manual);
        }
        // What its owner asks for is none of the schedule's.
        let next = self.waiting.iter().position(|run| run.manual || !self.is_paused);
        if let Some(run) = next.and_then(|next| self.waiting.remove(next)) {
            self.start(run);
        }
    }
}
