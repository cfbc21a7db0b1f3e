//! Scheduled jobs, and one clock for all of them.

use core::{mem::forget, time::Duration};

use wasm_bindgen::prelude::*;

use super::{
    cron::{CRONS, Crons},
    maybe_millis, millis, time,
};
use crate::{
    core::{
        base::{count::count, error::Error},
        schedule::{
            clocks::Reading,
            job::{Job, JobRules},
            pacer::{Pace, Tick},
            scheduler::{JobNumber, Scheduler, TimeBase},
            trigger::{Millis, Trigger},
            wire,
        },
    },
    js::base::{
        duration::span,
        kept::{Kept, inside},
    },
};

/// The jobs of this thread.
struct Jobs {
    scheduler: Scheduler,
    /// The tick of the run that was handed out last.
    tick: Tick,
}

/// Made by `scheduleStart`.
static JOBS: Kept<Option<Jobs>> = Kept::new(None);

fn with<R>(call: impl FnOnce(&mut Jobs) -> R) -> R {
    with_both(|jobs, _| call(jobs))
}

fn with_both<R>(call: impl FnOnce(&mut Jobs, &mut Crons) -> R) -> R {
    inside(|inside| {
        let (jobs, crons) = JOBS.with(&CRONS, inside);
        call(jobs.as_mut().expect("jobs come after `scheduleStart`"), crons)
    })
}

fn base(is_wall: bool) -> TimeBase {
    if is_wall { TimeBase::Wall } else { TimeBase::Elapsed }
}

/// Begins afresh.
#[wasm_bindgen(js_name = scheduleStart)]
pub fn schedule_start(wall: f64, monotonic: f64) {
    let jobs = Jobs { scheduler: Scheduler::new(reading(wall, monotonic)), tick: Tick { at: 0, missed: 0 } };
    // There are none before: what begins afresh does so in memory of its own.
    inside(|inside| forget(JOBS.of(inside).replace(jobs)));
}

/// A new job, or one in the place of another. NaN is none, and a time is by the wall clock; throws `invalid-argument` that names the option. With an
/// infinite `every` it runs once, at `first`.
#[wasm_bindgen(js_name = jobOpen)]
#[allow(clippy::too_many_arguments)] // numbers side by side cross the border for nothing, an object does not
#[allow(clippy::fn_params_excessive_bools)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the number of a job
pub fn job_open(
    replaces: f64,
    keeps: bool,
    is_wall: bool,
    every: f64,
    cron: usize,
    zone: usize,
    after: f64,
    first: f64,
    end: f64,
    missed: usize,
    overlap: usize,
    grace: f64,
    jitter: f64,
    most: f64,
    max_runs: f64,
    seed: f64,
) -> Result<usize, Error> {
    let rules = JobRules {
        pace: Pace {
            missed: wire::unpack_missed(missed),
            grace: span(grace).unwrap_or_default(),
            jitter: span(jitter).unwrap_or_default(),
            most: count("maxQueue", most, 1)?,
        },
        overlap: wire::unpack_overlap(overlap),
        max_runs: (max_runs != f64::INFINITY).then(|| count("maxRuns", max_runs, 1)).transpose()?,
    };
    with_both(|jobs, crons| {
        let base = base(is_wall);
        let here = |time: f64| maybe_millis(time).map(|wall| jobs.scheduler.at_wall(wall, base));
        let (start, end) = (here(first), here(end));
        let after_given = here(after);
        let after = after_given.unwrap_or_else(|| jobs.scheduler.time(base));
        let trigger = if every == f64::INFINITY {
            let at = start.unwrap_or(after);
            if after_given.is_none() && at <= jobs.scheduler.time(base) {
                return Err(Error::invalid("at", time(maybe_millis(first)), "a time that is still to come"));
            }
            Trigger::once(at)
        } else if let Some(every) = span(every) {
            let step = Millis::try_from(every.as_millis()).unwrap_or(Millis::MAX);
            Trigger::every(every, start.unwrap_or_else(|| after.saturating_add(step)))?.within(start, end)
        } else {
            let zone = crons.zone(zone);
            let Some(cron) = crons.crons.get(cron) else { return Ok(usize::MAX) };
            Trigger::cron(cron.clone(), zone).within(start, end)
        };
        let job = Job::new(trigger, rules, after, seed.to_bits());
        if replaces < 0.0 {
            return Ok(jobs.scheduler.add(job, base));
        }
        let number = replaces as JobNumber;
        jobs.scheduler.replace(number, job, base, keeps);
        Ok(number)
    })
}

fn reading(wall: f64, monotonic: f64) -> Reading {
    Reading { wall: millis(wall), monotonic: millis(monotonic) }
}

/// A job that JavaScript holds the number of is there.
fn change(job: JobNumber, change: impl FnOnce(&mut Job)) {
    with(|jobs| jobs.scheduler.change(job, |job, _| change(job)));
}

/// Forgets a job.
#[wasm_bindgen(js_name = jobClose)]
pub fn job_close(job: JobNumber) {
    with(|jobs| jobs.scheduler.remove(job));
}

/// Takes note of the time.
#[wasm_bindgen(js_name = scheduleTurn)]
pub fn schedule_turn(wall: f64, monotonic: f64) {
    with(|jobs| jobs.scheduler.turn(reading(wall, monotonic)));
}

/// Sees to all that is due.
#[wasm_bindgen(js_name = scheduleLook)]
pub fn schedule_look(wall: f64, monotonic: f64) {
    with(|jobs| jobs.scheduler.look(reading(wall, monotonic)));
}

