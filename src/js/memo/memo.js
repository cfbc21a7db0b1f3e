// One cached function. It holds what core must not see: keys, values, promises, callers. What a call is served, what is kept and what goes is core's to say
// (src/core/memo/slots.rs).

import * as constants from '#constants';
import * as wasm from '#wasm';
import { assertReady, epoch, fault, isReady, yieldTurn } from '../engine.js';
import { TaskloomError, abortError, invalid, report, tell } from '../errors.js';
import { defaultManager } from '../manager.js';
import { encode } from '../state/codec.js';
import { SAME, hand, keep } from './copy.js';
import { Flight } from './flight.js';
import { KeyMaker, isKeyError } from './key.js';
import { REFRESHES, openCache, readOptions } from './options.js';
import { Origin } from './origin.js';
import { Stored } from './stored.js';
import { originSeed, pageSeed } from './seed.js';

const REASONS = [undefined, 'evicted', 'expired', 'cleared', 'invalid'];
/** In core's order: see stat() in src/core/memo/wire.rs. */
const STATS = ['hits', 'misses', 'stale', 'shared', 'refreshes', 'failures', 'evictions', 'expirations', 'entries', 'bytes', 'inFlight'];
/** An entry whose function is on the stack has no number yet. */
const NO_SLOT = -1;
const MAX_TIMER = 0x7fff_ffff;

/** In place of a value that is stored, and not in memory yet. */
const UNREAD = Symbol('unread');

const isThenable = value => value !== null && typeof value === 'object' && typeof value.then === 'function';

class Entry {
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
    this._runs = false; // its function is on the stack
    this._flight = undefined;
    this._call = undefined; // `{ self, args }` for a refresh
  }
}

export class Memo {
  constructor(kind, fn, options = {}) {
    this._fn = fn;
    this._options = readOptions(kind, fn, options);
    this._where = `the value of ${this._options.name || 'the function'}()`;
    this._epoch = -1;
    this._number = -1;
    this._isTimed = false;
    this._refreshes = false;
    this._entries = new Map();
    this._bySlot = [];
    this._keys = undefined;
    this._tier = undefined; // where values are stored
    this._origin = undefined; // the other tabs
    this._isAsync = this._options.isAsync;
    this._listeners = [];
    this._timer = undefined;
    this._armedFor = Infinity;
    this._disposed = false;
    const { validate, persist, key, ignore, hashers, scope } = this._options;
    this._isPlain = validate === undefined && options.refreshEvery === undefined; // a fresh entry can be served as it is
    this._isText = persist !== undefined || scope === 'origin'; // keys have to be texts
    this._takesAll = key === undefined && ignore === undefined && hashers === undefined && !this._isText; // all arguments, and no more, are the key
    if (isReady()) this._begin(); // or at the first call
  }

  /** Makes the cache known to the engine, which may be a fresh one. */
  _begin() {
    assertReady();
    if (this._disposed) throw new TaskloomError('disposed', `the cache of ${this._options.name || 'a function'}() was disposed; make a new one`);
    const seed = this._isText ? originSeed() : pageSeed();
    const { number, isTimed, refreshes } = openCache(this._options, Math.random());
    if (this._epoch >= 0) this._lose();
    this._number = number;
    this._epoch = epoch;
    this._isTimed = isTimed || this._isText;
    this._keys ??= new KeyMaker(seed);
    registry.register(this, { number, born: epoch }, this);
    if (refreshes && !this._refreshes && typeof document === 'object') {
      const reference = new WeakRef(this);
      document.addEventListener('visibilitychange', () => reference.deref()?._tick());
    }
    this._refreshes = refreshes;
    const { persist, scope } = this._options;
    if (scope === 'origin') this._origin ??= new Origin(this);
    else if (persist !== undefined) this._tier ??= new Stored(this);
    this._tier?.open();
  }

