import type { Duration } from './base.js';
import type { Task, TaskContext } from './tasks.js';

/**
 * What a call is served of a cache.
 *
 * - A value whose time is not over: a hit.
 * - With `refresh: 'background'` also one whose time is over, while one refresh runs behind it.
 * - What comes of the execution that is under way for the same key: one is enough for all callers, in this page or, with `scope: 'origin'`, in all tabs.
 * - Else the function is called.
 *
 * Keys are of structure and type. `1`, `'1'`, `1n`, `true`, `new Date(1)` and `[1]` are six keys; so are `0` and `-0`, `[,]` and `[undefined]`, `{}` and `{ a: undefined }`, and
 * `f()` and `f(undefined)`. `NaN` is one key. The order of properties, of the entries of a Map and of the items of a Set makes no difference; that of arrays does. Typed arrays, DataView and buffers go by their class and
 * bytes, Date by its time, RegExp by source and flags, URL by its text; cyclic values work. Properties that are symbols or can't be enumerated, and properties of an array
 * besides its items, are no part of a key, as with structured clone. Two keys of up to 512 characters are equal only if the arguments are; what is longer is hashed to 128 bits with a secret of the page.
 * Making a key takes time in proportion to the arguments.
 *
 * Anything else, such as an instance of a class, a function or a symbol, throws `unhashable-param`, whose message and `path` name the place, unless {@link CacheOptions.hashFuncs} has a function for it.
 *
 * A value belongs to the arguments that its function saw. If a caller changes an argument before the function runs (a function made with `job`, a cached task, `scope: 'origin'`), the value is
 * for that caller only, and is not kept; a refresh whose arguments were changed since the call is left out.
 */
export interface CacheOptions<F extends (...args: any[]) => any> {
  /** What the cache is called in events and errors, and where its values are stored. Default: the name of the function. Required with `persist` and `scope: 'origin'`. */
  name?: string | undefined;
  /**
   * How long a value is fresh, from when the function settled, by the wall clock. 0 shares concurrent executions and keeps nothing. Default: Infinity. A function says it for each value, from the value and the
   * arguments of the call; what it throws, and what is no duration (`invalid-argument`), fails the call.
   */
  ttl?: Duration | ((value: Awaited<ReturnType<F>>, ...args: Parameters<F>) => Duration) | undefined;
  /**
   * Decides whether a value is kept. One that is not is given to all who share its execution, and the next call makes another; a value that was there before stays as it was. Has to be synchronous: a promise
   * fails the call with `invalid-argument`. Default: every value is kept.
   */
  keepIf?: ((value: Awaited<ReturnType<F>>, ...args: Parameters<F>) => boolean) | undefined;
  /** By which part of itself, 0 to 1, `ttl` may be shorter, drawn for each value, so that what was stored together does not expire together. Default: 0. */
  ttlJitter?: number | undefined;
  /** How many entries are kept; the one that was not used for longest goes first. A whole number of at least 1, or Infinity. Default: 1,000 for data, Infinity for resources. */
  maxEntries?: number | undefined;
  /** How many bytes the values may take together. A value that is larger by itself is not kept. Default: Infinity. */
  maxBytes?: number | undefined;
  /**
   * What a value takes, for `maxBytes`; rounded up to a whole number. Default: an estimate of what it takes in memory. Each part counts 8 bytes; a
   * string and the key of a record 2 more for each character; an object, a list, a Map, a Set or a Date 16 more; binary data its length; an error
   * 256 and its texts. What stands in a value twice counts once, and holes of a list count nothing. An instance of a class counts 24, a function 8,
   * whatever they hold: give `sizeOf` for those. It takes time in proportion to the parts; text and binary data are not read.
   */
  sizeOf?: ((value: Awaited<ReturnType<F>>) => number) | undefined;
  /**
   * For classes whose instances are arguments, what stands for one in a key; the nearest class of an instance counts. `Object` stands for plain objects and for instances without a nearer class,
   * not for arrays, Map, Set, Date, RegExp, URL and binary data. A function that returns the Map is called at the first call: for the class whose own method is decorated. See also {@link objectId}.
   */
  hashFuncs?: HashFunctions | (() => HashFunctions) | undefined;
  /** Positions of arguments, from 0, that are no part of the key. */
  ignore?: readonly number[] | undefined;
  /** Makes the key of a call, instead of all arguments; what it returns is looked at as an argument is. `this` is part of the key besides if `hashFuncs` has a function for its class. */
  key?: ((...args: Parameters<F>) => unknown) | undefined;
  /** Who waits when a value is over: the caller, or nobody. Default: 'foreground'. */
  refresh?: 'foreground' | 'background' | undefined;
  /** Makes values anew this long after they settled, without being asked, as long as they are in the cache and the page is visible. Default: never. */
  refreshEvery?: Duration | undefined;
  /** How many refreshes run at once, and how many calls of `warm`. Default: 4. */
  refreshConcurrency?: number | undefined;
  /**
   * Serves a value whose time is over when a new one can't be made: for this long after its time, or with `true` without end. Default: `false`; with `refresh: 'background'` it
   * is `true`.
   */
  staleIfError?: Duration | boolean | undefined;
  /** How long after its time a value may be served at all, by `refresh: 'background'` or `staleIfError`; then callers wait for a new one. Default: Infinity. */
  maxStale?: Duration | undefined;
  /** How long an error is kept and thrown again; while a stale value is served instead, the pause between two tries. Default: not at all. */
  errorTtl?: Duration | undefined;
  /** Told of each value that goes: by then it is out of the cache. */
  onEvict?: ((value: Awaited<ReturnType<F>>, reason: EvictReason, key: unknown) => void) | undefined;
  /** Told of each value that goes or is replaced, so that it can be closed; also of one that nobody keeps, since its callers have cancelled or the cache was cleared. Somebody may still use it. */
  onRelease?: ((value: Awaited<ReturnType<F>>, reason: EvictReason | 'replaced') => void) | undefined;
}

