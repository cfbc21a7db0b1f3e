/// <reference lib="esnext.disposable" />

import type { Task, TaskContext, TaskManager, TaskOptions } from './tasks.js';
import type { CacheDataOptions, CachedTasks } from './memo.js';
import type { CallOptions, WorkerJob } from './pool.js';

export interface ExecutorOptions<A extends unknown[]> extends Omit<TaskOptions, 'key'> {
  /** Where the function runs: on this thread, as a task that starts in a microtask; or in a worker, if it is a job of a pool. */
  executor?: 'microtask' | undefined;
  manager?: TaskManager | undefined;
  /** A key, or a function that makes it from the arguments, for `deduplicate`. */
  key?: string | ((...args: A) => string) | undefined;
}

/**
 * Keeps the results, as `cacheData` does, and shares executions among calls with the same arguments. Keys are made and values kept on the page, also for a job of a worker.
 * Each call has a task of its own, which is done at once if there is a value; cancelling one leaves the execution to the others, cancelling the last ends it.
 */
export interface CachedExecutorOptions<F extends (...args: any[]) => any> {
  cache: CacheDataOptions<F>;
}

/**
 * Turns a function into one that runs as a task: same arguments, same `this`, same `name` and `length`, and a `Task` as its result. With
 * `context: true` the function gets a {@link TaskContext} before its arguments. With `executor: 'worker'` it is a job of a pool, `pool.job('name')`, and runs there. Throws `invalid-argument` for an unknown executor; the task's
 * own options are checked by the first call.
 *
 * @example
 * ```ts
 * const load = runInExecutor(fetchRows, { retry: { maxAttempts: 3 }, timeout: '10s' });
 * const rows = await load('2026-01-01');
 * ```
 */
export function runInExecutor<A extends unknown[], R, S = unknown>(
  fn: (this: S, context: TaskContext<any>, ...args: A) => R, options: ExecutorOptions<A> & { context: true } & CachedExecutorOptions<(...args: A) => R>,
): CachedTasks<A, Awaited<R>, unknown>;
export function runInExecutor<A extends unknown[], R, P = unknown>(
  job: WorkerJob<A, R, P>, options: Omit<ExecutorOptions<A>, 'executor' | 'manager'> & Pick<CallOptions, 'transfer'> & { executor: 'worker' } & CachedExecutorOptions<(...args: A) => R>,
): CachedTasks<A, R, P>;
export function runInExecutor<A extends unknown[], R, S = unknown>(
  fn: (this: S, ...args: A) => R, options: ExecutorOptions<A> & { context?: false | undefined } & CachedExecutorOptions<(...args: A) => R>,
): CachedTasks<A, Awaited<R>, unknown>;
export function runInExecutor<A extends unknown[], R, S = unknown>(
  fn: (this: S, context: TaskContext<any>, ...args: A) => R, options: ExecutorOptions<A> & { context: true },
): (this: S, ...args: A) => Task<Awaited<R>>;
export function runInExecutor<A extends unknown[], R, P = unknown>(
  job: WorkerJob<A, R, P>, options: Omit<ExecutorOptions<A>, 'executor' | 'manager'> & Pick<CallOptions, 'transfer'> & { executor: 'worker' },
): (...args: A) => Task<R, P>;
export function runInExecutor<A extends unknown[], R, S = unknown>(
  fn: (this: S, ...args: A) => R, options?: ExecutorOptions<A> & { context?: false | undefined },
): (this: S, ...args: A) => Task<Awaited<R>>;
