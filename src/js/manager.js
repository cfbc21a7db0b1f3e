// A manager of tasks: submits them, bounds how many run at once, and keeps the latest finished ones.

import * as constants from '#constants';
import { assertReady, epoch, fault, followPending, isReady, live, managers, scheduleDrain, wasm } from './engine.js';
import { TaskloomError, abortError, invalid, queueFull } from './errors.js';
import { Fifo } from './fifo.js';
import { emit, observed } from './observe.js';
import { NO_LIMITS, NO_POLICY, duration, linkSignal, readOptions } from './options.js';
import { Task, byId } from './task.js';

export class TaskManager {
  constructor(options = {}) {
    assertReady();
    if (typeof options !== 'object' || options === null) throw invalid('the options', options, 'an object');
    const { concurrency = Infinity, maxQueue = Infinity, maxCompleted = 256, rateLimit } = options;
    for (const [name, value] of Object.entries({ concurrency, maxQueue, maxCompleted })) {
      if (typeof value !== 'number') throw invalid(name, value, 'a number');
    }
    this._setUp({ concurrency, maxQueue, maxCompleted, rate: readRate(rateLimit) });
    this._register();
  }

  _setUp(options) {
    this._number = 0;
    this._options = options;
    this._paused = false;
    this._finished = new Fifo();
    this._aliases = new Map();
    this._keyed = new Map();
    this._idleWaiters = [];
    this._waitingWatchers = [];
    this._disposed = false;
    this._trimAt = undefined;
  }

  /** Makes the manager known to the engine; again after a restart. */
  _register() {
    const { concurrency, maxQueue, maxCompleted, rate } = this._options;
    this._number = wasm.addManager(concurrency, maxQueue, maxCompleted, ...rate);
    if (this._paused) wasm.setPaused(this._number, true);
    managers[this._number] = new WeakRef(this);
    registry.unregister(this);
    registry.register(this, this._number, this);
  }

  // ---- submitting --------------------------------------------------------------------------------------------------

  submit(fn, options) {
    return this._submit(fn, options, undefined);
  }

  _submit(fn, options, parent) {
    assertReady();
    if (typeof fn !== 'function') throw invalid('the task', fn, 'a function');
    if (this._finished.size > (this._trimAt ??= wasm.trimAt(this._number))) this.cleanup();
    const task = new Task(fn, this);
    if (options !== undefined || parent !== undefined) return this._submitWith(task, options ?? {}, parent);
    if (this._disposed) throw disposed();
    try {
      task._key = wasm.submit(this._number);
    } catch (error) {
      throw fault(error);
    }
    if (task._key === constants.QUEUE_FULL) return this._refuse(task);
    this._accept(task);
    if (this._mayWait) task._created = Date.now();
    // Only what is ready starts; with a rate limit a timer may have to be armed.
    if (this._options.rate === NO_RATE) scheduleDrain();
    else followPending();
    return task;
  }

  _accept(task) {
    live[task._key >>> 0] = task;
    if (observed) emit('submitted', task);
  }

  /** The queue is full: the task fails, like any other, so that its waiters hear of it in one way. */
  _refuse(task) {
    if (observed) emit('submitted', task);
    task._settle(constants.STATUS_ERROR, queueFull(this._options.maxQueue), false);
    return task;
  }

  _submitWith(task, options, parent) {
    if (this._disposed) throw disposed();
    const { limits, signal, key, deduplicate } = readOptions(task, options);
    if (limits !== NO_LIMITS || this._mayWait) task._created = Date.now();
    const policy = task._retry?._numbers ?? NO_POLICY;
    const running = deduplicate && key !== undefined && this._keyed.get(key);
    if (running) return running;
    if (parent) task._more.parent = parent;
    try {
      task._key = wasm.submitWith(
        this._number, limits[0], parent ? keyOf(parent) : -1, limits[1], limits[2],
        policy[0], policy[1], policy[2], policy[3], policy[4], policy[5], policy[6],
      );
    } catch (error) {
      throw fault(error);
    }
    if (task._key === constants.QUEUE_FULL) return this._refuse(task);
    this._accept(task);
    if (key !== undefined) {
      this._keyed.set(key, task);
      task._more.key = key;
    }
    linkSignal(task, signal);
    followPending();
    return task;
  }

  /** Whether a task may not start in the next microtask. */
  get _mayWait() {
    return this._paused || this._options.concurrency !== Infinity || this._options.rate !== NO_RATE;
  }

  // ---- looking up --------------------------------------------------------------------------------------------------

  get(id) {
    const task = byId.get(id);
    return task?._manager === this ? task : this._aliases.get(id);
  }

  alias(task, name) {
    if (!(task instanceof Task)) throw invalid('the task', task, 'a Task');
    if (typeof name !== 'string') throw invalid('the alias', name, 'a string');
    this._aliases.set(`global:${name}`, task);
    (task._more.aliases ??= []).push(`global:${name}`);
  }

  /** All tasks that it knows: the finished ones, oldest first, then the live ones. */
  *[Symbol.iterator]() {
    yield* this._finished;
    for (const task of [...live]) if (task?._manager === this && !task.done) yield task;
  }

