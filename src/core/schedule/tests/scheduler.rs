//! All jobs of a host, one timer, and two clocks.

use super::{
    super::{
        clocks::Reading,
        job::{Job, JobRules, Overlap, RunNow},
        pacer::{Missed, Pace},
        scheduler::{MAX_SLEEP, Scheduler, TimeBase},
    },
    *,
};

const WALL: Millis = 1_800_000_000_000;

/// A scheduler with its clocks, which are turned by hand.
struct Host {
    scheduler: Scheduler,
    now: Reading,
}

impl Host {
    fn new() -> Self {
        let now = Reading { wall: WALL, monotonic: 5_000 };
        Self { scheduler: Scheduler::new(now), now }
    }

    fn interval(&mut self, every: Millis) -> usize {
        let first = self.scheduler.time(TimeBase::Elapsed) + every;
        let trigger = Trigger::every(span(every), first).expect("1 ms or more");
        let after = self.scheduler.time(TimeBase::Elapsed);
        self.scheduler.add(Job::new(trigger, JobRules::default(), after, 1), TimeBase::Elapsed)
    }

    fn cron(&mut self, expression: &str) -> usize {
        let job = Job::new(cron_trigger(expression, &utc()), JobRules::default(), self.now.wall, 1);
        self.scheduler.add(job, TimeBase::Wall)
    }

    /// Both clocks run for so long; how long it sleeps from then on, in milliseconds.
    fn pass(&mut self, span: Millis) -> Option<u128> {
        self.turn(span, span)
    }

    fn turn(&mut self, wall: Millis, monotonic: Millis) -> Option<u128> {
        self.now.wall += wall;
        self.now.monotonic += monotonic;
        self.scheduler.look(self.now).map(|sleep| sleep.as_millis())
    }

    /// What starts: the number of each job with its tick, since the beginning by the wall clock. Each has ended at once.
    fn runs(&mut self) -> Vec<(usize, Millis)> {
        let mut runs = Vec::new();
        while let Some((number, run)) = self.scheduler.next_run() {
            runs.push((number, run.tick.at - WALL));
            self.scheduler.change(number, |job, _| job.ended());
        }
        runs
    }
}

#[test]
fn a_host_without_jobs_need_not_wake() {
    let mut host = Host::new();
    assert_eq!(host.pass(0), None);
    let number = host.interval(10_000);
    assert_eq!(host.pass(0), Some(10_000));
    host.scheduler.remove(number);
    assert_eq!((host.pass(60_000), host.runs()), (None, vec![]));
}

#[test]
fn it_sleeps_until_the_next_tick_of_any_job_and_at_most_thirty_seconds() {
    let mut host = Host::new();
    assert_eq!(MAX_SLEEP, Duration::from_secs(30));
    let slow = host.interval(90_000);
    assert_eq!(host.pass(0), Some(30_000));
    let quick = host.interval(20_000);
    assert_eq!(host.pass(0), Some(20_000));
    assert_eq!(host.pass(20_000), Some(20_000));
    assert_eq!(host.runs(), [(quick, 20_000)]);
    host.scheduler.remove(quick);
    assert_eq!(host.pass(65_000), Some(5_000));
    assert_eq!((host.pass(5_000), host.runs()), (Some(30_000), vec![(slow, 90_000)]));
}

#[test]
fn a_tick_in_more_than_24_8_days_is_slept_towards_in_steps_and_not_overflowed() {
    let mut host = Host::new();
    let number = host.interval(30 * DAY);
    let mut sleeps = 0;
    while host.runs().is_empty() {
        let sleep = host.scheduler.sleep().expect("it goes on");
        assert!(sleep <= MAX_SLEEP && sleep > Duration::ZERO);
        host.pass(Millis::try_from(sleep.as_millis()).expect("short"));
        sleeps += 1;
    }
    assert_eq!((sleeps, host.now.wall - WALL), (30 * 2_880, 30 * DAY));
    assert_eq!(host.scheduler.next_tick(number), Some(WALL + 60 * DAY));
}

#[test]
fn a_paused_job_or_one_that_is_over_wakes_nobody() {
    let mut host = Host::new();
    let number = host.interval(10_000);
    host.scheduler.change(number, |job, _| job.pause());
    assert_eq!((host.pass(25_000), host.runs(), host.scheduler.next_tick(number)), (None, vec![], None));
    host.scheduler.resume(number);
    assert_eq!((host.pass(0), host.runs()), (Some(5_000), vec![]));
    host.scheduler.change(number, |job, _| job.end());
    assert_eq!(host.pass(60_000), None);
}

