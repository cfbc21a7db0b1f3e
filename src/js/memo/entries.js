// The entries of one cached function: their keys, their values, their times. What is kept and what goes is core's to say (src/core/memo/slots.rs).

import * as constants from '#constants';
import { memoPart } from '#parts/memo';
import * as core from '#wasm';
import { assertReady, epoch, isReady, takeRoom } from '../base/engine.js';
import { TaskloomError, invalid, report, tell } from '../base/errors.js';
import { MAX_ROUNDS, loopError } from '../base/listeners.js';
import { quietTimeout } from '../base/host.js';
import { SAME, hand, keep } from './copy.js';
import { KeyMaker, isKeyError, objectIds } from './key.js';
import { jobs, others, stored } from './late.js';
import { lifetime, openCache, readOptions } from './options.js';
import { originSeed, pageSeed } from './seed.js';
import { ShortCut } from './short-cut.js';
import { sizeOf as estimate } from './size.js';

const REASONS = [undefined, 'evicted', 'expired', 'cleared', 'invalid'];
/** In core's order: see stat() in src/core/memo/wire.rs. */
const STATS = ['hits', 'misses', 'stale', 'shared', 'refreshes', 'failures', 'evictions', 'expirations', 'entries', 'bytes', 'inFlight'];
const MAX_TIMER = 0x7fff_ffff;

/** The number of an entry that core does not know: its function is on the stack, or it is gone. */
export const NO_SLOT = -1;
/** In place of a value that is stored, and not in memory yet. */
const UNREAD = Symbol('unread');

export class Entry {
  constructor(key) {
    this._key = key;
    this._slot = NO_SLOT;
    this._has = false; // a value
    this._value = undefined;
    this._handing = SAME;
    this._isAsync = false; // whether callers get a promise of it
    this._promise = undefined;
    this._error = undefined; // a failure that is kept
    this._settled = 0;
    this._bytes = 0;
    this._isListed = false; // it is in the map
    this._note = undefined; // how the short cut finds it
    this._runs = false; // its function is on the stack
    this._flight = undefined;
    this._call = undefined; // `{ self, args }` for a refresh
  }
}

/** What `Memo` executes for. It has `_refresh()`, which begins the refreshes whose turn it is. */
export class Entries {
  constructor(kind, fn, options = {}) {
    this._fn = fn;
    this._options = readOptions(kind, fn, options);
    this._where = `the value of ${this._options.name || 'the function'}()`;
    this._epoch = -1;
    this._number = -1;
    this._isTimed = false;
    this._refreshes = false;
    this._keepsErrors = false;
    this._entries = new Map();
    this._shortCut = new ShortCut();
    this._bySlot = [];
    this._started = []; // entries whose function is on the stack
    this._keys = undefined;
    this._key = undefined; // the one that was made last,
    this._note = undefined; // and what the short cut has read for it
    this._tier = undefined; // where values are stored
    this._inside = this._options.persist === undefined ? 0 : 1; // a call of it goes on to calls of the session store
    this._origin = undefined; // the other tabs, once the code for that is there
    this._isAsync = this._options.isAsync;
    this._isLate = this._options.isJob || this._options.scope === 'origin'; // the function runs later than its key is made
    this._listeners = new Set();
    this._timer = undefined;
    this._armedFor = Infinity;
    this._disposed = false;
    const { validate, persist, key, ignore, hashers, scope, keepIf, ttlOf, isJob } = this._options;
    this._judges = keepIf !== undefined || ttlOf !== undefined; // each value by itself
    this._isPlain = validate === undefined && options.refreshEvery === undefined; // a fresh entry can be served as it is
    this._isText = persist !== undefined || scope === 'origin'; // keys have to be texts
    this._takesAll = key === undefined && ignore === undefined && hashers === undefined && !this._isText; // all arguments, and no more, are the key
    this._isShared = scope === 'origin';
    this._tierOf = persist !== undefined && !this._isShared ? stored : undefined;
    this._startsBy = isJob ? jobs : undefined;
    for (const late of [this._tierOf, this._startsBy, this._isShared ? others : undefined]) late?.begin();
    if (!isReady(memoPart)) return; // it begins at the first call
    if (this._lacks(this._tierOf)) core.memoClose(openCache(this._options, 0).number); // what is wrong with its numbers is told now
    else this._begin();
  }

