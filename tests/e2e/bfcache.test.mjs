// A page that has the library open, workers included, can still enter the back/forward cache, and goes on when it comes back.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { serve } from '../../scripts/serve.mjs';
import { handle } from './pool/server.mjs';
import { chromiumWithBackForwardCache } from './support/browsers.mjs';
import { installPackage } from './support/package.mjs';
import { patient } from './support/patience.mjs';

/** What a page does before it is left, what another does meanwhile, and what it does after it has come back. */
const PAGES = {
  'with no more than the library loaded': {
    open: async () => {},
    back: async ({ run }) => await run(() => 42) === 42,
  },
  'with a task that waits': {
    open: async ({ run }) => { window.task = run(ctx => new Promise(resolve => setTimeout(resolve, 50, 'done'))); },
    back: async () => await window.task === 'done',
  },
  'with session state': {
    open: async ({ sessionStore, stateRef, until }) => {
      window.forks = 0;
      window.stores = ['session', 'local'].map(storage => sessionStore({ storage, namespace: 'b', onFork: () => window.forks++ }));
      window.heard = [];
      for (const store of window.stores) {
        store.set('kept', 1).set('changed', { a: 1 }).set('emptied', 2).flush();
        store.subscribe((...args) => window.heard.push([store.storage, ...args]));
      }
      window.count = stateRef('count', { namespace: 'c', factory: () => 1 });
      window.id = window.count.value && window.stores[0].sessionId;
      await until(async () => (await navigator.locks.query()).held.some(({ name }) => name.includes(window.id)));
    },
    away: () => {
      for (const storage of [sessionStorage, localStorage]) {
        storage.setItem('taskloom:b:changed', 't1:{"a":2}');
        storage.removeItem('taskloom:b:emptied');
        storage.setItem('taskloom:b:new', 't1:3');
      }
    },
    back: async ({ until }) => {
      // A key that is new is told if the browser still tells of the write.
      const known = () => window.heard.filter(([, key]) => key !== 'new');
      await until(() => known().length >= 4);
      await until(async () => (await navigator.locks.query()).held.some(({ name }) => name.includes(window.id)));
      const heard = known().map(args => JSON.stringify(args)).sort().join('\n');
      const asNew = window.heard.filter(([, key]) => key === 'new').map(([, , value, previous]) => [value, previous ?? null].join());
      const expected = ['local', 'session'].flatMap(storage => [[storage, 'changed', { a: 2 }, { a: 1 }], [storage, 'emptied', undefined, 2]].map(args => JSON.stringify(args))).join('\n');
      window.count.value++;
      return heard === expected && asNew.every(change => change === '3,') && window.stores.every(store => store.get('kept') === 1 && store.get('changed').a === 2 && store.get('new') === 3 && !store.has('emptied')) &&
        window.stores[0].flush() && window.count.persisted && window.count.value === 2 && window.stores[0].sessionId === window.id && window.forks === 0;
    },
  },
  'with an idle worker pool': {
    open: async ({ WorkerPool }) => {
      window.pool = new WorkerPool('/workers/jobs.js', { size: 2 });
      await window.pool.warm();
    },
    back: async () => await window.pool.api.add(1, 2) === 3,
  },
  'with a worker pool that is busy': {
    open: async ({ WorkerPool, gate, until }) => {
      window.pool = new WorkerPool('/workers/jobs.js', { size: 1 });
      window.held = gate();
      window.task = window.pool.run('report', [3, true]);
      await window.task;
      window.task = window.pool.api.generateForEver();
      await until(() => window.task.progress > 1);
    },
    back: async ({ until }) => {
      const before = window.task.progress;
      await until(() => window.task.done || window.task.progress > before);
      window.task.cancel();
      return await window.pool.api.add(1, 2) === 3;
    },
  },
};

for (const isolated of [false, true]) {
  describe(`the back/forward cache in Chromium, ${isolated ? 'cross-origin isolated' : 'plain page'}`, () => {
    let installed, server, browser;

    before(async () => {
      installed = await installPackage();
      server = await serve({ roots: { '/': 'tests/e2e/support/fixture', '/node_modules/': `${installed.folder}/node_modules` }, isolated, handle });
      browser = await chromiumWithBackForwardCache.launch();
    }, { timeout: patient(60_000) });

    after(async () => {
      await browser?.close();
      await server?.close();
    });

    for (const [what, { open, away, back }] of Object.entries(PAGES)) {
      it(`a page ${what} enters it and goes on afterwards`, { timeout: patient(60_000) }, async () => {
        const page = await browser.newPage();
        const call = (body, init) => page.evaluate(`fixture.call(${body}, ${JSON.stringify({ entry: installed.entry('taskloom'), init })})`).then(text => JSON.parse(text).value);
        await page.goto(server.url);
        await page.evaluate(() => addEventListener('pageshow', ({ persisted }) => { window.persisted = persisted; }));
        await call(open, true);
        await page.goto(`${server.url}?elsewhere`);
        if (away) await page.evaluate(away);
        await page.goBack({ waitUntil: 'commit' });
        await page.waitForFunction(() => document.readyState === 'complete');
        const reasons = await page.evaluate(() => {
          const { notRestoredReasons } = performance.getEntriesByType('navigation')[0];
          return notRestoredReasons?.reasons?.map(({ reason }) => reason) ?? [];
        });
        assert.deepEqual([await page.evaluate(() => window.persisted === true), reasons], [true, []]);
        assert.equal(await call(back, false), true);
        await page.close();
      });
    }
  });
}
