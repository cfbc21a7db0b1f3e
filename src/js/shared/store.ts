// One store of this tab: all handles of one name are one store.

import * as constants from '#constants';
import * as wasm from '#wasm';
import { type Locks, OwnLocks, platformLocks } from '../../platform/locks.js';
import { followPage } from '../../platform/page-life.js';
import { type Carrier, CommitError, DatabaseCarrier, MemoryCarrier } from '../../platform/shared-store.js';
import { onDatabaseLost } from '../base/database.js';
import { TaskloomError, abortError, report, show, tell, warn } from '../base/errors.js';
import { quietTimeout } from '../base/host.js';
import { type Deed, type Landed, type Op, type Outcome, Commits, returned, setHead } from './commits.js';
import { type Held, LockCalls } from './locks.js';
import { Channel, type Notice, type Question } from './notices.js';
import { Presence } from './presence.js';
import { type Head, type Row, type TabId, headAsStored, missingRow, randomId, readHead, readRow } from './record.js';
import { Replica } from './replica.js';
import { type SharedChange, Subscribers } from './subscribers.js';
import { type Encoded, decoded, encoded } from './values.js';

/** How often the head is looked at, in case a notice was lost, in milliseconds. */
const CHECKS = 30_000;
/** How often what is lost is read when the store is opened. */
const ATTEMPTS = 3;
/** How many keys a transaction of `clear()` takes, and the removal of old tombstones. */
const KEYS_AT_ONCE = 128;
/** How long an update that was overtaken waits for its turn, in milliseconds. */
const TURN = 2000;
/** For how long the next ones do so at once, in milliseconds. */
const CONTENDED = 1000;
/** How often it is overtaken then before it takes the lock. */
const TRIES = 3;
/** How long the last write of a tab that is gone may take to be stored, in milliseconds. */
const LAST_WORDS = 1000;
/** When a database that was lost is read anew, in milliseconds from one try to the next. */
const RECOVERIES = [0, 20, 100, 500, 2000];
/** So many removals bring a trimming: core keeps those of the last 1,000 versions. */
const TRIM_AFTER = 2000;
/** How often a database that does not answer is tried, for some seconds each time, before the store can't be opened. */
const OPENINGS = 5;

export interface WriteOptions {
  readonly token?: number | undefined;
  readonly ifVersion?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The incarnation of the token. */
  readonly born?: number | undefined;
}

/** What a handle gives its calls. */
export interface Caller {
  /** The handle: what is closed with it. None for what the store does itself. */
  readonly owner: object | undefined;
  readonly isDurable: boolean;
  readonly lease: number;
  readonly isQuiet: boolean;
}

/** What runs now in a lock's function, before its first `await`. */
let inside: { readonly store: Store; readonly key: string } | undefined;

/** Those that read anew when the database is lost. */
const following = /* @__PURE__ */ new Set<Store>();
let isFollowing = false;

function followDatabase() {
  if (isFollowing) return;
  isFollowing = true;
  onDatabaseLost(() => { for (const store of following) store._recover(); });
}

export class Store {
  readonly name: string;
  readonly tab: TabId = randomId();
  readonly platform: Locks;
  readonly _replica: Replica;
  readonly _subscribers: Subscribers;
  readonly _presence: Presence;
  /** Told of what is wrong and has no caller. */
  readonly _errorListeners = new Set<(error: Error) => void>();
  /** Told when the store has begun anew. */
  readonly _resetListeners = new Set<() => void>();
  private readonly _carrier: Carrier;
  readonly _isInMemory: boolean;
  /** Why it is in memory. */
  _refusal: TaskloomError | undefined;
  private readonly _commits: Commits;
  private readonly _locks: LockCalls;
  /** Core's. */
  private _hearing: number;
  private _born = 0;
  private _channel: Channel | undefined;
  private _isAway = false;
  private _hasWaited = false;
  private _ended: unknown;
  private _closing: unknown;
  /** By key whose asynchronous update was overtaken: until when the next ones take their turn at once. */
  private readonly _contended = new Map<string, number>();
  private readonly _closedOwners = new WeakMap<object, unknown>();
  private _reading: Promise<void> | undefined;
  private _isReadAgain = false;
  private _holeTimer: ReturnType<typeof setTimeout> | undefined;
  private _checkTimer: ReturnType<typeof setTimeout> | undefined;
  private _unfollow: () => void = () => {};
  private readonly _damaged = new Set<string>();
  private _removed = 0;
  /** What waits for a function of a caller's, and whose it is. */
  private readonly _waits = new Map<(error: unknown) => void, object | undefined>();