  /** Whether something that this cache needs is not there yet. */
  _lacks(late) {
    return late !== undefined && !late.isUsable;
  }

  /** Does something with the other tabs: at once, or when the code for that is there. */
  _inOrigin(work, onError = report) {
    if (others.module) this._origin ??= new others.module.Origin(this);
    if (this._origin) return void work(this._origin);
    others.begin().then(({ Origin }) => {
      work(this._origin ??= new Origin(this));
      if (this._disposed) this._origin.close();
    }).catch(onError);
  }

  /** Makes the cache known to the engine, which may be a fresh one. */
  _begin() {
    if (this._disposed) throw new TaskloomError('disposed', `the cache of ${this._options.name || 'a function'}() was disposed; make a new one`);
    assertReady(memoPart);
    if (this._lacks(this._tierOf)) {
      this._tierOf.begin();
      throw this._tierOf.error ?? new TaskloomError('not-initialized', `what stores the values of ${this._options.name}() is not loaded yet; await init() before the first call that can't wait`);
    }
    const seed = this._isText ? originSeed() : pageSeed();
    const { number, isTimed, refreshes, keepsErrors } = openCache(this._options, Math.random());
    if (this._epoch >= 0) this._lose();
    this._number = number;
    this._epoch = epoch;
    this._isTimed = isTimed || this._isText;
    this._keys ??= new KeyMaker(seed);
    registry.register(this, { number, born: epoch }, this);
    if (refreshes && !this._refreshes) onVisible(this);
    this._refreshes = refreshes;
    this._keepsErrors = keepsErrors;
    if (this._isShared) this._inOrigin(() => {}); // so that it hears of them
    if (this._tierOf !== undefined) this._tier ??= new stored.module.Stored(this);
    this._tier?.open();
  }

  /** The engine that knew the entries is gone. */
  _lose() {
    const entries = this._unlistAll();
    this._bySlot = [];
    registry.unregister(this);
    for (const entry of entries) {
      entry._flight = undefined;
      if (entry._has && entry._value !== UNREAD) this._tellGone(entry._value, 'cleared', entry._key); // what is stored stays
    }
  }

  // ---- finding them -------------------------------------------------------------------------------------------------

  /** The entry of a call, if there is one; if not, `_key` is its key. */
  _lookUp(self, args) {
    const { _shortCut: shortCut } = this;
    let note;
    if (this._takesAll && (args.length !== 1 || typeof args[0] === 'object') && shortCut.read(args)) {
      const entry = shortCut.find();
      if (entry !== undefined) return entry;
      note = shortCut.note();
    }
    const key = this._keyOf(self, args);
    const entry = this._entryOf(key);
    this._key = key;
    this._note = note;
    if (entry !== undefined && note !== undefined) shortCut.remember(entry, note);
    return entry;
  }

  /** The entry of a key, its value in memory. */
  _entryOf(key) {
    const entry = this._entries.get(key);
    if (entry === undefined) {
      if (this._tier?.has(key)) this._restore(key, Infinity, 0); // another tab has stored it since
      else return undefined;
    } else if (entry._value !== UNREAD) {
      return entry;
    }
    this._tier.load(this._entries.get(key));
    return this._entries.get(key); // it is gone if what is stored can't be used
  }

  _keyOf(self, args) {
    try {
      return this._takesAll && args.length === 1 ? this._keys.of(args[0]) : this._makeKey(self, args);
    } catch (error) {
      throw this._keyError(error, self, args);
    }
  }

  _makeKey(self, args) {
    const { _keys: keys, _isText: isText, _options: { key, ignore, hashers } } = this;
    if (hashers !== undefined && !keys.hashers) keys.hashers = typeof hashers === 'function' ? hashers() : hashers;
    const { ids } = objectIds;
    const values = key !== undefined ? [key.apply(self, args)] : ignore === undefined ? args : args.filter((_, place) => !ignore.has(place));
    let made;
    // No value is written with this mark: what `this` is can't be taken for an argument.
    if (hashers !== undefined && keys.hasHasher(self)) made = `${keys.list([self, ...values])}@`;
    else made = values.length === 1 && !isText ? keys.of(values[0]) : keys.list(values);
    if (isText && objectIds.ids !== ids) {
      throw invalid('a part of the key', 'of objectId()', "of other data with persist or scope: 'origin': the numbers of objects are others in each page, where a value of another object would be found");
    }
    return made;
  }