#[test]
fn an_interval_heeds_sleep_and_not_a_wall_clock_that_is_set_back() {
    let mut host = Host::new();
    let number = host.interval(HOUR);
    host.turn(-5 * HOUR, 0);
    assert_eq!(host.scheduler.next_tick(number), Some(WALL - 4 * HOUR), "in an hour, by the clock as it is");
    host.turn(59 * MINUTE, 59 * MINUTE);
    assert_eq!(host.runs(), []);
    host.turn(MINUTE, MINUTE);
    assert_eq!(host.runs(), [(number, -4 * HOUR)]);
    host.turn(90 * MINUTE, 1);
    assert_eq!(host.runs(), [(number, -3 * HOUR)], "the machine has slept");
    assert_eq!(host.scheduler.next_tick(number), Some(host.now.wall + 30 * MINUTE));
}

#[test]
fn the_grid_of_an_interval_stays_put_while_the_clocks_drift_by_milliseconds() {
    let mut host = Host::new();
    let number = host.interval(MINUTE);
    let mut ticks = Vec::new();
    for turn in 0..600 {
        let drift = [0, 3, -2, 1, -3, 4, -1, -2][turn % 8];
        host.turn(10_000 + drift, 10_000);
        ticks.extend(host.runs());
    }
    assert_eq!(ticks, (1..=100).map(|minute| (number, minute * MINUTE)).collect::<Vec<_>>());
}

#[test]
fn a_time_of_the_wall_clock_is_one_of_the_job() {
    let mut host = Host::new();
    host.pass(HOUR);
    assert_eq!(host.scheduler.at_wall(WALL + 3 * HOUR, TimeBase::Elapsed), 3 * HOUR);
    assert_eq!(host.scheduler.at_wall(WALL + 3 * HOUR, TimeBase::Wall), WALL + 3 * HOUR);
    assert_eq!(
        (host.scheduler.time(TimeBase::Elapsed), host.scheduler.time(TimeBase::Wall)),
        (HOUR, WALL + HOUR)
    );
    let number = host.interval(HOUR);
    assert_eq!(host.scheduler.after(number, WALL + 5 * HOUR), Some(WALL + 6 * HOUR));
    assert_eq!(host.scheduler.after(number, WALL), Some(WALL + 2 * HOUR), "its first one");
    let hourly = host.cron("30 * * * *");
    let half_past = (WALL / HOUR * HOUR) + HOUR / 2;
    assert_eq!(host.scheduler.after(hourly, half_past), Some(half_past + HOUR));
    assert_eq!(host.scheduler.after(99, WALL), None);
}

#[test]
fn cron_goes_by_the_wall_clock_whatever_the_monotonic_one_does() {
    let mut host = Host::new();
    let hourly = host.cron("0 * * * *");
    let first = (WALL / HOUR + 1) * HOUR - WALL;
    assert_eq!(host.turn(first, 0), Some(30_000));
    assert_eq!(host.runs(), [(hourly, first)]);
    host.turn(0, 5 * HOUR);
    assert_eq!(host.runs(), []);
    host.turn(-2 * HOUR, 0);
    host.turn(2 * HOUR, 2 * HOUR);
    assert_eq!(host.runs(), [], "set back by two hours: nothing runs twice");
    host.turn(HOUR, HOUR);
    assert_eq!(host.runs(), [(hourly, first + HOUR)]);
}

#[test]
fn runs_by_hand_and_at_once_are_told_by_the_wall_clock_and_unknown_jobs_do_no_harm() {
    let mut host = Host::new();
    let number = host.interval(HOUR);
    host.pass(1_234);
    assert_eq!(host.scheduler.run_now(number, true), Some(RunNow::Starts));
    assert_eq!(host.runs(), [(number, 1_234)]);
    host.scheduler.immediately(number);
    assert_eq!(host.runs(), [(number, 1_234)]);
    assert_eq!(host.scheduler.run_now(99, true), None);
    host.scheduler.immediately(99);
    host.scheduler.resume(99);
    host.scheduler.remove(99);
    assert_eq!((host.scheduler.next_tick(99), host.runs()), (None, vec![]));
}