export interface CacheDataOptions<F extends (...args: any[]) => any> extends CacheOptions<F> {
  /**
   * What callers get. 'clone', the default: each a copy of its own. 'freeze': all the one value, frozen through and through when it is kept; what freezing does not protect (Map, Set, Date, binary
   * data) is cloned. 'share': all the one value. Where values are copied, one with an instance of a class, a function or a symbol in it fails the call with `not-serializable`. Errors are
   * copied with their name, code and other properties, as instances of the nearest class of the platform.
   */
  copy?: 'clone' | 'freeze' | 'share' | undefined;
  /**
   * Keeps the values in this tab's or the origin's storage, so that they survive a reload, with the rest of their time. A full storage evicts.
   *
   * The code that stores them is loaded when the first such cache is made, and `init()` waits for it: make the cache before `await init()`, or
   * await `init()` once more. Until it is there a call of an asynchronous function waits. A synchronous function throws `not-initialized`, and so
   * does each method that answers at once (`peek`, `has`, `info`, `set`, `clear`, `stats`). Code that can't be loaded is `load-failed`.
   */
  persist?: 'session' | 'local' | undefined;
  /** Which values of `persist` and `scope: 'origin'` belong together: those of another version are dropped. A whole number. Default: 0. */
  version?: number | undefined;
  /**
   * 'origin': one execution for all tabs, and a value that one has made is there for all, also for those that come later. Every call returns a promise then. If the function fails, each tab that waits calls it
   * itself, one after another; with `errorTtl` they take that failure, and keep it as long. A tab that waits for another waits for as long as that one's function takes, or until the other tab is gone: give the call a signal if that may be for ever. Where there are no Web Locks or no
   * IndexedDB each tab has its own values. Default: 'page'.
   */
  scope?: 'page' | 'origin' | undefined;
}

export interface CacheResourceOptions<F extends (...args: any[]) => any> extends CacheOptions<F> {
  /** Looks at the object at each hit; one that is no longer valid is released and made anew. Has to be synchronous: a promise is reported as `invalid-argument`, and counts as no. */
  validate?: ((value: Awaited<ReturnType<F>>) => boolean) | undefined;
}

/** By class, what stands for an instance in a key. */
export type HashFunctions = ReadonlyMap<Function, (value: any) => unknown>;

/** Why a value has gone: others were used more recently, its time is over, it was cleared, or `validate` has refused it (or another tab has a newer one). */
export type EvictReason = 'evicted' | 'expired' | 'cleared' | 'invalid';

