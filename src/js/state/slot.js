// One value: in memory as it is, and in storage as text.

import * as constants from '#constants';
import { statePart } from '#parts/state';
import * as wasm from '#wasm';
import { assertReady, checkReady, isReady } from '../base/engine.js';
import { TaskloomError, invalid, isStackOverflow, report, tell } from '../base/errors.js';
import { MAX_ROUNDS, loopError } from '../base/listeners.js';
import { decode, encode } from './codec.js';
import { watchEnd } from './ends.js';

const UNREAD = 0; // the storage may have a value
const EMPTY = 1;
const FULL = 2;

export class Slot {
  constructor(space, name) {
    this.space = space;
    this.name = name;
    this.number = -1; // core's, from the first change on
    this.key = space.prefix + name;
    this.value = undefined;
    this.expiresAt = Infinity;
    this.version = 0;
    this.waits = false; // to be written
    this.stored = false; // the storage has this very value
    this.listeners = new Set();
    this.isHeld = false; // by its space: else whoever has a reference holds it
    this.isShared = false; // there are references to it
    this._state = space.area.storage ? UNREAD : EMPTY;
    this._text = null; // what is stored, as far as it is known
    this._owner = undefined; // who has written or read it: told of what goes wrong
    this._isNewer = false; // what is stored is another page's, and not ours to lose
    this._failure = undefined;
    this.endId = -1; // core's number of its end, if somebody is to hear of that
    this._over = undefined; // `{ previous }`: it has ended, and nobody was told
    this._news = undefined; // what those who listen are being told,
    this._round = 0; // and how often in a row one of them has caused it
  }

  /** Whether there is a value, which is then in `value`. */
  read(owner) {
    if (this._state === FULL && this.expiresAt === Infinity) return true;
    assertReady(statePart);
    if (this._state === UNREAD) this._load(owner);
    else if (this._state === FULL && wasm.hasExpired(this.expiresAt, Date.now())) this._expire();
    return this._state === FULL;
  }

  write(value, owner, expiresAt, version, durable) {
    if (this._state !== FULL || !this.waits || durable || this._isHeard) assertReady(statePart);
    else checkReady(statePart); // it calls nothing
    const was = this.read(owner);
    const { value: previous } = this;
    const tell = this._isHeard && (!was || this._changes(previous, value));
    this._owner = owner;
    this._state = FULL;
    this.value = value;
    this.expiresAt = expiresAt;
    this.version = version;
    this._mark(durable);
    this.watchEnd();
    if (tell) this.notify(value, previous);
  }

  /** Empties it; says whether there was a value. */
  clear(owner) {
    assertReady(statePart);
    const was = this.read(owner);
    const { value: previous } = this;
    if (!was) return false;
    this._owner = owner;
    this._end(owner.durable);
    this.notify(undefined, previous);
    this.rest();
    return true;
  }

  /** There is a reference to it. */
  share() {
    this.isShared = true;
    this.rest();
  }

  /** Its space need not hold it while it is as good as one that is made anew. */
  rest() {
    const { area } = this.space;
    if (this._state === FULL || this.listeners.size > 0 || (area.storage && (this.waits || this._text !== null || this._failure))) return;
    area.forget(this);
    this.space.letGo(this);
  }

  /** What the storage has, as far as it is known. */
  get text() {
    return this._text;
  }

  notify(value, previous) {
    if (this._over) this._tellOver();
    // What a listener changes is told when all have heard of the change before it.
    if (this._news) return this._tellNext(value, previous);
    this._news = [{ value, previous, round: 0 }];
    try {
      for (const { value, previous, round } of this._news) {
        this._round = round;
        for (const listener of [...this.listeners]) tell(listener, value, previous);
        for (const listener of [...this.space.listeners]) tell(listener, this.name, value, previous);
      }
    } finally {
      this._news = undefined;
    }
  }

  _tellNext(value, previous) {
    const round = this._round + 1;
    if (round <= MAX_ROUNDS) return void this._news.push({ value, previous, round });
    const error = Object.assign(loopError(described(this.space.namespace, this.name)), { namespace: this.space.namespace, key: this.name });
    if (this._owner) this._owner.tell(error);
    else report(error);
  }

  get _isHeard() {
    return this.listeners.size > 0 || this.space.listeners.size > 0;
  }

  /** Whether those who listen are to hear of its end when it comes. A cache that is stored knows the ends of its entries itself. */
  get isToBeTold() {
    return this._state === FULL && this.expiresAt !== Infinity && (this.listeners.size > 0 || (this.space.owner !== undefined && this.space.listeners.size > 0));
  }

