//! All jobs of a host, so that it needs one platform timer.

use alloc::{collections::VecDeque, vec::Vec};
use core::time::Duration;

use slab::Slab;

use super::{
    clocks::{Clocks, Reading},
    job::{Job, Run, RunNow},
    pacer::Tick,
    trigger::Millis,
};
use crate::core::base::{
    clock::Instant,
    deadline::{Deadline, Deadlines, Limit},
};

/// Which clock a job goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeBase {
    /// The wall clock: that of cron expressions, and what tabs have in common.
    Wall,
    /// Elapsed time, from when the scheduler began.
    Elapsed,
}

/// The longest that a host sleeps. Neither clock tells a page that it has slept, or that the wall clock was set: it has to look.
pub const MAX_SLEEP: Duration = Duration::from_secs(30);

/// The number of a job within its scheduler.
pub type JobNumber = usize;

/// The jobs of a host, which tells it the time, arms one timer, and starts the runs. Each step costs what it changes, however many jobs there are.
///
/// ```
/// use std::time::Duration;
/// use taskloom::core::schedule::{
///     clocks::Reading,
///     job::{Job, JobRules},
///     scheduler::{Scheduler, TimeBase},
///     trigger::Trigger,
/// };
///
/// let mut scheduler = Scheduler::new(Reading { wall: 1_700_000_000_000, monotonic: 0 });
/// let job = Job::new(Trigger::every(Duration::from_secs(10), 10_000)?, JobRules::default(), 0, 1);
/// let number = scheduler.add(job, TimeBase::Elapsed);
/// assert_eq!(scheduler.look(Reading { wall: 1_700_000_000_000, monotonic: 0 }), Some(Duration::from_secs(10)));
/// scheduler.look(Reading { wall: 1_700_000_010_000, monotonic: 10_000 });
/// assert_eq!(scheduler.next_run().map(|(job, _)| job), Some(number));
/// # Ok::<(), taskloom::Error>(())
/// ```
#[derive(Debug)]
pub struct Scheduler {
    jobs: Slab<Entry>,
    clocks: Clocks,
    now: Now,
    /// When jobs want to be looked at, by time base.
    wakes: [Deadlines; 2],
    /// The jobs that have runs to start.
    starting: VecDeque<JobNumber>,
    /// The jobs that have changed since the host asked last.
    changed: VecDeque<JobNumber>,
    /// The latest time by the wall clock since all jobs were looked at: one before it shows that the clock was set back.
    latest: Millis,
}

#[derive(Debug)]
struct Entry {
    job: Job,
    base: TimeBase,
    /// Its place in the `wakes` of its base.
    wake: Option<Deadline>,
    /// Whether it is in `starting`.
    is_starting: bool,
    /// Whether it is in `changed`.
    is_changed: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Now {
    wall: Millis,
    elapsed: Millis,
}

impl Now {
    fn by(self, base: TimeBase) -> Millis {
        match base {
            TimeBase::Wall => self.wall,
            TimeBase::Elapsed => self.elapsed,
        }
    }
}

const BASES: [TimeBase; 2] = [TimeBase::Wall, TimeBase::Elapsed];

/// A time of a job as deadlines have it. One before the clock began is due already.
fn instant(time: Millis) -> Instant {
    Instant::from_micros(time.max(0).unsigned_abs().saturating_mul(1000))
}

/// Whether this is when the job of this number still wants to be looked at.
fn is_wake(jobs: &Slab<Entry>, base: TimeBase, wake: Deadline, number: u32) -> bool {
    let entry = jobs.get(number as usize);
    entry.is_some_and(|entry| entry.base == base && entry.wake == Some(wake))
}

impl Scheduler {
    /// One without jobs, whose time begins now.
    pub fn new(now: Reading) -> Self {
        Self {
            jobs: Slab::new(),
            clocks: Clocks::new(now),
            now: Now { wall: now.wall, elapsed: 0 },
            wakes: Default::default(),
            starting: VecDeque::new(),
            changed: VecDeque::new(),
            latest: now.wall,
        }
    }

