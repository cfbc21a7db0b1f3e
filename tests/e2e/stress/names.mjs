// Names that are used once and never again leave nothing behind. Counted as in memory.mjs.

import assert from 'node:assert/strict';
import { measuring } from './memory.mjs';

const MIB = 2 ** 20;
const NAMES = 100_000;

/** What is done with each name, a few hundred in a turn. */
const USES = {
  'get() of a key that has no value': { count: 200_000, use: ({ sessionStore }) => {
    const store = sessionStore({ namespace: 'a' });
    return i => store.get(`missing${i}`) ?? store.has(`none${i}`) ?? store.delete(`neither${i}`);
  } },
  'set() and delete() of a key': { use: ({ sessionStore }) => {
    const stores = [sessionStore({ namespace: 'b' }), sessionStore({ namespace: 'b', storage: 'memory' })];
    return i => stores.forEach(store => store.set(`key${i}`, i).delete(`key${i}`));
  } },
  'set() and delete() of a key, each written': { count: 30_000, use: ({ sessionStore }) => {
    const store = sessionStore({ namespace: 'c' });
    return i => {
      store.set(`key${i}`, i).flush();
      store.delete(`key${i}`);
    };
  } },
  'a reference to a key, with a listener': { use: ({ stateRef }) => i => {
    const ref = stateRef(`ref${i}`, { namespace: 'd' });
    const stop = ref.subscribe(() => {});
    if (i % 3 === 0) ref.value = i;
    ref.clear();
    stop();
  } },
  'a namespace': { count: 20_000, use: ({ sessionStore }) => i => {
    const store = sessionStore({ namespace: `space${i}` });
    const stop = store.subscribe(() => {});
    store.set('a', 1).delete('a');
    stop();
  } },
  'a stored cache of 50 entries': { count: 30_000, use: ({ cacheData }) => cacheData(x => x, { persist: 'session', name: 'e', maxEntries: 50 }) },
  'a cache of 50 entries': { use: ({ cacheData }) => cacheData(x => ({ x }), { maxEntries: 50 }) },
  'a cache whose entries are cleared': { use: ({ cacheData }) => {
    const cached = cacheData(async x => ({ x }), { ttl: '1h', hashFuncs: new Map() });
    return i => {
      cached({ i });
      cached.clear({ i });
    };
  } },
  'a cached function': { count: 5000, use: ({ cacheData }) => i => {
    const cached = cacheData(x => x, { ttl: '1h', name: `f${i}` });
    cached(i);
    if (i % 2) cached[Symbol.dispose]();
  } },
  'a bucket of named tasks, and a task in it': { count: 20_000, use: ({ run, sessionTasks }) => i => {
    const bucket = sessionTasks(`bucket${i}`);
    bucket.getOrRun(`task${i}`, () => run(() => i));
    bucket.delete(`task${i}`);
    sessionTasks('one').get(`missing${i}`);
  } },
};

export default function names(test) {
  for (const [what, { count = NAMES, use }] of Object.entries(USES)) {
    test(`${what}, ${count} times: memory is what it was`, async tab => {
      const measure = await measuring(tab);
      await tab.run(library => {
        window.library = library;
        window.next = 0;
      });
      await tab.page.evaluate(`void (window.act = (${use})(window.library))`);
      const round = count => tab.bare(async ({ nextTurn }, count) => {
        for (const end = window.next + count; window.next < end; window.next++) {
          window.act(window.next);
          if (window.next % 500 === 0) await nextTurn();
        }
        await nextTurn();
      }, count);
      await round(2000); // what is made at the first use stays
      await measure();
      await tab.bare(({ nextTurn }) => nextTurn());
      const before = await measure();
      await round(count);
      await measure();
      await tab.bare(() => new Promise(resolve => setTimeout(resolve, 50))); // finalizers run in tasks of their own
      const after = await measure();
      assert(after.heap - before.heap < MIB, `${(after.heap - before.heap) / MIB} MiB are left`);
      assert(after.wasm - before.wasm <= MIB / 2, `${(after.wasm - before.wasm) / MIB} MiB more wasm memory`);
    }, { timeout: 120_000 });
  }
}
