// How operations become commits: what comes while a transaction is in flight goes into the next. Core decides what becomes of each (src/core/shared/decide.rs).

import * as constants from '#constants';
import * as wasm from '#wasm';
import { type Carrier, type Change, CommitError, type Found } from '../../platform/shared-store.js';
import { TaskloomError, show, tell, warn } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import { type Head, type Mark, type Row, type TabId, headAsStored, missingRow, readHead, readRow, rowAsStored } from './record.js';
import { type Encoded, areEqual, encoded } from './values.js';

/** How often a commit is tried that has not happened. */
const ATTEMPTS = 3;
/** A function that takes longer holds up all tabs, in milliseconds. */
const SLOW = 10;

/** What an operation does. */
export type Deed =
  | { readonly does: 'set'; readonly value: Encoded }
  | { readonly does: 'delete' }
  | { readonly does: 'touch' }
  /** Calls a function with the value. If that returns a promise nothing is put, and `isAsync` is told. */
  | { readonly does: 'update'; readonly fn: (value: unknown) => unknown }
  /** Claims the lock, over a token of the operation's incarnation or, with `NONE`, if it is free; unless it is no longer wanted when the record has been read. */
  | { readonly does: 'claim'; readonly over: number; readonly lease: number; readonly isWanted: () => boolean }
  /** Gives the lock back. */
  | { readonly does: 'release'; readonly claimed: number };

/** What an operation has come to. */
export type Outcome =
  /** It is done: `version` is that of the value now, 0 for none. `value` is the value of an update. */
  | { readonly is: 'done'; readonly version: number; readonly changed: boolean; readonly value: unknown }
  /** Its function has returned a promise; `version` is that of the value that it was called with. */
  | { readonly is: 'async'; readonly promise: PromiseLike<unknown>; readonly version: number; readonly born: number }
  | { readonly is: 'conflict' | 'lease-lost' | 'locked' }
  /** The token of a claim, or `NONE`, and the record as it is then. */
  | { readonly is: 'claimed'; readonly token: number; readonly row: Row; readonly born: number };

export interface Op {
  readonly key: string;
  readonly deed: Deed;
  /** The token under which it writes, or `NONE`. */
  readonly token: number;
  /** The version that it replaces, or `NONE`. */
  readonly ifVersion: number;
  /** The incarnation of its tokens and version. */
  readonly born: number;
  readonly quiet: boolean;
  readonly isDurable: boolean;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** A change of a key that a commit has made. */
export interface Made {
  readonly row: Row;
  /** Whether all that has changed it is quiet. */
  quiet: boolean;
}

/** A commit that has landed. */
export interface Landed {
  readonly born: number;
  readonly from: number;
  readonly to: number;
  readonly changes: readonly Made[];
}

/** Whom commits are made for. */
export interface Committer {
  readonly tab: TabId;
  /** The name of the store, for messages. */
  readonly name: string;
  /** The token of the key's lock that this tab holds, or `NONE`: what the tab writes while it holds a lock is written under its token. */
  tokenOf(key: string): number;
  /** A value of a record as the caller's own. */
  decode(key: string, value: Encoded | undefined): unknown;
  /** A commit has landed: this tab knows of it before those who wait for it, at once or when what is returned has settled. */
  landed(landed: Landed): Promise<void> | undefined;
  /** There is no head, or none of ours. */
  beginAnew(): Promise<void>;
}

/** A record in a transaction. */
interface Work {
  readonly row: Row;
  isChanged: boolean;
  /** If its value has. */
  made: Made | undefined;
}

interface Commit {
  readonly number: number;
  ops: readonly Op[];
  base: number;
  head: Head | undefined;
  works: Map<string, Work>;
  settle: (() => void)[];
}

/** There is no head: what was thrown in the transaction. */
const NO_HEAD = /* @__PURE__ */ new Error('no head');

export class Commits {
  private readonly _carrier: Carrier;
  private readonly _for: Committer;
  private _queue: Op[] = [];
  private _isBusy = false;
  private _working: Promise<void> | undefined;
  private _count = 0;
  private _hasWarned = false;