  /** To be called when that may have changed. */
  watchEnd() {
    if (this.endId >= 0 || this.isToBeTold) watchEnd(this);
  }

  /** Its time has come. */
  timeIsUp() {
    this.read(this._owner ?? this.space.owner);
    if (this._over) this._tellOver();
    this.watchEnd(); // the clock was set back, or it was written anew
    this.rest();
  }

  /** It is found to be over. Whoever reads it is not to meet listeners: they are told in a moment, or before the next change. */
  _expire() {
    const { isToBeTold, value: previous } = this;
    this._end();
    if (!isToBeTold) return;
    this._over = { previous };
    Promise.resolve().then(() => this._over && this._tellOver());
  }

  _tellOver() {
    const { previous } = this._over;
    this._over = undefined;
    this.notify(undefined, previous);
  }

  /** Whether the storage has this very value, still. */
  get isStored() {
    return this.stored && this.space.area.storage.getItem(this.key) === this._text;
  }

  _end(durable = false) {
    this._state = EMPTY;
    this.value = undefined;
    this.expiresAt = Infinity;
    this.watchEnd();
    this._mark(durable);
  }

  _mark(durable) {
    this.stored = false;
    const { area } = this.space;
    this.space.hold(this);
    if (!this.waits) {
      area.changed(this);
      this.waits = true; // a second change is no news to core
    }
    if (durable) area.write();
  }

  /** Whether those who listen are told of a value that takes the place of another. */
  _changes(previous, value) {
    const same = Object.is(previous, value);
    switch (wasm.changeOf(same, isObject(value), isObject(previous) && isObject(value))) {
      case constants.CHANGE_NOTHING:
        return false;
      case constants.CHANGE_TELL_UNLESS_EQUAL:
        return this._form(previous) !== this._form(value, true);
      default:
        return true;
    }
  }

  /** The text of a value; of the present one as it was stored last. */
  _form(value, isNew = false) {
    try {
      if (isNew || !this.stored) return encode(value, '').text;
      return this._text.slice(wasm.readHead(this._text.slice(0, constants.MAX_HEAD), 0, 0) >> constants.HEAD_LENGTH_SHIFT);
    } catch (error) {
      guard(error);
      return isNew; // what has no text differs from everything
    }
  }

  // ---- storage -----------------------------------------------------------------------------------------------------

  /** Brings what is stored into memory. */
  _load(owner) {
    this._owner = owner;
    this._text = this.space.area.storage.getItem(this.key);
    this._state = EMPTY;
    this._isNewer = false;
    if (this._text !== null) this._take(this._text, owner);
  }

  _take(text, owner) {
    const head = wasm.readHead(text.slice(0, constants.MAX_HEAD), Date.now(), owner.version);
    const standing = head & constants.STANDING_MASK;
    const { area } = this.space;
    if (standing === constants.STANDING_EXPIRED) return this._mark(false); // so that it is removed
    if (standing === constants.STANDING_FOREIGN) return this._setAside('corrupt', text, 'is none of taskloom\'s');
    const expiresAt = wasm.headExpiresAt();
    const version = wasm.headVersion();
    let value;
    try {
      value = decode(text.slice(head >> constants.HEAD_LENGTH_SHIFT), (head & constants.HEAD_SHAPE) !== 0);
    } catch (cause) {
      if (isStackOverflow(cause)) this._state = UNREAD; // and it may be sound
      guard(cause);
      return this._setAside('corrupt', text, 'is damaged', cause);
    }
    if (standing === constants.STANDING_CURRENT) return this._put(value, expiresAt, version, true);
    if (standing === constants.STANDING_NEWER) {
      this._isNewer = true;
      return this._tell('version-mismatch', `is stored in version ${version}, and this page knows ${owner.version}: reload it`);
    }
    if (!owner.migrate) return this._setAside('version-mismatch', text, `is of version ${version}, and ${owner.version} is wanted: give a migrate function`);
    this._migrate(value, expiresAt, version, owner);
  }

  _put(value, expiresAt, version, stored) {
    this.space.hold(this);
    this._state = FULL;
    this.value = value;
    this.expiresAt = expiresAt;
    this.version = version;
    this.stored = stored;
    this.watchEnd();
  }

