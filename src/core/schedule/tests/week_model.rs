//! A machine through a week, and the runs that a policy promises for it. The machine tells when the page looked and what its clocks said; the model knows when each
//! job is due from chrono, minute by minute, and has each tick run, or counts it as missed, from that alone.

use chrono::{TimeZone, Timelike};

use super::{
    super::{
        clocks::Reading,
        job::{Job, JobRules, JobStats},
        pacer::{Missed, Pace},
        scheduler::{Scheduler, TimeBase},
    },
    zones::{shared_zone, tz},
    *,
};

/// What happens to the machine. True time passes as no clock of it tells.
#[derive(Clone, Copy, Debug)]
pub enum Phase {
    /// The page is awake for so long. Its timers are late by some milliseconds, and now and then by seconds.
    Awake(Millis),
    /// It is hidden: its timers fire once a minute.
    Throttled(Millis),
    /// The machine sleeps. Its monotonic clock runs on or stands still.
    Asleep(Millis, bool),
    /// Somebody sets the wall clock.
    Set(Millis),
}

/// A look of the page, and the clocks at that time.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub wall: Millis,
    /// True time, and what a wall clock that was set forward looks like.
    pub elapsed: Millis,
    /// Whether it came as soon as was asked for, but for the lateness of timers.
    pub is_prompt: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    pub at: Millis,
    pub missed: u32,
}

pub const JOBS: [&str; 5] = ["every 10m", "0 * * * *", "30 2 * * *", "*/15 * * * *", "0 9 * * MON-FRI"];
pub const POLICIES: [Missed; 3] = [Missed::Skip, Missed::Once, Missed::All];
const GRACE: Millis = 90_000;
const TEN_MINUTES: Millis = 10 * MINUTE;

/// The machine with the page on it, whose scheduler has each job with each policy.
pub struct Machine {
    scheduler: Scheduler,
    pub wall: Millis,
    monotonic: Millis,
    elapsed: Millis,
    /// How long the timer still runs.
    timer: Millis,
    random: fastrand::Rng,
    is_prompt: bool,
    pub looks: Vec<Look>,
    /// Of each job, policy by policy.
    pub runs: Vec<Vec<Ran>>,
}

impl Machine {
    pub fn new(wall: Millis, zone: &str) -> Self {
        let mut scheduler = Scheduler::new(Reading { wall, monotonic: 0 });
        let zone = shared_zone(zone);
        for job in JOBS {
            for missed in POLICIES {
                let rules = JobRules { pace: Pace { missed, ..Pace::default() }, ..JobRules::default() };
                if job.starts_with("every") {
                    scheduler.add(Job::new(every(TEN_MINUTES), rules, 0, 1), TimeBase::Elapsed);
                } else {
                    scheduler.add(Job::new(cron_trigger(job, &zone), rules, wall, 1), TimeBase::Wall);
                }
            }
        }
        let random = fastrand::Rng::with_seed(26);
        let runs = vec![Vec::new(); JOBS.len() * POLICIES.len()];
        let mut machine = Self {
            scheduler,
            wall,
            monotonic: 0,
            elapsed: 0,
            timer: 0,
            random,
            is_prompt: true,
            looks: Vec::new(),
            runs,
        };
        machine.look();
        machine
    }

    pub fn stats(&mut self, job: usize) -> JobStats {
        self.scheduler.job(job).expect("it is there").stats()
    }

    pub fn live(&mut self, phases: &[Phase]) {
        for phase in phases {
            match *phase {
                Phase::Awake(span) => {
                    self.awake(span, |machine| {
                        let late = if machine.random.u8(..) == 0 { 4_000 } else { 12 };
                        machine.timer + machine.random.i64(0..late)
                    });
                }
                Phase::Throttled(span) => {
                    self.awake(span, |machine| {
                        machine.is_prompt = false;
                        let due = machine.monotonic + machine.timer;
                        (due / MINUTE + 1) * MINUTE - machine.monotonic
                    });
                    self.is_prompt = false;
                }
                Phase::Asleep(span, runs_on) => {
                    self.pass(span, runs_on);
                    // Where the monotonic clock does not tell, up to 5 s could as well be a correction of the wall clock.
                    self.elapsed -= if runs_on || span > 5_000 { 0 } else { span };
                    // A timer by the monotonic clock does not know that time has passed.
                    self.timer = if runs_on { 0 } else { self.timer };
                    self.is_prompt = false;
                }
                Phase::Set(by) => {
                    self.wall += by;
                    self.elapsed += if by > 5_000 { by } else { 0 };
                    self.is_prompt = false;
                }
            }
        }
    }

