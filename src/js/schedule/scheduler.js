// The jobs of a page, one timer for all of them, and what wakes a page besides.

import * as constants from '#constants';
import { checkNames } from '../base/development.js';
import { assertCanWait, callLater } from '../base/early.js';
import { epoch, isReady, takeRoom } from '../base/engine.js';
import { TaskloomError, report } from '../base/errors.js';
import { handle } from '../base/handle.js';
import { quietTimeout } from '../base/host.js';
import { checkBoolean, checkObject } from '../base/options.js';
import { yieldTurn } from '../base/turn.js';
import { schedulePart } from '#parts/schedule';
import { jobEnded, jobRezone, scheduleLook, scheduleNextChanged, scheduleNextRun, scheduleSleep, scheduleStart, scheduleTurn, tickAt, tickMissed } from '#wasm';
import { systemZoneNumber } from '../../platform/zones.js';

/** What tells a page that it is awake again, or that the time may be another one. */
const WAKING = ['visibilitychange', 'pageshow', 'focus', 'resume', 'online'];

const Scheduler = /* @__PURE__ */ handle(class Scheduler {
  constructor() {
    this._jobs = new Map(); // by id, in the order in which they were scheduled
    this._byNumber = []; // those that core has
    this._timer = undefined;
    this._rests = false; // while other work of the page has its turn, between many runs
    this._zone = undefined; // the system's, when it was looked at last
    this._epoch = -1;
    this._listens = false; // to what wakes the page
    this._onWake = event => this._woke(event);
    this._onHide = () => { for (const job of this._jobs.values()) job._origin?.leave(); };
    schedulePart._onBegin(() => this._begin());
  }

  // ---- what callers use --------------------------------------------------------------------------------------------

  get jobs() {
    return [...this._jobs.values()];
  }

  [Symbol.iterator]() {
    return this.jobs[Symbol.iterator]();
  }

  get(jobId) {
    return this._jobs.get(jobId);
  }

  pauseAll() {
    for (const job of this.jobs) job.pause();
  }

  resumeAll() {
    for (const job of this.jobs) job.resume();
  }

  async shutdown(options = {}) {
    checkObject('options', options);
    if (DEV) checkNames('shutdown()', options);
    const { cancelRunning = false } = options;
    checkBoolean('cancelRunning', cancelRunning);
    const running = this.jobs.flatMap(job => {
      job.cancel();
      return [...job._running];
    });
    if (cancelRunning) for (const task of running) task.cancel();
    await Promise.all(running.map(task => task.stopped));
  }

  toJSON() {
    return { jobs: [...this._jobs.keys()] };
  }

  // ---- its jobs ----------------------------------------------------------------------------------------------------

  _add(job) {
    const { jobId } = job;
    const before = this._before(job);
    this._turn();
    job._open(before); // throws before anything has changed
    this._listen(true);
    this._jobs.set(jobId, job);
    this._byNumber[job._number] = job;
    job._begin(before);
    this._run();
    return job;
  }

  /** The job in whose place this one comes. */
  _before({ jobId, _options: { replaceExisting } }) {
    const before = this._jobs.get(jobId);
    if (before && !replaceExisting) {
      throw new TaskloomError('job-exists', `there is a job '${jobId}' already; cancel it, choose another jobId, or leave replaceExisting true`);
    }
    return before;
  }

  /** A job that waits for the engine. `read` reads its options once more, when core can check them. */
  _addEarly(job, read) {
    const { jobId } = job;
    assertCanWait(schedulePart);
    this._before(job)?.cancel();
    this._jobs.set(jobId, job);
    job._isEarly = true;
    job._opened = Date.now();
    callLater(schedulePart, () => {
      if (job._over) return;
      this._jobs.delete(jobId);
      try {
        job._options = read();
        this._add(job);
        job._catchUp();
      } catch (error) {
        job._refuse(error);
      }
    }, error => job._refuse(error));
    return job;
  }

  /** A job has ended. */
  _remove(job) {
    if (this._jobs.get(job.jobId) === job) this._jobs.delete(job.jobId);
    if (this._byNumber[job._number] === job) this._byNumber[job._number] = undefined;
    if (this._jobs.size > 0) return;
    this._listen(false);
    clearTimeout(this._timer);
  }

  // ---- time --------------------------------------------------------------------------------------------------------

  /** Tells core the time. */
  _turn() {
    if (this._epoch !== epoch) {
      this._epoch = epoch;
      scheduleStart(Date.now(), performance.now());
    }
    scheduleTurn(Date.now(), performance.now());
  }

  /** Sees to all that is due. */
  _look() {
    if (!isReady(schedulePart)) return;
    try {
      takeRoom(1); // the focus moves while callers' code runs
      this._followZone();
      this._turn();
      scheduleLook(Date.now(), performance.now());
      this._run();
    } catch (error) {
      report(error);
      this._sleep(); // nothing that goes wrong once may end the ticks
    }
  }

  /** Starts the runs that core has decided on, and sleeps. */
  _run() {
    for (let started = 0; !this._rests; started++) {
      if (started === constants.RUNS_OF_A_TURN) {
        yieldTurn().then(() => {
          this._rests = false;
          this._goOn();
        });
        this._rests = true; // last, as what is called may throw
        break;
      }
      const packed = scheduleNextRun();
      if (packed < 0) break;
      const flags = packed % constants.RUN_JOB_UNIT;
      const job = this._byNumber[Math.floor(packed / constants.RUN_JOB_UNIT)];
      try {
        job._start({ at: tickAt(), missed: tickMissed(), manual: (flags & constants.RUN_MANUAL) !== 0, cancels: (flags & constants.RUN_CANCELS) !== 0 });
      } catch (error) {
        report(error);
        if (isReady(schedulePart)) jobEnded(job._number);
      }
    }
    for (let number; (number = scheduleNextChanged()) >= 0;) this._byNumber[number]?._afterLook();
    this._sleep();
  }

  _goOn() {
    if (!isReady(schedulePart)) return;
    try {
      this._run();
    } catch (error) {
      report(error);
      this._sleep();
    }
  }

  _sleep() {
    const sleep = isReady(schedulePart) ? scheduleSleep() : NaN;
    const before = this._timer;
    this._timer = Number.isNaN(sleep) ? undefined : quietTimeout(() => this._look(), sleep);
    clearTimeout(before);
  }

  _listen(on) {
    if (typeof addEventListener !== 'function' || on === this._listens) return;
    this._listens = on;
    const change = on ? addEventListener : removeEventListener;
    for (const type of WAKING) change(type, this._onWake, true);
    change('pagehide', this._onHide, true);
  }

  _woke(event) {
    if (event.type === 'pageshow') {
      if (!event.persisted) return;
      for (const job of this._jobs.values()) job._origin?.comeBack();
    }
    if (typeof document !== 'object' || !document.hidden) this._look();
  }

  /** The system may be in another zone now. */
  _followZone() {
    const zone = systemZoneNumber();
    if (zone === this._zone) return;
    this._zone = zone;
    for (const job of this._jobs.values()) if (job._followsSystem) jobRezone(job._number, zone);
  }

  /** The engine is a fresh one: the jobs go on from their newest ticks. */
  _begin() {
    const jobs = this.jobs.filter(job => !job._isEarly);
    if (jobs.length === 0) return;
    this._byNumber = [];
    this._rests = false;
    this._turn();
    for (const job of jobs) {
      job._reopen();
      if (!job._over) this._byNumber[job._number] = job;
    }
    this._look();
  }
}, 'Scheduler', ['get', 'pauseAll', 'resumeAll', 'shutdown']);

/** The one of this page. */
export const scheduler = /* @__PURE__ */ new Scheduler();