  /** What was wrong with the arguments. */
  _keyError(error, self, args) {
    const { key, ignore, name } = this._options;
    if (!isKeyError(error)) return error; // of a getter, or of the owner's key()
    const named = key !== undefined
      ? [['the result of key()', key.apply(self, args)]]
      : [...args.entries()].filter(([place]) => !ignore?.has(place)).map(([place, value]) => [`args[${place}]`, value]);
    if (this._keys.hasHasher(self)) named.push(['this', self]);
    return this._keys.error(error, named, `${name || 'the function'}()`);
  }

  _list(entry) {
    this._entries.set(entry._key, entry);
    entry._isListed = true;
  }

  _unlist(entry) {
    if (!entry._isListed) return;
    entry._isListed = false;
    this._entries.delete(entry._key);
    this._shortCut.forget(entry);
  }

  _unlistAll() {
    const entries = [...this._entries.values()];
    this._entries.clear();
    this._shortCut.clear();
    for (const entry of entries) entry._isListed = false;
    return entries;
  }

  // ---- what is kept -------------------------------------------------------------------------------------------------

  _put(entry, kept, now, bytes, isAsync) {
    const had = entry._has;
    const old = entry._value;
    entry._has = true;
    entry._value = kept.value;
    entry._handing = kept.handing;
    entry._isAsync = isAsync;
    entry._promise = undefined;
    entry._error = undefined;
    entry._settled = now;
    entry._bytes = bytes;
    this._tier?.save(entry);
    if (had && old !== UNREAD && old !== kept.value) this._tellGone(old, 'replaced', entry._key);
    if (this._listeners.size > 0) this._emit(had ? 'refreshed' : 'stored', { key: entry._key });
  }

  /** Until when the value of an entry is fresh, or of any use. */
  _endOf(entry, ofUse) {
    return core.memoEnd(this._number, entry._slot, ofUse);
  }

  /** A value is stored, and not in memory. Of its times only the last is known. */
  _restore(key, end, bytes) {
    if (this._entries.has(key)) return;
    const entry = new Entry(key);
    this._list(entry);
    entry._has = true;
    entry._value = UNREAD;
    entry._bytes = bytes;
    entry._slot = core.memoSlot(this._number);
    this._bySlot[entry._slot] = entry;
    core.memoRestore(this._number, entry._slot, 0, end, this._options.maxBytes === Infinity ? 0 : bytes);
    this._drain();
    this._arm();
  }

  /** A stored value comes into memory; `record` is undefined if there is none after all. Says whether there is. */
  _loaded(entry, record) {
    if (record === undefined) {
      core.memoInvalidate(this._number, entry._slot);
      this._drain();
      return false;
    }
    const [settled, freshUntil, value, isAsync] = record;
    const kept = keep(value, this._options.copy, this._where);
    entry._value = kept.value;
    entry._handing = kept.handing;
    entry._isAsync = isAsync || this._isAsync;
    entry._settled = settled;
    core.memoRestore(this._number, entry._slot, settled, freshUntil ?? Infinity, this._options.maxBytes === Infinity ? 0 : entry._bytes);
    this._drain();
    return true;
  }

  /** Another page has stored or removed a value: it is read when it is asked for. */
  _changedElsewhere(key, isThere) {
    if (this._epoch !== epoch) return;
    const entry = this._entries.get(key);
    if (entry === undefined) return isThere ? this._restore(key, Infinity, 0) : undefined;
    if (entry._slot === NO_SLOT || !entry._has) return;
    if (!isThere) return this._clearEntry(entry);
    entry._value = UNREAD;
    core.memoRestore(this._number, entry._slot, 0, Infinity, entry._bytes);
  }

  /** Another tab has made a new value for a key, or has cleared it, or all. */
  _changedInOrigin(key, cleared) {
    if (this._epoch !== epoch) return;
    if (key === undefined) return this._clearAll();
    const entry = this._entries.get(key);
    if (entry === undefined || entry._slot === NO_SLOT) return;
    if (cleared) core.memoClear(this._number, entry._slot);
    else core.memoInvalidate(this._number, entry._slot); // the next call reads the new one
    this._drain();
  }

  _clearAll() {
    this._unlistAll();
    core.memoClearAll(this._number);
    this._drain();
  }

