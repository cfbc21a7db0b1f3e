// What a tab does in the rows of `shared`: each contender's way to the same result.

import { sharedState } from 'taskloom/shared';

const NOTICES = 'bench-notices';
const text = (length) => 'x'.repeat(length);
const now = () => performance.timeOrigin + performance.now(); // one clock for all tabs of a machine

/** The database of those who do it by hand. */
const database = new Promise((resolve, reject) => {
  const request = indexedDB.open('by-hand', 1);
  request.onupgradeneeded = () => { request.result.createObjectStore('values'); };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const channel = new BroadcastChannel(NOTICES);

const ended = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = () => reject(transaction.error);
});

async function get(key) {
  const transaction = (await database).transaction('values', 'readonly', { durability: 'relaxed' });
  const request = transaction.objectStore('values').get(key);
  await ended(transaction);
  return request.result;
}

async function put(key, value) {
  const transaction = (await database).transaction('values', 'readwrite', { durability: 'relaxed' });
  transaction.objectStore('values').put(value, key);
  await ended(transaction);
}

async function getAndPut(key, fn) {
  const transaction = (await database).transaction('values', 'readwrite', { durability: 'relaxed' });
  const values = transaction.objectStore('values');
  let value;
  values.get(key).onsuccess = ({ target }) => values.put(value = fn(target.result), key);
  await ended(transaction);
  return value;
}

const underLock = (key, fn) => navigator.locks.request(`by-hand:${key}`, fn);
const byHand = (key, fn) => underLock(key, async () => {
  const value = await fn(await get(key));
  await put(key, value);
  return value;
});

const increment = (n) => (n ?? 0) + 1;
const incrementLater = async (n) => (n ?? 0) + 1;

let shared;
const heard = new Map();

/** By contender: one increment of a key. */
const increments = {
  taskloom: (key) => shared.update(key, increment),
  'taskloom, async': (key) => shared.update(key, incrementLater),
  'by hand': (key) => byHand(key, increment),
  'by hand, async': (key) => byHand(key, incrementLater),
  'by hand with a notice': async (key) => {
    const value = await byHand(key, increment);
    channel.postMessage({ key, value });
  },
  'one transaction': (key) => getAndPut(key, increment),
};

/** By contender: a value is written under a lock. */
const locked = {
  taskloom: (key, value) => shared.lock(key, ({ set }) => set(value)),
  'by hand': (key, value) => underLock(key, () => put(key, value)),
};

/** By contender: a value is written, and the others are told of it. */
const told = {
  taskloom: (key, value) => shared.set(key, value),
  'put and a message': async (key, value) => {
    await put(key, value);
    channel.postMessage({ key, value });
  },
  'a message': async (key, value) => channel.postMessage({ key, value }),
};

window.bench = {
  async open() {
    shared = await sharedState('bench');
    await database;
  },

  /** Takes note of when values come. */
  listen() {
    const note = (key, value) => heard.get(key)?.(value);
    shared.subscribe(undefined, ({ key, value, self }) => { if (!self) note(key, value); });
    channel.onmessage = ({ data: { key, value } }) => note(key, value);
  },

  /** How long `count` increments take, one at a time or all at once, in microseconds each. */
  async count(contender, key, count, atOnce) {
    const add = increments[contender];
    const begun = performance.now();
    if (atOnce) await Promise.all(Array.from({ length: count }, () => add(key)));
    else for (let i = 0; i < count; i++) await add(key);
    return (performance.now() - begun) * 1000 / count;
  },

  value: (contender, key) => (contender.startsWith('taskloom') ? shared.get(key) : get(key)),

  async lock(contender, key, count) {
    const begun = performance.now();
    for (let i = 0; i < count; i++) await locked[contender](key, i);
    return (performance.now() - begun) * 1000 / count;
  },

  /** When the value comes that is written next, in milliseconds of the clock. */
  expect(key) {
    window.arrival = new Promise((resolve) => heard.set(key, () => {
      heard.delete(key);
      resolve(now());
    }));
  },

  /** Writes a value, and says when that began. */
  async write(contender, key, length) {
    const value = text(length) + Math.random();
    const begun = now();
    await told[contender](key, value);
    return begun;
  },

  /** Stores 100 values, and opens them. */
  async prepare(name) {
    const store = await sharedState(name);
    await Promise.all(Array.from({ length: 100 }, (_, i) => store.set(`key ${i}`, { i, text: text(100) })));
    store.close();
    for (let i = 0; i < 100; i++) await put(`${name}:${i}`, { i, text: text(100) });
  },
  async late(contender, name) {
    const begun = performance.now();
    if (contender === 'taskloom') {
      const store = await sharedState(name);
      const took = performance.now() - begun;
      if (store.keys().length !== 100) throw new Error('not all values are there');
      store.close();
      return took;
    }
    const opened = await new Promise((resolve, reject) => {
      const request = indexedDB.open('by-hand', 1);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const transaction = opened.transaction('values');
    const all = transaction.objectStore('values').getAll(IDBKeyRange.bound(`${name}:`, `${name}:\uffff`));
    await ended(transaction);
    const took = performance.now() - begun;
    opened.close();
    if (all.result.length !== 100) throw new Error('not all values are there');
    return took;
  },

  /** Holds a lock for as long as the tab lives; resolves when it has it. */
  hold: (contender) => new Promise((resolve) => {
    const never = () => new Promise(() => resolve());
    if (contender === 'taskloom') shared.lock('held', never);
    else underLock('held', never);
  }),
  /** Waits for it: `window.got` is when it came. */
  wait(contender) {
    window.got = contender === 'taskloom' ? shared.lock('held', now) : underLock('held', now);
  },
};
window.ready = true;
