// Warnings of the build for development (the condition `development`). In the other builds `DEV` is false, and nothing of this file is there: each use of it
// is one line that begins with `if (DEV)`.

import { called, isError, show } from './errors.js';
import { quietTimeout } from './host.js';

declare global {
  /** Whether this is the build for development. The build puts true or false in its place. */
  const DEV: boolean;
}

// ---- names of options ----------------------------------------------------------------------------------------------

/** The names of all options, by what takes them. tests/scripts/options.test.mjs holds them to the declarations. */
export const OPTIONS = /* @__PURE__ */ (() => {
  const TASK = ['name', 'signal', 'timeout', 'queueTimeout', 'priority', 'retry', 'progressBuffer', 'key', 'deduplicate'];
  const CALL = [...TASK, 'transfer'];
  const RUN = ['name', 'retry', 'timeout', 'queueTimeout', 'priority', 'progressBuffer'];
  const SLOT = ['factory', 'type', 'expiresIn', 'version', 'migrate', 'merge', 'durable'];
  const STORE = ['namespace', 'storage', 'expiresIn', 'version', 'migrate', 'durable', 'enforceSerializable', 'onError', 'onFork'];
  const CACHE = [
    'name', 'ttl', 'keepIf', 'ttlJitter', 'maxEntries', 'maxBytes', 'sizeOf', 'hashFuncs', 'ignore', 'key', 'refresh', 'refreshEvery',
    'refreshConcurrency', 'staleIfError', 'maxStale', 'errorTtl', 'onEvict', 'onRelease',
  ];
  const ONCE = ['args', 'jobId', 'replaceExisting', 'latestTaskName', 'manager', 'missed', 'grace', 'jitter', 'signal', 'scope', 'lease', 'onError'];
  const SCHEDULE = [...RUN, ...ONCE, 'overlap', 'maxQueue', 'immediately', 'startAt', 'endAt', 'maxRuns'];
  const CRON = ['timeZone', 'dialect'];
  const WRITE = ['ifVersion', 'token', 'signal'];
  return {
    'init()': ['module', 'restart', 'trace'],
    'run()': [...TASK, 'manager'],
    'submit()': TASK,
    'new TaskManager()': ['concurrency', 'maxQueue', 'maxCompleted', 'rateLimit', 'cancelGrace', 'timeout'],
    'rateLimit': ['limit', 'per'],
    'new RetryPolicy()': [
      'maxAttempts', 'baseDelay', 'maxDelay', 'multiplier', 'jitter', 'maxElapsed', 'attemptTimeout', 'retryOn', 'retryIf', 'delayFrom', 'onRetry',
    ],
    'gather()': ['returnErrors'],
    'new WorkerPool()': ['size', 'minWorkers', 'idleTimeout', 'startTimeout', 'cancelGrace', 'maxQueue', 'maxCompleted', 'name'],
    'pool.run()': CALL,
    'run() of an inline pool': [...CALL, 'context'],
    'pool.close()': ['timeout'],
    'sessionStore()': STORE,
    'stateRef()': [...SLOT, 'namespace', 'storage', 'enforceSerializable', 'onError', 'onFork'],
    'store.set()': ['expiresIn', 'durable'],
    'store.ref()': SLOT,
    'sessionTasks()': ['remember', 'storage'],
    'runInExecutor()': [...CALL, 'executor', 'manager', 'context', 'cache'],
    'cacheData()': [...CACHE, 'copy', 'persist', 'version', 'scope'],
    'cacheResource()': [...CACHE, 'validate'],
    'with()': ['signal', 'onProgress', 'this'],
    'scheduleInterval()': [...SCHEDULE, 'every'],
    'scheduleCron()': [...SCHEDULE, ...CRON, 'cron'],
    'scheduleOnce()': [...RUN, ...ONCE, 'at'],
    'new Cron()': CRON,
    'shutdown()': ['cancelRunning'],
    'sharedState()': ['durable', 'lease', 'onError', 'onReset'],
    'shared.set()': WRITE,
    'shared.delete()': WRITE,
    'shared.update()': ['signal'],
    'shared.touch()': ['signal'],
    'shared.clear()': ['signal'],
    'shared.lock()': ['signal', 'lease', 'ifAvailable'],
  };
})();

const warned = /* @__PURE__ */ new Set<string>();
/** Options that were looked at: `run()` hands its own on to `submit()`, which knows fewer names. */
const checked = /* @__PURE__ */ new WeakSet<object>();

/**
 * Warns of options that nobody reads, once for each name. Reads no value, and looks at plain objects only: the fields of a class's instance are its own
 * affair. Called within the call that has the options, so that the stack of the warning leads to it.
 */
export function checkNames(where: keyof typeof OPTIONS, options: unknown): void {
  if (typeof options !== 'object' || options === null) return;
  try {
    if (checked.has(options) || !isPlain(options)) return;
    checked.add(options);
    const known: readonly string[] = OPTIONS[where];
    for (const name of Reflect.ownKeys(options)) {
      if (typeof name !== 'string' || known.includes(name) || warned.has(name)) continue;
      warned.add(name);
      const meant = nearest(name, known);
      console.warn(`taskloom: ${where} ignores the option '${name}'; ${meant ? `did you mean '${meant}'?` : `it knows ${known.join(', ')}`}`);
    }
  } catch {
    // A proxy that does not like to be asked.
  }
}

