// The values of a cache in this tab's or the origin's storage, so that they survive a reload: slots of the session store (src/js/state), one for each entry.
//
// An entry is `[settled, freshUntil or null, value, whether callers get a promise of it]`, and ends when it is of no more use. When the page is loaded only the ends are read; a value is, when it is
// asked for.

import * as constants from '#constants';
import * as wasm from '#wasm';
import { statePart } from '#parts/state';
import { isReady } from '../base/engine.js';
import { sessionStore } from '../state/store.js';

const NAMESPACE = 'taskloom.cache.';

export const isUsable = () => isReady(statePart);

export class Stored {
  constructor(memo) {
    const { name, version, persist } = memo._options;
    this._memo = memo;
    this._own = undefined; // what this cache is writing now
    this._detached = false;
    this._store = sessionStore({
      namespace: `${NAMESPACE}${name.replace(/[@%]/g, encodeURIComponent)}@${version}`,
      storage: persist,
      // In a microtask: the storage is amid its work, or this cache is just being made, and nobody listens yet.
      onError: error => queueMicrotask(() => (error.code === 'quota-exceeded' ? this._makeRoom(error) : memo._emit('error', { key: error.key, error }, true))),
    });
    this._stop = this._store._listen((key, record) => this._heard(key, record));
  }

  /** Has the cache know of what is stored, the entry that lasts longest as the one used last. */
  open() {
    const { area, prefix } = this._store._space;
    this._removeOtherVersions(area, prefix);
    if (!area.storage) return;
    const found = [];
    for (const key of area.keys()) {
      if (!key.startsWith(prefix)) continue;
      const text = area.storage.getItem(key);
      const head = wasm.readHead(text.slice(0, constants.MAX_HEAD), Date.now(), 0);
      if ((head & constants.STANDING_MASK) !== constants.STANDING_CURRENT) continue; // it is removed, or set aside, when it is asked for
      found.push({ key: key.slice(prefix.length), end: wasm.headExpiresAt(), bytes: 2 * text.length });
    }
    found.sort((a, b) => a.end - b.end || 0);
    for (const { key, end, bytes } of found) this._memo._restore(key, end, bytes);
  }

  /** What an earlier version of the app has stored is of no use to any other. */
  _removeOtherVersions(area, prefix) {
    const family = prefix.slice(0, prefix.lastIndexOf('@') + 1);
    for (const key of area.keys()) if (key.startsWith(family) && !key.startsWith(prefix)) area.storage.removeItem(key);
  }

  /** Brings a value into memory; says whether it is there. */
  load(entry) {
    const record = this._store.get(entry._key);
    return this._memo._loaded(entry, isRecord(record) ? record : undefined);
  }

  has(key) {
    return this._store.has(key);
  }

  save(entry) {
    const end = this._memo._endOf(entry, true);
    const freshUntil = this._memo._endOf(entry, false);
    const record = [entry._settled, freshUntil === Infinity ? null : freshUntil, entry._value, entry._isAsync];
    this._write(() => this._store.set(entry._key, record, { expiresIn: end === Infinity ? Infinity : Math.max(0, end - Date.now()) }));
  }

  remove(entry) {
    if (!this._detached) this._write(() => this._store.delete(entry._key));
  }

  clear() {
    this._write(() => this._store.clear());
  }

  /** What is stored stays when the cache itself is done with. */
  detach() {
    this._detached = true;
    this._stop();
  }

  _write(write) {
    this._own = true;
    try {
      write();
    } finally {
      this._own = false;
    }
  }

  /** Another tab has written or removed an entry, or another cache of this name. */
  _heard(key, record) {
    if (this._own || this._detached) return;
    this._memo._changedElsewhere(key, record !== undefined);
  }

  /** The storage is full: the entries that were not used for longest go, twice as many each time, until the one that had no room has some. */
  _makeRoom(error) {
    const slot = this._store._slot(error.key);
    let gone = true;
    for (let count = 1; gone && !slot.stored && slot.read(this._store._policy); count *= 2) {
      gone = this._memo._evict(count, error.key);
      this._store.flush();
    }
    if (!slot.stored && slot.read(this._store._policy)) this._memo._emit('error', { key: error.key, error }, true);
  }
}

const isRecord = record => Array.isArray(record) && record.length === 4 && Number.isFinite(record[0]) && (record[1] === null || Number.isFinite(record[1]))
  && typeof record[3] === 'boolean';
