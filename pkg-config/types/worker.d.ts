// `taskloom/worker`: what a worker file of a pool imports. It loads no WebAssembly and needs no `init()`.

/** What a job made with {@link job} is given before its arguments. Its members work when destructured. */
export interface JobContext<P = unknown> {
  /** Aborts when the call is cancelled or runs out of time, with the reason: as soon as the job gives its thread back, by an `await` for instance. */
  readonly signal: AbortSignal;
  /**
   * Whether the call was cancelled or has run out of time. In a cross-origin isolated page it is true at once even in a loop that never gives the
   * thread back, so that `while (!ctx.cancelled)` can end and the worker lives on; in others it is then only known after an `await`.
   */
  readonly cancelled: boolean;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  /**
   * Reports a value to the page, where it is one of the task's progress values, as it is now: the job may change the
   * object afterwards. `transfer` lists what is moved instead of copied. A burst of values is sent together, except
   * those that are not small plain data. What can't be cloned is reported as an uncaught error and not sent.
   */
  readonly progress: (value: P, transfer?: Transferable[]) => void;
  /**
   * Gives the worker's event loop a turn if the job has held it for more than 5 ms; a fraction of a microsecond otherwise. Messages (a cancel,
   * for instance), timers and fetches get their turn. Rejects with the reason once the call is cancelled.
   */
  readonly checkpoint: () => Promise<void>;
  /** Returns the value, and has these objects moved instead of copied when the job's result is sent: `return ctx.transfer(pixels, [pixels.buffer])`. */
  readonly transfer: <T>(value: T, transfer: Transferable[]) => T;
}

declare const progressOf: unique symbol;

/** A job whose context is dropped from its type: callers see only its own arguments. */
export type Job<A extends unknown[], R, P = unknown> = ((...args: A) => R) & { readonly [progressOf]?: P };

/**
 * Makes a function that gets a {@link JobContext} before its arguments into a job. `P`, the type of its progress values, comes from annotating the
 * context.
 *
 * @example
 * ```ts
 * const count = job(async (ctx: JobContext<number>, to: number) => {
 *   for (let i = 0; i < to && !ctx.cancelled; i++) ctx.progress(i);
 *   return to;
 * });
 * ```
 */
export function job<A extends unknown[], R, P = unknown>(fn: (context: JobContext<P>, ...args: A) => R): Job<A, R, P>;

/**
 * Makes functions callable by a `WorkerPool` of the page, under their names. To be called once, while the worker's
 * file is loaded. A worker runs one call at a time.
 *
 * A job gets its caller's arguments as structured clones, and its result goes back as one. The result is taken when
 * the job ends: what later calls do to the same object does not change it. A job may be async, or a generator: what it
 * yields is progress, each value as it is then, what it returns is the result, and a cancel ends it at its next
 * `yield`.
 *
 * Throws `invalid-argument` if something is no function, if it was called before, or outside a dedicated worker.
 *
 * @example
 * ```ts
 * // jobs.ts
 * import { expose, job } from 'taskloom/worker';
 * const jobs = { add: (a: number, b: number) => a + b };
 * export type Jobs = typeof jobs;
 * expose(jobs);
 * ```
 */
export function expose(jobs: Record<string, (...args: any[]) => unknown>, options?: ExposeOptions): void;

export interface ExposeOptions {
  /**
   * Called when the worker is about to end for being idle, or since its pool closes: to close a database or a file, say. It runs no call then. No other worker
   * is started in its place before it has ended, which it does when the function has returned or its promise has settled, and after 5 s at the latest. What it
   * throws is an uncaught error. Not called by `dispose()`, and not for a worker that is terminated for a job that does not stop.
   */
  cleanUp?: (() => void | Promise<void>) | undefined;
}

/** An error of the library's own. `code` is the contract; the message may change. */
export class TaskloomError extends Error {
  constructor(code: string, message: string, options?: ErrorOptions);
  readonly code: string;
  readonly name: 'TaskloomError';
}

/** Thrown inside a job, it ends the retries: the task fails with the Error that it was made from, or with itself if it was made from a message. */
export class NonRetryableError extends TaskloomError {
  constructor(reason?: unknown, options?: ErrorOptions);
}
