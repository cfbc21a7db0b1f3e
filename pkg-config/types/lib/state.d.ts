import type { Duration } from './base.js';

/** Where a store keeps what must outlive the page: this tab's `sessionStorage`, the origin's `localStorage`, or nowhere. A worker has neither of the two. */
export type StorageKind = 'session' | 'local' | 'memory';

/**
 * What may be assigned: `Number`, `String`, `Boolean`, `BigInt`, `Symbol`, `Function` and `Object` (not null) go by `typeof`, `Array` by `Array.isArray`, any
 * other class by `instanceof`; `null` and, in an array, `undefined` stand for themselves. Several in an array: one of them.
 */
export type ValueType = (abstract new (...args: any[]) => unknown) | ((...args: any[]) => unknown) | null | undefined | readonly ValueType[];

export interface SlotOptions<T> {
  /** Makes the first value, if the slot is empty when the reference is made, or is read after `clear()`. */
  factory?: (() => T) | undefined;
  /** Checked at each assignment by this reference: `invalid-argument`. */
  type?: ValueType | undefined;
  /** How long a value lasts from when it was written, by the wall clock; then the slot is empty, and those who listen are told. Default: for ever. */
  expiresIn?: Duration | undefined;
  /** Which shape the values have: a whole number from 0 (the default) to 4,294,967,295. */
  version?: number | undefined;
  /**
   * Turns a value that an earlier version has stored into one of this version. Called once, when the value is first read. If it throws, the value stays as
   * it was, in storage too, and `onError` is told (`migration-failed`). It has to be synchronous: one that returns a promise has failed. Without it such a value is set aside and reported.
   */
  migrate?: ((value: unknown, storedVersion: number) => T) | undefined;
  /**
   * Gives a stored object what it lacks of the object that `factory` makes, when the reference is made: for fields that a later version of the app has added. Plain objects in it are merged too, all other
   * parts stay as they are. Default: false.
   */
  merge?: boolean | undefined;
  /** Writes to storage before the assignment returns, instead of behind it. Slower. Default: false. */
  durable?: boolean | undefined;
}

export interface StoreOptions {
  /** Slots of different namespaces are different, whatever their keys. Default null: the whole session. */
  namespace?: string | null | undefined;
  /** Default: 'session'. */
  storage?: StorageKind | undefined;
  /** Defaults for the store's slots. */
  expiresIn?: Duration | undefined;
  version?: number | undefined;
  migrate?: ((value: unknown, storedVersion: number, key: string) => unknown) | undefined;
  durable?: boolean | undefined;
  /** Refuses a value that can't be text with `not-serializable` and the path to the part, at the assignment. Default: false, it stays in memory. */
  enforceSerializable?: boolean | undefined;
  /** Told of what goes wrong in storage: see {@link StoreError}. Without it errors go where uncaught ones go. */
  onError?: ((error: StoreError) => void) | undefined;
  /** Told when this tab turns out to be the duplicate of another, and has become a session of its own. */
  onFork?: ((sessionId: string, originalId: string) => void) | undefined;
}

/**
 * What went wrong in storage; readers and writers never meet it. Its code is one of
 *
 * - `quota-exceeded`: the storage is full. It holds the old value still, the page has the new one; tried again when it changes, when room is made, and by `flush()`. Once until it is stored.
 * - `storage-blocked`: the browser forbids storage, or there is none. All stays in memory. Once for each kind of storage.
 * - `corrupt`: the stored text is not one of ours, or damaged. The slot is empty, and the text is kept under the key `aside`.
 * - `version-mismatch`: the value is of an earlier version and there is no `migrate`: as with `corrupt`. Or it is of a later one: the slot is empty here, and the text
 *   stays where it is until the slot is written; then it is set aside.
 * - `migration-failed`: `migrate` threw its `cause`, or returned a promise.
 * - `not-serializable`: the value can't be text; the message has the path to the part. It stays in memory as long as the page, storage keeps the old one. Once until the slot is stored.
 */
export interface StoreError extends Error {
  readonly code: 'quota-exceeded' | 'storage-blocked' | 'corrupt' | 'version-mismatch' | 'migration-failed' | 'not-serializable';
  readonly namespace: string | null;
  /** The slot, if it is about one. */
  readonly key?: string;
  /** Where the text was put that could not be used. */
  readonly aside?: string;
}

