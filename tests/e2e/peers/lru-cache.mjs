// lru-cache 11: what its readme and its suites on ttl, fetch and memo hold it to.

import assert from 'node:assert/strict';

export default function lruCache(test) {
  test('fetch(): of concurrent ones for a key one calls the function, and a later one is served what it gave', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred }) => {
      const { flying } = await import('/support/memo.js');
      const fetchMethod = flying({ deferred });
      const fetch = cacheData(fetchMethod, { maxEntries: 3, ttl: 1000 });
      const pending = [fetch('a'), fetch('a'), fetch('b')];
      fetchMethod.flights.forEach(({ args, resolve }) => resolve(args[0].toUpperCase()));
      return [await Promise.all(pending), await fetch('a'), fetchMethod.flights.length];
    }), [['A', 'A', 'B'], 'A', 2]);
  });

  test('ttl: an item is there until its time is over, then it is missing for get, has and fetch', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting, stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const fn = counting(x => x);
      const cached = cacheData(fn, { maxEntries: 5, ttl: 10 });
      cached(1);
      const look = () => [cached.peek(1) ?? null, cached.has(1), cached.info(1)?.expiresIn > 0];
      const seen = [look()];
      clock.pass(5);
      seen.push(look(), cached.info(1).expiresIn);
      clock.pass(5);
      seen.push(look());
      cached(1);
      return [...seen, look(), fn.calls.length];
    }), [[1, true, true], [1, true, true], 5, [null, false, false], [1, true, true], 2]);
  });

  test('allowStale of fetch(): the stale value at once, and one fetch behind it', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred, until }) => {
      const { flying, stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const fetchMethod = flying({ deferred });
      const fetch = cacheData(fetchMethod, { ttl: 5, refresh: 'background' });
      const first = fetch('key');
      fetchMethod.flights[0].resolve(0);
      await first;
      clock.pass(10);
      const stale = [await fetch('key'), await fetch('key')];
      await until(() => fetchMethod.flights.length === 2);
      fetchMethod.flights[1].resolve(1);
      await until(() => fetch.peek('key') === 1);
      return [stale, await fetch('key'), fetchMethod.flights.length];
    }), [[0, 0], 1, 2]);
  });

  test('forceRefresh of fetch() and memo(): the function is called although there is a value', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      let n = 0;
      const [memo, fetch] = [cacheData(() => ++n), cacheData(async () => ++n)];
      return [memo(), memo(), memo.refresh(), memo(), await fetch(), await fetch.refresh(), await fetch()];
    }), [1, 1, 2, 2, 3, 4, 4]);
  });

  test('memo(): a synchronous function is called on a miss only, and again after its time', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting, stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const memoMethod = counting(k => `${k}:${memoMethod.calls.length}`);
      const memo = cacheData(memoMethod, { maxEntries: 2, ttl: 10 });
      const seen = [memo('a'), memo('a'), memo('b'), memo('c'), memo('a')]; // c has pushed a out
      clock.pass(10);
      return [...seen, memo('a'), memoMethod.calls.length];
    }), ['a:1', 'a:1', 'b:2', 'c:3', 'a:4', 'a:5', 5]);
  });

  test('a signal of fetch(): the caller is rejected with its reason, and the function\'s own signal aborts when nobody else waits', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, job, rejectionOf, until, untilAborted }) => {
      let signal;
      const fetch = cacheData(job(ctx => { ({ signal } = ctx); return untilAborted(ctx); }));
      const controller = new AbortController();
      const pending = rejectionOf(fetch.with({ signal: controller.signal })('key'));
      await until(() => signal);
      const before = signal.aborted;
      controller.abort(new RangeError('enough'));
      const { name, message } = await pending;
      return [before, name, message, signal.aborted, fetch.has('key'), fetch.stats().entries];
    }), [false, 'RangeError', 'enough', true, false, 0]);
  });

  test('a fetch() whose key is deleted meanwhile stores nothing, though its callers get the value', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred }) => {
      const { flying } = await import('/support/memo.js');
      const fetchMethod = flying({ deferred });
      const fetch = cacheData(fetchMethod);
      const pending = fetch('key');
      fetch.clear('key');
      fetchMethod.flights[0].resolve('value');
      return [await pending, fetch.has('key')];
    }), ['value', false]);
  });

  test('a fetch() that rejects is not kept, and noDeleteOnFetchRejection with allowStaleOnFetchRejection is staleIfError', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, rejectionOf }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      let fails = true;
      const fetchMethod = async () => { if (fails) throw new RangeError('no'); return 'old'; };
      const [strict, lenient] = [cacheData(fetchMethod, { ttl: 10 }), cacheData(fetchMethod, { ttl: 10, staleIfError: true })];
      const seen = [(await rejectionOf(strict())).name, (await rejectionOf(lenient())).name];
      fails = false;
      seen.push(await strict(), await lenient());
      fails = true;
      clock.pass(10);
      return [...seen, (await rejectionOf(strict())).name, await lenient(), strict.info() === undefined, lenient.info().stale];
    }), ['RangeError', 'RangeError', 'old', 'old', 'RangeError', 'old', true, true]);
  });

  test('max and maxSize: the least recently used goes; get is a use, peek and has are none', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData(k => ({ k }), { maxEntries: 3, maxBytes: 10, sizeOf: ({ k }) => k });
      [1, 2, 3].forEach(k => cached(k));
      cached(1);
      cached.peek(2);
      cached.has(2);
      cached(4);
      const there = [1, 2, 3, 4].filter(k => cached.has(k));
      cached(8);
      cached(11); // larger than all
      return [there, [1, 3, 4, 8, 11].filter(k => cached.has(k)), cached.stats().bytes];
    }), [[1, 3, 4], [8], 8]);
  });

  test('dispose: told of each value that goes, and why: evict, set, delete and expire', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn, until }) => {
      const disposed = [];
      const options = { maxEntries: 1, onRelease: (value, reason) => disposed.push(`${value} ${reason}`) };
      const cached = cacheData(k => k, options);
      cached('evict');
      cached('set');
      cached.refresh('set');
      cached.clear('set');
      const expiring = cacheData(k => k, { ...options, ttl: 20 });
      expiring('expire');
      await until(() => expiring.stats().entries === 0);
      await nextTurn();
      return disposed;
    }), ['evict evicted', 'set cleared', 'expire expired'], 'a value that is replaced by the very same is not disposed of');
  });
}
