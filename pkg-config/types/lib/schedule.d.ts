import type { Duration } from './base.js';
import type { Task, TaskContext, TaskManager, TaskOptions } from './tasks.js';

/**
 * How numbers stand for weekdays, and how the two fields of days go together.
 *
 * - `'cron'`, the default: 0 or 7 is Sunday. If both fields of days are restricted, that is neither begins with `*` or `?`, a day that matches either is enough; else both have to match. This is
 *   what crontab(5) says.
 * - `'apscheduler'`: 0 is Monday, 6 is Sunday. Both fields have to match.
 */
export type CronDialect = 'cron' | 'apscheduler';

export interface CronOptions {
  /** An IANA name such as `'Europe/Berlin'`, `'UTC'`, or whatever else `Intl` knows. Default: the zone of the system, also when that changes. */
  timeZone?: string | undefined;
  /** Default: `'cron'`. */
  dialect?: CronDialect | undefined;
}

/**
 * A cron expression: five fields (minute, hour, day of the month, month, day of the week), or six with seconds first.
 *
 * | in a field | means |
 * |---|---|
 * | `*`, `?` | every value |
 * | `5`, `1,15`, `9-17` | a value, a list, a range; parts of a list may be any of these |
 * | `9-17/2`, `5/15`, and `/15` after a `*` | every so many, from the first value; `5/15` goes on to the field's last |
 * | `JAN`-`DEC`, `SUN`-`SAT` | months and weekdays, in either case |
 * | `L`, `L-2`, `LW` | the month's last day, the second before it, its last day from Monday to Friday |
 * | `15W` | the day from Monday to Friday that is nearest to the 15th, in the same month |
 * | `FRI#2`, `FRI#L`, `FRIL` | the month's second Friday, its last one |
 * | `TUE-THU#2`, `1/2#3`, `2-4L` | before `#` and `L` a range or a step names several weekdays: the second Tuesday, the second Wednesday and the second Thursday of the month; its third Monday, Wednesday, Friday; its last Tuesday, Wednesday, Thursday |
 * | `+MON` | also the days of the month have to match |
 *
 * Instead of fields: `@yearly`, `@annually`, `@monthly`, `@weekly`, `@weekdays` (midnight from Monday to Friday), `@weekends` (midnight of Saturday and of
 * Sunday), `@daily`, `@midnight`, `@hourly`.
 *
 * When clocks change, what happens depends on the expression. One in which seconds, minutes or hours have a `*`, a `?`, a step, or hours are all 24, keeps its pace in real time: it has no runs
 * at times that are skipped, and runs in both passes through an hour that is doubled. Any other names fixed times: one that is skipped runs once at the first moment after the gap, and one that is doubled
 * runs the first time only. That is the rule of Vixie's cron.
 *
 * Throws `invalid-argument` that names the field if the expression is wrong, and if no date ever matches, as in `0 0 30 2 *`; if it
 * was made before `init()`, the first use does.
 *
 * @example
 * ```ts
 * const cron = new Cron('0 9 * * MON-FRI', { timeZone: 'Europe/Berlin' });
 * cron.nextRuns(3);
 * cron.matches(new Date('2026-01-05T08:00:00Z')); // true
 * ```
 */
export class Cron {
  constructor(expression: string, options?: CronOptions);
  readonly expression: string;
  /** The zone that it follows; the one of the system now if none was given. */
  readonly timeZone: string;
  readonly dialect: CronDialect;
  /** The first run after this time (default: now); null if there is none before the end of `Date`, in the year 275760. Throws `invalid-argument` for a Date that is invalid. */
  nextRun(after?: Date | number): Date | null;
  /** The next so many runs after this time, at most 10,000. */
  nextRuns(count: number, after?: Date | number): Date[];
  /** The last run before this time (default: now). */
  previousRun(before?: Date | number): Date | null;
  /** Whether there is a run in the second that this time is in. */
  matches(date: Date | number): boolean;
  toString(): string;
}

/** The tick that a run is for. */
export interface Tick {
  /** When the run was due; for `runNow()`, when it was asked for. */
  readonly scheduledAt: Date;
  /** How many ticks before it were missed, and are not made up for otherwise. At most 1,000 are counted for cron. */
  readonly missed: number;
  /** Whether it was asked for by `runNow()`. */
  readonly manual: boolean;
}

