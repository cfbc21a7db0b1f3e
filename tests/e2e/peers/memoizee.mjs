// memoizee 0.4, by its readme.

import assert from 'node:assert/strict';

export default function memoizee(test) {
  test('by default the arguments are compared by what they are; a normalizer of one\'s own is key()', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting } = await import('/support/memo.js');
      const fn = counting((one, two, three) => [one, two, three].join());
      const cached = cacheData(fn);
      const seen = [cached('one', 3, 'true'), cached('one', 3, 'true'), cached('one', '3', 'true'), fn.calls.length];
      const normalized = cacheData(counting(x => x.id), { key: ({ id }) => id });
      return [...seen, normalized({ id: 1, other: 1 }), normalized({ id: 1, other: 2 }), normalized.stats().misses];
    }), ['one,3,true', 'one,3,true', 'one,3,true', 2, 1, 1, 1]);
  });

  test('primitive: what takes its text for a key takes 1 for "1"; here types count', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const typed = cacheData(x => typeof x);
      const texts = cacheData(x => typeof x, { key: String });
      return [typed(1), typed('1'), texts(1), texts('1')];
    }), ['number', 'string', 'number', 'number']);
  });

  test('length: any number of arguments counts; a fixed one is made by ignore or key()', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const any = cacheData((...args) => args.length);
      const two = cacheData((...args) => args.length, { key: (...args) => args.slice(0, 2) });
      return [any(1, 2), any(1, 2, 3), two(1, 2), two(1, 2, 3)];
    }), [2, 3, 2, 2]);
  });

  test('promise: what rejects is dropped; cancelled callers have it dropped too', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, rejectionOf, deferred }) => {
      let n = 0;
      const cached = cacheData(async () => { if (++n === 1) throw new Error('no'); return n; });
      const first = (await rejectionOf(cached())).message;
      const controller = new AbortController();
      const waiting = cacheData(() => deferred().promise);
      const left = rejectionOf(waiting.with({ signal: controller.signal })());
      controller.abort();
      return [first, await cached(), (await left).name, waiting.info() === undefined];
    }), ['no', 2, 'AbortError', true]);
  });

  test('maxAge, and preFetch, which is refresh background: a value is made anew behind the one that is served', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      let n = 0;
      const [plain, prefetched] = [cacheData(() => ++n, { ttl: 1000 }), cacheData(() => ++n, { ttl: 670, refresh: 'background' })];
      const seen = [plain(), prefetched()];
      clock.pass(999);
      seen.push(plain(), prefetched());
      await until(() => prefetched.peek() === 3);
      clock.pass(1);
      return [...seen, plain(), prefetched()];
    }), [1, 2, 1, 2, 4, 3]);
  });

  test('max: the least recently used result goes, and dispose hears of it', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, nextTurn }) => {
      const disposed = [];
      const cached = cacheData(x => x, { maxEntries: 2, onRelease: value => disposed.push(value) });
      ['a', 'b', 'a', 'c'].forEach(x => cached(x));
      await nextTurn();
      return [cached.has('a'), cached.has('b'), disposed];
    }), [true, false, ['b']]);
  });

  test('delete(...args) and clear()', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData((a, b) => a + b);
      [[1, 2], [3, 4]].forEach(args => cached(...args));
      cached.clear(1, 2);
      const one = [cached.has(1, 2), cached.has(3, 4)];
      cached.clear();
      return [one, cached.has(3, 4)];
    }), [[false, true], false]);
  });

  test('a circular invocation is refused', async tab => {
    assert.equal(await tab.run(({ cacheData, thrownBy }) => {
      const cached = cacheData(x => cached(x));
      return thrownBy(() => cached(1)).code;
    }), 'recursive-call');
  });

  test('methods, lazily bound to each instance in memoizee, are decorated, and one cache may be each instance\'s own', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      class Service {
        constructor(id) {
          this.id = id;
          this.own = cacheData(x => `${this.id} ${x}`);
        }
      }
      const [a, b] = [new Service('a'), new Service('b')];
      return [a.own(1), b.own(1), a.own(1), a.own.stats().misses];
    }), ['a 1', 'b 1', 'a 1', 1]);
  });

  test('profiling: statistics of each cache', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData(x => x);
      [1, 1, 2, 1].forEach(x => cached(x));
      const { hits, misses } = cached.stats();
      return [hits, misses];
    }), [2, 2]);
  });
}
