// The options of a task as callers write them, read into what the engine takes. What is valid is core's to say.

import { tasksPart } from '#parts/tasks';
import * as wasm from '#wasm';
import { isReady } from '../base/engine.js';
import { invalid, tell } from '../base/errors.js';
import { NONE, checkBoolean, checkObject, isSignal, limit } from '../base/options.js';
import { PRIORITIES } from '../base/turn.js';
import { RetryPolicy } from './retry.js';

export const PRIORITY_NAMES = "'user-blocking', 'user-visible' or 'background'";

export function priorityNumber(value) {
  if (value === undefined || value === null) return PRIORITIES.length; // none given
  const index = PRIORITIES.indexOf(value);
  if (index < 0) throw invalid('priority', value, PRIORITY_NAMES);
  return index;
}

const given = value => value !== undefined && value !== null;

/**
 * Puts on the task what stays in JavaScript, and returns its limits for the engine: priority, timeout (`defaultTimeout` if none is given) and
 * queueTimeout. What has to wait until the engine has the task is left in `task._links`. Throws before anything outside the task has changed.
 */
export function readOptions(task, options, defaultTimeout) {
  checkObject('options', options);
  // Each is read once: a getter may answer differently the next time. `pick` has the same.
  const { name, signal, timeout, queueTimeout, priority, retry, progressBuffer, key, deduplicate } = options;
  if (given(name)) {
    if (typeof name !== 'string') throw invalid('name', name, 'a string');
    task._more.name = name;
  }
  if (given(progressBuffer)) {
    if (!Number.isInteger(progressBuffer) || progressBuffer < 1) {
      throw invalid('progressBuffer', progressBuffer, 'a whole number of at least 1');
    }
    task._more.capacity = progressBuffer;
  }
  if (given(signal) || given(key) || given(deduplicate)) task._links = readLinks(signal, key, deduplicate);
  if (given(retry)) task._retry = readPolicy(retry);
  if (defaultTimeout === undefined && !given(timeout) && !given(queueTimeout) && !given(priority)) return NO_LIMITS;
  const number = priorityNumber(priority);
  if (given(priority) && isReady(tasksPart)) task._more.yieldsAt = wasm.checkpointPriority(number);
  return [number, limit('timeout', timeout, defaultTimeout), limit('queueTimeout', queueTimeout)];
}

/** The options as they are now, for who reads them twice. */
export function pick(options) {
  checkObject('options', options);
  const { name, signal, timeout, queueTimeout, priority, retry, progressBuffer, key, deduplicate } = options;
  return { name, signal, timeout, queueTimeout, priority, retry, progressBuffer, key, deduplicate };
}

function readLinks(signal, key, deduplicate) {
  if (given(key) && typeof key !== 'string') throw invalid('key', key, 'a string');
  if (given(signal) && !isSignal(signal)) throw invalid('signal', signal, 'an AbortSignal');
  if (given(deduplicate)) checkBoolean('deduplicate', deduplicate);
  if (deduplicate && !given(key)) throw invalid('key', key, 'a string, since deduplicate is true');
  return { signal, key: key ?? undefined, deduplicate };
}

/** No priority, no timeout, no queueTimeout. */
export const NO_LIMITS = /* @__PURE__ */ (() => [PRIORITIES.length, NONE, NONE])();
/** No retries, in the form of RetryPolicy's numbers. */
export const NO_POLICY = [0, NONE, NONE, 1, 0, NONE, NONE];

function readPolicy(retry) {
  if (!(retry instanceof RetryPolicy)) {
    checkObject('retry', retry);
    return new RetryPolicy(retry);
  }
  if (retry._refused) throw retry._refused;
  return retry;
}

/**
 * Cancels the task when the signal aborts, with its reason. A deduplicated task has several callers: it is cancelled when the
 * last of them has had enough, and never if one of them has no signal.
 */
export function linkSignal(task, signal) {
  if (!signal) return;
  const onAbort = () => {
    if (--task._more.interest > 0) return;
    try {
      task.cancel(signal.reason);
    } catch {
      queueMicrotask(() => task.cancel(signal.reason)); // who has aborted it has used up the stack
    }
  };
  if (signal.aborted) {
    onAbort();
    return;
  }
  const stop = listenOnce(signal, onAbort);
  const { unlink } = task._more;
  task._more.unlink = () => {
    unlink?.();
    stop();
  };
}

const heard = new WeakMap(); // by signal: who listens, and the one listener that the platform knows

/** Calls back when the signal aborts. One listener for all: to take one away costs the platform a look at all that there are. */
function listenOnce(signal, callback) {
  let listeners = heard.get(signal);
  if (listeners === undefined) {
    heard.set(signal, listeners = new Set());
    listeners.onAbort = () => {
      for (const each of listeners) tell(each);
    };
    signal.addEventListener('abort', listeners.onAbort, { once: true });
  }
  listeners.add(callback);
  return () => {
    if (!listeners.delete(callback) || listeners.size > 0) return;
    heard.delete(signal);
    signal.removeEventListener('abort', listeners.onAbort);
  };
}
