// A manager of tasks: submits them, bounds how many run at once, and keeps the latest finished ones.

import * as constants from '#constants';
import { tasksPart } from '#parts/tasks';
import * as wasm from '#wasm';
import { assertReady, checkReady, epoch, isEarly, isReady, keepFor, takeRoom, thrownBy } from '../base/engine.js';
import { checkNames } from '../base/development.js';
import { assertCanWait, callLater, whenBegun } from '../base/early.js';
import { followPending, held, live, managers, scheduleDrain } from './driver.js';
import { TaskloomError, abortError, invalid, queueFull, tell } from '../base/errors.js';
import { Fifo } from '../base/fifo.js';
import { handle } from '../base/handle.js';
import { Heap } from './heap.js';
import { emit, observed } from './observe.js';
import { checkObject, duration } from '../base/options.js';
import { NO_LIMITS, NO_POLICY, linkSignal, pick, readOptions } from './options.js';
import { Task } from './task.js';
import { noteWait, stack } from './waits.js';

export const TaskManager = /* @__PURE__ */ handle(class TaskManager {
  static get name() {
    return 'TaskManager';
  }

  constructor(options = {}) {
    checkObject('options', options);
    if (DEV) checkNames('new TaskManager()', options);
    const { concurrency = Infinity, maxQueue = Infinity, maxCompleted = 256, rateLimit, cancelGrace, timeout } = options;
    for (const [name, value] of Object.entries({ concurrency, maxQueue, maxCompleted })) {
      if (typeof value !== 'number') throw invalid(name, value, 'a number');
    }
    const read = () => ({
      concurrency, maxQueue, maxCompleted, rate: readRate(rateLimit), timeout: readTimeout(timeout),
      grace: cancelGrace === Infinity ? NaN : duration('cancelGrace', cancelGrace, constants.CANCEL_GRACE),
    });
    this._setUp(read());
    this._enrol(tasksPart, read);
  }

  /** Has the engine know it: now, or when there is one, for which options are read once more. What core refuses then is told to whoever uses it. */
  _enrol(part, read) {
    this._part = part;
    if (!isEarly(part)) return this._register();
    this._read = read;
    keepFor(part, this, registerLate);
  }

  _registerLate() {
    if (!this._disposed) this._refused = thrownBy(() => {
      this._options = this._read();
      this._register();
    });
  }

  _setUp(options) {
    this._part = tasksPart;
    this._number = 0;
    this._options = options;
    this._refused = undefined; // why core has not taken it
    this._paused = false;
    this._finished = new Fifo();
    this._aliases = new Map();
    this._keyed = new Map(); // by key: the tasks that are not over, oldest first
    this._idleWaiters = [];
    this._rateListeners = undefined;
    this._wasRateLimited = false;
    this._watches = 0; // how often onWaitingBelow had to wait
    this._waitingWatchers = undefined; // made when first needed: see onWaitingBelow
    this._ids = new Map(); // tasks whose id somebody has asked for, until they are forgotten
    this._disposed = false;
    this._released = true; // the engine does not know it
    this._trimAt = undefined;
  }

  /** Makes the manager known to the engine. */
  _register() {
    const { concurrency, maxQueue, maxCompleted, rate, grace } = this._options;
    this._number = wasm.addManager(concurrency, maxQueue, maxCompleted, ...rate, grace);
    this._released = false;
    if (this._paused) wasm.setPaused(this._number, true);
    if (this._rateListeners) wasm.watchRate(this._number);
    managers[this._number] = new WeakRef(this);
    registry.unregister(this);
    registry.register(this, { number: this._number, born: epoch }, this);
  }

  /** The engine is a fresh one. */
  _restart() {
    if (this._disposed) this._released = true;
    else this._register();
  }

  /** What its tasks are told when it is disposed. */
  get _whyOver() {
    return 'The task manager was disposed';
  }

  /** Throws unless the manager can be told to do something. */
  _use() {
    assertReady(tasksPart);
    this._assertOpen();
  }

  _assertOpen() {
    if (this._disposed) throw new TaskloomError('disposed', 'this TaskManager was disposed; make a new one');
    if (this._refused) throw this._refused;
  }

  // ---- submitting --------------------------------------------------------------------------------------------------

  submit(fn, options) {
    return this._submit(fn, options, undefined);
  }

  /** `parent` is the context that submits a child. */
  _submit(fn, options, parent) {
    if (typeof fn !== 'function') throw invalid('the task', fn, 'a function');
    if (DEV) checkNames('submit()', options);
    if (!isReady(tasksPart) && isEarly(tasksPart)) return this._submitEarly(new Task(fn, this), options);
    if (this._refused) return this._refuse(new Task(fn, this), this._refused);
    this._use();
    this._trimIfDue();
    const task = new Task(fn, this);
    if (options !== undefined || parent !== undefined || this._options.timeout !== undefined) return this._submitWith(task, options ?? {}, parent);
    return this._submitPlain(task);
  }

  /** A task that is submitted later, by `_release`; until then it is pending, and can be cancelled. */
  _hold(fn, name) {
    const task = new Task(fn, this);
    task._more.name = name;
    task._known = false;
    task._created = Date.now();
    held.add(task);
    return task;
  }

  /** Submits a task that was held. */
  _release(task, options) {
    held.delete(task);
    task._epoch = epoch;
    task._known = true;
    if (task._rare.id !== undefined) this._ids.set(task._rare.id, task);
    this._attempt(task, () => this._submitWith(task, options, undefined));
  }

  /** Fails a task that was held. */
  _giveUp(task, error) {
    if (held.delete(task)) this._fail(task, error);
  }

  /** Submits a task that its caller has already. */
  _attempt(task, submit) {
    try {
      this._use();
      this._trimIfDue();
      submit();
    } catch (error) {
      this._fail(task, error);
    }
  }

  /** A task that waits for the engine. What is wrong with its options by themselves is told now, what core has to say by the task. */
  _submitEarly(task, options = {}) {
    this._assertOpen();
    assertCanWait(this._part);
    const given = pick(options);
    readOptions(task, given, undefined);
    given.retry = task._retry;
    const links = task._links;
    const running = links?.deduplicate ? this._join(task, links, undefined) : undefined;
    if (running !== undefined) return running;
    task._created = Date.now();
    this._tellSubmitted(task);
    task._more.isEarly = true;
    held.add(task);
    if (links !== undefined) this._link(task, links);
    if (task.done) return task; // its signal had aborted
    callLater(this._part, () => {
      if (!held.delete(task)) return; // it was cancelled
      task._epoch = epoch;
      this._attempt(task, () => this._submitAs(task, readOptions(task, given, this._options.timeout), undefined));
    }, error => this._giveUp(task, error));
    return task;
  }

  _fail(task, error) {
    task._known = false;
    task._settle(constants.STATE_ERROR, error, false);
  }

  _trimIfDue() {
    if (this._finished.size > (this._trimAt ??= wasm.trimAt(this._number))) this._trim();
  }

  /** A task of which the engine need not know more than that it is there. */
  _submitPlain(task) {
    task._key = this._submitToEngine(task);
    if (task._key === constants.QUEUE_FULL) return this._refuse(task);
    this._accept(task);
    if (this._mayWait) task._created = Date.now();
    this._follow();
    return task;
  }

  _submitToEngine() {
    return wasm.submit(this._number);
  }

  /** Only what is ready starts; with a rate limit a timer may have to be armed. */
  _follow() {
    if (this._options.rate === NO_RATE) scheduleDrain();
    else followPending();
  }

  _accept(task) {
    live[task._key >>> 0] = task;
    if (observed) this._tellSubmitted(task);
  }

  _tellSubmitted(task) {
    if (observed && !task._rare?.isEarly) emit('submitted', task);
  }

  /** The queue is full, or there is another reason not to take the task on: it fails, like any other, so that its waiters hear of it in one way. */
  _refuse(task, error = queueFull(this._options.maxQueue)) {
    this._tellSubmitted(task);
    this._fail(task, error);
    return task;
  }

  _submitWith(task, options, parent) {
    const limits = readOptions(task, options, parent === undefined ? this._options.timeout : undefined);
    const links = task._links;
    const running = links?.deduplicate ? this._join(task, links, parent) : undefined;
    if (running !== undefined) return running;
    this._submitAs(task, limits, parent);
    if (links !== undefined && !task.done) {
      this._link(task, links);
      if (links.deduplicate && parent === undefined && stack.task !== undefined) noteWait(stack.task, task);
    }
    return task;
  }

  _submitAs(task, limits, parent) {
    if (limits === NO_LIMITS && parent === undefined && (task._retry === undefined || task._retry._needsNoClock)) {
      task._policyIsDue = task._retry !== undefined; // the engine hears of it when the task fails, which few do
      this._submitPlain(task);
    } else {
      this._submitLimited(task, limits, parent);
    }
  }

  /** The task that there is already under the key of one that is deduplicated, if there is one; it gets one caller more. */
  _join(task, { key, signal }, parent) {
    const running = this._keyed.get(key)?.values().next().value;
    if (running === undefined) return undefined;
    const waiter = parent && !parent._isOver() ? parent._task : stack.task;
    if (waiter) {
      try {
        noteWait(waiter, running, `the task with the key '${key}'`);
      } catch (error) {
        task._links = undefined;
        return this._refuse(task, error);
      }
    }
    running._more.interest++;
    linkSignal(running, signal);
    return running;
  }

  /** What a task that was taken on has to do with others. */
  _link(task, { key, signal }) {
    if (key !== undefined) {
      if (this._keyed.has(key)) this._keyed.get(key).add(task);
      else this._keyed.set(key, new Set([task]));
    }
    linkSignal(task, signal);
  }

  _submitLimited(task, limits, parent) {
    task._created = Date.now();
    if (limits !== NO_LIMITS) task._more.limits = limits;
    if (parent) task._more.parent = parent._task;
    const policy = task._retry?._numbers ?? NO_POLICY;
    task._key = wasm.submitWith(
      this._number, limits[0], parent ? parentKey(parent) : -1, limits[1], limits[2],
      policy[0], policy[1], policy[2], policy[3], policy[4], policy[5], policy[6],
    );
    if (task._key === constants.QUEUE_FULL) return this._refuse(task);
    this._accept(task);
    followPending();
    return task;
  }

  /** Whether a task may not start in the next microtask. */
  get _mayWait() {
    return this._paused || this._options.concurrency !== Infinity || this._options.rate !== NO_RATE;
  }

  // ---- looking up --------------------------------------------------------------------------------------------------

  get(id) {
    return this._ids.get(id) ?? this._aliases.get(id);
  }

  alias(task, name) {
    if (!(task instanceof Task)) throw invalid('the task', task, 'a Task');
    if (task._manager !== this || !task._known) {
      throw invalid('the task', task.name || task.id, 'a task of this manager that it still knows: see maxCompleted');
    }
    if (typeof name !== 'string') throw invalid('the alias', name, 'a string');
    takeRoom();
    this._aliases.set(`global:${name}`, task);
    (task._more.aliases ??= new Set()).add(`global:${name}`);
  }

  /** All tasks that it knows now: the finished ones, oldest first, then the live ones. */
  [Symbol.iterator]() {
    return [...this._finished, ...this._live()][Symbol.iterator]();
  }

  _live() {
    return [...this._early(), ...live.filter(task => task?._manager === this && !task.done)];
  }

  /** Does something when the engine has those that wait for it: they are given to it in a row. */
  _afterEarly(then) {
    return isEarly(this._part) ? whenBegun(this._part, () => Promise.resolve().then(then)) : Promise.resolve().then(then);
  }

  /** Those that wait for the engine. */
  _early() {
    return [...held].filter(task => task._manager === this && task._rare.isEarly);
  }

  cleanup() {
    this._use();
    return this._trim();
  }

  /** How many finished tasks it still knows. */
  _keptCount() {
    return this._finished.size;
  }

  _trim() {
    const excess = wasm.trim(this._number, this._finished.size);
    for (let left = excess; left > 0; left--) this._forget(this._finished.shift());
    return excess;
  }

  _forget(task) {
    task._known = false;
    const rare = task._rare;
    if (!rare) return;
    if (rare.id !== undefined) this._ids.delete(rare.id);
    for (const alias of rare.aliases ?? []) if (this._aliases.get(alias) === task) this._aliases.delete(alias);
  }

  /** Called by each of its tasks when it has settled. */
  _finishedOne(task) {
    const key = task._links?.key;
    if (key !== undefined && this._keyed.get(key)?.delete(task) && this._keyed.get(key).size === 0) this._keyed.delete(key);
    if (this._waitingWatchers !== undefined && isReady(tasksPart)) this._checkWaiting();
    if (!task._known) return; // it was refused: nobody looks for it here
    this._finished.push(task);
    // Only while it can be used: after its end, and after the engine's, nothing more comes.
    if (this._finished.size > this._options.maxCompleted + constants.TRIM_SLACK && isReady(tasksPart) && !this._disposed) this._trim();
  }

  // ---- the queue ---------------------------------------------------------------------------------------------------

  /** How many tasks wait for a place. */
  get waiting() {
    checkReady(tasksPart);
    return this._released ? 0 : wasm.waiting(this._number);
  }

  /** How many tasks hold a place: they run, or were cancelled and have not stopped yet. */
  get running() {
    checkReady(tasksPart);
    return this._released ? 0 : wasm.running(this._number);
  }

  get concurrency() {
    return this._options.concurrency;
  }

  set concurrency(concurrency) {
    this._use();
    if (typeof concurrency !== 'number') throw invalid('concurrency', concurrency, 'a number');
    wasm.setConcurrency(this._number, concurrency);
    this._options.concurrency = concurrency;
    followPending();
  }

  get isRateLimited() {
    assertReady(tasksPart);
    return !this._released && wasm.isRateLimited(this._number);
  }

  onRateLimit(listener) {
    this._use();
    if (typeof listener !== 'function') throw invalid('the listener of onRateLimit()', listener, 'a function');
    if (!this._rateListeners) {
      this._rateListeners = new Set();
      this._wasRateLimited = this.isRateLimited;
      wasm.watchRate(this._number);
    }
    const entry = { listener };
    this._rateListeners.add(entry);
    return () => void this._rateListeners.delete(entry);
  }

  /** It may be over and have begun anew in between: listeners hear of what is left of that in the microtask after. */
  _rateHasChanged() {
    queueMicrotask(() => {
      const isLimited = isReady(tasksPart) && this.isRateLimited;
      if (isLimited === this._wasRateLimited) return;
      this._wasRateLimited = isLimited;
      for (const entry of [...this._rateListeners]) if (this._rateListeners.has(entry)) tell(entry.listener, isLimited);
    });
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
    if (isEarly(this._part)) this._assertOpen();
    else this._use();
    this._paused = paused;
    if (this._released) return; // the engine hears of it when it hears of the manager
    wasm.setPaused(this._number, paused);
    followPending();
  }

  cancelAll(reason) {
    // Those that wait go first: a place that becomes free must not be given to one that is about to go too.
    const tasks = this._live().sort((a, b) => a._attempt - b._attempt);
    for (const task of tasks) task.cancel(reason);
    return tasks.filter(task => task._state === constants.STATE_CANCELLED).length;
  }

  cancelWaiting(reason) {
    const tasks = this._live().filter(task => task._attempt === 0);
    for (const task of tasks) task.cancel(reason);
    return tasks.filter(task => task._state === constants.STATE_CANCELLED).length;
  }

  onWaitingBelow(limit) {
    this._assertOpen();
    if (typeof limit !== 'number' || !(limit >= 1)) throw invalid('the limit', limit, 'a number of at least 1');
    if (this._early().length > 0) return this._afterEarly(() => this.onWaitingBelow(limit));
    if (this.waiting < limit) return Promise.resolve();
    this._waitingWatchers ??= new Heap((a, b) => a.limit > b.limit || (a.limit === b.limit && a.order < b.order));
    return new Promise(resolve => this._waitingWatchers.push({ limit, resolve, order: this._watches++ }));
  }

  /** Called when a task has started or settled: the line may be shorter. */
  _checkWaiting() {
    const waiting = this._released ? 0 : wasm.waiting(this._number);
    const watchers = this._waitingWatchers;
    while (watchers.size > 0 && waiting < watchers.first.limit) watchers.shift().resolve(); // the greatest limit is met first
    if (watchers.size === 0) this._waitingWatchers = undefined;
  }

  onIdle() {
    if (this._early().length > 0) return this._afterEarly(() => this.onIdle());
    if (isEarly(this._part)) return Promise.resolve();
    assertReady(tasksPart);
    if (this._released || wasm.watchIdle(this._number)) return Promise.resolve();
    return new Promise(resolve => this._idleWaiters.push(resolve));
  }

  _idle() {
    for (const resolve of this._idleWaiters.splice(0)) resolve();
    while (this._waitingWatchers?.size > 0) this._waitingWatchers.shift().resolve();
    this._waitingWatchers = undefined;
  }

  toJSON() {
    const { concurrency, isPaused } = this;
    const ready = isReady(tasksPart);
    return { concurrency, isPaused, waiting: ready ? this.waiting : 0, running: ready ? this.running : 0 };
  }

  dispose() {
    if (this._disposed || this === defaultManager) return;
    takeRoom(1);
    this._disposed = true;
    if (!isReady(tasksPart) || this._released) return void this.cancelAll(abortError(undefined, this._whyOver));
    // To look for its tasks is to look at all there are: one that has none is spared that.
    if (!wasm.watchIdle(this._number)) this.cancelAll(abortError(undefined, this._whyOver));
    for (const task of this._finished) this._forget(task);
    registry.unregister(this);
    const held = { number: this._number, born: epoch };
    // The engine forgets it when its last function has ended.
    this.onIdle().then(() => {
      this._released = true;
      release(held);
    });
  }
}, 'TaskManager', [
  'submit', 'get', 'alias', 'cleanup', 'pause', 'resume', 'cancelAll', 'cancelWaiting', 'onWaitingBelow', 'onRateLimit', 'onIdle', 'dispose',
]);

