// One cached function: who is served what, and who executes it. Decisions are core's (src/core/memo/slots.rs), and callers, promises and the function are here.

import * as constants from '#constants';
import * as core from '#wasm';
import { memoPart } from '#parts/memo';
import { callLater } from '../base/early.js';
import { epoch, isEarly, recheck, takeRoom, thrownBy } from '../base/engine.js';
import { TaskloomError, abortError, invalid, isStackOverflow, report } from '../base/errors.js';
import { isThenable } from '../base/thenable.js';
import { yieldTurn } from '../base/turn.js';
import { SAME, hand, keep, takeStored } from './copy.js';
import { Entries, Entry, NO_SLOT, decided, later, roughNow } from './entries.js';
import { Flight } from './flight.js';
import { jobs } from './late.js';
import { REFRESHES } from './options.js';

export class Memo extends Entries {
  // ---- calls --------------------------------------------------------------------------------------------------------

  /** A call of the cached function. `caller` is what `with` was given, if anything. */
  call(self, args, caller) {
    let entry;
    try {
      if (this._epoch !== epoch) {
        if (this._mustWait()) return this._callLater(this._tierOf, self, args, caller, false);
        this._begin();
      }
      entry = this._lookUp(self, args);
      if (caller !== undefined && caller.signal?.aborted) throw abortError(caller.signal.reason);
    } catch (error) {
      return this._thrown(error);
    }
    if (entry === undefined) return this._execute(undefined, self, args, caller);
    const { _slot: slot } = entry;
    if (slot === NO_SLOT) return this._thrown(this._recursive());
    const look = core.memoLook(this._number, slot, this._isTimed ? Date.now() : 0);
    if (look !== constants.MEMO_LOOK_FRESH || !this._isPlain || !entry._has) return this._answer(look, entry, self, args, caller);
    return this._serve(entry);
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
        if (entry._runs) return this._thrown(this._recursive());
        if (!this._isAsync && entry._flight._start) return this._startNow(entry._flight, self, args, caller);
        return this._join(entry._flight, self, args, caller);
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

  /** Whether the owner finds the value valid; if not, it is gone. */
  _isValid(entry) {
    const { validate } = this._options;
    let valid = entry._has; // a recursion that has used up the stack may have kept the value from being taken note of
    if (valid && validate !== undefined) {
      try {
        valid = decided('validate', validate(entry._value)) && entry._has; // the owner may have cleared it
      } catch (error) {
        valid = false;
        report(error);
      }
    }
    if (!valid && entry._slot !== NO_SLOT) {
      core.memoInvalidate(this._number, entry._slot);
      this._drain();
    }
    return valid;
  }

  _serve(entry) {
    if (!entry._isAsync) return hand(entry._value, entry._handing, this._where);
    if (entry._handing === SAME) return (entry._promise ??= Promise.resolve(entry._value));
    return Promise.resolve(hand(entry._value, entry._handing, this._where));
  }

  /** What a call is served at once, as `{ value }`; it counts as one. */
  serve(self, args) {
    takeRoom(this._inside);
    if (this._epoch !== epoch && this._mustWait()) return undefined;
    if (this._epoch !== epoch) this._begin();
    const entry = this._lookUp(self, args);
    if (entry?._runs) throw this._recursive();
    if (entry === undefined || entry._slot === NO_SLOT || !core.memoPeek(this._number, entry._slot, Date.now())) return undefined;
    const look = core.memoLook(this._number, entry._slot, Date.now());
    if (!this._isValid(entry)) return undefined;
    this._sawStale(look, entry, self, args);
    return { value: hand(entry._value, entry._handing, this._where) };
  }

  /** An error as a caller gets it: a function known to be asynchronous rejects. */
  _thrown(error) {
    if (this._isAsync) return Promise.reject(error);
    throw error;
  }

  _recursive() {
    return new TaskloomError('recursive-call', `${this._options.name || 'the function'}() calls itself with the same arguments, and would wait for itself for ever`);
  }

  /** Whether a call has to wait for what it needs to be loaded, and can. */
  _mustWait() {
    return this._isAsync && !this._disposed && (isEarly(memoPart) || this._lacks(this._tierOf));
  }

  /** A call that waits for the engine, in its turn among all that do, and for `late` if there is something besides. Its caller may leave meanwhile. */
  _callLater(late, self, args, caller, refresh) {
    const signal = caller?.signal;
    return new Promise((resolve, reject) => {
      const leave = () => reject(abortError(signal.reason));
      if (signal?.aborted) return leave();
      signal?.addEventListener('abort', leave, { once: true });
      const refuse = error => {
        signal?.removeEventListener('abort', leave);
        reject(error);
      };
      const make = () => {
        if (signal?.aborted) return;
        if (this._lacks(late)) this._begin(); // it says why not
        signal?.removeEventListener('abort', leave);
        resolve(refresh ? this.refresh(self, args, caller) : this.call(self, args, caller));
      };
      const whenLoaded = () => late.whenUsable().then(make).catch(refuse);
      if (!isEarly(memoPart)) return whenLoaded();
      callLater(memoPart, () => {
        if (this._lacks(late)) return whenLoaded();
        const error = thrownBy(make);
        if (error !== undefined) refuse(error);
      }, refuse);
    });
  }

  // ---- executions ---------------------------------------------------------------------------------------------------

  /** Runs the function for a caller who waits, for an entry or the key that was made last; `refresh` if whatever is there. */
  _execute(entry, self, args, caller, refresh = false) {
    if (this._lacks(this._startsBy)) return this._callLater(this._startsBy, self, args, caller, refresh);
    const depth = this._started.length;
    takeRoom(this._inside);
    try {
      if (entry === undefined) {
        entry = new Entry(this._key);
        const { _note: note } = this;
        this._started.push(entry);
        this._list(entry);
        if (note !== undefined) this._shortCut.remember(entry, note);
      } else {
        this._started.push(entry);
      }
      return this._run(entry, self, args, caller, refresh);
    } finally {
      // A recursion that has used up the stack may have left more than one behind.
      for (let i = this._started.length; i > depth; i--) this._stepOff(this._started[i - 1]);
      this._started.length = depth;
      if (depth === 0) recheck();
    }
  }

  /** The function of an entry is no longer on the stack. */
  _stepOff(entry) {
    entry._runs = false;
    if (entry._slot === NO_SLOT) this._unlist(entry); // it was thrown out of it before core knew of it
  }

  _run(entry, self, args, caller, refresh) {
    if (this._refreshes) entry._call = { self, args };
    if (this._isShared) return this._executeInOrigin(entry, self, args, caller, refresh);
    let returned;
    let waits;
    entry._runs = true;
    try {
      returned = this._invoke(self, args);
      waits = isThenable(returned);
    } catch (error) {
      if (this._epoch !== epoch || isStackOverflow(error)) throw error; // there is no stack to tell core of it
      entry._runs = false;
      return this._threw(entry, error, refresh);
    }
    entry._runs = false;
    if (this._epoch !== epoch) return returned; // the engine has stopped meanwhile
    if (!waits) return this._returned(entry, returned, refresh, args);
    this._isAsync = true;
    const flight = this._launch(entry, refresh);
    if (this._judges) flight._args = args;
    this._follow(flight, returned);
    return this._handOut(flight, caller, refresh);
  }

  _invoke(self, args) {
    const { _fn: fn, _options: { isJob, name } } = this;
    return isJob ? jobs.module.start(this._marked(context => fn.call(self, context, ...args), self, args), name) : fn.apply(self, args);
  }

  /** A function that runs later, for the entry of a call, so that it is known to be on the stack then. */
  _marked(fn, self, args) {
    const entry = this._entries.get(this._keyOf(self, args));
    if (entry === undefined) return fn;
    return (...given) => {
      this._checkKey(entry, self, args);
      entry._runs = true;
      try {
        return fn(...given);
      } finally {
        entry._runs = false;
      }
    };
  }

  /** Whether the arguments of an earlier call still have the key that they had. */
  _hasKey(entry, self, args) {
    try {
      return Object.is(this._keyOf(self, args), entry._key);
    } catch {
      return false;
    }
  }

  /** To be called before a function runs later than it was called: if its arguments were changed meanwhile, its value is kept for nobody. */
  _checkKey(entry, self, args) {
    const { _flight: flight } = entry;
    if (flight === undefined || flight._over || !this._knows(flight) || this._hasKey(entry, self, args)) return;
    flight._isChanged = true;
    if (entry._isListed) this._clearEntry(entry);
  }

  /** A synchronous function has returned, so nobody can have joined; its caller gets the value itself. */
  _returned(entry, value, refresh, args, isAsync = false) {
    let kept;
    let bytes;
    let ttl = NaN;
    try {
      kept = keep(value, this._options.copy, this._where);
      bytes = this._bytesOf(value);
      if (this._judges) ttl = this._judge(value, args);
    } catch (error) {
      this._dropped(value, constants.MEMO_DROPPED);
      return this._threw(entry, error, refresh);
    }
    if (ttl === undefined) {
      const flight = this._launch(entry, refresh);
      flight._over = true;
      this._forget(flight, value);
      this._drain();
      return value;
    }
    const now = this._isTimed ? Date.now() : roughNow();
    if (entry._slot === NO_SLOT && this._options.maxBytes === Infinity && entry._isListed && !this._judges) {
      const added = core.memoAdd(this._number, now, bytes);
      entry._slot = Math.floor(added / constants.MEMO_GONE_UNIT);
      this._bySlot[entry._slot] = entry;
      this._put(entry, kept, now, bytes, isAsync);
      this._drain(added % constants.MEMO_GONE_UNIT);
    } else {
      const flight = this._launch(entry, refresh);
      flight._over = true;
      const outcome = core.memoSettle(this._number, flight._id, now, bytes, ttl);
      entry._flight = undefined;
      if (outcome === constants.MEMO_STORED) this._put(entry, kept, now, bytes, isAsync);
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
    const outcome = core.memoFail(this._number, flight._id, Date.now());
    entry._flight = undefined;
    if (outcome === constants.MEMO_KEPT) entry._error = error;
    this._emit('error', { key: entry._key, error });
    this._drain();
    if (this._isTimed) this._arm();
    if (outcome === constants.MEMO_STALE && !refresh) return this._serve(entry);
    return this._thrown(error);
  }

  /** Has core know of an entry. */
  _open(entry) {
    entry._slot = core.memoSlot(this._number);
    this._bySlot[entry._slot] = entry;
  }

  /** Has core know of an execution for an entry. */
  _launch(entry, refresh) {
    if (entry._slot === NO_SLOT) this._open(entry);
    const flight = new Flight(entry, core.memoBegin(this._number, entry._slot, refresh));
    entry._flight = flight;
    if (!entry._isListed) this._clearEntry(entry); // the function itself has cleared the cache, or has had the entry evicted
    return flight;
  }

  _follow(flight, returned) {
    flight._follow(returned, this._releaseLate);
    // A foreign thenable may settle twice or at once; a native promise does not.
    (returned instanceof Promise ? returned : Promise.resolve(returned)).then(value => this._landed(flight, value), error => this._crashed(flight, error));
  }

  /** An execution has returned. `times` are those of a value that another tab has made. */
  _landed(flight, value, isAsync = true, times = undefined) {
    const { _entry: entry } = flight;
    if (flight._over) return this._dropped(value, constants.MEMO_DROPPED);
    let kept;
    let bytes;
    let ttl = NaN;
    try {
      kept = keep(value, this._options.copy, this._where);
      bytes = this._bytesOf(value);
      if (this._judges && times === undefined) ttl = this._judge(value, flight._args);
    } catch (error) {
      this._dropped(value, constants.MEMO_DROPPED);
      return this._crashed(flight, error);
    }
    flight._over = true;
    flight._resolve(kept);
    if (!this._knows(flight)) return this._dropped(value, constants.MEMO_DROPPED);
    if (ttl === undefined) {
      this._forget(flight, value);
      return this._goOn();
    }
    const now = Date.now();
    const outcome = core.memoSettle(this._number, flight._id, now, bytes, ttl);
    if (entry._flight === flight) entry._flight = undefined;
    if (outcome === constants.MEMO_STORED) {
      if (times) core.memoRestore(this._number, entry._slot, times.settled, times.freshUntil, bytes);
      this._put(entry, kept, times?.settled ?? now, bytes, isAsync);
      if (this._isShared && !times) flight._stored = this._stored(entry, now);
    } else {
      this._dropped(value, outcome);
    }
    this._goOn();
  }

  /** A value is its callers', and not kept; what was kept before is. */
  _forget(flight, value) {
    if (flight._entry._flight === flight) flight._entry._flight = undefined;
    core.memoAbandon(this._number, flight._id);
    this._dropped(value, constants.MEMO_DROPPED);
  }

  /** An execution has failed. */
  _crashed(flight, error) {
    const { _entry: entry } = flight;
    if (flight._over) return;
    flight._over = true;
    if (this._knows(flight)) {
      const outcome = core.memoFail(this._number, flight._id, Date.now());
      if (entry._flight === flight) entry._flight = undefined;
      if (outcome === constants.MEMO_KEPT) entry._error = error;
      if (outcome === constants.MEMO_STALE) flight._resolve({ value: entry._value, handing: entry._handing, instead: error });
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

  /** What tasks are given to tell of the values that they make for nobody. */
  get _releaseLate() {
    return this._options.onRelease && (value => this._dropped(value, constants.MEMO_DROPPED));
  }

  /** A value that nobody keeps. */
  _dropped(value, outcome) {
    const { onRelease } = this._options;
    if (onRelease) later(onRelease, value, outcome === constants.MEMO_TOO_LARGE ? 'evicted' : 'cleared');
  }

  // ---- callers ------------------------------------------------------------------------------------------------------

  _join(flight, self, args, caller, refresh = false) {
    core.memoJoin(this._number, flight._id);
    const again = this._isLate || flight._isBackground ? () => (refresh ? this.refresh(self, args, caller) : this.call(self, args, caller)) : undefined;
    return this._handOut(flight, caller, refresh, again);
  }

  /**
   * The promise of one caller, who may leave; one who wants a `refresh` is not served a stale value instead of an error. `again` is for one whose arguments were not those
   * that the function gets.
   */
  _handOut(flight, caller, refresh, again) {
    const { signal, onProgress } = caller ?? {};
    if (onProgress) flight._watch(onProgress);
    const promise = () => flight._done.then(kept => {
      if (refresh && kept.instead) throw kept.instead;
      return hand(kept.value, kept.handing, this._where);
    });
    let value = this._options.copy === 'share' && !refresh ? (flight._shared ??= promise()) : promise();
    if (again) value = value.then(value => (flight._isChanged ? again() : value));
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
    if (flight._over || !this._knows(flight) || !core.memoLeave(this._number, flight._id)) return;
    flight._over = true;
    if (flight._entry._flight === flight) flight._entry._flight = undefined;
    this._drain();
    flight._abort(reason);
  }

  /** Makes the values of several calls, a few at a time; resolves to how each has ended. */
  async warm(self, calls, caller) {
    if (typeof calls?.[Symbol.iterator] !== 'function') throw invalid('what warm() was given', calls, 'an iterable of arrays of arguments');
    const lists = [...calls];
    const wrong = lists.find(args => !Array.isArray(args));
    if (wrong !== undefined) throw invalid('a call of warm()', wrong, 'an array of arguments');
    if (this._epoch !== epoch && !this._mustWait()) this._begin();
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

  /** Stores a value as if a call had returned it. A promise is one of a call that is under way. */
  set(self, args, value) {
    takeRoom(this._inside);
    if (this._epoch !== epoch) this._begin();
    let entry = this._lookUp(self, args);
    const key = entry === undefined ? this._key : entry._key;
    const waits = isThenable(value);
    if (!waits) { // throws here what a call would fail with
      this._bytesOf(keep(value, this._options.copy, this._where).value);
      if (this._judges) this._judge(value, args);
    }
    if (entry?._flight || entry?._runs) { // what it returns is for its callers only
      this._unlist(entry);
      if (entry._slot !== NO_SLOT) this._clearEntry(entry);
      entry = undefined;
    }
    if (entry === undefined) {
      this._list(entry = new Entry(key));
      this._open(entry);
    }
    if (this._refreshes) entry._call = { self, args };
    if (waits) {
      this._isAsync = true;
      const flight = this._launch(entry, true);
      if (this._judges) flight._args = args;
      this._follow(flight, value);
      if (this._isShared) flight._done.then(() => flight._stored && this._inOrigin(origin => origin.put(key, flight._stored)), () => {});
      return;
    }
    this._returned(entry, value, true, args, this._isAsync);
    if (this._isShared && entry._has) {
      const stored = this._stored(entry, entry._settled);
      this._inOrigin(origin => origin.put(key, stored));
    }
  }

  /** What other tabs are to have of a value. */
  _stored(entry, settled) {
    const { _value: value, _handing: handing } = entry;
    return { kept: { value, handing }, settled, freshUntil: this._endOf(entry, false), end: this._endOf(entry, true) };
  }

  // ---- refreshes ----------------------------------------------------------------------------------------------------

  /** A new value for one caller, whatever is there. */
  refresh(self, args, caller) {
    let entry;
    try {
      takeRoom(this._inside);
      if (this._epoch !== epoch) {
        if (this._mustWait()) return this._callLater(this._tierOf, self, args, caller, true);
        this._begin();
      }
      entry = this._lookUp(self, args);
      if (caller?.signal?.aborted) throw abortError(caller.signal.reason);
    } catch (error) {
      return this._thrown(error);
    }
    if (entry === undefined) return this._execute(undefined, self, args, caller, true);
    if (entry._runs) return this._thrown(this._recursive());
    if (entry._flight) return this._isAsync || !entry._flight._start ? this._join(entry._flight, self, args, caller, true) : this._startNow(entry._flight, self, args, caller);
    return this._execute(entry, self, args, caller, true);
  }

  /** Begins the refreshes whose turn it is. */
  _refresh() {
    for (let slot; (slot = core.memoNextRefresh(this._number)) >= 0; ) {
      const entry = this._bySlot[slot];
      const flight = new Flight(entry, core.memoFlight(this._number, slot));
      if (entry._call === undefined) { // of an earlier page: with which arguments it was made is known when it is asked for
        core.memoAbandon(this._number, flight._id);
        continue;
      }
      entry._flight = flight;
      flight._isBackground = true;
      const { self, args } = entry._call;
      if (!this._refreshes) entry._call = undefined;
      flight._start = () => this._runRefresh(flight, self, args);
      // In a turn of its own: the caller that has got the stale value goes first.
      (this._lacks(this._startsBy) ? this._startsBy.whenUsable() : yieldTurn(1)).then(() => flight._start?.(), error => this._crashed(flight, error));
    }
  }

  _runRefresh(flight, self, args) {
    flight._start = undefined;
    if (flight._over || !this._knows(flight)) return;
    if (!this._hasKey(flight._entry, self, args)) return this._forgo(flight);
    if (this._judges) flight._args = args;
    if (this._isShared) return this._runInOrigin(flight, self, args, flight._entry._settled);
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

  /** The arguments of a refresh were changed since their call: it is made when somebody asks again. */
  _forgo(flight) {
    flight._over = flight._isChanged = true;
    flight._entry._flight = undefined;
    flight._entry._call = undefined;
    core.memoAbandon(this._number, flight._id);
    flight._resolve({ value: undefined, handing: SAME });
    this._goOn();
  }

  /** A caller of a synchronous function can't wait for the refresh that is about to begin: it begins now. */
  _startNow(flight, self, args, caller) {
    flight._start();
    if (flight._failure) throw flight._failure.error;
    return this.call(self, args, caller);
  }

  // ---- other tabs ---------------------------------------------------------------------------------------------------

  _executeInOrigin(entry, self, args, caller, refresh) {
    const flight = this._launch(entry, refresh);
    if (this._judges) flight._args = args;
    this._runInOrigin(flight, self, args, refresh ? Date.now() : 0);
    return this._handOut(flight, caller, refresh);
  }

  _runInOrigin(flight, self, args, since) {
    this._inOrigin(origin => origin.run(flight, self, args, since), error => this._crashed(flight, error));
  }

  /** The value of another tab whose time is over: it is served meanwhile, or if there will be no other, as the rules say. */
  _landStale(flight, { value, settled, freshUntil }) {
    const { _entry: entry } = flight;
    const it = takeStored(value);
    const kept = keep(it, this._options.copy, this._where);
    const bytes = this._bytesOf(it);
    core.memoRestore(this._number, entry._slot, settled, freshUntil, bytes);
    this._put(entry, kept, settled, bytes, true);
    if (this._options.background) flight._resolve(kept);
  }

  /** The function's value, unless nobody wants it any more. */
  _make(flight, self, args) {
    const { signal } = flight._controller;
    this._checkKey(flight._entry, self, args);
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      let returned;
      flight._entry._runs = true;
      try {
        returned = this._invoke(self, args);
      } finally {
        flight._entry._runs = false;
      }
      flight._follow(returned, this._releaseLate);
      // Resolved with it, this one could not be rejected any more.
      Promise.resolve(returned).then(value => (signal.aborted ? this._dropped(value, constants.MEMO_DROPPED) : resolve(value)), reject);
    });
  }
}