  /** Lets go of what was not used for longest, but not of one entry; false if there is nothing else. */
  _evict(count, spared) {
    for (; count > 0; count--) {
      if (this._entries.size <= 1 || !core.memoEvictOne(this._number)) return false;
      this._drain();
      if (!this._entries.has(spared)) return false;
    }
    return true;
  }

  _bytesOf(value) {
    const { maxBytes, sizeOf } = this._options;
    if (sizeOf !== undefined) {
      const bytes = sizeOf(value);
      if (typeof bytes === 'number' && bytes >= 0) return Math.ceil(bytes);
      throw new TaskloomError('invalid-argument', `sizeOf() of ${this._options.name || 'the function'}() has returned ${String(bytes)}; it must be a number of at least 0`);
    }
    return maxBytes === Infinity ? 0 : estimate(value);
  }

  /** How long a value is fresh, NaN if that is not its own to say; undefined if it is not to be kept. */
  _judge(value, args) {
    const { keepIf, ttlOf, name } = this._options;
    if (keepIf !== undefined && !decided('keepIf', keepIf(value, ...args))) return undefined;
    return ttlOf === undefined ? NaN : lifetime(`the outcome of ttl() of ${name || 'the function'}()`, ttlOf(value, ...args));
  }

  /** Takes what core has let go, `count` of them if that is known. */
  _drain(count = Infinity) {
    for (let gone; count > 0 && (gone = core.memoNextGone(this._number)) >= 0; count--) {
      const entry = this._bySlot[Math.floor(gone / constants.MEMO_GONE_UNIT)];
      const flags = gone % constants.MEMO_GONE_UNIT;
      const reason = REASONS[flags & ~constants.MEMO_GONE_FREED];
      if (flags & constants.MEMO_GONE_FREED) {
        this._bySlot[entry._slot] = undefined;
        entry._slot = NO_SLOT;
        this._unlist(entry);
      }
      if (reason !== undefined) this._letGo(entry, reason);
    }
  }

  _letGo(entry, reason) {
    const { _value: value } = entry;
    entry._has = false;
    entry._value = undefined;
    entry._promise = undefined;
    this._tier?.remove(entry);
    if (value !== UNREAD) this._tellGone(value, reason, entry._key);
  }

  _tellGone(value, reason, key) {
    const { onEvict, onRelease } = this._options;
    if (onRelease) later(onRelease, value, reason);
    if (reason === 'replaced') return;
    if (onEvict) later(onEvict, value, reason, key);
    if (this._listeners.size > 0) this._emit('evicted', { key, reason });
  }

  _clearEntry(entry) {
    core.memoClear(this._number, entry._slot);
    this._drain();
  }

  // ---- time ---------------------------------------------------------------------------------------------------------

  /** Has the cache looked at when something in it is due. */
  _arm() {
    const wake = core.memoWake(this._number);
    if (wake >= this._armedFor) return;
    clearTimeout(this._timer);
    const reference = new WeakRef(this);
    // A millisecond more, so that it is over then.
    this._timer = quietTimeout(() => reference.deref()?._tick(), Math.min(Math.max(wake - Date.now(), 0) + 1, MAX_TIMER));
    this._armedFor = wake;
  }

  _tick() {
    this._armedFor = Infinity;
    if (this._epoch !== epoch) return;
    core.memoTick(this._number, Date.now(), typeof document !== 'object' || document.visibilityState === 'visible');
    this._drain();
    this._refresh();
    this._arm();
  }

  // ---- what owners ask ----------------------------------------------------------------------------------------------

  /** The entry of some arguments, if there is one. */
  find(self, args) {
    takeRoom(this._inside);
    if (this._epoch !== epoch) this._begin();
    return this._entryOf(this._keyOf(self, args));
  }

  /** What a call would be served at once, as `{ value }`. */
  served(self, args) {
    const entry = this.find(self, args);
    if (entry === undefined || entry._slot === NO_SLOT || !core.memoPeek(this._number, entry._slot, Date.now())) return undefined;
    const { validate } = this._options;
    return validate === undefined || decided('validate', validate(entry._value)) ? { value: hand(entry._value, entry._handing, this._where) } : undefined;
  }

