// st.cache_data and st.cache_resource of Streamlit 1.5x, by their documentation; its seconds are our milliseconds.

import assert from 'node:assert/strict';

export default function streamlitCache(test) {
  test('cache_data: each caller gets its own copy, so that mutating it does not change the cache', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const frame = cacheData(() => ({ columns: [[1, 2], [3, 4]] }));
      frame().columns[0].push('mutated');
      const second = frame();
      second.columns.length = 0;
      return frame();
    }), { columns: [[1, 2], [3, 4]] });
  });

  test('cache_data: what can\'t be copied is refused, as what can\'t be pickled', async tab => {
    assert.equal(await tab.run(({ cacheData, thrownBy }) => thrownBy(() => cacheData(() => ({ fn() {} }))()).code), 'not-serializable');
  });

  test('cache_data: the function runs again when its arguments are others, of another type too', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting } = await import('/support/memo.js');
      const fn = counting(x => typeof x);
      const cached = cacheData(fn);
      return [[1, '1', 1n, [1], { a: 1 }, 1, '1', { a: 1 }].map(x => cached(x)), fn.calls.length];
    }), [['number', 'string', 'bigint', 'object', 'object', 'number', 'string', 'object'], 5]);
  });

  test('ttl is a number or a text such as "1h30m", and max_entries lets the oldest go', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      const cached = cacheData(x => x, { ttl: '1h30m', maxEntries: 2 });
      [1, 2, 3].forEach(x => cached(x));
      const there = [1, 2, 3].map(x => cached.has(x));
      clock.pass(5_400_000);
      return [there, [1, 2, 3].map(x => cached.has(x))];
    }), [[false, true, true], [false, false, false]]);
  });

  test('an argument that can\'t be hashed raises, and names itself', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, describe }) => {
      class Connection {}
      const cached = cacheData((connection, query) => query);
      try {
        cached(new Connection(), 'select');
      } catch (error) {
        return [describe(error).code, error.path, error.message.includes('Connection')];
      }
    }), ['unhashable-param', 'args[0]', true]);
  });

  test('an underscore before an argument keeps it out of the key, as ignore does', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting } = await import('/support/memo.js');
      class Connection {}
      const fn = counting((connection, query) => `${query} by ${connection.constructor.name}`);
      const cached = cacheData(fn, { ignore: [0] });
      return [cached(new Connection(), 'select'), cached(new Connection(), 'select'), cached(new Connection(), 'insert'), fn.calls.length];
    }), ['select by Connection', 'select by Connection', 'insert by Connection', 2]);
  });

  test('hash_funcs makes the key of a type, of its subclasses too', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting } = await import('/support/memo.js');
      class Settings { constructor(name) { this.name = name; } }
      class Mine extends Settings {}
      const fn = counting(({ name }) => name);
      const cached = cacheData(fn, { hashFuncs: new Map([[Settings, ({ name }) => name]]) });
      return [cached(new Settings('a')), cached(new Settings('a')), cached(new Settings('b')), cached(new Mine('b')), fn.calls.length];
    }), ['a', 'a', 'b', 'b', 2]);
  });

  test('a class\'s methods: with _self the instance is no part of the key, with hash_funcs it is', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { decorated } = await import('/support/memo.js');
      class One { constructor(n) { this.n = n; } add(x) { return this.n + x; } }
      class Two { constructor(n) { this.n = n; } add(x) { return this.n + x; } }
      decorated(cacheData, One.prototype, 'add');
      decorated(cacheData({ hashFuncs: new Map([[Two, two => two.n]]) }), Two.prototype, 'add');
      return [new One(1).add(1), new One(2).add(1), new Two(1).add(1), new Two(2).add(1)];
    }), [2, 2, 2, 3]);
  });

  test('func.clear(*args) lets one value go, func.clear() all', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData((a, b) => a * b);
      cached(1, 2);
      cached(3, 4);
      cached.clear(1, 2);
      const one = [cached.has(1, 2), cached.has(3, 4)];
      cached.clear();
      return [one, cached.has(3, 4)];
    }), [[false, true], false]);
  });

  test('what a function raises is not cached', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, thrownBy }) => {
      let n = 0;
      const cached = cacheData(() => { if (++n < 2) throw new RangeError('no'); return n; });
      return [thrownBy(() => cached()).name, cached(), cached()];
    }), ['RangeError', 2, 2]);
  });

  test('refresh_mode background serves the old value while one refresh runs', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      const clock = (await import('/support/memo.js')).stoppedClock();
      let n = 0;
      const cached = cacheData(async () => ++n, { ttl: 1000, refresh: 'background' });
      const seen = [await cached()];
      clock.pass(1000);
      seen.push(...await Promise.all([cached(), cached(), cached()]));
      await until(() => cached.peek() === 2);
      return [...seen, await cached(), n];
    }), [1, 1, 1, 1, 2, 2]);
  });

  test('cache_resource: all callers get the one object, a singleton that they may change', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheResource }) => {
      class Model { weights = []; }
      const model = cacheResource(() => new Model());
      model().weights.push(1);
      const later = cacheResource(async () => new Model());
      const all = await Promise.all([later(), later()]);
      return [model() === model(), model().weights, all[0] === all[1], all[0] === await later()];
    }), [true, [1], true, true]);
  });

  test('cache_resource: validate is asked at each access, and on a no the object is made anew', async tab => {
    assert.deepEqual(await tab.run(({ cacheResource }) => {
      let n = 0;
      const connection = cacheResource(() => ({ n: ++n, open: true }), { validate: ({ open }) => open });
      const first = connection();
      const same = connection() === first;
      first.open = false;
      return [same, connection().n, connection().n];
    }), [true, 2, 2]);
  });

  test('cache_resource: on_release closes what goes, by ttl, by max_entries, by clear() and by validate', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheResource, nextTurn, until }) => {
      const closed = [];
      const make = options => cacheResource(name => ({ name }), { onRelease: ({ name }, reason) => closed.push(`${name} ${reason}`), ...options });
      const [bounded, checked, timed] = [make({ maxEntries: 1 }), make({ validate: () => false }), make({ ttl: 20 })];
      bounded('a');
      bounded('b');
      bounded.clear();
      checked('c');
      checked('c');
      checked.clear();
      timed('d');
      await until(() => timed.stats().entries === 0);
      await nextTurn();
      return closed;
    }), ['a evicted', 'b cleared', 'c invalid', 'c cleared', 'd expired']);
  });
}
