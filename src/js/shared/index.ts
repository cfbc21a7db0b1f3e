// State that the tabs of an origin share, as callers hold it.

import { sharedPart } from '#parts/shared';
import { whenBegun } from '../base/early.js';
import { checkNames } from '../base/development.js';
import { assertReady, isEarly, onEnd } from '../base/engine.js';
import { TaskloomError, invalid, report, tell, warn } from '../base/errors.js';
import { handle } from '../base/handle.js';
import { nodeModule } from '../base/host.js';
import { checkBoolean, checkObject, duration, isSignal, optionalFunction } from '../base/options.js';
import type { Held } from './locks.js';
import type { Presence } from './presence.js';
import { type Caller, type WriteOptions, Store } from './store.js';
import type { SharedChange } from './subscribers.js';

/** How long a holder of a lock may be silent, in milliseconds. */
const LEASE = 10_000;

interface SharedOptions {
  durable?: boolean;
  lease?: unknown;
  onError?: (error: Error) => void;
  onReset?: () => void;
}

interface Listeners {
  readonly onError: ((error: Error) => void) | undefined;
  readonly onReset: (() => void) | undefined;
}

interface LockOptions {
  signal?: AbortSignal;
  lease?: unknown;
  ifAvailable?: boolean;
}

/** What a call takes of the stack: it calls the platform's locks, the codec, and the functions of its caller's. */
const INSIDE = 2;

/** By name. */
const stores = /* @__PURE__ */ new Map<string, { readonly opening: Promise<Store>; store: Store | undefined; handles: number }>();
let isFollowing = false;

/** How many calls of `noRerun()` are under way. */
let quiet = 0;

/** What happens to the engine. */
function follow() {
  if (isFollowing) return;
  isFollowing = true;
  onEnd(error => { for (const { store } of stores.values()) store?._end(error); });
  sharedPart._onBegin(() => { for (const { store } of stores.values()) store?._restart(); });
}

/** The store of a name, opened once. Who opens it is told if it is in memory. */
async function open(name: string, onError: ((error: Error) => void) | undefined): Promise<Store> {
  follow();
  let entry = stores.get(name);
  if (entry === undefined) {
    const own = entry = { handles: 0, store: undefined as Store | undefined, opening: Store.open(name) };
    stores.set(name, own);
    own.opening.then(store => { own.store = store; }, () => stores.delete(name));
  }
  entry.handles++;
  const store = await entry.opening;
  const { _refusal: refusal } = store;
  if (refusal) onError ? queueMicrotask(() => tell(onError, refusal)) : warn(refusal.message);
  return store;
}

function close(name: string, error: TaskloomError) {
  const entry = stores.get(name);
  if (!entry || --entry.handles > 0) return;
  stores.delete(name);
  entry.store?._close(error).catch(report); // the engine has stopped
}

export const sharedState = (name: string, options: SharedOptions = {}): Promise<SharedState> => handled(openShared(name, options));

async function openShared(name: string, options: SharedOptions): Promise<SharedState> {
  if (typeof name !== 'string' || name === '') throw invalid('name', name, 'a text that is not empty');
  checkObject('options', options);
  if (DEV) checkNames('sharedState()', options);
  const { durable = false, lease, onError, onReset } = options;
  checkBoolean('durable', durable);
  optionalFunction('onError', onError);
  optionalFunction('onReset', onReset);
  duration('lease', lease);
  const make = async () => {
    assertReady(sharedPart, INSIDE);
    const millis = Math.max(duration('lease', lease, LEASE), 1);
    return new SharedState(await open(name, onError), durable, millis, { onError, onReset });
  };
  return isEarly(sharedPart) ? whenBegun(sharedPart, make) : make();
}

/** On a server an unhandled rejection ends the process, and a page that it renders does not need the state. */
function handled<T>(promise: Promise<T>): Promise<T> {
  if (nodeModule('node:fs')) promise.catch(() => {});
  return promise;
}

function checkKey(key: unknown): asserts key is string {
  if (typeof key !== 'string' || key === '') throw invalid('key', key, 'a text that is not empty');
}

