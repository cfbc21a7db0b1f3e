// Options as callers write them, read into what the engine takes. What is valid is core's to say.

import * as wasm from '#wasm';
import { TaskloomError, invalid, tell } from './errors.js';
import { RetryPolicy } from './retry.js';
import { PRIORITIES } from './turn.js';
import { tagOf } from './values.js';

const NONE = NaN; // no duration, for the engine

/** Milliseconds out of a number, a string such as '1h30m', or a Temporal.Duration; undefined and null are `fallback`. */
export function duration(name, value, fallback = NONE) {
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'number') {
    wasm.checkDuration(name, value);
    return value;
  }
  if (typeof value === 'string') return wasm.parseDuration(name, value);
  if (typeof value.total === 'function') {
    let millis;
    try {
      millis = value.total({ unit: 'milliseconds' });
    } catch (cause) {
      throw new TaskloomError('invalid-argument', `${name} is a Temporal.Duration that has no fixed length ` +
        '(years, months and weeks have none); give days or smaller units', { cause });
    }
    if (typeof millis === 'number') {
      wasm.checkDuration(name, millis);
      return millis;
    }
  }
  throw invalid(name, value, "a duration: a number of milliseconds, a string such as '90s', or a Temporal.Duration");
}

/** The longest duration that core takes. */
export const LONGEST = 8.64e15;

/** A duration that is a limit: Infinity means that there is none, which is `none` to the engine. */
export const limit = (name, value, fallback, none = NONE) => (value === Infinity ? none : duration(name, value, fallback));

export function optionalFunction(name, value) {
  if (value !== undefined && value !== null && typeof value !== 'function') throw invalid(name, value, 'a function');
  return value ?? undefined;
}

export const PRIORITY_NAMES = "'user-blocking', 'user-visible' or 'background'";

export function priorityNumber(value) {
  if (value === undefined || value === null) return PRIORITIES.length; // none given
  const index = PRIORITIES.indexOf(value);
  if (index < 0) throw invalid('priority', value, PRIORITY_NAMES);
  return index;
}

export function checkObject(name, value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(name, value, 'an object');
}

const given = value => value !== undefined && value !== null;

/**
 * Puts on the task what stays in JavaScript, and returns its limits for the engine: priority, timeout (`defaultTimeout` if none is given) and
 * queueTimeout. What has to wait until the engine has the task is left in `task._links`. Throws before anything outside the task has changed.
 */
export function readOptions(task, options, defaultTimeout) {
  checkObject('options', options);
  // Each is read once: a getter may answer differently the next time.
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
  if (given(priority)) task._more.yieldsAt = wasm.checkpointPriority(number);
  return [number, limit('timeout', timeout, defaultTimeout), limit('queueTimeout', queueTimeout)];
}

function readLinks(signal, key, deduplicate) {
  if (given(key) && typeof key !== 'string') throw invalid('key', key, 'a string');
  if (given(signal) && !isSignal(signal)) throw invalid('signal', signal, 'an AbortSignal');
  if (given(deduplicate)) checkBoolean('deduplicate', deduplicate);
  if (deduplicate && !given(key)) throw invalid('key', key, 'a string, since deduplicate is true');
  return { signal, key: key ?? undefined, deduplicate };
}

/** No priority, no timeout, no queueTimeout. */
export const NO_LIMITS = [PRIORITIES.length, NONE, NONE];
/** No retries, in the form of RetryPolicy's numbers. */
export const NO_POLICY = [0, NONE, NONE, 1, 0, NONE, NONE];

function readPolicy(retry) {
  if (retry instanceof RetryPolicy) return retry;
  checkObject('retry', retry);
  return new RetryPolicy(retry);
}

/**
 * Whether it is an AbortSignal, of this page or of a frame: a proxy of one, or an object with its prototype, can't be asked whether
 * it has aborted.
 */
export function isSignal(value) {
  try {
    return tagOf(value) === 'AbortSignal' && typeof value.aborted === 'boolean';
  } catch {
    return false;
  }
}

export function checkBoolean(name, value) {
  if (typeof value !== 'boolean') throw invalid(name, value, 'true or false');
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
