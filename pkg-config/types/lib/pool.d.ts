import type { Duration } from './base.js';
import type { Task, TaskOptions } from './tasks.js';
import type { Job } from '../worker.js';

/** The functions that a worker exposes, by name: `typeof jobs` of the worker's file. */
export type JobMap = Record<string, (...args: any[]) => unknown>;
/** The names of the jobs. */
export type JobName<Jobs> = Extract<keyof Jobs, string>;
/** The names of the jobs that can be called without arguments. */
export type JobNameAlone<Jobs> = { [N in JobName<Jobs>]: [] extends JobArguments<Jobs[N]> ? N : never }[JobName<Jobs>];
/** The arguments of a job, without its context. */
export type JobArguments<J> = J extends (...args: infer A) => unknown ? A : never;
/** What the task of a job's call resolves to: for a generator, what it returns. */
export type JobResult<J> = J extends (...args: any[]) => infer R
  ? R extends AsyncGenerator<any, infer T, any> | Generator<any, infer T, any> ? Awaited<T> : Awaited<R>
  : never;
/** The progress values of a job: for a generator, what it yields. */
export type JobProgress<J> = J extends (...args: any[]) => AsyncGenerator<infer P, any, any> | Generator<infer P, any, any>
  ? P
  : J extends Job<any[], any, infer P> ? P : unknown;

export interface WorkerPoolOptions {
  /** Workers at most: a whole number from 1 to 1,024, or `'auto'` for one less than the processor's cores, at least 1; `'auto'` if not given. */
  size?: number | 'auto' | undefined;
  /** Workers that are started at once and never end for being idle; 0 if not given. */
  minWorkers?: number | undefined;
  /** After this time without work a worker ends; `'30s'` if not given, Infinity for never. */
  idleTimeout?: Duration | undefined;
  /**
   * How long a worker may take from its making until it calls `expose()`; `'30s'` if not given. Then the calls that wait fail with `worker-load-failed`, unless
   * another worker is ready; a later call has a new worker started. A file that has not called `expose()` after 2 s is named by one `console.warn`.
   */
  startTimeout?: Duration | undefined;
  /**
   * How long a job may go on after it was cancelled or has run out of time; then its worker is terminated, what waited behind it goes to another worker, and a new one
   * is started when it is needed. 100 ms if not given.
   */
  cancelGrace?: Duration | undefined;
  /** How many calls may wait beyond those that a worker takes at once; one more fails with `queue-full`. Infinity if not given. */
  maxQueue?: number | undefined;
  /** How many finished calls iteration still finds; 256 if not given. */
  maxCompleted?: number | undefined;
  /** The workers' name, for the developer tools, where the pool makes them from a URL. */
  name?: string | undefined;
}

export interface CallOptions extends TaskOptions {
  /**
   * Objects in the arguments that are moved to the worker instead of copied. They are gone from the page when the call
   * is made, even if it is cancelled before it starts. A call that is refused at once (`queue-full`, a signal that has
   * aborted) moves nothing. A call that moves something can't be made again once it was sent: `retry` is of no
   * effect from then on, and the call fails with the error of its first attempt.
   */
  transfer?: Transferable[] | undefined;
}

/** What one worker is doing. */
export interface WorkerStats {
  /** The one that `createWorker` was given. That of a worker that has ended is given to a later one. */
  id: number;
  /**
   * `ending`: it has nothing to do and cleans up, see `expose` of `taskloom/worker`. `stuck`: it has not answered for more than a second when it was asked for a sign of life: a job
   * holds its thread.
   */
  state: 'starting' | 'idle' | 'busy' | 'stuck' | 'ending';
  /** The job that it is at, or null. */
  job: string | null;
  /** For how many milliseconds it has been at its present call, or null. */
  busyFor: number | null;
  /** Calls that it was sent and has not answered. */
  open: number;
  /** Calls that it has answered. */
  answered: number;
}

export interface PoolStats {
  size: number;
  workers: WorkerStats[];
  /** Calls that wait for a worker. */
  waiting: number;
  /** Calls that a worker has: it was sent them and has not answered. Not those that wait for their next attempt. */
  running: number;
  /** Workers started so far. */
  started: number;
  /** Calls that failed because a worker ended or could not be started. */
  lost: number;
  /** Whether calls fail at once: no worker is ready, and none is started any more, since they fail or end again and again. `warm()` tries again. */
  broken: boolean;
}

/** A pool at one moment. The members mean what they mean in {@link PoolStats}. */
export interface PoolSnapshot extends Readonly<Omit<PoolStats, 'workers'>> {
  /** How many workers there are. */
  readonly workers: number;
  readonly isPaused: boolean;
}