/** What a scheduled function is given: the context of its task, with the tick. */
export interface ScheduleContext<P = unknown> extends TaskContext<P> {
  readonly tick: Tick;
}

export type ScheduledFunction<A extends unknown[], T, P = unknown> = (context: ScheduleContext<P>, ...args: A) => T;

export interface ScheduleOptions<A extends unknown[]> extends Pick<TaskOptions, 'name' | 'retry' | 'timeout' | 'queueTimeout' | 'priority' | 'progressBuffer'> {
  /** What the function is called with, after its context. */
  args?: A | undefined;
  /** What the job is found by in its scheduler. Default: a UUID. Required with `scope: 'origin'`: tabs know the job by it. */
  jobId?: string | undefined;
  /**
   * What happens if there is a job of this id already. `true`, the default: this one takes its place, and what runs of the other is under way for it too; if it has the same rhythm (`every`, `startAt`, or cron, zone and dialect) it keeps the beat, the counts, and whether it is paused, so that a
   * page that schedules the same job again and again does not put it off for ever. `false`: throws `job-exists`.
   */
  replaceExisting?: boolean | undefined;
  /** The newest task is to be found by `manager.get('global:' + latestTaskName)`. Default: the `jobId`. */
  latestTaskName?: string | undefined;
  /** Where the tasks are submitted. Default: `defaultManager`. */
  manager?: TaskManager | undefined;
  /**
   * What a tick does that comes while a run is under way. `'skip'`, the default: nothing. `'queue'`: its run waits for the one before it. `'cancel-previous'`: it cancels that one. A run is under way
   * until its function has ended (see `Task.stopped`), in this tab.
   */
  overlap?: 'skip' | 'queue' | 'cancel-previous' | undefined;
  /**
   * What happens to ticks for which the page was not awake: the machine slept, the tab was frozen or throttled or in the back/forward cache, or, with `scope: 'origin'`, no tab was open.
   * `'skip'`: they are left out; the newest one runs if it is no later than `grace`. `'once'`, the default: one run for all of them. `'all'`: a run for each, one after another, oldest first.
   */
  missed?: 'skip' | 'once' | 'all' | undefined;
  /** How late a tick may be and not count as missed, for `missed: 'skip'`. Default: 90 s, since browsers hold back the timers of a hidden page for up to a minute. */
  grace?: Duration | undefined;
  /** How many runs may wait, of `overlap: 'queue'` and `missed: 'all'` together; beyond it the oldest are dropped, and counted as skipped. A whole number of at least 1. Default: 1,000. */
  maxQueue?: number | undefined;
  /** Each run starts up to this much after its time, at random, but before the next tick, so that many pages do not ask one server at the same moment. Default: 0. */
  jitter?: Duration | undefined;
  /** Whether there is also a run at once. With `scope: 'origin'` only where no tab has known the job before. Default: false. */
  immediately?: boolean | undefined;
  /** There are no ticks before this time. An interval counts from it. */
  startAt?: Date | number | undefined;
  /** There are no ticks after this time. */
  endAt?: Date | number | undefined;
  /** The job ends after this many runs; those by `runNow()` don't count. With `scope: 'origin'` each tab counts its own. A whole number of at least 1. */
  maxRuns?: number | undefined;
  /** Cancels the job when it aborts. A run under way goes on. */
  signal?: AbortSignal | undefined;
  /**
   * `'origin'`: of all tabs that have scheduled the job one runs it. When that one is closed another takes over at once; when it hangs, is frozen or throttled, another takes over that is on time
   * (see `lease`). No tick runs twice: each is claimed in IndexedDB before its run, and a run that dies with its tab is not repeated. Ticks while no tab was open are missed ones. Other options should be the same in
   * all tabs. Where there is no IndexedDB the lock alone decides who runs. Default: `'tab'`.
   */
  scope?: 'tab' | 'origin' | undefined;
  /** How late the tab that leads may be before another one takes over, with `scope: 'origin'`. Default: 15 s. */
  lease?: Duration | undefined;
  /**
   * Told of each run that fails, and not of one that was cancelled; the error is also in the task. Also told, with null for the task: once if
   * IndexedDB can't be used for a job of the origin (`storage-blocked`); if a file that such a job needs can't be loaded (`load-failed`), which ends it;
   * and if its manager takes no task. Without it, and without a listener of `subscribe`, errors go where uncaught ones go.
   */
  onError?: ((error: any, task: Task | null) => void) | undefined;
}