/** Also of a frame, whose Object.prototype is another one. */
function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'));
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known.map(each => ({ each, distance: distanceOf(name.toLowerCase(), each.toLowerCase()) })).sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(1, Math.min(name.length, best.each.length) / 4) ? best.each : undefined;
}

/** How many letters more, less or other, or neighbours that have changed places, tell two names apart. */
function distanceOf(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j]!, before[j - 2]! + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

// ---- failed tasks --------------------------------------------------------------------------------------------------

/** A task that fails has this long, in ms, and at most twice as long, to be looked at. There is at most one warning in this time. */
const PATIENCE = 3000;
/** So many of the failed tasks of one warning are named. */
const NAMED = 5;

interface Task {
  readonly name: string;
}

/** What is known of a task. It does not hold the task. */
interface Note {
  /** Whether somebody waits for it or listens to it, or has seen its outcome. */
  isSeen: boolean;
  /** Where it was submitted. */
  site: Error | undefined;
}

interface Failure {
  note: Note;
  name: string;
  error: unknown;
}

const notes = /* @__PURE__ */ new WeakMap<object, Note>();
/** Those that have failed since the timer was last due, and those from before. */
let recent: Failure[] = [];
let older: Failure[] = [];
let isTimed = false;
let isAside = false;

/** A task is made: where, is of interest if it fails. */
export function noteSite(task: object): void {
  notes.set(task, { isSeen: false, site: new Error('it was submitted here') });
}

/** Somebody looks at a task: waits for it, listens to it, or reads how it has ended. */
export function look(task: object): void {
  const note = notes.get(task);
  if (note && !isAside) note.isSeen = true;
}

/** What reads tasks for the library's own ends is nobody's look. */
export function aside<T>(read: () => T): T {
  isAside = true;
  try {
    return read();
  } finally {
    isAside = false;
  }
}

/** A task is over. Warns if it has failed, and nobody has looked at it a while later. */
export function noteEnd(task: Task, hasFailed: boolean, error: unknown): void {
  const note = notes.get(task);
  if (!note) return;
  if (!hasFailed || note.isSeen) {
    note.site = undefined;
    return;
  }
  for (const each of [note.site, error]) settle(each);
  recent.push({ note, name: task.name, error });
  if (!isTimed) quietTimeout(onTimer, PATIENCE);
  isTimed = true;
}

/** Until the stack of an error is read, V8 keeps what its functions were called on: the task is one of these. */
function settle(error: unknown): void {
  try {
    if (isError(error)) void (error as Error).stack;
  } catch {
    // A hook of the app's that formats stacks.
  }
}

/** One timer for all, which keeps the failures, not the tasks. */
function onTimer(): void {
  const unseen = older.filter(({ note }) => !note.isSeen);
  older = recent.filter(({ note }) => !note.isSeen);
  recent = [];
  isTimed = older.length > 0;
  if (isTimed) quietTimeout(onTimer, PATIENCE);
  if (unseen.length > 0) warnOf(unseen);
}

function warnOf(failures: readonly Failure[]): void {
  const [{ name, error, note: { site } }] = failures as [Failure];
  const what = failures.length === 1
    ? `${called({ name }, 't')} has failed, and nobody has looked at it`
    : `${failures.length} tasks have failed, and nobody has looked at them (${namesOf(failures)}); the first is ${called({ name }, 't')}`;
  const message = `taskloom: ${what}. Await it, subscribe to it or read its error; \`.catch(() => {})\` says that it may fail. Its error:`;
  const more = site ? [trimmed(site)] : [];
  try {
    console.warn(message, error, ...more);
  } catch {
    console.warn(message, show(error), ...more); // an error that can't be shown as it is
  }
}

/** The names with how often they come, the most frequent first. */
function namesOf(failures: readonly Failure[]): string {
  const counts = new Map<string, number>();
  for (const { name } of failures) counts.set(name, (counts.get(name) ?? 0) + 1);
  const all = [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${count} × ${name ? `'${name}'` : 'without a name'}`);
  return all.length > NAMED ? `${all.slice(0, NAMED).join(', ')} and others` : all.join(', ');
}

/** The place without our own part of the stack, where that can be told from the app's. */
function trimmed(site: Error): Error {
  const lines = site.stack?.split('\n') ?? [];
  const own = /([a-z][a-z+.-]*:\/\/\S*?)base\/development\.js\b/.exec(lines.find(line => line.includes('base/development.js')) ?? '')?.[1];
  const isOurs = own ? (line: string) => line.includes(own) : (line: string) => /\/(\.vite\/deps|node_modules)\//.test(line);
  const first = lines.findIndex(line => /:\d+:\d+\)?$/.test(line) && !isOurs(line));
  const start = lines.findIndex(line => /:\d+:\d+\)?$/.test(line)); // Chromium has the message before
  if (first > start && start >= 0) site.stack = [...lines.slice(0, start), ...lines.slice(first)].join('\n');
  return site;
}
