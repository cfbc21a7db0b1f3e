// Storage that is full, or forbidden.

import assert from 'node:assert/strict';
import { everything } from '../support/matrix.mjs';
import { addFill, reload } from './support.mjs';

/** Random sizes and moments; the same for the same seed. */
const KEYS = 100;

export default function quota(test, { browser }) {
  for (const [leave, most] of [[0, 500], [300, 1500], [20_000, 3000], [60_000, 5000]]) {
    const writes = everything ? most : most / 5;
    test(`of ${writes} writes into a storage with ${leave} characters left each is readable, the last stored one intact, and each failure told once`, async tab => {
      await addFill(tab);
      const before = await tab.run(async ({ sessionStore }, { leave, writes, keys }) => {
        const { seeded } = await import('/values.js');
        const random = seeded(leave);
        const below = n => Math.floor(random() * n);
        const wrong = [];
        const owed = new Set(); // keys whose failure was told, and that are not stored since
        let told = 0;
        const store = sessionStore({ namespace: 'q', onError: error => {
          told++;
          if (error.code !== 'quota-exceeded' || error.namespace !== 'q' || !error.message.includes(error.key)) wrong.push(`${error.code} ${error.message}`);
          if (owed.has(error.key)) wrong.push(`${error.key} was told again`);
          owed.add(error.key);
        } });
        for (let i = 0; i < keys; i++) store.set(`key ${i}`, 'first');
        store.flush();
        window.fill(leave);
        const now = new Map();
        const stored = new Map();
        const look = () => {
          for (const [key, value] of now) {
            if (store.get(key) !== value) wrong.push(`${key} is not what was set`);
            const { persisted } = store.ref(key);
            if (persisted) {
              stored.set(key, value);
              owed.delete(key);
            } else if (!owed.has(key)) {
              wrong.push(`${key} failed and nobody was told`);
            }
          }
        };
        for (let i = 0; i < writes && wrong.length < 5; i++) {
          const key = `key ${below(keys)}`;
          const text = `${i} ${'y'.repeat(below(random() < 0.2 ? 5000 : 600))}`;
          const value = random() < 0.2 ? new Map([[i, text]]) : text;
          store.set(key, value);
          now.set(key, value);
          if (random() < 0.15) {
            await Promise.resolve();
            await Promise.resolve();
            look();
          }
        }
        const flushed = store.flush();
        look();
        if (flushed !== (owed.size === 0)) wrong.push(`flush() says ${flushed}, ${owed.size} are not stored`);
        const plain = value => value instanceof Map ? [...value] : value;
        window.after = { now: [...now].map(([key, value]) => [key, plain(value)]) };
        return { wrong, told, failed: owed.size, stored: [...stored].map(([key, value]) => [key, plain(value)]) };
      }, { leave, writes, keys: KEYS });
      assert.deepEqual(before.wrong, []);
      assert(before.told > 5 && before.failed > 0, `${before.told} told, ${before.failed} failed`);
      await reload(tab);
      const wrong = await tab.run(({ sessionStore }, stored) => {
        const errors = [];
        const store = sessionStore({ namespace: 'q', onError: error => errors.push(error.message) });
        const plain = value => value instanceof Map ? [...value] : value;
        const wrong = stored.filter(([key, value]) => JSON.stringify(plain(store.get(key))) !== JSON.stringify(value)).map(([key]) => key);
        return [...wrong, ...errors, ...store.entries().length === 100 ? [] : [store.entries().length]];
      }, before.stored);
      assert.deepEqual(wrong, []);
    });
  }

  test('when room is made, what failed is stored: by a smaller value elsewhere, by an emptied slot, and by flush() after foreign code has gone', async tab => {
    await addFill(tab);
    assert.deepEqual(await tab.run(async ({ sessionStore, nextTurn }) => {
      const codes = [];
      const store = sessionStore({ namespace: 'q', onError: ({ code, key }) => codes.push(`${code} ${key}`) });
      const big = 'z'.repeat(2000);
      store.set('large', big + big).set('gone', big).flush();
      window.fill(100);
      const seen = [];
      const [a, b, c] = ['a', 'b', 'c'].map(key => store.ref(key));
      a.value = `a${big}`;
      await nextTurn();
      seen.push([a.persisted, store.flush()]);
      store.set('large', 'small now');
      await nextTurn();
      seen.push([a.persisted, store.flush()]);
      b.value = `b${big}`;
      c.value = `c${big}`;
      await nextTurn();
      seen.push([b.persisted, c.persisted]);
      store.delete('gone');
      await nextTurn();
      seen.push([b.persisted !== c.persisted || (b.persisted && c.persisted)]);
      sessionStorage.removeItem('filler');
      seen.push([store.flush(), b.persisted, c.persisted, store.flush()]);
      return [seen, codes];
    }), [[[false, false], [true, true], [true, false], [true], [true, true, true, true]], ['quota-exceeded a', 'quota-exceeded c']]);
  });

  test('onError may use the store: write, empty and flush it, also the slot that it is told of', async tab => {
    await addFill(tab);
    assert.deepEqual(await tab.run(async ({ sessionStore, nextTurn }) => {
      const told = [];
      const store = sessionStore({ namespace: 'q', onError: ({ code, key }) => {
        told.push(`${code} ${key}`);
        store.flush();
        store.set('log', told.length);
        if (key === 'again') store.set('again', 'less');
        if (key === 'gone') store.delete('gone');
        store.flush();
      } });
      store.set('spare', 's'.repeat(2000)).set('log', 0).flush();
      window.fill(20);
      store.delete('spare');
      store.set('again', 'a'.repeat(5000)).set('gone', 'g'.repeat(5000)).set('kept', 'k'.repeat(5000));
      await nextTurn();
      const seen = [told.sort(), store.get('again'), store.ref('again').persisted, store.has('gone'), store.get('kept').length, store.get('log'), store.ref('log').persisted, store.flush()];
      store.delete('kept');
      return [...seen, store.flush()];
    }), [['quota-exceeded again', 'quota-exceeded gone', 'quota-exceeded kept'], 'less', true, false, 5000, 3, true, false, true]);
  });

  test('a slot that failed is told again only after it was stored in between', async tab => {
    await addFill(tab);
    assert.deepEqual(await tab.run(async ({ sessionStore, nextTurn }) => {
      const codes = [];
      const store = sessionStore({ namespace: 'q', onError: ({ code }) => codes.push(code) });
      store.set('a', 'old').flush();
      window.fill(50);
      const counts = [];
      for (const value of ['x'.repeat(500), 'y'.repeat(400), 'short', 'z'.repeat(500), 'z'.repeat(600)]) {
        store.set('a', value);
        await nextTurn();
        counts.push([codes.length, store.ref('a').persisted, sessionStorage.getItem('taskloom:q:a').slice(0, 8)]);
      }
      return counts;
    }), [[1, false, 't1:"old"'], [1, false, 't1:"old"'], [1, true, 't1:"shor'], [2, false, 't1:"shor'], [2, false, 't1:"shor']]);
  });

  test('entries that have expired make room before anybody is told, also those that nobody has read; the others stay', async tab => {
    await tab.run(({ sessionStore }) => {
      const { now } = Date;
      Date.now = () => now() - 7_200_000;
      const store = sessionStore({ namespace: 'q' });
      store.set('old', 'o'.repeat(3000), { expiresIn: '1h' }).set('fresh', 'f'.repeat(3000), { expiresIn: '1d' }).set('ever', 'e'.repeat(3000)).flush();
      sessionStore({ namespace: 'another' }).set('old', 'o'.repeat(3000), { expiresIn: '1h' }).flush();
      sessionStorage.setItem('taskloom:q:broken', 'not ours');
    });
    await reload(tab);
    await addFill(tab);
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const errors = [];
      const store = sessionStore({ namespace: 'q', onError: ({ code }) => errors.push(code) });
      window.fill(10);
      store.set('new', 'n'.repeat(5500));
      const flushed = store.flush();
      const told = [...errors];
      const left = Object.keys(sessionStorage).filter(key => key.startsWith('taskloom:')).sort();
      return [flushed, told, left, store.get('fresh').length, store.get('ever').length, store.has('old')];
    }), [true, [], ['taskloom:q:broken', 'taskloom:q:ever', 'taskloom:q:fresh', 'taskloom:q:new'], 3000, 3000, false]);
  });

  test('a migration that finds no room leaves the old text in storage and the new value in memory', async tab => {
    await tab.run(({ sessionStore }) => sessionStore({ namespace: 'q', version: 1 }).set('a', 'one').flush());
    await reload(tab);
    await addFill(tab);
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      window.fill(10);
      const codes = [];
      const store = sessionStore({ namespace: 'q', version: 2, migrate: value => value.repeat(1000), onError: ({ code }) => codes.push(code) });
      return [store.get('a').length, store.flush(), codes, sessionStorage.getItem('taskloom:q:a')];
    }), [3000, false, ['quota-exceeded'], 't1v1:"one"']);
  });

  for (const [what, block] of Object.entries({
    'is forbidden': () => void Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('The operation is insecure.', 'SecurityError'); } }),
    'is not there': () => void Object.defineProperty(window, 'sessionStorage', { value: null }),
    'refuses to be read': () => { Storage.prototype.getItem = () => { throw new DOMException('no', 'SecurityError'); }; },
  })) {
    test(`where storage ${what} all stays in memory, and that is said once`, async tab => {
      await tab.bare(block);
      assert.deepEqual(await tab.run(async ({ sessionStore, stateRef, nextTurn }) => {
        const told = [];
        const options = { namespace: 'b', onError: ({ code, namespace, cause }) => told.push([code, namespace, cause !== undefined]) };
        const store = sessionStore(options);
        const ref = stateRef('a', { ...options, factory: () => 1, durable: true, expiresIn: '1h', version: 3 });
        ref.value = 2;
        sessionStore({ ...options, namespace: 'c' }).set('x', 1);
        await nextTurn();
        store.set('b', { a: 1 }).delete('b');
        return [store.get('a'), store.keys(), store.storage, ref.persisted, store.usage(), /^[0-9a-f-]{36}$/.test(store.sessionId), told, store.sessionId === sessionStore().sessionId];
      }), [2, ['a'], 'memory', false, 0, true, [['storage-blocked', 'b', true]], true]);
    });
  }

  test('where storage can be read and never written, each key is told once, and values are there', async tab => {
    await tab.bare(() => { Storage.prototype.setItem = () => { throw new DOMException('no room at all', 'QuotaExceededError'); }; });
    assert.deepEqual(await tab.run(async ({ sessionStore, nextTurn }) => {
      const told = [];
      const store = sessionStore({ namespace: 'b', onError: ({ code, key }) => told.push(`${code} ${key}`) });
      for (let i = 0; i < 3; i++) {
        store.set('a', i).set('b', i);
        await nextTurn();
      }
      return [store.get('a'), store.get('b'), store.flush(), told];
    }), [2, 2, false, ['quota-exceeded a', 'quota-exceeded b']]);
  });

  test('a page that is no secure context, without locks and randomUUID, has its session', async tab => {
    await tab.bare(() => {
      Object.defineProperty(navigator, 'locks', { value: undefined });
      Object.defineProperty(crypto, 'randomUUID', { value: undefined });
    });
    const once = ({ sessionStore }) => {
      const store = sessionStore();
      return [store.set('a', 1).get('a'), store.sessionId];
    };
    const [value, id] = await tab.run(once);
    assert.deepEqual([value, /^[0-9a-f-]{36}$/.test(id)], [1, true]);
    await reload(tab);
    assert.deepEqual(await tab.run(once), [1, id]);
  });

  if (browser.name !== 'Chromium') return;

  test('in a sandboxed frame without an origin all stays in memory, and that is said once for each kind', async (tab, site) => {
    await tab.bare(async () => {
      const frame = document.createElement('iframe');
      frame.sandbox = 'allow-scripts';
      frame.src = location.href;
      const loaded = new Promise(resolve => { frame.onload = resolve; });
      document.body.append(frame);
      await loaded;
    });
    const frame = tab.page.frames().at(-1);
    const body = ({ sessionStore }) => {
      const told = [];
      const stores = ['session', 'local', 'session'].map(storage => sessionStore({ storage, onError: ({ code, message }) => told.push(`${code} ${message.slice(0, 14)}`) }));
      stores[0].set('a', 1);
      return [stores[2].get('a'), stores[1].has('a'), stores.map(store => store.storage), told];
    };
    const text = await frame.evaluate(`fixture.call(${body}, ${JSON.stringify({ entry: new URL(site.entry('taskloom'), tab.page.url()).href, init: true })})`);
    assert.deepEqual(JSON.parse(text).value, [1, false, ['memory', 'memory', 'memory'], ['storage-blocked sessionStorage', 'storage-blocked localStorage c']]);
  });
}