/** `args` has to be there if the function can't be called without arguments. */
type NeededArguments<A extends unknown[]> = [] extends A ? unknown : { args: A };

export interface IntervalOptions<A extends unknown[]> extends ScheduleOptions<A> {
  /** The time from one tick to the next, however long runs take: at least 1 ms, in whole milliseconds. */
  every: Duration;
}

export interface CronJobOptions<A extends unknown[]> extends ScheduleOptions<A>, CronOptions {
  /** An expression, or a {@link Cron} with its own zone and dialect. */
  cron: string | Cron;
}

/** The options of a job that runs once: those of other jobs, without what says how often. */
export interface OnceOptions<A extends unknown[]> extends Omit<ScheduleOptions<A>, 'overlap' | 'maxQueue' | 'immediately' | 'startAt' | 'endAt' | 'maxRuns'> {
  /** When it runs: a Date, or milliseconds since 1970. A time that has passed is `invalid-argument`. */
  at: Date | number;
}

export interface ScheduleStats {
  /** Runs whose tasks were given to the manager, in whose line they may wait, those by `runNow()` not counted. */
  readonly runs: number;
  /** Runs that have failed. */
  readonly failures: number;
  /** Ticks without a run since one was under way, or too many waited. */
  readonly skipped: number;
  /** Ticks without a run since the page was not awake in time. */
  readonly missed: number;
  /** Runs under way, those included whose tasks wait in the line of the manager. */
  readonly running: number;
  /** Runs that wait for the one before them. */
  readonly waiting: number;
}

/** A job at one moment: the members of {@link ScheduledJob} with the same names, and its counts. */
export interface JobSnapshot<T = unknown, P = unknown>
  extends ScheduleStats, Readonly<Pick<ScheduledJob<T, P>, 'jobId' | 'state' | 'nextRun' | 'latestTask' | 'isLeader'>> {}

/**
 * `active`: its next tick will come. `paused`: no ticks until `resume()`. `ended`: it was cancelled, `endAt` or `maxRuns` is
 * reached, it has run at its date, or there is no further time.
 */
export type JobState = 'active' | 'paused' | 'ended';

/**
 * A function on a schedule. Each run is a task.
 *
 * One that is made before `init()` is done starts it, and begins with it; until then it is `active`, has no `nextRun`, and can be paused, run and
 * cancelled. What only core can judge (a cron expression, numbers, durations) and a wasm that can't be loaded then end the job: `onError` hears
 * of it, else it is reported as an uncaught error, and `runNow()` throws it.
 */