  constructor(name: string, carrier: Carrier, isInMemory: boolean) {
    this.name = name;
    this._carrier = carrier;
    this._isInMemory = isInMemory;
    this._replica = new Replica((key, cause) => this._reportDamaged(key, cause));
    this._subscribers = new Subscribers((key, { version, by, quiet }) => ({
      key, value: this._replica._read(key), version: this._replica._get(key)?.value === undefined ? 0 : version, by: String(by), self: by === this.tab, quiet,
    }) satisfies SharedChange);
    const shared = isInMemory ? undefined : platformLocks();
    this.platform = shared ?? new OwnLocks();
    if (!isInMemory && !shared && globalThis.isSecureContext === false) warn('this page has no navigator.locks, since it is no secure context: presence() has this tab only, and who waits for a lock of another tab waits for its lease');
    this._presence = new Presence(this.tab, name, this.platform, stays => this._channel?._post({ hello: this.tab, stays }), () => this._checkAfter());
    this._commits = new Commits(carrier, this);
    this._locks = new LockCalls(this);
    this._hearing = wasm.sharedHearing();
  }

  // ---- its life ----------------------------------------------------------------------------------------------------

  /** Resolves when it knows all that is stored. */
  static async open(name: string): Promise<Store> {
    const store = new Store(name, new DatabaseCarrier(name), false);
    try {
      await store._begin();
      return store;
    } catch (cause) {
      store._stop();
      if (!(cause instanceof CommitError)) throw cause;
      if (cause.how !== 'blocked' && cause.how !== 'unknown') return Store._openInMemory(name, cause);
      // Other tabs may have it: in memory this one would be alone beside them.
      throw new TaskloomError('storage-blocked', `the shared state '${name}' can't be read: ${cause.message}; another tab keeps the database busy, so try again later`, { cause: cause.cause });
    }
  }

  private static async _openInMemory(name: string, { message, cause }: Error): Promise<Store> {
    const isAbsent = (cause as { absent?: boolean } | undefined)?.absent === true;
    const whose = isAbsent ? "all shared state is this process's, and in memory: on a server all requests share it" : `the shared state '${name}' is this tab's alone, and in memory`;
    const store = new Store(name, new MemoryCarrier(), true);
    store._refusal = new TaskloomError('storage-blocked', `IndexedDB can't be used: ${message}; ${whose}`, { cause });
    await store._begin();
    return store;
  }

  private async _begin() {
    const readHere = () => this._patiently(() => this._carrier.readOne('')).then(({ head }) => readHead(head));
    let head = await readHere();
    if (!head) {
      await this._patiently(() => this.beginAnew());
      head = await readHere();
    }
    if (head) this._listen(head.born); // before the snapshot, so that nothing is missed between them
    followDatabase();
    following.add(this);
    this._unfollow = followPage({ away: () => this._away(), back: () => this._back(), seen: () => this._check() });
    await this._presence._enter();
    await Promise.all([this._presence._look(), this._patiently(() => this._read(true))]);
    this._checkLater();
    if (!this._isInMemory) this._trim().catch(() => {}); // they take room, and do no harm
  }

  /** Waits for a database that is there and does not answer, since another tab stands still in a transaction: in memory this tab would be alone beside the others. */
  private async _patiently<T>(call: () => Promise<T>): Promise<T> {
    for (let losses = 0, waits = 0; ; ) {
      try {
        return await call();
      } catch (error) {
        const { how } = error as Partial<CommitError>;
        const isThere = how === 'blocked' || how === 'unknown' ? ++waits < OPENINGS : how === 'lost' && ++losses < ATTEMPTS;
        if (!isThere || this._ended) throw error;
        if (!this._hasWaited) warn(`the shared state '${this.name}' is not open yet: IndexedDB does not answer, since another tab stands still in the midst of a transaction`);
        this._hasWaited = true;
      }
    }
  }

  /** The engine has begun afresh. */
  _restart() {
    this._hearing = wasm.sharedHearing();
    this._ended = undefined;
    this._read(true).catch(error => this._tellError(error));
  }

