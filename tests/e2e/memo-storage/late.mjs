// What a cache needs besides the cache itself is loaded when one is made that needs it.

import assert from 'node:assert/strict';

/** Files of the package that were fetched for one of these. */
const fetched = (tab, pattern) => tab.requests.map(url => new URL(url).pathname).filter(path => pattern.test(path));

const STORED = /\/memo\/stored\.js|taskloom_state\.wasm/;
const TASKS = /\/tasks\/|taskloom_tasks\.wasm/;
const ORIGIN = /\/memo\/origin\.js/;

export default function late(test, { away }) {
  /** Runs in a page that has imported the cache and nothing else. */
  const withMemo = (tab, { entry }, body, argument) => tab.load(body, argument, { entry: entry('taskloom/memo') });

  test('a plain cache loads neither storage nor tasks nor what talks to other tabs', async (tab, site) => {
    assert.equal(await withMemo(tab, site, async ({ init, cacheData, cacheResource }) => {
      await init();
      cacheResource(async () => 'too')();
      return cacheData(word => word, { maxBytes: 1000, ttl: '1h' })('works');
    }), 'works');
    assert.deepEqual([STORED, TASKS, ORIGIN].map(pattern => fetched(tab, pattern)), [[], [], []]);
  });

  test('a cache that stores its values is ready when init() is, whether it was made before or after', async (tab, site) => {
    for (const when of ['before', 'during', 'after']) {
      await tab.open();
      tab.requests.length = 0;
      assert.deepEqual(await withMemo(tab, site, async ({ init, cacheData, nextTurn }, when) => {
        const make = () => cacheData(word => `${word}!`, { name: 'words', persist: 'session' });
        let cached = when === 'before' ? make() : undefined;
        const first = init();
        if (when === 'during') cached = make();
        await first;
        cached ??= make();
        await init();
        const value = cached('a');
        await nextTurn(); // for what is written
        return [value, cached.has('a'), cached.stats().entries, Object.keys(sessionStorage).filter(key => key.includes('words')).length];
      }, when), ['a!', true, 1, 1], when);
      assert.equal(fetched(tab, STORED).length, 2, when);
    }
  });

  test("what can't wait throws not-initialized until then, and what can waits", async (tab, site) => {
    assert.equal(await withMemo(tab, site, ({ cacheData }) => cacheData(async word => word, { name: 'early', persist: 'local' })('a')), 'a');
    await tab.open();
    assert.deepEqual(await withMemo(tab, site, async ({ init, cacheData, thrownBy }) => {
      await init();
      const cached = cacheData(word => word, { name: 'sync', persist: 'local' });
      const load = cacheData(async word => word, { name: 'async', persist: 'local' });
      const said = [
        () => cached('a'), () => cached.set(['a'], 'b'), () => cached.peek('a'), () => cached.clear(), () => load.has('a'), () => cached.stats(), () => cached.refresh('a'),
      ].map(call => thrownBy(call).code);
      const wrong = thrownBy(() => cacheData(word => word, { name: 'wrong', persist: 'local', ttl: -1 })).code;
      const calls = [load('a'), load.refresh('a'), load.with({ signal: new AbortController().signal })('b')];
      const controller = new AbortController();
      const left = load.with({ signal: controller.signal })('c').catch(error => error.name);
      controller.abort();
      return [said, wrong, await Promise.all(calls), await left, load.has('c'), load.stats().misses, cached('a')];
    }), [Array(7).fill('not-initialized'), 'invalid-argument', ['a', 'a', 'b'], 'AbortError', false, 2, 'a']);
  });

  test('a cached function made by job() loads the tasks, and waits for them', async (tab, site) => {
    for (const when of ['before', 'after']) {
      await tab.open();
      tab.requests.length = 0;
      assert.deepEqual(await withMemo(tab, site, async ({ init, cacheData, job }, when) => {
        const make = () => cacheData(job(async (context, word) => { context.progress(0.5); return word; }));
        const early = when === 'before' ? make() : undefined;
        await init();
        const cached = early ?? make();
        const seen = [];
        const before = cached.has('a');
        const values = await Promise.all([cached('a'), cached.with({ onProgress: value => seen.push(value) })('a'), cached('b')]);
        return [before, values, seen, cached.stats().misses, await cached('a'), cached.peek('b')];
      }, when), [false, ['a', 'a', 'b'], [0.5], 2, 'a', 'b'], when);
      assert(fetched(tab, TASKS).length > 0);
      assert.deepEqual(fetched(tab, STORED), []);
    }
  });

  test("a cache of all tabs loads what it needs, and does what it was told meanwhile", async (tab, site) => {
    assert.deepEqual(await withMemo(tab, site, async ({ init, cacheData }) => {
      await init();
      const load = cacheData(async word => `${word}!`, { name: 'all', scope: 'origin' });
      load.set(['a'], 'set');
      const said = [load.peek('a'), load.has('b')];
      const gone = new AbortController();
      const left = load.with({ signal: gone.signal })('z').catch(error => error.name);
      gone.abort();
      const values = await Promise.all([load('a'), load('b'), load('b')]);
      load.clear('b');
      load.dispose();
      const other = cacheData(async word => `${word}?`, { name: 'all', scope: 'origin' });
      return [said, values, await left, await other('a'), await other('b')];
    }), [['set', false], ['set', 'b!', 'b!'], 'AbortError', 'set', 'b?']);
    assert.equal(fetched(tab, ORIGIN).length, 1);
  });

  test('a file that is not there fails what needs it by load-failed, nothing else, and is asked for again', async (tab, site) => {
    tab.expectProblem(/404|Failed to fetch|ERR_FAILED|NetworkError|error loading dynamically|MIME|Loading module/i, { optional: true });
    away.pattern = /\/memo\/(stored|jobs)\.js$/;
    try {
      assert.deepEqual(await withMemo(tab, site, async ({ init, cacheData, job, rejectionOf, thrownBy }) => {
        const load = cacheData(async word => word, { name: 'words', persist: 'session' });
        window.cached = cacheData(word => word, { name: 'words', persist: 'session' });
        const task = cacheData(job(async (_, word) => word));
        await init();
        return [(await rejectionOf(load('a'))).code, thrownBy(() => window.cached('a')).code, (await rejectionOf(task('a'))).code, cacheData(word => word)('works')];
      }), ['load-failed', 'load-failed', 'load-failed', 'works']);
    } finally {
      away.pattern = undefined;
    }
  });
}
