// What an app downloads for what it imports. Each import has an app of its own. Each bundler builds it, a page opens
// it, and the log of the server says what was fetched.

import assert from 'node:assert/strict';
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fromRoot } from '../../scripts/setup/root.mjs';
import { bundlers } from './bundlers/build.mjs';
import { consumer, tool } from './consumers/support.mjs';
import { buildAndFetch, fetchedBy, folderOf, partsIn, weightOf, writeApp } from './imports/apps.mjs';
import { readmeSizes } from './imports/readme.mjs';
import { imports } from './imports/table.mjs';
import { chromium } from './support/browsers.mjs';
import { everything } from './support/matrix.mjs';
import { installPackage } from './support/package.mjs';
import { patient } from './support/patience.mjs';

const LIMIT = { timeout: patient(60_000) };

let installed, browser;

before(async () => {
  installed = await installPackage();
  browser = await chromium.launch();
}, { timeout: patient(240_000) });

after(() => browser?.close());

/** A test for each import: its app fetches exactly its parts of the wasm. `fetched(entry)` builds and opens it. */
function fetchesItsParts(fetched, expected = ({ parts }) => parts) {
  for (const entry of imports) {
    it(`${entry.name} fetches exactly its parts of the wasm, each once`, LIMIT, async () => {
      assert.deepEqual(partsIn(await fetched(entry)), expected(entry));
    });
  }
}

const built = new Map();

/** What the app of an import fetches, built by a bundler; each is built once. */
function fetchedFrom(bundler, entry) {
  const key = `imports-${bundler}/${folderOf(entry)}`;
  const folder = path.join(installed.folder, key);
  if (!built.has(key)) built.set(key, buildAndFetch(browser, bundlers[bundler], folder, entry));
  return built.get(key);
}

for (const bundler of Object.keys(bundlers)) {
  describe(`an app built with ${bundler}`, () => {
    for (const entry of imports) {
      it(`${entry.name} is within its ${entry.limit} kB`, LIMIT, async t => {
        const files = await fetchedFrom(bundler, entry);
        const weight = weightOf(files);
        t.diagnostic(`${weight.toFixed(1)} kB, to be ${entry.mustBe}, aim ${entry.aim}`);
        assert(weight <= entry.limit, `${weight.toFixed(2)} kB in ${files.map(({ name }) => name).join(', ')}`);
      });
    }
    fetchesItsParts(entry => fetchedFrom(bundler, entry));
  });
}

describe('the README', () => {
  it('says what each import weighs in an app built with esbuild, to 0.1 kB', LIMIT, async () => {
    const said = readmeSizes(await readFile(fromRoot('README.md'), 'utf8'));
    assert.deepEqual([...said.keys()], imports.map(({ name }) => name));
    for (const entry of imports) {
      const weight = weightOf(await fetchedFrom('esbuild', entry));
      const isRight = Math.abs(said.get(entry.name) - weight) <= 0.1;
      const message = `${entry.name} weighs ${weight.toFixed(2)} kB, and README says ${said.get(entry.name)}`;
      assert(isRight, `${message}: run node scripts/readme-sizes.mjs`);
    }
  });
});

describe('an app built with Rollup', () => {
  let folder;
  before(async () => { folder = await consumer('rollup'); }, { timeout: patient(240_000) });

  fetchesItsParts(async entry => {
    const app = await writeApp(path.join(folder, folderOf(entry)), entry);
    await tool(folder, 'rollup', ['--config', '--failAfterWarnings', '--silent', '--configApp', app]);
    await cp(path.join(app, 'index.html'), path.join(app, 'dist/index.html'));
    return fetchedBy(browser, { folder, roots: { '/': path.join(app, 'dist') } });
  });
});

describe('an app built with Parcel', { skip: !everything && 'runs with --all' }, () => {
  let folder;
  before(async () => {
    folder = await consumer('parcel');
    for (const entry of imports) await writeApp(path.join(folder, 'imports', folderOf(entry)), entry);
    const pages = imports.map(entry => `imports/${folderOf(entry)}/index.html`);
    await tool(folder, 'parcel', ['build', '--no-cache', '--dist-dir', 'imports-dist', ...pages]);
  }, { timeout: patient(600_000) });

  // Parcel writes an import map into the page, which the CSP would have to allow.
  fetchesItsParts(async entry => fetchedBy(browser, {
    folder, roots: { '/': path.join(folder, 'imports-dist') }, csp: null, where: `${folderOf(entry)}/`,
  }));
});

describe('a page with an import map and no bundler', () => {
  // It fetches the whole entry.
  const partsOfEntry = ({ from }) => {
    const parts = imports.filter(entry => entry.from === from).flatMap(({ parts }) => parts);
    return [...new Set(parts)].sort();
  };

  fetchesItsParts(async entry => {
    const { from } = entry;
    const map = Object.fromEntries([from, 'taskloom/worker'].map(name => [name, installed.entry(name)]));
    const folder = await writeApp(path.join(installed.folder, 'imports-unbundled', folderOf(entry)), {
      // A worker has no import map.
      ...entry, jobs: entry.jobs && (() => entry.jobs(map['taskloom/worker'])),
    }, { from, head: `<script type="importmap">${JSON.stringify({ imports: map })}</script>` });
    const roots = { '/': folder, '/node_modules/': path.join(installed.folder, 'node_modules') };
    return fetchedBy(browser, { folder, roots, csp: null });
  }, partsOfEntry);
});
