// The handle of a task. It holds what core must not see: the function, the value, the promise, the listeners.
// What becomes of the task is the engine's to say; see engine.js.

import * as constants from '#constants';
import * as wasm from '#wasm';
import { NonRetryableError } from '../base/border.js';
import { TaskContext } from './context.js';
import { look, noteEnd, noteSite } from '../base/development.js';
import { epoch, takeRoom } from '../base/engine.js';
import { follow, held, live, slotOf } from './driver.js';
import { TaskloomError, abortError, called, invalid, show, timeoutError } from '../base/errors.js';
import { handle, steady } from '../base/handle.js';
import { newReadableStream } from '../base/host.js';
import { Listeners } from '../base/listeners.js';
import { emit, observed } from './observe.js';
import { PRIORITY_NAMES, priorityNumber } from './options.js';
import { ProgressBuffer } from './progress.js';
import { isThenable } from '../base/thenable.js';
import { newId } from '../base/uuid.js';
import { PRIORITIES } from '../base/turn.js';
import { noteWait, stack } from './waits.js';


let heldTime = 0;

/** Has the clock of the tasks stand still while several of them are settled in a row. Callers hear of it afterwards. */
export const holdTime = held => { heldTime = held ? Date.now() : 0; };

const timeNow = () => heldTime || Date.now();

const STATES = ['pending', 'running', 'done', 'error', 'cancelled'];