    /// Takes note of the time.
    pub fn turn(&mut self, now: Reading) {
        self.latest = self.latest.max(self.now.wall);
        self.now = Now { wall: now.wall, elapsed: self.clocks.elapsed(now) };
    }

    /// What to add to a time of this base to have it by the wall clock.
    fn ahead(&self, base: TimeBase) -> Millis {
        match base {
            TimeBase::Wall => 0,
            TimeBase::Elapsed => self.clocks.ahead(),
        }
    }

    /// The time as a job with this base has it.
    pub fn time(&self, base: TimeBase) -> Millis {
        self.now.by(base)
    }

    /// A time of the wall clock as a job with this base has it.
    pub fn at_wall(&self, wall: Millis, base: TimeBase) -> Millis {
        wall - self.ahead(base)
    }

    /// Adds a job.
    pub fn add(&mut self, job: Job, base: TimeBase) -> JobNumber {
        let number = self.jobs.insert(Entry { job, base, wake: None, is_starting: false, is_changed: false });
        self.note(number);
        number
    }

    /// Puts a job in the place of another: what that one runs is under way for the new one too. If both have the same rhythm the new one `keeps` its beat.
    pub fn replace(&mut self, number: JobNumber, job: Job, base: TimeBase, keeps: bool) {
        let Some(entry) = self.jobs.get_mut(number) else { return };
        entry.job = job.in_place_of(&entry.job, keeps);
        let was_moved = entry.base != base;
        let (was, wake) = (core::mem::replace(&mut entry.base, base), entry.wake.take_if(|_| was_moved));
        if wake.is_some() {
            self.give_up(was);
        }
        self.note(number);
    }

    /// Forgets a job.
    pub fn remove(&mut self, number: JobNumber) {
        let removed = self.jobs.try_remove(number);
        if let Some(Entry { base, wake: Some(_), .. }) = removed {
            self.give_up(base);
        }
        if self.jobs.is_empty() {
            *self = Self {
                clocks: self.clocks,
                now: self.now,
                latest: self.latest,
                ..Self::new(Reading::default())
            };
        }
    }

    /// A job that is there.
    pub fn job(&self, number: JobNumber) -> Option<&Job> {
        self.jobs.get(number).map(|entry| &entry.job)
    }

    /// Changes a job that is there.
    pub fn change<R>(&mut self, number: JobNumber, change: impl FnOnce(&mut Job, Millis) -> R) -> Option<R> {
        let entry = self.jobs.get_mut(number)?;
        let result = change(&mut entry.job, self.now.by(entry.base));
        self.note(number);
        Some(result)
    }

    /// Takes note of what may have changed of a job.
    #[inline(never)] // called from every change
    #[allow(clippy::cast_possible_truncation)] // as many jobs as fit into memory
    fn note(&mut self, number: JobNumber) {
        let Some(entry) = self.jobs.get_mut(number) else { return };
        if entry.job.is_starting() && !core::mem::replace(&mut entry.is_starting, true) {
            self.starting.push_back(number);
        }
        if !core::mem::replace(&mut entry.is_changed, true) {
            self.changed.push_back(number);
        }
        let (base, wake) = (entry.base, entry.job.wake().map(instant));
        if wake == entry.wake.map(Deadline::at) {
            return;
        }
        let before = entry.wake.take();
        entry.wake = wake.map(|wake| self.wakes[base as usize].insert(wake, number as u32, Limit::Total));
        if before.is_some() {
            self.give_up(base);
        }
    }

    /// A job is no longer to be looked at when it was.
    #[inline(never)]
    fn give_up(&mut self, base: TimeBase) {
        let jobs = &self.jobs;
        self.wakes[base as usize].give_up(|wake, number, _| is_wake(jobs, base, wake, number));
    }

