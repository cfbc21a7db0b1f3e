// The database in which the tabs of an origin keep what they share.

import { absent } from './host.js';

const NAME = 'taskloom';
const VERSION = 2;

let opening;

/** Opens it once; what has ended is removed then. */
export function db() {
  opening ??= open();
  opening.catch(() => { opening = undefined; });
  return opening;
}

/** A channel to the other tabs, where there are other tabs: without the database there is nothing to share. */
export function openChannel(name) {
  if (typeof BroadcastChannel !== 'function' || typeof indexedDB === 'undefined') return undefined;
  const channel = new BroadcastChannel(name);
  channel.unref?.(); // it would keep Node running
  return channel;
}

async function open() {
  if (typeof indexedDB === 'undefined') throw absent();
  const request = indexedDB.open(NAME, VERSION);
  request.onupgradeneeded = ({ oldVersion }) => {
    if (oldVersion < 1) {
      const entries = request.result.createObjectStore('entries', { keyPath: ['name', 'key'] }); // of caches
      entries.createIndex('settled', ['name', 'settled']);
      entries.createIndex('end', 'end');
    }
    if (oldVersion < 2) request.result.createObjectStore('jobs', { keyPath: 'job' }); // the newest tick of each schedule
  };
  const database = await result(request, late => late.close());
  // A later version of the library wants to change it, or the browser has closed it.
  database.onclose = () => { opening = undefined; };
  database.onversionchange = () => {
    database.close();
    opening = undefined;
  };
  const transaction = database.transaction('entries', 'readwrite');
  const store = transaction.objectStore('entries');
  for (const key of await result(store.index('end').getAllKeys(IDBKeyRange.upperBound(Date.now())))) store.delete(key);
  await done(transaction);
  return database;
}

/** What a request gives. `drop` is called with what one gives that was blocked, and is waited for no longer. */
export const result = (request, drop) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
  request.onblocked = () => {
    request.onsuccess = () => drop(request.result);
    reject(new Error('another tab has an earlier version of it open'));
  };
});

/** When all of a transaction is stored. */
export const done = transaction => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = transaction.onerror = () => reject(transaction.error);
});
