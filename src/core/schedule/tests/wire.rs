//! How what is said of schedules crosses into numbers.

use super::{
    super::{
        job::{Job, JobRules, Overlap, Run, RunNow},
        pacer::{Missed, Tick},
        wire::*,
    },
    *,
};

#[allow(clippy::cast_precision_loss)] // small
fn constant(name: &str) -> f64 {
    let (_, value) = CONSTANTS.iter().find(|(known, _)| *known == name).expect("it is there");
    *value as f64
}

#[test]
fn a_run_is_one_number_that_no_other_run_has_and_none_is_nothing() {
    let mut seen = Vec::new();
    for job in [0_usize, 1, 2, 77, 1 << 20, 1 << 40] {
        for flags in 0..4 {
            let (manual, cancels) = (flags & 1 == 1, flags & 2 == 2);
            let packed = pack_run(job, Run { tick: Tick { at: 5, missed: 0 }, manual, cancels });
            // As JavaScript takes it apart.
            let unit = constant("RUN_JOB_UNIT");
            assert_eq!((packed / unit).floor().to_string(), job.to_string());
            let rest = packed % unit;
            assert_eq!(rest % (2.0 * constant("RUN_MANUAL")) >= constant("RUN_MANUAL"), manual);
            assert_eq!(rest % (2.0 * constant("RUN_CANCELS")) >= constant("RUN_CANCELS"), cancels);
            assert!(packed != NOTHING && !seen.contains(&packed));
            seen.push(packed);
        }
    }
}

#[test]
fn outcomes_and_policies_have_numbers_of_their_own_and_an_unknown_one_is_the_default() {
    assert_eq!(pack_run_now(RunNow::Waits).to_string(), constant("RUN_NOW_WAITS").to_string());
    assert_eq!(pack_run_now(RunNow::Shares).to_string(), constant("RUN_NOW_SHARES").to_string());
    assert_eq!(pack_run_now(RunNow::Starts), 0);
    assert_eq!([0, 1, 2, 3].map(unpack_missed), [Missed::Skip, Missed::Once, Missed::All, Missed::Once]);
    assert_eq!(
        [0, 1, 2, 3].map(unpack_overlap),
        [Overlap::Skip, Overlap::Queue, Overlap::CancelPrevious, Overlap::Skip]
    );
    assert_eq!([false, true].map(unpack_dialect), [Dialect::Cron, Dialect::Apscheduler]);
}

#[test]
fn counts_come_in_the_order_that_javascript_names_them_in() {
    let rules = JobRules { overlap: Overlap::Queue, ..JobRules::default() };
    let mut job = Job::new(every(MINUTE), rules, 0, 1);
    job.look(4 * MINUTE); // one run, three missed
    job.look(5 * MINUTE); // waits
    job.look(6 * MINUTE);
    assert_eq!([0, 1, 2, 3, 4, 5].map(|index| stat(&job, index)), [1, 0, 3, 1, 2, 0]);
}
