//! How what is said of schedules is packed into numbers, for a host on the other side of a language border.

use super::{
    cron::Dialect,
    job::{Job, Overlap, Run, RunNow},
    pacer::Missed,
    scheduler::JobNumber,
};

/// No run is to be started, no time is due.
pub const NOTHING: f64 = -1.0;

const MANUAL: u32 = 1;
const CANCELS: u32 = 2;
/// One unit of the job's number, above what is said of its run.
const JOB_UNIT: u32 = 4;

/// How many runs start before other work of the page has its turn: a tick of thousands of jobs must not hold it up.
const RUNS_OF_A_TURN: u32 = 32;

const STARTS: u32 = 0;
const WAITS: u32 = 1;
const SHARES: u32 = 2;

const MISSED: [Missed; 3] = [Missed::Skip, Missed::Once, Missed::All];
const OVERLAP: [Overlap; 3] = [Overlap::Skip, Overlap::Queue, Overlap::CancelPrevious];

/// Every number that both sides must read alike, by its name in JavaScript.
pub const CONSTANTS: [(&str, i64); 6] = [
    ("RUN_MANUAL", MANUAL as i64),
    ("RUN_CANCELS", CANCELS as i64),
    ("RUN_JOB_UNIT", JOB_UNIT as i64),
    ("RUNS_OF_A_TURN", RUNS_OF_A_TURN as i64),
    ("RUN_NOW_WAITS", WAITS as i64),
    ("RUN_NOW_SHARES", SHARES as i64),
];

/// The policy with this place in the list that both sides have.
pub fn unpack_missed(number: usize) -> Missed {
    MISSED.get(number).copied().unwrap_or_default()
}

/// The overlap with this place in the list that both sides have.
pub fn unpack_overlap(number: usize) -> Overlap {
    OVERLAP.get(number).copied().unwrap_or_default()
}

/// Cron's own dialect, or the other one.
pub fn unpack_dialect(is_apscheduler: bool) -> Dialect {
    if is_apscheduler { Dialect::Apscheduler } else { Dialect::Cron }
}

/// A run to be started, without its tick.
#[allow(clippy::cast_precision_loss)] // fewer jobs than 2^53
pub fn pack_run(job: JobNumber, run: Run) -> f64 {
    let flags = if run.manual { MANUAL } else { 0 } | if run.cancels { CANCELS } else { 0 };
    job as f64 * f64::from(JOB_UNIT) + f64::from(flags)
}

/// What becomes of a run that was asked for.
pub fn pack_run_now(outcome: RunNow) -> u32 {
    match outcome {
        RunNow::Starts => STARTS,
        RunNow::Waits => WAITS,
        RunNow::Shares => SHARES,
    }
}

/// One of the counts, in the order in which JavaScript knows them: runs, skipped, missed, running, waiting.
#[allow(clippy::cast_possible_truncation)] // a count of what is in memory
pub fn stat(job: &Job, index: usize) -> u32 {
    let stats = job.stats();
    [stats.runs, stats.skipped, stats.missed, stats.running, job.waiting() as u32]
        .get(index)
        .copied()
        .unwrap_or(0)
}