function checkWrite(options: WriteOptions): WriteOptions {
  checkObject('options', options);
  const { token, ifVersion, signal } = options;
  const isVersion = (value: unknown) => value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);
  if (!isVersion(token)) throw invalid('token', token, 'the token of a lock');
  if (!isVersion(ifVersion)) throw invalid('ifVersion', ifVersion, 'a version: a whole number, 0 for no value');
  if (signal !== undefined && !isSignal(signal)) throw invalid('signal', signal, 'an AbortSignal');
  return { token, ifVersion, signal };
}

export const SharedState = /* @__PURE__ */ handle(class SharedState {
  readonly _store: Store;
  readonly _isDurable: boolean;
  readonly _lease: number;
  readonly _listeners: Listeners;
  readonly _unsubscribers = new Set<() => void>();
  _closed: TaskloomError | undefined = undefined;

  constructor(store: Store, isDurable: boolean, lease: number, listeners: Listeners) {
    this._store = store;
    this._isDurable = isDurable;
    this._lease = lease;
    const { onError, onReset } = this._listeners = listeners;
    if (onError) store._errorListeners.add(onError);
    if (onReset) store._resetListeners.add(onReset);
  }

  get name() {
    return this._store.name;
  }

  get id() {
    return String(this._store.tab);
  }

  get storage() {
    return this._store._isInMemory ? 'memory' : 'database';
  }

  get(key: string): unknown {
    checkKey(key);
    return this._store._replica._read(key); // also when it is closed: what shows it goes on to ask
  }

  getVersion(key: string): number {
    checkKey(key);
    return this._store._replica._version(key);
  }

  has(key: string): boolean {
    return this.getVersion(key) > 0;
  }

  keys(): readonly string[] {
    return this._store._replica._keys;
  }

  async set(key: string, value: unknown, options: WriteOptions = {}): Promise<number> {
    checkKey(key);
    const store = this._open;
    if (DEV) checkNames('shared.set()', options);
    const write = checkWrite(options);
    const { _caller: caller } = this;
    const outcome = await store._write(key, { does: 'set', value: store._encoded(key, value) }, write, caller);
    return outcome.version;
  }

  async delete(key: string, options: WriteOptions = {}): Promise<boolean> {
    checkKey(key);
    if (DEV) checkNames('shared.delete()', options);
    const outcome = await this._open._write(key, { does: 'delete' }, checkWrite(options), this._caller);
    return outcome.is === 'done' && outcome.changed;
  }

  async touch(key: string, options: WriteOptions = {}): Promise<boolean> {
    checkKey(key);
    if (DEV) checkNames('shared.touch()', options);
    const { signal } = checkWrite(options);
    const outcome = await this._open._write(key, { does: 'touch' }, { signal }, this._caller);
    return outcome.is === 'done' && outcome.changed;
  }

  async update(key: string, fn: (value: unknown) => unknown, options: WriteOptions = {}): Promise<unknown> {
    checkKey(key);
    if (typeof fn !== 'function') throw invalid('the function', fn, 'a function');
    if (DEV) checkNames('shared.update()', options);
    const { signal } = checkWrite(options);
    return this._open._update(key, fn, { signal }, this._caller);
  }

  async clear(options: WriteOptions = {}): Promise<void> {
    if (DEV) checkNames('shared.clear()', options);
    const { signal } = checkWrite(options);
    await this._open._clear({ signal }, this._caller);
  }

  async lock(key: string, fn: (context: object) => unknown, options: LockOptions = {}): Promise<unknown> {
    checkKey(key);
    if (typeof fn !== 'function') throw invalid('the function', fn, 'a function');
    checkObject('options', options);
    if (DEV) checkNames('shared.lock()', options);
    const { signal, ifAvailable = false } = options;
    if (signal !== undefined && !isSignal(signal)) throw invalid('signal', signal, 'an AbortSignal');
    checkBoolean('ifAvailable', ifAvailable);
    const lease = Math.max(duration('lease', options.lease, this._lease), 1);
    const store = this._open;
    return store._lock(key, { owner: this, lease, ifAvailable, signal }, held => fn(this._context(key, held)));
  }

  /** What runs under a lock is given: writes under its token. */
  _context(key: string, { token, row, born, signal }: Held) {
    const store = this._store;
    return {
      token,
      signal,
      value: store.decode(key, row.value),
      set: async (value: unknown): Promise<number> => {
        const outcome = await store._write(key, { does: 'set', value: store._encoded(key, value) }, { token, born }, this._caller);
        return outcome.version;
      },
      delete: async (): Promise<boolean> => {
        const outcome = await store._write(key, { does: 'delete' }, { token, born }, this._caller);
        return outcome.is === 'done' && outcome.changed;
      },
      update: async (fn: (value: unknown) => unknown): Promise<unknown> => {
        if (typeof fn !== 'function') throw invalid('the function', fn, 'a function');
        return store._update(key, fn, { token, born }, this._caller);
      },
    };
  }

  subscribe(key: string | undefined, listener: (change: SharedChange) => void): () => void {
    if (key !== undefined) checkKey(key);
    if (typeof listener !== 'function') throw invalid('the listener', listener, 'a function');
    return this._closed ? () => {} : this._untilClosed(this._store._subscribers._add(key, listener));
  }

  _untilClosed(unsubscribe: () => void): () => void {
    this._unsubscribers.add(unsubscribe);
    return () => {
      this._unsubscribers.delete(unsubscribe);
      unsubscribe();
    };
  }

  noRerun<T>(fn: () => T): T {
    if (typeof fn !== 'function') throw invalid('the function', fn, 'a function');
    quiet++;
    try {
      return fn();
    } finally {
      quiet--;
    }
  }

  presence() {
    return new SharedPresence(this._store._presence, this);
  }

  close(): void {
    if (this._closed) return;
    this._closed = new TaskloomError('disposed', `the shared state '${this.name}' was closed; open it again by sharedState()`);
    for (const unsubscribe of this._unsubscribers) unsubscribe();
    this._unsubscribers.clear();
    const { onError, onReset } = this._listeners;
    if (onError) this._store._errorListeners.delete(onError);
    if (onReset) this._store._resetListeners.delete(onReset);
    try {
      this._store._endOf(this, this._closed);
      close(this.name, this._closed);
    } catch (error) {
      report(error); // the engine has stopped
    }
  }

  dispose(): void {
    this.close();
  }

  toJSON() {
    return { name: this.name, id: this.id, closed: this._closed !== undefined };
  }

  /** The store, for a call for which there is room on the stack. */
  get _open(): Store {
    if (this._closed) throw this._closed;
    assertReady(sharedPart, INSIDE);
    return this._store;
  }

  get _caller(): Caller {
    return { owner: this, isDurable: this._isDurable, lease: this._lease, isQuiet: quiet > 0 };
  }
}, 'SharedState', ['get', 'getVersion', 'has', 'keys', 'set', 'delete', 'touch', 'update', 'clear', 'lock', 'subscribe', 'noRerun', 'presence', 'close']);

export type SharedState = InstanceType<typeof SharedState>;

const SharedPresence = /* @__PURE__ */ handle(class SharedPresence {
  readonly _presence: Presence;
  readonly _state: { _untilClosed(unsubscribe: () => void): () => void; readonly _closed: TaskloomError | undefined };

  constructor(presence: Presence, state: { _untilClosed(unsubscribe: () => void): () => void; readonly _closed: TaskloomError | undefined }) {
    this._presence = presence;
    this._state = state;
  }

  get tabs() {
    return this._presence._list;
  }

  get connected(): boolean {
    return !this._state._closed && this._presence._isHere;
  }

  subscribe(listener: () => void): () => void {
    if (typeof listener !== 'function') throw invalid('the listener', listener, 'a function');
    return this._state._closed ? () => {} : this._state._untilClosed(this._presence._subscribe(listener));
  }

  toJSON() {
    return { tabs: this.tabs, connected: this.connected };
  }
}, 'SharedPresence', ['subscribe']);
