// What this tab knows of the values: what it reads without waiting.

import { type Encoded, decoded } from './values.js';
import type { TabId } from './record.js';

/** What is known of a key. */
export interface Known {
  readonly version: number;
  /** None if it is gone. */
  readonly value: Encoded | undefined;
  readonly by: TabId;
  /** What readers are handed, once it was made: always the same object. */
  _handed?: { readonly value: unknown };
}

export class Replica {
  private readonly _known = new Map<string, Known>();
  private _keyList: readonly string[] | undefined;
  private readonly _damaged: (key: string, cause: unknown) => void;

  /** `damaged` is told of a value that can't be read. */
  constructor(damaged: (key: string, cause: unknown) => void) {
    this._damaged = damaged;
  }

  /** The version of what is known of a key, be it a value or its removal; 0 is nothing. @internal */
  _seen(key: string): number {
    return this._known.get(key)?.version ?? 0;
  }

  /** The version of a value; 0 is none. @internal */
  _version(key: string): number {
    const known = this._known.get(key);
    return known?.value === undefined ? 0 : known.version;
  }

  /** @internal */
  _get(key: string): Known | undefined {
    return this._known.get(key);
  }

  /** The value as readers get it. @internal */
  _read(key: string): unknown {
    const known = this._known.get(key);
    if (known?.value === undefined) return undefined;
    known._handed ??= { value: this._decode(key, known.value) };
    return known._handed.value;
  }

  /** A value that is the caller's own; undefined if there is none, or if it is damaged. @internal */
  _decode(key: string, value: Encoded | undefined): unknown {
    try {
      return value && decoded(value);
    } catch (cause) {
      this._damaged(key, cause);
      return undefined;
    }
  }

  /** The keys with a value: the same list until they change. @internal */
  get _keys(): readonly string[] {
    return (this._keyList ??= Object.freeze([...this._known].filter(([, { value }]) => value !== undefined).map(([key]) => key)));
  }

  /** @internal */
  _set(key: string, known: Known) {
    if ((this._known.get(key)?.value === undefined) !== (known.value === undefined)) this._keyList = undefined;
    this._known.set(key, known);
  }

  /** All of it. @internal */
  _all(): [string, Known][] {
    return [...this._known];
  }

  /** @internal */
  _delete(key: string) {
    if (this._known.get(key)?.value !== undefined) this._keyList = undefined;
    this._known.delete(key);
  }
}
