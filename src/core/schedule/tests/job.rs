//! How the runs of a job follow one another: overlap, what waits, runs by hand, pauses and the end.

use super::{
    super::{
        job::{Job, JobRules, JobStats, Overlap, Run, RunNow},
        pacer::{Missed, Pace, Tick},
    },
    *,
};

/// Ticks each minute, from the first one on.
fn job(missed: Missed, overlap: Overlap) -> Job {
    bounded(missed, overlap, 1_000, None)
}

fn bounded(missed: Missed, overlap: Overlap, most: u32, max_runs: Option<u32>) -> Job {
    let rules = JobRules { pace: Pace { missed, most, ..Pace::default() }, overlap, max_runs };
    Job::new(every(MINUTE), rules, 0, 1)
}

/// The runs to start, in minutes; `m` for one by hand, `c` for one that cancels.
fn started(job: &mut Job) -> String {
    let runs = std::iter::from_fn(|| job.next_run());
    let show = |run: Run| {
        let flags = [(run.manual, "m"), (run.cancels, "c")];
        let flags: String = flags.iter().filter(|(is, _)| *is).map(|(_, flag)| *flag).collect();
        format!("{}{flags}", run.tick.at / MINUTE)
    };
    runs.map(show).collect::<Vec<_>>().join(" ")
}

fn at(job: &mut Job, minute: Millis) -> String {
    job.look(minute * MINUTE);
    started(job)
}

fn after_end(job: &mut Job) -> String {
    job.ended();
    started(job)
}

/// The same, whatever it says of others to cancel.
fn then(job: &mut Job) -> String {
    after_end(job).replace('c', "")
}

const OVERLAPS: [Overlap; 3] = [Overlap::Skip, Overlap::Queue, Overlap::CancelPrevious];

#[test]
fn runs_that_end_before_the_next_tick_follow_each_other_whatever_the_overlap() {
    for overlap in OVERLAPS {
        let mut job = job(Missed::Once, overlap);
        for minute in 1..=5 {
            assert_eq!(at(&mut job, minute), minute.to_string());
            assert_eq!((job.stats().running, job.wake()), (1, Some((minute + 1) * MINUTE)));
            assert_eq!(after_end(&mut job), "");
        }
        assert_eq!(job.stats(), JobStats { runs: 5, ..JobStats::default() });
    }
}

#[test]
fn skip_does_nothing_for_a_tick_that_comes_while_a_run_is_under_way() {
    let mut job = job(Missed::Once, Overlap::Skip);
    assert_eq!([at(&mut job, 1), at(&mut job, 2), at(&mut job, 3)], ["1", "", ""]);
    assert_eq!(after_end(&mut job), "", "it is not made up for");
    assert_eq!(at(&mut job, 4), "4");
    assert_eq!(job.stats(), JobStats { runs: 2, skipped: 2, missed: 0, running: 1 });
}

#[test]
fn queue_has_each_wait_for_the_one_before_it() {
    let mut job = job(Missed::Once, Overlap::Queue);
    assert_eq!([at(&mut job, 1), at(&mut job, 2), at(&mut job, 3)], ["1", "", ""]);
    assert_eq!((job.waiting(), job.stats().running), (2, 1));
    assert_eq!([after_end(&mut job), after_end(&mut job), after_end(&mut job)], ["2", "3", ""]);
    assert_eq!(job.stats(), JobStats { runs: 3, ..JobStats::default() });
}

#[test]
fn no_more_wait_than_may_and_the_oldest_are_dropped_and_counted_as_skipped() {
    let mut job = bounded(Missed::Once, Overlap::Queue, 2, None);
    for minute in 1..=6 {
        at(&mut job, minute);
    }
    assert_eq!((job.waiting(), job.stats().skipped), (2, 3));
    assert_eq!([after_end(&mut job), after_end(&mut job), after_end(&mut job)], ["5", "6", ""]);
}