  /** The engine that knew the entries is gone. */
  _lose() {
    const entries = [...this._entries.values()];
    this._entries.clear();
    this._bySlot = [];
    registry.unregister(this);
    for (const entry of entries) {
      entry._flight = undefined;
      if (entry._has) this._letGo(entry, 'cleared');
    }
  }

  // ---- calls -------------------------------------------------------------------------------------------------------

  /** A call of the cached function. `caller` is what `with` was given, if anything. */
  call(self, args, caller) {
    let key;
    try {
      if (this._epoch !== epoch) this._begin();
      key = this._keyOf(self, args);
      if (caller?.signal?.aborted) throw abortError(caller.signal.reason);
    } catch (error) {
      return this._thrown(error);
    }
    const entry = this._entryOf(key);
    if (entry === undefined) return this._execute(this._newEntry(key), self, args, caller);
    if (entry._slot === NO_SLOT) return this._thrown(this._recursive());
    let look;
    try {
      look = wasm.memoLook(this._number, entry._slot, this._isTimed ? Date.now() : 0);
    } catch (trap) {
      throw fault(trap); // a recursion that has used up the stack, say
    }
    if (look === constants.MEMO_LOOK_FRESH && this._isPlain) return this._serve(entry);
    return this._answer(look, entry, self, args, caller);
  }

  _answer(look, entry, self, args, caller) {
    switch (look) {
      case constants.MEMO_LOOK_FRESH:
      case constants.MEMO_LOOK_STALE:
      case constants.MEMO_LOOK_STALE_REFRESH:
        if (!this._isValid(entry)) return this.call(self, args, caller);
        this._sawStale(look, entry, self, args);
        return this._serve(entry);
      case constants.MEMO_LOOK_FAILED:
        return this._thrown(entry._error);
      case constants.MEMO_LOOK_JOIN:
        if (!this._isAsync && entry._flight._start) return this._startNow(entry._flight, self, args, caller);
        return this._join(entry._flight, caller);
      default:
        if (entry._runs) return this._thrown(this._recursive());
        return this._execute(entry, self, args, caller);
    }
  }

  /** Has a stale value refreshed, with the arguments of this call. */
  _sawStale(look, entry, self, args) {
    if (look === constants.MEMO_LOOK_STALE_REFRESH || (this._refreshes && !entry._call)) entry._call = { self, args };
    if (look === constants.MEMO_LOOK_STALE_REFRESH) this._refresh();
  }

  /** The entry of a key, its value in memory. */
  _entryOf(key) {
    const entry = this._entries.get(key);
    if (entry === undefined || entry._value !== UNREAD) return entry;
    this._tier.load(entry);
    return this._entries.get(key); // it is gone if what is stored can't be used
  }

  /** Whether the owner finds the value valid; if not, it is gone. */
  _isValid(entry) {
    const { validate } = this._options;
    if (validate === undefined) return true;
    let valid = false;
    try {
      valid = validate(entry._value);
    } catch (error) {
      report(error);
    }
    if (!valid) {
      wasm.memoInvalidate(this._number, entry._slot);
      this._drain();
    }
    return valid;
  }

  _serve(entry) {
    if (!entry._isAsync) return hand(entry._value, entry._handing, this._where);
    if (entry._handing === SAME) return (entry._promise ??= Promise.resolve(entry._value));
    return Promise.resolve(hand(entry._value, entry._handing, this._where));
  }

  /** An error as a caller gets it: a function known to be asynchronous rejects. */
  _thrown(error) {
    if (this._isAsync) return Promise.reject(error);
    throw error;
  }

  _recursive() {
    return new TaskloomError('recursive-call', `${this._options.name || 'the function'}() calls itself with the same arguments, and would wait for itself for ever`);
  }