  /** The engine has stopped, or the last handle was closed. */
  _end(error: unknown) {
    this._ended = error;
    this._commits._end(error);
    this._endOf(undefined, error);
  }

  /** Ends what waits for a lock or has one, or waits for a function, of a handle that was closed or of all. */
  _endOf(owner: object | undefined, error: unknown) {
    if (owner) this._closedOwners.set(owner, error);
    this._locks._end(error, owner);
    for (const [fail, whose] of [...this._waits]) if (owner === undefined || whose === owner) fail(error);
  }

  /** Why nothing of a handle may wait any more. */
  private _endOfAll(owner: object | undefined): unknown {
    return this._ended ?? this._closing ?? (owner && this._closedOwners.get(owner));
  }

  /** The last handle was closed. What was written before goes through. */
  async _close(error: unknown) {
    this._closing = error;
    this._endOf(undefined, error);
    await this._commits._whenIdle();
    const isEnded = this._ended !== undefined;
    this._end(error);
    this._stop();
    if (!isEnded) wasm.sharedHearingClose(this._hearing);
  }

  private _stop() {
    following.delete(this);
    this._presence._exit();
    this._unfollow();
    clearTimeout(this._holeTimer);
    clearTimeout(this._checkTimer);
    this._channel?._close();
    this._channel = undefined;
    this._isAway = true;
  }

  /** What was said meanwhile is read when the page is back. */
  private _away() {
    if (this._isAway) return;
    this._isAway = true;
    this._locks._all(constants.LOCK_GONE);
    this._presence._exit();
    clearTimeout(this._holeTimer);
    clearTimeout(this._checkTimer);
    this._channel?._close();
    this._channel = undefined;
  }

  private _back() {
    if (!this._isAway || this._ended) return;
    this._isAway = false;
    this._listen(this._born);
    this._presence._enter().then(() => {
      if (!this._isAway) this._locks._all(constants.LOCK_BACK);
    });
    this._presence._look();
    this._check();
  }

  private _listen(born: number) {
    this._channel?._close();
    this._born = born;
    this._channel = this._isInMemory || this._isAway ? undefined : new Channel(born, this.name, {
      notice: (notice, isWhole) => this._heard(notice, isWhole),
      question: question => this._locks._heard(question),
      greeting: () => this._presence._look(),
    });
  }

  /** Reads what it has missed, if it has missed anything. */
  _check() {
    if (this._isAway || this._ended || this._isInMemory) return;
    this._presence._look();
    this._read().catch(error => this._tellError(error));
    this._checkLater();
  }

  /** A tab is gone: it may have written, and not have lived to tell of it. */
  private _checkAfter() {
    this._check();
    quietTimeout(() => this._check(), LAST_WORDS);
  }

  /** The database is lost: a browser that clears the site's data may refuse it for a moment. */
  async _recover() {
    for (const wait of RECOVERIES) {
      await new Promise(resolve => quietTimeout(() => resolve(undefined), wait));
      if (this._isAway || this._ended) return;
      try {
        await this._read();
        return;
      } catch (error) {
        if (wait === RECOVERIES.at(-1)) this._tellError(error);
      }
    }
  }

  private _checkLater() {
    clearTimeout(this._checkTimer);
    if (!this._isInMemory) this._checkTimer = quietTimeout(() => this._check(), CHECKS);
  }

  _tellError(cause: unknown) {
    const error = cause instanceof CommitError ? new TaskloomError('storage-blocked', `the shared state '${this.name}' can't be read: ${cause.message}`, { cause: cause.cause }) : cause;
    if (this._errorListeners.size === 0) report(error);
    for (const listener of this._errorListeners) tell(listener, error);
  }

  private _reportDamaged(key: string, cause: unknown) {
    if (this._damaged.has(key)) return;
    this._damaged.add(key);
    queueMicrotask(() => this._tellError(new TaskloomError('corrupt', `${show(key)} of the shared state '${this.name}' is damaged in storage, and counts as missing: ${(cause as Error).message}`, { cause })));
  }

  // ---- what it hears and reads -------------------------------------------------------------------------------------

