// What a task's function is given: one object per attempt.

import { tasksPart } from '#parts/tasks';
import * as wasm from '#wasm';
import { abortError } from '../base/errors.js';
import { assertReady, isReady } from '../base/engine.js';
import { yieldTurn } from '../base/turn.js';
import { publish } from '../base/values.js';

const RESOLVED = /* @__PURE__ */ Promise.resolve();

export const TaskContext = /* @__PURE__ */ publish(class TaskContext {
  constructor(task, attempt) {
    this._task = task;
    this._controller = undefined;
    this._aborted = false;
    this._reason = undefined;
    this._began = 0; // when the attempt began, if it is not the first
    this.attempt = attempt;
  }

  get signal() {
    if (!this._controller) {
      this._controller = new AbortController();
      if (this._aborted) this._controller.abort(this._reason);
    }
    return this._controller.signal;
  }

  // Functions of their own, so that `({ progress, checkpoint }) => …` works; made when first asked for.
  get progress() {
    return define(this, 'progress', value => {
      if (!this._isOver()) this._task._report(value);
    });
  }

  get checkpoint() {
    return define(this, 'checkpoint', () => checkpoint(this));
  }

  get run() {
    return define(this, 'run', (fn, options) => this._task._manager._submit(fn, options, this));
  }

  /** When the task or an ancestor of it runs out of time, or null. */
  get deadline() {
    if (this._task.done || !isReady(tasksPart)) return null;
    const at = wasm.deadline(this._task._key);
    return Number.isNaN(at) ? null : new Date(performance.timeOrigin + at);
  }

  /** Whether what the attempt still says is dropped: its task has settled, or a later attempt runs. */
  _isOver() {
    return this._task.done || this._task._attempt !== this.attempt;
  }

  _abort(error) {
    if (this._aborted) return;
    this._aborted = true;
    this._reason = error;
    this._controller?.abort(error);
  }
}, 'TaskContext');

const define = (context, name, value) => {
  Object.defineProperty(context, name, { value });
  return value;
};

function checkpoint(context) {
  if (context._aborted) return rejected(context._reason);
  if (context._isOver()) return rejected(abortError(undefined, 'The task is over'));
  let spent;
  try {
    assertReady(tasksPart);
    spent = wasm.sliceSpent(performance.now());
  } catch (error) {
    return rejected(error);
  }
  if (!spent) return RESOLVED;
  return yieldTurn(context._task._rare?.yieldsAt).then(() => {
    assertReady(tasksPart);
    wasm.restartSlice(performance.now());
    if (context._aborted) throw context._reason;
  });
}

/** A rejection that is nobody's unhandled one if the job does not await its checkpoint. */
function rejected(reason) {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return promise;
}