  info(self, args) {
    const entry = this.find(self, args);
    if (entry === undefined || entry._slot === NO_SLOT) return undefined;
    if (!entry._has) return entry._flight ? { age: null, expiresIn: null, stale: false, running: true, bytes: 0 } : undefined;
    const now = Date.now();
    const expiresIn = core.memoEnd(this._number, entry._slot, false) - now;
    return { age: Math.max(0, now - entry._settled), expiresIn, stale: expiresIn <= 0, running: entry._flight !== undefined, bytes: entry._bytes };
  }

  clear(self, args) {
    takeRoom(this._inside);
    if (this._epoch !== epoch) this._begin();
    if (args.length === 0) {
      if (this._isShared) this._inOrigin(origin => origin.clear());
      this._clearAll();
      this._tier?.clear();
      return;
    }
    const key = this._keyOf(self, args);
    if (this._isShared) this._inOrigin(origin => origin.clear(key));
    const entry = this._entries.get(key);
    if (entry === undefined) return;
    this._unlist(entry);
    if (entry._slot !== NO_SLOT) this._clearEntry(entry);
  }

  /** Lets the values go that a function of the owner's picks; returns how many. */
  clearIf(test) {
    takeRoom(this._inside);
    if (this._epoch !== epoch) this._begin();
    let count = 0;
    for (const entry of [...this._entries.values()]) {
      if (!entry._has || entry._slot === NO_SLOT || (entry._value === UNREAD && !this._tier.load(entry))) continue;
      if (!decided('the test', test(hand(entry._value, entry._handing, this._where), entry._key)) || !entry._has) continue;
      count++;
      if (this._isShared) this._inOrigin(origin => origin.clear(entry._key));
      this._unlist(entry);
      this._clearEntry(entry);
    }
    return count;
  }

  stats() {
    if (this._epoch !== epoch) this._begin();
    return Object.fromEntries(STATS.map((name, index) => [name, core.memoStat(this._number, index)]));
  }

  listen(listener) {
    const entry = { listener };
    this._listeners.add(entry);
    return () => void this._listeners.delete(entry);
  }

  /** Tells the listeners; an error that nobody hears of, and nobody is thrown, goes where uncaught ones go. */
  _emit(type, event, isNobodys = false) {
    if (this._listeners.size === 0) {
      if (isNobodys) report(event.error);
      return;
    }
    for (const { listener } of [...this._listeners]) later(listener, { type, name: this._options.name, ...event });
  }

  dispose() {
    if (this._disposed) return;
    takeRoom(this._inside);
    this._disposed = true;
    clearTimeout(this._timer);
    this._origin?.close();
    if (this._epoch !== epoch) return;
    this._tier?.detach(); // what is stored stays
    core.memoClearAll(this._number);
    this._drain();
    registry.unregister(this);
    core.memoClose(this._number);
    this._epoch = -1;
  }
}

/** What a function of the owner's has decided. A promise is no decision, and is true whatever comes of it. */
export function decided(name, outcome) {
  if (typeof outcome?.then !== 'function') return outcome;
  Promise.resolve(outcome).catch(() => {});
  throw invalid(`the outcome of ${name}()`, outcome, 'true or false: it has to be synchronous');
}

let rough = 0;

/** The time, by a clock that stands still while synchronous code runs: for ages, where a reading for each value would be a sixth of its cost. */
export function roughNow() {
  if (rough === 0) {
    queueMicrotask(() => { rough = 0; });
    rough = Date.now();
  }
  return rough;
}

/** Caches that refresh their values by themselves, and rest while nobody sees the page. */
let resting;

function onVisible(memo) {
  if (typeof document !== 'object') return;
  if (!resting) {
    resting = new Set();
    document.addEventListener('visibilitychange', () => {
      for (const reference of resting) {
        const memo = reference.deref();
        if (memo && !memo._disposed) memo._tick();
        else resting.delete(reference);
      }
    });
  }
  resting.add(new WeakRef(memo));
}

/** How often in a row what a listener was told has caused the next. */
let round = 0;

/** Callers' code runs when the cache has taken note of everything. */
export function later(listener, ...args) {
  const mine = round + 1;
  if (mine > MAX_ROUNDS) return report(loopError('a cache'));
  queueMicrotask(() => {
    round = mine;
    try {
      tell(listener, ...args);
    } finally {
      round = 0;
    }
  });
}

// A cached function that nobody holds.
const registry = /* @__PURE__ */ new FinalizationRegistry(({ number, born }) => {
  if (born === epoch && isReady(memoPart)) core.memoClose(number);
});
