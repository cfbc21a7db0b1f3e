// A page that has the library open, workers included, can still enter the back/forward cache, and goes on when it comes back.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { chromium as playwright } from 'playwright-core';
import { serve } from '../../scripts/serve.mjs';
import * as browsers from '../../scripts/setup/browsers.mjs';
import { chromiumArguments } from '../../scripts/setup/webdriver.mjs';
import { handle } from './pool/server.mjs';
import { installPackage } from './support/package.mjs';

/** What a page does before it is left, and after it has come back. */
const PAGES = {
  'with no more than the library loaded': {
    open: async () => {},
    back: async ({ run }) => await run(() => 42) === 42,
  },
  'with a task that waits': {
    open: async ({ run }) => { window.task = run(ctx => new Promise(resolve => setTimeout(resolve, 50, 'done'))); },
    back: async () => await window.task === 'done',
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
      const { chromium: executablePath } = await browsers.chromium();
      browser = await playwright.launch({ executablePath, args: chromiumArguments(), ignoreDefaultArgs: ['--disable-back-forward-cache'] });
    }, { timeout: 60_000 });

    after(async () => {
      await browser?.close();
      await server?.close();
      await installed?.remove();
    });

    for (const [what, { open, back }] of Object.entries(PAGES)) {
      it(`a page ${what} enters it and goes on afterwards`, { timeout: 20_000 }, async () => {
        const page = await browser.newPage();
        const call = (body, init) => page.evaluate(`fixture.call(${body}, ${JSON.stringify({ entry: installed.entry('taskloom'), init })})`).then(text => JSON.parse(text).value);
        await page.goto(server.url);
        await page.evaluate(() => addEventListener('pageshow', ({ persisted }) => { window.persisted = persisted; }));
        await call(open, true);
        await page.goto(`${server.url}?elsewhere`);
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