  /** What a call is served at once, as `{ value }`; it counts as one. */
  serve(self, args) {
    const entry = this.find(self, args);
    if (entry === undefined || entry._slot === NO_SLOT || !wasm.memoPeek(this._number, entry._slot, Date.now())) return undefined;
    const look = wasm.memoLook(this._number, entry._slot, Date.now());
    if (!this._isValid(entry)) return undefined;
    this._sawStale(look, entry, self, args);
    return { value: hand(entry._value, entry._handing, this._where) };
  }

  // ---- keys --------------------------------------------------------------------------------------------------------

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
    if (key !== undefined) {
      const own = key.apply(self, args);
      return isText ? keys.list([own]) : keys.of(own);
    }
    const values = ignore === undefined ? args : args.filter((_, place) => !ignore.has(place));
    // No value is written with this mark: what `this` is can't be taken for an argument.
    if (hashers !== undefined && keys.hasHasher(self)) return `${keys.list([self, ...values])}@`;
    return values.length === 1 && !isText ? keys.of(values[0]) : keys.list(values);
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

  // ---- executions --------------------------------------------------------------------------------------------------

  _newEntry(key) {
    const entry = new Entry(key);
    this._entries.set(key, entry);
    return entry;
  }

  /** Runs the function for a caller who waits; `refresh` if whatever is there. */
  _execute(entry, self, args, caller, refresh = false) {
    if (this._refreshes) entry._call = { self, args };
    if (this._origin) return this._executeInOrigin(entry, self, args, caller, refresh);
    let returned;
    entry._runs = true;
    try {
      returned = this._invoke(self, args);
    } catch (error) {
      entry._runs = false;
      if (this._epoch !== epoch) throw error;
      return this._threw(entry, error, refresh);
    }
    entry._runs = false;
    if (this._epoch !== epoch) return returned; // the engine has stopped meanwhile
    if (!isThenable(returned)) return this._returned(entry, returned, refresh);
    this._isAsync = true;
    const flight = this._launch(entry, refresh);
    this._follow(flight, returned);
    return this._handOut(flight, caller);
  }

  _invoke(self, args) {
    const { _fn: fn, _options: { isJob, name } } = this;
    return isJob ? defaultManager.submit(context => fn.call(self, context, ...args), { name }) : fn.apply(self, args);
  }

  /** A synchronous function has returned, so nobody can have joined; its caller gets the value itself. */
  _returned(entry, value, refresh) {
    let kept;
    let bytes;
    try {
      kept = keep(value, this._options.copy, this._where);
      bytes = this._bytesOf(value);
    } catch (error) {
      return this._threw(entry, error, refresh);
    }
    const now = Date.now();
    if (entry._slot === NO_SLOT && this._options.maxBytes === Infinity && this._entries.get(entry._key) === entry) {
      const added = wasm.memoAdd(this._number, now, bytes);
      entry._slot = Math.floor(added / 2);
      this._bySlot[entry._slot] = entry;
      this._put(entry, kept, now, bytes, false);
      if (added % 2 === 1) this._drain();
    } else {
      const flight = this._launch(entry, refresh);
      flight._over = true;
      const outcome = wasm.memoSettle(this._number, flight._id, now, bytes);
      entry._flight = undefined;
      if (outcome === constants.MEMO_STORED) this._put(entry, kept, now, bytes, false);
      else this._dropped(value, outcome);
      this._drain();
    }
    if (this._isTimed) this._arm();
    return value;
  }

  /** A synchronous function has failed. */
  _threw(entry, error, refresh) {
    const flight = this._launch(entry, refresh);
    flight._over = true;
    const outcome = wasm.memoFail(this._number, flight._id, Date.now());
    entry._flight = undefined;
    if (outcome === constants.MEMO_KEPT) entry._error = error;
    this._emit('error', { key: entry._key, error });
    this._drain();
    if (this._isTimed) this._arm();
    if (outcome === constants.MEMO_STALE && !refresh) return this._serve(entry);
    return this._thrown(error);
  }