  /** Another tab tells of a commit. */
  private _heard(notice: Notice, isWhole: boolean) {
    if (this._ended) return;
    try {
      const then = this._take(notice, isWhole);
      for (const { key, seq, quiet, value, gone } of notice.changes) if (gone || value) this._takeIn(key, seq, gone ? undefined : value, notice.by, quiet);
      this._follow(then);
    } catch (error) {
      report(error); // the engine has stopped
    }
  }

  private _take({ born, from, to }: { born: number; from: number; to: number }, isWhole: boolean) {
    return wasm.sharedNotice(this._hearing, born, from, to, isWhole, performance.now());
  }

  /** Takes in a value, or that there is none, if core says so. */
  private _takeIn(key: string, version: number, value: Encoded | undefined, by: TabId, quiet: boolean) {
    if (!wasm.sharedIsTaken(this._hearing, this._replica._seen(key), version)) return;
    const before = this._replica._get(key);
    this._replica._set(key, { version, value, by });
    if (value !== undefined || before?.value !== undefined) this._subscribers._changed(key, { version, by, quiet });
  }

  private _follow(then: number) {
    clearTimeout(this._holeTimer);
    if (then === constants.THEN_READ || then === constants.THEN_READ_ALL) {
      this._read(then === constants.THEN_READ_ALL).catch(error => this._tellError(error));
      return;
    }
    const due = wasm.sharedDue(this._hearing);
    if (!Number.isFinite(due) || due < 0) return;
    this._holeTimer = setTimeout(() => {
      try {
        this._follow(wasm.sharedTick(this._hearing, performance.now()));
      } catch (error) {
        report(error);
      }
    }, Math.max(0, Math.ceil(due - performance.now())));
  }

  /** Reads what is newer than what it has heard, or everything. One at a time. */
  private _read(all = false): Promise<void> {
    if (this._reading) {
      this._isReadAgain = true;
      return this._reading;
    }
    const reading = (async () => {
      do {
        this._isReadAgain = false;
        await this._readOnce(all);
      } while (this._isReadAgain && !this._ended);
    })();
    this._reading = reading;
    const over = () => { this._reading = undefined; };
    reading.then(over, over);
    return reading;
  }

  private async _readOnce(all: boolean) {
    while (!this._ended) {
      const from = wasm.sharedAsk(this._hearing);
      const { head: found, records } = await this._carrier.read(all ? undefined : from);
      if (this._ended) return;
      const head = readHead(found);
      if (!head) {
        await this.beginAnew();
        continue;
      }
      setHead(head);
      const then = wasm.sharedOnRead(this._hearing, all, from);
      if (then === constants.THEN_READ_ALL) {
        all = true;
        continue;
      }
      if (then === constants.READ_RESET) this._reset(head);
      const rows = records.flatMap(record => readRow(record) ?? []);
      for (const { key, seq, value, by } of rows) if (seq > 0) this._takeIn(key, seq, value, by, false);
      if (all || then === constants.READ_RESET) this._drop(new Set(rows.flatMap(({ key, value }) => (value === undefined ? [] : key))));
      const heard = wasm.sharedHeard(this._hearing);
      for (const [key, { version, value }] of this._replica._all()) if (value === undefined && version <= heard) this._replica._delete(key);
      return;
    }
  }

  /** The store has begun anew, or somebody has told of versions that it never had: what is known is not newer than anything. */
  private _reset(head: Head) {
    for (const [key, known] of this._replica._all()) this._replica._set(key, { ...known, version: 0 });
    if (head.born === this._born) return;
    this._listen(head.born);
    this._subscribers._beginAnew();
    this._locks._all(constants.LOCK_REBORN);
    queueMicrotask(() => { for (const listener of [...this._resetListeners]) tell(listener); }); // when all is taken in
  }

  /** What a reading of everything has not found. */
  private _drop(found: ReadonlySet<string>) {
    for (const [key, { version, value }] of this._replica._all()) {
      if (found.has(key) || !wasm.sharedDrops(this._hearing, version)) continue;
      this._replica._delete(key);
      if (value !== undefined) this._subscribers._changed(key, { version, by: 0, quiet: false });
    }
  }

  // ---- what Commits and LockCalls ask of it ------------------------------------------------------------------------

  born(): number {
    return this._born;
  }

  tokenOf(key: string): number {
    return this._locks._tokenOf(key);
  }

  decode(key: string, value: Encoded | undefined): unknown {
    return this._replica._decode(key, value);
  }

