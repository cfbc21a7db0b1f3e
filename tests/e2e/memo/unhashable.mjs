// Arguments that have no key: what the error says, and the functions of hashFuncs that give them one.

import assert from 'node:assert/strict';

export default function unhashable(test) {
  test('what has no key is refused with unhashable-param, whose path and message name the place', async tab => {
    const seen = await tab.run(({ cacheData, describe }) => {
      class Point {}
      class List extends Array {}
      class Dictionary extends Map {}
      const point = new Point();
      const calls = {
        'args[0]': [() => {}], 'args[1]': [1, Symbol('s')], 'args[0] ': [point], 'args[0].a.b': [{ a: { b: point } }], 'args[0][2]': [[1, [2], () => {}]],
        'args[2][0].f': [1, [2], [{ f() {} }]],
        'args[0].get("k")': [new Map([['k', point]])], 'args[0].keys()': [new Map([[point, 1]])], 'args[0].values()': [new Set([1, Symbol.iterator])],
        'args[0].get("a")[1].x': [new Map([['a', [1, { x: point }]]])],
        'args[1] ': [1, new WeakMap()], 'args[0]  ': [new List(1, 2)], 'args[0].d': [{ d: new Dictionary() }], 'args[0]   ': [Promise.resolve()],
        'args[0]    ': [document.body], 'args[0].e': [{ e: new Error('e') }],
        'args[0]     ': [Object(1)], 'args[0].box': [{ box: Object('s') }], 'args[0]      ': [(function* () {})()],
        'args[0]       ': [new (class extends Date {})()], 'args[0]        ': [Object.create({ inherited: 1 })],
        'args[0]         ': [new Proxy(() => {}, {})], 'args[0].w': [{ w: window }], 'args[0].ref': [{ ref: new WeakRef({}) }],
        'args[0].blob': [{ blob: new Blob([]) }], 'args[0].mine': [{ mine: { [Symbol.toStringTag]: 'Mine' } }],
      };
      const cached = cacheData(function query() {});
      return Object.entries(calls).map(([path, args]) => {
        try {
          cached(...args);
          return [path, 'nothing thrown'];
        } catch (error) {
          const { code, message } = describe(error);
          return [path.trim(), code, error.path, message.startsWith(`query(): ${path.trim()} is `), /hashFuncs/.test(message)];
        }
      });
    });
    assert.equal(seen.length, 26);
    for (const [path, ...rest] of seen) assert.deepEqual([path, ...rest], [path, 'unhashable-param', path, true, true]);
  });

  test('the message says what it is', async tab => {
    const messages = await tab.run(({ cacheData, thrownBy }) => {
      class Point {}
      const cached = cacheData(x => x);
      return [new Point(), () => {}, Symbol('s'), new (class extends Array {})()].map(arg => thrownBy(() => cached([arg])).message);
    });
    for (const [index, what] of ['an instance of Point', 'a function', 'a symbol', 'an instance of'].entries()) assert(messages[index].includes(what), messages[index]);
  });

  test('an asynchronous function rejects, its cache is as before, and so is what follows', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, rejectionOf, job }) => {
      const later = cacheData(async x => x);
      const asJob = cacheData(job((_, x) => x));
      const codes = [(await rejectionOf(later(Symbol('s')))).code, (await rejectionOf(later.refresh(() => {}))).code, (await rejectionOf(asJob(() => {}))).code];
      const { entries, misses, inFlight } = later.stats();
      return [codes, entries, misses, inFlight, await later([{ a: 1 }]), later.has([{ a: 1 }])];
    }), [Array(3).fill('unhashable-param'), 0, 0, 0, [{ a: 1 }], true]);
  });

  test('where the object of the method has no key either, the argument is named', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, thrownBy }) => {
      class Service {}
      Service.prototype.load = cacheData(x => x);
      class Point {}
      const api = { load: cacheData(x => x), other() {} };
      const keyed = { load: cacheData(x => x, { key: x => [x] }), other() {} };
      return [() => new Service().load(Symbol('s')), () => api.load(1, [() => {}]), () => new Service().load({ p: new Point() }), () => keyed.load(Symbol('s'))].map(call => {
        try {
          call();
        } catch (error) {
          return error.path;
        }
      });
    }), ['args[0]', 'args[1][0]', 'args[0].p', 'the result of key()[0]']);
  });

  test('an ignored argument needs no key, and the path counts it', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData((a, b) => b, { ignore: [0] });
      const seen = [cached(() => {}, 1)];
      try {
        cached(() => {}, { x: Symbol('s') });
      } catch (error) {
        seen.push(error.path);
      }
      return seen;
    }), [1, 'args[1].x']);
  });

  test('what a getter, a proxy or key() itself throws comes through as it is', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, thrownBy }) => {
      const cached = cacheData(() => 1);
      const fail = Class => { throw new Class('mine'); };
      const keyed = cacheData(() => 1, { key: () => fail(RangeError) });
      const seen = [
        () => cached({ get a() { return fail(TypeError); } }), () => cached([{ get a() { return fail(RangeError); } }]),
        () => cached(new Proxy({}, { ownKeys: () => fail(EvalError) })),
        () => cached([new Proxy({}, { getPrototypeOf: () => fail(SyntaxError) })]), () => keyed(1), () => cached({ get a() { throw 'a text'; } }),
      ].map(call => {
        const { name, message, thrown } = thrownBy(call);
        return thrown ?? `${name} ${message}`;
      });
      return [seen, cached(1), cached.stats().misses];
    }), [['TypeError mine', 'RangeError mine', 'EvalError mine', 'SyntaxError mine', 'RangeError mine', 'a text'], 1, 1]);
  });

  test('what is nested too deep for a key, and a revoked proxy, fail that call alone', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, thrownBy }) => {
      const cached = cacheData(x => typeof x);
      let deep = [];
      for (let i = 0; i < 1_000_000; i++) deep = [deep];
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      const errors = [thrownBy(() => cached(deep)), thrownBy(() => cached({ a: deep })), thrownBy(() => cached(proxy)), thrownBy(() => cached([proxy]))];
      return [errors[0].code, errors[1].code, /deep/.test(errors[0].message), errors[2].code ?? errors[2].name, errors[3].code ?? errors[3].name, cached([[]]),
        cached.stats().entries];
    }), ['unhashable-param', 'unhashable-param', true, 'TypeError', 'TypeError', 'object', 1]);
  });

  test('hashFuncs says what stands for an instance, the nearest class of it, wherever it is', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData }) => {
      const { counting } = await import('/support/memo.js');
      class Shape { constructor(id) { this.id = id; } }
      class Circle extends Shape {}
      class Ring extends Circle {}
      const fn = counting(() => fn.calls.length);
      const cached = cacheData(fn, { hashFuncs: new Map([[Shape, shape => ['shape', shape.id]], [Circle, circle => ['circle', circle.id % 10]]]) });
      return [
        cached(new Shape(1)), cached(new Shape(1)), cached(new Shape(11)), // by the id
        cached(new Circle(1)), cached(new Circle(11)), cached(new Ring(21)), // by its last digit
        cached(['shape', 1]), cached({ a: [new Shape(1)] }), cached({ a: [new Shape(1)] }), cached(new Map([[new Ring(1), new Set([new Circle(2)])]])),
          cached(new Map([[new Circle(11), new Set([new Ring(12)])]])),
      ];
    }), [1, 1, 2, 3, 3, 3, 4, 5, 5, 6, 6]);
  });

  test('instances of two classes, of one name too, are never the same argument', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const classes = [class Point {}, class Point {}, class Poin {}, class extends Array {}];
      Object.defineProperty(classes[3], 'name', { value: 'Point' });
      const cached = cacheData(() => 1, { hashFuncs: new Map(classes.map(Class => [Class, () => 1])) });
      classes.forEach(Class => cached(new Class()));
      cached(1);
      cached('(5:Point0:n1;');
      return [cached.stats().misses, classes.every(Class => cached.has(new Class()))];
    }), [6, true]);
  });

  test('a hash function may give a value of any kind that has a key, and its types count', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, thrownBy }) => {
      class Box { constructor(value) { this.value = value; } }
      const cached = cacheData(() => 1, { hashFuncs: new Map([[Box, box => box.value]]) });
      const values = [1, '1', 1n, true, null, undefined, NaN, -0, 0, new Date(1), [1], { a: 1 }, new Map([[1, 1]]), Uint8Array.of(1), new Box(1), new Box('1')];
      values.forEach(value => cached(new Box(value)));
      const { misses } = cached.stats();
      values.forEach(value => cached(new Box(value)));
      const self = cacheData(() => 1, { hashFuncs: new Map([[Box, box => box]]) });
      const errors = [() => cached(new Box(Symbol('s'))), () => cached([new Box(() => {})]), () => self(new Box(1)),
        () => self([1, { box: new Box(1) }])].map(call => thrownBy(call).code);
      return [misses, cached.stats().misses, errors];
    }), [16, 16, Array(4).fill('unhashable-param')]);
  });

  test('a hash function that throws is unhashable-param with its error as the cause, and the place', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      class Point {}
      const cached = cacheData(() => 1, { hashFuncs: new Map([[Point, () => { throw new RangeError('no hash'); }]]) });
      try {
        cached(1, { p: [new Point()] });
      } catch ({ code, path, message, cause }) {
        return [code, path, message.includes('no hash'), cause?.name, cached(2)];
      }
    }), ['unhashable-param', 'args[1].p[0]', true, 'RangeError', 1]);
  });

  test('functions, symbols and the platform\'s own classes may have a hash function too', async tab => {
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const cached = cacheData(() => 1, { hashFuncs: new Map([[Function, fn => fn.name], [Symbol, symbol => symbol.description],
        [Date, date => date.getUTCFullYear()], [Error, error => error.message], [Blob, blob => blob.size]]) });
      cached(function a() {});
      cached(Symbol('a'));
      cached([new Date('2026-01-01')]);
      cached(new Error('a'));
      cached(new Blob(['ab']));
      const hits = [cached.has(async function a() {}), cached.has(Symbol('a')), cached.has([new Date('2026-12-01')]), cached.has(new TypeError('a')), cached.has(new Blob(['cd']))];
      const misses = [cached.has(function b() {}), cached.has(Symbol('b')), cached.has([new Date('2027-01-01')]), cached.has(new Error('b')),
        cached.has(new Blob(['c'])), cached.has('a')];
      return [hits, misses];
    }), [Array(5).fill(true), Array(6).fill(false)]);
  });

  test('objectId is one number for one object, so that two objects are never the same argument', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, objectId }) => {
      class Connection {}
      const [one, two, fn] = [new Connection(), new Connection(), () => {}];
      const cached = cacheData(() => 1, { hashFuncs: new Map([[Connection, objectId], [Function, objectId]]) });
      cached(one);
      return [typeof objectId(one), objectId(one) === objectId(one), new Set([one, two, fn, {}, []].map(objectId)).size, cached.has(one), cached.has(two),
        cached.has(objectId(one)), (cached(fn), cached.has(fn)), cached.has(() => {})];
    }), ['number', true, 5, true, false, false, true, false]);
  });
}
