// `scope: 'origin'`: one execution for all tabs, and the values that are there for all.

import assert from 'node:assert/strict';
import { reload, sibling } from '../state/support.mjs';
import { begin, ending, executions, HOUR, NOW, openGate, openShared, reached, stopClock, untilUnlocked, untilWaiting } from './support.mjs';

const newIds = () => ({ run: crypto.randomUUID(), gate: crypto.randomUUID() });

export default function origin(test) {
  /** A test with another tab of the same browser, and ids for what the server counts and holds up. */
  const testTwo = (name, body, options) => test(name, async (tab, site) => {
    const other = await sibling(tab, site);
    try {
      await body(tab, other, newIds(), site);
      await other.checkProblems();
    } finally {
      await other.page.close();
    }
  }, options);

  const call = (tab, key = 'a') => begin(tab, key).then(() => ending(tab));

  testTwo('two tabs that call at once share one execution, and each caller has a value of its own', async (tab, other, { run, gate }) => {
    await openShared(tab, 'one', { run, gate });
    await openShared(other, 'two', { run, gate });
    await Promise.all([tab, other].map(each => each.bare(() => {
      window.calls = [window.load('a'), window.load('a'), window.load('a')];
    })));
    await untilWaiting(tab, 1);
    await openGate(tab, gate);
    const values = await Promise.all([tab, other].map(each => each.bare(async () => {
      const values = await Promise.all(window.calls);
      values[0].by = 'changed by its caller';
      return [new Set(values).size, values[1].by, values[2].date.getTime(), (await window.load('a')).by, window.load.stats().shared];
    })));
    const [[who]] = Object.keys(await executions(tab, run)).map(id => [id.slice(2)]);
    assert.deepEqual(values, Array(2).fill([3, who, 5, who, 2]));
    assert.deepEqual(await executions(tab, run), { [`a/${who}`]: 1 });
  });

  testTwo('other keys wait for nobody', async (tab, other, { run, gate }) => {
    await openShared(tab, 'one', { run, gate });
    await openShared(other, 'two', { run });
    await begin(tab, 'a');
    await reached(tab, gate);
    assert.equal(await call(other, 'b'), 'two');
    await openGate(tab, gate);
    assert.equal(await ending(tab), 'one');
  });

  testTwo('a tab that comes later takes the stored value without an execution, also after all have reloaded', async (tab, other, { run }) => {
    await openShared(tab, 'one', { run });
    assert.equal(await call(tab), 'one');
    await openShared(other, 'two', { run });
    assert.equal(await call(other), 'one');
    await untilUnlocked(tab);
    await Promise.all([reload(tab), reload(other)]);
    await openShared(tab, 'three', { run });
    await openShared(other, 'four', { run });
    assert.deepEqual(await Promise.all([call(tab), call(other)]), ['one', 'one']);
    assert.deepEqual(await executions(tab, run), { 'a/one': 1 });
  });

  testTwo('a value has the same end in all tabs', async (tab, other, { run }) => {
    await stopClock(tab, NOW);
    await openShared(tab, 'one', { run, ttl: '1h' });
    assert.equal(await call(tab), 'one');
    await stopClock(other, NOW + HOUR - 1);
    await openShared(other, 'two', { run, ttl: '1h' });
    assert.equal(await call(other), 'one');
    assert.deepEqual(await other.bare(() => window.load.info('a')), { age: HOUR - 1, expiresIn: 1, stale: false, running: false, bytes: 0 });
    await stopClock(other, NOW + HOUR);
    assert.equal(await call(other), 'two');
    await tab.bare(({ until }) => until(() => !window.load.has('a'))); // it is told of the new one
    assert.equal(await call(tab), 'two');
    assert.deepEqual(await executions(tab, run), { 'a/one': 1, 'a/two': 1 });
  });

  testTwo('clear(...args) in one tab lets the value go in all, and no other', async (tab, other, { run }) => {
    await openShared(tab, 'one', { run });
    await openShared(other, 'two', { run });
    for (const key of ['a', 'b']) {
      await call(tab, key);
      await call(other, key);
    }
    await other.bare(() => window.load.clear('a'));
    await tab.bare(({ until }) => until(() => !window.load.has('a')));
    assert.deepEqual(await tab.bare(() => [window.load.has('b'), window.events.at(-1)]), [true, 'evicted cleared']);
    assert.deepEqual([await call(tab, 'a'), await call(tab, 'b')], ['one', 'one']);
    assert.deepEqual(await executions(tab, run), { 'a/one': 2, 'b/one': 1 });
  });

  testTwo('clear() in one tab lets all values of the cache go in all tabs, and none of another cache', async (tab, other, { run }) => {
    await openShared(tab, 'kept', { run, name: 'shared too' });
    await call(tab, 'a');
    await openShared(tab, 'one', { run });
    await openShared(other, 'two', { run });
    for (const key of ['a', 'b']) {
      await call(tab, key);
      await call(other, key);
    }
    await other.bare(() => window.load.clear());
    await tab.bare(({ until }) => until(() => !window.load.has('a') && !window.load.has('b')));
    await tab.bare(({ until }) => until(async () => (await window.records()).length === 1));
    assert.deepEqual([await call(other, 'a'), await call(tab, 'b')], ['two', 'one']);
    await openShared(other, 'four', { run, name: 'shared too' });
    assert.equal(await call(other, 'a'), 'kept');
  });

  for (const [what, args] of [['clear(...args)', ['a']], ['clear()', []]]) {
    testTwo(`what is under way in another tab at a ${what} goes to those who wait for it, and is not stored`, async (tab, other, { run, gate }) => {
      await openShared(tab, 'one', { run, gate });
      await openShared(other, 'two', { run });
      await begin(tab);
      await reached(tab, gate);
      await other.bare((_, args) => window.load.clear(...args), args);
      await other.bare(({ until }) => until(async () => (await window.entries()).length === 1)); // the mark in its place
      await openGate(tab, gate);
      assert.equal(await ending(tab), 'one');
      await untilUnlocked(tab);
      assert.deepEqual(await tab.bare(async () => [window.load.has('a'), await window.records()]), [false, []]);
      assert.equal(await call(other), 'two');
      assert.equal(await call(tab), 'two');
      assert.deepEqual(await executions(tab, run), { 'a/one': 1, 'a/two': 1 });
    });
  }

  testTwo('after a clear() and a value that settle at the same moment no tab keeps what is not stored', async (tab, other, { run }) => {
    await openShared(tab, 'one', { run });
    await openShared(other, 'two', { run });
    for (let i = 0; i < 10; i++) {
      const key = `key ${i}`;
      await Promise.all([call(tab, key), other.bare(async ({ nextTurn }, key) => {
        window.load.clear(key);
        await nextTurn();
        await window.entries(); // reads after the clear has been written
      }, key)]);
      await untilUnlocked(tab);
      await tab.bare(({ until }, key) => until(async () => !window.load.has(key) || (await window.records()).some(value => value.key === key)), key);
    }
  });

  testTwo('refresh() in one tab: the others have the new value at their next call', async (tab, other, { run }) => {
    await openShared(tab, 'one', { run });
    await openShared(other, 'two', { run });
    assert.deepEqual([await call(tab), await call(other)], ['one', 'one']);
    assert.equal(await other.bare(async () => (await window.load.refresh('a')).by), 'two');
    await tab.bare(({ until }) => until(() => !window.load.has('a')));
    assert.deepEqual([await call(tab), await call(other)], ['two', 'two']);
    assert.deepEqual(await executions(tab, run), { 'a/one': 1, 'a/two': 1 });
  });

  testTwo('with refresh: background the stale value is served in each tab, and one tab makes the new one', async (tab, other, { run, gate }) => {
    const options = { run, ttl: '1h', refresh: 'background' };
    for (const [each, who] of [[tab, 'one'], [other, 'two']]) {
      await stopClock(each, NOW);
      await openShared(each, who, options);
      assert.equal(await call(each), 'one');
    }
    await openShared(tab, 'again', { ...options, gate });
    assert.equal(await call(tab), 'one');
    await Promise.all([tab, other].map(each => stopClock(each, NOW + 2 * HOUR)));
    assert.equal(await call(tab), 'one');
    await reached(tab, gate);
    assert.equal(await call(other), 'one');
    await untilWaiting(tab, 1);
    await openGate(tab, gate);
    for (const each of [tab, other]) await each.bare(({ until }) => until(async () => (await window.load('a')).by === 'again'));
    assert.deepEqual(await executions(tab, run), { 'a/one': 1, 'a/again': 1 });
  });

  testTwo('long, binary and odd keys are the same in all tabs', async (tab, other, { run }) => {
    const make = ({ cacheData }, { who, run }) => {
      const load = cacheData(async (_, number) => {
        await fetch(`/count?${run}:${number}/${who}`);
        return number;
      }, { name: 'keys', scope: 'origin', ignore: [1] });
      const keys = [
        'x'.repeat(2000), '\0', '', '\0s1:a', '\ud800', 'ö\u2028', Uint8Array.from({ length: 5000 }, (_, i) => i), { a: [1, { b: 'y'.repeat(600) }], c: new Map([[1, 2]]) },
        new Date(5), 1n, -0, undefined, Array.from({ length: 300 }, (_, i) => i / 7),
      ];
      return Promise.all(keys.map((key, i) => load(key, i)));
    };
    const numbers = Array.from({ length: 13 }, (_, i) => i);
    assert.deepEqual(await tab.run(make, { who: 'one', run }), numbers);
    assert.deepEqual(await other.run(make, { who: 'two', run }), numbers);
    assert.deepEqual(await executions(tab, run), Object.fromEntries(numbers.map(number => [`${number}/one`, 1])));
    assert.match(await tab.bare(() => localStorage.getItem('taskloom-seed')), /^\d+\.\d+$/);
  });

  testTwo('with a ttl of 0 calls of two tabs at once share one execution, and nothing is kept', async (tab, other, { run, gate }) => {
    await openShared(tab, 'one', { run, gate, ttl: 0 });
    await openShared(other, 'two', { run, ttl: 0 });
    await begin(tab);
    await reached(tab, gate);
    await begin(other);
    await untilWaiting(tab, 1);
    await openGate(tab, gate);
    assert.deepEqual([await ending(tab), await ending(other)], ['one', 'one']);
    assert.equal(await call(other), 'two');
  });

  testTwo('a database that somebody deletes is made anew at the next call', async (tab, other, { run }) => {
    await openShared(tab, 'one', { run });
    await openShared(other, 'two', { run });
    assert.deepEqual([await call(tab), await call(other)], ['one', 'one']);
    await untilUnlocked(tab);
    await tab.bare(() => new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase('taskloom');
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error);
    }));
    assert.deepEqual([await call(tab, 'b'), await call(other, 'b')], ['one', 'one']);
    assert.deepEqual(await executions(tab, run), { 'a/one': 1, 'b/one': 1 });
    assert.deepEqual(await tab.bare(() => window.events.filter(event => event.startsWith('error'))), []);
  });

  test('a function that calls itself with the same arguments is told so, and does not wait for itself', async tab => {
    assert.equal(await tab.run(async ({ cacheData, rejectionOf }) => {
      const load = cacheData(async key => load(key), { name: 'recursive', scope: 'origin' });
      return (await rejectionOf(load('a'))).code;
    }), 'recursive-call');
  });

  testTwo('another version has values of its own', async (tab, other, { run }) => {
    await openShared(tab, 'one', { run });
    await openShared(other, 'two', { run, version: 1 });
    assert.deepEqual([await call(tab), await call(other)], ['one', 'two']);
    await tab.bare(() => window.load.clear());
    await untilUnlocked(tab);
    assert.equal(await other.bare(() => window.load.has('a')), true);
  });

  test('a value that is too deep to be stored is its callers\', and that is said', async tab => {
    assert.deepEqual(await tab.run(async ({ cacheData, until }) => {
      const told = [];
      const load = cacheData(async depth => { let value = []; for (let i = 0; i < depth; i++) value = [value]; return value; }, { name: 'deep', scope: 'origin', copy: 'share' });
      load.subscribe(({ type, error }) => { if (type === 'error') told.push([error.code, /too deep/.test(error.message)]); });
      for (const depth of [10, 3_000, 100_000]) if (!Array.isArray(await load(depth))) throw new Error('it is no value');
      if (!navigator.userAgent.includes('Firefox')) await until(() => told.length > 0); // which stores what is as deep as that
      return told.filter(([code, said]) => code !== 'not-serializable' || !said);
    }), []);
  });

  test('a value that can\'t be cloned is its callers\', and that it is not stored is said', async tab => {
    await tab.run(async ({ cacheData, until }) => {
      const told = [];
      const load = cacheData(async key => ({ key, format: () => key }), { name: 'functions', scope: 'origin', copy: 'share' });
      load.subscribe(({ type, error }) => { if (type === 'error') told.push(error.code); });
      const value = await load('a');
      await until(() => told.length > 0);
      if (value.format() !== 'a' || await load('a') !== value || told.join() !== 'not-serializable') throw new Error(`${told}`);
    });
  });

  test('what is stored is what the function returned, also if it changes that right afterwards', async tab => {
    await openShared(tab, 'one', { run: crypto.randomUUID() });
    await tab.run(async ({ cacheData }) => {
      const rows = [1];
      window.rows = cacheData(async () => rows, { name: 'rows', scope: 'origin' });
      window.first = await window.rows();
      rows.push(2);
    });
    await untilUnlocked(tab);
    assert.deepEqual(await tab.bare(async () => [window.first, await window.rows(), await window.records()]), [[1], [1], [[1]]]);
  });

  test('maxEntries bounds what is stored: the oldest values go', async tab => {
    const run = crypto.randomUUID();
    await openShared(tab, 'one', { run, maxEntries: 3 });
    for (const [i, key] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      await stopClock(tab, NOW + i);
      await call(tab, key);
      await untilUnlocked(tab);
    }
    assert.deepEqual(await tab.bare(async () => (await window.records()).map(({ key }) => key)), ['c', 'd', 'e']);
  });

  test('a value that is evicted in its own tab before it is stored has its end in the database all the same', async tab => {
    await stopClock(tab, NOW);
    await openShared(tab, 'one', { run: crypto.randomUUID() });
    await tab.run(async ({ cacheData, deferred, until }) => {
      const gate = deferred();
      let started = 0;
      const load = cacheData(async key => { started++; await gate.promise; return key; }, { name: 'evicted', scope: 'origin', ttl: '1h', maxBytes: 1, sizeOf: () => 1 });
      const values = ['a', 'b'].map(key => load(key));
      await until(() => started === 2);
      gate.resolve();
      await Promise.all(values);
    });
    await untilUnlocked(tab);
    assert.deepEqual(await tab.bare(async () => (await window.entries()).map(({ value, freshUntil, end }) => [value.it, freshUntil, end])), [['a', NOW + HOUR, NOW + HOUR], ['b', NOW + HOUR, NOW + HOUR]]);
  });

  test('what has ended leaves the database when it is next opened', async tab => {
    const run = crypto.randomUUID();
    await stopClock(tab, NOW);
    await openShared(tab, 'one', { run, ttl: '1h' });
    await call(tab, 'a');
    await untilUnlocked(tab);
    await reload(tab);
    await stopClock(tab, NOW + HOUR);
    await openShared(tab, 'two', { run, ttl: '1h' });
    assert.equal(await call(tab, 'b'), 'two');
    await untilUnlocked(tab);
    assert.deepEqual(await tab.bare(async () => (await window.records()).map(({ key }) => key)), ['b']);
  });

  for (const [what, block] of Object.entries({
    'is not there': () => void Object.defineProperty(window, 'indexedDB', { value: undefined }),
    'is forbidden': () => { IDBFactory.prototype.open = () => { throw new DOMException('The operation is insecure.', 'SecurityError'); }; },
    'can\'t be opened': () => {
      IDBFactory.prototype.open = () => {
        const request = new EventTarget();
        request.error = new DOMException('broken', 'UnknownError');
        setTimeout(() => request.onerror?.(new Event('error')));
        return request;
      };
    },
  })) {
    test(`where IndexedDB ${what} the page keeps its values, and that is said once`, async tab => {
      const run = crypto.randomUUID();
      await tab.bare(block);
      await openShared(tab, 'one', { run });
      assert.deepEqual([await call(tab, 'a'), await call(tab, 'a'), await call(tab, 'b')], ['one', 'one', 'one']);
      await tab.bare(() => window.load.clear('a'));
      assert.equal(await call(tab, 'a'), 'one');
      assert.deepEqual(await tab.bare(() => window.events.filter(event => event.startsWith('error'))), ['error storage-blocked']);
      assert.deepEqual(await executions(tab, run), { 'a/one': 2, 'b/one': 1 });
    });
  }

  test('without Web Locks or BroadcastChannel the page keeps its values', async tab => {
    const run = crypto.randomUUID();
    await tab.bare(() => {
      Object.defineProperty(navigator, 'locks', { value: undefined });
      window.BroadcastChannel = undefined;
    });
    await openShared(tab, 'one', { run });
    assert.deepEqual([await call(tab, 'a'), await call(tab, 'a')], ['one', 'one']);
    await tab.bare(() => window.load.clear());
    assert.equal(await call(tab, 'a'), 'one');
    assert.deepEqual(await executions(tab, run), { 'a/one': 2 });
  });

  test('a cache that is disposed of right after a clear() says nothing of it, and clears', async tab => {
    const run = crypto.randomUUID();
    await openShared(tab, 'one', { run });
    await call(tab, 'a');
    await untilUnlocked(tab);
    await tab.bare(async ({ until, nextTurn }) => {
      window.load.clear();
      window.load[Symbol.dispose]();
      await until(async () => (await window.records()).length === 0);
      await nextTurn();
    });
  });
}
