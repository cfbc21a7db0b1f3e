// A call of a cached function: what of the function's own nature stays, and what happens when it calls back into its cache.

import assert from 'node:assert/strict';

export default function calls(test) {
  test('a synchronous function stays synchronous, and is called once for the same arguments', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting } = await import('/support/memo.js');
      const add = counting((a, b) => a + b);
      const cached = cacheData(add);
      return [cached(1, 2), cached(1, 2), cached(2, 1), cached('1', 2), add.calls];
    }), [3, 3, 3, '12', [[1, 2], [2, 1], ['1', 2]]]);
  });

  test('an asynchronous function gives a promise, at a hit too, and one execution for calls at once', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred }) => {
      const { counting } = await import('/support/memo.js');
      const gate = deferred();
      const slow = counting(async key => `${key} ${await gate.promise}`);
      const cached = cacheData(slow);
      const both = [cached('a'), cached('a')];
      gate.resolve('done');
      const values = await Promise.all(both);
      const hit = cached('a');
      return [both.every(each => each instanceof Promise), values, hit instanceof Promise, await hit, slow.calls.length];
    }), [true, ['a done', 'a done'], true, 'a done', 1]);
  });

  test('each kind of value is kept, undefined, null and NaN too', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting } = await import('/support/memo.js');
      const values = [undefined, null, NaN, -0, 0, false, '', 1n, 'text', [], {}];
      const sync = counting(index => values[index]);
      const [cached, later] = [cacheData(sync), cacheData(async index => sync(index))];
      const alike = [];
      for (const [index, value] of values.entries()) {
        cached(index);
        await later(index);
        alike.push([cached(index), await later(index)].every(got => Object.is(got, value) || JSON.stringify(got) === JSON.stringify(value)));
      }
      return [alike.every(Boolean), sync.calls.length, values.length];
    }), [true, 22, 11]);
  });

  test('this, all arguments, name and length are the function\'s, and it is a function still', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData(function area(width, height) { return [this?.unit ?? null, width, height, arguments.length]; });
      const counts = cacheData((...args) => args.length);
      return [
        cached.name, cached.length, typeof cached, cached instanceof Function,
        cached.call({ unit: 'm' }, 1, 2), cached.apply({ unit: 'cm' }, [3, 4, 5]), cached.bind({ unit: 'mm' }, 6)(7), cached(8, 9),
        counts.length, counts(), counts(undefined), counts(undefined, undefined),
      ];
    }), ['area', 2, 'function', true, ['m', 1, 2, 2], ['cm', 3, 4, 3], ['mm', 6, 7, 2], [null, 8, 9, 2], 0, 0, 1, 2]);
  });

  test('two caches of one function share nothing', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, cacheResource }) => {
      const { counting } = await import('/support/memo.js');
      const fn = counting(x => x);
      const caches = [cacheData(fn), cacheData(fn), cacheResource(fn)];
      for (let round = 0; round < 2; round++) caches.forEach(cached => cached(1));
      caches[0].clear();
      return [fn.calls.length, caches.map(cached => cached.has(1))];
    }), [3, [false, true, true]]);
  });

  test('what a function throws comes through as it is, and is thrown anew at each call', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, cacheResource }) => {
      const errors = [new RangeError('mine'), 'a text', undefined, null, Object.freeze({ no: 'error' })];
      const seen = [];
      for (const cache of [cacheData, cacheResource]) {
        let calls = 0;
        const sync = cache(index => { calls++; throw errors[index]; });
        const later = cache(async index => { calls++; throw errors[index]; });
        for (let i = 0; i < errors.length * 2; i++) {
          const index = i % errors.length;
          try {
            sync(index);
          } catch (error) {
            seen.push(error === errors[index]);
          }
          await later(index).catch(error => seen.push(error === errors[index]));
        }
        seen.push(calls, sync.stats().failures, later.stats().failures, sync.stats().entries);
      }
      return seen;
    }), Array(2).fill([...Array(20).fill(true), 20, 10, 10, 0]).flat());
  });

  test('a function may call itself with other arguments', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting } = await import('/support/memo.js');
      const fib = counting(n => (n < 2n ? n : cached(n - 1n) + cached(n - 2n)));
      const cached = cacheData(fib);
      const later = cacheData(async n => (n < 2 ? n : await later(n - 1) + await later(n - 2)));
      return [String(cached(300n)), fib.calls.length, await later(50), later.stats().misses];
    }), ['222232244629420445529739893461909967206666939096499764990979600', 301, 12586269025, 51]);
  });

  test('set() in the function for its own arguments keeps that value, and what the function returns is for its callers', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, cacheResource, job, run, until }) => {
      const seen = [];
      const makers = {
        sync: set => x => { set(x); return 'returned'; },
        async: set => async x => { set(x); return 'returned'; },
        later: set => async x => { await null; set(x); return 'returned'; },
        job: set => job((ctx, x) => { set(x); return 'returned'; }),
        task: set => x => run(() => { set(x); return 'returned'; }),
      };
      for (const [name, make] of Object.entries(makers)) {
        for (const options of [{}, { persist: 'session', name }, { ttl: '1m' }, { refreshEvery: '1h' }]) {
          const cache = cacheData(make(x => cache.set([x], 'set')), options);
          const first = await cache(1);
          const ofRefresh = await cache.refresh(1);
          seen.push([first, cache.peek(1), ofRefresh, await cache(1), cache.stats().entries, cache.stats().inFlight]);
        }
      }
      const released = [];
      const resource = cacheResource(() => { resource.set([], 'set'); return 'returned'; }, { onRelease: (value, reason) => released.push(`${value} ${reason}`) });
      resource();
      await until(() => released.length > 0);
      return [seen.filter(one => one.join() !== 'returned,set,returned,set,1,0'), seen.length, released];
    }), [[], 20, ['returned cleared']]);
  });

  test('a function that calls itself with the same arguments is refused with recursive-call, and the cache goes on', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, thrownBy, rejectionOf }) => {
      let deep = true;
      const sync = cacheData(function loop(x) { return deep ? sync(x) : x; });
      const mutual = [cacheData(x => mutual[1](x)), cacheData(x => (deep ? mutual[0](x) : x))];
      const later = cacheData(async function laterLoop(x) { return deep ? later(x) : x; });
      const refreshed = cacheData(x => (deep ? refreshed.refresh(x) : x));
      const errors = [thrownBy(() => sync(1)), thrownBy(() => mutual[0](1)), await rejectionOf(later(1)), thrownBy(() => refreshed(1))];
      deep = false;
      return [errors.map(error => error.code), errors[0].message.includes('loop()'), sync(1), mutual[0](1), await later(1), refreshed(1)];
    }), [Array(4).fill('recursive-call'), true, 1, 1, 1, 1]);
  });

  test('a synchronous function stays synchronous also while a refresh of the value waits for its turn', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      const make = options => cacheData(x => ({ x }), { ttl: 1000, refresh: 'background', ...options });
      const [evicted, refreshed] = [make({ maxEntries: 1 }), make()];
      for (const cached of [evicted, refreshed]) {
        cached(1);
        clock.pass(1000);
        cached(1); // stale, and a refresh is on its way
      }
      evicted(2); // takes its place
      const values = [evicted(1), refreshed.refresh(1), evicted.refresh(1)];
      await until(() => evicted.stats().inFlight + refreshed.stats().inFlight === 0);
      return values.map(value => [value instanceof Promise, value.x ?? null]);
    }), Array(3).fill([false, 1]));
  });

  test('a job that calls itself with the same arguments before its first await is refused as well', async tab => {
    assert.equal(await tab.run(async ({ cacheData, job, nextTurn }) => {
      const cached = cacheData(job((_, x) => cached(x)));
      const hangs = async () => { for (let i = 0; i < 20; i++) await nextTurn(); return 'hangs'; };
      return Promise.race([cached(1).catch(error => error.code), hangs()]);
    }), 'recursive-call');
  });

  test('a function may clear its cache while it runs: its value goes to its caller, and is not kept', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      const seen = [];
      for (const how of ['all', 'one']) {
        const released = [];
        const options = { onRelease: (value, reason) => released.push(`${value} ${reason}`) };
        const sync = cacheData(x => { how === 'all' ? sync.clear() : sync.clear(x); return `sync ${x}`; }, options);
        const later = cacheData(async x => { how === 'all' ? later.clear() : later.clear(x); return `later ${x}`; }, options);
        seen.push(sync(1), sync.has(1), sync.stats().entries, await later(1), later.has(1), later.stats().entries);
        await nextTurn();
        seen.push(released.join());
      }
      return seen;
    }), Array(2).fill(['sync 1', false, 0, 'later 1', false, 0, 'sync 1 cleared,later 1 cleared']).flat());
  });

  test('a refresh whose function clears the cache, or has its own entry evicted, gives its caller the value', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, run }) => {
      const seen = [];
      for (const wrap of [value => value, async value => value]) {
        let again = false;
        const clearing = cacheData(x => { if (again) clearing.clear(); return wrap(`cleared ${x}`); });
        const evicting = cacheData(x => { if (again && x < 5) evicting(x + 1); return wrap(`evicted ${x}`); }, { maxEntries: 1 });
        await clearing(1);
        await evicting(1);
        again = true;
        seen.push(await clearing.refresh(1), await evicting.refresh(1));
        seen.push(await clearing(2), await evicting(7), clearing.stats().inFlight, evicting.stats().inFlight, evicting.stats().entries);
      }
      return [...seen, await run(() => 'the library works')];
    }), [...Array(2).fill(['cleared 1', 'evicted 1', 'cleared 2', 'evicted 7', 0, 0, 1]).flat(), 'the library works']);
  });

  test('a value made anew after its time whose function has the old one evicted or cleared meanwhile goes to its caller', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, run }) => {
      const { stoppedClock, outcome } = await import('/support/memo.js');
      const clock = stoppedClock();
      let again = false;
      const fib = cacheData(n => (n < 2 ? n : fib(n - 1) + fib(n - 2)), { ttl: '1m', maxEntries: 2 });
      const clearing = cacheData(x => { if (again) clearing.clear(); return x; }, { ttl: '1m' });
      const evicting = cacheData(x => { if (again && x < 5) evicting(x + 1); return x; }, { ttl: '1m', maxEntries: 1 });
      const failing = cacheData(x => { if (again) failing.clear(x); throw new RangeError('no'); }, { errorTtl: '1m' });
      const all = () => [fib(15), clearing(1), evicting(1), outcome(() => failing(1))];
      const seen = all();
      clock.pass(60_000);
      again = true;
      seen.push(...all(), ...all());
      const left = [fib, clearing, evicting, failing].map(cached => [cached.stats().entries, cached.stats().inFlight]);
      return [seen, left, await run(() => 'the library works')];
    }), [Array(3).fill([610, 1, 1, 'RangeError']).flat(), [[2, 0], [0, 0], [1, 0], [0, 0]], 'the library works']);
  });

  test('a getter in an argument, a key function and a hash function may call the same cache', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      class Point {}
      const plain = cacheData(x => (typeof x === 'object' ? Object.keys(x).length : x), {
        hashFuncs: new Map([[Point, () => plain({ from: 'hash' })]]),
      });
      const nested = { a: [1, { deep: true }], get b() { return [plain('inner'), plain({ get c() { return plain({ d: [1] }); } })]; }, z: 1 };
      const keyed = cacheData(x => x * 2, { key: x => (x > 0 ? keyed(x - 1) : 0) });
      const before = [plain(nested), plain(nested), plain(new Point())];
      const { misses } = plain.stats();
      const again = [plain(structuredClone(nested)), plain(new Point())];
      return [...before, ...again, plain.stats().misses - misses, keyed(3) >= 0];
    }), [3, 3, 0, 3, 0, 0, true]);
  });

  test('a key that was being made when a getter asked for another is what it is without', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const other = cacheData(x => x);
      const cached = cacheData(x => typeof x);
      /** A part that refers to the whole, twice at unlike depths; `ask` makes another key on the way. */
      const whole = ask => {
        const root = {};
        const part = { up: root, ...Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`u${i}`, i])), get z() { return ask ? ask() : 1; } };
        return Object.assign(root, { a: part, b: [[part]] });
      };
      cached(whole());
      return [cached.has(whole()), cached.has(whole(() => other({ any: 1 }) && 1)), cached.has(whole(() => cached({ any: 1 }) && 1))];
    }), [true, true, true]);
  });

  test('endless recursion through a cache ends as without it, or as panic if the stack ended inside the engine: then a restart goes on', async tab => {
    tab.expectProblem(/panic|stack|recursion/i, { optional: true });
    const { ends, wrong } = await tab.run(async ({ cacheData, describe, init, run }) => {
      const ends = new Set();
      const wrong = [];
      const deeper = (frames, call) => (frames === 0 ? call() : deeper(frames - 1, call));
      for (let frames = 0; frames < 30; frames++) { // so that it ends in another place each time
        const endless = cacheData(n => (stop ? n : endless(n + 1)));
        let stop = false;
        try {
          deeper(frames, () => endless(0));
        } catch (error) {
          ends.add(error.code ?? error.name);
          if (error.code === 'panic') await init({ restart: true });
        }
        stop = true;
        try {
          const fresh = cacheData(x => x + 1);
          if ([0, 1000, 10_000].some(n => endless(n) !== n) || fresh(1) !== 2 || fresh(1) !== 2 || await run(() => 'runs') !== 'runs') wrong.push(frames);
        } catch (error) {
          wrong.push([frames, describe(error)]);
          break;
        }
      }
      return { ends: [...ends], wrong };
    });
    assert.deepEqual(wrong, []);
    assert.deepEqual(ends.filter(each => !['RangeError', 'InternalError', 'panic'].includes(each)), []);
  });

  test('a value whose then can not be read fails that call alone', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, thrownBy }) => {
      let bad = true;
      const cached = cacheData(() => (bad ? { get then() { throw new RangeError('no then'); } } : 'good'), { copy: 'share' });
      const first = thrownBy(() => cached(1)).name;
      bad = false;
      return [first, cached(1), cached.stats().inFlight];
    }), ['RangeError', 'good', 0]);
  });

  test('thenables that settle at once, late, twice or from another library are awaited', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const thenables = {
        atOnce: { then: resolve => resolve('at once') },
        late: { then: resolve => setTimeout(resolve, 0, 'late') },
        twice: { then: (resolve, reject) => { resolve('first'); resolve('second'); reject(new Error('third')); } },
        failing: { then: (_, reject) => reject(new RangeError('no')) },
        throwing: { then() { throw new TypeError('no'); } },
      };
      const cached = cacheData(name => thenables[name]);
      const seen = {};
      for (const name in thenables) seen[name] = [await cached(name).catch(error => error.name), await cached(name).catch(error => error.name), cached.has(name)];
      return seen;
    }), {
      atOnce: ['at once', 'at once', true], late: ['late', 'late', true], twice: ['first', 'first', true],
      failing: ['RangeError', 'RangeError', false], throwing: ['TypeError', 'TypeError', false],
    });
  });

  test('a call that cannot wait says so before init(), and the same cached function works after it', async tab => {
    assert.deepEqual(await tab.load(async ({ cacheData, cacheResource, init, thrownBy, rejectionOf }) => {
      const sync = cacheData(x => x + 1, { ttl: '1m', maxEntries: 10 });
      const resource = cacheResource(x => ({ x }));
      const early = [
        thrownBy(() => sync(1)), thrownBy(() => resource(1)),
        ...['peek', 'has', 'info', 'clear', 'stats', 'refresh'].map(method => thrownBy(() => sync[method](1))), await rejectionOf(sync.warm([[1]])),
      ].map(error => error.code);
      const stop = sync.subscribe(() => {});
      await init();
      stop();
      return [new Set(early).size, early[0], sync(1), sync(1), sync.stats().hits, resource(1) === resource(1)];
    }), [1, 'not-initialized', 2, 2, 1, true]);
  });

  test('a number or duration that is wrong is refused by the first call after init(), the rest at once', async tab => {
    assert.deepEqual(await tab.load(async ({ cacheData, init, thrownBy, rejectionOf }) => {
      const atOnce = thrownBy(() => cacheData(x => x, { copy: 'deep' }));
      const late = cacheData(x => x, { ttl: 'soon' });
      const laterAsync = cacheData(async x => x, { maxEntries: 0 });
      await init();
      const errors = [atOnce, thrownBy(() => late(1)), thrownBy(() => late(1)), await rejectionOf(laterAsync(1))];
      return errors.map(({ code, message }) => [code, message.split(' ')[0]]);
    }), [['invalid-argument', 'copy'], ['invalid-argument', 'ttl'], ['invalid-argument', 'ttl'], ['invalid-argument', 'maxEntries']]);
  });

  test('a function that returns a task gives its value', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, run }) => {
      let calls = 0;
      const cached = cacheData(x => run(async () => { calls++; return { x }; }));
      const [one, two] = await Promise.all([cached(1), cached(1)]);
      return [one, two, one === two, calls, await cached(1), calls, cached(1) instanceof Promise];
    }), [{ x: 1 }, { x: 1 }, false, 1, { x: 1 }, 1, true]);
  });

  test('a job gets its context before the arguments, and its object as this', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, job }) => {
      const cached = cacheData(job(function load(ctx, a, b) { return [typeof ctx.progress, ctx.signal instanceof AbortSignal, this?.unit, a, b]; }));
      return [cached.name, await cached.call({ unit: 'm' }, 1, 2), cached.has(1, 2)];
    }), ['load', ['function', true, 'm', 1, 2], true]);
  });
}
