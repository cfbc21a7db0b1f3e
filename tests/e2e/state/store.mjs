// Stores: the slots of a namespace, as a map of them.

import assert from 'node:assert/strict';
import { reload } from './support.mjs';

/** Keys and namespaces that have hurt others. */
const ODD = [
  '', ' ', ':', '::', '%', '%25', '%3A', '%%', 'a', 'a:', ':a', 'a:b', 'a%3Ab', 'A', '~', '/', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length',
  'getItem', 'null', 'undefined', '0', '\0', '\n', '"', '\\', '\ud800', '\udc00', '\udc00\ud800', '\ud83d\ude80', '\ufeff', '\uffff', 'e\u0301', 'é',
  't1:1', 'taskloom:', 'taskloom~', 'x'.repeat(5000),
];

export default function store(test) {
  test('get, set, has, delete, keys, entries, iteration and clear are those of a map', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const store = sessionStore({ namespace: 'map' });
      const before = [store.get('a') === undefined, store.has('a'), store.delete('a'), store.keys().length, store.entries().length];
      const chained = store.set('a', 1).set('b', undefined).set('c', { d: 1 }) === store;
      const full = [store.get('a'), store.has('b'), store.get('b') === undefined, store.keys().sort(), new Map(store).get('c').d, store.entries().length];
      const deleted = [store.delete('a'), store.delete('a'), store.has('a'), store.keys().sort()];
      store.clear();
      return [before, chained, full, deleted, [...store].length, store.has('b'), store.namespace, store.storage, Symbol.iterator in store];
    }), [[true, false, false, 0, 0], true, [1, true, true, ['a', 'b', 'c'], 1, 3], [true, false, false, ['b', 'c']], 0, false, 'map', 'session', true]);
  });

  test('after a reload keys() and entries() know what nobody has read yet, and clear() empties it', async tab => {
    await tab.run(({ sessionStore }) => {
      const store = sessionStore({ namespace: 'kept' });
      for (let i = 0; i < 100; i++) store.set(`key ${i}`, i);
      sessionStore({ namespace: 'other' }).set('mine', 1);
    });
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const store = sessionStore({ namespace: 'kept' });
      const { length } = store.keys();
      const sum = store.entries().reduce((sum, [key, value]) => sum + value * (key === `key ${value}`), 0);
      store.delete('key 1');
      return [length, sum, store.keys().length];
    }), [100, 4950, 99]);
    await reload(tab);
    await tab.run(({ sessionStore }) => sessionStore({ namespace: 'kept' }).clear());
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionStore }) => ['kept', 'other'].map(namespace => sessionStore({ namespace }).keys())), [[], ['mine']]);
  });

  test('keys that were set before an iteration are in it, and a write during it harms nothing', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const store = sessionStore({ namespace: 'iterated', storage: 'memory' });
      for (const key of 'abc') store.set(key, key);
      const seen = [];
      for (const [key] of store) {
        seen.push(key);
        store.delete('b');
        store.set(`new ${key}`, 1);
      }
      return [seen.sort(), store.keys().length];
    }), [['a', 'b', 'c'], 5]);
  });

  test('no two odd namespaces and no two odd keys are ever the same, now and after a reload', async tab => {
    const write = ({ sessionStore }, { odd, write, kinds }) => kinds.flatMap(storage => {
      const wrong = [];
      const names = [null, ...odd];
      for (const [i, namespace] of names.entries()) {
        const store = sessionStore({ namespace, storage });
        if (write) for (const [j, key] of odd.entries()) store.set(key, `${i} ${j}`);
      }
      for (const [i, namespace] of names.entries()) {
        const store = sessionStore({ namespace, storage });
        if (store.namespace !== namespace) wrong.push([storage, i, 'namespace']);
        for (const [j, key] of odd.entries()) if (store.get(key) !== `${i} ${j}`) wrong.push([storage, i, j, String(store.get(key))]);
        if (JSON.stringify(store.keys().sort()) !== JSON.stringify([...odd].sort())) wrong.push([storage, i, 'keys']);
      }
      return wrong;
    });
    const odd = ODD.map((text, i) => text.length > 1000 ? text.slice(0, 600 + i) : text);
    assert.deepEqual(await tab.run(write, { odd, write: true, kinds: ['session', 'memory'] }), []);
    await reload(tab);
    assert.deepEqual(await tab.run(write, { odd, write: false, kinds: ['session'] }), []);
    assert.equal(await tab.run(({ sessionStore }) => {
      sessionStore({ namespace: null }).clear();
      return sessionStore({ namespace: '' }).keys().length;
    }), odd.length);
  });

  test('the store hears of every change of its namespace by whomever, and of no other', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore, stateRef }) => {
      const heard = [];
      const stop = sessionStore({ namespace: 'heard' }).subscribe((...args) => heard.push(args.map(value => value ?? null)));
      const ref = stateRef('a', { namespace: 'heard', factory: () => 1 });
      ref.value = 2;
      ref.value = 2;
      sessionStore({ namespace: 'heard' }).set('b', 3).delete('b');
      sessionStore({ namespace: 'other' }).set('a', 4);
      sessionStore({ namespace: 'heard' }).clear();
      ref.touch();
      stop();
      ref.value = 5;
      return heard;
    }), [['a', 1, null], ['a', 2, 1], ['b', 3, null], ['b', null, 3], ['a', null, 2], ['a', null, null]]);
  });

  test('ref() has the options of its store where it has none of its own', async tab => {
    assert.deepEqual(await tab.run(async ({ sessionStore, nextTurn }) => {
      const errors = [];
      const store = sessionStore({ namespace: 'defaults', enforceSerializable: true, onError: error => errors.push(error.code), durable: true, version: 3 });
      const ref = store.ref('a', { expiresIn: '1h' });
      let refused;
      try {
        ref.value = () => {};
      } catch (error) {
        refused = error.code;
      }
      ref.value = 1;
      const stored = [ref.persisted, Object.entries(sessionStorage).find(([key]) => key.includes('defaults'))[1].includes('v3')];
      await nextTurn();
      return [refused, stored, errors];
    }), ['not-serializable', [true, true], []]);
  });

  test('usage() is the exact number of bytes that the stored texts and their keys take', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const store = sessionStore({ namespace: 'usage' });
      sessionStore({ namespace: 'usage2' }).set('x', 1);
      const counted = () => Object.keys(sessionStorage).filter(key => key.startsWith('taskloom:usage:'))
        .reduce((sum, key) => sum + 2 * (key.length + sessionStorage.getItem(key).length), 0);
      const empty = [store.usage(), store.usage('a')];
      store.set('a', 'é\ud83d\ude80');
      const waiting = store.usage();
      store.flush();
      const one = store.usage('a');
      store.set('b', new Map([[1, 2]])).set('c', 'x'.repeat(10_000)).flush();
      const all = [store.usage() === counted(), store.usage() === ['a', 'b', 'c'].reduce((sum, key) => sum + store.usage(key), 0), one > 2 * 'taskloom:usage:a'.length];
      store.clear();
      store.flush();
      return [empty, waiting, all, store.usage(), sessionStore({ storage: 'memory' }).set('a', 1).usage()];
    }), [[0, 0], 0, [true, true, true], 0, 0]);
  });

  test('a memory store stores nothing, and the same slots are there for all who name it', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const { length } = sessionStorage;
      const [one, two] = [sessionStore({ storage: 'memory' }), sessionStore({ storage: 'memory' })];
      one.set('a', document.body);
      one.flush();
      return [two.get('a') === document.body, sessionStorage.length <= length + 1, localStorage.length, one.storage, sessionStore().has('a')];
    }), [true, true, 0, 'memory', false]);
    await reload(tab);
    assert.equal(await tab.run(({ sessionStore }) => sessionStore({ storage: 'memory' }).has('a')), false);
  });

  test('enforceSerializable refuses at the assignment, and the slot stays as it was', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore, thrownBy }) => {
      const store = sessionStore({ namespace: 'strict', enforceSerializable: true });
      store.set('a', 1);
      const { code, message } = thrownBy(() => store.set('a', { list: [1, { f() {} }] }));
      return [code, /'a' of namespace 'strict': value\.list\[1\]\.f /.test(message), store.get('a')];
    }), ['not-serializable', true, 1]);
  });

  test('what foreign code keeps in the same storage is left alone', async tab => {
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const foreign = { theirs: '1', 'taskloom': '2', 'taskloom-x': '3', 'taskloom~:x': '4', '': '5' };
      for (const [key, value] of Object.entries(foreign)) sessionStorage.setItem(key, value);
      const store = sessionStore();
      const seen = store.keys();
      store.set('a', 1).flush();
      store.clear();
      store.flush();
      return [seen, Object.entries(foreign).every(([key, value]) => sessionStorage.getItem(key) === value)];
    }), [[], true]);
  });
}
