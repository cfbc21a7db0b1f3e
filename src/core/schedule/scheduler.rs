//! All jobs of a host, so that it needs one platform timer.

use std::time::Duration;

use slab::Slab;

use super::{
    clocks::{Clocks, Reading},
    job::{Job, Run, RunNow},
    pacer::Tick,
    trigger::Millis,
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

/// The jobs of a host, which tells it the time, arms one timer, and starts the runs.
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
    jobs: Slab<(Job, TimeBase)>,
    clocks: Clocks,
    now: Now,
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

impl Scheduler {
    /// One without jobs, whose time begins now.
    pub fn new(now: Reading) -> Self {
        Self { jobs: Slab::new(), clocks: Clocks::new(now), now: Now { wall: now.wall, elapsed: 0 } }
    }

    /// Takes note of the time.
    pub fn turn(&mut self, now: Reading) {
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
        self.jobs.insert((job, base))
    }

    /// Puts a job in the place of another: what that one runs is under way for the new one too. If both have the same rhythm the new one `keeps` its beat.
    pub fn replace(&mut self, number: JobNumber, job: Job, base: TimeBase, keeps: bool) {
        if let Some(place) = self.jobs.get_mut(number) {
            *place = (job.in_place_of(&place.0, keeps), base);
        }
    }

    /// Forgets a job.
    pub fn remove(&mut self, number: JobNumber) {
        self.jobs.try_remove(number);
    }

    /// A job that is there.
    pub fn job(&mut self, number: JobNumber) -> Option<&mut Job> {
        self.jobs.get_mut(number).map(|(job, _)| job)
    }

    /// Sees to all that is due now. Returns how long the host may sleep; nothing if there is no need to wake.
    pub fn look(&mut self, now: Reading) -> Option<Duration> {
        self.turn(now);
        for (_, (job, base)) in &mut self.jobs {
            job.look(self.now.by(*base));
        }
        self.sleep()
    }

    /// How long the host may sleep from now on.
    pub fn sleep(&self) -> Option<Duration> {
        let waits =
            self.jobs.iter().filter_map(|(_, (job, base))| Some((job.wake()? - self.now.by(*base)).max(0)));
        let wait = waits.min()?;
        Some(Duration::from_millis(wait.unsigned_abs()).min(MAX_SLEEP))
    }

    /// The next run to start, by the wall clock.
    pub fn next_run(&mut self) -> Option<(JobNumber, Run)> {
        let elapsed_ahead = self.clocks.ahead();
        self.jobs.iter_mut().find_map(|(number, (job, base))| {
            let run = job.next_run()?;
            let ahead = if *base == TimeBase::Wall { 0 } else { elapsed_ahead };
            let tick = Tick { at: run.tick.at + ahead, ..run.tick };
            Some((number, Run { tick, ..run }))
        })
    }

    /// Runs a job now.
    pub fn run_now(&mut self, number: JobNumber, shares: bool) -> Option<RunNow> {
        let (job, base) = self.jobs.get_mut(number)?;
        Some(job.run_now(self.now.by(*base), shares))
    }

    /// Runs a job now, as for a tick beside those of its trigger.
    pub fn immediately(&mut self, number: JobNumber) {
        if let Some((job, base)) = self.jobs.get_mut(number) {
            job.immediately(self.now.by(*base));
        }
    }

    /// Has a job go on.
    pub fn resume(&mut self, number: JobNumber) {
        if let Some((job, base)) = self.jobs.get_mut(number) {
            job.resume(self.now.by(*base));
        }
    }

    /// When a job is due next, by the wall clock; nothing if it is paused or has ended.
    pub fn next_tick(&self, number: JobNumber) -> Option<Millis> {
        let (job, base) = self.jobs.get(number)?;
        Some(job.next_tick()? + self.ahead(*base))
    }

    /// When the trigger of a job is due after this time, by the wall clock.
    pub fn after(&self, number: JobNumber, wall: Millis) -> Option<Millis> {
        let (job, base) = self.jobs.get(number)?;
        let ahead = self.ahead(*base);
        Some(job.trigger().after(wall - ahead)? + ahead)
    }
}