  /** Once: what comes of it is written at once, under its new version. */
  _migrate(value, expiresAt, version, owner) {
    let migrated;
    try {
      migrated = owner.migrate(value, version, this.name);
      if (typeof migrated?.then === 'function') {
        Promise.resolve(migrated).catch(() => {});
        throw invalid('what migrate() returned', migrated, 'the value itself: migrate has to be synchronous');
      }
    } catch (cause) {
      this._put(value, expiresAt, version, true);
      this._tell('migration-failed', `could not be brought from version ${version} to ${owner.version}, and is left as it is: ${cause?.message ?? cause}`, { cause });
      return;
    }
    this._put(migrated, expiresAt, owner.version, false);
    this._mark(false);
  }

  _setAside(code, text, what, cause) {
    const aside = this.space.area.putAside(this.key, text);
    this._text = null;
    this._tell(code, `has a stored text that ${what}; it is kept under the key ${JSON.stringify(aside)}`, { cause }, { aside });
  }

  /** Another page has written it, or may have; `before` is what it was, if that is known. */
  heard(before) {
    const { area } = this.space;
    if (this.number >= 0 && !wasm.slotYields(area.number, this.number)) return;
    this._owner ??= this.space.owner;
    if (this._state === UNREAD) {
      if (before === undefined || !this._isHeard || !this._owner) return;
      this._prime(before);
    }
    if (area.storage.getItem(this.key) !== this._text) this._reread();
  }

  /** Takes a text for what was stored, so that those who listen are told what there was. */
  _prime(text) {
    this._state = EMPTY;
    this._text = text;
    if (typeof text !== 'string') return;
    const head = wasm.readHead(text.slice(0, constants.MAX_HEAD), Date.now(), this._owner.version);
    if ((head & constants.STANDING_MASK) !== constants.STANDING_CURRENT) return;
    try {
      this._put(decode(text.slice(head >> constants.HEAD_LENGTH_SHIFT), (head & constants.HEAD_SHAPE) !== 0), wasm.headExpiresAt(), this._owner.version, true);
    } catch (error) {
      guard(error); // it was none of ours
    }
  }

  _reread() {
    const had = this._state === FULL;
    const { value: previous } = this;
    this.value = undefined;
    this.expiresAt = Infinity;
    this._load(this._owner);
    this.watchEnd();
    if (had || this._state === FULL) this.notify(this.value, previous);
  }

  /** Writes it to storage; says how that went. */
  store() {
    const { storage } = this.space.area;
    this.waits = false;
    const before = this._text?.length ?? 0;
    try {
      if (this._isNewer) this.space.area.putAside(this.key, this._text);
      this._isNewer = false;
      if (this._state === FULL) {
        const { text, shape } = encode(this.value, this._where);
        const entry = headOf(this.expiresAt, this.version, shape) + text;
        if (storage.getItem(this.key) !== entry) storage.setItem(this.key, entry);
        this._text = entry;
        this.stored = true;
      } else {
        storage.removeItem(this.key);
        this._text = null;
      }
      this._failure = undefined;
      return (this._text?.length ?? 0) < before ? constants.WRITTEN_SHRUNK : constants.WRITTEN_STORED;
    } catch (error) {
      guard(error);
      this._failure = error;
      return error?.code === 'not-serializable' ? constants.WRITTEN_NOT_TEXT : constants.WRITTEN_FULL;
    }
  }

  reportFailure() {
    const { _failure: cause } = this;
    if (cause instanceof TaskloomError) this._tell(cause.code, undefined, { cause: cause.cause }, {}, cause.message);
    else this._tell('quota-exceeded', `could not be stored, the storage is full; the value is in memory: ${cause?.message ?? cause}`, { cause });
  }

  get _where() {
    return `the value of ${described(this.space.namespace, this.name)}`;
  }

  _tell(code, what, options, more, message = `${described(this.space.namespace, this.name)} ${what}`) {
    this._owner.tell(Object.assign(new TaskloomError(code, message, options), { namespace: this.space.namespace, key: this.name, ...more }));
  }
}

/** A slot, for messages. */
export const described = (namespace, key) => `'${key}'${namespace === null ? '' : ` of namespace '${namespace}'`}`;

const isObject = value => (typeof value === 'object' && value !== null) || typeof value === 'function';

const plainHeads = [];

/** What a stored text begins with. */
function headOf(expiresAt, version, shape) {
  if (version > 0 || expiresAt !== Infinity) return wasm.writeHead(expiresAt, version, shape);
  return (plainHeads[Number(shape)] ??= wasm.writeHead(expiresAt, version, shape));
}

/** An engine that has stopped and a stack that is used up are no matter of this value. */
function guard(error) {
  if (!isReady(statePart) || isStackOverflow(error)) throw error;
}
