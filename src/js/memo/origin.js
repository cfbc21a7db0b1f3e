// One execution for all tabs of the origin.
//
// Whoever misses a value asks for the Web Lock of its key, and looks into IndexedDB when it has it: another tab may have made the value meanwhile. If not, it makes
// the value and stores it before it lets the lock go. A tab that dies loses its lock, and the next one in line makes the value. A record is only
// written if nobody has cleared it since the lock was granted. A failure that is to be remembered (`errorTtl`) is not stored: it is told to the tabs that wait.

import { pack, unpack } from '../base/border.js';
import { TaskloomError, isStackOverflow } from '../base/errors.js';
import { asStored, takeStored } from './copy.js';
import { db, done, inTime, openChannel, result } from '../base/database.js';
import { locks } from '../base/host.js';

const CHANNEL = 'taskloom-cache';
/** The record of a cache that says when all of it was cleared last; no key is empty. */
const WHOLE = '';
/** How long the mark of a cleared record lasts: longer than any execution that has read it before. */
const MARK_LASTS = 86_400_000;

/** Why a lock is not waited for: the page goes away. */
const AWAY = /* @__PURE__ */ new Error('the page is away');

export class Origin {
  constructor(memo) {
    this._memo = memo;
    const { name, version } = memo._options;
    this._name = `${name}@${version}`;
    this._told = false;
    this._channel = undefined;
    this._listen();
    if (typeof addEventListener !== 'function') return;
    // Locks and open channels keep a page out of the back/forward cache; what was said meanwhile is lost.
    this._pause = () => {
      this._hangUp();
      this._back = new Promise(resolve => { this._comeBack = resolve; });
      this._leave();
    };
    this._resume = ({ persisted }) => {
      if (!persisted) return;
      this._listen();
      this._comeBack?.();
      this._memo._changedInOrigin(undefined, true);
    };
    addEventListener('pagehide', this._pause);
    addEventListener('pageshow', this._resume);
  }

  _listen() {
    /** Resolves when the page goes away. */
    this._gone = new Promise(resolve => { this._leave = resolve; });
    this._channel = openChannel(CHANNEL);
    if (!this._channel) return;
    this._channel.onmessage = ({ data }) => {
      if (data?.name !== this._name) return;
      if (isNews(data)) this._memo._changedInOrigin(data.key, data.cleared);
      else if (isFailure(data)) this._failedElsewhere(data);
    };
  }

  _hangUp() {
    this._channel?.close();
    this._channel = undefined;
  }

  _say(message) {
    this._channel?.postMessage({ name: this._name, ...message });
  }

  close() {
    this._hangUp();
    if (!this._pause) return;
    removeEventListener('pagehide', this._pause);
    removeEventListener('pageshow', this._resume);
  }

  /**
   * Finds or makes the value of an entry, and lands the flight. A stored value has to have settled after `since`, and to be fresh or made since this was
   * asked.
   */
  async run(flight, self, args, since) {
    const memo = this._memo;
    if (flight._over) return; // nobody has waited for it to begin
    flight._controller = new AbortController();
    const { _key: key } = flight._entry;
    const asked = Date.now();
    const isUsable = record => record !== undefined && record.settled >= since && (record.freshUntil > Date.now() || record.settled >= asked);
    try {
      const database = await this._open();
      if (!database || !locks()) {
        if (!flight._over) memo._landed(flight, await memo._make(flight, self, args));
        return;
      }
      await this._locked(key, flight._controller.signal, async () => {
        const before = await this._read(database, key);
        if (flight._over) return;
        const { record } = before;
        if (isUsable(record)) return memo._landed(flight, takeStored(record.value), true, record);
        if (since === 0 && record !== undefined && record.end > Date.now()) memo._landStale(flight, record);
        memo._landed(flight, await this._make(flight, self, args));
        if (flight._stored) await this._write(database, key, flight._stored, before);
      });
    } catch (error) {
      if (!flight._over) memo._crashed(flight, error);
    }
  }

  /** Does some work under the lock of a key. A page that goes away lets go of the lock, and works on; one that waits asks again when it is back. */
  async _locked(key, signal, work) {
    const waiting = new AbortController();
    const leave = () => waiting.abort(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave);
    const gone = this._gone;
    gone.then(() => waiting.abort(AWAY));
    let outcome;
    try {
      await locks().request(`${CHANNEL}:${this._name}:${key}`, { signal: waiting.signal }, () => Promise.race([outcome = work(), gone]));
    } catch (error) {
      if (error !== AWAY) throw error;
      await this._back;
      return this._locked(key, signal, work);
    } finally {
      signal.removeEventListener('abort', leave);
    }
    await outcome;
  }

  /** Makes the value; tells others that wait for it why there is none. */
  async _make(flight, self, args) {
    flight._isMine = true;
    try {
      return await this._memo._make(flight, self, args);
    } catch (error) {
      if (this._memo._keepsErrors && !flight._over) this._say({ key: flight._entry._key, failed: pack(error) });
      throw error;
    }
  }

