import type { Duration } from './base.js';

export interface SharedOptions {
  /** Has the browser write each change to the disk before the write resolves, so that it survives a power cut. Takes about 1.6 times as long. Default: false. */
  durable?: boolean | undefined;
  /**
   * How long the holder of a lock may be silent. It may work for longer than that: a tab that lives answers when it is asked. A tab that stands still for longer than this loses its
   * locks to those who wait. Default: 10 s.
   */
  lease?: Duration | undefined;
  /**
   * Called with what goes wrong and has no caller: `storage-blocked` if the browser refuses storage (the state is then this tab's alone, and in memory) or can't be read, and `corrupt` for a value that is damaged in
   * storage. Default: the first is a warning, all else goes where uncaught errors go.
   */
  onError?: ((error: Error) => void) | undefined;
  /**
   * Called when the store has begun anew, since the site's data were cleared under open tabs. Everything was read again by then: values that are no longer there are gone. Versions and tokens start anew, so a
   * version that was kept for `ifVersion` is refused with `conflict`, and locks that were held are lost (`lease-lost`). Subscribers are called afterwards, for each key that had a value or has one now.
   */
  onReset?: (() => void) | undefined;
}

export interface WriteOptions {
  /** Refuses the write with `conflict` unless the value has this version; 0 is no value. */
  ifVersion?: number | undefined;
  /** Writes under this token of a lock; `lease-lost` if it is no longer the newest. The methods that `lock()` gives do so by themselves. */
  token?: number | undefined;
  /** Ends the wait. A write that is on its way to storage is no longer stopped. */
  signal?: AbortSignal | undefined;
}

/** Of `update()`, `touch()` and `clear()`. */
export interface UpdateOptions {
  /** Ends the wait. A write that is on its way to storage is no longer stopped. */
  signal?: AbortSignal | undefined;
}

export interface LockOptions {
  /** Ends the wait for the lock. What runs under the lock already is told by its own `signal`, and keeps the lock until it ends. */
  signal?: AbortSignal | undefined;
  /** Instead of the `lease` of `sharedState()`. */
  lease?: Duration | undefined;
  /** Rejects with `lock-unavailable` if the lock is held, instead of waiting. Default: false. */
  ifAvailable?: boolean | undefined;
}

/** What runs under a lock is given. */
export interface LockContext<T> {
  /** The fencing token: larger than that of all who have had the lock before. */
  readonly token: number;
  /** The value when the lock was granted; it is the caller's own. */
  readonly value: T | undefined;
  /** Aborts with `lease-lost` when the lock is lost, or with the reason of the caller's signal. */
  readonly signal: AbortSignal;
  /** Writes under the token; `lease-lost` if the lock is lost by then. Resolves to the version. */
  set(value: T): Promise<number>;
  /** Removes the value under the token. Resolves to whether there was one. */
  delete(): Promise<boolean>;
  /** Updates under the token. Resolves to what was stored. */
  update<R extends T>(fn: (value: T | undefined) => R | PromiseLike<R>): Promise<R>;
}

/** What a subscriber is told: the newest value, not each version. */
export interface SharedChange<T = unknown, K extends string = string> {
  readonly key: K;
  /** The object that `get()` returns; undefined if the key has no value any more. */
  readonly value: T | undefined;
  /** 0 if the key has no value any more. */
  readonly version: number;
  /** The tab that has written it: its `id`. */
  readonly by: string;
  /** Whether that is this tab. */
  readonly self: boolean;
  /** Whether it was written in `noRerun()`. */
  readonly quiet: boolean;
}

/** A change of any key, whose `key` says which type `value` has. */
export type AnySharedChange<Values extends object> = { [K in keyof Values & string]: SharedChange<Values[K], K> }[keyof Values & string];

export interface PresentTab {
  readonly id: string;
  readonly self: boolean;
}

/** Which tabs have the store open. */
export interface SharedPresence {
  /** This tab is among them. Known when `sharedState()` resolves; the same array as long as nothing changes. */
  readonly tabs: readonly PresentTab[];
  /** Whether the others see this tab: not after `close()`. */
  readonly connected: boolean;
  /** Calls the function after each change of `tabs`. Returns how to stop it. */
  subscribe(listener: () => void): () => void;
}

/**
 * State that all tabs of an origin share. `Values` says which keys have which type of value.
 *
 * Values are what session state takes (plain data, Map, Set, Date, BigInt, errors, typed arrays, cycles), and what the browser clones, such as a Blob.
 *
 * Writes reject with `not-serializable` (the message has the path), `storage-blocked` (the database does not answer for 3 s, or is refused; nothing was changed), `quota-exceeded`,
 * `outcome-unknown` (nobody can tell whether it was written; rare), and `disposed` after `close()`. They wait while another tab holds the lock of the key, which a
 * `signal` ends: who holds a lock for as long as it lives, as a leader does, should hold that of a key with no value.
 *
 * Await a write before the page goes: one that is under way then may be lost, and one of `pagehide` is. For the last words of a page there is `stateRef`, which
 * stores in the page's own session at once.
 */