const registerLate = manager => manager._registerLate();

/** Has the engine forget a manager, unless it is another engine by now, where the number is another manager's. */
function release({ number, born }) {
  if (born !== epoch || !isReady(tasksPart)) return;
  managers[number] = undefined;
  wasm.removeManager(number);
}

/**
 * The key of a child's parent. The engine must not take it for a live task's if the attempt that asks is over, or is of an
 * earlier life.
 */
const parentKey = context =>
  (context._isOver() || context._task._epoch !== epoch ? Number.MAX_SAFE_INTEGER : context._task._key);

/** The timeout of tasks that have none of their own, or undefined. */
const readTimeout = timeout => (timeout === undefined || timeout === null || timeout === Infinity ? undefined : duration('timeout', timeout));

const NO_RATE = [NaN, NaN];

function readRate(rateLimit) {
  if (rateLimit === undefined || rateLimit === null) return NO_RATE;
  checkObject('rateLimit', rateLimit);
  if (DEV) checkNames('rateLimit', rateLimit);
  const { limit, per } = rateLimit;
  if (typeof limit !== 'number' || Number.isNaN(limit)) throw invalid('rateLimit.limit', limit, 'a whole number of at least 1');
  const window = duration('rateLimit.per', per, 0);
  return limit === Infinity ? NO_RATE : [limit, window];
}

// A manager that nobody holds has no live task either: live tasks hold their manager.
const registry = /* @__PURE__ */ new FinalizationRegistry(release);

/** The one that `run` submits to. */
export const defaultManager = /* @__PURE__ */ makeDefault();

function makeDefault() {
  const manager = Object.create(TaskManager.prototype); // the engine knows it, and is not there yet
  manager._setUp({ concurrency: Infinity, maxQueue: Infinity, maxCompleted: 256, rate: NO_RATE });
  manager._released = false;
  managers[0] = { deref: () => manager };
  return manager;
}
