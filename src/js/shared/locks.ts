// Locks of keys. What follows for a call that wants one, has one or has lost it is core's to say (src/core/shared/lock.rs); this carries it out.

import * as constants from '#constants';
import * as wasm from '#wasm';
import type { Locks } from '../../platform/locks.js';
import { TaskloomError, abortError, report, show, warn } from '../base/errors.js';
import { quietTimeout } from '../base/host.js';
import type { Question } from './notices.js';
import type { Row, TabId } from './record.js';
import type { Outcome } from './commits.js';

/** Whom locks are asked of. */
export interface LockKeeper {
  readonly tab: TabId;
  readonly name: string;
  readonly platform: Locks;
  /** The incarnation of the store that this tab knows. */
  born(): number;
  /** The record of a key, and of which incarnation it is. */
  readRow(key: string): Promise<{ readonly row: Row; readonly born: number }>;
  /** A record of another incarnation was read: finds out which there is, and tells all calls if the store has begun anew. */
  foundOther(): void;
  /** `over` is of the incarnation that this tab knows. `isWanted` is asked in the transaction. */
  claim(key: string, over: number, lease: number, isWanted: () => boolean): Promise<Outcome>;
  release(key: string, token: number, born: number): void;
  /** Asks the other tabs. */
  ask(question: Question): void;
}

/** The presence lock of a tab: it is there as long as the tab has the store open. */
export const presenceLock = (tab: TabId, name: string) => `taskloom-tab:${tab}:${name}`;

/** How long a lock is waited for before the build for development says so, in milliseconds. */
const SILENCE = 10_000;

/** How soon a lock that is free is granted, in milliseconds. */
const SOON = 20;

/** What a call that has the lock is given. */
export interface Held {
  readonly token: number;
  readonly row: Row;
  readonly born: number;
  readonly signal: AbortSignal;
}

export interface LockRequest {
  readonly key: string;
  /** The handle that it is of. */
  readonly owner: object | undefined;
  readonly lease: number;
  readonly ifAvailable: boolean;
  readonly signal: AbortSignal | undefined;
}

export class LockCalls {
  private readonly _keeper: LockKeeper;
  /** By key. */
  private readonly _calls = new Map<string, Set<LockCall<unknown>>>();

  constructor(keeper: LockKeeper) {
    this._keeper = keeper;
  }

  /** Calls a function under the lock of a key. @internal */
  _lock<T>(request: LockRequest, fn: (held: Held) => T | PromiseLike<T>): Promise<T> {
    const call = new LockCall<T>(this._keeper, request, fn, () => {
      calls.delete(call as LockCall<unknown>);
      if (calls.size === 0 && this._calls.get(request.key) === calls) this._calls.delete(request.key);
    }, () => [...this._calls.values()].some(calls => [...calls].some(each => each._running)));
    const calls = this._calls.get(request.key) ?? new Set();
    this._calls.set(request.key, calls);
    calls.add(call as LockCall<unknown>);
    return call._begin();
  }

  /** The token of the lock of a key that this tab holds, or `NONE`. @internal */
  _tokenOf(key: string): number {
    for (const call of this._calls.get(key) ?? []) if (call._running !== undefined) return call._running.token;
    return constants.SHARED_NONE;
  }

  /** Somebody asks or answers. @internal */
  _heard({ asks, key, token, holder, holds }: Question) {
    const calls = this._calls.get(key) ?? [];
    if (!asks) {
      for (const call of calls) call._step(holds ? constants.LOCK_HOLDS : constants.LOCK_HOLDS_NOT, token);
      return;
    }
    const answer = this._answer(key, token, holder);
    if (answer !== undefined) this._keeper.ask({ asks: false, key, token, holder, holds: answer });
  }

  /** What this tab says to a question; nothing if it has nothing to do with it. */
  _answer(key: string, token: number, holder: TabId): boolean | undefined {
    for (const call of this._calls.get(key) ?? []) if (call._answers(token)) return true;
    return holder === this._keeper.tab ? false : undefined; // it has given it back
  }

  /** Something has happened to all of them. @internal */
  _all(event: number) {
    for (const calls of [...this._calls.values()]) for (const call of [...calls]) call._step(event);
  }

  /** The store or a handle is closed, or the engine has stopped. @internal */
  _end(error: unknown, owner: object | undefined) {
    for (const calls of [...this._calls.values()]) for (const call of [...calls]) if (owner === undefined || call._owner === owner) call._fail(error);
  }
}

