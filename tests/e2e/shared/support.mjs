// What the tests of shared state have in common.

import { sibling } from '../state/support.mjs';

/** Tests in which nobody has shared anything before, and of whose tabs all but the first are closed in the end. `body(tab, another, site)`. */
export const withTabs = test => (name, body, options) => test(name, async (tab, site) => {
  await deleteDatabase(tab);
  const others = [];
  const another = async () => {
    const other = await sibling(tab, site);
    other.site = site;
    others.push(other);
    return other;
  };
  tab.site = site;
  try {
    await body(tab, another, site);
    for (const other of others) if (!other.page.isClosed() && !other.isDead) await other.checkProblems();
  } finally {
    await Promise.all(others.map(other => (other.page.isClosed() ? undefined : other.page.close().catch(() => {}))));
  }
}, options);

export const deleteDatabase = tab => tab.bare(() => new Promise((resolve, reject) => {
  const request = indexedDB.deleteDatabase('taskloom');
  request.onsuccess = () => resolve();
  request.onerror = () => reject(request.error);
}));

/** Keeps a transaction on the store open in a page, until `window.isHeld` is false. */
export const keepBusy = tab => tab.bare(() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('taskloom');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const store = opening.result.transaction('shared', 'readwrite').objectStore('shared');
    window.isHeld = true;
    const again = () => {
      resolve();
      if (window.isHeld) store.get(['none', 'none']).onsuccess = again;
      else opening.result.close();
    };
    again();
  };
}));

/** Calls a function in the page with what `taskloom/shared` exports. */
export const load = (tab, body, argument) => tab.load(body, argument, { entry: tab.site.entry('taskloom/shared') });

/**
 * Opens `window.shared` in a page. `window.seen` is what it tells of changes, `window.told` of errors; `window.rows()` resolves to what the database has.
 */
export const open = (tab, options = {}, name = 'app') => load(tab, async ({ sharedState }, { name, options }) => {
  window.told = [];
  window.seen = [];
  window.shared = await sharedState(name, { ...options, onError: error => window.told.push(error.code ?? String(error)) });
  window.shared.subscribe(undefined, change => window.seen.push(change));
  window.rows = () => new Promise((resolve, reject) => {
    const opening = indexedDB.open('taskloom');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction('shared').objectStore('shared').getAll();
      reading.onsuccess = () => {
        opening.result.close();
        resolve(reading.result);
      };
    };
  });
  /** Puts what is ours, or nobody's, into the database. */
  window.put = (...records) => new Promise((resolve, reject) => {
    const opening = indexedDB.open('taskloom');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction('shared', 'readwrite');
      for (const record of records) transaction.objectStore('shared').put(record);
      transaction.oncomplete = () => {
        opening.result.close();
        resolve();
      };
      transaction.onabort = () => reject(transaction.error);
    };
  });
}, { name, options });

/** Opens it in several pages. */
export const openIn = (tabs, options, name) => Promise.all(tabs.map(tab => open(tab, options, name)));

/** Waits until a key has a value in a page. */
export const untilIs = (tab, key, value) => tab.bare(({ until }, [key, text]) => until(() => JSON.stringify(window.shared.get(key)) === text), [key, JSON.stringify(value)]);

export const get = (tab, key) => tab.bare((_, key) => window.shared.get(key), key);

/** Takes a lock in the background, and holds it until `letGo(tab)`; resolves when it has it. `window.ended` is what becomes of it. */
export const hold = (tab, key, options = {}) => tab.bare(({ until, describe }, { key, options }) => {
  window.isHeld = false;
  window.ended = window.shared.lock(key, async context => {
    window.context = context;
    window.isHeld = true;
    await new Promise(resolve => { window.letGo = resolve; });
    return 'held';
  }, options).catch(describe);
  return until(() => window.isHeld);
}, { key, options });

export const letGo = tab => tab.bare(() => {
  window.letGo();
  return window.ended;
});

/** Asks for a lock in the background: `window.waited` is what becomes of it. */
export const wait = (tab, key, options = {}) => tab.bare(({ describe }, { key, options }) => {
  window.hasLock = false;
  window.waited = window.shared.lock(key, ({ token }) => {
    window.hasLock = true;
    return token;
  }, options).catch(describe);
}, { key, options });
