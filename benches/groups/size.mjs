// What an app's users download for what it imports of ours, and of the libraries that this stands in for.
// tests/e2e/imports/table.mjs has the imports and their limits; the tests fail if one is above its own.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { chromium as playwright } from 'playwright-core';
import { chromium } from '../../scripts/setup/browsers.mjs';
import { chromiumArguments } from '../../scripts/setup/webdriver.mjs';
import { bundlers } from '../../tests/e2e/bundlers/build.mjs';
import { buildAndFetch, folderOf, weightOf, workshop } from '../../tests/e2e/imports/apps.mjs';
import { imports } from '../../tests/e2e/imports/table.mjs';
import { exactRow } from '../harness/report.js';

const gzip = (bytes) => gzipSync(bytes, { level: 9 });
const brotli = (bytes) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } });

/** What an app would import of each peer: on its page, and in its workers. */
const PEERS = {
  'p-queue': ["export { default as PQueue } from 'p-queue';"],
  'p-retry': ["export { default as pRetry } from 'p-retry';"],
  'zustand persist': [
    "export { createStore } from 'zustand/vanilla'; export { createJSONStorage, persist } from 'zustand/middleware';",
  ],
  croner: ["export { Cron } from 'croner';"],
  comlink: ["export { proxy, transfer, wrap } from 'comlink';", "export { expose, proxy, transfer } from 'comlink';"],
  workerpool: [
    "export { pool, Transfer } from 'workerpool';",
    "export { worker, workerEmit, Transfer } from 'workerpool';",
  ],
  'lru-cache': ["export { LRUCache } from 'lru-cache';"],
  'p-memoize': ["export { default as pMemoize } from 'p-memoize';"],
  '@tanstack/query-core': ["export { QueryClient, QueryObserver } from '@tanstack/query-core';"],
};

/** Not replaced whole; beside the others for its size. As used in groups/tasks.js. */
const EFFECT = `import { Effect } from 'effect';
  export const { runPromise, promise, forEach } = Effect;`;

export default async function measure({ library }) {
  const folder = await workshop(library.directory);
  const browser = await playwright.launch({ executablePath: (await chromium()).chromium, args: chromiumArguments() });
  try {
    const rows = [];
    for (const entry of imports) {
      const peers = await weightsOf(entry.peers, folder, gzip);
      for (const [bundler, make] of Object.entries(bundlers)) {
        const files = await buildAndFetch(browser, make, join(folder, `${folderOf(entry)}-${bundler}`), entry);
        rows.push(exactRow({
          name: `${entry.name}, ${bundler}, gzip`,
          unit: 'kB',
          ours: weightOf(files, gzip),
          peers: { limit: entry.limit, 'must be': entry.mustBe, aim: entry.aim, ...peers },
          target: { peer: 'must be', max: 1, aim: entry.aim / entry.mustBe },
        }));
        if (entry.name !== 'everything' || bundler !== 'esbuild') continue;
        rows.push(exactRow({
          name: `${entry.name}, ${bundler}, brotli`,
          unit: 'kB',
          ours: weightOf(files, brotli),
          peers: await weightsOf(entry.peers, folder, brotli),
        }));
      }
    }
    return rows;
  } finally {
    await browser.close();
  }
}

/** What each peer weighs by itself, and all of them in one app. */
async function weightsOf(names, folder, compress) {
  const weight = async (names) => {
    const scripts = [0, 1].map((index) => names.map((name) => PEERS[name][index] ?? '').join('\n').trim());
    return weightOf(await bundled(scripts.filter(Boolean), folder), compress);
  };
  const weights = {};
  if (names.length > 1) weights[`${names.length === 2 ? 'both' : 'all'} together`] = await weight(names);
  for (const name of names) weights[name] = await weight([name]);
  if (names.length === Object.keys(PEERS).length) weights.effect = weightOf(await bundled([EFFECT], folder), compress);
  return weights;
}

/** The files of an app's production build, of the page's script and its worker's, which share what both need. */
async function bundled(scripts, folder) {
  const entryPoints = await Promise.all(scripts.map(async (script, index) => {
    const file = join(folder, `peer-${index}.js`);
    await writeFile(file, script);
    return file;
  }));
  const { outputFiles } = await build({
    entryPoints,
    outdir: folder,
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'esnext',
    define: { 'process.env.NODE_ENV': '"production"' },
    external: ['worker_threads', 'child_process', 'os'], // workerpool asks Node for them, and not in a browser
    logLevel: 'warning',
  });
  return outputFiles.map(({ contents }) => ({ bytes: contents }));
}