#[test]
fn a_run_by_hand_that_waits_is_never_dropped() {
    let mut job = bounded(Missed::Once, Overlap::Queue, 1, None);
    at(&mut job, 1);
    assert_eq!([job.run_now(MINUTE, true), job.run_now(MINUTE, true)], [RunNow::Waits; 2]);
    at(&mut job, 2);
    assert_eq!((job.waiting(), job.stats().skipped), (2, 1));
    assert_eq!([then(&mut job), then(&mut job), then(&mut job)], ["1m", "1m", ""]);
}

#[test]
fn a_run_by_hand_that_has_waited_for_its_turn_cancels_none() {
    let mut job = job(Missed::Once, Overlap::Queue);
    at(&mut job, 1);
    job.run_now(90_000, true);
    assert_eq!(after_end(&mut job), "1m");
}

#[test]
fn cancel_previous_starts_at_once_and_says_so_until_the_other_has_ended() {
    let mut job = job(Missed::Once, Overlap::CancelPrevious);
    assert_eq!([at(&mut job, 1), at(&mut job, 2), at(&mut job, 3)], ["1", "2c", "3c"]);
    assert_eq!(job.stats().running, 3, "functions that do not heed their signal");
    for _ in 0..3 {
        assert_eq!(after_end(&mut job), "");
    }
    assert_eq!(at(&mut job, 4), "4", "there is none to cancel");
    assert_eq!(job.stats(), JobStats { runs: 4, running: 1, ..JobStats::default() });
}

#[test]
fn missed_ticks_that_are_made_up_for_run_one_after_another_and_none_cancels_or_is_skipped() {
    for overlap in OVERLAPS {
        let mut job = job(Missed::All, overlap);
        assert_eq!(at(&mut job, 4), "1", "{overlap:?}");
        assert_eq!(job.waiting(), 3);
        assert_eq!(
            [after_end(&mut job), after_end(&mut job), after_end(&mut job), after_end(&mut job)],
            ["2", "3", "4", ""]
        );
        assert_eq!(job.stats(), JobStats { runs: 4, ..JobStats::default() });
    }
}

#[test]
fn a_tick_in_time_does_not_overtake_those_that_are_made_up_for() {
    for overlap in OVERLAPS {
        let mut job = job(Missed::All, overlap);
        at(&mut job, 3);
        assert_eq!(at(&mut job, 4), "", "{overlap:?}");
        assert_eq!([after_end(&mut job), after_end(&mut job), after_end(&mut job)], ["2", "3", "4"]);
    }
}

#[test]
fn one_run_for_all_that_were_missed_is_subject_to_the_overlap() {
    let mut skip = job(Missed::Once, Overlap::Skip);
    at(&mut skip, 1);
    assert_eq!(at(&mut skip, 5), "");
    assert_eq!(skip.stats(), JobStats { runs: 1, skipped: 1, missed: 3, running: 1 });
    let mut cancel = job(Missed::Once, Overlap::CancelPrevious);
    at(&mut cancel, 1);
    cancel.look(5 * MINUTE);
    let run = cancel.next_run().expect("the newest");
    assert_eq!(run, Run { tick: Tick { at: 5 * MINUTE, missed: 3 }, manual: false, cancels: true });
}

#[test]
fn a_run_by_hand_starts_shares_waits_or_cancels_as_the_overlap_says_and_does_not_count() {
    for (overlap, busy, then) in [
        (Overlap::Skip, RunNow::Shares, ""),
        (Overlap::Queue, RunNow::Waits, ""),
        (Overlap::CancelPrevious, RunNow::Starts, "0mc"),
    ] {
        let mut job = job(Missed::Once, overlap);
        assert_eq!(job.run_now(30_000, true), RunNow::Starts);
        assert_eq!(started(&mut job), "0m");
        assert_eq!(job.run_now(30_000, true), busy);
        assert_eq!(started(&mut job), then);
        assert_eq!(job.stats().runs, 0);
        assert_eq!(job.next_tick(), Some(MINUTE), "the schedule goes on");
    }
}

