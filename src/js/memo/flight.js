// One execution of a cached function, for all who want its value.

import { epoch } from '../base/engine.js';
import { abortError, tell } from '../base/errors.js';
import { OURS } from '../base/values.js';

const noop = () => {};

export class Flight {
  constructor(entry, id) {
    this._entry = entry;
    this._id = id; // core's
    this._epoch = epoch; // of the engine that has given the id
    this._over = false;
    this._isBackground = false; // whether no caller has asked for it
    this._start = undefined; // what begins it, while it waits for its turn
    this._stored = undefined; // what other tabs are to have of it
    this._args = undefined; // for what judges values
    this._failure = undefined;
    this._isChanged = false; // a caller has changed the arguments before the function ran
    this._task = undefined; // if the function has returned one
    this._controller = undefined; // of what waits for other tabs
    this._isMine = false; // whether it does so no longer, but executes itself
    this._watchers = [];
    this._shared = undefined; // the promise of all callers, if they share the value
    /** Resolves to what is kept: see copy.js. */
    this._done = new Promise((resolve, reject) => {
      this._resolve = resolve;
      this._reject = reject;
    });
    this._done.catch(noop); // a refresh that fails has nobody who waits for it
  }

  /** What the function has returned. `release` is told of a value that a task makes when it has been cancelled. */
  _follow(returned, release) {
    if (returned[OURS] !== 'Task') return; // by its mark: most caches have no tasks, and do without their code
    this._task = returned;
    if (release) returned._more.late = release;
    for (const watcher of this._watchers.splice(0)) forward(returned, watcher);
  }

  /** Hands on every progress value, also those from before. */
  _watch(onProgress) {
    if (this._task) forward(this._task, onProgress);
    else this._watchers.push(onProgress);
  }

  /** Nobody wants it any more. */
  _abort(reason) {
    const error = abortError(reason, 'All callers have cancelled');
    this._task?.cancel(error);
    this._controller?.abort(error);
    this._reject(error);
  }
}

async function forward(task, onProgress) {
  try {
    for await (const value of task) tell(onProgress, value);
  } catch {
    // how it ends is told by its value
  }
}
