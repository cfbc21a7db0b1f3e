// How much is kept, and what goes first; who is told of what goes.

import assert from 'node:assert/strict';

const WAYS = [0, 'release a evicted, evict a evicted a', 'release b cleared, evict b cleared b', 'release c cleared, evict c cleared c',
  'release d expired, evict d expired d', 'release e cleared, evict e cleared e'];

export default function bounds(test) {
  test('of more than maxEntries the one that was not used for longest goes', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData(x => x, { maxEntries: 3 });
      const there = () => [1, 2, 3, 4, 5].filter(x => cached.has(x));
      [1, 2, 3].forEach(x => cached(x));
      cached(1);
      cached(4);
      const seen = [there()];
      cached(5);
      return [...seen, there(), cached.stats().evictions, cached.stats().entries];
    }), [[1, 3, 4], [1, 4, 5], 2, 3]);
  });

  test('a call is a use; peek, has, info, a failed refresh and other keys are none', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, thrownBy }) => {
      let fails = false;
      const cached = cacheData(x => { if (fails) throw new Error('no'); return x; }, { maxEntries: 2 });
      cached(1);
      cached(2);
      cached.peek(1);
      cached.has(1);
      cached.info(1);
      cached.stats();
      fails = true;
      thrownBy(() => cached.refresh(1));
      fails = false;
      cached(3);
      const looked = [1, 2, 3].filter(x => cached.has(x));
      cached.refresh(2);
      cached(4);
      return [looked, [1, 2, 3, 4].filter(x => cached.has(x))];
    }), [[2, 3], [2, 4]]);
  });

  test('in a long row of random uses what is there is what a list of recent uses says', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const random = (await import('/support/values.js')).seeded(99);
      const wrong = [];
      let recent = [];
      let calls = 0;
      const cached = cacheData(x => { calls++; return x; }, { maxEntries: 10 });
      let expectedCalls = 0;
      for (let i = 0; i < 20_000; i++) {
        const key = Math.floor(random() * 20);
        const what = random();
        if (what < 0.02) {
          cached.clear(key);
          recent = recent.filter(each => each !== key);
          continue;
        }
        if (what < 0.1) {
          if (cached.has(key) !== recent.includes(key)) wrong.push(i);
          continue;
        }
        if (what < 0.12) {
          cached.refresh(key);
          expectedCalls++;
        } else {
          cached(key);
          expectedCalls += !recent.includes(key);
        }
        recent = [key, ...recent.filter(each => each !== key)].slice(0, 10);
        if (calls !== expectedCalls) wrong.push(i);
      }
      const { entries } = cached.stats();
      return [wrong.slice(0, 5), entries === recent.length, Array.from({ length: 20 }, (_, x) => x).every(x => cached.has(x) === recent.includes(x))];
    }), [[], true, true]);
  });

  test('asynchronous values take their place when they settle, and one that is being made is not evicted', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred }) => {
      const { flying } = await import('/support/memo.js');
      const fly = flying({ deferred });
      const cached = cacheData(fly, { maxEntries: 2 });
      const calls = [1, 2, 3, 4].map(x => cached(x));
      for (const index of [3, 0, 2, 1]) {
        fly.flights[index].resolve(index + 1);
        await calls[index];
      }
      return [[1, 2, 3, 4].filter(x => cached.has(x)), cached.stats().evictions];
    }), [[2, 3], 2]);
  });

  test('1,000 entries of data are kept by default, of resources all', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, cacheResource }) => [cacheData(x => x), cacheResource(x => ({ x })), cacheData(x => x, { maxEntries: Infinity })].map(cached => {
      for (let i = 0; i < 1500; i++) cached(i);
      return [cached.stats().entries, cached.has(499), cached.has(500)];
    })), [[1000, false, true], [1500, true, true], [1500, true, true]]);
  });

  test('maxBytes bounds what the values take together, by sizeOf', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, cacheResource, nextTurn }) => {
      const seen = [];
      for (const cache of [cacheData, cacheResource]) {
        const told = [];
        const cached = cache(async size => ({ size }), { maxBytes: 100, sizeOf: ({ size }) => size, onRelease: ({ size }, reason) => told.push(`${size} ${reason}`) });
        for (const size of [40, 30, 20]) await cached(size);
        await cached(40); // used again
        seen.push(cached.stats().bytes, cached.info(30).bytes);
        await cached(25);
        seen.push([40, 30, 20, 25].filter(size => cached.has(size)), cached.stats().bytes);
        seen.push(await cached(101), cached.has(101), cached.stats().bytes);
        await cached(100);
        await nextTurn();
        seen.push(cached.stats().entries, cached.stats().bytes, [...told], cached.stats().evictions);
        cached.clear();
        seen.push(cached.stats().bytes);
      }
      return seen;
    }), Array(2).fill([90, 30, [40, 20, 25], 85, { size: 101 }, false, 85, 1, 100, ['30 evicted', '101 evicted', '20 evicted', '40 evicted', '25 evicted'], 4, 0]).flat());
  });

  test('without sizeOf a value takes about what it takes in memory', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData(n => ({ text: 'x'.repeat(n), map: new Map([[n, new Date(0)]]) }), { maxBytes: 100_000 });
      const bytes = [0, 1000, 10_000].map(n => (cached(n), cached.info(n).bytes));
      for (let i = 0; i < 30; i++) cached(10_001 + i);
      const { entries, bytes: all } = cached.stats();
      cached(60_000);
      return [bytes[0] > 0 && bytes[0] < 300, bytes[1] - bytes[0], bytes[2] - bytes[1], entries >= 4 && entries < 10, all <= 100_000, cached.has(60_000), cached.stats().entries === entries];
    }), [true, 2000, 18_000, true, true, false, true]);
  });

  test('what a value takes is counted by its parts: once if it stands twice, none for holes, and all of a buffer', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const bytesOf = (value, copy = 'share') => {
        const cached = cacheData(() => value, { maxBytes: 1e12, copy });
        cached();
        return cached.stats().bytes;
      };
      const part = { text: 'x'.repeat(500) };
      const cycle = { part };
      cycle.self = cycle;
      const sparse = [];
      sparse[4_000_000_000] = 1;
      const buffer = new ArrayBuffer(1000);
      return [
        [1, 'ab', true, null, undefined, NaN, 1n].map(value => bytesOf(value)), bytesOf(part), bytesOf([part, part, part]) - bytesOf([part]), bytesOf(cycle) - bytesOf({ part }),
        bytesOf(sparse), bytesOf(buffer), bytesOf([new Uint8Array(buffer, 0, 1), new DataView(buffer, 8)]) - bytesOf(buffer), bytesOf(new Blob(['x'.repeat(1000)])) > 1000,
        bytesOf(Object.assign(new Error('x'.repeat(1000)), { own: 'y'.repeat(1000) })) > 4000, [() => 1, Symbol('s'), new (class { text = 'x'.repeat(100); })()].map(value => bytesOf(value)),
        bytesOf(part) === bytesOf(part, 'clone'),
      ];
    }), [[8, 12, 8, 8, 8, 8, 9], 24 + 8 + 8 + 1000, 16, 16, 32, 1024, 80, true, true, [8, 8, 24], true]);
  });

  test('of random values it is within a factor of 8 of the text that session state would store', async tab => {
    const factors = await tab.run(({ cacheData, sessionStore }, seed) => {
      let state = seed;
      const random = n => {
        state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
        return (state >>> 0) % n;
      };
      const makers = [
        () => random(1e9) / (1 + random(1000)), () => random(10), () => 'x'.repeat(random(40)), () => random(2) === 1, () => null, () => undefined, () => BigInt(random(1e9)) ** 3n, () => -0,
        () => new Date(random(1e9)), () => /a+b/gi, () => new Uint8Array(random(50)), () => new Float64Array(random(10)), () => new TypeError('no'),
      ];
      function make(depth, known) {
        if (known.length > 0 && random(8) === 0) return known[random(known.length)]; // shared, or a cycle
        if (depth === 0 || random(2) === 0) return makers[random(makers.length)]();
        const count = random(6);
        const kind = random(4);
        const value = [[], {}, new Map(), new Set()][kind];
        known.push(value);
        for (let i = 0; i < count; i++) {
          const part = make(depth - 1, known);
          if (kind === 0) value.push(part);
          else if (kind === 1) value[`key${i}`] = part;
          else if (kind === 2) value.set(i, part);
          else value.add(part);
        }
        return value;
      }
      const store = sessionStore({ storage: 'session' });
      const factors = [];
      for (let i = 0; i < 2000; i++) {
        const value = [make(4, [])];
        const cached = cacheData(() => value, { maxBytes: 1e12, copy: 'share' });
        cached();
        store.set('v', value);
        store.flush();
        factors.push(cached.stats().bytes / (store.usage('v') - 2 * 'taskloom::v'.length));
        cached.dispose();
      }
      return [Math.min(...factors), Math.max(...factors)];
    }, 20261201);
    assert(factors[0] > 1 / 8 && factors[1] < 8, `${factors}`);
  });

  test('sizes need not be whole numbers: they are rounded up, and the bound down', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData(size => size, { maxBytes: 3.5, sizeOf: size => size });
      const sizes = [3.1, 0.5, 0.51, 1, 0.53];
      sizes.forEach(size => cached(size)); // without the first, four of one each
      return [sizes.map(size => cached.has(size)), cached.stats().bytes];
    }), [[false, false, true, true, true], 3]);
  });

  test('a refreshed value that has become too large goes, and takes the old one with it', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      let size = 10;
      const told = [];
      const cached = cacheData(() => size, { maxBytes: 100, sizeOf: value => value, onRelease: (value, reason) => told.push(`${value} ${reason}`) });
      cached();
      size = 500;
      const got = cached.refresh();
      await nextTurn();
      return [got, cached.has(), cached.stats().bytes, told.sort()];
    }), [500, false, 0, ['10 evicted', '500 evicted']]);
  });

  test('a sizeOf that gives no size or throws fails the call', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, thrownBy, rejectionOf }) => {
      const seen = [];
      for (const size of [-1, NaN, '5', undefined, null, 5n]) {
        const options = { sizeOf: () => size };
        const [sync, later] = [cacheData(x => x, options), cacheData(async x => x, options)];
        const errors = [thrownBy(() => sync(1)), await rejectionOf(later(1))];
        seen.push(errors.every(({ code, message }) => code === 'invalid-argument' && message.includes('sizeOf')), sync.has(1), later.stats().inFlight);
      }
      seen.push(thrownBy(() => cacheData(x => x, { sizeOf() { throw new RangeError('no size'); } })(1)).message);
      return seen;
    }), [...Array(6).fill([true, false, 0]).flat(), 'no size']);
  });

  test('onEvict and onRelease hear of each way to go with its reason, in a microtask after it', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, cacheResource, nextTurn, until }) => {
      const all = [];
      for (const cache of [cacheData, cacheResource]) {
        const told = [];
        let valid = true;
        const make = options => cache(x => x, {
          onEvict: (value, reason, key) => told.push(`evict ${value} ${reason} ${String(key)}`), onRelease: (value, reason) => told.push(`release ${value} ${reason}`), ...options,
        });
        const heard = async () => { await nextTurn(); return told.splice(0).join(', '); };
        const cached = make({ maxEntries: 1, ...(cache === cacheResource ? { validate: () => valid } : {}) });
        cached('a');
        cached('b');
        const during = told.length;
        const seen = [during, await heard()];
        cached.clear('b');
        seen.push(await heard());
        cached('c');
        cached.clear();
        seen.push(await heard());
        const expiring = make({ ttl: 20 });
        expiring('d');
        await until(() => expiring.stats().entries === 0);
        seen.push(await heard());
        const disposed = make({});
        disposed('e');
        disposed[Symbol.dispose]();
        seen.push(await heard());
        if (cache === cacheResource) {
          cached('f');
          valid = false;
          cached('f');
          seen.push(await heard());
        }
        all.push(seen);
      }
      let n = 0;
      const replacing = [];
      const refreshed = cacheData(() => ++n, { onEvict: (value, reason) => replacing.push(`evict ${value} ${reason}`),
        onRelease: (value, reason) => replacing.push(`release ${value} ${reason}`) });
      refreshed();
      refreshed.refresh();
      await nextTurn();
      return [...all, replacing];
    }), [
      WAYS,
      [...WAYS, 'release f invalid, evict f invalid f'],
      ['release 1 replaced'],
    ]);
  });

  test('what those callbacks throw is reported, and harms nothing; they may call the cache', async tab => {
    tab.expectProblem(/evict's own/);
    tab.expectProblem(/release's own/);
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      const cached = cacheData(x => x, { maxEntries: 2, onEvict() { throw new Error("evict's own"); }, onRelease() { throw new Error("release's own"); } });
      [1, 2, 3].forEach(x => cached(x));
      await nextTurn();
      let again = 0;
      const busy = cacheData(x => x, { maxEntries: 1, onEvict: value => { if (again++ < 50) busy(value); } });
      busy(1);
      busy(2);
      await nextTurn();
      return [cached.stats().entries, cached(3), busy.stats().entries, again];
    }), [2, 3, 1, 51]);
  });
}