/** A slot of a store: all references to one slot are one state. */
export interface StateRef<T> {
  readonly key: string;
  readonly namespace: string | null;
  /**
   * The value. Reading an empty slot without a factory throws `uninitialized`. It is the object itself, no copy: after changing it in place assign it again, so that
   * it is stored and others hear of it. Without that it may be stored or not, by a write that is still due.
   *
   * Assigning a value that is stored in the same form notifies nobody; assigning the same object does, since it may have changed.
   */
  value: T;
  /** The value if there is one, without throwing, and without a trace for `fragment`. */
  peek(): T | undefined;
  /** Gives an empty slot its first value; says whether it was empty. */
  init(factory: () => T): boolean;
  /** Assigns what the function makes of the value and the arguments, and returns it. Not atomic between tabs: of two writes at once the last one stays. */
  reduce<A extends unknown[]>(reducer: (previous: T, ...args: A) => T, ...args: A): T;
  /** Empties the slot, in storage too. */
  clear(): void;
  readonly isInitialized: boolean;
  /**
   * Whether storage holds the value as it was last written, so that it survives a reload. False until it has been written behind: after an assignment,
   * `await null` and look. False too when the page itself has emptied its storage (`localStorage.clear()`): the value is in memory still, and is stored again when
   * it is assigned.
   */
  readonly persisted: boolean;
  /**
   * Calls the function after each change, before the assignment returns; an emptied slot's value is undefined. A listener may write the slot, and is told
   * of that when all have heard of the change before. If each round causes the next, the 100th is the last: then `onError` is called with `listener-loop`,
   * and the value stays as it was written last. Changes that other tabs make are heard too (`storage: 'local'`), and those of another copy of the library
   * in this page. The end of a value (`expiresIn`) is told at its time, or in a moment when a read finds it before. Returns how to stop it.
   */
  subscribe(listener: (value: T | undefined, previous: T | undefined) => void): () => void;
  /** Notifies without a change. */
  touch(): void;
}

export interface SetOptions {
  expiresIn?: Duration | undefined;
  durable?: boolean | undefined;
}

/** The slots of one namespace in one storage. */
export interface SessionStore extends Iterable<[string, unknown]> {
  readonly namespace: string | null;
  /** Where the values really go: 'memory' if the browser has no such storage for us. */
  readonly storage: StorageKind;
  /** The session that this tab is. Duplicates of a tab start with the same, and get their own as soon as they are found out. */
  readonly sessionId: string;
  get<T = unknown>(key: string): T | undefined;
  set(key: string, value: unknown, options?: SetOptions): this;
  has(key: string): boolean;
  /** Says whether there was a value. */
  delete(key: string): boolean;
  /** The keys that have values, in no particular order. */
  keys(): string[];
  entries(): [string, unknown][];
  /** Empties all slots of this namespace. */
  clear(): void;
  /** A reference to one slot, as `stateRef` makes it. */
  ref<T>(key: string, options?: SlotOptions<T>): StateRef<T>;
  /** Calls the function after each change of a slot of this namespace, as that of a reference does. Returns how to stop it. */
  subscribe(listener: (key: string, value: unknown, previous: unknown) => void): () => void;
  /**
   * Writes what is still to be written, now, in this and all other namespaces of the storage. Says whether all of it is stored that can be text: false too if the page itself has emptied the storage. What was removed so is not written again: assign it, or empty it with `clear()`.
   */
  flush(): boolean;
  /** How many bytes the stored texts of the namespace, or of one slot, take, keys included. */
  usage(key?: string): number;
}

/**
 * The store of a namespace: the same slots for all who name it. Values are kept in memory and written behind: once for each changed key in a
 * microtask, and at the latest when the page goes away.
 *
 * Values are what structured clone takes and can be text: plain data, `undefined`, NaN, -0, Date, RegExp, BigInt, Map, Set, ArrayBuffer and its views, Error, boxed
 * primitives, holes, and shared and cyclic references. An error is stored with its name, code and other properties; one of whose parts would be lost is `not-serializable`. Throws `invalid-argument` for bad options.
 *
 * It can be made before `init()`, at the top of a module; the factories of its references are called when that is done. Until then its values can't be had: reading, writing and
 * `subscribe()` throw `not-initialized`. What is wrong with a number or a duration is then thrown by the first use.
 *
 * @example
 * ```ts
 * const drafts = sessionStore({ namespace: 'drafts', expiresIn: '7d', onError: error => console.warn(error.code, error.key) });
 * drafts.set('letter', { to: 'Ada', sent: new Date() });
 * ```
 */
export function sessionStore(options?: StoreOptions): SessionStore;

/** An empty list may hold anything, as that of `let list = []` may. */
type Widened<T> = [T] extends [readonly never[]] ? any[] : T;

/**
 * A named piece of state that survives a reload.
 *
 * @example
 * ```ts
 * const count = stateRef('count', { namespace: 'page-1', factory: () => 0 });
 * count.subscribe((value, previous) => console.log(previous, '→', value));
 * count.value += 1;
 * count.reduce((value, by) => value + by, 3);
 * ```
 */
export function stateRef<T>(key: string, options?: SlotOptions<T> & Omit<StoreOptions, 'expiresIn' | 'version' | 'migrate' | 'durable'>): StateRef<Widened<T>>;
