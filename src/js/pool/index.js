// A pool of workers. Which call goes where and when, and what becomes of it, is core's to say; see src/core/pool.

import * as constants from '#constants';
import { poolPart } from '#parts/pool';
import * as wasm from '#wasm';
import * as protocol from '../worker/protocol.js';
import { checkNames } from '../base/development.js';
import { whenBegun } from '../base/early.js';
import { assertReady, epoch, isEarly, isReady, takeRoom } from '../base/engine.js';
import { follow, live, slotOf } from '../tasks/driver.js';
import { TaskloomError, abortError, invalid, report } from '../base/errors.js';
import { handle, steady } from '../base/handle.js';
import { assertWorkers } from '../base/host.js';
import { observed } from '../tasks/observe.js';
import { LONGEST, checkObject, limit } from '../base/options.js';
import { Fifo } from '../base/fifo.js';
import { tagOf } from '../base/values.js';
import { takeCallbacks, transferOf } from './arguments.js';
import { Call } from './call.js';
import { jobFunction } from './job.js';
import { CallQueue, pools } from './queue.js';
import { PoolWorker } from './worker.js';

/** In the order of core's `Loss`. */
const LOST = 0;
const TRANSFERRED = 1;
const LOAD = 2;
const CRASHING = 3;
const TIMEOUT = 5;

/**
 * Where a call was made is noted for the first calls of each job, for those after a failure of it, and for all while somebody observes tasks: to note it costs
 * several times what the rest of a call does.
 */
const SITES_AT_FIRST = 16;
const SITES_AFTER_FAILURE = 64;

/** Those that somebody waits for, which must not. */
const awaited = new Set();