  /** Writes a head where there is none, or none of ours. */
  async beginAnew() {
    const { records } = await this._carrier.read();
    const rows = records.flatMap(record => readRow(record) ?? []);
    await this._carrier.commit([], false, found => {
      if (readHead(found)) return { puts: [] }; // another tab was faster
      const newest = (numbers: number[]) => numbers.reduce((a, b) => Math.max(a, b), 0);
      return { puts: [headAsStored({ born: randomId(), seq: newest(rows.map(({ seq }) => seq)), trimmed: 0, token: newest(rows.map(({ token }) => token)) })] };
    });
  }

  landed(landed: Landed): Promise<void> | undefined {
    // An update's own function may have closed it.
    const then = this._ended ? constants.THEN_NOTHING : this._take(landed, true);
    if (!this._ended) for (const { row, quiet } of landed.changes) this._takeIn(row.key, row.seq, row.value, this.tab, quiet);
    this._tell(landed);
    if (this._ended) return undefined;
    this._noteRemoved(landed.changes);
    this._follow(then);
    // The store has begun anew: who waits for the commit finds it when all is read.
    return landed.born === this._born ? undefined : this._reading?.catch(() => {});
  }

  /** Tells the other tabs of a commit. */
  private _tell({ born, from, to, changes }: Landed) {
    const notice = { born, from, to, by: this.tab, changes: changes.map(({ row: { key, seq, value }, quiet }) => ({ key, seq, quiet, value, gone: value === undefined })) };
    if (born === this._born && this._channel) this._channel._tell(notice);
    else if (!this._isInMemory) {
      // The page goes away, or the store has begun anew.
      const channel = new Channel(born, this.name, { notice() {}, question() {}, greeting() {} });
      channel._tell(notice);
      channel._close();
    }
  }

  foundOther() {
    if (!this._isAway && !this._ended) this._read().catch(error => this._tellError(error));
  }

  async readRow(key: string) {
    const { head: found, record } = await this._carrier.readOne(key).catch(cause => {
      throw new TaskloomError('storage-blocked', `the shared state '${this.name}' can't be read: ${cause?.message ?? cause}`, { cause });
    });
    const head = readHead(found) ?? { born: 0, seq: 0, trimmed: 0, token: 0 };
    return { row: readRow(record) ?? missingRow(key, head), born: head.born };
  }

  claim(key: string, over: number, lease: number, isWanted: () => boolean): Promise<Outcome> {
    return this._do(key, { does: 'claim', over, lease, isWanted }, {}, { owner: undefined, isDurable: false, isQuiet: true, lease });
  }

  release(key: string, token: number, born: number) {
    this._do(key, { does: 'release', claimed: token }, { born }, { owner: undefined, isDurable: false, isQuiet: true, lease: 0 }).catch(() => {}); // its lease runs out
  }

  ask(question: Question) {
    this._channel?._post(question);
    this._locks._heard(question);
  }

  // ---- what callers do ---------------------------------------------------------------------------------------------

  /** Has an operation done, and resolves to what it has come to. */
  private _do(key: string, deed: Deed, { token, ifVersion, signal, born }: WriteOptions, { isDurable, isQuiet }: Caller): Promise<Outcome> {
    return new Promise<Outcome>((resolve, reject) => {
      if (this._ended) return reject(this._ended);
      if (signal?.aborted) return reject(abortError(signal.reason, 'The write was cancelled'));
      const over = () => signal?.removeEventListener('abort', leave);
      const op: Op = {
        key, deed, token: token ?? constants.SHARED_NONE, ifVersion: ifVersion ?? constants.SHARED_NONE, born: born ?? this._born, quiet: isQuiet, isDurable,
        resolve: outcome => { over(); resolve(outcome); },
        reject: error => { over(); reject(error); },
      };
      const leave = () => { if (this._commits._remove(op)) reject(abortError(signal!.reason, 'The write was cancelled')); };
      signal?.addEventListener('abort', leave, { once: true });
      if (DEV && deed.does !== 'claim' && deed.does !== 'release') this._subscribers._noteWrite(key);
      this._commits._add(op);
    });
  }

