// The browser's storages, and what waits to be written to them. What is written when is core's to say (src/core/state/writes.rs).

import * as constants from '#constants';
import * as wasm from '#wasm';
import { assertReady, isReady, onBegin } from '../engine.js';
import { TaskloomError } from '../errors.js';
import { absent } from '../host.js';
import { Slot } from './slot.js';

/** An entry's key: this, its namespace, a colon, its name. */
const PREFIX = 'taskloom:';
/** What could not be used is kept under the same key, but for this. As long as the other: there is room for it where it was. */
const ASIDE = 'taskloom~';

const KINDS = ['session', 'local', 'memory'];
const areas = new Map();

/** The storage of a kind. */
export function areaOf(kind) {
  let area = areas.get(kind);
  if (!area) {
    if (areas.size === 0) watchPage();
    areas.set(kind, area = new Area(kind));
  }
  return area;
}

export const isStorageKind = kind => KINDS.includes(kind);

/** The slots of one namespace, and who listens to all of them. */
class Space {
  constructor(area, namespace) {
    this.area = area;
    this.namespace = namespace;
    this.prefix = `${PREFIX}${encoded(namespace)}:`;
    this.slots = new Map(); // by name
    this.listeners = new Set();
  }

  slot(name) {
    let slot = this.slots.get(name);
    if (!slot) this.slots.set(name, slot = new Slot(this, name));
    return slot;
  }

  /** Slots that have been asked for, and those that are only stored. */
  allSlots() {
    for (const key of this.area.keys()) if (key.startsWith(this.prefix)) this.slot(key.slice(this.prefix.length));
    return [...this.slots.values()];
  }
}

/** No two namespaces are written alike, and none has a colon. */
function encoded(namespace) {
  if (namespace === null) return '';
  return namespace.replace(/[%:]/g, encodeURIComponent) || '%';
}

class Area {
  constructor(kind) {
    this.kind = kind;
    this.number = KINDS.indexOf(kind);
    this.blocked = undefined; // why it can't be used
    this.told = false; // whether somebody has been told so
    this.storage = this._find();
    this.spaces = new Map(); // by namespace
    this.changedSlots = []; // by core's number, which they have from their first change on
  }

  _find() {
    if (this.kind === 'memory') return undefined;
    try {
      const storage = globalThis[`${this.kind}Storage`];
      if (!storage) throw absent();
      storage.getItem(PREFIX); // some browsers refuse only here
      return storage;
    } catch (cause) {
      this.blocked = cause;
      return undefined;
    }
  }

  space(namespace) {
    let space = this.spaces.get(namespace);
    if (!space) this.spaces.set(namespace, space = new Space(this, namespace));
    return space;
  }

  /** The keys of all entries in the storage, of whatever namespace. */
  keys() {
    const { storage } = this;
    const keys = [];
    for (let i = 0, length = storage?.length ?? 0; i < length; i++) {
      const key = storage.key(i);
      if (key?.startsWith(PREFIX)) keys.push(key);
    }
    return keys;
  }

  /** A slot has changed, and is written when the caller's code has run. */
  changed(slot) {
    if (!this.storage) return;
    if (slot.number < 0) this._number(slot);
    if (wasm.slotChanged(this.number, slot.number)) Promise.resolve().then(() => flushQuietly(this));
  }

  _number(slot) {
    slot.number = wasm.openSlot(this.number);
    this.changedSlots[slot.number] = slot;
  }

  /** Writes what waits; with `all` also what had no room. Says whether everything is stored. */
  flush(all = false) {
    assertReady();
    return this.write(all);
  }

  write(all = false) {
    if (!this.storage) return false;
    wasm.beginFlush(this.number, all);
    for (let number; (number = wasm.nextWrite(this.number)) !== constants.NO_WRITE; ) this._write(this.changedSlots[number]);
    return wasm.isFlushed(this.number);
  }

  _write(slot) {
    const next = wasm.slotWritten(this.number, slot.number, slot.store());
    if (next === constants.NEXT_MAKE_ROOM) {
      this._removeExpired();
      return this._write(slot);
    }
    if (slot.waits) this.changed(slot); // a getter in its value has written it meanwhile
    if (next === constants.NEXT_REPORT) slot.reportFailure();
  }

  _removeExpired() {
    for (const key of this.keys()) {
      const head = wasm.readHead((this.storage.getItem(key) ?? '').slice(0, constants.MAX_HEAD), Date.now(), 0);
      if (head !== constants.STANDING_FOREIGN && (head & constants.STANDING_MASK) === constants.STANDING_EXPIRED) this.storage.removeItem(key);
    }
  }

  /** Puts a text aside that could not be used; returns where it is now. */
  putAside(key, text) {
    const { storage } = this;
    let aside = `${ASIDE}${key.slice(PREFIX.length)}`;
    while (storage.getItem(aside) !== null) aside += '~';
    storage.removeItem(key);
    try {
      storage.setItem(aside, text);
      return aside;
    } catch {
      storage.setItem(key, text); // no room: it stays where it was
      return key;
    }
  }

  /** Another page has written; without a key it has emptied the storage. */
  heard(key) {
    if (!isReady()) return;
    for (const { prefix, slots } of this.spaces.values()) {
      const about = key === null ? slots.values() : key.startsWith(prefix) ? [slots.get(key.slice(prefix.length))] : [];
      for (const slot of about) if (slot && (slot.number < 0 || wasm.slotYields(this.number, slot.number))) slot.reread();
    }
  }

  /** The engine has begun afresh, and knows of no slot. */
  restart() {
    for (const slot of this.changedSlots.splice(0)) {
      this._number(slot);
      if (!slot.stored) this.changed(slot);
    }
  }
}

/** Nobody waits for this flush: what stops it is an engine that has stopped, which all callers are told of. */
function flushQuietly(area) {
  try {
    area.flush();
  } catch (error) {
    if (!(error instanceof TaskloomError)) throw error;
  }
}

const flushAll = () => areas.forEach(flushQuietly);

function watchPage() {
  if (typeof addEventListener !== 'function') return; // Node
  addEventListener('storage', ({ storageArea, key }) => {
    for (const area of areas.values()) {
      if (area.storage !== storageArea) continue;
      area.heard(key);
      setTimeout(() => area.heard(key)); // Firefox may show what was stored before until this task has ended
    }
  });
  // The last moments in which a page surely runs.
  addEventListener('pagehide', flushAll);
  if (typeof document !== 'object') return;
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && flushAll());
  document.addEventListener('freeze', flushAll);
  // What others have written while the page lay in the back/forward cache was told to nobody.
  addEventListener('pageshow', ({ persisted }) => persisted && areas.forEach(area => area.heard(null)));
}

onBegin(() => areas.forEach(area => area.restart()));
