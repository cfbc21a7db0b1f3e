// The browser's storages, and what waits to be written to them. What is written when is core's to say (src/core/state/writes.rs).

import * as constants from '#constants';
import { statePart } from '#parts/state';
import * as wasm from '#wasm';
import { assertReady, isReady } from '../base/engine.js';
import { TaskloomError } from '../base/errors.js';
import { absent } from '../base/host.js';
import { Names } from '../base/names.js';
import { Slot } from './slot.js';

/** An entry's key: this, its namespace, a colon, its name. */
const PREFIX = 'taskloom:';
/** What could not be used is kept under the same key, but for this. As long as the other: there is room for it where it was. */
const ASIDE = 'taskloom~';

const KINDS = ['session', 'local', 'memory'];
/** How many copies of the library this page has loaded, and how one tells the others what it has written. */
const COPIES = Symbol.for('taskloom.copies');
const WRITTEN = 'taskloom-written';
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
    this.slots = new Names();
    this.held = 0; // how many of them have something to hold
    this.listeners = new Set();
    this.owner = undefined; // how values are read that only the listeners ask for
  }

  slot(name) {
    let slot = this.slots.get(name);
    if (!slot) this.hold(slot = new Slot(this, name));
    return slot;
  }

  /** The slot, if it may have a value: asking for names that nobody has used leaves nothing behind. */
  find(name) {
    return this.slots.get(name) ?? (this.area.stores(this.prefix + name) ? this.slot(name) : undefined);
  }

  hold(slot) {
    if (slot.isHeld) return;
    slot.isHeld = true;
    this.held++;
    this.slots.hold(slot.name, slot);
    this.area.spaces.hold(this.namespace, this);
  }

  /** A slot without a value is kept only for the references to it. */
  letGo(slot) {
    if (!slot.isHeld) return;
    slot.isHeld = false;
    this.held--;
    if (slot.isShared) this.slots.letGo(slot.name, slot);
    else this.slots.delete(slot.name);
    this.rest();
  }

  /** Nor is a space without slots. */
  rest() {
    if (this.held === 0 && this.listeners.size === 0) this.area.spaces.letGo(this.namespace, this);
  }

  /** Slots that have been asked for, and those that are only stored. */
  allSlots() {
    for (const key of this.area.keys()) if (key.startsWith(this.prefix)) this.slot(key.slice(this.prefix.length));
    return this.slots.all();
  }

  /** Another page, or another copy of the library, has written, in place of the text `before` if that is known. */
  heard(key, before) {
    if (key === null) return this.slots.all().forEach(slot => {
      slot.heard();
      slot.rest();
    });
    if (!key.startsWith(this.prefix)) return;
    const name = key.slice(this.prefix.length);
    const slot = this.slots.get(name) ?? (this.owner && this.listeners.size > 0 ? this.slot(name) : undefined);
    slot?.heard(before);
    slot?.rest();
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
    this.spaces = new Names(); // by namespace
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
    if (!space) this.spaces.letGo(namespace, space = new Space(this, namespace));
    return space;
  }

  /** Whether there is a text under this key. */
  stores(key) {
    return this.storage ? this.storage.getItem(key) !== null : false;
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

  /** Core forgets a slot that has nothing to write. */
  forget(slot) {
    if (slot.number < 0) return;
    wasm.closeSlot(this.number, slot.number);
    this.changedSlots[slot.number] = undefined;
    while (this.changedSlots.length > 0 && this.changedSlots.at(-1) === undefined) this.changedSlots.pop();
    slot.number = -1;
  }

  /** Writes what waits; with `all` also what had no room. Says whether everything is stored. */
  flush(all = false) {
    assertReady(statePart);
    return this.write(all) && (!all || this._holdsAll());
  }

  /** Whether what was stored still is: the page itself may have emptied its storage. */
  _holdsAll() {
    return this.spaces.all().every(space => space.slots.all().every(slot => !slot.stored || this.stores(slot.key)));
  }

  write(all = false) {
    if (!this.storage) return false;
    wasm.beginFlush(this.number, all);
    for (let number; (number = wasm.nextWrite(this.number)) !== constants.NO_WRITE; ) this._write(this.changedSlots[number]);
    return wasm.isFlushed(this.number);
  }

  _write(slot) {
    const before = slot.text;
    const next = wasm.slotWritten(this.number, slot.number, slot.store());
    if (next === constants.NEXT_MAKE_ROOM) {
      this._removeExpired();
      return this._write(slot);
    }
    if (slot.waits) this.changed(slot); // a getter in its value has written it meanwhile
    if (next === constants.NEXT_REPORT) slot.reportFailure();
    else if (slot.text !== before) this._tellCopies(slot.key, before);
    slot.rest();
  }

  _tellCopies(key, before) {
    if (globalThis[COPIES] > 1) dispatchEvent(Object.assign(new Event(WRITTEN), { kind: this.kind, key, before }));
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
  heard(key, before) {
    if (isReady(statePart) && this.storage) for (const space of this.spaces.all()) space.heard(key, before);
  }

  /**
   * The page comes back from the back/forward cache, in which it heard of no write. Chromium tells of them later: a slot that was found empty stays until then, or its listeners
   * would be told twice.
   */
  lookAgain() {
    if (isReady(statePart) && this.storage) for (const space of this.spaces.all()) for (const slot of space.slots.all()) slot.heard();
  }

  /** The engine has begun afresh, and knows of no slot. */
  restart() {
    for (const slot of this.changedSlots.splice(0)) {
      if (!slot) continue;
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
  statePart._onBegin(() => areas.forEach(area => area.restart()));
  if (typeof addEventListener !== 'function') return; // Node
  globalThis[COPIES] = (globalThis[COPIES] ?? 0) + 1;
  if (globalThis[COPIES] === 2) {
    console.warn('taskloom: two copies of the library are loaded in this page. They share what is stored, a moment after it is written, and nothing else: have the bundler leave one.');
  }
  addEventListener(WRITTEN, ({ kind, key, before }) => {
    if (typeof key === 'string') areas.get(kind)?.heard(key, before);
  });
  addEventListener('storage', ({ storageArea, key, oldValue }) => {
    for (const area of areas.values()) {
      if (area.storage !== storageArea) continue;
      const isShown = key !== null && storageArea.getItem(key) !== oldValue;
      area.heard(key, oldValue);
      setTimeout(() => area.heard(key, isShown ? undefined : oldValue)); // Firefox may show what was stored before until this task has ended
    }
  });
  // The last moments in which a page surely runs.
  addEventListener('pagehide', flushAll);
  if (typeof document !== 'object') return;
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && flushAll());
  document.addEventListener('freeze', flushAll);
  addEventListener('pageshow', ({ persisted }) => persisted && areas.forEach(area => area.lookAgain()));
}
