//! A week of a page, twice: with the night in March that loses an hour, and with the one in October that has one twice. The machine sleeps, is slow, is throttled, and
//! its clock is set; five jobs under each policy run exactly when they promise to.

use std::sync::OnceLock;

use super::{
    super::{job::JobStats, pacer::Missed},
    week_model::{JOBS, Look, Machine, POLICIES, Phase, Ran, due, promised},
    *,
};

const ZONE: &str = "Europe/Berlin";

/// From Wednesday 08:00 to the Wednesday after it, by true time.
fn phases(runs_on: bool, sleeps_through_the_change: bool) -> Vec<Phase> {
    use Phase::{Asleep, Awake, Set, Throttled};
    let mut phases = vec![
        Awake(14 * HOUR), // Wednesday until 22:00
        Asleep(9 * HOUR + 13 * MINUTE + 7_000, runs_on),
        Throttled(12 * HOUR + 46 * MINUTE + 53_000), // Thursday, from 07:13
        Awake(4 * HOUR + 30_000),                    // until midnight
        Awake(10 * HOUR),                            // Friday until 10:00
        Set(-HOUR),
        Awake(2 * HOUR),
        Set(HOUR), // at noon, when it is noon again
        Awake(3 * HOUR),
        Set(-5 * HOUR), // from 15:00 to 10:00, once more
        Awake(90 * MINUTE),
        Set(5 * HOUR),
        Awake(7 * HOUR + 30 * MINUTE),           // until midnight
        Awake(22 * HOUR + 59 * MINUTE + 30_000), // Saturday until 23:00
    ];
    let night = 11 * HOUR + 5 * MINUTE;
    phases.push(if sleeps_through_the_change { Asleep(night, runs_on) } else { Awake(night) });
    // Sunday, with naps: less than sleep, a bit more, and some minutes; the lid is closed, opened and closed.
    for nap in [2_000, 4_900, 6_000, 45_000, 3 * MINUTE, 20 * MINUTE, 61 * MINUTE, 10_000, 10_000] {
        phases.extend([Awake(40 * MINUTE + 17_000), Asleep(nap, runs_on)]);
    }
    phases
}

/// Lives the week, and then until it is this time by the wall clock.
fn live(machine: &mut Machine, until: Millis) {
    machine.live(&[Phase::Awake(until - machine.wall)]);
}

fn week(start: &str, runs_on: bool, sleeps_through_the_change: bool) -> Machine {
    let start = time(start) * SECOND;
    let mut machine = Machine::new(start, ZONE);
    machine.live(&phases(runs_on, sleeps_through_the_change));
    // The hour that the week is longer or shorter by.
    let monday = local_midnight(start, 5);
    live(&mut machine, monday + 8 * HOUR + 50 * MINUTE);
    machine.live(&[Phase::Asleep(10 * MINUTE + 20_000, runs_on)]); // over Monday 09:00, until shortly after it
    live(&mut machine, monday + DAY + 8 * HOUR + 50 * MINUTE);
    machine.live(&[Phase::Asleep(20 * MINUTE, runs_on)]); // over Tuesday 09:00, until too long after it
    live(&mut machine, monday + 2 * DAY + 8 * HOUR);
    machine
}

/// The midnight with which the day begins so many days after that of a time, in Berlin.
fn local_midnight(at: Millis, days: u64) -> Millis {
    let today = DateTime::from_timestamp(at / SECOND, 0).expect("a time that chrono has").date_naive();
    let day = (today + chrono::Days::new(days)).and_hms_opt(0, 0, 0).expect("midnight");
    let there = chrono::TimeZone::from_local_datetime(&zones::tz(ZONE), &day);
    there.single().expect("clocks do not change at midnight in Berlin").timestamp() * SECOND
}

const MARCH: &str = "2026-03-25 07:00"; // 08:00 in Berlin
const OCTOBER: &str = "2026-10-21 06:00";

/// What has come of a week.
struct Week {
    name: String,
    looks: Vec<Look>,
    /// Of each job, policy by policy.
    runs: Vec<Vec<Ran>>,
    stats: Vec<JobStats>,
}

fn weeks() -> &'static [Week] {
    static WEEKS: OnceLock<Vec<Week>> = OnceLock::new();
    WEEKS.get_or_init(|| {
        let mut weeks = Vec::new();
        for start in [MARCH, OCTOBER] {
            for (runs_on, sleeps) in [(false, false), (true, false), (false, true), (true, true)] {
                let name =
                    format!("from {start}, monotonic runs on {runs_on}, sleeps through the change {sleeps}");
                let mut machine = week(start, runs_on, sleeps);
                let stats = (0..machine.runs.len()).map(|job| machine.stats(job)).collect();
                weeks.push(Week { name, looks: machine.looks, runs: machine.runs, stats });
            }
        }
        weeks
    })
}