    fn pass(&mut self, span: Millis, monotonic: bool) {
        self.wall += span;
        self.elapsed += span;
        self.monotonic += if monotonic { span } else { 0 };
    }

    /// The timer fires after this long.
    fn awake(&mut self, span: Millis, fires: impl Fn(&mut Self) -> Millis) {
        let mut left = span;
        loop {
            let wait = fires(self);
            if wait > left {
                self.pass(left, true);
                self.timer = (self.timer - left).max(0);
                return;
            }
            left -= wait;
            self.pass(wait, true);
            self.look();
        }
    }

    fn look(&mut self) {
        let sleep =
            self.scheduler.look(Reading { wall: self.wall, monotonic: self.monotonic }).expect("it goes on");
        assert!(sleep <= Duration::from_secs(30), "{sleep:?}");
        self.timer = Millis::try_from(sleep.as_millis()).expect("short");
        self.looks.push(Look { wall: self.wall, elapsed: self.elapsed, is_prompt: self.is_prompt });
        self.is_prompt = true;
        while let Some((job, run)) = self.scheduler.next_run() {
            assert!(!run.manual && !run.cancels);
            self.runs[job].push(Ran { at: run.tick.at, missed: run.tick.missed });
            self.scheduler.change(job, |job, _| job.ended());
        }
    }
}

/// When a job is due by the wall clock, from one time up to another: asked of chrono for each minute, with the two nights of 2026 in which clocks change in Berlin by hand.
pub fn due(job: &str, from: Millis, until: Millis) -> Vec<Millis> {
    let is_due = |at: Millis| {
        let second = at / SECOND;
        let local = tz("Europe/Berlin").timestamp_opt(second, 0).unwrap();
        match job {
            "0 * * * *" => local.minute() == 0,
            "*/15 * * * *" => local.minute().is_multiple_of(15),
            // Skipped on March 29th: once at 03:00, which is 01:00 UTC. Doubled on October 25th: the first one, which is 00:30 UTC.
            "30 2 * * *" if second == time("2026-03-29 01:00") => true,
            "30 2 * * *" if second == time("2026-10-25 01:30") => false,
            "30 2 * * *" => (local.hour(), local.minute()) == (2, 30),
            "0 9 * * MON-FRI" => {
                let weekday = chrono::Datelike::weekday(&local).num_days_from_monday();
                (local.hour(), local.minute()) == (9, 0) && weekday < 5
            }
            _ => unreachable!("{job}"),
        }
    };
    let minutes = (from / MINUTE..=until / MINUTE).map(|minute| minute * MINUTE);
    minutes.filter(|at| *at >= from && is_due(*at)).collect()
}

/// The runs that a policy promises, and how many ticks it leaves without one, for a page that looked at these times.
pub fn promised(job: &str, missed: Missed, looks: &[Look]) -> (Vec<Ran>, u32) {
    let is_interval = job.starts_with("every");
    let clock = |look: &Look| if is_interval { look.elapsed } else { look.wall };
    let (begin, end) =
        (looks.iter().map(clock).min().unwrap_or(0), looks.iter().map(clock).max().unwrap_or(0));
    let ticks: Vec<_> = if is_interval {
        (1..=end / TEN_MINUTES).map(|tick| tick * TEN_MINUTES).collect()
    } else {
        due(job, begin + 1, end)
    };
    let (mut runs, mut without, mut left_out) = (Vec::new(), 0, 0);
    let mut seen = clock(&looks[0]);
    let mut newest = seen; // of the ticks that were seen to
    let mut before = seen;
    for look in looks {
        let now = clock(look);
        if before - now > 3 * HOUR {
            (seen, newest) = (now, now); // it begins anew
        }
        before = now;
        let from = ticks.partition_point(|at| *at <= seen);
        let come = ticks[from..].iter().copied().take_while(|at| *at <= now).collect::<Vec<_>>();
        seen = seen.max(now);
        let Some(last) = come.last().copied() else { continue };
        assert!(last > newest, "each comes once");
        newest = last;
        // An interval is told by the wall clock.
        let told = |at: Millis| at + if is_interval { look.wall - look.elapsed } else { 0 };
        let others = u32::try_from(come.len() - 1).expect("few");
        match missed {
            Missed::Skip if now - last > GRACE => {
                without += others + 1;
                left_out += others + 1;
            }
            Missed::Skip | Missed::Once => {
                without += others;
                runs.push(Ran { at: told(last), missed: others + std::mem::take(&mut left_out) });
            }
            Missed::All => runs.extend(come.iter().map(|at| Ran { at: told(*at), missed: 0 })),
        }
    }
    (runs, without)
}