export interface SharedState<Values extends object = any> {
  readonly name: string;
  /** Names this tab, as `by` and `presence()` do. */
  readonly id: string;
  /** Where it is: `'memory'` is this tab's alone, where the browser refuses storage, or this process's, where there is no browser. */
  readonly storage: 'database' | 'memory';
  /** The value, without waiting: committed values only; after `close()` what was known then. Always the same object until it changes: don't change it, write a new one. */
  get<K extends keyof Values & string>(key: K): Values[K] | undefined;
  /** The version of the value; 0 if there is none. It rises with each change of the key, also over its removal, until the store [begins anew]({@link SharedOptions.onReset}). */
  getVersion(key: keyof Values & string): number;
  has(key: keyof Values & string): boolean;
  /** The keys that have values, in no particular order: the same array until they change. */
  keys(): readonly (keyof Values & string)[];
  /** Writes a value, whatever was there. Resolves to its version when it is stored. A value that is stored in the same form already changes nothing. */
  set<K extends keyof Values & string>(key: K, value: Values[K], options?: WriteOptions): Promise<number>;
  /** Removes a value. Resolves to whether there was one. */
  delete(key: keyof Values & string, options?: WriteOptions): Promise<boolean>;
  /**
   * Writes what the function makes of the value; no write of any tab comes between. Resolves to what was stored. The function is given a value of its own, and may be called again. It returns the
   * new value, also if that is the given one, changed: nothing is `invalid-argument` where there was a value, and leaves it so where there was none. A synchronous one runs in the
   * transaction, and keeps all tabs from writing until it returns. One that returns a promise runs outside, and again if another write was faster, at last under the lock; a
   * `signal` that aborts, and `close()`, end the wait for it.
   */
  update<K extends keyof Values & string, R extends Values[K]>(key: K, fn: (value: Values[K] | undefined) => R | PromiseLike<R>, options?: UpdateOptions): Promise<R>;
  /**
   * Calls the function while no other tab, and no other call of this one, has the lock of the key; writes of other tabs to the key wait as well, those of this tab don't: what
   * may come between there, such as a logout while a token is fetched, aborts
   * the call by its `signal`, which the function hands on to all that it awaits, and looks at before it writes. Resolves to what it returns.
   *
   * Rejects with `lease-lost` if the lock was lost meanwhile: the tab stood still for longer than the lease, or was in the back/forward cache, and another wanted the lock. The function is told by `signal`,
   * and what it writes by its context is refused from then on. Rejects with `recursive-call` if the function asks for its own lock before its first `await`; later such a call waits for ever, unless it has a `signal`.
   */
  lock<K extends keyof Values & string, R>(key: K, fn: (context: LockContext<Values[K]>) => R | PromiseLike<R>, options?: LockOptions): Promise<R>;
  /** Calls the function soon after changes of a key, or with `undefined` of all keys, whoever has written them. Returns how to stop it. One that throws stops nobody. */
  subscribe<K extends keyof Values & string>(key: K, listener: (change: SharedChange<Values[K], K>) => void): () => void;
  subscribe(key: undefined, listener: (change: AnySharedChange<Values>) => void): () => void;
  /** Marks what the function writes before its first `await` as `quiet`. Returns what it returns. */
  noRerun<R>(fn: () => R): R;
  /** Tells all tabs of a value that has not changed: it gets a new version. Resolves to whether there is one. */
  touch(key: keyof Values & string, options?: UpdateOptions): Promise<boolean>;
  /** Removes all values, 128 in each transaction. It waits for locks that other tabs hold, as `delete()` does; a `signal` ends that. */
  clear(options?: UpdateOptions): Promise<void>;
  /** Which tabs have the store open. */
  presence(): SharedPresence;
  /**
   * Ends this handle's subscriptions, what it waits for (`disposed`: locks, and functions of updates), and the locks that it holds. What was written before goes
   * through. The stored values stay, and what `get()`, `has()`, `keys()` and
   * `getVersion()` say. Other handles of the name go on: each call of `sharedState()` gives one of its own.
   */
  close(): void;
  dispose(): void;
  [Symbol.dispose](): void;
  toJSON(): { name: string; id: string; closed: boolean };
}

/**
 * Opens the state of a name that all tabs of the origin share. Resolves when it knows all that is stored. It starts `init()` itself.
 *
 * Rejects with `storage-blocked` if the database does not answer for some seconds, since another tab keeps it busy, say; with what `init()` rejects with; and with
 * `invalid-argument`.
 *
 * ```js
 * const shared = await sharedState('app');
 * await shared.update('count', n => (n ?? 0) + 1); // in one transaction, whatever other tabs do
 * shared.subscribe('count', ({ value }) => { label.textContent = value; });
 * ```
 *
 * One transaction of IndexedDB is the commit; changes reach the other tabs by BroadcastChannel. Two calls with one name in a tab are one store. Where the
 * browser refuses storage the state is this tab's alone; on a server, and in tests that run in Node, it is the process's, so `await shared.clear()` between tests. While another tab stands still
 * in the midst of a transaction it waits, with a warning.
 */
export function sharedState<Values extends object = any>(name: string, options?: SharedOptions): Promise<SharedState<Values>>;
