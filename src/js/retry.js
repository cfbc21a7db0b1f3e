// A retry policy: its numbers are core's, the caller's rules are JavaScript's.

import * as wasm from '#wasm';
import { NonRetryableError } from './border.js';
import { assertReady } from './engine.js';
import { TaskloomError, invalid, report } from './errors.js';
import { checkObject, duration, optionalFunction } from './options.js';

export class RetryPolicy {
  constructor(options = {}) {
    assertReady();
    checkObject('the retry policy', options);
    const { maxAttempts = 3, baseDelay, maxDelay, multiplier = 2, jitter = 0, maxElapsed, attemptTimeout } = options;
    for (const [name, value] of Object.entries({ maxAttempts, multiplier, jitter })) {
      if (typeof value !== 'number') throw invalid(name, value, 'a number');
    }
    const elapsed = duration('maxElapsed', maxElapsed);
    const timeout = duration('attemptTimeout', attemptTimeout);
    wasm.checkPolicy(maxAttempts, multiplier, jitter, elapsed, timeout);
    // In the order of submitWith's arguments. 2^32 - 1 attempts are as good as Infinity.
    this._numbers = [
      Math.min(maxAttempts, 0xffffffff), duration('baseDelay', baseDelay, 0), duration('maxDelay', maxDelay, 60_000),
      multiplier, jitter, elapsed, timeout,
    ];
    // Such a policy matters only after a failure.
    this._needsNoClock = Number.isNaN(elapsed) && Number.isNaN(timeout);
    this.maxAttempts = maxAttempts;
    this._retryOn = readRetryOn(options.retryOn);
    this._retryIf = optionalFunction('retryIf', options.retryIf);
    this._delayFrom = optionalFunction('delayFrom', options.delayFrom);
    this._onRetry = optionalFunction('onRetry', options.onRetry);
  }

  delayForAttempt(index) {
    assertReady();
    if (!Number.isInteger(index) || index < 0) throw invalid('the attempt index', index, 'a whole number of at least 0');
    const [, baseDelay, maxDelay, multiplier, jitter] = this._numbers;
    return wasm.delayForAttempt(Math.min(index, 0xffffffff), baseDelay, maxDelay, multiplier, jitter);
  }

  /** Asks the caller's rules about a failed attempt, and passes the answer on to the engine. */
  _judge(task, attempt, error) {
    const fail = thrown => task._decide(attempt, thrown, false, NaN);
    if (error instanceof NonRetryableError) return fail(error);
    try {
      // An AbortError says that somebody has had enough: only a policy that names it tries again.
      const eligible = this._retryOn ? this._retryOn.some(rule => matches(rule, error)) : error?.name !== 'AbortError';
      if (!eligible) return fail(error);
      const verdict = this._retryIf ? this._retryIf(error, { attempt }) : true;
      if (typeof verdict?.then === 'function') {
        Promise.resolve(verdict).then(again => this._go(task, attempt, error, again), fail);
      } else {
        this._go(task, attempt, error, verdict);
      }
    } catch (thrown) {
      fail(thrown);
    }
  }

  _go(task, attempt, error, again) {
    if (task.done) return; // cancelled while an async rule was at work
    let asked = NaN;
    try {
      if (again && this._delayFrom) asked = delayOf(this._delayFrom(error));
    } catch (thrown) {
      if (thrown instanceof TaskloomError) thrown.cause ??= error; // the error that it was to mend must not be lost
      task._decide(attempt, thrown, false, NaN);
      return;
    }
    if (task._decide(attempt, error, Boolean(again), asked) && this._onRetry) {
      const info = { attempt, delay: wasm.backoff(task._key) };
      new Promise(resolve => resolve(this._onRetry(error, info))).catch(report);
    }
  }
}

/** A delay as a caller gives it: a duration, or the Date to wait for. */
const delayOf = value =>
  duration('the delay from delayFrom()', value instanceof Date ? Math.max(0, value - Date.now()) : value);

/**
 * The delay that an HTTP response asks for, in milliseconds, from its Retry-After header: seconds or a date
 * (RFC 9110, section 10.2.3). Undefined without one, or if it is neither.
 */
export function retryAfter(source) {
  const headers = source?.headers ?? source;
  const text = typeof headers?.get === 'function' ? headers.get('Retry-After') : headers;
  if (typeof text !== 'string') return undefined;
  if (/^\s*\d+\s*$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function readRetryOn(rules) {
  if (rules === undefined || rules === null) return undefined;
  const list = Array.isArray(rules) ? [...rules] : [rules]; // a copy: what was checked must not change
  for (const rule of list) {
    // An arrow function is no class: whoever writes one means retryIf.
    if (typeof rule !== 'string' && typeof rule?.prototype !== 'object') {
      throw invalid('retryOn', rule, "an error class, or a string with an error's code or name, or an array of these");
    }
  }
  return list;
}

const matches = (rule, error) =>
  typeof rule === 'function' ? error instanceof rule : error?.code === rule || error?.name === rule;
