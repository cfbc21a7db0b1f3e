// Tasks by name, as a page script that runs again and again needs them: start once, look at every run.

import * as constants from '#constants';
import { tasksPart } from '#parts/tasks';
import * as wasm from '#wasm';
import { checkNames, look } from '../base/development.js';
import { assertReady, takeRoom } from '../base/engine.js';
import { TaskloomError, invalid, report } from '../base/errors.js';
import { handle } from '../base/handle.js';
import { defaultManager } from '../tasks/manager.js';
import { checkBoolean, checkObject } from '../base/options.js';
import { Names } from '../base/names.js';
import { sessionStore } from '../state/store.js';
import { Task } from '../tasks/task.js';
import { noteWait, stack } from '../tasks/waits.js';

const buckets = /* @__PURE__ */ new Names();

/**
 * Where results are kept if the caller says nothing. One that can't be stored must leave nothing behind that says that its task is running still.
 */
function ownStorage() {
  const store = sessionStore({
    namespace: 'taskloom.tasks',
    enforceSerializable: true,
    onError(error) {
      report(error);
      if (error.key !== undefined) store.delete(error.key);
    },
  });
  return store;
}

export function sessionTasks(bucket = 'tasks', options = {}) {
  if (typeof bucket !== 'string') throw invalid('the bucket', bucket, 'a string');
  checkObject('options', options);
  if (DEV) checkNames('sessionTasks()', options);
  const { remember = false, storage } = options;
  checkBoolean('remember', remember);
  if (storage !== undefined) checkObject('storage', storage);
  for (const method of storage ? ['get', 'set', 'delete'] : []) {
    if (typeof storage[method] !== 'function') throw invalid(`storage.${method}`, storage[method], 'a function');
  }
  let tasks = buckets.get(bucket);
  if (!tasks) buckets.letGo(bucket, tasks = new SessionTasks(bucket));
  if (remember) {
    if (storage && (tasks._storage ?? storage) !== storage) {
      throw invalid('storage', storage, `the one that the bucket '${bucket}' has already`);
    }
    tasks._storage ??= storage ?? ownStorage();
    buckets.hold(bucket, tasks);
  }
  return tasks;
}

const SessionTasks = /* @__PURE__ */ handle(class SessionTasks {
  constructor(bucket) {
    this.bucket = bucket;
    this._tasks = new Map();
    this._storage = undefined;
  }

  get(name) {
    return this._tasks.get(name) ?? this._restore(name);
  }

  has(name) {
    return this.get(name) !== undefined;
  }

  set(name, task) {
    if (typeof name !== 'string') throw invalid('the name', name, 'a string');
    if (!(task instanceof Task)) throw invalid('the task', task, 'a Task');
    takeRoom(1);
    if (DEV) look(task); // it is kept for whoever asks for it later
    this._tasks.set(name, task);
    buckets.hold(this.bucket, this);
    if (this._storage) this._remember(name, task);
    return this;
  }

  delete(name) {
    takeRoom(1);
    const known = this.has(name);
    this._tasks.delete(name);
    this._storage?.delete(this._key(name));
    if (this._tasks.size === 0 && !this._storage) buckets.letGo(this.bucket, this);
    return known;
  }

  getOrRun(name, start) {
    if (typeof name !== 'string') throw invalid('the name', name, 'a string');
    const known = this.get(name);
    const note = task => stack.task && !task.done && noteWait(stack.task, task, `the task named '${name}'`);
    if (known) {
      note(known);
      return known;
    }
    takeRoom(2);
    if (typeof start !== 'function') throw invalid('the second argument of getOrRun()', start, 'a function that returns a task');
    const task = start();
    this.set(name, task);
    note(task);
    return task;
  }

  *[Symbol.iterator]() {
    yield* this._tasks;
  }

  toJSON() {
    return { bucket: this.bucket, names: [...this._tasks.keys()] };
  }

  _key(name) {
    return JSON.stringify([this.bucket, name]); // no two buckets and names make one key
  }

  _remember(name, task) {
    const key = this._key(name);
    const write = () => {
      if (this._tasks.get(name) !== task) return; // the name is another task's by now
      try {
        if (task.state === 'done') this._storage.set(key, { state: constants.STATE_DONE, value: task.result });
        else if (task.done) this._storage.delete(key); // failed or cancelled: after a reload it can run again
        else this._storage.set(key, { state: constants.STATE_RUNNING });
      } catch (error) {
        // The task is none the worse for it; but a record that says "running" would be a lie after the end.
        report(error);
        if (task.done) this._storage.delete(key);
      }
    };
    write();
    if (!task.done) task.finally(write).catch(() => {});
  }

  /** What an earlier life of the page has left under this name. */
  _restore(name) {
    const record = this._storage?.get(this._key(name));
    if (!record) return undefined;
    assertReady(tasksPart);
    const state = wasm.restoredState(record.state);
    if (state === constants.STATE_PENDING) return undefined;
    const value = state === constants.STATE_DONE
      ? record.value
      : new TaskloomError('interrupted', `the task '${name}' was running when its page went away; delete('${name}') and start it again`);
    const task = Task._restored(defaultManager, name, state, value);
    this._tasks.set(name, task);
    return task;
  }
}, 'SessionTasks', ['get', 'has', 'set', 'delete', 'getOrRun']);
