/// <reference lib="esnext.disposable" />

/** Where the WebAssembly module comes from: compiled, its address, a response, its bytes, or a promise of one. */
export type ModuleSource =
  | WebAssembly.Module | URL | string | Request | Response | ArrayBuffer | ArrayBufferView
  | Promise<WebAssembly.Module | URL | string | Request | Response | ArrayBuffer | ArrayBufferView>;

export interface InitOptions {
  /** The WebAssembly module, if it is not to be loaded from beside the package's own file. */
  module?: ModuleSource | undefined;
  /**
   * After an internal error (code `panic`): start a fresh instance. Tasks of the old one stay failed; managers go on,
   * empty. Without such an error it changes nothing.
   */
  restart?: boolean | undefined;
  /**
   * Whether each task leaves a `performance.measure` entry, which the performance panel of Chromium's DevTools shows in a track of its own,
   * "taskloom". Off if not given; may be changed by a later `init`. The entries stay in the performance timeline until
   * `performance.clearMeasures()`.
   */
  trace?: boolean | undefined;
}

/** The codes of {@link TaskloomError}. More may come with a minor version. */
export type ErrorCode =
  /** A value is of the wrong kind or out of its range; the message names it. */
  | 'invalid-argument'
  /** What answers at once was called before `init()` was done, or before what it belongs to was there. */
  | 'not-initialized'
  /** `result` was read before the task was done. */
  | 'not-complete'
  /** The WebAssembly module could not be fetched or compiled; the message says what came instead, and from where. Tasks fail with it too. */
  | 'load-failed'
  /** The WebAssembly module is of another build than the JavaScript that loads it: one of the two is a stale copy. */
  | 'build-mismatch'
  /** The host lacks what the call needs, such as workers in Node; the message names it. */
  | 'not-supported'
  /** As many tasks wait as the manager's `maxQueue` allows. */
  | 'queue-full'
  /** A task has asked not to be tried again. */
  | 'non-retryable'
  /** A remembered task was running when its page went away. */
  | 'interrupted'
  /** The manager, pool or cache that was called had been disposed, the pool closes, or the job has ended. */
  | 'disposed'
  /** In a worker: a job has called a function that it was given, see `callback`, and its call has settled. */
  | 'callback-released'
  /** A worker ended before it answered a call. */
  | 'worker-lost'
  /** A worker could not be started; the message says what the browser tells. */
  | 'worker-load-failed'
  /** A worker's file and the page's come from different versions of the library. */
  | 'worker-version-mismatch'
  /** The worker exposes no job of this name. */
  | 'unknown-job'
  /** A value can't be sent between a page and a worker: a function, say, or a task; the message says where in it. */
  | 'not-serializable'
  /** A slot of state without a value was read. */
  | 'uninitialized'
  /** The storage is full. */
  | 'quota-exceeded'
  /** The browser forbids storage, or it does not answer. */
  | 'storage-blocked'
  /** What is stored is damaged, or none of the library's. */
  | 'corrupt'
  /** What is stored is of another version of the app. */
  | 'version-mismatch'
  /** What is stored could not be brought to the app's version. */
  | 'migration-failed'
  /** An argument of a cached function can be no part of a key; the message says where in it. */
  | 'unhashable-param'
  /** A cached function has called itself with the same arguments, a task would wait for itself, or what runs under a lock has asked for that lock. */
  | 'recursive-call'
  /** The value in shared state has another version than `ifVersion` says. */
  | 'conflict'
  /** The lock of a key in shared state is no longer held: the tab was silent for longer than the lease, or has given the lock back. */
  | 'lease-lost'
  /** The lock was asked for with `ifAvailable`, and is held. */
  | 'lock-unavailable'
  /** Nobody can tell whether a write to shared state has happened. */
  | 'outcome-unknown'
  /** A listener has changed what it listens to, 100 times in a row when it was told of the change before. */
  | 'listener-loop'
  /** There is a scheduled job of this id already. */
  | 'job-exists'
  /** The library has stopped after an internal error; `init({ restart: true })` goes on. */
  | 'panic';

/** An error of the library's own. `code` is the contract; the message may change. */
export class TaskloomError extends Error {
  constructor(code: ErrorCode, message: string, options?: ErrorOptions);
  readonly code: ErrorCode;
  readonly name: 'TaskloomError';
}

/**
 * A span of time: a number of milliseconds, a string such as `'250ms'`, `'90s'`, `'1.5h'` or `'1h30m'` (units `ms s m h d w`,
 * the larger first, none twice), or a `Temporal.Duration` without months and years. From 0 to 8.64e15 ms; anything
 * else throws `invalid-argument`. Where it is a limit, such as a timeout, `Infinity` means that there is none.
 *
 * A fake clock of a test has to fake `performance` besides `setTimeout` and `Date`: timeouts and waits follow the monotonic clock.
 */
export type Duration = number | string | { total(options: { unit: 'milliseconds' }): number };