  /** Has core know of an execution for an entry. */
  _launch(entry, refresh) {
    if (entry._slot === NO_SLOT) {
      entry._slot = wasm.memoSlot(this._number);
      this._bySlot[entry._slot] = entry;
    }
    const flight = new Flight(entry, wasm.memoBegin(this._number, entry._slot, refresh));
    entry._flight = flight;
    flight._isRefresh = refresh;
    if (this._entries.get(entry._key) !== entry) this._clearEntry(entry); // the function itself has cleared the cache
    return flight;
  }

  _follow(flight, returned) {
    flight._follow(returned);
    // A foreign thenable may settle twice or at once; a native promise does not.
    (returned instanceof Promise ? returned : Promise.resolve(returned)).then(value => this._landed(flight, value), error => this._crashed(flight, error));
  }

  /** An execution has returned. `times` are those of a value that another tab has made. */
  _landed(flight, value, isAsync = true, times = undefined) {
    const { _entry: entry } = flight;
    if (flight._over) return this._dropped(value, constants.MEMO_DROPPED);
    let kept;
    let bytes;
    try {
      kept = keep(value, this._options.copy, this._where);
      bytes = this._bytesOf(value);
    } catch (error) {
      return this._crashed(flight, error);
    }
    flight._over = true;
    flight._resolve(kept);
    if (!this._knows(flight)) return this._dropped(value, constants.MEMO_DROPPED);
    const now = Date.now();
    const outcome = wasm.memoSettle(this._number, flight._id, now, bytes);
    if (entry._flight === flight) entry._flight = undefined;
    flight._isKept = outcome === constants.MEMO_STORED;
    if (!flight._isKept) {
      this._dropped(value, outcome);
    } else {
      if (times) wasm.memoRestore(this._number, entry._slot, times.settled, times.freshUntil, bytes);
      this._put(entry, kept, times?.settled ?? now, bytes, isAsync);
    }
    this._goOn();
  }

  /** An execution has failed. */
  _crashed(flight, error) {
    const { _entry: entry } = flight;
    if (flight._over) return;
    flight._over = true;
    if (this._knows(flight)) {
      const outcome = wasm.memoFail(this._number, flight._id, Date.now());
      if (entry._flight === flight) entry._flight = undefined;
      if (outcome === constants.MEMO_KEPT) entry._error = error;
      if (outcome === constants.MEMO_STALE && !flight._isRefresh) flight._resolve({ value: entry._value, handing: entry._handing });
      this._emit('error', { key: entry._key, error }, flight._isBackground);
      this._goOn();
    }
    flight._failure = { error };
    flight._reject(error);
  }

  /** Whether core knows of it still. */
  _knows(flight) {
    return flight._epoch === epoch && this._epoch === epoch;
  }

  /** Sees to what follows the end of an execution. */
  _goOn() {
    this._drain();
    this._refresh();
    if (this._isTimed) this._arm();
  }

  /** A value that nobody keeps. */
  _dropped(value, outcome) {
    const { onRelease } = this._options;
    if (onRelease) later(onRelease, value, outcome === constants.MEMO_TOO_LARGE ? 'evicted' : 'cleared');
  }

  // ---- callers -----------------------------------------------------------------------------------------------------

  _join(flight, caller) {
    wasm.memoJoin(this._number, flight._id);
    return this._handOut(flight, caller);
  }

