// `persist`: values in this tab's or the origin's storage.

import assert from 'node:assert/strict';
import { reload, sibling } from '../state/support.mjs';
import { HOUR, NOW, open, stopClock } from './support.mjs';

export default function persist(test, { browser }) {
  for (const storage of ['session', 'local']) {
    for (const isAsync of [false, true]) {
      test(`${isAsync ? 'an async' : 'a sync'} function's values are there after a reload as they were, in ${storage}Storage, and it stays ${isAsync ? 'async' : 'sync'}`, async tab => {
        const look = async ({ cacheData }, { storage, isAsync }) => {
          let calls = 0;
          const make = key => {
            calls++;
            const value = { key, date: new Date(5), map: new Map([['a', { b: undefined }]]), list: [undefined, -0, NaN, 1n, new Set([null])], bytes: Uint8Array.of(1, 2) };
            return Object.assign(value, { self: value });
          };
          const load = cacheData(isAsync ? async key => make(key) : make, { name: 'load', persist: storage });
          const returned = load({ day: 1 });
          const { key, date, map, list, bytes, self } = await returned;
          return [
            calls, returned instanceof Promise, key, date.getTime(), map.get('a'), 'b' in map.get('a'), list[0] === undefined, Object.is(list[1], -0), Object.is(list[2], NaN),
            list[3] === 1n, list[4].has(null), [...bytes], self.self === self, self === await returned,
          ];
        };
        const seen = [isAsync, { day: 1 }, 5, {}, true, true, true, true, true, true, [1, 2], true, true];
        assert.deepEqual(await tab.run(look, { storage, isAsync }), [1, ...seen]);
        for (let i = 0; i < 2; i++) {
          await reload(tab);
          assert.deepEqual(await tab.run(look, { storage, isAsync }), [0, ...seen]);
        }
      });
    }

    test(`a value in ${storage}Storage has the rest of its time after a reload, and none after that`, async tab => {
      const options = { persist: storage, ttl: '1h' };
      await open(tab, { ...options, clock: NOW });
      await tab.bare(() => void window.load('a'));
      await reload(tab);
      await open(tab, { ...options, clock: NOW + HOUR / 4 });
      const info = await tab.bare(() => [window.load.info('a'), window.load('a').nth, window.calls.length, window.load.info('a')]);
      const rest = { age: HOUR / 4, expiresIn: 3 * HOUR / 4, stale: false, running: false, bytes: info[0].bytes };
      assert.deepEqual(info, [rest, 1, 0, rest]);
      await stopClock(tab, NOW + HOUR - 1);
      assert.deepEqual(await tab.bare(() => [window.load('a').nth, window.calls.length]), [1, 0]);
      await reload(tab);
      await open(tab, { ...options, clock: NOW + HOUR });
      assert.deepEqual(await tab.bare(() => [window.load.has('a'), window.load.peek('a') ?? null, window.load('a').args, window.calls.length]), [false, null, ['a'], 1]);
      await reload(tab);
      await open(tab, { ...options, clock: NOW + HOUR + 1 });
      assert.deepEqual(await tab.bare(() => [window.load('a').args, window.calls.length]), [['a'], 0]);
    });
  }

  test('an async function gives a promise also of what was stored when it was a sync one', async tab => {
    await open(tab);
    await tab.bare(() => void window.load('a'));
    await reload(tab);
    await open(tab, { isAsync: true });
    assert.deepEqual(await tab.bare(async () => {
      const returned = window.load('a');
      return [returned instanceof Promise, (await returned).nth, window.calls.length];
    }), [true, 1, 0]);
  });

  test('what callers get of a stored value is copied, frozen or shared as that of a new one', async tab => {
    const look = ({ cacheData }) => ['clone', 'freeze', 'share'].map(copy => {
      let calls = 0;
      const load = cacheData(() => { calls++; return { list: [1] }; }, { name: copy, persist: 'session', copy });
      const first = load();
      if (!Object.isFrozen(first.list)) first.list.push(2);
      return [calls, load() === load(), Object.isFrozen(load().list), load().list.length];
    });
    // What a caller changes in a shared value is in no text: that was made before.
    await tab.run(look);
    await reload(tab);
    assert.deepEqual((await tab.run(look)).slice(0, 2), [[0, false, false, 1], [0, true, true, 1]]);
    assert.deepEqual((await tab.run(look))[2].slice(0, 3), [0, true, false]);
  });

  test('has, peek and info see what is stored, count as nothing and execute nothing', async tab => {
    await open(tab);
    await tab.bare(() => void window.load('a'));
    await reload(tab);
    await open(tab);
    assert.deepEqual(await tab.bare(() => [window.load.has('a'), window.load.peek('a'), window.load.info('a').stale, window.load.has('b'), window.calls.length, window.load.stats().hits]),
      [true, { args: ['a'], nth: 1 }, false, false, 0, 0]);
  });

  test('with refresh: background a value whose time was over while the page was away is served once more, then a new one that is stored', async tab => {
    const options = { ttl: '1h', refresh: 'background', isAsync: true };
    await open(tab, { ...options, clock: NOW });
    await tab.bare(() => window.load('a').then(() => {}));
    await reload(tab);
    await open(tab, { ...options, clock: NOW + 2 * HOUR });
    assert.deepEqual(await tab.bare(async ({ until }) => {
      window.calls.push('none so far');
      const stale = await window.load('a');
      await until(() => window.events.includes('refreshed'));
      return [stale.nth, (await window.load('a')).nth, window.calls.length, window.load.stats().stale];
    }), [1, 2, 2, 1]);
    await reload(tab);
    await open(tab, { ...options, clock: NOW + 2 * HOUR + 1 });
    assert.deepEqual(await tab.bare(async () => [(await window.load('a')).nth, window.calls.length, window.load.info('a').age]), [2, 0, 1]);
  });

  test('with staleIfError a value of an earlier page takes the place of an error', async tab => {
    await open(tab, { ttl: '1h', staleIfError: '2h', clock: NOW });
    await tab.bare(() => void window.load('a'));
    await reload(tab);
    await stopClock(tab, NOW + 2 * HOUR);
    assert.deepEqual(await tab.run(({ cacheData }) => {
      const load = cacheData(() => { throw new RangeError('down'); }, { name: 'load', persist: 'session', ttl: '1h', staleIfError: '2h' });
      const served = load('a').nth;
      Date.now = (now => () => now + 3_600_000)(Date.now());
      try {
        load('a');
      } catch ({ name }) {
        return [served, name];
      }
    }), [1, 'RangeError']);
  });

  test('the next page may keep fewer entries: those that last longest stay, and the others leave the storage', async tab => {
    await open(tab, { ttl: '1h', clock: NOW });
    await tab.bare(() => {
      for (const [i, key] of ['c', 'a', 'd', 'b'].entries()) {
        Date.now = () => 1_800_000_000_000 + i;
        window.load(key);
      }
    });
    await reload(tab);
    await open(tab, { ttl: '1h', maxEntries: 2, clock: NOW + 10 });
    assert.deepEqual(await tab.bare(async ({ until }) => {
      const { entries } = window.load.stats();
      await until(() => window.texts().length === 2);
      const before = window.words();
      window.load('e'); // d is the one of those two that was stored first
      await until(() => !window.words().includes('d'));
      return [entries, before, window.words(), window.calls];
    }), [2, ['b', 'd'], ['b', 'e'], [['e']]]);
  });

  test('has, peek and info of a stored value are no use of it: it goes first as before', async tab => {
    await open(tab, { ttl: '1h', clock: NOW });
    await tab.bare(() => {
      window.load('a');
      Date.now = (now => () => now)(Date.now() + 1);
      window.load('b');
    });
    await reload(tab);
    await open(tab, { ttl: '1h', maxEntries: 2, clock: NOW + 10 });
    assert.deepEqual(await tab.bare(() => {
      const seen = [window.load.has('a'), window.load.peek('a').nth, window.load.info('a').age];
      window.load('c');
      return [...seen, window.load.has('a'), window.load.has('b')];
    }), [true, 1, 10, false, true]);
  });

  test('clear() and clear(...args) empty the storage, also of what was never read in this page', async tab => {
    const fill = () => { for (const key of ['a', 'b', 'c']) window.load(key); };
    await open(tab);
    await tab.bare(fill);
    await reload(tab);
    await open(tab);
    assert.deepEqual(await tab.bare(async ({ until }) => {
      const before = window.texts().length;
      window.load.clear('b');
      await until(() => window.texts().length < 3);
      const without = window.words();
      window.load('a');
      window.load.clear();
      await until(() => window.texts().length === 0);
      return [before, without, window.calls.length, window.load.stats().entries, window.load('c').nth];
    }), [3, ['a', 'c'], 0, 0, 1]);
  });

  test('what is evicted or has expired leaves the storage', async tab => {
    await open(tab, { maxEntries: 2 });
    assert.deepEqual(await tab.bare(async ({ until }) => {
      for (const key of ['a', 'b', 'a', 'c']) window.load(key);
      await until(() => window.texts().length === 2);
      return window.words();
    }), ['a', 'c']);
    await open(tab, { name: 'brief', ttl: 40 });
    await tab.bare(async ({ until }) => {
      window.load('a');
      await until(() => window.texts().length === 0 && window.events.includes('evicted expired'));
    });
  });

  test('what an earlier page has stored expires in this one without being asked for', async tab => {
    await open(tab, { ttl: '1h', clock: NOW });
    await tab.bare(() => void window.load('a'));
    await reload(tab);
    await open(tab, { ttl: '1h', clock: NOW + HOUR - 30 });
    await stopClock(tab, NOW + HOUR);
    await tab.bare(({ until }) => until(() => window.texts().length === 0));
    assert.deepEqual(await tab.bare(() => window.load.stats().entries), 0);
  });

  test('a value that settles after clear() is not stored, nor is one without time', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, deferred, until }) => {
      const texts = () => Object.keys(sessionStorage).filter(key => key.startsWith('taskloom:taskloom.cache.'));
      const gate = deferred();
      const load = cacheData(async key => { await gate.promise; return key; }, { name: 'load', persist: 'session' });
      const waiting = [load('a'), load('b')];
      load.clear();
      waiting.push(load('b'));
      gate.resolve();
      const values = await Promise.all(waiting);
      await until(() => texts().length === 1);
      const brief = cacheData(key => key, { name: 'brief', persist: 'session', ttl: 0 });
      brief('c');
      await until(() => texts().length === 1 && brief.stats().entries === 0);
      return [values, texts().map(key => /\w+(?=\W*$)/.exec(key)[0])];
    }), [['a', 'b', 'b'], ['b']]);
  });

  test('errors that are kept are not stored', async tab => {
    await tab.run(async ({ cacheData, thrownBy, nextTurn }) => {
      const load = cacheData(() => { throw new RangeError('mine'); }, { name: 'load', persist: 'session', errorTtl: '1h' });
      thrownBy(() => load('a'));
      await nextTurn();
    });
    await reload(tab);
    await open(tab);
    assert.deepEqual(await tab.bare(() => [window.texts(), window.load('a').nth]), [[], 1]);
  });

  test('another version drops the values of all others and removes their texts, and nobody else\'s', async tab => {
    for (const name of ['load', 'loader', 'load:0', 'load.cache']) {
      await open(tab, { name, version: 1 });
      await tab.bare(() => void window.load('a'));
    }
    await tab.bare(() => sessionStorage.setItem('taskloom:load@1:a', 't1:1'));
    await reload(tab);
    await open(tab, { version: 1 });
    assert.deepEqual(await tab.bare(() => [window.load('a').nth, window.calls.length]), [1, 0]);
    await reload(tab);
    await open(tab, { version: 2 });
    assert.deepEqual(await tab.bare(() => [window.load('b').nth, window.load.has('a'), sessionStorage.getItem('taskloom:load@1:a')]), [1, false, 't1:1']);
    await open(tab, { version: 1 });
    assert.deepEqual(await tab.bare(() => [window.texts(), window.load.has('a')]), [[], false]);
    for (const name of ['loader', 'load:0', 'load.cache']) {
      await open(tab, { name, version: 1 });
      assert.equal(await tab.bare(() => { window.load('a'); return window.calls.length; }), 0, name);
    }
  });

  test('a cache whose name goes on where another\'s ends, with an @, keeps its values when that one is opened', async tab => {
    await open(tab, { name: 'load@eu' });
    await tab.bare(() => void window.load('a'));
    await reload(tab);
    await open(tab);
    await open(tab, { name: 'load@eu' });
    assert.deepEqual(await tab.bare(() => [window.load('a').nth, window.calls.length]), [1, 0]);
  });

  test('dispose() leaves what is stored', async tab => {
    await open(tab);
    await tab.bare(async ({ nextTurn }) => {
      window.load('a');
      window.load[Symbol.dispose]();
      await nextTurn();
    });
    await open(tab);
    assert.deepEqual(await tab.bare(() => [window.load('a').nth, window.calls.length]), [1, 0]);
  });

  test('with scope: origin persist is no second place: localStorage has no values of such a cache', async tab => {
    await open(tab, { persist: 'local', scope: 'origin' });
    assert.deepEqual(await tab.bare(async () => [(await window.load('a')).args, Object.keys(localStorage)]), [['a'], ['taskloom-seed']]);
  });

  test('a name is required, and the storages are the two that there are', async tab => {
    assert.deepEqual(await tab.run(({ cacheData, cacheResource, thrownBy }) => [
      [cacheData, { persist: 'session' }], [cacheData, { persist: 'local', name: '' }], [cacheData, { scope: 'origin' }], [cacheData, { persist: 'disk', name: 'a' }],
      [cacheData, { persist: 'session', scope: 'origin', name: 'a' }], [cacheData, { persist: 'session', name: 'a', version: 1.5 }], [cacheResource, { persist: 'local', name: 'a' }],
      [cacheResource, { scope: 'origin', name: 'a' }],
    ].map(([make, options]) => {
      const { code, message } = thrownBy(() => make(function load() {}, options));
      return [code, /name|persist|scope|version/.exec(message)[0]];
    })), ['name', 'name', 'name', 'persist', 'persist', 'version', 'persist', 'scope'].map(option => ['invalid-argument', option]));
  });

  for (const how of ['reload', 'elsewhere']) {
    test(`a value that was made in the same turn as the page is left is there afterwards (${how})`, async tab => {
      await open(tab);
      const loaded = tab.page.waitForNavigation({ waitUntil: 'load' });
      await tab.page.evaluate(`void (load('a'), load('b'), ${how === 'reload' ? 'location.reload()' : "location.search = '?elsewhere'"})`)
        .catch(error => { if (!/context|destroyed|navigat/i.test(error.message)) throw error; });
      await loaded;
      await open(tab);
      assert.deepEqual(await tab.bare(() => [window.load('a').nth, window.load('b').nth, window.calls.length]), [1, 2, 0]);
    });
  }

  test('values of a tab that is closed from outside are there for the next', async (tab, site) => {
    const other = await sibling(tab, site);
    await open(other, { persist: 'local', isAsync: true });
    await other.bare(() => window.load('a').then(() => {}));
    await other.page.close();
    await tab.bare(({ until }) => until(() => Object.keys(localStorage).length > 1)); // its seed and its value
    await open(tab, { persist: 'local', isAsync: true });
    assert.deepEqual(await tab.bare(async () => [(await window.load('a')).nth, window.calls.length]), [1, 0]);
  });

  if (browser.name !== 'Chromium') return;

  test('values of a renderer that crashes a turn later are there for the next', async (tab, site) => {
    const other = await sibling(tab, site);
    try {
      await open(other, { persist: 'local', isAsync: true });
      await other.bare(async ({ nextTurn }) => { await window.load('a'); await nextTurn(); });
      await tab.bare(({ until }) => until(() => Object.keys(localStorage).length > 1));
      const crashed = new Promise(resolve => other.page.once('crash', resolve));
      const cdp = await other.page.context().newCDPSession(other.page);
      cdp.send('Page.crash').catch(() => {}); // nobody is left to answer
      await crashed;
      await open(tab, { persist: 'local', isAsync: true });
      assert.deepEqual(await tab.bare(async () => [(await window.load('a')).nth, window.calls.length]), [1, 0]);
    } finally {
      await other.page.close();
    }
  });
}