#[test]
fn a_job_in_the_place_of_another_keeps_its_number_and_its_beat() {
    let mut host = Host::new();
    let number = host.interval(MINUTE);
    host.pass(45_000);
    let trigger = Trigger::every(span(MINUTE), 45_000 + MINUTE).expect("1 ms or more");
    let job = || Job::new(trigger.clone(), JobRules::default(), 45_000, 2);
    host.scheduler.replace(number, job(), TimeBase::Elapsed, true);
    assert_eq!(host.scheduler.next_tick(number), Some(WALL + MINUTE));
    host.scheduler.replace(number, job(), TimeBase::Elapsed, false);
    assert_eq!(host.scheduler.next_tick(number), Some(WALL + 45_000 + MINUTE));
    host.scheduler.replace(99, job(), TimeBase::Elapsed, true);
}

#[test]
fn the_number_of_a_job_that_is_gone_is_given_to_the_next_one() {
    let mut host = Host::new();
    let first = host.interval(MINUTE);
    host.scheduler.remove(first);
    assert_eq!(host.interval(HOUR), first, "so that numbers stay small");
}

#[test]
fn start_and_end_bound_the_runs_and_the_end_is_over() {
    let mut host = Host::new();
    let (start, end) = (WALL + 100_000, WALL + 220_000);
    let scheduler = &mut host.scheduler;
    let here = |wall| Some(scheduler.at_wall(wall, TimeBase::Elapsed));
    let trigger = Trigger::every(span(MINUTE), 100_000).expect("1 ms or more").within(here(start), here(end));
    let number = scheduler.add(Job::new(trigger, JobRules::default(), 0, 1), TimeBase::Elapsed);
    let mut runs = Vec::new();
    for _ in 0..60 {
        host.pass(5_000);
        runs.extend(host.runs());
    }
    assert_eq!(runs, [(number, 100_000), (number, 160_000), (number, 220_000)]);
    assert!(host.scheduler.job(number).is_some_and(Job::is_over));
    assert_eq!(host.scheduler.sleep(), None);
}

#[test]
fn ten_thousand_jobs_each_have_their_tick() {
    let mut host = Host::new();
    let jobs: Vec<_> = (0..10_000).map(|job| host.interval(1_000 + job)).collect();
    for _ in 0..20 {
        host.pass(1_000);
        host.runs();
    }
    for (job, number) in (0..).zip(jobs) {
        let stats = host.scheduler.job(number).expect("it is there").stats();
        assert_eq!(
            i64::from(stats.runs) + i64::from(stats.missed),
            20_000 / (1_000 + job),
            "every {} ms",
            1_000 + job
        );
    }
}

#[test]
fn what_waits_for_a_slow_run_is_not_lost_over_a_sleep() {
    let mut host = Host::new();
    let rules = JobRules {
        pace: Pace { missed: Missed::All, ..Pace::default() },
        overlap: Overlap::Queue,
        max_runs: None,
    };
    let number = host.scheduler.add(Job::new(every(MINUTE), rules, 0, 1), TimeBase::Elapsed);
    host.pass(MINUTE);
    let first = host.scheduler.next_run().map(|(_, run)| run.tick.at);
    assert_eq!(first, Some(WALL + MINUTE));
    host.turn(5 * MINUTE, 0);
    assert_eq!(host.scheduler.next_run(), None);
    host.scheduler.change(number, |job, _| job.ended());
    assert_eq!(host.runs().len(), 5);
}

#[test]
fn what_has_changed_is_told_once_and_nothing_else_is() {
    let mut host = Host::new();
    let jobs: Vec<_> = (1..=5).map(|job| host.interval(job * 10_000)).collect();
    let changed = |host: &mut Host| std::iter::from_fn(|| host.scheduler.next_changed()).collect::<Vec<_>>();
    assert_eq!(changed(&mut host), jobs, "they are new");
    assert_eq!(changed(&mut host), []);
    host.pass(20_000);
    assert_eq!(changed(&mut host), [jobs[0], jobs[1]], "those that were due");
    host.runs();
    host.scheduler.change(jobs[4], |job, _| job.pause());
    assert_eq!(changed(&mut host), [jobs[0], jobs[1], jobs[4]]);
    host.scheduler.change(jobs[3], |job, _| job.pause());
    host.scheduler.remove(jobs[3]);
    assert_eq!(changed(&mut host), [], "it is gone");
}