export const WorkerPool = /* @__PURE__ */ handle(class WorkerPool {
  constructor(createWorker, options = {}) {
    if (!isEarly(poolPart)) assertWorkers(); // on a server it can stand at the top of a module
    checkObject('options', options);
    if (DEV) checkNames('new WorkerPool()', options);
    const { name, size, minWorkers, idleTimeout, startTimeout, cancelGrace, maxQueue, maxCompleted } = options;
    const read = () => readOptions({ name, size, minWorkers, idleTimeout, startTimeout, cancelGrace });
    this._create = readCreate(createWorker, name);
    this._file = typeof createWorker === 'function' ? fileIn(createWorker) : String(createWorker);
    this._options = read();
    this._epoch = -1; // that of core's pool
    this._jobs = new Map(); // numbers of jobs by name
    this._jobNames = [];
    this._workers = []; // by their ids in core
    this._unsent = []; // workers with a frame to be sent
    this._looking = false;
    this._waiters = [];
    this._loadError = undefined;
    this._breakdown = undefined; // what the page's side of a worker has thrown, while that worker is given up for it
    this._sites = []; // by job: for how many calls it is still noted where they were made
    this._lost = 0;
    this._started = 0;
    this._closed = undefined; // the promise of close()
    this._tellClosed = undefined;
    this._whyOver = 'The worker pool was disposed';
    this._retires = false;
    this._channel = undefined;
    this._api = undefined;
    this._snapshot = undefined;
    this._calls = new CallQueue({ maxQueue, maxCompleted });
    watchViolations();
    this._calls._open(this, read);
  }

  // ---- calling -----------------------------------------------------------------------------------------------------

  run(name, args = [], options) {
    if (DEV && this.constructor === WorkerPool) checkNames('pool.run()', options); // a subclass's own has options of its own
    if (typeof name !== 'string') throw invalid('the job', name, "a string: the job's name");
    if (!Array.isArray(args)) throw invalid('args', args, 'an array');
    this._admit();
    const transfer = transferOf(args, options?.transfer);
    const job = this._jobs.get(name) ?? this._addJob(name);
    const given = takeCallbacks(args);
    const task = new Call(this, job, given?.args ?? args, transfer);
    if (given) task._more.callbacks = given.functions;
    if (this._sites[job] > 0 || observed) {
      this._sites[job]--;
      task._site = new Error();
    }
    const taken = this._calls._take(task, options);
    if (taken === task && !task.done) task._take();
    return taken;
  }

  /** Throws if it takes no more calls. */
  _admit() {
    if (!isEarly(poolPart) && !this._calls._refused) this._calls._use();
    else if (this._calls._disposed) this._calls._assertOpen();
    if (this._closed) throw new TaskloomError('disposed', 'this WorkerPool is closing, and takes no more calls; make a new one');
  }

  _addJob(name) {
    this._jobs.set(name, this._jobNames.length);
    this._sites.push(SITES_AT_FIRST);
    return this._jobNames.push(name) - 1;
  }

  /** A job has thrown: where it is called is of interest. */
  _noteSites(job) {
    this._sites[job] = SITES_AFTER_FAILURE;
  }

  /** The jobs as functions of their own: `pool.api.add(1, 2)`. */
  get api() {
    return (this._api ??= new Proxy(Object.create(null), {
      get: (functions, name) => {
        // A thenable would be awaited where it is only passed on.
        if (typeof name !== 'string' || name === 'then') return undefined;
        return (functions[name] ??= (...args) => this.run(name, args));
      },
    }));
  }

  job(name, options) {
    return jobFunction(this, name, options);
  }

  // ---- the pool as a whole -----------------------------------------------------------------------------------------

  warm(workers = this._options.size) {
    try {
      this._admit();
      if (isEarly(poolPart)) return whenBegun(poolPart, () => this.warm(workers));
      this._calls._use();
      if (!Number.isInteger(workers) || workers < 0) throw invalid('the number of workers', workers, 'a whole number of at least 0');
      const wanted = Math.min(workers, this._options.size);
      wasm.warmPool(this._number, wanted);
      this._look();
      return new Promise((resolve, reject) => {
        this._waiters.push({ wanted, resolve, reject });
        awaited.add(this);
        this._tellWaiters();
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  _tellWaiters() {
    if (this._waiters.length === 0) return;
    const [ready, , broken] = this._view();
    this._waiters = this._waiters.filter(({ wanted, resolve, reject }) => {
      if (ready >= wanted) resolve();
      else if (broken >= 0) reject(this._lossError(broken));
      else return true;
      return false;
    });
    if (this._waiters.length === 0 && !this._closed) awaited.delete(this);
  }

  _rejectWaiters(error) {
    for (const { reject } of this._waiters.splice(0)) reject(error);
    awaited.delete(this);
  }

  stats() {
    assertReady(poolPart);
    const workers = [];
    this._workers.forEach((worker, id) => {
      const [ready, open, answered, busyFor, stuck, job] = worker && this._epoch === epoch ? wasm.viewWorker(this._number, id) : [];
      if (ready === undefined) return;
      const busy = open > 0;
      workers.push({
        id,
        state: worker._retiring ? 'ending' : !ready ? 'starting' : stuck ? 'stuck' : busy ? 'busy' : 'idle',
        job: job >= 0 ? this._jobNames[job] : null,
        busyFor: Number.isNaN(busyFor) ? null : busyFor,
        open,
        answered,
      });
    });
    return {
      size: this._options.size, workers, waiting: this.waiting, running: this.running,
      started: this._started, lost: this._lost, broken: this._view()[2] >= 0,
    };
  }

  snapshot() {
    const { size, isPaused, _started: started, _lost: lost } = this;
    const ready = isReady(poolPart);
    return (this._snapshot = steady(this._snapshot, {
      size, isPaused, started, lost, workers: this._workers.filter(Boolean).length,
      waiting: ready ? this.waiting : 0, running: ready ? this.running : 0, broken: ready && this._view()[2] >= 0,
    }));
  }

  toJSON() {
    return this.snapshot();
  }

  get size() {
    return this._options.size;
  }

  get waiting() {
    return this._calls.waiting;
  }

  get running() {
    assertReady(poolPart);
    const [, running] = this._view();
    return running;
  }

  /** `[workers that are ready, calls that they have, why calls fail at once or -1]` */
  _view() {
    return this._epoch === epoch ? wasm.viewPool(this._number) : [0, 0, -1];
  }

  pause() {
    this._calls.pause();
  }

  resume() {
    this._calls.resume();
  }

  get isPaused() {
    return this._calls.isPaused;
  }

  cancelAll(reason) {
    return this._calls.cancelAll(reason);
  }

  cancelWaiting(reason) {
    return this._calls.cancelWaiting(reason);
  }

  onIdle() {
    return this._calls.onIdle();
  }

  onWaitingBelow(limit) {
    return this._calls.onWaitingBelow(limit);
  }

  [Symbol.iterator]() {
    return this._calls[Symbol.iterator]();
  }

  close(options = {}) {
    try {
      checkObject('options', options);
      if (DEV) checkNames('pool.close()', options);
      const { timeout = Infinity } = options;
      limit('timeout', timeout);
      takeRoom(2); // nothing below is to fail half-way
      return (this._closed ??= this._finish(timeout));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Resolves when all that there is to do is done, and the workers have ended. */
  async _finish(timeout) {
    const { _calls: calls } = this;
    if (calls._early().length > 0) return calls._afterEarly(() => this._finish(timeout));
    if (calls._disposed || !isReady(poolPart)) return this.dispose();
    calls.resume();
    awaited.add(this);
    const isOver = new Promise(resolve => { this._tellClosed = resolve; });
    follow(wasm.closePool(this._number, limit('timeout', timeout)));
    calls.onIdle().then(() => {
      if (calls._disposed || !isReady(poolPart)) return;
      this._retires = true;
      follow(wasm.retirePool(this._number));
      this._endIfOver();
    });
    return isOver;
  }

  /** The last worker of a pool that closes has ended. */
  _endIfOver() {
    if (this._retires && !this._workers.some(Boolean)) this.dispose();
  }

  dispose() {
    if (this._calls._disposed) return;
    takeRoom(2);
    const { _calls: calls } = this;
    calls.dispose();
    this._rejectWaiters(abortError(undefined, this._whyOver));
    this._tellClosed?.();
    if (!isReady(poolPart) || this._epoch !== epoch) return;
    follow(wasm.disposePool(this._number));
    wasm.removePool(this._number);
    pools[this._number] = undefined;
    this._epoch = -1; // its number may be another pool's from now on
    this._channel?.port1.close();
  }

  // ---- what core decides -------------------------------------------------------------------------------------------

  /** Has core look at the line at the end of this microtask, so that what is called together is sent together. */
  _look() {
    if (this._looking) return;
    SETTLED.then(() => {
      this._looking = false;
      if (!isReady(poolPart) || this._epoch !== epoch || this._calls._released) return;
      try {
        this._dispatch();
      } catch (error) {
        report(error);
      }
    });
    this._looking = true;
  }

  _dispatch() {
    const batch = wasm.dispatchCalls(this._number);
    // The first number is what is pending then.
    for (let i = 1; i < batch.length; i += constants.DISPATCH_FIELDS) {
      const task = live[slotOf(batch[i])];
      const worker = this._workers[batch[i + 1]];
      const flags = batch[i + 3];
      task._send(worker, batch[i + 2], (flags & constants.DISPATCH_BEGUN) !== 0);
      worker._add(task, batch[i + 2], (flags & constants.DISPATCH_MARKED) !== 0);
    }
    const { _unsent: unsent } = this;
    this._unsent = [];
    for (const worker of unsent) worker._sendFrame();
    for (const worker of unsent) worker._listen();
    follow(batch[0]);
  }

  _act() {
    for (;;) {
      const subject = wasm.nextAction(this._number);
      if (subject < 0) break;
      const packed = wasm.effectKind();
      this._carryOut(subject, packed, packed >>> constants.ACTION_DETAIL_SHIFT);
    }
    this._tellWaiters();
    this._endIfOver();
    this._look();
  }

  _carryOut(subject, packed, detail) {
    switch (packed & constants.ACTION_KIND_MASK) {
      case constants.ACTION_START:
        this._startWorker(subject);
        break;
      case constants.ACTION_TERMINATE:
        this._workers[subject]?._end();
        this._workers[subject] = undefined;
        break;
      case constants.ACTION_RETIRE:
        this._workers[subject]?._retire();
        break;
      case constants.ACTION_EXPIRE:
        this._whyOver = 'The worker pool was closed, and its calls took longer than the timeout of close()';
        this.dispose();
        break;
      case constants.ACTION_CANCEL:
        this._workers[detail]?._cancel(subject);
        break;
      case constants.ACTION_WITHDRAW:
        this._workers[detail]?._tell(protocol.WITHDRAW, subject);
        break;
      case constants.ACTION_PING:
        this._workers[subject]?._tell(protocol.PING);
        break;
      case constants.ACTION_TURN:
        this._afterMessages(() => {
          this._workers[subject]?._drain();
          this._workers[subject]?._report(() => wasm.workerTurned(this._number, subject));
        });
        break;
      case constants.ACTION_FAIL:
        this._lost++;
        live[slotOf(subject)]._break(this._lossError(detail));
        break;
      case constants.ACTION_REMIND:
        console.warn(`taskloom: ${named(this._file)} has not called expose() in 2 s, and no call can start before it does: it has to ` +
          "import { expose } from 'taskloom/worker' and to pass its jobs to expose() while it loads");
        break;
    }
  }

  _startWorker(id) {
    this._started++;
    const worker = new PoolWorker(this, id);
    this._workers[id] = worker;
    // Core is not entered again while it is being carried out.
    SETTLED.then(() => {
      if (!worker._ended) worker._start(() => this._create({ id }));
    });
  }

  /** Calls back when every message that has come by now was dealt with. */
  _afterMessages(callback) {
    if (!this._channel) {
      const channel = new MessageChannel();
      channel.callbacks = new Fifo();
      channel.port1.onmessage = () => channel.callbacks.shift()();
      this._channel = channel;
    }
    this._channel.port2.postMessage(0);
    this._channel.callbacks.push(callback);
  }

  /** The library has stopped. */
  _lose() {
    for (const worker of this._workers) worker?._end();
    this._workers = [];
    this._tellClosed?.();
    this._rejectWaiters(new TaskloomError('panic', 'taskloom has stopped after an internal error'));
  }

  _lossError(loss) {
    switch (loss) {
      case LOST:
        if (this._breakdown) {
          return new TaskloomError('worker-lost', `the pool can't go on with the call's worker: ${this._breakdown?.message ?? this._breakdown}; the call ` +
            'may have been started', { cause: this._breakdown });
        }
        return new TaskloomError('worker-lost', 'the worker ended before it answered; the call may have been started, so it is not made again ' +
          'without a retry policy');
      case TRANSFERRED:
        return new TaskloomError('worker-lost', 'the worker ended before it started the call; what was transferred to it is gone, so it can not be ' +
          'made again');
      case LOAD:
        return this._loadError ?? this._describeFailure();
      case TIMEOUT:
        return this._describeFailure();
      case CRASHING:
        return new TaskloomError('worker-lost', 'the workers of this pool end again and again without an answer; no more are started until warm() is called');
      default:
        return this._loadError;
    }
  }

  _describeFailure(cause, version) {
    const file = named(this._file ?? cause?.filename);
    if (version !== undefined) {
      return new TaskloomError('worker-version-mismatch', `${file} speaks protocol ${version}, this page ${protocol.VERSION}: one of the two is a stale ` +
        'copy from before an update; reload the page, and serve both files with their names hashed');
    }
    const isEvent = tagOf(cause).endsWith('Event');
    const said = isEvent ? cause.message : cause?.message ?? cause;
    const reason = said ?? (cause === undefined ? `it did not call expose() within ${this._options.startTimeout} ms, its startTimeout`
      : blocked
        ? `the Content-Security-Policy forbids it: ${blocked.violatedDirective} does not allow ${blocked.blockedURI}`
        : 'the browser does not say why: check that the file exists, that it is JavaScript of your own origin, and that the CSP allows it (worker-src)');
    return new TaskloomError('worker-load-failed', `${file} could not be started: ${reason}`, isEvent ? undefined : { cause });
  }
}, 'WorkerPool', [
  'run', 'job', 'warm', 'stats', 'snapshot', 'pause', 'resume', 'cancelAll', 'cancelWaiting', 'onIdle', 'onWaitingBelow', 'close', 'dispose',
]);

const SETTLED = /* @__PURE__ */ Promise.resolve();

const named = file => (file ? `the worker ${file}` : 'the worker');

/**
 * The file that a function names which makes workers, as in `() => new Worker(new URL('./jobs.js', import.meta.url))`: the first text in its source, after an empty one
 * that a bundler adds, if it looks like an address and stands neither in a list, as the source of a Blob does, nor in options.
 */
const ADDRESS = /\bWorker\((?:[^'"`[{]|""|'')*(['"`])([^\s'"`();<>]*[./][^\s'"`();<>]*)\1/;
const fileIn = createWorker => ADDRESS.exec(Function.prototype.toString.call(createWorker))?.[2];

/** The error event of a worker that the CSP blocks says nothing; the latest violation that may have been its own does. */
let blocked;
let watchesViolations = false;

function watchViolations() {
  if (watchesViolations) return;
  watchesViolations = true;
  globalThis.addEventListener?.('securitypolicyviolation', event => {
    if (/^(worker|child|script)-src/.test(event.effectiveDirective)) blocked = event;
  });
}

// ---- options -------------------------------------------------------------------------------------------------------

/** Also those of another frame, and what a Trusted Types policy has made, which `new Worker` must be given as it is. */
const URLS = /^(URL|TrustedScriptURL)$/;

function readCreate(createWorker, name) {
  if (typeof createWorker === 'function') return worker => createWorker(worker);
  if (typeof createWorker !== 'string' && !URLS.test(tagOf(createWorker))) {
    throw invalid('the worker', createWorker, "a function that returns a new Worker, or the worker's URL");
  }
  return () => new Worker(createWorker, { type: 'module', name: name ?? '' });
}

function readOptions({ name, size = 'auto', minWorkers = 0, idleTimeout = '30s', startTimeout = '30s', cancelGrace = 100 }) {
  if (name !== undefined && typeof name !== 'string') throw invalid('name', name, 'a string');
  if (size === 'auto') size = Math.max(1, (globalThis.navigator?.hardwareConcurrency || 2) - 1);
  for (const [key, value] of Object.entries({ size, minWorkers })) if (typeof value !== 'number') throw invalid(key, value, 'a number');
  return {
    size,
    minWorkers,
    idleTimeout: limit('idleTimeout', idleTimeout),
    startTimeout: limit('startTimeout', startTimeout, NaN, LONGEST),
    cancelGrace: limit('cancelGrace', cancelGrace, NaN, LONGEST),
  };
}
