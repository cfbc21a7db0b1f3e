// The database in which the tabs of an origin keep what they share.

const NAME = 'taskloom';
const VERSION = 3;
/** How long the database may take before whoever asks goes on without it. */
const PATIENCE = 3000;

/** The opening under way or done: `{ answer, refusal }`. */
let opening;

/**
 * The database, opened once. While another page keeps it from being opened, whoever asks is refused: at once if that is known, else after a while. The browser tells only the first that
 * waits that it is blocked, so there is one opening for all, which goes on: when it is through, those who ask then get the database.
 */
export function db() {
  opening ??= begin();
  return opening.refusal ? Promise.reject(opening.refusal) : opening.answer;
}

/** A channel to the other tabs, where there are other tabs: without the database there is nothing to share. */
export function openChannel(name) {
  if (typeof BroadcastChannel !== 'function' || typeof indexedDB === 'undefined') return undefined;
  const channel = new BroadcastChannel(name);
  channel.unref?.(); // it would keep Node running
  return channel;
}

const lostListeners = [];
/** What was stored may be gone: the site's data were cleared. */
export const onDatabaseLost = listener => { lostListeners.push(listener); };

/** A connection that can't be used any more: the next call opens another. */
export function forgetDatabase(database) {
  if (opening?.database === database) opening = undefined;
}

function begin() {
  const own = { answer: undefined, refusal: undefined, database: undefined };
  const forget = () => {
    if (opening === own) opening = undefined;
  };
  own.answer = new Promise((resolve, reject) => {
    const refuse = why => reject(own.refusal = Object.assign(new Error(why), { isLate: true }));
    const timer = setTimeout(refuse, PATIENCE, 'it does not answer');
    open(refuse, forget).then(database => {
      own.refusal = undefined;
      own.database = database;
      own.answer = Promise.resolve(database);
      resolve(database);
    }, error => {
      forget();
      reject(error);
    }).finally(() => clearTimeout(timer));
  });
  own.answer.catch(() => {}); // those who ask are told
  return own;
}

/** Opens it; what has ended is removed then. */
async function open(refuse, forget) {
  if (typeof indexedDB === 'undefined') throw Object.assign(new Error('this host has none'), { absent: true }); // see report() in errors.js
  const request = indexedDB.open(NAME, VERSION);
  request.onupgradeneeded = ({ oldVersion }) => {
    if (oldVersion < 1) {
      const entries = request.result.createObjectStore('entries', { keyPath: ['name', 'key'] }); // of caches
      entries.createIndex('settled', ['name', 'settled']);
      entries.createIndex('end', 'end');
    }
    if (oldVersion < 2) request.result.createObjectStore('jobs', { keyPath: 'job' }); // the newest tick of each schedule
    if (oldVersion < 3) request.result.createObjectStore('shared', { keyPath: ['name', 'key'] }).createIndex('seq', ['name', 'seq']); // shared state
  };
  request.onblocked = () => refuse('another tab has an earlier version of it open');
  const database = await result(request);
  // A later version of the library wants to change it, or the browser has closed it.
  database.onclose = () => {
    forget();
    for (const listener of lostListeners) listener();
  };
  database.onversionchange = ({ newVersion }) => {
    database.close();
    forget();
    if (newVersion === null) for (const listener of lostListeners) listener(); // it is removed
  };
  try {
    const store = database.transaction(['entries', 'jobs'], 'readwrite').objectStore('entries');
    result(store.index('end').getAllKeys(IDBKeyRange.upperBound(Date.now()))).then(keys => keys.forEach(key => store.delete(key))).catch(() => {}); // they are of no use, and do no harm
  } catch (error) {
    database.close(); // it is none of ours
    throw error;
  }
  return database;
}

/** What a request gives. */
export const result = request => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** When all of a transaction is stored. */
export const done = transaction => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = transaction.onerror = () => reject(transaction.error);
});

/** A browser's database may hang; nothing of ours must. */
export const inTime = (promise, patience = PATIENCE) => new Promise((resolve, reject) => {
  const timer = setTimeout(() => reject(new Error('it does not answer')), patience);
  promise.then(resolve, reject).finally(() => clearTimeout(timer));
});
