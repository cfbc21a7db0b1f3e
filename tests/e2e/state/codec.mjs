// Values as text and back: what survives a reload, what is refused, and where it says the fault is.

import assert from 'node:assert/strict';
import { everything } from '../support/matrix.mjs';
import { copyOf, reload } from './support.mjs';

/** How many random values; `TASKLOOM_VALUES=1000000` for the long run. */
const RANDOM = Number(process.env.TASKLOOM_VALUES ?? (everything ? 60_000 : 10_000));

export default function codec(test) {
  test('a value of each kind survives a reload, shared and cyclic parts included', async tab => {
    const wrong = await tab.run(async library => {
      const { samples } = await import('/values.js');
      const errors = [];
      const store = library.sessionStore({ namespace: 'samples', onError: error => errors.push(error.message) });
      for (const [name, make] of Object.entries(samples(library))) store.set(name, make());
      return [store.flush(), ...errors];
    });
    assert.deepEqual(wrong, [true]);
    await reload(tab);
    assert.deepEqual(await tab.run(async library => {
      const { difference, samples } = await import('/values.js');
      difference.ignoreStacks = true; // those of this page are its own
      const errors = [];
      const store = library.sessionStore({ namespace: 'samples', onError: error => errors.push(error.message) });
      const all = Object.entries(samples(library));
      const different = all.map(([name, make]) => [name, store.has(name) ? difference(make(), store.get(name)) : 'gone']).filter(([, what]) => what !== undefined);
      return [different, errors, all.length > 55, {}.polluted ?? null];
    }), [[], [], true, null]);
  });

  test('an error keeps its class, stack, cause, code and what it was given', async tab => {
    await tab.run(({ sessionStore, TaskloomError }) => {
      const error = Object.assign(new TypeError('m', { cause: new TaskloomError('quota-exceeded', 'full') }), { status: 404 });
      error.stack = 'where it was';
      sessionStore({ namespace: 'errors' }).set('e', error);
    });
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionStore, TaskloomError }) => {
      const error = sessionStore({ namespace: 'errors' }).get('e');
      return [error instanceof TypeError, error.message, error.stack, error.status, error.cause instanceof TaskloomError, error.cause.code, Object.keys(error)];
    }), [true, 'm', 'where it was', 404, true, 'quota-exceeded', ['status']]);
  });

  test('plain data is stored as JSON, and takes no more than a few characters beyond it', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const value = { rows: Array.from({ length: 50 }, (_, i) => ({ i, name: `row ${i}`, ok: true, none: null })) };
      sessionStore({ namespace: 'plain' }).set('a', value).flush();
      const text = sessionStorage.getItem(Object.keys(sessionStorage).find(key => key.includes('plain')));
      return [text.endsWith(JSON.stringify(value)), text.length - JSON.stringify(value).length < 5];
    }), [true, true]);
  });

  test('what can\'t be text is refused with the path to the part, and stays in memory', async tab => {
    const [wrong, count] = await tab.run(({ sessionStore }) => {
      class Mine { field = 1; }
      const proxy = Proxy.revocable({}, {});
      proxy.revoke();
      const detached = new ArrayBuffer(4);
      structuredClone(detached, { transfer: [detached] });
      const self = new Error('self');
      self.cause = undefined;
      self.me = [self];
      const values = [
        ['a function', () => {}, ''], ['a function inside', { a: [0, { b() {} }] }, '.a[1].b'], ['a class', [Mine], '[0]'], ['a symbol', [1, Symbol('s')], '[1]'],
        ['a property whose name is no word', { 'my-list': [{ 'a b': { f() {} } }] }, '["my-list"][0]["a b"].f'], ['a DOM node', { node: document.body }, '.node'], ['a class instance', { list: [[new Mine()]] }, '.list[0][0]'], ['the window', [window], '[0]'],
        ['a WeakMap', { a: { b: new WeakMap() } }, '.a.b'], ['a promise', [Promise.resolve()], '[0]'], ['a Blob', { file: new Blob(['x']) }, '.file'],
        ['a key that is a function', new Map([[() => {}, 1]]), '.keys()'], ['a value of a map', new Map([['k', { f() {} }]]), '.get("k").f'],
        ['an item of a set', new Set([1, new Set([Symbol()])]), '.values().values()'], ['a revoked proxy', { p: proxy.proxy }, '.p'],
        ['a list with a property', { a: { list: Object.assign([1], { extra: 2 }) } }, '.a.list'],
        ['a list with a property beside a hole', { list: Object.assign([1, , 3], { extra: 2 }) }, '.list'],
        ['a list with a property that looks like an index', { list: Object.assign([1], { '01': 2 }) }, '.list'],
        ['the same beside a hole', { list: Object.assign([1, ,], { '01': 2 }) }, '.list'],
        ['a list with a property beyond all indices', { list: Object.assign([], { 4294967295: 2 }) }, '.list'],
        ['a list with a property far beyond', { list: Object.assign([1], { 4294967297: 2 }) }, '.list'],
        ['a detached buffer', { b: [detached] }, '.b[0]'], ['shared memory', typeof SharedArrayBuffer === 'function' && { s: new Uint8Array(new SharedArrayBuffer(4)) }, '.s.buffer'],
        ['a subclass of Map', [new (class extends Map {})()], '[0]'], ['a subclass of Date', { when: new (class extends Date {})() }, '.when'],
        ['a subclass of Uint8Array', { bytes: new (class extends Uint8Array {})(2) }, '.bytes'],
        ['an object that says it is a map', { m: { [Symbol.toStringTag]: 'Map' } }, '.m'], ['an object that says it is a date', { d: Object.create(Date.prototype) }, '.d'],
        ['an error that holds itself', { e: self }, '.e.own.me[0]'], ['a toJSON that is a function', { a: { toJSON() { return 1; } } }, '.a.toJSON'],
        ['a generator', { g: (function* () {})() }, '.g'], ['a module', { intl: new Intl.NumberFormat() }, '.intl'],
        ['what a getter throws', { a: { get b() { throw new Error('mine'); } } }, '.a'], ['an iterator of a map', [new Map().keys()], '[0]'],
      ].filter(([, value]) => value);
      const strict = sessionStore({ namespace: 'refused', enforceSerializable: true });
      const errors = [];
      const lax = sessionStore({ namespace: 'kept', onError: error => errors.push(error) });
      const wrong = [];
      for (const [name, value, path] of values) {
        try {
          strict.set(name, value);
          wrong.push(`${name} was accepted`);
        } catch (error) {
          const at = `the value of '${name}' of namespace 'refused'${path && `: value${path}`}`;
          const isPart = /^[.[]/.test(error.message.slice(at.length));
          if (error.code !== 'not-serializable' || !error.message.startsWith(at) || isPart) wrong.push(`${name}: ${error.code} ${error.message}`);
        }
        if (strict.has(name)) wrong.push(`${name} was assigned`);
        lax.set(name, value);
        const before = errors.length;
        lax.flush();
        const [error] = errors.slice(before);
        if (lax.get(name) !== value) wrong.push(`${name} is not in memory`);
        if (lax.usage(name) !== 0 || lax.ref(name).persisted) wrong.push(`${name} was stored`);
        if (errors.length !== before + 1 || error.code !== 'not-serializable' || error.key !== name || error.namespace !== 'kept') wrong.push(`${name} reported ${errors.length - before}: ${error?.message}`);
        lax.flush();
        if (errors.length !== before + 1) wrong.push(`${name} was reported again`);
      }
      return [wrong, values.length];
    });
    assert.deepEqual(wrong, []);
    assert(count > 30);
  });

  test('a list of a class of its own is stored as a plain list, which structured clone makes of it too', async tab => {
    await tab.run(({ sessionStore }) => void sessionStore().set('list', class extends Array {}.of(1, 2)));
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const list = sessionStore().get('list');
      return [list, Object.getPrototypeOf(list) === Array.prototype];
    }), [[1, 2], true]);
  });

  test('a proxy of plain data is stored as what it shows', async tab => {
    await tab.run(({ sessionStore }) => void sessionStore().set('p', new Proxy({ a: [1, 2] }, {})));
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionStore }) => sessionStore().get('p')), { a: [1, 2] });
  });

  test('a getter that throws names its own property, and one that gives is stored as what it gives', async tab => {
    const message = await tab.run(({ sessionStore, thrownBy }) => {
      sessionStore().set('given', { get a() { return new Date(5); } });
      return thrownBy(() => sessionStore({ namespace: 'g', enforceSerializable: true }).set('k', { a: 1n, b: { get c() { throw new Error('mine'); } } })).message;
    });
    assert.match(message, /'k' of namespace 'g': value\.b.*mine/);
    await reload(tab);
    assert.equal(await tab.run(({ sessionStore }) => sessionStore().get('given').a.getTime()), 5);
  });

  test('a getter that writes other state while its object is stored is refused, and what it writes is stored', async tab => {
    await tab.run(({ sessionStore }) => {
      const errors = [];
      const store = sessionStore({ namespace: 'reentrant', durable: true, onError: error => errors.push(`${error.code} ${error.key}`) });
      let calls = 0;
      store.set('outer', { x: { get a() { store.set('inner', new Map([[++calls, undefined]])); return 1n; } }, y: 2 });
      if (errors.join() !== 'not-serializable outer') throw new Error(errors.join());
    });
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const errors = [];
      const store = sessionStore({ namespace: 'reentrant', onError: error => errors.push(error.message) });
      return [store.has('outer'), store.get('inner') instanceof Map, errors];
    }), [false, true, []]);
  });

  test('objects of another frame are what they are here', async tab => {
    await tab.run(({ sessionStore }) => {
      const { contentWindow: other } = document.body.appendChild(document.createElement('iframe'));
      const errors = [];
      sessionStore({ namespace: 'frames', onError: error => errors.push(error.message) })
        .set('plain', new other.Object()).set('list', other.Array.of(1, undefined)).set('error', new other.TypeError('theirs')).flush();
      if (errors.length > 0) throw new Error(errors.join());
    });
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const store = sessionStore({ namespace: 'frames' });
      return [store.get('plain'), store.get('list').length, store.get('error') instanceof Error, store.get('error').name, store.get('error').message];
    }), [{}, 2, true, 'TypeError', 'theirs']);
  });

  test(`of ${RANDOM} random values each is the same in another reader, and each that is spoilt is refused with its path`, async (tab, site) => {
    const seen = await tab.run(async ({ sessionStore, nextTurn }, { slim, wasm, count }) => {
      const { difference, generator } = await import('/values.js');
      // A second copy of the library has slots of its own: it reads what the first has written to the storage.
      const copy = await import(slim);
      await copy.init(wasm);
      if (copy.sessionStore === sessionStore) throw new Error('it is no copy');
      const errors = [];
      const options = { namespace: 'random', storage: 'local', durable: true, onError: error => errors.push(error.message) };
      const writer = sessionStore(options);
      const reader = copy.sessionStore(options);
      const strict = sessionStore({ namespace: 'strict', storage: 'memory', enforceSerializable: true });
      const SIZE = 2000;
      const wrong = [];
      let done = 0;
      let characters = 0;
      for (let batch = 0; done < count && wrong.length < 5; batch++) {
        const make = generator(batch);
        const key = `batch ${batch}`;
        const kind = batch % 4 === 3 ? 'plain' : 'any';
        const values = Array.from({ length: SIZE }, () => make[kind]());
        writer.set(key, values);
        if (!writer.ref(key).persisted) wrong.push(`${key} was not stored: ${errors.at(-1)}`);
        characters += writer.usage(key) / 2;
        const read = reader.get(key);
        for (let i = 0; i < SIZE && wrong.length < 5; i++) {
          const what = read && read !== values ? difference(values[i], read[i]) : `lost: ${errors.at(-1)}`;
          if (what !== undefined) wrong.push(`seed ${batch}, value ${i}, ${what}`);
        }
        reader.delete(key);
        writer.delete(key);
        reader.flush();
        for (let i = 0; i < SIZE / 50; i++) {
          const { value, path } = make.spoilt();
          try {
            strict.set('k', value);
            wrong.push(`seed ${batch}, spoilt ${i}: accepted`);
          } catch ({ code, message }) {
            const at = `the value of 'k' of namespace 'strict'${path && `: value${path}`} can't`;
            if (code !== 'not-serializable' || !message.startsWith(at)) wrong.push(`seed ${batch}, spoilt ${i}: ${message}, not ${at}`);
          }
        }
        done += SIZE;
        await nextTurn();
      }
      return { wrong, errors, done, perValue: Math.round(characters / done) };
    }, { ...copyOf(site), count: RANDOM });
    assert.deepEqual([seen.wrong, seen.errors], [[], []]);
    assert(seen.done >= RANDOM && seen.perValue > 20);
  }, { timeout: 60_000 + RANDOM });

  test('a buffer that can be resized is not stored as one that can\'t, and an error keeps a cause that is undefined', async tab => {
    assert.deepEqual(await tab.run(async ({ sessionStore, thrownBy }) => {
      if (!('resizable' in ArrayBuffer.prototype)) return null;
      const errors = [];
      const store = sessionStore({ namespace: 'whole', onError: ({ code, message }) => errors.push([code, /can be resized/.test(message)]) });
      const buffer = new ArrayBuffer(2, { maxByteLength: 8 });
      store.set('buffer', buffer).set('view', { in: [new Uint8Array(buffer)] }).set('fixed', new ArrayBuffer(2));
      store.flush();
      const strict = thrownBy(() => sessionStore({ namespace: 'strict', enforceSerializable: true }).set('a', buffer)).code;
      return [errors, store.ref('fixed').persisted, strict];
    }), [[['not-serializable', true], ['not-serializable', true]], true, 'not-serializable']);
    await tab.run(({ sessionStore }) => {
      const store = sessionStore({ namespace: 'whole' });
      store.clear();
      store.set('cause', [new Error('a', { cause: undefined }), new Error('b'), new Error('c', { cause: new Error('d', { cause: undefined }) })]).flush();
    });
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const [a, b, c] = sessionStore({ namespace: 'whole' }).get('cause');
      return [Object.hasOwn(a, 'cause'), Object.hasOwn(b, 'cause'), Object.hasOwn(c.cause, 'cause'), c.cause.cause ?? null];
    }), [true, false, true, null]);
  });
}