  /** The promise of one caller, who may leave. */
  _handOut(flight, caller) {
    const { signal, onProgress } = caller ?? {};
    if (onProgress) flight._watch(onProgress);
    const value = flight._done.then(kept => hand(kept.value, kept.handing, this._where));
    if (!signal) return value;
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(abortError(signal.reason));
        this._leave(flight, signal.reason);
      };
      if (signal.aborted) leave(); // while the function was called
      else signal.addEventListener('abort', leave, { once: true });
      value.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }

  _leave(flight, reason) {
    if (flight._over || !this._knows(flight) || !wasm.memoLeave(this._number, flight._id)) return;
    flight._over = true;
    if (flight._entry._flight === flight) flight._entry._flight = undefined;
    this._drain();
    flight._abort(reason);
  }

  // ---- refreshes ---------------------------------------------------------------------------------------------------

  /** A new value for one caller, whatever is there. */
  refresh(self, args, caller) {
    let key;
    try {
      if (this._epoch !== epoch) this._begin();
      key = this._keyOf(self, args);
      if (caller?.signal?.aborted) throw abortError(caller.signal.reason);
    } catch (error) {
      return this._thrown(error);
    }
    const entry = this._entries.get(key) ?? this._newEntry(key);
    if (entry._runs) return this._thrown(this._recursive());
    if (entry._flight) return this._isAsync || !entry._flight._start ? this._join(entry._flight, caller) : this._startNow(entry._flight, self, args, caller);
    return this._execute(entry, self, args, caller, true);
  }

  /** Begins the refreshes whose turn it is. */
  _refresh() {
    for (let slot; (slot = wasm.memoNextRefresh(this._number)) >= 0; ) {
      const entry = this._bySlot[slot];
      const flight = new Flight(entry, wasm.memoFlight(this._number, slot));
      if (entry._call === undefined) { // of an earlier page: with which arguments it was made is known when it is asked for
        wasm.memoAbandon(this._number, flight._id);
        continue;
      }
      entry._flight = flight;
      flight._isBackground = true;
      const { self, args } = entry._call;
      if (!this._refreshes) entry._call = undefined;
      flight._start = () => this._runRefresh(flight, self, args);
      // In a turn of its own: the caller that has got the stale value goes first.
      yieldTurn(1).then(() => flight._start?.());
    }
  }

  _runRefresh(flight, self, args) {
    flight._start = undefined;
    if (flight._over || !this._knows(flight)) return;
    if (this._origin) return void this._origin.run(flight, self, args, flight._entry._settled);
    let returned;
    flight._entry._runs = true;
    try {
      returned = this._invoke(self, args);
    } catch (error) {
      flight._entry._runs = false;
      return this._crashed(flight, error);
    }
    flight._entry._runs = false;
    if (isThenable(returned)) this._follow(flight, returned);
    else this._landed(flight, returned, false);
  }

  /** A caller of a synchronous function can't wait for the refresh that is about to begin: it begins now. */
  _startNow(flight, self, args, caller) {
    flight._start();
    if (flight._failure) throw flight._failure.error;
    return this.call(self, args, caller);
  }

  /** The function's value, unless nobody wants it any more. */
  _make(flight, self, args) {
    const { signal } = flight._controller;
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      const returned = this._invoke(self, args);
      flight._follow(returned);
      resolve(returned);
    });
  }

  _executeInOrigin(entry, self, args, caller, refresh) {
    const flight = this._launch(entry, refresh);
    this._origin.run(flight, self, args, refresh ? Date.now() : 0);
    return this._handOut(flight, caller);
  }

  // ---- what is kept ------------------------------------------------------------------------------------------------

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
    if (this._listeners.length > 0) this._emit(had ? 'refreshed' : 'stored', { key: entry._key });
  }

  /** Until when the value of an entry is fresh, or of any use. */
  _endOf(entry, ofUse) {
    return wasm.memoEnd(this._number, entry._slot, ofUse);
  }

  /** A value is stored, and not in memory. Of its times only the last is known. */
  _restore(key, end, bytes) {
    if (this._entries.has(key)) return;
    const entry = this._newEntry(key);
    entry._has = true;
    entry._value = UNREAD;
    entry._bytes = bytes;
    entry._slot = wasm.memoSlot(this._number);
    this._bySlot[entry._slot] = entry;
    wasm.memoRestore(this._number, entry._slot, 0, end, this._options.maxBytes === Infinity ? 0 : bytes);
    this._drain();
    this._arm();
  }

  /** A stored value comes into memory; `record` is undefined if there is none after all. Says whether there is. */
  _loaded(entry, record) {
    if (record === undefined) {
      wasm.memoInvalidate(this._number, entry._slot);
      this._drain();
      return false;
    }
    const [settled, freshUntil, value, isAsync] = record;
    const kept = keep(value, this._options.copy, this._where);
    entry._value = kept.value;
    entry._handing = kept.handing;
    entry._isAsync = isAsync;
    entry._settled = settled;
    wasm.memoRestore(this._number, entry._slot, settled, freshUntil ?? Infinity, this._options.maxBytes === Infinity ? 0 : entry._bytes);
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
    wasm.memoRestore(this._number, entry._slot, 0, Infinity, entry._bytes);
  }

  /** Another tab has made a new value for a key, or has cleared it, or all. */
  _changedInOrigin(key, cleared) {
    if (this._epoch !== epoch) return;
    if (key === undefined) return this._clearAll();
    const entry = this._entries.get(key);
    if (entry === undefined || entry._slot === NO_SLOT) return;
    if (cleared) this._entries.delete(key);
    if (cleared) wasm.memoClear(this._number, entry._slot);
    else wasm.memoInvalidate(this._number, entry._slot); // the next call reads the new one
    this._drain();
  }

  _clearAll() {
    this._entries.clear();
    wasm.memoClearAll(this._number);
    this._drain();
  }

  /** Lets go of what was not used for longest, but not of one entry; false if there is nothing else. */
  _evict(count, spared) {
    for (; count > 0; count--) {
      if (this._entries.size <= 1 || !wasm.memoEvictOne(this._number)) return false;
      this._drain();
      if (!this._entries.has(spared)) return false;
    }
    return true;
  }

  _bytesOf(value) {
    const { maxBytes, sizeOf } = this._options;
    if (sizeOf !== undefined) {
      const bytes = sizeOf(value);
      if (typeof bytes === 'number' && bytes >= 0) return bytes;
      throw new TaskloomError('invalid-argument', `sizeOf() of ${this._options.name || 'the function'}() has returned ${String(bytes)}; it must be a number of at least 0`);
    }
    return maxBytes === Infinity ? 0 : 2 * encode(value, this._where).text.length; // a unit of UTF-16 takes two
  }

  /** Takes what core has let go. */
  _drain() {
    for (let gone; (gone = wasm.memoNextGone(this._number)) >= 0; ) {
      const entry = this._bySlot[Math.floor(gone / constants.MEMO_GONE_UNIT)];
      const flags = gone % constants.MEMO_GONE_UNIT;
      const reason = REASONS[flags & ~constants.MEMO_GONE_FREED];
      if (flags & constants.MEMO_GONE_FREED) {
        this._bySlot[entry._slot] = undefined;
        if (this._entries.get(entry._key) === entry) this._entries.delete(entry._key);
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
    if (this._listeners.length > 0) this._emit('evicted', { key, reason });
  }

  _clearEntry(entry) {
    wasm.memoClear(this._number, entry._slot);
    this._drain();
  }

  // ---- time --------------------------------------------------------------------------------------------------------

  /** Has the cache looked at when something in it is due. */
  _arm() {
    const wake = wasm.memoWake(this._number);
    if (wake >= this._armedFor) return;
    clearTimeout(this._timer);
    this._armedFor = wake;
    const reference = new WeakRef(this);
    // A millisecond more, so that it is over then.
    this._timer = setTimeout(() => reference.deref()?._tick(), Math.min(Math.max(wake - Date.now(), 0) + 1, MAX_TIMER));
  }

  _tick() {
    this._armedFor = Infinity;
    if (this._epoch !== epoch) return;
    wasm.memoTick(this._number, Date.now(), typeof document !== 'object' || document.visibilityState === 'visible');
    this._drain();
    this._refresh();
    this._arm();
  }

  // ---- the methods of the cached function --------------------------------------------------------------------------

  /** The entry of some arguments, if there is one. */
  find(self, args) {
    if (this._epoch !== epoch) this._begin();
    return this._entryOf(this._keyOf(self, args));
  }

  /** What a call would be served at once, as `{ value }`. */
  served(self, args) {
    const entry = this.find(self, args);
    if (entry === undefined || entry._slot === NO_SLOT || !wasm.memoPeek(this._number, entry._slot, Date.now())) return undefined;
    return { value: hand(entry._value, entry._handing, this._where) };
  }

  info(self, args) {
    const entry = this.find(self, args);
    if (entry === undefined || entry._slot === NO_SLOT) return undefined;
    if (!entry._has) return entry._flight ? { age: null, expiresIn: null, stale: false, running: true, bytes: 0 } : undefined;
    const now = Date.now();
    const expiresIn = wasm.memoEnd(this._number, entry._slot, false) - now;
    return { age: Math.max(0, now - entry._settled), expiresIn, stale: expiresIn <= 0, running: entry._flight !== undefined, bytes: entry._bytes };
  }

  clear(self, args) {
    if (this._epoch !== epoch) this._begin();
    if (args.length === 0) {
      this._origin?.clear();
      this._clearAll();
      this._tier?.clear();
      return;
    }
    const key = this._keyOf(self, args);
    this._origin?.clear(key);
    const entry = this._entries.get(key);
    if (entry === undefined) return;
    this._entries.delete(key);
    if (entry._slot !== NO_SLOT) this._clearEntry(entry);
  }

  /** Makes the values of several calls, a few at a time; resolves to how each has ended. */
  async warm(self, calls, caller) {
    const lists = Array.isArray(calls) ? calls : [...calls];
    const wrong = lists.find(args => !Array.isArray(args));
    if (wrong !== undefined) throw invalid('a call of warm()', wrong, 'an array of arguments');
    if (this._epoch !== epoch) this._begin();
    const endings = new Array(lists.length);
    const entries = lists.entries(); // shared: each takes the next one
    const work = async () => {
      for (const [index, args] of entries) {
        try {
          endings[index] = { status: 'fulfilled', value: await this.call(self, args, caller) };
        } catch (reason) {
          endings[index] = { status: 'rejected', reason };
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min((this._options.given.refreshConcurrency ?? REFRESHES), lists.length) }, work));
    return endings;
  }

  stats() {
    if (this._epoch !== epoch) this._begin();
    return Object.fromEntries(STATS.map((name, index) => [name, wasm.memoStat(this._number, index)]));
  }

  listen(listener) {
    const entry = { listener };
    this._listeners.push(entry);
    return () => {
      const index = this._listeners.indexOf(entry);
      if (index >= 0) this._listeners.splice(index, 1);
    };
  }

  /** Tells the listeners; an error that nobody hears of, and nobody is thrown, goes where uncaught ones go. */
  _emit(type, event, isNobodys = false) {
    if (this._listeners.length === 0) {
      if (isNobodys) report(event.error);
      return;
    }
    for (const { listener } of [...this._listeners]) later(listener, { type, name: this._options.name, ...event });
  }

  dispose() {
    if (this._disposed) return;
    this._disposed = true;
    clearTimeout(this._timer);
    this._origin?.close();
    if (this._epoch !== epoch) return;
    this._tier?.detach(); // what is stored stays
    wasm.memoClearAll(this._number);
    this._drain();
    registry.unregister(this);
    wasm.memoClose(this._number);
    this._epoch = -1;
  }
}

/** Callers' code runs when the cache has taken note of everything. */
const later = (listener, ...args) => queueMicrotask(() => tell(listener, ...args));

// A cached function that nobody holds.
const registry = new FinalizationRegistry(({ number, born }) => {
  if (born === epoch && isReady()) wasm.memoClose(number);
});