/**
 * Runs jobs in workers, as tasks: progress, cancel, retry, timeout, priority, as with {@link run}. Workers start on demand. Nothing is sent twice and nothing hangs:
 * a call whose worker dies fails with `worker-lost` if it may have been started, and goes to another worker if not.
 *
 * A worker runs one call at a time, also if the job is async. What the worker's module keeps, such as a loaded model, is that worker's own, and goes when it ends, after `idleTimeout`
 * say; workers of `minWorkers` and `warm()` don't end for being idle.
 *
 * A `timeout` counts from when the worker starts the call, `queueTimeout` from the submit. A `priority` is the class in the pool's line.
 *
 * Errors of a call, by `code`: `worker-lost`; `worker-load-failed` (the file can't be loaded, throws, or is not ready within `startTimeout`; or `createWorker` gives no worker);
 * `worker-version-mismatch`; `unknown-job`; `not-serializable`; `queue-full`. A call of a pool that was disposed, or closes, throws `disposed`; calls that are open when it is
 * disposed are cancelled with an `AbortError`. After three failed starts in a row, or ten workers in a row that ended
 * without an answer, a pool that has no other worker starts none any more: all calls fail at once until {@link WorkerPool.warm}. One that has goes on with
 * it, and starts others after growing waits.
 *
 * What the job has thrown arrives with its class (if it is one of the platform's), name, message, `code`, cause, own
 * properties that can be cloned, and both sides' stacks. `dropped` lists the names of the properties that can't be
 * cloned, if there are any. A thrown object that is no Error arrives as a copy. One that can't be cloned arrives as an
 * Error with its `message`, the properties that can be cloned, and, if it has no `code` of its own, the code
 * `not-serializable`.
 *
 * Arguments, results, progress values and the properties of errors cross as structured clones. These lose the
 * prototypes and methods of classes, getters (their values cross), symbols as keys, and, of an Error that stands in a
 * value, its own properties and its class. WebKit (Safari) also loses the identity of a Date, RegExp or Error that
 * stands in a value twice, and turns the `cause` of an Error that stands in a value into text. An Error that a job
 * throws keeps its cause and its properties in every browser.
 *
 * Throws `invalid-argument` for a bad option, and `not-supported` where there is no `Worker`, as in Node. It can be made before `init()`, at the
 * top of a module: calls start `init()` and wait for it, `warm()`, `onIdle()` and `close()` too; what answers at once, such as `stats()`, throws
 * `not-initialized`. What only core can judge (numbers, durations) and a missing `Worker` are then told by the calls, with the same codes.
 *
 * @example
 * ```ts
 * import type { Jobs } from './jobs.js';
 *
 * const pool = new WorkerPool<Jobs>(() => new Worker(new URL('./jobs.js', import.meta.url), { type: 'module' }));
 * const task = pool.run('render', [scene], { timeout: '30s' });
 * const sum = await pool.api.add(1, 2);
 * ```
 */