/** One call that wants the lock of a key. */
class LockCall<T> {
  /** What runs under it. */
  _running: Held | undefined;
  private readonly _keeper: LockKeeper;
  private readonly _request: LockRequest;
  private readonly _fn: (held: Held) => T | PromiseLike<T>;
  private readonly _over: () => void;
  /** Whether this tab holds any lock of the store. */
  private readonly _holdsAny: () => boolean;
  private readonly _controller = new AbortController();
  private readonly _promise: Promise<T>;
  private _resolve!: (value: T | PromiseLike<T>) => void;
  private _reject!: (error: unknown) => void;
  /** Core's. */
  private _waiter = -1;
  /** Lets go of the platform's lock, or of the request for it. */
  private _leave: (() => void) | undefined;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _warnTimer: ReturnType<typeof setTimeout> | undefined;
  /** The record that was seen last. */
  private _row: Row | undefined;
  private _claimed: { readonly row: Row; readonly token: number; readonly born: number } | undefined;
  /** The platform's lock was granted to the latest request. */
  private _isGranted = false;
  private _isOver = false;

  constructor(keeper: LockKeeper, request: LockRequest, fn: (held: Held) => T | PromiseLike<T>, over: () => void, holdsAny: () => boolean) {
    this._holdsAny = holdsAny;
    this._keeper = keeper;
    this._request = request;
    this._fn = fn;
    this._over = over;
    this._promise = new Promise((resolve, reject) => {
      this._resolve = resolve;
      this._reject = reject;
    });
  }

  get _owner(): object | undefined {
    return this._request.owner;
  }

  _begin(): Promise<T> {
    const { signal, lease, ifAvailable } = this._request;
    if (DEV) this._warnTimer = quietTimeout(() => this._warn(), SILENCE);
    this._waiter = wasm.sharedWaiter(this._keeper.tab, lease, ifAvailable);
    signal?.addEventListener('abort', this._aborted);
    this._step(constants.LOCK_BEGIN);
    return this._promise;
  }

  private readonly _aborted = () => {
    const { reason } = this._request.signal!;
    if (this._running) return this._controller.abort(reason); // what runs goes on, and knows
    this._reject(abortError(reason, 'The wait for the lock was cancelled'));
    this._step(constants.LOCK_ABORTED);
    this._finish();
  };

  /** Whether it has to do with a token. */
  _answers(token: number): boolean {
    return !this._isOver && wasm.sharedAnswers(this._waiter, token);
  }

  /** Tells core what has happened, and does what follows. */
  _step(event: number, token = 0, row: Row | undefined = undefined) {
    if (this._isOver) return;
    try {
      if (row) this._row = row;
      const step = wasm.sharedStep(this._waiter, event, token || (row?.token ?? 0), row?.holder ?? 0, row?.lease || this._request.lease, performance.now());
      this._do(step);
      this._wake();
    } catch (error) {
      this._fail(error);
    }
  }

  private _wake() {
    clearTimeout(this._timer);
    if (this._isOver) return;
    const at = wasm.sharedWake(this._waiter);
    if (Number.isFinite(at) && at >= 0) this._timer = setTimeout(() => this._step(constants.LOCK_TICK), Math.max(0, Math.ceil(at - performance.now())));
  }

  private _do(step: number) {
    switch (step) {
      case constants.STEP_QUEUE:
        this._queue(false);
        // A lock that is free is granted sooner, and the claim reads the record too.
        if (!this._request.ifAvailable) setTimeout(() => { if (!this._isOver && !this._isGranted) this._look(); }, SOON);
        return;
      case constants.STEP_LOOK:
        return this._look();
      case constants.STEP_PROBE:
        return this._probe();
      case constants.STEP_ASK:
        return this._ask();
      case constants.STEP_CLAIM:
        return this._claim();
      case constants.STEP_STEAL:
        return this._queue(true);
      case constants.STEP_RUN:
        return void this._run();
      case constants.STEP_LOST:
        return this._lose();
      case constants.STEP_UNAVAILABLE:
        this._letGo();
        this._reject(new TaskloomError('lock-unavailable', `the lock of ${this._where} is held by another; try again later, or wait for it without ifAvailable`));
        return this._finish();
      case constants.STEP_LEAVE:
        this._letGo();
        return;
      case constants.STEP_RELEASE:
        // First, so that its transaction begins before that of whoever is granted the lock.
        this._keeper.release(this._request.key, this._token, this._claimed!.born);
        this._letGo();
        return this._finish();
      default:
    }
  }

  private get _where() {
    return `${show(this._request.key)} in the shared state '${this._keeper.name}'`;
  }

  private get _token(): number {
    return wasm.sharedToken(this._waiter);
  }

  /** Requests the platform's lock; what an earlier request says is left out. */
  private _queue(steal: boolean) {
    const before = this._leave;
    this._isGranted = false;
    const waiting = new AbortController();
    let letGo: () => void = () => {};
    const isLeft = new Promise<void>(resolve => { letGo = resolve; });
    const leave = () => {
      waiting.abort();
      letGo();
    };
    this._leave = leave;
    const isCurrent = () => this._leave === leave && !this._isOver;
    const { ifAvailable } = this._request;
    this._keeper.platform.request(`taskloom-shared:${this._keeper.name}:${this._request.key}`, steal ? { steal } : ifAvailable ? { ifAvailable } : { signal: waiting.signal }, isGranted => {
      if (!isCurrent()) return undefined;
      if (!isGranted) return void queueMicrotask(() => this._step(constants.LOCK_TAKEN));
      this._isGranted = true;
      queueMicrotask(() => { if (isCurrent()) this._step(constants.LOCK_GRANTED); });
      return isLeft;
    }).catch((error: unknown) => {
      if (!isCurrent()) return;
      if ((error as Error | undefined)?.name !== 'AbortError') return this._fail(error);
      this._leave = undefined;
      this._step(constants.LOCK_STOLEN);
    });
    if (steal) before?.();
  }