  constructor(carrier: Carrier, committer: Committer) {
    this._carrier = carrier;
    this._for = committer;
  }

  /** Has an operation done. @internal */
  _add(op: Op) {
    this._queue.push(op);
    if (this._isBusy) return;
    this._isBusy = true;
    this._working = Promise.resolve().then(() => this._work());
  }

  /** Takes an operation out again, unless it is on its way. @internal */
  _remove(op: Op): boolean {
    const place = this._queue.indexOf(op);
    if (place >= 0) this._queue.splice(place, 1);
    return place >= 0;
  }

  /** Refuses all that waits. @internal */
  _end(error: unknown) {
    for (const { reject } of this._queue.splice(0)) reject(error);
  }

  /** Resolves when there is nothing more to do. @internal */
  async _whenIdle(): Promise<void> {
    await this._working;
  }

  private async _work() {
    try {
      while (this._queue.length > 0) await this._commit(this._take());
    } finally {
      this._isBusy = false;
    }
  }

  /** The operations of the next transaction. */
  private _take(): Op[] {
    const keys = new Set<string>();
    let count = 0;
    try {
      wasm.sharedBatch();
      for (const { key } of this._queue) {
        if (!wasm.sharedTakes(!keys.has(key))) break;
        keys.add(key);
        count++;
      }
    } catch {
      count = this._queue.length; // the engine has stopped: all of them are told
    }
    return this._queue.splice(0, count);
  }

  private async _commit(ops: Op[]) {
    const commit: Commit = { number: ++this._count, ops, base: 0, head: undefined, works: new Map(), settle: [] };
    for (let attempt = 1; commit.ops.length > 0; attempt++) {
      try {
        const keys = [...new Set(commit.ops.map(({ key }) => key))];
        await this._carrier.commit(keys, commit.ops.some(({ isDurable }) => isDurable), (head, records) => this._decide(commit, keys, head, records));
        return await this._landed(commit);
      } catch (error) {
        try {
          if (await this._hasLanded(commit, error, attempt < ATTEMPTS)) return await this._landed(commit);
        } catch (refusal) {
          for (const { reject } of commit.ops) reject(refusal);
          return;
        }
      }
    }
  }

  /** After a commit has failed: whether it has happened all the same. If it has not it is tried again; throws what its operations are told instead. */
  private async _hasLanded(commit: Commit, error: unknown, isTriedAgain: boolean): Promise<boolean> {
    const where = `the shared state '${this._for.name}'`;
    if (error === NO_HEAD && isTriedAgain) {
      await this._for.beginAnew().catch(cause => { throw blocked(where, cause); });
      return false;
    }
    if (!(error instanceof CommitError)) throw error === NO_HEAD ? blocked(where, error) : error;
    switch (error.how) {
      case 'clone': {
        // The others go on.
        const isRefused = ({ key, deed }: Op) => key === error.key && deed.does !== 'claim' && deed.does !== 'release';
        const refused = commit.ops.filter(isRefused);
        const refusal = new TaskloomError('not-serializable', `${show(error.key)} of ${where} can't be stored: ${error.message}`, { cause: error.cause });
        for (const { reject } of refused) reject(refusal);
        commit.ops = commit.ops.filter(op => !isRefused(op));
        return false;
      }
      case 'full':
        throw new TaskloomError('quota-exceeded', `${where} has no more room: ${error.message}; delete something, and try again`, { cause: error.cause });
      case 'unknown':
        throw unknown(where, error);
      case 'lost': {
        const fate = await this._fateOf(commit).catch(cause => { throw unknown(where, cause); });
        if (fate === constants.FATE_LANDED) return true;
        if (fate === constants.FATE_UNKNOWN) throw unknown(where, error);
        if (!isTriedAgain) throw blocked(where, error);
        return false;
      }
      default:
        throw blocked(where, error);
    }
  }

