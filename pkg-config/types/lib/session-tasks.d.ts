/// <reference lib="esnext.disposable" />

import type { Task } from './tasks.js';

/** Where `sessionTasks` keeps what it remembers. A record is plain data, but for the result in `value`. */
export interface TaskStorage {
  get(key: string): TaskRecord | undefined;
  set(key: string, record: TaskRecord): void;
  delete(key: string): void;
}
export interface TaskRecord {
  state: number;
  value?: unknown;
}

/** Tasks by name. */
export interface SessionTasks extends Iterable<[string, Task]> {
  readonly bucket: string;
  has(name: string): boolean;
  get<T = unknown, P = unknown>(name: string): Task<T, P> | undefined;
  /** Puts a task under a name; one that was there goes on by itself. */
  set(name: string, task: Task<any, any>): this;
  /** Forgets the name, and what is remembered of it; the task goes on by itself. Says whether it was there. */
  delete(name: string): boolean;
  /** The task of this name, whatever its state; without one, the one that `start` returns, which takes the name. */
  getOrRun<T, P = unknown>(name: string, start: () => Task<T, P>): Task<T, P>;
}

/**
 * The named tasks of a bucket, the same for every caller: for page scripts that run again and again.
 *
 * With `remember: true` a result is kept in `storage` (this tab's session if not given: `not-initialized` before `init()`) and found again after a reload; a task that
 * was running when its page went away is then found as `error` with the code `interrupted`. Failed and cancelled tasks are not remembered.
 *
 * @example
 * ```ts
 * const task = sessionTasks().getOrRun('load', () => run(loadRows));
 * show(task.done ? task.result : 'loading…');
 * ```
 */
export function sessionTasks(bucket?: string, options?: { remember?: boolean | undefined; storage?: TaskStorage | undefined }): SessionTasks;
