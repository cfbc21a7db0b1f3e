//! The scheduler's calls, in numbers. Functions and tasks stay in JavaScript.

use std::{mem::forget, rc::Rc, time::Duration};

use slab::Slab;
use wasm_bindgen::prelude::*;

use super::{
    duration::span,
    kept::{Kept, inside},
};
use crate::{
    core::{
        count::count,
        error::Error,
        schedule::{
            claim,
            clocks::Reading,
            cron::Cron,
            job::{Job, JobRules},
            occurrence::CronInZone,
            pacer::{Pace, Tick},
            scheduler::{JobNumber, Scheduler, TimeBase},
            trigger::{Millis, SharedZone, Trigger},
            wire,
            zone::{Transitions, Zone},
        },
    },
    platform::zone::PlatformZone,
};

/// The expressions that JavaScript holds, and the zones that it has named.
struct Crons {
    crons: Slab<Rc<Cron>>,
    zones: Vec<Option<SharedZone>>,
}

/// The jobs of this thread.
struct Jobs {
    scheduler: Scheduler,
    /// The tick of the run that was handed out last.
    tick: Tick,
}

static CRONS: Kept<Crons> = Kept::new(Crons { crons: Slab::new(), zones: Vec::new() });
/// Made by `scheduleStart`.
static JOBS: Kept<Option<Jobs>> = Kept::new(None);

fn with_crons<R>(call: impl FnOnce(&mut Crons) -> R) -> R {
    inside(|inside| call(CRONS.of(inside)))
}

fn with<R>(call: impl FnOnce(&mut Jobs) -> R) -> R {
    with_both(|jobs, _| call(jobs))
}

fn with_both<R>(call: impl FnOnce(&mut Jobs, &mut Crons) -> R) -> R {
    inside(|inside| {
        let (jobs, crons) = JOBS.with(&CRONS, inside);
        call(jobs.as_mut().expect("jobs come after `scheduleStart`"), crons)
    })
}

impl Crons {
    fn zone(&mut self, number: usize) -> SharedZone {
        if self.zones.len() <= number {
            self.zones.resize(number + 1, None);
        }
        let zone = &mut self.zones[number];
        zone.get_or_insert_with(|| Rc::new(Transitions::new(Box::new(PlatformZone::numbered(number)))))
            .clone()
    }
}

#[allow(clippy::cast_possible_truncation)] // saturates; checked to be a Date's in JavaScript
fn millis(time: f64) -> Millis {
    time.floor() as Millis
}

fn maybe_millis(time: f64) -> Option<Millis> {
    (!time.is_nan()).then(|| millis(time))
}

/// NaN for nothing.
#[allow(clippy::cast_precision_loss)] // exact in the range of a Date
fn time(millis: Option<Millis>) -> f64 {
    millis.map_or(f64::NAN, |millis| millis as f64)
}

fn base(is_wall: bool) -> TimeBase {
    if is_wall { TimeBase::Wall } else { TimeBase::Elapsed }
}

// ---- cron expressions ------------------------------------------------------------------------------------------------

/// Reads an expression; throws `invalid-argument` that names the field.
#[wasm_bindgen(js_name = cronParse)]
pub fn cron_parse(expression: &str, is_apscheduler: bool) -> Result<usize, Error> {
    let cron = Cron::parse(expression, wire::unpack_dialect(is_apscheduler))?;
    Ok(with_crons(|kept| kept.crons.insert(Rc::new(cron))))
}

/// Forgets an expression.
#[wasm_bindgen(js_name = cronClose)]
pub fn cron_close(cron: usize) {
    with_crons(|kept| kept.crons.try_remove(cron));
}

fn in_zone<R>(cron: usize, zone: usize, call: impl FnOnce(CronInZone<'_, Box<dyn Zone>>) -> R) -> Option<R> {
    with_crons(|kept| {
        let zone = kept.zone(zone);
        let cron = kept.crons.get(cron)?;
        Some(call(CronInZone::new(cron, &zone)))
    })
}

/// The first time after this one, or with `before` the last one before it; NaN for none.
#[wasm_bindgen(js_name = cronDue)]
pub fn cron_due(cron: usize, zone: usize, at: f64, before: bool) -> f64 {
    let at = millis(at);
    let due = in_zone(cron, zone, |cron| {
        // A second that has begun is before this time.
        if before { cron.before((at + 999).div_euclid(1000)) } else { cron.after(at.div_euclid(1000)) }
    });
    time(due.flatten().map(|second| second * 1000))
}

/// Whether it is due in the second of this time.
#[wasm_bindgen(js_name = cronMatches)]
pub fn cron_matches(cron: usize, zone: usize, at: f64) -> bool {
    in_zone(cron, zone, |cron| cron.matches(millis(at).div_euclid(1000))).unwrap_or(false)
}

// ---- jobs --------------------------------------------------------------------------------------------------------------

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
    with_both(|jobs, kept| {
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
            let zone = kept.zone(zone);
            let Some(cron) = kept.crons.get(cron) else { return Ok(usize::MAX) };
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
    with_both(|jobs, kept| {
        let zone = kept.zone(zone);
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

/// Whether a tick may be claimed, given the newest one that was, or NaN.
#[wasm_bindgen(js_name = mayClaim)]
pub fn may_claim(newest: f64, tick: f64, now: f64) -> bool {
    claim::may_claim(maybe_millis(newest), millis(tick), millis(now))
}

/// A tick that stands in the database, or NaN if it can't be one.
#[wasm_bindgen(js_name = storedTick)]
pub fn stored_tick(tick: f64, now: f64) -> f64 {
    time(claim::stored_tick(tick, millis(now)))
}

/// The time from which an interval counts that stands in the database, or NaN if it can't be one. `start` is NaN for a job without one.
#[wasm_bindgen(js_name = storedAnchor)]
pub fn stored_anchor(anchor: f64, start: f64, now: f64) -> f64 {
    time(claim::stored_anchor(anchor, maybe_millis(start), millis(now)))
}

/// A tick that a message tells of, or NaN if it can't be one.
#[wasm_bindgen(js_name = toldTick)]
pub fn told_tick(tick: f64, now: f64) -> f64 {
    time(claim::told_tick(tick, millis(now)))
}