    /// When a job wants to be looked at first.
    #[inline(never)]
    fn next_wake(&mut self, base: TimeBase) -> Option<Instant> {
        let jobs = &self.jobs;
        self.wakes[base as usize].next(|wake, number, _| is_wake(jobs, base, wake, number))
    }

    /// Sees to all that is due now. Returns how long the host may sleep; nothing if there is no need to wake.
    pub fn look(&mut self, now: Reading) -> Option<Duration> {
        self.turn(now);
        for number in self.due() {
            self.change(number, Job::look);
        }
        self.sleep()
    }

    /// The jobs to look at, in the order of their times: those whose time has come; all, if the wall clock was set back.
    fn due(&mut self) -> Vec<JobNumber> {
        if self.now.wall < self.latest {
            self.latest = self.now.wall;
            return self.jobs.iter().map(|(number, _)| number).collect();
        }
        let mut due = Vec::new();
        for base in BASES {
            let now = instant(self.now.by(base));
            while self.next_wake(base).is_some_and(|wake| wake <= now)
                && let Some((number, _)) = self.wakes[base as usize].pop_due(now, |_, _, _| true)
            {
                // It comes back when it has been looked at.
                self.jobs[number as usize].wake = None;
                due.push(number as usize);
            }
        }
        due
    }

    /// How long the host may sleep from now on.
    pub fn sleep(&mut self) -> Option<Duration> {
        let mut sleep = None;
        for base in BASES {
            if let Some(wake) = self.next_wake(base) {
                let wait = (wake - instant(self.now.by(base))).min(MAX_SLEEP);
                sleep = Some(sleep.map_or(wait, |sleep: Duration| sleep.min(wait)));
            }
        }
        sleep
    }

    /// The next run to start, by the wall clock.
    pub fn next_run(&mut self) -> Option<(JobNumber, Run)> {
        loop {
            let number = *self.starting.front()?;
            if let Some(entry) = self.jobs.get_mut(number) {
                if let Some(run) = entry.job.next_run() {
                    let base = entry.base;
                    let tick = Tick { at: run.tick.at + self.ahead(base), ..run.tick };
                    return Some((number, Run { tick, ..run }));
                }
                entry.is_starting = false;
            }
            self.starting.pop_front();
        }
    }

    /// The next job that has changed since this was asked last: it has a run or a tick less, it may be over.
    pub fn next_changed(&mut self) -> Option<JobNumber> {
        loop {
            let number = self.changed.pop_front()?;
            if let Some(entry) = self.jobs.get_mut(number)
                && core::mem::take(&mut entry.is_changed)
            {
                return Some(number);
            }
        }
    }

    /// Runs a job now.
    pub fn run_now(&mut self, number: JobNumber, shares: bool) -> Option<RunNow> {
        self.change(number, |job, now| job.run_now(now, shares))
    }

    /// Runs a job now, as for a tick beside those of its trigger.
    pub fn immediately(&mut self, number: JobNumber) {
        self.change(number, Job::immediately);
    }

    /// Has a job go on.
    pub fn resume(&mut self, number: JobNumber) {
        self.change(number, Job::resume);
    }

    /// When a job is due next, by the wall clock; nothing if it is paused or has ended.
    pub fn next_tick(&self, number: JobNumber) -> Option<Millis> {
        let entry = self.jobs.get(number)?;
        Some(entry.job.next_tick()? + self.ahead(entry.base))
    }

    /// When the trigger of a job is due after this time, by the wall clock.
    pub fn after(&self, number: JobNumber, wall: Millis) -> Option<Millis> {
        let entry = self.jobs.get(number)?;
        let ahead = self.ahead(entry.base);
        Some(entry.job.trigger().after(wall - ahead)? + ahead)
    }

    /// How many ticks of a job there are after this time of the wall clock, see [`Job::left_after`].
    pub fn left_after(&self, number: JobNumber, wall: Millis) -> Option<u32> {
        let entry = self.jobs.get(number)?;
        entry.job.left_after(self.at_wall(wall, entry.base), self.time(entry.base))
    }
}
