// How long a value is fresh. Time stands still in these tests, but for what they let go by.

import assert from 'node:assert/strict';

export default function expiry(test) {
  test('a value is fresh for ttl from when it settled, to the millisecond', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred }) => {
      const { counting, stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const gate = deferred();
      const fn = counting(async () => { await gate.promise; return 'value'; });
      const cached = cacheData(fn, { ttl: '1m' });
      const first = cached(1);
      clock.pass(600_000); // while the function runs
      gate.resolve();
      await first;
      const seen = [{ ...cached.info(1) }];
      clock.pass(59_999);
      await cached(1);
      seen.push({ ...cached.info(1) }, fn.calls.length);
      clock.pass(1);
      seen.push(cached.has(1), cached.peek(1) === undefined, (await cached(1), fn.calls.length), cached.info(1).expiresIn);
      return seen;
    }), [
      { age: 0, expiresIn: 60_000, stale: false, running: false, bytes: 0 }, { age: 59_999, expiresIn: 1, stale: false, running: false, bytes: 0 }, 1,
      false, true, 2, 60_000,
    ]);
  });

  test('a use does not prolong it, a refresh does', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting, stoppedClock } = await import('/support/memo.js');
      const clock = stoppedClock();
      const fn = counting(x => x);
      const cached = cacheData(fn, { ttl: 1000 });
      cached(1);
      for (let i = 0; i < 9; i++) {
        clock.pass(100);
        cached(1);
      }
      const before = fn.calls.length;
      clock.pass(100);
      cached(1);
      const after = fn.calls.length;
      clock.pass(500);
      cached.refresh(1);
      clock.pass(999);
      return [before, after, cached.has(1), (clock.pass(1), cached.has(1))];
    }), [1, 2, true, false]);
  });

  test('ttl is a number, a text or a Temporal.Duration, and Infinity or none is for ever', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      const lengths = [1500, '1.5s', '1h30m', { total: () => 90_000 }, Infinity, undefined, null].map(ttl => {
        const cached = cacheData(x => x, { ttl });
        cached(1);
        return [cached, cached.info(1).expiresIn];
      });
      clock.pass(1e15);
      return [lengths.map(([, length]) => String(length)), lengths.map(([cached]) => cached.has(1))];
    }), [['1500', '1500', '5400000', '90000', 'Infinity', 'Infinity', 'Infinity'], [false, false, false, false, true, true, true]]);
  });

  test('ttl 0 shares concurrent executions and keeps nothing', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred, until }) => {
      const { counting, flying } = await import('/support/memo.js');
      const fly = flying({ deferred });
      const cached = cacheData(fly, { ttl: 0 });
      const both = [cached(1), cached(1)];
      fly.flights[0].resolve('first');
      const values = await Promise.all(both);
      const has = cached.has(1);
      const third = cached(1);
      fly.flights[1].resolve('second');
      values.push(await third);
      const fn = counting(x => x);
      const sync = cacheData(fn, { ttl: '0s' });
      sync(1);
      sync(1);
      await until(() => cached.stats().entries + sync.stats().entries === 0);
      return [values, has, fly.flights.length, fn.calls.length, sync.has(1)];
    }), [['first', 'first', 'second'], false, 2, 2, false]);
  });

  test('ttlJitter makes it shorter by at most its part, differently for each value', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      (await import('/support/memo.js')).stoppedClock();
      const lengths = jitter => {
        const cached = cacheData(x => x, { ttl: 1_000_000, ttlJitter: jitter });
        return Array.from({ length: 200 }, (_, i) => (cached(i), cached.info(i).expiresIn));
      };
      const [none, some, all] = [0, 0.25, 1].map(lengths);
      const within = (list, low) => list.every(each => each >= low && each <= 1_000_000) && new Set(list).size > 100;
      return [new Set(none).size, none[0], within(some, 750_000), Math.min(...some) < 800_000, Math.max(...some) > 950_000, within(all, 0), Math.min(...all) < 200_000];
    }), [1, 1_000_000, true, true, true, true, true]);
  });

  test('a value whose time is over leaves by itself, and its owner is told', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      const told = [];
      const cached = cacheData(x => ({ x }), {
        ttl: 30,
        onEvict: (value, reason, key) => told.push(['onEvict', value.x, reason, key]), onRelease: (value, reason) => told.push(['onRelease', value.x, reason]),
      });
      cached.subscribe(({ type, reason }) => told.push([type, reason ?? null]));
      cached(1);
      await until(() => cached.stats().entries === 0 && told.length >= 4);
      return [told.sort(), cached.stats().expirations, cached.info(1) === undefined];
    }), [[['evicted', 'expired'], ['onEvict', 1, 'expired', 1], ['onRelease', 1, 'expired'], ['stored', null]], 1, true]);
  });

  test('of many values each leaves in its time, and those that have time stay', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      let gone = 0;
      const cached = cacheData(x => x, { ttl: 40, maxEntries: Infinity, onEvict: () => gone++ });
      const kept = cacheData(x => x, { ttl: '1h', maxEntries: Infinity });
      for (let i = 0; i < 5000; i++) {
        cached(i);
        kept(i);
      }
      await until(() => cached.stats().entries === 0 && gone >= 5000);
      cached('later');
      await until(() => cached.stats().entries === 0);
      return [gone >= 5000, kept.stats().entries];
    }), [true, 5000]);
  });

  test('a ttl longer than a timer can be does not end early', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      const cached = cacheData(x => x, { ttl: 2 ** 31 + 10_000 });
      cached(1);
      await nextTurn();
      await nextTurn();
      const seen = [cached.has(1)];
      clock.pass(2 ** 31 + 9_999);
      seen.push(cached.has(1));
      clock.pass(1);
      return [...seen, cached.has(1)];
    }), [true, true, false]);
  });

  test('when the clock was set back, what has an end is over, and what has none stays', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      const [timed, forever] = [cacheData(x => x, { ttl: '1h' }), cacheData(x => x)];
      timed(1);
      forever(1);
      clock.pass(-10_000);
      return [timed.has(1), forever.has(1), timed(1), timed.has(1), timed.info(1).age, timed.info(1).expiresIn];
    }), [false, true, 1, true, 0, 3_600_000]);
  });

  test('when a new value replaces one whose time is over, each is released once', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      const told = [];
      let calls = 0;
      const cached = cacheData(() => ++calls, { ttl: 1000, onRelease: value => told.push(value) });
      for (let i = 0; i < 3; i++) {
        cached();
        clock.pass(1000);
      }
      cached.clear();
      await nextTurn();
      return told;
    }), [1, 2, 3]);
  });
}
