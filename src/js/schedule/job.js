// A job: a function on a schedule. When it is due, and which ticks get a run, is core's to say; each run is a task.

import { schedulePart } from '#parts/schedule';
import * as constants from '#constants';
import { assertReady, epoch, isReady, takeRoom } from '../base/engine.js';
import { TaskloomError, abortError, invalid, report, tell } from '../base/errors.js';
import { handle, steady } from '../base/handle.js';
import { nodeModule } from '../base/host.js';
import { locks, quietTimeout } from '../base/host.js';
import { Listeners } from '../base/listeners.js';
import {
  jobAfter, jobClose, jobCursor, jobEnded, jobImmediately, jobIsOver, jobLease, jobLeftAfter, jobLost, jobNextTick, jobOpen, jobPause, jobResume, jobRewind, jobRunNow,
  jobSeen, jobStat, mayClaim, storedAnchor, storedTick, toldTick,
} from '#wasm';
import { dateOf, listOf, readTime } from './cron.js';
import { origins } from './late.js';
import { rhythmOf } from './options.js';

/** In the order in which core counts them. */
const STATS = ['runs', 'skipped', 'missed', 'running', 'waiting'];

/** For the side that the other tabs know, which is loaded on demand. */
const library = {
  _epoch: () => epoch,
  _isReady: () => isReady(schedulePart),
  _error: (code, message, cause) => new TaskloomError(code, message, { cause }),
  _report: report,
  _locks: locks,
  _quietTimeout: quietTimeout,
  _jobCursor: jobCursor,
  _jobImmediately: jobImmediately,
  _jobLease: jobLease,
  _jobRewind: jobRewind,
  _jobSeen: jobSeen,
  _mayClaim: mayClaim,
  _storedAnchor: storedAnchor,
  _storedTick: storedTick,
  _toldTick: toldTick,
};

const NO_COUNTS = { runs: 0, skipped: 0, missed: 0, running: 0, waiting: 0 };

