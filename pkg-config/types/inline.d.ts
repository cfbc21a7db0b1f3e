import type { CallOptions, JobProgress, JobResult, WorkerJob, WorkerPool, WorkerPoolOptions } from './lib/pool.js';
import type { Task } from './lib/tasks.js';
import type { Job, JobContext } from './worker.js';

export interface InlineCallOptions extends CallOptions {
  /** Gives the function a {@link JobContext} before its arguments; false if not given. */
  context?: boolean | undefined;
}

/** A {@link WorkerPool} whose calls are functions of the page. */
export interface InlineWorkerPool extends Omit<WorkerPool, 'run' | 'api' | 'job'> {
  /**
   * Runs a function in a worker. It is sent as its source text, so it must be self-contained: it sees its arguments and the worker's globals, nothing of the page's
   * scope; it may `import()`. It is strict code, whatever it is on the page, and has no `this`. It may be a generator: see `expose` of `taskloom/worker`.
   *
   * Throws `invalid-argument` for a bound or built-in function, which has no source text. The call fails with `invalid-argument` if the text does not compile by itself:
   * a method that uses `super` or private names, for instance.
   */
  run<A extends unknown[], R, P = unknown>(
    fn: (context: JobContext<P>, ...args: A) => R, args: A, options: InlineCallOptions & { context: true },
  ): Task<JobResult<Job<A, R, P>>, JobProgress<Job<A, R, P>>>;
  run<A extends unknown[], R>(
    fn: (...args: A) => R, args: A, options?: InlineCallOptions & { context?: false | undefined },
  ): Task<JobResult<Job<A, R>>, JobProgress<Job<A, R>>>;
  run<R>(fn: () => R, args?: [], options?: InlineCallOptions & { context?: false | undefined }): Task<JobResult<Job<[], R>>, JobProgress<Job<[], R>>>;
  /** The function as one that runs in a worker, with options for its calls; also for `runInExecutor(…, { executor: 'worker' })`. */
  job<A extends unknown[], R, P = unknown>(
    fn: (context: JobContext<P>, ...args: A) => R, options: InlineCallOptions & { context: true },
  ): WorkerJob<A, JobResult<Job<A, R, P>>, JobProgress<Job<A, R, P>>>;
  job<A extends unknown[], R>(
    fn: (...args: A) => R, options?: InlineCallOptions & { context?: false | undefined },
  ): WorkerJob<A, JobResult<Job<A, R>>, JobProgress<Job<A, R>>>;
}

/**
 * A pool without a worker file. It makes its workers, and compiles the functions in them, from `blob:` URLs: the page's Content-Security-Policy must allow them, by
 * `worker-src blob:` and `script-src blob:`. Where it does not, calls fail with `worker-load-failed`; use a {@link WorkerPool} with a file of its own there.
 * The URLs are revoked, that of the workers by `dispose()`.
 *
 * @example
 * ```ts
 * import { inlineWorkerPool } from 'taskloom/inline';
 * const pool = inlineWorkerPool();
 * const total = await pool.run((values: number[]) => values.reduce((a, b) => a + b, 0), [[1, 2, 3]]);
 * ```
 */
export function inlineWorkerPool(options?: WorkerPoolOptions): InlineWorkerPool;
