// Cron expressions.

import { checkNames } from '../base/development.js';
import { assertReady, epoch, isEarly, isReady } from '../base/engine.js';
import { invalid } from '../base/errors.js';
import { handle } from '../base/handle.js';
import { checkObject } from '../base/options.js';
import { timeOf } from '../base/values.js';
import { useZones } from '../base/zones.js';
import { schedulePart } from '#parts/schedule';
import { cronClose, cronDue, cronMatches, cronParse } from '#wasm';
import { systemZoneNumber, zoneName, zoneNumber, zoneOffset } from '../../platform/zones.js';

const DIALECTS = ['cron', 'apscheduler'];
const MAX_TIME = 8.64e15; // of a Date
const MAX_RUNS = 10_000;

/** A time that a caller gives as a Date or in milliseconds. */
export function readTime(name, value) {
  const time = timeOf(value) ?? value;
  if (typeof time !== 'number' || !(Math.abs(time) <= MAX_TIME)) throw invalid(name, value, 'a valid Date, or the milliseconds of one');
  return time;
}

/** Null for NaN, and for what no Date can hold. */
export const dateOf = time => (Math.abs(time) <= MAX_TIME ? new Date(time) : null);

/** The times that follow one another, from the first one that `next` gives. */
export function listOf(count, from, next) {
  if (!Number.isInteger(count) || count < 0 || count > MAX_RUNS) throw invalid('count', count, `a whole number from 0 to ${MAX_RUNS}`);
  const runs = [];
  for (let at = from; runs.length < count;) {
    at = next(at);
    const run = dateOf(at);
    if (run === null) break;
    runs.push(run);
  }
  return runs;
}

/** The number of a zone that a caller names; undefined for the system's. */
function readZone(timeZone) {
  if (timeZone === undefined || timeZone === null) return undefined;
  try {
    if (typeof timeZone === 'string') return zoneNumber(timeZone);
  } catch {
    // It is none.
  }
  throw invalid('timeZone', timeZone, "the name of a time zone that this browser knows, such as 'Europe/Berlin' or 'UTC'");
}

export const Cron = /* @__PURE__ */ handle(class Cron {
  constructor(expression, options = {}) {
    useZones(zoneOffset); // not at the module's top, where every bundle would have to keep it
    checkObject('options', options);
    if (DEV) checkNames('new Cron()', options);
    const { timeZone } = options;
    const dialect = options.dialect ?? 'cron';
    if (typeof expression !== 'string') throw invalid('cron', expression, "a cron expression such as '0 9 * * MON-FRI'");
    if (!DIALECTS.includes(dialect)) throw invalid('dialect', dialect, "'cron' or 'apscheduler'");
    this.expression = expression;
    this.dialect = dialect;
    this._zone = readZone(timeZone);
    this._number = undefined;
    this._epoch = -1;
    if (!isEarly(schedulePart)) this._use(); // else the first use says what is wrong
  }

  /** Its number in core, where it is parsed again if the engine is another one. */
  _use() {
    assertReady(schedulePart);
    if (this._epoch !== epoch) {
      this._number = cronParse(this.expression, this.dialect === 'apscheduler');
      this._epoch = epoch;
      registry.register(this, { number: this._number, born: epoch });
    }
    return this._number;
  }

  /** The number of its zone now. */
  get _zoneNow() {
    return this._zone ?? systemZoneNumber();
  }

  get timeZone() {
    return zoneName(this._zoneNow);
  }

  _due(at, before) {
    return cronDue(this._use(), this._zoneNow, at, before);
  }

  nextRun(after = Date.now()) {
    return dateOf(this._due(readTime('after', after), false));
  }

  nextRuns(count, after = Date.now()) {
    return listOf(count, readTime('after', after), at => this._due(at, false));
  }

  previousRun(before = Date.now()) {
    return dateOf(this._due(readTime('before', before), true));
  }

  matches(date) {
    return cronMatches(this._use(), this._zoneNow, readTime('date', date));
  }

  toString() {
    return this.expression;
  }

  toJSON() {
    const { expression, dialect, timeZone } = this;
    return { expression, dialect, timeZone };
  }
}, 'Cron', ['nextRun', 'nextRuns', 'previousRun', 'matches']);

const registry = /* @__PURE__ */ new FinalizationRegistry(({ number, born }) => {
  if (born === epoch && isReady(schedulePart)) cronClose(number);
});