/** Counts since the cache was made, then what is in it now. */
export interface CacheStats {
  /** Calls that were served a value whose time is not over, or a failure that is kept. */
  readonly hits: number;
  /** Calls that had the function called. */
  readonly misses: number;
  /** Calls that were served a value whose time is over. */
  readonly stale: number;
  /** Calls that shared an execution under way. */
  readonly shared: number;
  /** Executions for a value before anybody missed it. */
  readonly refreshes: number;
  /** Executions that have failed. */
  readonly failures: number;
  /** Values that made room for others. */
  readonly evictions: number;
  /** Values whose time was over. */
  readonly expirations: number;
  readonly entries: number;
  /** What the values take together, if `maxBytes` is given. */
  readonly bytes: number;
  /** Executions under way. */
  readonly inFlight: number;
}

/** What there is for some arguments. */
export interface CacheInfo {
  /** Milliseconds since the value settled; null while there is none. */
  readonly age: number | null;
  /** Milliseconds until its time is over, negative if it is; null while there is none. */
  readonly expiresIn: number | null;
  readonly stale: boolean;
  /** Whether an execution is under way. */
  readonly running: boolean;
  readonly bytes: number;
}

/** `key` is the same for equal arguments, and says no more. */
export type CacheEvent =
  | { readonly type: 'stored' | 'refreshed'; readonly name: string; readonly key: unknown }
  | { readonly type: 'evicted'; readonly name: string; readonly key: unknown; readonly reason: EvictReason }
  | { readonly type: 'error'; readonly name: string; readonly key?: unknown; readonly error: any };

export interface CacheCallOptions {
  /** Has this caller cancel. Others that wait for the same execution go on; when the last one has cancelled, the execution is aborted and nothing of it kept. */
  signal?: AbortSignal | undefined;
  /** Told of the progress of a function made with `job`, or one that returns a task; also of what it said before this call. */
  onProgress?: ((value: any) => void) | undefined;
  /** The object whose method it is, for `peek`, `has`, `info`, `clear`, `refresh` and `warm` of a decorated method. */
  this?: unknown;
}