  private _letGo() {
    const leave = this._leave;
    this._leave = undefined;
    leave?.();
  }

  private _look() {
    const { _keeper: keeper } = this;
    keeper.readRow(this._request.key).then(({ row, born }) => {
      if (born !== keeper.born()) keeper.foundOther();
      else this._step(constants.LOCK_RECORD, 0, row);
    }, error => this._fail(error));
  }

  private _probe() {
    const { holder, token } = this._row!;
    const { platform, name } = this._keeper;
    const probed = (isAlive: boolean) => {
      if (this._row?.token === token) this._step(isAlive ? constants.LOCK_ALIVE : constants.LOCK_DEAD);
    };
    // Without locks that all tabs have nobody knows: the holder is asked.
    if (!platform.isShared) return queueMicrotask(() => probed(true));
    platform.request(presenceLock(holder, name), { ifAvailable: true, mode: 'shared' }, isGranted => {
      queueMicrotask(() => probed(!isGranted));
      return undefined;
    }).catch(() => probed(true));
  }

  private _ask() {
    const { key } = this._request;
    const token = this._token;
    const holder = this._row?.holder ?? 0;
    // Later: core is amid a step.
    queueMicrotask(() => {
      this._keeper.ask({ asks: true, key, token, holder, holds: false });
    });
  }

  private _claim() {
    const { key, lease } = this._request;
    const { _keeper: keeper } = this;
    const known = keeper.born();
    keeper.claim(key, this._token, lease, () => !this._isOver && wasm.sharedClaims(this._waiter)).then(outcome => {
      if (outcome.is !== 'claimed') return;
      const { token, born, row } = outcome;
      // It is of another incarnation, or of before core was told of this one: then it is none, and core claims again.
      const isOther = born !== keeper.born() || known !== keeper.born();
      if (token !== constants.SHARED_NONE && (isOther || this._isOver)) keeper.release(key, token, born);
      if (isOther) return keeper.foundOther();
      if (token === constants.SHARED_NONE) return this._step(constants.LOCK_REFUSED, 0, row);
      this._claimed = outcome;
      this._step(constants.LOCK_CLAIMED, token);
    }, error => this._fail(error));
  }

  /** In the build for development: two calls may wait for each other. */
  private _warn() {
    if (this._running || this._isOver || !this._holdsAny()) return;
    warn(`the lock of ${this._where} has been waited for for ${SILENCE / 1000} s by a tab that holds a lock itself: ` +
      'two that are asked for in different orders, or one that is asked for under itself, wait for ever');
  }

  private async _run() {
    const { row, born } = this._claimed!;
    this._running = { token: this._token, row, born, signal: this._controller.signal };
    if (this._request.signal?.aborted) this._aborted();
    const begun = performance.now();
    try {
      const value = await this._fn(this._running);
      // Who was silent for a lease may have lost it, and not have heard yet.
      if (performance.now() - begun >= this._request.lease && !await this._isStillHeld()) this._lose();
      this._resolve(value);
    } catch (error) {
      this._reject(error);
    } finally {
      this._running = undefined;
      this._step(constants.LOCK_FINISHED);
      if (!this._isOver) this._finish();
    }
  }

  /** What the record says of it. */
  private async _isStillHeld(): Promise<boolean> {
    const { row, born } = await this._keeper.readRow(this._request.key);
    return born === this._claimed!.born && row.token === this._claimed!.token;
  }

  /** What runs goes on, without the lock. */
  private _lose() {
    if (this._isOver) return;
    const error = new TaskloomError('lease-lost', `the lock of ${this._where} was lost: this tab was silent for longer than the lease, or the store has begun anew; ` +
      'what it has written until then stands, what comes now is refused');
    this._letGo();
    this._running = undefined;
    this._reject(error);
    this._controller.abort(error);
    this._finish();
  }

  _fail(error: unknown) {
    if (this._isOver) return;
    this._letGo();
    this._reject(error);
    if (this._running) {
      this._keeper.release(this._request.key, this._running.token, this._running.born);
      this._controller.abort(error);
    }
    this._running = undefined;
    this._finish();
  }

  private _finish() {
    if (this._isOver) return;
    this._isOver = true;
    clearTimeout(this._timer);
    if (DEV) clearTimeout(this._warnTimer);
    this._letGo();
    this._request.signal?.removeEventListener('abort', this._aborted);
    this._over();
    try {
      wasm.sharedWaiterClose(this._waiter);
    } catch (error) {
      report(error); // the engine has stopped
    }
  }
}