  /** What became of a commit: any of the records that it puts tells. */
  private async _fateOf(commit: Commit): Promise<number> {
    const work = [...commit.works.values()].find(({ isChanged }) => isChanged);
    if (!work || !commit.head) return constants.FATE_NOT_LANDED;
    const { head: found, record } = await this._carrier.readOne(work.row.key);
    const head = readHead(found);
    if (!head) return constants.FATE_NOT_LANDED; // what it was written to is no more
    const row = readRow(record);
    const marks = row?.marks ?? [];
    const own = marks.find(([writer]) => writer === this._for.tab)?.[1] ?? constants.SHARED_NONE;
    setHead(head);
    const oldest = wasm.sharedReplaced(-1, marks.length) < 0 ? constants.SHARED_NONE : marks[0]![2];
    return wasm.sharedFate(commit.head.born, commit.number, commit.base, own, oldest, row === undefined);
  }

  /** In the transaction: what it puts. */
  private _decide(commit: Commit, keys: readonly string[], found: Found, records: readonly Found[]): Change {
    const head = readHead(found);
    if (!head) throw NO_HEAD;
    commit.head = head;
    commit.base = head.seq;
    commit.settle = [];
    commit.works = new Map(keys.map((key, i) => [key, { row: readRow(records[i]) ?? missingRow(key, head), isChanged: false, made: undefined }]));
    for (const op of commit.ops) {
      const work = commit.works.get(op.key)!;
      try {
        const outcome = this._apply(op, work, head);
        commit.settle.push(() => op.resolve(outcome));
      } catch (error) {
        commit.settle.push(() => op.reject(error)); // what its function has thrown: the others go on
      }
    }
    const puts: { key: string }[] = [];
    for (const { row, isChanged } of commit.works.values()) {
      if (!isChanged) continue;
      row.marks = this._marked(row.marks, [this._for.tab, commit.number, commit.base]);
      puts.push(rowAsStored(row));
    }
    if (head.seq > commit.base) puts.push(headAsStored(head));
    return { puts };
  }

  private _marked(marks: readonly Mark[], mark: Mark): readonly Mark[] {
    const gone = wasm.sharedReplaced(marks.findIndex(([writer]) => writer === mark[0]), marks.length);
    return [...marks.filter((_, i) => i !== gone), mark];
  }

  /** What becomes of an operation. */
  private _apply(op: Op, work: Work, head: Head): Outcome {
    const { row } = work;
    setHead(head);
    wasm.sharedRecord(row.seq, row.value === undefined, row.token, row.holder);
    if (op.deed.does === 'claim') return this._claim(op.deed, op.born, work, head);
    if (op.deed.does === 'release') {
      if (wasm.sharedGivesBack(op.deed.claimed, op.born)) {
        row.holder = 0;
        work.isChanged = true;
      }
      return done(row, false);
    }
    const own = op.token === constants.SHARED_NONE ? this._for.tokenOf(op.key) : constants.SHARED_NONE;
    let admitted = wasm.sharedAdmit(own === constants.SHARED_NONE ? op.token : own, op.ifVersion, own === constants.SHARED_NONE ? op.born : head.born);
    // This tab has lost the lock, and has not heard of it.
    if (admitted === constants.ADMIT_LEASE_LOST && own !== constants.SHARED_NONE) admitted = wasm.sharedAdmit(constants.SHARED_NONE, op.ifVersion, op.born);
    switch (admitted) {
      case constants.ADMIT_LEASE_LOST:
        return { is: 'lease-lost' };
      case constants.ADMIT_CONFLICT:
        return { is: 'conflict' };
      case constants.ADMIT_LOCKED:
        return { is: 'locked' };
      default:
        return this._write(op, work, head);
    }
  }

  private _claim({ over, lease, isWanted }: { over: number; lease: number; isWanted: () => boolean }, born: number, work: Work, head: Head): Outcome {
    const { row } = work;
    const token = isWanted() ? wasm.sharedClaim(over, born) : constants.SHARED_NONE;
    if (token !== constants.SHARED_NONE) {
      Object.assign(row, { token, lease, holder: this._for.tab });
      work.isChanged = true;
    }
    return { is: 'claimed', token, row: { ...row }, born: head.born };
  }

