//! A job in the place of another.

use super::{
    super::{
        job::{Job, JobRules, JobStats, Overlap, RunNow},
        pacer::{Missed, Pace},
    },
    *,
};

fn rules(overlap: Overlap) -> JobRules {
    JobRules { pace: Pace { missed: Missed::All, ..Pace::default() }, overlap, max_runs: None }
}

/// Ticks each minute, 10 s after it.
fn job(overlap: Overlap) -> Job {
    Job::new(Trigger::every(ms(60_000), 10_000).expect("1 ms or more"), rules(overlap), 0, 1)
}

/// Ticks each minute, 40 s after it.
fn successor(overlap: Overlap) -> Job {
    Job::new(Trigger::every(ms(60_000), 160_000).expect("1 ms or more"), rules(overlap), 100_000, 2)
}

fn started(job: &mut Job) -> Vec<Millis> {
    std::iter::from_fn(|| job.next_run()).map(|run| run.tick.at).collect()
}

#[test]
fn a_job_that_keeps_the_beat_goes_on_where_the_other_was() {
    let mut other = job(Overlap::Queue);
    other.look(10_000);
    other.look(70_000);
    assert_eq!(started(&mut other), [10_000]);
    let mut job = successor(Overlap::Queue).in_place_of(&other, true);
    assert_eq!((job.next_tick(), job.waiting()), (Some(130_000), 1));
    assert_eq!(job.stats(), JobStats { runs: 1, running: 1, ..JobStats::default() });
    job.ended();
    assert_eq!(started(&mut job), [70_000]);
    job.look(130_000);
    job.ended();
    assert_eq!(started(&mut job), [130_000]);
}

#[test]
fn a_job_of_another_rhythm_begins_its_own_and_waits_for_what_runs() {
    let mut other = job(Overlap::Queue);
    other.look(10_000);
    other.look(70_000);
    assert_eq!(started(&mut other), [10_000]);
    let mut job = successor(Overlap::Skip).in_place_of(&other, false);
    assert_eq!((job.next_tick(), job.waiting()), (Some(160_000), 0), "what waits is the other's");
    assert_eq!(job.stats(), JobStats { running: 1, ..JobStats::default() });
    job.look(160_000);
    assert_eq!((started(&mut job), job.stats().skipped), (vec![], 1));
    job.ended();
    job.look(220_000);
    assert_eq!(started(&mut job), [220_000]);
}

#[test]
fn a_job_that_is_scheduled_again_and_again_is_not_put_off_for_ever() {
    let mut job = job(Overlap::Skip);
    let mut runs = Vec::new();
    for now in (0..10 * MINUTE).step_by(7_000) {
        let fresh = Trigger::every(ms(60_000), now + 60_000).expect("1 ms or more");
        job = Job::new(fresh, rules(Overlap::Skip), now, 1).in_place_of(&job, true);
        job.look(now);
        let started = started(&mut job);
        for _ in &started {
            job.ended();
        }
        runs.extend(started);
    }
    assert_eq!(runs, (0..10).map(|minute| minute * 60_000 + 10_000).collect::<Vec<_>>());
}

#[test]
fn a_pause_and_the_count_of_runs_are_taken_over_with_the_beat() {
    let mut other = job(Overlap::Skip);
    other.look(10_000);
    assert_eq!(started(&mut other), [10_000]);
    other.ended();
    other.pause();
    let bounded = JobRules { max_runs: Some(2), ..rules(Overlap::Skip) };
    let fresh = || Job::new(every(MINUTE), bounded, 0, 1);
    let mut job = fresh().in_place_of(&other, true);
    job.look(DAY);
    assert_eq!(started(&mut job), []);
    job.resume(DAY);
    job.look(DAY + 10_000);
    assert_eq!(started(&mut job), [DAY + 10_000]);
    job.ended();
    assert!(job.is_over());
    let mut job = fresh().in_place_of(&other, false);
    job.look(MINUTE);
    assert_eq!(started(&mut job), [MINUTE], "one of another rhythm has neither");
}

#[test]
fn runs_by_hand_that_wait_are_the_owners_of_the_other() {
    let mut other = job(Overlap::Queue);
    other.look(10_000);
    started(&mut other);
    assert_eq!(other.run_now(20_000, true), RunNow::Waits);
    other.look(70_000);
    let job = successor(Overlap::Queue).in_place_of(&other, true);
    assert_eq!(job.waiting(), 1);
}

#[test]
fn a_run_that_has_not_started_yet_does_not_block_the_job_in_its_place() {
    for keeps in [false, true] {
        let mut other = job(Overlap::Skip);
        other.look(10_000); // to be started
        let mut job = successor(Overlap::Skip).in_place_of(&other, keeps);
        for _ in started(&mut job) {
            job.ended();
        }
        assert_eq!(job.stats().running, 0, "keeps: {keeps}");
        let next = job.next_tick().expect("it goes on");
        job.look(next);
        assert_eq!(started(&mut job).last(), Some(&next), "keeps: {keeps}");
    }
}