/// As [`Scheduler`] says, by looking at every job each time.
struct Plain {
    jobs: std::collections::BTreeMap<usize, (Job, TimeBase)>,
    wall: Millis,
    elapsed: Millis,
}

impl Plain {
    fn now(&self, base: TimeBase) -> Millis {
        if base == TimeBase::Wall { self.wall } else { self.elapsed }
    }

    fn look(&mut self) -> Option<Millis> {
        let (wall, elapsed) = (self.wall, self.elapsed);
        for (job, base) in self.jobs.values_mut() {
            job.look(if *base == TimeBase::Wall { wall } else { elapsed });
        }
        let waits = self.jobs.values().filter_map(|(job, base)| Some((job.wake()? - self.now(*base)).max(0)));
        waits.min().map(|wait| wait.min(30_000))
    }

    fn runs(&mut self) -> Vec<(usize, Millis)> {
        let mut runs = Vec::new();
        for (number, (job, _)) in &mut self.jobs {
            runs.extend(std::iter::from_fn(|| job.next_run()).map(|run| (*number, run.tick.at)));
        }
        runs
    }
}

proptest! {
    #![proptest_config(cases(500))]

    /// Whoever looks at those only that are due sees what somebody sees who looks at all: also when the clock is set, and when jobs come, change and go.
    #[test]
    fn it_does_what_looking_at_every_job_does(
        steps in proptest::collection::vec((0..10_u8, 0..6_usize, 1..40_i64), 1..150),
    ) {
        let mut scheduler = Scheduler::new(Reading { wall: WALL, monotonic: 0 });
        let mut plain = Plain { jobs: std::collections::BTreeMap::new(), wall: WALL, elapsed: 0 };
        let mut monotonic = 0;
        for (step, which, amount) in steps {
            let number = plain.jobs.keys().nth(which).copied();
            match (step, number) {
                (0 | 1, _) => {
                    let base = if step == 0 { TimeBase::Wall } else { TimeBase::Elapsed };
                    let now = plain.now(base);
                    let every = span(amount * SECOND);
                    let trigger = Trigger::every(every, now + amount * SECOND).expect("1 ms or more");
                    let rules = JobRules { overlap: Overlap::Queue, ..JobRules::default() };
                    let job = Job::new(trigger, rules, now, 1);
                    let number = scheduler.add(job.clone(), base);
                    prop_assert!(plain.jobs.insert(number, (job, base)).is_none());
                }
                (2, Some(number)) => {
                    scheduler.remove(number);
                    plain.jobs.remove(&number);
                }
                (3, Some(number)) => {
                    scheduler.change(number, |job, _| job.pause());
                    plain.jobs.get_mut(&number).expect("it is there").0.pause();
                }
                (4, Some(number)) => {
                    scheduler.resume(number);
                    let now = plain.now(plain.jobs[&number].1);
                    plain.jobs.get_mut(&number).expect("it is there").0.resume(now);
                }
                (5, Some(number)) => {
                    scheduler.change(number, |job, _| job.ended());
                    plain.jobs.get_mut(&number).expect("it is there").0.ended();
                }
                (6, Some(number)) => {
                    let lease = span(amount * SECOND);
                    scheduler.change(number, |job, _| job.set_lease(lease));
                    plain.jobs.get_mut(&number).expect("it is there").0.set_lease(lease);
                }
                (7, _) => {
                    // Somebody sets the clock, by up to eight hours; more than 5 s ahead would be sleep.
                    plain.wall -= amount * 12 * MINUTE;
                    scheduler.turn(Reading { wall: plain.wall, monotonic });
                }
                _ => {
                    plain.wall += amount * SECOND;
                    plain.elapsed += amount * SECOND;
                    monotonic += amount * SECOND;
                }
            }
            let sleep = scheduler.look(Reading { wall: plain.wall, monotonic });
            prop_assert_eq!(sleep.map(|sleep| sleep.as_millis()), plain.look().map(|wait| wait.unsigned_abs().into()));
            let (mut runs, ahead) = (Vec::new(), plain.wall - plain.elapsed);
            while let Some((number, run)) = scheduler.next_run() {
                let is_wall = plain.jobs[&number].1 == TimeBase::Wall;
                runs.push((number, run.tick.at - if is_wall { 0 } else { ahead }));
            }
            runs.sort_unstable();
            prop_assert_eq!(runs, plain.runs());
        }
    }
}
