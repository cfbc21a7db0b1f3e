// Keys: which calls are the same call. The values, and what is alike, are in support/fixture/keys.js.

import assert from 'node:assert/strict';

export default function keys(test) {
  test('no two of many unlike lists of arguments share a key, and each shares its key with an equal one', async tab => {
    const { count, ...wrong } = await tab.run(async ({ cacheData }) => {
      const { distinct } = await import('/support/keys.js');
      const all = distinct();
      const cached = cacheData((...args) => args.length, { maxEntries: Infinity });
      const [collided, unlike] = [[], []];
      for (const [name, make] of all) {
        if (cached.has(...make())) collided.push(name);
        cached(...make());
        if (!cached.has(...make())) unlike.push(name);
      }
      return { count: all.length, entries: cached.stats().entries, collided, unlike };
    });
    assert.deepEqual(wrong, { entries: count, collided: [], unlike: [] });
    assert(count > 180, `${count} values`);
  });

  test('nor do they inside a list, as a property, or in a Map', async tab => {
    const { count, ...wrong } = await tab.run(async ({ cacheData }) => {
      const { distinct } = await import('/support/keys.js');
      const wraps = { list: args => [args], property: args => ({ args }), map: args => new Map([[args, 1]]), set: args => new Set([args]),
        'among others': args => ['a', ...args, 'b'] };
      const all = distinct().filter(([name]) => !/^(nothing|f\()/.test(name)); // of one argument, or they are the same inside
      const cached = cacheData(() => 1, { maxEntries: Infinity });
      const [collided, unlike] = [[], []];
      for (const [how, wrap] of Object.entries(wraps)) {
        for (const [name, make] of all) {
          if (cached.has(wrap(make()), how)) collided.push(`${how}: ${name}`);
          cached(wrap(make()), how);
          if (!cached.has(wrap(make()), how)) unlike.push(`${how}: ${name}`);
        }
      }
      return { count: all.length * Object.keys(wraps).length, entries: cached.stats().entries, collided, unlike };
    });
    assert.deepEqual(wrong, { entries: count, collided: [], unlike: [] });
  });

  test('what the documentation says makes no difference makes none', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { alike } = await import('/support/keys.js');
      const unlike = [];
      for (const [name, one, other] of alike()) {
        const cached = cacheData((...args) => args.length);
        cached(...one);
        if (!cached.has(...other) || !cached.has(...one)) unlike.push(name);
      }
      return unlike;
    }), []);
  });

  test('what one call has of an argument is no part of another: an argument that was changed is another', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData(list => list.length);
      const list = [1];
      const seen = [cached(list)];
      list.push(2);
      seen.push(cached(list), cached([1]), cached.stats().misses);
      return seen;
    }), [1, 2, 1, 2]);
  });

  test('an argument that another call changes while it is read has the key of how it was, or of how it is', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData(({ list }) => list.length);
      const list = [1];
      const argument = { get a() { if (list.length < 2) { list.push(2); cached({ list: [] }); } return 1; }, list };
      cached(argument);
      return [cached({ a: 1, list: [1, 2] }), cached({ a: 1, list: [1] }), cached({ list: [] })];
    }), [2, 1, 0]);
  });

  test('objects of another frame are what they are here', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      const there = frame.contentWindow;
      const list = there.Array(1, 2);
      const object = Object.assign(new there.Object(), { a: list });
      const pairs = [
        [list, [1, 2]], [object, { a: [1, 2] }], [new there.Map([[1, list]]), new Map([[1, [1, 2]]])], [new there.Set([1]), new Set([1])], [new there.Date(5), new Date(5)],
        [new there.RegExp('a', 'g'), /a/g], [there.Uint8Array.of(1, 2), Uint8Array.of(1, 2)], [there.Uint8Array.from({ length: 100 }), new Uint8Array(100)],
        [new there.ArrayBuffer(3), new ArrayBuffer(3)],
        [new there.DataView(new there.ArrayBuffer(3)), new DataView(new ArrayBuffer(3))], [new there.URL('https://example.org/'), new URL('https://example.org/')],
      ];
      return pairs.map(([theirs, ours]) => {
        const cached = cacheData(() => 1);
        cached(theirs);
        return cached.has(ours);
      });
    }), Array(11).fill(true));
  });

  test('parts that are shared over and over, 2 to the power of 40 paths through them, take no longer than their number', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const shapes = {
        list: part => [part, part], object: part => ({ a: part, b: part }), map: part => new Map([['a', part], ['b', part]]), set: part => new Set([[part], part]),
        mixed: part => ({ list: [part], again: part, map: new Map([[part, part]]) }),
      };
      return Object.entries(shapes).map(([name, wrap]) => {
        const cached = cacheData(() => name);
        const make = value => {
          for (let i = 0; i < 40; i++) value = wrap(value);
          return value;
        };
        cached(make([1]));
        return [cached.has(make([1])), cached.has(make([2])), cached.has(wrap(make([1])))];
      });
    }), Array(5).fill([true, false, false]), 'an equal one, another at the bottom, another depth');
  });

  test('a list of a million numbers, one of 100,000 objects and 16 MiB of bytes have keys of their own', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const makers = [
        at => { const list = Array.from({ length: 1_000_000 }, (_, i) => i); list[at] = -1; return list; },
        at => { const list = Array.from({ length: 100_000 }, (_, i) => ({ id: i, name: `name ${i}` })); if (list[at]) list[at].name += '!'; return list; },
        at => { const bytes = new Uint8Array(16 * 2 ** 20); bytes[at] = 1; return bytes; },
        at => { const floats = new Float64Array(2 ** 17); floats[at] = 1; return floats; },
      ];
      return makers.map(make => {
        const cached = cacheData(() => 1);
        cached(make(5));
        return [cached.has(make(5)), cached.has(make(6)), cached.has(make(99_999))];
      });
    }), Array(4).fill([true, false, false]));
  });

  for (const seed of [1, 2026]) {
    test(`of random values those that are alike share a key, and no others (seed ${seed})`, async tab => {
      const { wrong, pairs, same } = await tab.run(async ({ cacheData }, seed) => {
        const [{ seeded }, { areAlike, randomValues, remade }] = [await import('/support/values.js'), await import('/support/keys.js')];
        const random = seeded(seed);
        const next = randomValues(random);
        const wrong = [];
        let [pairs, same] = [0, 0];
        for (let round = 0; round < 60; round++) {
          const values = Array.from({ length: 60 }, () => next());
          values.push(...values.slice(0, 20).map(value => remade(value, random)));
          const cached = cacheData(() => 1);
          const args = [value => [value], value => [1, value], value => [value, { value }]][round % 3];
          for (const value of values) {
            cached.clear();
            cached(...args(value));
            for (const other of values) {
              const expected = areAlike(value, other);
              pairs++;
              same += expected;
              if (cached.has(...args(other)) !== expected) wrong.push(`round ${round}: ${values.indexOf(value)} and ${values.indexOf(other)}, alike: ${expected}`);
            }
          }
        }
        return { wrong: wrong.slice(0, 5), pairs, same };
      }, seed);
      assert.deepEqual(wrong, []);
      assert(pairs === 384_000 && same > pairs / 60 && same < pairs / 2, `${same} of ${pairs} are alike`);
    }, { timeout: 120_000 });
  }

  test('small plain arguments, which are compared without a key, find what the key finds', async tab => {
    const { wrong, calls, executions } = await tab.run(async ({ cacheData }) => {
      const [{ seeded }, { randomValues, remade }] = [await import('/support/values.js'), await import('/support/keys.js')];
      const random = seeded(7);
      const next = randomValues(random);
      const edges = [[0, -0, NaN, 1, '1', true, false, null, undefined, '', '[', 'a\0'], [[], [undefined], [,], {}, { a: undefined }], [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 2, b: 1 }],
        [[[1], 2], [1, [2]], [[1, 2]]], ['x'.repeat(100), `${'x'.repeat(50)}y${'x'.repeat(49)}`], [1.5, 2 ** 31, 2 ** 32, 2 ** 53, 1e300]].flat();
      const wrong = [];
      let calls = 0;
      let executions = 0;
      for (let round = 0; round < 200; round++) {
        const makers = [0, 1].map(() => { let made = 0; return () => made++; });
        // Functions for classes turn the short cut off.
        const [short, long] = [cacheData(makers[0], { copy: 'share' }), cacheData(makers[1], { copy: 'share', hashFuncs: new Map() })];
        const values = [...Array.from({ length: 30 }, () => next()), ...edges];
        for (let i = 0; i < 200; i++) {
          const pick = () => remade(values[Math.floor(random() * values.length)], random);
          const args = Array.from({ length: 1 + Math.floor(random() * 2) }, () => (random() < 0.5 ? pick() : { a: pick(), b: [pick()] }));
          const [one, other] = [short(...args), long(...args)];
          calls++;
          executions = Math.max(executions, one);
          if (one !== other) wrong.push(`round ${round}, call ${i}: ${one} and ${other}`);
        }
      }
      return { wrong: wrong.slice(0, 5), calls, executions };
    });
    assert.deepEqual(wrong, []);
    assert(executions > 50 && executions < 200, `${executions} of 200 calls are new, of ${calls} in all`);
  });

  test('ignore leaves arguments out of the key, and the function gets them', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting } = await import('/support/memo.js');
      const fn = counting((id, connection, limit) => `${id} by ${connection?.name} of ${limit}`);
      const cached = cacheData(fn, { ignore: [1] });
      const one = { name: 'one', close() {} };
      return [cached('a', one, 5), cached('a', { name: 'two', close() {} }, 5), cached('a', undefined, 5), cached('a', one, 6), cached('b', one, 5), cached('a'),
        cached('a', one), fn.calls.length,
        cacheData(fn, { ignore: [0, 1, 2, 9] })('x', 1, 2), cached.has('a', null, 5)];
    }), ['a by one of 5', 'a by one of 5', 'a by one of 5', 'a by one of 6', 'b by one of 5', 'a by undefined of undefined', 'a by undefined of undefined', 4,
      'x by undefined of 2', true]);
  });

  test('key() makes the key instead of all arguments, with the arguments and this of the call', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting } = await import('/support/memo.js');
      const fn = counting((user, options) => user.name + (options?.suffix ?? ''));
      const cached = cacheData(fn, { key: user => user.id });
      const seen = [cached({ id: 1, name: 'a' }), cached({ id: 1, name: 'b' }, () => {}), cached({ id: 2, name: 'c' }), cached({ id: '1', name: 'd' }), fn.calls.length];
      const structural = cacheData(x => x, { key: x => ({ parity: x % 2 }) });
      const bySelf = cacheData(function () { return this.id; }, { key() { return this.id; } });
      return [...seen, structural(1), structural(3), structural(2), bySelf.call({ id: 7 }), bySelf.call({ id: 8 }), bySelf.stats().misses];
    }), ['a', 'a', 'c', 'd', 3, 1, 1, 2, 7, 8, 2]);
  });

  test('the key of events is the same for equal arguments, and another for others', async tab => {
    assert.equal(await tab.run(async ({ cacheData, nextTurn }) => {
      const heard = [];
      const cached = cacheData(x => x);
      cached.subscribe(event => heard.push(event.key));
      const args = [{ a: 1, b: 2 }, { b: 2, a: 1 }, 1, 1, '1', '1', 'x'.repeat(1000), 'x'.repeat(1000)];
      for (const arg of args) {
        cached(arg);
        cached.clear(arg);
      }
      await nextTurn();
      const stored = heard.filter((_, i) => i % 2 === 0);
      return heard.every((key, i) => key === stored[Math.floor(i / 2)]) && stored.every((key, i) => key === stored[i ^ 1]) && new Set(stored).size === 4;
    }), true);
  });
}