#[test]
fn a_tick_that_comes_while_a_run_by_hand_is_under_way_is_subject_to_the_overlap() {
    for (overlap, tick, then) in
        [(Overlap::Skip, "", ""), (Overlap::Queue, "", "1"), (Overlap::CancelPrevious, "1c", "")]
    {
        let mut job = job(Missed::Once, overlap);
        job.run_now(30_000, true);
        started(&mut job);
        assert_eq!(at(&mut job, 1), tick, "{overlap:?}");
        assert_eq!(after_end(&mut job), then, "{overlap:?}");
    }
}

#[test]
fn a_run_at_once_counts_as_that_of_a_tick() {
    let mut job = bounded(Missed::Once, Overlap::Skip, 1_000, Some(1));
    job.immediately(30_000);
    assert_eq!(started(&mut job), "0");
    assert_eq!((job.stats().runs, job.wake()), (1, None));
    assert!(!job.is_over(), "its run is under way");
    job.ended();
    assert!(job.is_over());
}

#[test]
fn a_pause_leaves_out_its_ticks_and_what_runs_goes_on() {
    let mut job = job(Missed::All, Overlap::Queue);
    at(&mut job, 1);
    at(&mut job, 2);
    job.pause();
    assert_eq!((job.next_tick(), job.wake()), (None, None));
    assert_eq!(at(&mut job, 5), "");
    assert_eq!(after_end(&mut job), "", "what waits keeps waiting");
    assert!(!job.is_over());
    job.resume(7 * MINUTE + 1);
    assert_eq!(started(&mut job), "2");
    assert_eq!(at(&mut job, 8), "", "it waits for the one that has waited");
    assert_eq!(after_end(&mut job), "8", "3 to 7 are not made up for");
    assert_eq!(job.stats(), JobStats { runs: 3, running: 1, ..JobStats::default() });
}

#[test]
fn to_resume_what_is_not_paused_changes_nothing() {
    let mut job = job(Missed::Once, Overlap::Skip);
    job.resume(90_000);
    assert_eq!(at(&mut job, 2), "2");
    assert_eq!(job.stats().missed, 1, "1 was not left out");
}

#[test]
fn a_paused_job_runs_by_hand() {
    for overlap in OVERLAPS {
        let mut job = job(Missed::Once, overlap);
        job.pause();
        assert_eq!(job.run_now(30_000, true), RunNow::Starts);
        assert_eq!(started(&mut job), "0m");
        assert_eq!(after_end(&mut job), "");
    }
}

#[test]
fn a_paused_job_runs_by_hand_also_if_runs_wait() {
    let mut job = job(Missed::All, Overlap::Skip);
    at(&mut job, 3);
    job.pause();
    assert_eq!(after_end(&mut job), "");
    assert_eq!((job.waiting(), job.stats().running), (2, 0));
    assert_eq!(job.run_now(4 * MINUTE, true), RunNow::Starts, "there is no run under way to share");
    assert_eq!(started(&mut job), "4m");
}

#[test]
fn a_run_by_hand_of_a_paused_job_has_its_turn_when_the_one_before_it_has_ended() {
    let mut job = job(Missed::Once, Overlap::Queue);
    at(&mut job, 1);
    job.pause();
    assert_eq!(job.run_now(90_000, true), RunNow::Waits);
    assert_eq!(then(&mut job), "1m", "it runs now, also while the job is paused");
}

#[test]
fn it_ends_after_so_many_runs_those_by_hand_not_counted() {
    let mut job = bounded(Missed::Once, Overlap::Skip, 1_000, Some(2));
    job.run_now(30_000, true);
    assert_eq!((started(&mut job), after_end(&mut job)), ("0m".into(), String::new()));
    assert_eq!((at(&mut job, 1), after_end(&mut job)), ("1".into(), String::new()));
    assert_eq!(at(&mut job, 2), "2");
    assert_eq!(
        (job.next_tick(), job.wake(), job.is_over()),
        (None, None, false),
        "the last one is under way"
    );
    assert_eq!((after_end(&mut job), job.is_over()), (String::new(), true));
    assert_eq!(at(&mut job, 9), "");
}

