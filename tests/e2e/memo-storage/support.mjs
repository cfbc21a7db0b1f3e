// What the tests of stored and shared caches have in common.

/** The moment at which the clock of a test stands. */
export const NOW = 1_800_000_000_000;
export const HOUR = 3_600_000;

/** Tests that begin with storages and a database that nobody has written to. */
export const onEmptyOrigin = test => (name, body, options) => test(name, async (tab, site) => {
  await tab.bare(() => {
    sessionStorage.clear();
    localStorage.clear();
    return new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase('taskloom');
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error);
    });
  });
  await body(tab, site);
}, options);

/** Stops the clock of a page at a moment; the library has no other clock for what is kept. */
export const stopClock = (tab, now) => tab.bare((_, now) => { Date.now = () => now; }, now);

/**
 * Makes `window.load` in the page, a cached function. `window.calls` are the arguments of its executions, `window.events` what is said of it, `window.texts()` the
 * keys under which it is stored, `window.words()` the last word of each. With `clock` the page's clock stands at that moment.
 */
export async function open(tab, { isAsync = false, clock, ...options } = {}) {
  if (clock !== undefined) await stopClock(tab, clock);
  await tab.run(({ cacheData }, { isAsync, options }) => {
    window.calls = [];
    window.events = [];
    const make = (...args) => {
      window.calls.push(args);
      return { args, nth: window.calls.length };
    };
    const { name, persist, version = 0 } = options;
    window.load = cacheData(isAsync ? async (...args) => make(...args) : make, options);
    window.load.subscribe(({ type, reason, error }) => window.events.push([type, reason, error?.code].filter(Boolean).join(' ')));
    window.texts = () => {
      const prefix = `taskloom:taskloom.cache.${name}@${version}:`;
      return Object.keys(window[`${persist}Storage`]).filter(key => key.startsWith(prefix)).map(key => key.slice(prefix.length)).sort();
    };
    window.words = () => window.texts().map(text => /\w+(?=\W*$)/.exec(text)[0]).sort();
  }, { isAsync, options: { name: 'load', persist: 'session', ...options } });
}

/**
 * Makes `window.load` in the page, a function whose values all tabs share. Its executions are counted by the server under `RUN:KEY/WHO`; each waits for the server's
 * gate if one is given, and then returns or, with `fails`, throws. `window.events` is what is said of it; `window.records()` resolves to what the database has with a value.
 */
export const openShared = (tab, who, { run, gate, fails = false, isJob = false, ...options }) => tab.run(({ cacheData, job }, { who, run, gate, fails, isJob, options }) => {
  window.events = [];
  window.aborted = [];
  const make = async key => {
    await fetch(`/count?${run}:${key}/${who}`);
    if (gate) await fetch(`/gate?${gate}`);
    if (fails) throw new RangeError(`of ${who}`);
    return { key, by: who, date: new Date(5) };
  };
  const withContext = job((ctx, key) => {
    ctx.progress(key);
    ctx.signal.addEventListener('abort', () => window.aborted.push(key));
    return make(key);
  });
  window.load = cacheData(isJob ? withContext : make, { name: 'shared', scope: 'origin', ...options });
  window.load.subscribe(({ type, reason, error }) => window.events.push([type, reason, error?.code].filter(Boolean).join(' ')));
  window.entries = () => new Promise((resolve, reject) => {
    const opening = indexedDB.open('taskloom');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction('entries').objectStore('entries').getAll();
      reading.onsuccess = () => {
        opening.result.close();
        resolve(reading.result);
      };
    };
  });
  window.records = async () => (await window.entries()).filter(({ value }) => value !== undefined).map(({ value }) => value.it);
}, { who, run, gate, fails, isJob, options });

/** How often a key was executed, by tab. */
export const executions = async (tab, run) => tab.bare((_, run) => fetch(`/counted-all?${run}`).then(answer => answer.json()), run);

/** Waits until an execution stands at its gate. */
export const reached = (tab, gate) => tab.bare(({ until }, gate) => until(() => fetch(`/reached?${gate}`).then(answer => answer.json())), gate);

/** Lets the executions at a gate go on. */
export const openGate = (tab, gate) => tab.bare((_, gate) => fetch(`/open?${gate}`).then(() => {}), gate);

/** Waits until so many calls of all tabs wait for the lock of their key. */
export const untilWaiting = (tab, count) => tab.bare(({ until }, count) =>
  until(async () => (await navigator.locks.query()).pending.filter(({ name }) => name.startsWith('taskloom-cache:')).length === count), count);

/** Waits until no tab holds a key's lock any more. */
export const untilUnlocked = tab => tab.bare(({ until }) =>
  until(async () => !(await navigator.locks.query()).held.some(({ name }) => name.startsWith('taskloom-cache:'))));

/** Begins a call of `window.load` and keeps it as `window.call`, without waiting for it. */
export const begin = (tab, key = 'a') => tab.bare((_, key) => {
  window.call = window.load(key);
  window.call.catch(() => {});
}, key);

/** What became of `window.call`: who has made the value, or the name of the error. */
export const ending = tab => tab.bare(() => window.call.then(({ by, date }) => (date instanceof Date ? by : 'no date'), ({ name }) => name));
