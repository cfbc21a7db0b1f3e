// A retry policy: its numbers are core's, the caller's rules are JavaScript's.

import { tasksPart } from '#parts/tasks';
import * as wasm from '#wasm';
import { NonRetryableError } from '../base/border.js';
import { assertReady, isEarly, isReady, keepFor, thrownBy } from '../base/engine.js';
import { checkNames } from '../base/development.js';
import { TaskloomError, invalid, report } from '../base/errors.js';
import { handle } from '../base/handle.js';
import { LONGEST, checkObject, duration, limit, optionalFunction } from '../base/options.js';
import { isThenable } from '../base/thenable.js';
import { isInstance, timeOf } from '../base/values.js';

export const RetryPolicy = /* @__PURE__ */ handle(class RetryPolicy {
  static get name() {
    return 'RetryPolicy';
  }

  constructor(options = {}) {
    checkObject('the retry policy', options);
    if (DEV) checkNames('new RetryPolicy()', options);
    const { maxAttempts = 3, baseDelay, maxDelay, multiplier = 2, jitter = 0, maxElapsed, attemptTimeout } = options;
    for (const [name, value] of Object.entries({ maxAttempts, multiplier, jitter })) {
      if (typeof value !== 'number') throw invalid(name, value, 'a number');
    }
    const read = () => {
      const elapsed = limit('maxElapsed', maxElapsed);
      const timeout = limit('attemptTimeout', attemptTimeout);
      if (isReady(tasksPart)) wasm.checkPolicy(maxAttempts, multiplier, jitter, elapsed, timeout);
      // In the order of submitWith's arguments. 2^32 - 1 attempts are as good as Infinity.
      this._numbers = [
        Math.min(maxAttempts, 0xffffffff), duration('baseDelay', baseDelay, 0), limit('maxDelay', maxDelay, 60_000, LONGEST),
        multiplier, jitter, elapsed, timeout,
      ];
      // Such a policy matters only after a failure.
      this._needsNoClock = Number.isNaN(elapsed) && Number.isNaN(timeout);
    };
    this._refused = undefined; // what core has to say against it, if it was made before there was an engine
    if (isEarly(tasksPart)) {
      this._read = read;
      keepFor(tasksPart, this, readLate);
    }
    read();
    this.maxAttempts = maxAttempts;
    this._retryOn = readRetryOn(options.retryOn);
    this._retryIf = optionalFunction('retryIf', options.retryIf);
    this._delayFrom = optionalFunction('delayFrom', options.delayFrom);
    this._onRetry = optionalFunction('onRetry', options.onRetry);
  }

  delayForAttempt(index) {
    assertReady(tasksPart);
    if (this._refused) throw this._refused;
    if (!Number.isInteger(index) || index < 0) throw invalid('the attempt index', index, 'a whole number of at least 0');
    const [, baseDelay, maxDelay, multiplier, jitter] = this._numbers;
    return wasm.delayForAttempt(Math.min(index, 0xffffffff), baseDelay, maxDelay, multiplier, jitter);
  }

  toJSON() {
    const [, baseDelay, maxDelay, multiplier, jitter] = this._numbers;
    return { maxAttempts: this.maxAttempts, baseDelay, maxDelay, multiplier, jitter };
  }

  /** Asks the caller's rules about a failed attempt, and passes the answer on to the engine. */
  _judge(task, attempt, error) {
    const fail = thrown => task._decide(attempt, thrown, false, NaN);
    if (error instanceof NonRetryableError) return fail(error);
    try {
      if (error?.code === 'non-retryable') return fail(error); // that of taskloom/worker, which is a library of its own
      // An AbortError says that somebody has had enough: only a policy that names it tries again.
      const eligible = this._retryOn ? this._retryOn.some(rule => matches(rule, error)) : error?.name !== 'AbortError';
      if (!eligible) return fail(error);
      const verdict = this._retryIf ? this._retryIf(error, { attempt }) : true;
      if (isThenable(verdict)) {
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
}, 'RetryPolicy', ['delayForAttempt']);

// Not in the constructor, where it would hold the policy.
const readLate = policy => { policy._refused = thrownBy(policy._read); };

/** A delay as a caller gives it: a duration, or the Date to wait for. */
const delayOf = value => {
  const date = timeOf(value);
  return duration('the delay from delayFrom()', date === undefined ? value : Math.max(0, date - Date.now()));
};

// The three forms of an HTTP date (RFC 9110, section 5.6.7): 'Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT' and
// 'Sun Nov  6 08:49:37 1994'. Date.parse alone takes far more for a date: '1.5' and '10, 10', say, for days in 2001.
const TIME = '((?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d)';
const HTTP_DATE =
  /* @__PURE__ */ (() => RegExp(`^[a-z]{3,9},? (?:(\\d\\d)[ -]([a-z]{3})[ -]((?:\\d\\d){1,2}) ${TIME} GMT|([a-z]{3}) ([ \\d]\\d) ${TIME} (\\d{4}))$`, 'i'))();
const FIFTY_YEARS = 1_577_880_000_000;

function parseHttpDate(text) {
  const parts = HTTP_DATE.exec(text);
  if (!parts) return NaN;
  const [, day = parts[6], month = parts[5], year = parts[8], time = parts[7]] = parts;
  const at = century => Date.parse(`${day} ${month} ${century}${year} ${time} GMT`);
  if (year.length === 4) return at('');
  // A year of two digits that seems to be more than 50 years ahead is one of the century before.
  return at(20) - Date.now() > FIFTY_YEARS ? at(19) : at(20);
}

/**
 * The delay that an HTTP response asks for, in milliseconds, from its Retry-After header: a whole number of seconds or a date
 * (RFC 9110, section 10.2.3). Undefined without one, or if it is neither.
 */
export function retryAfter(source) {
  const headers = source?.headers ?? source;
  const text = typeof headers?.get === 'function' ? headers.get('Retry-After') : headers;
  if (typeof text !== 'string') return undefined;
  const value = text.trim();
  if (/^\d+$/.test(value)) return Math.min(value * 1000, LONGEST);
  const date = parseHttpDate(value);
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
  typeof rule === 'function' ? isInstance(error, rule) : error?.code === rule || error?.name === rule;