  /** The execution that this tab waits for has failed in another. */
  _failedElsewhere({ key, failed }) {
    const flight = this._memo._entries.get(key)?._flight;
    if (!this._memo._keepsErrors || !flight?._controller || flight._isMine || flight._over) return;
    let error;
    try {
      error = unpack(failed);
    } catch {
      return; // a record that none of ours has made
    }
    this._memo._crashed(flight, error);
    flight._controller.abort(error); // it leaves the line
  }

  async _open() {
    try {
      return await db();
    } catch (cause) {
      this._tell(new TaskloomError('storage-blocked', `IndexedDB can't be used: ${cause?.message ?? cause}; each tab keeps its own values`, { cause }));
      return undefined;
    }
  }

  /** The record of a key, and what tells whether either was written since. */
  async _read(database, key) {
    try {
      const store = database.transaction('entries').objectStore('entries');
      const [record, whole] = await inTime(Promise.all([result(store.get([this._name, key])), result(store.get([this._name, WHOLE]))]));
      return { record: isSound(record) ? record : undefined, stamp: record?.stamp, whole: whole?.stamp };
    } catch (cause) {
      this._tell(new TaskloomError('storage-blocked', `IndexedDB can't be read: ${cause?.message ?? cause}`, { cause }));
      return { record: undefined };
    }
  }

  /** Stores a value, unless the key or the whole cache was cleared since it was read. */
  async _write(database, key, { kept, ...times }, before) {
    const { maxEntries } = this._memo._options;
    try {
      const value = asStored(kept, this._memo._where);
      const transaction = database.transaction('entries', 'readwrite');
      const stored = done(transaction);
      stored.catch(() => {}); // told by what follows
      const store = transaction.objectStore('entries');
      const [record, whole] = await inTime(Promise.all([result(store.get([this._name, key])), result(store.get([this._name, WHOLE]))]));
      if (record?.stamp !== before.stamp || whole?.stamp !== before.whole) return this._memo._changedInOrigin(key, true);
      store.put({ name: this._name, key, stamp: stamp(), value, ...times });
      if (maxEntries !== Infinity) await inTime(this._trim(store, maxEntries));
      await inTime(stored);
      this._say({ key, cleared: false });
    } catch (error) {
      const isTooDeep = isStackOverflow(error);
      const code = isTooDeep || error?.code === 'not-serializable' || error?.name === 'DataCloneError' ? 'not-serializable' : error?.name === 'QuotaExceededError' ? 'quota-exceeded' : 'storage-blocked';
      this._tell(new TaskloomError(code, `${this._memo._where} could not be stored for other tabs: ${isTooDeep ? 'it is too deep' : error?.message ?? error}`, { cause: error }), true);
    }
  }

  /** Stores a value that no execution of this cache has made. */
  async put(key, stored) {
    const database = await this._open();
    if (database) await this._write(database, key, stored, await this._read(database, key));
  }

  /** The oldest ones go. */
  async _trim(store, maxEntries) {
    const range = IDBKeyRange.bound([this._name, 0], [this._name, Infinity]);
    const index = store.index('settled');
    const excess = await result(index.count(range)) - maxEntries;
    if (excess > 0) for (const old of await result(index.getAllKeys(range, excess))) store.delete(old);
  }

  /** Removes one entry or all, in all tabs; what is being made for it is not stored. */
  async clear(key) {
    const database = await this._open();
    if (!database) return;
    try {
      const transaction = database.transaction('entries', 'readwrite');
      const store = transaction.objectStore('entries');
      if (key === undefined) store.delete(IDBKeyRange.bound([this._name, WHOLE], [this._name, []]));
      // A mark in its place, for those who have read it before; it goes when a page opens the database after its end.
      store.put({ name: this._name, key: key ?? WHOLE, stamp: stamp(), end: Date.now() + MARK_LASTS });
      await done(transaction);
    } catch (cause) {
      this._tell(new TaskloomError('storage-blocked', `IndexedDB can't be written: ${cause?.message ?? cause}; other tabs keep what was to be cleared`, { cause }));
    }
    this._say({ key, cleared: true });
  }

  _tell(error, again = false) {
    if (this._told && !again) return;
    this._told ||= !again;
    this._memo._emit('error', { error }, true);
  }
}

/** Whether a message is one of ours: any script of the origin can send on the channel, */
const isNews = ({ key, cleared }) => typeof cleared === 'boolean' && (key === undefined ? cleared : typeof key === 'string');

const isFailure = ({ key, failed }) => typeof key === 'string' && (typeof failed?.own === 'object' || Object.hasOwn(Object(failed), 'value'));

/** or write to the database. A value that has settled in the future would be there for ever; it may if the clock was set back a little. */
const isSound = record => typeof record?.value === 'object' && record.value !== null && 'it' in record.value && Number.isFinite(record.settled)
  && record.settled <= Date.now() + MARK_LASTS && record.freshUntil >= record.settled && record.end >= record.freshUntil;

const stamp = () => crypto.getRandomValues(new Uint32Array(2)).join('.');