#[test]
fn what_is_missed_or_waits_ends_with_it_and_a_run_by_hand_does_not() {
    let mut missed = bounded(Missed::All, Overlap::Skip, 1_000, Some(3));
    assert_eq!(at(&mut missed, 9), "1");
    assert_eq!([after_end(&mut missed), after_end(&mut missed), after_end(&mut missed)], ["2", "3", ""]);
    assert!(missed.is_over());
    let mut queue = bounded(Missed::Once, Overlap::Queue, 1_000, Some(2));
    for minute in 1..=3 {
        at(&mut queue, minute);
    }
    assert_eq!(queue.run_now(3 * MINUTE, true), RunNow::Waits);
    assert_eq!([then(&mut queue), then(&mut queue)], ["2", "3m"]);
    assert!(!queue.is_over());
    assert_eq!((after_end(&mut queue), queue.is_over()), (String::new(), true));
}

#[test]
fn a_paused_job_is_over_too_when_it_has_had_all_its_runs() {
    let mut job = bounded(Missed::Once, Overlap::Queue, 1_000, Some(2));
    for minute in 1..=3 {
        at(&mut job, minute);
    }
    assert_eq!(after_end(&mut job), "2");
    job.pause();
    assert_eq!(after_end(&mut job), "");
    assert!(job.is_over());
}

#[test]
fn it_is_over_when_its_trigger_is_and_its_last_run_has_ended() {
    let trigger = every(MINUTE).within(None, Some(2 * MINUTE));
    let mut job = Job::new(
        trigger,
        JobRules { pace: Pace { missed: Missed::All, ..Pace::default() }, ..JobRules::default() },
        0,
        1,
    );
    assert_eq!(at(&mut job, 60), "1");
    assert_eq!((after_end(&mut job), job.is_over()), ("2".into(), false));
    assert_eq!((after_end(&mut job), job.is_over()), (String::new(), true));
    let never = Job::new(every(MINUTE).within(None, Some(1)), JobRules::default(), 0, 1);
    assert!(never.is_over());
}

#[test]
fn the_end_drops_what_is_to_start_and_what_waits() {
    let mut job = job(Missed::All, Overlap::Queue);
    job.look(3 * MINUTE);
    job.end();
    assert_eq!((started(&mut job), job.waiting(), job.is_over()), (String::new(), 0, true));
    assert_eq!((at(&mut job, 9), job.next_tick(), job.wake()), (String::new(), None, None));
}

#[test]
fn a_run_that_was_lost_to_others_does_not_count_and_all_up_to_theirs_is_seen_to() {
    let mut job = bounded(Missed::All, Overlap::Queue, 1_000, Some(1));
    assert_eq!(at(&mut job, 1), "1");
    assert_eq!(job.wake(), None);
    job.lost(4 * MINUTE);
    assert_eq!(job.stats(), JobStats::default());
    assert_eq!((job.cursor(), job.next_tick()), (4 * MINUTE, Some(5 * MINUTE)));
    assert_eq!(at(&mut job, 5), "5");
}

#[test]
fn what_others_have_seen_to_waits_no_longer_but_runs_by_hand_do() {
    let mut job = job(Missed::All, Overlap::Queue);
    assert_eq!(at(&mut job, 5), "1");
    job.run_now(5 * MINUTE, true);
    job.seen(3 * MINUTE);
    assert_eq!(job.waiting(), 3);
    assert_eq!([then(&mut job), then(&mut job), then(&mut job), then(&mut job)], ["4", "5", "5m", ""]);
    job.seen(2 * MINUTE);
    assert_eq!(job.cursor(), 5 * MINUTE, "never back");
}