export interface ScheduledJob<T = unknown, P = unknown> extends Disposable {
  readonly jobId: string;
  /** What `manager.get` finds the newest task by: `'global:' + latestTaskName`. */
  readonly latestTaskKey: string;
  /** The newest run; null before the first one in this tab. */
  readonly latestTask: Task<Awaited<T>, P> | null;
  /** Whether it has ticks to come. With `scope: 'origin'`: in this tab. */
  readonly state: JobState;
  /** When the next tick is due; null if it is paused or has ended, and with `scope: 'origin'` for an interval until the database is read. */
  readonly nextRun: Date | null;
  /** The next so many ticks after this time (default: now), at most 10,000, as if the job were not paused; no more than get a run by `endAt` and `maxRuns`. */
  nextRuns(count: number, after?: Date | number): Date[];
  /** Whether a tick is due in the second that this time is in; for an interval, in this millisecond. */
  matches(date: Date | number): boolean;
  /** Whether this tab is the one that runs the job. Always true for `scope: 'tab'`. */
  readonly isLeader: boolean;
  /** No ticks until `resume()`; those in between are not made up for. What runs goes on, and ticks that wait keep waiting. With `scope: 'origin'` this tab steps aside and another may lead. */
  pause(): void;
  resume(): void;
  /**
   * Runs it now, in this tab, also while it is paused. With `overlap: 'skip'` gives the task under way, if there is one; with `'queue'` a task that is pending until its turn; with `'cancel-previous'` cancels the other.
   * Throws `disposed` if the job has ended.
   */
  runNow(): Task<Awaited<T>, P>;
  /** Ends it: no more ticks, and what waits is dropped. A run under way goes on: `job.latestTask?.cancel()` ends that. With `scope: 'origin'` for this tab. Returns false if it had ended before. */
  cancel(): boolean;
  stats(): ScheduleStats;
  /** What the job is now, frozen. It is the same object until something in it changes. */
  snapshot(): JobSnapshot<T, P>;
  /** A small plain record for logs. */
  toJSON(): Record<string, unknown>;
  /**
   * Calls the function when something has changed, at most once in a microtask. A listener that itself causes the next call is told 100 times in a row;
   * then `listener-loop` is reported. As long as there is a listener, errors of runs are not reported as uncaught ones: look at `latestTask.error` there, or give
   * `onError`. Returns how to stop it.
   */
  subscribe(listener: (job: ScheduledJob<T, P>) => void): () => void;
  /** As `cancel()`. */
  dispose(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Runs a function every so often, each time as a task. Ticks lie on a grid from the time of the call: neither slow runs nor late timers make them drift.
 *
 * Time is that of the monotonic clock and of sleep, which a page notices by its wall clock: one that is set back changes nothing, one that is set forward by more than 5 s looks like sleep.
 * With `scope: 'origin'` it is the wall clock, which is what tabs have in common.
 *
 * Throws `invalid-argument` that names the option, `job-exists`. See {@link ScheduledJob} for one that is made before `init()`.
 *
 * @example
 * ```ts
 * const job = scheduleInterval(async ({ signal }) => (await fetch('/prices', { signal })).json(), { every: '1m', jobId: 'prices' });
 * defaultManager.get(job.latestTaskKey)?.done;
 * ```
 */
export function scheduleInterval<T, A extends unknown[] = [], P = unknown>(fn: ScheduledFunction<A, T, P>, options: IntervalOptions<A> & NeededArguments<A>): ScheduledJob<T, P>;

/**
 * Runs a function at the times of a cron expression, each time as a task; see {@link Cron} for expressions, zones and what happens when clocks change.
 *
 * The wall clock counts. A page wakes at least every 30 s to look at it, and when it becomes visible. If the clock is set back, no tick is run again, unless it is set to more than three hours before the newest one: then the schedule begins anew.
 *
 * Throws `invalid-argument` that names the field or the option, `job-exists`. See {@link ScheduledJob} for one that is made before `init()`.
 *
 * @example
 * ```ts
 * scheduleCron(sendReport, { cron: '0 9 * * MON-FRI', timeZone: 'Europe/Berlin', missed: 'once', scope: 'origin', jobId: 'report' });
 * ```
 */
export function scheduleCron<T, A extends unknown[] = [], P = unknown>(fn: ScheduledFunction<A, T, P>, options: CronJobOptions<A> & NeededArguments<A>): ScheduledJob<T, P>;

/**
 * Runs a function once, at a date, as a task. The job ends when that run has ended; `job.latestTask` is its task. `cancel()` before the date leaves the run out.
 *
 * The wall clock counts: if it is set, the date stays. A page that slept at that time, or was frozen, runs the function when it wakes, unless `missed` is
 * `'skip'` and more than `grace` has passed. A page that was closed runs nothing: when it is opened again the date has passed. A date may be any time away.
 * With `scope: 'origin'` one of the tabs that have scheduled the job runs it.
 *
 * Throws `invalid-argument` that names the option, also for a date that has passed; `job-exists`. See {@link ScheduledJob} for one that is made before `init()`.
 *
 * @example
 * ```ts
 * const job = scheduleOnce(({ tick }) => console.log('The sale begins', tick.scheduledAt), { at: new Date(Date.now() + 60_000), jobId: 'sale' });
 * job.nextRun; // the date, until it has come
 * ```
 */
export function scheduleOnce<T, A extends unknown[] = [], P = unknown>(fn: ScheduledFunction<A, T, P>, options: OnceOptions<A> & NeededArguments<A>): ScheduledJob<T, P>;

/** The jobs of this page. */
export interface Scheduler extends Iterable<ScheduledJob> {
  /** Those that have not ended, in the order in which they were scheduled. */
  readonly jobs: ScheduledJob[];
  get(jobId: string): ScheduledJob | undefined;
  pauseAll(): void;
  resumeAll(): void;
  /**
   * Cancels all jobs, and with `cancelRunning` what they run. Resolves when no function of theirs runs any more. The scheduler may be used again.
   */
  shutdown(options?: { cancelRunning?: boolean | undefined }): Promise<void>;
}

/** The scheduler of this page. */
export function getScheduler(): Scheduler;
