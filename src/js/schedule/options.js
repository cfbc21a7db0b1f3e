// Options of schedules as callers write them. Core checks the numbers.

import { invalid } from '../base/errors.js';
import { TaskManager, defaultManager } from '../tasks/manager.js';
import { LONGEST, checkBoolean, checkObject, duration, isSignal, limit, optionalFunction } from '../base/options.js';
import { readOptions } from '../tasks/options.js';
import { RetryPolicy } from '../tasks/retry.js';
import { Task } from '../tasks/task.js';
import { newId } from '../base/uuid.js';
import { Cron, readTime } from './cron.js';

/** In the order in which core has them. */
const MISSED = ['skip', 'once', 'all'];
const OVERLAP = ['skip', 'queue', 'cancel-previous'];
const SCOPES = ['tab', 'origin'];
/** Browsers hold back the timers of a hidden page for up to a minute. */
const GRACE = 90_000;
const LEASE = 15_000;
const MAX_QUEUE = 1000;

const indexOf = (name, value, allowed) => {
  const index = allowed.indexOf(value);
  if (index < 0) throw invalid(name, value, allowed.map(each => `'${each}'`).join(' or '));
  return index;
};

const number = (name, value) => {
  if (typeof value !== 'number' || Number.isNaN(value)) throw invalid(name, value, 'a whole number of at least 1');
  return value;
};

const text = (name, value) => {
  if (typeof value !== 'string' || value === '') throw invalid(name, value, 'a string that is not empty');
  return value;
};

const timeOr = (name, value) => (value === undefined ? NaN : readTime(name, value));

const OPTIONS = [
  'at', 'every', 'cron', 'timeZone', 'dialect', 'args', 'jobId', 'replaceExisting', 'latestTaskName', 'manager', 'overlap', 'missed', 'grace', 'maxQueue', 'jitter',
  'immediately', 'startAt', 'endAt', 'maxRuns', 'signal', 'scope', 'lease', 'onError', 'name', 'retry', 'timeout', 'queueTimeout', 'priority', 'progressBuffer',
];

/** Each is read once: a getter may answer differently the next time. Null is as good as not given. */
export function pick(options) {
  checkObject('options', options);
  const read = {};
  for (const name of OPTIONS) {
    const value = options[name];
    if (value !== undefined && value !== null) read[name] = value;
  }
  return read;
}

/** What a job that runs once can't have. */
const ONCE = { overlap: 'queue', maxQueue: undefined, immediately: undefined, startAt: undefined, endAt: undefined, maxRuns: 1 };

/** `kind` is 'interval', 'cron' or 'once'. Before there is an engine core has not checked the numbers, and durations are to be read again. */
export function readSchedule(kind, fn, given) {
  if (typeof fn !== 'function') throw invalid('the function', fn, 'a function');
  const read = { ...given, ...kind === 'once' && ONCE };
  const {
    args = [], replaceExisting = true, manager = defaultManager, overlap = 'skip', missed = 'once', grace = GRACE, maxQueue = MAX_QUEUE, jitter = 0,
    immediately = false, startAt, endAt, maxRuns = Infinity, signal, scope = 'tab', lease = LEASE, onError, retry,
  } = read;
  const isInOrigin = indexOf('scope', scope, SCOPES) === 1;
  if (isInOrigin && read.jobId === undefined) throw invalid('jobId', read.jobId, "given with scope 'origin', since tabs know the job by it");
  const jobId = read.jobId === undefined ? newId() : text('jobId', read.jobId);
  const latestTaskName = text('latestTaskName', read.latestTaskName ?? jobId);
  if (!Array.isArray(args)) throw invalid('args', args, 'an array of what the function is called with');
  if (!(manager instanceof TaskManager) || !manager._options) throw invalid('manager', manager, 'a TaskManager');
  if (signal !== undefined && !isSignal(signal)) throw invalid('signal', signal, 'an AbortSignal');
  checkBoolean('replaceExisting', replaceExisting);
  checkBoolean('immediately', immediately);
  const rhythm = RHYTHMS[kind](read);
  const start = kind === 'once' ? readTime('at', read.at) : timeOr('startAt', startAt);
  const end = timeOr('endAt', endAt === Infinity ? undefined : endAt);
  if (end < start) throw invalid('endAt', endAt, 'a time after startAt');
  return {
    fn, args: [...args], jobId, latestTaskName, replaceExisting, manager, immediately, isInOrigin, signal, ...rhythm, start, end,
    missed: indexOf('missed', missed, MISSED), overlap: indexOf('overlap', overlap, OVERLAP), grace: limit('grace', grace, NaN, LONGEST), jitter: duration('jitter', jitter),
    maxQueue: number('maxQueue', maxQueue), maxRuns: number('maxRuns', maxRuns), lease: Math.max(duration('lease', lease), 1), onError: optionalFunction('onError', onError),
    task: readTaskOptions(fn, manager, { ...read, retry: retry && !(retry instanceof RetryPolicy) ? new RetryPolicy(retry) : retry }, jobId),
  };
}

const RHYTHMS = {
  interval({ every }) {
    const millis = duration('every', every);
    if (Number.isNaN(millis)) throw invalid('every', every, "a duration such as '30s'");
    return { every: millis, cron: undefined };
  },
  cron: readCron,
  /** For core: it never comes again. */
  once: () => ({ every: Infinity, cron: undefined }),
};

function readCron({ cron, timeZone, dialect }) {
  if (!(cron instanceof Cron)) return { every: NaN, cron: new Cron(cron, { timeZone, dialect }) };
  for (const [name, value] of Object.entries({ timeZone, dialect })) {
    if (value !== undefined) throw invalid(name, value, 'left out, since cron is a Cron with its own');
  }
  return { every: NaN, cron };
}

/** Those of the tasks: what is wrong with them is to be told now, and not at each run. */
function readTaskOptions(fn, manager, { name, retry, timeout, queueTimeout, priority, progressBuffer }, jobId) {
  const options = { name: name ?? (fn.name || jobId), retry, timeout, queueTimeout, priority, progressBuffer };
  readOptions(new Task(fn, manager), options);
  return options;
}

/** What two jobs have in common of which one keeps the other's beat. */
export const rhythmOf = ({ isInOrigin, every, cron, start }) =>
  JSON.stringify([isInOrigin, every, cron && [cron.expression, cron.dialect, cron._zone], start]);