/// The minutes of the ticks after one that get a run, as it is foreseen at another.
fn foreseen(job: &Job, after: Millis, now: Millis) -> Vec<Millis> {
    let left = job.left_after(after * MINUTE, now * MINUTE).map_or(usize::MAX, |left| left as usize);
    let ticks = std::iter::successors(job.trigger().after(after * MINUTE), |at| job.trigger().after(*at));
    ticks.map(|at| at / MINUTE).take(left.min(5)).collect()
}

#[test]
fn the_ticks_that_are_foreseen_are_those_that_get_a_run() {
    for overlap in OVERLAPS {
        let mut job = bounded(Missed::Once, overlap, 1_000, Some(3));
        assert_eq!(foreseen(&job, 0, 0), [1, 2, 3]);
        assert_eq!(foreseen(&job, 1, 0), [2, 3], "after a time to come");
        assert_eq!((foreseen(&job, 3, 0), foreseen(&job, 1_000, 0)), (vec![], vec![]));
        assert_eq!(at(&mut job, 1), "1");
        after_end(&mut job);
        job.run_now(MINUTE, false);
        started(&mut job);
        after_end(&mut job);
        assert_eq!(
            (foreseen(&job, 1, 1), foreseen(&job, 2, 1)),
            (vec![2, 3], vec![3]),
            "a run by hand does not count"
        );
        assert_eq!(foreseen(&job, 0, 1), [1, 2, 3], "from a time that has passed");
        for minute in 2..=3 {
            assert_eq!(at(&mut job, minute), minute.to_string());
            assert_eq!(foreseen(&job, minute, minute), (minute + 1..=3).collect::<Vec<_>>());
            after_end(&mut job);
        }
        assert!(job.is_over());
    }
    assert_eq!(
        foreseen(&job(Missed::Once, Overlap::Skip), 0, 0),
        [1, 2, 3, 4, 5],
        "runs that are not counted"
    );
}

#[test]
fn what_waits_is_due_or_is_paused_is_foreseen_as_it_will_run() {
    let mut waits = bounded(Missed::Once, Overlap::Queue, 1_000, Some(3));
    at(&mut waits, 1);
    at(&mut waits, 2);
    assert_eq!((foreseen(&waits, 2, 2), waits.next_tick()), (vec![3], Some(3 * MINUTE)));
    at(&mut waits, 3);
    assert_eq!((foreseen(&waits, 3, 3), waits.next_tick()), (vec![], None), "the last run waits");
    assert_eq!(
        (then(&mut waits), then(&mut waits), then(&mut waits)),
        ("2".into(), "3".into(), String::new())
    );

    let late = |missed| foreseen(&bounded(missed, Overlap::Queue, 1_000, Some(4)), 3, 3);
    assert_eq!(
        (late(Missed::Once), late(Missed::Skip), late(Missed::All)),
        (vec![4, 5, 6], vec![4, 5, 6], vec![4])
    );

    let mut paused = bounded(Missed::All, Overlap::Skip, 1_000, Some(2));
    paused.pause();
    assert_eq!(foreseen(&paused, 5, 5), [6, 7]);
    paused.resume(5 * MINUTE);
    assert_eq!(foreseen(&paused, 5, 5), [6, 7]);
    assert_eq!((at(&mut paused, 6), then(&mut paused)), ("6".into(), String::new()));
    assert_eq!(foreseen(&paused, 6, 6), [7]);

    let trigger = every(MINUTE).within(None, Some(2 * MINUTE));
    let ends = Job::new(trigger, JobRules { max_runs: Some(5), ..JobRules::default() }, 0, 1);
    assert_eq!(foreseen(&ends, 0, 0), [1, 2], "its end comes first");
    let once = Job::new(Trigger::once(MINUTE), JobRules { max_runs: Some(1), ..JobRules::default() }, 0, 1);
    assert_eq!((foreseen(&once, 0, 0), foreseen(&once, 1, 0)), (vec![1], vec![]));
}