  /** The same for what writes: who does not hold the lock of the key waits for it. */
  async _write(key: string, deed: Deed, options: WriteOptions, caller: Caller): Promise<Outcome & { is: 'done' | 'async' }> {
    const known = options.born ?? this._born;
    const outcome = await this._do(key, deed, { ...options, born: known }, caller);
    const conflict = () => new TaskloomError('conflict', `${show(key)} of the shared state '${this.name}' has not the version ${options.ifVersion} any more: another write came first; read it, and try again`);
    switch (outcome.is) {
      case 'done':
      case 'async':
        return outcome;
      case 'locked':
        return this._underLock(key, options.signal, caller, ({ token, born }) => {
          if (options.ifVersion !== undefined && born !== known) throw conflict(); // the store has begun anew while it waited
          return this._write(key, deed, { ...options, token, born }, caller);
        });
      case 'conflict':
        throw conflict();
      default:
        throw new TaskloomError('lease-lost', `${show(key)} of the shared state '${this.name}' was not written: its lock is held under a newer token, or was given back`);
    }
  }

  /** Waits for the lock of a key, for a write that finds it held or was overtaken. */
  private _underLock<T>(key: string, signal: AbortSignal | undefined, { owner, lease }: Caller, fn: (held: Held) => T | PromiseLike<T>): Promise<T> {
    const ended = this._endOfAll(owner);
    // It may have aborted while the write was on its way to storage.
    if (!ended && signal?.aborted) return Promise.reject(abortError(signal.reason, 'The write was cancelled'));
    return ended ? Promise.reject(ended) : this._locks._lock({ key, owner, lease, ifAvailable: false, signal }, fn);
  }

