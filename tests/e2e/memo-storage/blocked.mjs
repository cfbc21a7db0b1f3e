// A database that another page keeps from being opened, and one in which others have written: origin caches and schedules go on.

import assert from 'node:assert/strict';

/** In the page: opens the database as another library or an old version of ours would, which never lets go by itself. Gives how to close it. */
const HOLD = `window.hold = version => new Promise((resolve, reject) => {
  const request = indexedDB.open('taskloom', version);
  request.onerror = () => reject(request.error);
  request.onupgradeneeded = () => {
    const entries = request.result.createObjectStore('entries', { keyPath: ['name', 'key'] });
    entries.createIndex('settled', ['name', 'settled']);
    entries.createIndex('end', 'end');
    if (version > 1) request.result.createObjectStore('jobs', { keyPath: 'job' });
  };
  request.onsuccess = () => resolve(() => request.result.close());
})`;

export default function blocked(test) {
  const testHeld = (name, body, options) => test(name, async (tab, site) => {
    await tab.page.evaluate(`void (${HOLD})`);
    await body(tab, site);
  }, options);

  const blocks = {
    'an earlier version of it open': async () => { window.letGo = await window.hold(1); },
    'it open while somebody deletes it': async () => {
      window.letGo = await window.hold(2);
      indexedDB.deleteDatabase('taskloom');
    },
    'it open while somebody changes it': async () => {
      window.letGo = await window.hold(2);
      const request = indexedDB.open('taskloom', 3);
      request.onsuccess = () => {
        request.result.close();
        indexedDB.deleteDatabase('taskloom');
      };
    },
  };
  for (const [what, block] of Object.entries(blocks)) {
    testHeld(`while another page has ${what}, every cache and schedule of the origin goes on, and shares again when it is let go`, async tab => {
      tab.expectProblem(/storage|can't be used for the job 'job'/); // nobody listens to the job's errors
      await tab.bare(block);
      assert.deepEqual(await tab.run(async ({ cacheData, scheduleInterval, until }) => {
        const errors = [];
        const made = [];
        const make = name => {
          const cached = cacheData(async key => {
            made.push(key);
            return `${name} ${key}`;
          }, { name, scope: 'origin' });
          cached.subscribe(({ type, error }) => type === 'error' && errors.push(error.code));
          return cached;
        };
        const [one, two] = [make('one'), make('two')];
        let runs = 0;
        const job = scheduleInterval(() => { runs++; }, { every: 100, scope: 'origin', jobId: 'job' });
        const seen = await Promise.all([one('a'), one('b'), two('a')]);
        seen.push(await one('c'), await one('a'), await two('b'), await make('three')('a'));
        one.clear('a');
        seen.push(await one('a'));
        const began = performance.now();
        for (let i = 0; i < 20; i++) await one(`more ${i}`);
        const isQuick = performance.now() - began < 3000; // it is known by then
        await until(() => runs > 1);
        job.cancel();
        window.letGo();
        // As soon as the database is open.
        let shared;
        for (let i = 0; !shared; i++) {
          await two(`later ${i}`);
          shared = await new Promise(resolve => {
            const request = indexedDB.open('taskloom');
            request.onerror = () => resolve(false);
            request.onsuccess = () => {
              const { result } = request;
              if (!result.objectStoreNames.contains('jobs')) {
                result.close();
                return resolve(false);
              }
              const reading = result.transaction('entries').objectStore('entries').getAll();
              reading.onsuccess = () => {
                result.close();
                resolve(reading.result.some(({ name }) => name === 'two@0'));
              };
            };
          });
        }
        return [seen, isQuick, [...new Set(errors)]];
      }), [['one a', 'one b', 'two a', 'one c', 'one a', 'two b', 'three a', 'one a'], true, ['storage-blocked']]);
    }, { timeout: 60_000 });
  }

  test('a database of this name that is none of ours leaves each page its own values', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const opening = indexedDB.open('taskloom', 2);
      await new Promise(resolve => { opening.onsuccess = resolve; });
      opening.result.close();
      const errors = [];
      const cached = cacheData(async key => key, { name: 'mine', scope: 'origin' });
      cached.subscribe(({ type, error }) => type === 'error' && errors.push(error.code));
      return [await cached('a'), await cached('b'), errors];
    }), ['a', 'b', ['storage-blocked']]);
  });

  test('records that are none of ours are as good as none, and take no value from anybody', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      const cached = cacheData(async key => ({ key }), { name: 'mine', scope: 'origin', ttl: '1h' });
      await cached('first');
      const now = Date.now();
      const good = { settled: now, freshUntil: now + 1e6, end: now + 1e6, value: { it: 'good' } };
      const junk = [{}, { value: 5 }, { ...good, value: null }, { ...good, value: 'text' }, { ...good, value: {} }, { ...good, settled: 'today' }, { ...good, settled: NaN }, { ...good, settled: 4e15 },
        { ...good, settled: Infinity }, { ...good, settled: -Infinity }, { ...good, freshUntil: NaN }, { ...good, freshUntil: 'x' }, { ...good, end: NaN }, { ...good, end: undefined },
        { ...good, freshUntil: now - 1 }, { ...good, stamp: { an: 'object' }, settled: null }];
      const odd = [{ ...good, value: { it: 'good', errors: 5 } }, { ...good, value: { it: 'good', errors: [null, {}, { error: 5, own: {}, listed: [] }] } }, good];
      const database = await new Promise(resolve => {
        const opening = indexedDB.open('taskloom');
        opening.onsuccess = () => resolve(opening.result);
      });
      const store = database.transaction('entries', 'readwrite').objectStore('entries');
      for (const [index, record] of [...junk, ...odd].entries()) store.put({ ...record, name: 'mine@0', key: `\0s${String(index).length}:${index}` });
      await new Promise(resolve => { store.transaction.oncomplete = resolve; });
      database.close();
      const seen = [];
      for (let i = 0; i < junk.length; i++) seen.push((await cached(String(i))).key === String(i));
      const taken = [];
      for (let i = 0; i < odd.length; i++) taken.push(await cached(String(junk.length + i)));
      return [seen.every(Boolean), taken];
    }), [true, ['good', 'good', 'good']]);
  });

  test('messages that are none of ours are ignored', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      const cached = cacheData(async key => ({ key }), { name: 'mine', scope: 'origin' });
      await cached('a');
      const channel = new BroadcastChannel('taskloom-cache');
      const name = 'mine@0';
      const junk = [null, 5, 'text', [], {}, { name }, { name, key: 5, cleared: true }, { name, key: null, cleared: true }, { name, key: {}, cleared: false }, { name, cleared: false }, { name, cleared: 'yes' },
        { name, key: '\0s1:a' }, { name, key: '\0s1:a', cleared: 1 }, { name: 5, cleared: true }];
      for (const message of junk) channel.postMessage(message);
      const arrived = new Promise(resolve => {
        const other = new BroadcastChannel('taskloom-cache');
        other.onmessage = ({ data }) => data === 'last' && (other.close(), resolve());
      });
      channel.postMessage('last');
      await arrived;
      await nextTurn();
      const kept = cached.has('a');
      channel.postMessage({ name, key: '\0s1:a', cleared: true });
      while (cached.has('a')) await nextTurn();
      channel.close();
      return [kept, cached.stats().misses];
    }), [true, 1]);
  });

  test('messages that are none of ours fail no call that waits for another tab', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn, until, deferred }) => {
      const cached = cacheData(async key => ({ key }), { name: 'mine', scope: 'origin', errorTtl: '1h' });
      const key = '\0s1:a';
      const held = deferred();
      navigator.locks.request(`taskloom-cache:mine@0:${key}`, () => held.promise);
      const call = cached('a');
      await until(async () => (await navigator.locks.query()).pending.length > 0);
      const channel = new BroadcastChannel('taskloom-cache');
      const failures = [undefined, null, 5, 'text', {}, [], { own: null }, { own: 5, name: 'Error' }, { own: {}, errors: 5 }, { own: {}, errors: [5] }, { own: {}, cause: 5, dom: true, name: {} }];
      for (const failed of failures) channel.postMessage({ name: 'mine@0', key, failed });
      for (const message of [{ key: 5 }, { key: '\0s1:b' }, { name: 'other@0', key }]) channel.postMessage({ name: 'mine@0', failed: { value: 1 }, ...message });
      await new Promise(resolve => {
        const other = new BroadcastChannel('taskloom-cache');
        other.onmessage = ({ data }) => data === 'last' && (other.close(), resolve());
        channel.postMessage('last');
      });
      await nextTurn();
      held.resolve();
      const value = await call;
      channel.close();
      return value;
    }), { key: 'a' });
  });

  test('an error in a value of all tabs has its name, code and status in the others too', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      const make = runs => cacheData(async () => {
        runs.push(1);
        return { list: [Object.assign(new RangeError('no', { cause: new Error('why') }), { name: 'HttpError', code: 'E', status: 404 })] };
      }, { name: 'errors', scope: 'origin' });
      const runs = [];
      const first = make(runs);
      await first();
      while ((await navigator.locks.query()).held.some(({ name }) => name.startsWith('taskloom-cache'))) await nextTurn();
      const second = make(runs); // as good as another tab's: it has nothing in memory
      return [await first(), await second(), await second()].map(({ list: [error] }) => [error.name, error.message, error.code, error.status, error instanceof RangeError, error.cause.message, runs.length]);
    }), Array(3).fill(['HttpError', 'no', 'E', 404, true, 'why', 1]));
  });

  test('a shared value that is no plain data is not stored for other tabs, where it would be less', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      class Point { constructor() { this.x = 1; } }
      const errors = [];
      const cached = cacheData(async () => new Point(), { name: 'shared', scope: 'origin', copy: 'share' });
      cached.subscribe(({ type, error }) => type === 'error' && errors.push(error.code));
      const value = await cached();
      await until(() => errors.length > 0);
      return [value instanceof Point, await cached() === value, errors];
    }), [true, true, ['not-serializable']]);
  });
}
