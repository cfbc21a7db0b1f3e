/// <reference lib="esnext.disposable" />

import { Duration, TaskloomError } from './base.js';

/** The classes of the platform's prioritized task scheduling, most urgent first. */
export type Priority = 'user-blocking' | 'user-visible' | 'background';

/**
 * `pending`: not started. `running`: started, waits between attempts included. Then one of `done`: it has a result; `error`: it threw or
 * ran out of time; `cancelled`: its owner, or its parent's end, stopped it.
 */
export type TaskState = 'pending' | 'running' | 'done' | 'error' | 'cancelled';

/** What a task's function is given. Its members work when destructured: `async ({ signal, progress }) => …`. */
export interface TaskContext<P = unknown> {
  /** Aborts when the task is cancelled or runs out of time, with the reason. Pass it to `fetch` and friends. */
  readonly signal: AbortSignal;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  /** When the task, or a task that it is a child of, runs out of time; null if never. */
  readonly deadline: Date | null;
  /** Reports a value to all readers. Never waits for them; dropped when the task is over. */
  readonly progress: (value: P) => void;
  /**
   * Lets the page breathe: gives the event loop a turn if this thread's time slice (5 ms) is used up, by `scheduler.postTask()`
   * (at `background` for a task of that priority, else at `user-visible`) where there is one, else by a message; a fraction of a microsecond otherwise, so call it often.
   * Input, timers, messages and frames get their turn in between. Rejects with the abort reason once the task is
   * cancelled, which ends a job that awaits it.
   */
  readonly checkpoint: () => Promise<void>;
  /**
   * Starts a child: it is cancelled when this task is cancelled, fails, or has finished without waiting for it. A child needs
   * no place of its manager's concurrency, so a task can always wait for its children. A child that fails fails by itself: the error is in the child, and nobody
   * hears of it who does not await the child or look at it.
   */
  readonly run: <T, Q = unknown>(fn: TaskFunction<T, Q>, options?: TaskOptions) => Task<Awaited<T>, Q>;
}

export type TaskFunction<T, P = unknown> = (context: TaskContext<P>) => T;

export interface TaskOptions {
  /** For display, logs and traces. */
  name?: string | undefined;
  /** Cancels the task when it aborts, with its reason. */
  signal?: AbortSignal | undefined;
  /**
   * How long the task may take from its start, all attempts included; then it fails with a `TimeoutError` and its signal aborts. A function that goes on all the
   * same keeps its place until it ends, at most for the manager's `cancelGrace`.
   */
  timeout?: Duration | undefined;
  /** How long the task may wait for its start; then it fails with a `TimeoutError`. */
  queueTimeout?: Duration | undefined;
  /**
   * Starts the task through the platform's scheduler at this priority; without it the task starts in a microtask. In a manager's queue it is
   * also the task's class (`user-visible` if not given). In a manager with a `concurrency` or a `rateLimit` a task whose start the scheduler still
   * owes is not overtaken for long: it starts in a microtask before a less urgent task would, or when 16 others have gone ahead.
   *
   * Without `scheduler.postTask` (Safari) three lanes take the scheduler's place: `user-blocking` starts in the next turn of the event loop,
   * `user-visible` after those, `background` when neither of the two has anything to do and the browser is idle, or after 1 s. Such a turn is a message; it
   * takes about 0.1 ms in WebKit, and starts as many tasks as there is time for in 5 ms.
   */
  priority?: Priority | undefined;
  /** When a failed attempt is made again; a policy or its fields. */
  retry?: RetryPolicy | RetryOptions | undefined;
  /** How many progress values are kept; 1,024 if not given. Beyond it the oldest are dropped and counted. */
  progressBuffer?: number | undefined;
  /** A key within the manager, for `deduplicate`. */
  key?: string | undefined;
  /**
   * With `key`: if a task of this key is not done yet, gives that one instead of a second. It keeps its own options; of the callers'
   * signals, the last one to abort cancels it, if each caller had one. A task that is found by `ctx.run` is not its child.
   *
   * A task that asks, by `ctx.run` or before its first `await`, for a key whose task waits for it gets one that has failed with `recursive-call`: it would wait for
   * itself for ever. What only an `await` knows, such as `async () => otherTask`, can't be seen.
   */
  deduplicate?: boolean | undefined;
}

