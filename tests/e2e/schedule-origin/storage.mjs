// Pages without a database that works, without Web Locks or channels, and a database of an earlier version.

import assert from 'node:assert/strict';
import { reload } from '../state/support.mjs';
import { assertOnce, isLeader, leaders, now, recordOf, schedule, setPatience, ticksOf, until, untilLeads, untilRun, untilRuns } from './support.mjs';

const JOB = { jobId: 'job', every: 200, lease: 1000 };

/** What may be wrong with the database of a page, as a function that has it so in the page. */
const TROUBLES = {
  'is not there': () => Object.defineProperty(window, 'indexedDB', { value: undefined, configurable: true }),
  'throws': () => { IDBFactory.prototype.open = () => { throw new DOMException('The operation is insecure', 'SecurityError'); }; },
  'fails to open': () => {
    IDBFactory.prototype.open = () => {
      const request = { error: new DOMException('Internal error', 'UnknownError') };
      setTimeout(() => request.onerror());
      return request;
    };
  },
  'never answers': () => { IDBFactory.prototype.open = () => ({}); },
  'is full': () => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...args) {
      if (this.name === 'jobs') throw new DOMException('The quota has been exceeded', 'QuotaExceededError');
      return put.apply(this, args);
    };
  },
  'aborts what is written': () => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...args) {
      const request = put.apply(this, args);
      if (this.name === 'jobs') this.transaction.abort();
      return request;
    };
  },
  'is closed at each turn': () => {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (names, ...args) {
      if (names === 'jobs') throw new DOMException('The database connection is closing', 'InvalidStateError');
      return transaction.call(this, names, ...args);
    };
  },
};

const breakIt = async (tab, trouble) => {
  await tab.page.evaluate(`(${TROUBLES[trouble]})()`);
  await setPatience(tab, 150);
};