  cleanup() {
    assertReady();
    const excess = wasm.trim(this._number, this._finished.size);
    for (let left = excess; left > 0; left--) this._forget(this._finished.shift());
    return excess;
  }

  _forget(task) {
    const rare = task._rare;
    if (!rare) return;
    if (rare.id !== undefined) byId.delete(rare.id);
    rare.forgotten = true;
    for (const alias of rare.aliases ?? []) if (this._aliases.get(alias) === task) this._aliases.delete(alias);
  }

  _keeps(task) {
    return !task._rare.forgotten && (this._finished.size <= this._options.maxCompleted || this._finished.includes(task));
  }

  /** Called by each of its tasks when it has settled. */
  _finishedOne(task) {
    const key = task._rare?.key;
    if (key !== undefined && this._keyed.get(key) === task) this._keyed.delete(key);
    if (task._key === constants.QUEUE_FULL) return;
    if (this._waitingWatchers.length > 0 && isReady()) this._checkWaiting();
    this._finished.push(task);
    if (this._finished.size > this._options.maxCompleted + constants.TRIM_SLACK && isReady()) this.cleanup();
  }

  // ---- the queue ---------------------------------------------------------------------------------------------------

  /** How many tasks wait for a place. */
  get waiting() {
    assertReady();
    return wasm.waiting(this._number);
  }

  /** How many tasks hold a place: they run, or were cancelled and have not stopped yet. */
  get running() {
    assertReady();
    return wasm.running(this._number);
  }

  get concurrency() {
    return this._options.concurrency;
  }

  set concurrency(concurrency) {
    assertReady();
    if (typeof concurrency !== 'number') throw invalid('concurrency', concurrency, 'a number');
    wasm.setConcurrency(this._number, concurrency);
    this._options.concurrency = concurrency;
    followPending();
  }

  get isPaused() {
    return this._paused;
  }

  pause() {
    this._setPaused(true);
  }

  resume() {
    this._setPaused(false);
  }

  _setPaused(paused) {
    assertReady();
    this._paused = paused;
    wasm.setPaused(this._number, paused);
    followPending();
  }

  cancelAll(reason) {
    let count = 0;
    for (const task of [...live]) if (task?._manager === this && task.cancel(reason)) count++;
    return count;
  }

  /** Cancels the tasks that have not started; says how many. */
  cancelWaiting(reason) {
    let count = 0;
    for (const task of [...live]) if (task?._manager === this && task._attempt === 0 && task.cancel(reason)) count++;
    return count;
  }

  onWaitingBelow(limit) {
    assertReady();
    if (typeof limit !== 'number' || !(limit >= 1)) throw invalid('the limit', limit, 'a number of at least 1');
    if (this.waiting < limit) return Promise.resolve();
    return new Promise(resolve => this._waitingWatchers.push({ limit, resolve }));
  }

  /** Called when a task has started or settled: the line may be shorter. */
  _checkWaiting() {
    const { waiting } = this;
    this._waitingWatchers = this._waitingWatchers.filter(({ limit, resolve }) => {
      if (waiting < limit) resolve();
      return waiting >= limit;
    });
  }

  onIdle() {
    assertReady();
    if (wasm.watchIdle(this._number)) return Promise.resolve();
    return new Promise(resolve => this._idleWaiters.push(resolve));
  }

  _idle() {
    for (const resolve of this._idleWaiters.splice(0)) resolve();
    for (const { resolve } of this._waitingWatchers.splice(0)) resolve();
  }

  /** Cancels what is not done; nothing can be submitted afterwards. */
  [Symbol.dispose]() {
    if (this._disposed || this._number === 0) return;
    this._disposed = true;
    this.cancelAll(abortError(undefined, 'The task manager was disposed'));
    for (const task of this._finished) this._forget(task);
    registry.unregister(this);
    const number = this._number;
    // The engine forgets it when its last function has ended.
    this.onIdle().then(() => release(number));
  }
}

/** A parent of an earlier life is no task of this engine: its key must not be taken for another's. */
const keyOf = parent => (parent._epoch === epoch ? parent._key : Number.MAX_SAFE_INTEGER);

const disposed = () => new TaskloomError('disposed', 'this TaskManager was disposed; make a new one');

const NO_RATE = [NaN, NaN];

function readRate(rateLimit) {
  if (rateLimit === undefined) return NO_RATE;
  if (typeof rateLimit !== 'object' || rateLimit === null) throw invalid('rateLimit', rateLimit, 'an object: { limit, per }');
  const { limit, per } = rateLimit;
  if (typeof limit !== 'number' || Number.isNaN(limit)) throw invalid('rateLimit.limit', limit, 'a whole number of at least 1');
  return [limit, duration('rateLimit.per', per, 0)];
}

function release(number) {
  managers[number] = undefined;
  if (isReady()) wasm.removeManager(number);
}

// A manager that nobody holds has no live task either: live tasks hold their manager.
const registry = new FinalizationRegistry(release);

/** The one that `run` submits to. */
export const defaultManager = Object.create(TaskManager.prototype);
defaultManager._setUp({ concurrency: Infinity, maxQueue: Infinity, maxCompleted: 256, rate: readRate() });
defaultManager._register = () => {};
managers[0] = { deref: () => defaultManager };