/**
 * A piece of work in the background: poll it, await it, cancel it, follow its progress. It is thenable, so `await task` gives the
 * result; a failure that nobody awaits is kept in `error` and is no unhandled rejection. Under the condition `development` a `console.warn` names a failed task
 * that nobody has awaited, subscribed to or read `state`, `error`, `result` or `snapshot()` of within some seconds.
 *
 * Its methods are not bound: write `() => task.cancel()`, and for React `useSyncExternalStore(notify => task.subscribe(notify), () => task.snapshot())`.
 */
export interface Task<T = unknown, P = unknown> extends PromiseLike<T>, AsyncIterable<P>, Disposable {
  /** A UUID v4, made when it is first read. */
  readonly id: string;
  /** The name given, or the empty string. */
  readonly name: string;
  readonly state: TaskState;
  /** Whether the state is `done`, `error` or `cancelled`. */
  readonly done: boolean;
  /** The value. Throws `not-complete` before it is there, and the error or the abort reason if there will be none. */
  readonly result: T;
  /**
   * A native promise of the result, always the same one: for React's `use(task.promise)`, `Promise.race()`, and libraries that ask
   * for a real promise. Reading it is not awaiting it: a failure is then no unhandled rejection.
   */
  readonly promise: Promise<T>;
  /** What was thrown, or the reason of the cancel, or null. */
  readonly error: unknown;
  /** The number of the current attempt, from 1; 0 before the first. */
  readonly attempt: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** The latest progress value; reading takes nothing away. */
  readonly progress: P | undefined;
  /**
   * Milliseconds left at the pace of this attempt so far, while it runs and its latest progress is `{ value, total }`; else null.
   */
  readonly timeLeft: number | null;
  /** How many progress values had to make room for later ones. */
  readonly droppedProgress: number;
  /** The progress values since the last drain, oldest first; also after the end. */
  drainProgress(): P[];
  /**
   * Every progress value, from the oldest that is kept. Several readers see the same; each ends with the task, and throws what the
   * task threw after the last value.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<P>;
  /** The same as a stream. A slow reader never holds the task up; it misses what the buffer has dropped. */
  progressStream(): ReadableStream<P>;
  /**
   * Stops the task; false if it was over. The state is `cancelled` at once, the context's signal aborts, a late result is dropped, and a task that
   * has not started never does. Waiters get the reason if it is an Error, else an `AbortError` with it as `cause`.
   */
  cancel(reason?: unknown): boolean;
  /**
   * Gives a task that has not started another priority: it goes to the end of that class in its manager's queue, or, if it is about to start,
   * starts through the platform's scheduler. Returns whether it had not started. For one that runs it returns false, and the task's checkpoints yield at
   * the new priority from then on; for one that is over, or was sent to a worker, it returns false and does nothing. Throws `invalid-argument` for any other value.
   */
  setPriority(priority: Priority): boolean;
  /**
   * When the function itself has ended: later than the task if a cancelled one does not stop at once. Until then it keeps its
   * place in its manager's concurrency, but no longer than the manager's `cancelGrace`. Never rejects.
   */
  readonly stopped: Promise<void>;
  /**
   * Calls the listener after changes of state or progress, at most once per microtask. What it throws is reported as an uncaught error and
   * harms nobody else. A listener that itself causes the next call is told 100 times in a row; then `listener-loop` is reported. Returns how to stop it.
   */
  subscribe(listener: (task: Task<T, P>) => void): () => void;
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B>;
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B>;
  finally(onFinally?: (() => void) | null): Promise<T>;
  /**
   * What the task is now, frozen. It is the same object until something in it changes, as `useSyncExternalStore` and its like want it: `() => task.snapshot()`,
   * since a task's methods are not bound.
   */
  snapshot(): TaskSnapshot<T, P>;
  /** A small plain record for logs, without the result and the progress. */
  toJSON(): Record<string, unknown>;
  /** Cancels the task if it is not done. */
  dispose(): void;
  /** The same, for `using task = run(…)`. Safari has no `Symbol.dispose` before 27.3: call `dispose()`. */
  [Symbol.dispose](): void;
}