/// How many milliseconds to sleep; NaN for no need to wake.
#[wasm_bindgen(js_name = scheduleSleep)]
pub fn schedule_sleep() -> f64 {
    with(|jobs| jobs.scheduler.sleep()).map_or(f64::NAN, |sleep| sleep.as_secs_f64() * 1000.0)
}

/// The next run to start, or -1. `tickAt` and `tickMissed` tell its tick.
#[wasm_bindgen(js_name = scheduleNextRun)]
pub fn schedule_next_run() -> f64 {
    with(|jobs| {
        let Some((job, run)) = jobs.scheduler.next_run() else { return wire::NOTHING };
        jobs.tick = run.tick;
        wire::pack_run(job, run)
    })
}

/// When the tick of the run was due that was handed out last.
#[wasm_bindgen(js_name = tickAt)]
pub fn tick_at() -> f64 {
    time(Some(with(|jobs| jobs.tick.at)))
}

/// How many ticks before it were missed.
#[wasm_bindgen(js_name = tickMissed)]
pub fn tick_missed() -> u32 {
    with(|jobs| jobs.tick.missed)
}

/// The number of the next job that has changed, or -1.
#[wasm_bindgen(js_name = scheduleNextChanged)]
#[allow(clippy::cast_precision_loss)] // fewer jobs than 2^53
pub fn schedule_next_changed() -> f64 {
    with(|jobs| jobs.scheduler.next_changed()).map_or(wire::NOTHING, |job| job as f64)
}

/// A run has ended.
#[wasm_bindgen(js_name = jobEnded)]
pub fn job_ended(job: JobNumber) {
    change(job, Job::ended);
}

/// A run was not started: another tab has seen to all ticks up to this one.
#[wasm_bindgen(js_name = jobLost)]
pub fn job_lost(job: JobNumber, tick: f64) {
    change(job, |job| job.lost(millis(tick)));
}

/// Another tab has seen to all ticks up to this one.
#[wasm_bindgen(js_name = jobSeen)]
pub fn job_seen(job: JobNumber, tick: f64) {
    change(job, |job| job.seen(millis(tick)));
}

/// The ticks after this one are due again. An interval counts from `first`, unless it is NaN.
#[wasm_bindgen(js_name = jobRewind)]
pub fn job_rewind(job: JobNumber, tick: f64, first: f64) {
    change(job, |job| job.rewind(millis(tick), maybe_millis(first)));
}

/// The newest tick that was seen to.
#[wasm_bindgen(js_name = jobCursor)]
pub fn job_cursor(job: JobNumber) -> f64 {
    time(with(|jobs| jobs.scheduler.job(job).map(Job::cursor)))
}

/// Leaves each tick to another tab for this long.
#[wasm_bindgen(js_name = jobLease)]
pub fn job_lease(job: JobNumber, lease: f64) {
    change(job, |job| job.set_lease(span(lease).unwrap_or(Duration::ZERO)));
}

/// No ticks from now on.
#[wasm_bindgen(js_name = jobPause)]
pub fn job_pause(job: JobNumber) {
    change(job, Job::pause);
}

/// Ticks again.
#[wasm_bindgen(js_name = jobResume)]
pub fn job_resume(job: JobNumber) {
    with(|jobs| jobs.scheduler.resume(job));
}

/// The zone of a job's cron expression is another one now.
#[wasm_bindgen(js_name = jobRezone)]
pub fn job_rezone(job: JobNumber, zone: usize) {
    with_both(|jobs, crons| {
        let zone = crons.zone(zone);
        jobs.scheduler.change(job, |job, _| job.set_zone(&zone));
    });
}

/// A run at once, as that of a tick.
#[wasm_bindgen(js_name = jobImmediately)]
pub fn job_immediately(job: JobNumber) {
    with(|jobs| jobs.scheduler.immediately(job));
}

/// What becomes of a run that its owner asks for.
#[wasm_bindgen(js_name = jobRunNow)]
pub fn job_run_now(job: JobNumber, shares: bool) -> u32 {
    with(|jobs| jobs.scheduler.run_now(job, shares)).map_or(0, wire::pack_run_now)
}

/// Whether it has ended.
#[wasm_bindgen(js_name = jobIsOver)]
pub fn job_is_over(job: JobNumber) -> bool {
    with(|jobs| jobs.scheduler.job(job).is_none_or(Job::is_over))
}

/// When it is due next; NaN if it is paused or has no next tick.
#[wasm_bindgen(js_name = jobNextTick)]
pub fn job_next_tick(job: JobNumber) -> f64 {
    time(with(|jobs| jobs.scheduler.next_tick(job)))
}

/// When it is due after this time, as if it were not paused; NaN if there is no such time.
#[wasm_bindgen(js_name = jobAfter)]
pub fn job_after(job: JobNumber, at: f64) -> f64 {
    time(with(|jobs| jobs.scheduler.after(job, millis(at))))
}

#[wasm_bindgen(js_name = jobLeftAfter)]
/// How many runs it has for ticks after this time; infinity if they are not counted.
pub fn job_left_after(job: JobNumber, at: f64) -> f64 {
    with(|jobs| jobs.scheduler.left_after(job, millis(at))).map_or(f64::INFINITY, f64::from)
}

/// One of the counts.
#[wasm_bindgen(js_name = jobStat)]
pub fn job_stat(job: JobNumber, index: usize) -> u32 {
    with(|jobs| jobs.scheduler.job(job).map_or(0, |job| wire::stat(job, index)))
}
