// An app of a user's that has the crate as a dependency: what it gets into its package, where it runs, and what a panic leaves.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { capture } from '../../scripts/setup/process.mjs';
import { fromRoot } from '../../scripts/setup/root.mjs';
import { serve } from '../../scripts/serve.mjs';
import { builtApp, copyOfApp } from './rust-app/build.mjs';
import { browsers } from './support/browsers.mjs';
import { everything } from './support/matrix.mjs';
import { patient } from './support/patience.mjs';
import { Tab } from './support/tab.mjs';

describe('A Rust app', () => {
  let packages, server;

  before(async () => {
    packages = await builtApp('web', 'no-modules', 'nodejs');
    server = await serve({
      roots: { '/': 'tests/e2e/rust-app/fixture', '/support/': 'tests/e2e/support/fixture', '/web/': packages.web, '/no-modules/': packages['no-modules'] },
    });
  }, { timeout: patient(600_000) });

  after(() => server?.close());

  it('gets no npm dependencies and no files beside its own', async () => {
    for (const folder of Object.values(packages)) {
      const manifest = JSON.parse(await readFile(fromRoot(folder, 'package.json'), 'utf8'));
      assert.equal(manifest.dependencies, undefined);
      assert(manifest.files.every(file => file.startsWith('rust_app')), manifest.files.join());
    }
  });

  it('ends in Node when its waits have', { timeout: patient(60_000) }, async () => {
    const { stdout } = await capture(process.execPath, [fromRoot('tests/e2e/rust-app/node.cjs'), fromRoot(packages.nodejs)]);
    assert.deepEqual(JSON.parse(stdout), [42, 'Err("timeout") Ok(1)']);
  });

  const all = { skip: everything ? false : 'asks crates.io: with TASKLOOM_ALL only', timeout: patient(600_000) };
  for (const [name, features] of [['tasks', ''], ['workers', ', features = ["workers"]']]) {
    it(`resolves and compiles with the oldest wasm-bindgen that the crate allows: ${name}`, all, async () => {
      const folder = await copyOfApp(`oldest-${name}`, manifest => manifest
        .replace('wasm-bindgen = "0.2.100"', 'wasm-bindgen = "=0.2.100"')
        .replace(/^(taskloom = .*?) \}/m, `$1${features} }`));
      await capture('cargo', ['check', '--quiet', '--target', 'wasm32-unknown-unknown'], { cwd: fromRoot(folder), env: { CARGO_TARGET_DIR: fromRoot('target/rust-app/oldest') } });
      const lock = await readFile(fromRoot(folder, 'Cargo.lock'), 'utf8');
      assert.match(lock, /name = "wasm-bindgen"\nversion = "0\.2\.100"/);
    });
  }

  for (const browserType of browsers) describe(`in ${browserType.name}`, () => {
    let browser;
    before(async () => { browser = await browserType.launch(); }, { timeout: patient(120_000) });
    after(() => browser?.close());

    for (const target of ['web', 'no-modules']) describe(`with the glue for ${target}`, () => {
      const test = (name, body) => it(name, { timeout: patient(60_000) }, async () => {
        const page = await browser.newPage();
        const tab = new Tab(page, { url: `${server.url}${target}.html` });
        await tab.open();
        await body((fn, ...args) => page.evaluate(`app.then(app => app.${fn}(...${JSON.stringify(args)}))`), tab);
        await tab.checkProblems();
        await page.close();
      });

      test('it runs tasks, waits, and has the zones of the platform', async call => {
        assert.equal(await call('answer'), 42);
        assert.equal(await call('waits'), 'Err("timeout") Ok(1)');
        assert.equal(await call('nextRun', 'Europe/Berlin', '0 9 * * *'), 'true');
      });

      test('its errors name what Rust names', async call => {
        assert.equal(await call('refusal'), 'max_attempts is 0; it must be a whole number of at least 1');
        assert.match(await call('nextRun', 'Mars/Olympus', '* * * * *'), /^time_zone is 'Mars\/Olympus'; /);
        assert.match(await call('nextRun', 'UTC', '* * * * 9'), /^cron\.day_of_week is '9'; /);
      });

      test('a task that panics is `panic` for its awaiter, and its place is free', async (call, tab) => {
        tab.expectProblem(/unreachable|as the test asks/);
        assert.equal(await call('panics'), 'Err("panic") Ok(7) 0');
        assert.equal(await call('answer'), 42);
      });

      test('promises of other tasks reject as `panic` when one panics', async (call, tab) => {
        tab.expectProblem(/unreachable|as the test asks/);
        const [outcome, code, message] = await tab.page.evaluate(`app.then(async app => {
          const other = app.pends();
          const outcome = await app.panics();
          return other.then(() => 'it ended', error => [outcome, error.code, error.message]);
        })`);
        assert.deepEqual([outcome, code], ['Err("panic") Ok(7) 0', 'panic']);
        assert.match(message, /as the test asks/);
      });

      test('a task that has cancelled itself and then panics gives its place back', async (call, tab) => {
        tab.expectProblem(/unreachable|as the test asks/);
        assert.equal(await call('panicsAfterItsEnd'), 'Err("cancelled") Ok(7)');
      });

      test('children and parents that panic, again and again, all settle', async (call, tab) => {
        tab.expectProblem(/unreachable|as the test asks|in a child/);
        assert.equal(await call('panicsOften', 40), '{"panic": 40}');
        assert.equal(await call('answer'), 42);
      });

      for (const [what, overflows] of [['an exception that is thrown through it', false], ['an overflow of the stack', true]]) {
        test(`a task that is ended by ${what} settles at the next turn`, async (call, tab) => {
          tab.expectProblem(/as the test asks|call stack|recursion|memory access|unreachable|uncaught/);
          const [trapped, answer] = JSON.parse(await tab.page.evaluate(`app.then(async app => {
            const trapped = app.traps(${overflows});
            await new Promise(resolve => setTimeout(resolve));
            return JSON.stringify(await Promise.all([trapped, app.answer()]));
          })`));
          assert.equal(trapped, 'Err("panic") Ok(7)');
          assert.equal(answer, 42);
        });
      }
    });
  });
});
