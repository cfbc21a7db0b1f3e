// Bundles that are no ES modules, and servers that render: where the package can't know where its wasm is, or it isn't there.

import assert from 'node:assert/strict';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import esbuild from 'esbuild';
import * as vite from 'vite';
import { inPage } from '../support/suite.mjs';
import { inProject, runFile } from './support.mjs';

const PAGE = '<!doctype html><link rel="icon" href="data:,"><script src="/support/fixture.js"></script><script src="/app.js"></script>';
const APP = "import init, * as taskloom from 'taskloom'; globalThis.app = { ...taskloom, init };";

const bundle = (folder, options) => esbuild.build({
  stdin: { contents: APP, resolveDir: folder }, bundle: true, logLevel: 'silent', ...options,
});

export default function bundles(browser) {
  describe(`an IIFE bundle in ${browser.name}`, () => {
    const test = inPage(browser, {
      site: async ({ folder }) => {
        const site = path.join(folder, 'site');
        await mkdir(site, { recursive: true });
        await writeFile(path.join(site, 'index.html'), PAGE);
        await copyFile(path.join(folder, 'node_modules/taskloom/taskloom_bg.wasm'), path.join(site, 'x.wasm'));
        await bundle(folder, { outfile: path.join(site, 'app.js') }); // esbuild's default format for browsers
        return site;
      },
    });

    test('init() rejects with load-failed that says what to do; with the URL of the wasm it works', async tab => {
      const [{ code, message }, value] = await tab.bare(async ({ rejectionOf }) => {
        const { init, run } = window.app;
        const error = await rejectionOf(init());
        await init('/x.wasm');
        return [error, await run(() => 42)];
      });
      assert.equal(code, 'load-failed');
      assert.match(message, /a bundle that is no ES module has to call init\(\) with the URL of taskloom_bg\.wasm/);
      assert.equal(value, 42);
    });
  });
}

describe('a CommonJS bundle in Node', () => {
  const { project, script } = inProject();

  const build = async folder => bundle(folder, { format: 'cjs', platform: 'node', outfile: path.join(folder, 'bundle.cjs') });

  it('init() rejects with load-failed that says what to do, and nothing is unhandled; with the bytes it works', async () => {
    const { folder } = project();
    await build(folder);
    const outcome = await script(`
      require('./bundle.cjs');
      const { readFileSync } = require('node:fs');
      const { init, run } = globalThis.app;
      const show = value => console.log(JSON.stringify(value));
      (async () => {
        init(); // nobody handles it
        show(await init().catch(error => [error.code, /no ES module/.test(error.message)]));
        await init(readFileSync(require.resolve('taskloom/wasm')));
        show(await run(() => 42));
      })();`, { extension: 'cjs' });
    assert.deepEqual(outcome, { shown: [['load-failed', true], 42], code: 0, errors: '' });
  });

  it('the package itself can be required where Node can require ES modules', async () => {
    const outcome = await script(`
      const { init, run } = require('taskloom');
      init().then(() => run(() => 42)).then(value => console.log(value));`, { extension: 'cjs' });
    assert.deepEqual([outcome.shown, outcome.code], [[42], 0]); // Node may warn that this is new
  });
});

describe('server rendering', () => {
  const { project } = inProject();

  // What a framework's server bundle is: one module, from another folder, without the wasm.
  const PAGE_MODULE = `
    import init, { run, scheduleInterval, stateRef, TaskManager } from 'taskloom';
    new TaskManager();
    stateRef('word', { storage: 'memory', factory: () => 'a' });
    scheduleInterval(() => {}, { every: '1h' });           // starts init() by itself
    export const ready = init();
    const task = ready.catch(() => {}).then(() => run(() => 'rendered'));
    task.catch(() => {});
    ready.catch(() => {}).then(async () => {
      const failed = run(() => 1);                       // nobody waits for it
      const seen = await run(() => 2).catch(error => error.code);
      console.log(JSON.stringify([failed.done, seen, await ready.then(() => 'ready', error => error.code)]));
    });`;

  const builds = {
    esbuild: (folder, entry, out) => esbuild.build({ entryPoints: [entry], bundle: true, format: 'esm', platform: 'node', outfile: out, logLevel: 'silent' }),
    'Vite (ssr.noExternal)': (folder, entry, out) => vite.build({
      root: folder, configFile: false, logLevel: 'silent', ssr: { noExternal: true },
      build: { ssr: entry, outDir: path.dirname(out), emptyOutDir: false, rollupOptions: { output: { entryFileNames: path.basename(out) } } },
    }),
  };

  for (const [index, [name, build]] of Object.entries(builds).entries()) {
    it(`a module that calls init() at its top, bundled by ${name}: tasks fail with load-failed, and the process goes on`, async () => {
      const { folder } = project();
      const entry = path.join(folder, 'page.js');
      await writeFile(entry, PAGE_MODULE);
      const out = path.join(folder, `server-${index}`, 'page.mjs');
      await build(folder, entry, out);
      const { shown, code, errors } = await runFile(out, folder);
      assert.deepEqual([shown, code, errors], [[[true, 'load-failed', 'load-failed']], 0, '']);
    });
  }

  it('the same module, not bundled: it is rendered', async () => {
    const { folder } = project();
    const file = path.join(folder, 'page.mjs');
    await writeFile(file, PAGE_MODULE);
    const { shown, code, errors } = await runFile(file, folder);
    assert.deepEqual([shown, code, errors], [[[true, 2, 'ready']], 0, '']);
  });
});