/** A task at one moment: the members of {@link Task} with the same names. `result` is undefined until the state is `done`. */
export interface TaskSnapshot<T = unknown, P = unknown>
  extends Readonly<Pick<Task<T, P>, 'id' | 'name' | 'state' | 'done' | 'attempt' | 'progress' | 'error' | 'createdAt' | 'startedAt' | 'finishedAt'>> {
  readonly result: T | undefined;
}

/**
 * Runs a function as a task of the default manager. It starts in a microtask, so a cancel right after `run` means that it is never
 * called. `P`, the type of its progress values, comes from annotating the context.
 *
 * Throws `invalid-argument` for a bad option. Before `init()` is done the call starts it, and the task is `pending` until then: it has its id and
 * `promise`, and can be cancelled. Calls keep their order; times (`timeout`, `queueTimeout`) count from when the library is there. What only core can judge (numbers, durations) then fails the task with the same
 * `invalid-argument`, and where the wasm can't be loaded it fails with `load-failed`. With `taskloom/slim`, which does not know where its wasm is, it
 * throws `not-initialized` until `init()` is called.
 *
 * @example
 * ```ts
 * const task = run(async (ctx: TaskContext<number>) => {
 *   for (let i = 0; i < 10; i++) {
 *     ctx.progress(i / 10);
 *     await ctx.checkpoint();
 *   }
 *   return 42;
 * }, { name: 'load', timeout: '30s' });
 *
 * for await (const part of task) console.log(`${part * 100} %`);
 * console.log(await task); // 42
 * ```
 */
export function run<T, P = unknown>(fn: TaskFunction<T, P>, options?: TaskOptions & { manager?: TaskManager | undefined }): Task<Awaited<T>, P>;

/**
 * Whether and when a failed attempt is made again. The wait after failure `i` (0 is the first) is `baseDelay * multiplier ** i`, at most
 * `maxDelay`, moved up or down by a random part of at most `jitter` of itself.
 */
export interface RetryOptions {
  /** Attempts in all, the first included: a whole number of at least 1, or Infinity; 3 if not given. */
  maxAttempts?: number | undefined;
  /** The wait after the first failure; 0 if not given. */
  baseDelay?: Duration | undefined;
  /** No wait is longer, except one that `delayFrom` asks for; 60 s if not given. */
  maxDelay?: Duration | undefined;
  /** What a wait is multiplied by to get the next: at least 1; 2 if not given. */
  multiplier?: number | undefined;
  /** The random part of a wait, 0 to 1, up and down alike; 0 if not given. */
  jitter?: number | undefined;
  /** No attempt starts later than this after the first one started. */
  maxElapsed?: Duration | undefined;
  /** An attempt that takes longer is aborted and counts as failed with a `TimeoutError`; its late result is dropped. */
  attemptTimeout?: Duration | undefined;
  /**
   * Which errors are tried again: classes, or strings that match an error's `code` or `name`. All but `AbortError` if not given: a `TypeError` too, be it of
   * `fetch` or of a mistake in the function.
   */
  retryOn?: RetryRule | readonly RetryRule[] | undefined;
  /** The last word on an error that `retryOn` lets through; may be async. What it throws becomes the task's error. */
  retryIf?: ((error: any, info: { attempt: number }) => boolean | Promise<boolean>) | undefined;
  /** The wait that the error itself asks for, or the Date to wait for; undefined or null for the policy's own. See {@link retryAfter}. */
  delayFrom?: ((error: any) => Duration | Date | null | undefined) | undefined;
  /**
   * Called when an attempt has failed and another will be made, `delay` milliseconds later. What it throws is reported as an uncaught
   * error and harms nobody.
   */
  onRetry?: ((error: any, info: { attempt: number; delay: number }) => void) | undefined;
}

export type RetryRule = string | (abstract new (...args: any[]) => unknown);