/** What is on a cached function besides the call itself. */
export interface CacheMethods<A extends unknown[], R> {
  /** The same function with options for the calls that are made through it. */
  with(options: CacheCallOptions): ((...args: A) => R) & CacheMethods<A, R>;
  /**
   * The value that a call would be served at once, copied as for a call, and no promise; undefined if there is none. It counts as nothing, and runs nothing.
   * With `copy: 'clone'` each call gives another copy: where the same object is wanted again, as by `useSyncExternalStore`, use `copy: 'freeze'`.
   */
  peek(...args: A): Awaited<R> | undefined;
  /** Whether a call would be served at once. */
  has(...args: A): boolean;
  /** What there is for these arguments; undefined if nothing. */
  info(...args: A): CacheInfo | undefined;
  /** Lets one value go, or all if called without arguments. An execution under way goes on for its callers, and is not kept; later calls begin another. */
  clear(...args: A | []): void;
  /**
   * Lets the values go that the function picks, and returns how many. It gets a copy of each value, and the key: of a cache in memory whose `key` gives a string, that string. With `scope: 'origin'`
   * it sees the values that this page has. Throws `invalid-argument` if it returns a promise.
   */
  clearIf(test: (value: Awaited<R>, key: unknown) => boolean): number;
  /**
   * Stores a value for these arguments, as if a call had returned it: `ttl`, `keepIf`, `persist` and `scope` hold. A promise is taken for an execution under way. One that is under way already goes on for its
   * callers, and is not kept. Throws `unhashable-param`, `not-serializable`.
   */
  set(args: A, value: R | Awaited<R>): void;
  /** Calls the function whatever is there, or shares the execution under way. The value before is served until it settles, and stays if it fails. */
  refresh(...args: A): R;
  /** Calls the function for each list of arguments that has no value, a few at a time (`refreshConcurrency`). Resolves to how each has ended, as `Promise.allSettled` does. */
  warm(calls: Iterable<A>): Promise<PromiseSettledResult<Awaited<R>>[]>;
  stats(): CacheStats;
  /** Calls the function with what happens, in a microtask after it. Returns how to stop it. Without a listener errors that no caller is thrown go where uncaught ones go. A listener that itself causes what it is told next is told 100 times in a row; then `listener-loop` is reported. */
  subscribe(listener: (event: CacheEvent) => void): () => void;
  /** Lets all values go, and refuses further calls with `disposed`. What is stored stays. */
  dispose(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

export type CachedFunction<F extends (...args: any[]) => any> =
  ((this: ThisParameterType<F>, ...args: Parameters<F>) => ReturnType<F>) & CacheMethods<Parameters<F>, ReturnType<F>>;

type AnyFunction = (...args: any[]) => any;

/** Decorates a method, by the standard's decorators and by TypeScript's older ones. */
export interface CacheDecorator {
  <F extends AnyFunction>(method: F, context: ClassMethodDecoratorContext): CachedFunction<F>;
  (target: object, name: string | symbol, descriptor: PropertyDescriptor): PropertyDescriptor;
}

interface CacheData extends CacheDecorator {
  <F extends AnyFunction>(fn: F, options: CacheDataOptions<F> & { scope: 'origin' }): CachedFunction<(...args: Parameters<F>) => Promise<Awaited<ReturnType<F>>>>;
  <F extends AnyFunction>(fn: F, options?: CacheDataOptions<F>): CachedFunction<F>;
  <F extends AnyFunction>(options?: CacheDataOptions<F>): CacheDecorator;
}

interface CacheResource extends CacheDecorator {
  <F extends AnyFunction>(fn: F, options?: CacheResourceOptions<F>): CachedFunction<F>;
  <F extends AnyFunction>(options?: CacheResourceOptions<F>): CacheDecorator;
}

/**
 * Keeps what a function returns, for calls with the same arguments; each caller gets a copy of its own. Like Streamlit's `st.cache_data`.
 *
 * A synchronous function stays synchronous: a hit returns the value, not a promise. A function made with {@link job} gets the context, whose signal aborts when the last caller has cancelled.
 * As a decorator of a method, `this` is part of the key if `hashFuncs` has a function for its class, and is ignored otherwise: then all instances share their values.
 *
 * What is neither a function nor options fails at once, undefined and a promise too. Options are checked at once, durations and numbers at the first call if `init()` has not been called yet: `invalid-argument`. A call throws, or rejects if the function is
 * asynchronous: what the function throws, `unhashable-param`, `not-serializable`, `recursive-call` if the function calls itself with the same arguments (before its first `await`: later it waits for itself), `disposed`. Before
 * `init()` is done a call of a function that is known to be asynchronous (an `async function` that the build leaves one, one made by `job()`, any with `scope: 'origin'`) starts it
 * and waits in its turn, and its arguments are read when it is made; any other call, and each method that answers at once, throws `not-initialized`. A cache can be made at the top of a module.
 *
 * @example
 * ```ts
 * const price = cacheData(async (symbol: string) => fetchPrice(symbol), { ttl: '1m', maxEntries: 500 });
 * await price('ACME');
 * await price.with({ signal })('ACME');
 * price.clear('ACME');
 * ```
 */
export const cacheData: CacheData;

/**
 * The same for what must not be copied, such as a connection or a model: all callers get the one object. Like Streamlit's `st.cache_resource`.
 *
 * @example
 * ```ts
 * const db = cacheResource(openDatabase, { validate: db => db.isOpen, onRelease: db => db.close() });
 * (await db('main')).query('…');
 * ```
 */
export const cacheResource: CacheResource;

/**
 * A number that stands for this very object as long as the page lives: for `hashFuncs`, where two objects are never the same argument. Other pages have other numbers: with `persist` and
 * `scope: 'origin'` a key with one is `invalid-argument`.
 *
 * @example
 * ```ts
 * const layout = cacheData(measure, { hashFuncs: new Map([[Node, objectId]]) }); // arguments by identity
 * ```
 */
export function objectId(object: object): number;

/**
 * Marks a function as one that gets a {@link TaskContext} before its arguments when it is cached; the same as `job` of `taskloom/worker`, where it gets a `JobContext`.
 *
 * @example
 * ```ts
 * const rows = cacheData(job(async (ctx: TaskContext<number>, table: string) => load(table, { signal: ctx.signal, onRow: n => ctx.progress(n) })));
 * await rows.with({ onProgress: n => console.log(n) })('users');
 * ```
 */
export function job<A extends unknown[], R, P = unknown>(fn: (context: TaskContext<P>, ...args: A) => R): (...args: A) => R;

/** A function of tasks whose results are kept: see the option `cache` of `runInExecutor`. */
export type CachedTasks<A extends unknown[], R, P> = ((...args: A) => Task<R, P>) & { readonly cache: CacheMethods<A, Promise<R>> };
