// A storage that is refused, hangs, is cleared or is full.

import assert from 'node:assert/strict';
import { deleteDatabase, get, hold, keepBusy, load, open, openIn, untilIs, wait } from './support.mjs';

export default function storage(test) {
  test('where storage is refused at first the state is in memory, and onError is told once', async tab => {
    await tab.bare(() => { IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }; });
    await open(tab);
    assert.deepEqual(await tab.bare(async () => {
      const { shared } = window;
      await shared.set('a', 1);
      await shared.update('a', a => a + 1);
      const value = await shared.lock('a', ({ value, set }) => set(value + 1).then(() => shared.get('a')));
      const [one, two] = await Promise.all([1, 2].map(() => shared.lock('a', ({ update }) => update(a => a + 1))));
      await shared.clear();
      return [value, one, two, shared.keys(), shared.presence().tabs.length, window.told];
    }), [3, 4, 5, [], 1, ['storage-blocked']]);
    assert.deepEqual(await load(tab, async ({ sharedState }) => {
      const warnings = [];
      console.warn = text => warnings.push(text);
      await sharedState('quiet');
      await (await sharedState('quiet')).set('a', 1);
      return warnings.map(text => text.includes('IndexedDB'));
    }), [true]);
  });

  test('where storage is refused later writes reject, reads go on, and nothing forks', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await tab.bare(() => window.shared.set('a', 1));
    await untilIs(other, 'a', 1);
    await tab.bare(() => {
      window.transaction = IDBDatabase.prototype.transaction;
      window.openDatabase = IDBFactory.prototype.open;
      IDBDatabase.prototype.transaction = () => { throw new DOMException('no', 'InvalidStateError'); };
      IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };
    });
    assert.deepEqual(await tab.bare(async ({ describe }) => [
      (await window.shared.set('a', 2).catch(describe)).code, (await window.shared.update('a', () => 2).catch(describe)).code,
      (await window.shared.lock('a', () => {}).catch(describe)).code, window.shared.get('a'),
    ]), ['storage-blocked', 'storage-blocked', 'storage-blocked', 1]);
    await other.bare(() => window.shared.set('a', 3));
    await untilIs(tab, 'a', 3);
    await tab.bare(() => {
      IDBDatabase.prototype.transaction = window.transaction;
      IDBFactory.prototype.open = window.openDatabase;
    });
    await tab.bare(() => window.shared.update('a', a => a + 1));
    await untilIs(other, 'a', 4);
  });

  test('a connection that is lost is opened again, and the write is done once', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await tab.bare(async () => {
      const { open } = IDBFactory.prototype;
      const { transaction } = IDBDatabase.prototype;
      const closed = new WeakSet();
      let count = 0;
      // Every tenth transaction finds its connection closed.
      IDBDatabase.prototype.transaction = function (...args) {
        if (++count % 10 === 0 && !closed.has(this)) {
          closed.add(this);
          this.close();
        }
        return transaction.apply(this, args);
      };
      for (let i = 0; i < 50; i++) await window.shared.update('n', n => (n ?? 0) + 1);
      Object.assign(IDBFactory.prototype, { open });
    });
    await untilIs(other, 'n', 50);
  });

  test('a transaction that is aborted although it was not asked to be is done once', async tab => {
    await open(tab);
    assert.deepEqual(await tab.bare(async () => {
      const { put } = IDBObjectStore.prototype;
      let count = 0;
      IDBObjectStore.prototype.put = function (...args) {
        const request = put.apply(this, args);
        if (++count % 7 === 0) this.transaction.abort();
        return request;
      };
      for (let i = 0; i < 20; i++) await window.shared.update('n', n => (n ?? 0) + 1);
      IDBObjectStore.prototype.put = put;
      return window.shared.get('n');
    }), 20);
  });

  test('a full storage rejects the write with quota-exceeded, and the old value stays', async tab => {
    await open(tab);
    await tab.bare(() => window.shared.set('a', 1));
    assert.deepEqual(await tab.bare(async ({ describe }) => {
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = function () { throw new DOMException('no room', 'QuotaExceededError'); };
      const error = await window.shared.set('a', 2).catch(describe);
      IDBObjectStore.prototype.put = put;
      return [error.code, window.shared.get('a'), await window.shared.update('a', a => a + 1)];
    }), ['quota-exceeded', 1, 2]);
  });

  test('a database that does not answer rejects the write with storage-blocked, and is used again when it does', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await keepBusy(other);
    assert.deepEqual(await tab.bare(async ({ describe }) => {
      const error = await window.shared.set('a', 1).catch(describe);
      return [error.code, window.shared.has('a')];
    }), ['storage-blocked', false]);
    await other.bare(() => { window.isHeld = false; });
    await tab.bare(() => window.shared.set('a', 2));
    await untilIs(other, 'a', 2);
  });

  test('a tab that is opened while another stands still in a transaction waits, and is not alone', async (tab, another) => {
    await open(tab);
    await tab.bare(() => window.shared.set('a', 1));
    await keepBusy(tab);
    const late = await another();
    await late.bare(() => {
      window.warnings = [];
      console.warn = text => window.warnings.push(text);
    });
    const opened = open(late);
    await late.bare(({ until }) => until(() => window.warnings.some(text => text.includes('is not open yet'))));
    await tab.bare(() => { window.isHeld = false; });
    await opened;
    assert.equal(await get(late, 'a'), 1);
    assert.deepEqual(await late.bare(() => window.told), []);
    await late.bare(() => window.shared.set('a', 2));
    await untilIs(tab, 'a', 2);
    if (!process.env.TASKLOOM_ALL) return;
    await keepBusy(tab);
    const third = await another();
    await third.bare(() => { console.warn = () => {}; });
    assert.equal((await load(third, ({ sharedState, describe }) => sharedState('app').catch(describe))).code, 'storage-blocked');
    await tab.bare(() => { window.isHeld = false; });
    assert.equal(await load(third, ({ sharedState }) => sharedState('app').then(shared => shared.get('a'))), 2);
  });

  test('when the database is deleted under a lock, who waits for it goes on when it is given back', async (tab, another) => {
    const other = await another();
    await openIn([tab, other], { lease: '1h' });
    await hold(tab, 'a');
    await wait(other, 'a');
    await other.bare(() => window.shared.set('b', 1));
    await deleteDatabase(other);
    assert.equal((await tab.bare(() => window.ended)).code, 'lease-lost');
    assert.equal(typeof await other.bare(() => window.waited), 'number');
    for (const each of [tab, other]) await each.bare(({ until }) => until(() => !window.shared.has('b')));
  });

  test('who has written where the storage was cleared finds it when the write has resolved', async tab => {
    await open(tab);
    await tab.bare(async () => { for (let i = 0; i < 5; i++) await window.shared.set('a', i); });
    assert.deepEqual(await tab.bare(async () => {
      const deleting = new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('taskloom');
        request.onsuccess = resolve;
        request.onerror = () => reject(request.error);
      });
      await deleting;
      const version = await window.shared.set('a', 'new');
      return [version, window.shared.getVersion('a'), window.shared.get('a')];
    }), [1, 1, 'new']);
  });

  test('when the storage is cleared under open tabs they begin anew together', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await tab.bare(async () => {
      for (let i = 0; i < 5; i++) await window.shared.set('a', i);
      await window.shared.set('b', 1);
    });
    await untilIs(other, 'b', 1);
    await deleteDatabase(tab);
    await tab.bare(() => window.shared.set('c', 1));
    assert.deepEqual(await tab.bare(({ until }) => until(() => window.shared.keys().length === 1 && window.shared.keys())), ['c']);
    await other.bare(() => window.shared.update('d', () => 2));
    for (const each of [tab, other]) {
      await each.bare(() => dispatchEvent(new Event('focus')));
      await each.bare(({ until }) => until(() => [...window.shared.keys()].sort().join() === 'c,d'));
    }
    await tab.bare(() => window.shared.set('a', 'again'));
    await untilIs(other, 'a', 'again');
    assert.equal(await get(tab, 'd'), 2);
  });

  test('when the storage is cleared onReset is called, then subscribers; versions start anew, old ones conflict, and a lock that is held is lost', async (tab, another) => {
    const other = await another();
    await openIn([tab, other]);
    await tab.bare(async () => {
      for (let i = 0; i < 5; i++) await window.shared.set('a', i);
      await window.shared.set('b', 'theirs');
    });
    for (const each of [tab, other]) await untilIs(each, 'b', 'theirs');
    await hold(other, 'a', { lease: '1h' });
    for (const each of [tab, other]) {
      await load(each, async ({ sharedState }) => {
        window.events = [];
        window.again = await sharedState('app', { onReset: () => window.events.push(['reset', [...window.shared.keys()].sort().join()]) });
        window.again.subscribe(undefined, ({ key, value, version, self }) => window.events.push([key, value ?? null, version, self]));
        window.before = window.shared.getVersion('b');
      });
    }
    await deleteDatabase(tab);
    for (const each of [tab, other]) {
      await each.bare(({ until }) => until(() => window.events.length >= 3));
      assert.deepEqual(await each.bare(() => [window.events[0], window.events.slice(1).sort()]), [['reset', ''], [['a', null, 0, false], ['b', null, 0, false]]]);
    }
    await tab.bare(() => window.shared.set('b', 'ours'));
    await untilIs(other, 'b', 'ours');
    assert.equal((await other.bare(() => window.ended)).code, 'lease-lost');
    assert.deepEqual(await other.bare(async ({ describe }) => [
      (await window.shared.set('b', 'stale', { ifVersion: window.before }).catch(describe)).code, window.shared.get('b'),
      await window.shared.lock('a', ({ set }) => set('new')) > 1,
    ]), ['conflict', 'ours', true]);
    await untilIs(tab, 'a', 'new');
    assert.equal(await tab.bare(() => window.events.filter(([name]) => name === 'reset').length), 1);
  });

  test('durable: true writes strictly, without it nothing does', async tab => {
    await tab.bare(() => {
      window.durabilities = [];
      const { transaction } = IDBDatabase.prototype;
      IDBDatabase.prototype.transaction = function (stores, mode, options) {
        if (stores === 'shared' && mode === 'readwrite') window.durabilities.push(options.durability);
        return transaction.call(this, stores, mode, options);
      };
    });
    await open(tab, { durable: true }, 'strict');
    await tab.bare(async () => {
      window.durabilities.length = 0;
      await window.shared.set('a', 1);
    });
    await open(tab, {}, 'relaxed');
    await tab.bare(() => window.shared.set('a', 1));
    const durabilities = await tab.bare(() => window.durabilities);
    assert.deepEqual([durabilities[0], durabilities.at(-1)], ['strict', 'relaxed']);
  });

  test('keys that were removed take no room for ever', async tab => {
    await open(tab);
    assert.equal(await tab.bare(async ({ until }) => {
      const { shared } = window;
      for (let i = 0; i < 3000; i += 500) {
        await Promise.all(Array.from({ length: 500 }, (_, n) => shared.set(`k${i + n}`, n)));
        await Promise.all(Array.from({ length: 500 }, (_, n) => shared.delete(`k${i + n}`)));
      }
      await shared.set('a', 1);
      return until(async () => (await window.rows()).length < 2000);
    }), true);
    await open(tab);
    assert.deepEqual(await tab.bare(() => window.shared.keys()), ['a']);
  });
}