/**
 * A checked retry policy, to be used for any number of tasks. Throws `invalid-argument` that names the field; if it was made before `init()`, a
 * number or a duration that is wrong fails the tasks instead that have it.
 */
export class RetryPolicy {
  constructor(options?: RetryOptions);
  readonly maxAttempts: number;
  /** The wait in milliseconds after the failure with this index (0 is the first), jitter included. */
  delayForAttempt(index: number): number;
}

/**
 * The delay that an HTTP response asks for, in milliseconds: its `Retry-After`, which is a whole number of seconds or an HTTP date (RFC 9110, section
 * 10.2.3). Takes a response, headers, or the header's value. Returns 0 for a date that has passed, and undefined without a header or for any other
 * text, such as `'1.5'`, or `'10, 10'` of a header that was sent twice: the policy's own delay counts then.
 */
export function retryAfter(source: Response | Headers | string | null | undefined): number | undefined;

/**
 * Thrown inside a task, it ends the retries: the task fails with the Error that it was made from, or with itself if it was made from a
 * message.
 */
export class NonRetryableError extends TaskloomError {
  constructor(reason?: unknown, options?: ErrorOptions);
}

/** The manager that {@link run} submits to: no bound on how many run, the latest 256 finished ones kept, with their results. */
export const defaultManager: TaskManager;

export interface TaskManagerOptions {
  /** How many of its tasks run at once: a whole number of at least 1, or Infinity, which it is if not given. */
  concurrency?: number | undefined;
  /** How many may wait; one more fails with `queue-full`. Infinity if not given. */
  maxQueue?: number | undefined;
  /**
   * How many finished tasks `get` and iteration still find; 256 if not given. Their results stay in memory as long: with large ones, give 0 to keep none. The
   * bound is put into force by `cleanup()`, and by a submit when it is passed by an eighth; a burst may pass it by 1,024 until then.
   */
  maxCompleted?: number | undefined;
  /** At most `limit` tasks start in any span of length `per`; the others wait. Children and further attempts do not count. */
  rateLimit?: { limit: number; per: Duration } | undefined;
  /**
   * How long a task that was cancelled, or has run out of time, keeps its place while its function goes on. Default: 10 s. After that the next
   * task starts and `onIdle()` no longer waits for it; `task.stopped` still does. 0 frees the place at once, `Infinity` not before the function has ended.
   */
  cancelGrace?: Duration | undefined;
  /** The `timeout` of tasks that are submitted without one; children have that of their parent. Default: none. A task's `timeout: Infinity` means no limit. */
  timeout?: Duration | undefined;
}

/**
 * A group of tasks with a bound on how many run at once. Tasks wait by priority, first come first served within one, and no class is overtaken
 * more than 16 times in a row by more urgent tasks, those not counted that have their places already when it begins to wait.
 */
