// Those who are told of changes.
//
// They are called in a microtask, in the order in which they have subscribed, with the newest value of each key that has changed until then.

import { report, tell, warn } from '../base/errors.js';
import type { TabId } from './record.js';

/** As often a listener may write in a row what it is told of before the build for development warns. */
const LOOP = 100;

/** What a subscriber is told. */
export interface SharedChange {
  readonly key: string;
  readonly value: unknown;
  /** 0 if the key has no value any more. */
  readonly version: number;
  /** The tab that has written it, */
  readonly by: string;
  /** which is this one. */
  readonly self: boolean;
  readonly quiet: boolean;
}

/** Changes of one key, folded. */
interface Folded {
  readonly version: number;
  readonly by: TabId;
  readonly quiet: boolean;
}

interface Subscription {
  readonly key: string | undefined;
  readonly listener: (change: SharedChange) => void;
}

export class Subscribers {
  private readonly _subscriptions = new Map<number, Subscription>();
  private _next = 0;
  private _pending = new Map<string, Folded>();
  /** In the build for development: the key of which listeners are told now, and how often in a row they have written it then. */
  private _telling: string | undefined;
  private readonly _loops = new Map<string, number>();
  /** Makes what subscribers are told. */
  private readonly _describe: (key: string, folded: Folded) => SharedChange;

  constructor(describe: (key: string, folded: Folded) => SharedChange) {
    this._describe = describe;
  }

  /** @internal */
  _add(key: string | undefined, listener: (change: SharedChange) => void): () => void {
    const id = this._next++;
    this._subscriptions.set(id, { key, listener });
    return () => void this._subscriptions.delete(id);
  }

  /** A key has changed. @internal */
  _changed(key: string, change: Folded) {
    if (this._subscriptions.size === 0) return;
    if (this._pending.size === 0) queueMicrotask(() => this._flush());
    const before = this._pending.get(key);
    this._pending.set(key, before === undefined ? change : folded(before, change));
  }

  /** Versions start anew: what is pending is older than what comes. @internal */
  _beginAnew() {
    for (const [key, change] of this._pending) this._pending.set(key, { ...change, version: 0 });
  }

  /** Something writes a key. @internal */
  _noteWrite(key: string) {
    if (key !== this._telling) return;
    this._telling = undefined;
    const count = (this._loops.get(key) ?? 0) + 1;
    this._loops.set(key, count);
    if (count === LOOP) warn(`a listener has written '${key}' of the shared state, of which it was told, ${LOOP} times in a row; if it answers its own writes, or another tab that does the same, this goes on for ever: look at self and by`);
  }

  private _flush() {
    const pending = this._pending;
    this._pending = new Map();
    const next = this._next;
    for (const [key, change] of pending) {
      let told: SharedChange | undefined;
      if (DEV) this._telling = key;
      for (const [id, { key: wanted, listener }] of this._subscriptions) {
        if ((wanted !== undefined && wanted !== key) || id >= next) continue;
        try {
          told ??= Object.freeze(this._describe(key, change));
        } catch (error) {
          report(error); // the engine has stopped
          return;
        }
        tell(listener, told);
      }
      if (DEV) {
        if (this._telling === key) this._loops.delete(key); // nobody has written it
        this._telling = undefined;
      }
    }
  }
}

/** Two changes of one key as one. */
const folded = (one: Folded, other: Folded): Folded => ({ ...(other.version > one.version ? other : one), quiet: one.quiet && other.quiet });
