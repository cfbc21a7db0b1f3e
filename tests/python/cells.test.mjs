// taskloom for Python, in Pyodide in Chromium. A cell is an interpreter: of a version, on the page or in a worker, with or without JSPI. All tests of a cell
// run in one interpreter, which is started once; they are written in Python (test_*.py).

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { serve, strictCsp } from '../../scripts/serve.mjs';
import { fromRoot } from '../../scripts/setup/root.mjs';
import { chromium } from '../e2e/support/browsers.mjs';
import { everything } from '../e2e/support/matrix.mjs';
import { patient } from '../e2e/support/patience.mjs';

const WHEELS = 'target/python';
const require = createRequire(import.meta.url);
const folderOf = name => path.dirname(require.resolve(`${name}/package.json`));
const versions = { pyodide: 'newest', ...(everything ? { 'pyodide-0293': '0.29.3' } : {}) };

/** Pyodide itself needs 'unsafe-eval'. */
const csp = strictCsp.replace("'wasm-unsafe-eval'", "'unsafe-eval'");

let server, browser;

before(async () => {
  const roots = { '/': 'tests/python/page', '/tests/': 'tests/python', '/wheel/': WHEELS };
  for (const name of Object.keys(versions)) roots[`/${name}/`] = folderOf(name);
  server = await serve({ roots, csp });
  browser = await chromium.launch();
}, { timeout: patient(60_000) });

after(async () => {
  await browser?.close();
  await server?.close();
});

for (const [name, version] of Object.entries(versions)) {
  for (const cell of [{ where: 'on the page' }, { where: 'in a worker', inWorker: true }, { where: 'on the page, without JSPI', withoutJspi: true }]) {
    describe(`Pyodide ${version} ${cell.where}`, () => inCell(name, cell));
  }
}

/** The tests are known when the interpreter has read them. */
function inCell(name, { inWorker = false, withoutJspi = false }) {
  it('starts, with the wheel', { timeout: patient(300_000) }, async context => {
    const page = await browser.newPage();
    const crash = new Promise((_, reject) => page.on('crash', () => reject(new Error('the page has crashed'))));
    crash.catch(() => {});
    const inPage = (body, argument) => Promise.race([page.evaluate(body, argument), crash]);
    try {
      await page.goto(server.url);
      await page.waitForFunction('globalThis.isReady', undefined, { timeout: patient(30_000) });
      const url = way => new URL(way, server.url).href;
      const [wheel] = readdirSync(fromRoot(WHEELS));
      const files = Object.fromEntries(readdirSync(fromRoot('tests/python')).filter(file => file.endsWith('.py')).map(file => [file, url(`tests/${file}`)]));
      const tests = await inPage(options => start(options), { pyodide: url(`${name}/`), wheel: url(`wheel/${wheel}`), files, inWorker, withoutJspi });
      assert(tests.length > 0);
      for (const test of tests) {
        await context.test(test, { timeout: patient(90_000) }, async () => {
          assert.equal(await inPage(name => runTest(name), test), '');
        });
      }
    } finally {
      await page.close();
    }
  });
}
