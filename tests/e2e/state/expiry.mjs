// Values that end, and values of other versions.

import assert from 'node:assert/strict';
import { reload } from './support.mjs';

/** The wall clock of the page is moved by `window.pass(milliseconds)`; the page's own, not the engine's timers. */
const addClock = tab => tab.bare(() => {
  const { now } = Date;
  let passed = 0;
  Date.now = () => now() + passed;
  window.pass = time => { passed += time; };
});

export default function expiry(test) {
  test('a value ends after its time, by whichever way it is read, and the slot is then as if it had never been', async tab => {
    await addClock(tab);
    assert.deepEqual(await tab.run(async ({ sessionStore, stateRef, nextTurn, thrownBy }) => {
      const store = sessionStore({ namespace: 'e' });
      for (const [i, expiresIn] of [60_000, '1m', '60s', '0.5m30s', '60000ms'].entries()) store.set(`k${i}`, i, { expiresIn });
      store.set('ever', 1, { expiresIn: Infinity }).set('plain', 1);
      await nextTurn();
      window.pass(59_000);
      const before = store.keys().length;
      window.pass(1_001);
      const after = [store.get('k0') ?? null, store.has('k1'), store.delete('k2'), store.keys().sort(), stateRef('k3', { namespace: 'e' }).peek() ?? null];
      const error = thrownBy(() => stateRef('k4', { namespace: 'e' }).value).code;
      await nextTurn();
      const left = Object.keys(sessionStorage).filter(key => key.startsWith('taskloom:e:')).sort();
      return [before, after, error, left];
    }), [7, [null, false, false, ['ever', 'plain'], null], 'uninitialized', ['taskloom:e:ever', 'taskloom:e:plain']]);
  });

  test('a value that ended while the page was away is gone, and its text too; one that did not is there until its own end', async tab => {
    await tab.run(({ sessionStore }) => {
      const { now } = Date;
      Date.now = () => now() - 3_600_000;
      sessionStore({ namespace: 'e' }).set('over', 1, { expiresIn: '59m' }).set('lasts', 2, { expiresIn: '2h' }).flush();
    });
    await reload(tab);
    await addClock(tab);
    assert.deepEqual(await tab.run(async ({ sessionStore, nextTurn }) => {
      const errors = [];
      const store = sessionStore({ namespace: 'e', onError: ({ code }) => errors.push(code) });
      const seen = [store.has('over'), store.get('lasts'), store.ref('lasts').persisted];
      await nextTurn();
      seen.push(sessionStorage.getItem('taskloom:e:over'));
      window.pass(3_500_000);
      seen.push(store.has('lasts'));
      window.pass(110_000);
      return [...seen, store.has('lasts'), errors];
    }), [false, 2, true, null, true, false, []]);
  });

  test('each write begins the time anew, one of the same value too; the store says how long if the call doesn\'t, and a factory makes it again', async tab => {
    await addClock(tab);
    assert.deepEqual(await tab.run(async ({ sessionStore, stateRef, nextTurn }) => {
      const store = sessionStore({ namespace: 'e', expiresIn: '1m' });
      store.set('same', 1).set('other', 1).set('longer', 1, { expiresIn: '1h' }).set('ever', 1, { expiresIn: Infinity });
      store.ref('ever too', { expiresIn: Infinity, factory: () => 1 });
      let made = 0;
      const ref = stateRef('made', { namespace: 'e', expiresIn: '1m', factory: () => ++made });
      const inherited = store.ref('inherited', { factory: () => 1 });
      await nextTurn();
      window.pass(40_000);
      store.set('same', 1);
      await nextTurn();
      window.pass(40_000);
      return [store.keys().sort(), ref.isInitialized, ref.value, inherited.isInitialized];
    }), [['ever', 'ever too', 'longer', 'same'], false, 2, false]);
  });

  test('a value written after the end of the one before has none before it, for those who listen: they are told of the end first', async tab => {
    await addClock(tab);
    assert.deepEqual(await tab.run(({ stateRef }) => {
      const ref = stateRef('a', { namespace: 'e', expiresIn: '1m' });
      const heard = [];
      ref.subscribe((...args) => heard.push(args.map(value => value ?? null)));
      ref.value = 1;
      window.pass(61_000);
      ref.value = 1;
      return heard;
    }), [[1, null], [null, 1], [1, null]]);
  });

  test('those who listen are told when a value ends, once, without anybody who reads it', async tab => {
    assert.deepEqual(await tab.run(async ({ sessionStore, until }) => {
      const seen = [];
      for (const storage of ['session', 'local', 'memory']) {
        const store = sessionStore({ namespace: `t${storage}`, storage });
        const heard = [];
        const before = store.ref('before', { expiresIn: 40 });
        before.value = 'written before somebody listens';
        store.subscribe((key, value, previous) => heard.push([key, value ?? null, previous ?? null]));
        const ref = store.ref('k', { expiresIn: 20 });
        ref.subscribe((value, previous) => heard.push(['ref', value ?? null, previous ?? null]));
        ref.value = 'x';
        store.set('lasts', 1);
        heard.splice(0);
        await until(() => heard.length === 3);
        await new Promise(resolve => setTimeout(resolve, 20));
        const left = storage === 'memory' ? 0 : Object.keys(window[`${storage}Storage`]).filter(key => key.startsWith(`taskloom:t${storage}:`) && !key.endsWith('lasts')).length;
        seen.push([heard.sort(), ref.isInitialized, store.delete('k'), store.keys(), heard.length, left]);
      }
      return seen;
    }), Array(3).fill([[['before', null, 'written before somebody listens'], ['k', null, 'x'], ['ref', null, 'x']], false, false, ['lasts'], 3, 0]));
  });

  test('one that is written anew, emptied or made to last is not told to have ended', async tab => {
    assert.deepEqual(await tab.run(async ({ sessionStore, until }) => {
      const store = sessionStore({ namespace: 'n', expiresIn: 30 });
      const heard = [];
      store.subscribe((key, value) => heard.push([key, value ?? null]));
      store.set('anew', 1).set('emptied', 1).set('lasting', 1).set('end', 1, { expiresIn: 80 });
      store.set('anew', 2, { expiresIn: '1h' }).set('lasting', 2, { expiresIn: Infinity }).delete('emptied');
      heard.splice(0);
      await until(() => heard.length > 0);
      return heard;
    }), [['end', null]]);
  });

  test('a value whose end is found by a read, before the timer, is told in a moment and before the next change; the reader meets no listener', async tab => {
    await addClock(tab);
    assert.deepEqual(await tab.run(async ({ stateRef }) => {
      const ref = stateRef('a', { namespace: 'r', expiresIn: '1m' });
      const heard = [];
      ref.subscribe((...args) => heard.push(args.map(value => value ?? null)));
      const seen = [];
      for (const find of [() => ref.peek(), () => ref.isInitialized, () => ref.clear(), () => ref.touch(), () => ref.init(() => 2)]) {
        ref.value = 1;
        heard.splice(0);
        window.pass(61_000);
        find();
        const atOnce = heard.length;
        await null;
        seen.push([atOnce, heard.slice()]);
        ref.clear();
      }
      return seen;
    }), [
      [0, [[null, 1]]], [0, [[null, 1]]], [0, [[null, 1]]], [2, [[null, 1], [null, null]]], [2, [[null, 1], [2, null]]],
    ]);
  });

  test('very many ends take one timer, and each is told at its time', async tab => {
    assert.deepEqual(await tab.run(async ({ sessionStore, until }) => {
      const { setTimeout: set, clearTimeout: clear } = window;
      const armed = new Set();
      let most = 0;
      window.setTimeout = (...args) => { const timer = set(...args); armed.add(timer); most = Math.max(most, armed.size); return timer; };
      window.clearTimeout = timer => { armed.delete(timer); clear(timer); };
      const store = sessionStore({ namespace: 'm', storage: 'memory' });
      let early = 0;
      const ends = new Map();
      store.subscribe((key, value) => { if (value === undefined && ends.get(key) > Date.now()) early++; if (value === undefined) ends.delete(key); });
      for (let i = 0; i < 2000; i++) {
        const expiresIn = 50 + (i * 7919) % 200;
        const soonest = Date.now() + expiresIn; // the page may be held up before it is set
        store.set(`k${i % 1000}`, i, { expiresIn });
        ends.set(`k${i % 1000}`, soonest);
      }
      const atMost = most;
      window.setTimeout = set;
      window.clearTimeout = clear;
      await until(() => ends.size === 0);
      return [atMost <= 2, early, store.keys()];
    }), [true, 0, []]);
  });

  const OLD = { rows: [1], when: new Date(5).toISOString() };

  /** Stores one value of a version, and begins the next life. */
  const ofVersion = async (tab, version, value) => {
    await tab.run(({ sessionStore }, { version, value }) => void sessionStore({ namespace: 'v', version }).set('a', value).flush(), { version, value });
    await reload(tab);
  };

  test('migrate turns an earlier version into this one, once, and what it gives is stored under the new version', async tab => {
    await ofVersion(tab, 1, OLD);
    assert.deepEqual(await tab.run(async ({ sessionStore, stateRef, nextTurn }) => {
      const calls = [];
      const migrate = (value, version, key) => {
        calls.push([value.rows.length, version, key]);
        return { ...value, migrated: true };
      };
      const store = sessionStore({ namespace: 'v', version: 3, migrate });
      const before = calls.length;
      const ref = stateRef('a', { namespace: 'v', version: 3, migrate });
      const seen = [store.get('a').migrated, ref.value.migrated, store.has('a')];
      await nextTurn();
      return [before, seen, calls, ref.persisted, sessionStorage.getItem('taskloom:v:a').slice(0, 4)];
    }), [0, [true, true, true], [[1, 1, 'a']], true, 't1v3']);
    await reload(tab);
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const store = sessionStore({ namespace: 'v', version: 3, migrate: () => { throw new Error('is not called again'); } });
      return store.get('a');
    }), { ...OLD, migrated: true });
  });

  test('a value stored without a version is of version 0', async tab => {
    await ofVersion(tab, undefined, 'old');
    assert.deepEqual(await tab.run(({ stateRef }) => stateRef('a', { namespace: 'v', version: 1, migrate: (value, version) => `${value} ${version}` }).value), 'old 0');
  });

  test('a migrate that throws is told once, and the value stays readable and stored as it was; the next life tries again', async tab => {
    await ofVersion(tab, 1, OLD);
    const life = ({ sessionStore }, works) => {
      const before = sessionStorage.getItem('taskloom:v:a');
      const told = [];
      let calls = 0;
      const store = sessionStore({
        namespace: 'v', version: 2, onError: ({ code, key, cause }) => told.push([code, key, cause?.message]),
        migrate: value => {
          calls++;
          if (!works) throw new Error('mine');
          return { ...value, migrated: true };
        },
      });
      const seen = [store.get('a'), store.get('a') === store.get('a'), store.has('a')];
      store.flush();
      return [seen, calls, told, sessionStorage.getItem('taskloom:v:a') === before];
    };
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(await tab.run(life, false), [[OLD, true, true], 1, [['migration-failed', 'a', 'mine']], true]);
      await reload(tab);
    }
    assert.deepEqual(await tab.run(life, true), [[{ ...OLD, migrated: true }, true, true], 1, [], false]);
  });

  test('what is assigned after a migration that failed is of the new version', async tab => {
    await ofVersion(tab, 1, 'same');
    await tab.run(({ sessionStore }) => {
      const store = sessionStore({ namespace: 'v', version: 2, migrate: () => { throw new Error('no'); }, onError() {} });
      store.get('a');
      store.set('a', 'same').flush();
    });
    assert.equal(await tab.bare(() => sessionStorage.getItem('taskloom:v:a')), 't1v2:"same"');
  });

  for (const [what, stored, wanted, options] of [['an earlier version without migrate', 1, 2, {}], ['a later version', 3, 2, { migrate: () => 'must not be called' }]]) {
    test(`a value of ${what} is an empty slot, told once as version-mismatch, and kept`, async tab => {
      await ofVersion(tab, stored, OLD);
      assert.deepEqual(await tab.run(({ sessionStore }, { wanted, migrates }) => {
        const before = sessionStorage.getItem('taskloom:v:a');
        const told = [];
        const store = sessionStore({ namespace: 'v', version: wanted, migrate: migrates ? () => 'must not be called' : undefined, onError: error => told.push(error) });
        const seen = [store.get('a') ?? null, store.has('a'), store.keys()];
        const [{ code, key, aside, message }] = told;
        return [seen, told.length, code, key, sessionStorage.getItem(aside ?? 'taskloom:v:a') === before, /version \d.*\d/.test(message)];
      }, { wanted, migrates: 'migrate' in options }), [[null, false, []], 1, 'version-mismatch', 'a', true, true]);
    });
  }

  test('a value of a later version is left to the pages that know it, and set aside when this one writes', async tab => {
    await ofVersion(tab, 3, OLD);
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const before = sessionStorage.getItem('taskloom:v:a');
      const store = sessionStore({ namespace: 'v', version: 2, onError() {} });
      const left = [store.get('a') ?? null, store.delete('a'), store.clear(), store.flush(), sessionStorage.getItem('taskloom:v:a') === before];
      store.set('a', 'mine').flush();
      return [left, store.get('a'), sessionStorage.getItem('taskloom:v:a'), sessionStorage.getItem('taskloom~v:a') === before];
    }), [[null, false, null, true, true], 'mine', 't1v2:"mine"', true]);
  });

  test('a value of a later version is not lost when this page writes and clears at once, and is not mistaken for one that came since', async tab => {
    await ofVersion(tab, 3, OLD);
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const key = 'taskloom:v:a';
      const newer = sessionStorage.getItem(key);
      const store = sessionStore({ namespace: 'v', version: 2, onError() {} });
      store.set('a', 'mine').delete('a');
      store.flush();
      const kept = [sessionStorage.getItem(key), sessionStorage.getItem('taskloom~v:a') === newer];
      sessionStorage.removeItem('taskloom~v:a');
      for (const text of [newer, 't1v2:"theirs"']) {
        sessionStorage.setItem(key, text);
        dispatchEvent(new StorageEvent('storage', { key, newValue: text, storageArea: sessionStorage }));
      }
      const theirs = store.get('a');
      store.set('a', 'mine').flush();
      return [kept, theirs, sessionStorage.getItem(key), sessionStorage.getItem('taskloom~v:a')];
    }), [[null, true], 'theirs', 't1v2:"mine"', null]);
  });

  test('migrate keeps how long the value has still to last', async tab => {
    await tab.run(({ sessionStore }) => sessionStore({ namespace: 'v', version: 1 }).set('a', 1, { expiresIn: '1h' }).flush());
    await reload(tab);
    await addClock(tab);
    assert.deepEqual(await tab.run(({ sessionStore }) => {
      const store = sessionStore({ namespace: 'v', version: 2, migrate: value => value + 1 });
      const seen = [store.get('a')];
      window.pass(3_590_000);
      seen.push(store.has('a'));
      window.pass(11_000);
      return [...seen, store.has('a')];
    }), [2, true, false]);
  });

  test('a migrate that returns a promise has failed: the value stays as it was, and the message says that migrate has to be synchronous', async tab => {
    await ofVersion(tab, 1, OLD);
    for (const migrate of ['async', 'thenable', 'rejects']) {
      assert.deepEqual(await tab.run(({ sessionStore }, how) => {
        const told = [];
        const made = { async: async value => ({ ...value, migrated: true }), thenable: () => ({ then() {} }), rejects: () => Promise.reject(new Error('mine')) };
        const store = sessionStore({ namespace: 'v', version: 2, migrate: made[how], onError: ({ code, message }) => told.push(code, /synchronous/.test(message)) });
        return [store.get('a'), store.get('a'), told];
      }, migrate), [OLD, OLD, ['migration-failed', true]]);
      await reload(tab);
    }
  });
}