export default function storage(test) {
  for (const trouble of Object.keys(TROUBLES)) {
    test(`a database that ${trouble}: one tab runs the job, another takes over, and each is told once`, async (tab, another) => {
      const other = await another();
      for (const each of [tab, other]) await breakIt(each, trouble);
      await schedule(other, 'other', JOB);
      await untilLeads(other);
      await untilRuns(tab, 'job', 2);
      await schedule(tab, 'tab', JOB);
      await until(() => tab.bare(() => window.job.nextRun !== null));
      const since = await now(tab);
      await untilRun(tab, 'job', since + 1500, ['other']);
      assert.deepEqual([await isLeader(tab), await isLeader(other)], [false, true]);
      assert.equal((await ticksOf(tab, 'job')).some(({ by }) => by.includes('tab')), false);
      assert.deepEqual(await other.bare(() => window.told), ['storage-blocked']);
      await other.page.close();
      await untilLeads(tab);
      await untilRun(tab, 'job', await now(tab), ['tab']);
      assert.deepEqual(await tab.bare(() => window.told), ['storage-blocked']);
      await assertOnce(tab, 'job');
    });

    test(`a database that ${trouble} in one of two tabs: no tick runs twice, and the job goes on whichever leads`, async (tab, another) => {
      const other = await another();
      await breakIt(other, trouble);
      await schedule(other, 'broken', JOB);
      await untilLeads(other);
      await schedule(tab, 'tab', JOB);
      await untilRun(tab, 'job', await now(tab) + 1500);
      await other.bare(() => window.job.pause());
      await untilLeads(tab);
      await untilRun(tab, 'job', await now(tab), ['tab']);
      await other.bare(() => window.job.resume());
      await untilRun(tab, 'job', await now(tab) + 500);
      await tab.bare(() => window.job.pause());
      await untilRun(tab, 'job', await now(tab) + 500, ['broken']);
      await assertOnce(tab, 'job');
    });
  }

  test('trouble with the database is no failure of a run', async tab => {
    await breakIt(tab, 'throws');
    await schedule(tab, 'tab', JOB);
    await until(() => tab.bare(() => window.told.length === 1));
    assert.equal(await tab.bare(() => window.job.stats().failures), 0);
  });

  test('who has no onError is told of it as of an uncaught error, once', async tab => {
    tab.expectProblem(/IndexedDB can't be used for the job 'job'/);
    await breakIt(tab, 'throws');
    await tab.bare(() => {
      window.uncaught = [];
      addEventListener('error', ({ error }) => window.uncaught.push(error.code));
    });
    await schedule(tab, 'tab', { ...JOB, isHeard: false });
    await untilRuns(tab, 'job', 3);
    assert.deepEqual(await tab.bare(() => window.uncaught), ['storage-blocked']);
  });

  test('a database that never answers holds up the first run, not each', async tab => {
    await breakIt(tab, 'never answers');
    await setPatience(tab, 2000);
    await schedule(tab, 'tab', { ...JOB, missed: 'all', maxQueue: 10 });
    await untilRuns(tab, 'job', 1);
    const [{ at }] = await ticksOf(tab, 'job');
    await untilRun(tab, 'job', at + 4000);
    assert((await assertOnce(tab, 'job')).length > 4);
  });

  test('a database that is mended is used again', async tab => {
    await tab.bare(() => {
      const { transaction } = IDBDatabase.prototype;
      IDBDatabase.prototype.transaction = function (...args) {
        if (window.broken && args[0] === 'jobs') throw new DOMException('The database connection is closing', 'InvalidStateError');
        return transaction.apply(this, args);
      };
    });
    await schedule(tab, 'tab', JOB);
    await untilRuns(tab, 'job', 2);
    await tab.bare(() => { window.broken = true; });
    await until(() => tab.bare(() => window.told.length === 1));
    await untilRun(tab, 'job', await now(tab) + 300);
    await tab.bare(() => { window.broken = false; });
    const since = await now(tab);
    await until(async () => (await recordOf(tab, 'job')).tick > since);
    const { anchor, tick } = await recordOf(tab, 'job');
    assert.equal((tick - anchor) % 200, 0);
    await assertOnce(tab, 'job');
  });

  // ---- locks and channels ------------------------------------------------------------------------------------------

  const without = (tab, ...names) => tab.bare((_, names) => {
    for (const name of names) Object.defineProperty(name === 'locks' ? navigator : window, name, { value: undefined, configurable: true });
  }, names);

  for (const missing of [['locks'], ['locks', 'BroadcastChannel']]) {
    test(`without ${missing.join(' and ')} the database sees to it that each tick runs once`, async (tab, another) => {
      const other = await another();
      for (const each of [tab, other]) await without(each, ...missing);
      await schedule(tab, 'tab', JOB);
      await schedule(other, 'other', JOB);
      await untilRuns(tab, 'job', 10);
      await assertOnce(tab, 'job');
      assert.deepEqual(await Promise.all([tab, other].map(each => each.bare(() => window.told))), [[], []]);
      await other.page.close();
      await untilRun(tab, 'job', await now(tab), ['tab']);
      for (const step of ['pause', 'resume']) await tab.bare((_, step) => window.job[step](), step);
      await untilRun(tab, 'job', await now(tab), ['tab']);
      await assertOnce(tab, 'job');
    });
  }

  test('without channels one tab leads, and the others know of its ticks within the lease', async (tab, another) => {
    const other = await another();
    for (const each of [tab, other]) await without(each, 'BroadcastChannel');
    await schedule(tab, 'tab', JOB);
    await untilLeads(tab);
    await schedule(other, 'other', JOB);
    const since = await now(tab);
    await untilRun(tab, 'job', since + 6000);
    const byOther = (await ticksOf(tab, 'job')).filter(({ by }) => by.includes('other')).length;
    assert.deepEqual([byOther, await leaders([tab, other])], [0, [0]]);
    await assertOnce(tab, 'job');
  }, { tries: 3 });

  test('without any of them each tab runs it, and nothing hangs', async tab => {
    await without(tab, 'locks', 'BroadcastChannel', 'indexedDB');
    await schedule(tab, 'tab', JOB);
    await untilRuns(tab, 'job', 3);
    assert.deepEqual(await tab.bare(() => [window.job.isLeader, window.told]), [true, ['storage-blocked']]);
  });

  test('in a frame of an opaque origin, where locks and database throw, the job runs', async tab => {
    await tab.bare(() => {
      const refuse = () => Promise.reject(new DOMException('Access to the Locks API is denied in this context', 'SecurityError'));
      LockManager.prototype.request = refuse;
      IDBFactory.prototype.open = () => { throw new DOMException('The operation is insecure', 'SecurityError'); };
    });
    await schedule(tab, 'tab', JOB);
    await untilRuns(tab, 'job', 2);
    assert.deepEqual(await tab.bare(() => window.told), ['storage-blocked']);
  });

  // ---- versions of the database ------------------------------------------------------------------------------------

  /** Makes the database as version 1 of it was, with the entries of caches that there are, and keeps it open if so wished; `yields`: until another version is asked for. */
  const makeVersion1 = (tab, { stays = false, yields = false } = {}) => tab.bare(async (_, { stays, yields }) => {
    const answer = request => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const present = await answer(indexedDB.open('taskloom'));
    const entries = present.objectStoreNames.contains('entries') ? await answer(present.transaction('entries').objectStore('entries').getAll()) : [];
    present.close();
    await answer(indexedDB.deleteDatabase('taskloom'));
    const opening = indexedDB.open('taskloom', 1);
    opening.onupgradeneeded = () => {
      const store = opening.result.createObjectStore('entries', { keyPath: ['name', 'key'] });
      store.createIndex('settled', ['name', 'settled']);
      store.createIndex('end', 'end');
      for (const entry of entries) store.put(entry);
    };
    window.old = await answer(opening);
    if (!stays) window.old.close();
    if (yields) window.old.onversionchange = () => window.old.close();
    return entries.filter(({ value }) => value !== undefined).length;
  }, { stays, yields });

  /** A cached function, and what it gives for a key: how often it was executed before in this page. */
  const cached = tab => tab.run(async ({ cacheData }) => {
    window.load ??= cacheData(async key => ({ key, nth: (window.executed = (window.executed ?? 0) + 1) }), { name: 'load', scope: 'origin' });
    return (await window.load('a')).nth;
  });

  test('a database of version 1 gets room for jobs, and keeps what caches have stored', async tab => {
    assert.equal(await cached(tab), 1);
    await until(async () => await makeVersion1(tab) === 1); // it is stored
    await reload(tab);
    await schedule(tab, 'tab', JOB);
    await untilRuns(tab, 'job', 2);
    assert.equal(typeof (await recordOf(tab, 'job')).tick, 'number');
    await cached(tab);
    assert.equal(await tab.bare(() => window.executed ?? 0), 0);
    assert.deepEqual(await tab.bare(() => window.told), []);
  });

  test('a tab that has version 1 open and gives way is no trouble', async (tab, another) => {
    const other = await another();
    await makeVersion1(other, { stays: true, yields: true });
    await schedule(tab, 'tab', JOB);
    await untilRuns(tab, 'job', 2);
    assert.deepEqual(await tab.bare(() => window.told), []);
    assert.equal(typeof (await recordOf(tab, 'job')).tick, 'number');
  });

  test('while a tab has version 1 open and does not give way the lock alone decides; then the database is used', async (tab, another) => {
    const old = await another();
    await makeVersion1(old, { stays: true });
    const other = await another();
    for (const each of [tab, other]) await setPatience(each, 150);
    await schedule(tab, 'tab', JOB);
    await untilLeads(tab);
    await schedule(other, 'other', JOB);
    await untilRuns(tab, 'job', 4);
    assert.deepEqual(await tab.bare(() => window.told), ['storage-blocked']);
    await old.page.close();
    const since = await now(tab);
    await until(async () => (await recordOf(tab, 'job'))?.tick > since);
    await assertOnce(tab, 'job');
    assert.deepEqual(await leaders([tab, other]), [0]);
    assert.equal(typeof (await recordOf(tab, 'job')).anchor, 'number');
  });

  test('a database that could not be opened for a while leaves no connection that holds up a later version', async (tab, another) => {
    const old = await another();
    await makeVersion1(old, { stays: true });
    await setPatience(tab, 150);
    await schedule(tab, 'tab', JOB);
    await untilRuns(tab, 'job', 4);
    const fresh = await another();
    await old.page.close();
    const since = await now(tab);
    await until(async () => (await recordOf(fresh, 'job'))?.tick > since);
    await tab.bare(() => window.job.cancel());
    assert.equal(await fresh.bare(() => new Promise((resolve, reject) => {
      const request = indexedDB.open('taskloom', 99);
      request.onblocked = () => resolve('blocked');
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        request.result.close();
        resolve('open');
      };
    })), 'open');
  });

  test('a later version of the database that another tab wants is let through, and the job goes on', async (tab, another) => {
    await schedule(tab, 'tab', JOB);
    await untilRuns(tab, 'job', 2);
    const newer = await another();
    await newer.bare(() => new Promise((resolve, reject) => {
      const request = indexedDB.open('taskloom', 99);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        request.result.close();
        resolve();
      };
    }));
    await untilRun(tab, 'job', await now(tab) + 500);
    assert.deepEqual(await tab.bare(() => window.told), ['storage-blocked']);
    await assertOnce(tab, 'job');
  });
}