  private _write(op: Op, work: Work, head: Head): Outcome {
    const { row } = work;
    const { deed } = op;
    let value: Encoded | undefined;
    let effect: number;
    let result: unknown;
    if (deed.does === 'set' || deed.does === 'update') {
      if (deed.does === 'set') value = deed.value;
      else {
        result = this._call(op.key, deed.fn, row.value);
        if (isThenable(result)) {
          Promise.resolve(result).catch(() => {}); // whoever waits for it is told, if this transaction lands
          return { is: 'async', promise: result as PromiseLike<unknown>, version: row.value === undefined ? 0 : row.seq, born: head.born };
        }
        if (result === undefined && row.value === undefined) return done(row, false);
        value = encoded(returned(result, op.key), `${show(op.key)} of the shared state '${this._for.name}'`);
        // The function may have come to the engine by other calls.
        setHead(head);
        wasm.sharedRecord(row.seq, row.value === undefined, row.token, row.holder);
      }
      effect = row.value !== undefined && areEqual(row.value, value) ? constants.EFFECT_SAME : constants.EFFECT_VALUE;
    } else {
      value = deed.does === 'touch' ? row.value : undefined;
      effect = deed.does === 'touch' ? constants.EFFECT_TOUCH : constants.EFFECT_REMOVED;
    }
    const version = wasm.sharedNext(effect);
    if (version === constants.SHARED_NONE) return done(row, false, value);
    Object.assign(row, { seq: version, value, by: this._for.tab });
    head.seq = version;
    work.isChanged = true;
    if (work.made) work.made.quiet &&= op.quiet;
    else work.made = { row, quiet: op.quiet };
    return done(row, true, value);
  }

  /** Calls a function of the user's with a value of its own. */
  private _call(key: string, fn: (value: unknown) => unknown, value: Encoded | undefined): unknown {
    const given = this._for.decode(key, value);
    const begun = performance.now();
    const result = fn(given);
    if (!this._hasWarned && performance.now() - begun > SLOW) {
      this._hasWarned = true;
      warn(`the function of an update of '${key}' has taken ${Math.round(performance.now() - begun)} ms, and has kept all other tabs from writing meanwhile; ` +
        'compute before the update, or make the function async');
    }
    return result;
  }

  private async _landed(commit: Commit) {
    const { head, base, works } = commit;
    if (head && head.seq > base) {
      const changes = [...works.values()].flatMap(({ made }) => made ?? []);
      let known: Promise<void> | undefined;
      tell(() => { known = this._for.landed({ born: head.born, from: base + 1, to: head.seq, changes }); });
      if (known) await known;
    }
    for (const settle of commit.settle) settle();
  }
}

/** What an update has returned: who changes a value in place, and returns nothing, would lose it. */
export function returned(value: unknown, key: string): unknown {
  if (value !== undefined) return value;
  throw new TaskloomError('invalid-argument', `the function of an update of ${show(key)} has returned nothing; return the new value, also if it is the one that was given, changed, and remove one by delete()`);
}

const done = (row: Row, changed: boolean, value?: unknown): Outcome => ({ is: 'done', version: row.value === undefined ? 0 : row.seq, changed, value });

/** Core decides by the head and the record that it was told last. */
export const setHead = ({ born, seq, trimmed, token }: Head) => wasm.sharedHead(born, seq, trimmed, token);

const blocked = (where: string, cause: unknown) => new TaskloomError('storage-blocked',
  `${where} can't be written: ${(cause as Error | undefined)?.message ?? cause}; nothing was changed`, { cause });

const unknown = (where: string, cause: unknown) => new TaskloomError('outcome-unknown',
  `nobody can tell whether ${where} was written: ${(cause as Error | undefined)?.message ?? cause}; read it before you write again`, { cause });
