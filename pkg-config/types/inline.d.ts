import type { CallOptions, WorkerJob, WorkerPool, WorkerPoolOptions } from './pool.js';
import type { Task } from './tasks.js';
import type { JobContext } from './worker.js';

export interface InlineCallOptions extends CallOptions {
  /** Gives the function a {@link JobContext} before its arguments. */
  context?: boolean;
}

/** A {@link WorkerPool} whose calls are functions of the page. */
export interface InlineWorkerPool extends Omit<WorkerPool, 'run' | 'api' | 'job'> {
  /**
   * Runs a function in a worker. It is sent as its source text, so it must be self-contained: it sees its arguments and the worker's globals, nothing of the page's
   * scope; it may `import()`. Throws `invalid-argument` for a bound or built-in function, which has no source text.
   */
  run<A extends unknown[], R, P = unknown>(
    fn: (context: JobContext<P>, ...args: A) => R, args: A, options: InlineCallOptions & { context: true },
  ): Task<Awaited<R>, P>;
  run<A extends unknown[], R>(fn: (...args: A) => R, args?: A, options?: InlineCallOptions & { context?: false }): Task<Awaited<R>>;
  /** The function as one that runs in a worker; also for `runInExecutor(…, { executor: 'worker' })`. */
  job<A extends unknown[], R>(fn: (...args: A) => R, options?: CallOptions): WorkerJob<A, Awaited<R>>;
}

/**
 * A pool without a worker file. It makes its workers, and compiles the functions in them, from `blob:` URLs: the page's Content-Security-Policy must allow them, by
 * `worker-src blob:` and `script-src blob:`. Where it does not, calls fail with `worker-load-failed`; use a {@link WorkerPool} with a file of its own there.
 *
 * @example
 * ```ts
 * import { inlineWorkerPool } from 'taskloom/inline';
 * const pool = inlineWorkerPool();
 * const total = await pool.run((values: number[]) => values.reduce((a, b) => a + b, 0), [[1, 2, 3]]);
 * ```
 */
export function inlineWorkerPool(options?: WorkerPoolOptions): InlineWorkerPool;
