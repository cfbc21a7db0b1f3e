// The packed package in an app that a bundler has built, under the strict CSP.

import assert from 'node:assert/strict';
import { cp, readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe } from 'node:test';
import { fromRoot } from '../../scripts/setup/root.mjs';
import { bundlers } from './bundlers/build.mjs';
import { browsers } from './support/browsers.mjs';
import { inPage } from './support/suite.mjs';

for (const [name, build] of Object.entries(bundlers)) {
  for (const browser of browsers) describe(`an app built with ${name} in ${browser.name}`, () => suite(browser, name, build));
}

const apps = new Map();

/** Builds the app beside the installed package, for both browsers. */
function once(name, folder, build) {
  const app = path.join(folder, `app-${name}`);
  if (!apps.has(app)) apps.set(app, buildApp(app, build));
  return apps.get(app);
}

async function buildApp(app, build) {
  const dist = path.join(app, 'dist');
  await cp(fromRoot('tests/e2e/bundlers/app'), app, { recursive: true });
  const warnings = await build(app);
  return { dist, warnings, files: await readdir(dist, { recursive: true }) };
}

function suite(browser, name, build) {
  const requests = [];
  let warnings, files;

  const test = inPage(browser, {
    handle: request => void requests.push(request.url),
    site: async ({ folder }) => {
      const { dist, ...built } = await once(name, folder, build);
      ({ warnings, files } = built);
      return dist;
    },
  });

  test('the bundler has nothing to say, and makes each part of the wasm that is used a file of its own, which is fetched once', async tab => {
    assert.deepEqual(warnings, []);
    await tab.bare(() => window.app.then(() => null)); // nothing of this page is on its way any more
    requests.length = 0;
    await tab.open();
    assert.equal(await tab.bare(async () => {
      const { run, pool } = await window.app;
      await Promise.all([run(() => {}), pool.warm()]);
      return pool.stats().started;
    }), 2);
    const fetched = requests.filter(url => url.endsWith('.wasm'));
    assert(fetched.every(url => files.includes(url.slice(1))), `${fetched}`);
    assert.equal(fetched.length, new Set(fetched).size);
    assert(fetched.length > 2, 'the base, tasks and the pool');
  });

  test('a task on the page reports progress, fails with its error, and is cancelled', async tab => {
    assert.deepEqual(await tab.bare(async ({ rejectionOf, untilAborted }) => {
      const { run } = await window.app;
      const task = run(async ctx => {
        ctx.progress(1);
        await ctx.checkpoint();
        ctx.progress(2);
        return 'loaded';
      });
      const endless = run(untilAborted);
      endless.cancel();
      return [await task, task.drainProgress(), (await rejectionOf(endless)).name, (await rejectionOf(run(() => { throw new RangeError('no'); }))).name];
    }), ['loaded', [1, 2], 'AbortError', 'RangeError']);
  });

  test('a call in a worker gives its result and its progress', async tab => {
    assert.deepEqual(await tab.bare(async () => {
      const { pool } = await window.app;
      const task = pool.api.count(3);
      return [await pool.api.add(1, 2), await task, task.drainProgress()];
    }), [3, 3, [1, 2, 3]]);
  });

  test('an error of a worker comes with its class, code and cause', async tab => {
    assert.deepEqual(await tab.bare(async ({ describe }) => {
      const { pool, TaskloomError } = await window.app;
      const error = await pool.api.fail().catch(error => error);
      return [error instanceof TaskloomError, error.cause instanceof RangeError, describe(error), (await pool.api.missing().catch(error => error)).code];
    }), [true, true, {
      name: 'TaskloomError', code: 'not-today', message: 'this job has the day off', cause: { name: 'RangeError', message: 'a Sunday' },
    }, 'unknown-job']);
  });

  test('a call in a worker is cancelled, and the worker goes on', async tab => {
    assert.deepEqual(await tab.bare(async ({ until }) => {
      const { pool } = await window.app;
      await pool.warm();
      const task = pool.api.untilAborted();
      await until(() => task.progress === 'listening');
      task.cancel();
      await task.stopped;
      return [task.state, await pool.api.add(1, 2), pool.stats().started];
    }), ['cancelled', 3, 2]);
  });
}