export class WorkerPool<Jobs = JobMap> implements Iterable<Task>, Disposable {
  /**
   * `createWorker` makes one worker: bundlers know `new Worker(new URL('./jobs.js', import.meta.url), { type: 'module' })` when they see it. Without a bundler the
   * URL of the worker's file does, also one that a Trusted Types policy has made. The function is given the `id` that the worker has in {@link WorkerPool.stats}.
   */
  constructor(createWorker: ((worker: { readonly id: number }) => Worker) | string | URL | TrustedWorkerURL, options?: WorkerPoolOptions);
  /**
   * Calls a job. Nothing is sent before the next microtask: what is called together goes to a worker as one message.
   *
   * The arguments are read when the call is made. What the page does to them afterwards changes nothing, and calls
   * that are given the same object each get a copy of their own, as if each call were posted by itself at that moment.
   * Primitives cost nothing. Small plain data (objects, arrays and Dates, up to 500 values) is copied, in less than a
   * microsecond for a few values. Anything else is cloned by `structuredClone`, and again when it is posted, in a
   * message of its own: list large buffers in `transfer`. A Proxy of small plain data is read through; any other is
   * refused, as the platform does.
   *
   * A call holds its copy until it is done, for a retry or another worker: 10,000 calls that wait with 1 kB each are
   * 10 MB. `maxQueue` and {@link WorkerPool.onWaitingBelow} bound that.
   *
   * Calls of a job that is known to be short are sent ahead, and wait in the worker. One that is cancelled there is `cancelled` at once, and its result is dropped.
   * In a cross-origin isolated page its function never runs then. In others the worker may start it before it can read of the cancel: for up to 5 ms of work it
   * goes from one short call to the next. Calls that a worker gives back, after a cancel or for an idle worker, keep their order.
   */
  run<N extends JobNameAlone<Jobs>>(name: N, args?: JobArguments<Jobs[N]>, options?: CallOptions): Task<JobResult<Jobs[N]>, JobProgress<Jobs[N]>>;
  run<N extends JobName<Jobs>>(name: N, args: JobArguments<Jobs[N]>, options?: CallOptions): Task<JobResult<Jobs[N]>, JobProgress<Jobs[N]>>;
  /** The jobs as functions. What is to be moved instead of copied is marked with {@link transfer}. */
  readonly api: { readonly [N in JobName<Jobs>]: (...args: JobArguments<Jobs[N]>) => Task<JobResult<Jobs[N]>, JobProgress<Jobs[N]>> };
  /** A job as a function, with options for its calls; also for `runInExecutor(…, { executor: 'worker' })`. */
  job<N extends JobName<Jobs>>(
    name: N, options?: CallOptions,
  ): WorkerJob<JobArguments<Jobs[N]>, JobResult<Jobs[N]>, JobProgress<Jobs[N]>>;
  /**
   * Starts workers ahead of their first calls, `size` of them if not given, and resolves when they are ready. They don't end for being idle. Rejects with
   * what keeps them from starting. After repeated failures it makes the pool try again.
   */
  warm(workers?: number): Promise<void>;
  /** What the workers are doing now. */
  stats(): PoolStats;
  /** What the pool is now, frozen. It is the same object until something in it changes. */
  snapshot(): PoolSnapshot;
  /** The same, for logs. */
  toJSON(): PoolSnapshot;
  readonly size: number;
  /** Calls that wait for a worker. */
  readonly waiting: number;
  /** Calls that a worker has: it was sent them and has not answered. Not those that wait for their next attempt. */
  readonly running: number;
  /** Sends nothing new; what the workers have goes on. */
  pause(): void;
  resume(): void;
  readonly isPaused: boolean;
  /** Cancels all calls that are not done; says how many. */
  cancelAll(reason?: unknown): number;
  /** Cancels all calls that have not started; says how many. What the workers run goes on. */
  cancelWaiting(reason?: unknown): number;
  /** Resolves when no call waits or runs, cancelled ones that have not ended included. */
  onIdle(): Promise<void>;
  /** Resolves when fewer than `limit` calls wait: to feed a long list piece by piece. */
  onWaitingBelow(limit: number): Promise<void>;
  /** The finished calls that it keeps, oldest first, then those that wait or run. */
  [Symbol.iterator](): IterableIterator<Task>;
  /**
   * Ends the pool gracefully. What runs and what waits is finished, retries included, also in a pool that is paused; new calls throw `disposed`. Then the workers
   * clean up and end, and it resolves. After `timeout` (Infinity if not given) what is left is cancelled and the workers are terminated, as by {@link dispose},
   * which may be called at any time. A second call changes nothing: it gives the promise of the first. Rejects only for bad options, with `invalid-argument`.
   */
  close(options?: { timeout?: Duration | undefined }): Promise<void>;
  /** Cancels what is not done, with an `AbortError`, and ends the workers at once; later calls throw `disposed`. */
  dispose(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/** What a Trusted Types policy makes of a URL: `TrustedScriptURL`, which not every TypeScript version knows. */
export interface TrustedWorkerURL {
  toJSON(): string;
  toString(): string;
}

/** A job of a pool as a function; see {@link WorkerPool.job}. */
export type WorkerJob<A extends unknown[], R, P = unknown> = (...args: A) => Task<R, P>;

/**
 * Returns the value, and has these objects moved instead of copied when it is an argument of a call of a job: `pool.api.render(transfer(scene, [scene.buffer]))`.
 */
export function transfer<T extends object>(value: T, list: Transferable[]): T;

/**
 * Makes a function that a job may call while its call is open: `pool.run('index', [files, callback(showName)])`. It must be an argument by itself, not inside
 * another one. In the job it is an async function: `await report(x)` gives what the page's function returns, or throws what that throws; arguments and results are
 * structured clones. Calls arrive in order. Several may be given to one call, and one to several calls; each attempt of a call may call it.
 *
 * It is released when the call settles or is cancelled, or its attempt is out of time: a job's function that is called later, or still waits then, rejects with
 * `callback-released`. Called on the page, it calls the page's function. Throws `invalid-argument` for what is no function.
 *
 * @example
 * ```ts
 * // jobs.ts: expose({ index: async (files: File[], ask: (name: string) => Promise<boolean>) => { if (await ask(files[0].name)) … } });
 * await pool.run('index', [files, callback((name: string) => confirm(`Index ${name}?`))]);
 * ```
 */
export function callback<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => Promise<Awaited<R>>;