  /** What a promise of a caller's function comes to, unless the signal aborts before, or the store is closed. */
  private _awaited<T>(promise: PromiseLike<T>, signal: AbortSignal | undefined, owner: object | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const over = () => {
        this._waits.delete(fail);
        signal?.removeEventListener('abort', leave);
      };
      const fail = (error: unknown) => {
        over();
        reject(error);
      };
      const leave = () => fail(abortError(signal!.reason, 'The update was cancelled'));
      this._waits.set(fail, owner);
      signal?.addEventListener('abort', leave);
      promise.then(value => {
        over();
        resolve(value);
      }, fail);
      const ended = this._endOfAll(owner);
      if (ended) fail(ended);
      else if (signal?.aborted) leave();
    });
  }

  async _update(key: string, fn: (value: unknown) => unknown, options: WriteOptions, caller: Caller): Promise<unknown> {
    const { signal } = options;
    if (signal?.aborted) throw abortError(signal.reason, 'The update was cancelled');
    if (isAsync(fn) && options.token === undefined && performance.now() < (this._contended.get(key) ?? 0)) return this._updateInTurn(key, fn, signal, caller);
    for (;;) {
      let outcome: Outcome & { is: 'done' | 'async' };
      if (isAsync(fn) && options.token === undefined) {
        // It can't run in a transaction.
        const known = this._replica._get(key);
        const promise = Promise.resolve(fn(this.decode(key, known?.value)));
        outcome = { is: 'async', promise, version: this._replica._version(key), born: this._born };
      } else outcome = await this._write(key, { does: 'update', fn }, options, caller);
      if (outcome.is === 'done') return this.decode(key, outcome.value as Encoded);
      const { promise, version, born } = outcome;
      const value = await this._awaited(promise, signal, caller.owner);
      if (value === undefined && version === 0) return undefined;
      const result = this._encoded(key, returned(value, key));
      try {
        await this._write(key, { does: 'set', value: result }, { ...options, born, ifVersion: version }, caller);
        return decoded(result);
      } catch (error) {
        if ((error as TaskloomError).code !== 'conflict') throw error;
      }
      if (options.token !== undefined) continue; // only this tab's own writes come between
      this._contended.set(key, performance.now() + CONTENDED);
      return await this._updateInTurn(key, fn, signal, caller);
    }
  }

  /**
   * Another was faster: those to whom that happens come one after the other. Who holds them up for long is not waited for, since no write is lost without. Who is overtaken
   * again and again takes the lock.
   */
  private async _updateInTurn(key: string, fn: (value: unknown) => unknown, signal: AbortSignal | undefined, caller: Caller): Promise<unknown> {
    let leave: () => void = () => {};
    const left = new Promise<void>(resolve => { leave = resolve; });
    const waiting = new AbortController();
    try {
      await this._awaited(new Promise<void>(resolve => {
        this.platform.request(`taskloom-update:${this.name}:${key}`, { signal: waiting.signal }, () => {
          resolve();
          return left;
        }).catch(() => resolve());
        quietTimeout(() => resolve(), TURN);
      }), signal, caller.owner);
      for (let attempt = 1; ; attempt++) {
        // Where this tab has the lock it would wait for itself.
        if (attempt > TRIES && this._locks._tokenOf(key) === constants.SHARED_NONE) {
          return await this._underLock(key, signal, caller, ({ token, born, row }) => this._updateFrom(row, born, key, fn, { token, signal }, caller));
        }
        const { row, born } = await this.readRow(key);
        try {
          return await this._updateFrom(row, born, key, fn, { signal, ifVersion: row.value === undefined ? 0 : row.seq }, caller);
        } catch (error) {
          if ((error as TaskloomError).code !== 'conflict') throw error;
        }
      }
    } finally {
      waiting.abort();
      leave();
    }
  }

  /** Writes what the function makes of the value of a record. */
  private async _updateFrom(row: Row, born: number, key: string, fn: (value: unknown) => unknown, options: WriteOptions, caller: Caller): Promise<unknown> {
    const value = await this._awaited(Promise.resolve(fn(this.decode(key, row.value))), options.signal, caller.owner);
    if (value === undefined && row.value === undefined) return undefined;
    const result = this._encoded(key, returned(value, key));
    await this._write(key, { does: 'set', value: result }, { ...options, born }, caller);
    return decoded(result);
  }

  _encoded(key: string, value: unknown): Encoded {
    return encoded(value, `${show(key)} of the shared state '${this.name}'`);
  }

  /** Removes all keys, some in each transaction. */
  async _clear(options: WriteOptions, caller: Caller) {
    for (const keys = [...this._replica._keys]; keys.length > 0; ) {
      await Promise.all(keys.splice(0, KEYS_AT_ONCE).map(key => this._write(key, { does: 'delete' }, options, caller)));
    }
  }

  _lock<T>(key: string, request: { owner: object | undefined; lease: number; ifAvailable: boolean; signal: AbortSignal | undefined }, fn: (held: Held) => T | PromiseLike<T>): Promise<T> {
    if (this._ended) return Promise.reject(this._ended);
    if (request.signal?.aborted) return Promise.reject(abortError(request.signal.reason, 'The wait for the lock was cancelled'));
    if (inside?.store === this && inside.key === key) {
      return Promise.reject(new TaskloomError('recursive-call', `the lock of ${show(key)} in the shared state '${this.name}' is asked for by what runs under it, which would wait for itself for ever`));
    }
    return this._locks._lock({ key, ...request }, held => {
      const before = inside;
      inside = { store: this, key };
      try {
        return fn(held);
      } finally {
        inside = before;
      }
    });
  }

  /** Removes old tombstones: they take room. */
  private async _trim() {
    const { records } = await this._carrier.read();
    const keys = records.flatMap(record => {
      const row = readRow(record);
      return row && row.value === undefined && row.holder === 0 ? [row.key] : [];
    });
    while (keys.length > 0 && !this._ended && !this._isAway) await this._trimSome(keys.splice(0, KEYS_AT_ONCE));
  }

  private async _trimSome(keys: readonly string[]) {
    await this._carrier.commit(keys, false, (found, records) => {
      const head = readHead(found);
      const removes: string[] = [];
      if (!head || this._ended) return { puts: [] };
      for (const record of records) {
        const row = readRow(record);
        if (!row) continue;
        setHead(head);
        wasm.sharedRecord(row.seq, row.value === undefined, row.token, row.holder);
        if (!wasm.sharedMayTrim()) continue;
        removes.push(row.key);
        [head.trimmed, head.token] = wasm.sharedTrim() as unknown as [number, number];
      }
      return removes.length > 0 ? { puts: [headAsStored(head)], removes } : { puts: [] };
    });
  }

  /** After so many removals of its own a tab trims: one that lives for long would leave them all. */
  private _noteRemoved(changes: Landed['changes']) {
    for (const { row } of changes) if (row.value === undefined) this._removed++;
    if (this._removed < TRIM_AFTER || this._isInMemory) return;
    this._removed = 0;
    this._trim().catch(() => {});
  }
}

const isAsync = (fn: Function) => Object.prototype.toString.call(fn) === '[object AsyncFunction]';
