// What callers get: copies of their own, one frozen value, or the value itself.

import assert from 'node:assert/strict';

export default function copies(test) {
  test('by default each caller gets a copy of its own, the first one too: who changes it changes nobody\'s', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const seen = [];
      for (const wrap of [value => value, async value => value]) {
        let made;
        const cached = cacheData(() => wrap(made = { list: [1, { deep: true }], text: 'a' }));
        const spoil = value => {
          value.list[1].deep = 'spoilt';
          value.list.push('more');
          value.text = 'b';
          delete value.list[0];
        };
        for (let i = 0; i < 3; i++) spoil(await cached());
        spoil(made);
        spoil(cached.peek());
        spoil(await cached.refresh());
        seen.push(JSON.stringify(await cached()), JSON.stringify(cached.peek()), await cached() === await cached());
      }
      return seen;
    }), Array(2).fill(['{"list":[1,{"deep":true}],"text":"a"}', '{"list":[1,{"deep":true}],"text":"a"}', false]).flat());
  });

  test('all who share one execution get copies of their own', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const cached = cacheData(async () => ({ list: [] }));
      const values = await Promise.all(Array.from({ length: 5 }, () => cached()));
      values.forEach((value, i) => value.list.push(i));
      return [new Set(values).size, values.map(value => value.list), await cached()];
    }), [5, [[0], [1], [2], [3], [4]], { list: [] }]);
  });

  test('a copy has all that structured clone keeps, shared and cyclic parts too', async tab => {
    assert.deepEqual(await tab.run(async ({ TaskloomError, NonRetryableError, cacheData }) => {
      const { difference, samples } = await import('/support/values.js');
      difference.ignoreStacks = true;
      const wrong = [];
      const all = samples({ TaskloomError, NonRetryableError });
      for (const [name, make] of Object.entries(all)) {
        if (/boxed|error|Error|causes|box$|very deep|bare|many holes|of a part|DataView/.test(name)) continue; // as structuredClone has them, which the next test looks at
        const sync = cacheData(make);
        const later = cacheData(async () => make());
        for (const got of [sync(), sync(), sync.peek(), await later(), await later()]) {
          const found = difference(make(), got);
          if (found) wrong.push(`${name}${found}`);
        }
        if (typeof make() === 'object' && make() !== null && sync() === sync()) wrong.push(`${name} is shared`);
      }
      return wrong;
    }), []);
  });

  test('errors, boxes, views and what is very deep are copied as structuredClone does', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      let deep = [];
      for (let i = 0; i < 1000; i++) deep = [deep];
      const { buffer } = Uint8Array.of(1, 2, 3, 4);
      const value = {
        error: new RangeError('mine', { cause: 5 }), box: Object(5), deep, blob: new Blob(['abc']), view: new DataView(buffer, 1, 2), same: [new Uint8Array(buffer, 2), buffer],
      };
      const cached = cacheData(() => value);
      cached();
      const [one, two] = [cached(), cached()];
      let depth = 0;
      for (let at = one.deep; at.length > 0; at = at[0]) depth++;
      return [
        one.error instanceof RangeError, one.error.message, one.error.cause, one.error === two.error, one.box instanceof Number, one.box === two.box, depth,
        one.blob.size, one.view.byteOffset, one.view.getUint8(0),
        one.same[0].buffer === one.same[1], one.same[1] === two.same[1], one.same[1] === buffer,
      ];
    }), [true, 'mine', 5, false, true, false, 1000, 3, 1, 2, true, false, false]);
  });

  test('Map, Set, Date and binary data of one caller are not those of another', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData(() => ({ map: new Map([['a', { n: 1 }]]), set: new Set([1]), date: new Date(1), bytes: Uint8Array.of(1), buffer: new ArrayBuffer(1), list: [[1]] }));
      cached();
      const one = cached();
      one.map.get('a').n = 2;
      one.map.set('b', 2);
      one.set.add(2);
      one.date.setTime(5);
      one.bytes[0] = 2;
      new Uint8Array(one.buffer)[0] = 2;
      one.list[0].push(2);
      const two = cached();
      return [two.map.size, two.map.get('a').n, two.set.size, two.date.getTime(), two.bytes[0], new Uint8Array(two.buffer)[0], two.list];
    }), [1, 1, 1, 1, 1, 0, [[1]]]);
  });

  test('properties by symbols are not shared between callers either', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const symbol = Symbol('s');
      return ['clone', 'freeze'].map(copy => {
        const cached = cacheData(() => ({ a: 1, [symbol]: { n: 1 } }), { copy });
        cached();
        try {
          cached()[symbol].n = 2;
        } catch {
          // it is not there, or frozen
        }
        return cached()[symbol]?.n ?? 1;
      });
    }), [1, 1]);
  });

  test('random values are copied without a loss', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => import('/support/values.js').then(({ difference, generator }) => {
      difference.ignoreStacks = true;
      globalThis.DOMException = Error; // Firefox spoils the message of a DOMException each time it clones one
      const { any, plain } = generator(7);
      const wrong = [];
      for (let i = 0; i < 4000; i++) {
        const value = i % 2 ? plain() : any();
        const expected = i % 2 ? structuredClone(value) : value; // of errors structured clone by itself keeps less
        const cached = cacheData(() => value);
        cached(); // who has the function called gets what it made
        for (const got of [cached(), cached()]) {
          const found = difference(expected, got);
          if (found !== undefined) wrong.push(`${i}${found}`);
        }
      }
      return wrong.slice(0, 5);
    })), []);
  });

  test('what can not be copied fails the call with not-serializable, whose message has the path, and is not kept', async tab => {
    const messages = await tab.run(async ({ cacheData, thrownBy, rejectionOf }) => {
      class Point {}
      const values = {
        '()': new Point(), '().a.b[1]': { a: { b: [1, new Point()] } }, '().f': { f() {} }, '()[0]': [Symbol('s')],
        '().m.get("k")': { m: new Map([['k', new Point()]]) }, '().s.values()': { s: new Set([() => {}]) },
        '().list': { list: new (class extends Array {})() }, '() ': () => {}, '().keys()': new Map([[new Point(), 1]]),
      };
      const all = {};
      for (const [path, value] of Object.entries(values)) {
        for (const copy of path === '()[0]' ? ['clone'] : ['clone', 'freeze']) { // a symbol needs no freezing
          const sync = cacheData(function query() { return value; }, { copy });
          const later = cacheData(async function query() { return value; }, { copy });
          const errors = [thrownBy(() => sync(1)), await rejectionOf(later(1)), await rejectionOf(later.refresh(1))];
          if (sync.has(1) || later.has(1) || sync.stats().failures !== 1) throw new Error(`${path} is kept`);
          for (const { code, message } of errors) (all[path.trim()] ??= new Set()).add(`${code} ${message}`);
        }
      }
      return Object.entries(all).map(([path, texts]) => [path, [...texts]]);
    });
    assert.equal(messages.length, 8);
    for (const [path, texts] of messages) for (const text of texts) assert(text.startsWith(`not-serializable the value of query${path} can't be copied`), text);
  });

  test('a promise, a WeakMap or a window in the value fails the call with not-serializable as well', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, thrownBy }) => [
      () => [Promise.resolve()], () => ({ map: new WeakMap() }), () => ({ ref: new WeakRef({}) }), () => [document.body], () => [window], () => [(function* () {})()],
    ].map(make => thrownBy(() => cacheData(make)()).code)), Array(6).fill('not-serializable'));
  });

  test('freeze gives all the one value, frozen through and through', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const seen = [];
      for (const wrap of [value => value, async value => value]) {
        const shared = { n: 1 };
        const made = { list: [1, [shared]], shared, bare: Object.assign(Object.create(null), { a: {} }) };
        made.self = made;
        const cached = cacheData(() => wrap(made), { copy: 'freeze' });
        const values = [await cached(), await cached(), cached.peek()];
        const parts = value => [value, value.list, value.list[1], value.list[1][0], value.shared, value.bare, value.bare.a];
        seen.push(new Set(values).size, parts(values[0]).every(Object.isFrozen), values[0].self === values[0], values[0].list[1][0] === values[0].shared);
      }
      return seen;
    }), Array(2).fill([1, true, true, true]).flat());
  });

  test('what freezing does not protect is cloned', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => [new Map([[1, { n: 1 }]]), new Set([1]), new Date(1), Uint8Array.of(1), [1, { when: new Date(1) }],
      { buffer: new ArrayBuffer(1) }].map(value => {
      const cached = cacheData(() => value, { copy: 'freeze' });
      cached();
      const [one, two] = [cached(), cached()];
      one.set?.(1, 'spoilt');
      return [one === two, one === value, Object.isFrozen(value), JSON.stringify(cached()) === JSON.stringify(two)];
    })), Array(6).fill([false, false, false, true]));
  });

  test('a primitive is itself, and share gives all the value itself, whatever it is', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      class Point {}
      const values = [new Point(), () => {}, Symbol('s'), { a: [1] }, new Map(), document.body];
      const seen = [];
      for (const value of values) {
        const [sync, later] = [cacheData(() => value, { copy: 'share' }), cacheData(async () => value, { copy: 'share' })];
        seen.push([sync(), sync(), sync.peek(), await later(), await later(), later.peek()].every(got => got === value) && !Object.isFrozen(value) | (typeof value === 'symbol'));
      }
      const primitive = cacheData(() => 'text', { copy: 'freeze' });
      return [seen.map(Boolean), primitive(), primitive()];
    }), [Array(6).fill(true), 'text', 'text']);
  });

  test('arguments that the function keeps or changes are the caller\'s own, and the key is of how they were', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData(list => { list.push(0); return list; });
      const list = [1];
      const got = cached(list);
      list.push(9);
      return [got === list, cached([1]), cached.has([1, 0])];
    }), [true, [1, 0], false]);
  });
}