export const ScheduledJob = /* @__PURE__ */ handle(class ScheduledJob {
  constructor(scheduler, options) {
    this._scheduler = scheduler;
    this._options = options;
    this._number = undefined;
    this._origin = undefined; // its side that the other tabs know, if it has one and that is loaded
    this._running = new Set();
    this._held = []; // tasks of runNow() that wait for their turn
    this._latest = null;
    this._newest = NaN; // the newest tick that got a run
    this._cursor = NaN; // and the newest that was seen to, as core counts time
    this._opened = NaN; // when: what an interval counts from; until core knows it, when it was asked for
    this._successor = undefined; // the job that has taken its place
    this._runs = 0; // those of ticks, here and before the engine was restarted
    this._runsBefore = 0; // the restart
    this._failures = 0;
    this._counts = NO_COUNTS; // as they were when they were last looked at
    this._paused = false;
    this._resumed = -Infinity; // when: ticks before are not made up for
    this._over = false;
    this._isEarly = false; // core does not know it yet
    this._refused = undefined; // why core has not taken it
    this._listeners = new Listeners();
    this._unlink = undefined;
    this._snapshot = undefined;
  }

  // ---- what a caller reads -----------------------------------------------------------------------------------------

  get jobId() {
    return this._options.jobId;
  }

  get latestTaskKey() {
    return `global:${this._options.latestTaskName}`;
  }

  get latestTask() {
    return this._latest;
  }

  get state() {
    if (this._over) return 'ended';
    return this._paused ? 'paused' : 'active';
  }

  get nextRun() {
    if (this._over || !isReady(schedulePart) || this._isOpening) return null;
    takeRoom();
    this._scheduler._turn();
    return dateOf(jobNextTick(this._number));
  }

  nextRuns(count, after = Date.now()) {
    assertReady(schedulePart);
    const from = readTime('after', after);
    if (this._over || this._isOpening) return listOf(count, from, () => NaN);
    this._scheduler._turn();
    let left = jobLeftAfter(this._number, from);
    return listOf(count, from, at => (left-- > 0 ? jobAfter(this._number, at) : NaN));
  }

  matches(date) {
    assertReady(schedulePart);
    const time = Math.floor(readTime('date', date));
    if (this._over || this._isOpening) return false;
    const at = this._options.cron ? Math.floor(time / 1000) * 1000 : time;
    this._scheduler._turn();
    return jobAfter(this._number, at - 1) === at && jobLeftAfter(this._number, at - 1) > 0;
  }

  get isLeader() {
    return !this._over && (this._origin ? this._origin.leads : !this._options.isInOrigin);
  }

  stats() {
    if (this._isOpen) this._counts = Object.fromEntries(STATS.map((name, index) => [name, jobStat(this._number, index)]));
    const counts = { ...this._counts, runs: this._runs, failures: this._failures };
    return this._over ? { ...counts, running: this._running.size, waiting: 0 } : counts;
  }

  snapshot() {
    const { jobId, state, nextRun, latestTask, isLeader } = this;
    return (this._snapshot = steady(this._snapshot, { jobId, state, nextRun, latestTask, isLeader, ...this.stats() }));
  }

  toJSON() {
    const { jobId, state, nextRun, isLeader, latestTaskKey } = this;
    return { jobId, state, nextRun, isLeader, latestTaskKey, ...this.stats() };
  }

  subscribe(listener) {
    if (typeof listener !== 'function') throw invalid('the listener of subscribe()', listener, 'a function');
    return this._listeners.add(listener);
  }

  // ---- what a caller does ------------------------------------------------------------------------------------------

  pause() {
    if (!this._isEarly) assertReady(schedulePart);
    if (this._over || this._paused) return;
    this._paused = true;
    if (this._isEarly) return this._changed();
    jobPause(this._number);
    this._origin?.leave();
    this._changed();
  }

  resume() {
    if (!this._isEarly) assertReady(schedulePart, 1);
    if (this._over || !this._paused) return;
    this._paused = false;
    if (this._isEarly) return this._changed();
    this._resumed = Date.now();
    this._scheduler._turn();
    jobResume(this._number);
    this._origin?.comeBack();
    this._scheduler._run();
    this._changed();
  }

  runNow() {
    if (!this._isEarly) assertReady(schedulePart, 1);
    if (this._over) throw this._refused ?? new TaskloomError('disposed', `the job '${this.jobId}' has ended; schedule it again`);
    if (this._isEarly && this._held.length > 0) return this._held[0];
    if (!this._isEarly) {
      this._scheduler._turn();
      const shares = this._latest !== null && !this._latest.done;
      if (jobRunNow(this._number, shares) === constants.RUN_NOW_SHARES) return this._latest;
    }
    const task = this._options.manager._hold(undefined, this._options.task.name);
    this._held.push(task);
    if (!this._isEarly) this._scheduler._run();
    return task;
  }

  cancel() {
    if (this._over) return false;
    takeRoom(1);
    this._close();
    return true;
  }

  dispose() {
    this.cancel();
  }

  // ---- its life in core --------------------------------------------------------------------------------------------

  get _isOpen() {
    return !this._over && isReady(schedulePart) && this._number !== undefined;
  }

  /** Whether it is not known yet when an interval of the origin began. */
  get _isOpening() {
    return this._isInterval && this._options.isInOrigin && !this._origin?.isOpen;
  }

  /** Whether it counts from a first time. */
  get _isInterval() {
    return Number.isFinite(this._options.every);
  }

  get _followsSystem() {
    return this._options.cron?._zone === undefined && this._options.cron !== undefined;
  }

  /** Opens it in core, in the place of the one before. Throws what is wrong with its options. */
  _open(before) {
    // What is to run once is due even if its time has passed while the library was loaded.
    const { every, start } = this._options;
    const after = this._isEarly && every === Infinity && start > this._opened ? this._opened : NaN;
    this._keeps = before !== undefined && rhythmOf(before._options) === rhythmOf(this._options);
    this._opened = this._keeps ? before._opened : Date.now();
    this._runsBefore = this._keeps ? before._runsBefore : 0;
    before?.stats();
    this._number = this._openInCore(before?._number ?? -1, this._keeps, after, start);
  }

  /** Core knows it now: what was asked of it before is done. */
  _catchUp() {
    this._isEarly = false;
    if (this._over) return;
    if (this._held.length > 0) {
      jobRunNow(this._number, false);
      this._scheduler._run();
    }
    this._changed();
  }

  /** It can't be: core has refused its options, or something could not be loaded. */
  _refuse(error) {
    if (this._over) return;
    this._isEarly = false;
    this._refused = error;
    for (const task of this._held.splice(0)) this._options.manager._giveUp(task, error);
    this._close();
    // On a server an uncaught error ends the process, and a page that it renders does not need the job.
    if (this._options.onError || error.code !== 'load-failed' || !nodeModule('node:fs')) this._tell(error, null);
  }

  /** In a fresh engine. */
  _reopen() {
    // Their tasks are lost.
    this._running.clear();
    this._held.length = 0;
    const { maxRuns, start, every } = this._options;
    this._runsBefore = this._runs;
    if (this._runs >= maxRuns) return this._end();
    // What is to run once is due even if its time has passed meanwhile.
    const after = every === Infinity ? this._opened : this._newest;
    this._number = this._openInCore(-1, false, after, Number.isNaN(start) ? this._opened + every : start);
    if (this._paused) jobPause(this._number);
    if (this._origin) this._origin.reopen();
    else this._hold();
  }

  /** After this time, if it is one. */
  _openInCore(replaces, keeps, after, first) {
    const { cron, every, end, missed, overlap, grace, jitter, maxQueue, maxRuns, isInOrigin } = this._options;
    return jobOpen(
      replaces, keeps, isInOrigin || !this._isInterval, every, cron?._use() ?? 0, cron?._zoneNow ?? 0, after, first, end,
      missed, overlap, grace, jitter, maxQueue, maxRuns - this._runsBefore, Math.random(),
    );
  }

  /** It is among the jobs. */
  _begin(before) {
    if (before) {
      this._running = new Set(before._running); // each of the two hears of their ends
      for (const task of this._running) this._follow(task);
      if (this._keeps) {
        this._latest = before._latest;
        this._newest = before._newest;
        this._paused = before._paused;
        this._runs = before._runs;
        this._failures = before._failures;
      }
      before._successor = this;
      before._number = undefined;
      before._end();
    }
    const restsFromTheStart = this._isEarly && this._paused;
    if (restsFromTheStart) jobPause(this._number);
    const { signal, immediately } = this._options;
    if (signal) {
      const onAbort = () => {
        try {
          this.cancel();
        } catch {
          queueMicrotask(() => this.cancel()); // who has aborted it has used up the stack
        }
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      this._unlink = () => signal.removeEventListener('abort', onAbort);
    }
    if (this._options.isInOrigin) this._joinOrigin();
    else if (immediately && !this._keeps && !restsFromTheStart) jobImmediately(this._number);
  }

  /** Becomes one job with those of the other tabs, as soon as what that takes is loaded. */
  _joinOrigin() {
    const join = ({ OriginJob }) => {
      if (this._over) return;
      this._origin = new OriginJob(this, library);
      this._origin.begin();
    };
    if (origins.module) return join(origins.module);
    this._hold();
    origins.begin().then(join, error => this._refuse(error)).catch(report);
  }

  /** Until it is loaded what tells of the other tabs, these see to the ticks. */
  _hold() {
    if (this._options.isInOrigin) jobLease(this._number, this._options.lease);
  }

  /** Core may have seen to ticks: some get no run, and one may have been the last. */
  _afterLook() {
    if (this._over || this._isOpening) return;
    const cursor = jobCursor(this._number);
    if (cursor !== this._cursor) this._changed();
    this._cursor = cursor;
    if (jobIsOver(this._number)) this._close();
  }

  /** Ends it here and in core. */
  _close() {
    this.stats();
    if (this._isOpen) jobClose(this._number);
    this._end();
  }

  _end() {
    this._over = true;
    this._unlink?.();
    this._scheduler._remove(this);
    this._origin?.close();
    for (const task of this._held.splice(0)) task.cancel(abortError(undefined, 'The job has ended'));
    this._changed();
  }

  // ---- its runs ----------------------------------------------------------------------------------------------------

  _start(run) {
    if (!this._options.isInOrigin || run.manual) return this._submit(run);
    const born = epoch;
    // One that can't be loaded ends the job.
    const claimed = this._origin ? this._origin.claim(run.at) : origins.begin().then(() => this._heir._origin?.claim(run.at), () => {});
    claimed.then(newest => {
      const job = this._heir;
      if (born !== epoch || job._over) return;
      if (newest === undefined) return job._submit(run);
      job._scheduler._turn();
      jobLost(job._number, newest);
      job._scheduler._run();
    }).catch(report);
  }

  /** The job that has its place now: what core counts as its runs is that one's. */
  get _heir() {
    let job = this;
    while (job._successor) job = job._successor;
    return job;
  }

  _submit({ at, missed, manual, cancels }) {
    if (cancels) for (const task of this._running) task.cancel(abortError(undefined, 'The next run of the job has begun'));
    const { fn, args, manager, task: options } = this._options;
    const tick = Object.freeze({ scheduledAt: new Date(at), missed, manual });
    const work = context => {
      context.tick = tick;
      return fn(context, ...args);
    };
    let task;
    if (manual) {
      task = this._held.shift();
      if (!task) return this._ended(); // it was not taken note of: who has asked for it was thrown an error
      if (!task.done) {
        task._fn = work;
        manager._release(task, options);
      }
    } else {
      this._newest = at;
      this._runs++;
      try {
        task = manager.submit(work, options);
      } catch (error) {
        this._fail(error, null); // the manager was disposed, say
        return this._ended();
      }
    }
    this._running.add(task);
    this._follow(task);
    if (manual && task.state === 'cancelled') return; // while it waited
    this._latest = task;
    if (task._known) manager.alias(task, this._options.latestTaskName);
    task.catch(error => { if (task.state === 'error') this._fail(error, task); });
    this._changed();
  }

  /** Hears of the end of a run. */
  _follow(task) {
    const born = epoch;
    task.stopped.then(() => {
      if (born === epoch && this._running.delete(task)) this._ended();
    });
  }

  _ended() {
    if (!this._isOpen) return;
    try {
      this._scheduler._turn();
      jobEnded(this._number);
      this._scheduler._run();
    } catch (error) {
      report(error);
    }
    this._changed();
  }

  _fail(error, task) {
    this._failures++;
    this._tell(error, task);
  }

  /** An error that nobody waits for; `task` is null if it is no run's. */
  _tell(error, task) {
    const { onError } = this._options;
    if (onError) tell(onError, error, task);
    else if (this._listeners.size === 0 || task === null) report(error);
  }

  _changed() {
    this._listeners.tell(this, `the job '${this.jobId}'`);
  }
}, 'ScheduledJob', [
  'nextRuns', 'matches', 'stats', 'snapshot', 'subscribe', 'pause', 'resume', 'runNow', 'cancel', 'dispose',
]);