export const Task = /* @__PURE__ */ handle(class Task {
  static get name() {
    return 'Task';
  }

  constructor(fn, manager) {
    this._fn = fn;
    this._manager = manager;
    this._epoch = epoch;
    this._key = -1;
    this._state = constants.STATE_PENDING;
    this._attempt = 0;
    this._value = undefined; // the result, or what it failed or was cancelled with
    this._promise = undefined;
    this._fulfil = undefined;
    this._fail = undefined;
    this._context = undefined;
    this._progress = undefined;
    this._retry = undefined;
    this._links = undefined; // its key and signal, if it has them
    this._policyIsDue = false; // whether the engine has yet to hear of the policy
    this._created = 0; // 0 until it starts, for a task that starts in the very next microtask: see createdAt
    this._started = 0;
    this._finished = 0;
    this._known = true; // whether its manager can still find it
    this._rare = undefined; // what few tasks have: see _more
    if (DEV) noteSite(this);
  }

  /** A task that an earlier life of the page has left. */
  static _restored(manager, name, state, value) {
    const task = new Task(undefined, manager);
    task._more.name = name;
    task._state = state;
    task._value = value;
    task._created = task._finished = Date.now();
    task._known = false; // it is its bucket's, not the manager's
    return task;
  }

  /** What few tasks need, made when it is first needed. */
  get _more() {
    return (this._rare ??= {
      name: '', id: undefined, listeners: undefined, waiters: undefined, parent: undefined,
      capacity: constants.PROGRESS_CAPACITY, held: false, stopped: undefined, stop: undefined, unlink: undefined,
      yieldsAt: undefined, aliases: undefined, interest: 1, snapshot: undefined, limits: undefined, waiting: undefined, sweepAt: 64,
      late: undefined, // is told of what a function returns that nobody gets
      isEarly: false, // it was submitted before there was an engine
    });
  }

  // ---- what a caller reads -----------------------------------------------------------------------------------------

  get id() {
    const more = this._more;
    if (more.id === undefined) {
      takeRoom();
      more.id = newId();
      if (this._known) this._manager._ids.set(more.id, this);
    }
    return more.id;
  }

  get name() {
    return this._rare?.name ?? '';
  }

  get state() {
    if (DEV && this.done) look(this);
    return STATES[this._state];
  }

  get done() {
    return this._state >= constants.STATE_DONE;
  }

  get result() {
    if (DEV && this.done) look(this);
    if (this._state === constants.STATE_DONE) return this._value;
    if (this.done) throw this._value;
    throw new TaskloomError('not-complete', `task ${this.name || this.id} is ${this.state}; await it, or check done before reading result`);
  }

  get error() {
    if (DEV && this.done) look(this);
    return this._state > constants.STATE_DONE ? this._value : null;
  }

  get attempt() {
    return this._attempt;
  }

  /** Reading the clock is a tenth of a short task's cost: one that starts at once has one time for both. */
  get createdAt() {
    return dateOf(this._created || this._started || (this._created = Date.now()));
  }

  get startedAt() {
    return dateOf(this._started);
  }

  get finishedAt() {
    return dateOf(this._finished);
  }

  get progress() {
    return this._progress?.latest;
  }

  get droppedProgress() {
    return this._progress?.dropped ?? 0;
  }

  get timeLeft() {
    const latest = this.progress;
    const known = typeof latest?.value === 'number' && typeof latest.total === 'number';
    if (!known || this._state !== constants.STATE_RUNNING || this._epoch !== epoch) return null;
    const began = this._attemptBegan;
    if (!began) return null;
    const left = wasm.timeLeft(latest.value, latest.total, Math.max(0, Date.now() - began));
    return Number.isNaN(left) ? null : left;
  }

  /** When the present attempt began; 0 between two, where there is no pace. */
  get _attemptBegan() {
    return this._context._aborted ? 0 : this._context._began || this._started;
  }

  drainProgress() {
    return this._progress?.drain() ?? [];
  }

  snapshot() {
    const { id, name, state, done, attempt, progress, error, createdAt, startedAt, finishedAt } = this;
    const result = state === 'done' ? this._value : undefined;
    return (this._more.snapshot = steady(this._rare.snapshot,
      { id, name, state, done, attempt, progress, result, error, createdAt, startedAt, finishedAt }));
  }

  /** Without what the caller's own code has made: that may have no JSON. */
  toJSON() {
    const { id, name, state, attempt, error, createdAt, startedAt, finishedAt } = this;
    return { id, name, state, attempt, error: error && show(error), createdAt, startedAt, finishedAt };
  }

  // ---- waiting for it ----------------------------------------------------------------------------------------------

  then(onFulfilled, onRejected) {
    if (DEV) look(this);
    return (this._promise ??= this._settlement()).then(onFulfilled, onRejected);
  }

  catch(onRejected) {
    return this.then(undefined, onRejected);
  }

  finally(onFinally) {
    if (DEV) look(this);
    return (this._promise ??= this._settlement()).finally(onFinally);
  }

  /**
   * React and others write `status`, `value` and `reason` on a thenable, so a task has none of these names, and is not
   * frozen. To read the promise is not to wait for it: a failure is then no unhandled rejection.
   */
  get promise() {
    if (DEV) look(this);
    if (this._promise === undefined) (this._promise = this._settlement()).catch(() => {});
    return this._promise;
  }

  _settlement() {
    if (this._state === constants.STATE_DONE) return Promise.resolve(this._value);
    if (this.done) return Promise.reject(this._value);
    return new Promise((fulfil, fail) => {
      this._fulfil = fulfil;
      this._fail = fail;
    });
  }

  get stopped() {
    const more = this._more;
    if (more.stopped) return more.stopped;
    if (this.done && !more.held) return (more.stopped = Promise.resolve());
    return (more.stopped = new Promise(stop => { more.stop = stop; }));
  }

  subscribe(listener) {
    if (DEV) look(this);
    if (typeof listener !== 'function') {
      throw new TaskloomError('invalid-argument', 'the listener of subscribe() must be a function');
    }
    return (this._more.listeners ??= new Listeners()).add(listener);
  }

  [Symbol.asyncIterator]() {
    if (DEV) look(this);
    let position = 0;
    let over = false;
    const next = async () => {
      for (;;) {
        if (over) return { value: undefined, done: true };
        const progress = this._progress;
        if (progress && position < progress.pushed) {
          position = progress.seek(position);
          return { value: progress.at(position++), done: false };
        }
        if (this.done) {
          over = true;
          if (this._state !== constants.STATE_DONE) throw this._value;
          continue;
        }
        await this._change();
      }
    };
    // One after the other, as an async generator does it.
    let turn = Promise.resolve();
    return {
      next: () => (turn = turn.then(next, next)),
      return: async value => {
        over = true;
        this._wake();
        return { value, done: true };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  progressStream() {
    const iterator = this[Symbol.asyncIterator]();
    return newReadableStream({
      async pull(controller) {
        const { value, done } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void iterator.return(),
    }, { highWaterMark: 0 });
  }

  /** A promise for the next change of state or progress. */
  _change() {
    return new Promise(resolve => (this._more.waiters ??= []).push(resolve));
  }

  _wake() {
    const waiters = this._rare?.waiters;
    if (!waiters) return;
    this._rare.waiters = undefined;
    for (const wake of waiters) wake();
  }

  // ---- ending it ---------------------------------------------------------------------------------------------------

  cancel(reason) {
    // One that waits for the engine is of no life of it yet.
    if (this.done || (this._epoch !== epoch && !held.has(this))) return false;
    takeRoom();
    const error = abortError(reason, `${called(this)} was cancelled`);
    if (held.delete(this)) {
      this._settle(constants.STATE_CANCELLED, error, false);
      return true;
    }
    const answer = wasm.cancel(this._key);
    const outcome = answer & constants.ANSWER_MASK;
    if (outcome === constants.ANSWER_NONE) return false;
    this._settle(constants.STATE_CANCELLED, error, outcome === constants.ANSWER_HELD);
    if (answer > constants.ANSWER_MASK) follow(answer);
    this._abort(error);
    return true;
  }

  dispose() {
    this.cancel();
  }

  setPriority(priority) {
    const number = priorityNumber(priority);
    if (number === PRIORITIES.length) throw invalid('priority', priority, PRIORITY_NAMES);
    if (this.done || this._epoch !== epoch || held.has(this)) return false;
    takeRoom(1);
    this._more.yieldsAt = wasm.checkpointPriority(number);
    const answer = wasm.setPriority(this._key, number);
    if (answer > constants.ANSWER_MASK) follow(answer);
    return (answer & constants.ANSWER_MASK) === constants.ANSWER_DONE;
  }

  // ---- what the engine has decided ---------------------------------------------------------------------------------

  /** Takes note of an attempt that starts. */
  _enter() {
    const attempt = ++this._attempt;
    this._state = constants.STATE_RUNNING;
    if (observed) emit(attempt === 1 ? 'started' : 'retried', this);
    if (attempt === 1) {
      this._started = timeNow();
      if (this._manager._waitingWatchers !== undefined) this._manager._checkWaiting();
    }
    if (this._rare !== undefined) this._notify();
    return attempt;
  }

  /** Calls the function for the next attempt. */
  _begin() {
    const attempt = this._enter();
    const context = (this._context = new TaskContext(this, attempt));
    if (attempt > 1) context._began = Date.now();
    let returned;
    const outer = stack.task;
    stack.task = this;
    try {
      const fn = this._fn; // called as a function: the task is not its `this`
      returned = fn(context);
      stack.task = outer;
      if (isThenable(returned)) {
        // A foreign thenable may settle twice or synchronously; a native promise does not.
        if (!(returned instanceof Promise)) {
          if (returned instanceof Task) {
            noteWait(this, returned, 'the task that it returns');
            if (this._rare?.late) returned._more.late = this._rare.late; // it may be cancelled with this one
          }
          returned = Promise.resolve(returned);
        }
        returned.then(value => this._returned(attempt, value), error => this._threw(attempt, error));
        return;
      }
    } catch (error) {
      stack.task = outer;
      this._threw(attempt, error);
      return;
    }
    this._returned(attempt, returned);
  }

  _returned(attempt, value) {
    if (this._epoch !== epoch) return this._madeLate(value);
    let answer;
    try {
      answer = wasm.resolve(this._key, attempt);
    } catch {
      return this._madeLate(value); // the task is lost with all others
    }
    const outcome = answer & constants.ANSWER_MASK;
    if (outcome === constants.ANSWER_NONE) this._madeLate(value);
    else this._settle(constants.STATE_DONE, value, outcome === constants.ANSWER_HELD);
    if (answer > constants.ANSWER_MASK) follow(answer);
  }

  /** A function has returned a value that nobody gets: its task has settled, or a later attempt runs. */
  _madeLate(value) {
    this._rare?.late?.(value);
  }

  _threw(attempt, error) {
    if (this._epoch !== epoch) return;
    let answer;
    try {
      if (this._policyIsDue) {
        const policy = this._retry._numbers;
        wasm.setRetry(this._key, policy[0], policy[1], policy[2], policy[3], policy[4]);
        this._policyIsDue = false;
      }
      answer = wasm.reject(this._key, attempt);
    } catch {
      return;
    }
    this._failed(answer, attempt, error);
  }

  /** An attempt has failed; asks the caller's own rules if the engine wants to know. */
  _failed(answer, attempt, error) {
    const outcome = answer & constants.ANSWER_MASK;
    if (outcome === constants.ANSWER_UNDECIDED) {
      if (answer > constants.ANSWER_MASK) follow(answer);
      this._abort(abortError(error, 'The attempt has failed')); // what it has left running ends at its next checkpoint
      this._retry._judge(this, attempt, error);
      return;
    }
    if (outcome !== constants.ANSWER_NONE) {
      const reason = error instanceof NonRetryableError ? error._original : error;
      this._settle(constants.STATE_ERROR, reason, outcome === constants.ANSWER_HELD);
    }
    if (answer > constants.ANSWER_MASK) follow(answer);
  }

  /** What the caller's rules say of a failed attempt; returns whether there will be another. */
  _decide(attempt, error, again, delay) {
    if (this._epoch !== epoch || this.done) return false;
    let answer;
    try {
      answer = wasm.decide(this._key, attempt, again, delay);
    } catch {
      return false;
    }
    const goesOn = (answer & constants.ANSWER_MASK) === constants.ANSWER_UNDECIDED;
    if (!goesOn) this._failed(answer, attempt, error);
    else if (answer > constants.ANSWER_MASK) follow(answer);
    return goesOn;
  }

  _attemptTimedOut() {
    const error = timeoutError(`Attempt ${this._attempt} of ${called(this, 't')} took longer than its attemptTimeout of ${this._retry._numbers[6]} ms`);
    this._abort(error);
    this._retry._judge(this, this._attempt, error);
  }

  /** Takes the snapshot that the handle keeps. `held`: a function of the task still runs. */
  _settle(state, value, held) {
    this._state = state;
    this._value = value;
    this._finished = timeNow();
    this._fn = undefined;
    if (observed) emit('settled', this);
    this._created ||= this._started || this._finished;
    // After a restart the slot may be another's.
    if (!held && live[slotOf(this._key)] === this) live[slotOf(this._key)] = undefined;
    if (this._promise !== undefined) {
      if (state === constants.STATE_DONE) this._fulfil(value);
      else this._fail(value);
    }
    const rare = this._rare;
    if (rare !== undefined) {
      rare.held = held;
      rare.waiting = undefined;
      rare.unlink?.();
      this._notify();
      if (!held) this._stop();
    } else if (held) {
      this._more.held = true;
    }
    this._manager._finishedOne(this);
    if (DEV) noteEnd(this, state === constants.STATE_ERROR, value);
  }

  /** The last function of the task has ended. */
  _stop() {
    const rare = this._rare;
    if (rare === undefined) return;
    rare.held = false;
    rare.stop?.();
  }

  _abort(error) {
    this._context?._abort(error);
  }

  /** The instance is gone. */
  _lose(error) {
    if (!this.done) {
      this._settle(constants.STATE_ERROR, error, false);
      this._abort(error);
    }
    this._stop();
  }

  _parentReason() {
    return this._rare.parent._value;
  }

  _report(value) {
    takeRoom();
    (this._progress ??= new ProgressBuffer(this._rare?.capacity ?? constants.PROGRESS_CAPACITY)).push(value);
    if (this._rare !== undefined) this._notify();
  }

  _notify() {
    const rare = this._rare;
    if (rare.waiters) this._wake();
    rare.listeners?.tell(this, 'a task');
  }
}, 'Task');

const dateOf = time => (time ? new Date(time) : null);