#[test]
fn each_job_under_each_policy_has_exactly_the_runs_that_it_promises() {
    for Week { name: week, looks, runs: all, stats } in weeks() {
        for (index, job) in JOBS.iter().enumerate() {
            for (place, policy) in POLICIES.iter().enumerate() {
                let (runs, missed) = promised(job, *policy, looks);
                let what = format!("{job} with {policy:?}, {week}");
                let ran = &all[index * POLICIES.len() + place];
                for (ran, promised) in ran.iter().zip(&runs) {
                    assert_eq!(
                        (show(ran.at / SECOND), ran),
                        (show(promised.at / SECOND), promised),
                        "{what}"
                    );
                }
                assert_eq!(ran.len(), runs.len(), "{what}");
                let stats = stats[index * POLICIES.len() + place];
                assert_eq!((stats.missed, stats.skipped, stats.running), (missed, 0, 0), "{what}");
                assert_eq!(stats.runs as usize, runs.len());
            }
        }
    }
}

#[test]
fn a_page_that_is_awake_is_no_later_for_a_tick_than_its_timers() {
    for Week { name: week, looks, .. } in weeks() {
        let ticks = JOBS[1..].iter().flat_map(|job| due(job, looks[0].wall, looks[looks.len() - 1].wall));
        let ticks: std::collections::BTreeSet<_> = ticks.collect();
        for pair in looks.windows(2) {
            let [one, next] = pair else { unreachable!("two of them") };
            if next.is_prompt {
                assert!(next.wall - one.wall <= 34_000, "it looks at least every 30 s, {week}");
                let late = ticks.range(one.wall + 1..=next.wall).find(|at| next.wall - **at > 4_000);
                assert_eq!(late.map(|at| show(at / SECOND)), None, "{week}");
            }
        }
    }
}

/// The nights at 02:30, with the ticks before each run that were missed.
fn nights(start: &str, policy: Missed, sleeps: bool) -> Vec<String> {
    let machine = week(start, false, sleeps);
    let place = POLICIES.iter().position(|each| *each == policy).expect("one of them");
    machine.runs[2 * POLICIES.len() + place]
        .iter()
        .map(|run| show(run.at / SECOND)[5..16].to_owned())
        .collect()
}

#[test]
fn the_nightly_job_runs_on_each_night_of_the_week_once() {
    let october = [
        "10-22 00:30",
        "10-23 00:30",
        "10-24 00:30",
        "10-25 00:30",
        "10-26 01:30",
        "10-27 01:30",
        "10-28 01:30",
    ];
    let march = [
        "03-26 01:30",
        "03-27 01:30",
        "03-28 01:30",
        "03-29 01:00",
        "03-30 00:30",
        "03-31 00:30",
        "04-01 00:30",
    ];
    for policy in [Missed::Once, Missed::All] {
        for sleeps in [false, true] {
            assert_eq!(nights(OCTOBER, policy, sleeps), october, "{policy:?}, sleeps: {sleeps}");
            assert_eq!(nights(MARCH, policy, sleeps), march, "{policy:?}, sleeps: {sleeps}");
        }
    }
    // The machine slept on the first night, and in half of the weeks on the night when clocks changed.
    assert_eq!(nights(OCTOBER, Missed::Skip, false), october[1..]);
    assert_eq!(nights(MARCH, Missed::Skip, false), march[1..]);
    let but_sunday = |nights: [&str; 7]| {
        nights
            .iter()
            .enumerate()
            .filter(|(night, _)| ![0, 3].contains(night))
            .map(|(_, at)| (*at).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(nights(OCTOBER, Missed::Skip, true), but_sunday(october));
    assert_eq!(nights(MARCH, Missed::Skip, true), but_sunday(march));
}

#[test]
fn the_office_job_runs_on_each_working_day_and_too_late_is_left_out_by_skip_alone() {
    let machine = week(OCTOBER, false, false);
    let runs = |place: usize| {
        machine.runs[4 * POLICIES.len() + place]
            .iter()
            .map(|run| show(run.at / SECOND)[5..16].to_owned())
            .collect::<Vec<_>>()
    };
    // 20 s after nine on Monday is in time; ten minutes after it on Tuesday is not.
    assert_eq!(runs(0), ["10-21 07:00", "10-22 07:00", "10-23 07:00", "10-26 08:00"]);
    for place in [1, 2] {
        assert_eq!(runs(place), ["10-21 07:00", "10-22 07:00", "10-23 07:00", "10-26 08:00", "10-27 08:00"]);
    }
}

#[test]
fn an_interval_has_a_tick_for_each_ten_minutes_that_have_elapsed_sleep_included_whatever_the_clock_was_set_to()
 {
    for Week { name: week, looks, runs, .. } in weeks() {
        let elapsed = looks.last().expect("many").elapsed;
        let all = &runs[2];
        assert_eq!(i64::try_from(all.len()).expect("few"), elapsed / (10 * MINUTE), "{week}");
    }
}
