// What is on a cached function besides the call.

import assert from 'node:assert/strict';

export default function methods(test) {
  test('peek() gives the same object again with freeze, as useSyncExternalStore wants it, and another copy each time with clone', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const caches = ['freeze', 'clone', 'share'].map(copy => cacheData(async () => ({ a: [1] }), { copy }));
      await Promise.all(caches.map(cached => cached()));
      return caches.map(({ peek }) => [peek() === peek(), peek().a[0]]);
    }), [[true, 1], [false, 1], [true, 1]]);
  });

  test('peek, has and info look, run nothing and count as nothing', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred }) => {
      const { counting, flying } = await import('/support/memo.js');
      const fn = counting(x => ({ x }));
      const cached = cacheData(fn);
      const empty = [cached.peek(1) === undefined, cached.has(1), cached.info(1) === undefined, fn.calls.length];
      cached(1);
      const before = JSON.stringify(cached.stats());
      const full = [cached.peek(1), cached.has(1), cached.has(2), cached.peek(1) === cached.peek(1), cached.info(1).running, cached.info(1).stale,
        String(cached.info(1).expiresIn), cached.info(1).age >= 0];
      const fly = flying({ deferred });
      const later = cacheData(fly);
      const call = later(1);
      const running = [later.peek(1) === undefined, later.has(1), later.info(1)];
      fly.flights[0].resolve('value');
      await call;
      return [empty, full, fn.calls.length, JSON.stringify(cached.stats()) === before, running, later.peek(1), later.info(1).running];
    }), [
      [true, false, true, 0], [{ x: 1 }, true, false, false, false, false, 'Infinity', true], 1, true,
      [true, false, { age: null, expiresIn: null, stale: false, running: true, bytes: 0 }], 'value', false,
    ]);
  });

  test('clear(...args) lets that one go, clear() all, and what was not there changes nothing', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData((...args) => args.length);
      const all = [[1], [1, 2], [undefined], [{ a: 1 }], []];
      all.forEach(args => cached(...args));
      const there = () => all.map(args => cached.has(...args));
      cached.clear('never');
      cached.clear(1);
      const one = there();
      cached.clear(undefined);
      cached.clear({ a: 1 });
      const three = there();
      cached.clear();
      cached.clear();
      return [one, three, there(), cached.stats().entries, cached(1), cached.stats().misses];
    }), [[false, true, true, true, true], [false, true, false, false, true], Array(5).fill(false), 0, 1, 6]);
  });

  test('warm() calls the function for each list of arguments without a value, a few at a time, and says how each has ended', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      const seen = [];
      for (const refreshConcurrency of [undefined, 2, Infinity]) {
        let [running, most, calls] = [0, 0, 0];
        const cached = cacheData(async (a, b) => {
          calls++;
          most = Math.max(most, ++running);
          await nextTurn();
          running--;
          if (a === 3) throw new RangeError('no');
          return a + b;
        }, { refreshConcurrency });
        await cached(1, 1);
        const endings = await cached.warm((function* () { for (let i = 0; i < 10; i++) yield [i, 1]; })());
        seen.push(most, calls, endings.map(({ status, value, reason }) => (status === 'fulfilled' ? value : reason.name)), cached.stats().entries);
      }
      return seen;
    }), [4, 2, 9].flatMap(most => [most, 10, [1, 2, 3, 'RangeError', 5, 6, 7, 8, 9, 10], 9]));
  });

  test('warm() of a synchronous function, of nothing, of what has no key, and of no list', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, rejectionOf }) => {
      const cached = cacheData(x => x);
      const endings = await cached.warm([[1], [Symbol('s')], [1], new Set([[2]]).values().next().value]);
      const wrong = [await rejectionOf(cached.warm([[1], 5])), await rejectionOf(cached.warm(['text']))].map(error => error.code);
      return [endings.map(({ status, value, reason }) => value ?? `${status} ${reason.code}`), await cached.warm([]), cached.stats().misses, wrong];
    }), [[1, 'rejected unhashable-param', 1, 2], [], 2, ['invalid-argument', 'invalid-argument']]);
  });

  test('warm() through with() can be cancelled', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, job, deferred, until }) => {
      const signals = [];
      const cached = cacheData(job(async (ctx, x) => { signals.push(ctx.signal); await deferred().promise; return x; }));
      const controller = new AbortController();
      const warming = cached.with({ signal: controller.signal }).warm([[1], [2], [3], [4], [5], [6]]);
      await until(() => signals.length === 4);
      controller.abort();
      return [(await warming).map(({ reason }) => reason.name), signals.length, signals.every(signal => signal.aborted), cached.stats().inFlight];
    }), [Array(6).fill('AbortError'), 4, true, 0]);
  });

  test('stats() count since the cache was made, each call in one of them', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, thrownBy, deferred }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      const gate = deferred();
      const cached = cacheData(x => { if (x < 0) throw new Error('no'); return x === 'slow' ? gate.promise : x; },
        { ttl: 1000, maxEntries: 2, maxBytes: 1000, sizeOf: () => 10, staleIfError: '1h' });
      const fresh = { ...cached.stats() };
      cached(1); // misses 1
      cached(1); // hits 1
      cached(2);
      cached(3); // misses 3, evictions 1
      cached.refresh(3); // refreshes 1
      thrownBy(() => cached(-1)); // misses 4, failures 1
      const slow = [cached('slow'), cached('slow')]; // misses 5, shared 1
      const during = { ...cached.stats() };
      gate.resolve('x');
      await Promise.all(slow); // evictions 2
      clock.pass(1000);
      cached(3); // over: misses 6
      cached.clear();
      return [fresh, during, { ...cached.stats() }, Object.isFrozen(cached.stats()) || cached.stats() !== cached.stats()];
    }), [
      { hits: 0, misses: 0, stale: 0, shared: 0, refreshes: 0, failures: 0, evictions: 0, expirations: 0, entries: 0, bytes: 0, inFlight: 0 },
      { hits: 1, misses: 5, stale: 0, shared: 1, refreshes: 1, failures: 1, evictions: 1, expirations: 0, entries: 2, bytes: 20, inFlight: 1 },
      { hits: 1, misses: 6, stale: 0, shared: 1, refreshes: 1, failures: 1, evictions: 2, expirations: 0, entries: 0, bytes: 0, inFlight: 0 },
      true,
    ]);
  });

  test('subscribe() tells in a microtask what is stored, refreshed, evicted and failed, until it is stopped', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      let fails = false;
      const cached = cacheData(async x => { if (fails) throw new Error('no'); return x; }, { name: 'query', maxEntries: 1 });
      const [one, two] = [[], []];
      const stops = [cached.subscribe(event => one.push(event)), cached.subscribe(event => two.push(event))];
      await cached('a');
      await cached('a');
      await cached.refresh('a');
      await cached('b');
      stops[1]();
      stops[1]();
      fails = true;
      await cached.refresh('b').catch(() => {});
      cached.clear();
      const atOnce = one.length;
      await Promise.resolve();
      await nextTurn();
      const events = one.map(({ type, name, key, reason, error }) => [type, name, key, reason ?? error?.message ?? null]);
      stops[0]();
      fails = false;
      await cached('c');
      await nextTurn();
      return [events, atOnce, two.length, one.length];
    }), [[
      ['stored', 'query', 'a', null], ['refreshed', 'query', 'a', null], ['stored', 'query', 'b', null], ['evicted', 'query', 'a', 'evicted'],
      ['error', 'query', 'b', 'no'], ['evicted', 'query', 'b', 'cleared'],
    ], 5, 4, 6]);
  });

  test('a listener that throws is reported and harms nobody; one that subscribes, stops or calls hears no loop', async tab => {
    tab.expectProblem(/listener's own/);
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      const cached = cacheData(x => x);
      const heard = [];
      cached.subscribe(() => { throw new Error("listener's own"); });
      const stop = cached.subscribe(({ type, key }) => {
        heard.push([type, key]);
        stop();
        cached(key + 1);
        cached.subscribe(event => heard.push(['second', event.key]));
      });
      cached(1);
      await nextTurn();
      cached(5);
      await nextTurn();
      return heard;
    }), [['stored', 1], ['second', 5]]);
  });

  test('a disposed cache lets all go, refuses every call with disposed, and executions under way go on for their callers', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred, thrownBy, rejectionOf, nextTurn, until }) => {
      const { flying } = await import('/support/memo.js');
      const released = [];
      const sync = cacheData(x => x, { onRelease: (value, reason) => released.push(`${value} ${reason}`), ttl: '1h' });
      const fly = flying({ deferred });
      const later = cacheData(fly, { onRelease: (value, reason) => released.push(`${value} ${reason}`) });
      sync(1);
      sync(2);
      const call = later(1);
      for (const cached of [sync, later, sync, later]) cached[Symbol.dispose]();
      fly.flights[0].resolve('late');
      const value = await call;
      await nextTurn();
      const errors = [() => sync(1), () => sync.peek(1), () => sync.has(1), () => sync.info(1), () => sync.refresh(1), () => sync.clear(), () => sync.stats(),
        () => sync.with({})(1)].map(each => thrownBy(each).code);
      const rejected = [await rejectionOf(later(2)), await rejectionOf(sync.warm([[1]]))].map(error => error.code);
      await until(() => released.length >= 3);
      return [value, released, new Set(errors), errors.length, rejected].map(each => (each instanceof Set ? [...each] : each));
    }), ['late', ['1 cleared', '2 cleared', 'late cleared'], ['disposed'], 8, ['disposed', 'disposed']]);
  });

  test('a cache may be disposed by its own function, and before init()', async tab => {
    assert.deepEqual(await tab.load(async ({ cacheData, init, thrownBy }) => {
      const early = cacheData(x => x);
      early[Symbol.dispose]();
      await init();
      const own = cacheData(x => { own[Symbol.dispose](); return x; });
      const later = cacheData(async x => { later[Symbol.dispose](); return x; });
      return [thrownBy(() => early(1)).code, own(5), thrownBy(() => own(5)).code, await later(6)];
    }), ['disposed', 5, 'disposed', 6]);
  });

  test('with() leaves the function as it is, and shares its cache', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData(function area(w, h) { return w * h; });
      const bound = cached.with({});
      const seen = [bound(2, 3), cached.has(2, 3), bound.name, bound.length, typeof bound.with, bound.stats().misses, cached.peek(2, 3)];
      bound.clear();
      return [...seen, cached.has(2, 3), bound === cached];
    }), [6, true, 'area', 2, 'function', 1, 6, false, false]);
  });
}