export class TaskManager implements Iterable<Task>, Disposable {
  constructor(options?: TaskManagerOptions);
  /** As {@link run}, in this manager. Inside one of its own tasks use `ctx.run`: a task that holds the last place would wait for one that gets none. */
  submit<T, P = unknown>(fn: TaskFunction<T, P>, options?: TaskOptions): Task<Awaited<T>, P>;
  /** The task with this id, or the one under the alias `global:NAME`; undefined if there is none any more. */
  get(id: string): Task | undefined;
  /**
   * Makes `get('global:' + name)` find the task, until another one takes the name or it is forgotten. The task must be one that the
   * manager still knows.
   */
  alias(task: Task<any, any>, name: string): void;
  /** Forgets the oldest finished tasks beyond `maxCompleted`; says how many. */
  cleanup(): number;
  /** Cancels all that are not done, those that wait first; says how many. */
  cancelAll(reason?: unknown): number;
  /** Cancels those that have not started; says how many. */
  cancelWaiting(reason?: unknown): number;
  /** Resolves when fewer than `limit` tasks wait: to feed a long list piece by piece. */
  onWaitingBelow(limit: number): Promise<void>;
  /**
   * Resolves when nothing waits or runs. Waits for the functions of cancelled tasks too, for as long as `cancelGrace` allows. A task of this manager that awaits it
   * waits for itself.
   */
  onIdle(): Promise<void>;
  /** Starts nothing new; what runs goes on. */
  pause(): void;
  resume(): void;
  readonly isPaused: boolean;
  /** Whether tasks wait for nothing but the `rateLimit`. */
  readonly isRateLimited: boolean;
  /** Calls the listener, in a microtask, when `isRateLimited` has changed, with its new value. Returns how to stop it. */
  onRateLimit(listener: (isLimited: boolean) => void): () => void;
  /** How many tasks wait for a place. */
  readonly waiting: number;
  /** How many tasks hold a place. */
  readonly running: number;
  /** May be changed at any time; running tasks are not stopped. */
  concurrency: number;
  /** The finished tasks that it keeps, oldest first, then those that wait or run. */
  [Symbol.iterator](): IterableIterator<Task>;
  /** A small plain record for logs: `concurrency`, `isPaused`, `waiting`, `running`. */
  toJSON(): Record<string, unknown>;
  /** Cancels what is not done, with an `AbortError`; to submit, pause or change it later throws `disposed`. */
  dispose(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/** What a group function takes: tasks, or anything else that can be awaited. Only tasks can be cancelled. */
export type Awaitables<T> = Iterable<PromiseLike<T> | T>;

/**
 * Iterates over `{ task, index }` in the order in which the tasks finish, failed and cancelled ones included. `index` is the place among those
 * given. Leaving the loop early cancels nothing.
 *
 * @example
 * ```ts
 * for await (const { task, index } of asCompleted(urls.map(url => run(() => load(url))))) {
 *   console.log(index, task.state);
 * }
 * ```
 */
export function asCompleted<K extends PromiseLike<any>>(tasks: Iterable<K>): AsyncGenerator<{ task: K; index: number }, void, void>;

/**
 * All results, in the order given. Rejects with the first error and cancels the rest with it; with `returnErrors: true` it waits for all,
 * and an error stands in its task's place: what was thrown, or an Error with it as its `cause` if it is none.
 */
export function gather<const L extends readonly unknown[]>(tasks: L, options?: { returnErrors?: false | undefined }): Promise<{ -readonly [I in keyof L]: Awaited<L[I]> }>;
export function gather<const L extends readonly unknown[]>(tasks: L, options?: { returnErrors?: boolean | undefined }): Promise<{ -readonly [I in keyof L]: Awaited<L[I]> | Error }>;
export function gather<T>(tasks: Iterable<T>, options?: { returnErrors?: false | undefined }): Promise<Awaited<T>[]>;
export function gather<T>(tasks: Iterable<T>, options?: { returnErrors?: boolean | undefined }): Promise<(Awaited<T> | Error)[]>;
export function gather<T>(tasks: Awaitables<T>, options?: { returnErrors?: false | undefined }): Promise<T[]>;
export function gather<T>(tasks: Awaitables<T>, options?: { returnErrors?: boolean | undefined }): Promise<(T | Error)[]>;

/**
 * What the first task to finish gives, be it a result or an error; the others are cancelled. Rejects with `invalid-argument` for no tasks at all.
 */
export function race<T>(tasks: Iterable<T>): Promise<Awaited<T>>;
export function race<T>(tasks: Awaitables<T>): Promise<T>;

/**
 * The task's result if it comes within this time; else rejects with a `TimeoutError`, and the task is cancelled with it.
 */
export function timeout<K extends PromiseLike<any>>(task: K, within: Duration): Promise<Awaited<K>>;
export function timeout<T>(task: PromiseLike<T>, within: Duration): Promise<T>;

/** Something that has happened to a task. */
export interface TaskEvent {
  type: 'submitted' | 'started' | 'retried' | 'settled';
  task: Task;
  /** When, in milliseconds as `performance.now()` counts them. */
  time: number;
}

/**
 * Calls the listener for every event of every task, in order, in the microtask after it: for loggers. What it throws is reported as an uncaught error.
 * Returns how to stop it.
 */
export function onTask(listener: (event: TaskEvent) => void): () => void;
